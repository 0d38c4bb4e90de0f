"""A derivative written out step by step, as a lecture does it: chain rule, local derivatives, numbers.

∂z/∂u is the sum over the consumers c of u of ∂z/∂c · ∂c/∂u; going from z down, every ∂z/∂c is known when it is needed.
The local derivatives ∂c/∂u are the ops' own rules, applied to symbols, so they are stated nowhere again.
"""

from __future__ import annotations

import math
import re
from itertools import chain, count

from ...backprop import build_grad, rule_entries
from ...graph import ancestors, check_fresh, consumers, descendants
from ...op import quiet
from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ...paths import Paths
from ...value import Value, data_of
from ..names import names_of
from .algebra import (
    ONE,
    Atom,
    Expression,
    apply,
    constant,
    has_infinite,
    is_infinite,
    plus,
    prime,
    raised,
    renamed,
    simple_fraction,
    stated,
    symbol,
    times,
    verbatim,
)
from .figures import Figures
from .letters import literal, name
from .lines import Line
from .notation import has_prime, number, standard_name
from .reading import expression_of, operand, unfolded_depth, unfolded_size
from .rolling import rolled
from .shortened import shortened
from .writer import Writer
from .written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ...op import Op
    from .figures import Step

__all__ = ["Deriver", "is_known"]

NEG = TABLE["neg"]
DUST = 1e-15
FEW_PATHS, FEW_PARTS, FEW_LEVELS, SHORT = 1_000, 2_000, 30, 300
"""With up to so many paths, and so many parts and levels in z's formula, the derivative is also put together as one
formula, which is shown if it has no more characters than that; so are its numbers."""


def is_known(node: Value) -> bool:
    """Whether formulas end at a node: it is a leaf, or has been given a name."""
    return bool(node.name) or not node.inputs


def _looks(written: Written) -> str:
    """LaTeX shows many spaces as one, and one letter of text like one of a formula."""
    return " ".join(re.sub(r"\\textit\{(\w)\}", r"\1", written.latex).split())


