"""The ways through a function: each has a program of its own, and a call is answered by the one that fits.

A call runs the program that fitted last, and the next ones as long as their guards fail; a way not met before is
answered by tracing it. The points of a batch are sorted to the programs that fit them.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from functools import lru_cache

import numpy as np

from ..errors import PathsError, TracingError
from . import backends
from .arguments import leaves_for
from .collector import collector_paused
from .finite import require_finite
from .laneops import LEAVING
from .program import Step
from .quick import quick_call
from .result import Result
from .simplify import join_lanes, simplify
from .trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..value import Value
    from .arguments import Arguments
    from .entry import CompiledFunction
    from .program import Program

__all__ = ["Family", "Path", "compiled"]

MOST_PATHS = 200

_compiling = threading.RLock()  # helpers that all programs share are made on the way, and must be made once


def compiled(program: Program, backend: str) -> Any:
    """`program` as that backend compiles it; equal programs are compiled once in a process."""
    with _compiling, collector_paused():
        return _compiled(program, backend)


@lru_cache(maxsize=512)
def _compiled(program: Program, backend: str) -> Any:
    return backends.get(backend).compile(program)


_lending = threading.RLock()


@contextmanager
def _lent(leaves: Sequence[Value], numbers: Any) -> Iterator[None]:
    """The leaves with the numbers of a call, while it is traced: what they decide must be decided by those."""
    with _lending:
        own = [x._data for x in leaves]
        try:
            for x, number in zip(leaves, numbers.tolist(), strict=True):
                x._data = number
            yield
        finally:
            for x, number in zip(leaves, own, strict=True):
                x._data = number


class Path:
    """One way through a function: its program, where other numbers come from, and how its result is put together."""

    def __init__(self, program: Program, result: Result, captured: list[Value], arrays: list[Any], lengths: list[int]):
        self.program = program
        self.result = result
        self.captured = captured
        self.arrays = arrays
        self.lengths = lengths
        self.guards_lanes = any(program.axis_of[guard.node] is not None for guard in program.guards)
        self.runs = 0
        self.executable: Any = None
        result.require_room(program.outputs)
        self.quick: Any = None  # see autograd_core.jit.quick; False if there is none

    def run(
        self,
        owner: CompiledFunction,
        numbers: Any,
        arrays: Sequence[Any],
        lengths: Sequence[int],
        by_trace: bool = False,
    ) -> Any:
        """The filled sinks and, for guards along lanes, where they hold; None if a guard on single numbers fails.

        With ``by_trace`` it is done as the trace did it, to the last bit, and nothing is compiled for it.
        """
        if not by_trace and self.executable is None:
            self.executable = compiled(self.program, owner.backend)
        executable = compiled(self.program, "python") if by_trace else self.executable
        sources = [numbers, np.array([x._data for x in self.captured]), *arrays, *self.arrays]
        sinks = self.result.sinks(lengths)
        holds = np.empty(lengths[0]) if self.guards_lanes else None
        self.runs += 1
        if not executable.run(sources, lengths, sinks, holds, owner.threads):
            return None
        if owner.check_finite:
            require_finite(self.program, sources, lengths, sinks, holds)
        return sinks, holds

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "executable": None, "quick": None}


class Batch:
    """The results of a batch of points so far: the ``points`` that still lack theirs, and the ``sinks`` of all.

    Usually one program answers all points: then nothing is made here that has a place for each.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self.points: Any = range(length)
        self.sinks: list[Any] = []
        self.result: Any = None

    def fill(self, result: Result, points: Any, found: list[Any], holds: Any) -> None:
        """Take over what was `found` for `points`, where it holds. They are all points left, or the first of them."""
        if len(points) == self.length and (holds is None or holds.all()):
            self.result, self.sinks, self.points = result, found, points[:0]
            return
        points = np.asarray(points, int)
        fits = np.ones(len(points), bool) if holds is None else holds != 0.0
        if self.result is None:
            self.result, self.sinks = result, result.sinks([self.length])
        self.result.require_same(result)
        if len(self.sinks[0]):
            self.sinks[0][:] = found[0]
        for sink, some in zip(self.sinks[1:], found[1:], strict=True):
            sink.reshape(self.length, -1)[points[fits]] = some.reshape(len(points), -1)[fits]
        self.points = np.concatenate([points[~fits], self.points[len(points) :]])


