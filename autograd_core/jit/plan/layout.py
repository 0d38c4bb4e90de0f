"""Where every number lies: in the arrays of a call or in tensors of our own, at even distances wherever possible."""

from __future__ import annotations

from typing import NamedTuple

from ..ir.lane_ops import pick
from ..ir.program import Constant, Input, Step
from .blocks import ONE, Block, Found
from .strides import strides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["POINTS", "Grid", "Place", "Places", "Tensor", "View"]

POINTS = ("points",)
"""The array of the numbers 0, 1, 2, ...: of points, and of elements."""


class Tensor:
    """Memory of our own: for `width` numbers, or for as many at every point of lane axis `axis`, point by point.

    ``values`` are what it always holds, if that is known beforehand.
    """

    def __init__(self, width: int, axis: int | None = None) -> None:
        self.width, self.axis = width, axis
        self.values: list[float] = []


class Place(NamedTuple):
    """One number: `offset` elements into an array, ("source", k), ("sink", k), `POINTS` or a tensor; `lane` more per
    point."""

    array: Any
    offset: int
    lane: int = 0


class View(NamedTuple):
    """Numbers at even distances: that of (i, j) is ``offset + i * steps[0] + j * steps[1]`` elements into an array."""

    array: Any
    offset: int
    steps: tuple[int, int]


class Grid(NamedTuple):
    """A matrix of nodes at even distances: from row to row, from column to column and from point to point."""

    array: Any
    offset: int
    row: int
    column: int
    lane: int

    def view(self, first: str, second: str) -> View:
        """Along two of "row", "column" and "lane"."""
        return View(self.array, self.offset, (getattr(self, first), getattr(self, second)))


class Places:
    """The places of all nodes that have one; made on demand."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.tensors: list[Tensor] = []
        self._frame = self.tensor(0)
        self._constants = self.tensor(0)
        self._known: dict[int, Place] = {}
        self.collected: dict[int, list[tuple[int, Place]]] = {}  # what belongs where in the tensors of such nodes
        self._wanted = self._wanted_by_the_call()

    def tensor(self, width: int, axis: int | None = None) -> Tensor:
        """A new one."""
        self.tensors.append(Tensor(width, axis))
        return self.tensors[-1]

    def _wanted_by_the_call(self) -> dict[int, Place]:
        """Where the call wants a node to be; the first place if there are several."""
        wanted: dict[int, Place] = {}
        for out in self.found.program.outputs:
            i = self.found.base(out.node)
            if self.found.axis_of[i] == out.axis:
                wanted.setdefault(i, Place(("sink", out.sink), out.offset, 0 if out.axis is None else out.stride))
        for i in self.found.alone:
            if self.found.is_collected(i):
                self._collect(i, wanted)
        return wanted

    def _collect(self, i: int, wanted: dict[int, Place]) -> None:
        """What node i collects belongs into one tensor, as far as it is computed and not wanted elsewhere."""
        parts = [self.found.base(a) for a in self.found.node(i).args[:-1]]
        tensor = self.tensor(len(parts))
        self._known[i] = Place(tensor, 0, 1)
        self.collected[i] = [(part, Place(tensor, k)) for k, part in enumerate(parts)]
        for part, place in self.collected[i]:
            if isinstance(self.found.node(part), Step) or self.found.node(part) is None:
                wanted.setdefault(part, place)

    def of(self, i: int) -> Place:
        """Where node i is."""
        i = self.found.base(i)
        if i not in self._known:
            self._known[i] = self._new(i)
        return self._known[i]

    def _new(self, i: int) -> Place:
        node = self.found.node(i)
        if isinstance(node, Input):
            return Place(("source", node.source), node.offset, 0 if node.axis is None else node.stride)
        if isinstance(node, Constant) or i == ONE:
            return self.constant(1.0 if node is None else node.value)
        if isinstance(node, Step) and node.op is pick:
            x = self.of(node.args[0])
            return Place(x.array, x.offset + x.lane * int(self.found.program.constant(node.args[1])))
        if i in self._wanted:
            return self._wanted[i]
        axis = self.found.axis_of[i]
        if axis is not None:
            return Place(self.tensor(1, axis), 0, 1)
        self._frame.width += 1
        return Place(self._frame, self._frame.width - 1)

    def constant(self, value: float) -> Place:
        """A number that is always there."""
        self._constants.values.append(value)
        self._constants.width += 1
        return Place(self._constants, self._constants.width - 1)

    def settle(self, block: Block) -> None:
        """Give each element of a block its place: where the call wants it, if that is in even rows, or in a tensor."""
        rows, columns = block.shape
        wanted = [self._wanted[i] for i in block.nodes if i in self._wanted]
        if len(wanted) == len(block.nodes) and len({(place.array, place.lane) for place in wanted}) == 1:
            steps = strides([[wanted[r * columns + c].offset for c in range(columns)] for r in range(rows)])
            if steps is not None and (columns == 1 or steps[1] == 1):
                self._known.update(zip(block.nodes, wanted, strict=True))
                return
        width = len(block.nodes)
        tensor = self.tensor(width, block.axis)
        lane = 0 if block.axis is None else width
        self._known.update({i: Place(tensor, k, lane) for k, i in enumerate(block.nodes)})

    def grid(self, rows: Sequence[Sequence[int]]) -> Grid | None:
        """Where a matrix of nodes lies, if that is evenly."""
        places = [[self.of(i) for i in row] for row in rows]
        array, offset, lane = places[0][0]
        if any([place.array != array or place.lane != lane for row in places for place in row]):
            return None
        steps = strides([[place.offset for place in row] for row in places])
        return None if steps is None else Grid(array, offset, *steps, lane)
