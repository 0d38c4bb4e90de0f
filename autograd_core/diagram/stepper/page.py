"""The stepper's page: picture, data, looks and program put together into one file that needs no network."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import bidirectional

from ...backprop import backprop
from ...errors import DiagramError, StaleGraphError
from ...formulas.notation.letters import Names
from ...formulas.notation.operations import applied, number
from ...graph import ancestors, check_fresh
from ...names import names_of, old_numbers
from ...value import Value
from ..clusters import Clusters
from ..dot import DotText
from ..files import as_path, write_whole
from ..render import rendered
from ..styles import Style, bound, shown
from ..template import as_json, filled
from ..themes import theme_of
from .events import CODE, events

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from ...formulas.notation.written import Written

__all__ = ["Stepper"]

LONGEST_FORMULA = 120
"""Characters of a node's formula; more are cut off, as an n-ary op may have hundreds of inputs."""
HERE = Path(__file__).parent


class Widest(Style):
    """The style of boxes that have room for the gradients to come; no tooltip tells these before their time."""

    def lines(self, node: Value) -> list[str]:
        """Data and gradient."""
        return [f"data {shown(node.data)}", f"grad {shown(super().gradient(node))}"]

    def gradient(self, node: Value) -> None:
        """No gradient: it is not known yet."""


class Stepper:
    """A page to step through the graph above `z`: shows itself in a notebook, saves itself as one HTML file."""

    def __init__(self, z: Value, targets: list[Value], language: str) -> None:
        self.z, self.targets, self.language = z, targets, language
        self.order = list(ancestors(z))

    @property
    def html(self) -> str:
        """The page; raises `StaleGraphError` after a leaf has changed."""
        check_fresh(ancestors(self.z))
        parts = {
            "/*STYLE*/": (HERE / "page.css").read_text(encoding="utf-8"),
            "<!--SVG-->": self._svg(),
            "/*DATA*/": as_json(self._data()),
            "/*SCRIPT*/": (HERE / "page.js").read_text(encoding="utf-8"),
        }
        return filled((HERE / "page.html").read_text(encoding="utf-8"), parts)

    def _svg(self) -> str:
        theme = theme_of("light")
        names = self._names()
        style = bound(Widest(), self.order, backprop(self.z, self.targets).entries, theme, names)
        clusters = Clusters(self.order, names, True)
        text = DotText(self.order, [self.z], clusters, style, theme, names=names, has_ids=True)
        svg = rendered(str(text), "svg").decode()
        return svg[svg.index("<svg") :]

    def _names(self) -> dict[Value, str]:
        """The names of all nodes, and of targets that z does not depend on."""
        return names_of(dict.fromkeys([*self.order, *self.targets]), self.z)

    def _data(self) -> dict[str, Any]:
        """The data that the page's program reads, numbers as text: JSON knows neither inf nor nan."""
        write = Names()
        written = {node: write(name) for node, name in self._names().items()}
        position = {node: i for i, node in enumerate(written)}
        return {
            "language": self.language,
            "texts": json.loads((HERE / "texts.json").read_text(encoding="utf-8")),
            "code": CODE,
            "root": position[self.z],
            "names": [_aligned(_unquoted(name)) for name in written.values()],
            "data": [repr(node.data) for node in written],
            "formulas": [_formula(node, written) for node in self.order],
            "inputs": [[position[x] if isinstance(x, Value) else None for x in node.inputs] for node in self.order],
            "unreached": list(range(len(self.order), len(written))),
            "events": [
                [
                    event.line,
                    position[event.v],
                    None if event.c is None else position[event.c],
                    repr(event.arriving),
                    None if event.rate is None else repr(event.rate),
                    repr(event.g),
                ]
                for event in events(self.z, self.targets)
            ],
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to `path`, which ends in .html, as a whole or not at all. Returns its path.

        Raises `DiagramError` for another ending, `DiagramFileError` (also an OSError) for a place that cannot be
        written to.
        """
        if as_path(path).suffix.lower() not in (".html", ".htm"):
            raise DiagramError(f"the stepper is a page: end {str(path)!r:.60} in .html, or draw(z) it as a picture")
        return write_whole(path, self.html.encode())

    def _repr_html_(self) -> str | None:
        from html import escape

        try:
            page = self.html
        except StaleGraphError:
            return None  # the notebook shows the text below instead, which says so
        return f'<iframe srcdoc="{escape(page)}" style="width: 100%; height: 48rem; border: 0"></iframe>'

    def __repr__(self) -> str:
        what = old_numbers(self.order, self._names()) or ['.save("step.html") makes the page']
        return f"<Stepper of {len(self.order):,} values: {what[0]}>"


def _unquoted(name: Written) -> str:
    """A name as formulas have it, z_1^(2) for layer 2/n1/z, without the quotation marks that only formulas need."""
    return name.text[1:-1].replace(r"\"", '"') if name.text.startswith('"') else name.text


def _aligned(text: str) -> str:
    """A text isolated, if it has letters that are written from right to left: else they turn what stands beside it."""
    is_turning = any([bidirectional(letter) in ("R", "AL") for letter in text])
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if is_turning else text


def _formula(node: Value, written: Mapping[Value, Written]) -> str:
    """The formula by which a node is computed; a long one is cut off."""
    args = [
        written[x]._replace(text=_aligned(written[x].text)) if isinstance(x, Value) else number(x, 6)
        for x in node.inputs
    ]
    text = applied(node.op, args).text if args else ""
    return text if len(text) <= LONGEST_FORMULA else text[:LONGEST_FORMULA] + "…"
