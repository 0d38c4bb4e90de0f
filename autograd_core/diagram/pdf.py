"""Graphviz's SVG as a PDF page, for machines without a `dot` that writes PDF itself.

    q
    0.333 0.333 0.333 RG 1 w
    54.19 -19.69 m
    59.17 -19.63 64.25 -19.74 68.85 -20.01 c
    S

The SVG is what Graphviz writes for our diagrams: polygons, paths, ellipses and text. The page is drawn in
lines and letters, not pixels, so that it stays sharp at any size and costs no memory. The fonts are Helvetica and
Symbol, which every PDF viewer has: Latin letters, Greek and the usual mathematics. Superscripts are set as small
raised letters, the accent of ŷ above its letter; a character of any other script becomes a question mark (SVG shows
them all).
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from typing import NamedTuple
from xml.etree import ElementTree

from ..errors import DiagramError
from .colours import DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["svg_to_pdf"]

LARGEST_PAGE = 14_400.0  # points; viewers refuse pages beyond 200 inches
SMALL, RAISED, LOWERED = 0.65, 0.35, -0.15  # of the font size
CIRCLE = 4 / 3 * (math.sqrt(2) - 1)  # how far a Bézier curve's handles reach for a quarter of a circle

# PDF's built-in encoding of the font Symbol (PDF 32000-1, annex D.5).
SYMBOL = {
    **dict(zip("ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", range(0x41, 0x5B), strict=True)),
    **dict(zip("αβχδεφγηιϕκλμνοπθρστυϖωξψζ", range(0x61, 0x7B), strict=True)),
    **{"−": 0x2D, "′": 0xA2, "≤": 0xA3, "∞": 0xA5, "→": 0xAE, "≥": 0xB3, "∝": 0xB5, "∂": 0xB6, "≠": 0xB9},
    **{"≡": 0xBA, "≈": 0xBB, "⊗": 0xC4, "⊕": 0xC5, "∈": 0xCE, "∇": 0xD1, "∏": 0xD5, "√": 0xD6, "⋅": 0xD7},
    **{"⟨": 0xE1, "∑": 0xE5, "⌈": 0xE9, "⌊": 0xEB, "⟩": 0xF1, "∫": 0xF2, "⌉": 0xF9, "⌋": 0xFB},
}
STAND_INS = {"‖": "||"}
ACCENTS = {"\u0300": "`", "\u0301": "´", "\u0302": "ˆ", "\u0303": "˜", "\u0304": "¯", "\u0308": "¨", "\u030a": "°"}


class Glyph(NamedTuple):
    """A character: its font, its size and rise relative to the text's, its code in that font.

    An accent stands above a letter that is ``below`` wide.
    """

    font: str
    size: float
    rise: float
    code: int
    below: float | None = None

    @property
    def width(self) -> float:
        """The distance to the next character, in units of the text's font size."""
        return 0.0 if self.below is not None else self.size * _width(self.font, self.code)

    @property
    def shown(self) -> str:
        """PDF's operators that show the character, an accent above its letter."""
        if self.below is None:
            return f"<{self.code:02x}> Tj"
        own = _width(self.font, self.code)  # back to the middle of the letter, and on to its end
        return f"[{500 * (self.below + own):.4g} <{self.code:02x}> {500 * (own - self.below):.4g}] TJ"


