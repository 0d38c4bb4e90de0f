"""A derivative written out step by step, as a lecture does it: chain rule, local derivatives, numbers.

∂z/∂u is the sum over the consumers c of u of ∂z/∂c · ∂c/∂u; going from z down, every ∂z/∂c is known when it is needed.
The local derivatives ∂c/∂u are the ops' own rules, applied to symbols, so they are stated nowhere again.
"""

from __future__ import annotations

import math
from itertools import accumulate, zip_longest

from ...backprop import build_grad
from ...graph import blocking, consumers, descendants, leading, reached
from ...paths import Paths
from ...value import Value, data_of
from ..algebra.expressions import LAST, ONE
from ..notation.letters import in_text
from ..notation.written import Written
from .closed import in_one_formula
from .forward import ways_of
from .lines import Line
from .reading import ends_of, unfolded_depth, unfolded_size
from .rule_names import rules_of, words
from .rules import Rules, Sent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..algebra.expressions import Expression
    from .terms import Terms

__all__ = ["backward"]

FEW_PATHS, FEW_PARTS, FEW_LEVELS = 1_000, 2_000, 30
"""Most paths, parts (of z's formula, and of all rates together) and levels of brackets for which the derivative is also
written as one formula: a derivative may double with every layer."""
SEARCH = 10
"""Steps a node that the search for second paths may take, so that a derivation is linear in its graph (``python -m
benchmarks pictures``); beyond, second paths are taken for granted."""
MOST_BLOCKS = 3
"""Nodes that a line names as the reason of a zero; more make it longer, not clearer."""


def backward(terms: Terms, x: Value, language: str, has_rules: bool) -> tuple[list[Line], list[str]]:
    """The lines of ∂z/∂node for every node from z down to x, and the names that the last line's formula uses.

    has_rules: whether each line says which rules of calculus it applies.
    """
    z, sent = terms.z, Sent()
    if z is x:
        return [terms.steps.line(terms.derivative(z, x), 1.0, [])], []
    if x not in terms.symbols:
        return [_zero(terms, x, words(language)["apart"], [terms.names[z]], [terms.names[x]])], []
    places = descendants([x], terms.order)
    arrived = reached(z, x, places, sent)
    if x not in arrived:
        reason = _blocked_by(terms, blocking(places, arrived, sent))
        return [_zero(terms, x, words(language)["blocked"], reason)], []
    return Backward(terms, leading(x, places, arrived, sent), sent, language if has_rules else None).lines()


def _zero(terms: Terms, x: Value, saying: str, *parts: Sequence[Written]) -> Line:
    """The line ∂z/∂x = 0 with its reason: a saying that has {} for each of the parts."""
    texts = ["".join([part.text for part in some]) for some in parts]
    latexes = [" ".join([part.latex for part in some]) for some in parts]
    because, _, rest = saying.removeprefix("0, ").partition(" ")
    said = [rf"\text{{{in_text(part)}}}" if part else "" for part in rest.split("{}")]
    pieces = [piece for pair in zip_longest(said, latexes) for piece in pair if piece]
    latex = rf"0 \quad (\text{{{because} }}{' '.join(pieces)})"
    return Line(terms.derivative(terms.z, x), [(True, Written(saying.format(*texts), latex))], 0.0)


def _blocked_by(terms: Terms, blocks: Sequence[Value]) -> list[Written]:
    """The nodes through which nothing flows back, as relu of a negative number or a floor, written out as a reason."""
    comma, equals = Written(", ", r",\ "), Written(" = ", "=")
    reason = list[Written]()
    for k, node in enumerate(blocks[:MOST_BLOCKS]):
        (_, formula), *_ = terms.steps.of(node.data, ways_of(terms, node))
        reason += [*[comma] * (k > 0), terms.names[node], equals, formula]
    return [*reason, Written(", ...", r",\ \ldots")] if len(blocks) > MOST_BLOCKS else reason


