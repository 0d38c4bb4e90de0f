"""Lanes: vmap while a function is traced, by one run for all points along a lane axis.

Each number of a point is one node that stands for all points. A Value from outside enters the mapped function by one
`spread`, so that a gradient taken outside sums over the points, as in the plain loop.
"""

from __future__ import annotations

import math

import numpy as np

from ...containers import (
    are_alike,
    flatten,
    is_array,
    is_structure,
    members,
    rebuild,
    shape_of,
    stays_apart,
    with_children,
)
from ...errors import NumberError, OutputError, StructureError, TracingError
from ...graph import ancestors, new_ancestors
from ...ops.arithmetic import identity
from ...value import Value, describe, tick
from ...vmap import batch_length, holds_array, take
from ..ir.lane_ops import ENTERING, LEAVING, collect, lane_node, spread
from ..ir.program import Input
from .bool_arrays import Mask, as_mask
from .branches import joined
from .conditions import Condition, refuse_returned
from .lazy_arrays import ArgumentArray, LaneArray, LaneList, LazyArray, as_objects, copied, is_same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ...value import Number
    from .run import RunningTrace

__all__ = ["Lanes"]


COLLECTED = 256
"""Points from which numbers that were computed one by one are worth a lane axis, into which each must be collected."""


class NotAlongLanesError(Exception):
    """Points that are few, or not evenly spaced in one array: the plain loop maps them."""


