"""A derivative written out step by step, as a lecture does it: chain rule, local derivatives, numbers.

∂z/∂u is the sum over the consumers c of u of ∂z/∂c · ∂c/∂u; going from z down, every ∂z/∂c is known when it is needed.
The local derivatives ∂c/∂u are the ops' own rules, applied to symbols, so they are stated nowhere again.
"""

from __future__ import annotations

import math

from ...backprop import build_grad
from ...graph import consumers, descendants
from ...paths import Paths
from .algebra import NO_NAME, ONE, Expression, symbol
from .lines import Line
from .notation import number
from .reading import ends_of, expression_of, operand, unfolded_depth, unfolded_size
from .rolling import rolled
from .rules import Rules, Sent
from .shortened import shortened
from .written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...value import Value
    from .terms import Terms

__all__ = ["backward"]

FEW_PATHS, FEW_PARTS, FEW_LEVELS, SHORT = 1_000, 2_000, 30, 300
"""With up to so many paths, and so many parts and levels in z's formula, the derivative is also put together as one
formula, which is shown if it has no more characters than that; so are its numbers."""
SEARCH = 10
"""So many steps for each node are taken in search of second ways; then a second way is expected everywhere."""
MOST_BLOCKS = 3


def backward(terms: Terms, x: Value) -> tuple[list[Line], list[str]]:
    """The derivative of z by every node between it and x, and of what quantities that by x is made."""
    z, sent = terms.z, Sent()
    if z is x:
        return [Line(terms.derivative(z, x), [(True, number(1.0))], 1.0)], []
    if x not in terms.symbols:
        does_not = " does not depend on "
        return [_zero(terms, x, [terms.names[z], Written(does_not, rf"\text{{{does_not}}}"), terms.names[x]])], []
    places = descendants([x], terms.order)
    reached = {z}
    for node in reversed(places):
        if node in reached and node is not x:
            reached.update(sent[node])
    leading = {x: None}  # to x
    for node in places:
        if node is not x and node in reached and not leading.keys().isdisjoint(sent[node]):
            leading[node] = None
    if z not in leading:
        blocks = [node for node in places if node in reached and places.keys().isdisjoint(sent[node])]
        return [_zero(terms, x, _blocked_by(terms, blocks))], []
    return Backward(terms, leading, sent).lines()


def _zero(terms: Terms, x: Value, reason: Sequence[Written]) -> Line:
    text = "0, as " + "".join([part.text for part in reason])
    latex = rf"0 \quad (\text{{as }}{' '.join([part.latex for part in reason])})"
    return Line(terms.derivative(terms.z, x), [(True, Written(text, latex))], 0.0)


def _blocked_by(terms: Terms, blocks: Sequence[Value]) -> list[Written]:
    """Where nothing goes through: relu of a negative number, say, or a floor."""
    comma, equals = Written(", ", r",\ "), Written(" = ", "=")
    reason = [Written("nothing flows back through ", r"\text{nothing flows back through }")]
    for k, node in enumerate(blocks[:MOST_BLOCKS]):
        formula = terms.write(terms.stated(node, node.op, [operand(y, terms.symbols) for y in node.inputs]))
        reason += [*[comma] * (k > 0), terms.names[node], equals, formula]
    return [*reason, Written(", ...", r",\ \ldots")] if len(blocks) > MOST_BLOCKS else reason


