r"""A graph as DOT text: boxes for values, small ellipses for the ops between them, left to right or downwards.

    v0 [label="x\ndata 2\ngrad 4" color="#0072B2" fillcolor="#D9EEF9" style="filled,rounded" ...]
    v1 [label="z\ndata 4\ngrad 1" penwidth=2.5 tooltip="z: data 4.0, grad 1.0"]
    op1 [label="×" color="#777777" fillcolor="#E6E6E6" height=0.3 margin=0.03 ordering=in shape=ellipse ...]
    op1 -> v1
    v0 -> op1

Text is all this module makes; laying it out is the business of `autograd_core.diagram.render`. The text depends on
the graph and its gradients only: nodes are numbered in topological order, so that equal graphs give equal texts.
A folded cluster (see `autograd_core.diagram.clusters`) is one box, and edges between boxes say how many they stand for.
"""

from __future__ import annotations

import math
from itertools import pairwise

from ..graph import inputs_of
from ..names import old_numbers
from ..settings import one_of
from ..value import Value, data_of
from .answers import attributes, texts, truth
from .clusters import MANY_ALIKE, OTHERS
from .ordering import inputs_alike, outputs_alike, siblings
from .texts import beside, is_html, lines_of, literal, padded, shortened, tip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias, TypeVar

    from .clusters import Cluster, Clusters
    from .styles import Style, Wire
    from .themes import Theme

    T = TypeVar("T")
    Ends: TypeAlias = tuple[str, str]
    """Tail and head of an edge."""

__all__ = ["DotText"]

GRAPH = {"nodesep": "0.15", "ranksep": "0.3"}
DIRECTIONS = {"right": "LR", "down": "TB"}
NODE = {"fontname": "Helvetica", "fontsize": "11", "shape": "box", "style": "filled"}
EDGE = {"arrowsize": "0.6", "fontname": "Helvetica", "fontsize": "10"}

# One leaf with a hundred consumers keeps Graphviz busy for minutes: beyond MANY values it gets fewer rounds to shorten
# edges in. 202 such values then take 1 s instead of 40.
MANY = 50
HURRY = {"nslimit": "2", "nslimit1": "2", "mclimit": "0.2"}

# Edges that nobody sees keep what is alike in its order; a second search for fewer crossings would forget them.
ONE_SEARCH = {"remincross": "false"}
IN_ORDER = {"style": "invis", "minlen": "0"}

# The many edges between the folded neurons of two layers run up and down between their frames.
ROOM_TO_TURN = {"ranksep": "0.8"}

# An edge into a frame is drawn in two: Graphviz would lead it around the leaves that stand in the frame's first column.
# Both halves end a point from the corner's middle, where a speck as long and as wide as the gap joins them.
CORNER = {"shape": "box", "label": "", "margin": "0", "fixedsize": "true", "penwidth": "0", "tooltip": ""}
GAP = 2.2  # points

OP = {"shape": "ellipse", "width": "0.3", "height": "0.3", "margin": "0.03"}
OP["ordering"] = "in"  # the first input comes in above the second where the layout can: a − b reads as one
ROOT = {"penwidth": "2.5"}
MARKED = "3.5"
FOLDED = {"shape": "box3d", "margin": "0.25,0.1"}  # room for another font than that of the layout

POINTS = 72  # of an inch
SIDES = {"LR": ("w", "e"), "TB": ("n", "s")}
"""Where edges enter boxes and where they leave."""
BESIDE = 5  # points between a line that goes down and its label


