"""A program as mathematics reads it: the same function of real numbers, in the ops' own terms.

A compiled program is exact in floats, where 0 times infinity is no number. In real arithmetic it says the same with
less: each step here is true of all real numbers, and what comes out is read, never run for its results.

shifts       softmax and its logarithm without the shifts that floats need
gates        a condition around a product belongs to the factor that it was made for
written_out  σ for 1 / (1 + exp(-z))
derivatives  what an op's own rule computes is a step, g f'(z)
factors      products in the order of the chain rule, from the output to the inputs
penalties    what depends on weights alone is a term of its own
steps        what these put together
sample_sums  the sums over samples that a loop has unrolled
"""

from __future__ import annotations

from ....jit.ir.program import Builder, Input, Program, moved, renumbered
from ....jit.passes.drop_dead import drop_dead
from ....jit.trace.tracer import CAPTURED
from ..inputs import place
from .derivatives import name_derivatives
from .factors import with_factors_in_order
from .gates import move_gates
from .penalties import with_penalties_apart
from .sample_sums import with_sums_of_samples
from .shifts import without_shifts
from .written_out import with_sigmoid, with_slopes_of_sigmoid

__all__ = ["in_reals"]


def in_reals(program: Program) -> Program:
    """The program in real arithmetic, its captured inputs in the order of their names; without guards, which say for
    which inputs it holds."""
    program = Program.of_valid_parts(program.nodes, program.outputs, [], program.axes)
    for step in STEPS:
        program = step(program)
    return program


def _with_inputs_in_order(program: Program) -> Program:
    """The program with captured inputs numbered by their names: a trace has met them in an order of its own."""
    captured = [node for node in program.nodes if isinstance(node, Input) and node.source == CAPTURED]
    offsets = {node: k for k, node in enumerate(sorted(captured, key=place))}
    builder, at = Builder(), list[int]()
    for node in program.nodes:
        if isinstance(node, Input) and node in offsets:
            node = Input(node.name, node.source, offsets[node], node.stride, node.axis)  # noqa: PLW2901
        at.append(builder.append(renumbered(node, at)))
    return moved(program, builder, at)


STEPS = [
    _with_inputs_in_order,
    without_shifts,
    move_gates,
    drop_dead,
    with_sigmoid,
    with_slopes_of_sigmoid,
    drop_dead,
    name_derivatives,
    with_factors_in_order,
    with_penalties_apart,
    drop_dead,
    with_sums_of_samples,
]
