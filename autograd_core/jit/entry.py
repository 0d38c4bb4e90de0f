"""jit: a function, run once on Values and from then on as compiled programs.

Each way through the function's comparisons has a program of its own. A call runs the one that fitted last, and the
next ones as long as their guards fail; a way not met before is answered by tracing it. The points of a batch are
sorted to the programs that fit them.
"""

from __future__ import annotations

import os
import pickle
import threading
from functools import lru_cache

import numpy as np

from ..errors import PathsError, StructureError, TracingError
from ..tracing import state
from ..vmap import holds_array
from . import backends
from .finite import require_finite
from .laneops import LEAVING
from .program import Step
from .quick import MISS, quick_call
from .signature import Arguments, Result, as_batches, leaves_for
from .simplify import join_lanes, simplify
from .trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..value import Value
    from .program import Program

__all__ = ["CompiledFunction", "Path", "compiled"]

MOST_PATHS = 200


_compiling = threading.RLock()  # helpers that all programs share are made on the way, and must be made once


def compiled(program: Program, backend: str) -> Any:
    """`program` as that backend compiles it; equal programs are compiled once in a process."""
    with _compiling:
        return _compiled(program, backend)


@lru_cache(maxsize=512)
def _compiled(program: Program, backend: str) -> Any:
    return backends.get(backend).compile(program)


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

    def traced_sinks(self) -> list[Any]:
        """The sinks as the trace itself has computed them."""
        sinks = self.result.sinks(self.lengths)
        for x, sink, offset, *_ in self.result.outputs:
            sinks[sink][offset] = x if type(x) is float else x._data  # type: ignore[union-attr]  # a Value
        return sinks


