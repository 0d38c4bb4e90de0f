"""What a machine computes: every op as arithmetic, comparisons and the functions of the C library.

An op is what its ``forward`` makes of Values, where that is written in ops, ours as users'. What machines have or a
library has stays; what Python alone can compute is called back, but for a few ops that `EXPANSIONS` has in other words.
"""

from __future__ import annotations

import math
import operator
import struct
from functools import lru_cache
from random import Random

from ...op import Op, quiet
from ...ops import TABLE
from ...ops.arithmetic import abs_, pow_, sqrt
from ...ops.exponential import exp, log1p
from ...ops.selection import copysign, equal, floor, less, maximum, minimum, where
from ...value import Value
from ..ir.lane_ops import (
    ENTERING,
    LEAVING,
    lane_index,
    lane_node,
    place,
    spread,
)
from ..ir.primitives import PRIMITIVES, fmod
from ..ir.program import (
    Builder,
    Constant,
    Input,
    Node,
    Program,
    Step,
    rewrite,
)
from . import optimised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..trace.tracer import Trace

__all__ = ["lower"]


def _power(x: Any, n: Any) -> Any:
    if n in (-1.0, -2.0):
        return _power(1.0 / x, -n)
    square = x * x
    found = {0.0: 1.0, 1.0: x, 2.0: square, 3.0: square * x, 4.0: square * square}.get(n)
    return pow_(x, n) if found is None else found


def _mod(x: Any, y: Any) -> Any:
    r = fmod(x, y)
    other_side = where(less(y, 0.0), less(0.0, r), less(r, 0.0))
    return where(equal(r, 0.0), copysign(0.0, y), where(other_side, r + y, r))


def _floor_divide(x: Any, y: Any) -> Any:
    r = fmod(x, y)
    other_side = where(less(y, 0.0), less(0.0, r), less(r, 0.0))
    quotient = (x - r) / y - other_side
    whole = floor(quotient)
    rounded = where(less(0.5, quotient - whole), whole + 1.0, whole)
    found = where(equal(quotient, 0.0), copysign(0.0, x / y), rounded)
    return where(equal(y, 0.0), math.nan, found)


def _chain(combine: Callable[[Any, Any], Any], start: float | None = None) -> Callable[..., Any]:
    """From the left to the right, as Python's own sum does it."""

    def reduced(*xs: Any) -> Any:
        if start is not None:
            xs = (start, *xs)
        total = xs[0]
        for x in xs[1:]:
            total = combine(total, x)
        return total

    return reduced


def _norm(*xs: Any) -> Any:
    if not xs:
        return 0.0
    sizes = [abs_(x) for x in xs]
    largest = _chain(lambda a, b: where(less(a, b), b, a))(*sizes)
    scale = where(equal(largest, 0.0), 1.0, largest)
    total = _chain(operator.add)(*[(s / scale) * (s / scale) for s in sizes])
    infinite = _chain(lambda a, b: where(equal(b, math.inf), 1.0, a), 0.0)(*sizes)
    return where(infinite, math.inf, scale * sqrt(total))


def _logsumexp(*xs: Any) -> Any:
    """Running: the largest so far, and the sum of the others' exponentials relative to it."""
    largest, others = xs[0], 0.0
    for x in xs[1:]:
        rises = less(largest, x)
        e = exp(-where(equal(x, largest), 0.0, abs_(x - largest)))
        others = where(rises, (others + 1.0) * e, others + e)
        largest = where(rises, x, largest)
    return where(equal(abs_(largest), math.inf), largest + 0.0 * others, largest + log1p(others))


def lane_index_of(axis: float) -> Value:
    """The number of the point, in the graph although nothing in it is a Value yet."""
    return lane_node(lane_index, axis)


MOVING = (ENTERING | LEAVING) - {place}
"""Ops that move numbers between lanes, which is for loops to do."""

EXPANSIONS: dict[Op, Callable[..., Any]] = {
    place: lambda x, i, axis: where(equal(lane_index_of(axis), i), spread(x, axis), 0.0),
    TABLE["power"]: _power,
    TABLE["mod"]: _mod,
    TABLE["floor_divide"]: _floor_divide,
    TABLE["norm"]: _norm,
    TABLE["logsumexp"]: _logsumexp,
    TABLE["max"]: _chain(maximum),
    TABLE["min"]: _chain(minimum),
}
"""Ops whose forward is Python's own, for speed or exactness, as several steps."""


