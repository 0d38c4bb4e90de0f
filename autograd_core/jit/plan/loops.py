"""Phases: single numbers first, then loops over lanes, then a phase that needs the loops' sums, and so on.

A lane node that a later loop needs again is rematerialised there, so that a program's memory does not grow with the
number of points (row "memory" of ``python -m benchmarks compiled``). Only nodes of which single points are picked are
kept for all points.
"""

from __future__ import annotations

from ..ir.lane_ops import ENTERING, LEAVING, lane_sum, pick
from ..ir.program import Constant, Program, Step

__all__ = ["LaneLoop", "Phase", "phases"]


class LaneLoop:
    """A loop over the points of a lane axis: the nodes to compute, and which of them are summed, kept or written."""

    def __init__(self, axis: int) -> None:
        self.axis = axis
        self.roots: list[int] = []
        self.nodes: list[int] = []
        self.sums: list[int] = []  # lane_sum steps, which the loop accumulates
        self.kept: list[int] = []  # nodes that are kept for all points, as single points are picked
        self.outputs: list[int] = []  # positions in program.outputs
        self.guards: list[int] = []  # positions in program.guards


class Phase:
    """A phase: steps of one number each, then loops that need them."""

    def __init__(self) -> None:
        self.nodes: list[int] = []
        self.loops: dict[int, LaneLoop] = {}

    def loop(self, axis: int) -> LaneLoop:
        """The loop over a lane axis."""
        return self.loops.setdefault(axis, LaneLoop(axis))


def phases(program: Program) -> list[Phase]:
    """The phases of a program in order; a node of level n is computed in phase n."""
    level = _levels(program)
    found = [Phase() for _ in range(max(level, default=0) + 1)]
    for i, node in enumerate(program.nodes):
        axis = program.axis_of[i]
        if axis is None and not (isinstance(node, Step) and node.op is lane_sum):
            found[level[i]].nodes.append(i)
        if isinstance(node, Step) and node.op in LEAVING:
            arg = node.args[0]
            if node.op is pick and isinstance(program.nodes[arg], Constant):
                continue  # what a pass found to be the same number at every point
            loop = found[level[i] - 1].loop(int(program.constant(node.args[-1])))
            loop.roots.append(arg)
            if node.op is lane_sum:
                loop.sums.append(i)
            elif arg not in loop.kept:
                loop.kept.append(arg)
    for k, output in enumerate(program.outputs):
        if output.axis is not None:
            loop = found[level[output.node]].loop(output.axis)
            loop.outputs.append(k)
            loop.roots.append(output.node)
    for k, guard in enumerate(program.guards):
        axis = program.axis_of[guard.node]
        if axis is not None:
            loop = found[level[guard.node]].loop(axis)
            loop.guards.append(k)
            loop.roots.append(guard.node)
    for phase in found:
        for loop in phase.loops.values():
            loop.nodes = _needed(program, loop.roots)
    return found


def _levels(program: Program) -> list[int]:
    """The level of each node: the number of loops that must have run before."""
    leaving = {i for i, node in enumerate(program.nodes) if isinstance(node, Step) and node.op in LEAVING}
    level = [0] * len(program.nodes)
    if leaving:
        for i, node in enumerate(program.nodes):
            if isinstance(node, Step):
                level[i] = max([level[a] for a in node.args], default=0) + (i in leaving)
    return level


def _needed(program: Program, roots: list[int]) -> list[int]:
    """The lane nodes that `roots` depend on, in topological order."""
    needed = {i for i in roots if program.axis_of[i] is not None}
    for i in range(max(needed, default=-1), -1, -1):
        node = program.nodes[i]
        if i in needed and isinstance(node, Step) and node.op not in ENTERING:
            needed.update(a for a in node.args if program.axis_of[a] is not None)
    return sorted(needed)
