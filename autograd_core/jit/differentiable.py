"""Results that are Values: what a compiled function computed from Values that it found outside stays in their graph.

Eagerly ``w * 3.0`` is a Value if w is one, so ``jit(lambda x: w * x)(3.0)`` is one too: a node whose inputs are the
Values that the call has read and whose rule is the compiled derivative, by which of them it comes.
"""

from __future__ import annotations

import numpy as np

from ..backprop import backprop
from ..containers import flatten
from ..domain import EXTENDED, Domain
from ..errors import OpError, StaleGraphError
from ..op import Op
from ..ops.reduction import dot
from ..value import Value, data_of, record
from .arrays import copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..value import Entry, Number
    from .entry import CompiledFunction
    from .recording import Call

__all__ = ["Differentiable"]

MANY = Domain(EXTENDED)


class Differentiable:
    """What results of `compiled` that depend on `leaves` have in common: its derivative by them, compiled when it is
    first asked for."""

    def __init__(self, compiled: CompiledFunction, leaves: Sequence[Value]) -> None:
        self.compiled, self.leaves = compiled, tuple(leaves)
        self._pullback: Any = None

    def slopes(self, k: int, count: int, args: Sequence[Any], named: dict[str, Any]) -> Sequence[Number]:
        """∂ number k of the result / ∂ leaf, for each leaf: floats, or Values where they depend on leaves again."""
        if self._pullback is None:
            from . import jit

            f, leaves = self.compiled.f, self.leaves
            assert f is not None  # a result that is a Value has been computed by it

            def pullback(weights: Any, /, *args: Any, **named: Any) -> Any:
                total = dot(weights, flatten(f(*args, **named)))
                table = backprop(total, leaves, create_graph=True)
                return [table[leaf] for leaf in leaves]

            names = self.compiled.parameters.names
            static = [1 + (i if isinstance(i, int) else names.index(i)) for i in self.compiled.parameters.static]
            self._pullback = jit(pullback, self.compiled.backend, self.compiled.threads, static=static)
        weights = np.zeros(count)
        weights[k] = 1.0
        found: Sequence[Number] = self._pullback(weights, *args, **named)
        return found

    def nodes(self, count: int, call: Call) -> Callable[[int, float], Value]:
        """What makes a node of number k of a call's result, which has `count` of them in the order of `flatten`."""
        args = [copied(x) for x in call.given[0]]
        named = {name: copied(x) for name, x in call.given[1].items()}
        name, key = self.compiled.__name__, call.arguments.key

        def node(k: int, number: float) -> Value:
            def rule(g: Number, z: Number, *leaves: Number) -> list[Entry]:
                if self.compiled.read(args, named).key != key:
                    raise StaleGraphError(
                        f"an object among the arguments of {name} has changed since the call whose result is to be "
                        "differentiated. Call it again, then differentiate"
                    )
                slopes = self.slopes(k, count, args, named)
                if all([type(leaf) is float for leaf in leaves]):
                    slopes = list(map(data_of, slopes))
                return [g * slope for slope in slopes]

            found = record(Op(name, _refuse_again, rule, MANY, label=f"jit {name}"), number, self.leaves)
            found._clock = call.began
            return found

        return node


def _refuse_again(*leaves: float) -> float:
    raise OpError("the result of a compiled function cannot be computed again from its leaves; call the function again")
