"""A span in machine code: all at once, or block after block of points, several blocks in threads at a time."""

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
"""At most so many blocks of points, each with sums of its own; at least so many points in one, and steps, counted for
every point: some hundred microseconds, beside which starting a block is nothing (benchmark `compiled`: two threads)."""
MOST_POINTS = 4096
"""Of a block in which matrices are multiplied: all that is computed for its points is in memory."""
MOST_MEMORIES = 4
"""Numbers of points for which memory is kept ready."""


class NativeSpan:
    """A span with the table of its arguments, for calls with these arrays; `check` is the place of a number that has to
    be finite."""

    def __init__(self, table: Table, given: Sequence[Any], check: Place | None) -> None:
        table.settle(given)
        self.table, self._check = table, check
        span, number = table.span, {array: k for k, array in enumerate(given)}
        self._steps = sum([len(loop.steps) for loop in span.loops()])
        self._multiplies = any(isinstance(stage, Multiplication) for stage in span.stages)
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
        """The points of a block, of so many in all."""
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
    """Run `work` in so many threads at once, to its end."""
    if threads > 1:
        for done in [pool(threads).submit(work) for _ in range(threads)]:
            done.result()
    else:
        work()


@lru_cache(maxsize=4)
def pool(threads: int) -> ThreadPoolExecutor:
    """So many threads, kept ready; a forked child has none of them."""
    return ThreadPoolExecutor(threads)


in_child(pool.cache_clear)
