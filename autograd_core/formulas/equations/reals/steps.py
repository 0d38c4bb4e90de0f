"""Steps that are put together, for programs that are written anew."""

from __future__ import annotations

from functools import reduce

from ....jit.ir.program import Step
from ....ops import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ....jit.ir.program import Builder
    from ....op import Op

__all__ = ["chained", "times"]

MUL, NEG = TABLE["mul"], TABLE["neg"]


def chained(builder: Builder, op: Op, nodes: Iterable[int]) -> int:
    """The position of an op of two inputs applied to all nodes, from the first one on."""
    return reduce(lambda a, b: builder.add(Step(op, (a, b))), nodes)


def times(builder: Builder, number: float, x: int) -> int:
    """The position of node x times a number."""
    if number == 1.0:
        return x
    return builder.add(Step(NEG, (x,)) if number == -1.0 else Step(MUL, (builder.constant(number), x)))
