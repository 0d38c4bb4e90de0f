"""Normal form of arrays, element by element: coefficients in front, but only where floats lose nothing.

An equation of matrices holds for all numbers, not at one point, so terms that rounding keeps apart are not combined:
(10¹⁶ z + z) - 10¹⁶ z stays as it is.
"""

from __future__ import annotations

from fractions import Fraction

from ...ops.selection import COMPARISONS
from ..notation.operations import standard_name
from .expressions import ZERO, Applied, Expression, Group
from .normal_form import fits, plus, times, verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...op import Op
    from .expressions import Rational

__all__ = ["added", "by_elements", "multiplied", "with_number_in_front"]

PLAIN = 2**20
"""Coefficients below this, with denominators that divide it, have 40 bits: a float64's 53 hold sums of thousands."""


def by_elements(op: Op, args: Sequence[Expression]) -> Expression:
    """An op applied to arrays element by element: sums and products in normal form, other ops verbatim."""
    match standard_name(op):
        case "add":
            return added([(1, args[0]), (1, args[1])])
        case "sub":
            return added([(1, args[0]), (-1, args[1])])
        case "neg":
            return added([(-1, args[0])])
        case "mul":
            return multiplied(args)
        case "div" if (above := args[0].constant) is not None and (below := args[1].constant):
            return Expression((((), Fraction(above) / below),)) if above else ZERO
        case "where" if args[2] == ZERO and _is_truth(args[0]):
            return multiplied([args[1], args[0]])
    return verbatim(op, args)


def added(parts: Iterable[tuple[int, Expression]]) -> Expression:
    """Expressions times whole numbers, added up term by term."""
    return plus([(count, Expression((term,))) for count, part in parts for term in part.terms], _add_exactly)


def multiplied(factors: Sequence[Expression]) -> Expression:
    """One factor, or the product of two: a number multiplies all terms of a sum."""
    for number, rest in (factors, factors[::-1]) if len(factors) == 2 else ():
        if (x := number.constant) is not None:
            scaled = _scaled(rest, x)
            return Expression(((((Group(rest), 1),), x),)) if scaled is None else scaled
    return times([part for factor in factors for part in _without_shared_number(factor)])


def with_number_in_front(expression: Expression) -> Expression:
    """A sum with the coefficient that all of its terms have in common in front: 2 (z - y) for 2 z - 2 y."""
    if len(expression.terms) < 2:
        return expression
    shared = _without_shared_number(expression)
    if len(shared) == 1:
        return expression
    number, rest = shared
    return Expression(((((Group(rest), 1),), number.constant or 0),))


def _add_exactly(numbers: Sequence[Rational]) -> bool:
    """Whether floats add these coefficients exactly: x and x, but not 0.1 and 0.2, nor 1e16 and 1."""
    is_doubled = len(numbers) <= 2 and len(set(numbers)) == 1
    return is_doubled or all([-PLAIN < x < PLAIN and PLAIN % x.denominator == 0 for x in numbers])


def _scaled(expression: Expression, number: Rational) -> Expression | None:
    """The expression times a number, or None if no float holds one of the coefficients."""
    terms = tuple([(factors, number * x) for factors, x in expression.terms if number])
    return Expression(terms) if all([fits(x) for _, x in terms]) else None


def _without_shared_number(expression: Expression) -> list[Expression]:
    """A sum as two factors: the coefficient that all of its terms have in common, and the rest."""
    sizes = {max(x, -x) for _, x in expression.terms}
    size = Fraction(sizes.pop()) if len(sizes) == 1 < len(expression.terms) else Fraction(1)
    rest = None if size == 1 else _scaled(expression, 1 / size)
    return [expression] if rest is None else [Expression((((), size),)), rest]


def _is_truth(x: Expression) -> bool:
    """Whether an expression is a comparison, whose value is 1 or 0."""
    return isinstance(x.atom, Applied) and x.atom.op in COMPARISONS
