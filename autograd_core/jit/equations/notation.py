"""How the equations of matrices are written, as plain text and in LaTeX; functions as in all formulas."""

from __future__ import annotations

from ...notation.operations import applied, call, number, total
from ...notation.written import ATOM, POWER, PRODUCT, Written
from ...ops import TABLE
from .algebra import Expression, Factor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["factor_written", "written"]

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
    parts = [_written(factor) for factor in sorted(factors, key=lambda factor: factor.kind == "prime")]
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
    kind, parts = factor.kind, factor.parts
    if kind == "name":
        return factor_written(factor)
    if kind == "given":
        given: Written = parts[0]
        return given
    if kind == "array":
        return _array(*parts)
    if kind == "group":
        return written(parts[0])
    if kind in ("apply", "prime"):
        op, args = parts[0], [written(part) for part in parts[1:]]
        if op is TABLE["sigmoid"]:
            is_prime = "'" * (kind == "prime")
            return call(Written(SIGMA.text + is_prime, SIGMA.latex + is_prime), args)
        return applied(op, args, is_prime=kind == "prime")
    if kind == "total":
        inside = written(parts[0])
        return Written(f"sum({inside.text})", rf"\textstyle\sum {inside.inside(PRODUCT).latex}", PRODUCT)
    if kind == "outer":
        return _beside(written(parts[0]), _transposed(written(parts[1])))
    if kind == "inner":
        return _beside(_transposed(written(parts[0])), written(parts[1]))
    if kind == "matrix":
        return _beside(_array(*parts[0].parts), written(parts[1]))
    if kind == "times":
        (a, is_a_turned), (b, is_b_turned) = (part.parts for part in parts)
        return _beside(_array(a, is_a_turned), _array(b, not is_b_turned))
    if kind == "element":
        array, place = factor_written(parts[0]), ", ".join(map(str, parts[1:]))
        return Written(f"{array.text}[{place}]", f"{array.latex}_{{{place}}}")
    assert kind == "list", kind
    return _listed([[written(element) for element in row] for row in parts])


def _array(factor: Factor, is_transposed: bool) -> Written:
    array = _written(factor)
    return _transposed(array) if is_transposed else array


def _listed(rows: Sequence[Sequence[Written]]) -> Written:
    """The elements of an array; of many rows, and of long ones, the first few and the last."""
    text = _joined([_joined([element.text for element in row], ", ", "...") for row in rows], "; ", "...")
    latex = _joined([_joined([e.latex for e in row], ", ", r"\ldots") for row in rows], r";\; ", r"\ldots")
    return Written(f"({text})", rf"\left({latex}\right)")


def _joined(parts: Sequence[str], between: str, dots: str) -> str:
    return between.join(parts if len(parts) <= MOST_ELEMENTS else [*parts[: MOST_ELEMENTS - 2], dots, parts[-1]])


def factor_written(factor: Factor) -> Written:
    """A name: z1, delta2, dW1."""
    letter, layer = factor.parts
    return Written(f"{letter}{layer}", f"{LETTERS.get(letter, letter)}^{{{layer}}}")


def _beside(a: Written, b: Written) -> Written:
    """A product of matrices."""
    a, b = a.inside(POWER), b.inside(POWER)
    return Written(f"{a.text} {b.text}", rf"{a.latex} \, {b.latex}", PRODUCT)


def _transposed(a: Written) -> Written:
    a = a.inside(ATOM)
    return Written(f"{a.text}^T", rf"{{{a.latex}}}^{{\mathsf T}}")
