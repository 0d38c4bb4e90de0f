"""Lowering: every op in primitives, which are arithmetic, comparisons and the functions of the C library.

An op whose ``forward``, or ``in_ops``, is written in ops is replaced by the graph that this makes of Values. Primitives
stay; an op that Python alone can compute stays too, and is called back.
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
"""Ops that move numbers between lanes; loops do that, not kernels."""


def is_called_back(op: Op) -> bool:
    """Whether a program in primitives calls Python back for `op`."""
    return op not in PRIMITIVES and op not in MOVING


def lower(program: Program) -> Program:
    """`program` in primitives and ops that are called back."""
    return rewrite(program, _lowered)


def _lowered(builder: Builder, node: Node) -> int:
    if not isinstance(node, Step) or node.op in PRIMITIVES or node.op in MOVING:
        return builder.append(node)  # equal nodes have been shared before
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
    """The value of `op` at `constants` (None: an input) as a program of primitives; None if it is called back."""
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
    """The program of `place`: its number at one point of an axis, 0 at the others."""
    from ..trace.tracer import Trace

    args = [Value(1.0) if c is None else c for c in constants]
    trace = Trace({x: Input(f"x{i}", 0, i) for i, x in enumerate(args) if isinstance(x, Value)}, [])
    axis = int(constants[-1] or 0.0)
    trace.lanes.lengths = [1] * (axis + 1)

    def at_one_point(x: Any, i: Any, axis: Any) -> Any:
        return where(equal(lane_node(lane_index, axis), i), spread(x, axis), 0.0)

    return trace.program([(trace.record(at_one_point, *args), 0, 0, 0, axis)])
