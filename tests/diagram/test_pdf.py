"""PDF without a system's `dot`: lines and letters, whatever the size of the graph."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pytest
from matplotlib.colors import CSS4_COLORS, to_rgb
from matplotlib.font_manager import findfont

from autograd_core import Value, draw
from autograd_core.diagram import Style, pdf, render
from autograd_core.diagram.render import FORMATS, _layout, _wheel
from autograd_core.errors import DiagramError, MissingPackageError
from autograd_core.ops import TABLE


def page(svg: bytes) -> str:
    """The file of a picture, uncompressed."""
    with matplotlib.rc_context({"pdf.compression": 0}):
        return pdf.svg_to_pdf(svg).decode("latin-1")


@pytest.fixture
def written() -> Callable[[bytes], str]:
    """A function that says what a reader finds in a file: PDFium, the reader of Chromium."""
    pdfium = pytest.importorskip("pypdfium2")

    def read(file: bytes) -> str:
        with pdfium.PdfDocument(file) as document:
            return str(document[0].get_textpage().get_text_bounded())

    return read


def chain(n: int) -> Value:
    z = Value(1.0, name="start")
    for _ in range(n):
        z = z * 1.5
    return z


def test_text_stays_text(written: Callable[[bytes], str]) -> None:
    found = written(pdf.svg_to_pdf(draw(chain(1)).picture("svg")))
    assert "start" in found
    assert "data 1.5" in found


def test_the_tables_of_the_file_are_right() -> None:
    file = pdf.svg_to_pdf(draw(chain(1)).picture("svg"))
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", file)]
    assert [file[place : place + 9].split()[:3] for place in places] == [
        f"{i} 0 obj".encode().split() for i in range(1, len(places) + 1)
    ]
    start = int(file.split(b"startxref\n")[1].split()[0])
    assert file[start : start + 4] == b"xref"


def test_a_long_chain_fits_a_page_that_viewers_accept() -> None:
    file = pdf.svg_to_pdf(draw(chain(150)).picture("svg"))
    width, height = map(float, re.search(rb"MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", file).groups())
    assert 0 < height < width <= pdf.LARGEST_PAGE
    assert len(file) < 100_000


@pytest.mark.parametrize("op", TABLE.values(), ids=str)
def test_the_font_has_every_label(op: object) -> None:
    assert pdf._missing(findfont(pdf.FONT), op.label) == frozenset()


@pytest.mark.parametrize("name", ["ŷ", "ŷ_1", "x̄", "θ̂", "w̃", "é", "ő", "Ż"])
def test_an_accent_stands_above_its_letter(name: str, written: Callable[[bytes], str]) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    bare = "".join([letter for letter in decomposed if not unicodedata.combining(letter)])
    assert pdf._width(name, "normal") == pytest.approx(pdf._width(bare, "normal"), abs=0.05)
    found = unicodedata.normalize("NFD", written(pdf.svg_to_pdf(draw(Value(1.0, name=name)).picture("svg"))))
    assert set(decomposed) <= set(found)
    assert "?" not in found


@pytest.mark.parametrize("name", ["(", ")", "\\", "θ₁", "∇f", "x\u0302", "日本", "\U0001f600", "\x00"])
@pytest.mark.filterwarnings("ignore:no font of this machine")
def test_any_name_gives_a_page(name: str, written: Callable[[bytes], str]) -> None:
    assert "data 1" in written(pdf.svg_to_pdf(draw(Value(1.0, name=name)).picture("svg")))


@pytest.mark.parametrize("name", ["Привет", "łódź", "řeka", "αβγδ ΣΠΩ", "ığş", "Ⓐ", "x² ≤ 3·ŷ", "$x$ $^2$"])
def test_letters_of_the_world_are_there(name: str, written: Callable[[bytes], str]) -> None:
    """Ⓐ is not in DejaVu Sans, but in another font that comes with matplotlib."""
    found = written(pdf.svg_to_pdf(draw(Value(1.0, name=name)).picture("svg")))
    assert name in unicodedata.normalize("NFC", found)


def test_letters_for_which_there_is_no_font_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    which = render.shutil.which
    monkeypatch.setattr(
        render.shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path)
    )
    for _ in range(2):  # each time, not only the first
        with pytest.warns(UserWarning, match=r"no font of this machine has \U00012345: the PDF shows boxes") as seen:
            draw(Value(1.0, name="\U00012345")).save(tmp_path / "z.pdf")
        assert seen[0].filename == __file__


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    svg = draw(chain(1)).picture("svg")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-core\[pdf\]', or save as \.svg"):
        pdf.svg_to_pdf(svg)


def test_no_text_is_wider_than_it_was_laid_out() -> None:
    root = pdf.ElementTree.fromstring(draw(Value(-1.2345678e-7, name="W" * 24)).picture("svg"))
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    assert len(texts) == 3
    for element in texts:
        drawn = pdf._Page(root).text(element, [pdf.FONT])
        width = drawn.get_fontsize() * pdf._width(drawn.get_text(), "normal")
        assert width <= float(element.get("textLength")) + 0.1


SVG_NAMES = [
    name for name in CSS4_COLORS if name != "rebeccapurple"
]  # which is CSS's alone: Graphviz writes its digits


@pytest.mark.parametrize("colour", [*SVG_NAMES, "Red", "#D55E00", "rebeccapurple", "gray50", "0.5 0.5 0.5"])
def test_a_colour_is_that_of_the_svg(colour: str) -> None:
    """Names that SVG does not know are digits there."""
    known = {"gray50": "#7f7f7f", "0.5 0.5 0.5": "#3f7f7f"}
    text = f'digraph {{ a [color="{colour}"] }}'
    strokes = re.findall(r"([\d.]+)\s+([\d.]+)\s+([\d.]+) RG|([\d.]+) G\b", page(_layout(_wheel(), text, "svg")))
    drawn = [tuple(map(float, rgb[:3] if rgb[0] else rgb[3:] * 3)) for rgb in strokes]
    assert any([parts == pytest.approx(to_rgb(known.get(colour, colour.lower())), abs=1e-3) for parts in drawn])


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
        in_svg = [found.split(",") for found in re.findall('stroke-dasharray="(.*?)"', svg.decode())]
        drawn = [found.split() for found in re.findall(r"\[([^\]]*?)\]\s+0 d\b", page(svg)) if found.strip()]
        assert [list(map(float, lengths)) for lengths in drawn] == [list(map(float, lengths)) for lengths in in_svg]
        assert len(in_svg) == (style != "solid")
