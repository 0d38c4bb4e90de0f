"""What there is to do for a machine: products of matrices, loops over elements, and copies of single numbers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from ..ir.program import Program
    from .layout import Place, View

    Size: TypeAlias = int | tuple[str, int]
    """A number, or ("lanes", axis): as many as there are points."""
    Stage: TypeAlias = "Copy | Multiplication | Loop"

__all__ = ["Copy", "Loop", "Multiplication"]


class Copy:
    """Single numbers to other places, ``moves`` from and to, for each of `rows` points or once."""

    def __init__(self, rows: Size, moves: list[tuple[Place, Place]]) -> None:
        self.rows, self.moves = rows, moves

    @property
    def sources(self) -> Sequence[Place | View]:
        """Where it reads."""
        return [source for source, _ in self.moves]


class Multiplication:
    """into[i, j] = [base[i, j] +] sign times Σₖ left[i, k] right[k, j] for i, j, k below `sizes`.

    ``base``, which may be `into`, and ``times``, which is one number, may be missing.
    A machine wants vectors: ``by_columns`` says that all but left have the numbers of a row in one piece, ``by_rows``
    that left and right have those along k so; one of them should be.
    """

    def __init__(
        self,
        sign: float,
        views: tuple[View, View, View],
        sizes: tuple[Size, Size, Size],
        base: View | None = None,
        times: View | None = None,
    ) -> None:
        self.into, self.left, self.right = views
        self.sign, self.sizes, self.base, self.times = sign, sizes, base, times
        _, m, k = sizes
        along_j = [view.steps[1] for view in (self.right, self.into, base) if view is not None]
        self.by_columns = m == 1 or set(along_j) == {1}
        self.by_rows = k == 1 or self.left.steps[1] == self.right.steps[0] == 1

    @property
    def sources(self) -> Sequence[Place | View]:
        """Where it reads."""
        return [view for view in (self.left, self.right, self.base, self.times) if view is not None]


class Loop:
    """`program` along its lane axis 0, for `length` elements of each of `rows` rows.

    Input k of the program is read from ``reads[k]``, output k is written to ``writes[k]``; views of rows and elements.
    """

    def __init__(self, rows: Size, length: Size, program: Program, reads: list[View], writes: list[View]) -> None:
        self.rows, self.length, self.program, self.reads, self.writes = rows, length, program, reads, writes

    @property
    def sources(self) -> Sequence[Place | View]:
        """Where it reads."""
        return self.reads
