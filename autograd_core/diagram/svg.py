"""Graphviz's SVG made at home on any page: texts no wider than their boxes, the page's size and colours."""

from __future__ import annotations

import re
from html import unescape
from unicodedata import combining, east_asian_width

from .themes import COLOURS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .themes import Theme

__all__ = ["adapting", "fitted", "following", "scaled", "size_of", "width_of"]

FAMILY = ' font-family="Helvetica,sans-Serif"'
TEXT = re.compile(rf'(<text[^>]*){FAMILY}([^>]*font-size="([\d.]+)"[^>]*)>([^<]+)<')
COMMENT = re.compile("<!--.*?-->\n?", re.DOTALL)
SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')

# Widths of Helvetica's characters 32 to 126 in thousandths of its size (Adobe's font metrics).
WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip
SPACE, OTHER, WIDE = 278, 556, 834  # what Graphviz counts for letters of one, two and three bytes

NARROW = 600  # points, 800 pixels: less than a cell has on a laptop's screen
SCALED, ADAPTING = "autograd-picture", "autograd-adapting"
PAINT = re.compile('(fill|stroke)="([^"]+)"')
DARK = """
[data-jp-theme-light=false] [data-theme=dark] [data-bs-theme=dark] html.dark .vscode-dark .vscode-high-contrast
"""
LIGHT = """
[data-jp-theme-light=true] [data-theme=light] [data-bs-theme=light] html.light .vscode-light .vscode-high-contrast-light
.notebook_app #notebook
"""
"""What pages with a theme of their own have around a picture: JupyterLab's, Sphinx's, Bootstrap's, VS Code's, and the
classic notebook, which is always light."""
SCHEMES = [
    "svg:root{color-scheme:light dark}",
    *[
        f"{','.join([f'{page} .{ADAPTING}' for page in pages.split()])}{{color-scheme:{scheme}}}"
        for pages, scheme in ((DARK, "dark"), (LIGHT, "light"))
    ],
    f"@media print{{.{ADAPTING}{{color-scheme:light!important}}}}",
]
SCROLLING = [
    f":not(body):has(>.{SCALED}){{max-height:90vh;overflow:auto}}",
    f"@media print{{:has(>.{SCALED}){{max-height:none!important}}}}",
]


def fitted(svg: str) -> str:
    """The picture with every text as wide as it was laid out: another font than Helvetica would leave its box.

    The font is named once, and what Graphviz remarks is left out: a notebook holds many pictures.

    >>> print(fitted('<svg>\\n<text font-family="Helvetica,sans-Serif" font-size="10.00">10</text>\\n</svg>'))
    <svg font-family="Helvetica,sans-Serif">
    <text font-size="10.00" textLength="11.1" lengthAdjust="spacingAndGlyphs">10</text>
    </svg>
    """

    def fit(found: re.Match[str]) -> str:
        begin, end, size, text = found.groups()
        if text == text.strip(" ") and "  " not in text:
            begin = begin.replace(' xml:space="preserve"', "")  # nothing to preserve
        if "font-weight" in end or len(text) == 1:
            return f"{begin}{end}>{text}<"
        width = width_of(unescape(text), float(size))
        return f'{begin}{end} textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs">{text}<'

    return TEXT.sub(fit, COMMENT.sub("", svg)).replace("<svg", f"<svg{FAMILY}", 1)


def width_of(text: str, size: float) -> float:
    """How wide Graphviz lays out a text in Helvetica, about, in points."""
    return sum(map(_width, text)) * size / 1000


def _width(letter: str) -> int:
    if " " <= letter <= "~":
        return WIDTHS[ord(letter) - 32]
    if combining(letter):
        return 0
    return SPACE if letter.isspace() else WIDE if letter == "…" or east_asian_width(letter) in "WF" else OTHER


def following(svg: str, light: Theme) -> str:
    """The picture, drawn in the colours of `light`, with those of ``light.dark`` for pages that are dark.

    A page says so by the mark of its theme (`DARK`, `LIGHT`) or by CSS's ``color-scheme``. A picture that is no part of
    a page, a file or an img, is as the reader's system wishes. On paper it is light, and so where CSS's ``light-dark``
    is not known.
    """
    used = dict.fromkeys(PAINT.findall(svg))
    return _styled(svg, ADAPTING, *adapting(light, f".{ADAPTING}", used), *SCHEMES)


def adapting(light: Theme, within: str, used: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Rules by which what is drawn in the colours of `light`, in elements of a selector, has those of ``light.dark``
    where CSS's ``color-scheme`` is dark.

    used: "fill" or "stroke" and the colour that are there; all of the theme's by default.
    """
    dark = light.dark
    assert dark is not None
    other: dict[str, str] = {}
    for name in COLOURS:
        for was, becomes in zip(_colours(getattr(light, name)), _colours(getattr(dark, name)), strict=True):
            other.setdefault(was.lower(), becomes)
    painted = used or [(paint, colour) for colour in other for paint in ("fill", "stroke")]
    return [
        *[
            f'{within} [{paint}="{colour}"]{{{paint}:light-dark({colour},{other[colour]})}}'
            for paint, colour in painted
            if colour in other
        ],
        f"{within} text:not([fill]){{fill:light-dark({light.ink},{dark.ink})}}",
    ]


def scaled(svg: str) -> str:
    """The picture for a cell of a notebook: as wide as it is, or as the cell, if that is less; a tall one scrolls.

    JupyterLab makes it an img and cuts it off at the cell's edge, unless it has no width: then it is as wide as the
    cell.
    """
    width, _ = size_of(svg)
    own = f'width="{width:g}pt" style="max-width:100%;height:auto"'
    of_cell = f'style="width:100%;max-width:{width:g}pt;height:auto"'
    return _styled(SIZE.sub(own if width <= NARROW else of_cell, svg, count=1), SCALED, *SCROLLING)


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of the picture in points."""
    found = SIZE.search(svg)
    assert found is not None  # Graphviz and matplotlib always write them
    return float(found[1]), float(found[2])


def _styled(svg: str, mark: str, *rules: str) -> str:
    """The picture with a style sheet, whose rules are for elements of class `mark`: a page may have other pictures."""
    begin, end = svg.index("<svg") + len("<svg"), svg.rindex("</svg>")
    close = svg.index(">", begin)
    head, rest = svg[begin:close], svg[close:end]
    head = head.replace(' class="', f' class="{mark} ') if ' class="' in head else f' class="{mark}"{head}'
    return "".join([svg[:begin], head, rest, "<style>\n", "\n".join(rules), "\n</style>\n", svg[end:]])


def _colours(field: str | tuple[str, str]) -> tuple[str, ...]:
    return (field,) if isinstance(field, str) else field
