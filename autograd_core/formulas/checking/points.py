"""A graph computed again at other numbers, and what a derivation may speak of there: values, derivatives, updates."""

from __future__ import annotations

import math
from random import Random

from ...backprop import backprop, rates_of
from ...graph import ancestors, descendants
from ...op import quiet
from ...value import Value, record
from ..notation.operations import standard_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import TypeAlias

    Change: TypeAlias = Callable[[Value, Mapping[Value, Value]], Value | None]
    """A node written in other ops of the nodes below it, as somebody may have taken it; None leaves it as it is."""

__all__ = ["Point", "op_name", "points_around"]

COUNT, ATTEMPTS = 8, 60
"""Points at which two formulas are compared, and attempts to find them."""
NEAR, FAR = 0.08, 0.3
"""How far the points lie from the graph's own, relative to its numbers (to 0.5 for smaller ones)."""
KINKED = {"abs", "relu", "leaky_relu", "maximum", "minimum", "max", "min", "where", "clip", "sign", "elu", "selu"} | {
    *("celu", "relu6", "hardtanh", "hard_sigmoid", "gate", "gate_else", "copysign", "floor", "ceil", "round", "trunc"),
}
"""Ops that have several formulas; points with another one than the graph's own are left out."""


class Point:
    """The nodes of a graph at certain numbers of its leaves."""

    def __init__(self, order: Collection[Value], leaves: Mapping[Value, float], change: Change | None = None) -> None:
        self.order, self.leaves = order, leaves
        self.at: dict[Value, Value] = {}
        with quiet():
            for node in order:
                new = change(node, self.at) if change is not None and node.inputs else None
                self.at[node] = new if new is not None else self._again(node)
        self._rates: dict[Value, dict[Value, float]] = {}
        self._gradients: dict[Value, dict[Value, float]] = {}

    def _again(self, node: Value) -> Value:
        if not node.inputs:
            return Value(self.leaves.get(node, node.data))
        inputs = tuple([self.at[x] if isinstance(x, Value) else x for x in node.inputs])
        data = tuple([x.data if isinstance(x, Value) else x for x in inputs])
        return record(node.op, node.op.evaluate(data, inputs), inputs)

    def value(self, node: Value) -> float:
        """The value of a node."""
        return self.at[node].data

    def derivative(self, above: Value, below: Value) -> float:
        """The derivative of one node by another one."""
        if above not in self._gradients:
            a = self.at[above]
            with quiet():
                table = backprop(a, [self.at[x] for x in ancestors(above)])
            self._gradients[above] = {x: table[self.at[x]] for x in ancestors(above)}
        return self._gradients[above].get(below, 0.0)

    def rates(self, node: Value) -> dict[Value, float]:
        """The rates ∂node/∂x of a node by its inputs."""
        if node not in self._rates:
            with quiet():
                found = rates_of(self.at[node])
            inputs = [x for x in node.inputs if isinstance(x, Value)]
            self._rates[node] = {x: found.get(self.at[x], 0.0) for x in inputs}
        return self._rates[node]

    def moved(self, parameters: Collection[Value], z: Value, rate: float) -> dict[Value, float]:
        """The leaves after one step of gradient descent for some parameters."""
        steps = {p: self.value(p) - rate * self.derivative(z, p) for p in parameters}
        return {**self.leaves, **steps}

    def with_weights(self, z: Value, x: Value, moved: Mapping[Value, float]) -> float:
        """∂z/∂x from the values as they are, but through weights that have moved already."""
        gradients = {z: 1.0}
        for node in reversed(descendants([x], self.order)):
            if not node.inputs or node not in gradients:
                continue
            inputs = tuple([
                Value(moved.get(y, self.value(y)) if not y.inputs else self.value(y)) if isinstance(y, Value) else y
                for y in node.inputs
            ])  # fmt: skip
            with quiet():
                found = rates_of(record(node.op, self.value(node), inputs))
            for y, new in zip(node.inputs, inputs, strict=True):
                if isinstance(y, Value) and isinstance(new, Value):
                    gradients[y] = gradients.get(y, 0.0) + gradients[node] * found.get(new, 0.0)
        return gradients.get(x, 0.0)

    def sides(self) -> list[tuple[float, ...]]:
        """Which formula each op with several takes here."""
        kinked = [node for node in self.order if op_name(node) in KINKED]
        return [tuple([_sign(rate) for rate in self.rates(node).values()]) for node in kinked]


def op_name(node: Value) -> str:
    """The name of a node's op in the table of ops; empty for a leaf and for a user's own."""
    return standard_name(node.op) if node.inputs else ""


def _sign(x: float) -> float:
    return 0.0 if x == 0.0 else math.copysign(1.0, x)


def points_around(z: Value, leaves: Sequence[Value]) -> list[Point]:
    """The graph's own point, and others around it where it has values and takes the same sides of kinks."""
    order = ancestors(z)
    random = Random(0)
    own = Point(order, {x: x.data for x in leaves})
    sides, found = own.sides(), [own]
    for k in range(ATTEMPTS):
        width = NEAR if k % 2 else FAR
        moved = {x: x.data + random.uniform(-width, width) * max(abs(x.data), 0.5) for x in leaves}
        point = Point(order, moved)
        if all([math.isfinite(point.value(node)) for node in order]) and point.sides() == sides:
            found.append(point)
        if len(found) == COUNT:
            break
    return found
