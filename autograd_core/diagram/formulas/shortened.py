"""Sums multiplied out where that makes them shorter: y (1 - a) x - (1 - y) a x is (y - a) x.

The normal form leaves brackets as they are. A derivative often has terms that cancel only without them; where they do,
what all terms that are left share comes in front of them again.
"""

from __future__ import annotations

import math
from itertools import product

from .algebra import Expression, plus, positive_first, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .algebra import Atom, Factors, Rational

__all__ = ["shortened"]

MOST_TERMS = 40
"""No more are looked at, neither before nor after multiplying out."""


def shortened(expression: Expression) -> Expression:
    """The expression, or what is left of it, if it gets shorter when it is multiplied out."""
    if not 1 < len(expression.terms) <= MOST_TERMS:
        return expression
    terms = list[Expression]()
    for factors, x in expression.terms:
        terms += _multiplied_out(factors, x)
        if len(terms) > MOST_TERMS:
            return expression
    flat = plus([(1, term) for term in terms])
    return _with_common_factors_in_front(flat) if _size(flat) < _size(expression) else expression


def _multiplied_out(factors: Factors, x: Rational) -> list[Expression]:
    """A term without brackets around sums, other than in powers."""
    sums = [atom.args[0] for atom, k in factors if atom.is_group and k == 1]
    others = tuple([(atom, k) for atom, k in factors if not (atom.is_group and k == 1)])
    if math.prod([len(each.terms) for each in sums]) > MOST_TERMS:
        return [Expression(((factors, x),))]
    rest = Expression(((others, x),))
    return [
        times([rest, *[Expression((term,)) for term in terms]]) for terms in product(*[each.terms for each in sums])
    ]


def _with_common_factors_in_front(expression: Expression) -> Expression:
    """(a - y) x for -y x + a x: positive terms first."""
    if len(expression.terms) < 2:
        return expression
    shared: dict[Atom, int] = dict(expression.terms[0][0])
    for factors, _ in expression.terms[1:]:
        exponents = dict(factors)
        shared = {
            atom: min(k, exponents[atom], key=abs) for atom, k in shared.items() if k * exponents.get(atom, 0) > 0
        }
    common = Expression(((tuple(shared.items()), 1),))
    below = Expression(((tuple([(atom, -k) for atom, k in shared.items()]), 1),))
    rest = plus([(1, times([Expression((term,)), below])) for term in expression.terms])
    return times([positive_first(rest), common])


def _size(expression: Expression) -> int:
    """How many symbols and functions it is written with, and numbers between signs."""
    return sum([max(1, sum([_size_of(atom) for atom, _ in factors])) for factors, _ in expression.terms])


def _size_of(atom: Atom) -> int:
    return (not atom.is_group) + sum(map(_size, atom.args))
