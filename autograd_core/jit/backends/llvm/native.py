"""Parts of a program in machine code: the kernel of some of its nodes, loaded, with scratch memory for every call."""

from __future__ import annotations

import ctypes

import numpy as np

from ....op import Op
from ...ir.lane_ops import ENTERING, LEAVING, spread
from ...ir.primitives import PRIMITIVES, Primitive
from ...ir.program import Constant, Program, Step
from ...runtime import memory
from .block_driver import driver
from .kernel import Kernel
from .schedule import scheduled
from .target import address_of, code_of, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

__all__ = ["Native", "Part", "calls_python", "function_of"]


class Native:
    """A kernel in memory: its code, its table of functions, and scratch memory for whoever runs it.

    A call takes scratch memory and puts it back in ``free`` when it is over. Between the two nobody else has it: no
    other thread, and nobody who interrupts the call or is called by it. Both are single operations on a list.
    """

    def __init__(self, kernel: Kernel, is_loop: bool) -> None:
        self.kernel = kernel
        self._engine = load(code_of(kernel.text))
        self.address = self._engine.get_function_address("run")
        self.run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self.address)
        self.drive: Any = driver(kernel.width) if is_loop else None
        self.functions = np.array([address_of(*key, kernel.width) for key in kernel.functions] or [0], np.uintp)
        self.functions_at = self.functions.ctypes.data
        self.free: list[tuple[Any, int, Any]] = []

    def take(self) -> tuple[Any, int, Any]:
        """Scratch memory: its slots, their address, and a view for one number at a time."""
        try:
            return self.free.pop()
        except IndexError:
            return self.new()

    def new(self) -> tuple[Any, int, Any]:
        """The same, not used before."""
        constants = np.repeat(self.kernel.constants, self.kernel.width)
        slots = memory.zeros(self.kernel.slots * self.kernel.width)
        slots[: len(constants)] = constants
        return slots, slots.ctypes.data, memoryview(slots)

    def run_points(self, tables: Sequence[Any], totals: int, begin: int, end: int) -> None:
        """The points from `begin` to `end` of one row; the driver's reads, writes and sums, and the totals' address."""
        reads, writes, sums = tables
        scratch = self.take()
        arguments = np.array(
            [
                self.address, scratch[1], self.functions_at, self.kernel.first_read,
                reads.ctypes.data, len(reads), writes.ctypes.data, len(writes), sums.ctypes.data, len(sums), totals,
                begin, end, 1,
            ],
            np.int64,
        )  # fmt: skip
        self.drive(arguments.ctypes.data)
        self.free.append(scratch)


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
        functions: dict[Op, Primitive | Op] = {}
        steps: list[tuple[int, Primitive | Op, Sequence[int]]] = []
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
            [OF_PYTHON if isinstance(function, Op) else function.cycles for _, function, _ in steps],
            [tuple([made[a] for a in args if a in made]) for _, _, args in steps],
        )
        kernel = Kernel(
            [steps[k] for k in order], self.reads, constants, writes=writes, sums=sums, width=width, is_loop=is_loop
        )
        self.native = Native(kernel, is_loop)
        self._reads_at, self._writes_at = np.array(self.reads, int), np.array(self.writes, int)

    def run_once(self, frame: Any) -> None:
        """The kernel of single numbers: from the frame to the frame."""
        native, kernel = self.native, self.native.kernel
        scratch = slots, address, _ = native.take()
        slots[kernel.first_read : kernel.first_read + len(self.reads)] = frame[self._reads_at]
        native.run(address, native.functions_at)
        frame[self._writes_at] = slots[kernel.first_write : kernel.first_write + len(self.writes)]
        native.free.append(scratch)


MOVING = ENTERING | LEAVING
OF_PYTHON = 25, 60  # cycles of an op that is called back, as of functions that were not measured


def function_of(op: Op) -> Primitive | Op:
    """What computes `op` in a kernel: a primitive, or the op itself, called back in Python."""
    return PRIMITIVES.get(op, op)


def calls_python(programs: Iterable[Program]) -> bool:
    """Whether an op of theirs is called back."""
    return any([step.op not in PRIMITIVES and step.op not in MOVING for one in programs for step in one.steps])
