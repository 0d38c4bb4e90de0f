"""One local derivative at a time, as the step-by-step page shows it: with f', in names, in numbers.

∂v2/∂v1 = sigmoid'(v1) = v2 * (1 - v2) = 0.259225 * (1 - 0.259225) ≈ 0.192027
"""

from __future__ import annotations

import math

from ...value import Value, data_of
from .rules import Rules, Sent
from .terms import Terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..algebra.expressions import Expression
    from .lines import Line

__all__ = ["LocalDerivatives"]


class LocalDerivatives:
    """The local derivatives in the graph above `z`, by the ops' own rules, with six digits."""

    def __init__(self, z: Value) -> None:
        self.terms, self._sent = Terms(z, 6), Sent()
        self.rules = [
            Rules(self._sent, is_simple) for is_simple in ((True, False) if self.terms.is_finite else (False,))
        ]
        for rules in self.rules:
            for known in (self.terms.symbols, self.terms.numbers):
                rules.define(known, known)

    def line(self, node: Value, x: Value) -> Line:
        """The line of ∂node/∂x, for an input x to which something flows back."""
        rate = float(sum(map(data_of, self._sent[node][x])))
        left = self.terms.derivative(node, x)
        if not math.isfinite(rate):
            return self.terms.steps.line(left, rate, [])
        return self.terms.steps.line(left, rate, self._ways(node, x))

    def _ways(self, node: Value, x: Value) -> Iterator[list[Expression]]:
        for rules in self.rules:
            local = [rules.local(node, x, known) for known in (self.terms.symbols, self.terms.numbers)]
            primed = rules.primed(node, x, self.terms.symbols)
            yield [local[0] if primed is None else primed, *local]
