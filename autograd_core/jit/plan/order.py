"""Ordering: from blocks and single steps to products, copies and fused loops, in the order in which they run.

A program without products is the case of none: each phase of it is a loop over one element, for its single numbers,
and one over the points of each lane axis.
"""

from __future__ import annotations

from ..ir.lane_ops import ENTERING, LEAVING, collect, lane_sum, pick, spread
from ..ir.program import Constant, Step
from ..passes.lower import is_called_back, lower
from .blocks import Found, Map, Product
from .find import FAST, find
from .fused_updates import with_updates
from .layout import Grid, Place, Places, View
from .loop_programs import LoopBuilder
from .loops import phases
from .sums import origins
from .work import Copy, Loop, Multiplication, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any, TypeVar

    from ..ir.program import Program
    from .blocks import Block
    from .layout import Tensor
    from .loops import Phase
    from .shared_factors import Limits
    from .work import Size, Task

    T = TypeVar("T", bound=Block)

__all__ = ["Plan", "plan"]


class Plan:
    """The plan of a program without guards: ``spans`` in order, with ``tensors`` as memory.

    If ``check`` is the place of a number, the results are right only if that number is finite.
    """

    def __init__(self, found: Found, places: Places, spans: list[Span], check: Place | None = None) -> None:
        self.found, self.spans, self.check = found, spans, check
        self.tensors: list[Tensor] = places.tensors

    @property
    def order(self) -> list[Task]:
        """The tasks of all spans, in order."""
        return [task for span in self.spans for task in span.tasks]

    @property
    def has_products(self) -> bool:
        """Whether a task is a product of matrices."""
        return any(isinstance(task, Multiplication) for task in self.order)


def plan(program: Program, limits: Limits | None = FAST) -> Plan:
    """The plan of a program without guards; `limits` are those of matrices, None for no matrices.

    A program that calls Python back for an op gets none either.
    """
    found = None if limits is None else find(program, limits)
    if found is not None:
        planned = _WithProducts(found).plan()
        if not any([is_called_back(op) for span in planned.spans for loop in span.loops() for _, op, _ in loop.steps]):
            return planned
    return _OfLoops(lower(program)).plan()


def _points(axis: int | None) -> Size:
    return 1 if axis is None else ("lanes", axis)


