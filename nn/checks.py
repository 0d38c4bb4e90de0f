"""Settings as they should be, or one error that says what was given, what was expected and what to do."""

from __future__ import annotations

import operator
import sys
from collections.abc import Set as AbstractSet
from contextlib import suppress
from numbers import Real
from random import Random

from .errors import NumberError, SettingError, SettingTypeError, StructureError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "advice_on",
    "as_list",
    "did_you_mean",
    "fraction",
    "generator",
    "integer",
    "positive_integer",
    "positive_number",
    "values_of",
]


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
    """The numbers of one sample as a list; a bare number is a list of one, a single row or column of a table too.

    >>> as_list((1.0, 2.0)), as_list(3.0)
    ([1.0, 2.0], [3.0])

    Raises `StructureError` for a table and for what `values_of` refuses, `NumberError` for text.
    """
    if type(numbers) is list:
        return numbers
    if isinstance(numbers, (str, bytes, bytearray)):
        raise NumberError(f"expected numbers, got the text {numbers!r:.60}{advice_on(numbers)}")
    numbers = values_of(numbers)
    shape = getattr(numbers, "shape", None)
    if shape is None:
        return list(numbers) if hasattr(numbers, "__iter__") else [numbers]
    if len(shape) > 1:
        if max(shape) < numbers.size:
            raise StructureError(f"expected the numbers of one sample, got a table of shape {tuple(shape)}{ONE_BY_ONE}")
        numbers = numbers.ravel()
    return list(numbers) if shape else [numbers]


ONE_BY_ONE = "; take its rows one by one, [net(x) for x in X], or give it to `fit` or `evaluate` as a whole"


def values_of(x: Any) -> Any:
    """`x` itself, or the array that it holds if it is a table or a column with keys, such as a DataFrame.

    Raises `StructureError` for dicts, sets and keys: iterated over they give keys, or an order that nobody chose.
    """
    if hasattr(x, "to_numpy"):
        return x.to_numpy()
    if hasattr(x, "keys") or isinstance(x, AbstractSet):
        raise StructureError(
            f"expected a sequence of numbers, got {x!r:.60} of type {type(x).__name__}, whose elements are keys or "
            "have no order; give a list of its numbers, such as [d['a'], d['b']] or list(d.values())"
        )
    if hasattr(x, "__array__") and not hasattr(x, "flat"):
        import numpy as np

        return np.asarray(x)
    return x


def advice_on(x: Any) -> str:
    """How `x`, which is no number, becomes one, as the end of a sentence; nothing for most things.

    >>> advice_on("1,5")
    "; with a decimal comma write float('1,5'.replace(',', '.'))"
    """
    if isinstance(x, str):
        for text, advice in (
            (x, f"; write float({x!r:.40}), or astype(float) for a whole array"),
            (x.replace(",", "."), f"; with a decimal comma write float({x!r:.40}.replace(',', '.'))"),
        ):
            with suppress(ValueError):
                float(text)
                return advice
        return (
            "; texts that name classes become numbers by names = sorted(set(Y)); Y = [names.index(y) for y in Y], a "
            "column of X becomes one column of 0 and 1 for each name"
        )
    if is_missing(x):
        return "; it stands for a missing value: leave the sample out (dropna) or fill the gap (fillna)"
    return "; a table of bools becomes numbers by astype(float)" if type(x).__name__ in ("bool", "bool_") else ""


def is_missing(x: Any) -> bool:
    """Whether `x` is what tables write where there is no value: pandas' NA and NaT."""
    return type(x).__name__ in ("NAType", "NaTType")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'tan' or 'tanh'?`` where known names look similar, else nothing.

    >>> did_you_mean("Relo", ["relu", "tanh"])
    "; did you mean 'relu'?"
    """
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), list(known), n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
