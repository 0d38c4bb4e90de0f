"""How inputs are given: in which order, in which rows, as parts of which arguments."""

from __future__ import annotations

import re
from itertools import groupby

from ...jit.ir.program import Input
from ...jit.trace.tracer import CAPTURED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ...jit.plan.blocks import Found

__all__ = ["Inputs"]

LAST_INDEX = re.compile(r"(?:\]\[|, )[^\[,]*$")
"""What an element x[0][1], or x[0, 1], has behind the name of its row."""


class Inputs:
    """The inputs of a program; ``places`` has the place of each among all."""

    def __init__(self, found: Found) -> None:
        self.nodes = {i: node for i, node in enumerate(found.program.nodes) if isinstance(node, Input)}
        order = sorted(self.nodes, key=lambda i: _place(self.nodes[i]))
        self.places = {i: place for place, i in enumerate(order)}
        self._arguments: dict[tuple[str, int | None], set[int]] = {}  # in a batch there is one for each point
        for i, node in self.nodes.items():
            self._arguments.setdefault((self.argument(i), node.axis), set()).add(i)

    def argument(self, i: int) -> str:
        """What an input was given as a part of: an argument, or a layer."""
        name = self.nodes[i].name or "x"
        return name.split("/" if "/" in name else "[")[0]

    def whole_argument(self, nodes: Collection[int]) -> str | None:
        """The argument of which these are all numbers."""
        first = min(nodes)
        name = self.argument(first)
        return name if self._arguments[name, self.nodes[first].axis] == nodes else None

    def matrices(self) -> list[Sequence[Sequence[int]]]:
        """The arguments that were given in rows."""
        return [rows for nodes in self._arguments.values() if len(rows := self.in_rows(nodes)) > 1]

    def in_order(self, nodes: Iterable[int]) -> list[int]:
        """Inputs as they were given."""
        return sorted(nodes, key=self.places.__getitem__)

    def in_rows(self, nodes: Iterable[int]) -> Sequence[Sequence[int]]:
        """The same in the rows that names speak of, else in one."""
        order = self.in_order(nodes)
        rows = [list(row) for _, row in groupby(order, key=lambda a: LAST_INDEX.split(self.nodes[a].name or "")[0])]
        return rows if len({len(row) for row in rows}) == 1 < len(rows[0]) else [order]


def _place(node: Input) -> tuple[int, list[str | int], int]:
    """Captured ones, which the program met in some order, by the numbers in their names, n2 before n10."""
    name = re.split(r"([0-9]+)", node.name or "") if node.source == CAPTURED else []
    return node.source, [int(part) if part.isdecimal() else part for part in name], node.offset
