"""Softmax and its logarithm without the shifts that floats need.

An exponential of a large number is infinite in floats, so what all exponents have in common is subtracted first. Of two
classes nothing is left but a difference: exp(a) / (exp(a) + exp(b)) is σ(a - b).
"""

from __future__ import annotations

from ....jit.ir.program import Builder, Input, Step, is_constant, moved, renumbered
from ....ops import TABLE
from .shares import log_total, softmax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....jit.ir.program import Node, Program

__all__ = ["without_shifts"]

ADD, SUB, DOT, SIGMOID, LOGSUMEXP = (TABLE[name] for name in ("add", "sub", "dot", "sigmoid", "logsumexp"))


def without_shifts(program: Program) -> Program:
    """The program with ln Σ exp(x_j) - s for ln Σ exp(x_j - s), and softmax for σ of the difference of two neurons."""
    nodes, builder, at = program.nodes, Builder(), list[int]()
    for node in nodes:
        if isinstance(node, Step) and node.op is LOGSUMEXP and (shift := _shift(nodes, node)) is not None:
            plain = [shift if is_constant(nodes, a, 0.0) else nodes[a].args[0] for a in node.args]  # type: ignore[union-attr]  # steps
            total = builder.add(Step(LOGSUMEXP, tuple([at[a] for a in plain])))
            at.append(builder.add(Step(SUB, (total, at[shift]))))
        elif isinstance(node, Step) and node.op is SIGMOID and (pair := _two_neurons(nodes, node.args[0])):
            first, second = [at[a] for a in pair]
            total = builder.add(Step(log_total, tuple(sorted((first, second)))))
            at.append(builder.add(Step(softmax, (first, total))))
        else:
            at.append(builder.add(renumbered(node, at)))
    return moved(program, builder, at)


def _shift(nodes: Sequence[Node], total: Step) -> int | None:
    """What is subtracted from all exponents but its own, for which there is 0; None if there is no such node."""
    others = [nodes[a] for a in total.args if not is_constant(nodes, a, 0.0)]
    shifts = {node.args[1] if isinstance(node, Step) and node.op is SUB else None for node in others}
    return shifts.pop() if len(shifts) == 1 and len(others) >= len(total.args) - 1 else None


def _two_neurons(nodes: Sequence[Node], a: int) -> tuple[int, ...]:
    """The neurons of one layer, dot products of the same numbers, of which node a is the difference; else nothing."""
    difference = nodes[a]
    if not (isinstance(difference, Step) and difference.op is SUB):
        return ()
    first, second = (set(_factors(nodes, b)) for b in difference.args)
    return difference.args if first & second else ()


def _factors(nodes: Sequence[Node], a: int) -> tuple[int, ...]:
    """The factors of a dot product, to which something given may be added."""
    node = nodes[a]
    if isinstance(node, Step) and node.op is ADD and isinstance(nodes[node.args[1]], Input):
        node = nodes[node.args[0]]
    return node.args if isinstance(node, Step) and node.op is DOT else ()
