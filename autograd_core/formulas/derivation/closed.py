"""The whole derivative in one formula, of leaves and named nodes: the chain rule with everything put in."""

from __future__ import annotations

from itertools import chain

from ...ops import TABLE
from ..algebra.expressions import ONE
from ..algebra.rolling import rolled
from ..algebra.shares import with_shares
from ..algebra.shortened import shortened
from ..notation.operations import is_arithmetic
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

MUL, DIV = TABLE["mul"], TABLE["div"]
SHORT, MOST_PARTS, MOST_LEVELS = 300, 3_000, 40
"""Most characters of a formula that is shown; parts and levels of brackets beyond which the attempt is given up."""


def in_one_formula(
    terms: Terms, between: Collection[Value], sent: Sent, gradient: float, is_finite: bool
) -> tuple[list[Step], list[str]]:
    """The steps of ∂z/∂x in one formula, x being the first of the nodes `between`, and the names that it uses.

    The steps: with f', with local derivatives, inner ones kept together in both; simplified, multiplied out where
    something cancels; in numbers. Among the names x[i] stands for those of all samples.
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
        """The derivative as four formulas: with f', with local derivatives, simplified, in numbers."""
        rules = Rules(self.sent, is_simple)
        for known in (self.symbols, self.numbers):
            in_full = {
                node: known[node] if node in known else expression_of(node, known, rules.simple)
                for node in self.terms.order
            }
            rules.define(known, in_full)
        return [
            self._through(rules, self.symbols, _as_it_is, is_kept=True, primes=True),
            self._through(rules, self.symbols, _as_it_is, is_kept=True),
            self._through(rules, self.symbols, form),
            self._through(rules, self.numbers, form),
        ]

    def _through(
        self,
        rules: Rules,
        ends: Mapping[Value, Expression],
        form: Form,
        is_kept: bool = False,
        primes: bool = False,
    ) -> Expression:
        """The derivative as the sum over paths: rates multiplied along each, paths added up.

        is_kept: whether the inner derivative of a function keeps its constants, as in ln'(3 x²) (6 x).
        """
        x, *others = self.between
        totals = {x: ONE}
        for node in others:
            sources = [y for y in self.sent[node] if y in totals]
            rates = [(primes and rules.primed(node, y, ends)) or rules.local(node, y, ends) for y in sources]
            parts = zip(rates, [totals[y] for y in sources], strict=True)
            total = rules.plus(
                [
                    rules.chained(*part) if is_kept and _has_inner(node, y) else _of_a_product(rules, node, y, *part)
                    for y, part in zip(sources, parts, strict=True)
                ]
            )
            if total.is_larger(MOST_PARTS, MOST_LEVELS):
                raise TooLongError
            totals[node] = form(total)
        return totals[self.terms.z]


def _has_inner(node: Value, y: Value) -> bool:
    """Whether y stands inside a function, or below a fraction line."""
    return not is_arithmetic(node.op) or (node.op is DIV and node.inputs[1] is y)


def _of_a_product(rules: Rules, node: Value, y: Value, rate: Expression, inner: Expression) -> Expression:
    """The part of a node's derivative that comes through y: f' g + f g', each derivative where its factor stands."""
    return rules.times([inner, rate] if node.op is MUL and node.inputs[0] is y else [rate, inner])


def _nicely(expression: Expression) -> Expression:
    return with_shares(shortened(expression))


def _as_it_is(expression: Expression) -> Expression:
    return expression