def lower(program: Program) -> Program:
    """`program` in primitives, functions of C, and ops that neither has: those are called back."""
    return rewrite(program, _lowered)


def _lowered(builder: Builder, node: Node) -> int:
    if not isinstance(node, Step) or node.op in PRIMITIVES or node.op in MOVING:
        return builder.append(node)  # it has been told from all others before
    constants = [x.value if isinstance(x := builder.nodes[a], Constant) else None for a in node.args]
    template = _template(node.op, tuple([c if c is None else c.hex() for c in constants]))
    if template is None:
        return builder.append(node)
    at: list[int] = []
    variables = iter([a for a, c in zip(node.args, constants, strict=True) if c is None])
    for part in template.nodes:
        if isinstance(part, Input):
            at.append(next(variables))
        elif isinstance(part, Step):
            at.append(builder.add(Step(part.op, tuple([at[a] for a in part.args]))))
        else:
            at.append(builder.add(part))
    position = at[template.outputs[0].node]
    found = builder.nodes[position]
    if node.name and isinstance(found, Step) and found.name is None:
        builder.nodes[position] = Step(found.op, found.args, node.name)
    return position


@lru_cache(maxsize=1024)
def _template(op: Op, constants: tuple[str | None, ...]) -> Program | None:
    """The value of `op` at those constants (None: an input) as a program of primitives; None if it is called back."""
    known = [None if c is None else float.fromhex(c) for c in constants]
    expansion = EXPANSIONS.get(op)
    if expansion is None:
        program = _as_its_forward(op, known)
    else:
        program, _, _ = _recorded(expansion, op, known, [1.0] * len(known))
    return None if program is None else rewrite(optimised(program), _lowered)


def _recorded(
    forward: Callable[..., Any], op: Op, constants: Sequence[float | None], point: Sequence[float]
) -> tuple[Program, Any, Trace]:
    """What `forward` makes of Values in place of all that is not constant, its result, and the trace."""
    from ..trace.tracer import Trace

    args = [Value(x) if c is None else c for c, x in zip(constants, point, strict=True)]
    trace = Trace({x: Input(f"x{i}", 0, i) for i, x in enumerate(args) if isinstance(x, Value)}, [])
    axis = None
    if op is place:
        axis = int(constants[-1] or 0.0)
        trace.lanes.lengths = [1] * (axis + 1)
    result = trace.record(forward, *args)
    return trace.program([(result, 0, 0, 0, axis)]), result, trace


def _as_its_forward(op: Op, constants: Sequence[float | None]) -> Program | None:
    """The value of a user's op as its ``forward`` has it, where that is written in ops.

    It is where it answers Values with one, asks for no truth of a Comparison, makes the same steps at another point and
    the very numbers there that it makes of floats. Else it is Python's: so is one with an ``ieee`` of its own, which
    the steps do not know of.
    """
    if op.ieee is not None:
        return None
    forward = getattr(op.forward, "__wrapped__", op.forward)
    found = []
    for seed in range(2):
        point = _point(op, constants, Random(seed))
        if point is None:
            return None
        try:
            program, result, trace = _recorded(forward, op, constants, point)
            with quiet():
                expected = op.evaluate(tuple(point), point)
        except Exception:  # whatever it is that a function of floats does with Values
            return None
        known = {Input(f"x{i}", 0, i) for i in range(len(constants))}
        if not isinstance(result, Value) or trace.guards or trace.shown_numbers or not known.issuperset(program.inputs):
            return None
        if struct.pack("d", result._data) != struct.pack("d", expected) and (expected == expected):
            return None
        found.append(program)
    return found[0] if found[0] == found[1] else None


def _point(op: Op, constants: Sequence[float | None], random: Random) -> list[float] | None:
    """A point of the domain, with the constants."""
    for _ in range(100):
        point = [op.domain.interval(i).sample(random) if c is None else c for i, c in enumerate(constants)]
        if op.domain.problem(point, op.input_names) is None:
            return point
    return None
