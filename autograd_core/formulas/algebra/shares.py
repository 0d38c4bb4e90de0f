"""Softmax recognised: a product of shares, as a graph without large powers has it, is one: (1 - p₁) σ(z₂ - z₃) is p₂.

The rest that a leaves, times the share of b in the rest, is the share of b; and so is the share of b and c together,
times the share of b in the two.
"""

from __future__ import annotations

from itertools import permutations, product

from ...ops import TABLE
from ..notation.operations import standard_name
from .expressions import ONE, Applied, Expression, Group, is_one_of, of_atom
from .normal_form import EXP, LOGS_OF_SUMS, apply, less_a_log_of_sum, plus, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from .expressions import Atom, Factors

    Share: TypeAlias = "tuple[Expression, tuple[Expression, ...]]"
    """The pair a, (a, b, c) for the share eᵃ / (eᵃ + eᵇ + eᶜ); a may be ln(eᵇ + eᶜ)."""

__all__ = ["with_shares"]

LOGSUMEXP = TABLE["logsumexp"]


def with_shares(expression: Expression) -> Expression:
    """The expression with one share in place of a product of several."""
    return plus([(1, times([Expression((((), x),)), _with_shares(factors)])) for factors, x in expression.terms])


def _with_shares(factors: Factors) -> Expression:
    candidates = [atom for atom, k in factors if k == 1]
    for first in candidates:
        for (sign, parts, whole), second in product(_wholes(first), candidates):
            if second is not first and (b := _among(second, parts)) is not None:
                others = tuple([factor for factor in factors if factor[0] not in (first, second)])
                share = apply(EXP, [plus([(1, b), (-1, apply(LOGSUMEXP, whole))])])
                return with_shares(times([Expression(((others, sign),)), share]))
    return Expression(((factors, 1),))


def _wholes(atom: Atom) -> Iterator[tuple[int, Sequence[Expression], Sequence[Expression]]]:
    """The (sign, parts, whole) for which the atom is the share of the parts in the whole, times the sign."""
    if isinstance(atom, Group):
        for sign in (1, -1):
            match _share(plus([(1, ONE), (-sign, atom.sum)]).atom):
                case (a, whole):
                    yield sign, [part for part in whole if part not in _parts(a)], whole
    else:
        match _share(atom):
            case (a, whole):
                yield 1, _parts(a), whole


def _share(atom: Atom | None) -> Share | None:
    if not isinstance(atom, Applied):
        return None
    match standard_name(atom.op), less_a_log_of_sum(atom.args[0]):
        case "exp", (a, total) if set(_parts(a)) < set(total.args):
            return a, total.args
        case "sigmoid", _:
            match less_a_log_of_sum(plus([(-1, atom.args[0])])):
                case (c, total):  # σ(ln(eᵃ + eᵇ) - c)
                    return of_atom(total), (*total.args, c)
    return None


def _parts(a: Expression) -> tuple[Expression, ...]:
    """The parts b and c of ln(eᵇ + eᶜ); any other expression is its own only part."""
    atom = a.atom
    return atom.args if is_one_of(atom, *LOGS_OF_SUMS) else (a,)


def _among(atom: Atom, parts: Sequence[Expression]) -> Expression | None:
    """The part of which the atom is the share among all parts, or None."""
    match _share(atom):
        case (b, whole) if set(whole) == set(parts):
            return b
    if is_one_of(atom, "sigmoid") and len(parts) == 2:
        for b, c in permutations(parts):
            if atom.args[0] == plus([(1, b), (-1, c)]):
                return b
    return None
