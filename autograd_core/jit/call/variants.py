"""The variants of a function: programs specialised to the outcomes of guards, one of which answers a call.

A call runs the program that fitted last, or else the one that the decision tree of guards finds. A way not met before
is answered by recording it, and gets a program when it recurs; where ways are too many, the function runs eagerly. The
points of a batch are split among the programs whose guards they pass.
"""

from __future__ import annotations

import time
import warnings

import numpy as np

from ...errors import TracingError
from .. import backends
from ..compiler import compiled
from ..passes import optimised
from ..runtime.forking import Lock
from ..trace.source_lines import levels_to_the_user
from .batch import Batch
from .decision_tree import Decisions
from .differentiable import Differentiable
from .fast_call import quick_call
from .recording import Call, Recording
from .uncompiled import plainly
from .variant import Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ...value import Value
    from ..ir.program import Program
    from .arguments import Arguments
    from .results import Result
    from .settings import Settings

__all__ = ["Variants"]

MOST_VARIANTS = 200
"""Ways through a function that are told apart, as each holds a graph or a program; any further one runs eagerly."""
AT_ONCE, AT_FIRST = 2, 8
"""Ways up to which a call is compared with recordings that have no program yet, and up to which a way's recording is
kept when it is first met. Beyond, only the way's signature is kept: a way that never recurs would hold a graph."""
PATIENCE, MOST_SKIPPED = 6, 16
"""New ways in a row after which 4, 8, ..., at most 16 calls run eagerly before the next is recorded: where every call
takes a way of its own, recordings are never used again."""
WORTH_COMPILING = 20_000
"""Steps times points beyond which a program that runs once is compiled; the python backend computes fewer of them in
the milliseconds that compiling takes at least."""

MADE_AGAIN = frozenset({"lock", "_decisions", "_apart", "_derivatives"})
"""Attributes that are not pickled, but made again."""

WITHOUT_SOURCE = (
    "this compiled function came out of a pickle without its source, which could not be pickled; it can only run what "
    "it had compiled before"
)


