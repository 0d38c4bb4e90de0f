"""Loops over the points of a lane axis: the driver's tables, blocks of points, threads, sums."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np

from ...ir.lane_ops import collect, lane_index
from ...ir.program import Input, Program, Step
from ...plan.loops import Loop
from ...runtime import memory
from ...runtime.forking import in_child
from .native import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["Call", "NativeLoop", "in_threads"]

BLOCKS = 64  # at most so many blocks of points, each with sums of its own
SMALLEST_BLOCK = 256
WORTH_A_BLOCK = 500_000  # steps of one point: some hundred microseconds


class NativeLoop:
    """One `Loop` of a program in machine code."""

    def __init__(self, program: Program, loop: Loop, width: int) -> None:
        wanted = [program.outputs[k].node for k in loop.outputs] + loop.kept
        summed = [program.nodes[i].args[0] for i in loop.sums]  # type: ignore[union-attr]  # they are steps
        self.loop = loop
        self.part = Part(program, loop.nodes, wanted, summed=summed, width=width, is_loop=True)
        self.outputs = [program.outputs[k] for k in loop.outputs]
        self._reads = Reads(program, self.part.reads)
        self._sums = np.array(loop.sums, int)

    def run(self, call: Call) -> None:
        """All points of a lane axis, block by block."""
        loop, native = self.loop, self.part.native
        kernel = native.kernel
        n = call.lengths[loop.axis]
        call.kept.update({i: memory.empty(n) for i in loop.kept})
        writes = [(call.sinks[out.sink].ctypes.data + 8 * out.offset, 0, 8 * out.stride) for out in self.outputs]
        writes += [(call.kept[i].ctypes.data, 0, 8) for i in loop.kept]
        size = max(SMALLEST_BLOCK, -(-n // BLOCKS), WORTH_A_BLOCK // (len(kernel.steps) + 1))
        size += -size % 8
        blocks = [(start, min(start + size, n)) for start in range(0, n, size)]
        totals = memory.zeros(len(blocks) * len(loop.sums) * kernel.width)
        totals = totals.reshape(len(blocks), len(loop.sums), kernel.width)
        tables = (
            self._reads.table(call, n),
            np.array([(*w, slot) for w, slot in zip(writes, kernel.write_slots, strict=True)], np.int64).reshape(-1, 4),
            kernel.sum_slots,
        )
        todo = iter(list(enumerate(blocks)))

        def work() -> Call:
            for k, (begin, end) in todo:
                native.run_points(tables, totals.ctypes.data + k * totals.strides[0], begin, end)
            return call  # its arrays must be there as long as somebody works on them, even if the caller has given up

        in_threads(work, min(call.threads, len(blocks)))
        if loop.sums:
            call.frame[self._sums] = totals.sum(axis=2).sum(axis=0)


class Reads:
    """Where each read of a loop lies: in which array, how far in, and how many bytes on for the next point; 0 if it is
    one number. A network reads thousands, so what is known beforehand is kept as arrays."""

    def __init__(self, program: Program, reads: Sequence[int]) -> None:
        places = [self._place(i, program.nodes[i]) for i in reads]
        self.arrays = sorted({array for array, _, _ in places})
        self._collected = {
            COLLECTED - i: np.array(node.args[:-1], int)
            for i, node in ((i, program.nodes[i]) for i in reads)
            if isinstance(node, Step) and node.op is collect
        }
        self._which = np.array([self.arrays.index(array) for array, _, _ in places], int)
        self._table = np.array([(offset, 0, step) for _, offset, step in places], np.int64).reshape(-1, 3)

    @staticmethod
    def _place(i: int, node: Any) -> tuple[int, int, int]:
        if isinstance(node, Input) and node.axis is not None:
            return node.source, 8 * node.offset, 8 * node.stride
        if isinstance(node, Step) and node.op is lane_index:
            return THE_POINTS, 0, 8
        if isinstance(node, Step) and node.op is collect:
            return COLLECTED - i, 0, 8
        return THE_FRAME, 8 * i, 0

    def table(self, call: Call, n: int) -> Any:
        """Address and step of each read of a call with `n` points."""
        for array, nodes in self._collected.items():
            call.collected[array] = call.frame[nodes]
        addresses = np.array([call.address_of(array, n) for array in self.arrays], np.int64)
        table = self._table.copy()
        table[:, 0] += addresses[self._which]
        return table


THE_FRAME, THE_POINTS, COLLECTED = -1, -2, -3
"""Arrays that are no sources; what node i collects is array COLLECTED - i."""


class Call:
    """What belongs to one call: its arrays, and what its kernels hand on to each other."""

    frame: Any  # one place a node, for what is one number
    points: Any  # 0.0, 1.0, ...: the numbers of the points, where a program asks for them

    def __init__(self, sources: Sequence[Any], sinks: Sequence[Any], lengths: Sequence[int], threads: int) -> None:
        self.sources, self.sinks, self.lengths, self.threads = sources, sinks, lengths, threads
        self.kept: dict[int, Any] = {}
        self.collected: dict[int, Any] = {}

    def address_of(self, array: int, n: int) -> int:
        """Where a source, the frame or the numbers of `n` points lie."""
        if array == THE_POINTS:
            self.points = np.arange(float(n))
            return int(self.points.ctypes.data)
        if array in self.collected:
            return int(self.collected[array].ctypes.data)
        return int((self.frame if array == THE_FRAME else self.sources[array]).ctypes.data)


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
