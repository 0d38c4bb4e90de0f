"""Lazy arrays, which make their elements on demand, inside a traced function.

An argument of a million points must not become a million Values before the function has run, and what a `vmap`
returns is one Value per number of a point, not one per point. Both look like NumPy arrays of Values: indexing,
iterating, writing and every NumPy function see the elements, while `vmap`, ``sum`` and ``mean`` take all points at
once, as long as no element was written.
"""

from __future__ import annotations

import copy
import math

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...containers import flatten, is_array, members, rebuild, with_children
from ...records import is_record
from ...value import Value
from ..ir.lane_ops import lane_sum, pick
from ..runtime.cached import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

__all__ = ["ArgumentArray", "LaneArray", "LaneList", "LazyArray", "as_objects", "copied", "is_same", "reduced"]


class LazyArray(NDArrayOperatorsMixin):
    """An array of Values with a `shape` and ``make(i)``, the element at flat position i, called once for each.

    Elements and views are those of one NumPy array, filled where it has been read. So a write through any view is seen
    by all.
    """

    holds_values = True
    """The answer for `transforms.holds_value`, without making an element."""

    def __init__(self, shape: tuple[int, ...], make: Callable[[int], Any]) -> None:
        self.make = make
        self._given_shape = shape
        self._made: dict[int, Any] = {}  # by flat position, as `make` gave it
        self._elements: Any = np.empty(math.prod(shape), dtype=object)
        self._array: Any = self._elements.reshape(shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._array.shape  # type: ignore[no-any-return]  # a tuple of ints, as NumPy has it

    @shape.setter
    def shape(self, shape: Any) -> None:
        self._array.shape = shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return len(self._elements)

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of objects."""
        return np.dtype(object)

    @property
    def flat(self) -> LazyArray:
        """A flat view of the elements."""
        view = object.__new__(LazyArray)
        view.__dict__.update(self.__dict__, _array=self._elements)
        return view

    @property  # type: ignore[misc]  # read only
    def __class__(self) -> Any:
        """NumPy's class, for code that asks isinstance(a, np.ndarray): the answer must not depend on the size."""
        return np.ndarray

    @property
    def is_intact(self) -> bool:
        """Whether no element was written: each is the one that was made for its place."""
        return self.shape == self._given_shape and all([self._elements[i] is x for i, x in self._made.items()])

    def _fill(self, positions: Iterable[int]) -> None:
        for i in positions:
            if i not in self._made:
                self._made[i] = self._elements[i] = self.make(i)

    def element(self, i: int) -> Any:
        """The element at flat position i."""
        self._fill((i,))
        return self._elements[i]

    def whole(self) -> Any:
        """The NumPy array of all elements."""
        if len(self._made) < self.size:
            self._fill(range(self.size))
        return self._array

    @cached_property
    def _positions(self) -> Any:
        return np.arange(self.size)

    def _part(self, key: Any) -> Any:
        """The elements that a key of NumPy's chooses, a view or a copy as NumPy has it."""
        chosen = self._positions.reshape(self.shape)[key]
        self._fill(chosen.ravel().tolist())
        return self._array[key]

    def __getitem__(self, key: Any) -> Any:
        if type(key) is int and len(self.shape) == 1 and -self.size <= key < self.size:
            return self.element(key % self.size)
        return self._part(_whole(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._part(_whole(key))
        self._array[_whole(key)] = _whole(value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.whole(), dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        result = getattr(ufunc, method)(*map(_whole, inputs), **_whole(named))
        return next((x for x in named.get("out", ()) if isinstance(x, LazyArray) and x._array is result), result)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        return function(*_whole(args), **_whole(named))

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return x in self.whole()

    def __copy__(self) -> Any:
        return self.whole().copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(self.whole(), memo)

    def __reduce__(self) -> Any:
        return self.whole().__reduce__()

    def __repr__(self) -> str:
        return repr(self.whole())

    def __str__(self) -> str:
        return str(self.whole())

    def __format__(self, spec: str) -> str:
        return format(self.whole(), spec)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.whole(), name)

    def __bool__(self) -> bool:
        return bool(self.whole())


class ArgumentArray(LazyArray):
    """An argument with many elements, which lie in array `source` of the call, in C order.

    ``depth`` is that of the nested lists that were the points of a batch; 0 if they were arrays or numbers.
    """

    depth = 0

    def __init__(self, shape: tuple[int, ...], make: Callable[[int], Any], source: int, name: str) -> None:
        super().__init__(shape, make)
        self.source, self.name = source, name


class LaneArray(LazyArray):
    """The array that `vmap` returns in a trace: `n` points, whose numbers are the lane nodes in `point`."""

    holds_arrays = False
    """Whether each point's part was an array itself, also where the batch is a list."""

    def __init__(self, n: int, axis: int, point: list[Any], shape: tuple[int, ...]) -> None:
        size = math.prod(shape)
        super().__init__((n, *shape), lambda i: pick(point[i % size], i // size, axis))
        self.n, self.axis, self.point = n, axis, point

    def sum(self, axis: Any = None, **named: Any) -> Any:
        """The sum of all elements, or along axis 0 over the points."""
        if named or axis not in (None, 0, (0,)) or not self.point or not self.is_intact:
            return self.whole().sum(axis, **named)
        sums = [lane_sum(x, self.axis) for x in self.point]
        return _added(sums) if axis is None else as_objects(sums, self.shape[1:])

    def mean(self, axis: Any = None, **named: Any) -> Any:
        """The mean of all elements, or along axis 0 over the points."""
        if named or axis not in (None, 0, (0,)) or not self.point or not self.is_intact:
            return self.whole().mean(axis, **named)
        return self.sum(axis) / float(self.size if axis is None else self.n)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        if function in (np.sum, np.mean) and args and args[0] is self:
            return getattr(self, function.__name__)(*args[1:], **named)
        return super().__array_function__(function, types, args, named)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        arrays = [x for x in inputs if getattr(x, "shape", ())]
        is_elementwise = method == "__call__" and not named and not ufunc.signature and not ufunc.types[0].endswith("?")
        is_along = all(x.shape == self.shape for x in arrays) and not any(isinstance(x, (list, tuple)) for x in inputs)
        if is_elementwise and is_along and self.is_intact:
            from ...vmap import vmap

            return vmap(ufunc, in_axes=[0 if getattr(x, "shape", ()) else None for x in inputs])(*inputs)
        return super().__array_ufunc__(ufunc, method, *inputs, **named)


class LaneList(list):  # type: ignore[type-arg]  # of anything
    """The list that `vmap` over lists returns in a trace: `n` points nested like `point`, which has the lane nodes."""

    def __new__(cls, *given: Any) -> Any:
        """A plain list for ``LaneList(elements)``, as code that makes a list of the same type expects."""
        return list(*given) if len(given) == 1 else super().__new__(cls)

    def __init__(self, n: int, axis: int, point: Any) -> None:
        numbers = flatten(point)
        rows = [[pick(x, i, axis) for x in numbers] for i in range(n)]
        super().__init__(rebuild(point, iter(row)) for row in rows)
        self.n, self.axis, self.point = n, axis, point
        self._made = [rebuild(point, iter(row)) for row in rows]

    @property
    def is_intact(self) -> bool:
        """Whether neither the list nor an element was changed, so that its points can be taken at once."""
        return is_same(list(self), self._made)


def copied(x: Any) -> Any:
    """A copy of `x`, containers and NumPy arrays included, down to its numbers."""
    if is_array(x):
        return x.copy() if isinstance(x, np.ndarray) else x
    if type(x) is list and set(map(type, x)) <= {float, int}:
        return x.copy()
    return with_children(x, lambda _, child: copied(child))


def is_same(x: Any, made: Any) -> bool:
    """Whether `x` nests as `made` does, with the same Values in it and equal numbers."""
    if x is made:
        return True
    if type(x) is not type(made):
        return False
    if type(made) is float:
        return bool(x.hex() == made.hex())
    if is_array(made):
        return x.shape == made.shape and all(map(is_same, x.ravel().tolist(), made.ravel().tolist()))
    if isinstance(made, dict) or is_record(made):
        found, known = members(x), members(made)
        return list(found) == list(known) and all(map(is_same, found.values(), known.values()))
    return isinstance(made, (list, tuple)) and len(x) == len(made) and all(map(is_same, x, made))


def reduced(name: str, x: Any) -> Any:
    """The "sum" or "mean" of what `vmap` returned, over all points at once; None for anything else."""
    if isinstance(x, LaneArray) and x.point and x.is_intact:
        return getattr(x, name)()
    if isinstance(x, LaneList) and isinstance(x.point, Value) and x.is_intact:
        total = lane_sum(x.point, x.axis)
        return total if name == "sum" else total / float(x.n)
    return None


def _added(numbers: list[Any]) -> Any:
    total = numbers[0]
    for x in numbers[1:]:
        total = total + x
    return total


def _whole(x: Any) -> Any:
    """`x` with NumPy arrays in place of lazy ones, also inside containers."""
    if isinstance(x, LazyArray):
        return x.whole()
    if type(x) is dict:
        return {name: _whole(child) for name, child in x.items()}
    return type(x)(map(_whole, x)) if type(x) in (list, tuple) else x


def as_objects(elements: list[Any], shape: tuple[int, ...]) -> Any:
    """An object array of the given shape; for the shape () the one object itself."""
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)[()]
