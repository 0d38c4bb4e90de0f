"""Tracing: one run of a function on Values that stand for whatever numbers it will be called with.

The graph that appears is the program. What Python decides on the way (``if x > 0``) becomes a guard; what a rule lets
through under a condition becomes a `where`; a `vmap` over many points is run once, for all of them, along a lane axis.
"""

from __future__ import annotations

import math
import os
import sys

import numpy as np

from ..backprop import rule_entries
from ..containers import flatten, is_array, rebuild, shape_of
from ..errors import NumberError, OutputError, TracingError
from ..graph import ancestors
from ..op import quiet
from ..ops.arithmetic import add, sub
from ..ops.selection import equal, less, less_equal, where
from ..tracing import state
from ..value import Value, describe, record, tick
from ..vmap import batch_length, holds_array, take
from .arrays import ArgumentArray, LaneArray, LaneList, as_objects
from .laneops import ENTERING, LEAVING, spread
from .program import Builder, Guard, Input, Output, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ..op import Op
    from ..value import Entry, Number

__all__ = ["CAPTURED", "FIRST_ARRAY", "NUMBERS", "Condition", "Trace"]

NUMBERS, CAPTURED, FIRST_ARRAY = 0, 1, 2
"""The sources of a call: plain numbers among the arguments, captured Values, then one array after the other."""

COMPARISONS = frozenset({less, less_equal, equal})

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Condition:
    """A comparison of traced Values: decided, and then guarded, where Python needs its truth; free in `where`.

    ``&``, ``|``, ``^`` and ``~`` combine conditions without deciding them; as a number one is 0 or 1, like a bool.
    """

    __slots__ = ("negated", "node", "trace")

    def __init__(self, trace: Trace, node: Value, negated: bool) -> None:
        self.trace, self.node, self.negated = trace, node, negated

    def __bool__(self) -> bool:
        return self.trace.decide(self.node) is not self.negated

    def value(self) -> Value:
        """1.0 or 0.0 in the graph."""
        return record(sub, 1.0 - self.node._data, (1.0, self.node)) if self.negated else self.node

    def __index__(self) -> int:
        return int(bool(self))

    def __float__(self) -> float:
        return float(bool(self))

    def __add__(self, other: Any) -> Any:
        return int(self) + other

    def __sub__(self, other: Any) -> Any:
        return int(self) - other

    def __rsub__(self, other: Any) -> Any:
        return other - int(self)

    def __mul__(self, other: Any) -> Any:
        return int(self) * other

    __radd__, __rmul__ = __add__, __mul__

    def __and__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, _truth(other), 0.0), False)

    def __or__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, 1.0, _truth(other)), False)

    def __xor__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, 1.0 - _truth(other), _truth(other)), False)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Condition:
        return Condition(self.trace, self.node, not self.negated)


def _truth(x: Any) -> Any:
    return x.value() if isinstance(x, Condition) else float(bool(x))


class NotAlongLanesError(Exception):
    """Points that are not evenly spaced in one array: they are mapped by the plain loop."""