class Family:
    """All paths of calls that have one key. If ``is_mapped``, lane axis 0 is the first axis of the mapped arguments."""

    def __init__(self, owner: CompiledFunction, is_mapped: bool) -> None:
        self.owner = owner
        self.is_mapped = is_mapped
        self.paths: list[Path] = []
        self.lock = threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in self.__dict__.items() if name != "lock"}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept, lock=threading.RLock())

    def call(self, arguments: Arguments) -> Any:
        """The result of one call."""
        if self.is_mapped:
            return self._call_mapped(arguments)
        owner, numbers, arrays = self.owner, arguments.buffer, arguments.flat_arrays
        for path in list(self.paths):
            done = path.run(owner, numbers, arrays, path.lengths)
            if done is not None:
                self._to_front(path)
                return path.result.build(done[0], path.lengths)
        path = self._explore(arguments)
        if not path.lengths and not owner.check_finite:
            return path.result.build(path.result.traced)
        done = path.run(owner, numbers, arrays, path.lengths)
        if done is None:  # the machine rounds a comparison to another side than the trace
            done = path.run(owner, numbers, arrays, path.lengths, by_trace=True)
        return path.result.build(done[0], path.lengths)

    def quick(self, args: Sequence[Any]) -> Any:
        """The shortest way for more calls like the last one, or None."""
        path = self.paths[0] if self.paths else None
        if path is None or path.executable is None or self.is_mapped or self.owner.check_finite:
            return None
        if path.quick is None:
            path.quick = quick_call(path, args) or False
        return path.quick or None

    def _call_mapped(self, arguments: Arguments) -> Any:
        """A batch: every path takes the points that are left and fit it."""
        batch = Batch(arguments.common_length())

        def answer(path: Path, points: Any, by_trace: bool) -> None:
            is_all = len(points) == batch.length
            arrays = arguments.flat_arrays if is_all else arguments.rows(np.asarray(points, int))
            done = path.run(self.owner, arguments.buffer, arrays, [len(points), *path.lengths[1:]], by_trace)
            if done is not None:
                batch.fill(path.result, points, *done)

        for path in list(self.paths):
            if len(batch.points):
                answer(path, batch.points, by_trace=False)
        while len(batch.points):
            first = batch.points[:1]
            path = self._explore(self.owner.take(arguments, np.asarray(first, int)))
            if len(batch.points) > 1:
                answer(path, batch.points, by_trace=False)
            # It is still there if it is alone, or if the machine rounds a comparison to another side than the trace.
            if first[0] in batch.points[:1]:
                answer(path, first, by_trace=True)
        return batch.result.build(batch.sinks, [batch.length], arguments.gives_lists)

    def _to_front(self, path: Path) -> None:
        if path is not self.paths[0]:
            with self.lock:
                self.paths.remove(path)
                self.paths.insert(0, path)

    def _explore(self, arguments: Arguments) -> Path:
        """Trace the function at these numbers and keep the path that it takes."""
        owner = self.owner
        with self.lock, collector_paused():
            if len(self.paths) >= MOST_PATHS:
                raise PathsError(
                    f"this function has taken {len(self.paths)} different ways through its comparisons, too many to "
                    f"compile each: select with ag.where(condition, a, b) instead of branching.\n{owner.report()}"
                )
            if owner.f is None:
                raise TracingError(
                    "this compiled function came out of a pickle without its source, which could not be pickled; it "
                    "can only run what it had compiled before"
                )
            count = len(arguments.args) - (owner.leaves is not None)
            args, named, inputs = leaves_for(arguments, owner.names(count), owner.leaves)
            trace = Trace(inputs, [arguments.buffer, None, *arguments.flat_arrays])
            trace.lanes.gives_lists = arguments.gives_lists
            first_own = len(trace.sources)
            lending = _lent(owner.leaves, arguments.args[0]) if owner.leaves is not None else nullcontext()
            with lending, trace:
                result = Result(owner.f(*args, **named))
            program = trace.program(result.outputs)
            result.forget_graph()
            if trace.lanes.lengths:
                program = join_lanes(program, trace.lanes.lengths)
            program = simplify(program)
            _require_guards_outside_sums(program)
            path = Path(program, result, trace.captured, trace.sources[first_own:], trace.lanes.lengths)
            if owner.backend == "c":
                path.executable = compiled(program, "c")  # which refuses some ops: better now than at the second call
            if all(path.program != known.program for known in self.paths):
                self.paths.append(path)
            return path


def _require_guards_outside_sums(program: Program) -> None:
    guards = [guard for guard in program.guards if program.axis_of[guard.node] is not None]
    below = any(isinstance(node, Step) and node.op in LEAVING for node in program.nodes)
    if guards and (below or program.axes > 1):
        raise TracingError(
            f"{guards[0].place}: {program.text_of(guards[0].node)} differs from point to point of an inner vmap, so "
            "the function cannot branch on it; select with ag.where(condition, a, b)"
        )
