"""Settings as they should be, or an error that says what was given and what was expected."""

from __future__ import annotations

import operator

from .errors import DiagramError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["whole"]


def whole(what: str, given: Any, most: int | None = None) -> int:
    """`given` as an int of at least 1; Python's and NumPy's integers are accepted, bools are not.

    >>> whole("max_lines", 10)
    10

    Raises `DiagramError` for anything else.
    """
    try:
        number = 0 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        number = 0
    if number < 1 or (most is not None and number > most):
        span = "of at least 1" if most is None else f"from 1 to {most}"
        raise DiagramError(f"{what} must be a whole number {span}, got {given!r:.40} of type {type(given).__name__}")
    return number
