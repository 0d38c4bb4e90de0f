"""`check_finite`: finds the step of a program that first gave inf or nan.

The program is computed again, step by step, at the numbers of the call. From a result that is not finite the search
goes back through operands that are not, to a step all of whose operands are finite.
"""

from __future__ import annotations

import math

import numpy as np

from ...errors import NonFiniteError
from ...ops import TABLE
from ..backends.source import python
from ..ir.lane_ops import lane_sum, pick
from ..ir.program import Constant, Output, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["require_finite"]


def require_finite(
    program: Program, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any = None
) -> None:
    """Raise `NonFiniteError` if a result in `sinks` is inf or nan; of points only those where `holds` is not 0."""
    for out in program.outputs:
        count = 1 if out.axis is None else lengths[out.axis]
        wrong = ~np.isfinite(sinks[out.sink][out.offset :: out.stride or 1][:count])
        if out.axis is not None and holds is not None:
            wrong &= holds != 0.0
        if wrong.any():
            raise NonFiniteError(_explanation(program, sources, lengths, out.node, int(wrong.argmax())))


def _explanation(program: Program, sources: Sequence[Any], lengths: Sequence[int], node: int, point: int) -> str:
    values = _values(program, sources, lengths)
    names = program.names

    def at(i: int) -> float:
        return float(values[i][point if program.axis_of[i] is not None else 0])

    while True:
        this = program.nodes[node]
        if isinstance(this, Step) and this.op is lane_sum:  # go on at one of the points
            wrong = ~np.isfinite(values[this.args[0]])
            point = int(wrong.argmax()) if wrong.any() else -1
            doubtful = [this.args[0]] if point >= 0 else []
        elif isinstance(this, Step) and this.op is pick:
            point, doubtful = int(at(this.args[1])), [this.args[0]]
        else:
            computed = [a for a in _used(this, at) if not isinstance(program.nodes[a], Constant)]
            doubtful = [a for a in computed if not math.isfinite(at(a))]
        if not doubtful:
            break
        node = doubtful[0]
    where = "" if program.axis_of[node] is None or point < 0 else f" at point {point}"
    if isinstance(this, Constant):
        return f"the result is always {this.value!r}{where}"
    if not isinstance(this, Step):
        return f"{names[node]} is {at(node)!r}{where}: it was given so"
    operands = ", ".join(f"{names[a]} = {at(a)!r}" for a in this.args if not isinstance(program.nodes[a], Constant))
    return f"the step {names[node]} = {program.text_of(node)} gave {at(node)!r}{where}, with {operands or 'constants'}"


def _used(node: Any, at: Any) -> Sequence[int]:
    """The operands that a node's number depends on: of a `where` only the chosen one."""
    if not isinstance(node, Step):
        return ()
    return (node.args[1 if at(node.args[0]) else 2],) if node.op is TABLE["where"] else node.args


def _values(program: Program, sources: Sequence[Any], lengths: Sequence[int]) -> list[Any]:
    """The numbers of every node by the python backend: an array of one, or of one for every point."""
    axes = program.axis_of
    outputs = [Output(i, i, 0, 0 if axis is None else 1, axis) for i, axis in enumerate(axes)]
    sinks = [np.empty(1 if axis is None else lengths[axis]) for axis in axes]
    everything = Program.of_valid_parts(program.nodes, outputs, (), program.axes)
    python.compile(everything).run(sources, lengths, sinks, None, 1)
    return sinks
