"""Parts of a program in machine code: the kernel of some of its nodes, loaded, with scratch memory for every thread."""

from __future__ import annotations

import ctypes
import threading

import numpy as np

from ...op import Op
from ..laneops import ENTERING, LEAVING, spread
from ..lower import FUNCTIONS, PRIMITIVES, SCIPY, is_own
from ..program import Constant, Program, Step
from .driver import driver
from .kernel import Kernel
from .machine import address_of, code_of, load
from .schedule import scheduled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Native", "Part", "function_of"]


class Native:
    """A kernel in memory: its code, its table of functions, and a scratch array for every thread."""

    def __init__(self, kernel: Kernel, is_loop: bool) -> None:
        self.kernel = kernel
        self._engine = load(code_of(kernel.text))
        self.address = self._engine.get_function_address("run")
        self.run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self.address)
        self.drive: Any = driver(kernel.width) if is_loop else None
        self.functions = np.array([address_of(*key, kernel.width) for key in kernel.functions] or [0], np.uintp)
        self.functions_at = self.functions.ctypes.data
        self._local = threading.local()

    def scratch(self) -> tuple[Any, int]:
        """This thread's slots, a row each, and their address, aligned as vectors must be."""
        try:
            found: tuple[Any, int] = self._local.scratch
        except AttributeError:
            width = self.kernel.width
            raw = np.zeros(self.kernel.slots * width + 8)
            start = -raw.ctypes.data % 64 // 8
            slots = raw[start : start + self.kernel.slots * width].reshape(-1, width)
            slots[: len(self.kernel.constants)] = np.array(self.kernel.constants).reshape(-1, 1)
            found = self._local.scratch = slots, slots.ctypes.data
        return found

    def flat_scratch(self) -> tuple[Any, int, Any]:
        """For a kernel of single numbers: this thread's slots, their address, and a view for one at a time."""
        try:
            found: tuple[Any, int, Any] = self._local.flat
        except AttributeError:
            slots, address = self.scratch()
            flat = slots.reshape(-1)
            found = self._local.flat = flat, address, memoryview(flat)
        return found

    def run_points(self, tables: Sequence[Any], totals: int, begin: int, end: int) -> None:
        """The points from `begin` to `end` of one row; the driver's reads, writes and sums, and the totals' address."""
        reads, writes, sums = tables
        arguments = np.array(
            [
                self.address, self.scratch()[1], self.functions_at, self.kernel.first_read,
                reads.ctypes.data, len(reads), writes.ctypes.data, len(writes), sums.ctypes.data, len(sums), totals,
                begin, end, 1,
            ],
            np.int64,
        )  # fmt: skip
        self.drive(arguments.ctypes.data)


class Part:
    """The kernel of some nodes of a program: what it ``reads`` and ``writes`` are nodes."""

    def __init__(
        self,
        program: Program,
        nodes: Sequence[int],
        wanted: Sequence[int],
        *,
        summed: Sequence[int] = (),
        width: int = 1,
        is_loop: bool = False,
    ) -> None:
        self.writes = list(wanted)
        alias = {i: n.args[0] for i in nodes if isinstance(n := program.nodes[i], Step) and n.op is spread}
        functions: dict[Op, str | Op] = {}
        steps: list[tuple[int, str | Op, Sequence[int]]] = []
        for i in nodes:
            node = program.nodes[i]
            if isinstance(node, Step) and node.op not in MOVING:
                if node.op not in functions:
                    functions[node.op] = function_of(node.op)
                args = tuple([alias.get(a, a) for a in node.args]) if alias else node.args
                steps.append((i, functions[node.op], args))
        made = {step[0]: k for k, step in enumerate(steps)}
        writes, sums = [alias.get(i, i) for i in wanted], [alias.get(i, i) for i in summed]
        outside = {a for _, _, args in steps for a in args if a not in made}
        outside.update(i for i in (*writes, *sums) if i not in made)
        constants = {i: node.value for i in sorted(outside) if isinstance(node := program.nodes[i], Constant)}
        self.reads = sorted(outside - constants.keys())
        order = scheduled(
            [function if isinstance(function, str) else "" for _, function, _ in steps],
            [tuple([made[a] for a in args if a in made]) for _, _, args in steps],
        )
        kernel = Kernel(
            [steps[k] for k in order], self.reads, constants, writes=writes, sums=sums, width=width, is_loop=is_loop
        )
        self.native = Native(kernel, is_loop)
        self._reads_at, self._writes_at = np.array(self.reads, int), np.array(self.writes, int)

    def run_once(self, frame: Any) -> None:
        """The kernel of single numbers: from the frame to the frame."""
        kernel = self.native.kernel
        slots, address = self.native.scratch()
        slots[kernel.first_read : kernel.first_read + len(self.reads), 0] = frame[self._reads_at]
        self.native.run(address, self.native.functions_at)
        frame[self._writes_at] = slots[kernel.first_write : kernel.first_write + len(self.writes), 0]


MOVING = ENTERING | LEAVING


def function_of(op: Op) -> str | Op:
    """What computes `op` in a kernel: a function known by name, or the op itself, called back in Python."""
    known = is_own(op) and (op.name in PRIMITIVES or op.name in FUNCTIONS or op.name in SCIPY)
    return op.name if known else op
