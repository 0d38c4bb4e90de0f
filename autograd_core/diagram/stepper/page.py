"""The stepper's page: picture, data, looks and program put together into one file that needs no network."""

from __future__ import annotations

from pathlib import Path

from ...backprop import backprop
from ...errors import DiagramError, StaleGraphError
from ...formulas.derivation.local import LocalDerivatives
from ...formulas.notation.operations import standard_name
from ...graph import ancestors, check_fresh
from ...names import names_of, old_numbers
from ...value import Value
from ..clusters import Clusters
from ..dot import DotText
from ..files import as_path, write_whole
from ..pages import assembled
from ..pages.names import expression_of, formula_of, label_of, written_names
from ..render import rendered
from ..styles import Style, bound, shown
from ..svg import adapting
from ..themes import THEMES
from .events import ADD, CODE, events

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from ...formulas.notation.written import Written

__all__ = ["Stepper"]

HERE = Path(__file__).parent
THEME = THEMES["auto"]


class Widest(Style):
    """The style of boxes that have room for the gradients to come; no tooltip tells these before their time."""

    def lines(self, node: Value) -> list[str]:
        """Data and gradient."""
        return [f"data {shown(node.data)}", f"grad {shown(super().gradient(node))}"]

    def gradient(self, node: Value) -> None:
        """No gradient: it is not known yet."""


class Stepper:
    """A page to step through the graph above `z`: shows itself in a notebook, saves itself as one HTML file."""

    def __init__(self, z: Value, targets: list[Value], language: str | None) -> None:
        self.z, self.targets, self.language = z, targets, language
        self.order = list(ancestors(z))

    @property
    def html(self) -> str:
        """The page; raises `StaleGraphError` after a leaf has changed."""
        check_fresh(ancestors(self.z))
        return assembled(HERE, self._data(), {"<!--SVG-->": self._svg()}, "\n".join(adapting(THEME, "svg")))

    def _svg(self) -> str:
        names = {node: label_of(name) for node, name in self._written().items()}
        style = bound(Widest(), self.order, backprop(self.z, self.targets).entries, THEME, names)
        clusters = Clusters(self.order, names, True)
        text = DotText(self.order, [self.z], clusters, style, THEME, names=names, has_ids=True)
        svg = rendered(str(text), "svg").decode()
        return svg[svg.index("<svg") :]

    def _written(self) -> dict[Value, Written]:
        """The names of all nodes, and of targets that z does not depend on."""
        return written_names([*self.order, *self.targets], self.z)

    def _data(self) -> dict[str, Any]:
        """The data that the page's program reads, numbers as text: JSON knows neither inf nor nan."""
        written = self._written()
        position = {node: i for i, node in enumerate(written)}
        return {
            "language": self.language,
            "expression": expression_of(self.order, written),
            "code": CODE,
            "root": position[self.z],
            "names": [label_of(name) for name in written.values()],
            "data": [repr(node.data) for node in written],
            "formulas": [formula_of(node, written) for node in self.order],
            "inputs": [[position[x] if isinstance(x, Value) else None for x in node.inputs] for node in self.order],
            "ops": [standard_name(node.op) if node.inputs else "" for node in self.order],
            "labels": [node.op.label if node.inputs else "" for node in self.order],
            "rates": self._rates(position),
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

    def _rates(self, position: Mapping[Value, int]) -> dict[str, str]:
        """The rule of every local derivative that is used, in names and in numbers, by the positions of both nodes."""
        local = LocalDerivatives(self.z)
        found = {}
        for event in events(self.z, self.targets):
            if event.c is not None and event.line == ADD and event.rate is not None:
                line = local.line(event.c, event.v)
                steps = [f"{'=' if is_equal else '≈'} {step.text}" for is_equal, step in line.steps]
                found[f"{position[event.c]} {position[event.v]}"] = " ".join(steps)
        return found

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
        what = old_numbers(self.order, names_of(self.order, self.z)) or ['.save("step.html") makes the page']
        return f"<Stepper of {len(self.order):,} values: {what[0]}>"
