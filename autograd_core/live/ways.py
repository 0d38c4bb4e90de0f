"""The ways through a function: for each outcome of its branches the graph, and its program in JavaScript.

A way is found by a trace, as `jit` makes it. The trace at the page's first point says which comparisons Python asked
for; a way begins like one that was found and decides the next comparison differently, until none is left:

    if x > 0.0: ...          True
        if y > 1.0: ...      True True, True False
    else: ...                False

A program says by its guards whether a point takes its way.
"""

from __future__ import annotations

from collections import deque

from ..backprop import backprop, graph_entries
from ..errors import AutogradError
from ..jit.ir.program import Input
from ..jit.passes import optimised
from ..jit.trace.source_lines import calling_line
from ..jit.trace.tracer import CAPTURED, NUMBERS, Trace
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..jit.ir.program import Program
    from ..value import Number
    from .variables import Variables

__all__ = ["CAPTURED", "NUMBERS", "TracedWay", "ways_of"]

MOST_WAYS = 16
"""Ways in a page: each brings a picture and a program. Points on others are told that they are."""
MOST_DECISIONS = 200
"""Comparisons of one way; a loop that never ends where a comparison was decided against its numbers has more."""


class TooManyDecisionsError(Exception):
    """A way does not come to its end."""


class DecidedTrace(Trace):
    """A trace whose first comparisons come out as `wanted`, and the others as at the leaves' numbers."""

    def __init__(self, inputs: dict[Value, Input], captured: list[Value], wanted: Sequence[bool]) -> None:
        super().__init__(inputs, [None, None], captured=captured)
        self.wanted = wanted
        self._decided: dict[Any, bool] = {}

    def decide(self, node: Value) -> bool:
        """The outcome of a comparison, which is asked for once."""
        key = node.op, node.inputs
        if key not in self._decided:
            k = len(self.guards)
            if k == MOST_DECISIONS:
                raise TooManyDecisionsError
            self._decided[key] = self.wanted[k] if k < len(self.wanted) else self._number_of(node) != 0.0
            self.guards.append((node, self._decided[key], calling_line()))
        return self._decided[key]

    def vmap(self, *_: Any) -> None:
        """None: a map is the plain loop, all of whose values the page shows."""

    def reduced(self, *_: Any) -> None:
        """None, likewise."""

    def branching(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """`f`, which the loop calls point by point."""
        return f


class TracedWay:
    """One way: the graph above ``root`` in ``order``, its ``edges``, and two programs.

    An edge is an input, its consumer, and the position there. ``program`` writes the values of all nodes to sink 0,
    their gradients to sink 1 and what flows back through the edges to sink 2; ``value`` writes the root's value only.
    """

    program: Program
    value: Program

    def __init__(self, variables: Variables, captured: list[Value], wanted: Sequence[bool]) -> None:
        inputs = {leaf: Input(leaf.name or "x", NUMBERS, i) for i, leaf in enumerate(variables.leaves)}
        trace = DecidedTrace(inputs, captured, wanted)
        self.root: Value = trace.record(variables)
        self.outcomes = [outcome for _, outcome, _ in trace.guards]
        order = trace.order_of(self.root)
        self.order = list(order)
        self.edges = [(x, node, k) for node in self.order for k, x in enumerate(node.inputs) if isinstance(x, Value)]
        known = set(captured)
        targets = [node for node in order if node in inputs or node in known]
        gradients, flows = trace.record(self._backwards, trace, targets)
        sinks: tuple[Sequence[Number], ...] = (self.order, gradients, flows)
        outputs = [(x, sink, k, 0, None) for sink, numbers in enumerate(sinks) for k, x in enumerate(numbers)]
        self.program = optimised(trace.program(outputs))
        self.value = optimised(trace.program([(self.root, 0, 0, 0, None)]))

    def _backwards(self, trace: Trace, targets: Sequence[Value]) -> tuple[list[Number], list[Number]]:
        """The gradients of all nodes, and what flows back through all edges; 0.0 outside of G'."""
        entries = backprop(self.root, targets).entries
        sent = {node: graph_entries(node, entries[node]) for node in self.order if node.inputs and node in entries}
        flows = [
            entry if node in sent and x in entries and (entry := sent[node][k]) is not None else 0.0
            for x, node, k in self.edges
        ]
        return [trace.settled(entries.get(node, 0.0)) for node in self.order], [trace.settled(flow) for flow in flows]


def ways_of(variables: Variables) -> tuple[list[TracedWay], list[Value]]:
    """The ways through the function, that of the leaves' numbers first, and the Values that it finds outside."""
    captured: list[Value] = []
    found: list[TracedWay] = []
    todo: deque[tuple[bool, ...]] = deque([()])
    while todo and len(found) < MOST_WAYS:
        wanted = todo.popleft()
        try:
            way = TracedWay(variables, captured, wanted)
        except TooManyDecisionsError:
            if not wanted:
                raise AutogradError(
                    f"the function asks for more than {MOST_DECISIONS} comparisons; a live page needs a program for "
                    "each way through them. Choose with ag.where(condition, a, b)"
                ) from None
            continue
        except Exception:  # whatever a function does on a way that its numbers do not take, raise for instance
            if not wanted:
                raise
            continue
        found.append(way)
        outcomes = way.outcomes
        todo.extend((*outcomes[:k], not outcomes[k]) for k in range(len(wanted), len(outcomes)))
    return found, captured
