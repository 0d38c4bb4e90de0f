"""From flat sinks to results: the layout of what a traced function returned, and how a result is rebuilt from it."""

from __future__ import annotations

import math
from itertools import repeat

from ...containers import flatten, is_array, is_container, is_whole, members, rebuild, too_deep, with_children
from ...errors import NumberError, OutputError, ProgramError, StructureError
from ...records import attributes, is_record, map_attributes
from ..ir.program import Record
from ..runtime import memory
from ..trace.conditions import Condition, refuse_returned
from ..trace.lazy_arrays import LaneArray, LaneList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...value import Value
    from ..ir.program import Output

__all__ = ["AlongAxis", "Array", "Number", "Result"]


class Result:
    """The layout of a traced function's result: the sink of every number, and a template to rebuild the result from.

    ``outputs`` are (number, sink, offset, stride, lane axis or None); sink 0 collects single numbers, each array
    is a sink of its own.
    """

    def __init__(self, output: Any) -> None:
        self.outputs: list[tuple[Any, int, int, int, int | None]] = []
        self.single = 0
        self.are_nodes: list[bool] = []  # of single numbers: whether they are Values, computed from ``leaves``
        self.leaves: tuple[Value, ...] = ()
        self.shapes: list[tuple[int | None, tuple[int, ...]]] = []  # of sinks 1, 2, ...: lane axis or None, shape
        try:
            self.template = self._read(output)
        except RecursionError:
            raise too_deep("the function's result") from None

    def _read(self, x: Any) -> Any:
        if isinstance(x, (LaneArray, LaneList)) and x.is_intact:
            return self._read_lanes(x)
        if isinstance(x, Condition):
            refuse_returned("a compiled function")
        if is_container(x):
            x = list(x) if type(x) is LaneList else x  # the caller changed it: its elements count
            return with_children(x, lambda _, child: self._read(child))
        if is_whole(x):
            return x  # static: the result has the very object
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
        if isinstance(x, LaneArray):
            return AlongAxis(sink, x.axis, shape, None, x.holds_arrays)
        return AlongAxis(sink, x.axis, shape, x.point)

    def require_room(self, outputs: Sequence[Output]) -> None:
        """Raise `ProgramError` unless all `outputs` stay in their sinks, whatever the numbers of points are.

        Compiled programs write without bounds checks, so each program is checked here once.
        """
        room = [(None, self.single), *((axis, math.prod(shape)) for axis, shape in self.shapes)]
        for out in outputs:
            axis, size = room[out.sink] if 0 <= out.sink < len(room) else (None, 0)
            if out.axis != axis or not (0 <= out.offset < size and 0 <= out.stride <= size):
                raise ProgramError(
                    f"the program writes {out}, but that sink has {size} numbers for each point of lane axis {axis}; "
                    "please report this"
                )

    def require_same(self, other: Result) -> None:
        """Raise `StructureError` unless another variant of the function returns numbers in the same arrangement."""
        if self is other:
            return
        if repr(self.template) != repr(other.template) or self.shapes != other.shapes:
            raise StructureError(
                "the function returns differently nested results on different ways through it; "
                "all points of a batch need one kind of result"
            )

    @property
    def offsets(self) -> list[int]:
        """The offset of each sink in one array of all, where nothing runs along lanes."""
        sizes = [self.single, *(math.prod(shape) for _, shape in self.shapes)]
        return [sum(sizes[:k]) for k in range(len(sizes))]

    def sinks(self, lengths: Sequence[int]) -> list[Any]:
        """Uninitialised sinks for a call with lane axes of these lengths."""
        sizes = [math.prod(shape) * (1 if axis is None else lengths[axis]) for axis, shape in self.shapes]
        return memory.fresh_sinks([self.single, *sizes])

    def build(
        self,
        sinks: Sequence[Any],
        lengths: Sequence[int] = (),
        as_lists: bool = False,
        node: Callable[[int, float], Any] | None = None,
        part: Any = None,
    ) -> Any:
        """The result, or a `part` of its template, from filled sinks.

        Batches along lanes, of `lengths` points, are arrays, or lists if ``as_lists``. `node` makes a Value of a single
        number, given its place in the order of `flatten`, wherever the eager result is one.
        """
        template = self.template if part is None else part
        if type(template) is Number and node is None and len(sinks[0]) == 1:
            return sinks[0].item()
        if type(template) is Array:
            return sinks[template.sink].reshape(template.shape)
        numbers = sinks[0].tolist()
        if node is not None:
            places = self.places(lengths)
            numbers = [
                node(place, x) if is_node else x
                for x, place, is_node in zip(numbers, places, self.are_nodes, strict=True)
            ]
        return _Building(sinks, numbers, lengths, as_lists).built(template)

    def places(self, lengths: Sequence[int]) -> list[int]:
        """The places of the single numbers in the order of `flatten`."""
        found: list[int] = []
        self.count_of(self.template, lengths, found)
        return found

    def count_of(self, template: Any, lengths: Sequence[int], found: list[int], before: int = 0) -> int:
        """The count of numbers in the part of the result that `template` describes.

        The places of single numbers, counted on from `before`, are appended to `found`.
        """
        if type(template) is Number:
            found.append(before)
            return 1
        if type(template) is Array:
            return math.prod(template.shape)
        if type(template) is AlongAxis:
            return math.prod(template.shape) * lengths[template.axis]
        if not is_container(template):
            return int(is_whole(template))
        count = 0
        for child in (attributes(template) if is_record(template) else members(template)).values():
            count += self.count_of(child, lengths, found, before + count)
        return count


class Number(Record):
    """A single number: number i of sink 0."""

    __slots__ = ("i",)

    def __init__(self, i: int) -> None:
        self.i = i


class Array(Record):
    """An array, whose elements are a sink."""

    __slots__ = ("shape", "sink")

    def __init__(self, sink: int, shape: tuple[int, ...]) -> None:
        self.sink, self.shape = sink, shape


class AlongAxis(Record):
    """A batch along a lane axis, whose numbers are a sink: an array, or a list whose elements are nested like `point`.

    Where the function was mapped over lists an array becomes a list too: of arrays, if it `holds_arrays`.
    """

    __slots__ = ("axis", "holds_arrays", "point", "shape", "sink")

    def __init__(self, sink: int, axis: int, shape: tuple[int, ...], point: Any, holds_arrays: bool = False) -> None:
        self.sink, self.axis, self.shape, self.holds_arrays = sink, axis, shape, holds_arrays
        self.point = None if point is None else rebuild(point, repeat(0.0))


class _Building:
    """The walk over a template that puts a result together from sinks."""

    def __init__(self, sinks: Sequence[Any], numbers: Sequence[Any], lengths: Sequence[int], as_lists: bool) -> None:
        self.sinks, self.numbers, self.lengths, self.as_lists = sinks, numbers, lengths, as_lists

    def built(self, template: Any) -> Any:
        kind = type(template)
        if kind is Number:
            return self.numbers[template.i]
        if kind is Array:
            return self.sinks[template.sink].reshape(template.shape)
        if kind is AlongAxis:
            rows = self.sinks[template.sink].reshape(self.lengths[template.axis], *template.shape)
            if template.point is None:
                if not self.as_lists:
                    return rows
                return list(rows) if template.holds_arrays else rows.tolist()
            return [rebuild(template.point, iter(row)) for row in rows.tolist()]
        if is_record(template):
            return map_attributes(template, lambda _, child: self.built(child))
        return with_children(template, lambda _, child: self.built(child))
