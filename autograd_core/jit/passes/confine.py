"""Confinement: the gradient of a single point's result stays 0.0 at the other points of a map, whatever they hold.

The derivative of one point's result enters the lanes by `place`, which is 0.0 at all other points. Eagerly nothing
flows there, but a lane multiplies the 0.0 by the point's numbers, and 0.0 · inf is nan. So every number proportional to
placed ones is followed with the points to which it belongs, and masked to 0.0 elsewhere where it is used otherwise: in
a sum over points, in a sum with a gradient of other points, in an output or a guard.

    y = vmap(lambda x: x * k)(xs)       dy[0]/dk at xs = [2, nan]
    place(1, 0) · xs                    belongs to point 0: [2, nan]
    Σ where(index = 0, place(1, 0) · xs, 0)                        2, not nan
"""

from __future__ import annotations

import operator
from functools import reduce

from ...ops import TABLE
from ...ops.selection import equal, less, less_equal, where
from ..ir.lane_ops import lane_index, pick, place
from ..ir.program import Builder, Constant, Guard, Output, Program, Step, renumbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...op import Op

__all__ = ["confine"]

_add, _mul = TABLE["add"], TABLE["mul"]
_SUMS = frozenset({_add, TABLE["sub"], TABLE["sum"]})
_PROPORTIONAL = {_mul: (0, 1), TABLE["div"]: (0,), TABLE["neg"]: (0,), TABLE["identity"]: (0,)}
"""Ops that are proportional to some inputs, and the positions of these."""


def confine(program: Program, lengths: Sequence[int]) -> Program:
    """`program` with placed gradients masked to 0.0 at the points to which nothing was placed."""
    if not lengths or not any([type(node) is Step and node.op is place for node in program.nodes]):
        return program
    return _Confining(program).confined()


class _Confining:
    """The walk of `confine`. ``belongs`` has the points of each node proportional to placed ones, as bits of an int.

    ``is_zero`` are the nodes among them that are 0.0 elsewhere already; ``at`` has the new positions of the program's
    nodes.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.builder = Builder()
        self.at: list[int] = []
        self.belongs: dict[int, int] = {}
        self.is_zero: set[int] = set()

    def confined(self) -> Program:
        nodes, last_use = self.program.nodes, self._last_uses()
        for i, node in enumerate(nodes):
            self.at.append(self._added(i, node) if isinstance(node, Step) else self.builder.add(node))
            for a in node.args if isinstance(node, Step) else ():
                if last_use[a] == i:
                    self.belongs.pop(a, None)  # a sum of n placed points has n sums below it, of n bits each
        return Program.of_valid_parts(
            self.builder.nodes,
            [Output(self._masked(out.node), *out.fields()[1:]) for out in self.program.outputs],
            [Guard(self._masked(guard.node), guard.expected, guard.place) for guard in self.program.guards],
            self.program.axes,
        )

    def _last_uses(self) -> list[int]:
        last_use = [0] * len(self.program.nodes)
        for i, node in enumerate(self.program.nodes):
            for a in node.args if isinstance(node, Step) else ():
                last_use[a] = i
        for i in [out.node for out in self.program.outputs] + [guard.node for guard in self.program.guards]:
            last_use[i] = len(last_use)
        return last_use

    def _added(self, i: int, node: Step) -> int:
        """The new position of step i."""
        if node.op is place:
            self.belongs[i] = 1 << int(self.program.constant(node.args[1]))
            self.is_zero.add(i)
        placed = {k: self.belongs[a] for k, a in enumerate(node.args) if a in self.belongs}
        if not placed:
            return self.builder.add(renumbered(node, self.at))
        if node.op is pick:
            is_there = placed[0] >> int(self.program.constant(node.args[1])) & 1
            return self.builder.add(renumbered(node, self.at)) if is_there else self.builder.constant(0.0)
        kept = self._kept(i, node, placed)
        args = [self.at[a] if k in kept else self._masked(a) for k, a in enumerate(node.args)]
        return self.builder.add(Step(node.op, tuple(args), node.name))

    def _kept(self, i: int, node: Step, placed: dict[int, int]) -> list[int]:
        """The inputs of step i that need no mask, since the step is proportional to them, and so belongs to points."""
        if node.op in _PROPORTIONAL:
            kept = [k for k in _PROPORTIONAL[node.op] if k in placed]
            if kept:
                self.belongs[i] = reduce(operator.and_, [placed[k] for k in kept])
            return kept
        is_sum = node.op in _SUMS
        terms = [k for k, a in enumerate(node.args) if (is_sum or (node.op is where and k)) and not self._is_nothing(a)]
        if not terms or not all([k in placed for k in terms]):
            return []
        points = {placed[k] for k in terms}
        self.belongs[i] = reduce(operator.or_, points)
        if len(points) == 1:
            return terms
        self.is_zero.add(i)
        return []

    def _is_nothing(self, a: int) -> bool:
        node = self.program.nodes[a]
        return isinstance(node, Constant) and node.value == 0.0

    def _masked(self, a: int) -> int:
        """The position of node a, masked to 0.0 at all points to which it does not belong."""
        points = self.belongs.get(a)
        if points is None or a in self.is_zero:
            return self.at[a]
        axis = self.program.axis_of[a]
        return self._step(where, self._is_among(points, axis), self.at[a], self.builder.constant(0.0))

    def _is_among(self, points: int, axis: int | None) -> int:
        """The position of a node that is 1.0 at these points of the axis, else 0.0, by comparisons with the index."""
        assert axis is not None
        constant = self.builder.constant
        index = self._step(lane_index, constant(float(axis)))
        found = [
            self._step(equal, index, constant(float(start)))
            if stop == start + 1
            else self._step(
                _mul,
                self._step(less_equal, constant(float(start)), index),
                self._step(less, index, constant(float(stop))),
            )
            for start, stop in _runs(points)
        ]
        return reduce(lambda a, b: self._step(_add, a, b), found or [constant(0.0)])

    def _step(self, op: Op, *args: int) -> int:
        return self.builder.add(Step(op, args))


def _runs(points: int) -> Iterator[tuple[int, int]]:
    """The runs of set bits of `points`, as (start, stop).

    >>> list(_runs(0b1101))
    [(0, 1), (2, 4)]
    """
    start = 0
    while points:
        gap = (points & -points).bit_length() - 1
        points >>= gap
        length = (~points & (points + 1)).bit_length() - 1
        points >>= length
        yield start + gap, start + gap + length
        start += gap + length
