"""Memory that machine code writes to: all of it is allocated here, and each block belongs to one call at a time."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["empty", "fresh_sinks", "ones", "zeros"]

LARGE, HUGE = 1 << 15, 1 << 19  # elements: 256 KB, 4 MB
ALIGNED = 8  # elements: 64 bytes, the longest vector


def empty(size: int) -> Any:
    """An uninitialised array of `size` float64."""
    return np.empty(size)


def ones(size: int) -> Any:
    """An array of `size` ones, which failing guards turn into zeros."""
    found = empty(size)
    found.fill(1.0)
    return found


def zeros(size: int) -> Any:
    """An array of `size` zeros, aligned for vectors."""
    raw = np.zeros(size + ALIGNED)
    start = -raw.ctypes.data % (8 * ALIGNED) // 8
    return raw[start : start + size]


def fresh_sinks(sizes: Sequence[int]) -> list[Any]:
    """Uninitialised arrays for the results of a call; large ones are parts of one block.

    The operating system hands out memory page by page, at a microsecond each, unless a block is large enough for huge
    pages, for which NumPy asks from 4 MB on (`HUGE`)."""
    if sum(sizes) < LARGE:
        return list(map(empty, sizes))
    block = empty(max(sum(sizes) + ALIGNED * len(sizes), HUGE))
    found, start = [], 0
    for size in sizes:
        found.append(block[start : start + size])
        start += size + -size % ALIGNED
    return found
