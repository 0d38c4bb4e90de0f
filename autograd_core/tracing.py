"""The interface between engine and tracer: that a function is traced, and whom to ask meanwhile.

A tracer (`autograd_core.jit`) runs a function on Values to learn its graph, which must then hold for other numbers
too. So a comparison cannot be decided for good, a gradient that flows on one side of a kink only flows under a
condition, and data cannot leave the graph. At these few places the engine asks the tracer of its thread, if there
is one; everything else does not know about tracing.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from .op import Op
    from .value import Entry, Number, Value

    class Tracer(Protocol):
        """A tracer of a function; ``born`` are the leaves that are made meanwhile, ``plain`` the nodes that would be
        plain numbers if nothing was traced."""

        born: set[Value]
        plain: set[Value]

        def compare(self, op: Op, x: Any, y: Any, negated: bool = False) -> Any:
            """The result of ``x < y`` and its like, of Values and real numbers of any kind: a condition that is decided
            where Python asks for its truth."""

        def choose(self, condition: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
            """The three inputs of ``where``, whose condition may be one that `compare` gave."""

        def gate(self, condition: Any, yes: Entry, no: Entry) -> Entry:
            """`yes` where the condition holds, else `no`; one of them is None, "exactly nothing"."""

        def entries(self, node: Value, gradient: Number) -> Sequence[Entry]:
            """The entries of the rule of `node`, one per input, when `gradient` may arrive under a condition."""

        def settled(self, gradient: Number) -> Number:
            """`gradient`, with 0.0 where nothing has arrived."""

        def times(self, partial: Number, tangent: Number) -> Number:
            """The product of a `partial`, which may be there under a condition, and a `tangent`."""

        def tangent(self, node: Value, tangent_of: dict[Value, Any]) -> Any:
            """The tangent of a node whose rule, fed the gradient 1, does not give the partial derivative; else None."""

        def refuse_leaving(self, what: str, x: Value) -> None:
            """Raise if `x` has no number of its own while the function is traced."""

        def is_plain(self, x: Value) -> bool:
            """Whether `x` would be a plain number if nothing was traced."""

        def shown(self, x: Value) -> tuple[float, bool]:
            """The number of `x` for a text, to which the trace is bound from then on; and whether it `is_plain`."""

        def keep(self, leaf: Value, twin: Value) -> None:
            """Let the copy of a leaf stay in the graph."""

        def reduced(self, name: str, x: Any) -> Number | None:
            """The sum or the mean, as `name` says, of what `vmap` returned; None for all other numbers."""

        def vmap(self, f: Callable[..., Any], axes: Sequence[int | None], args: Sequence[Any], named: Any) -> Any:
            """The mapped function's results as a tuple of one, or None to have it done by the plain loop."""

        def branching(self, f: Callable[..., Any]) -> Callable[..., Any]:
            """`f` as the plain loop calls it for each point."""


def is_tracing() -> bool:
    """Whether the function that is running is being traced by `jit`: then it runs once for many calls, and a number
    that it draws, or a step that it counts, would be the same at all of them.

    >>> from autograd_core import is_tracing, jit
    >>> seen = []
    >>> jit(lambda x: seen.append(is_tracing()) or 2.0 * x, backend="python")(3.0)
    6.0
    >>> seen, is_tracing()
    ([True], False)
    """
    return state.tracer is not None


class Undecided:
    """The base of conditions, which comparisons give while a function is traced. A condition knows how to be a bool
    among numbers, so an operator of a Value that meets one leaves the work to it."""

    __slots__ = ()


class _State(threading.local):
    tracer: Tracer | None = None
    recordings = 0  # transformations that are running their function: what it computes must stay a graph


state = _State()
"""The state of tracing in this thread: each traces on its own."""
