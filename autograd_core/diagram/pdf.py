"""Graphviz's SVG as a PDF page by matplotlib, for machines without a `dot` that writes PDF itself.

The SVG is what Graphviz writes for our diagrams: polygons, paths, ellipses and text. The page is drawn in lines and
letters, not pixels, so that it stays sharp at any size. Its font is DejaVu Sans, which comes with matplotlib and has
Latin, Greek and Cyrillic letters and mathematics; a letter that it lacks is taken from a font of this machine.
"""

from __future__ import annotations

import io
import re
import warnings
from functools import cache
from xml.etree import ElementTree

from ..errors import DiagramError, MissingPackageError
from .svg import width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["svg_to_pdf"]

LARGEST_PAGE = 14_400.0  # points; viewers refuse pages beyond 200 inches
POINTS = 72  # per inch
FONT = "DejaVu Sans"
BOXES = "Last Resort"  # begins the name of a font that has a box for every letter
SETTINGS: Any = {"pdf.fonttype": 3, "lines.scale_dashes": False}  # type 3 has the fewest bytes


def svg_to_pdf(svg: bytes) -> bytes:
    """The picture as a PDF file of one page, letters for which there is no font as empty boxes, with a warning.

    Raises `MissingPackageError` without matplotlib, `DiagramError` for a blend of colours.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError(
            "there is no `dot` on this machine, and without it a PDF is drawn by matplotlib, which is not installed: "
            "pip install 'autograd-core[pdf]', or save as .svg"
        ) from None
    root = ElementTree.fromstring(svg)
    page = _Page(root)
    texts = [element.text or "" for element in root.iter() if _shape(element) == "text"]
    families, missing = _fallbacks(frozenset("".join(texts)))
    if missing:
        warnings.warn(
            f"no font of this machine has {' '.join(sorted(missing))}: the PDF shows boxes in their place. Install a "
            "font that has them, as Noto Sans CJK those of East Asia, or save the picture as .svg",
            UserWarning,
            stacklevel=5,  # whoever saves
        )
    figure = Figure(figsize=(page.width / POINTS, page.height / POINTS), dpi=POINTS, facecolor="none")
    file = io.BytesIO()
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # it has been said
        for order, element in enumerate(root.iter()):
            shape = _shape(element)
            if shape in ("polygon", "polyline", "path", "ellipse", "text"):
                artist = page.text(element, [FONT, *families]) if shape == "text" else page.outline(shape, element)
                artist.set(zorder=order, clip_on=False)
                figure.add_artist(artist)
        figure.savefig(file, format="pdf", metadata={"CreationDate": None})
    return file.getvalue()


def _shape(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


class _Page:
    """A page of `width` times `height` points, in which an SVG's elements are artists of matplotlib."""

    def __init__(self, root: ElementTree.Element) -> None:
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        shift = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", next(iter(root)).attrib["transform"])
        assert shift is not None  # Graphviz always writes one
        self.scale = min(1.0, LARGEST_PAGE / max(width, height))
        self.width, self.height = self.scale * width, self.scale * height
        self._shift = float(shift[1]), float(shift[2])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place of the SVG, which counts downwards from its upper left corner, upwards from the lower left."""
        return round(self.scale * (x + self._shift[0]), 2), round(self.height - self.scale * (y + self._shift[1]), 2)

    def outline(self, shape: str, element: ElementTree.Element) -> Any:
        """A polygon, polyline, path or ellipse."""
        from matplotlib.patches import Ellipse, PathPatch
        from matplotlib.path import Path
        from matplotlib.transforms import IdentityTransform

        attributes = element.attrib
        dashes = [self.scale * float(length) for length in attributes.get("stroke-dasharray", "").split(",") if length]
        look = {
            "facecolor": _colour(attributes.get("fill", "black")),
            "edgecolor": _colour(attributes.get("stroke", "none")),
            "linewidth": self.scale * float(attributes.get("stroke-width", "1")),
            "linestyle": (0.0, dashes) if dashes else "solid",
            "capstyle": "butt",
            "transform": IdentityTransform(),
        }
        if shape == "ellipse":
            x, y, a, b = [float(attributes[key]) for key in ("cx", "cy", "rx", "ry")]
            return Ellipse(self.at(x, y), 2 * self.scale * a, 2 * self.scale * b, **look)
        if shape == "path":
            return PathPatch(Path(*self._curve(attributes["d"])), **look)
        corners = [point.split(",") for point in attributes["points"].split()]
        return PathPatch(Path([self.at(float(x), float(y)) for x, y in corners]), **look)

    def _curve(self, commands: str) -> tuple[list[tuple[float, float]], list[int]]:
        """The points of a path, and what matplotlib calls SVG's M, L, C and Z (Graphviz writes no others)."""
        points: list[tuple[float, float]] = []
        codes: list[int] = []
        for letter, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", commands):
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
            found = [self.at(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)] or points[:1]
            points += found
            codes += [{"M": 1, "L": 2, "C": 4, "Z": 79}[letter.upper()]] * len(found)
        return points, codes

    def text(self, element: ElementTree.Element, families: list[str]) -> Any:
        """A text, its letters smaller if they would else be wider than they were laid out."""
        from matplotlib.text import Text
        from matplotlib.transforms import IdentityTransform

        attributes, text = element.attrib, element.text or ""
        weight, laid_out = attributes.get("font-weight", "normal"), float(attributes["font-size"])
        width = _width(text, weight)
        size = min(laid_out, width_of(text, laid_out) / width) if width else laid_out
        return Text(
            *self.at(float(attributes["x"]), float(attributes["y"])),
            text,
            fontsize=self.scale * size,
            color=_colour(attributes.get("fill", "black")),
            ha={"middle": "center", "end": "right"}.get(attributes.get("text-anchor", ""), "left"),
            va="baseline",
            weight=weight,
            family=families,
            parse_math=False,
            transform=IdentityTransform(),
        )


@cache
def _width(text: str, weight: str) -> float:
    """How wide the text is in `FONT`, in units of its size."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family=FONT, weight=weight)))
    font.set_size(1000.0, POINTS)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / 1000


@cache
def _fallbacks(letters: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """Fonts of this machine that have the letters which `FONT` lacks, and the letters that none has."""
    from matplotlib.font_manager import findfont, fontManager

    missing = _missing(findfont(FONT), letters)
    families: list[str] = []
    for font in sorted(fontManager.ttflist, key=lambda font: ("CJK" not in font.name, "Noto" not in font.name)):
        rest = _missing(font.fname, missing) if missing and not font.name.startswith(BOXES) else missing
        if rest < missing:
            families.append(font.name)
            missing = rest
    return families, missing


def _missing(file: str, letters: Iterable[str]) -> frozenset[str]:
    """The letters that are not in a file of a font."""
    from matplotlib.font_manager import get_font

    try:
        has = get_font(file).get_charmap()
    except (OSError, RuntimeError):  # a font that cannot be read
        return frozenset(letters)
    return frozenset([letter for letter in letters if letter.isprintable() and ord(letter) not in has])


def _colour(colour: str) -> Any:
    """The colour as matplotlib has it; raises `DiagramError` for a blend of colours."""
    from matplotlib.colors import to_rgba

    try:
        return to_rgba("none" if colour == "transparent" else colour.lower())
    except ValueError:
        raise DiagramError(
            f"a PDF made without a `dot` on this machine has plain colours, as 'red' or '#d55e00', got {colour!r:.40}: "
            "save the picture as .svg"
        ) from None
