"""From arguments to flat sources and from flat sinks to results.

A call is described by a key: how its arguments nest, the shapes of its arrays, and everything in it that is no number
("static": strings, None, bools, functions). Calls with equal keys run the same programs. Plain numbers and small
arrays are copied one after the other into source 0; each large array, and each one that is mapped over, is a source.
"""

from __future__ import annotations

import copy
import math
from itertools import repeat
from numbers import Real

import numpy as np

from ..containers import as_array, flatten, is_array, rebuild, require_same_structure, shape_of
from ..errors import NumberError, OutputError, StructureError
from ..value import Value, as_number, tick
from .arrays import ArgumentArray, LaneArray, LaneList, as_objects
from .program import Input, Record
from .trace import FIRST_ARRAY, NUMBERS, Condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Arguments", "Array", "Lanes", "Number", "Result", "as_batches", "leaves_for"]

SMALL = 256  # elements; a larger array is used where it lies
LARGE, HUGE = 1 << 15, 1 << 19  # elements: 256 KB, 4 MB
MATERIALISED = 4096  # elements; a larger array makes its Values when they are asked for


class Arguments:
    """The arguments of one call: their ``key``, the plain ``numbers`` and small arrays in order, and ``arrays``.

    ``holds_values`` tells that there is a Value among them. ``mapped`` arrays keep their first axis out of the key.
    """

    def __init__(self) -> None:
        self.numbers: list[Any] = []
        self.arrays: list[Any] = []
        self.given: list[Any] = []  # the same arrays as they were given: perhaps of another type
        self.mapped: list[Any] = []  # those among the arrays that are mapped over
        self.holds_values = False
        self.gives_lists = False  # mapped over lists: batches of results are lists too
        self.key: Any = None

    def read(self, x: Any, is_mapped: bool = False) -> Any:
        """The key of one argument, whose numbers are appended."""
        kind = type(x)
        if kind is float:
            self.numbers.append(x)
            return float
        if kind is np.ndarray:
            return self._read_array(x, is_mapped)
        if kind is tuple:
            return (tuple, *[self.read(child, is_mapped) for child in x])
        if kind is list:
            return (list, *[self.read(child) for child in x])
        if isinstance(x, Value):
            self.holds_values = True
            return Value
        if isinstance(x, dict):
            return (kind, *[(k, self.read(child, is_mapped)) for k, child in x.items()])
        if isinstance(x, (list, tuple)):
            return (kind, *[self.read(child, is_mapped) for child in x])
        if is_number(x):
            self.numbers.append(as_number(x))
            return float
        if is_array(x):
            return self._read_array(x, is_mapped)
        return _static(x)

    def _read_array(self, given: Any, is_mapped: bool) -> Any:
        x = np.asarray(given)
        if x.dtype == object:
            if any(isinstance(element, Value) for element in x.flat):
                self.holds_values = True
                return Value
            x = np.array([as_number(element) for element in x.flat], dtype=float).reshape(x.shape)
        elif x.dtype.kind not in "fiu":
            raise NumberError(
                f"expected an array of real numbers, got one of dtype {x.dtype}; convert it: a.astype(float)"
            )
        if is_mapped and x.ndim:
            self.arrays.append(x)
            self.mapped.append(x)
            self.given.append(given)
            return (np.ndarray, None, *x.shape[1:])
        if x.size <= SMALL:
            self.numbers.append(x)
        else:
            self.arrays.append(x)
            self.given.append(given)
        return (np.ndarray, *x.shape)

    def common_length(self) -> int:
        """How many points the mapped arrays have."""
        lengths = {len(x) for x in self.mapped}
        if len(lengths) > 1:
            given = ", ".join(str(x.shape) for x in self.mapped)
            raise StructureError(f"vmap: batches need one common length, got arrays of shape {given}")
        return lengths.pop() if lengths else 0

    def rows(self, arrays: Sequence[Any], points: Any) -> list[Any]:
        """The flat `arrays` with those points only."""
        mapped = {id(x) for x in self.mapped}
        return [
            flat.reshape(len(x), -1)[points].reshape(-1) if id(x) in mapped else flat
            for flat, x in zip(arrays, self.arrays, strict=True)
        ]

    def sources(self) -> tuple[Any, list[Any]]:
        """The buffer of all plain numbers, and the large arrays as flat float64."""
        buffer = np.empty(sum([1 if type(x) is float else x.size for x in self.numbers]))
        self.fill(buffer)
        return buffer, [np.ascontiguousarray(x, dtype=float).reshape(-1) for x in self.arrays]

    def fill(self, buffer: Any) -> None:
        """Copy the plain numbers and small arrays into `buffer`."""
        at = 0
        for x in self.numbers:
            if type(x) is float:
                buffer[at] = x
                at += 1
            else:
                buffer[at : at + x.size] = x.reshape(-1)
                at += x.size


