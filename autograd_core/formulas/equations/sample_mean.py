"""The mean over samples in the open: a factor 1/m of the last layer's error stands at ∂C/∂W and ∂C/∂b instead.

A program multiplies by 1/m once, at the cost, from where it reaches all gradients. The lectures write dZ without it,
and 1/m dZ Aᵀ: equations (4) and (5). All dZ and dA are proportional to each other, so they are m times what the
program computes, and whatever is made with one of them has the factor in front.
"""

from __future__ import annotations

from fractions import Fraction

from ..algebra.expressions import (
    Element,
    Expression,
    Group,
    MatrixProduct,
    Name,
    Scalar,
    Symbol,
    Total,
    Transposed,
    is_one_of,
    of_atom,
)
from ..algebra.normal_form import number
from ..notation.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from ..algebra.expressions import Atom, Factors, Rational

    Line: TypeAlias = tuple[Name, Expression, str]
    Term: TypeAlias = tuple[Factors, Rational]

__all__ = ["has_atom", "with_mean_outside"]

SCALED = ("dZ", "dA")
"""The letters of the gradients that the lectures write without 1/m."""


def with_mean_outside(lines: Sequence[Line], m: int, mean: Symbol, scales: Sequence[Symbol]) -> list[Line] | None:
    """The lines with `mean`, which stands for 1/m, or one of the `scales`, or one over it, at the gradients of weights
    and biases; None if the error has no such factor, or if it has gone into more than products and sums."""
    errors = [expression for name, expression, _ in lines if name.letter in SCALED and _degrees(expression) == {0}]
    if not errors:
        return None
    for factor, without, below in [
        (mean, _of_mean(m), number(float(m))),
        *[(one_over(scale), _of_inverse(scale), of_atom(scale)) for scale in scales],
        *[(scale, _of_symbol(scale), None) for scale in scales],
    ]:
        if all([without(term) is not None for expression in errors for term in expression.terms]):
            return _moved(lines, factor, without, below)
    return None


def one_over(symbol: Symbol) -> Symbol:
    """A factor by its name, 1/m for m."""
    return Scalar(Written(f"1/{symbol.written.text}", rf"\frac{{1}}{{{symbol.written.latex}}}"))


def has_atom(expression: Expression, atom: Atom) -> bool:
    """Whether an atom is a factor of a term."""
    return any([(atom, 1) in factors for factors, _ in expression.terms])


def _of_mean(m: int) -> Callable[[Term], Term | None]:
    """The function that takes 1/m out of a term whose coefficient is 1/(k m) or 2/(k m) for a whole k; else None."""

    def without(term: Term) -> Term | None:
        factors, x = term
        rest = abs(Fraction(x)) * m
        is_of_mean = Fraction(x).denominator % m == 0 or (rest.numerator <= 2 and rest.denominator > 1)
        return (factors, x * m) if m > 1 and is_of_mean else None

    return without


def _of_symbol(symbol: Symbol) -> Callable[[Term], Term | None]:
    """The function that takes a symbol out of a term that it is a factor of, or a numerator in; else None."""

    def without(term: Term) -> Term | None:
        factors, x = term
        for k, (atom, exponent) in enumerate(factors):
            rest = (*factors[:k], *factors[k + 1 :])
            if (atom, exponent) == (symbol, 1):
                return rest, x
            if exponent == 1 and is_one_of(atom, "div") and atom.args[0].atom == symbol:
                below = atom.args[1].constant
                return (rest, Fraction(x) / below) if below else None
        return None

    return without


def _of_inverse(symbol: Symbol) -> Callable[[Term], Term | None]:
    """The function that takes one over a symbol out of a term that has it as a denominator; else None."""

    def without(term: Term) -> Term | None:
        factors, x = term
        for k, (atom, exponent) in enumerate(factors):
            above = _above(atom, symbol) if exponent == 1 else None
            if above:
                return (*factors[:k], *factors[k + 1 :]), x * above
        return None

    return without


def _above(atom: Atom | None, symbol: Symbol) -> Rational | None:
    """The number c of a fraction c/m, maybe divided by numbers, as 1/m/3 is; None for another atom."""
    if not is_one_of(atom, "div"):
        return None
    above, below = atom.args
    if below.atom == symbol:
        return above.constant
    inner = _above(above.atom, symbol) if below.constant else None
    return Fraction(inner) / below.constant if inner and below.constant else None


def _in_front(term: Term, factor: Symbol, below: Expression) -> Term:
    """A term with 1/m in front, instead of m below a fraction."""
    factors, x = term
    for k, (atom, exponent) in enumerate(factors):
        if exponent == 1 and is_one_of(atom, "div") and atom.args[1] == below:
            above = atom.args[0]
            return ((Scalar(*factor), 1), (above.atom or Group(above), 1), *factors[:k], *factors[k + 1 :]), x
    return term


def _moved(
    lines: Sequence[Line], factor: Symbol, without: Callable[[Term], Term | None], below: Expression | None
) -> list[Line] | None:
    found = []
    for name, expression, tag in lines:
        terms: list[Term] = []
        for term in expression.terms:
            degree = _degree_of_term(term)
            excess = None if degree is None else degree - (name.letter in SCALED)
            if excess == 0:
                terms.append(term if below is None else _in_front(term, factor, below))
            elif excess == 1:
                terms.append((((Scalar(*factor), 1), *term[0]), term[1]))
            elif excess == -1 and (rest := without(term)) is not None:
                terms.append(rest)
            else:
                return None
        found.append((name, Expression(tuple(terms)), tag))
    return found


def _degree_of_term(term: Term) -> int | None:
    """How many scaled gradients are multiplied in a term; None if it is not proportional to a power of them."""
    degrees = [(_degree_of_atom(atom), k) for atom, k in term[0]]
    return (
        None if any([degree is None for degree, _ in degrees]) else sum([degree * k for degree, k in degrees if degree])
    )


def _degree_of_atom(atom: Atom) -> int | None:
    match atom:
        case Name(letter):
            return int(letter in SCALED)
        case Element(array):
            return int(array.letter in SCALED)
    degrees = [_degree(arg) for arg in atom.args]
    if any([degree is None for degree in degrees]):
        return None
    total = sum([degree for degree in degrees if degree])
    is_linear = isinstance(atom, (Group, MatrixProduct, Transposed, Total))
    return total if is_linear or not total else None


def _degree(expression: Expression) -> int | None:
    degrees = _degrees(expression)
    return degrees.pop() if len(degrees) == 1 else None if degrees else 0


def _degrees(expression: Expression) -> set[int | None]:
    return {_degree_of_term(term) for term in expression.terms}
