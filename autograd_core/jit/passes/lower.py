"""What a machine computes: every op as arithmetic, comparisons and the functions of the C library.

An op is what its ``forward``, or ``in_ops``, makes of Values, where that is written in ops. What machines have or a
library has stays; what Python alone can compute is called back.
"""

from __future__ import annotations

from functools import lru_cache

from ...forward import graph_of
from ...graph import ancestors
from ...op import Op
from ...ops.selection import equal, where
from ...value import Value
from ..ir.from_graph import from_graph
from ..ir.lane_ops import ENTERING, LEAVING, lane_index, lane_node, place, spread
from ..ir.primitives import PRIMITIVES
from ..ir.program import Builder, Constant, Input, Node, Program, Step, rewrite
from . import optimised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


__all__ = ["is_called_back", "lower"]


MOVING = (ENTERING | LEAVING) - {place}
"""Ops that move numbers between lanes, which is for loops to do."""


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
    if op is place:
        return rewrite(optimised(_placed(known)), _lowered)
    graph = graph_of(op, known)
    if graph is None:
        return None
    leaves, root = graph
    inputs = {leaf: Input(f"x{i}", 0, i) for i, leaf in enumerate(leaves)}
    program = from_graph(ancestors(root), inputs, {}, outputs=[(root, 0, 0, 0, None)])
    return rewrite(optimised(program), _lowered)


def _placed(constants: Sequence[float | None]) -> Program:
    """A number at one point of an axis, and 0 at the others."""
    from ..trace.tracer import Trace

    args = [Value(1.0) if c is None else c for c in constants]
    trace = Trace({x: Input(f"x{i}", 0, i) for i, x in enumerate(args) if isinstance(x, Value)}, [])
    axis = int(constants[-1] or 0.0)
    trace.lanes.lengths = [1] * (axis + 1)

    def at_one_point(x: Any, i: Any, axis: Any) -> Any:
        return where(equal(lane_node(lane_index, axis), i), spread(x, axis), 0.0)

    return trace.program([(trace.record(at_one_point, *args), 0, 0, 0, axis)])
