"""Many minibatches in one piece of machine code: cost, gradient and the optimizer's step, one after the other.

All that changes from step to step, the parameters and what the optimizer remembers of each of them, is carried along
in one array.
"""

from __future__ import annotations

import math

import numpy as np

import autograd_core as ag
from autograd_core import RowBatches, Value

from ..errors import OutputError
from .optimizers import SGD, Adam, Optimizer
from .steps import NO_NUMBERS, plain
from .watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..data.samples import Samples
    from .optimizers import State
    from .steps import BatchStep, Begun

__all__ = ["Descent", "Steps"]

STEP = "the step of the optimizer"
OF_ANOTHER = "of another parameter"
MOST_WATCHED, WORTH_WATCHING = 8, 1 << 13
"""How many samples, in at least two steps, are compared before anything is compiled for all; parameters times samples
that the plain loop may go through meanwhile: some hundredths of a second."""

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
    """Steps of an optimizer, of which each is one of `batch_step`.

    Before they are compiled for good the first ones are watched, ``to_watch`` of them, and the first after a callback:
    see `nn.training.watch`. ``why_plain`` says why the optimizer's part is not compiled, None while it is.
    """

    def __init__(self, batch_step: BatchStep, optimizer: Optimizer, batch_size: int) -> None:
        self.batch_step, self.optimizer = batch_step, optimizer
        self.watch = Watch()
        self.first_steps = self.to_watch = max(2, math.ceil(MOST_WATCHED / batch_size))
        self.watched = max(2, WORTH_WATCHING // len(batch_step.parameters))
        self.why_plain = None if _has_only_a_rule(optimizer) else "it has more than a rule"
        self.has_own_rule = type(optimizer).rule not in (SGD.rule, Adam.rule)
        self.remembered: dict[str, list[Value]] = {}
        if self.is_possible and self.why_plain is None:
            parameters = batch_step.parameters
            start = optimizer.start(np.zeros(len(parameters)))
            self.remembered = {name: [Value(0.0) for _ in parameters] for name in start if name != "steps"}
            leaves = [*parameters, *[x for values in self.remembered.values() for x in values]]
            self._compiled = ag.jit(self._traced, leaves=leaves, static="self")
            if not self.has_own_rule:
                self._check_rule()

    @property
    def is_possible(self) -> bool:
        """Whether steps are compiled."""
        return self.batch_step.why_eager is None

    def watch_again(self) -> None:
        """Have a look at one sample of the next step: what has run meanwhile may have changed what was compiled."""
        if not self.to_watch:
            self.to_watch = self.watched = 1

    def at_once(self, batch_size: int, columns: int) -> int:
        """How many minibatches to do in one go."""
        is_one = self.why_plain is not None or (self.to_watch and self.watched > 1)
        most = 1 if is_one else MOST_STEPS
        return max(1, min(most, MOST_NUMBERS // (batch_size * columns)))

    def __call__(self, numbers: Any, state: State, samples: Samples, positions: Any, factors: Any = None) -> Steps:
        """The steps from these numbers; a row of `positions` are the samples of a minibatch, a table of `factors` what
        is dropped of them. It may do the first one only."""
        one = positions[0], None if factors is None else factors[0]
        is_early = state["steps"] < self.first_steps
        begun = self._begun(numbers, samples, *one, is_early) if self.to_watch else None
        if begun is None and self.why_plain is None and not (is_early and self.has_own_rule):
            try:
                return self._by_machine(numbers, state, samples, positions, factors)
            except Exception as error:  # whatever it is: step by step it shows itself, if it is the user's own
                self.why_plain = f"{type(error).__name__}: {error}"
        step = self.batch_step
        outcome = step(numbers, samples, *one) if begun is None else step.finish(begun, samples, *one)
        with np.errstate(over="ignore", invalid="ignore"):
            if is_early and self.has_own_rule and self.why_plain is None:
                numbers, state = self.by_rule(self.optimizer.rate(state["steps"]), numbers, outcome.gradient, state)
            else:
                numbers, state = self.optimizer.update(numbers, outcome.gradient, state)
        return Steps(numbers, state, [outcome.cost], outcome.outputs)

    def _begun(self, numbers: Any, samples: Samples, positions: Any, factors: Any, is_early: bool) -> Begun | None:
        """The first samples of a minibatch, by the plain loop, which goes on with it if it is one of the first and
        small, so that it ends as it did when a resumed training compares other steps; None if the step is compiled."""
        self.to_watch -= 1
        begun = self.batch_step.begin(numbers, samples, positions, factors, self.watched)
        if self.why_plain is None and not (is_early and self.has_own_rule):
            self._check_rule()
        is_whole = is_early and len(begun.pairs) == len(positions)
        return begun if is_whole or not self.is_possible else None

    def _by_machine(self, numbers: Any, state: State, samples: Samples, positions: Any, factors: Any) -> Steps:
        if samples.target_numbers is None:
            raise OutputError(NO_NUMBERS)
        count, size = positions.shape
        steps = np.arange(count) + state["steps"]
        carry = np.concatenate([numbers, *[state[name] for name in self.remembered]])
        rates = np.array([self.optimizer.rate(k) for k in steps.tolist()])
        shares = np.full(count, 1.0 / size)
        batches = [RowBatches(samples.rows, positions), RowBatches(samples.target_numbers, positions)]
        batches += [] if factors is None else [factors]
        carry, (costs, outputs) = self._compiled.scan(carry, rates, steps, shares, *batches)
        numbers, *arrays = np.split(carry, 1 + len(self.remembered))
        state = {"steps": state["steps"] + count, **dict(zip(self.remembered, arrays, strict=True))}
        return Steps(numbers, state, costs.tolist(), _of_all_samples(outputs))

    def by_rule(self, rate: float, numbers: Any, gradient: Any, state: State) -> tuple[Any, State]:
        """What the optimizer's `update` gives, by its rule on Values, watched: where it computes otherwise than before,
        or moves a parameter by the numbers of another, it is not compiled any more."""
        labels: dict[Value, Any] = {Value(rate): "rate", Value(state["steps"]): "steps"}
        given = list(labels)

        def values(name: str, array: Any) -> Any:
            found = [Value(x) for x in array.tolist()]
            labels.update(dict.fromkeys(found, OF_ANOTHER) | {found[0]: name})
            return np.array(found, dtype=object)

        arrays = {name: values(name, state[name]) for name in self.remembered}
        before = dict(vars(self.optimizer))
        moved, arrays = self.optimizer.rule(values("p", numbers), values("g", gradient), arrays, *given)
        for name, x in vars(self.optimizer).items():
            if x is not before.get(name):  # what it keeps by itself is numbers, as in the plain loop
                setattr(self.optimizer, name, _as_numbers(x))
        results = [moved[0], *[array[0] for array in arrays.values()]]
        if self.watch.see(STEP, results, labels) and any(OF_ANOTHER in line for line in self.watch.known[STEP]):
            self.watch.why = f"{STEP} moves a parameter by numbers of others; that belongs into `update`"
        if set(arrays) != set(self.remembered):
            self.watch.why = f"{STEP} keeps {_names(arrays)}, and begins with {_names(self.remembered)}"
        self.why_plain = self.watch.why
        arrays = {name: np.array(list(map(plain, array))) for name, array in arrays.items()}
        return np.array(list(map(plain, moved))), {"steps": state["steps"] + 1, **arrays}

    def _check_rule(self) -> None:
        """See whether the rule still is what it was, asked of one parameter."""
        one = np.ones(1)
        self.by_rule(1.0, one, one, {"steps": 1, **dict.fromkeys(self.remembered, one)})

    def _traced(self, rate: Any, steps: Any, share: Any, *batches: Any) -> Any:
        cost, gradient, outputs = self.batch_step.traced(share, *batches)
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


def _as_numbers(x: Any) -> Any:
    """An attribute with numbers in place of Values."""
    if isinstance(x, Value):
        return x.data
    if isinstance(x, dict):
        return {key: _as_numbers(child) for key, child in x.items()}
    if isinstance(x, list):
        return list(map(_as_numbers, x))
    return np.array(list(map(plain, x))) if isinstance(x, np.ndarray) and x.dtype == object else x


def _names(state: Iterable[str]) -> str:
    return ", ".join(map(repr, state)) or "nothing"


def _has_only_a_rule(optimizer: Optimizer) -> bool:
    """Whether `update` is the one that follows from the rule."""
    return type(optimizer).update is Optimizer.update and "update" not in vars(optimizer)
