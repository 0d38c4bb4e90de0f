"""Guards that always hold, or that another one implies, are not asked."""

from __future__ import annotations

from ..ir.program import Constant, Guard, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["decide_guards"]


def decide_guards(program: Program, lengths: Sequence[int] = ()) -> Program:
    """A guard on a constant holds always: it was true when the function was traced. Of equal guards one is enough."""
    kept: dict[tuple[int, bool], Guard] = {}
    for guard in program.guards:
        if not isinstance(program.nodes[guard.node], Constant):
            kept.setdefault((guard.node, guard.expected), guard)
    return Program.of_valid_parts(program.nodes, program.outputs, kept.values(), program.axes)
