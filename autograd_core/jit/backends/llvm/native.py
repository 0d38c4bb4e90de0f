"""Native: the loaded kernel of a loop, with scratch memory for each concurrent call."""

from __future__ import annotations

import ctypes

import numpy as np

from ....op import Op
from ...passes.guards_as_outputs import GUARD
from ...runtime import memory
from .functions import address_of
from .instructions import function_of
from .kernel import Kernel
from .schedule import scheduled
from .target import code_of, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ...plan import Loop
    from ...plan.layout import View

__all__ = ["Native", "Slots"]


class Native:
    """The loaded kernel of a loop: its code, its table of functions, and a free list of scratch memory.

    A call pops scratch memory from ``free`` and appends it when it is over, each a single operation on a list. So
    neither another thread nor a call that interrupts this one, or that it makes, can use the same memory.
    """

    def __init__(self, loop: Loop, width: int, copies_out: bool) -> None:
        self.kernel = _kernel(loop, width, copies_out)
        self._engine = load(code_of(self.kernel.text))
        self.address = self._engine.get_function_address("run")
        self.run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self.address)
        self.functions = np.array([address_of(*key, width) for key in self.kernel.functions] or [0], np.uintp)
        self.functions_at = self.functions.ctypes.data
        self.free: list[tuple[Any, int, Any]] = []

    def new(self) -> tuple[Any, int, Any]:
        """New scratch memory: its slots with the constants, their address, and a view for single numbers."""
        constants = np.repeat(self.kernel.constants, self.kernel.width)
        slots = memory.zeros(self.kernel.slots * self.kernel.width)
        slots[: len(constants)] = constants
        return slots, slots.ctypes.data, memoryview(slots)


class Slots:
    """The slots of a kernel of single numbers: an `autograd_core.jit.backends.OnePoint`."""

    def __init__(self, loop: Loop, native: Native) -> None:
        kernel = native.kernel
        self.results = kernel.first_write
        reads = list(enumerate(loop.reads.values(), kernel.first_read))
        writes = list(enumerate([view for _, view in loop.writes], self.results))
        self.slot_of = {(view.array[1], view.offset): slot for slot, view in reads}
        self.guard = next((slot for slot, view in writes if view.array == ("sink", GUARD)), None)
        self.free, self.new, self.run, self.functions = native.free, native.new, native.run, native.functions_at
        self._reads, self._writes = by_array(reads), by_array(writes[: len(writes) - (self.guard is not None)])

    def call(self, sources: Sequence[Any], sinks: Sequence[Any]) -> bool:
        """Read and write arrays; whether the guards hold."""
        try:
            scratch = self.free.pop()
        except IndexError:
            scratch = self.new()
        slots, address, view = scratch
        for k, at, offsets in self._reads:
            slots[at] = sources[k][offsets]
        self.run(address, self.functions)
        holds = self.guard is None or view[self.guard] != 0.0
        for k, at, offsets in self._writes:
            sinks[k][offsets] = slots[at]
        self.free.append(scratch)
        return holds


def by_array(places: Iterable[tuple[int, View]]) -> list[tuple[int, Any, Any]]:
    """Of each array the slots and the offsets that belong together."""
    found: dict[int, list[tuple[int, int]]] = {}
    for slot, view in places:
        found.setdefault(view.array[1], []).append((slot, view.offset))
    return [(array, *np.array(pairs).T.copy()) for array, pairs in found.items()]


def _kernel(loop: Loop, width: int, copies_out: bool) -> Kernel:
    made = {i: k for k, (i, _, _) in enumerate(loop.steps)}
    functions = {op: function_of(op) for op in {op for _, op, _ in loop.steps}}
    order = scheduled(
        [OF_PYTHON if isinstance(f := functions[op], Op) else f.cycles for _, op, _ in loop.steps],
        [tuple([made[a] for a in args if a in made]) for _, _, args in loop.steps],
    )
    steps = [(loop.steps[k][0], functions[loop.steps[k][1]], loop.steps[k][2]) for k in order]
    writes, sums = [i for i, _ in loop.writes], [i for i, _ in loop.sums]
    return Kernel(steps, list(loop.reads), loop.constants, writes=writes, sums=sums, width=width, copies_out=copies_out)


OF_PYTHON = 25, 60  # cycles of an op that is called back: the default of `Primitive`, for functions never measured
