"""A training run: the loop over epochs and minibatches, and where it stands.

Where a run stands is one immutable `State`. Each minibatch makes a new one and puts it in the old one's place, so
whatever interrupts training, the last complete state is there: it is what the parameters get, and what a checkpoint
holds.
"""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, replace

import numpy as np

from ..errors import DivergedError, StructureError
from ..metrics import accuracy, decided, falls_below_zero, judging, sum_of, sums_of
from ..network.dropout import masks, rates_of
from ..network.losses import unchecked
from ..network.module import parameters_of
from .descent import Descent
from .history import History
from .interrupts import uninterrupted
from .steps import BatchStep, Mapped, read, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random
    from typing import Any, NoReturn, Protocol

    from autograd_core import Value

    from ..data.samples import Samples
    from ..network.dropout import Dropout
    from ..network.module import Module
    from .descent import Steps
    from .optimizers import Optimizer

    class Keeper(Protocol):
        """Whoever keeps the state of a run: `nn.training.checkpoints` in a file."""

        def keep(self, run: Run) -> None:
            """Keep it now."""

        def keep_if_due(self, run: Run) -> None:
            """Keep it if it has not been kept for long."""


__all__ = ["Run", "State", "drawn_order"]


@dataclass(frozen=True)
class State:
    """Where a run stands.

    ``numbers`` are the parameters'; ``optimizer`` is the optimizer's state; ``epoch`` epochs are complete, and
    ``batch`` minibatches of the next one, whose order is drawn from ``random``; ``sums`` are loss and metric of its
    samples so far; ``records`` is the history, one dict per epoch. ``good`` are the last numbers whose cost was finite.
    """

    numbers: Any
    optimizer: dict[str, Any]
    random: Any
    epoch: int = 0
    batch: int = 0
    sums: tuple[float, ...] = ()
    records: tuple[dict[str, float], ...] = ()
    good: Any = None


def is_true(answer: object) -> bool:
    """Whether a callback answered True, Python's or NumPy's."""
    return answer is True or (getattr(getattr(answer, "dtype", None), "kind", "") == "b" and bool(answer))


def drawn_order(rng: Random, count: int) -> Any:
    """0, ..., count - 1 in an order that one number of `rng` decides; NumPy shuffles a hundred times as fast."""
    return np.random.default_rng(rng.getrandbits(128)).permutation(count)


