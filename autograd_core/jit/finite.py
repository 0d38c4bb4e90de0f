"""`check_finite`: which step of a program first gave inf or nan.

The program is computed again, step by step, at the numbers of the call; then the way leads back from a result that
is not finite, through operands that are not, to the step whose operands still were.
"""

from __future__ import annotations

import math

from ..errors import NonFiniteError
from ..op import quiet
from ..ops import TABLE
from .laneops import lane_index, lane_sum, pick, place, spread
from .program import Constant, Input, Program, Step

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
        axis = out.axis
        for i in range(1 if axis is None else lengths[axis]):
            is_answered = axis is None or holds is None or holds[i]
            if is_answered and not math.isfinite(sinks[out.sink][out.offset + i * out.stride]):
                raise NonFiniteError(_explanation(program, sources, lengths, out.node, i))


def _explanation(program: Program, sources: Sequence[Any], lengths: Sequence[int], node: int, point: int) -> str:
    values = _values(program, sources, lengths)
    names = program.names()

    def at(i: int) -> float:
        found: float = values[i][point] if program.axis_of[i] is not None else values[i]
        return found

    while True:
        this = program.nodes[node]
        if isinstance(this, Step) and this.op is lane_sum:  # the way leads on into one of the points
            terms = values[this.args[0]]
            point = next((i for i, x in enumerate(terms) if not math.isfinite(x)), -1)
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
    """The operands that count: of a `where` the chosen one."""
    if not isinstance(node, Step):
        return ()
    return (node.args[1 if at(node.args[0]) else 2],) if node.op is TABLE["where"] else node.args


def _values(program: Program, sources: Sequence[Any], lengths: Sequence[int]) -> list[Any]:
    """The value of every node: a float, or a list with one for every point."""
    values: list[Any] = []
    with quiet():
        for i, node in enumerate(program.nodes):
            axis = program.axis_of[i]
            if isinstance(node, Constant):
                values.append(node.value)
            elif isinstance(node, Input):
                points = range(1 if axis is None else lengths[axis])
                found = [float(sources[node.source][node.offset + k * node.stride]) for k in points]
                values.append(found[0] if axis is None else found)
            elif axis is None:
                values.append(_single(node, [values[a] for a in node.args]))
            else:
                operands = [
                    values[a] if program.axis_of[a] is not None else [values[a]] * lengths[axis] for a in node.args
                ]
                rows = zip(*operands, strict=True) if operands else [()] * lengths[axis]
                values.append([_at_point(node, k, row) for k, row in enumerate(rows)])
    return values


def _single(node: Step, args: list[Any]) -> float:
    if node.op is lane_sum:
        return float(sum(args[0]))
    return float(args[0][int(args[1])]) if node.op is pick else node.op.evaluate(tuple(args), args)


def _at_point(node: Step, k: int, args: tuple[float, ...]) -> float:
    if node.op is lane_index:
        return float(k)
    if node.op is place:
        return args[0] if k == args[1] else 0.0
    return args[0] if node.op is spread else node.op.evaluate(args, args)
