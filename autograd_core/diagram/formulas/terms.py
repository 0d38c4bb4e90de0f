"""What stands for the nodes of a graph in formulas: names that look different, symbols, numbers."""

from __future__ import annotations

import math
import re
from itertools import chain, count

from ...graph import ancestors, check_fresh
from ...op import Op
from ...value import Value
from ..names import names_of
from .algebra import Expression, is_pi, stated, symbol, verbatim
from .figures import Figures
from .letters import literal, name
from .lines import Line
from .reading import ends_of, expression_of
from .writer import Writer
from .written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figures import Step

__all__ = ["Terms"]


class Terms:
    """``names``, ``symbols`` and ``numbers`` of z and what it was computed from; of a stranger to it just the name."""

    def __init__(self, z: Value, digits: int | None, stranger: Value | None = None) -> None:
        self.z = z
        self.order = list(ancestors(z))
        check_fresh(self.order)
        self.names = self._names(stranger)
        self.is_finite = all([math.isfinite(node.data) for node in self.order])
        alphabet = sorted(self.order, key=lambda node: _in_alphabet(self.names[node]))
        places = {node: i for i, node in enumerate(alphabet)}  # where an op knows no order, this is taken
        self.symbols = {node: symbol(self.names[node], i) for node, i in places.items()}
        self.figures = Figures(self.order, digits)
        self.numbers = {node: self.figures.symbol(self.figures.of(node), i) for node, i in places.items()}
        self.write = Writer(self.figures.cut, digits)
        self._d = "d" if sum(not node.inputs for node in self.order) == 1 else r"\partial"

    def _names(self, stranger: Value | None) -> dict[Value, Written]:
        """Written names, no two of which look alike: the second of x1 and x_1 stands in quotation marks."""
        constants = [x for node in self.order for x in node.inputs if not isinstance(x, Value)]
        taken = {r"\pi"} if any(map(is_pi, constants)) else set[str]()
        names: dict[Value, Written] = {}
        others = [stranger] if stranger is not None and stranger not in self.order else []
        for node, text in names_of([*self.order, *others], self.z).items():
            ways = chain([name(text), literal(text)], (literal(f"{text} ({k})") for k in count(2)))
            names[node] = written = next(way for way in ways if _looks(way) not in taken)
            taken.add(_looks(written))
        return names

    def derivative(self, above: Value, below: Value) -> Written:
        """∂above/∂below."""
        a, b = self.names[above], self.names[below]
        return Written(f"d{a.text}/d{b.text}", rf"\frac{{{self._d} {a.latex}}}{{{self._d} {b.latex}}}")

    def line(
        self, left: Written, formulas: Sequence[Expression], numbers: Expression, result: Step, value: float
    ) -> Line:
        """The formulas, then the last one in numbers, and what comes out."""
        return Line(left, [*[self.write.step(step) for step in (*formulas, numbers)], result], value)

    def stated(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """How an op is written for whoever reads what is computed; with inf or nan around nothing is simplified."""
        return (stated if self.is_finite else verbatim)(op, args)

    def in_full(self, node: Value) -> Expression:
        """A node in leaves and other nodes with names."""
        ends = {other: self.symbols[other] for other in ends_of(self.order, node)}
        return expression_of(node, ends, self.stated) if node.inputs else self.symbols[node]


def _looks(written: Written) -> str:
    """LaTeX shows many spaces as one, and one letter of text like one of a formula."""
    return " ".join(re.sub(r"\\textit\{(\w)\}", r"\1", written.latex).split())


def _in_alphabet(written: Written) -> list[str | int]:
    """x2 before x10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", written.text)]
