"""The layout: the place of every number, in the arrays of a call or in tensors, with strides wherever possible."""

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
"""The array 0, 1, 2, ..., which `lane_index` reads."""


class Tensor:
    """A temporary array of `width` numbers, or of as many at every point of lane axis `axis`, point by point.

    ``values`` are the constants that it starts with.
    """

    def __init__(self, width: int, axis: int | None = None) -> None:
        self.width, self.axis = width, axis
        self.values: list[float] = []


class Place(NamedTuple):
    """The place of one number: element `offset` of an array, ("source", k), ("sink", k), `POINTS` or a tensor; `lane`
    elements more per point."""

    array: Any
    offset: int
    lane: int = 0


class View(NamedTuple):
    """A strided view: the number of (i, j) is element ``offset + i * steps[0] + j * steps[1]`` of an array."""

    array: Any
    offset: int
    steps: tuple[int, int]


class Grid(NamedTuple):
    """A strided matrix of nodes: `offset`, and the strides of rows, columns and points."""

    array: Any
    offset: int
    row: int
    column: int
    lane: int

    def view(self, first: str, second: str) -> View:
        """The view along two of "row", "column" and "lane"."""
        return View(self.array, self.offset, (getattr(self, first), getattr(self, second)))


class Places:
    """The layout of a program: places of nodes, made on demand, and the tensors that were made for them."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.tensors: list[Tensor] = []
        self._frame = self.tensor(0)
        self._constants = self.tensor(0)
        self._known: dict[int, Place] = {}
        self.collected: dict[int, list[tuple[int, Place]]] = {}  # by `collect` node: its parts and their places
        self._wanted = self._wanted_by_the_call()

    def tensor(self, width: int, axis: int | None = None) -> Tensor:
        """A new tensor."""
        self.tensors.append(Tensor(width, axis))
        return self.tensors[-1]

    def _wanted_by_the_call(self) -> dict[int, Place]:
        """The place in the sinks or in a collected tensor to which each node goes, the first one if it has several."""
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
        """Make a tensor for the parts of `collect` node i, in which those that are computed are wanted."""
        parts = [self.found.base(a) for a in self.found.node(i).args[:-1]]
        tensor = self.tensor(len(parts))
        self._known[i] = Place(tensor, 0, 1)
        self.collected[i] = [(part, Place(tensor, k)) for k, part in enumerate(parts)]
        for part, place in self.collected[i]:
            if isinstance(self.found.node(part), Step) or self.found.node(part) is None:
                wanted.setdefault(part, place)

    def of(self, i: int) -> Place:
        """The place of node i."""
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
        """The place of a constant."""
        self._constants.values.append(value)
        self._constants.width += 1
        return Place(self._constants, self._constants.width - 1)

    def settle(self, block: Block) -> None:
        """Place the elements of a block: where the call wants them, if with strides, else in a tensor of their own."""
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
        """The strided matrix in which nodes lie, or None if they do not."""
        places = [[self.of(i) for i in row] for row in rows]
        array, offset, lane = places[0][0]
        if any([place.array != array or place.lane != lane for row in places for place in row]):
            return None
        steps = strides([[place.offset for place in row] for row in places])
        return None if steps is None else Grid(array, offset, *steps, lane)
