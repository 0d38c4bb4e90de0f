"""Branches in an inner map: each point takes its own way through the mapped function.

The function is run once for each way that its points take, and the results are joined by ``where``. The ways are found
at the points of the call: a run takes the way of one point, its comparisons are computed for all points, and a point
with another outcome is run next. A guard says that every point takes one of these ways; a call for which it fails is
traced anew.

    ways of abs     x > 0 is True: x      x > 0 is False: -x
    joined          where(x > 0, x, -x), guarded by Σ over points of where(x > 0, 0, where(1 - (x > 0), 0, 1)) = 0
"""

from __future__ import annotations

import operator
from functools import reduce
from itertools import pairwise

import numpy as np

from ...containers import flatten_like, rebuild
from ...errors import PathsError
from ...ops.selection import equal, where
from ...value import Value
from ..ir.lane_ops import lane_node, lane_sum
from .evaluation import Numbers
from .lazy_arrays import is_same
from .source_lines import text_of_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...value import Number
    from .run import RunningTrace, TracedGuard
    from .source_lines import SourceLine

__all__ = ["MOST_WAYS", "Way", "joined"]

MOST_WAYS = 16
"""Ways of one inner map that are joined: the program computes all of them at every point, and more would be slow."""


class Way:
    """One run of the mapped function, at `point`: the ``guards`` that its points pass, and its ``output``.

    ``outer`` are the guards of the way through an outer map on which the function was called.
    """

    output: Any

    def __init__(self, trace: RunningTrace, point: int, outer: Sequence[TracedGuard]) -> None:
        self.trace, self.point, self.outer = trace, point, outer
        self.guards: list[TracedGuard] = []
        self.numbers = Numbers(trace, point)

    def decide(self, node: Value, line: SourceLine) -> bool:
        """The outcome of a comparison along lanes at this way's point, kept as a guard of the way."""
        outcome = self.numbers[node] != 0.0
        self.guards.append((node, outcome, line))
        return outcome

    def run(self, call: Callable[[], Any], entered: Sequence[Value]) -> None:
        """Record the call, with the point's data in the `entered` nodes, as an op may read them."""
        trace, before = self.trace, [(x, x._data) for x in entered]
        around, trace.way = trace.way, self
        try:
            if self.point != self.trace.point:
                for x in entered:
                    x._data = self.numbers[x]
            self.output = call()
        finally:
            trace.way = around
            for x, data in before:
                x._data = data


def joined(trace: RunningTrace, call: Callable[[], Any], entered: Sequence[Value], axis: int) -> Any:
    """The result of `call` for every point of a lane axis, on whatever way; `entered` are the points' numbers.

    Raises `StructureError` if two ways return differently nested results, `PathsError` beyond `MOST_WAYS`.
    """
    around = trace.way
    outer = [*around.outer, *around.guards] if around is not None else trace.batch_guards(axis)
    start = trace.point if trace.is_batch_axis(axis) else 0
    first = Way(trace, around.point if around is not None else start, outer)
    first.run(call, entered)
    if not first.guards:
        return first.output
    ways = [first]
    left = trace.points_of(axis) & _taking(trace, outer, axis) & ~_taking(trace, [*outer, *first.guards], axis)
    while left.any():
        point = int(left.argmax())
        if len(ways) == MOST_WAYS:
            _refuse(ways)
        way = Way(trace, point, outer)
        way.run(call, entered)
        ways.append(way)
        left &= ~_taking(trace, [*outer, *way.guards], axis)
        left[point] = False
    conditions = [_condition(way.guards) for way in ways]
    _guard_against_other_ways(trace, first, conditions, axis)
    return _join(ways, conditions)


def _refuse(ways: Sequence[Way]) -> None:
    one, other = (way.guards for way in ways[-2:])
    k = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a[1] != b[1]), 0)
    raise PathsError(
        f"{text_of_line(other[k][2])}: the points of this inner vmap take more than {MOST_WAYS} ways through its "
        "comparisons, and this one is where the last two part. Select with ag.where(condition, a, b) instead of "
        "branching, or compile the mapped function itself, jit(vmap(f)), whose points are sorted to as many programs "
        "as they need"
    )


def _taking(trace: RunningTrace, guards: Sequence[TracedGuard], axis: int) -> Any:
    """The mask of the points at which all guards hold."""
    found = np.ones(trace.lanes.lengths[axis], bool)
    if not guards:
        return found
    try:
        numbers = trace.evaluated([node for node, _, _ in guards])
    except Exception:  # an op refuses points that never reach it: one by one, they stop at an earlier guard
        return np.array([_takes(Numbers(trace, point), guards) for point in range(len(found))])
    for (_, outcome, _), some in zip(guards, numbers, strict=True):
        found &= (some != 0.0) == outcome
    return found


def _takes(numbers: Numbers, guards: Sequence[TracedGuard]) -> bool:
    return all((numbers[node] != 0.0) == outcome for node, outcome, _ in guards)


def _condition(guards: Sequence[TracedGuard]) -> Number:
    """The node that is 1.0 where all guards hold, else 0.0."""
    truths = [where(node, 1.0, 0.0) if outcome else where(node, 0.0, 1.0) for node, outcome, _ in guards]
    product: Number = reduce(operator.mul, truths)
    return product


def _guard_against_other_ways(trace: RunningTrace, first: Way, conditions: Sequence[Number], axis: int) -> None:
    """Add the guard that every point takes one of the ways with these conditions."""
    lost: Number = 1.0
    for condition in reversed(conditions):
        lost = where(condition, 0.0, lost)
    lost = where(_condition(first.outer), lost, 0.0) if first.outer else lost
    total = lost if trace.is_batch_axis(axis) else lane_node(lane_sum, lost, float(axis))
    trace.guards.append((equal(total, 0.0), True, first.guards[0][2]))


def _join(ways: Sequence[Way], conditions: Sequence[Number]) -> Any:
    """The outputs of all ways joined by `where`; a number that is the same on all ways is taken as it is."""
    first = ways[0].output
    if len(ways) == 1:
        return first
    results = [flatten_like(first, way.output, "what a mapped function returns for every point") for way in ways]

    def chosen(numbers: Sequence[Number]) -> Number:
        if all(is_same(a, b) for a, b in pairwise(numbers)):
            return numbers[0]
        found = numbers[-1]
        for condition, number in zip(reversed(conditions[:-1]), reversed(numbers[:-1]), strict=True):
            found = where(condition, number, found)
        return found

    return rebuild(first, iter([chosen(numbers) for numbers in zip(*results, strict=True)]))
