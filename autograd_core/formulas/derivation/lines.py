r"""The lines of a derivation, as plain text and as LaTeX.

    z = log(v2) = log(12) ≈ 2.48491
    z &= \ln\left(v_{2}\right) = \ln\left(12\right) \approx 2.48491

A notebook typesets the LaTeX.
"""

from __future__ import annotations

from ..notation.letters import in_text
from ..notation.rows import aligned, rows_of
from ..notation.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Derivation", "Line"]

SIGNS, LATEX_SIGNS = ("≈", "="), (r"\approx", "=")


class Line:
    """A line ``left`` = step = step = ..., in which every step is the same number, ``value``.

    A step is a pair: whether it equals exactly what stands in front of it (else ≈, as digits were cut), and how it is
    written. ``rules`` are the names of the rules of calculus that the line applies, if they are shown.
    """

    def __init__(
        self, left: Written, steps: Sequence[tuple[bool, Written]], value: float, rules: Sequence[str] = ()
    ) -> None:
        self.left, self.value, self.rules = left, value, tuple(rules)
        self.steps = [step for k, step in enumerate(steps) if not k or step[1].text != steps[k - 1][1].text]

    @property
    def text(self) -> str:
        """The line as plain text."""
        steps = "".join([f" {SIGNS[is_equal]} {step.text}" for is_equal, step in self.steps])
        return self.left.text + steps + (f"   ({', '.join(self.rules)})" if self.rules else "")

    @property
    def rows(self) -> list[str]:
        """The line for an ``align`` environment; a long one has a row for every step, or more."""
        steps = [f"{LATEX_SIGNS[is_equal]} {step.latex}" for is_equal, step in self.steps]
        rules = [rf"\quad \text{{({in_text(rule)})}}" for rule in [", ".join(self.rules)] if rule]
        return rows_of(self.left.latex, [*steps, *rules])

    @property
    def latex(self) -> str:
        """The rows of the line, one below the other."""
        return " \\\\\n".join(self.rows)

    def __repr__(self) -> str:
        return self.text


class Derivation:
    """The lines of a derivation. ``str`` gives plain text, ``latex`` ``align*`` environments, each for part of a page.

    ``needs`` are the names that the derivatives in one formula use, where there are any; x[i] stands for those of all
    samples.
    """

    def __init__(self, lines: Sequence[Line], needs: Sequence[str] = ()) -> None:
        self.lines = list(lines)
        self.needs = list(needs)

    @property
    def latex(self) -> str:
        """The lines in ``align*`` environments."""
        return aligned([line.rows for line in self.lines])

    def _repr_latex_(self) -> str:
        return self.latex

    def __repr__(self) -> str:
        return "\n".join([line.text for line in self.lines])
