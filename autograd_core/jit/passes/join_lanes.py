"""Reductions over the points of a batch become one `lane_sum` each, however they were written.

No other pass changes the order of additions.
"""

from __future__ import annotations

from ...ops import TABLE
from ..ir.lane_ops import lane_sum, pick, place, spread
from ..ir.program import Builder, Constant, Node, Program, Step, moved, renumbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op

__all__ = ["join_lanes"]


_add, _sum = TABLE["add"], TABLE["sum"]


def join_lanes(program: Program, lengths: Sequence[int]) -> Program:
    """`program` with sums of one pick of every point as a `lane_sum`, and of one number placed at every point as a
    `spread`.

    Python's ``sum`` over the results of a `vmap` records the first, and its derivative the second. ``lengths`` are the
    numbers of points of the lane axes.
    """
    terms = _terms_of_sums(program) if lengths else {}
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
    """The terms of every outermost sum that picks or places points."""
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
    """The position of the sum of `terms`, complete sets of points joined."""
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
