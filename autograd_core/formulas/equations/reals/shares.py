"""The elements of softmax as ops: exp(z) / Σ exp(z_k), of one z among all of them."""

from __future__ import annotations

import math

from ....domain import EXTENDED
from ....op import Op

__all__ = ["softmax"]


def _share(x: float, *xs: float) -> float:
    largest = max(xs)
    return math.exp(x - largest) / sum([math.exp(other - largest) for other in xs])


softmax = Op("softmax", _share, lambda g, z, x, *xs: [None] * (1 + len(xs)), EXTENDED)
"""The element of softmax(xs) that belongs to x, one of the xs."""
