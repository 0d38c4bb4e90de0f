"""Redundant guards are dropped: those on constants, and repeated ones."""

from __future__ import annotations

from ..ir.program import Constant, Guard, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["decide_guards"]


def decide_guards(program: Program, lengths: Sequence[int] = ()) -> Program:
    """`program` without guards on constants, which hold as they held in the trace, and without repeated guards."""
    kept: dict[tuple[int, bool], Guard] = {}
    for guard in program.guards:
        if not isinstance(program.nodes[guard.node], Constant):
            kept.setdefault((guard.node, guard.expected), guard)
    return Program.of_valid_parts(program.nodes, program.outputs, kept.values(), program.axes)
