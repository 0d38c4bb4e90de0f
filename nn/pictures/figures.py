"""Empty figures, and figures in files; matplotlib is loaded when one is asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_core.forms import Forms, notebook_forms

from ..checks import package
from ..errors import SettingError, SettingTypeError
from ..files import write_file

__all__ = ["BLUE", "GREY", "RED", "as_svg", "figure_of", "forms_of", "names_of_inputs", "saved"]

BLUE, RED, GREY = "#1f5fa8", "#c0392b", "#9a9a9a"
DPI = 150  # of a file


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


def forms_of(figure: Any, include: Any = None, exclude: Any = None) -> Forms:
    """What a notebook shows of the figure: SVG, PNG and its text; PDF if `include` asks for it."""
    data, metadata = notebook_forms(lambda suffix, dpi=DPI: _drawn(figure, suffix, dpi), include or ())
    return {**data, "text/plain": repr(figure)}, metadata


def names_of_inputs(inputs: Sequence[str] | None, count: int) -> list[str]:
    """What the inputs of a network are called in a figure, by default x1, x2, ....

    Raises `SettingError` for another number of names, `SettingTypeError` (a TypeError) for what is no list of names.
    """
    if inputs is None:
        return [f"x{i}" for i in range(1, count + 1)]
    inputs = inputs.tolist() if hasattr(inputs, "tolist") else inputs  # a table's columns
    if not (isinstance(inputs, (list, tuple)) and all([isinstance(name, str) for name in inputs])):
        raise SettingTypeError(f"inputs must be a list of names, got {inputs!r:.60} of type {type(inputs).__name__}")
    if len(inputs) != count:
        raise SettingError(f"the network has {count} inputs, {len(inputs)} names for them were given")
    return list(inputs)


def _drawn(figure: Any, suffix: str, dpi: float = DPI) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "autograd_core"}):
        metadata = dict.fromkeys(["Creator", "Date", "Format", "Type"]) if suffix == "svg" else None
        figure.savefig(buffer, format=suffix, metadata=metadata, dpi=dpi)
    return buffer.getvalue()


def figure_of(width: float, height: float) -> Any:
    """An empty figure of so many inches, which shows itself in a notebook."""
    figure: Any = package("matplotlib.figure", "figures are drawn by matplotlib").Figure(
        figsize=(width, height), layout="constrained"
    )
    # matplotlib's own figures show themselves only through pyplot
    figure._repr_svg_ = lambda: as_svg(figure)
    figure._repr_mimebundle_ = partial(forms_of, figure)
    return figure
