"""One step: the cost of a minibatch and its gradient, compiled by `autograd_core.jit` where that is possible.

Where it is not, the plain loop goes from sample to sample, and it is said why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core import Value

from ..compiled import Watch, one_by_one, plain, refusal
from ..data.samples import Samples
from ..errors import OutputError
from ..metrics import Measure
from ..network.dropout import given
from ..network.losses import unchecked
from ..network.module import Module, parameters_of

__all__ = ["Batch", "BatchStep", "Outcome", "read"]

Penalty = Callable[[Sequence[Value]], Any] | None

WHAT_VARIES = "Dropout is nn.Dropout; a number that is to change belongs into a Value, which is read at every step"


def read(parameters: Sequence[Value]) -> Any:
    """The parameters' numbers as an array."""
    return np.array([p.data for p in parameters])


def _penalty_of(parameters: Sequence[Value], penalty: Callable[[Sequence[Value]], Any]) -> Any:
    found = penalty(parameters)
    if isinstance(found, Value) or (isinstance(found, Real) and found == 0.0):
        return found
    raise OutputError(
        f"the penalty must be one number, a Value, and it returned {found!r:.60}. Compute it from the parameters that "
        "it gets with ops, without .data"
    )


class Batch(NamedTuple):
    """Samples at drawn positions, and what of them is dropped: a row of factors for each, None without a `Dropout`. Or
    a table of both, a row for every minibatch."""

    samples: Samples
    positions: Any
    factors: Any = None

    def arrays(self, at: Any = slice(None)) -> list[Any]:
        """Rows, targets and, if there are any, factors of the samples at these of its positions."""
        positions = self.positions[at]
        found = [self.samples.rows[positions], self.samples.target_numbers[positions]]
        return found if self.factors is None else [*found, self.factors[at]]

    def first(self) -> Batch:
        """The first minibatch of a table."""
        return Batch(self.samples, self.positions[0], None if self.factors is None else self.factors[0])


class Outcome(NamedTuple):
    """The cost of a minibatch, the cost's gradient as an array, and the network's outputs if asked for."""

    cost: float
    gradient: Any
    outputs: list[Any] | None


class BatchStep:
    """The cost of a minibatch, (1/m) Σ loss(net(x), y) + penalty, and its gradient by the parameters.

    Called with the parameters' numbers in an array. ``why_eager`` says why nothing is compiled, None while all is.
    """

    def __init__(
        self, net: Module, loss: Measure, penalty: Penalty, *, wants_outputs: bool = False, why_eager: str | None = None
    ) -> None:
        self.net, self.loss, self.penalty, self.parameters = net, loss, penalty, parameters_of(net)
        self.wants_outputs, self.why_eager = wants_outputs, why_eager
        self.watch = Watch()
        self._compiled = ag.jit(self.traced, leaves=self.parameters, static="self") if why_eager is None else None

    def __call__(self, numbers: Any, batch: Batch) -> Outcome:
        """The outcome at these numbers."""
        if self.why_eager is None and self._compiled is not None:
            try:
                cost, gradient, outputs = self._compiled(numbers, float(len(batch.positions)), *batch.arrays())
                return Outcome(cost, gradient, one_by_one(outputs) if self.wants_outputs else None)
            except Exception as error:
                self.why_eager = refusal(error)
        ag.assign(self.parameters, numbers.tolist())
        return self.finish([], None, batch)

    def traced(self, m: Any, rows: Any, targets: Any, *factors: Any) -> Any:
        """The function that is compiled; `m` is the number of samples, so that it serves all sizes."""
        losses, outputs = ag.vmap(self._sample)(rows, targets, *factors)
        cost = losses.sum() / m
        if self.penalty is not None:
            cost = cost + _penalty_of(self.parameters, self.penalty)
        table = ag.backprop(cost, self.parameters)
        gradient = np.array([table[p] for p in self.parameters], dtype=object)
        return cost, gradient, outputs if self.wants_outputs else ()

    def _sample(self, x: Any, y: Any, factors: Any = None) -> Any:
        """Loss and output of one sample, with all neurons or with those that the factors leave."""
        with nullcontext() if factors is None else given(factors):
            output = self.net(x)
        return unchecked(self.loss, output, y), output

    def begin(self, numbers: Any, batch: Batch, count: int) -> tuple[list[Any], Any]:
        """Losses and outputs of the first `count` samples, and the penalty, by the plain loop, watched: it gets Values
        for data, as the compiled step does.

        What differs from one to the next, or from what was seen before, ends compilation.
        """
        done: list[Any] = []
        ag.assign(self.parameters, numbers.tolist())
        part = "the output or the loss" + (" with dropout" if batch.factors is not None else "")
        for k in range(min(count, len(batch.positions))):
            try:
                done.append(self.watch.call(part, self._sample, *[array.tolist() for array in batch.arrays(k)]))
            except Exception as error:  # with plain numbers it shows whether it is the user's own
                self.why_eager = refusal(error)
            if self.why_eager is not None or self._varies():
                return done, None
        penalty = None
        if self.penalty is not None:
            penalty = self.watch.call("the penalty", partial(_penalty_of, self.parameters, self.penalty))
            self._varies()
        return done, penalty

    def _varies(self) -> bool:
        self.why_eager = self.watch.why and f"{self.watch.cure}. Here {self.watch.why}. {WHAT_VARIES}"
        return self.why_eager is not None

    def finish(self, done: list[Any], penalty: Any, batch: Batch) -> Outcome:
        """The rest of a minibatch by the plain loop; the parameters have their numbers."""
        samples, positions, factors = batch
        left = positions[len(done) :]
        batches = [samples.rows[left].tolist(), samples.targets_at(left)]
        batches += [] if factors is None else [factors[len(done) :].tolist()]
        losses, outputs = zip(*done, *[self._sample(*sample) for sample in zip(*batches, strict=True)], strict=True)
        cost = ag.mean(losses)
        if self.penalty is not None:
            cost = cost + (_penalty_of(self.parameters, self.penalty) if penalty is None else penalty)
        table = ag.backprop(cost, self.parameters)
        return Outcome(cost.data, np.array([table[p] for p in self.parameters]), list(map(plain, outputs)))
