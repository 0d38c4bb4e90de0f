"""PDF without a system's `dot`: lines and letters, whatever the size of the graph."""

from __future__ import annotations

import re
import zlib

import pytest

from autograd_core import Value, draw
from autograd_core.diagram import pdf
from autograd_core.ops import TABLE


def page(file: bytes) -> str:
    """What is drawn, uncompressed."""
    return zlib.decompress(file.split(b"stream\n", 1)[1].split(b"\nendstream")[0]).decode("latin-1")


def written(file: bytes) -> str:
    """The letters of the fonts Plain and Bold, in order."""
    return "".join(
        chr(int(code, 16)) for font, code in re.findall(r"/(\w+) \S+ Tf \S+ Ts <(..)>", page(file)) if font != "Symbol"
    )


def chain(n: int) -> Value:
    z = Value(1.0, name="start")
    for _ in range(n):
        z = z * 1.5
    return z


def test_text_stays_text_and_the_tables_of_the_file_are_right() -> None:
    file = pdf.svg_to_pdf(draw(chain(1)).picture("svg"))
    assert "start" in written(file)
    assert "data 1.5" in written(file)
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", file)]
    assert [file[place : place + 7] for place in places] == [f"{i} 0 obj".encode() for i in (1, 2, 3, 4)]
    start = int(file.split(b"startxref\n")[1].split()[0])
    assert file[start : start + 4] == b"xref"


def test_a_long_chain_fits_a_page_that_viewers_accept() -> None:
    file = pdf.svg_to_pdf(draw(chain(150)).picture("svg"))
    width, height = map(float, re.search(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", file).groups())
    assert 0 < height < width <= pdf.LARGEST_PAGE
    assert len(file) < 100_000


@pytest.mark.parametrize("op", TABLE.values(), ids=str)
def test_the_fonts_have_every_label(op: object) -> None:
    assert all(glyph.font == "Symbol" or glyph.code != ord("?") for glyph in pdf._glyphs(op.label, bold=False))


@pytest.mark.parametrize("name", ["ŷ", "ŷ_1", "x̄", "θ̂", "w̃", "é", "ő", "Ż"])
def test_an_accent_stands_above_its_letter(name: str) -> None:
    runs = list(pdf._glyphs(name, bold=False))
    assert ord("?") not in [run.code for run in runs]
    accents = [run for run in runs if run.below is not None]
    assert len(accents) == (name not in "éőŻ")
    assert all(run.width == 0.0 for run in accents)
    picture = draw(Value(1.0, name=name)).picture("svg")
    assert page(pdf.svg_to_pdf(picture)).count("TJ") == len(accents)


@pytest.mark.parametrize("name", ["(", ")", "\\", "θ₁", "∇f", "x\u0302", "日本", "\U0001f600", "\x00"])
def test_any_name_gives_a_page(name: str) -> None:
    assert "data 1" in written(pdf.svg_to_pdf(draw(Value(1.0, name=name)).picture("svg")))
