"""Sums and element-wise products of arrays on paper: as far as equations are tidied up before they are printed.

An expression is a sum of terms, a term a number and factors. Factors are names, functions of expressions, and products
of matrices; they are told apart by what they are, so that like terms add up and a derivative's factors are found.
"""

from __future__ import annotations

import math
import sys

from ...ops import TABLE
from ...ops.selection import COMPARISONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ...op import Op

__all__ = ["Expression", "Factor", "applied"]

PLAIN = 2.0**20
ADD, SUB, MUL, NEG, WHERE = (TABLE[name] for name in ("add", "sub", "mul", "neg", "where"))


class Factor:
    """What an expression multiplies: ``kind`` and its ``parts``, texts and expressions.

    ("name", letter, number), ("given", name), ("element", array, i, j), ("apply", function, x),
    ("prime", function, x), ("total", x), ("group", x); ("array", A, transposed), ("matrix", array, x) for A x,
    ("times", array, array) for A Bᵀ, ("outer", x, y) for x yᵀ, ("inner", x, y) for xᵀ y, ("list", row, row, ...).
    ``size`` is the number of factors in it, that of an expression too.
    """

    def __init__(self, kind: str, *parts: Any) -> None:
        self.kind, self.parts = kind, parts
        self.size: int = 1 + sum([part.size for part in parts if isinstance(part, Expression)])
        self._hash = hash((kind, parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Factor) and (self.kind, self.parts) == (other.kind, other.parts)

    def __hash__(self) -> int:
        return self._hash


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
                alone = (Factor("group", Expression([(factors, number)])),)
                self.terms[alone] = self.terms.get(alone, 0.0) + 1.0
        self.size: int = sum([factor.size for factors in self.terms for factor in factors])
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
        return Expression([((Factor("group", self),), number)])

    def _as_term(self) -> tuple[tuple[Factor, ...], float]:
        """One product: a sum of several terms is a factor of its own, without the number that they share."""
        if len(self.terms) == 1:
            return next(iter(self.terms.items()))
        sizes = {abs(number) for number in self.terms.values()}
        shared = sizes.pop() if len(sizes) == 1 else 1.0
        if not shared:
            return (Factor("group", self),), 1.0
        return (Factor("group", Expression([(factors, x / shared) for factors, x in self.terms.items()])),), shared

    def with_factors(self, some: Expression, by: Factor) -> Expression:
        """Each term that has all factors of the product `some`, with `by` in their place."""
        (wanted, number), terms = some._as_term(), []
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
    return Expression.of(Factor("apply", op, *operands))


def _is_truth(x: Expression) -> bool:
    """Whether it is 1 or 0: a comparison."""
    match list(x.terms.items()):
        case [((Factor(kind="apply", parts=(op, *_)),), 1.0)]:
            return op in COMPARISONS
    return False


def _is_plain(x: float) -> bool:
    """Whether adding a few of its kind is exact: 0.1 is not, nor 1e16, of which 1 is lost."""
    return abs(x) < PLAIN and (x * PLAIN).is_integer()


def _is_product(product: float, a: float, b: float) -> bool:
    """Whether floats hold the product of two numbers."""
    return not (a and b) or sys.float_info.min <= abs(product) < math.inf
