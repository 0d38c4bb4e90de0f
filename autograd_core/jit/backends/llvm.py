"""The llvm backend: machine code through llvmlite, many points at a time, spread over threads if asked.

Steps on single numbers run as a kernel of one lane; each loop over points as one of as many lanes as a vector
register has. Results do not depend on the number of threads: a batch is cut into the same blocks for any number, and
the blocks' sums are added in their order.
"""

from __future__ import annotations

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np

from ...op import Op
from ...ops.arithmetic import mul, sub
from ..laneops import ENTERING, LEAVING, lane_index, pick, spread
from ..lower import FUNCTIONS, PRIMITIVES, SCIPY, is_own, lower
from ..plan import Loop, Phase, phases
from ..program import Builder, Constant, Guard, Input, Output, Program, Step
from .driver import driver
from .kernel import Kernel
from .machine import address_of, code_of, load, python_errors, vector_width
from .schedule import scheduled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["compile"]

BLOCKS = 64  # at most so many blocks of points, each with sums of its own
SMALLEST_BLOCK = 256
WORTH_A_BLOCK = 500_000  # steps of one point: some hundred microseconds


def compile(program: Program) -> LlvmExecutable:
    """`program` as machine code."""
    return LlvmExecutable(program)


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
        """The points from `begin` to `end`; ``tables`` are those of the driver: reads, writes and summed slots."""
        reads, writes, sums = tables
        kernel = self.kernel
        self.drive(
            self.address, self.scratch()[1], self.functions_at, kernel.first_read, reads[0], reads[1],
            writes[0], writes[1], sums[0], sums[1], totals, begin, end,
        )  # fmt: skip


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
                    functions[node.op] = _function_of(node.op)
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

    def run_once(self, frame: Any) -> None:
        """The kernel of single numbers: from the frame to the frame."""
        kernel = self.native.kernel
        slots, address = self.native.scratch()
        slots[kernel.first_read : kernel.first_read + len(self.reads), 0] = frame[self.reads]
        self.native.run(address, self.native.functions_at)
        frame[self.writes] = slots[kernel.first_write : kernel.first_write + len(self.writes), 0]


MOVING = ENTERING | LEAVING


def _function_of(op: Op) -> str | Op:
    known = is_own(op) and (op.name in PRIMITIVES or op.name in FUNCTIONS or op.name in SCIPY)
    return op.name if known else op