class Batch:
    """The results of a batch of points so far: the ``points`` that still lack theirs, and the ``sinks`` of all."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.points: Any = np.arange(length)
        self.sinks: list[Any] = []
        self.result: Any = None

    def fill(self, result: Result, points: Any, found: list[Any], holds: Any) -> None:
        """Take over what was `found` for `points`, where it holds. They are all points left, or the first of them."""
        fits = np.ones(len(points), bool) if holds is None else holds != 0.0
        if self.result is None and fits.all() and len(points) == self.length:
            self.result, self.sinks, self.points = result, found, points[:0]
            return
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

    def call(self, args: Sequence[Any], named: dict[str, Any], arguments: Arguments) -> Any:
        """The result of one call."""
        numbers, arrays = arguments.sources()
        if self.is_mapped:
            return self._call_mapped(args, named, arguments, numbers, arrays)
        owner = self.owner
        for path in list(self.paths):
            done = path.run(owner, numbers, arrays, path.lengths)
            if done is not None:
                self._to_front(path)
                return path.result.build(done[0], path.lengths)
        path = self._explore(args, named, arguments, numbers, arrays)
        if not path.lengths and not owner.check_finite:
            return path.result.build(path.traced_sinks())
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

    def _call_mapped(
        self, args: Sequence[Any], named: dict[str, Any], arguments: Arguments, numbers: Any, arrays: list[Any]
    ) -> Any:
        """A batch: every path takes the points that are left and fit it."""
        batch = Batch(arguments.common_length())

        def answer(path: Path, points: Any, by_trace: bool) -> None:
            some = arrays if len(points) == batch.length else arguments.rows(arrays, points)
            done = path.run(self.owner, numbers, some, [len(points), *path.lengths[1:]], by_trace)
            if done is not None:
                batch.fill(path.result, points, *done)

        for path in list(self.paths):
            if len(batch.points):
                answer(path, batch.points, by_trace=False)
        while len(batch.points):
            first = batch.points[:1]
            path = self._explore_at(args, named, first)
            if len(batch.points) > 1:
                answer(path, batch.points, by_trace=False)
            if first[0] in batch.points[:1]:  # it is alone, or the machine rounds a comparison to another side
                answer(path, first, by_trace=True)
        return batch.result.build(batch.sinks, [batch.length], arguments.gives_lists)

    def _explore_at(self, args: Sequence[Any], named: dict[str, Any], points: Any) -> Path:
        """Trace the function at some points of the batch."""
        arguments, some, some_named = self.owner.read(*self.owner.take(args, named, points))
        numbers, arrays = arguments.sources()
        return self._explore(some, some_named, arguments, numbers, arrays)

    def _to_front(self, path: Path) -> None:
        if path is not self.paths[0]:
            with self.lock:
                self.paths.remove(path)
                self.paths.insert(0, path)

    def _explore(
        self, args: Sequence[Any], named: dict[str, Any], arguments: Arguments, numbers: Any, arrays: Sequence[Any]
    ) -> Path:
        """Trace the function at these numbers and keep the path that it takes."""
        owner = self.owner
        with self.lock:
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
            names = [*owner.names(len(args)), *named]
            fresh, inputs = leaves_for([*args, *named.values()], names, arguments)
            trace = Trace(inputs, [numbers, None, *arrays])
            with trace:
                output = owner.f(*fresh[: len(args)], **dict(zip(named, fresh[len(args) :], strict=True)))
                result = Result(output)
            program = trace.program(result.outputs)
            if trace.lengths:
                program = join_lanes(program, trace.lengths)
            program = simplify(program)
            _require_guards_outside_sums(program)
            path = Path(program, result, trace.captured, trace.sources[2 + len(arrays) :], trace.lengths)
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


class CompiledFunction:
    """What `jit` returns. ``report()`` tells which programs there are; ``program(*args)`` shows one."""

    def __init__(self, f: Callable[..., Any], backend: str, threads: int | None, check_finite: bool) -> None:
        self.f: Callable[..., Any] | None = f
        self.backend = backend
        self.threads = threads or _cores()
        self.check_finite = check_finite
        self.families: dict[Any, Family] = {}
        self._quick: Any = None
        self.in_axes = getattr(f, "in_axes", _NOT_MAPPED)
        self.__name__ = getattr(f, "__name__", "compiled")
        self.__doc__ = getattr(f, "__doc__", None)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The function at these arguments."""
        if state.tracer is not None or state.recordings:
            return self._inline(args, named)
        if self._quick is not None and not named:
            result = self._quick(args)
            if result is not MISS:
                return result
        return self._call(args, named)

    def _call(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            arguments, read_args, read_named = self.read(args, named)
        except RecursionError:
            raise StructureError("an argument nests too deeply, or contains itself") from None
        if arguments.holds_values or (arguments.mapped and not arguments.common_length()):
            return self._inline(args, named)
        family = self._family(arguments)
        result = family.call(read_args, read_named, arguments)
        self._quick = None if named else family.quick(args)
        return result

    def _inline(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """The function itself: where a graph is being recorded, it belongs into that graph."""
        if self.f is None:
            raise TracingError(
                "this compiled function came out of a pickle without its source; it takes plain numbers only"
            )
        return self.f(*args, **named)

    def read(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Arguments, tuple[Any, ...], dict[str, Any]]:
        """What a call is about, and its arguments with mapped lists as arrays."""
        arguments = Arguments()
        axes = self._axes(args)
        if axes is None:
            key = [*map(arguments.read, args), *((name, arguments.read(x)) for name, x in named.items())]
        else:
            arguments.gives_lists = not any(map(holds_array, [*_mapped(args, axes), *named.values()]))
            args = [x if axis is None else as_batches(x) for x, axis in zip(args, axes, strict=True)]
            named = {name: as_batches(x) for name, x in named.items()}
            key = [arguments.read(x, axis is not None) for x, axis in zip(args, axes, strict=True)]
            key += [(name, arguments.read(x, True)) for name, x in named.items()] + [arguments.gives_lists]
        arguments.key = tuple(key)
        return arguments, tuple(args), named

    def _axes(self, args: Sequence[Any]) -> list[Any] | None:
        """The mapped axis of each argument, if the function is a `vmap` along first axes."""
        if self.in_axes is _NOT_MAPPED:
            return None
        axes = list(self.in_axes) if isinstance(self.in_axes, (list, tuple)) else [self.in_axes] * len(args)
        fits = len(axes) == len(args) and all(axis in (None, 0) for axis in axes) and 0 in axes
        return axes if fits else None

    def take(self, args: Sequence[Any], named: dict[str, Any], points: Any) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of those points of a batch."""
        axes = self._axes(args)
        assert axes is not None
        some = [x if axis is None else _rows(x, points) for x, axis in zip(args, axes, strict=True)]
        return some, {name: _rows(x, points) for name, x in named.items()}

    def _family(self, arguments: Arguments) -> Family:
        family = self.families.get(arguments.key)
        if family is None:
            family = self.families.setdefault(arguments.key, Family(self, bool(arguments.mapped)))
        return family

    def names(self, count: int) -> list[str]:
        """What the positional arguments are called in programs."""
        f: Any = self.f
        while hasattr(f, "__wrapped__"):
            f = f.__wrapped__
        code = getattr(f, "__code__", None)
        known = list(code.co_varnames[: code.co_argcount]) if code is not None else []
        return [*known, *(f"x{i}" for i in range(len(known), count))][:count]

    def program(self, *args: Any, **named: Any) -> Program:
        """The program that a call with these arguments runs."""
        self(*args, **named)
        return self._family(self.read(args, named)[0]).paths[0].program

    def report(self) -> str:
        """Which programs there are, how often each has run, and which comparisons tell them apart."""
        lines = []
        for k, family in enumerate(self.families.values()):
            lines.append(f"arguments of kind {k}: {len(family.paths)} program(s)")
            for i, path in enumerate(family.paths):
                lines.append(f"  program {i}: {len(path.program.steps)} steps, run {path.runs} times")
                lines += [
                    f"    {path.program.text_of(guard.node)} is {guard.expected} at {guard.place}"
                    for guard in path.program.guards
                ]
        return "\n".join(lines) or "not called yet"

    def __getstate__(self) -> dict[str, Any]:
        """Programs travel, machine code does not; the function does if it can be pickled."""
        kept = {name: x for name, x in self.__dict__.items() if name not in ("f", "_quick", "in_axes")}
        return {**kept, "f": self.f if _can_be_pickled(self.f) else None, "axes": self._in_axes()}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        axes = kept.pop("axes")
        self.__dict__.update(kept, _quick=None, in_axes=_NOT_MAPPED if axes is None else axes[0])

    def _in_axes(self) -> Any:
        return None if self.in_axes is _NOT_MAPPED else (self.in_axes,)

    def __repr__(self) -> str:
        return f"<jit of {self.__name__}, backend {self.backend!r}>"


_NOT_MAPPED = object()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _can_be_pickled(f: Any) -> bool:
    try:
        pickle.dumps(f)
    except Exception:  # whatever it is that a function holds may raise whatever it likes
        return False
    return True


def _mapped(args: Sequence[Any], axes: Sequence[Any]) -> list[Any]:
    return [x for x, axis in zip(args, axes, strict=True) if axis is not None]


def _rows(x: Any, points: Any) -> Any:
    if isinstance(x, dict):
        return {key: _rows(child, points) for key, child in x.items()}
    return tuple([_rows(child, points) for child in x]) if isinstance(x, tuple) else x[points]