class DotText:
    """The text of one picture, put together node by node."""

    def __init__(
        self,
        order: Iterable[Value],
        roots: Iterable[Value],
        clusters: Clusters,
        style: Style,
        theme: Theme,
        *,
        names: Mapping[Value, str],
        direction: str = "right",
        path: Sequence[Value] = (),
        apart: Iterable[Value] = (),
        has_ids: bool = False,
    ) -> None:
        self.names, self.has_ids = names, has_ids
        self._rankdir = DIRECTIONS[one_of("direction", direction, DIRECTIONS)]
        self.clusters, self.style, self.theme = clusters, style, theme
        self.position = {node: i for i, node in enumerate(order)}
        self.roots, self.path, self.apart = set(roots), set(path), set(apart)
        self._mark = {"penwidth": MARKED, "color": theme.mark}
        self.edges_of_path = set(pairwise(path))
        self.box = clusters.folded(self.position)
        self.inside: dict[Cluster, list[Value]] = {}
        for node, cluster in self.box.items():
            if cluster is not None:
                self.inside.setdefault(cluster, []).append(node)
        self.boxes = {cluster: f"f{k}" for k, cluster in enumerate(self.inside)}
        self.frames: dict[Cluster, str] = {}
        """The names of open clusters' frames in the text, as `boxes` has those of folded ones; filled by ``str``."""
        self._bodies: dict[Cluster, Any] = {}
        self._whole_names = {names[node] for node in self.position}

    @property
    def size(self) -> int:
        """The number of boxes, those of values and of folded clusters."""
        return len(self.inside) + sum([cluster is None for cluster in self.box.values()])

    def __str__(self) -> str:
        self._bodies = {(): self._empty()}
        for cluster, nodes in self.inside.items():
            self._add_folded(cluster, nodes)
        bundles: dict[Ends, list[Wire]] = {}
        for node in self.position:
            if self.box[node] is None:
                self._add_value(node)
            constants = self._constants(node) if self.box[node] is None else {}
            for k, x in self._inputs_in_order(node):
                if k in constants:
                    self._add_constant(node, k, *constants[k])
                elif isinstance(x, Value) and x in self.position:
                    if self.box[node] is self.box[x] is None:
                        self._add_edge(x, node, k)
                    elif self.box[node] != self.box[x]:
                        bundles.setdefault((self._tail(x), self._head(node)), []).append((x, node, k))
        for (tail, _), wires in bundles.items():
            is_marked = any([(x, node) in self.edges_of_path for x, node, _ in wires])
            look = _bundle(len(wires)) | attributes(self.style, "bundle", wires) | (self._mark if is_marked else {})
            self._connect(tail, *wires[0], self._beside(look))
        for ends in [ends for places in self._in_a_row(bundles) for ends in pairwise(places)]:
            self._bodies[()].edge(*ends, **IN_ORDER)
        inner_first = sorted(self._in_order(list(self._bodies)), key=len, reverse=True)
        for cluster in inner_first[:-1]:
            self._bodies[cluster[:-1]].subgraph(self._bodies[cluster])
        return str(self._bodies[()].source)

    def _inputs_in_order(self, node: Value) -> list[tuple[int, float | Value]]:
        """The inputs in the order that makes Graphviz put the first one above, or on the left."""
        inputs = list(enumerate(node.inputs))
        return self._in_order(inputs) if self.clusters.of[node] else inputs

    def _in_a_row(self, bundles: Iterable[Ends]) -> Iterator[list[str]]:
        """The boxes that are kept in their order; neurons only where no edge leads from one to another."""
        of = self.clusters.of
        for inputs in inputs_alike(self.box, of) if any(self._bodies) else ():
            yield [self._tail(x) for x in inputs]
        for clusters in siblings(self.inside):
            places = [self.boxes[cluster] for cluster in clusters]
            if not any([{*ends} <= {*places} for ends in bundles]):
                yield self._in_order(places)
        for outputs in outputs_alike(self.position, of):
            yield [self._head(node) for node in outputs]

    def _in_order(self, parts: list[T]) -> list[T]:
        """Parts of a frame, or frames, in Graphviz's order: it puts the last one above, but the first on the left."""
        return parts[::-1] if self._rankdir == "LR" else parts

    def _empty(self) -> Any:
        import graphviz

        theme, is_black = self.theme, self.theme.ink == "black"
        text = {} if is_black else {"fontcolor": theme.ink}
        line = {} if is_black else {"color": theme.ink}
        look = {"rankdir": self._rankdir, **GRAPH, **(HURRY if self.size > MANY else {})}
        has_boxes_in_frames = any([cluster[:-1] for cluster in self.inside])
        look |= ROOM_TO_TURN if has_boxes_in_frames else {}
        look |= ONE_SEARCH if has_boxes_in_frames or self._has_open_frames() else {}
        warnings = old_numbers(self.position, self.names) + texts(self.style, "warnings", list(self.position))
        for warning in warnings[:1]:
            look |= {"label": literal(warning), "fontname": "Helvetica", "fontsize": "11"}
        return graphviz.Digraph(
            graph_attr={**look, "bgcolor": theme.paper, **text},
            node_attr={**NODE, "fillcolor": theme.paper, **text, **line},
            edge_attr={**EDGE, "color": theme.line, **text},
        )

    def _has_open_frames(self) -> bool:
        return any([box is None and self.clusters.of[node] for node, box in self.box.items()])

    def _body(self, cluster: Cluster) -> Any:
        """The subgraph in which the text of an open cluster is gathered."""
        import graphviz

        if cluster not in self._bodies:
            self._body(cluster[:-1])
            fill, line = self.theme.cluster
            self.frames[cluster] = f"cluster_{len(self._bodies)}"
            body = self._bodies[cluster] = graphviz.Digraph(name=self.frames[cluster])
            body.attr(**self._id(self.frames[cluster]))
            body.attr(label=literal(shortened(cluster[-1])), tooltip=tip("/".join(cluster)), fontname="Helvetica")
            body.attr(style="filled,rounded", fillcolor=fill, color=line, fontsize="11", fontcolor=self.theme.ink)
        return self._bodies[cluster]

    # Boxes

    def _add_folded(self, cluster: Cluster, nodes: Sequence[Value]) -> None:
        is_others = cluster[-1] == OTHERS
        opens = cluster[:-1] if is_others else cluster
        parts = {self.clusters.of[node][: len(opens) + 1] for node in nodes} - {cluster}
        parameters = sum([node.is_parameter for node in nodes])
        lines = ["others" if is_others else shortened(cluster[-1])]
        lines += [f"{len(nodes):,} {'parameters' if parameters == len(nodes) else 'values'}"]
        lines += [f"{parameters:,} of them parameters"] if 0 < parameters < len(nodes) else []
        lines += [f"in {len(parts):,} parts"] if len(parts) > 1 else []
        if not any([node.inputs for node in nodes]):
            gradients = [self.style.gradient(node) for node in nodes]
            lines += _range("data ", [node.data for node in nodes])
            lines += _range("grad ", [data_of(gradient) for gradient in gradients if gradient is not None])
        lines += texts(self.style, "about", nodes)
        fill, line = self.theme.cluster
        faint = self._faint(nodes[0]) if all([truth(self.style, "is_faint", node) for node in nodes]) else {}
        self._body(cluster[:-1]).node(
            self.boxes[cluster],
            lines_of(lines),
            tooltip=tip(f"draw(z, unfold=[{'/'.join(opens)!r}]) {'shows them' if is_others else 'opens it'}"),
            **{**FOLDED, "fillcolor": fill, "color": line, **self._emphasis(nodes), **faint},
            **self._id(self.boxes[cluster]),
        )

    def _add_value(self, node: Value) -> None:
        """Add the box of a value, and the op that computes it."""
        body, i = self._body(self.clusters.of[node]), self.position[node]
        faint, emphasis = self._faint(node), self._emphasis([node])
        if self._has_box(node):
            look = {"label": self._label(node), "tooltip": self._tooltip(node), **self._look_of(node)}
            look |= {**attributes(self.style, "box", node), **emphasis, **faint, **self._id(f"v{i}")}
            body.node(f"v{i}", **look)
        if node.inputs:
            fill, line = self.theme.op
            tooltip = literal(node.op.name) if self._has_box(node) else f"{node.op.name}, {self._tooltip(node)}"
            look = {"label": literal(node.op.label), "tooltip": tooltip, **OP, "fillcolor": fill, "color": line}
            look |= {**attributes(self.style, "op", node), **({} if self._has_box(node) else emphasis), **faint}
            body.node(f"op{i}", **look, **self._id(f"op{i}"))
            if self._has_box(node):
                is_marked = any([(x, node) in self.edges_of_path for x in inputs_of(node)])
                look = {"color": self.theme.faint} if faint else self._mark if is_marked else {}
                self._bodies[()].edge(f"op{i}", f"v{i}", **look)
        if node in self.roots and self.style.end(node) is not None:
            body.node(f"end{i}", literal(shortened(self.names[node])), shape="plaintext", style="", tooltip="")
            self._bodies[()].edge(self._tail(node), f"end{i}", **self._beside(attributes(self.style, "end", node)))

    def _id(self, name: str) -> dict[str, str]:
        """A name by which a page finds a part of the picture."""
        return {"id": name} if self.has_ids else {}

    def _emphasis(self, nodes: Iterable[Value]) -> dict[str, str]:
        """The outline of a box with these nodes in it: of the path, of a root, or plain."""
        if not self.path.isdisjoint(nodes):
            return self._mark
        return {} if self.roots.isdisjoint(nodes) else ROOT

    def _faint(self, node: Value) -> dict[str, str]:
        theme = self.theme
        look = {"color": theme.faint, "fontcolor": theme.faint, "fillcolor": theme.paper, "style": "filled,dotted"}
        return look if truth(self.style, "is_faint", node) else {}

    def _constants(self, node: Value) -> dict[int, tuple[str, dict[str, str], dict[str, str]]]:
        """Box, its texts, and edge of each constant by its position; many are one box, where the first is."""
        numbers = {k: x for k, x in enumerate(node.inputs) if not isinstance(x, Value)}
        i, count = self.position[node], len(numbers)
        if count <= MANY_ALIKE:
            return {k: (f"c{i}_{k}", {"label": f"{x:.4g}", "tooltip": repr(x)}, {}) for k, x in numbers.items()}
        what = f"{count:,} constants"
        written = {"label": lines_of([what, *_range("", numbers.values())]), "tooltip": what}
        return {min(numbers): (f"c{i}", written, _bundle(count))}

    def _add_constant(
        self, node: Value, position: int, box: str, written: Mapping[str, str], edge: Mapping[str, str]
    ) -> None:
        (fill, line), faint = self.theme.constant, self._faint(node)
        look = {**written, "style": "filled,dashed", "fillcolor": fill, "color": line, "height": "0.3"}
        look |= {**attributes(self.style, "constant", node, position), **faint}
        self._body(self.clusters.of[node]).node(box, **look)
        paler = {"color": self.theme.faint} if faint else {}
        self._bodies[()].edge(box, f"op{self.position[node]}", **paler, **edge)

    def _add_edge(self, x: Value, node: Value, position: int) -> None:
        look = attributes(self.style, "wire", x, node, position)
        if (x, node) in self.edges_of_path:
            look |= self._mark
        look = self._beside(look) | self._id(f"e{self.position[node]}_{position}")
        self._connect(self._tail(x), x, node, position, look)

    def _connect(self, tail: str, x: Value, node: Value, position: int, look: Mapping[str, str]) -> None:
        """Add an edge from the box of `x`; one that enters a frame beside leaves of its op has a corner among them."""
        frame, root = self.clusters.of[node], self._bodies[()]
        if self.box[node] is not None or not self._is_beside_leaves(x, node):
            root.edge(tail, self._head(node), **{**self._sides(x, node), **look})
            return
        corner = f"corner{self.position[node]}_{position}"
        self._body(frame).node(corner, **self._speck(look))
        first = {name: text for name, text in look.items() if name != "id" and not name.endswith("label")}
        second = {**look, "tailclip": "false"}
        if self.box[x] is not None and "label" in look:  # how many edges leave a folded cluster stands beside it
            first["label"] = second.pop("label")
        root.edge(tail, corner, **{**first, "arrowhead": "none", "headclip": "false"})
        root.edge(corner, self._head(node), **second)

    def _sides(self, x: Value, node: Value) -> dict[str, str]:
        """The attributes by which an edge enters a folded box in a frame from the side, and leaves another so."""
        head, tail = self.box[node], self.box[x]
        if head is None or len(head) == 1:
            return {}
        entrance, exit = SIDES[self._rankdir]
        leaves = {"tailport": exit} if tail is not None and len(tail) > 1 else {}
        return {"headport": entrance, **leaves}

    def _speck(self, look: Mapping[str, str]) -> dict[str, str]:
        """The attributes of a corner that joins the halves of an edge that looks so."""
        width, length = float(look.get("penwidth", "1")) / POINTS, GAP / POINTS
        sides = (length, width) if self._rankdir == "LR" else (width, length)
        colour = look.get("color", self.theme.line).replace(";", ":").partition(":")[0]  # the first of several
        style = "invis" if "invis" in look.get("style", "") else "filled"
        return {**CORNER, "width": f"{sides[0]:.4f}", "height": f"{sides[1]:.4f}", "fillcolor": colour, "style": style}

    def _is_beside_leaves(self, x: Value, node: Value) -> bool:
        """Whether `x` is outside the frame of an op that has other inputs inside it."""
        frame = self.clusters.of[node]
        others = [y for y in inputs_of(node) if self.clusters.of.get(y) == frame]
        return self.clusters.of[x][: len(frame)] != frame and bool(others or len(inputs_of(node)) < len(node.inputs))

    def _beside(self, look: Mapping[str, str]) -> dict[str, str]:
        """The attributes of an edge, its label beside a line that goes downwards: Graphviz would put it on the line."""
        label = look.get("label", "")
        if self._rankdir == "LR" or not label:
            return dict(look)
        return {**look, "label": padded(label[1:-1], BESIDE) if is_html(label) else beside(label)}

    def _has_box(self, node: Value) -> bool:
        return self.style.has_value_boxes or not node.inputs

    def _tail(self, node: Value) -> str:
        """The box at which the edges to a value's consumers begin."""
        cluster = self.box[node]
        if cluster is not None:
            return self.boxes[cluster]
        return f"v{self.position[node]}" if self._has_box(node) else f"op{self.position[node]}"

    def _head(self, node: Value) -> str:
        """The box at which the edges from a value's inputs end."""
        cluster = self.box[node]
        return f"op{self.position[node]}" if cluster is None else self.boxes[cluster]

    # Texts

    def _look_of(self, node: Value) -> dict[str, str]:
        if node.inputs:
            return {}
        fill, line = self.theme.parameter if node.is_parameter else self.theme.leaf
        look = {"fillcolor": fill, "color": line}
        return look | ({"style": "filled", "peripheries": "2"} if node.is_parameter else {"style": "filled,rounded"})

    def _label(self, node: Value) -> Any:
        """Name, data and gradient on a line each; inside a cluster's frame without the cluster's path.

        Of a name that would then be another's, as the root's, one part of the path stays: n1/z beside z.
        """
        whole = name = self.names[node]
        for part in self.clusters.of[node]:
            name = name.removeprefix(f"{part}/")
        if name != whole and name in self._whole_names:
            name = "/".join(whole.split("/")[-2:])
        lines = [shortened(name), *texts(self.style, "lines", node)]
        if node in self.apart:
            lines += [f"no path to {shortened(self.names[root])}" for root in self.roots]
        return lines_of(lines)

    def _tooltip(self, node: Value) -> str:
        """The label in full: the whole name and every digit."""
        gradient = self.style.gradient(node)
        known = "not computed" if gradient is None else repr(data_of(gradient))
        return f"{tip(self.names[node])}: data {node.data!r}, grad {known}"


def _bundle(count: int) -> dict[str, str]:
    """Attributes of an edge that stands for `count` edges."""
    return {"label": f"{count:,}", "penwidth": "2"} if count > 1 else {}


def _range(what: str, numbers: Iterable[float]) -> list[str]:
    """A line with the least and the largest of the finite numbers, or no line if there are none."""
    finite = [x for x in numbers if math.isfinite(x)]
    return [f"{what}{min(finite):.4g} … {max(finite):.4g}"] if finite else []
