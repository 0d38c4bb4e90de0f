"""Settings as they should be, or an error that says what was given and what was expected."""

from __future__ import annotations

import operator

from .errors import DiagramError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["LANGUAGES", "one_of", "whole"]

LANGUAGES = ("en", "de")
"""What explanations can be written in."""


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


def one_of(what: str, given: Any, known: Iterable[str], own: str = "") -> str:
    """`given`, which is one of the names `known`; `own` says what else it might be, to who gave no text.

    >>> one_of("theme", "drak", ["light", "dark"])
    Traceback (most recent call last):
    autograd_core.errors.DiagramError: there is no theme 'drak'; choose one of 'light', 'dark'; did you mean 'dark'?

    Raises `DiagramError` for anything else.
    """
    names = list(known)
    if isinstance(given, str) and given in names:
        return given
    from .synonyms import close

    similar = close(given, names) if isinstance(given, str) else None
    hint = (
        f"; did you mean {similar!r}?" if similar else f", or give {own}" if own and not isinstance(given, str) else ""
    )
    raise DiagramError(f"there is no {what} {given!r:.40}; choose one of {', '.join(map(repr, names))}{hint}")
