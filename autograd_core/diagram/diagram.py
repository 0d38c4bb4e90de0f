"""Diagram: a graph's picture as an object, and `draw`, which makes one."""

from __future__ import annotations

import os

from ..backprop import GradTable
from ..errors import AutogradError, DiagramError, DiagramFileError, NumberError
from ..graph import ancestors
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

__all__ = ["Diagram", "draw"]

MOST_NODES = 1_000
"""More values than this are not laid out: a PNG would take minutes, and nobody could read it."""

TEXT_SUFFIXES = ("dot", "gv")


class Diagram:
    """The graph above some roots, as a picture: shows itself in Jupyter, has a ``source``, and saves itself."""

    def __init__(self, roots: Sequence[Value], gradients: Mapping[Value, Any] | None, max_nodes: int) -> None:
        self.roots = list(roots)
        self.gradients = gradients
        self.max_nodes = max_nodes

    @property
    def source(self) -> str:
        """The DOT text, of a graph of any size."""
        from .dot import dot_text

        return dot_text(self.roots, self.gradients)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to `path`, as its suffix says: .svg, .png, .pdf, or .dot and .gv for the text.

        The file appears as a whole or not at all. Returns its path.

        Raises `DiagramError` for another suffix and for a graph too large to lay out, `DiagramFileError` (also an
        OSError) for a place that cannot be written to.
        """
        from pathlib import Path

        from .render import FORMATS

        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in (*FORMATS, *TEXT_SUFFIXES):
            allowed = ", ".join(f".{s}" for s in (*FORMATS, *TEXT_SUFFIXES))
            raise DiagramError(f"cannot tell from {path.name!r} what to draw; end the name in one of {allowed}")
        picture = self.source.encode() if suffix in TEXT_SUFFIXES else self.picture(suffix)
        try:
            _write_whole(path, picture)
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
            reason = getattr(error, "strerror", None) or error
            raise DiagramFileError(f"cannot write {str(path)!r}: {reason}") from error
        return path

    def picture(self, format: str) -> bytes:
        """The picture as "svg", "png" or "pdf".

        Raises `DiagramError` for a graph too large to lay out.
        """
        from .render import rendered

        size = len(ancestors(*self.roots))
        if size > self.max_nodes:
            raise DiagramError(
                f"the graph has {size:,} values, more than the {self.max_nodes:,} that are laid out. Draw a part of it "
                "(an inner node), save it as .dot, or ask for more: draw(z, max_nodes=...)"
            )
        return rendered(self.source, format)

    def _repr_svg_(self) -> str | None:
        try:
            return self.picture("svg").decode()
        except AutogradError:
            return None  # the notebook shows the text below instead

    def __repr__(self) -> str:
        order = ancestors(*self.roots)
        ops = sum(1 for node in order if node.inputs)
        hint = "" if len(order) <= self.max_nodes else ", too large to lay out: draw an inner node, or save as .dot"
        return f"<Diagram of {len(order):,} values and {ops:,} ops{hint}>"


def draw(z: Value | GradTable | Sequence[Value], *, max_nodes: int = MOST_NODES) -> Diagram:
    """A `Diagram` of the graph that `z` was computed by: a Value, several of them, or a grad_table.

    Gradients are those that ``z.backward()`` left, or the table's own; one that was not computed is shown as a dash.

    >>> x = Value(2.0, name="x")
    >>> draw(x * x + 1)
    <Diagram of 3 values and 2 ops>

    Raises `NumberError` (a TypeError) for anything else.
    """
    if isinstance(z, GradTable):
        return Diagram([z.root], z.entries, max_nodes)
    roots = [z] if isinstance(z, Value) else list(z) if isinstance(z, (list, tuple)) else []
    if not roots or not all(isinstance(root, Value) for root in roots):
        raise NumberError(
            f"draw takes a Value, a list of Values or a GradTable, got {z!r:.60} of type {type(z).__name__}"
        )
    return Diagram(roots, None, max_nodes)


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside `path`, then rename: a reader never sees half a file."""
    import secrets

    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(draft, "xb") as file:
            file.write(content)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
