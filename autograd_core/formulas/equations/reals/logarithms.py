"""Logarithms of sums of exponentials as mathematics writes them: ln Σ exp(x_j - s) is ln Σ exp(x_j) - s."""

from __future__ import annotations

from ....jit.ir.program import Builder, Step, is_constant, moved, renumbered
from ....ops import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....jit.ir.program import Node, Program

__all__ = ["with_plain_logarithms"]

SUB, TOTAL = TABLE["sub"], TABLE["logsumexp"]


def with_plain_logarithms(program: Program) -> Program:
    """The program with what all exponents have in common outside of the logarithm: floats need it inside, as exp of a
    large number is infinite."""
    builder, at = Builder(), list[int]()
    for node in program.nodes:
        shift = _shift(program.nodes, node) if isinstance(node, Step) and node.op is TOTAL else None
        if shift is None:
            at.append(builder.add(renumbered(node, at)))
        else:
            plain = [shift if is_constant(program.nodes, a, 0.0) else program.nodes[a].args[0] for a in node.args]  # type: ignore[union-attr]  # steps
            total = builder.add(Step(TOTAL, tuple([at[a] for a in plain])))
            at.append(builder.add(Step(SUB, (total, at[shift]))))
    return moved(program, builder, at)


def _shift(nodes: Sequence[Node], total: Step) -> int | None:
    """What is subtracted from all exponents but its own, for which there is 0; None if there is no such node."""
    others = [nodes[a] for a in total.args if not is_constant(nodes, a, 0.0)]
    shifts = {node.args[1] if isinstance(node, Step) and node.op is SUB else None for node in others}
    return shifts.pop() if len(shifts) == 1 and len(others) >= len(total.args) - 1 else None
