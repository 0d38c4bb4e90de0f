"""Masks: bool arrays among the arguments, whose elements are conditions, as comparisons of traced numbers are.

`where` selects by an element without deciding it; where Python or NumPy need the truth (``if mask[i]``, ``a[mask]``,
``mask.sum()``) it is decided and guarded.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...errors import NumberError
from ...ops.selection import where
from .conditions import Condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Mask", "as_mask"]

LOGICAL = {
    np.bitwise_and: np.bitwise_and, np.logical_and: np.bitwise_and, np.bitwise_or: np.bitwise_or,
    np.logical_or: np.bitwise_or, np.bitwise_xor: np.bitwise_xor, np.logical_xor: np.bitwise_xor,
    np.invert: np.invert, np.logical_not: np.invert,
}  # fmt: skip
"""Ufuncs that combine masks to masks, and the ufunc that does so with arrays of `Condition` objects."""


class Flag(Condition):
    """An element of a bool array: a condition that can be counted, but refuses arithmetic, as bools do everywhere."""

    __slots__ = ()

    def _refuse(self, *_: Any) -> Any:
        raise NumberError(
            "an element of a bool array is no real number; select with ag.where(mask[i], a, b), or give the function "
            "mask.astype(float)"
        )

    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __pow__ = __rpow__ = __neg__ = __abs__ = _refuse


class Mask(NDArrayOperatorsMixin):
    """A bool array over `numbers`: an array of Values that are 1.0 or 0.0, or one such Value."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = numbers
        self.shape: tuple[int, ...] = np.shape(numbers) if isinstance(numbers, np.ndarray) else numbers.shape
        self.ndim, self.size = len(self.shape), int(np.prod(self.shape))
        self.dtype = np.dtype(bool)

    @property
    def flat(self) -> Iterator[Any]:
        """The elements in C order, as conditions."""
        return map(as_condition, self.numbers.flat)

    def conditions(self) -> Any:
        """An object array of the elements as conditions."""
        return np.fromiter(self.flat, object, self.size).reshape(self.shape)

    def astype(self, dtype: Any, **_: Any) -> Any:
        """The array as another type: as floats the elements are traced numbers, else they are decided."""
        return np.array(self.numbers) if np.dtype(dtype).kind in "fO" else np.asarray(self).astype(dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        decided = [bool(element) for element in self.flat]
        return np.array(decided, dtype=bool if dtype is None else dtype).reshape(self.shape)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        named = {name: _decided(x) for name, x in named.items()}
        if not any(isinstance(x, Mask) for x in inputs):  # the mask is the argument `where`
            return getattr(ufunc, method)(*inputs, **named)
        if ufunc in LOGICAL and method == "__call__" and not named:
            found = LOGICAL[ufunc](*[x.conditions() if isinstance(x, Mask) else x for x in inputs])
            return as_mask(found)
        if ufunc.types[0].endswith("?") or method != "__call__":  # comparisons, np.logical_and.reduce, ...
            return getattr(ufunc, method)(*[np.asarray(x) if isinstance(x, Mask) else x for x in inputs], **named)
        return Flag._refuse(next(x for x in inputs if isinstance(x, Mask)))  # type: ignore[arg-type]  # raises

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        if function is np.where and len(args) == 3 and isinstance(args[0], Mask):
            return np.frompyfunc(where, 3, 1)(args[0].conditions(), *args[1:])
        return function(*_decided(args), **{name: _decided(x) for name, x in named.items()})

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array without axes")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        return as_mask(self.numbers[np.asarray(key) if isinstance(key, Mask) else key])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def __bool__(self) -> bool:
        return bool(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))


def as_condition(number: Any) -> Any:
    """The condition of a Value that is 1.0 or 0.0."""
    condition = number if isinstance(number, Condition) else number != 0.0
    return Flag(condition.trace, condition.node, condition.negated) if isinstance(condition, Condition) else condition


def as_mask(found: Any) -> Any:
    """A `Mask` or condition of elements of a mask, picked or combined: `found` are numbers or conditions."""
    if not isinstance(found, np.ndarray) and not hasattr(found, "shape"):
        return as_condition(found)
    if isinstance(found, np.ndarray):
        found = np.frompyfunc(lambda x: x.value() if isinstance(x, Condition) else x, 1, 1)(found)
    return Mask(found) if hasattr(found, "shape") else as_condition(found)


def _decided(x: Any) -> Any:
    if isinstance(x, Mask):
        return np.asarray(x)
    return type(x)(map(_decided, x)) if type(x) in (list, tuple) else x