class Variants:
    """The variants of calls that have one key. If ``is_mapped``, lane axis 0 is the first axis of the mapped arguments.

    ``known`` are those that have a program or may yet get one, the one that answered last in front; ``captured`` the
    Values that the function captures, on whatever way.
    """

    def __init__(self, settings: Settings, is_mapped: bool) -> None:
        self.settings = settings
        self._compiles_at_once = getattr(backends.get(settings.backend), "COMPILES_AT_ONCE", False)
        self.is_mapped = is_mapped
        self.known: list[Variant] = []
        self.captured: list[Value] = []
        self._ways: dict[tuple[bool | str, ...], Variant | None] = {}  # by outcomes of guards; None: met, but not kept
        self._derivatives: dict[tuple[Value, ...], Differentiable] = {}
        self._decisions = Decisions()
        self._apart: list[Variant] = []  # variants that are not in the tree
        self._new_in_a_row = self._to_skip = self._skipped = self._plain = 0
        self.lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in self.__dict__.items() if name not in MADE_AGAIN}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept, lock=Lock(), _decisions=Decisions(), _apart=[], _derivatives={})
        for variant in self.known:
            self._enter(variant)

    def call(self, arguments: Arguments, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """The result of one call; `args` and `named` are the arguments as they were given."""
        call = Call(arguments, self.captured, (args, named))
        if self.is_mapped:
            return self._call_mapped(call)
        answered = self._answered(call)
        if answered is not None:
            variant, done = answered
            self._to_front(variant)
            return self._built(variant.result, done[0], variant.lengths, call)
        if not self.settings.has_leaves and not self._is_worth_recording():
            return self._plainly(call)
        recording = self._record(call)
        if not recording.has_lanes and not self.settings.check_finite:
            sinks = recording.sinks()
            self._way(recording)
            return self._built(recording.result, sinks, (), call)
        variant = self._way(recording, is_wanted=True)
        done = self._run(variant, call) or self._run(variant, call, by_trace=True)
        if done is None:
            return self._plainly(call)
        return self._built(variant.result, done[0], variant.lengths, call)

    def variant_of(self, arguments: Arguments, args: Sequence[Any], named: dict[str, Any]) -> Variant:
        """The variant that answers a call, or the first point of a batch."""
        if len(self.known) == 1 or self.settings.f is None:
            return self.known[0]
        call = Call(arguments, self.captured, (args, named))
        answered = None if self.is_mapped else self._answered(call)
        if answered is not None:
            return answered[0]
        variant = self._way(self._record(call), is_wanted=True)
        assert isinstance(variant, Variant)  # being wanted
        return variant

    def _built(self, result: Result, sinks: Sequence[Any], lengths: Sequence[int], call: Call) -> Any:
        """The result, with Values in it where it was computed from captured ones."""
        if not result.leaves:
            return result.build(sinks, lengths)
        derivative = self._derivatives.get(result.leaves)
        if derivative is None:
            derivative = self._derivatives.setdefault(result.leaves, Differentiable(self.settings, result.leaves))
        count = result.count_of(result.template, lengths, [])
        return result.build(sinks, lengths, node=derivative.nodes(count, call))

    def _answered(self, call: Call) -> tuple[Variant, Any] | None:
        """A variant whose guards the call passes, and its filled sinks; None if there is none yet."""
        tried: set[Variant] = set()
        for variant in self._candidates(call):
            done = None if variant in tried else self._run(variant, call)
            tried.add(variant)
            if done is not None:
                return variant, done
        return None

    def _candidates(self, call: Call) -> Iterator[Variant]:
        """The variants to try for a call: the one that answered last, the one that the tree finds, then the others."""
        front = self.known[0] if self.known else None
        if front is not None and front.executable is not None:
            yield front
        if self._decisions.are_any:
            found = self._decisions.find([call.arguments.buffer, call.numbers(), *call.arguments.flat_arrays])
            if found is not None:
                yield found
        yield from list(self._apart)
        if len(self.known) <= AT_ONCE:
            for variant in list(self.known):
                if not variant.is_ready and variant.fits(call):
                    self._build(variant)
                    yield variant

    def _is_worth_recording(self) -> bool:
        """Whether to record the call; after many new ways in a row, only now and then."""
        if len(self._ways) >= MOST_VARIANTS:
            return False
        self._skipped = self._skipped + 1 if self._skipped < self._to_skip else 0
        return self._skipped == 0

    def _run(self, variant: Variant, call: Call, by_trace: bool = False) -> Any:
        numbers = call.arguments.buffer, call.numbers()
        return variant.run(self.settings, numbers, call.arguments.flat_arrays, variant.lengths, by_trace)

    def recorded(self, arguments: Arguments, args: Sequence[Any], named: dict[str, Any]) -> Recording:
        """A new recording of a call, or of the first point of a batch."""
        points = np.arange(arguments.common_length()) if self.is_mapped else None
        return self._record(Call(arguments, self.captured, (args, named)), points=points)

    def _record(self, call: Call, point: int = 0, points: Any = None) -> Recording:
        """A trace of the function at the numbers of a call. Raises `TracingError` if the function is missing."""
        if self.settings.f is None:
            raise TracingError(WITHOUT_SOURCE)
        return call.record(self.settings, self._evaluate, point, points)

    def _evaluate(self, program: Program, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any]) -> None:
        """Run a program that is needed once: compiled if it is worth it, else by the python backend."""
        program = optimised(program)
        is_long = len(program.steps) * max(lengths, default=1) > WORTH_COMPILING
        backend = self.settings.backend if is_long and not self._compiles_at_once else "python"
        compiled(program, backend).run(sources, lengths, sinks, None, self.settings.threads)

    def _way(self, recording: Recording, is_wanted: bool = False) -> Any:
        """The variant of a recording, ready for calls if its way has been met before or `is_wanted`.

        None if the way is new and `AT_FIRST` variants are known already.
        """
        is_new = recording.signature not in self._ways
        self._new_in_a_row = self._new_in_a_row + 1 if is_new else 0
        self._to_skip = min(MOST_SKIPPED, 4 << (self._new_in_a_row - PATIENCE)) if self._new_in_a_row >= PATIENCE else 0
        variant = self._ways.get(recording.signature)
        if variant is None and (is_wanted or not is_new or len(self.known) < AT_FIRST):
            variant = Variant(recording, self.captured)
            with self.lock:
                self._ways[recording.signature] = variant
                self.known.append(variant)
        elif is_new:
            self._ways[recording.signature] = None
        if variant is not None and (is_wanted or not is_new or self._compiles_at_once):
            self._build(variant)
        recording.let_go()
        return variant

    def _build(self, variant: Variant) -> None:
        """Make a variant ready: put its guards into the tree, and compile it where the backend does so at once."""
        if not variant.is_ready:
            self._enter(variant)
            if self._compiles_at_once:
                variant.executable = compiled(variant.program, self.settings.backend)

    def _enter(self, variant: Variant) -> None:
        with self.lock:
            variant.is_ready = True
            if not self.is_mapped and not self._decisions.add(variant.program, variant):
                self._apart.append(variant)

    def _plainly(self, call: Call) -> Any:
        """The answer of the function itself, run eagerly; nothing of it is kept."""
        if self.settings.has_leaves:
            recording = self._record(call)
            return recording.result.build(recording.sinks())
        if self.settings.f is None:
            raise TracingError(WITHOUT_SOURCE)
        start = time.perf_counter()
        found = plainly(self.settings.f, *call.given)
        self._warn_of_many_ways(time.perf_counter() - start)
        return found

    def _warn_of_many_ways(self, seconds: float) -> None:
        self._plain += 1
        if len(self._ways) + self._plain >= MOST_VARIANTS and not self.settings.has_warned_of_ways:
            self.settings.has_warned_of_ways = True
            warnings.warn(
                f"{self.settings.name} takes another way through its comparisons at nearly every call or point: "
                f"{len(self._ways)} ways so far, and {self._plain} answers by the plain engine, which takes "
                f"{1e3 * seconds:.3g} ms each. Select with ag.where(condition, a, b) instead of branching where that "
                "is too slow",
                stacklevel=levels_to_the_user(),
            )

    def quick(self, args: Sequence[Any]) -> Any:
        """The fast call for more arguments like these, or None; see `autograd_core.jit.call.fast_call`."""
        variant = self.known[0] if self.known else None
        if (
            variant is None
            or variant.executable is None
            or self.is_mapped
            or self.settings.check_finite
            or variant.result.leaves
        ):
            return None
        if variant.quick is None:
            variant.quick = quick_call(variant, args) or False
        return variant.quick or None

    def _call_mapped(self, call: Call) -> Any:
        """The result of a batch: each variant in turn answers the points left that pass its guards."""
        arguments = call.arguments
        batch = Batch(arguments.common_length())

        def answer(variant: Variant, points: Any, by_trace: bool = False) -> None:
            is_all = len(points) == batch.length
            arrays = arguments.flat_arrays if is_all else arguments.rows(np.asarray(points, int))
            numbers = arguments.buffer, call.numbers()
            done = variant.run(self.settings, numbers, arrays, [len(points), *variant.lengths[1:]], by_trace)
            if done is not None:
                batch.fill(variant.result, points, *done)

        asked = list(self.known)
        for known in asked:
            if len(batch.points):
                answer(known, batch.points)
        while len(batch.points):
            start, first = time.perf_counter(), batch.points[:1]
            recording = self._record(call, int(first[0]), batch.points)
            sinks = recording.sinks()
            is_crowded = len(self._ways) >= MOST_VARIANTS
            variant = None if is_crowded else self._way(recording, is_wanted=len(self.known) < AT_FIRST)
            if variant is not None and variant not in asked and len(batch.points) > 1:
                asked.append(variant)
                answer(variant, batch.points)
            # The point is still there if no variant ran, or if machine code rounds a comparison's operands otherwise.
            if len(batch.points) and first[0] == batch.points[0]:
                if self.settings.check_finite:
                    answer(variant or Variant(recording, self.captured), first, by_trace=True)
                else:
                    batch.fill(recording.result, first, sinks, None)
            if is_crowded:
                self._warn_of_many_ways(time.perf_counter() - start)
        return batch.result.build(batch.sinks, [batch.length], arguments.gives_lists)

    def _to_front(self, variant: Variant) -> None:
        if variant is not self.known[0]:
            with self.lock:
                self.known[:] = [variant, *[other for other in self.known if other is not variant]]
