"""The tracer: records one run of a function on Values that stand for the numbers of any call.

The recorded graph is the program. A decision of Python (``if x > 0``) becomes a guard; a gradient under a condition
becomes a `where`; a `vmap` over many points is run once, for all of them, along a lane axis.
"""

from __future__ import annotations

import numpy as np

from ...backprop import rule_entries
from ...errors import TracingError
from ...graph import ancestors, new_ancestors
from ...op import quiet
from ...ops.arithmetic import identity, stop_gradient
from ...ops.selection import copysign, equal, less, where
from ...tracing import state
from ...value import Value, data_of, describe, record, tick
from ..ir.from_graph import from_graph
from ..ir.lane_ops import ENTERING, LEAVING, collect, lane_node, pick
from ..ir.program import Input, Program
from .conditions import Condition, compared
from .evaluation import Numbers
from .gated_gradients import Gates
from .lanes import Lanes, refuse_stranger
from .lazy_arrays import reduced
from .source_lines import calling_line, text_of_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from ...op import Op
    from ...value import Entry, Number
    from .branches import Way
    from .run import TracedGuard

    Runner: TypeAlias = Callable[[Program, Sequence[Any], Sequence[int], Sequence[Any]], None]
    """A function that runs a program, given sources, numbers of points, sinks."""

__all__ = ["CAPTURED", "FIRST_ARRAY", "NUMBERS", "Trace"]

NUMBERS, CAPTURED, FIRST_ARRAY = 0, 1, 2
"""The sources of a call: plain numbers among the arguments, captured Values, then one array after the other."""


