"""Arrays inside a traced function that make their elements when asked for them.

An argument of a million points must not become a million Values before the function has run, and what a `vmap`
returns is one Value per number of a point, not one per point. Both look like NumPy arrays of Values: indexing,
iterating and every NumPy function see the elements, while `vmap`, ``sum`` and ``mean`` can take all points at once.
"""

from __future__ import annotations

import math
import operator

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..containers import flatten, rebuild
from .laneops import lane_sum, pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["ArgumentArray", "LaneArray", "LaneList", "LazyArray", "as_objects"]


class LazyArray(NDArrayOperatorsMixin):
    """An array of Values by `shape` and ``make(i)``, the element at flat position i; made once each."""

    def __init__(self, shape: tuple[int, ...], make: Callable[[int], Any]) -> None:
        self.shape = shape
        self.make = make
        self._made: dict[int, Any] = {}
        self._array: Any = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> Any:
        """That of objects."""
        return np.dtype(object)

    @property
    def flat(self) -> Iterator[Any]:
        """All elements."""
        return (self.element(i) for i in range(self.size))

    def element(self, i: int) -> Any:
        """The element at flat position i."""
        if i not in self._made:
            self._made[i] = self.make(i)
        return self._made[i]

    def whole(self) -> Any:
        """The NumPy array of all elements."""
        if self._array is None:
            self._array = as_objects(list(self.flat), self.shape)
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.whole() if dtype is None else self.whole().astype(dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        return getattr(ufunc, method)(*map(_whole, inputs), **named)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        return function(*_whole(args), **named)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array without axes")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if type(key) is int and len(self.shape) == 1 and -len(self) <= key < len(self):
            return self.element(key % len(self))
        if type(key) is int and self.shape and -len(self) <= key < len(self):
            row = math.prod(self.shape[1:])
            start = key % len(self) * row
            return as_objects([self.element(start + i) for i in range(row)], self.shape[1:])
        return self.whole()[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.whole(), name)

    def __bool__(self) -> bool:
        return bool(self.whole())


class ArgumentArray(LazyArray):
    """An argument with many elements: they lie in array `source` of the call, in C order."""

    def __init__(self, shape: tuple[int, ...], make: Callable[[int], Any], source: int, name: str) -> None:
        super().__init__(shape, make)
        self.source, self.name = source, name


class LaneArray(LazyArray):
    """What `vmap` returns while a function is traced: `point`, the numbers of one point, for all `n` of them."""

    def __init__(self, n: int, axis: int, point: list[Any], shape: tuple[int, ...]) -> None:
        size = math.prod(shape)
        super().__init__((n, *shape), lambda i: pick(point[i % size], i // size, axis))
        self.n, self.axis, self.point = n, axis, point

    def sum(self, axis: Any = None, **named: Any) -> Any:
        """The sum of all elements, or along axis 0 over the points."""
        if named or axis not in (None, 0, (0,)):
            return self.whole().sum(axis, **named)
        sums = [lane_sum(x, self.axis) for x in self.point]
        if axis is None:
            total = sums[0]
            for x in sums[1:]:
                total = total + x
            return total
        return as_objects(sums, self.shape[1:])

    def mean(self, axis: Any = None, **named: Any) -> Any:
        """The mean of all elements, or along axis 0 over the points."""
        if named or axis not in (None, 0, (0,)):
            return self.whole().mean(axis, **named)
        return self.sum(axis) / float(self.size if axis is None else self.n)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        if function.__name__ in ("sum", "mean") and args and args[0] is self:
            return getattr(self, function.__name__)(*args[1:], **named)
        return super().__array_function__(function, types, args, named)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        arrays = [x for x in inputs if getattr(x, "shape", ())]
        is_elementwise = method == "__call__" and not named and not ufunc.types[0].endswith("?")
        if is_elementwise and all(x.shape == self.shape for x in arrays):
            from ..vmap import vmap

            return vmap(ufunc, in_axes=[0 if getattr(x, "shape", ()) else None for x in inputs])(*inputs)
        return super().__array_ufunc__(ufunc, method, *inputs, **named)


class LaneList(list):  # type: ignore[type-arg]  # of anything
    """The same where lists came in and a list goes out: its elements are nested like `point`."""

    def __init__(self, n: int, axis: int, point: Any) -> None:
        numbers = flatten(point)
        super().__init__(rebuild(point, iter([pick(x, i, axis) for x in numbers])) for i in range(n))
        self.n, self.axis, self.point = n, axis, point
        self._made = tuple(self)

    @property
    def is_intact(self) -> bool:
        """Whether nobody has changed the list: then it may go out as a whole."""
        return len(self) == self.n and all(map(operator.is_, self, self._made))


def _whole(x: Any) -> Any:
    if isinstance(x, LazyArray):
        return x.whole()
    return type(x)(map(_whole, x)) if type(x) in (list, tuple) else x


def as_objects(elements: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of objects of that shape; without axes, the one object itself."""
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)[()]
