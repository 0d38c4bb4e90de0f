"""Recording: one run of a function under the tracer, at the numbers of one call.

A recording has the call's answer, and the outcomes of its guards, without any program. The program is built from its
graph on demand, as a way through the function that never recurs needs none.
"""

from __future__ import annotations

import numpy as np

from ...numpy_advice import refuse_floats_only
from ...value import assignments, data_of, now
from ..passes import optimised
from ..runtime.collector import without_collections
from ..trace.evaluation import Numbers
from ..trace.tracer import Trace
from .arguments import leaves_for
from .results import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...value import Number, Value
    from ..ir.program import Program
    from ..trace.tracer import Runner
    from .arguments import Arguments
    from .settings import Settings

__all__ = ["Call", "Recording"]


class Call:
    """One call: its arguments, read and as they were `given`, and the numbers of captured Values, each read once.

    ``captured`` is the list of those Values, which grows while the function's ways are explored; ``began`` is the
    clock's time at the beginning.
    """

    def __init__(
        self, arguments: Arguments, captured: list[Value], given: tuple[Sequence[Any], dict[str, Any]]
    ) -> None:
        self.arguments, self.captured, self.given = arguments, captured, given
        self.began, self._since = now(), assignments()
        self._numbers = np.array([x._data for x in captured])
        self._known: dict[Value, float] = {}

    def numbers(self) -> Any:
        """The numbers of the captured Values, as they were when the call first read them."""
        if len(self._numbers) < len(self.captured):
            self._numbers = np.array([self._known.setdefault(x, x._data) for x in self.captured])
        return self._numbers

    def record(self, settings: Settings, run: Runner, point: int, points: Any) -> Recording:
        """A trace of the function at these numbers; in a batch at `point` of the `points` that lack an answer.

        `run` runs programs whose numbers the trace needs."""
        known = self._known
        known.update(zip(self.captured, self._numbers.tolist(), strict=False))

        def recorded(is_exact: bool) -> Recording:
            return Recording(settings, self, known, run, is_exact=is_exact, point=point, points=points)

        recording = recorded(settings.has_leaves or assignments() != self._since)
        self.numbers()
        if not recording.is_exact and assignments() != self._since:  # a captured Value may have changed meanwhile
            recording = recorded(True)
        return recording


class Recording:
    """The trace of the function for `call`.

    With ``is_exact`` comparisons and the answer are computed from `known`, the numbers that captured Values had when
    the call read them, and not from what they hold by now.
    """

    def __init__(
        self,
        settings: Settings,
        call: Call,
        known: dict[Value, float],
        run: Runner,
        *,
        is_exact: bool,
        point: int,
        points: Any,
    ) -> None:
        arguments = call.arguments
        signature = settings.signature
        names = signature.names(len(arguments.args) - settings.has_leaves)
        args, named, inputs = leaves_for(arguments, names, signature.leaves)
        sources = [arguments.buffer, None, *arguments.flat_arrays]
        self.trace = trace = Trace(
            inputs,
            sources,
            captured=call.captured,
            known=known,
            is_exact=is_exact,
            run=run,
            is_mapped=bool(arguments.mapped),
            point=point,
            points=points,
        )
        trace.lanes.gives_lists = arguments.gives_lists

        def found() -> Result:
            try:
                returned = settings.f(*args, **named)  # type: ignore[misc]  # whoever records has it
            except (TypeError, AttributeError, ValueError, IndexError) as error:
                refuse_floats_only(error)
                raise
            return Result(returned)

        self.result: Result = without_collections(trace.record, found)
        self._order = trace.order_of(*[node for node, _, _ in trace.guards], *[x for x, *_ in self.result.outputs])
        self.is_exact = is_exact
        if trace.captured and not settings.has_leaves and not trace.is_mapped:
            singles = [x for x, sink, *_ in self.result.outputs if sink == 0]
            self.result.are_nodes, self.result.leaves = trace.found_outside(singles)
        self.signature: tuple[bool | str, ...] = (*[outcome for _, outcome, _ in trace.guards], *trace.shown_numbers)
        self.lengths = trace.lanes.lengths
        self.has_lanes = any(axis is not None for axis, _ in self.result.shapes) or bool(self.lengths)
        self._numbers: Any = Numbers(trace, point) if is_exact else None
        self.arrays = trace.sources[len(sources) :]

    def number(self, x: Number) -> float:
        """The number of an output at the point of the recording."""
        return data_of(x) if self._numbers is None else self._numbers[x]

    def sinks(self) -> list[Any]:
        """The answer of the call, in a batch of its one point: the sinks as a program would fill them."""
        sinks = self.result.sinks([1] * len(self.lengths))
        for x, sink, offset, *_ in self.result.outputs:
            sinks[sink][offset] = self.number(x)
        return sinks

    def fits(self, call: Call) -> bool:
        """Whether all guards have the same outcomes for another call; False, as unknown, where there are lanes."""
        if self.has_lanes:
            return False
        arguments, known = call.arguments, dict(zip(call.captured, call.numbers().tolist(), strict=True))
        numbers = Numbers(self.trace, 0, [arguments.buffer, None, *arguments.flat_arrays], known)
        return all((numbers[node] != 0.0) == outcome for node, outcome, _ in self.trace.guards)

    def let_go(self) -> None:
        """Release the caller's arrays, and keep the graph."""
        self.trace.sources = []
        self._numbers = None

    def traced(self) -> Program:
        """The program of the recorded graph, before any pass."""
        return self.trace.program(self.result.outputs, self._order)

    def program(self) -> Program:
        """The program of the recorded graph, after all passes."""
        return optimised(self.traced(), self.lengths)