def as_batches(x: Any) -> Any:
    """`x`, to be mapped over, with its lists as arrays.

    Raises `StructureError` for points of different lengths.
    """
    if isinstance(x, dict):
        return {key: as_batches(child) for key, child in x.items()}
    if isinstance(x, tuple):
        return tuple([as_batches(child) for child in x])
    if isinstance(x, list) and x and isinstance(x[0], (tuple, dict)):
        for i, point in enumerate(x):
            require_same_structure(x[0], point, f"point {i} of a batch")
        if isinstance(x[0], dict):
            return {key: as_batches([point[key] for point in x]) for key in x[0]}
        return tuple([as_batches(list(column)) for column in zip(*x, strict=True)])
    if isinstance(x, list):
        return as_array(flatten(x), shape_of(x))
    return x


def _static(x: Any) -> Any:
    """What is no number takes part in the key as it is."""
    try:
        hash(x)
    except TypeError:
        raise NumberError(
            "an argument of a compiled function is a number, a container of numbers or something hashable, got "
            f"{x!r:.60} of type {type(x).__name__}"
        ) from None
    return ("static", type(x), x)


def leaves_for(args: Any, names: Sequence[str], arguments: Arguments) -> tuple[Any, dict[Value, Input]]:
    """The arguments made of fresh Values, and where the number of each comes from; in the order of `Arguments.read`."""
    inputs: dict[Value, Input] = {}
    position = [0, FIRST_ARRAY]  # in the buffer of plain numbers; of the next large array
    own = {id(x) for x in arguments.given}
    mapped = {id(x) for x in arguments.mapped}
    born = tick()  # also for those that are made later on: they all come from outside

    def leaf(x: float, name: str, source: int, offset: int) -> Value:
        value = Value(float(x), name=name)
        value._clock = born
        inputs[value] = Input(name, source, offset)
        return value

    def array(given: Any, name: str) -> Any:
        if id(given) not in own:
            x = np.asarray(given)
            start = position[0]
            position[0] += x.size
            labels = [f"{name}[{', '.join(map(str, index))}]" if index else name for index in np.ndindex(x.shape)]
            labelled = enumerate(zip(x.flat, labels, strict=True))
            elements = [leaf(e, label, NUMBERS, start + i) for i, (e, label) in labelled]
            return as_objects(elements, x.shape) if x.ndim else _zero_dimensional(elements)
        source = position[1]
        position[1] += 1
        x = arguments.arrays[source - FIRST_ARRAY]
        flat = x.reshape(-1)
        lazy = ArgumentArray(x.shape, lambda i: leaf(flat[i], f"{name}[{i}]", source, i), source, name)
        return lazy if x.size > MATERIALISED or id(x) in mapped else lazy.whole()

    def walk(x: Any, name: str) -> Any:
        if isinstance(x, dict):
            return refilled(x, {k: walk(child, f"{name}[{k!r}]") for k, child in x.items()})
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*[walk(child, f"{name}.{k}") for k, child in zip(x._fields, x, strict=True)])
        if isinstance(x, (list, tuple)):
            return type(x)([walk(child, f"{name}[{i}]") for i, child in enumerate(x)])
        if is_number(x):
            position[0] += 1
            return leaf(as_number(x), name, NUMBERS, position[0] - 1)
        return array(x, name) if is_array(x) else x

    return [walk(x, name) for x, name in zip(args, names, strict=True)], inputs


def is_number(x: object) -> bool:
    """Whether `x` is a real number, and no bool."""
    return isinstance(x, Real) and not isinstance(x, (bool, np.bool_))


def refilled(container: Any, members: dict[Any, Any]) -> Any:
    """A dict of the same kind with other members."""
    if type(container) is dict:
        return members
    refilled = copy.copy(container)
    for key, member in members.items():
        refilled[key] = member
    return refilled


def _zero_dimensional(elements: list[Any]) -> Any:
    array = np.empty((), dtype=object)
    array[()] = elements[0]
    return array


