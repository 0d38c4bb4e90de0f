"""Whether an operation costs the same in a graph of a million as in one of ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SMALL, LARGE = 10**4, 10**6


def chain(size: int) -> Callable[[], Any]:
    """Record and differentiate z ← z·0.999 + x, `size` operations in all."""
    from autograd_core import Value

    def work() -> Any:
        x = Value(0.5)
        z = x
        for _ in range(size // 2):
            z = z * 0.999 + x
        z.backward()
        return z

    return work