def svg_to_pdf(svg: bytes) -> bytes:
    """The picture as a PDF file of one page."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    shift = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", next(iter(root)).attrib["transform"])
    assert shift is not None  # Graphviz always writes one
    scale = min(1.0, LARGEST_PAGE / max(width, height))
    # PDF counts upwards from the lower left corner, SVG downwards from the upper left one.
    marks = [f"{scale:.6g} 0 0 {-scale:.6g} {scale * float(shift[1]):.6g} {scale * (height - float(shift[2])):.6g} cm"]
    for element in root.iter():
        shape = element.tag.rpartition("}")[2]
        if shape in ("polygon", "polyline", "path", "ellipse"):
            marks.extend(_outline(shape, element.attrib))
        elif shape == "text":
            marks.extend(_text(element))
    return _file("\n".join(marks).encode("latin-1"), scale * width, scale * height)


def _outline(shape: str, attributes: dict[str, str]) -> Iterator[str]:
    fill, stroke = _colour(attributes.get("fill", "black")), _colour(attributes.get("stroke", "none"))
    if fill is None and stroke is None:
        return
    yield "q"
    if fill is not None:
        yield f"{fill} rg"
    if stroke is not None:
        yield f"{stroke} RG {attributes.get('stroke-width', '1')} w"
    if "stroke-dasharray" in attributes:
        yield f"[{attributes['stroke-dasharray'].replace(',', ' ')}] 0 d"
    if shape == "ellipse":
        yield from _ellipse(*[float(attributes[key]) for key in ("cx", "cy", "rx", "ry")])
    elif shape == "path":
        yield from _path(attributes["d"])
    else:
        corners = [point.replace(",", " ") for point in attributes["points"].split()]
        yield f"{corners[0]} m " + " ".join([f"{corner} l" for corner in corners[1:]])
    yield {(True, True): "B", (True, False): "f", (False, True): "S"}[fill is not None, stroke is not None]
    yield "Q"


def _path(commands: str) -> Iterator[str]:
    """A path in PDF's operators, from SVG's M x,y and C with three points a time (Graphviz writes no others)."""
    for letter, points in re.findall(r"([A-Za-z])([^A-Za-z]*)", commands):
        numbers = re.findall(r"-?[\d.]+", points)
        operator, size = {"M": ("m", 2), "L": ("l", 2), "C": ("c", 6), "Z": ("h", 0)}[letter.upper()]
        for i in range(0, max(len(numbers), 1), size or 1):
            yield " ".join([*numbers[i : i + size], operator])


def _ellipse(x: float, y: float, a: float, b: float) -> Iterator[str]:
    yield f"{x + a:.2f} {y:.2f} m"
    for cos, sin in ((1, 0), (0, 1), (-1, 0), (0, -1)):  # a quarter from each of these to the next
        u, v = cos - CIRCLE * sin, sin + CIRCLE * cos
        w, t = -sin + CIRCLE * cos, cos + CIRCLE * sin
        handles = ((u, v), (w, t), (-sin, cos))
        yield " ".join([f"{x + a * p:.2f} {y + b * q:.2f}" for p, q in handles]) + " c"


def _text(element: ElementTree.Element) -> Iterator[str]:
    attributes = element.attrib
    size = float(attributes["font-size"])
    glyphs = list(_glyphs(element.text or "", attributes.get("font-weight") == "bold"))
    x = float(attributes["x"])
    if attributes.get("text-anchor") == "middle":
        x -= size * sum([glyph.width for glyph in glyphs]) / 2
    yield f"BT {_colour(attributes.get('fill', 'black')) or '0 0 0'} rg 1 0 0 -1 {x:.2f} {attributes['y']} Tm"
    for glyph in glyphs:
        yield f"/{glyph.font} {size * glyph.size:.4g} Tf {size * glyph.rise:.4g} Ts {glyph.shown}"
    yield "ET"


def _glyphs(text: str, bold: bool, small: float = 1.0, rise: float = 0.0) -> Iterator[Glyph]:
    """The characters of a text as glyphs: each with the font, size and rise that show it."""
    last = None
    for character in "".join([c if _is_latin(c) else unicodedata.normalize("NFD", c) for c in text]):
        kind, _, plain = unicodedata.decomposition(character).partition(" ")
        if character in SYMBOL:
            last = Glyph("Symbol", small, rise, SYMBOL[character])
            yield last
        elif character in ACCENTS and last is not None:
            yield Glyph("Plain", small, rise, ord(ACCENTS[character].encode("cp1252")), _width(last.font, last.code))
        elif unicodedata.combining(character):
            continue  # an accent that the fonts do not have
        elif character in STAND_INS:
            yield from _glyphs(STAND_INS[character], bold, small, rise)
        elif kind in ("<super>", "<sub>"):
            base = "".join([chr(int(code, 16)) for code in plain.split()])
            yield from _glyphs(base, bold, small * SMALL, rise + (RAISED if kind == "<super>" else LOWERED) * small)
        else:
            code = character.encode("cp1252", errors="replace")[0]
            last = Glyph("Bold" if bold else "Plain", small, rise, code)
            yield last


def _is_latin(character: str) -> bool:
    """Whether the fonts of Latin letters have the character."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


# Widths of Helvetica's characters 32 to 126 in thousandths of its size (Adobe's font metrics).
WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip


def _width(font: str, code: int) -> float:
    """About how wide a character is, in units of the font's size: enough to centre a line."""
    known = font != "Symbol" and 32 <= code <= 126
    accent = chr(code).encode("latin-1").decode("cp1252", errors="replace") in ACCENTS.values() and font != "Symbol"
    return (WIDTHS[code - 32] if known else 333 if accent else 570) / 1000


def _colour(colour: str) -> str | None:
    """Red, green and blue from 0 to 1, None for no colour; raises `DiagramError` for a blend of colours."""
    if colour in ("none", "transparent"):
        return None
    digits = DIGITS.get(colour.lower(), colour.removeprefix("#"))
    if re.fullmatch("[0-9a-fA-F]{6}", digits) is None:
        raise DiagramError(
            f"a PDF made without a `dot` on this machine has plain colours, as 'red' or '#d55e00', got {colour!r:.40}: "
            "save the picture as .svg"
        )
    return " ".join([f"{int(digits[k : k + 2], 16) / 255:.3g}" for k in (0, 2, 4)])


def _file(marks: bytes, width: float, height: float) -> bytes:
    stream = zlib.compress(marks)
    fonts = {"Plain": "Helvetica", "Bold": "Helvetica-Bold", "Symbol": "Symbol"}
    encoded = {name: "" if name == "Symbol" else " /Encoding /WinAnsiEncoding" for name in fonts}
    resources = " ".join(
        [f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{base}{encoded[name]} >>" for name, base in fonts.items()]
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents 4 0 R "
        f"/Resources << /Font << {resources} >> >> >>".encode(),
        f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode() + stream + b"\nendstream",
    ]
    file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # four high bytes: this is no text file
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join([f"{place:010d} 00000 n \n" for place in places])
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    file += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(file)