class Trace:
    """The tracer of one run, which `autograd_core.tracing` calls.

    ``inputs`` maps the Values the function is run on to the `Input` of each; ``captured`` are the Values it found
    outside, and ``known`` their numbers in this call, which decide guards if `is_exact`. ``sources`` are the arrays of
    the inputs; constant arrays that the function maps over are appended. `run` runs a program on such sources.

    If ``is_mapped``, the first map is that over the points of the call: it is run at `point`, and `points` are those
    that lack an answer.
    """

    way: Way | None = None  # the way through a mapped function that is being recorded

    def __init__(
        self,
        inputs: dict[Value, Input],
        sources: Sequence[Any],
        *,
        captured: list[Value] | None = None,
        known: dict[Value, float] | None = None,
        is_exact: bool = False,
        run: Runner | None = None,
        is_mapped: bool = False,
        point: int = 0,
        points: Any = None,
    ) -> None:
        self.inputs = inputs
        self.sources = list(sources)
        self.captured = [] if captured is None else captured
        self._captured_at = {x: i for i, x in enumerate(self.captured)}
        self.known = {} if known is None else known
        self._numbers = Numbers(self, point) if is_exact else None
        self._run = run
        self.is_mapped, self.point, self.points = is_mapped, point, points
        self.guards: list[TracedGuard] = []
        self.plain: set[Value] = set()  # nodes that eagerly are plain numbers, or bools
        self.shown_numbers: list[str] = []  # numbers that the function wrote into texts
        self.gates = Gates()
        self.lanes = Lanes(self)
        self._places = False  # whether a gradient of a single point has been placed
        self._below_sums: dict[Value, Any] = {}
        self.born: set[Value] = set()  # leaves made while the function runs: constants
        self.start = tick()  # nodes with an earlier clock were there before

    def record(self, f: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """f(*args, **named), recorded. The thread's outer tracer is restored, also after a signal's exception."""
        outer = state.tracer
        with quiet():
            try:
                state.tracer = self
                return f(*args, **named)
            finally:
                state.tracer = outer

    # Hooks of Python's comparisons, conversions and copies

    def compare(self, op: Op, x: Any, y: Any, negated: bool = False) -> Condition:
        """The condition of a comparison, which is a node of the graph and not decided yet."""
        node = compared(op, x, y)
        self.plain.add(node)
        return Condition(self, node, negated)

    def decide(self, node: Value) -> bool:
        """The outcome of a comparison at the numbers of this run, kept as a guard."""
        axis = self.lanes.axis_of(node) if self.lanes.lengths else None
        if axis is None and self.lanes.lengths and self._is_below_sum(node):
            raise TracingError(
                f"{text_of_line(calling_line())}: a comparison of what comes out of a vmap, a sum over its points or "
                "the result of one, would need a branch in the middle of the compiled program; select with "
                "ag.where(condition, a, b), take the largest by ag.max, and sort outside"
            )
        if axis is not None and self.way is not None:
            return self.way.decide(node, calling_line())
        if axis is not None and not self.is_batch_axis(axis):
            refuse_stranger(node)
        outcome = self._number_of(node) != 0.0
        self.guards.append((node, outcome, calling_line()))
        return outcome

    def _is_below_sum(self, x: Value) -> bool:
        """Whether a node depends on numbers that have left a lane axis."""
        known = self._below_sums
        for node in new_ancestors(x, known):
            known[node] = node.op in LEAVING or any([known[a] for a in node.inputs if type(a) is not float])
        return bool(known[x])

    def is_batch_axis(self, axis: int) -> bool:
        """Whether a lane axis is the batch of the call, whose points are split among programs by their guards."""
        return self.is_mapped and axis == 0

    def points_of(self, axis: int) -> Any:
        """A mask of the points along a lane axis that matter: all, or of the call's batch those that lack an answer."""
        found = np.ones(self.lanes.lengths[axis], bool)
        if self.is_batch_axis(axis) and self.points is not None:
            found[:] = False
            found[np.asarray(self.points, int)] = True
        return found

    def batch_guards(self, axis: int) -> list[TracedGuard]:
        """The guards so far along the batch of the call, if `axis` is that; else none."""
        if not self.is_batch_axis(axis):
            return []
        return [guard for guard in self.guards if self.lanes.axis_of(guard[0]) is not None]

    # Numbers of the call

    def evaluated(self, nodes: Sequence[Value]) -> list[Any]:
        """The numbers of nodes in this call: for each an array of one, or of one for every point."""
        axes = [self.lanes.axis_of(node) for node in nodes]
        lengths = self.lanes.lengths
        outputs = [
            (node, k, 0, 0 if axis is None else 1, axis) for k, (node, axis) in enumerate(zip(nodes, axes, strict=True))
        ]
        program = self._program(outputs, ())
        sinks = [np.empty(1 if axis is None else lengths[axis]) for axis in axes]
        sources = [*self.sources]
        sources[CAPTURED] = np.array([self.known.setdefault(x, x._data) for x in self.captured])
        assert self._run is not None
        self._run(program, sources, lengths, sinks)
        return sinks

    def refuse_leaving(self, what: str, x: Value) -> None:
        """Raise `TracingError` if the number of `x` differs from call to call."""
        if any(not leaf.inputs and (leaf in self.inputs or leaf not in self.born) for leaf in ancestors(x)):
            raise TracingError(
                f"cannot {what} {describe(x)} while a function is compiled: its number differs from call to call. Keep "
                "computing with the Value itself, return it, and do the rest outside; gradients come from ag.grad or "
                "ag.backprop"
            )

    def is_plain(self, x: Value) -> bool:
        """Whether the eager `x` is a plain number: no transformation and no captured Value made it a Value."""
        above = ancestors(x)
        leaves = [node for node in above if not node.inputs and node not in self.inputs]
        is_captured = any(leaf not in self.born for leaf in leaves)
        is_variable = state.recordings > 0 and (bool(leaves) or any(node.op is identity for node in above))
        return not (is_captured or is_variable)

    def shown(self, x: Value) -> tuple[float, bool]:
        """The number of `x` for a text, guarded to the last bit, and whether it `is_plain`."""
        if any(node.op in LEAVING for node in ancestors(x) if node.inputs):
            raise TracingError(
                f"{text_of_line(calling_line())}: the text of what comes out of a vmap is not known "
                "while a function is compiled; return the number and write the text outside"
            )
        number = self._number_of(x)
        self.shown_numbers.append(number.hex())
        self.decide(equal(x, x if number != number else number))
        if number == 0.0:
            self.decide(less(copysign(1.0, x), 0.0))
        return number, self.is_plain(x)

    def _number_of(self, x: Value) -> float:
        """The number of `x` at the point that is recorded."""
        if self.way is not None:
            return self.way.numbers[x]
        return x._data if self._numbers is None else self._numbers[x]

    def keep(self, leaf: Value, twin: Value) -> None:
        """Record that `twin` is a copy of `leaf`: the leaf's number at every call, and no gradient, as eagerly."""
        twin.op, twin.inputs, twin._clock = stop_gradient, (leaf,), tick()

    # Hooks of ops' rules and of transformations

    def choose(self, condition: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """The inputs of a `where` whose condition stays undecided."""
        return condition.chosen(a, b) if isinstance(condition, Condition) else (condition, a, b)

    def gate(self, condition: Any, yes: Entry, no: Entry) -> Entry:
        """The gradient `yes` or `no`, gated by the condition if it is not decided; see `gated_gradients`."""
        if not isinstance(condition, (Condition, Value)):
            return yes if condition else no
        gradient = no if yes is None else yes
        if gradient is None:
            return None
        node, negated = (condition.node, condition.negated) if isinstance(condition, Condition) else (condition, False)
        return self.gates.gated(self.gates.truth(node, negated is not (yes is None)), gradient)

    def entries(self, node: Value, gradient: Number) -> Sequence[Entry]:
        """The gradients that a node's rule sends to its inputs, gated by the condition under which `gradient` arrives.

        So where nothing arrives nothing is sent on, even if the rule would multiply it by infinity.
        """
        arrives, inner = self.gates.peeled(gradient)
        self._places |= node.op is pick
        if node.op in ENTERING or node.op in LEAVING:
            points = self._points_of(gradient, node) if self._places else None
            if points == 0:
                return [None] * len(node.inputs)
            if arrives is not None and points is not None:
                arrives = self.gates.both(arrives, self.gates.among(points, data_of(node.inputs[-1])))
            settled = self.settled(gradient)
            entries = rule_entries(node, settled) if arrives is None else self._across(node, arrives, settled)
            if node.op is collect and points is not None:
                entries = [entry if points >> i & 1 else None for i, entry in enumerate(entries)]
            return entries
        entries = rule_entries(node, inner)
        return entries if arrives is None else [e if e is None else self.gates.gated(arrives, e) for e in entries]

    def _points_of(self, gradient: Number, node: Value) -> int | None:
        """The points, as bits, to which a gradient belongs that enters or leaves lanes at `node`; None for all."""
        points = self.gates.points_of(gradient)
        return None if points == (1 << self.lanes.lengths[int(data_of(node.inputs[-1]))]) - 1 else points

    def _across(self, node: Value, arrives: Value, gradient: Number) -> Sequence[Entry]:
        """The entries of a gated gradient at an op that enters or leaves lanes.

        The gate's truth crosses by the same rule as the gradient: outside the lanes it holds if it holds at some point.
        A leaf sends nothing on, so the entry of a leaf is not gated."""
        entries, crossed = rule_entries(node, gradient), rule_entries(node, arrives)
        return [
            self.gates.gated(self.gates.truth(there, negated=False), entry)
            if entry is not None and isinstance(there, Value) and isinstance(x, Value) and x.inputs
            else entry
            for x, entry, there in zip(node.inputs, entries, crossed, strict=True)
        ]

    def settled(self, gradient: Number) -> Number:
        """A gradient that is complete: 0.0 where nothing has arrived."""
        arrives, inner = self.gates.peeled(gradient)
        if arrives is None:
            return gradient
        return record(where, data_of(inner) if arrives._data else 0.0, (arrives, inner, 0.0))

    def times(self, partial: Number, tangent: Number) -> Any:
        """The product of a partial derivative and a tangent, gated by the gates of both."""
        arrives, factor = self.gates.peeled(partial)
        also, direction = self.gates.peeled(tangent)
        product = factor * direction
        for truth in (arrives, also):
            product = product if truth is None else self.gates.gated(truth, product)
        return product

    def tangent(self, node: Value, tangent_of: dict[Value, Any]) -> Any:
        """The tangent of a node whose op enters or leaves lanes, gated likewise; None for all other ops."""
        if node.op not in ENTERING and node.op not in LEAVING:
            return None
        count = len(node.inputs) - 1 if node.op is collect else 1
        tangents: list[Any] = [tangent_of.get(x) if isinstance(x, Value) else None for x in node.inputs[:count]]
        across = lane_node(node.op, *[0.0 if t is None else self.settled(t) for t in tangents], *node.inputs[count:])
        arrive = [None if t is None else self.gates.peeled(t)[0] for t in tangents]
        if all([truth is None and t is not None for truth, t in zip(arrive, tangents, strict=True)]):
            return across
        truths = [float(t is not None) if truth is None else truth for truth, t in zip(arrive, tangents, strict=True)]
        there = lane_node(node.op, *truths, *node.inputs[count:])
        return self.gates.gated(self.gates.truth(there, negated=False), across)

    def reduced(self, name: str, x: Any) -> Any:
        """The sum or mean of mapped points as one step, however many there are; None for anything else."""
        return reduced(name, x)

    def vmap(
        self, f: Callable[..., Any], axes: Sequence[int | None], args: Sequence[Any], named: dict[str, Any]
    ) -> tuple[Any] | None:
        """The result of `f` for all points by one run along a lane axis; None if the plain loop must map it."""
        return self.lanes.vmap(f, axes, args, named)

    def branching(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """`f` for the plain loop of a map: inside a mapped function each lane takes its own way through it."""
        return self.lanes.branching(f)

    # The program

    def program(
        self, outputs: Sequence[tuple[Number, int, int, int, int | None]], order: dict[Value, None] | None = None
    ) -> Program:
        """The graph above `outputs` as a program; each is a number followed by the arguments of its `Output`.

        `order` is the result of `order_of` for the guards and these outputs, if it is known.
        """
        return self._program(outputs, self.guards, order)

    def order_of(self, *roots: Number) -> dict[Value, None]:
        """The roots and their ancestors in topological order; leaves from outside among them are captured.

        Raises `TracingError` for a node from outside that was computed there.
        """
        order = ancestors(*[x for x in roots if isinstance(x, Value)])
        for node in order:
            if node.inputs and node._clock < self.start:
                raise TracingError(
                    f"the function uses {describe(node)}, which '{node.op}' computed outside of it: its value would be "
                    "frozen. Compute it inside, or make a leaf of it: Value(x.data)"
                )
            if not node.inputs and node not in self.born and node not in self.inputs and node not in self._captured_at:
                self._captured_at[node] = len(self.captured)
                self.captured.append(node)
        return order

    def found_outside(self, outputs: Sequence[Number]) -> tuple[list[bool], tuple[Value, ...]]:
        """Whether each output of a run is a Value eagerly, as captured Values reach it, and which Values these are."""
        if not self._captured_at:
            return [False] * len(outputs), ()
        below: dict[Value, bool] = {}
        for node in ancestors(*[x for x in outputs if isinstance(x, Value)]):
            if not node.inputs:
                below[node] = node in self._captured_at
            else:
                below[node] = node not in self.plain and any([below[x] for x in node.inputs if type(x) is not float])
        found = [isinstance(x, Value) and below[x] for x in outputs]
        reached: dict[Value, None] = dict.fromkeys([x for x in outputs if isinstance(x, Value) and below[x]])
        for node in reversed(below):
            if node in reached:
                reached.update(dict.fromkeys([x for x in node.inputs if type(x) is not float and below[x]]))
        return found, tuple([node for node in reached if not node.inputs])

    def _program(
        self,
        outputs: Sequence[tuple[Number, int, int, int, int | None]],
        guards: Sequence[TracedGuard],
        order: dict[Value, None] | None = None,
    ) -> Program:
        if order is None:
            order = self.order_of(*[node for node, _, _ in guards], *[x for x, *_ in outputs])
        for x, *_, axis in outputs:
            if isinstance(x, Value) and self.lanes.lengths and self.lanes.axis_of(x) not in (None, axis):
                refuse_stranger(x)
        return from_graph(
            order,
            self.inputs,
            {x: Input(x.name or "captured", CAPTURED, i) for x, i in self._captured_at.items()},
            outputs=outputs,
            guards=[(node, expected, text_of_line(line)) for node, expected, line in guards],
            axes=len(self.lanes.lengths),
        )
