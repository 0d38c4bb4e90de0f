"""Many steps in one piece of machine code: cost, gradient and the optimizer's rule, one minibatch after the other.

All that changes from step to step, the parameters and what the optimizer remembers of each of them, is carried along
in one array.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core import RowBatches, Value

from ..compiled import TO_WATCH, Watch, each, plain, refusal
from .optimizers import SGD, Adam, Optimizer, State, apply_rule, first_state, has_only_a_rule
from .steps import Batch, BatchStep, Outcome

__all__ = ["Descent", "Steps"]

STEP, OF_ANOTHER = "the step of the optimizer", "of another parameter"

WORTH_WATCHING = 1 << 13
"""Parameters times samples that the plain loop may go through while it is watched: some hundredths of a second."""

MOST_NUMBERS, MOST_STEPS = 1 << 21, 256
"""Inputs that are read, and steps that are done, in one go at most: it should not take longer than an eye notices."""


class Steps(NamedTuple):
    """Parameters and optimizer's state after some steps, the cost of each minibatch, the outputs of all their samples
    if asked for, as arrays or lists; of a single step that was not part of many also the gradient."""

    numbers: Any
    state: State
    costs: list[float]
    outputs: Any
    gradient: Any = None

    @property
    def arrays(self) -> list[Any]:
        """The parameters, and what the optimizer remembers."""
        return [self.numbers, *self.state.values()]

    @property
    def is_finite(self) -> bool:
        """Whether all costs and arrays are."""
        return all(map(math.isfinite, self.costs)) and all(np.isfinite(array).all() for array in self.arrays)


class Descent:
    """Steps of an optimizer, of which each is one of `batch_step`.

    Before they are compiled for good the first ones are watched, ``to_watch`` of them, and the first after a callback:
    see `nn.compiled`. ``why_plain`` says why the optimizer's part is not compiled, None while it is.
    """

    def __init__(self, batch_step: BatchStep, optimizer: Optimizer, batch_size: int) -> None:
        self.batch_step, self.optimizer, self.batch_size = batch_step, optimizer, batch_size
        self.watch = Watch()
        self.first_steps = self.to_watch = max(2, math.ceil(TO_WATCH / batch_size))
        self.watched = max(2, WORTH_WATCHING // len(batch_step.parameters))
        self.why_plain = None if has_only_a_rule(optimizer) else "it has more than a rule"
        self.has_own_rule = type(optimizer).rule not in (SGD.rule, Adam.rule)
        self.remembered: dict[str, list[Value]] = {}
        if batch_step.why_eager is None and self.why_plain is None:
            parameters = batch_step.parameters
            start = first_state(optimizer, np.zeros(len(parameters)))
            self.remembered = {name: [Value(0.0) for _ in parameters] for name in start if name != "steps"}
            leaves = [*parameters, *[x for values in self.remembered.values() for x in values]]
            self._compiled = ag.jit(self._traced, leaves=leaves, static="self")
            if not self.has_own_rule:
                self._check_rule()

    def watch_again(self) -> None:
        """Watch one sample of the next step: what has run meanwhile may have changed what was compiled."""
        if not self.to_watch:
            self.to_watch = self.watched = 1

    def at_once(self, columns: int) -> int:
        """The number of minibatches, of samples of so many numbers, to do in one go."""
        is_plain = self.batch_step.why_eager is not None or self.why_plain is not None
        most = 1 if is_plain or (self.to_watch and self.watched > 1) else MOST_STEPS
        return max(1, min(most, MOST_NUMBERS // (self.batch_size * columns)))

    def __call__(self, numbers: Any, state: State, table: Batch) -> Steps:
        """The steps from these numbers over a table of minibatches, or the first one only."""
        is_early = state["steps"] < self.first_steps
        by_rule = is_early and self.has_own_rule and self._compiles
        outcome = None
        if self.to_watch and self._compiles:
            # The first samples are done by the plain loop, which goes on with the step if it is one of the first and
            # small, so that it ends as it did when a resumed training compares other steps.
            self.to_watch -= 1
            batch = table.first()
            done, penalty = self.batch_step.begin(numbers, batch, self.watched)
            if self.why_plain is None and not by_rule:
                self._check_rule()
            if not self._compiles or (is_early and len(done) == len(batch.positions)):
                outcome = self.batch_step.finish(done, penalty, batch)
        if outcome is None and self._compiles and self.why_plain is None and not by_rule:
            try:
                return self._by_machine(numbers, state, table)
            except Exception as error:  # step by step it shows itself, if it is the user's own
                self.why_plain = refusal(error)
        return self.single(numbers, state, table, outcome, by_rule)

    def single(
        self, numbers: Any, state: State, table: Batch, outcome: Outcome | None = None, by_rule: bool = False
    ) -> Steps:
        """The first step, by the optimizer's `update`, or by its rule on Values where that may still be compiled."""
        outcome = outcome or self.batch_step(numbers, table.first())
        with np.errstate(over="ignore", invalid="ignore"):
            if by_rule and self.why_plain is None:
                numbers, state = self.by_rule(self.optimizer.rate(state["steps"]), numbers, outcome.gradient, state)
            elif math.isfinite(outcome.cost):
                numbers, state = self.optimizer.update(numbers, outcome.gradient, state)
        return Steps(numbers, state, [outcome.cost], outcome.outputs, outcome.gradient)

    @property
    def _compiles(self) -> bool:
        return self.batch_step.why_eager is None

    def _by_machine(self, numbers: Any, state: State, table: Batch) -> Steps:
        samples, positions, factors = table
        count, size = positions.shape
        steps = np.arange(count) + state["steps"]
        carry = np.concatenate([numbers, *[state[name] for name in self.remembered]])
        rates = np.array([self.optimizer.rate(k) for k in steps.tolist()])
        sizes = np.full(count, float(size))
        batches = [RowBatches(samples.rows, positions), RowBatches(samples.target_numbers, positions)]
        batches += [] if factors is None else [factors]
        carry, (costs, outputs) = self._compiled.scan(carry, rates, steps, sizes, *batches)
        numbers, *arrays = np.split(carry, 1 + len(self.remembered))
        state = {"steps": state["steps"] + count, **dict(zip(self.remembered, arrays, strict=True))}
        return Steps(numbers, state, costs.tolist(), each(lambda x: x.reshape(-1, *x.shape[2:]), outputs))

    def by_rule(self, rate: float, numbers: Any, gradient: Any, state: State) -> tuple[Any, State]:
        """The optimizer's `update`, by its rule on Values, watched: one that computes otherwise than before, or moves a
        parameter by the numbers of another, is not compiled any more."""
        given = Value(rate), Value(state["steps"])
        labels: dict[Value, Any] = dict(zip(given, ("rate", "steps"), strict=True))

        def values(name: str, array: Any) -> Any:
            found = [Value(x) for x in array.tolist()]
            labels.update(dict.fromkeys(found, OF_ANOTHER) | {found[0]: name})
            return np.array(found, dtype=object)

        arrays = {name: values(name, state[name]) for name in self.remembered}
        before = dict(vars(self.optimizer))
        moved, arrays = apply_rule(self.optimizer, values("p", numbers), values("g", gradient), arrays, *given)
        for name, x in vars(self.optimizer).items():
            if x is not before.get(name):  # what it keeps by itself is numbers, as in the plain loop
                setattr(self.optimizer, name, each(_as_numbers, x))
        results = [moved[0], *[array[0] for array in arrays.values()]]
        if self.watch.see(STEP, results, labels) and any(OF_ANOTHER in line for line in self.watch.known[STEP]):
            self.watch.why = f"{STEP} moves a parameter by numbers of others; that belongs into `update`"
        if set(arrays) != set(self.remembered):
            self.watch.why = f"{STEP} keeps {_names(arrays)}, and begins with {_names(self.remembered)}"
        self.why_plain = self.watch.why
        return _as_numbers(moved), {"steps": state["steps"] + 1, **each(_as_numbers, arrays)}

    def _check_rule(self) -> None:
        """See whether the rule still is what it was, asked of one parameter."""
        one = np.ones(1)
        self.by_rule(1.0, one, one, {"steps": 1, **dict.fromkeys(self.remembered, one)})

    def _traced(self, rate: Any, steps: Any, m: Any, *batches: Any) -> Any:
        cost, gradient, outputs = self.batch_step.traced(m, *batches)
        parameters = np.array(self.batch_step.parameters, dtype=object)
        arrays = [np.array(values, dtype=object) for values in self.remembered.values()]

        def move(p: Any, g: Any, *remembered: Any) -> Any:
            state = dict(zip(self.remembered, remembered, strict=True))
            p, state = apply_rule(self.optimizer, p, g, state, rate, steps)
            return p, *[state[name] for name in self.remembered]

        return ag.vmap(move)(parameters, gradient, *arrays), (cost, outputs)


def _as_numbers(x: Any) -> Any:
    """`x` with numbers in place of Values, and arrays of them as arrays."""
    if isinstance(x, np.ndarray):
        return np.array(plain(x)) if x.dtype == object else x
    return plain(x)


def _names(state: Iterable[str]) -> str:
    return ", ".join(map(repr, state)) or "nothing"
