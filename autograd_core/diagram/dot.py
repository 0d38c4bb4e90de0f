"""A graph as DOT text: boxes for values, small ellipses for the ops between them, left to right.

Text is all this module makes; laying it out is the business of `autograd_core.diagram.render`. The text depends on
the graph and its gradients only: nodes are numbered in topological order, so that equal graphs give equal texts.

Colours are tints of Okabe and Ito's palette, which colour-blind readers can tell apart; leaves, parameters, constants
and the root also differ in their outlines, so that the picture survives a black-and-white printer.
"""

from __future__ import annotations

from ..graph import ancestors
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["dot_text"]

GRAPH = {"rankdir": "LR", "nodesep": "0.15", "ranksep": "0.3", "bgcolor": "white"}
NODE = {"fontname": "Helvetica", "fontsize": "11", "shape": "box", "style": "filled", "fillcolor": "white"}
EDGE = {"arrowsize": "0.6", "color": "#555555"}

# One leaf with a hundred consumers keeps Graphviz busy for minutes: beyond MANY values it gets fewer rounds to shorten
# edges in, and draws them straight. 202 such values then take 1 s instead of 40.
MANY = 50
HURRY = {"splines": "line", "nslimit": "2", "nslimit1": "2", "mclimit": "0.2"}

LEAF = {"style": "filled,rounded", "fillcolor": "#D9EEF9", "color": "#0072B2"}
PARAMETER = {"style": "filled", "fillcolor": "#FCE8C8", "color": "#D55E00", "peripheries": "2"}
CONSTANT = {"style": "filled,dashed", "fillcolor": "#F2F2F2", "color": "#777777", "height": "0.3"}
OP = {"shape": "ellipse", "fillcolor": "#E6E6E6", "color": "#777777", "width": "0.3", "height": "0.3", "margin": "0.03"}
OP["ordering"] = "in"  # the first input comes in above the second where the layout can: a − b reads as one
ROOT = {"penwidth": "2.5"}

LONGEST_NAME = 24
NOT_COMPUTED = "–"


def dot_text(roots: Sequence[Value], gradients: Mapping[Value, Any] | None = None) -> str:
    """The graph above `roots` as DOT text.

    Each value shows its name, its data and its gradient: from `gradients` if given, else what `backward` left on it;
    a gradient that has not been computed is shown as a dash, never as 0.
    """
    import graphviz

    order = ancestors(*roots)
    look_of_graph = GRAPH | HURRY if len(order) > MANY else GRAPH
    graph = graphviz.Digraph(graph_attr=look_of_graph, node_attr=NODE, edge_attr=EDGE)
    position = {node: i for i, node in enumerate(order)}
    marked = set(roots)  # by identity; a list would compare the data
    for node, i in position.items():
        gradient = gradients.get(node) if gradients is not None else node.grad if node.has_grad else None
        look = {} if node.inputs else PARAMETER if node.is_parameter else LEAF
        emphasis = ROOT if node in marked else {}
        graph.node(f"v{i}", _label(node, gradient), tooltip=_tooltip(node, gradient), **look, **emphasis)
        if not node.inputs:
            continue
        graph.node(f"op{i}", _text(node.op.label), tooltip=_text(node.op.name), **OP)
        graph.edge(f"op{i}", f"v{i}")
        for k, x in enumerate(node.inputs):
            if isinstance(x, Value):
                graph.edge(f"v{position[x]}", f"op{i}")
            else:
                graph.node(f"c{i}_{k}", f"{x:.4g}", tooltip=repr(x), **CONSTANT)
                graph.edge(f"c{i}_{k}", f"op{i}")
    return str(graph.source)


def _label(node: Value, gradient: Any) -> str:
    """Name, data and gradient on a line each."""
    lines = [] if not node.name else [_text(_shortened(node.name))]
    lines.append(f"data {node.data:.4g}")
    lines.append(f"grad {NOT_COMPUTED if gradient is None else format(gradient, '.4g')}")
    return "\\n".join(lines)


def _tooltip(node: Value, gradient: Any) -> str:
    """The same in full: the whole name and every digit."""
    # Graphviz takes backslashes away twice from a tooltip, and once from a label.
    name = _text(node.name).replace("\\", "\\\\") + ": " if node.name else ""
    shown = "not computed" if gradient is None else repr(gradient.data if isinstance(gradient, Value) else gradient)
    return f"{name}data {node.data!r}, grad {shown}"


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _text(text: str) -> Any:
    r"""`text` as DOT shows it literally: no escapes, entities or HTML, and nothing invisible.

    >>> _text('<b>&amp;\\N\n</b>')
    '<b>&amp;amp;\\\\N\\\\n</b>'
    """
    import graphviz

    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return graphviz.escape(visible.replace("&", "&amp;"))
