"""Formulas: derivations of graphs, line by line, and the equations of the matrices in a program.

notation    how mathematics is written
algebra     expressions: sums of products, in normal form
derivation  the derivative of a graph, step by step: `derive`, `latex`
checking    a derivation that somebody has handed in: `check_derivation`
equations   the matrices found in a program, as a lecture writes them: (BP1) to (BP4)
"""

from __future__ import annotations

from ..jit.ir.program import Program
from .checking import check_derivation
from .derivation import derive, latex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .equations import Equations

__all__ = ["check_derivation", "derive", "latex"]


def _equations(self: Program) -> Equations:
    """The matrices that were found in the program, as equations in the lectures' notation: text, or ``.latex``.

    One sample gives (BP1) to (BP4), several give (1) to (6) with a column for each sample. The equations hold for real
    numbers, for the inputs that fit the program's guards; a condition for more than that stands in the last line.

    >>> from autograd_core import Value, dot, jit, sigmoid
    >>> W, b = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]], [Value(0.5), Value(0.6)]
    >>> layer = jit(lambda x: [sigmoid(dot(row, x) + b_j) for row, b_j in zip(W, b)])
    >>> layer.program([1.0, 2.0]).equations()
    z1 = W1 a0 + b1
    a1 = sigma(z1)
    """
    from .equations import equations

    return equations(self)


setattr(Program, "equations", _equations)  # noqa: B010  # the compiler knows programs, and no formulas