def _in_alphabet(written: Written) -> list[str | int]:
    """x2 before x10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", written.text)]


class Deriver:
    """Everything about one graph that lines are made of."""

    def __init__(self, z: Value, digits: int | None) -> None:
        self.z = z
        self.order = list(ancestors(z))
        check_fresh(self.order)
        self.names: dict[Value, Written] = {}
        taken: set[str] = set()
        for node, text in names_of(self.order, z).items():
            ways = chain([name(text), literal(text)], (literal(f"{text} ({k})") for k in count(2)))
            self.names[node] = written = next(way for way in ways if _looks(way) not in taken)  # x1 and x_1
            taken.add(_looks(written))
        self.needs: list[str] = []
        self._entries: dict[Value, dict[Value, list[Any]]] = {}  # what each rule sends to whom
        self._definitions: dict[Atom, Atom] = {}  # what is called by a name where rules have it again
        self._is_finite = all([math.isfinite(node.data) for node in self.order])
        alphabet = sorted(self.order, key=lambda node: _in_alphabet(self.names[node]))
        places = {node: i for i, node in enumerate(alphabet)}  # where an op knows no order, this is taken
        self.symbols = {node: symbol(self.names[node], i) for node, i in places.items()}
        self.figures = Figures(self.order, digits)
        self.write = Writer(self.figures.cut, digits)
        self.numbers = {node: self.figures.symbol(self.figures.of(node), i) for node, i in places.items()}
        self._d = "d" if sum(not node.inputs for node in self.order) == 1 else r"\partial"

    # How an op is written. With inf or nan around, 0 * x is not 0 and nothing is simplified.

    def _simple(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        if not self._is_finite and standard_name(op) in ("mul", "prod"):
            return self._times(args)
        return (apply if self._is_finite else verbatim)(op, args)

    def _stated(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        return (stated if self._is_finite else verbatim)(op, args)

    def _decided(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """In a rule: comparisons say on which side of a kink this point is, and x + inf is inf."""
        if op in COMPARISONS:
            return constant(node.data)
        simple = renamed(
            self._plainly(node, op, args) if self._is_finite else self._simple(node, op, args), self._definitions
        )
        return constant(node.data) if any(map(is_infinite, args)) and has_infinite(simple) else simple

    def _plainly(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """Without what rules are careful about because of rounding: σ(-x) is 1 - σ(x), a component is x / r."""
        first, *others = node.inputs
        match standard_name(op):
            case "sigmoid" if isinstance(first, Value) and first.op is NEG:
                return plus([(1, ONE), (-1, apply(op, [plus([(-1, args[0])])]))])
            case "unit" if any(map(data_of, node.inputs)):
                return times([args[0], raised(apply(TABLE["hypot"], args), -1)])
            case "power" if math.isclose(others[0], exponent := float(simple_fraction(others[0])), rel_tol=DUST):
                return apply(op, [args[0], constant(exponent)])
        return apply(op, args)

    def _times(self, parts: Sequence[Expression]) -> Expression:
        factors = [part for part in parts if part != ONE]
        return times(factors) if self._is_finite or len(factors) < 2 else verbatim(TABLE["prod"], factors)

    def _plus(self, parts: Sequence[Expression]) -> Expression:
        is_simple = self._is_finite or len(parts) < 2
        return plus([(1, part) for part in parts]) if is_simple else verbatim(TABLE["sum"], parts)

    def _define(self, ends: Mapping[Value, Expression], found: Mapping[Value, Expression]) -> None:
        """Names, or numbers, of nodes that are functions of others: where a rule has σ(z) again, it says a.

        ``ends`` are what nodes are called, ``found`` what stands for their inputs.
        """
        for node, end in ends.items():
            args = [operand(x, found) for x in node.inputs]
            atom = self._simple(node, node.op, args).atom if args else None
            if atom is not None and atom.symbol is None and end.atom is not None:
                self._definitions[atom] = end.atom

    def in_full(self, node: Value) -> Expression:
        """A node in leaves and other nodes with names."""
        return expression_of(node, self._ends(node), self._stated) if node.inputs else self.symbols[node]

    def size(self, node: Value) -> int:
        """Of how many parts that formula is made."""
        return unfolded_size(node, self._ends(node))

    def depth(self, node: Value) -> int:
        """How many levels it may have."""
        return unfolded_depth(node, self._ends(node))

    def _ends(self, node: Value) -> dict[Value, Expression]:
        return {other: self.symbols[other] for other in self.order if other is not node and is_known(other)}

    def _line(
        self, left: Written, formulas: Sequence[Expression], numbers: Expression, result: Step, value: float
    ) -> Line:
        """The formulas, then the last one in numbers, and what comes out."""
        return Line(left, [*[self.write.step(step) for step in (*formulas, numbers)], result], value)

    def forward(self) -> list[Line]:
        """Every node from its inputs; if there is only a leaf, what it is."""
        if not self.z.inputs:
            return [Line(self.names[self.z], [self.figures.written(self.z.data)], self.z.data)]
        return [self._forward_line(node) for node in self.order if node.inputs]

    def _forward_line(self, node: Value) -> Line:
        formula, numbers = (
            self._stated(node, node.op, [operand(x, known) for x in node.inputs])
            for known in (self.symbols, self.numbers)
        )
        return self._line(self.names[node], [formula], numbers, self.figures.of(node), node.data)

    def backward(self, x: Value) -> list[Line]:
        """The derivative of z by every node between it and x."""
        if self.z is x:
            return [Line(self._derivative(self.names[x], self.names[x]), [(True, number(1.0))], 1.0)]
        if x not in self.names:
            return [self._stranger_line(name(names_of([*self.order, x], self.z)[x]))]
        between = self._between(x)
        if self.z not in between:
            return [Line(self._derivative(self.names[self.z], self.names[x]), [(True, number(0.0))], 0.0)]
        gradients = build_grad(self.z, dict.fromkeys(between))
        self._is_finite &= all([math.isfinite(gradients[node]) for node in between])
        for known in (self.symbols, self.numbers):
            self._define(known, known)
        users = consumers(between)
        offset = len(self.order)
        self.derivatives = {
            node: symbol(self._derivative(self.names[self.z], self.names[node]), offset + i)
            for i, node in enumerate(between)
        }
        self.amounts = {
            node: self.figures.symbol(self.figures.written(gradients[node]), offset + i)
            for i, node in enumerate(between)
        }
        self.derivatives[self.z] = self.amounts[self.z] = ONE
        lines = []
        for node in reversed(between):
            if node is not self.z:
                senders = [user for user in dict.fromkeys(users[node]) if node in self._sent(user)]
                lines.append(self._backward_line(node, senders, gradients[node]))
        is_small = self.size(self.z) <= FEW_PARTS and self.depth(self.z) <= FEW_LEVELS
        if is_small and Paths(self.z, x).count <= FEW_PATHS:
            closed = self._closed_line(x, between, gradients[x])
            lines += [line for line in closed if line.text != lines[-1].text]
        return lines

    def _between(self, x: Value) -> dict[Value, None]:
        """The nodes through which something flows back from z to x, inputs first."""
        places = descendants([x], self.order)
        reached, leading = {self.z}, {x}
        for node in reversed(places):
            if node in reached and node is not x:
                reached.update(self._sent(node))
        for node in places:
            if node in reached and node is not x and not leading.isdisjoint(self._sent(node)):
                leading.add(node)
        return dict.fromkeys([node for node in places if node in reached and node in leading]) if x in reached else {}

    def _stranger_line(self, x: Written) -> Line:
        z = self.names[self.z]
        text = f"0, as {z.text} does not depend on {x.text}"
        latex = rf"0 \quad (\text{{${z.latex}$ does not depend on ${x.latex}$}})"
        return Line(self._derivative(z, x), [(True, Written(text, latex))], 0.0)

    def _derivative(self, above: Written, below: Written) -> Written:
        return Written(f"d{above.text}/d{below.text}", rf"\frac{{{self._d} {above.latex}}}{{{self._d} {below.latex}}}")

    def _sent(self, node: Value) -> dict[Value, list[Any]]:
        """What a node's rule sends to each of its inputs, for one that arrives."""
        if node not in self._entries:
            with quiet():
                entries = rule_entries(node, 1.0)
            sent: dict[Value, list[Any]] = {}
            for x, entry in zip(node.inputs, entries, strict=True):
                if isinstance(x, Value) and entry is not None:
                    sent.setdefault(x, []).append(entry)
            self._entries[node] = sent
        return self._entries[node]

    def _local(self, node: Value, x: Value, known: Mapping[Value, Expression], primes: bool = False) -> Expression:
        """∂node/∂x from the op's own rule, in symbols or numbers; or of a function f of x just f'(x)."""
        if primes and has_prime(node.op):
            return prime(node.op, expression_of(x, known, self._simple))
        entries = self._sent(node)[x]
        return self._plus(
            [expression_of(e, known, self._decided) if isinstance(e, Value) else constant(e + 0.0) for e in entries]
        )

    def _backward_line(self, x: Value, users: Sequence[Value], value: float) -> Line:
        left = self._derivative(self.names[self.z], self.names[x])
        formula, primed = (
            [self._times([self.derivatives[user], self._local(user, x, self.symbols, primes)]) for user in users]
            for primes in (False, True)
        )
        # What goes directly into z has no name: dz/dx means all ways from x to z.
        rates = [
            part if user is self.z else self._times([self.derivatives[user], self._rate(user, x)])
            for user, part in zip(users, formula, strict=True)
        ]
        numbers = [self._times([self.amounts[user], self._local(user, x, self.numbers)]) for user in users]
        sums = [self._plus(parts) for parts in (rates, primed, formula, numbers)]
        formulas = sums[1:3] if len(users) == 1 and users[0] is self.z else sums[:3]
        return self._line(left, formulas, sums[3], self.figures.written(value), value)

    def _rate(self, node: Value, x: Value) -> Expression:
        return symbol(self._derivative(self.names[node], self.names[x]), -1)

    def _closed_line(self, x: Value, between: Mapping[Value, Any], value: float) -> list[Line]:
        """The whole derivative in leaves and named nodes: what the chain rule gives when everything is put in."""
        left = self._derivative(self.names[self.z], self.names[x])
        ends = [{node: known[node] for node in self.order if is_known(node)} for known in (self.symbols, self.numbers)]
        self._definitions = {}
        for known in ends:
            in_full = {
                node: known[node] if node in known else expression_of(node, known, self._simple) for node in self.order
            }
            self._define(known, in_full)
        primed, formula = (rolled(self._through(x, between, ends[0], primes)) for primes in (True, False))
        numbers = self._through(x, between, ends[1], False)
        self.needs = [found.text for found in primed.symbols()]
        steps = [self.write.step(expression) for expression in (primed, formula, numbers)]
        short = [step for step in steps if len(step[1].text) <= SHORT]
        return [Line(left, [*short, self.figures.written(value)], value)] if short else []

    def _through(
        self, x: Value, between: Mapping[Value, Any], ends: Mapping[Value, Expression], primes: bool
    ) -> Expression:
        """The derivative of z by x, all rates multiplied and all ways added up."""
        totals = {x: ONE}
        for node in between:
            if node is not x:
                sources = [y for y in self._sent(node) if y in between]
                total = self._plus([self._times([self._local(node, y, ends, primes), totals[y]]) for y in sources])
                totals[node] = shortened(total) if self._is_finite and not primes else total
        return totals[self.z]
