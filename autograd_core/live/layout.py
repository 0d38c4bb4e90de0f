"""Where boxes and edges of a live page stand: layers from left to right, by the method of Sugiyama, Tagawa and Toda.

1. The layer of a node is one more than that of its last input; inputs stand in the first.
2. An edge that skips layers gets a point in each of them, so that it runs between boxes and not over them.
3. Every layer is sorted by where the neighbours stand, to the left and to the right in turn, to untangle edges.
4. Nodes of one layer are evenly spaced, and the layers centred.

K. Sugiyama, S. Tagawa and M. Toda, *Methods for visual understanding of hierarchical system structures* (1981).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from typing import TypeAlias

    Edge: TypeAlias = tuple[Hashable, Hashable]

__all__ = ["Layout", "layout"]

SWEEPS = 8
"""Rounds of sorting; after some no crossing goes away any more."""
ROW, THIN_ROW = 1.0, 0.5
"""The room of a box and of a point of an edge in their layer, in rows."""


class Layout(NamedTuple):
    """The ``place`` of every node as layer and row, and for every edge the places that it passes between its ends."""

    place: dict[Hashable, tuple[int, float]]
    passes: dict[Edge, list[tuple[int, float]]]


def layout(nodes: Sequence[Hashable], edges: Sequence[Edge]) -> Layout:
    """The layout of a graph whose `nodes` come after their inputs; the order of those without inputs is kept.

    >>> layout(["x", "y", "v", "z"], [("x", "v"), ("y", "v"), ("v", "z"), ("y", "z")]).place
    {'x': (0, -0.5), 'y': (0, 0.5), 'v': (1, -0.25), 'z': (2, 0.0)}
    """
    layer = dict.fromkeys(nodes, 0)
    inputs: dict[Hashable, list[Hashable]] = {node: [] for node in nodes}
    for x, node in edges:
        inputs[node].append(x)
    for node in nodes:
        layer[node] = max([layer[x] + 1 for x in inputs[node]], default=0)
    layers: list[list[Hashable]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for node in nodes:
        layers[layer[node]].append(node)
    points: dict[Edge, list[Hashable]] = {}
    before: dict[Hashable, list[Hashable]] = {}
    after: dict[Hashable, list[Hashable]] = {}
    for edge in dict.fromkeys(edges):
        x, node = edge
        points[edge] = [("point", edge, k) for k in range(layer[x] + 1, layer[node])]
        for k, point in enumerate(points[edge], layer[x] + 1):
            layers[k].append(point)
        way = [x, *points[edge], node]
        for a, b in pairwise(way):
            after.setdefault(a, []).append(b)
            before.setdefault(b, []).append(a)
    rows = _rows(layers)
    for _ in range(SWEEPS):
        for some in layers[1:]:
            _sort(some, before, rows)
        for some in layers[-2:0:-1]:
            _sort(some, after, rows)
    for some in layers[1:]:
        _sort(some, before, rows)
    place = {node: (k, rows[node]) for k, some in enumerate(layers) for node in some}
    passes = {edge: [place[point] for point in way] for edge, way in points.items()}
    return Layout({node: place[node] for node in nodes}, passes)


def _rows(layers: Sequence[list[Hashable]]) -> dict[Hashable, float]:
    rows: dict[Hashable, float] = {}
    for some in layers:
        _place(some, rows)
    return rows


def _place(some: Sequence[Hashable], rows: dict[Hashable, float]) -> None:
    """Set the rows of a layer's nodes, one below the other and centred."""
    room = [THIN_ROW if isinstance(node, tuple) and node[:1] == ("point",) else ROW for node in some]
    at = -sum(room) / 2.0
    for node, height in zip(some, room, strict=True):
        rows[node] = at + height / 2.0
        at += height


def _sort(some: list[Hashable], neighbours: Mapping[Hashable, list[Hashable]], rows: dict[Hashable, float]) -> None:
    """Sort a layer by the mean row of each node's neighbours; one without any stays where it is."""

    def mean(node: Hashable) -> float:
        found = [rows[x] for x in neighbours.get(node, ())]
        return sum(found) / len(found) if found else rows[node]

    some.sort(key=mean)
    _place(some, rows)
