"""The elements of softmax as steps: exp(z - ln Σ exp(z_k)), and the logarithm of the sum, one for all elements."""

from __future__ import annotations

import math

from ....domain import EXTENDED
from ....op import Op

__all__ = ["log_total", "softmax"]


def _log_total(*xs: float) -> float:
    largest = max(xs)
    return largest + math.log(sum([math.exp(x - largest) for x in xs]))


log_total = Op("log_total", _log_total, lambda g, z, *xs: [None] * len(xs), EXTENDED)
"""The logarithm of the sum of exponentials, of which equations do not speak."""
softmax = Op("softmax", lambda *xs: math.exp(xs[0] - xs[1]), lambda g, z, *xs: [None] * len(xs), EXTENDED)
"""The element of softmax(z) that belongs to its first input, one of z; the second is their `log_total`."""