class Lanes:
    """The lane axes of a trace: ``lengths`` are the numbers of points along each."""

    def __init__(self, trace: RunningTrace) -> None:
        self.trace = trace
        self.lengths: list[int] = []
        self.gives_lists = False  # the arrays that the outermost map gets were lists, and its results become lists
        self._within: tuple[list[Value], int] | None = None  # the numbers of a running map's points, and its axis
        self._entered: list[Value] = []
        self._known_axes: dict[Value, Any] = {}

    def vmap(
        self, f: Callable[..., Any], axes: Sequence[int | None], args: Sequence[Any], named: dict[str, Any]
    ) -> tuple[Any] | None:
        """The result of `f` for all points, by one run for each way that they take; None if the plain loop must map."""
        if self._within is not None:
            return None  # a map inside a mapped function is a loop
        started = tick()
        is_batch = self.trace.is_mapped and not self.lengths
        first_guard = len(self.trace.guards)
        self._entered = []
        try:
            batches = [self._point(x, axis) for x, axis in zip(args, axes, strict=True)]
            named_batches = {name: self._point(x, 0) for name, x in named.items()}
            n = next(length for _, length in [*batches, *named_batches.values()] if length)
            axis = self._axis(n)
            self._within = self._entered, axis
            points = [point for point, length in [*batches, *named_batches.values()] if length]

            def call() -> Any:
                """One run of `f`, on points that no run before has written to."""
                fresh = [copied(point) if length else point for point, length in batches]
                named_fresh = {name: copied(point) for name, (point, _) in named_batches.items()}
                found = f(*fresh, **named_fresh)
                given = [point for point, (_, length) in zip(fresh, batches, strict=True) if length]
                if not is_batch and not all(map(is_same, [*given, *named_fresh.values()], points)):
                    raise NotAlongLanesError  # the batch must have what was written to its point
                return found

            output = call() if is_batch else joined(self.trace, call, self._entered, axis)
        except (NotAlongLanesError, StructureError):  # a loop may return differently nested results
            if is_batch:
                raise
            del self.trace.guards[first_guard:]
            return None
        finally:
            self._within = None
        numbers = [x for x in _numbers(output) if isinstance(x, Value)]
        order = ancestors(*numbers, *[node for node, _, _ in self.trace.guards[first_guard:]])
        self._find_axes([node for node in order if node not in self._known_axes])
        axis_of = {node: self._known_axes[node] for node in order}
        self._refuse_strangers(axis_of, numbers, started)
        self._spread_outside_values(axis_of, axis)
        mapped = [*named.values(), *(x for x, a in zip(args, axes, strict=True) if a is not None)]
        as_arrays = any(map(holds_array, mapped))
        gives_lists, self.gives_lists = self.gives_lists, False

        def along(x: Number) -> Value:
            is_along = isinstance(x, Value) and axis_of[x] is not None
            return x if is_along else lane_node(spread, x, float(axis))  # type: ignore[return-value]  # a Value then

        def collected(part: Any) -> Any:
            """The batch of a part of one point's result: batch axis first, tuples and dicts outside, as in the loop."""
            if is_structure(part) or (as_arrays and not gives_lists and stays_apart(part)):
                return with_children(part, lambda _, child: collected(child))
            numbers = [along(x) for x in flatten(part)]
            if as_arrays and (_is_regular(part) or not gives_lists):
                array = LaneArray(n, axis, numbers, shape_of(part))
                array.holds_arrays = is_array(part) and bool(part.shape)
                return array
            return LaneList(n, axis, rebuild(part, iter(numbers)))

        return (collected(output),)

    def _axis(self, n: int) -> int:
        if n not in self.lengths:
            self.lengths.append(n)
        return self.lengths.index(n)

    def axis_of(self, x: Value) -> int | None:
        """The lane axis along which a node holds its numbers; None for one number."""
        known = self._known_axes
        if x not in known:
            self._find_axes(new_ancestors(x, known))
        axis: int | None = known[x]
        return axis

    def _find_axes(self, order: Iterable[Value]) -> None:
        """Find the lane axes of nodes given in topological order."""
        known = self._known_axes
        for node in order:
            if not node.inputs:
                found = self.trace.inputs.get(node)
                known[node] = found.axis if found else None
            elif node.op in ENTERING or node.op in LEAVING:
                known[node] = int(node.inputs[-1]) if node.op in ENTERING else None
            else:
                axes = [known[x] for x in node.inputs if type(x) is not float]
                known[node] = next((axis for axis in axes if axis is not None), None)

    def branching(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """`f` for a map inside a mapped function: each lane of the outer map takes its own way through it."""
        if self._within is None:
            return f
        entered, axis = self._within

        def of_point(*args: Any, **named: Any) -> Any:
            given = [*args, *named.values()]
            untouched = list(map(copied, given))
            runs = 0

            def call() -> Any:
                nonlocal runs
                if runs:
                    require_untouched()
                runs += 1
                return f(*args, **named)

            def require_untouched() -> None:
                if not all(map(is_same, given, untouched)):
                    raise TracingError(
                        "the function of a vmap inside a mapped function writes to its arguments, and the points of "
                        "the map around it take several ways through it. Let it return what it writes, or copy its "
                        "argument first"
                    )

            found = joined(self.trace, call, entered, axis)
            if runs > 1:
                require_untouched()
            return found

        return of_point

    def _refuse_strangers(self, axis_of: dict[Value, int | None], outputs: Iterable[Value], started: int) -> None:
        """Raise `TracingError` if points of another map are used, which would be paired with this map's points."""
        own = set(self._entered)
        strangers = {x for x, axis in axis_of.items() if x._clock < started and axis is not None} - own
        if strangers:
            new = [node for node in axis_of if node._clock >= started and node not in own and node.op not in LEAVING]
            used = [x for node in new for x in node.inputs]
            for x in [*used, *outputs]:
                if x in strangers:
                    refuse_stranger(x)

    def _spread_outside_values(self, axis_of: dict[Value, int | None], axis: int) -> None:
        """Make each Value from outside enter the lanes by one `spread`, so that its derivative sums over the points."""
        entered: dict[Value, Value] = {}

        def along(x: Any) -> Any:
            if type(x) is float or axis_of[x] is not None:
                return x
            if x not in entered:
                entered[x] = lane_node(spread, x, float(axis))
            return entered[x]

        for node, along_axis in axis_of.items():
            if along_axis is not None and node.inputs and node.op not in ENTERING:
                node.inputs = tuple(map(along, node.inputs))

    def _point(self, batch: Any, axis: int | None) -> tuple[Any, int]:
        """One point of `batch` as Values along a lane axis, and the number of points; 0 if it is not mapped."""
        if axis is None:
            return batch, 0
        if is_structure(batch):
            found = [self._point(member, axis) for member in members(batch).values()]
            points = iter([point for point, _ in found])
            return with_children(batch, lambda *_: next(points)), found[0][1] if found else 0
        if isinstance(batch, LazyArray) and not batch.is_intact:
            batch = batch.whole()
        if isinstance(batch, LaneArray):
            if axis not in (0, -batch.ndim):
                raise NotAlongLanesError
            return as_objects(list(map(self._again, batch.point)), batch.shape[1:]), batch.n
        if isinstance(batch, LaneList) and batch.is_intact and axis == 0:
            return rebuild(batch.point, map(self._again, flatten(batch.point))), batch.n
        if isinstance(batch, Mask):
            point, n = self._point(batch.numbers, axis)
            return as_mask(point), n
        if isinstance(batch, ArgumentArray):
            point, n = self._point_of_array(batch, axis, batch.source, batch.name)
            return _as_lists(point, batch.depth), n
        if is_array(batch) and batch.dtype != object:
            numbers = np.ascontiguousarray(batch, dtype=float)
            self.trace.sources.append(numbers.reshape(-1))
            return self._point_of_array(numbers, axis, len(self.trace.sources) - 1, "constant")
        if is_array(batch) and batch.ndim == 1:
            return self._column(flatten(batch)), len(batch)
        rows = [take(batch, axis, i) for i in range(batch_length(batch, axis, "a batch"))]
        flat = [flatten(row) for row in rows]
        if len({len(numbers) for numbers in flat}) > 1 or not are_alike(rows):
            raise NotAlongLanesError  # a ragged batch, or points of several kinds
        columns = zip(*flat, strict=True)
        return rebuild(rows[0], iter([self._column(column) for column in columns])), len(rows)

    def _point_of_array(self, array: Any, axis: int, source: int, name: str) -> tuple[Any, int]:
        """Point 0 along `axis` of an array that lies in `source` in C order."""
        n, rest = array.shape[axis], [i for i in range(array.ndim) if i != axis % array.ndim]
        strides = [math.prod(array.shape[i + 1 :]) for i in range(array.ndim)]
        along = self._axis(n)
        values = []
        for index in np.ndindex(*[array.shape[i] for i in rest]):
            offset = sum([k * strides[i] for k, i in zip(index, rest, strict=True)])
            shown = list(map(str, index))
            shown.insert(axis % array.ndim, ":")
            values.append(self._lane_input(f"{name}[{', '.join(shown)}]", source, offset, strides[axis], along))
        return as_objects(values, tuple([array.shape[i] for i in rest])), n

    def _column(self, numbers: Sequence[Number]) -> Number:
        """The lane node of one number of each point: evenly spaced inputs, constants, or collected nodes."""
        along = self._axis(len(numbers))
        if all([type(x) is float for x in numbers]):
            if len({x.hex() for x in numbers}) == 1:
                return numbers[0]
            self.trace.sources.append(np.array(numbers, dtype=float))
            return self._lane_input("constant[:]", len(self.trace.sources) - 1, 0, 1, along)
        found = [self.trace.inputs.get(x) if isinstance(x, Value) else None for x in numbers]
        first, second = found[0], found[1] if len(found) > 1 else None
        stride = second.offset - first.offset if first and second else 0
        if first and all(
            x and x.axis is None and (x.source, x.offset) == (first.source, first.offset + i * stride)
            for i, x in enumerate(found)
        ):
            return self._lane_input(f"{first.name}...", first.source, first.offset, stride, along)
        if len(numbers) < COLLECTED:
            raise NotAlongLanesError
        return self._enter(lane_node(collect, *numbers, float(along)))

    def _lane_input(self, name: str, source: int, offset: int, stride: int, axis: int) -> Value:
        point = self.trace.point if self.trace.is_batch_axis(axis) else 0
        value = Value(float(self.trace.sources[source][offset + stride * point]))
        value._clock = self.trace.start - 1  # the trace did not compute it
        self.trace.inputs[value] = Input(name, source, offset, stride, axis)
        return self._enter(value)

    def _again(self, x: Number) -> Number:
        """A number of another map's result as one of this map's points: a new node, unlike those kept from there."""
        return self._enter(identity(x)) if isinstance(x, Value) else x

    def _enter(self, value: Value) -> Value:
        self._entered.append(value)
        return value


def refuse_stranger(x: Value) -> None:
    """Raise `TracingError` about a lane node that is used outside its map."""
    raise TracingError(
        f"{describe(x)} stands for all points of a vmap that is over; what was kept from there cannot be used elsewhere"
        " while a function is compiled. Return it from the mapped function and take what you need of the result"
    )


def _as_lists(point: Any, depth: int) -> Any:
    """An array with its first `depth` axes as nested lists."""
    return [_as_lists(row, depth - 1) for row in point] if depth else point


def _is_regular(part: Any) -> bool:
    """Whether a list may become an array: it has rows of equal shape, and no tuples, dicts or arrays."""
    if isinstance(part, list):
        return not any(map(is_array, part)) and all(map(_is_regular, part)) and len(set(map(shape_of, part))) < 2
    return not is_structure(part)


def _refuse_comparisons(output: Any) -> Any:
    if isinstance(output, Condition):
        refuse_returned("a mapped function")
    return with_children(output, lambda _, child: _refuse_comparisons(child))


def _numbers(output: Any) -> list[Any]:
    _refuse_comparisons(output)
    try:
        return flatten(output, "the mapped function's result")
    except NumberError as error:
        raise OutputError(f"{error}. A mapped function returns numbers, or containers of them") from None
