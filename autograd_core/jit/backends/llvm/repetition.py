"""Repetition: a span run many times in one call of machine code, each time on the carry of the run before.

Between two runs the addresses in the span's table advance: see `sequence.repetition`.
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from ...passes.guards_as_outputs import GUARD, HOLDS
from ...plan.layout import POINTS
from ...runtime import memory
from ...runtime.row_batches import RowBatches, staying
from .ir_text import address
from .sequence import repetition, sequence, takes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .spans import NativeSpan

__all__ = ["Repetition"]


class Repetition:
    """A span that machine code repeats: an `autograd_core.jit.backends.Repeated`."""

    def __init__(self, span: NativeSpan, names: Sequence[Any]) -> None:
        self._span, self._names = span, names

    def run(
        self,
        count: int,
        arrays: tuple[Sequence[Any], Sequence[Any]],
        lengths: Sequence[int],
        *,
        there: int,
        back: set[int],
    ) -> bool:
        """Run the span `count` times; False if a guard failed or the check was not finite."""
        sources, sinks = arrays
        guards = memory.ones(count).reshape(count, 1)
        rows: dict[Any, Any] = {("sink", k): array for k, array in enumerate(sinks)}
        rows |= {("sink", GUARD): guards, ("sink", HOLDS): guards}
        rows[POINTS] = staying(np.arange(float(max(lengths, default=0))), count)
        takings = []
        for k, array in enumerate(sources):
            rows["source", k] = array
            if isinstance(array, RowBatches):
                room, size = memory.empty(array[0].size), array.array.strides[0]
                positions = array.positions
                addresses = positions.ctypes.data, positions[0].size, array.array.ctypes.data, size, room.ctypes.data
                takings.append(np.array(addresses, np.int64))
                rows["source", k] = staying(room, count)
        table, given = self._span.table, [rows[name] for name in self._names]
        is_carried = [name in {("source", there), *[("sink", k) for k in back]} for name in self._names]
        steps = np.array([array.strides[0] for array in given], np.int64)
        starts = np.array([array.ctypes.data for array in given], np.int64)
        turned = [is_one and name[0] == "sink" for is_one, name in zip(is_carried, self._names, strict=True)]
        starts, steps = np.where(turned, starts + steps, starts), np.where(turned, -steps, steps)
        own = self._span.take(lengths)
        own.numbers[table.at] = starts[table.which] + table.offsets
        moved = np.stack([own.at + 8 * table.at, steps[table.which], np.array(is_carried)[table.which]], axis=1)
        moves = [[taking.ctypes.data, 8 * taking[1], 0] for taking in takings]  # to the next run's positions
        moves += moved[steps[table.which] != 0].tolist()
        calls = [[address(takes()), taking.ctypes.data] for taking in takings]
        calls.append([address(sequence()), own.at])
        one_run = np.array([len(calls), *chain(*calls)], np.int64)
        every_run = np.array([count, one_run.ctypes.data, len(moves), *chain(*moves)], np.int64)
        own.start(repetition(), every_run.ctypes.data)
        is_right = own.is_right()
        self._span.give(own, lengths)
        return is_right and bool(guards.all())
