"""The terms of formulas: for every node of a graph a name that looks like no other, a symbol and a number."""

from __future__ import annotations

import math
import re

from ...graph import ancestors, check_fresh
from ...names import names_of
from ...op import Op
from ...value import Value
from ..algebra.normal_form import PI, is_pi, stated, verbatim
from ..notation.letters import Names
from ..notation.operations import standard_name
from ..notation.written import Written
from .reading import ends_of, expression_of
from .steps import StepWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..algebra.expressions import Expression
    from .reading import Form

__all__ = ["Terms"]

SIGNED = {"atan2", "copysign", "sqrt", "rsqrt"}
"""Ops whose value, or derivative, tells -0 from 0."""


class Terms:
    """The ``names``, ``symbols`` and ``numbers`` of z and its ancestors; of `others` only the names."""

    def __init__(
        self, z: Value, digits: int | None, others: Iterable[Value] = (), logarithm: str | None = None
    ) -> None:
        self.z, self.logarithm = z, logarithm
        self.order = list(ancestors(z))
        check_fresh(self.order)
        self.names = self._names(others)
        self.is_finite = all([math.isfinite(node.data) for node in self.order])
        alphabet = sorted(self.order, key=lambda node: _in_alphabet(self.names[node]))
        places = {node: i for i, node in enumerate(alphabet)}  # the order of the inputs of commutative ops
        self.steps = StepWriter(digits, _knows_minus_zero(self.order), logarithm)
        self.symbols = {node: self.steps.symbol(self.names[node], i, node.data) for node, i in places.items()}
        self.numbers = {node: self.steps.number(node.data, i) for node, i in places.items()}
        self._d = "d" if sum(not node.inputs for node in self.order) == 1 else r"\partial"

    def _names(self, others: Iterable[Value]) -> dict[Value, Written]:
        constants = [x for node in self.order for x in node.inputs if not isinstance(x, Value)]
        has_pi = any([is_pi(x) or is_pi(x - 1) for x in constants])  # d xⁿ has n - 1
        written = Names([PI.written] if has_pi else [])
        nodes = dict.fromkeys([*self.order, *others])
        return {node: written(text) for node, text in names_of(nodes, self.z).items()}

    def derivative(self, above: Value, below: Value) -> Written:
        """The derivative ∂above/∂below as a name."""
        a, b = self.names[above], self.names[below]
        return Written(f"d{a.text}/d{b.text}", rf"\frac{{{self._d} {a.latex}}}{{{self._d} {b.latex}}}")

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of an op in the forward pass, the nicest first; where inf or nan occur nothing is simplified."""
        return (_stated, _verbatim) if self.is_finite else (_verbatim,)

    def in_full(self) -> Written:
        """The formula of z in terms of leaves and named nodes."""
        if not self.z.inputs:
            return self.names[self.z]
        ends = {node: self.symbols[node] for node in ends_of(self.order, self.z)}
        ways = ([expression_of(self.z, ends, form)] for form in self.forms)
        *_, (_, written) = self.steps.of(self.z.data, ways) or [(self.z.data, self.names[self.z])]
        return written


def _stated(node: Value, op: Op, args: Sequence[Expression]) -> Expression:
    return stated(op, args)


def _verbatim(node: Value, op: Op, args: Sequence[Expression]) -> Expression:
    return verbatim(op, args)


def _knows_minus_zero(nodes: Iterable[Value]) -> bool:
    """Whether some node's value, or derivative, tells -0 from 0."""
    computed = [node for node in nodes if node.inputs]
    return any([standard_name(node.op) in SIGNED or not math.isfinite(node.data) for node in computed])


def _in_alphabet(written: Written) -> list[str | int]:
    """The sort key of names, with numbers by size: x2 before x10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", written.text)]
