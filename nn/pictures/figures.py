"""Empty figures, and figures in files; matplotlib is loaded when one is asked for."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import Any

from ..checks import package
from ..errors import SettingError, SettingTypeError
from ..files import write_file

__all__ = ["BLUE", "GREY", "RED", "as_svg", "figure_of", "saved"]

BLUE, RED, GREY = "#1f5fa8", "#c0392b", "#9a9a9a"


def saved(figure: Any, path: str | PathLike[str] | None) -> Any:
    """The figure, written to `path` if there is one; its suffix is one that matplotlib knows."""
    if path is not None:
        if not isinstance(path, (str, PathLike)):
            kind = type(path).__name__
            raise SettingTypeError(f"a file needs a name such as 'net.svg', got {path!r:.60} of type {kind}")
        suffix = Path(path).suffix.removeprefix(".")
        known = figure.canvas.get_supported_filetypes()
        if suffix not in known:
            raise SettingError(f"cannot draw {path}: the suffix must be one of {', '.join(sorted(known))}")
        write_file(path, _drawn(figure, suffix))
    return figure


def as_svg(figure: Any) -> str:
    """The figure as SVG text, the same text every time."""
    return _drawn(figure, "svg").decode()


def _drawn(figure: Any, suffix: str) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "autograd_core"}):
        metadata = {"Date": None} if suffix == "svg" else None
        figure.savefig(buffer, format=suffix, metadata=metadata, dpi=150)
    return buffer.getvalue()


def figure_of(width: float, height: float) -> Any:
    """An empty figure of so many inches, which shows itself in a notebook."""
    figure: Any = package("matplotlib.figure", "figures are drawn by matplotlib").Figure(
        figsize=(width, height), layout="constrained"
    )
    figure._repr_svg_ = lambda: as_svg(figure)  # matplotlib's own figures show themselves only through pyplot
    return figure
