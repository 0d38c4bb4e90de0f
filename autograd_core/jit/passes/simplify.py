"""The passes: each makes a program smaller and leaves every result as it is, bit by bit (but for the signs of nans).

Only `join_lanes` adds in another order: a sum over the points of a batch is one sum, however it was written.
"""

from __future__ import annotations

import math

from ...op import quiet
from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ..ir.lane_ops import (
    ENTERING,
    LEAVING,
    collect,
    lane_sum,
    pick,
    place,
    spread,
)
from ..ir.program import (
    Builder,
    Constant,
    Guard,
    Input,
    Node,
    Program,
    Step,
    is_constant,
    moved,
    renumbered,
    rewrite,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...op import Op

__all__ = [
    "PASSES",
    "decide_guards",
    "drop_dead",
    "fold_constants",
    "join_lanes",
    "share_equal",
    "simplify",
    "use_identities",
]

_add, _sub, _mul, _div, _neg = (TABLE[name] for name in ("add", "sub", "mul", "div", "neg"))
_where, _sum = TABLE["where"], TABLE["sum"]


def fold_constants(program: Program) -> Program:
    """Steps of constants are constants, computed as the eager engine computes them."""
    return _rewritten(program, _folded)


def use_identities(program: Program) -> Program:
    """x · 1 = x / 1 = x - 0 = x + (-0) = --x = x,  x · (-1) = -x,  x + (-y) = x - y,  x - (-y) = x + y,
    (-x)(-y) = xy,  (-x) / (-y) = x / y,  x / 2ⁿ = x · 2⁻ⁿ,  where(c, x, x) = x,  where(x < y, 1, 0) = x < y,
    and a point picked out of collected ones is that one."""
    return _rewritten(program, _identity)


def share_equal(program: Program) -> Program:
    """Equal steps are one step; x + y equals y + x."""
    return _rewritten(program, _shared)


def _rewritten(program: Program, *rules: Callable[[Builder, Step], int | None]) -> Program:
    """Every step through the first rule that has something to say about it."""

    def replace(builder: Builder, node: Node) -> int:
        if isinstance(node, Step):
            for rule in rules:
                found = rule(builder, node)
                if found is not None:
                    return found
        return builder.add(node)

    return rewrite(program, replace)


def _folded(builder: Builder, node: Step) -> int | None:
    data = []
    for a in node.args:
        x = builder.nodes[a]
        if not isinstance(x, Constant):
            return None
        data.append(x.value)
    if node.op in ENTERING | LEAVING:
        return None
    with quiet():
        return builder.constant(node.op.evaluate(tuple(data), data))


COMMUTATIVE = frozenset({_add, _mul})


def _shared(builder: Builder, node: Step) -> int | None:
    return builder.position.get((node.op, node.args[::-1])) if node.op in COMMUTATIVE else None


def _identity(builder: Builder, node: Step) -> int | None:
    rule = _IDENTITIES.get(node.op)
    return None if rule is None else rule(builder, node)


def _negated(builder: Builder, i: int) -> int | None:
    """x, if node i is -x."""
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


def join_lanes(program: Program, lengths: Sequence[int]) -> Program:
    """A sum of single picks, one of every point, is a `lane_sum`; a sum of one number placed at every point spreads it.

    This is what Python's ``sum`` over the results of a `vmap` records, and what its derivative records. ``lengths``
    are the numbers of points of the lane axes.
    """
    terms = _terms_of_sums(program)
    if not terms:
        return program
    builder = Builder()
    at: list[int] = []
    for i, node in enumerate(program.nodes):
        if i in terms:
            at.append(_joined_sum(builder, [at[a] for a in terms[i]], lengths))
            continue
        at.append(builder.add(renumbered(node, at)))
    return moved(program, builder, at)


def _terms_of_sums(program: Program) -> dict[int, list[int]]:
    """For every sum that is no term of another one, and that picks or places points, its terms."""
    uses = [0] * len(program.nodes)
    for a in [a for node in program.nodes if isinstance(node, Step) for a in node.args]:
        uses[a] += 1
    for out in program.outputs:
        uses[out.node] += 1
    terms: dict[int, list[int]] = {}
    for i, node in enumerate(program.nodes):
        if isinstance(node, Step) and node.op in (_add, _sum):
            terms[i] = []
            for a in node.args:
                terms[i] += terms.pop(a) if uses[a] == 1 and a in terms else [a]
    return {i: parts for i, parts in terms.items() if any(_point_of(program.nodes[a]) for a in parts)}


def _point_of(node: Node) -> bool:
    return isinstance(node, Step) and node.op in (pick, place)


def _joined_sum(builder: Builder, terms: list[int], lengths: Sequence[int]) -> int:
    """The sum of `terms`, with complete sets of points joined."""
    groups: dict[tuple[Op, int, int], list[int]] = {}
    rest = []
    for a in terms:
        node = builder.nodes[a]
        if isinstance(node, Step) and node.op in (pick, place):
            groups.setdefault((node.op, node.args[0], node.args[2]), []).append(a)
        else:
            rest.append(a)
    for (op, x, axis), members in groups.items():
        along = builder.nodes[axis]
        assert isinstance(along, Constant)
        if len(set(members)) == len(members) == lengths[int(along.value)]:
            rest.append(builder.add(Step(lane_sum if op is pick else spread, (x, axis))))
        else:
            rest += members
    total = rest[0]
    for a in rest[1:]:
        total = builder.add(Step(_add, (total, a)))
    return total


def drop_dead(program: Program) -> Program:
    """Only what the outputs and guards need is computed; inputs stay."""
    is_live = [isinstance(node, Input) for node in program.nodes]
    for i in [out.node for out in program.outputs] + [guard.node for guard in program.guards]:
        is_live[i] = True
    for i in range(len(program.nodes) - 1, -1, -1):
        node = program.nodes[i]
        if is_live[i] and isinstance(node, Step):
            for a in node.args:
                is_live[a] = True
    if all(is_live):
        return program
    builder = Builder()
    at = [-1] * len(program.nodes)
    for i, node in enumerate(program.nodes):
        if is_live[i]:
            at[i] = builder.append(renumbered(node, at))
    return moved(program, builder, at)


def decide_guards(program: Program) -> Program:
    """A guard on a constant holds always: it was true when the function was traced. Of equal guards one is enough."""
    kept: dict[tuple[int, bool], Guard] = {}
    for guard in program.guards:
        if not isinstance(program.nodes[guard.node], Constant):
            kept.setdefault((guard.node, guard.expected), guard)
    return Program.of_valid_parts(program.nodes, program.outputs, kept.values(), program.axes)


PASSES = (fold_constants, use_identities, share_equal, decide_guards, drop_dead)
"""Run once each: inputs come before their users, so one walk sees all."""


def simplify(program: Program) -> Program:
    """`program` after all passes; the first three in one walk."""
    return drop_dead(decide_guards(_rewritten(program, _folded, _identity, _shared)))
