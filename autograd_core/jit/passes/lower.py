"""What a machine computes: every op as arithmetic, comparisons and the functions of the C library.

An op is what its ``forward`` makes of Values, where that is written in ops, ours as users'. What machines have or a
library has stays; what Python alone can compute is called back, but for a few ops that `EXPANSIONS` has in other words.
"""

from __future__ import annotations

import math
import operator
from functools import lru_cache

from ...forward import graph_of
from ...graph import ancestors
from ...op import Op
from ...ops import TABLE
from ...ops.arithmetic import abs_, pow_, sqrt
from ...ops.exponential import exp, log1p
from ...ops.selection import copysign, equal, floor, less, maximum, minimum, where
from ...value import Value
from ..ir.from_graph import from_graph
from ..ir.lane_ops import ENTERING, LEAVING, lane_index, lane_node, place, spread
from ..ir.primitives import PRIMITIVES, fmod
from ..ir.program import Builder, Constant, Input, Node, Program, Step, rewrite
from . import optimised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


__all__ = ["is_called_back", "lower"]


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


def is_called_back(op: Op) -> bool:
    """Whether Python computes `op` where a program in primitives comes to it."""
    return op not in PRIMITIVES and op not in MOVING


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
    if expansion is not None:
        return rewrite(optimised(_expanded(op, expansion, known)), _lowered)
    graph = graph_of(op, known)
    if graph is None:
        return None
    leaves, root = graph
    inputs = {leaf: Input(f"x{i}", 0, i) for i, leaf in enumerate(leaves)}
    program = from_graph(ancestors(root), inputs, {}, outputs=[(root, 0, 0, 0, None)])
    return rewrite(optimised(program), _lowered)


def _expanded(op: Op, expansion: Callable[..., Any], constants: Sequence[float | None]) -> Program:
    from ..trace.tracer import Trace

    args = [Value(1.0) if c is None else c for c in constants]
    trace = Trace({x: Input(f"x{i}", 0, i) for i, x in enumerate(args) if isinstance(x, Value)}, [])
    axis = None
    if op is place:
        axis = int(constants[-1] or 0.0)
        trace.lanes.lengths = [1] * (axis + 1)
    return trace.program([(trace.record(expansion, *args), 0, 0, 0, axis)])