class LlvmExecutable:
    """The kernels of a program, phase by phase, and the tables that lead from sources to sinks.

    A frame holds the single numbers of a call, one place a node: what the kernels of one number pass on.
    """

    backend = "llvm"

    def __init__(self, program: Program) -> None:
        self.program, self.guard = with_guards_as_nodes(lower(program))
        program = self.program
        steps = [node for node in program.nodes if isinstance(node, Step)]
        self.calls_python = any(isinstance(_function_of(node.op), Op) for node in steps)
        width = 1 if self.calls_python else vector_width()
        self.phases: list[tuple[Part | None, list[tuple[Loop, Part]]]] = []
        planned = phases(program)
        used_later = self._used_later(planned)
        for phase in planned:
            nodes = [i for i in phase.nodes if isinstance(node := program.nodes[i], Step) and node.op is not pick]
            wanted = [i for i in nodes if i in used_later]
            if len(planned) == 1 and not phase.loops:
                wanted = self._everything_written()
            part = Part(program, nodes, wanted) if wanted else None
            self.phases.append((part, [(loop, self._loop_part(loop, width)) for loop in phase.loops.values()]))
        is_simple = len(self.phases) == 1 and not self.phases[0][1] and not self.calls_python
        self.only_part = self.phases[0][0] if is_simple else None
        self.picks = [
            (i, node.args[0], int(program.constant(node.args[1])))
            for i, node in enumerate(program.nodes)
            if isinstance(node, Step) and node.op is pick
        ]
        self._inputs = _gathered(
            [(i, n.source, n.offset) for i, n in enumerate(program.nodes) if isinstance(n, Input) and n.axis is None]
        )
        self._outputs = _gathered([(out.node, out.sink, out.offset) for out in program.outputs if out.axis is None])
        constants = [(i, n.value) for i, n in enumerate(program.nodes) if isinstance(n, Constant)]
        self._constants = np.array([i for i, _ in constants], int), np.array([value for _, value in constants])

    def _everything_written(self) -> list[int]:
        """All outputs in the order of the sinks, whatever they are, and the guard."""
        outputs = [out.node for out in sorted(self.program.outputs, key=lambda out: (out.sink, out.offset))]
        return outputs if self.guard is None else [*outputs, self.guard]

    @property
    def source(self) -> str:
        """The IR of all kernels."""
        parts = [part for first, loops in self.phases for part in (first, *[p for _, p in loops]) if part is not None]
        return "\n".join(part.native.kernel.text for part in parts)

    def _used_later(self, planned: Sequence[Phase]) -> set[int]:
        """The steps of one number that anything but another such step of their own phase needs."""
        program = self.program
        used = {out.node for out in program.outputs} | {i for i in (self.guard,) if i is not None}
        alone: dict[int, int] = {i: k for k, phase in enumerate(planned) for i in phase.nodes}
        for i, node in enumerate(program.nodes):
            for a in node.args if isinstance(node, Step) else ():
                if a in alone and alone.get(i) != alone[a]:
                    used.add(a)
        return used

    def _loop_part(self, loop: Loop, width: int) -> Part:
        program = self.program
        wanted = [program.outputs[k].node for k in loop.outputs] + loop.kept
        summed = [program.nodes[i].args[0] for i in loop.sums]  # type: ignore[union-attr]  # they are steps
        return Part(program, loop.nodes, wanted, summed=summed, width=width, is_loop=True)

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int = 1
    ) -> bool:
        """See `autograd_core.jit.backends.Executable`."""
        call = Call(sources, [*sinks, holds], lengths, threads if not self.calls_python else 1)
        call.frame = np.empty(len(self.program.nodes))
        call.frame[self._constants[0]] = self._constants[1]
        for nodes, source, offsets in self._inputs:
            call.frame[nodes] = sources[source][offsets]
        for part, loops in self.phases:
            for i, arg, point in self.picks:
                if arg in call.kept:
                    call.frame[i] = call.kept[arg][point]
            if part is not None:
                part.run_once(call.frame)
                if self.guard is not None and call.frame[self.guard] == 0.0:
                    return False
            for loop, lane_part in loops:
                self._run_loop(loop, lane_part, call)
        for nodes, sink, offsets in self._outputs:
            sinks[sink][offsets] = call.frame[nodes]
        if self.calls_python and python_errors.first is not None:
            error, python_errors.first = python_errors.first, None
            raise error
        return True

    def _run_loop(self, loop: Loop, part: Part, call: Call) -> None:
        """All points of a lane axis, block by block."""
        kernel = part.native.kernel
        n = call.lengths[loop.axis]
        call.kept.update({i: np.empty(n) for i in loop.kept})
        outputs = [self.program.outputs[k] for k in loop.outputs]
        writes = [(call.sinks[out.sink].ctypes.data + 8 * out.offset, 8 * out.stride) for out in outputs]
        writes += [(call.kept[i].ctypes.data, 8) for i in loop.kept]
        size = max(SMALLEST_BLOCK, -(-n // BLOCKS), WORTH_A_BLOCK // (len(kernel.steps) + 1))
        size += -size % 8
        blocks = [(start, min(start + size, n)) for start in range(0, n, size)]
        totals = np.zeros((len(blocks), len(loop.sums), kernel.width))
        tables = (
            np.array(self._read_table(part, n, call), np.int64).reshape(-1, 2),
            np.array([(*w, slot) for w, slot in zip(writes, kernel.write_slots, strict=True)], np.int64).reshape(-1, 3),
            np.array(kernel.sum_slots, np.int64),
        )
        addresses = [(table.ctypes.data, len(table)) for table in tables]
        totals_at, step = totals.ctypes.data, totals.strides[0]
        todo = iter(list(enumerate(blocks)))

        def work() -> None:
            for k, (begin, end) in todo:
                part.native.run_points(addresses, totals_at + k * step, begin, end)

        workers = min(call.threads, len(blocks))
        if workers > 1:
            for done in [_pool(workers).submit(work) for _ in range(workers)]:
                done.result()
        else:
            work()
        if loop.sums:
            call.frame[loop.sums] = totals.sum(axis=2).sum(axis=0)

    def _read_table(self, part: Part, n: int, call: Call) -> list[tuple[int, int]]:
        """Where each read of a loop lies, and how many bytes on for the next point; 0 if it is one number."""
        frame_at = call.frame.ctypes.data
        table = []
        for i in part.reads:
            node = self.program.nodes[i]
            if isinstance(node, Input) and node.axis is not None:
                table.append((call.address_of_source(node.source) + 8 * node.offset, 8 * node.stride))
            elif isinstance(node, Step) and node.op is lane_index:
                call.points = np.arange(float(n))
                table.append((call.points.ctypes.data, 8))
            else:
                table.append((frame_at + 8 * i, 0))
        return table


class Call:
    """What belongs to one call: its arrays, and what its kernels hand on to each other."""

    frame: Any  # one place a node, for what is one number
    points: Any  # 0.0, 1.0, ...: the numbers of the points, where a program asks for them

    def __init__(self, sources: Sequence[Any], sinks: Sequence[Any], lengths: Sequence[int], threads: int) -> None:
        self.sources, self.sinks, self.lengths, self.threads = sources, sinks, lengths, threads
        self.kept: dict[int, Any] = {}
        self._addresses: dict[int, int] = {}

    def address_of_source(self, source: int) -> int:
        """Where an array lies; asking NumPy takes longer than most things here."""
        if source not in self._addresses:
            self._addresses[source] = self.sources[source].ctypes.data
        return self._addresses[source]


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


def _gathered(places: Sequence[tuple[int, int, int]]) -> list[tuple[Any, int, Any]]:
    """(node, array, offset) by array: which nodes and which offsets, as indices."""
    by_array: dict[int, list[tuple[int, int]]] = {}
    for node, array, offset in places:
        by_array.setdefault(array, []).append((node, offset))
    return [
        (np.array([node for node, _ in some], int), array, np.array([offset for _, offset in some], int))
        for array, some in by_array.items()
    ]


def with_guards_as_nodes(program: Program) -> tuple[Program, int | None]:
    """`program` without guards, but with a node that is 1 where all of them hold.

    For guards on single numbers it is the node returned; for those along lanes an output more, to the last sink.
    """
    builder = Builder()
    builder.nodes = list(program.nodes)
    along_lanes = [guard for guard in program.guards if program.axis_of[guard.node] is not None]
    single = [guard for guard in program.guards if program.axis_of[guard.node] is None]
    outputs = list(program.outputs)
    if along_lanes:
        outputs.append(Output(_all_hold(builder, along_lanes), LAST, 0, 1, program.axis_of[along_lanes[0].node]))
    node = _all_hold(builder, single) if single else None
    return Program.of_valid_parts(builder.nodes, outputs, (), program.axes), node


LAST = -1


def _all_hold(builder: Builder, guards: Sequence[Guard]) -> int:
    holds = builder.constant(1.0)
    for guard in guards:
        this = guard.node if guard.expected else builder.add(Step(sub, (builder.constant(1.0), guard.node)))
        holds = builder.add(Step(mul, (holds, this)))
    return holds
