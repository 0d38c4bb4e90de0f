"""What `jit` is asked for: compiled functions beside compiled peers.

Ours and the peers run on the same arrays of float64 in the same rounds, each in the way that is fastest for it; their
results are compared before they are timed. Where a row says "one core", all of them are bound to that one.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import batches, black_scholes, compile_time, memory, one_point
from .measure import Row, one_core


def rows() -> Iterator[Row]:
    """All rows."""
    with one_core():
        yield from batches.random_expressions()
        yield from black_scholes.rows()
        yield from one_point.rows()
        yield from compile_time.rows()
    yield from batches.two_threads()
    yield from memory.rows()
