"""From a graph to a program: nodes become steps in topological order, equal ones become one."""

from __future__ import annotations

from ...value import Value
from .program import Builder, Guard, Input, Output, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...value import Number

__all__ = ["from_graph"]


def from_graph(
    order: Mapping[Value, object],
    inputs: Mapping[Value, Input],
    captured: Mapping[Value, Input],
    *,
    outputs: Iterable[tuple[Number, int, int, int, int | None]],
    guards: Iterable[tuple[Value, bool, str]] = (),
    axes: int = 0,
) -> Program:
    """The program of the nodes in `order`, which come after their inputs.

    A leaf is one of `inputs`, one of the `captured` Values, or a constant. Inputs of single numbers are in the program
    whether they are used or not. `outputs` are numbers, each with the arguments of its `Output`; `guards` are
    comparisons, their outcomes and their source lines; `axes` is the number of lane axes.
    """
    builder = Builder()
    at: dict[Value, int] = {}
    for value, given in inputs.items():
        if given.axis is None or value in order:
            at[value] = builder.add(given)
    for node in order:
        if node not in at:
            at[node] = builder.add(captured[node]) if node in captured else _added(builder, node, at)

    def position(x: Number) -> int:
        return at[x] if isinstance(x, Value) else builder.constant(x)

    return Program(
        builder.nodes,
        [Output(position(x), sink, offset, stride, axis) for x, sink, offset, stride, axis in outputs],
        [Guard(at[node], expected, place) for node, expected, place in guards],
        axes,
    )


def _added(builder: Builder, node: Value, at: Mapping[Value, int]) -> int:
    if not node.inputs:
        return builder.constant(node._data)
    args: Sequence[int] = [builder.constant(x) if type(x) is float else at[x] for x in node.inputs]
    return builder.add(Step(node.op, tuple(args), node.name))