class _OfLoops:
    """The plan of a program without matrices, in primitives."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.found = Found(program, {}, list(program.axis_of), origins(program.nodes))
        self.found.alone = [i for i, node in enumerate(program.nodes) if isinstance(node, Step)]
        self.places = Places(self.found)
        self.phases = phases(program)
        self.phase_of = {i: k for k, phase in enumerate(self.phases) for i in phase.nodes}
        for k, phase in enumerate(self.phases):
            self.phase_of.update({i: k + 1 for loop in phase.loops.values() for i in loop.sums})

    def plan(self) -> Plan:
        """The loops of all phases."""
        spans = []
        for phase, single in zip(self.phases, self._single_writes(), strict=True):
            if single:
                spans.append(Span(None, [Loop((1, 1), self.program, self._computed(phase), self._view, writes=single)]))
            for axis, loop in phase.loops.items():
                along = [(self.program.outputs[k].node, self._target(k)) for k in loop.outputs]
                along += [(i, self._view(i)) for i in loop.kept if self._is_made(i)]
                sums = [(self.program.nodes[i].args[0], self.places.of(i)) for i in loop.sums]  # type: ignore[union-attr]  # steps
                if along or sums:
                    extent: tuple[Size, Size] = 1, ("lanes", axis)
                    written = list(dict.fromkeys(along))
                    spans.append(
                        Span(axis, [Loop(extent, self.program, loop.nodes, self._view, writes=written, sums=sums)])
                    )
        return Plan(self.found, self.places, spans)

    def _view(self, i: int) -> View:
        place = self.places.of(i)
        return View(place.array, place.offset, (0, place.lane))

    def _target(self, k: int) -> View:
        out = self.program.outputs[k]
        return View(("sink", out.sink), out.offset, (0, 0 if out.axis is None else out.stride))

    def _is_made(self, i: int) -> bool:
        """Whether node i is a step that a loop must compute, not a view or a sum of an earlier loop."""
        node = self.program.nodes[i]
        return isinstance(node, Step) and node.op not in ELSEWHERE

    def _computed(self, phase: Phase) -> list[int]:
        return [i for i in phase.nodes if self._is_made(i)]

    def _single_writes(self) -> list[list[tuple[int, View]]]:
        """The writes of each phase's loop over single numbers: outputs in the order of the sinks, numbers that are live
        in other loops, and parts that a loop over points collects."""
        found: list[dict[tuple[int, View], None]] = [{} for _ in self.phases]
        outputs = [(out.sink % LAST, out.offset, k) for k, out in enumerate(self.program.outputs) if out.axis is None]
        for _, _, k in sorted(outputs):
            i = self.program.outputs[k].node
            if not (self._is_sum(i) and self._view(i) == self._target(k)):
                found[self.phase_of[i]][i, self._target(k)] = None
        for i in self._used_elsewhere():
            found[self.phase_of[i]][i, self._view(i)] = None
        for k, phase in enumerate(self.phases):
            for i in [i for loop in phase.loops.values() for i in loop.nodes]:
                for part, place in self.places.collected.pop(i, ()):
                    if isinstance(self.program.nodes[part], Constant) or self.places.of(part) != place:
                        found[k][part, View(place.array, place.offset, (0, 0))] = None
        return list(map(list, found))

    def _is_sum(self, i: int) -> bool:
        node = self.program.nodes[i]
        return isinstance(node, Step) and node.op is lane_sum

    def _used_elsewhere(self) -> list[int]:
        """The single numbers that are live outside their own loop: in other phases, loops over points, or outputs."""
        made = {i: k for k, phase in enumerate(self.phases) for i in self._computed(phase)}
        used = {out.node for out in self.program.outputs if out.axis is not None} & made.keys()
        for i, node in enumerate(self.program.nodes):
            for a in node.args if isinstance(node, Step) else ():
                if a in made and made.get(i) != made[a]:
                    used.add(a)
        return sorted(used)


LAST = 1 << 30
"""A modulus for sinks, by which those counted from behind (-1, -2) come last."""
ELSEWHERE = frozenset({pick, collect, lane_sum, spread})
"""Ops whose numbers earlier loops have made, or that are views."""


class _WithProducts:
    """The plan of a program in which matrices were found."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.places = Places(found)
        self.order: list[Task] = []
        self.blocks = [*found.blocks, *found.steps()]
        self._block_of = {i: block for block in self.blocks for i in block.nodes}
        self._makers_of: dict[Block, set[tuple[Block, bool]]] = {}
        self._level: dict[Block, int] = {}

    def plan(self) -> Plan:
        """The plan: tasks in order, blocks of one level and iteration space fused."""
        self._assign_levels()
        for block in self.found.blocks:
            self.places.settle(block)
        together: dict[Any, list[Block]] = {}
        for block in sorted(self.blocks, key=self._level.__getitem__):
            together.setdefault((self._level[block], block.space), []).append(block)
        lasting = self._lasting()
        for blocks in together.values():
            maps = [block for block in blocks if isinstance(block, Map)]
            if maps:
                self._plan_loop(maps, [block for block in maps if block in lasting])
            else:
                self._plan_product(*[block for block in blocks if isinstance(block, Product)])
        self._plan_outputs()
        check = self._plan_checks() if self.found.checked else None
        axis = 0 if self._are_points_independent() else None
        return Plan(self.found, self.places, [Span(axis, with_updates(self.order))], check)

    def _are_points_independent(self) -> bool:
        program = self.found.program
        return program.axes == 1 and not any(
            step.op in LEAVING or step.op in ENTERING - {spread} for step in program.steps
        )

    # The order of blocks

    def _makers(self, block: Block) -> Collection[tuple[Block, bool]]:
        """The blocks that a block depends on, and whether it reads their numbers through a pick or collect."""
        if block not in self._makers_of:
            makers = set()
            for a in set(block.operands):
                sources = self.found.sources(a)
                is_moved = sources != [self.found.base(a)]
                makers.update([(self._block_of[i], is_moved) for i in sources if i in self._block_of])
            self._makers_of[block] = makers
        return self._makers_of[block]

    def _assign_levels(self) -> None:
        """Assign each block a level: one after those it depends on, or the same if one loop can make both."""
        for block in self._makers_first(self.blocks):
            after = [
                self._level[maker] + (is_moved or not (isinstance(block, Map) and block.can_follow(maker)))
                for maker, is_moved in self._makers(block)
            ]
            self._level[block] = max(after, default=0)

    def _makers_first(self, blocks: Sequence[T]) -> list[T]:
        """The blocks in topological order."""
        here = set(blocks)
        done: dict[T, None] = {}
        todo = list(reversed(blocks))
        while todo:
            block = todo[-1]
            waiting = [] if block in done else [m for m, _ in self._makers(block) if m in here and m not in done]
            if waiting:
                todo += waiting
            else:
                done[todo.pop()] = None
        return list(done)

    def _lasting(self) -> set[Block]:
        """The blocks that are live after their loop, so that it must write them."""
        found = set()
        for block in self.blocks:
            for maker, is_moved in self._makers(block):
                if is_moved or (self._level[maker], maker.space) != (self._level[block], block.space):
                    found.add(maker)
        for out in self.found.program.outputs:
            found.update([self._block_of[i] for i in self.found.sources(out.node) if i in self._block_of])
        return found

    # The tasks

    def _plan_product(self, product: Product) -> None:
        self._collect(product.operands)
        (n, m), k, points = product.shape, len(product.left[0]), _points(product.lanes)
        sizes = {None: (n, m, k), "rows": (points, m, k), "sum": (n, m, points)}[product.role]
        along_i, along_k = "lane" if product.role == "rows" else "row", "lane" if product.role == "sum" else "column"
        into = self.places.grid(product.rows)
        assert into is not None  # it is settled in even rows
        left = self.matrix(product.left, product.lanes)
        right = self.matrix(product.right, product.lanes)

        def multiplication(right: Grid) -> Multiplication:
            views = into.view(along_i, "column"), left.view(along_i, along_k), right.view(along_k, "row")
            return Multiplication(product.sign, views, sizes)

        planned = multiplication(right)
        if not (planned.by_columns or planned.by_rows):
            planned = multiplication(self._gathered(product.right, product.lanes, by_columns=True))
        self.order.append(planned)

    def _collect(self, nodes: Sequence[int]) -> None:
        """Copy the parts of `collect` nodes among `nodes` to their tensors, unless they are made there already."""
        for i in {self.found.base(a) for a in nodes} & self.places.collected.keys():
            parts = [(self.places.of(part), place) for part, place in self.places.collected.pop(i)]
            moves = [(source, place) for source, place in parts if source != place]
            if moves:
                self.order.append(Copy(1, moves))

    def matrix(self, rows: Sequence[Sequence[int]], axis: int | None) -> Grid:
        """The strided matrix of nodes, gathered by a copy if they do not lie in one."""
        return self.places.grid(rows) or self._gathered(rows, axis, by_columns=False)

    def _gathered(self, rows: Sequence[Sequence[int]], axis: int | None, by_columns: bool) -> Grid:
        places = [[self.places.of(i) for i in row] for row in rows]
        is_along = any(place.lane for row in places for place in row)
        n, m = len(rows), len(rows[0])
        grid = Grid(
            self.places.tensor(n * m, axis if is_along else None),
            0,
            row=1 if by_columns else m,
            column=n if by_columns else 1,
            lane=n * m if is_along else 0,
        )
        moves = [
            (place, Place(grid.array, i * grid.row + j * grid.column, grid.lane))
            for i, row in enumerate(places)
            for j, place in enumerate(row)
        ]
        self.order.append(Copy(_points(axis if is_along else None), moves))
        return grid

    def _plan_loop(self, blocks: list[Map], written: list[Map]) -> None:
        """Add one loop for blocks of one space: over single numbers, points, elements, or points and their elements."""
        axis, (rows, length) = blocks[0].axis, blocks[0].shape
        self._collect([a for block in blocks for column in block.columns for a in column[:1]])
        builder = LoopBuilder(self.places, self.matrix, axis=axis, shape=(rows, length))
        for block in self._makers_first(blocks):
            builder.add(block)
        extent: tuple[Size, Size] = rows, length
        if axis is not None:
            extent = (1, _points(axis)) if length == 1 else (_points(axis), length)
        self.order.append(builder.finished(extent, written))

    def _plan_outputs(self) -> None:
        """Copy the outputs that no task has written to their sinks."""
        self._collect([out.node for out in self.found.program.outputs])
        moves: dict[int | None, list[tuple[Place, Place]]] = {}
        for out in self.found.program.outputs:
            source = self.places.of(out.node)
            target = Place(("sink", out.sink), out.offset, 0 if out.axis is None else out.stride)
            if source != target:
                moves.setdefault(out.axis, []).append((source, target))
        self.order += [Copy(_points(axis), some) for axis, some in moves.items()]

    def _plan_checks(self) -> Place:
        """Add up all elements that have to be finite: the sum is finite only if they are. The place of the sum."""
        total = self.places.tensor(1)
        sum_of_all = View(total, 0, (0, 0))
        one = self.places.constant(1.0)
        ones = View(one.array, one.offset, (0, 0))
        for product in self.found.checked:
            n, m = product.shape
            grid = self.places.grid(product.rows)
            assert grid is not None  # as above
            into = self.places.tensor(m)
            count: Size = n if product.axis is None else _points(product.axis)
            rows = grid.view("row" if product.axis is None else "lane", "column")
            self.order += [
                Multiplication(1.0, (View(into, 0, (0, 1)), ones, rows), (1, m, count)),
                Multiplication(1.0, (sum_of_all, ones, View(into, 0, (1, 0))), (1, 1, m), base=sum_of_all),
            ]
        return Place(total, 0)
