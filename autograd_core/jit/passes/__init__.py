"""The passes: from program to program, each in a file of its own.

`PASSES` run in this order and once each: inputs come before their users, so one walk suffices.

A pass keeps every result, bit by bit but for the signs of nans. There are two exceptions: `join_lanes` adds the points
of a sum in another order, and `confine` puts the 0.0 of the eager engine where a trace has 0.0 times inf.

`lower`, which rewrites every op in primitives, is run by the backends that need it.
"""

from __future__ import annotations

from .checked import checked
from .confine import confine
from .decide_guards import decide_guards
from .drop_dead import drop_dead
from .fold_constants import fold_constants
from .join_lanes import join_lanes
from .rewriting import rewritten
from .share_equal import share_equal
from .use_identities import use_identities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ir.program import Program
    from .checked import Pass

__all__ = ["OF_ONE_STEP", "PASSES", "checked", "optimised"]


OF_ONE_STEP = (fold_constants, use_identities, share_equal)
"""Peephole rules, which see one step and its inputs; the first that applies is taken."""


def simplify(program: Program, lengths: Sequence[int]) -> Program:
    """Peephole optimisation: the rules `OF_ONE_STEP` in one walk."""
    return rewritten(program, *OF_ONE_STEP)


PASSES: tuple[Pass, ...] = (
    join_lanes,
    confine,
    simplify,
    decide_guards,
    drop_dead,
)
"""The passes in order; each takes a program and the numbers of points of its lane axes."""


def optimised(program: Program, lengths: Sequence[int] = ()) -> Program:
    """The program after all passes."""
    for run in PASSES:
        program = run(program, lengths)
    return program