class Trace:
    """The tracer of `autograd_core.tracing`: what is known about one run.

    ``inputs`` maps the Values the function is run on to where their numbers come from; ``captured`` are the Values it
    found outside, ``arrays`` the arrays of numbers that it mapped over without their being arguments, ``lengths`` the
    number of points of each lane axis.
    """

    def __init__(self, inputs: dict[Value, Input], sources: Sequence[Any]) -> None:
        self.inputs = inputs
        self.sources = list(sources)
        self.captured: list[Value] = []
        self.lengths: list[int] = []
        self.guards: list[tuple[Value, bool, str]] = []
        self.within_lanes = False
        self._lane_inputs: dict[tuple[int, int, int, int], Value] = {}
        self._gates: dict[Value, tuple[Value | None, Number]] = {}  # of what is nothing under a condition
        self._not: dict[Value, Value] = {}  # of nodes that are 1.0 or 0.0, the opposite
        self._all: dict[frozenset[Value], Value] = {}  # products of such
        self.start = tick()  # leaves with an earlier clock were there before

    def __enter__(self) -> Trace:
        self._outer = state.tracer
        self._quiet = quiet()
        self._quiet.__enter__()
        state.tracer = self
        return self

    def __exit__(self, *_: object) -> None:
        state.tracer = self._outer
        self._quiet.__exit__()

    # What Python asks

    def compare(self, op: Op, x: Number, y: Number, negated: bool = False) -> Condition:
        """A comparison that is in the graph and not decided yet."""
        data = [side._data if isinstance(side, Value) else side for side in (x, y)]
        return Condition(self, record(op, op.forward(*data), (x, y)), negated)

    def decide(self, node: Value) -> bool:
        """The outcome of a comparison at the numbers of this run, kept as a guard."""
        if self.lengths and any(x.op in LEAVING for x in ancestors(node) if x.inputs):
            raise TracingError(
                f"{_place()}: a comparison of what comes out of a sum over vmap's points would need a branch in the "
                "middle of the compiled program; select with ag.where(condition, a, b)"
            )
        outcome = node._data != 0.0
        self.guards.append((node, outcome, _place()))
        return outcome

    def refuse_leaving(self, what: str, x: Value) -> None:
        """Raise `TracingError` if the number of `x` differs from call to call."""
        if any(not leaf.inputs and leaf._clock < self.start for leaf in ancestors(x)):
            raise TracingError(
                f"cannot {what} {describe(x)} while a function is compiled: its number differs from call to call. Keep "
                "computing with the Value itself, return it, and do the rest outside; gradients come from ag.grad or "
                "ag.backprop"
            )

    # What rules ask

    def choose(self, condition: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """The inputs of a `where` whose condition is a comparison, without deciding it."""
        if isinstance(condition, Condition):
            return (condition.node, b, a) if condition.negated else (condition.node, a, b)
        return condition, a, b

    def gate(self, condition: Any, yes: Entry, no: Entry) -> Entry:
        """`yes` or `no`, or a number for nothing; `entries` sees to it that it stays nothing."""
        if not isinstance(condition, (Condition, Value)):
            return yes if condition else no
        gradient = no if yes is None else yes
        if gradient is None:
            return None
        node, negated = (condition.node, condition.negated) if isinstance(condition, Condition) else (condition, False)
        return self._gated(self._truth(node, negated is not (yes is None)), gradient)

    def entries(self, node: Value, gradient: Number) -> Sequence[Entry]:
        """Where nothing arrives nothing is sent on, even if the rule would multiply the nothing by infinity."""
        arrives, inner = self._peeled(gradient)
        entries = rule_entries(node, inner)
        return entries if arrives is None else [e if e is None else self._gated(arrives, e) for e in entries]

    def settled(self, gradient: Number) -> Number:
        """A gradient that nothing more is added to: 0.0 where nothing has arrived."""
        arrives, inner = self._peeled(gradient)
        return gradient if arrives is None else record(where, data_of(gradient), (arrives, inner, 0.0))

    def times(self, partial: Number, tangent: Number) -> Any:
        """Their product, nothing where the partial derivative is nothing."""
        arrives, inner = self._peeled(partial)
        return inner * tangent if arrives is None else self._gated(arrives, inner * tangent)

    def tangent(self, node: Value, tangent_of: dict[Value, Any]) -> Any:
        """What enters or leaves the lanes does so in forward mode too; None for all other ops."""
        if node.op not in ENTERING and node.op not in LEAVING:
            return None
        tangent = tangent_of[node.inputs[0]]
        return record(node.op, node.op.forward(data_of(tangent), *node.inputs[1:]), (tangent, *node.inputs[1:]))

    def _truth(self, node: Value, negated: bool) -> Value:
        """1.0 where `node` is not zero, else 0.0; or the other way round."""
        if node.op not in COMPARISONS and node not in self._not:
            node, negated = equal(node, 0.0), not negated
        if node not in self._not:
            opposite = 1.0 - node
            self._not.update({node: opposite, opposite: node})
        return self._not[node] if negated else node

    def _both(self, one: Value, other: Value) -> Value:
        """Where two truths hold; the same Value for the same two."""
        key = frozenset((one, other))
        if key not in self._all:
            product = one * other if len(key) > 1 else one
            self._all[key] = product
            if product not in self._not:
                opposite = 1.0 - product
                self._not.update({product: opposite, opposite: product})
        return self._all[key]

    def _gated(self, holds: Value, gradient: Number) -> Value:
        """`gradient` where `holds`, else -0.0, which stands for nothing and changes no sum, not even one of zeros."""
        before, inner = self._peeled(gradient)
        if before is not None:
            holds = self._both(holds, before)
        gated = record(where, data_of(inner) if holds._data else -0.0, (holds, inner, -0.0))
        self._gates[gated] = holds, inner
        return gated

    def _peeled(self, gradient: Number) -> tuple[Value | None, Number]:
        """Where `gradient` is not nothing (None: everywhere), and what it is there."""
        if not isinstance(gradient, Value):
            return None, gradient
        if gradient not in self._gates and gradient.op is add:
            self._gates[gradient] = self._any_arrives(gradient), gradient
        return self._gates.get(gradient, (None, gradient))

    def _any_arrives(self, gradient: Number) -> Value | None:
        """Where at least one term of a sum arrives; None if one always does."""
        arrive: dict[Value, None] = {}
        while isinstance(gradient, Value) and gradient.op is add:
            gradient, last = gradient.inputs
            arrives = self._peeled(last)[0]
            if arrives is None or self._not[arrives] in arrive:
                return None
            arrive[arrives] = None
        arrives = self._peeled(gradient)[0]
        if arrives is None or self._not[arrives] in arrive:
            return None
        arrive[arrives] = None
        first, *others = [self._not[truth] for truth in arrive]
        for other in others:
            first = self._both(first, other)
        return self._not[first]

    # Lanes

    def vmap(
        self, f: Callable[..., Any], axes: Sequence[int | None], args: Sequence[Any], named: dict[str, Any]
    ) -> tuple[Any] | None:
        """Run `f` once for all points, if they are evenly spaced in arrays."""
        if self.within_lanes:
            return None
        try:
            batches = [self._point(x, axis) for x, axis in zip(args, axes, strict=True)]
            named_batches = {name: self._point(x, 0) for name, x in named.items()}
        except NotAlongLanesError:
            return None
        n = next(length for _, length in [*batches, *named_batches.values()] if length)
        axis = self._axis(n)
        first_guard = len(self.guards)
        self.within_lanes = True
        try:
            output = f(*[point for point, _ in batches], **{name: point for name, (point, _) in named_batches.items()})
        finally:
            self.within_lanes = False
        numbers = [x for x in _numbers(output) if isinstance(x, Value)]
        self._spread_outside_values([*numbers, *(node for node, _, _ in self.guards[first_guard:])], axis)
        mapped = [*named.values(), *(x for x, a in zip(args, axes, strict=True) if a is not None)]
        return (self._collected(output, n, axis, any(map(holds_array, mapped))),)

    def _axis(self, n: int) -> int:
        if n not in self.lengths:
            self.lengths.append(n)
        return self.lengths.index(n)

    def axes_of(self, order: Iterable[Value]) -> dict[Value, int | None]:
        """The lane axis along which each node of `order` (inputs first) holds its numbers."""
        known: dict[Value, int | None] = {}
        for node in order:
            if not node.inputs:
                found = self.inputs.get(node)
                known[node] = found.axis if found else None
            elif node.op in ENTERING or node.op in LEAVING:
                known[node] = int(node.inputs[-1]) if node.op in ENTERING else None
            else:
                axes = [known[x] for x in node.inputs if type(x) is not float]
                known[node] = next((axis for axis in axes if axis is not None), None)
        return known

    def _spread_outside_values(self, roots: Sequence[Value], axis: int) -> None:
        """Let each Value from outside enter the lanes by one `spread`, so that its derivative sums over the points."""
        axis_of = self.axes_of(ancestors(*roots))
        entered: dict[Value, Value] = {}

        def along(x: Any) -> Any:
            if type(x) is float or axis_of[x] is not None:
                return x
            if x not in entered:
                entered[x] = record(spread, x._data, (x, float(axis)))
            return entered[x]

        for node, along_axis in axis_of.items():
            if along_axis is not None and node.inputs and node.op not in ENTERING:
                node.inputs = tuple(map(along, node.inputs))

    def _collected(self, output: Any, n: int, axis: int, as_arrays: bool) -> Any:
        """The output of one point as that of all: batch first, tuples and dicts outside, as the plain loop has it."""
        if isinstance(output, dict):
            return {key: self._collected(child, n, axis, as_arrays) for key, child in output.items()}
        if isinstance(output, tuple):
            return tuple(self._collected(child, n, axis, as_arrays) for child in output)
        numbers = flatten(output, "the mapped function's result")
        axis_of = self.axes_of(ancestors(*[x for x in numbers if isinstance(x, Value)]))
        numbers = [
            x if isinstance(x, Value) and axis_of[x] is not None else record(spread, data_of(x), (x, float(axis)))
            for x in numbers
        ]
        if as_arrays:
            return LaneArray(n, axis, numbers, shape_of(output))
        return LaneList(n, axis, rebuild(output, iter(numbers)))

    def _point(self, batch: Any, axis: int | None) -> tuple[Any, int]:
        """One point of `batch` as Values along a lane axis, and how many points there are; 0 if it is not mapped."""
        if axis is None:
            return batch, 0
        if isinstance(batch, (dict, tuple)):
            items = list(batch.items() if isinstance(batch, dict) else enumerate(batch))
            points = {key: self._point(member, axis) for key, member in items}
            n = next(iter(points.values()))[1] if points else 0
            point = {key: member for key, (member, _) in points.items()}
            return (point if isinstance(batch, dict) else tuple(point.values())), n
        if isinstance(batch, LaneArray):
            if axis not in (0, -batch.ndim):
                raise NotAlongLanesError
            return as_objects(batch.point, batch.shape[1:]), batch.n
        if isinstance(batch, LaneList) and batch.is_intact and axis == 0:
            return batch.point, batch.n
        if isinstance(batch, ArgumentArray):
            return self._point_of_array(batch, axis, batch.source, batch.name)
        if is_array(batch) and batch.dtype != object:
            numbers = np.ascontiguousarray(batch, dtype=float)
            self.sources.append(numbers.reshape(-1))
            return self._point_of_array(numbers, axis, len(self.sources) - 1, "constant")
        rows = [take(batch, axis, i) for i in range(batch_length(batch, axis, "a batch"))]
        flat = [flatten(row) for row in rows]
        if len({len(numbers) for numbers in flat}) > 1:
            raise NotAlongLanesError  # a ragged batch
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
        """One number of each point: evenly spaced inputs, or numbers known now."""
        along = self._axis(len(numbers))
        if all([type(x) is float for x in numbers]):
            if len({x.hex() for x in numbers}) == 1:
                return numbers[0]
            self.sources.append(np.array(numbers, dtype=float))
            return self._lane_input("constant[:]", len(self.sources) - 1, 0, 1, along)
        found = [self.inputs.get(x) if isinstance(x, Value) else None for x in numbers]
        first = found[0]
        stride = found[1].offset - first.offset if first and len(found) > 1 and found[1] else 0
        for i, x in enumerate(found):
            if (
                not first
                or not x
                or x.axis is not None
                or (x.source, x.offset) != (first.source, first.offset + i * stride)
            ):
                raise NotAlongLanesError
        assert first is not None
        return self._lane_input(f"{first.name}...", first.source, first.offset, stride, along)

    def _lane_input(self, name: str, source: int, offset: int, stride: int, axis: int) -> Value:
        key = (source, offset, stride, axis)
        if key not in self._lane_inputs:
            value = Value(float(self.sources[source][offset]))
            value._clock = self.start - 1  # it comes from outside
            self._lane_inputs[key] = value
            self.inputs[value] = Input(name, *key)
        return self._lane_inputs[key]

    # The program

    def program(self, outputs: Sequence[tuple[Number, int, int, int, int | None]]) -> Program:
        """The graph above `outputs` as a program; each is a number, and where it goes as an `Output` says."""
        asked = [node for node, _, _ in self.guards]
        order = ancestors(*asked, *[x for x, *_ in outputs if isinstance(x, Value)])
        builder = Builder()
        at: dict[Value, int] = {}
        for value, place in self.inputs.items():
            if place.axis is None or value in order:
                at[value] = builder.add(place)
        for node in order:
            if node not in at:
                at[node] = self._add(builder, node, at)

        def position(x: Number) -> int:
            return at[x] if isinstance(x, Value) else builder.constant(x)

        return Program(
            builder.nodes,
            [Output(position(x), sink, offset, stride, axis) for x, sink, offset, stride, axis in outputs],
            [Guard(at[node], expected, place) for node, expected, place in self.guards],
            len(self.lengths),
        )

    def _add(self, builder: Builder, node: Value, at: dict[Value, int]) -> int:
        if node.inputs:
            if node._clock < self.start:
                raise TracingError(
                    f"the function uses {describe(node)}, which '{node.op}' computed outside of it: its value would be "
                    "frozen. Compute it inside, or make a leaf of it: Value(x.data)"
                )
            args = tuple([builder.constant(x) if type(x) is float else at[x] for x in node.inputs])
            return builder.add(Step(node.op, args, node.name))
        if node._clock >= self.start:
            return builder.constant(node._data)
        self.captured.append(node)
        return builder.add(Input(node.name or "captured", CAPTURED, len(self.captured) - 1))


def _numbers(output: Any) -> list[Any]:
    try:
        return flatten(output, "the mapped function's result")
    except NumberError as error:
        raise OutputError(f"{error}. A mapped function returns numbers, or containers of them") from None


def data_of(x: Number) -> float:
    """The number at which the function is traced."""
    return x._data if isinstance(x, Value) else x


def _place() -> str:
    """Where the user's code is: the first line below us that is not the library's."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else "?"
