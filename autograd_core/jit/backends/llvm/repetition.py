"""A span again and again, each time on what the time before has left, in one piece of machine code: see `sequence`."""

from __future__ import annotations

import numpy as np

from ...passes.guards_as_outputs import GUARD, HOLDS
from ...plan.layout import POINTS
from ...runtime import memory
from ...runtime.row_batches import Taken, staying
from .ir_text import address
from .sequence import repetition, sequence, takes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .spans import NativeSpan

__all__ = ["Repetition"]


class Repetition:
    """An executable of one span: see `autograd_core.jit.backends.Repeated`."""

    def __init__(self, span: NativeSpan) -> None:
        self._span = span

    def run(
        self,
        count: int,
        arrays: tuple[Sequence[Any], Sequence[Any]],
        lengths: Sequence[int],
        *,
        there: int,
        back: set[int],
    ) -> bool:
        """So many runs."""
        sources, sinks = arrays
        guards = memory.ones(count).reshape(count, 1)
        rows: dict[Any, Any] = {("sink", k): array for k, array in enumerate(sinks)}
        rows |= {("sink", GUARD): guards, ("sink", HOLDS): guards}
        rows[POINTS] = staying(np.arange(float(max(lengths, default=0))), count)
        takings = []
        for k, array in enumerate(sources):
            rows["source", k] = array
            if isinstance(array, Taken):
                room, size = memory.empty(array[0].size), array.array.strides[0]
                positions = array.positions
                addresses = positions.ctypes.data, positions[0].size, array.array.ctypes.data, size, room.ctypes.data
                takings.append(np.array(addresses, np.int64))
                rows["source", k] = staying(room, count)
        carried = {("source", there), *[("sink", k) for k in back]}
        with self._span.memory(lengths) as own:
            calls = [(address(takes()), taking.ctypes.data) for taking in takings]
            calls.append((address(sequence()), own.at))
            one_run = np.array([len(calls), *[number for call in calls for number in call]], np.int64)
            moves = [np.array([taking.ctypes.data, 8 * taking[1], 0]) for taking in takings]  # to the next positions
            for name, use in own.given:
                start, step = rows[name].ctypes.data, rows[name].strides[0]
                if name in carried and name[0] == "sink":
                    start, step = start + step, -step
                own.numbers[use.at] = use.offsets + start
                if step:
                    entries = np.empty((len(use.at), 3), np.int64)
                    entries[:] = 0, step, name in carried
                    entries[:, 0] = own.at + 8 * use.at
                    moves.append(entries.reshape(-1))
            table = np.concatenate([[count, one_run.ctypes.data, sum(map(len, moves)) // 3], *moves]).astype(np.int64)
            own.start(repetition(), table.ctypes.data)
            is_right = own.is_right()
        return is_right and bool(guards.all())
