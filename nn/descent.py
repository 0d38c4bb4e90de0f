"""Many minibatches in one piece of machine code: cost, gradient and the optimizer's step, one after the other.

All that changes from step to step, the parameters and what the optimizer remembers of each of them, is carried along
in one array.
"""

from __future__ import annotations

import math

import numpy as np

import autograd_core as ag
from autograd_core import Value
from autograd_core.jit.taken import Taken

from .errors import OutputError
from .optimizers import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .optimizers import State
    from .samples import Samples
    from .steps import BatchStep

__all__ = ["Descent", "Steps"]

MOST_NUMBERS, MOST_STEPS = 1 << 21, 256
"""Of the inputs read, and of the steps done, in one go: it should not take longer than an eye notices."""


class Steps:
    """What became of several minibatches: parameters and optimizer's state, the cost of each, and the outputs of all
    their samples, as arrays, if asked for."""

    def __init__(self, numbers: Any, state: State, costs: list[float], outputs: Any) -> None:
        self.numbers, self.state, self.costs, self.outputs = numbers, state, costs, outputs

    @property
    def is_finite(self) -> bool:
        """Whether everything is."""
        arrays = [array for array in (self.numbers, *self.state.values()) if hasattr(array, "shape")]
        return all(map(math.isfinite, self.costs)) and all(np.isfinite(array).all() for array in arrays)


class Descent:
    """Steps of an optimizer, of which each is one of `batch_step`."""

    def __init__(self, batch_step: BatchStep, optimizer: Optimizer) -> None:
        self.batch_step, self.optimizer = batch_step, optimizer
        self.is_possible = batch_step.why_eager is None and _has_only_a_rule(optimizer)
        self.remembered: dict[str, list[Value]] = {}
        if self.is_possible:
            parameters = batch_step.parameters
            start = optimizer.start(np.zeros(len(parameters)))
            self.remembered = {name: [Value(0.0) for _ in parameters] for name in start if name != "steps"}
            leaves = [*parameters, *[x for values in self.remembered.values() for x in values]]
            self._compiled = ag.jit(self._traced, leaves=leaves)

    def at_once(self, batch_size: int, columns: int) -> int:
        """How many minibatches to do in one go."""
        return max(1, min(MOST_STEPS, MOST_NUMBERS // (batch_size * columns)))

    def __call__(self, numbers: Any, state: State, samples: Samples, positions: Any) -> Steps:
        """The steps from these numbers; a row of `positions` are the samples of a minibatch."""
        if samples.target_numbers is None:
            raise OutputError("the targets are not numbers, or differ in length")
        count, size = positions.shape
        steps = np.arange(count) + state["steps"]
        carry = np.concatenate([numbers, *[state[name] for name in self.remembered]])
        rates = np.array([self.optimizer.rate(k) for k in steps.tolist()])
        shares = np.full(count, 1.0 / size)
        rows, targets = Taken(samples.rows, positions), Taken(samples.target_numbers, positions)
        carry, (costs, outputs) = self._compiled.scan(carry, rates, steps, shares, rows, targets)
        numbers, *arrays = np.split(carry, 1 + len(self.remembered))
        state = {"steps": state["steps"] + count, **dict(zip(self.remembered, arrays, strict=True))}
        return Steps(numbers, state, costs.tolist(), _of_all_samples(outputs))

    def _traced(self, rate: Any, steps: Any, share: Any, rows: Any, targets: Any) -> Any:
        cost, gradient, outputs = self.batch_step.traced(share, rows, targets)
        parameters = np.array(self.batch_step.parameters, dtype=object)
        arrays = [np.array(values, dtype=object) for values in self.remembered.values()]

        def move(p: Any, g: Any, *remembered: Any) -> Any:
            state = dict(zip(self.remembered, remembered, strict=True))
            p, state = self.optimizer.rule(p, g, state, rate, steps)
            return p, *[state[name] for name in self.remembered]

        return ag.vmap(move)(parameters, gradient, *arrays), (cost, outputs)


def _of_all_samples(outputs: Any) -> Any:
    """Arrays with an axis for minibatches and one for their samples, as arrays with one for all samples."""
    if isinstance(outputs, tuple):
        return tuple(map(_of_all_samples, outputs))
    if isinstance(outputs, dict):
        return {key: _of_all_samples(child) for key, child in outputs.items()}
    return outputs.reshape(-1, *outputs.shape[2:])


def _has_only_a_rule(optimizer: Optimizer) -> bool:
    """Whether `update` is the one that follows from the rule."""
    return type(optimizer).update is Optimizer.update and "update" not in vars(optimizer)
