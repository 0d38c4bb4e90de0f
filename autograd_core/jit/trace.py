"""Tracing: one run of a function on Values that stand for whatever numbers it will be called with.

The graph that appears is the program. What Python decides on the way (``if x > 0``) becomes a guard; what a rule lets
through under a condition becomes a `where`; a `vmap` over many points is run once, for all of them, along a lane axis.
"""

from __future__ import annotations

import os
import sys

from ..backprop import rule_entries
from ..errors import TracingError
from ..graph import ancestors
from ..op import quiet
from ..ops.selection import where
from ..tracing import state
from ..value import Value, data_of, describe, record, tick
from .conditions import Condition
from .gates import Gates
from .laneops import ENTERING, LEAVING, collect, lane_node
from .lanes import Lanes
from .program import Builder, Guard, Input, Output, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..op import Op
    from ..value import Entry, Number

__all__ = ["CAPTURED", "FIRST_ARRAY", "NUMBERS", "Trace"]

NUMBERS, CAPTURED, FIRST_ARRAY = 0, 1, 2
"""The sources of a call: plain numbers among the arguments, captured Values, then one array after the other."""

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Trace:
    """The tracer of `autograd_core.tracing`: what is known about one run.

    ``inputs`` maps the Values the function is run on to where their numbers come from; ``captured`` are the Values it
    found outside. ``sources`` are the arrays that inputs lie in; those of numbers that it maps over without their
    being arguments are added behind.
    """

    def __init__(self, inputs: dict[Value, Input], sources: Sequence[Any]) -> None:
        self.inputs = inputs
        self.sources = list(sources)
        self.captured: list[Value] = []
        self.guards: list[tuple[Value, bool, str]] = []
        self.gates = Gates()
        self.lanes = Lanes(self)
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
        return Condition(self, record(op, op.forward(data_of(x), data_of(y)), (x, y)), negated)

    def decide(self, node: Value) -> bool:
        """The outcome of a comparison at the numbers of this run, kept as a guard."""
        if self.lanes.lengths and any(x.op in LEAVING for x in ancestors(node) if x.inputs):
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
        return self.gates.gated(self.gates.truth(node, negated is not (yes is None)), gradient)

    def entries(self, node: Value, gradient: Number) -> Sequence[Entry]:
        """Where nothing arrives nothing is sent on, even if the rule would multiply the nothing by infinity."""
        arrives, inner = self.gates.peeled(gradient)
        if arrives is not None and (node.op in ENTERING or node.op in LEAVING):
            return self._across(node, arrives, self.settled(gradient))
        entries = rule_entries(node, inner)
        return entries if arrives is None else [e if e is None else self.gates.gated(arrives, e) for e in entries]

    def _across(self, node: Value, arrives: Value, gradient: Number) -> Sequence[Entry]:
        """A gradient that leaves the lanes or enters them; where it has arrived crosses as the gradient does, so that
        outside it has arrived if it has at some point. From a leaf nothing is sent on, so there nothing is gated."""
        entries, crossed = rule_entries(node, gradient), rule_entries(node, arrives)
        return [
            self.gates.gated(self.gates.truth(there, negated=False), entry)
            if entry is not None and isinstance(there, Value) and isinstance(x, Value) and x.inputs
            else entry
            for x, entry, there in zip(node.inputs, entries, crossed, strict=True)
        ]

    def settled(self, gradient: Number) -> Number:
        """A gradient that nothing more is added to: 0.0 where nothing has arrived."""
        arrives, inner = self.gates.peeled(gradient)
        return gradient if arrives is None else record(where, data_of(gradient), (arrives, inner, 0.0))

    def times(self, partial: Number, tangent: Number) -> Any:
        """Their product, nothing where the partial derivative is nothing."""
        arrives, inner = self.gates.peeled(partial)
        return inner * tangent if arrives is None else self.gates.gated(arrives, inner * tangent)

    def tangent(self, node: Value, tangent_of: dict[Value, Any]) -> Any:
        """What enters or leaves the lanes does so in forward mode too; None for all other ops."""
        if node.op not in ENTERING and node.op not in LEAVING:
            return None
        *numbers, axis = node.inputs
        if node.op is collect:
            numbers = [tangent_of.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in numbers]
        elif numbers:
            numbers[0] = tangent_of[numbers[0]]
        return lane_node(node.op, *numbers, axis)

    def vmap(
        self, f: Callable[..., Any], axes: Sequence[int | None], args: Sequence[Any], named: dict[str, Any]
    ) -> tuple[Any] | None:
        """Run `f` once for all points, if they are evenly spaced in arrays."""
        return self.lanes.vmap(f, axes, args, named)

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
            len(self.lanes.lengths),
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


def _place() -> str:
    """Where the user's code is: the first line below us that is not the library's."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else "?"
