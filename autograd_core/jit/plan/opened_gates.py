"""Opened gates: where(c, a b, 0) in a sum is read as where(c, a, 0) b, so that relu's gradients are products too.

The two differ where c is 0 and b is inf or nan: the second is nan then, and with it the whole sum. So sums with opened
gates are right if they are finite, which the executable must check.
"""

from __future__ import annotations

from collections import Counter

from ...ops import TABLE
from ..ir.lane_ops import lane_sum
from ..ir.program import Builder, Constant, Program, Step, moved, renumbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["open_gates"]

MUL, WHERE = TABLE["mul"], TABLE["where"]
ADDING = frozenset({TABLE["add"], TABLE["sub"], TABLE["sum"], lane_sum})


def open_gates(program: Program, closed: Collection[int] = ()) -> tuple[Program, dict[tuple[int, int], int]]:
    """The program with all gates in sums opened but those in `closed`, and the opened gates.

    These are given by the two factors that each has become, with its position in `program`."""
    gates = {i: gate for i, gate in _gated_products(program).items() if i not in closed}
    if not gates:
        return program, {}
    shared = Counter([(condition, a) for condition, _, factors in gates.values() for a in factors])
    closed_products = {gate[1] for gate in gates.values()} - _used(program, gates)
    builder = Builder()
    zero = builder.constant(0.0)
    at: list[int] = []
    opened = {}
    for i, node in enumerate(program.nodes):
        if i in gates:
            condition, _, (a, b) = gates[i]
            if shared[condition, a] < shared[condition, b]:
                a, b = b, a
            factor = builder.add(Step(WHERE, (at[condition], at[a], zero)))
            at.append(builder.add(Step(MUL, (factor, at[b]))))
            opened[factor, at[b]] = i
        else:
            at.append(-1 if i in closed_products else builder.add(renumbered(node, at)))
    return moved(program, builder, at), opened


def _used(program: Program, without: Collection[int]) -> set[int]:
    """The nodes that outputs, guards and the steps not in `without` use."""
    used = {out.node for out in program.outputs} | {guard.node for guard in program.guards}
    for i, node in enumerate(program.nodes):
        if isinstance(node, Step) and i not in without:
            used.update(node.args)
    return used


def _gated_products(program: Program) -> dict[int, tuple[int, int, tuple[int, ...]]]:
    """The steps where(c, a b, 0) that only sums use, with c, the product and its factors."""
    adding = [i for i, node in enumerate(program.nodes) if isinstance(node, Step) and node.op in ADDING]
    used_otherwise = _used(program, set(adding))
    found = {}
    for i, node in enumerate(program.nodes):
        if isinstance(node, Step) and node.op is WHERE and i not in used_otherwise:
            condition, product, otherwise = (program.nodes[a] for a in node.args)
            is_nothing = isinstance(otherwise, Constant) and otherwise.value == 0.0
            if is_nothing and isinstance(product, Step) and product.op is MUL and not isinstance(condition, Constant):
                found[i] = node.args[0], node.args[1], product.args
    return found
