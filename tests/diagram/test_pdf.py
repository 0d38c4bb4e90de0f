"""PDF without a system's `dot`: lines and letters, whatever the size of the graph."""

from __future__ import annotations

import re
import zlib

import pytest
from matplotlib.colors import CSS4_COLORS, to_rgb

from autograd_core import Value, draw
from autograd_core.diagram import Style, pdf
from autograd_core.diagram.render import FORMATS, _layout, _wheel
from autograd_core.errors import DiagramError
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


SVG_NAMES = [
    name for name in CSS4_COLORS if name != "rebeccapurple"
]  # which is CSS's alone: Graphviz writes its digits


@pytest.mark.parametrize("colour", [*SVG_NAMES, "Red", "#D55E00", "rebeccapurple", "gray50", "0.5 0.5 0.5"])
def test_a_colour_is_that_of_the_svg(colour: str) -> None:
    """Names that SVG does not know are digits there."""
    known = {"gray50": "#7f7f7f", "0.5 0.5 0.5": "#3f7f7f"}
    text = f'digraph {{ a [color="{colour}"] }}'
    stroke = re.search(r"(\S+ \S+ \S+) RG", page(pdf.svg_to_pdf(_layout(_wheel(), text, "svg"))))
    assert [float(part) for part in stroke[1].split()] == pytest.approx(
        to_rgb(known.get(colour, colour.lower())), abs=1e-3
    )


class Coloured(Style):
    """Every edge in a colour and a style of line."""

    look: dict[str, str] = {}  # noqa: RUF012

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        return self.look


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("look", [{"color": "red"}, {"fontcolor": "gold", "label": "x"}, {"color": "red:blue"}])
def test_named_colours_can_be_drawn(monkeypatch: pytest.MonkeyPatch, look: dict[str, str], format: str) -> None:
    monkeypatch.setattr(Coloured, "look", look)
    assert draw(chain(2), style=Coloured).picture(format)


def test_a_blend_of_colours_is_refused() -> None:
    svg = _layout(_wheel(), 'digraph { a [style=filled fillcolor="red:blue"] }', "svg")
    with pytest.raises(DiagramError, match=r"plain colours, as 'red' or '#d55e00', got 'url.*save the picture as .svg"):
        pdf.svg_to_pdf(svg)


def test_lines_are_dotted_and_dashed_as_in_the_svg() -> None:
    for style in ("solid", "dashed", "dotted"):
        svg = _layout(_wheel(), f"digraph {{ a -> b [style={style}] }}", "svg")
        in_svg = [found.replace(",", " ") for found in re.findall('stroke-dasharray="(.*?)"', svg.decode())]
        assert re.findall(r"\[(.*?)\] 0 d", page(pdf.svg_to_pdf(svg))) == in_svg
        assert len(in_svg) == (style != "solid")
