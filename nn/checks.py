"""Settings as they should be, or one error that says what was given, what was expected and what to do."""

from __future__ import annotations

import operator
import sys
from numbers import Real
from random import Random

from .errors import SettingError, SettingTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["as_list", "did_you_mean", "fraction", "generator", "integer", "positive_integer", "positive_number"]


def integer(what: str, given: Any) -> int:
    """`given` as an int; Python's and NumPy's integers are accepted, bools are not.

    Raises `SettingTypeError` for what is no integer.
    """
    if not isinstance(given, bool):
        try:
            return operator.index(given)
        except TypeError:
            pass
    raise SettingTypeError(f"{what} must be an integer, got {given!r:.60} of type {type(given).__name__}")


def positive_integer(what: str, given: Any) -> int:
    """`given` as an int of at least 1.

    Raises `SettingError` below 1, `SettingTypeError` for what is no integer.
    """
    number = integer(what, given)
    if number < 1:
        raise SettingError(f"{what} must be at least 1, got {number}")
    return number


def positive_number(what: str, given: Any) -> float:
    """`given` as a float that is positive and finite.

    Raises `SettingError` for zero, negative numbers, inf and nan, `SettingTypeError` for what is no number.
    """
    _require_number(what, given)
    if not 0.0 < given <= sys.float_info.max:
        raise SettingError(f"{what} must be positive and finite, such as 0.1; got {given!r:.60}")
    return float(given)


def fraction(what: str, given: Any) -> float:
    """`given` as a float from 0 up to but not including 1.

    Raises `SettingError` for other numbers, `SettingTypeError` for what is no number.
    """
    _require_number(what, given)
    if not 0.0 <= given < 1.0:
        raise SettingError(f"{what} must be at least 0 and below 1, such as 0.9; got {given!r:.60}")
    return float(given)


def _require_number(what: str, given: Any) -> None:
    if not isinstance(given, Real) or isinstance(given, bool):
        raise SettingTypeError(f"{what} must be a number such as 0.1, got {given!r:.60} of type {type(given).__name__}")


def generator(seed: int | Random | None) -> Random:
    """A source of randomness: a new one for an integer seed or None (which differs every time), or the one given.

    Raises `SettingTypeError` for anything else.
    """
    if isinstance(seed, Random):
        return seed
    return Random(None if seed is None else integer("seed (or else a random.Random)", seed))


def as_list(numbers: Any) -> list[Any]:
    """What can be iterated over as a list, a bare number as a list of one.

    >>> as_list((1.0, 2.0)), as_list(3.0)
    ([1.0, 2.0], [3.0])
    """
    is_bare = not hasattr(numbers, "__iter__") or getattr(numbers, "ndim", 1) == 0
    return [numbers] if is_bare else list(numbers)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'tan' or 'tanh'?`` where known names look similar, else nothing.

    >>> did_you_mean("Relo", ["relu", "tanh"])
    "; did you mean 'relu'?"
    """
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), list(known), n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
