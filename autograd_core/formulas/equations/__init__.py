"""Equations of the matrices in a program, in the lectures' notation: z = W a + b, δ = (Wᵀ δ) ⊙ σ'(z), ∂C/∂W = δ aᵀ.

inputs       the inputs as they were given: their order, rows and arguments
order        rows and columns of arrays in that order
naming       W, z, a and δ, by the structure of the program
orientation  which arrays are written transposed
primes       σ'(z) in place of what σ's rule computes
definitions  the right sides of the equations
notation     expressions of arrays as text and as LaTeX
"""

from __future__ import annotations

from textwrap import wrap

from ...jit.plan import ALL, find
from ..notation.rows import aligned, rows_of
from .definitions import Definitions
from .notation import name_written, written
from .order import put_in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...jit.ir.program import Program
    from ...jit.plan.blocks import Block
    from ..algebra.expressions import Expression, Name

__all__ = ["Equation", "Equations", "equations"]

NOTHING, MOST_NAMES, LINE = "no products of matrices were found", 10, 60
"""Names of steps that are listed, and letters in a line of text in LaTeX; more are wider than a page."""


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

    ``alone`` counts the steps that are in no array, ``others`` names the steps that equations refer to.
    """

    def __init__(self, lines: Sequence[Equation], alone: int, others: Sequence[str] = ()) -> None:
        self.lines, self.alone, self.others = list(lines), alone, others

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        if not self.lines:
            return NOTHING
        return "\n".join([*map(str, self.lines), *self._rest])

    __repr__ = __str__

    @property
    def _rest(self) -> list[str]:
        """The line about the steps that are in no array, if there are any."""
        names = self.others
        shown = ", ".join(names if len(names) <= MOST_NAMES else [*names[: MOST_NAMES - 1], "...", names[-1]])
        if not self.alone:
            return [f"with {shown} as in the program"] if names else []
        return [f"and {self.alone} single step{'s' * (self.alone != 1)}" + f", among them {shown}" * bool(names)]

    @property
    def latex(self) -> str:
        """The equations in ``align`` environments, and in words the steps that are in no array."""
        if not self.lines:
            return rf"$\text{{{NOTHING}}}$"
        rest = [rf"&\text{{{part}}} \notag" for rest in self._rest for part in wrap(rest, LINE)]
        return aligned([*[line.rows for line in self.lines], rest], "align")

    def _repr_latex_(self) -> str:
        return self.latex


def equations(program: Program) -> Equations:
    """The equations of all matrices in a program, however small."""
    found = find(program, ALL)
    if found is None:
        return Equations([], len(program.steps))
    put_in_order(found)
    needed: dict[Block, None] = {}
    while True:
        definitions = Definitions(found, needed)
        lines = [Equation(*definition) for definition in definitions]
        if definitions.missing.keys() <= needed.keys():
            return Equations(
                lines, len(found.alone) + definitions.single, [program.names[i] for i in definitions.steps]
            )
        needed |= definitions.missing
