"""Common subexpressions: equal steps are one step, and x + y equals y + x."""

from __future__ import annotations

from ...ops import TABLE
from ..ir.program import Builder, Step

__all__ = ["share_equal"]


COMMUTATIVE = frozenset({TABLE["add"], TABLE["mul"]})


def share_equal(builder: Builder, node: Step) -> int | None:
    """The position of an earlier step with the inputs swapped; one with the same inputs the builder finds itself."""
    return builder.position.get((node.op, node.args[::-1])) if node.op in COMMUTATIVE else None
