"""σ written out, 1 / (1 + exp(-z)), as the op that it is, and what its derivative comes to, as σ'(z)."""

from __future__ import annotations

from ....jit.ir.program import Builder, Step, is_constant, moved, renumbered
from ....ops import TABLE
from .derivatives import derivative_of
from .factors import monomials_of
from .steps import chained, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....jit.ir.program import Program

__all__ = ["with_sigmoid", "with_slopes_of_sigmoid"]

ADD, MUL, DIV, NEG, EXP, SIGMOID = (TABLE[name] for name in ("add", "mul", "div", "neg", "exp", "sigmoid"))


def with_sigmoid(program: Program) -> Program:
    """The program with σ(z) for 1 / (1 + exp(-z)), and x σ(z) for x / (1 + exp(-z))."""
    nodes = program.nodes
    z_of = _exponentials(program)
    below = {
        i: z_of[a]
        for i, node in enumerate(nodes)
        if isinstance(node, Step) and node.op is ADD
        for one, a in (node.args, node.args[::-1])
        if a in z_of and is_constant(nodes, one, 1.0)
    }
    builder, at = Builder(), list[int]()
    for node in nodes:
        if isinstance(node, Step) and node.op is DIV and node.args[1] in below:
            above, share = node.args[0], builder.add(Step(SIGMOID, (at[below[node.args[1]]],)))
            is_share = is_constant(nodes, above, 1.0)
            at.append(share if is_share else builder.add(Step(MUL, (at[above], share))))
        else:
            at.append(builder.add(renumbered(node, at)))
    return moved(program, builder, at)


def with_slopes_of_sigmoid(program: Program) -> Program:
    """The program with σ'(z) for σ(z)² exp(-z) in its products."""
    nodes, z_of = program.nodes, _exponentials(program)
    shares = {node.args[0]: i for i, node in enumerate(nodes) if isinstance(node, Step) and node.op is SIGMOID}
    builder, at = Builder(), list[int]()
    for node, (number, factors) in zip(nodes, monomials_of(program), strict=True):
        exponential = next((a for a in factors if a in z_of and factors.count(shares.get(z_of[a], -1)) > 1), None)
        if exponential is None:
            at.append(builder.add(renumbered(node, at)))
            continue
        z, others = z_of[exponential], list(factors)
        for a in (exponential, shares[z], shares[z]):
            others.remove(a)
        slope = builder.add(Step(derivative_of(SIGMOID), (at[z],)))
        at.append(times(builder, number, chained(builder, MUL, [*[at[a] for a in others], slope])))
    return moved(program, builder, at)


def _exponentials(program: Program) -> dict[int, int]:
    """The nodes exp(-z), each with its z."""
    nodes = program.nodes
    return {
        i: inner.args[0]
        for i, node in enumerate(nodes)
        if isinstance(node, Step) and node.op is EXP
        if isinstance(inner := nodes[node.args[0]], Step) and inner.op is NEG
    }