class Result:
    """What a traced function returned: which numbers go to which sink, and how the sinks become the result again.

    ``outputs`` are (number, sink, offset, stride, lane axis or None); sink 0 collects single numbers, each array
    is a sink of its own.
    """

    def __init__(self, output: Any) -> None:
        self.outputs: list[tuple[float | Value, int, int, int, int | None]] = []
        self.single = 0
        self.shapes: list[tuple[int | None, tuple[int, ...]]] = []  # of sinks 1, 2, ...: lane axis or None, shape
        self.template = self._read(output)

    def _read(self, x: Any) -> Any:
        if isinstance(x, LaneArray) or (isinstance(x, LaneList) and x.is_intact):
            return self._read_lanes(x)
        if isinstance(x, Condition):
            raise OutputError(
                "a compiled function returned a comparison; return ag.where(condition, 1.0, 0.0), or call bool() on it"
            )
        if isinstance(x, dict):
            return refilled(x, {k: self._read(child) for k, child in x.items()})
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*[self._read(child) for child in x])
        if isinstance(x, (list, tuple)):
            return (
                type(x)([self._read(child) for child in x]) if type(x) is not LaneList else [self._read(c) for c in x]
            )
        try:
            numbers = flatten(x, "the function's result")
        except NumberError as error:
            raise OutputError(f"{error}. A compiled function returns numbers, or containers of them") from None
        if is_array(x):
            self.shapes.append((None, tuple(x.shape)))
            sink = len(self.shapes)
            self.outputs += [(e, sink, i, 0, None) for i, e in enumerate(numbers)]
            return Array(sink, tuple(x.shape))
        self.outputs.append((numbers[0], 0, self.single, 0, None))
        self.single += 1
        return Number(self.single - 1)

    def _read_lanes(self, x: LaneArray | LaneList) -> Any:
        numbers = x.point if isinstance(x, LaneArray) else flatten(x.point)
        shape = x.shape[1:] if isinstance(x, LaneArray) else (len(numbers),)
        self.shapes.append((x.axis, shape))
        sink = len(self.shapes)
        self.outputs += [(e, sink, i, len(numbers), x.axis) for i, e in enumerate(numbers)]
        return Lanes(sink, x.axis, shape, None if isinstance(x, LaneArray) else x.point)

    def require_same(self, other: Result) -> None:
        """Raise `StructureError` unless the other path of the same function returns numbers in the same arrangement."""
        if self is other:
            return
        if repr(self.template) != repr(other.template) or self.shapes != other.shapes:
            raise StructureError(
                "the function returns differently nested results on different ways through it; "
                "all points of a batch need one kind of result"
            )

    @property
    def offsets(self) -> list[int]:
        """Where each sink begins if all lie one behind the other, and nothing runs along lanes."""
        sizes = [self.single, *(math.prod(shape) for _, shape in self.shapes)]
        return [sum(sizes[:k]) for k in range(len(sizes))]

    def sinks(self, lengths: Sequence[int]) -> list[Any]:
        """Fresh arrays to write into."""
        sizes = [math.prod(shape) * (1 if axis is None else lengths[axis]) for axis, shape in self.shapes]
        return [np.empty(self.single), *_arrays(sizes)]

    def build(self, sinks: Sequence[Any], lengths: Sequence[int] = (), as_lists: bool = False) -> Any:
        """The result, from filled sinks; what runs along lanes, for `lengths` points, as arrays, or as lists."""
        template = self.template
        if type(template) is Number:
            return sinks[0].item()
        if type(template) is Array:
            return sinks[template.sink].reshape(template.shape)
        return _Building(sinks, lengths, as_lists).built(template)


def _arrays(sizes: Sequence[int]) -> list[Any]:
    """Fresh arrays. Large ones are parts of one block, because the operating system hands out memory page by page, at
    a microsecond each, unless a block is large enough for huge pages; NumPy asks for those from 4 MB on."""
    if sum(sizes) < LARGE:
        return list(map(np.empty, sizes))
    block = np.empty(max(sum(sizes) + 8 * len(sizes), HUGE))
    found, start = [], 0
    for size in sizes:
        found.append(block[start : start + size])
        start += size + -size % 8  # each begins where a vector may
    return found


class Number(Record):
    """Number i of sink 0."""

    __slots__ = ("i",)

    def __init__(self, i: int) -> None:
        self.i = i


class Array(Record):
    """A sink as an array."""

    __slots__ = ("shape", "sink")

    def __init__(self, sink: int, shape: tuple[int, ...]) -> None:
        self.sink, self.shape = sink, shape


class Lanes(Record):
    """A sink as a batch along a lane axis: an array, or a list whose elements are nested like `point`."""

    __slots__ = ("axis", "point", "shape", "sink")

    def __init__(self, sink: int, axis: int, shape: tuple[int, ...], point: Any) -> None:
        self.sink, self.axis, self.shape = sink, axis, shape
        self.point = None if point is None else rebuild(point, repeat(0.0))


class _Building:
    """Putting a result together from sinks."""

    def __init__(self, sinks: Sequence[Any], lengths: Sequence[int], as_lists: bool) -> None:
        self.sinks, self.lengths, self.as_lists = sinks, lengths, as_lists
        self.numbers = sinks[0].tolist()

    def built(self, template: Any) -> Any:
        kind = type(template)
        if kind is Number:
            return self.numbers[template.i]
        if kind is Array:
            return self.sinks[template.sink].reshape(template.shape)
        if kind is Lanes:
            rows = self.sinks[template.sink].reshape(self.lengths[template.axis], *template.shape)
            if template.point is None:
                return rows.tolist() if self.as_lists else rows
            return [rebuild(template.point, iter(row)) for row in rows.tolist()]
        if isinstance(template, dict):
            return refilled(template, {k: self.built(child) for k, child in template.items()})
        children = [self.built(child) for child in template]
        return kind(*children) if hasattr(template, "_fields") else kind(children)
