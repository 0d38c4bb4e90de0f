"""A derivative written out step by step, as a lecture does it: chain rule, local derivatives, numbers.

∂z/∂u is the sum over the consumers c of u of ∂z/∂c · ∂c/∂u; going from z down, every ∂z/∂c is known when it is needed.
The local derivatives ∂c/∂u are the ops' own rules, applied to symbols, so they are stated nowhere again.
"""

from __future__ import annotations

from ...backprop import build_grad, rule_entries
from ...graph import ancestors, check_fresh, consumers, descendants
from ...op import quiet
from ...paths import Paths
from ...value import Value
from ..names import names_of
from .algebra import (
    ONE,
    Atom,
    Expression,
    Writer,
    apply,
    constant,
    expression_of,
    operand,
    plus,
    prime,
    symbol,
    times,
    unfolded_depth,
    unfolded_size,
)
from .notation import Written, has_prime, literal, name, number
from .rolling import rolled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["Derivation", "Deriver", "Line"]

WIDE = 120
"""More characters of text than these do not fit into one row of a page."""
APPROXIMATELY, NEXT_ROW = r"\approx", " \\\\\n&"
FEW_PATHS, FEW_PARTS, FEW_LEVELS, SHORT = 1_000, 2_000, 30, 300
"""With up to so many paths, and so many parts and levels in z's formula, the derivative is also put together as one
formula, which is shown if it has no more characters than that; so are its numbers."""


class Line:
    """``left`` = step = step = ...: all of them the same number, ``value``."""

    def __init__(self, left: Written, steps: Sequence[tuple[bool, Written]], value: float) -> None:
        self.left, self.value = left, value
        self.steps = [step for k, step in enumerate(steps) if not k or step[1].text != steps[k - 1][1].text]

    @property
    def text(self) -> str:
        """The line as plain text."""
        return self.left.text + "".join([f" {'=' if is_exact else '≈'} {step.text}" for is_exact, step in self.steps])

    @property
    def latex(self) -> str:
        """The line for an ``align`` environment; a long one has a row for every step."""
        steps = [f"{'=' if is_exact else APPROXIMATELY} {step.latex}" for is_exact, step in self.steps]
        return f"{self.left.latex} &{(NEXT_ROW if len(self.text) > WIDE else ' ').join(steps)}"

    def __repr__(self) -> str:
        return self.text


class Derivation:
    """The lines of a derivation. ``str`` gives plain text, ``latex`` an ``align*`` environment.

    ``needs`` are the quantities that the last line, the whole derivative in one formula, is made of.
    """

    def __init__(self, lines: Sequence[Line], needs: Sequence[str] = ()) -> None:
        self.lines = list(lines)
        self.needs = list(needs)

    @property
    def latex(self) -> str:
        """All lines in LaTeX."""
        return "\n".join([r"\begin{align*}", *[line.latex + r" \\" for line in self.lines], r"\end{align*}"])

    def _repr_latex_(self) -> str:
        return self.latex

    def __repr__(self) -> str:
        return "\n".join([line.text for line in self.lines])


def is_known(node: Value) -> bool:
    """Whether formulas end at a node: it is a leaf, or has been given a name."""
    return bool(node.name) or not node.inputs


