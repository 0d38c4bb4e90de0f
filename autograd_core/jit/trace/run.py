"""The interface of the tracer for its parts, which so need not import it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol, TypeAlias

    from ...value import Value
    from ..ir.program import Input
    from .source_lines import SourceLine

    TracedGuard: TypeAlias = tuple[Value, bool, SourceLine]
    """A comparison, its outcome, and where the user's code asked for it."""

    class Axes(Protocol):
        """The lane axes of a run: ``lengths`` are the numbers of points along each."""

        lengths: list[int]

    class RunningTrace(Protocol):
        """A run that is being traced: the part of `autograd_core.jit.trace.tracer.Trace` that other modules use.

        ``way`` is the way through a mapped function that is being recorded, or None; `start` is the clock's time
        (`autograd_core.value.tick`) at the beginning.
        """

        inputs: dict[Value, Input]
        sources: list[Any]
        known: dict[Value, float]
        born: set[Value]
        guards: list[TracedGuard]
        way: Any
        start: int
        is_mapped: bool
        point: int

        @property
        def lanes(self) -> Axes:
            """The lane axes."""

        def decide(self, node: Value) -> bool:
            """The outcome of a comparison, kept as a guard."""

        def evaluated(self, nodes: Sequence[Value]) -> list[Any]:
            """The numbers of nodes in this call."""

        def is_batch_axis(self, axis: int) -> bool:
            """Whether a lane axis is the batch of the call."""

        def points_of(self, axis: int) -> Any:
            """A mask of the points along a lane axis that matter."""

        def batch_guards(self, axis: int) -> list[TracedGuard]:
            """The guards so far along the batch of the call."""
