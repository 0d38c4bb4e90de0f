"""The lines of a derivation, and all of them together: as plain text, in LaTeX, in a notebook."""

from __future__ import annotations

from ..notation.rows import aligned, rows_of
from ..notation.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Derivation", "Line"]

SIGNS, LATEX_SIGNS = ("≈", "="), (r"\approx", "=")


class Line:
    """``left`` = step = step = ...: all of them the same number, ``value``.

    A step is how it is written, and whether that is just what is written in front of it; else it is so approximately,
    as digits were cut.
    """

    def __init__(self, left: Written, steps: Sequence[tuple[bool, Written]], value: float) -> None:
        self.left, self.value = left, value
        self.steps = [step for k, step in enumerate(steps) if not k or step[1].text != steps[k - 1][1].text]

    @property
    def text(self) -> str:
        """The line as plain text."""
        return self.left.text + "".join([f" {SIGNS[is_equal]} {step.text}" for is_equal, step in self.steps])

    @property
    def rows(self) -> list[str]:
        """The line for an ``align`` environment; a long one has a row for every step, or more."""
        return rows_of(self.left.latex, [f"{LATEX_SIGNS[is_equal]} {step.latex}" for is_equal, step in self.steps])

    @property
    def latex(self) -> str:
        """The rows, one below the other."""
        return " \\\\\n".join(self.rows)

    def __repr__(self) -> str:
        return self.text


class Derivation:
    """The lines of a derivation. ``str`` gives plain text, ``latex`` ``align*`` environments, each for part of a page.

    ``needs`` are the quantities that the whole derivative in one formula is made of, if the last line is that; x[i] are
    those of all samples.
    """

    def __init__(self, lines: Sequence[Line], needs: Sequence[str] = ()) -> None:
        self.lines = list(lines)
        self.needs = list(needs)

    @property
    def latex(self) -> str:
        """All lines in LaTeX."""
        return aligned([line.rows for line in self.lines])

    def _repr_latex_(self) -> str:
        return self.latex

    def __repr__(self) -> str:
        return "\n".join([line.text for line in self.lines])
