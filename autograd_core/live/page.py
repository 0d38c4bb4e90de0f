"""The live page: pictures, programs, looks and texts put together into one file that needs no network."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import FunctionType
from typing import NamedTuple

from ..diagram.files import as_path, write_whole
from ..diagram.pages import assembled
from ..diagram.pages.names import expression_of, formula_of, label_of, written_names
from ..domain import EXTENDED, NONZERO, NOT_A_POLE, REAL
from ..errors import DiagramError
from ..jit.backends.source import javascript
from ..ops import TABLE
from ..value import Value
from ..visible import visible
from .layout import layout
from .ways import CAPTURED, NUMBERS, ways_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Container, Mapping
    from typing import Any

    from ..formulas.notation.written import Written
    from .variables import Variables
    from .ways import TracedWay

__all__ = ["LivePage"]

MOST_NODES = 1_000
"""Values of a page: 437, those of a [2, 16, 16, 1] network, make 0.27 MB (``python -m benchmarks pictures``)."""
HERE = Path(__file__).parent
LONGEST_TITLE = 100
ONE_HALF = {TABLE["sigmoid"]}
"""Ops whose results are probabilities: their decision boundary is at 1/2, that of others at 0."""


class Wire(NamedTuple):
    """An edge of the picture: from a box to another, maybe with the parameter that it is weighted with."""

    x: Value
    consumer: Value
    weight: Value | None


class LivePage:
    """A page on which a function's inputs can be dragged: shows itself in a notebook, saves itself as one HTML file."""

    def __init__(self, variables: Variables, language: str | None) -> None:
        self.language, self._f = language, variables.f
        variables()  # by the engine itself, which says what is outside a domain
        self.ways, captured = ways_of(variables)
        most = max([len(way.order) for way in self.ways])
        if most > MOST_NODES:
            raise DiagramError(
                f"the function computes {most:,} values, more than the {MOST_NODES:,} of a live page; take a smaller "
                "network, or one sample of many"
            )
        self.inputs = [*variables.leaves, *[x for x in captured if not x.is_parameter]]
        self.parameters = sorted([x for x in captured if x.is_parameter], key=_natural)
        if not self.inputs and not self.parameters:
            raise DiagramError("there is nothing to drag: give the function's inputs, as live(f, x=2.0)")
        for x in [*self.inputs, *self.parameters]:
            if not math.isfinite(x.data):
                raise DiagramError(f"a slider begins at a finite number; {visible(x.name or 'an input')} is {x.data!r}")
        self._source = {x: (NUMBERS, i) for i, x in enumerate(variables.leaves)}
        self._source |= {x: (CAPTURED, i) for i, x in enumerate(captured)}

    @property
    def html(self) -> str:
        """The page; raises `ProgramError` naming an op for which JavaScript has no function."""
        programs = {f"run{k}": way.program for k, way in enumerate(self.ways)}
        programs |= {f"value{k}": way.value for k, way in enumerate(self.ways)}
        leaves = [*self.inputs, *self.parameters]
        names = written_names(dict.fromkeys([*leaves, *self.ways[0].order]), self.ways[0].root)
        data = {
            "language": self.language,
            "inputs": len(self.inputs),
            "leaves": [{"name": label_of(names[x]), "source": self._source[x], "value": x.data} for x in leaves],
            "level": 0.5 if self.ways[0].root.op in ONE_HALF else 0.0,
            "is_network": bool(self.parameters) and len(self.inputs) == 2,
            "ways": [self._way(way) for way in self.ways],
        }
        return assembled(HERE, data, {"/*PROGRAMS*/": javascript.texts(programs)})

    def _way(self, way: TracedWay) -> dict[str, Any]:
        names = written_names(dict.fromkeys([*self.inputs, *self.parameters, *way.order]), way.root)
        position = {node: i for i, node in enumerate(way.order)}
        leaf = {x: k for k, x in enumerate([*self.inputs, *self.parameters])}
        flows: dict[Wire, list[int]] = {}
        weights = _weights(way)
        sums = _weighted_sums(way, weights)
        for k, (x, node, at) in enumerate(way.edges):
            if x not in weights and x not in sums:
                flows.setdefault(Wire(x, sums.get(node, node), weights.get(_partner(node, at))), []).append(k)
        drawn = [node for node in [*self.inputs, *way.order] if node not in weights and node not in sums]
        boxes = list(dict.fromkeys([node for node in drawn if node in position]))
        summed = dict.fromkeys(sums.values(), "w · x + b")
        formulas = {node: formula_of(node, names) for node in way.order} | summed
        found = layout(boxes, [(wire.x, wire.consumer) for wire in flows])
        return {
            "title": self._title(way, names),
            "root": position[way.root],
            "nodes": [
                {
                    "name": label_of(names[node]),
                    "formula": formula_of(node, names),
                    "op": "Σ" if node in summed else node.op.label if node.inputs else "",
                    "domain": _domain(node, names, position),
                    "leaf": leaf.get(node),
                }
                for node in way.order
            ],
            "boxes": [[position[node], *_place(found.place[node]), formulas[node]] for node in boxes],
            "wires": [
                {
                    "from": position[wire.x],
                    "to": position[wire.consumer],
                    "flows": indices,
                    "weight": None if wire.weight is None else position[wire.weight],
                    "passes": [_place(place) for place in found.passes[wire.x, wire.consumer]],
                }
                for wire, indices in flows.items()
            ],
        }

    def _title(self, way: TracedWay, names: Mapping[Value, Written]) -> str:
        """The whole expression; of an object, as a network, what it says that it is."""
        said = "<" if isinstance(self._f, FunctionType) else visible(repr(self._f))
        return (
            expression_of(way.order, names) if "<" in said else f"{label_of(names[way.root])}: {said:.{LONGEST_TITLE}}"
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to `path`, which ends in .html, as a whole or not at all. Returns its path.

        Raises `DiagramError` for another ending, `DiagramFileError` (also an OSError) for a place that cannot be
        written to.
        """
        if as_path(path).suffix.lower() not in (".html", ".htm"):
            raise DiagramError(f"a live page is a page: end {str(path)!r:.60} in .html")
        return write_whole(path, self.html.encode())

    def _repr_html_(self) -> str:
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width: 100%; height: 48rem; border: 0"></iframe>'

    def __repr__(self) -> str:
        count, parameters = len(self.inputs), len(self.parameters)
        what = f"{count:,} input{'s' * (count != 1)}"
        what += f" and {parameters:,} parameters" if parameters else ""
        return f'<LivePage of {len(self.ways[0].order):,} values and {what}: .save("live.html") makes the page>'


def _natural(x: Value) -> list[tuple[str, int]]:
    """A key that sorts names as people do, w2 before w10."""
    return [(word, int(digits or 0)) for word, digits in re.findall(r"(\D+)(\d*)", x.name or "")]


def _place(place: tuple[int, float]) -> list[float]:
    return [place[0], round(place[1], 3)]


def _weights(way: TracedWay) -> dict[Value | None, Value]:
    """The parameters that stand on an edge or in their consumer's box, not in one of their own: used once, by an op.

    Each is mapped to itself."""
    uses: dict[Value, int] = {}
    for x, _, _ in way.edges:
        uses[x] = uses.get(x, 0) + 1
    others = {node: [x for x in node.inputs if isinstance(x, Value) and not x.is_parameter] for node in way.order}
    return {x: x for x, node, _ in way.edges if x.is_parameter and uses[x] == 1 and others[node]}


def _weighted_sums(way: TracedWay, weights: Container[Value | None]) -> dict[Value, Value]:
    """The sums w · x without a name to which a bias is added, each with that sum, z, in whose box they are told."""
    users: dict[Value, list[Value]] = {}
    for x, node, _ in way.edges:
        users.setdefault(x, []).append(node)
    sums = [
        node for node in way.order if node.op is TABLE["dot"] and node.name is None and len(users.get(node, ())) == 1
    ]
    return {
        node: z for node in sums for z in users[node] if z.op is TABLE["add"] and any([x in weights for x in z.inputs])
    }


def _partner(node: Value, at: int) -> Value | None:
    """The other factor of a product, that of ``dot`` at this position included."""
    count = len(node.inputs)
    if node.op is TABLE["dot"] or (node.op is TABLE["mul"] and count == 2):
        found = node.inputs[(at + count // 2) % count]
        return found if isinstance(found, Value) else None
    return None


def _domain(node: Value, names: Mapping[Value, Written], position: Mapping[Value, int]) -> dict[str, Any] | None:
    """The domain of a node's op, for the page to test; None if every number belongs to it."""
    domain = node.op.domain if node.inputs else None
    if domain is None or (domain.condition is None and all(x in (EXTENDED, REAL) for x in domain.intervals)):
        return None
    tests = []
    for k, x in enumerate(node.inputs):
        if not isinstance(x, Value):
            continue  # the same wherever the page goes
        interval = domain.interval(k)
        excluded = "zero" if interval is NONZERO else "pole" if interval is NOT_A_POLE else ""
        ends = [None if math.isinf(end) else end for end in (interval.low, interval.high)]
        tests.append([position[x], *ends, *interval.closed, excluded, interval.describe(label_of(names[x]))])
    labels = {
        name: label_of(names[x]) if isinstance(x, Value) else f"{x:g}"
        for name, x in zip(node.op.input_names, node.inputs, strict=False)
    }
    condition = re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), domain.text)
    return {"tests": tests, "condition": condition}
