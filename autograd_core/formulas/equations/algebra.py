"""Sums and element-wise products of arrays on paper: as far as equations are tidied up before they are printed.

An expression is a sum of terms, a term a number and factors. Like terms add up, and a derivative's factors are found.
"""

from __future__ import annotations

import math
import sys

from ...ops import TABLE
from ...ops.selection import COMPARISONS
from .factors import Applied, Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...op import Op
    from .factors import Factor

__all__ = ["Expression", "applied"]

PLAIN = 2.0**20
ADD, SUB, MUL, NEG, WHERE = (TABLE[name] for name in ("add", "sub", "mul", "neg", "where"))


class Expression:
    """A sum of terms: ``terms`` has the number that each product of factors is multiplied with."""

    def __init__(self, terms: Iterable[tuple[tuple[Factor, ...], float]]) -> None:
        self.terms: dict[tuple[Factor, ...], float] = {}
        for factors, number in terms:
            if factors not in self.terms:
                self.terms[factors] = number
            elif (_is_plain(number) and _is_plain(self.terms[factors])) or number == self.terms[factors]:
                self.terms[factors] += number
            else:
                alone = (Group(Expression([(factors, number)])),)
                self.terms[alone] = self.terms.get(alone, 0.0) + 1.0
        self.size: int = sum([_size(factor) for factors in self.terms for factor in factors])
        self._hash = hash(frozenset(self.terms.items()))

    @classmethod
    def of(cls, *factors: Factor) -> Expression:
        """Their product."""
        return cls([(factors, 1.0)])

    @classmethod
    def number(cls, value: float) -> Expression:
        """A number."""
        return cls([((), value)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Expression) -> Expression:
        return Expression([*self.terms.items(), *other.terms.items()])

    def __mul__(self, other: Expression) -> Expression:
        for number, rest in ((self, other), (other, self)):
            if number.terms.keys() == {()}:
                return rest.times(number.terms[()])
        (left, a), (right, b) = self._as_term(), other._as_term()
        return Expression([((*left, *right), a * b)])

    def times(self, number: float) -> Expression:
        """Every term that many times."""
        if all([_is_product(number * x, number, x) for x in self.terms.values()]):
            return Expression([(factors, number * x) for factors, x in self.terms.items()])
        return Expression([((Group(self),), number)])

    def _as_term(self) -> tuple[tuple[Factor, ...], float]:
        """One product: a sum of several terms is a factor of its own, without the number that they share."""
        if len(self.terms) == 1:
            return next(iter(self.terms.items()))
        sizes = {abs(number) for number in self.terms.values()}
        shared = sizes.pop() if len(sizes) == 1 else 1.0
        if not shared:
            return (Group(self),), 1.0
        return (Group(Expression([(factors, x / shared) for factors, x in self.terms.items()])),), shared

    def with_factors(self, some: Expression, by: Factor) -> Expression:
        """Each term that has all factors of the product `some`, with `by` in their place."""
        (wanted, number), terms = some._as_term(), []
        if not any([wanted[0] in factors for factors in self.terms]):
            return self
        for factors, x in self.terms.items():
            left = list(factors)
            for factor in wanted:
                if factor in left:
                    left.remove(factor)
            found = len(left) == len(factors) - len(wanted)
            terms.append(((*left, by), x / number) if found else (factors, x))
        return Expression(terms)


def applied(op: Op, operands: Sequence[Expression]) -> Expression:
    """What an op makes of expressions: written out if it is arithmetic."""
    if op is ADD:
        return operands[0] + operands[1]
    if op is SUB:
        return operands[0] + operands[1].times(-1.0)
    if op is MUL:
        return operands[0] * operands[1]
    if op is NEG:
        return operands[0].times(-1.0)
    if op is WHERE and operands[2].terms in ({(): 0.0}, {}) and _is_truth(operands[0]):
        return operands[1] * operands[0]
    return Expression.of(Applied(op, tuple(operands)))


def _size(factor: Factor) -> int:
    """The number of factors in it."""
    parts = [x for part in vars(factor).values() for x in (part if isinstance(part, tuple) else (part,))]
    return 1 + sum([x.size for x in parts if isinstance(x, Expression)])


def _is_truth(x: Expression) -> bool:
    """Whether it is 1 or 0: a comparison."""
    match list(x.terms.items()):
        case [((Applied(op),), 1.0)]:
            return op in COMPARISONS
    return False


def _is_plain(x: float) -> bool:
    """Whether adding a few of its kind is exact: 0.1 is not, nor 1e16, of which 1 is lost."""
    return abs(x) < PLAIN and (x * PLAIN).is_integer()


def _is_product(product: float, a: float, b: float) -> bool:
    """Whether floats hold the product of two numbers."""
    return not (a and b) or sys.float_info.min <= abs(product) < math.inf