class Run:
    """Everything that belongs to one call of `fit`."""

    def __init__(
        self,
        net: Module,
        samples: Samples,
        *,
        loss: Callable[[Any, Any], Any],
        penalty: Callable[[Sequence[Value]], Any] | None,
        optimizer: Optimizer,
        batch_size: int,
        rng: Random,
        metric: Callable[[Any, Any], Any] | None,
        held_out: Samples | None,
        why_eager: str | None = None,
        dropouts: Sequence[Dropout] = (),
    ) -> None:
        self.net, self.samples, self.held_out = net, samples, held_out
        self.loss, self.penalty, self.metric, self.optimizer = loss, penalty, metric, optimizer
        self.measure = metric
        if metric is not None:
            targets = samples.targets if held_out is None else samples.targets + held_out.targets
            output = net(samples.rows[0].tolist())
            self.measure = judging(metric, output)
        if metric is accuracy:
            self.measure = decided(output, targets, lambda output: falls_below_zero(loss, output, targets[0]))
        self.batch_size, self.rng = batch_size, rng
        self.dropouts = dropouts  # one for each number of a sample that may be dropped
        self.rates: list[float] = []  # theirs, in this epoch
        self._key = 0  # from which an epoch draws what it drops
        self.parameters = parameters_of(net)
        self.batch_step = BatchStep(
            net, loss, penalty, self.parameters, wants_outputs=metric is not None, why_eager=why_eager
        )
        self.descent = Descent(self.batch_step, optimizer, batch_size)
        self._reasons = {"compile=False"}
        self.first_cost: float | None = None
        self._earlier: State | None = None  # before the steps that led to the state
        # always or never compiled: it must not depend on who resumes when
        self.judged = Mapped(self._judge, compiles=why_eager is None)
        self.history = History()
        numbers = read(self.parameters)
        self.state = State(numbers, optimizer.start(numbers), rng.getstate(), good=numbers)

    def _judge(self, x: Any, y: Any) -> Any:
        output = self.net(x)
        return unchecked(self.loss, output, y), output

    @property
    def measured(self) -> list[str]:
        """What is summed up over an epoch."""
        return ["loss"] if self.metric is None else ["loss", "metric"]

    @property
    def batches(self) -> int:
        """Minibatches per epoch."""
        return math.ceil(len(self.samples) / self.batch_size)

    def train(
        self,
        epochs: int,
        advance: Callable[..., None],
        on_epoch: Callable[[History], object] | None,
        keeper: Keeper | None,
    ) -> None:
        """Train until so many epochs are complete. Whatever ends it, the parameters have the last state's numbers."""
        try:
            if keeper is not None:
                keeper.keep(self)
            while self.state.epoch < epochs:
                closed = self._epoch(epochs, advance, keeper)
                if self._told(closed, on_epoch):
                    break
            if keeper is not None:
                keeper.keep(self)
        except KeyboardInterrupt:
            if keeper is not None:
                keeper.keep(self)
            raise
        finally:
            self.release()

    def _told(self, closed: State, on_epoch: Callable[[History], object] | None) -> bool:
        """Tell the callback that an epoch is over, and only then close it: a run that is interrupted here closes it
        again when it is resumed. What the callback does to the parameters counts. Whether it wants training to end."""
        wants_end: object = None
        if on_epoch is not None:
            self._show(closed)
            try:
                wants_end = on_epoch(self.history)
                if not is_true(wants_end):
                    self._require_the_same_parameters()
            except Exception:  # what was set stays; Ctrl-C, which is none, is made up for by resuming
                self.state = replace(closed, numbers=read(self.parameters))
                raise
            closed = replace(closed, numbers=read(self.parameters))
        if on_epoch is not None or callable(self.optimizer.learning_rate):  # what else of the user's runs meanwhile
            self.descent.watch_again()
            self.judged.watch_again()
        self.state = closed
        return is_true(wants_end)

    def _require_the_same_parameters(self) -> None:
        now = parameters_of(self.net)
        if len(now) != len(self.parameters) or any(a is not b for a, b in zip(now, self.parameters, strict=True)):
            raise StructureError(
                f"on_epoch gave the network other parameters ({len(self.parameters)} before, {len(now)} now), which "
                "this training would never change. Change their numbers, p.data = 0.0; or return True, which ends it, "
                "and call fit again"
            )

    def release(self) -> None:
        """Bring parameters and history up to the last state."""
        self._show(self.state)

    def _show(self, state: State) -> None:
        with uninterrupted():
            write(self.parameters, state.numbers)
            self.history.follow(state.records)

    def _epoch(self, epochs: int, advance: Callable[..., None], keeper: Keeper | None) -> State:
        """Go through the minibatches that are left; the state in which the epoch is over."""
        start = time.perf_counter()
        order = self._order()
        while self.state.batch < self.batches:
            before = self.state.batch
            cost = self._some_minibatches(order)
            self.first_cost = cost if self.first_cost is None else self.first_cost
            advance(f"epoch {self.state.epoch + 1}/{epochs}, loss {cost:.4f}", self.state.batch - before)
            if keeper is not None:
                keeper.keep_if_due(self)
        count = len(self.samples)
        record = dict(zip(self.measured, [total / count for total in self.state.sums], strict=True))
        record |= self._validated()
        record["seconds"] = time.perf_counter() - start
        state = self.state
        random = self.rng.getstate()
        return replace(state, epoch=state.epoch + 1, batch=0, sums=(), random=random, records=(*state.records, record))

    def _order(self) -> Any:
        """The samples of this epoch, in an order drawn afresh; as they are where all of them make one minibatch. What
        the epoch drops of them is decided too."""
        self.rates = rates_of(self.dropouts)
        if self.batches == 1 and not self.rates:
            return np.arange(len(self.samples))
        self.rng.setstate(self.state.random)
        order = np.arange(len(self.samples)) if self.batches == 1 else drawn_order(self.rng, len(self.samples))
        self._key = self.rng.getrandbits(128) if self.rates else 0
        return order

    def _factors(self, batch: int, size: int) -> Any:
        """By what a `Dropout` multiplies the neurons in minibatch `batch`, None without one."""
        return masks(self.rates, size, self._key, batch) if self.rates else None

    def _some_minibatches(self, order: Any) -> float:
        """The next steps, as many as are compiled together; the last cost. The state moves on as a whole."""
        state, size = self.state, self.batch_size
        start = state.batch * size
        if not self.descent.is_possible:
            self._tell()
            return self._minibatch(order[start : start + size])
        most = self.descent.at_once(size, self.samples.columns + len(self.rates))
        count = min((len(order) - start) // size, most)
        positions = order[start : start + count * size].reshape(count, size) if count else order[start:].reshape(1, -1)
        factors = [self._factors(state.batch + k, positions.shape[1]) for k in range(len(positions))]
        dropped = np.array(factors) if self.rates else None
        steps = self.descent(state.numbers, state.optimizer, self.samples, positions, dropped)
        self._tell()
        if not steps.is_finite:
            return self._step_by_step(order, state.batch + len(steps.costs))
        self._take(steps, positions[: len(steps.costs)])
        self._earlier = state
        return steps.costs[-1]

    def _step_by_step(self, order: Any, end: int) -> float:
        """Do the last steps again, and up to minibatch `end`, to see which of them diverges."""
        if self._earlier is not None and self._earlier.epoch == self.state.epoch:
            self.state = self._earlier
        while self.state.batch < end:
            start = self.state.batch * self.batch_size
            cost = self._minibatch(order[start : start + self.batch_size])
        return cost

    def _take(self, steps: Steps, positions: Any) -> None:
        """Make several complete steps the state."""
        state, size = self.state, positions.shape[1]
        measured = [[cost * size for cost in steps.costs]]
        if self.measure is not None:
            measured.append(sums_of(self.measure, steps.outputs, self.samples, positions))
        sums = tuple([sum(of_one, start) for of_one, start in zip(measured, state.sums or [0.0, 0.0], strict=False)])
        self.state = replace(
            state,
            numbers=steps.numbers,
            optimizer=steps.state,
            batch=state.batch + len(steps.costs),
            sums=sums,
            good=state.numbers,
        )

    def _minibatch(self, positions: Any) -> float:
        """One step; the state moves on as a whole or not at all."""
        state = self.state
        outcome = self.batch_step(state.numbers, self.samples, positions, self._factors(state.batch, len(positions)))
        if not math.isfinite(outcome.cost):
            self._diverged(f"the loss became {outcome.cost}", "number of the gradient", outcome.gradient, state.good)
        with np.errstate(over="ignore", invalid="ignore"):
            numbers, optimizer = self.optimizer.update(state.numbers, outcome.gradient, state.optimizer)
        for array in (numbers, *optimizer.values()):
            if not np.isfinite(array).all():
                self._diverged("a step led to a parameter that is not finite", "parameter", array, state.numbers)
        chosen = self.samples.targets_at(positions)
        totals = [outcome.cost * len(chosen)]
        if self.measure is not None:
            totals.append(sum_of(self.measure, outcome.outputs or [], chosen))
        sums = tuple([a + b for a, b in zip(state.sums or [0.0] * len(totals), totals, strict=True)])
        self.state = replace(
            state, numbers=numbers, optimizer=optimizer, batch=state.batch + 1, sums=sums, good=state.numbers
        )
        return outcome.cost

    def _tell(self) -> None:
        """Say once what is not compiled, and why."""
        slow = "this network or loss is trained without compilation, some hundred times slower. "
        plain = "the optimizer's step is not compiled. "
        for what, why in ((slow, self.batch_step.why_eager), (plain, self.descent.watch.why)):
            if why is not None and why not in self._reasons:
                self._reasons.add(why)
                warnings.warn(f"{what}{why:.1500}", RuntimeWarning, stacklevel=6)  # whoever has called `fit`

    def _diverged(self, what: str, kind: str, suspects: Any, good: Any) -> NoReturn:
        """Go back to numbers whose cost was finite and say what happened where."""
        numbers = self.state.numbers
        bad = np.flatnonzero(~np.isfinite(suspects))
        if len(bad):
            where = f"the first {kind} that is not finite is {suspects[bad[0]]}, at {self._name(int(bad[0]))}"
        else:
            largest = int(np.argmax(np.abs(numbers)))
            where = f"the largest parameter is {numbers[largest]:.3g}, at {self._name(largest)}"
        self.state = replace(self.state, numbers=good)
        is_first = self.state.optimizer["steps"] == 0
        reason = (
            "an op outside its domain: compile=False stops at its line" if is_first else "too large a learning rate"
        )
        raise DivergedError(
            f"{what} in epoch {self.state.epoch + 1}; {where}. The parameters are back at the last ones with a finite "
            f"loss. The usual reason is {reason}"
        )

    def _name(self, i: int) -> str:
        return self.parameters[i].name or f"parameter {i}"

    def _validated(self) -> dict[str, float]:
        if self.held_out is None:
            return {}
        self.release()
        samples = self.held_out
        judged = self.judged(samples)
        found = {"validation_loss": float(np.mean([loss for loss, _ in judged]))}
        if self.measure is not None:
            found["validation_metric"] = sum_of(self.measure, [out for _, out in judged], samples.targets) / len(
                samples
            )
        return found