class Backward:
    """The lines from z down to the first of the nodes ``between``, which lead to z and to which something flows."""

    def __init__(self, terms: Terms, between: Iterable[Value], sent: Sent) -> None:
        self.terms, self.z, self.sent = terms, terms.z, sent
        self.places = {node: place for place, node in enumerate(between)}
        self.x = next(iter(self.places))
        self.gradients = build_grad(self.z, dict.fromkeys(self.places))
        self.users = consumers(dict.fromkeys(self.places))
        self.is_finite = terms.is_finite and all([math.isfinite(self.gradients[node]) for node in self.places])
        self.rules = Rules(sent, self.is_finite)
        for known in (terms.symbols, terms.numbers):
            self.rules.define(known, known)
        figures, first = terms.figures, len(terms.order)
        self.derivatives = {
            node: symbol(terms.derivative(self.z, node), first + i) for node, i in self.places.items()
        } | {self.z: ONE}
        self.amounts = {
            node: figures.symbol(figures.written(self.gradients[node]), first + i) for node, i in self.places.items()
        } | {self.z: ONE}
        self._steps_left = SEARCH * first

    def lines(self) -> tuple[list[Line], list[str]]:
        """All of them, and the quantities that the last one is made of."""
        lines = [self._line(node) for node in reversed(self.places) if node is not self.z]
        ends = set(ends_of(self.terms.order, self.z))
        is_small = unfolded_size(self.z, ends) <= FEW_PARTS and unfolded_depth(self.z, ends) <= FEW_LEVELS
        most_paths = 1 if math.isnan(self.gradients[self.x]) else FEW_PATHS  # ∞ - ∞ depends on what is added first
        if not is_small or Paths(self.z, self.x).count > most_paths:
            return lines, []
        closed, needs = self._in_one_formula()
        return [*lines, *[line for line in closed if line.text != lines[-1].text]], needs if closed else []

    def _line(self, x: Value) -> Line:
        """The chain rule in names, with f', with local derivatives, in numbers."""
        users = [user for user in dict.fromkeys(self.users[x]) if x in self.sent[user]]
        symbols = self.terms.symbols
        formula, primed = (
            [self._part(user, self.rules.local(user, x, symbols, primes)) for user in users] for primes in (False, True)
        )
        rates = [
            self._part(user, self._named_rate(user, x)) if self._is_the_only_way(x, user) else part
            for user, part in zip(users, formula, strict=True)
        ]
        numbers = [
            self.rules.times([self.amounts[user], self.rules.local(user, x, self.terms.numbers)]) for user in users
        ]
        is_last = len(users) == 1 and users[0] is self.z
        formulas = [primed, formula] if is_last else [rates, primed, formula]
        return self.terms.line(
            self.terms.derivative(self.z, x),
            [self.rules.plus(parts) for parts in formulas],
            self.rules.plus(numbers),
            self.terms.figures.written(self.gradients[x]),
            self.gradients[x],
        )

    def _part(self, user: Value, rate: Expression) -> Expression:
        return self.rules.times([self.derivatives[user], rate])

    def _named_rate(self, user: Value, x: Value) -> Expression:
        return symbol(self.terms.derivative(user, x), NO_NAME)

    def _is_the_only_way(self, x: Value, user: Value) -> bool:
        """Whether ∂user/∂x, which means all ways from x to the user, is what goes directly; z has its own name.

        If there is too much to search, it is not called by that name: what it is in symbols is right in any case.
        """
        if user is self.z:
            return False
        if len(set(self.users[x])) == 1:
            return True
        todo, seen = [user], {x}
        while todo:
            node = todo.pop()
            self._steps_left -= 1
            if self._steps_left < 0 or (node is not user and x in self.sent[node]):
                return False
            nearer = [y for y in self.sent[node] if y not in seen and self.places.get(y, -1) > self.places[x]]
            seen.update(nearer)
            todo += nearer
        return True

    def _in_one_formula(self) -> tuple[list[Line], list[str]]:
        """The whole derivative in leaves and named nodes: what the chain rule gives when everything is put in."""
        terms, rules = self.terms, Rules(self.sent, self.is_finite)
        symbols, numbers = (
            {node: known[node] for node in ends_of(terms.order)} for known in (terms.symbols, terms.numbers)
        )
        for known in (symbols, numbers):
            in_full = {
                node: known[node] if node in known else expression_of(node, known, rules.simple) for node in terms.order
            }
            rules.define(known, in_full)
        primed, formula = (rolled(self._through(rules, symbols, primes)) for primes in (True, False))
        expressions = (primed, formula, self._through(rules, numbers))
        steps = [step for step in map(terms.write.step, expressions) if len(step[1].text) <= SHORT]
        if not steps:
            return [], []
        gradient = self.gradients[self.x]
        line = Line(terms.derivative(self.z, self.x), [*steps, terms.figures.written(gradient)], gradient)
        return [line], [found.text for found in primed.symbols()]

    def _through(self, rules: Rules, ends: Mapping[Value, Expression], primes: bool = False) -> Expression:
        """The derivative of z by x, all rates multiplied and all ways added up."""
        totals = {self.x: ONE}
        for node in self.places:
            if node is not self.x:
                sources = [y for y in self.sent[node] if y in self.places]
                total = rules.plus([rules.times([rules.local(node, y, ends, primes), totals[y]]) for y in sources])
                totals[node] = shortened(total) if self.is_finite and not primes else total
        return totals[self.z]
