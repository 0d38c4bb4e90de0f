"""Equal steps are one step; x + y equals y + x."""

from __future__ import annotations

from ...ops import TABLE
from ..ir.program import Builder, Step

__all__ = ["share_equal"]


COMMUTATIVE = frozenset({TABLE["add"], TABLE["mul"]})


def share_equal(builder: Builder, node: Step) -> int | None:
    """A step that is there already, its inputs the other way round; in the same order a builder finds it itself."""
    return builder.position.get((node.op, node.args[::-1])) if node.op in COMMUTATIVE else None
