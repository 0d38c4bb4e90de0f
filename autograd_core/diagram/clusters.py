"""Which nodes belong together, by the paths in their names, and which of these clusters are folded into one box.

The node named ``layer 1/n3/w5`` is in cluster ``layer 1/n3``, which is in ``layer 1``. What was computed without a
name belongs where all its consumers belong: between a neuron's weights and its output everything is the neuron's.
"""

from __future__ import annotations

import difflib
from collections import Counter

from ..errors import DiagramError
from ..graph import inputs_of
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, TypeAlias

    Cluster: TypeAlias = tuple[str, ...]
    """The parts of its path, from outside in; () is the whole picture."""

__all__ = ["Clusters", "clusters_of"]

FEW = 60
"""Up to so many values are drawn with everything unfolded, if nothing else is asked for."""


def clusters_of(order: Iterable[Value]) -> dict[Value, Cluster]:
    """The cluster of every node of `order`, which has inputs before their consumers. None has a single node."""
    nodes = list(order)
    found: dict[Value, Cluster] = {}
    of_consumers: dict[Value, Cluster] = {}
    for node in reversed(nodes):
        cluster = _path(node.name) if node.name else of_consumers.get(node, ()) if node.inputs else ()
        found[node] = cluster
        for x in inputs_of(node):
            of_consumers[x] = _common(of_consumers[x], cluster) if x in of_consumers else cluster
    sizes = Counter([cluster[:k] for cluster in found.values() for k in range(len(cluster) + 1)])
    return {node: _first(found[node], lambda part: sizes[part] > 1) for node in nodes}


def _path(name: str) -> Cluster:
    return tuple([part for part in name.split("/")[:-1] if part.strip()])


def _common(a: Cluster, b: Cluster) -> Cluster:
    """The innermost cluster that both are in."""
    return _first(a, lambda part: b[: len(part)] == part)


def _first(cluster: Cluster, holds: Any) -> Cluster:
    """The longest beginning of a path all of whose beginnings are as wanted."""
    for k in range(1, len(cluster) + 1):
        if not holds(cluster[:k]):
            return cluster[: k - 1]
    return cluster


class Clusters:
    """The clusters of a graph, and which of them are ``open``: the others are one box each.

    `unfold` names those to open, and with them all around them; True opens all, None all if the graph is small.

    Raises `DiagramError` for one that is not there, saying which are.
    """

    def __init__(self, order: Sequence[Value], unfold: bool | Sequence[str] | None) -> None:
        self.of = clusters_of(order)
        self.sizes = Counter([cluster[:k] for cluster in self.of.values() for k in range(len(cluster) + 1)])
        if unfold is True or (unfold is None and len(order) <= FEW):
            self.open = set(self.sizes)
        else:
            wanted = [self._known(name) for name in (unfold or ())]
            self.open = {cluster[:k] for cluster in wanted for k in range(len(cluster) + 1)} | {()}

    def _known(self, name: str) -> Cluster:
        cluster = tuple([part for part in name.split("/") if part.strip()]) if isinstance(name, str) else ("",)
        if not cluster or cluster not in self.sizes:
            names = ["/".join(known) for known in self.sizes if known]
            close = difflib.get_close_matches(str(name), names, 3) or sorted(names)[:5]
            known = (
                f"there are {', '.join(map(repr, close))}"
                if names
                else "no name in this graph has a path, as 'layer 1/w'"
            )
            raise DiagramError(f"there is no cluster {name!r:.60} to unfold; {known}")
        return cluster

    def folded(self, node: Value) -> Cluster | None:
        """The folded cluster whose box stands for a node; None if the node is drawn itself."""
        cluster = self.of[node]
        opened = _first(cluster, self.open.__contains__)
        return None if opened == cluster else cluster[: len(opened) + 1]
