"""Evaluation of expressions in floats, so that nothing is printed behind "=" that is not the engine's number.

Identities of symbols need not hold for floats: (x + y) - y is x, but not with x = 1 and y = 1e20.
"""

from __future__ import annotations

import math

from ...backprop import rates_of
from ...op import quiet
from ...value import Value
from .expressions import Applied, Figure, Group, Prime, Symbol
from .normal_form import NAMED
from .writer import parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .expressions import Atom, Expression, Factors, Rational

__all__ = ["Evaluation", "cut"]


def cut(x: float, digits: int | None) -> float:
    """A number rounded to `digits` significant digits; None keeps all."""
    return x if digits is None else float(f"{x:.{digits}g}")


class Evaluation:
    """The value of an expression as it is written, its numbers rounded to `digits`; `values` has those of symbols."""

    def __init__(self, values: Mapping[Atom, float], digits: int | None) -> None:
        self.values, self.digits = values, digits

    def __call__(self, expression: Expression) -> float | None:
        """The expression's value, or None if Python's floats raise on the way."""
        try:
            with quiet():
                return self._sum(expression)
        except (ArithmeticError, ValueError):
            return None

    def _sum(self, expression: Expression) -> float:
        if not expression.terms:
            return 0.0
        first, *others = expression.terms
        total = self._term(*first)
        for term in others:
            total += self._term(*term)
        return total

    def _term(self, factors: Factors, x: Rational) -> float:
        size, below = parts_of(x)
        above = cut(size, self.digits)
        for atom, k in factors:
            if k > 0:
                above *= self._atom(atom) ** k
            else:
                below *= self._atom(atom) ** -k
        return math.copysign(1.0, x) * (above if below == 1.0 else above / below)

    def _atom(self, atom: Atom) -> float:
        match atom:
            case Symbol():
                return NAMED[atom] if atom in NAMED else self.values[atom]
            case Figure(x):
                return cut(x, self.digits)
            case Group(whole):
                return self._sum(whole)
            case Prime(op, x):
                at = Value(self._sum(x))
                return rates_of(op(at)).get(at, 0.0)
            case Applied(op, args):
                numbers = [self._sum(arg) for arg in args]
                return op.evaluate(tuple(numbers), numbers)
        raise AssertionError(f"{atom!r} is made when an expression is written, not before")
