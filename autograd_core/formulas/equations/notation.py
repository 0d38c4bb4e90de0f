r"""Expressions of arrays as text and as LaTeX: elementwise products with ⊙, derivatives last, as in the lectures.

    W1 a0 + b1                       W^{1} \, a^{0} + b^{1}
    (W2^T delta2) * sigma'(z1)       \left({W^{2}}^{\mathsf T} \, \delta^{2}\right) \odot \sigma'\left(z^{1}\right)

The rest is written as `autograd_core.formulas.algebra.writer` does it.
"""

from __future__ import annotations

from ...ops import TABLE
from ..algebra.expressions import (
    Applied,
    Element,
    Expression,
    Listed,
    MatrixProduct,
    Name,
    Norm,
    Scalar,
    Total,
    Transposed,
)
from ..algebra.writer import DECIMALS, Writer, parts_of
from ..notation.operations import call, number, total
from ..notation.written import ATOM, POWER, PRODUCT, Written
from .reals.derivatives import Derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op
    from ..algebra.expressions import Atom, Factors, Rational

__all__ = ["MOST_ELEMENTS", "name_written", "written"]

LETTERS = {
    "delta": r"\delta",
    **{f"d{letter}": rf"\partial C / \partial {letter}" for letter in "Wb"},
}
MOST_ELEMENTS = 6
"""Elements of a row, and rows, that are listed; more would be wider than a page, so the first and the last stand."""
SIGMA = Written("sigma", r"\sigma")


MEAN = Scalar(Written("1/m", r"\frac{1}{m}"))
"""The factor of a mean over m samples, a number in front of others."""


class ArrayWriter(Writer):
    """A writer of expressions of arrays, numbers with all their digits."""

    def __call__(self, expression: Expression) -> Written:
        """The expression as text and LaTeX; a difference begins with what is positive, a - y."""
        terms = expression.terms
        if len(terms) == 2 and terms[0][1] < 0 < terms[1][1]:
            return super().__call__(Expression(terms[::-1]))
        return super().__call__(expression)

    def _term(self, factors: Factors, x: Rational) -> Written:
        """A term: a coefficient, and factors multiplied element by element; derivatives come last."""
        in_order = sorted(factors, key=lambda factor: is_derivative(factor[0]))
        scalars = [atom.written for atom, _ in in_order if isinstance(atom, Scalar)]
        parts = [self._power(atom, exponent) for atom, exponent in in_order if not isinstance(atom, Scalar)]
        size, sign = _coefficient(x), 1.0 if x > 0 else -1.0
        if not parts:
            return total([(sign, size)])
        if len(parts) > 1 or abs(x) != 1 or scalars:
            level = PRODUCT if scalars and len(parts) == 1 else POWER
            parts = [part.inside(level) for part in parts]
            text, latex = " * ".join([part.text for part in parts]), r" \odot ".join([part.latex for part in parts])
            for before in [*scalars, *[size] * (abs(x) != 1)][::-1]:
                text, latex = f"{before.text} * {text}", rf"{before.latex} \, {latex}"
            parts = [Written(text, latex, PRODUCT)]
        return total([(sign, parts[0])])

    def _atom(self, atom: Atom) -> Written:
        match atom:
            case Name():
                return name_written(atom)
            case Element(array, place):
                name, index = name_written(array), ", ".join(map(str, place))
                return Written(f"{name.text}[{index}]", f"{name.latex}_{{{index}}}")
            case Listed(rows):
                return _listed([[self(element) for element in row] for row in rows])
            case Total(array):
                inside = self(array)
                return Written(f"sum({inside.text})", rf"\textstyle\sum {inside.inside(POWER).latex}", POWER)
            case Norm(array):
                inside = self(array)
                return Written(f"norm({inside.text})", rf"\left\lVert {inside.latex} \right\rVert")
            case Transposed(array):
                inside = self(array).inside(ATOM)
                return Written(f"{inside.text}^T", rf"{{{inside.latex}}}^{{\mathsf T}}")
            case MatrixProduct(a, b):
                left, right = self(a).inside(POWER), self(b).inside(POWER)
                return Written(f"{left.text} {right.text}", rf"{left.latex} \, {right.latex}", PRODUCT)
        return super()._atom(atom)

    def _applied(self, op: Op, args: Sequence[Written], is_prime: bool = False) -> Written:
        if isinstance(op, Derivative):
            return self._applied(op.of, args, is_prime=True)
        if op is TABLE["sigmoid"]:
            prime = "'" * is_prime
            return call(Written(SIGMA.text + prime, SIGMA.latex + prime), args)
        return super()._applied(op, args, is_prime)


def is_derivative(atom: Atom) -> bool:
    """Whether an atom is f'(z)."""
    return isinstance(atom, Applied) and isinstance(atom.op, Derivative)


written = ArrayWriter(None, has_shares=False)


def _coefficient(x: Rational) -> Written:
    """The number in front of a term: 0.2 with all its digits, 2/3 as a fraction, since its digits never end."""
    numerator, denominator = parts_of(x)
    if denominator == 1.0 or DECIMALS % int(denominator) == 0:
        return number(abs(float(x)))
    above, below = number(numerator), number(denominator)
    return Written(f"{above.text}/{below.text}", rf"\frac{{{above.latex}}}{{{below.latex}}}")


def name_written(name: Name) -> Written:
    """The name of an array, z1, delta2 or dW1, as text and as LaTeX."""
    letter = LETTERS.get(name.letter, name.letter)
    if name.number is None:
        return Written(name.letter, letter)
    return Written(f"{name.letter}{name.number}", f"{letter}^{{{name.number}}}")


def _listed(rows: Sequence[Sequence[Written]]) -> Written:
    """The elements of an array; of many rows, and of long ones, the first few and the last."""
    text = _joined([_joined([element.text for element in row], ", ", "...") for row in rows], "; ", "...")
    latex = _joined([_joined([e.latex for e in row], ", ", r"\ldots") for row in rows], r";\; ", r"\ldots")
    return Written(f"({text})", rf"\left({latex}\right)")


def _joined(parts: Sequence[str], between: str, dots: str) -> str:
    return between.join(parts if len(parts) <= MOST_ELEMENTS else [*parts[: MOST_ELEMENTS - 2], dots, parts[-1]])
