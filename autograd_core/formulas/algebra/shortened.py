"""Sums multiplied out where that makes them shorter: y (1 - a) x - (1 - y) a x is (y - a) x.

The normal form leaves brackets as they are. A derivative often has terms that cancel only without them; where they do,
the factors that the remaining terms share come in front again, or below one fraction line.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

from .expressions import Expression, Group
from .normal_form import plus, positive_first, times
from .rolling import rolled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .expressions import Atom, Factors

__all__ = ["shortened"]

MOST_TERMS = 40
"""Terms before and after multiplying out; longer sums stay as they are, since products of sums grow exponentially."""


def shortened(expression: Expression) -> Expression:
    """The shortest form of an expression: as it is, multiplied out (of one term a single sum), or as one fraction."""
    if len(expression.terms) > MOST_TERMS:
        return expression
    sums = [_sums(factors) for factors, _ in expression.terms]
    choices = [[[atom]] for atom in sums[0]] if len(sums) == 1 else [sums]
    ways = [plus([(1, part) for part in _multiplied_out(expression, choice)]) for choice in choices]
    found = [_with_common_factors_in_front(way) for way in ways if len(way.terms) <= MOST_TERMS]
    found += [_over_one_line(way) for way in [expression, *ways] if 1 < len(way.terms) <= MOST_TERMS and _below(way)]
    return min([expression, *found], key=lambda way: _size(rolled(way)))


def _sums(factors: Factors) -> list[Group]:
    return [atom for atom, k in factors if isinstance(atom, Group) and k == 1]


def _multiplied_out(expression: Expression, sums: Sequence[Sequence[Group]]) -> Iterator[Expression]:
    """The terms of an expression with these sums multiplied out, one list of sums for each term."""
    for (factors, x), some in zip(expression.terms, sums, strict=True):
        if math.prod([len(group.sum.terms) for group in some]) > MOST_TERMS:
            yield Expression(((factors, x),))
        else:
            rest = Expression(((tuple([(atom, k) for atom, k in factors if atom not in some]), x),))
            for parts in product(*[group.sum.terms for group in some]):
                yield times([rest, *[Expression((part,)) for part in parts]])


def _with_common_factors_in_front(expression: Expression) -> Expression:
    """A sum with its common factors taken out, a positive term first: (a - y) x for -y x + a x."""
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


def _over_one_line(expression: Expression) -> Expression:
    """A sum over its common denominator: 1 / (1 + x)² for 1 / (1 + x) - x / (1 + x)²."""
    below = _below(expression)
    line = Expression(((tuple(below.items()), 1),))
    as_it_is = plus([(1, times([Expression((term,)), line])) for term in expression.terms])
    sums = [_sums(factors) for factors, _ in as_it_is.terms]
    above = min([as_it_is, plus([(1, part) for part in _multiplied_out(as_it_is, sums)])], key=_size)
    sizes = {max(x, -x) for _, x in above.terms}
    shared = Fraction(1) * (sizes.pop() if len(sizes) == 1 else 1)
    alone = Expression(tuple([(factors, x / shared) for factors, x in above.terms]))
    return times([positive_first(alone), Expression(((tuple([(atom, -k) for atom, k in below.items()]), shared),))])


def _below(expression: Expression) -> dict[Atom, int]:
    """The common denominator of all terms, as atoms with exponents."""
    denominator: dict[Atom, int] = {}
    for factors, _ in expression.terms:
        denominator |= {atom: max(-k, denominator.get(atom, 0)) for atom, k in factors if k < 0}
    return denominator


def _size(expression: Expression) -> int:
    """The length of an expression: its symbols and functions, and its terms that are numbers."""
    return sum([max(1, sum([_size_of(atom) for atom, _ in factors])) for factors, _ in expression.terms])


def _size_of(atom: Atom) -> int:
    return (not isinstance(atom, Group)) + sum(map(_size, atom.args))
