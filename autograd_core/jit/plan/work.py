"""The tasks of a plan: products of matrices, loops over elements, and copies of single numbers."""

from __future__ import annotations

from ..ir.lane_ops import ENTERING, LEAVING, lane_index, spread
from ..ir.program import Constant, Step
from .layout import POINTS, View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from ...op import Op
    from ..ir.program import Program
    from .layout import Place

    Size: TypeAlias = int | tuple[str, int]
    """An extent: a number, or ("lanes", axis), the number of points in the call."""
    Task: TypeAlias = "Copy | Multiplication | Loop"

__all__ = ["Copy", "Loop", "Multiplication", "Span"]


class Copy:
    """A copy of single numbers: ``moves`` are pairs of places, from and to, for each of `rows` points, or once."""

    def __init__(self, rows: Size, moves: list[tuple[Place, Place]]) -> None:
        self.rows, self.moves = rows, moves

    @property
    def sources(self) -> Sequence[Place | View]:
        """The places that are read."""
        return [source for source, _ in self.moves]


class Multiplication:
    """into[i, j] = [base[i, j] +] sign times Σₖ left[i, k] right[k, j] for i, j, k below `sizes`.

    ``base``, which may be `into`, and ``times``, which is one number, may be missing.
    Vector loads need unit stride: ``by_columns`` says that all but left have it along j, ``by_rows`` that left and
    right have it along k; one of the two must hold.
    """

    def __init__(
        self,
        sign: float,
        views: tuple[View, View, View],
        sizes: tuple[Size, Size, Size],
        base: View | None = None,
        times: View | None = None,
    ) -> None:
        self.into, self.left, self.right = views
        self.sign, self.sizes, self.base, self.times = sign, sizes, base, times
        _, m, k = sizes
        along_j = [view.steps[1] for view in (self.right, self.into, base) if view is not None]
        self.by_columns = m == 1 or set(along_j) == {1}
        self.by_rows = k == 1 or self.left.steps[1] == self.right.steps[0] == 1

    @property
    def sources(self) -> Sequence[Place | View]:
        """The views that are read."""
        return [view for view in (self.left, self.right, self.base, self.times) if view is not None]


class Loop:
    """A loop that computes nodes of a program in primitives for `length` elements of each of `rows` rows.

    ``steps`` are (node, op, operands); node i is read at reads[i], or is the constant constants[i]. ``writes`` are
    (node, view that it is written to), ``sums`` (node, place of the sum over all elements).
    """

    def __init__(
        self,
        extent: tuple[Size, Size],
        program: Program,
        nodes: Iterable[int],
        view_of: Callable[[int], View],
        *,
        writes: Sequence[tuple[int, View]],
        sums: Sequence[tuple[int, Place]] = (),
    ) -> None:
        """`view_of` gives the view of a node that is read; that of `lane_index` is `POINTS`."""
        self.rows, self.length = extent
        self.program = program
        spreads: dict[int, int] = {}
        self.steps: list[tuple[int, Op, Sequence[int]]] = []
        for i in nodes:
            node = program.nodes[i]
            if not isinstance(node, Step):
                continue
            if node.op is spread:
                spreads[i] = node.args[0]
            elif node.op not in MOVING:
                self.steps.append((i, node.op, [spreads.get(a, a) for a in node.args] if spreads else node.args))
        self.writes = [(spreads.get(i, i), view) for i, view in writes]
        self.sums = [(spreads.get(i, i), place) for i, place in sums]
        made = {i for i, _, _ in self.steps}
        outside = {a for _, _, args in self.steps for a in args if a not in made}
        outside.update(i for i, _ in (*self.writes, *self.sums) if i not in made)
        self.constants: dict[int, float] = {}
        self.reads: dict[int, View] = {}
        for i in sorted(outside):
            node = program.nodes[i]
            if isinstance(node, Constant):
                self.constants[i] = node.value
            else:
                is_index = isinstance(node, Step) and node.op is lane_index
                self.reads[i] = View(POINTS, 0, (0, 1)) if is_index else view_of(i)

    @property
    def sources(self) -> Sequence[Place | View]:
        """The views that are read."""
        return list(self.reads.values())

    @property
    def views(self) -> list[View]:
        """Where it reads, and then where it writes."""
        return [*self.reads.values(), *[view for _, view in self.writes]]


MOVING = ENTERING | LEAVING
"""Ops that are reads and writes of a loop, not steps."""


class Span:
    """Tasks that run one after the other; with an `axis`, all of them for one block of its points after the other.

    No task with an axis may depend on another point in this span.
    """

    def __init__(self, axis: int | None, tasks: list[Task]) -> None:
        self.axis, self.tasks = axis, tasks

    def loops(self) -> Iterator[Loop]:
        """The loops among the tasks."""
        return (task for task in self.tasks if isinstance(task, Loop))
