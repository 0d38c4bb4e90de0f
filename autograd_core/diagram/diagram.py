"""Diagram: a graph's picture as an object, and `draw`, which makes one."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable

from ..backprop import GradTable
from ..errors import AutogradError, DiagramError, NumberError
from ..graph import ancestors
from ..names import names_of
from ..paths import Path
from ..settings import whole
from ..value import Value, element_of
from .files import as_path, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..forms import Forms
    from .clusters import Cluster, Clusters
    from .dot import DotText
    from .styles import Style
    from .themes import Theme

__all__ = ["Diagram", "draw"]

MOST_NODES = 1_000
"""Boxes that are laid out by default. An SVG of 1,000 takes 0.6 s (see `autograd_core.diagram.render`), but a PNG would
take minutes, and nobody could read it."""

TEXT_SUFFIXES = ("dot", "gv")


class Diagram:
    """The graph above some roots, as a picture: shows itself in Jupyter, has a ``source``, and saves itself."""

    def __init__(
        self,
        roots: Sequence[Value],
        gradients: Mapping[Value, Any] | None = None,
        *,
        style: str | type[Style] | Style = "values",
        theme: str | Theme = "auto",
        direction: str = "right",
        unfold: bool | Sequence[str] | None = None,
        only: Iterable[Value] | None = None,
        path: Sequence[Value] = (),
        apart: Sequence[Value] = (),
        max_nodes: int = MOST_NODES,
    ) -> None:
        from .clusters import Clusters
        from .styles import bound, style_of
        from .themes import theme_of

        every = ancestors(*roots) | dict.fromkeys(apart)
        wanted = None if only is None else _chosen(only, every)
        self.roots, self.direction, self.path, self.apart = list(roots), direction, path, apart
        self.max_nodes = whole("max_nodes", max_nodes)
        self._names = names_of(every, roots[0] if len(roots) == 1 else None)
        self._order = [node for node in every if wanted is None or node in wanted]
        self._theme = theme_of(theme)
        self._style = bound(style_of(style), self._order, gradients, self._theme, self._names)
        self._clusters = Clusters(self._order, self._names, unfold)
        self._text = self._text_with(self._clusters)
        self._problem = ""

    def _text_with(self, clusters: Clusters, *, has_ids: bool = False) -> DotText:
        from .dot import DotText

        return DotText(
            self._order,
            self.roots,
            clusters,
            self._style,
            self._theme,
            names=self._names,
            direction=self.direction,
            path=self.path,
            apart=self.apart,
            has_ids=has_ids,
        )

    @property
    def source(self) -> str:
        """The DOT text, of a graph of any size."""
        return str(self._text)

    def save(self, path: str | os.PathLike[str], *, dpi: float | None = None) -> pathlib.Path:
        """Write the picture to `path`, as its suffix says: .svg, .png, .pdf, or .dot and .gv for the text.

        An .html is a page on which clusters unfold and fold by clicks, as far as its some dozens of pictures go.
        `dpi` are the dots per inch of a .png, 144 by default, fewer where the picture is large; a box has 11 points.

        The file appears as a whole or not at all. Returns its path.

        Raises `DiagramError` for another suffix, for dots where there are none and for a graph too large to lay out,
        `DiagramFileError` (also an OSError) for a place that cannot be written to.
        """
        from .render import FORMATS

        path = as_path(path)
        suffix = path.suffix.lower().removeprefix(".")
        known = (*FORMATS, *TEXT_SUFFIXES, "html")
        if suffix not in known:
            allowed = ", ".join(f".{s}" for s in known)
            raise DiagramError(f"cannot tell from {path.name!r} what to draw; end the name in one of {allowed}")
        if suffix in FORMATS:
            return write_whole(path, self.picture(suffix, dpi=dpi))
        _check_dpi(dpi, suffix)
        return write_whole(path, (self._page() if suffix == "html" else self.source).encode())

    def picture(self, format: str, *, dpi: float | None = None) -> bytes:
        """The picture as "svg", "png" or "pdf"; `dpi` as in `save`.

        Raises `DiagramError` for a graph too large to lay out, and for dots where there are none.
        """
        from .render import rendered
        from .svg import fitted, following

        self._check_size()
        _check_dpi(dpi, format)
        drawn = rendered(self.source, format, dpi)
        if format != "svg":
            return drawn
        svg = fitted(drawn.decode())
        return (svg if self._theme.dark is None else following(svg, self._theme)).encode()

    def _page(self) -> str:
        """The page on which clusters unfold by clicks."""
        from .unfolding import page

        def text_of(asked: Iterable[Cluster]) -> DotText:
            return self._text_with(self._clusters.with_open(asked), has_ids=True)

        self._check_size()
        return page(self._clusters.asked, text_of, self._theme)

    def _check_size(self) -> None:
        if self._text.size > self.max_nodes:
            has_clusters = len(self._clusters.sizes) > 1
            what = "values and folded clusters" if has_clusters else "values"
            advice = "Unfold less of it" if has_clusters else "Draw a part of it (an inner node)"
            hint = "" if has_clusters else ", give names with paths, such as 'layer 1/w', by which parts can be folded"
            raise DiagramError(
                f"the graph has {self._text.size:,} {what}, more than the {self.max_nodes:,} that are laid out. "
                f"{advice}{hint}, save it as .dot, or ask for more: draw(z, max_nodes=...)"
            )

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_()[0].get("image/svg+xml")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Forms:
        """The picture in the forms that notebooks show, and the text: it says why there is no picture, if so."""
        from ..forms import notebook_forms

        self._problem = ""
        try:
            data, metadata = notebook_forms(self.picture, include or ())
        except AutogradError as error:
            self._problem = f"\n{error}"
            data, metadata = {}, {}
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        folded = len(self._text.inside)
        hint = f", {folded:,} folded clusters" if folded else ""
        if self._text.size > self.max_nodes:
            return f"<{self._title}{hint}, too large to lay out: draw an inner node, or save as .dot>"
        return f"<{self._title}{hint}>{self._problem}"

    @property
    def _title(self) -> str:
        ops = sum([1 for node in self._order if node.inputs])
        values = len(self._order)
        return f"Diagram of {values:,} value{'s' * (values != 1)} and {ops:,} op{'s' * (ops != 1)}"


def _check_dpi(dpi: Any, format: str) -> None:
    """Refuse what is no number of dots per inch, and dots in a picture that has none."""
    if dpi is None:
        return
    if isinstance(dpi, bool) or not isinstance(dpi, (int, float)) or not 0.0 < dpi < math.inf:
        raise DiagramError(f"dpi, the dots per inch of a .png, must be a positive number, got {dpi!r:.40}")
    if format != "png":
        raise DiagramError(f"dpi are the dots per inch of a .png; a .{format} has none")


def _chosen(only: Any, order: Mapping[Value, None]) -> set[Value]:
    """The nodes that are to be drawn, or `DiagramError` if one is not in the graph."""
    nodes = list(only) if isinstance(only, Iterable) and not isinstance(only, str) else []
    strangers = [node for node in nodes if not (isinstance(node, Value) and node in order)]
    if not nodes or strangers:
        given = f"got {only!r:.60}" if not strangers else f"{strangers[0]!r:.60} is not in it"
        raise DiagramError(f"only takes a list of Values of the graph that is drawn; {given}")
    return set(nodes)


def draw(
    z: Value | GradTable | Path | Sequence[Value],
    *,
    style: str | type[Style] | Style = "values",
    theme: str | Theme = "auto",
    direction: str = "right",
    unfold: bool | Sequence[str] | None = None,
    only: Iterable[Value] | None = None,
    max_nodes: int = MOST_NODES,
) -> Diagram:
    """A `Diagram` of the graph that `z` was computed by: a Value, several of them, a grad_table, or a path in it.

    Gradients are those that ``z.backward()`` left, or the table's own; one that was not computed is shown as a dash.
    A table's target that its root does not depend on stands apart.
    Nodes with a path in their names, as ``layer 1/n3/w5`` of a network's weight, are in clusters; those of a large
    graph are folded, each into one box.

    Parameters
    ----------
    style: "values"; "derivatives" writes the local derivative on every edge, "flow" draws it as wide as what came
        back through it, "pruned" has faint what the targets' gradients did not need, "circuit" is the lectures' form:
        ops, and on the wires values above gradients. Or one of your own: a subclass of `autograd_core.diagram.Style`,
        or an object of it.
    theme: "auto", an SVG that is light or dark as the page that it is on, while a PNG or PDF is light; "light",
        "dark", or colours of your own, as `autograd_core.diagram.Theme(paper="ivory")`.
    direction: where consumers are, "right" of their inputs, or "down", which long chains need.
    unfold: names of clusters to open, as ["layer 1", "layer 2/n3"]; True opens all; by default all if the graph is
        small, else none.
    only: draw no other nodes than these.
    max_nodes: more boxes are not laid out: a PNG would take minutes, and nobody could read it.

    >>> x = Value(2.0, name="x")
    >>> draw(x * x + 1)
    <Diagram of 3 values and 2 ops>

    After a leaf has changed, the picture says that its numbers are of before.

    Raises `NumberError` (a TypeError) for anything else, `DiagramError` for an unknown style, theme, direction or
    cluster and for other settings that make no sense, `StaleGraphError` for derivatives after a leaf has changed.
    """
    path: Sequence[Value] = ()
    apart: Sequence[Value] = ()
    gradients: Mapping[Value, Any] | None = None
    z = element_of(z)
    if isinstance(z, GradTable):
        above = ancestors(z.root)
        apart = [target for target in z.targets if target not in above]
        roots, gradients = [z.root], z.entries | dict.fromkeys(apart, 0.0)
    elif isinstance(z, Path):
        roots, path = [z.nodes[-1]], z.nodes
    else:
        roots = [z] if isinstance(z, Value) else list(z) if isinstance(z, (list, tuple)) else []
    if not roots or not all(isinstance(root, Value) for root in roots):
        raise NumberError(
            f"draw takes a Value, a list of Values, a GradTable or a Path, got {z!r:.60} of type {type(z).__name__}"
        )
    return Diagram(
        roots,
        gradients,
        style=style,
        theme=theme,
        direction=direction,
        unfold=unfold,
        only=only,
        path=path,
        apart=apart,
        max_nodes=max_nodes,
    )
