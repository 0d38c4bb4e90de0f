"""What a notebook is handed for a picture: SVG, and PNG beside it.

Notebooks show the SVG where they trust who made it. In a fresh clone they trust nobody, and a printed notebook has no
place for SVG: both show the PNG.
"""

from __future__ import annotations

from base64 import b64encode

from .svg import scaled, size_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Bundle: TypeAlias = tuple[dict[str, str], dict[str, Any]]
    """Data by its kind, as "image/png", and how it is to be shown."""

__all__ = ["bundle"]

MOST_PIXELS, MOST_BYTES = 1_600, 150_000
"""Of a PNG, along its longer side and as it is stored; a notebook holds many."""
DPI, LEAST_DPI = 144, 48  # dots per inch: for screens of two dots a point, and the fewest by which letters are legible
CSS_DPI, POINTS = 96, 72  # per inch


def bundle(picture: Callable[..., bytes], wanted: Iterable[str] = ()) -> Bundle:
    """The kinds of data of a picture, which is given by a function of its format and the dots per inch.

    A PNG has at most `MOST_PIXELS` and `MOST_BYTES`; a picture that has more has none. `wanted` may ask for
    "application/pdf".
    """
    svg = picture("svg").decode()
    data, metadata = {"image/svg+xml": scaled(svg)}, {}
    sides = size_of(svg)
    dpi = min(DPI, int(MOST_PIXELS * POINTS / max(sides)))
    if dpi >= LEAST_DPI:
        png = b64encode(picture("png", dpi=dpi)).decode()
        if len(png) <= MOST_BYTES:
            data["image/png"] = png
            metadata["image/png"] = {"width": round(sides[0] * CSS_DPI / POINTS)}
    if "application/pdf" in wanted:
        data["application/pdf"] = b64encode(picture("pdf")).decode()
    return data, metadata
