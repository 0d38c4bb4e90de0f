"""Gated gradients, which arrive under a condition.

Eagerly a rule returns None where nothing flows back, and None times infinity stays None. In a program the condition is
computed at every call, so a gradient is gated: a `where` that remembers its condition. Entries that a node sends on are
gated again by the condition under which its own gradient has arrived.
"""

from __future__ import annotations

import operator
from functools import reduce

from ...graph import new_ancestors
from ...ops.arithmetic import add, div, identity, mul, neg
from ...ops.selection import COMPARISONS, equal, where
from ...value import Value, data_of, record
from ..ir.lane_ops import lane_node, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...value import Number

__all__ = ["Gates"]

FOLLOWED = 10_000
"""Points whose gradients are followed by point number: those of n results add up in n sums of n bits each."""


class Gates:
    """The gated gradients of one trace, and the truths (nodes that are 1.0 or 0.0) that gate them."""

    def __init__(self) -> None:
        self._gates: dict[Value, tuple[Value | None, Number]] = {}
        self._not: dict[Value, Value] = {}  # the opposite of each truth
        self._all: dict[frozenset[Value], Value] = {}  # products of truths
        self._points: dict[Value, Any] = {}
        self._among: dict[tuple[int, float], Value] = {}

    def truth(self, node: Value, negated: bool) -> Value:
        """The node that is 1.0 where `node` is not zero, else 0.0; or its opposite if `negated`."""
        if node.op not in COMPARISONS and node not in self._not:
            node, negated = equal(node, 0.0), not negated
        self._add_truth(node)
        return self._not[node] if negated else node

    def _add_truth(self, truth: Value) -> None:
        if truth not in self._not:
            opposite = 1.0 - truth
            self._not.update({truth: opposite, opposite: truth})

    def both(self, one: Value, other: Value) -> Value:
        """The conjunction of two truths; the same Value for the same two."""
        if one is other:
            return one
        key = frozenset((one, other))
        if key not in self._all:
            self._all[key] = one * other
            self._add_truth(self._all[key])
        return self._all[key]

    def gated(self, holds: Value, gradient: Number) -> Value:
        """`gradient` where `holds`, else -0.0, which stands for nothing: it changes no sum, not even one of zeros."""
        before, inner = self.peeled(gradient)
        if before is not None:
            holds = self.both(holds, before)
        gated = record(where, data_of(inner) if holds._data else -0.0, (holds, inner, -0.0))
        self._gates[gated] = holds, inner
        return gated

    def peeled(self, gradient: Number) -> tuple[Value | None, Number]:
        """The truth that gates `gradient` (None: always open), and the gradient behind the gate."""
        if not isinstance(gradient, Value):
            return None, gradient
        if gradient not in self._gates and gradient.op is add:
            self._gates[gradient] = self._any_arrives(gradient), gradient
        return self._gates.get(gradient, (None, gradient))

    def _any_arrives(self, gradient: Number) -> Value | None:
        """The disjunction of the truths that gate the terms of a sum; None if one term always arrives."""
        arrive: dict[Value, None] = {}
        rest: Number | None = gradient
        while rest is not None:
            is_sum = isinstance(rest, Value) and rest.op is add
            rest, term = rest.inputs if is_sum else (None, rest)  # type: ignore[union-attr]  # a sum is a Value
            arrives = self.peeled(term)[0]
            if arrives is None or self._not[arrives] in arrive:
                return None
            arrive[arrives] = None
        first, *others = [self._not[truth] for truth in arrive]
        for other in others:
            first = self.both(first, other)
        return self._not[first]

    def points_of(self, gradient: Number) -> int | None:
        """The points along the lanes at which a gradient was placed, as the bits of an int; None if it may be any."""
        if not isinstance(gradient, Value):
            return None
        for node in new_ancestors(gradient, self._points):
            self._points[node] = self._found_points(node)
        found: int | None = self._points[gradient]
        return found

    def _found_points(self, node: Value) -> int | None:
        op, inputs = node.op, node.inputs
        if op is place:
            point = int(data_of(inputs[1]))
            return 1 << point if point < FOLLOWED else None
        if op is mul or op is div or op is neg or op is identity:
            found = [self._points[x] for x in inputs[: 1 if op is div else 2] if isinstance(x, Value)]
            known = [points for points in found if points is not None]
            return reduce(operator.and_, known) if known else None
        if op is add or op is where:
            terms = [x for x in inputs[op is where :] if isinstance(x, Value) or x]
            found = [self._points[x] if isinstance(x, Value) else None for x in terms]
            return None if None in found or not found else reduce(operator.or_, found)
        return None

    def among(self, points: int, axis: float) -> Value:
        """The node that is 1.0 at these points of the axis, else 0.0."""
        if (points, axis) not in self._among:
            at = [lane_node(place, 1.0, float(i), axis) for i in range(points.bit_length()) if points >> i & 1]
            self._among[points, axis] = found = reduce(add, at)
            self._add_truth(found)
        return self._among[points, axis]