class Deriver:
    """Everything about one graph that lines are made of."""

    def __init__(self, z: Value, digits: int | None) -> None:
        self.z, self.digits = z, digits
        self.order = list(ancestors(z))
        check_fresh(self.order)
        names = names_of(self.order, z)
        taken: dict[str, Value] = {}  # "layer 1/n3/w5" and "w_35^(1)" would be written alike
        self.names = {
            node: name(text) if taken.setdefault(name(text).latex, node) is node else literal(f"{text} (2)")
            for node, text in names.items()
        }
        self.needs: list[str] = []
        self._entries: dict[Value, dict[Value, list[Any]]] = {}  # what each rule sends to whom
        self.cut: set[int] = set()  # tags of numbers that are shown with fewer digits than they have
        self.symbols = {node: symbol(self.names[node], i) for i, node in enumerate(self.order)}
        self.numbers = {node: self._shown(node.data, i) for i, node in enumerate(self.order)}
        definitions = [self._definitions(known, known) for known in (self.symbols, self.numbers)]
        self.write = Writer(definitions[0] | definitions[1])
        self._d = "d" if sum(not node.inputs for node in self.order) == 1 else r"\partial"

    def _number(self, x: float) -> Written:
        return number(x, self.digits)

    def _is_exact(self, x: float) -> bool:
        return float(self._number(x).text) == x

    def _shown(self, x: float, tag: int) -> Expression:
        if not self._is_exact(x):
            self.cut.add(tag)
        return symbol(self._number(x), tag)

    def _definitions(self, ends: Mapping[Value, Expression], found: Mapping[Value, Expression]) -> dict[Atom, Written]:
        """Names, or numbers, of nodes that are functions of others: where a rule has σ(z) again, it says a.

        ``ends`` are what nodes are called, ``found`` what stands for their inputs.
        """
        names = {}
        for node, end in ends.items():
            atom = apply(node.op, [operand(x, found) for x in node.inputs]).atom if node.inputs else None
            if atom is not None and atom.symbol is None and end.atom is not None and end.atom.symbol is not None:
                names[atom] = end.atom.symbol
        return names

    def in_full(self, node: Value) -> Expression:
        """A node in leaves and other nodes with names."""
        return expression_of(node, self._ends(node)) if node.inputs else self.symbols[node]

    def size(self, node: Value) -> int:
        """Of how many parts that formula is made."""
        return unfolded_size(node, self._known_but(node))

    def depth(self, node: Value) -> int:
        """How many levels it may have."""
        return unfolded_depth(node, self._known_but(node))

    def _known_but(self, node: Value) -> set[Value]:
        return {other for other in self.order if other is not node and is_known(other)}

    def _ends(self, node: Value) -> dict[Value, Expression]:
        return {other: self.symbols[other] for other in self.order if other is not node and is_known(other)}

    def _line(
        self, left: Written, formulas: Sequence[Expression], numbers: Expression, value: float, write: Writer
    ) -> Line:
        """The formulas, then the last one in numbers, and its value."""
        steps = [(True, write(formula)) for formula in formulas]
        steps.append((self.cut.isdisjoint(numbers.tags()), write(numbers)))
        steps.append((self._is_exact(value), self._number(value)))
        return Line(left, steps, value)

    def forward(self) -> list[Line]:
        """Every node from its inputs; if there is only a leaf, what it is."""
        if not self.z.inputs:
            return [Line(self.names[self.z], [(self._is_exact(self.z.data), self._number(self.z.data))], self.z.data)]
        return [self._forward_line(node) for node in self.order if node.inputs]

    def _forward_line(self, node: Value) -> Line:
        formula, numbers = (
            apply(node.op, [operand(x, known) for x in node.inputs]) for known in (self.symbols, self.numbers)
        )
        return self._line(self.names[node], [formula], numbers, node.data, Writer({}))  # a definition uses no other

    def backward(self, x: Value) -> list[Line]:
        """The derivative of z by every node between it and x."""
        between = descendants([x], self.order) if x in self.names else {}
        if not between:
            root, other = self.names[self.z], name(names_of([*self.order, x], self.z)[x])
            text = f"0, as {root.text} does not depend on {other.text}"
            latex = rf"0 \quad (\text{{${root.latex}$ does not depend on ${other.latex}$}})"
            return [Line(self._derivative(root, other), [(True, Written(text, latex))], 0.0)]
        gradients = build_grad(self.z, dict.fromkeys(between))
        users = consumers(between)
        count = len(self.order)
        self.derivatives = {
            node: symbol(self._derivative(self.names[self.z], self.names[node]), count + i)
            for i, node in enumerate(between)
        }
        self.amounts = {node: self._shown(gradients[node], count + i) for i, node in enumerate(between)}
        self.derivatives[self.z] = self.amounts[self.z] = ONE
        lines = [
            self._backward_line(node, list(dict.fromkeys(users[node])), gradients[node])
            for node in reversed(between)
            if node is not self.z
        ]
        if self.z is x:
            return [Line(self._derivative(self.names[x], self.names[x]), [(True, number(1.0))], 1.0)]
        is_small = self.size(self.z) <= FEW_PARTS and self.depth(self.z) <= FEW_LEVELS
        if is_small and Paths(self.z, x).count <= FEW_PATHS:
            closed = self._closed_line(x, between, gradients[x])
            lines += [closed] if closed.text != lines[-1].text else []
        return lines

    def _derivative(self, above: Written, below: Written) -> Written:
        return Written(f"d{above.text}/d{below.text}", rf"\frac{{{self._d} {above.latex}}}{{{self._d} {below.latex}}}")

    def _local(self, node: Value, x: Value, known: Mapping[Value, Expression], primes: bool = False) -> Expression:
        """∂node/∂x from the op's own rule, in symbols or numbers; or of a function f of x just f'(x)."""
        if primes and has_prime(node.op):
            return prime(node.op, expression_of(x, known))
        if node not in self._entries:
            with quiet():
                entries = rule_entries(node, 1.0)
            sent: dict[Value, list[Any]] = {y: [] for y in node.inputs if isinstance(y, Value)}
            for source, entry in zip(node.inputs, entries, strict=True):
                if isinstance(source, Value) and entry is not None:
                    sent[source].append(entry)
            self._entries[node] = sent
        parts = [expression_of(e, known) if isinstance(e, Value) else constant(e) for e in self._entries[node][x]]
        return plus([(1.0, part) for part in parts])

    def _backward_line(self, x: Value, users: Sequence[Value], value: float) -> Line:
        left = self._derivative(self.names[self.z], self.names[x])
        formula, primed = (
            [times([self.derivatives[user], self._local(user, x, self.symbols, primes)]) for user in users]
            for primes in (False, True)
        )
        # What goes directly into z has no name: dz/dx means all ways from x to z.
        chain = [
            part if user is self.z else times([self.derivatives[user], self._rate(user, x)])
            for user, part in zip(users, formula, strict=True)
        ]
        numbers = [times([self.amounts[user], self._local(user, x, self.numbers)]) for user in users]
        sums = [plus([(1.0, part) for part in parts]) for parts in (chain, primed, formula, numbers)]
        return self._line(left, sums[:3] if users != [self.z] else sums[1:3], sums[3], value, self.write)

    def _rate(self, node: Value, x: Value) -> Expression:
        return symbol(self._derivative(self.names[node], self.names[x]), -1)

    def _closed_line(self, x: Value, between: Mapping[Value, Any], value: float) -> Line:
        """The whole derivative in leaves and named nodes: what the chain rule gives when everything is put in."""
        left = self._derivative(self.names[self.z], self.names[x])
        ends = [{node: known[node] for node in self.order if is_known(node)} for known in (self.symbols, self.numbers)]
        names = dict[Atom, Written]()
        for known in ends:
            in_full = {node: known[node] if node in known else expression_of(node, known) for node in self.order}
            names |= self._definitions(known, in_full)
        write = Writer(names)
        primed, formula = (rolled(self._through(x, between, ends[0], primes)) for primes in (True, False))
        numbers = self._through(x, between, ends[1], False)
        self.needs = [found.text for found in primed.symbols()]
        steps = [(True, write(expression)) for expression in (primed, formula)]
        steps.append((self.cut.isdisjoint(numbers.tags()), write(numbers)))
        steps = [step for step in steps if len(step[1].text) <= SHORT]
        steps.append((self._is_exact(value), self._number(value)))
        return Line(left, steps, value)

    def _through(
        self, x: Value, between: Mapping[Value, Any], ends: Mapping[Value, Expression], primes: bool
    ) -> Expression:
        """The derivative of z by x, all rates multiplied and all ways added up."""
        totals = {x: ONE}
        for node in between:
            if node is not x:
                sources = dict.fromkeys([y for y in node.inputs if isinstance(y, Value) and y in between])
                parts = [times([self._local(node, y, ends, primes), totals[y]]) for y in sources]
                totals[node] = plus([(1.0, part) for part in parts])
        return totals[self.z]
