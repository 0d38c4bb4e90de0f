"""How the equations of matrices look, as plain text and in LaTeX."""

from __future__ import annotations

from .algebra import Expression, Factor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["LATEX", "TEXT"]


class _Text:
    """How expressions look as plain text."""

    times, space = " * ", " "

    def expression(self, expression: Expression) -> str:
        """A sum."""
        if not expression.terms:
            return "0"
        parts: list[str] = []
        for factors, number in expression.terms.items():
            sign = " - " if number < 0.0 else " + "
            parts += [sign if parts else "-" if number < 0.0 else "", self.term(factors, abs(number))]
        return "".join(parts)

    def term(self, factors: Sequence[Factor], number: float) -> str:
        """A product."""
        texts = [self.factor(factor, is_alone=len(factors) == 1) for factor in sorted(factors, key=_place)]
        if number != 1.0 or not texts:
            texts.insert(0, f"{number:g}")
        return self.times.join(texts)

    def factor(self, factor: Factor, is_alone: bool = True) -> str:
        """One of them; what is not alone may need parentheses."""
        kind, parts = factor.kind, factor.parts
        if kind == "name":
            return self.name(*parts)
        if kind == "group":
            return self.parentheses(self.expression(parts[0]))
        if kind in ("apply", "prime"):
            arguments = ", ".join(map(self.expression, parts[1:]))
            return self.function(parts[0], kind == "prime") + self.parentheses(arguments)
        if kind == "total":
            return self.total(self.expression(parts[0]))
        if kind == "outer":
            text = f"{self._vector(parts[0])}{self.space}{self.transposed(self._vector(parts[1]))}"
        else:
            letter, number, is_transposed, vector = parts
            name = self.name(letter, number)
            text = f"{self.transposed(name) if is_transposed else name}{self.space}{self._vector(vector)}"
        return text if is_alone else self.parentheses(text)

    def _vector(self, vector: Expression) -> str:
        text = self.expression(vector)
        factors = next(iter(vector.terms), ())
        return text if len(vector.terms) == 1 and len(factors) == 1 and factors[0].kind == "name" else f"({text})"

    def name(self, letter: str, number: Any) -> str:
        """z1, delta2, dW1."""
        return f"{letter}{number}"

    def function(self, name: str, is_derivative: bool) -> str:
        """sigma, sigma'."""
        return {"σ": "sigma"}.get(name, name) + "'" * is_derivative

    def parentheses(self, text: str) -> str:
        """Around."""
        return f"({text})"

    def transposed(self, text: str) -> str:
        """Wᵀ."""
        return f"{text}^T"

    def total(self, text: str) -> str:
        """The sum over the samples."""
        return f"sum({text})"


class _Latex(_Text):
    """How they look in LaTeX."""

    times, space = r" \odot ", r" \, "
    letters = {"delta": r"\delta", "dW": r"\partial C / \partial W", "db": r"\partial C / \partial b"}  # noqa: RUF012

    def name(self, letter: str, number: Any) -> str:
        text = self.letters.get(letter, letter if len(letter) == 1 else rf"\mathrm{{{letter}}}")
        return text if number == "" else f"{text}^{{{number}}}"

    def function(self, name: str, is_derivative: bool) -> str:
        text = {"σ": r"\sigma"}.get(name, rf"\operatorname{{{name}}}")
        return text + "'" * is_derivative

    def transposed(self, text: str) -> str:
        return rf"{{{text}}}^{{\mathsf T}}"

    def total(self, text: str) -> str:
        return rf"\textstyle\sum {text}"

    def parentheses(self, text: str) -> str:
        return rf"\left({text}\right)"


def _place(factor: Factor) -> int:
    """Derivatives come last, as in the lectures."""
    return 1 if factor.kind == "prime" else 0


TEXT, LATEX = _Text(), _Latex()
