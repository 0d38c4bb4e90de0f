"""A span in machine code: all at once, or block after block of points, several blocks in threads at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache

from ...plan import Multiplication
from ...runtime import memory
from ...runtime.forking import in_child
from .table import TOTALS, Memory, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from ...plan.layout import Place
    from ...plan.work import Span

__all__ = ["NativeSpan"]

BLOCKS, SMALLEST_BLOCK, WORTH_A_BLOCK = 64, 256, 500_000
"""At most so many blocks of points, each with sums of its own; at least so many points in one, and steps, counted for
every point: some hundred microseconds, beside which starting a block is nothing (benchmark `compiled`: two threads)."""
MOST_POINTS = 4096
"""Of a block in which matrices are multiplied: all that is computed for its points is in memory."""
MOST_MEMORIES = 4
"""Numbers of points for which memory is kept ready."""


class NativeSpan:
    """A span with the table of its arguments; `check` is the place of a number that has to be finite."""

    def __init__(self, span: Span, table: Table, check: Place | None) -> None:
        self.axis, self.table, self._check = span.axis, table, check
        self._steps = sum([len(loop.steps) for loop in span.loops()])
        self._multiplies = any(isinstance(stage, Multiplication) for stage in span.stages)
        self.sums = [place for loop in span.loops() for _, place in loop.sums]
        self._memories: dict[tuple[int, ...], list[Memory]] = {}  # for so many points, of calls that are over

    def run(self, arrays: Mapping[Any, Any], lengths: Sequence[int], threads: int) -> bool:
        """The whole span, on arrays by their names; whether all that had to be finite was."""
        addresses = {name: array.ctypes.data for name, array in arrays.items() if name in self.table.uses}
        if self.axis is None:
            return self._run(lengths, addresses, 0)
        axis, n = self.axis, lengths[self.axis]
        size = self._size(n)
        starts = range(0, n, size)
        totals = memory.zeros(len(starts) * len(self.sums) * self.table.width)
        totals = totals.reshape(len(starts), len(self.sums), self.table.width)
        todo = iter(list(enumerate(starts)))
        wrong: list[int] = []

        def work() -> object:
            for k, start in todo:
                own = {**addresses, TOTALS: totals.ctypes.data + k * totals.strides[0]}
                here = *lengths[:axis], min(size, n - start), *lengths[axis + 1 :]
                if not self._run(here, own, start):
                    wrong.append(k)
            return arrays  # they must be there as long as somebody works on them, even if the caller has given up

        in_threads(work, min(threads, len(starts)))
        for place, total in zip(self.sums, totals.sum(axis=2).sum(axis=0), strict=True):
            arrays[place.array][place.offset] = total
        return not wrong

    def _size(self, n: int) -> int:
        """The points of a block, of so many in all."""
        if self._multiplies:
            return MOST_POINTS
        size = max(SMALLEST_BLOCK, -(-n // BLOCKS), WORTH_A_BLOCK // (self._steps + 1))
        return size + -size % 8

    def _run(self, lengths: Sequence[int], addresses: Mapping[Any, int], start: int) -> bool:
        with self.memory(lengths) as own:
            return own.run(addresses, start)

    @contextmanager
    def memory(self, lengths: Sequence[int]) -> Iterator[Memory]:
        """Memory for so many points, which nobody else has meanwhile: see `native.Native`."""
        free = self._free(tuple(lengths) if self.table.depends_on_lengths else ())
        try:
            own = free.pop()
        except IndexError:
            own = Memory(self.table, lengths, self._check)
        own.enter(lengths)
        yield own
        free.append(own)

    def _free(self, lengths: tuple[int, ...]) -> list[Memory]:
        free = self._memories.get(lengths)
        if free is None:
            free = self._memories.setdefault(lengths, [])
        if len(self._memories) > 1:
            self._memories[lengths] = self._memories.pop(lengths, free)  # behind those that were used longer ago
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
