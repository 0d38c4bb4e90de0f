"""Constant folding: a step of constants is a constant, computed as the eager engine computes it."""

from __future__ import annotations

from ...op import quiet
from ..ir.lane_ops import ENTERING, LEAVING
from ..ir.program import Builder, Constant, Step

__all__ = ["fold_constants"]


def fold_constants(builder: Builder, node: Step) -> int | None:
    """The position of the constant that a step of constants is, or None; lane ops are not folded."""
    data = []
    for a in node.args:
        x = builder.nodes[a]
        if not isinstance(x, Constant):
            return None
        data.append(x.value)
    if node.op in ENTERING | LEAVING:
        return None
    with quiet():
        return builder.constant(node.op.evaluate(tuple(data), data))