class Backward:
    """The chain rule from z down to x; ``between`` are the nodes on the way, x first, at which a gradient arrives."""

    def __init__(self, terms: Terms, between: Iterable[Value], sent: Sent, language: str | None) -> None:
        self.language = language
        self.terms, self.z, self.sent = terms, terms.z, sent
        self.places = {node: place for place, node in enumerate(between)}
        self.x = next(iter(self.places))
        self.gradients = build_grad(self.z, dict.fromkeys(self.places))
        self.users = consumers(dict.fromkeys(self.places))
        self.is_finite = terms.is_finite and all([math.isfinite(self.gradients[node]) for node in self.places])
        self.rules = [Rules(sent, is_simple) for is_simple in ((True, False) if self.is_finite else (False,))]
        for rules in self.rules:
            for known in (terms.symbols, terms.numbers):
                rules.define(known, known)
        steps, first = terms.steps, len(terms.order)
        self.derivatives = {
            node: steps.symbol(terms.derivative(self.z, node), first + i, self.gradients[node])
            for node, i in self.places.items()
        } | {self.z: ONE}
        self.amounts = {node: steps.number(self.gradients[node], first + i) for node, i in self.places.items()} | {
            self.z: ONE
        }
        self._steps_left = SEARCH * first

    def lines(self) -> tuple[list[Line], list[str]]:
        """The lines, and the names that the last one uses if it is the whole derivative in one formula."""
        lines = [self._line(node) for node in reversed(self.places) if node is not self.z]
        if not self._is_short():
            return lines, []
        gradient, left = self.gradients[self.x], self.terms.derivative(self.z, self.x)
        steps, needs = in_one_formula(self.terms, self.places, self.sent, gradient, self.is_finite)
        closed = self.terms.steps.line_of(left, gradient, steps)
        _, *computed = self.places
        edges = [(node, y) for node in computed for y in self.sent[node] if y in self.places]
        closed.rules = self._rules(edges, any([y is not self.x for _, y in edges]))
        return ([*lines, closed], needs) if steps and closed.text != lines[-1].text else (lines, needs)

    def _is_short(self) -> bool:
        """Whether the whole derivative is small enough to be written as one formula."""
        ends = set(ends_of(self.terms.order, self.z))
        if unfolded_size(self.z, ends) > FEW_PARTS or unfolded_depth(self.z, ends) > FEW_LEVELS:
            return False
        _, *computed = self.places
        rates = (rate for node in computed for x, sent in self.sent[node].items() if x in self.places for rate in sent)
        sizes = (unfolded_size(rate, self.terms.symbols) if isinstance(rate, Value) else 1 for rate in rates)
        is_of_few_parts = all(parts <= FEW_PARTS for parts in accumulate(sizes))
        return is_of_few_parts and Paths(self.z, self.x).count <= FEW_PATHS

    def _line(self, x: Value) -> Line:
        """The line of ∂z/∂x: the chain rule in names, with f', with local derivatives put in, in numbers."""
        users = [user for user in dict.fromkeys(self.users[x]) if x in self.sent[user]]
        is_one = len(set(self.users[x])) == 1
        named = {user: self._named_rate(user, x) for user in users if is_one or self._is_the_only_way(x, user)}
        named.pop(self.z, None)  # z has its own name
        ways = (self._steps(rules, x, users, named) for rules in self.rules)
        line = self.terms.steps.line(self.terms.derivative(self.z, x), self.gradients[x], ways)
        line.rules = self._rules([(user, x) for user in users], any([user is not self.z for user in users]))
        return line

    def _rules(self, edges: Iterable[tuple[Value, Value]], is_chain: bool) -> tuple[str, ...]:
        """The names of the rules that lead through these edges, if they are shown."""
        if self.language is None:
            return ()
        chain = [words(self.language)["chain"]] if is_chain else []
        return (*chain, *rules_of(edges, self.places, self.language, self.terms.logarithm or "log"))

    def _steps(
        self, rules: Rules, x: Value, users: Sequence[Value], named: dict[Value, Expression]
    ) -> list[Expression]:
        symbols, numbers = self.terms.symbols, self.terms.numbers
        plain = {user: rules.local(user, x, symbols) for user in users}
        primed = {user: rules.primed(user, x, symbols) or plain[user] for user in users}
        in_numbers = {user: rules.local(user, x, numbers) for user in users}
        ways = [(self.derivatives, rates) for rates in (plain | named, primed, plain)] + [(self.amounts, in_numbers)]
        order = users if rules.is_simple else users[::-1]  # reversed, as the engine adds up
        return [
            rules.plus([rules.chained(arrived[user], rates[user]) for user in order])
            for arrived, rates in ways[not named :]
        ]

    def _named_rate(self, user: Value, x: Value) -> Expression:
        rate = sum(map(data_of, self.sent[user][x]))
        return self.terms.steps.symbol(self.terms.derivative(user, x), LAST, rate)

    def _is_the_only_way(self, x: Value, user: Value) -> bool:
        """Whether the edge from x to `user` is the only path between them, so that its rate may be called ∂user/∂x.

        If the search takes too long, the rate does not get that name: written in symbols it is right in any case.
        """
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
