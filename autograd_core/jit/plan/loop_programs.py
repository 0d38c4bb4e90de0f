"""Writing the program of a loop: what its units compute for one element, from what they read."""

from __future__ import annotations

from ...ops import TABLE
from ..ir.lane_ops import ENTERING
from ..ir.program import Builder, Constant, Input, Output, Program, Step
from ..passes.lower import lower
from .blocks import Block, Formula, Found, Map, Product
from .layout import View
from .work import Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .layout import Grid, Places
    from .work import Size

__all__ = ["Unit", "Writer"]

ADD, SUB, MUL, NEG = (TABLE[name] for name in ("add", "sub", "mul", "neg"))


class Unit:
    """A block, or a single step. Units of one ``space`` and ``stage`` are computed by one loop."""

    def __init__(self, found: Found, what: Block | int) -> None:
        self.found = found
        self.block = what if isinstance(what, Block) else None
        self.nodes = what.nodes if isinstance(what, Block) else [what]
        self.stage = 0
        self.space: Any = (False, found.axis_of[self.nodes[0]], (1, 1))  # is it a map, its lane axis and its shape
        if self.block is not None:
            self.space = (True, self.block.axis, self.block.shape) if isinstance(self.block, Map) else self.block

    @property
    def formula(self) -> Formula:
        """That of each of its elements."""
        return self.block.formula if isinstance(self.block, Map) else self.found.formula_of(self.nodes[0])

    @property
    def columns(self) -> list[list[int]]:
        """Its operands, for each a list with one node for every element."""
        if isinstance(self.block, Map):
            return self.block.columns
        return [[self.found.base(a)] for a in self.formula.operands]

    @property
    def operands(self) -> Sequence[int]:
        """All of them."""
        return self.block.operands if self.block is not None else self.formula.operands

    def can_follow(self, maker: Unit) -> bool:
        """Whether one loop can make both: each element from the maker's element in the same place."""
        if maker.space != self.space or isinstance(maker.block, Product):
            return False
        made = set(maker.nodes)
        return all(column == maker.nodes for column in self.columns if not made.isdisjoint(column))


class Writer:
    """The program of one loop, along a lane axis of its own that runs over the elements.

    `matrix` says where nodes lie evenly: see `Stages.matrix`.
    """

    def __init__(
        self,
        places: Places,
        matrix: Callable[[Sequence[Sequence[int]], int | None], Grid],
        *,
        is_map: bool,
        axis: int | None,
        shape: tuple[int, int],
    ) -> None:
        self.places, self.matrix = places, matrix
        self.is_map, self.axis, self.shape = is_map, axis, shape
        self._builder = Builder()
        self._made: dict[int, tuple[list[int], int]] = {}  # first node of a unit -> its nodes, and where it is
        self._reads: dict[View, int] = {}

    def add(self, unit: Unit) -> None:
        """Compute what a unit does."""
        args = [self._operand(column) for column in unit.columns]
        self._made[unit.nodes[0]] = unit.nodes, self._computed(unit.formula, args)

    def finished(self, extent: tuple[Size, Size], written: Sequence[Unit]) -> Loop:
        """The loop over so many rows and elements."""
        outputs = [Output(self._made[unit.nodes[0]][1], 0, k, 1, 0) for k, unit in enumerate(written)]
        program = lower(Program(self._builder.nodes, outputs, (), 1))
        nodes, reads = program.nodes, list(self._reads)
        writes = [(out.node, self._view(unit.nodes)) for out, unit in zip(program.outputs, written, strict=True)]
        return Loop(extent, program, range(len(nodes)), lambda i: reads[nodes[i].offset], writes=writes)  # type: ignore[union-attr]  # an input

    def _operand(self, column: list[int]) -> int:
        nodes, position = self._made.get(column[0], (None, -1))
        if nodes == column:
            return position
        node = self.places.found.node(column[0])
        if isinstance(node, Constant):
            return self._builder.add(node)
        view = self._view(column)
        if view not in self._reads:
            k = len(self._reads)
            self._reads[view] = self._builder.add(Input(f"x{k}", 0, k, 1, 0))
        return self._reads[view]

    def _view(self, nodes: list[int]) -> View:
        """Where the numbers of all elements are: steps from row to row and from element to element."""
        if len(set(nodes)) == 1:
            place = self.places.of(nodes[0])
            return View(place.array, place.offset, (place.lane, 0) if self.is_map else (0, place.lane))
        width = self.shape[1]
        rows = [nodes[r * width : (r + 1) * width] for r in range(self.shape[0])]
        grid = self.matrix(rows, self.axis)
        return grid.view("row" if self.axis is None else "lane", "column")

    def _computed(self, formula: Formula, args: list[int]) -> int:
        """The position of the formula at these positions."""
        builder = self._builder
        if formula.op is not None:
            if formula.op in ENTERING:  # what is along some lanes there is along the loop's own here
                args = [*args[:-1], builder.constant(0.0)]
            return builder.add(Step(formula.op, tuple(args)))
        total = -1
        for sign, factors in formula.split(args):
            term = builder.add(Step(MUL, tuple(factors))) if len(factors) == 2 else factors[0]
            if total >= 0:
                total = builder.add(Step(ADD if sign > 0.0 else SUB, (total, term)))
            else:
                total = term if sign > 0.0 else builder.add(Step(NEG, (term,)))
        return total
