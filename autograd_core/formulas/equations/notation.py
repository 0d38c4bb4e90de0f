r"""Expressions of arrays as text and as LaTeX: elementwise products with ⊙, derivatives last, as in the lectures.

    W1 a0 + b1                       W^{1} \, a^{0} + b^{1}
    (W2^T delta2) * sigma'(z1)       \left({W^{2}}^{\mathsf T} \, \delta^{2}\right) \odot \sigma'\left(z^{1}\right)

The rest is written as `autograd_core.formulas.algebra.writer` does it.
"""

from __future__ import annotations

from ...ops import TABLE
from ..algebra.expressions import Element, Listed, MatrixProduct, Name, Prime, Total, Transposed
from ..algebra.writer import Writer
from ..notation.operations import call, number, total
from ..notation.written import ATOM, POWER, PRODUCT, Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op
    from ..algebra.expressions import Atom, Factors, Rational

__all__ = ["name_written", "written"]

LETTERS = {"delta": r"\delta", "dW": r"\partial C / \partial W", "db": r"\partial C / \partial b"}
MOST_ELEMENTS = 6
"""Elements of a row, and rows, that are listed; more would be wider than a page, so the first and the last stand."""
SIGMA = Written("sigma", r"\sigma")


class ArrayWriter(Writer):
    """A writer of expressions of arrays, numbers with all their digits."""

    def _term(self, factors: Factors, x: Rational) -> Written:
        """A term: a coefficient, and factors multiplied element by element; derivatives come last."""
        in_order = sorted(factors, key=lambda factor: isinstance(factor[0], Prime))
        parts = [self._power(atom, exponent) for atom, exponent in in_order]
        size, sign = number(abs(float(x))), 1.0 if x > 0 else -1.0
        if not parts:
            return total([(sign, size)])
        if len(parts) > 1 or abs(x) != 1:
            parts = [part.inside(POWER) for part in parts]
            text, latex = " * ".join([part.text for part in parts]), r" \odot ".join([part.latex for part in parts])
            if abs(x) != 1:
                text, latex = f"{size.text} * {text}", rf"{size.latex} \, {latex}"
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
                return Written(f"sum({inside.text})", rf"\textstyle\sum {inside.inside(PRODUCT).latex}", PRODUCT)
            case Transposed(array):
                inside = self(array).inside(ATOM)
                return Written(f"{inside.text}^T", rf"{{{inside.latex}}}^{{\mathsf T}}")
            case MatrixProduct(a, b):
                left, right = self(a).inside(POWER), self(b).inside(POWER)
                return Written(f"{left.text} {right.text}", rf"{left.latex} \, {right.latex}", PRODUCT)
        return super()._atom(atom)

    def _applied(self, op: Op, args: Sequence[Written], is_prime: bool = False) -> Written:
        if op is TABLE["sigmoid"]:
            prime = "'" * is_prime
            return call(Written(SIGMA.text + prime, SIGMA.latex + prime), args)
        return super()._applied(op, args, is_prime)


written = ArrayWriter(None, has_shares=False)


def name_written(name: Name) -> Written:
    """The name of an array, z1, delta2 or dW1, as text and as LaTeX."""
    return Written(f"{name.letter}{name.number}", f"{LETTERS.get(name.letter, name.letter)}^{{{name.number}}}")


def _listed(rows: Sequence[Sequence[Written]]) -> Written:
    """The elements of an array; of many rows, and of long ones, the first few and the last."""
    text = _joined([_joined([element.text for element in row], ", ", "...") for row in rows], "; ", "...")
    latex = _joined([_joined([e.latex for e in row], ", ", r"\ldots") for row in rows], r";\; ", r"\ldots")
    return Written(f"({text})", rf"\left({latex}\right)")


def _joined(parts: Sequence[str], between: str, dots: str) -> str:
    return between.join(parts if len(parts) <= MOST_ELEMENTS else [*parts[: MOST_ELEMENTS - 2], dots, parts[-1]])
