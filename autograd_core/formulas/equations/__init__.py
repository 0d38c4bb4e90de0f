"""Equations of the matrices in a program, in the lectures' notation: z = W a + b, δ = (Wᵀ δ) ⊙ σ'(z), ∂C/∂W = δ aᵀ.

reals          the program as mathematics reads it: gates, derivatives, sums over samples
arrays         its products and maps;  products: those with a single number
probabilities  the error p - y of a cross-entropy
inputs         the inputs as they were given: their order, rows and arguments
order          rows and columns of arrays in that order
naming         W, z, a and δ, by the structure of the program
orientation    which arrays are written transposed
right_sides    arrays in terms of others
definitions    the equations in their order
sample_mean    1/m at ∂C/∂W and ∂C/∂b
notation       expressions of arrays as text and as LaTeX
"""

from __future__ import annotations

from textwrap import wrap

from ..notation.rows import aligned, rows_of
from .arrays import arrays_of
from .definitions import Definitions
from .notation import name_written, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...jit.ir.program import Program
    from ...jit.plan.blocks import Block
    from ..algebra.expressions import Expression, Name

__all__ = ["Equation", "Equations", "equations"]

NOTHING, LINE = "no products of matrices were found", 60
"""Letters in a line of text in LaTeX; more are wider than a page."""


class Equation:
    """``name`` = ``expression``; ``tag`` is BP1 to BP4 where it is one of those, else empty."""

    def __init__(self, name: Name, expression: Expression, tag: str) -> None:
        self.name, self.expression, self.tag = name, expression, tag

    def __str__(self) -> str:
        text = f"{name_written(self.name).text} = {written(self.expression).text}"
        return f"{text:<47} ({self.tag})" if self.tag else text

    @property
    def rows(self) -> list[str]:
        """The rows for an ``align`` environment; the last one has the tag."""
        *rows, last = rows_of(name_written(self.name).latex, [f"= {written(self.expression).latex}"])
        tag = rf"\tag{{{self.tag}}}" if self.tag else r"\notag"
        return [*[rf"{row} \notag" for row in rows], f"{last} {tag}"]


class Equations:
    """The equations of a program, in the order of their computation. ``str`` gives text, ``latex`` LaTeX.

    ``condition`` says in words when they hold; empty if always.
    """

    def __init__(self, lines: Sequence[Equation], condition: str = "") -> None:
        self.lines, self.condition = list(lines), condition

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        if not self.lines:
            return NOTHING
        return "\n".join([*map(str, self.lines), *[self.condition] * bool(self.condition)])

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """The equations in ``align`` environments, and in words the condition."""
        if not self.lines:
            return rf"$\text{{{NOTHING}}}$"
        rest = [rf"&\text{{{part}}} \notag" for part in wrap(self.condition, LINE)]
        return aligned([*[line.rows for line in self.lines], rest], "align")

    def _repr_latex_(self) -> str:
        return self.latex


def equations(program: Program) -> Equations:
    """The equations of all matrices in a program, however small."""
    arrays = arrays_of(program)
    if arrays is None:
        return Equations([])
    found, targets = arrays
    needed: dict[Block, None] = {}
    while True:
        definitions = Definitions(found, targets, needed)
        lines = [Equation(*definition) for definition in definitions]
        if definitions.missing.keys() <= needed.keys():
            return Equations(lines, definitions.condition)
        needed |= definitions.missing
