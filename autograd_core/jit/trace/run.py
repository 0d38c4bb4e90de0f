"""The run of a function that is being traced, as the parts of the tracer see it."""

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

    class Run(Protocol):
        """See `autograd_core.jit.trace.tracer.Trace` for what is not said here.

        ``way`` is the way through a mapped function that is followed, if there is one; `start` is the time at which
        the run began, as `autograd_core.value.tick` tells it.
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
            """The numbers of nodes with those of the call."""

        def is_batch_axis(self, axis: int) -> bool:
            """Whether that lane axis runs over the points of the call."""

        def points_of(self, axis: int) -> Any:
            """Which points along a lane axis matter."""

        def batch_guards(self, axis: int) -> list[TracedGuard]:
            """What has been decided so far for the points of the call."""
