"""Programs in which matrices were found, in machine code: loops, products and copies, one after the other.

The arguments of all of them are one table of integers. Most of it stays from call to call; where the call's arrays
lie and how many points there are is entered anew.
"""

from __future__ import annotations

import ctypes
import math

import numpy as np

from ...ir.lane_ops import ENTERING, LEAVING, spread
from ...ir.program import Program, Step
from ...passes.lower import lower
from ...plan import Copy, Loop, Multiplication, Stages, Tensor, View
from ...plan.listing import listing_of_stages
from ...runtime import memory
from ...runtime.row_batches import Taken
from . import block_driver as drivers
from .blas import blas_product, by_blas, suits_blas
from .block_driver import driver
from .elementwise import THE_POINT, Elementwise
from .loops import in_threads
from .matmul import product
from .native import Part, calls_python
from .sequence import copies, repetition, sequence, takes
from .target import code_of, load, vector_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from .. import Executable

__all__ = ["GUARD", "ArraysExecutable", "lowered"]

GUARD = -2
"""The sink that gets 1 if the guards of single numbers hold; the one behind it tells it for every point."""

FEW_STEPS = 100
MOST_POINTS = 4096  # at a time, where they do not depend on each other
MOST_MEMORIES = 4  # numbers of points for which memory is kept ready


