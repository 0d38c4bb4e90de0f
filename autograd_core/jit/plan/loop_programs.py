"""The program of a loop: the formulas of its fused blocks for one element, with reads as inputs."""

from __future__ import annotations

from ...ops import TABLE
from ..ir.lane_ops import ENTERING
from ..ir.program import Builder, Constant, Input, Output, Program, Step
from ..passes.lower import lower
from .layout import View
from .work import Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .blocks import Formula, Map
    from .layout import Grid, Places
    from .work import Size

__all__ = ["LoopBuilder"]

ADD, SUB, MUL, NEG = (TABLE[name] for name in ("add", "sub", "mul", "neg"))


class LoopBuilder:
    """The builder of one loop's program, along a lane axis of its own that runs over the elements.

    `matrix` gives the strided matrix of nodes, gathered if need be, as `order` does.
    """

    def __init__(
        self,
        places: Places,
        matrix: Callable[[Sequence[Sequence[int]], int | None], Grid],
        *,
        axis: int | None,
        shape: tuple[int, int],
    ) -> None:
        self.places, self.matrix = places, matrix
        self.axis, self.shape = axis, shape
        self._builder = Builder()
        self._made: dict[int, tuple[list[int], int]] = {}  # first node of a block -> its nodes, and its position
        self._reads: dict[View, int] = {}

    def add(self, block: Map) -> None:
        """Add the formula of a block."""
        args = [self._operand(column) for column in block.columns]
        self._made[block.nodes[0]] = block.nodes, self._computed(block.formula, args)

    def finished(self, extent: tuple[Size, Size], written: Sequence[Map]) -> Loop:
        """The loop over an extent (rows, elements), which writes the blocks `written`."""
        outputs = [Output(self._made[block.nodes[0]][1], 0, k, 1, 0) for k, block in enumerate(written)]
        program = lower(Program(self._builder.nodes, outputs, (), 1))
        nodes, reads = program.nodes, list(self._reads)
        writes = [(out.node, self._view(block.nodes)) for out, block in zip(program.outputs, written, strict=True)]
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
        """The view of the elements' nodes: strides from row to row and from element to element."""
        if len(set(nodes)) == 1:
            place = self.places.of(nodes[0])
            return View(place.array, place.offset, (0, place.lane) if self.shape == (1, 1) else (place.lane, 0))
        width = self.shape[1]
        rows = [nodes[r * width : (r + 1) * width] for r in range(self.shape[0])]
        grid = self.matrix(rows, self.axis)
        return grid.view("row" if self.axis is None else "lane", "column")

    def _computed(self, formula: Formula, args: list[int]) -> int:
        """The position of a formula whose operands are at the positions `args`."""
        builder = self._builder
        if formula.op is not None:
            if formula.op in ENTERING:  # the program's lane axis becomes the loop's own
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
