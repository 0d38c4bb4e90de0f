"""Expressions written out: as text and LaTeX, by names and with so many digits."""

from __future__ import annotations

from ...notation.operations import applied, number, power, product, quotient, summed, total
from ...notation.written import PRODUCT, Written
from .algebra import EXP, LARGEST_DENOMINATOR, PI, PRIME, Atom, Expression, less_a_log_of_sum
from .figures import is_figure, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .algebra import Factors, Rational

__all__ = ["Writer", "parts_of"]

DECIMALS = 10**9
"""All denominators in reach whose fractions end as decimals divide it."""


class Writer:
    """Writes expressions, numbers with so many digits."""

    def __init__(self, digits: int | None, has_shares: bool = True) -> None:
        self.digits, self.has_shares = digits, has_shares

    def __call__(self, expression: Expression) -> Written:
        """The expression as text and LaTeX."""
        return total([(1.0, self._term(factors, x)) for factors, x in expression.terms])

    def _term(self, factors: Factors, x: Rational) -> Written:
        """A number and factors: π first, those with negative exponents below a line, sums with Σ behind it."""
        factors = tuple(sorted(factors, key=lambda factor: (factor[0].is_sum, factor[0].symbol != PI)))
        above = [self._power(atom, k) for atom, k in factors if k > 0 and not atom.is_sum]
        below = [self._power(atom, -k) for atom, k in factors if k < 0]
        behind = [self._power(atom, k) for atom, k in factors if k > 0 and atom.is_sum]
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
        if is_figure(atom):
            return number(value_of(atom), self.digits)
        if atom.symbol is not None and not atom.args:
            return atom.symbol
        args = [self(arg) for arg in atom.args]
        if atom.op is None:
            return args[0] if atom.symbol is None else summed(args[0], atom.symbol.text, args[1].text, atom.tag)
        written = applied(atom.op, args, is_prime=atom.tag == PRIME)
        is_power = self.has_shares and atom.op is EXP
        return self._share(atom.args[0], written) if is_power else written

    def _share(self, x: Expression, written: Written) -> Written:
        """eˣ; for x = a - ln(eᵃ + eᵇ) LaTeX has a fraction of powers, in which there are no others."""
        match less_a_log_of_sum(x):
            case (a, total_of) if a in total_of.args:
                write = Writer(self.digits, has_shares=False)
                powers = [applied(EXP, [write(arg)]) for arg in (a, *total_of.args)]
                latex = quotient(powers[0], total([(1.0, each) for each in powers[1:]])).latex
                return Written(written.text, latex, PRODUCT, is_call=True)
        return written


def parts_of(x: Rational) -> tuple[float, float]:
    """Numerator (without sign) and denominator of 1/2, 2/3 and the like; a number short in decimals stays as it is."""
    ends = DECIMALS % x.denominator == 0
    is_decimal = (ends and x.denominator % 5 == 0) or x.denominator > LARGEST_DENOMINATOR
    return (abs(float(x)), 1.0) if is_decimal else (float(abs(x.numerator)), float(x.denominator))
