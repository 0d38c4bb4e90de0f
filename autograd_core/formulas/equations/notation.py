"""How the equations of matrices are written, as plain text and in LaTeX; functions as in all formulas."""

from __future__ import annotations

from ...ops import TABLE
from ..notation.operations import applied, call, number, total
from ..notation.written import ATOM, POWER, PRODUCT, Written
from .factors import (
    Applied,
    Element,
    Given,
    Group,
    Listed,
    Name,
    Prime,
    Times,
    Total,
    Transposed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op
    from .algebra import Expression
    from .factors import Factor

__all__ = ["name_written", "written"]

LETTERS = {"delta": r"\delta", "dW": r"\partial C / \partial W", "db": r"\partial C / \partial b"}
MOST_ELEMENTS = 6
SIGMA = Written("sigma", r"\sigma")


def written(expression: Expression) -> Written:
    """A sum, without zeros that loops have begun with."""
    terms = {factors: x for factors, x in expression.terms.items() if x}
    if not terms and () in expression.terms:
        return number(expression.terms[()])  # it may be -0
    return total([(-1.0 if x < 0.0 else 1.0, _term(factors, abs(x))) for factors, x in terms.items()])


def _term(factors: Sequence[Factor], x: float) -> Written:
    """A product, element by element; derivatives come last, as in the lectures."""
    parts = [_written(factor) for factor in sorted(factors, key=lambda factor: isinstance(factor, Prime))]
    if not parts:
        return number(x)
    if x == 1.0 and len(parts) == 1:
        return parts[0]
    inside = [part.inside(POWER) for part in parts]
    text, latex = " * ".join([part.text for part in inside]), r" \odot ".join([part.latex for part in inside])
    if x != 1.0:
        size = number(x)
        text, latex = f"{size.text} * {text}", rf"{size.latex} \, {latex}"
    return Written(text, latex, PRODUCT)


def _written(factor: Factor) -> Written:
    """A single factor."""
    match factor:
        case Name():
            return name_written(factor)
        case Given(name):
            return name
        case Element(array, place):
            name, index = name_written(array), ", ".join(map(str, place))
            return Written(f"{name.text}[{index}]", f"{name.latex}_{{{index}}}")
        case Listed(rows):
            return _listed([[written(element) for element in row] for row in rows])
        case Group(whole):
            return written(whole)
        case Applied(op, operands):
            return _call(op, [written(operand) for operand in operands])
        case Prime(op, x):
            return _call(op, [written(x)], is_prime=True)
        case Total(array):
            inside = written(array)
            return Written(f"sum({inside.text})", rf"\textstyle\sum {inside.inside(PRODUCT).latex}", PRODUCT)
        case Transposed(array):
            return _transposed(written(array))
        case Times(a, b):
            return _beside(written(a), written(b))
    raise AssertionError(factor)


def _call(op: Op, args: Sequence[Written], is_prime: bool = False) -> Written:
    """As in all formulas, but σ is σ as text too."""
    if op is TABLE["sigmoid"]:
        prime = "'" * is_prime
        return call(Written(SIGMA.text + prime, SIGMA.latex + prime), args)
    return applied(op, args, is_prime=is_prime)


def _listed(rows: Sequence[Sequence[Written]]) -> Written:
    """The elements of an array; of many rows, and of long ones, the first few and the last."""
    text = _joined([_joined([element.text for element in row], ", ", "...") for row in rows], "; ", "...")
    latex = _joined([_joined([e.latex for e in row], ", ", r"\ldots") for row in rows], r";\; ", r"\ldots")
    return Written(f"({text})", rf"\left({latex}\right)")


def _joined(parts: Sequence[str], between: str, dots: str) -> str:
    return between.join(parts if len(parts) <= MOST_ELEMENTS else [*parts[: MOST_ELEMENTS - 2], dots, parts[-1]])


def name_written(name: Name) -> Written:
    """A name: z1, delta2, dW1."""
    return Written(f"{name.letter}{name.number}", f"{LETTERS.get(name.letter, name.letter)}^{{{name.number}}}")


def _beside(a: Written, b: Written) -> Written:
    """A product of matrices."""
    a, b = a.inside(POWER), b.inside(POWER)
    return Written(f"{a.text} {b.text}", rf"{a.latex} \, {b.latex}", PRODUCT)


def _transposed(a: Written) -> Written:
    a = a.inside(ATOM)
    return Written(f"{a.text}^T", rf"{{{a.latex}}}^{{\mathsf T}}")
