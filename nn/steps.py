"""The network on many samples at once: compiled by `autograd_core.jit` where that is possible, else one by one.

`BatchStep` is what training repeats: the cost of a minibatch and its gradient; it says why when it cannot be compiled.
`Mapped` is a function of one sample for many of them. Both give plain numbers.
"""

from __future__ import annotations

import warnings

import numpy as np

import autograd_core as ag
from autograd_core import Value
from autograd_core.value import assign

from .errors import OutputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .layers import Module
    from .samples import Samples

__all__ = ["BatchStep", "Mapped", "Outcome", "one_by_one", "plain", "read", "write"]


def read(parameters: Sequence[Value]) -> Any:
    """The parameters' numbers as an array."""
    return np.array([p.data for p in parameters])


def write(parameters: Sequence[Value], numbers: Any) -> None:
    """Give the parameters these numbers; one that has its number already is not touched."""
    assign(parameters, numbers.tolist())


class Outcome:
    """What a minibatch gave: its cost, the cost's gradient as an array, and the network's outputs if asked for."""

    def __init__(self, cost: float, gradient: Any, outputs: list[Any] | None) -> None:
        self.cost, self.gradient, self.outputs = cost, gradient, outputs


class BatchStep:
    """The cost of a minibatch, (1/m) Σ loss(net(x), y) + penalty, and its gradient by the parameters.

    Called with the parameters' numbers in an array. ``why_eager`` says why nothing is compiled, None while all is.
    """

    def __init__(
        self,
        net: Module,
        loss: Callable[[Any, Any], Any],
        penalty: Callable[[Sequence[Value]], Any] | None,
        parameters: Sequence[Value],
        *,
        wants_outputs: bool,
        compiles: bool,
    ) -> None:
        self.net, self.loss, self.penalty, self.parameters = net, loss, penalty, parameters
        self.wants_outputs = wants_outputs
        self.why_eager = None if compiles else "compile=False"
        self._compiled = ag.jit(self.traced, leaves=parameters) if compiles else None
        self._is_told = not compiles

    def __call__(self, numbers: Any, samples: Samples, positions: Any) -> Outcome:
        """The outcome at these numbers for the samples at these positions."""
        if self.why_eager is None:
            try:
                return self._by_machine(numbers, samples, positions)
            except Exception as error:  # whatever it is: the plain loop shows whether it is the user's own
                self.why_eager = f"{type(error).__name__}: {error}"
        outcome = self._by_loop(numbers, samples, positions)
        if not self._is_told:
            self._is_told = True
            warnings.warn(
                f"this network or loss is trained without compilation, some hundred times slower. {self.why_eager}",
                RuntimeWarning,
                stacklevel=7,  # whoever has called `fit`
            )
        return outcome

    def _by_machine(self, numbers: Any, samples: Samples, positions: Any) -> Outcome:
        assert self._compiled is not None
        if samples.target_numbers is None:
            raise OutputError("the targets are not numbers, or differ in length")
        rows, targets = samples.rows[positions], samples.target_numbers[positions]
        cost, gradient, outputs = self._compiled(numbers, 1.0 / len(rows), rows, targets)
        return Outcome(cost, gradient, one_by_one(outputs) if self.wants_outputs else None)

    def traced(self, share: Any, rows: Any, targets: Any) -> Any:
        """What is compiled; `share` is one over the number of samples, so that it serves batches of all sizes."""

        def sample(x: Any, y: Any) -> Any:
            output = self.net(x)
            return self.loss(output, y), output

        losses, outputs = ag.vmap(sample)(rows, targets)
        cost = self._with_penalty(share * losses.sum())
        table = ag.backprop(cost, self.parameters)
        gradient = np.array([table[p] for p in self.parameters], dtype=object)
        return cost, gradient, outputs if self.wants_outputs else ()

    def _by_loop(self, numbers: Any, samples: Samples, positions: Any) -> Outcome:
        write(self.parameters, numbers)
        outputs = [self.net(x) for x in samples.rows[positions].tolist()]
        losses = [self.loss(output, y) for output, y in zip(outputs, samples.targets_at(positions), strict=True)]
        cost = self._with_penalty(ag.mean(losses))
        table = ag.backprop(cost, self.parameters)
        return Outcome(cost.data, np.array([table[p] for p in self.parameters]), list(map(plain, outputs)))

    def _with_penalty(self, cost: Any) -> Any:
        return cost if self.penalty is None else cost + self.penalty(self.parameters)


class Mapped:
    """A function ``f(x, y)`` of inputs and target, for many samples: a list of what it returns, as plain numbers."""

    def __init__(self, f: Callable[[Any, Any], Any], *, compiles: bool) -> None:
        self.f = f
        self._compiled: Any = ag.jit(ag.vmap(f)) if compiles else None

    def __call__(self, samples: Samples) -> list[Any]:
        """`f` of every sample."""
        if self._compiled is not None and samples.target_numbers is not None:
            try:
                return one_by_one(self._compiled(samples.rows, samples.target_numbers))
            except Exception:  # the plain loop answers, or raises what is the user's own
                self._compiled = None
        return [plain(self.f(x, y)) for x, y in zip(samples.rows.tolist(), samples.targets, strict=True)]


def one_by_one(batch: Any) -> list[Any]:
    """A batch, arrays in tuples and dicts, as a list with what belongs to each sample.

    >>> one_by_one((np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])))
    [(1.0, [3.0, 4.0]), (2.0, [5.0, 6.0])]
    """
    if isinstance(batch, tuple):
        return list(zip(*map(one_by_one, batch), strict=True))
    if isinstance(batch, dict):
        return [dict(zip(batch, some, strict=True)) for some in zip(*map(one_by_one, batch.values()), strict=True)]
    found: list[Any] = batch.tolist()
    return found


def plain(x: Any) -> Any:
    """`x` with floats in place of Values."""
    if isinstance(x, Value):
        return x.data
    if isinstance(x, dict):
        return {key: plain(child) for key, child in x.items()}
    if hasattr(x, "tolist"):
        return plain(x.tolist())
    return type(x)(map(plain, x)) if type(x) in (list, tuple) else x
