"""What a notebook is handed for a picture: SVG, and PNG beside it.

Notebooks show the SVG where they trust who made it. In a fresh clone they trust nobody, and a printed notebook has no
place for SVG: both show the PNG.
"""

from __future__ import annotations

from .errors import AutogradError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["Forms", "Pictured", "notebook_forms"]

Forms = tuple[dict[str, str], dict[str, "Any"]]
"""Data by its kind, as "image/png", and how each is to be shown."""

MOST_PIXELS, MOST_BYTES = 1_600, 150_000
"""Of a PNG, along its longer side and as it is stored; a notebook holds many."""
DPI, LEAST_DPI, POINTS = 96, 48, 72  # per inch: as CSS counts, the fewest by which letters are legible, those of print
COLOURS = 32  # by which the PNG of a graph has a third of its size, and nobody sees a difference


def notebook_forms(picture: Callable[..., bytes], wanted: Iterable[str] = ()) -> Forms:
    """The kinds of data of a picture, which is given by a function of its format and the dots per inch.

    A PNG has at most `MOST_PIXELS` and `MOST_BYTES`; a picture that has more has none. `wanted` may ask for
    "application/pdf".

    >>> from autograd_core import Value, draw
    >>> data, how = notebook_forms(draw(Value(2.0) * 3.0).picture)
    >>> list(data), how
    (['image/svg+xml', 'image/png'], {'image/png': {'width': 243}})

    Raises what `picture` raises.
    """
    from base64 import b64encode

    from .diagram.svg import scaled, size_of

    svg = picture("svg").decode()
    data, metadata = {"image/svg+xml": scaled(svg)}, {}
    sides = size_of(svg)
    dpi = min(DPI, int(MOST_PIXELS * POINTS / max(sides)))
    if dpi >= LEAST_DPI:
        png = b64encode(_in_few_colours(picture("png", dpi=dpi))).decode()
        if len(png) <= MOST_BYTES:
            data["image/png"] = png
            metadata["image/png"] = {"width": round(sides[0] * DPI / POINTS)}
    if "application/pdf" in wanted:
        data["application/pdf"] = b64encode(picture("pdf")).decode()
    return data, metadata


class Pictured:
    """An object that a notebook shows as its picture, or as its text where there is nothing to draw, or to draw with.

    The picture is a `autograd_core.Diagram`, or a figure of `nn.pictures`, by a method ``_picture``.
    """

    def _picture(self) -> Any:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Forms:
        try:
            data, metadata = self._picture()._repr_mimebundle_(include)
        except AutogradError:
            data, metadata = {}, {}
        return {**data, "text/plain": repr(self)}, metadata

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_()[0].get("image/svg+xml")


def _in_few_colours(png: bytes) -> bytes:
    """The PNG with a table of colours, if there is Pillow, which comes with matplotlib; else as it is."""
    try:
        from PIL import Image
    except ImportError:
        return png
    from io import BytesIO

    smaller = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(smaller, "png", optimize=True)
    return min(png, smaller.getvalue(), key=len)
