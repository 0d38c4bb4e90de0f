"""Guards as outputs: numbers that say whether they hold, since straight-line machine code cannot leave early."""

from __future__ import annotations

from ...ops.arithmetic import mul, sub
from ...ops.selection import COMPARISONS, equal
from ..ir.program import Builder, Output, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ir.program import Guard

__all__ = ["GUARD", "HOLDS", "guards_as_outputs"]

GUARD, HOLDS = -2, -1
"""The sinks that get 1 if the guards of single numbers hold, and at every point where those along lanes do, else 0."""


def guards_as_outputs(program: Program) -> Program:
    """`program` with further outputs in place of its guards, which are 1 where all guards hold, else 0."""
    builder = Builder()
    builder.nodes = list(program.nodes)
    along_lanes = [guard for guard in program.guards if program.axis_of[guard.node] is not None]
    single = [guard for guard in program.guards if program.axis_of[guard.node] is None]
    outputs = list(program.outputs)
    if along_lanes:
        axis = program.axis_of[along_lanes[0].node]
        outputs.append(Output(_all_hold(builder, along_lanes), HOLDS, 0, 1, axis))
    if single:
        outputs.append(Output(_all_hold(builder, single), GUARD, 0))
    return Program.of_valid_parts(builder.nodes, outputs, (), program.axes)


def _all_hold(builder: Builder, guards: Sequence[Guard]) -> int:
    holds = builder.constant(1.0)
    for guard in guards:
        holds = builder.add(Step(mul, (holds, _truth(builder, guard.node, guard.expected))))
    return holds


def _truth(builder: Builder, node: int, expected: bool) -> int:
    """The position of a node that is 1 where `node`, any number, is as expected, else 0."""
    decided = builder.nodes[node]
    if not (isinstance(decided, Step) and decided.op in COMPARISONS):
        node, expected = builder.add(Step(equal, (node, builder.constant(0.0)))), not expected
    return node if expected else builder.add(Step(sub, (builder.constant(1.0), node)))
