"""Clusters of nodes, by the paths in their names, and which of them are folded into one box.

The node named ``layer 1/n3/w5`` is in cluster ``layer 1/n3``, which is in ``layer 1``. A computed node without a
name belongs where all its consumers belong: between a neuron's weights and its output everything is the neuron's.
Many leaves that are used alike, as the weights of one neuron, are a cluster of their own: ``layer 1/n3/w1 … w784``.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from copy import copy

from ..errors import DiagramError
from ..graph import consumers, inputs_of
from ..value import Value
from ..visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    Cluster: TypeAlias = tuple[str, ...]
    """The parts of a cluster's path, from outside in; () is the whole picture."""

__all__ = ["MANY_ALIKE", "MOST_LEVELS", "OTHERS", "Clusters", "clusters_of"]

FEW = 60
"""Values of a graph that is drawn with all clusters open by default; a larger one is folded, to be read at a glance."""
MANY_ALIKE = 16
"""Leaves with the same consumers, or neighbours of a cluster asked for, that are drawn one by one; more are one box."""
MOST_LEVELS = 50
"""Most levels of nested clusters; the rest of a longer path stands in the box."""
OTHERS = "/"
"""The last part of a path that stands for many clusters in the same one; no part of a name has a slash."""


def clusters_of(order: Iterable[Value]) -> dict[Value, Cluster]:
    """The cluster of every node of `order`, which has inputs before their consumers; each has at least two nodes."""
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


def with_groups(found: Mapping[Value, Cluster], names: Mapping[Value, str]) -> dict[Value, Cluster]:
    """The clusters, and inside them one more wherever more than `MANY_ALIKE` leaves have the same consumers."""
    users = consumers(found)
    alike: dict[Any, list[Value]] = {}
    for node, cluster in found.items():
        if not node.inputs:
            alike.setdefault((cluster, node.is_parameter, tuple(users.get(node, ()))), []).append(node)
    grouped = dict(found)
    for (cluster, *_), leaves in alike.items():
        if len(leaves) > MANY_ALIKE:
            ends = [names[leaf].rpartition("/")[2] for leaf in (leaves[0], leaves[-1])]
            grouped |= dict.fromkeys(leaves, (*cluster, " … ".join(ends)))
    return grouped


def _path(name: str) -> Cluster:
    return tuple([part for part in visible(name).split("/")[:-1] if part.strip()][:MOST_LEVELS])


def _common(a: Cluster, b: Cluster) -> Cluster:
    """The innermost cluster that both are in."""
    return _first(a, lambda part: b[: len(part)] == part)


def _first(cluster: Cluster, holds: Any) -> Cluster:
    """The longest prefix of a path all of whose prefixes satisfy `holds`."""
    for k in range(1, len(cluster) + 1):
        if not holds(cluster[:k]):
            return cluster[: k - 1]
    return cluster


class Clusters:
    """The clusters of a graph, and which of them are ``open``: the others are one box each.

    `unfold` names those to open, and with them all around them; True opens all, None all if the graph is small.
    Many neighbours of one that was asked for are one box, ``OTHERS``, unless what is around them was asked for too.

    Raises `DiagramError` for one that is not there, saying which are.
    """

    def __init__(self, order: Sequence[Value], names: Mapping[Value, str], unfold: bool | Sequence[str] | None) -> None:
        unfold = [unfold] if isinstance(unfold, str) else unfold
        if not (unfold is None or isinstance(unfold, (bool, Iterable))):
            raise DiagramError(f"unfold takes True, False or names of clusters, as ['layer 1'], got {unfold!r:.60}")
        is_whole = unfold is True or (unfold is None and len(order) <= FEW)
        self.of = clusters_of(order) if is_whole else with_groups(clusters_of(order), names)
        self.sizes = Counter([cluster[:k] for cluster in self.of.values() for k in range(len(cluster) + 1)])
        self._parts = Counter([cluster[:-1] for cluster in self.sizes if cluster])
        self._open(self.sizes if is_whole else [self._known(name) for name in unfold or ()])  # type: ignore[union-attr]

    def with_open(self, asked: Iterable[Cluster]) -> Clusters:
        """A copy with these clusters, and those around them, open, and no others."""
        other = copy(self)
        other._open(asked)
        return other

    def _open(self, asked: Iterable[Cluster]) -> None:
        self.asked = self.least(asked)
        self.open = {cluster[:k] for cluster in self.asked for k in range(len(cluster) + 1)} | {()}

    def least(self, asked: Iterable[Cluster]) -> frozenset[Cluster]:
        """The fewest clusters that open the same: not those around others, unless all of their parts were asked for."""
        asked = frozenset(asked)
        around = {cluster[:k] for cluster in asked for k in range(len(cluster))}
        return frozenset([c for c in asked if c and (c not in around or self._parts[c] > MANY_ALIKE)])

    def _known(self, name: str) -> Cluster:
        cluster = tuple([part for part in visible(name).split("/") if part.strip()]) if isinstance(name, str) else ("",)
        if not cluster or cluster not in self.sizes:
            names = ["/".join(known) for known in self.sizes if known]
            close = difflib.get_close_matches(str(name), names, 3) or sorted(names)[:5]
            known = (
                f"there are {', '.join(map(repr, close))}"
                if names
                else "no two names in this graph share a path, as 'layer 1/w'"
            )
            raise DiagramError(f"there is no cluster {name!r:.60} to unfold; {known}")
        return cluster

    def folded(self, nodes: Iterable[Value]) -> dict[Value, Cluster | None]:
        """For every node the folded cluster whose box stands for it; None if the node is drawn itself."""
        box = {cluster: self._box(cluster) for cluster in set(self.of.values())}
        return {node: box[self.of[node]] for node in nodes}

    def _box(self, cluster: Cluster) -> Cluster | None:
        around = _first(cluster, self.open.__contains__)
        if around == cluster:
            return None
        has_many = bool(around) and around not in self.asked and self._parts[around] > MANY_ALIKE
        return (*around, OTHERS) if has_many else cluster[: len(around) + 1]
