"""The inputs of a program as they were given: their order, their rows, the arguments that they are parts of."""

from __future__ import annotations

import re
from itertools import groupby

from ...jit.ir.program import Input
from ...jit.trace.tracer import CAPTURED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ...jit.plan.blocks import Found

__all__ = ["Inputs", "place"]

LAST_INDEX = re.compile(r"(?:\]\[|, )[^\[,]*$")
"""The index of an element x[0][1], or x[0, 1], behind the name of its row."""


class Inputs:
    """The inputs of a program; ``places`` are their positions in the order in which they were given."""

    def __init__(self, found: Found) -> None:
        self.nodes = {i: node for i, node in enumerate(found.program.nodes) if isinstance(node, Input)}
        order = sorted(self.nodes, key=lambda i: place(self.nodes[i]))
        self.places = {i: place for place, i in enumerate(order)}
        self._arguments: dict[tuple[str, int | None], set[int]] = {}  # in a batch there is one for each point
        for i, node in self.nodes.items():
            self._arguments.setdefault((self.argument(i), node.axis), set()).add(i)

    def argument(self, i: int) -> str:
        """The name of the argument, or the layer, that an input is a part of."""
        name = self.nodes[i].name or "x"
        return name.split("/" if "/" in name else "[")[0]

    def whole_argument(self, nodes: Collection[int]) -> str | None:
        """The name of the argument that consists of exactly these inputs, or None."""
        first = min(nodes)
        name = self.argument(first)
        is_array = "['" not in (self.nodes[first].name or "")  # a dict has no order of numbers
        return name if is_array and self._arguments[name, self.nodes[first].axis] == nodes else None

    def matrices(self) -> list[Sequence[Sequence[int]]]:
        """The arguments that were given in rows."""
        return [rows for nodes in self._arguments.values() if len(rows := self.in_rows(nodes)) > 1]

    def all_rows(self, axis: int | None) -> list[Sequence[Sequence[int]]]:
        """The arguments along a lane axis, or those of single numbers, in their rows."""
        return [self.in_rows(nodes) for (_, along), nodes in self._arguments.items() if along == axis]

    def samples_along(self, axis: int) -> int:
        """The number of points along a lane axis, by the argument that they are taken from; 0 if none is known."""
        counts = [
            len(self._arguments.get((name, None), ())) // len(nodes)
            for (name, along), nodes in self._arguments.items()
            if along == axis
        ]
        return max(counts, default=0)

    def arguments(self) -> set[str]:
        """The names of all arguments."""
        return {name for name, _ in self._arguments}

    def is_single(self, i: int) -> bool:
        """Whether an input is an argument of one number."""
        return self._arguments[self.argument(i), self.nodes[i].axis] == {i} and "[" not in self.nodes[i].name

    def in_order(self, nodes: Iterable[int]) -> list[int]:
        """Inputs in the order in which they were given."""
        return sorted(nodes, key=self.places.__getitem__)

    def in_rows(self, nodes: Iterable[int]) -> Sequence[Sequence[int]]:
        """Inputs in the rows that their names tell, else in one row."""
        order = self.in_order(nodes)
        rows = [list(row) for _, row in groupby(order, key=lambda a: LAST_INDEX.split(self.nodes[a].name or "")[0])]
        return rows if len({len(row) for row in rows}) == 1 < len(rows[0]) else [order]


def place(node: Input) -> tuple[int, list[str | int], int]:
    """The sort key of inputs; captured ones, met in some order, go by the numbers in their names, n2 before n10."""
    name = re.split(r"([0-9]+)", node.name or "") if node.source == CAPTURED else []
    return node.source, [int(part) if part.isdecimal() else part for part in name], node.offset
