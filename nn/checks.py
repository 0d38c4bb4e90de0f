"""Settings and numbers as they should be, or one error that says what was given, what was expected and what to do."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from importlib import import_module
from numbers import Real
from random import Random
from typing import Any

from .errors import DataError, MissingPackageError, NumberError, SettingError, SettingTypeError, StructureError

__all__ = [
    "ONE_BY_ONE", "advice_on", "as_list", "fraction", "function", "generator", "integer", "is_missing", "package",
    "positive_integer", "positive_number", "shown", "told_with", "values_of",
]  # fmt: skip

ONE_BY_ONE = "; take its rows one by one, [net(x) for x in X], or give it to `fit` or `evaluate` as a whole"


def integer(what: str, given: Any) -> int:
    """`given` as an int; Python's and NumPy's integers are accepted, bools are not."""
    if not isinstance(given, bool):
        with suppress(TypeError):
            return operator.index(given)
    raise SettingTypeError(f"{what} must be an integer, got {given!r:.60} of type {type(given).__name__}")


def positive_integer(what: str, given: Any) -> int:
    """`given` as an int of at least 1."""
    if (number := integer(what, given)) < 1:
        raise SettingError(f"{what} must be at least 1, got {number}")
    return number


def positive_number(what: str, given: Any) -> float:
    """`given` as a float that is positive and finite."""
    return _number(what, given, lambda x: 0.0 < x <= sys.float_info.max, "positive and finite, such as 0.1")


def fraction(what: str, given: Any) -> float:
    """`given` as a float from 0 up to but not including 1."""
    return _number(what, given, lambda x: 0.0 <= x < 1.0, "at least 0 and below 1, such as 0.9")


def _number(what: str, given: Any, is_right: Callable[[Any], bool], expected: str) -> float:
    if not isinstance(given, Real) or isinstance(given, bool):
        raise SettingTypeError(f"{what} must be a number such as 0.1, got {given!r:.60} of type {type(given).__name__}")
    if not is_right(given):
        raise SettingError(f"{what} must be {expected}; got {given!r:.60}")
    return float(given)


def function(what: str, given: Callable[..., Any], expected: str) -> Callable[..., Any]:
    """`given` if it can be called and is no class, whose instance would be meant."""
    if isinstance(given, type) or not callable(given):
        advice = f"; call the class: {given.__name__}(...)" if isinstance(given, type) else ""
        raise SettingTypeError(f"{what} must be {expected}, got {given!r:.60}{advice}")
    return given


def generator(seed: int | Random | None) -> Random:
    """A source of randomness: a new one for an integer seed or None (which differs every time), or the one given."""
    if isinstance(seed, Random):
        return seed
    return Random(None if seed is None else integer("seed (or else a random.Random)", seed))


def as_list(numbers: Any) -> list[Any]:
    """The numbers of one sample as a list; a bare number is a list of one, a single row or column of a table too."""
    if type(numbers) is list:
        return numbers
    if isinstance(numbers, (str, bytes, bytearray)):
        raise NumberError(f"expected numbers, got the text {numbers!r:.60}{advice_on(numbers)}")
    numbers = values_of(numbers)
    shape = getattr(numbers, "shape", None)
    if shape is None:
        return list(numbers) if hasattr(numbers, "__iter__") else [numbers]
    if shape and max(shape) < numbers.size:
        raise StructureError(f"expected the numbers of one sample, got a table of shape {tuple(shape)}{ONE_BY_ONE}")
    return list(numbers.ravel()) if shape else [numbers]


def values_of(x: Any) -> Any:
    """`x` itself, or the array that it holds if it is a table or a column with keys, such as a DataFrame."""
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


@contextmanager
def told_with(place: str) -> Iterator[None]:
    """Inside, what is wrong with data is told with its place; where it was raised stays to be seen."""
    try:
        yield
    except (DataError, NumberError, StructureError) as error:
        error.args = (f"{place}: {error}",)
        raise


def advice_on(x: Any) -> str:
    """Advice how `x`, which is no number, becomes one, as the end of a sentence; nothing for most things.

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
            "; texts that name classes become numbers by names = sorted(set(Y)); Y = [names.index(y) for y in Y], and "
            "nn.sklearn.MLPClassifier takes them as they are; a column of X becomes one column of 0 and 1 for each "
            "name, as by pandas.get_dummies(X, dtype=float)"
        )
    if is_missing(x) or x is None:
        return "; it stands for a missing value: leave the sample out (dropna) or fill the gap (fillna)"
    return "; a table of bools becomes numbers by astype(float)" if type(x).__name__ in ("bool", "bool_") else ""


def is_missing(x: Any) -> bool:
    """Whether `x` is what tables write where there is no value: pandas' NA and NaT."""
    return type(x).__name__ in ("NAType", "NaTType")


def package(name: str, what: str) -> Any:
    """A module of a package that only `what` needs."""
    try:
        return import_module(name)
    except ImportError:
        raise MissingPackageError(f"{what}, which is not installed: pip install 'autograd-core[train]'") from None


def shown(x: object) -> str:
    """`x` as text on one line, with what cannot be seen written out: no name moves a terminal's cursor.

    >>> shown("run\\x1b[2J.json")
    'run\\\\x1b[2J.json'
    """
    text = str(x)
    return text if text.isprintable() else repr(text)[1:-1]
