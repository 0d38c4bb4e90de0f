"""The equations of what was found, in the lectures' notation: z = W a + b, δ = (Wᵀ δ) ⊙ σ'(z), ∂C/∂W = δ aᵀ."""

from __future__ import annotations

from .algebra import Expression, Factor
from .find import ALL, find
from .naming import Namer
from .notation import LATEX, TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..program import Program

__all__ = ["Equation", "Equations", "equations"]


class Equation:
    """``name`` = ``expression``; ``tag`` is BP1 to BP4 where it is one of those, else empty."""

    def __init__(self, name: Factor, expression: Expression, tag: str) -> None:
        self.name, self.expression, self.tag = name, expression, tag

    def __str__(self) -> str:
        text = f"{TEXT.factor(self.name)} = {TEXT.expression(self.expression)}"
        return f"{text:<47} ({self.tag})" if self.tag else text

    @property
    def latex(self) -> str:
        """As a line of an ``align`` environment."""
        tag = rf" \tag{{{self.tag}}}" if self.tag else r" \notag"
        return rf"{LATEX.factor(self.name)} &= {LATEX.expression(self.expression)}{tag} \\"


class Equations:
    """All equations of a program, in the order of their computation. ``str`` gives text, ``latex`` LaTeX."""

    def __init__(self, lines: Sequence[Equation], alone: int) -> None:
        self.lines, self.alone = list(lines), alone

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        if not self.lines:
            return "no products of matrices were found"
        rest = f"and {self.alone} single step{'s' * (self.alone != 1)}" if self.alone else ""
        return "\n".join([*map(str, self.lines), *[rest] * bool(rest)])

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """An ``align`` environment."""
        return "\n".join([r"\begin{align}", *[line.latex for line in self.lines], r"\end{align}"])

    def _repr_latex_(self) -> str:
        return self.latex


def equations(program: Program) -> Equations:
    """What was found in a program, all matrices however small."""
    found = find(program, ALL)
    if found is None:
        return Equations([], len(program.steps))
    return Equations([Equation(*definition) for definition in Namer(found).definitions()], len(found.alone))
