r"""Expressions written out as text and as LaTeX, from the inside out.

    2 * x / (1 + x)              \frac{2 x}{1 + x}
    6 * log'(3 * x**2) * x       6 \ln'\left(3 x^{2}\right) \cdot x
    sum(x[i]**2, i=1..3)         \sum_{i=1}^{3} x_{i}^{2}

The signs of operations are those of `autograd_core.formulas.notation`; the order of factors is decided here.
"""

from __future__ import annotations

from ..notation.operations import applied, number, power, product, quotient, summed, total, with_logarithm
from ..notation.written import PRODUCT, Written
from .expressions import Applied, Figure, Group, Prime, Series, Symbol
from .normal_form import EXP, LARGEST_DENOMINATOR, NAMED, less_a_log_of_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op
    from .expressions import Atom, Expression, Factors, Rational

__all__ = ["Writer", "parts_of"]

DECIMALS = 10**9
"""A multiple of every denominator up to `LARGEST_DENOMINATOR` whose fractions end as decimals."""


class Writer:
    """A writer of expressions, numbers with `digits` significant digits; `has_shares` shows a softmax as a fraction.

    logarithm: "ln" or "log", how the natural one is written; None is log in text and ln in LaTeX.
    """

    def __init__(self, digits: int | None, has_shares: bool = True, logarithm: str | None = None) -> None:
        self.digits, self.has_shares, self.logarithm = digits, has_shares, logarithm

    def __call__(self, expression: Expression) -> Written:
        """The expression as text and LaTeX."""
        return total([(1.0, self._term(factors, x)) for factors, x in expression.terms])

    def _term(self, factors: Factors, x: Rational) -> Written:
        """A term: coefficient, π and e, other factors; negative exponents below a line, sums with Σ behind it."""
        factors = tuple(sorted(factors, key=lambda factor: (isinstance(factor[0], Series), factor[0] not in NAMED)))
        above = [self._power(atom, k) for atom, k in factors if k > 0 and not isinstance(atom, Series)]
        below = [self._power(atom, -k) for atom, k in factors if k < 0]
        behind = [self._power(atom, k) for atom, k in factors if k > 0 and isinstance(atom, Series)]
        size, divisor = parts_of(x)
        if divisor != 1.0:
            below.insert(0, number(divisor))
            if any([factor.latex.startswith(r"\frac") for factor in above]):  # no fractions in fractions
                above, behind = [], [*above, *behind]
        if size != 1.0 or not (above or (behind and not below)):
            above.insert(0, number(size, self.digits))
        front = [quotient(product(above), product(below))] if below else above
        return total([(1.0 if x > 0 else -1.0, product([*front, *behind]))])

    def _power(self, atom: Atom, exponent: int) -> Written:
        base = self._atom(atom)
        return base if exponent == 1 else power(base, number(float(exponent)))

    def _atom(self, atom: Atom) -> Written:
        match atom:
            case Symbol(written):
                return written
            case Figure(x):
                return number(x, self.digits)
            case Group(whole):
                return self(whole)
            case Series(letter, term, first, last):
                return summed(self(term), letter, str(first), last)
            case Prime(op, x):
                return self._applied(op, [self(x)], is_prime=True)
            case Applied(op, args):
                written = self._applied(op, [self(arg) for arg in args])
                return self._share(args[0], written) if self.has_shares and op is EXP else written
        raise AssertionError(f"{atom!r} is an array, which expressions of numbers do not have")

    def _applied(self, op: Op, args: Sequence[Written], is_prime: bool = False) -> Written:
        return with_logarithm(op, applied(op, args, is_prime), self.logarithm)

    def _share(self, x: Expression, written: Written) -> Written:
        """The power eˣ; for x = a - ln(eᵃ + eᵇ) LaTeX has softmax's fraction, and no such fraction inside it."""
        match less_a_log_of_sum(x):
            case (a, total_of) if a in total_of.args:
                write = Writer(self.digits, has_shares=False, logarithm=self.logarithm)
                powers = [applied(EXP, [write(arg)]) for arg in (a, *total_of.args)]
                latex = quotient(powers[0], total([(1.0, term) for term in powers[1:]])).latex
                return Written(written.text, latex, PRODUCT, is_call=True)
        return written


def parts_of(x: Rational) -> tuple[float, float]:
    """Numerator (without sign) and denominator of 1/2, 2/3 and the like; 0.2, short in decimals, stays as it is."""
    ends = DECIMALS % x.denominator == 0
    is_decimal = (ends and x.denominator % 5 == 0) or x.denominator > LARGEST_DENOMINATOR
    return (abs(float(x)), 1.0) if is_decimal else (float(abs(x.numerator)), float(x.denominator))
