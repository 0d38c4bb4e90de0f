"""What stands in an order of its own in a picture: inputs, neurons, and what is done with outputs."""

from __future__ import annotations

from ..graph import consumers, inputs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ..value import Value
    from .clusters import Cluster

__all__ = ["inputs_alike", "outputs_alike", "siblings"]


def inputs_alike(box: Mapping[Value, Cluster | None], of: Mapping[Value, Cluster]) -> list[list[Value]]:
    """Leaves outside clusters, those with the same consumers together, where a cluster is one consumer.

    box: the nodes of a picture with the folded cluster that each is in. of: the cluster of each.
    """
    users = consumers(box)
    alike: dict[Any, list[Value]] = {}
    for x in box:
        if not x.inputs and box[x] is None and not of[x] and x in users:
            used = frozenset([of[node][:1] or node for node in users[x]])
            alike.setdefault(used, []).append(x)
    return list(alike.values())


def siblings(folded: Iterable[Cluster]) -> list[list[Cluster]]:
    """Folded clusters, those of one frame together."""
    of_frame: dict[Cluster, list[Cluster]] = {}
    for cluster in folded:
        of_frame.setdefault(cluster[:-1], []).append(cluster)
    return [clusters for frame, clusters in of_frame.items() if frame]


def outputs_alike(nodes: Iterable[Value], of: Mapping[Value, Cluster]) -> list[list[Value]]:
    """Nodes outside clusters that are computed from what comes out of one cluster, and from leaves."""
    of_cluster: dict[Cluster, list[Value]] = {}
    for node in nodes:
        clusters = {of[x][:1] for x in inputs_of(node) if x.inputs and x in of}
        if not of[node] and len(clusters) == 1 and () not in clusters:
            of_cluster.setdefault(clusters.pop(), []).append(node)
    return list(of_cluster.values())
