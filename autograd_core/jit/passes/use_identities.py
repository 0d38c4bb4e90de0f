"""Algebraic identities, exact bit by bit but for the signs of nans.

x · 1 = x / 1 = x - 0 = x + (-0) = --x = x,  x · (-1) = -x,  x + (-y) = x - y,  x - (-y) = x + y,
(-x)(-y) = xy,  (-x) / (-y) = x / y,  x / 2ⁿ = x · 2⁻ⁿ,  where(c, x, x) = x,  where(x < y, 1, 0) = x < y,
and a point picked out of collected ones is that one. An inexact one, x + 0 = x for instance, is not used.
"""

from __future__ import annotations

import math

from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ..ir.lane_ops import collect, pick, spread
from ..ir.program import Builder, Constant, Node, Step, is_constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["use_identities"]


_add, _sub, _mul, _div, _neg, _where = (TABLE[name] for name in ("add", "sub", "mul", "div", "neg", "where"))


def use_identities(builder: Builder, node: Step) -> int | None:
    """The position of a step's value after an identity, or None if there is none for its op."""
    rule = _IDENTITIES.get(node.op)
    return None if rule is None else rule(builder, node)


def _negated(builder: Builder, i: int) -> int | None:
    """The node x if node i is -x, else None."""
    node = builder.nodes[i]
    return node.args[0] if isinstance(node, Step) and node.op is _neg else None


def _of_add(builder: Builder, node: Step) -> int:
    x, y = node.args
    for a, b in ((x, y), (y, x)):
        if is_constant(builder.nodes, b, -0.0):
            return a
        negated = _negated(builder, b)
        if negated is not None:
            return _of_sub(builder, Step(_sub, (a, negated), node.name))
    return builder.add(node)


def _of_sub(builder: Builder, node: Step) -> int:
    x, y = node.args
    if is_constant(builder.nodes, y, 0.0):
        return x
    negated = _negated(builder, y)
    if negated is not None:
        return builder.add(Step(_add, (x, negated), node.name))
    return builder.add(node)


def _of_mul(builder: Builder, node: Step) -> int:
    x, y = node.args
    nodes = builder.nodes
    for a, b in ((x, y), (y, x)):
        factor = nodes[b]
        if isinstance(factor, Constant):
            if factor.value == 1.0:
                return a
            if factor.value == -1.0:
                return _of_neg(builder, Step(_neg, (a,), node.name))
        elif isinstance(factor, Step) and factor.op is spread and _is_one(nodes, factor, a):
            return a
    left, right = _negated(builder, x), _negated(builder, y)
    if left is not None and right is not None:
        return builder.add(Step(_mul, (left, right), node.name))
    return builder.add(node)


def _is_one(nodes: Sequence[Node], factor: Step, other: int) -> bool:
    """Whether a spread is 1 for every point, and the other factor not itself a constant (which has no points)."""
    return is_constant(nodes, factor.args[0], 1.0) and not isinstance(nodes[other], Constant)


def _of_div(builder: Builder, node: Step) -> int:
    x, y = node.args
    divisor = builder.nodes[y]
    if isinstance(divisor, Constant) and divisor.value and math.isfinite(divisor.value):
        mantissa, exponent = math.frexp(divisor.value)
        if abs(mantissa) == 0.5 and -1000 < exponent < 1000:
            return _of_mul(builder, Step(_mul, (x, builder.constant(1.0 / divisor.value)), node.name))
    left, right = _negated(builder, x), _negated(builder, y)
    if left is not None and right is not None:
        return builder.add(Step(_div, (left, right), node.name))
    return builder.add(node)


def _of_neg(builder: Builder, node: Step) -> int:
    negated = _negated(builder, node.args[0])
    return builder.add(node) if negated is None else negated


def _of_where(builder: Builder, node: Step) -> int:
    condition, x, y = node.args
    known = builder.nodes[condition]
    if isinstance(known, Constant):
        return x if known.value else y
    if x == y:
        return x
    is_truth = isinstance(known, Step) and known.op in COMPARISONS
    if is_truth and is_constant(builder.nodes, x, 1.0) and is_constant(builder.nodes, y, 0.0):
        return condition
    return builder.add(node)


def _of_pick(builder: Builder, node: Step) -> int:
    x, i, _ = node.args
    collected, point = builder.nodes[x], builder.nodes[i]
    if isinstance(collected, Step) and collected.op is collect and isinstance(point, Constant):
        return collected.args[int(point.value)]
    return builder.add(node)


def _of_itself(builder: Builder, node: Step) -> int:
    return node.args[0]


_IDENTITIES: dict[object, Callable[[Builder, Step], int]] = {
    _add: _of_add, _sub: _of_sub, _mul: _of_mul, _div: _of_div, _neg: _of_neg, _where: _of_where,
    pick: _of_pick, TABLE["identity"]: _of_itself, TABLE["stop_gradient"]: _of_itself,
}  # fmt: skip
