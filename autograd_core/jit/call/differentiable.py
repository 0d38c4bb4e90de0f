"""Results that are Values: numbers that a compiled function computed from captured Values stay in their graph.

Eagerly ``w * 3.0`` is a Value if w is one, so ``jit(lambda x: w * x)(3.0)`` is one too: a node whose inputs are the
captured Values and whose rule is the compiled derivative.
"""

from __future__ import annotations

import numpy as np

from ...backprop import GradTable, build_grad
from ...containers import flatten
from ...domain import EXTENDED, Domain
from ...errors import OpError, StaleGraphError
from ...graph import ancestors, descendants
from ...op import Op, quiet
from ...ops.reduction import sum as sum_of
from ...ops.selection import where
from ...value import Value, data_of, record
from ..trace.lazy_arrays import copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...value import Entry, Number
    from .recording import Call
    from .settings import Settings

__all__ = ["Differentiable"]

MANY = Domain(EXTENDED)


class Differentiable:
    """The derivative of a compiled function by captured `leaves`, compiled on first use, and shared by all results."""

    def __init__(self, settings: Settings, leaves: Sequence[Value]) -> None:
        self.settings, self.leaves = settings, tuple(leaves)
        self._pullback: Any = None

    def entries(self, g: Number, k: int, count: int, args: Sequence[Any], named: dict[str, Any]) -> Sequence[Number]:
        """The gradients that `g`, arriving at number k of the result, sends to each leaf.

        They are floats, or Values where they depend on leaves again."""
        if self._pullback is None:
            f, leaves = self.settings.f, self.leaves
            assert f is not None  # a result that is a Value has been computed by it

            def pullback(g: Any, is_asked: Any, /, *args: Any, **named: Any) -> Any:
                results = zip(is_asked, flatten(f(*args, **named)), strict=True)
                root = sum_of([where(asked, x, 0.0) for asked, x in results])
                with quiet():
                    entries = build_grad(root, descendants(leaves, ancestors(root)), True, g)
                    table = GradTable(root, leaves, entries, True)
                return [table[leaf] for leaf in leaves]

            parameters = self.settings.signature.parameters
            static = [2 + (i if isinstance(i, int) else parameters.names.index(i)) for i in parameters.static]
            self._pullback = self.settings.compiled(pullback, static)
        found: Sequence[Number] = self._pullback(g, np.arange(count) == k, *args, **named)
        return found

    def nodes(self, count: int, call: Call) -> Callable[[int, float], Value]:
        """A maker of nodes for a call's result: from number k, of `count` in the order of `flatten`, to its Value."""
        args = [copied(x) for x in call.given[0]]
        named = {name: copied(x) for name, x in call.given[1].items()}
        name, key = self.settings.name, call.arguments.key

        def node(k: int, number: float) -> Value:
            def rule(g: Number, z: Number, *leaves: Number) -> list[Entry]:
                if self.settings.signature.read(args, named).key != key:
                    raise StaleGraphError(
                        f"an object among the arguments of {name} has changed since the call whose result is to be "
                        "differentiated. Call it again, then differentiate"
                    )
                found = self.entries(g, k, count, args, named)
                return list(map(data_of, found)) if all([type(leaf) is float for leaf in leaves]) else list(found)

            found = record(Op(name, _refuse_again, rule, MANY, label=f"jit {name}"), number, self.leaves)
            found._clock = call.began
            return found

        return node


def _refuse_again(*leaves: float) -> float:
    raise OpError("the result of a compiled function cannot be computed again from its leaves; call the function again")