class ArraysExecutable:
    """The stages of a program in machine code. `exactly` gives the same program without matrices, for calls in which
    gates that were opened for them let something infinite through; `programs` are those of its loops, `lowered`."""

    backend = "llvm"

    def __init__(self, stages: Stages, programs: dict[Loop, Program], exactly: Callable[[], Executable]) -> None:
        self.program, self.stages, self._programs = stages.found.program, stages, programs
        self._exactly = exactly
        self.width = vector_width()
        self.loops = {loop: self._compiled(loop, program) for loop, program in programs.items()}
        self._engine = self._loaded([code for code in self.loops.values() if isinstance(code, Elementwise)])
        self.steps = self._steps_of_points()
        self._memories: dict[tuple[int, ...], list[Memory]] = {}  # for so many points, of calls that are over

    def _compiled(self, loop: Loop, program: Program) -> Elementwise | tuple[Part, list[int]]:
        """A loop's code; or, if it is long, a kernel for the driver, and which of the loop's reads each of its is."""
        is_single = loop.rows == 1 and loop.length == 1
        if len(program.steps) <= FEW_STEPS and not is_single:
            name = f"loop{self.stages.order.index(loop)}"
            return Elementwise(name, program, (loop.reads, loop.writes), self.width)
        nodes = [i for i, node in enumerate(program.nodes) if isinstance(node, Step)]
        wanted = [out.node for out in program.outputs]
        part = Part(program, nodes, wanted, width=1 if is_single else self.width, is_loop=True)
        return part, [getattr(program.nodes[i], "offset", THE_POINT) for i in part.reads]

    @staticmethod
    def _loaded(codes: Sequence[Elementwise]) -> Any:
        """The short loops in memory, all in one piece of code."""
        declarations = sorted(set().union(*[code.declarations for code in codes]))
        engine = load(code_of("\n".join([*[code.text for code in codes], *declarations]), opt=2))
        for code in codes:
            code.address = engine.get_function_address(code.name)
        return engine

    def _steps_of_points(self) -> dict[tuple[str, int], int] | None:
        """How far it is from one point to the next in every source and sink; None if points depend on each other."""
        program = self.program
        if program.axes != 1 or any(step.op in LEAVING or step.op in ENTERING - {spread} for step in program.steps):
            return None
        found: dict[tuple[str, int], set[int]] = {}
        for node in program.inputs:
            found.setdefault(("source", node.source), set()).add(0 if node.axis is None else node.stride)
        for out in program.outputs:
            found.setdefault(("sink", out.sink), set()).add(0 if out.axis is None else out.stride)
        return {array: steps.pop() for array, steps in found.items()} if all(map(is_one, found.values())) else None

    @property
    def source(self) -> str:
        """The IR of all loops."""
        codes = self.loops.values()
        return "\n".join(code.text if isinstance(code, Elementwise) else code[0].native.kernel.text for code in codes)

    def explained(self) -> list[tuple[str, str]]:
        """See `autograd_core.jit.backends.Executable`."""
        return [("plan", listing_of_stages(self.stages, self._programs)), ("llvm", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int = 1
    ) -> bool:
        """See `autograd_core.jit.backends.Executable`."""
        guard = memory.ones(1)
        arrays = sources, [*sinks, guard, holds]
        if self.steps is not None and lengths[0] > MOST_POINTS:
            is_right = self._run_in_blocks(arrays, lengths[0], threads)
        else:
            is_right = self._run(tuple(lengths), arrays)
        if not is_right:
            return self._exactly().run(sources, lengths, sinks, holds, threads)
        return bool(guard[0] != 0.0)

    def _run_in_blocks(self, arrays: tuple[Sequence[Any], Sequence[Any]], count: int, threads: int) -> bool:
        """Block after block of points, in several threads: the memory needed does not grow with their number."""
        assert self.steps is not None
        steps, todo = self.steps, iter(range(0, count, MOST_POINTS))
        wrong: list[int] = []

        def work() -> None:
            for start in todo:
                parts = [
                    [None if array is None else array[start * steps.get((kind, k), 0) :] for k, array in numbered]
                    for kind, numbered in (("source", enumerate(arrays[0])), ("sink", from_behind(arrays[1])))
                ]
                if not self._run((min(MOST_POINTS, count - start),), (parts[0], parts[1])):
                    wrong.append(start)

        in_threads(work, threads)
        return not wrong

    def scan(
        self,
        count: int,
        arrays: tuple[dict[int, Any], Sequence[Any]],
        lengths: Sequence[int],
        *,
        there: int,
        back: set[int],
        moving: set[int],
    ) -> bool:
        """So many runs, each on the carry of the one before; False if one of them is not to be used.

        ``arrays`` are sources and sinks. The carry is in source `there` and in the sinks `back`, which are parts of it,
        in two rows: each run reads one and writes the other. All other sinks, and the sources in `moving`, have a row
        for every run; of a source that is `Taken` each run gets its own rows.
        """
        free = self._free(tuple(lengths))
        own = _taken(free) or Memory(self, tuple(lengths))
        sources, sinks = arrays
        guards = memory.ones(count).reshape(count, 1)
        own.scan(count, sources, [*sinks, guards, guards], there=there, back=back, moving=moving)
        is_right = own.is_right()
        free.append(own)
        return is_right and bool(guards.all())

    def _run(self, lengths: tuple[int, ...], arrays: tuple[Sequence[Any], Sequence[Any]]) -> bool:
        """Everything, once; whether all that had to be finite was."""
        free = self._free(lengths)
        own = _taken(free) or Memory(self, lengths)
        is_right = own.run(*arrays)
        free.append(own)
        return is_right

    def _free(self, lengths: tuple[int, ...]) -> list[Memory]:
        """Memories for so many points that no call is using; a call puts back what it has taken."""
        free = self._memories.get(lengths)
        if free is None:
            free = self._memories.setdefault(lengths, [])
        if len(self._memories) > 1:
            self._memories[lengths] = self._memories.pop(lengths, free)  # behind those that were used longer ago
            for oldest in list(self._memories)[:-MOST_MEMORIES]:
                self._memories.pop(oldest, None)
        return free


def _taken(free: list[Memory]) -> Memory | None:
    """One that nobody else has then: see `parts.Native`."""
    try:
        return free.pop()
    except IndexError:
        return None


class Memory:
    """The tensors for one number of points, and the table of arguments of all stages."""

    def __init__(self, executable: ArraysExecutable, lengths: tuple[int, ...]) -> None:
        self.executable, self.lengths = executable, lengths
        self.tensors = {tensor: self._allocated(tensor) for tensor in executable.stages.places.tensors}
        self.points = np.arange(float(max(lengths, default=1)))
        self.width = executable.width
        self._uses_blas = False
        self._scratch: list[Any] = []
        self._numbers: list[int] = []
        self._addresses: list[tuple[int, int]] = []  # of the table itself: where, and which place of it
        self._places: dict[Any, list[tuple[int, int]]] = {}  # of each array of the call: where, and the offset
        order = executable.stages.order
        self._add(len(order), *[0] * (2 * len(order)))
        for k, stage in enumerate(order):
            function, start = self._stage(stage)
            self._numbers[1 + 2 * k] = function
            self._addresses.append((2 + 2 * k, start))
        self.table = np.array(self._numbers, np.int64)
        for at, place in self._addresses:
            self.table[at] = self.table.ctypes.data + 8 * place
        self.patches = [
            (kind, k, np.array([at for at, _ in places]), np.array([offset for _, offset in places]))
            for (kind, k), places in self._places.items()
        ]
        self._run = sequence()

    def run(self, sources: Sequence[Any], sinks: Sequence[Any]) -> bool:
        """Everything, once; whether all that had to be finite was."""
        arrays = {"source": sources, "sink": sinks}
        for kind, k, at, offsets in self.patches:
            self.table[at] = offsets + arrays[kind][k].ctypes.data
        self._start(self._run, self.table)
        return self.is_right()

    def _start(self, function: Any, table: Any) -> None:
        """Call machine code with a table of arguments."""
        if self._uses_blas:
            by_blas.run(lambda: function(table.ctypes.data))
        else:
            function(table.ctypes.data)

    def scan(
        self, count: int, sources: dict[int, Any], sinks: Sequence[Any], *, there: int, back: set[int], moving: set[int]
    ) -> None:
        """See `ArraysExecutable.scan`."""
        taken = {k: array for k, array in sources.items() if isinstance(array, Taken)}
        rooms = {k: memory.empty(array[0].size).reshape(1, *array.shape[1:]) for k, array in taken.items()}
        takings = [_taking(array, rooms[k]) for k, array in taken.items()]
        calls = [(_address(takes()), taking.ctypes.data) for taking in takings]
        calls.append((_address(self._run), self.table.ctypes.data))
        one_run = np.array([len(calls), *[number for call in calls for number in call]], np.int64)
        moves = [np.array([count, one_run.ctypes.data, 0], np.int64)]
        moves += [np.array([a.ctypes.data, 8 * a[1], 0]) for a in takings]  # to the next run's positions
        for kind, k, at, offsets in self.patches:
            array = rooms[k] if kind == "source" and k in rooms else (sources if kind == "source" else sinks)[k]
            address = array.ctypes.data
            is_carried = k == there if kind == "source" else k in back
            step = array.strides[0] if is_carried or kind == "sink" or k in moving else 0
            if is_carried and kind == "sink":
                address, step = address + step, -step
            self.table[at] = offsets + address
            if step:
                entries = np.empty((len(at), 3), np.int64)
                entries[:] = 0, step, is_carried
                entries[:, 0] = self.table.ctypes.data + 8 * at
                moves.append(entries.reshape(-1))
        table = np.concatenate(moves)
        table[2] = (len(table) - 3) // 3
        self._start(repetition(), table)

    def is_right(self) -> bool:
        """Whether all that had to be finite was."""
        check = self.executable.stages.check
        if check is None:
            return True
        total = self.tensors[check.array][check.offset]
        self.tensors[check.array][check.offset] = 0.0
        return math.isfinite(total)

    def _allocated(self, tensor: Tensor) -> Any:
        numbers = memory.zeros(tensor.width * (1 if tensor.axis is None else self.lengths[tensor.axis]))
        numbers[: len(tensor.values)] = tensor.values
        return numbers

    # The table

    def _add(self, *numbers: int) -> int:
        start = len(self._numbers)
        self._numbers += numbers
        return start

    def _add_address(self, array: Any, offset: int) -> None:
        """The address of an element of an array; 0 for None."""
        if array is None:
            self._add(0)
        elif isinstance(array, Tensor):
            self._add(self.tensors[array].ctypes.data + 8 * offset)
        else:
            self._places.setdefault(array, []).append((len(self._numbers), 8 * offset))
            self._add(0)

    def _size(self, size: Any) -> int:
        return size if isinstance(size, int) else self.lengths[size[1]]

    def _stage(self, stage: Any) -> tuple[int, int]:
        """The function of a stage and where its arguments begin."""
        if isinstance(stage, Copy):
            return self._copy(stage)
        return self._product(stage) if isinstance(stage, Multiplication) else self._loop(stage)

    def _copy(self, stage: Copy) -> tuple[int, int]:
        start = self._add(self._size(stage.rows), len(stage.moves))
        for source, target in stage.moves:
            for place in (source, target):
                self._add_address(place.array, place.offset)
                self._add(8 * place.lane)
        return _address(copies()), start

    def _product(self, stage: Multiplication) -> tuple[int, int]:
        start = len(self._numbers)
        nothing = View(None, 0, (0, 0))
        views = stage.into, stage.left, stage.right, stage.base or nothing
        for view in (*views, stage.times or nothing):
            self._add_address(view.array, view.offset)
        self._add(*map(self._size, stage.sizes), int(np.float64(stage.sign).view(np.int64)))
        for view in views:
            self._add(*[8 * step for step in view.steps])
        sizes = [self._size(size) for size in stage.sizes]
        large = blas_product() if suits_blas(sizes, stage.into.steps, stage.left.steps, stage.right.steps) else None
        if large is not None:
            self._uses_blas = True
            return _address(large), start
        by_rows = stage.by_rows and (not stage.by_columns or sizes[2] >= self.width)
        return _address(product(self.width, by_rows)), start

    def _loop(self, stage: Loop) -> tuple[int, int]:
        code = self.executable.loops[stage]
        if isinstance(code, Elementwise):
            start = self._add(code.table.ctypes.data, self._size(stage.rows), self._size(stage.length))
            for read in code.reads:
                self._add_read(stage, read)
            for view in stage.writes:
                self._add_view(view)
            return code.address, start
        part, reads = code
        native, kernel = part.native, part.native.kernel
        scratch = native.new()
        self._scratch.append(scratch)
        start = self._add(*[0] * len(drivers.ARGUMENTS))
        values = {
            "kernel": native.address, "scratch": scratch[1], "functions": native.functions_at,
            "first_read": kernel.first_read, "reads": len(reads), "writes": len(stage.writes),
            "end": self._size(stage.length), "rows": self._size(stage.rows),
        }  # fmt: skip
        for name, value in values.items():
            self._numbers[start + drivers.ARGUMENTS.index(name)] = value
        self._addresses.append((start + drivers.ARGUMENTS.index("in"), len(self._numbers)))
        for read in reads:
            self._add_read(stage, read)
        self._addresses.append((start + drivers.ARGUMENTS.index("out"), len(self._numbers)))
        for view, slot in zip(stage.writes, kernel.write_slots, strict=True):
            self._add_view(view)
            self._add(slot)
        return _address(driver(kernel.width)), start

    def _add_read(self, stage: Loop, read: int) -> None:
        if read == THE_POINT:
            self._add(self.points.ctypes.data, 0, 8)
        else:
            self._add_view(stage.reads[read])

    def _add_view(self, view: View) -> None:
        self._add_address(view.array, view.offset)
        self._add(*[8 * step for step in view.steps])


def is_one(some: Collection[int]) -> bool:
    """Whether there is just one."""
    return len(some) == 1


def from_behind(arrays: Sequence[Any]) -> list[tuple[int, Any]]:
    """Sinks with their numbers: the last two, `GUARD` and the one behind it, are counted from behind."""
    return [(k if k < len(arrays) + GUARD else k - len(arrays), array) for k, array in enumerate(arrays)]


def _taking(taken: Taken, room: Any) -> Any:
    """The arguments of `takes` for the first run."""
    size = taken.array.strides[0]
    return np.array(
        [taken.positions.ctypes.data, taken.positions[0].size, taken.array.ctypes.data, size, room.ctypes.data]
    )


def _address(function: Any) -> int:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address


def lowered(stages: Stages) -> dict[Loop, Program] | None:
    """What a machine computes in each loop; None if a step has to be computed by Python."""
    programs = {stage: lower(stage.program) for stage in stages.order if isinstance(stage, Loop)}
    return None if calls_python(programs.values()) else programs
