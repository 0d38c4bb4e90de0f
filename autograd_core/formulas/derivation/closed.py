"""The whole derivative in one formula, of leaves and named nodes: the chain rule with everything put in."""

from __future__ import annotations

from itertools import chain

from ..algebra.expressions import ONE
from ..algebra.rolling import rolled
from ..algebra.shares import with_shares
from ..algebra.shortened import shortened
from .reading import ends_of, expression_of
from .rules import Rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...value import Value
    from ..algebra.expressions import Expression
    from .rules import Sent
    from .steps import Form, Step
    from .terms import Terms

__all__ = ["in_one_formula"]

SHORT, MOST_PARTS, MOST_LEVELS = 300, 3_000, 40
"""Most characters of a formula that is shown; parts and levels of brackets beyond which the attempt is given up."""


def in_one_formula(
    terms: Terms, between: Collection[Value], sent: Sent, gradient: float, is_finite: bool
) -> tuple[list[Step], list[str]]:
    """The steps of ∂z/∂x in one formula, x being the first of the nodes `between`, and the names that it uses.

    The steps: with f', with local derivatives, in numbers; multiplied out where something cancels. Among the names
    x[i] stands for those of all samples.
    """
    closed = Closed(terms, between, sent)
    simplified = [(_nicely, True), (_as_it_is, True)] if is_finite else []
    nicest, *others = [*simplified, (_as_it_is, False)]
    try:
        first = closed.formulas(*nicest)
        steps = terms.steps.of(gradient, chain([first], (closed.formulas(*way) for way in others)), rolled)
    except TooLongError:
        return [], []
    shown = [step for step in steps if len(step[1].text) <= SHORT]
    return shown, [written.text for written in rolled(first[0]).symbols()] if shown else []


class TooLongError(Exception):
    """The formula has more parts, or levels of brackets, than anybody reads."""


class Closed:
    """The chain rule with every local derivative put in, down to leaves and named nodes."""

    def __init__(self, terms: Terms, between: Collection[Value], sent: Sent) -> None:
        self.terms, self.between, self.sent = terms, between, sent
        ends = ends_of(terms.order)
        self.symbols, self.numbers = ({node: known[node] for node in ends} for known in (terms.symbols, terms.numbers))

    def formulas(self, form: Form, is_simple: bool) -> list[Expression]:
        """The derivative as three formulas: with f', with local derivatives, in numbers."""
        rules = Rules(self.sent, is_simple)
        for known in (self.symbols, self.numbers):
            in_full = {
                node: known[node] if node in known else expression_of(node, known, rules.simple)
                for node in self.terms.order
            }
            rules.define(known, in_full)
        return [
            self._through(rules, self.symbols, _as_it_is, primes=True),
            self._through(rules, self.symbols, form),
            self._through(rules, self.numbers, form),
        ]

    def _through(self, rules: Rules, ends: Mapping[Value, Expression], form: Form, primes: bool = False) -> Expression:
        """The derivative as the sum over paths: rates multiplied along each, paths added up."""
        x, *others = self.between
        totals = {x: ONE}
        for node in others:
            sources = [y for y in self.sent[node] if y in totals]
            rates = [(primes and rules.primed(node, y, ends)) or rules.local(node, y, ends) for y in sources]
            total = rules.plus([rules.times([rate, totals[y]]) for rate, y in zip(rates, sources, strict=True)])
            if total.is_larger(MOST_PARTS, MOST_LEVELS):
                raise TooLongError
            totals[node] = form(total)
        return totals[self.terms.z]


def _nicely(expression: Expression) -> Expression:
    return with_shares(shortened(expression))


def _as_it_is(expression: Expression) -> Expression:
    return expression
