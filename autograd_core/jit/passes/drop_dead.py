"""Dead code elimination: steps that neither outputs nor guards need are dropped."""

from __future__ import annotations

from ..ir.program import Builder, Input, Program, Step, moved, renumbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["drop_dead"]


def drop_dead(program: Program, lengths: Sequence[int] = ()) -> Program:
    """`program` without the steps and constants that neither outputs nor guards need; inputs stay."""
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
