"""Evaluation of a traced graph at one point of every lane axis, with the numbers of the call.

The data in a traced node is not always its number in the call: along a lane axis it is that of the first point, after
a sum over points it is nan, and a captured Value may have been assigned since, or have another number in this call.
A guard's outcome must come from the right number.
"""

from __future__ import annotations

from ...graph import new_ancestors
from ...op import quiet
from ...value import Value
from ..ir.lane_ops import LEAVING, collect, lane_index, place, spread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...value import Number
    from .run import RunningTrace

__all__ = ["Numbers"]


class Numbers:
    """The numbers of the nodes of `trace` at point `point` of every lane axis: ``numbers[node]``, each computed once.

    With `sources` and `known`, the numbers of inputs and of captured Values, they are those of another call.
    """

    def __init__(
        self,
        trace: RunningTrace,
        point: int = 0,
        sources: Sequence[Any] | None = None,
        known: dict[Value, float] | None = None,
    ) -> None:
        self.trace, self.point = trace, point
        self.sources = trace.sources if sources is None else sources
        self.known = trace.known if known is None else known
        self._known: dict[Value, Any] = {}

    def __getitem__(self, x: Number) -> float:
        if not isinstance(x, Value):
            return x
        fresh = new_ancestors(x, self._known)
        try:
            with quiet():
                for node in fresh:
                    self._known[node] = self._computed(node)
        except BaseException:
            for node in fresh:
                del self._known[node]
            raise
        number: float = self._known[x]
        return number

    def _computed(self, node: Value) -> float:
        if not node.inputs:
            return self._of_leaf(node)
        op = node.op
        if op in LEAVING:
            return float(self.trace.evaluated([node])[0][0])
        if op is spread:
            return float(self._operand(node.inputs[0]))
        if op is place:
            return float(self._operand(node.inputs[0])) if node.inputs[1] == self.point else 0.0
        if op is collect:
            return float(self._operand(node.inputs[self.point]))
        if op is lane_index:
            return float(self.point)
        data = tuple(map(self._operand, node.inputs))
        return float(op.evaluate(data, data))

    def _operand(self, x: Any) -> Any:
        return x if type(x) is float else self._known[x]

    def _of_leaf(self, leaf: Value) -> float:
        found = self.trace.inputs.get(leaf)
        if found is None:
            return leaf._data if leaf in self.trace.born else self.known.setdefault(leaf, leaf._data)
        return float(self.sources[found.source][found.offset + found.stride * self.point])
