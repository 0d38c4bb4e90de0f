"""The passes: from program to program, each in a file of its own.

`PASSES` is what runs, in this order and once each: inputs come before their users, so one walk sees all. They leave
every result as it is, bit by bit (but for the signs of nans); `join_lanes` alone adds in another order.

`lower` comes when a backend asks for it: it puts every op in terms of what machines have.
"""

from __future__ import annotations

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
    from collections.abc import Callable, Sequence

    from ..ir.program import Program

__all__ = ["OF_ONE_STEP", "PASSES", "optimised"]


OF_ONE_STEP = (fold_constants, use_identities, share_equal)
"""Rules that need to see one step and its inputs; the first that has something to say is followed."""


def simplify(program: Program, lengths: Sequence[int]) -> Program:
    """All of `OF_ONE_STEP` in one walk."""
    return rewritten(program, *OF_ONE_STEP)


PASSES: tuple[Callable[[Program, Sequence[int]], Program], ...] = (
    join_lanes,
    confine,
    simplify,
    decide_guards,
    drop_dead,
)
"""Each takes a program and the numbers of points of its lane axes."""


def optimised(program: Program, lengths: Sequence[int] = ()) -> Program:
    """The program after all passes."""
    for run in PASSES:
        program = run(program, lengths)
    return program
