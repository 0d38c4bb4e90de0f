"""A span in machine code: run once, or for one block of points after the other, several blocks at a time in threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from ...plan import Multiplication
from ...runtime import memory
from ...runtime.forking import in_child
from .table import Memory, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...plan.layout import Place

__all__ = ["NativeSpan"]

BLOCKS, SMALLEST_BLOCK, WORTH_A_BLOCK = 64, 256, 500_000
"""The most blocks of a batch, each with partial sums of its own; the least points in one; and the least steps times
points in one, which take some hundred microseconds, so that starting a block costs nothing beside them (row "two
threads" of ``python -m benchmarks compiled``)."""
MOST_POINTS = 4096
"""Points of a block in which matrices are multiplied, whose tensors are in memory for all of them. A network of layers
64, 64, 10 on 100,000 points takes a fifth longer with 256 or 16,384."""
MOST_MEMORIES = 4
"""Lengths of a batch for which memory is kept: minibatches have two, as the last one may be shorter."""


class NativeSpan:
    """A span with the table of its arguments, for calls with these arrays; `check` is the place of a number that has to
    be finite."""

    def __init__(self, table: Table, given: Sequence[Any], check: Place | None) -> None:
        table.settle(given)
        self.table, self._check = table, check
        span, number = table.span, {array: k for k, array in enumerate(given)}
        self._steps = sum([len(loop.steps) for loop in span.loops()])
        self._multiplies = any(isinstance(task, Multiplication) for task in span.tasks)
        self._sums = [(number[place.array], place.offset) for place in table.sums]
        self._memories: dict[tuple[int, ...], list[Memory]] = {}  # for so many points, of calls that are over

    def run(self, arrays: Sequence[Any], addresses: Any, lengths: Sequence[int], threads: int) -> bool:
        """The whole span, on arrays at these addresses; whether all that had to be finite was."""
        table, axis = self.table, self.table.span.axis
        addresses = addresses[table.which] + table.offsets
        if axis is None:
            own = self.take(lengths)
            is_right = own.run(addresses)
            self.give(own, lengths)
            return is_right
        n = lengths[axis]
        size = self._size(n)
        starts = range(0, n, size)
        totals = memory.zeros(len(starts) * len(self._sums) * table.width)
        totals = totals.reshape(len(starts), len(self._sums), table.width)
        todo = iter(list(enumerate(starts)))
        wrong: list[int] = []

        def work() -> object:
            for k, start in todo:
                here = *lengths[:axis], min(size, n - start), *lengths[axis + 1 :]
                own = self.take(here)
                own.numbers[table.totals] = totals.ctypes.data + k * totals.strides[0]
                if not own.run(addresses + start * table.steps):
                    wrong.append(k)
                self.give(own, here)
            return arrays  # they must be there as long as somebody works on them, even if the caller has given up

        in_threads(work, min(threads, len(starts)))
        for (k, offset), total in zip(self._sums, totals.sum(axis=2).sum(axis=0), strict=True):
            arrays[k][offset] = total
        return not wrong

    def _size(self, n: int) -> int:
        """The points of a block in a batch of `n`; independent of the number of threads, so that sums are too."""
        if self._multiplies:
            return MOST_POINTS
        size = max(SMALLEST_BLOCK, -(-n // BLOCKS), WORTH_A_BLOCK // (self._steps + 1))
        return size + -size % 8

    def take(self, lengths: Sequence[int]) -> Memory:
        """Memory for so many points, which nobody else has until it is given back: see `native.Native`."""
        try:
            own = self._free(lengths).pop()
        except IndexError:
            own = Memory(self.table, lengths, self._check)
        own.enter(lengths)
        return own

    def give(self, own: Memory, lengths: Sequence[int]) -> None:
        """Put it back."""
        self._free(lengths).append(own)

    def _free(self, lengths: Sequence[int]) -> list[Memory]:
        key = tuple(lengths) if self.table.depends_on_lengths else ()
        free = self._memories.get(key)
        if free is None:
            free = self._memories.setdefault(key, [])
        if len(self._memories) > 1:
            self._memories[key] = self._memories.pop(key, free)  # behind those that were used longer ago
            for oldest in list(self._memories)[:-MOST_MEMORIES]:
                self._memories.pop(oldest, None)
        return free


def in_threads(work: Callable[[], object], threads: int) -> None:
    """Run `work` in `threads` threads at once, and wait for all."""
    if threads > 1:
        for done in [pool(threads).submit(work) for _ in range(threads)]:
            done.result()
    else:
        work()


@lru_cache(maxsize=4)
def pool(threads: int) -> ThreadPoolExecutor:
    """A pool of `threads` threads, kept for later calls; a forked child makes its own."""
    return ThreadPoolExecutor(threads)


in_child(pool.cache_clear)
