"""A training run: the loop over epochs and minibatches, and its state.

The state is one immutable record. Each minibatch makes a new one and puts it in the old one's place, so whatever
interrupts training, the last complete state is there for the parameters and for a checkpoint.
"""

from __future__ import annotations

import math
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, InitVar, dataclass, replace
from functools import partial, reduce
from operator import add
from random import Random
from typing import Any, NoReturn

import numpy as np

import autograd_core as ag
from autograd_core import Value

from ..compiled import Mapped
from ..data.samples import Samples
from ..errors import DivergedError, StructureError
from ..metrics import Measure, falls_below_zero, judge, sum_of, sums_of
from ..network.dropout import Dropout, masks, rates_of
from ..network.losses import unchecked
from ..network.module import Module, parameters_of
from .descent import Descent, Steps
from .history import History
from .optimizers import Optimizer, first_state
from .steps import Batch, BatchStep, read

__all__ = ["Run", "State", "drawn_order"]

OnEpoch = Callable[[History], object] | None
GONE_BACK = "The parameters are back at the last ones with a finite loss. The usual reason is"


@dataclass(frozen=True)
class State:
    """The state of a run: the parameters' ``numbers`` and the ``optimizer``'s state; ``epoch`` epochs are complete, and
    ``batch`` minibatches of the next one, whose order is drawn from ``random``; ``sums`` are loss and metric of its
    samples so far; ``records`` is the history, one dict per epoch. ``good`` are the last numbers whose cost was finite;
    ``best`` is the smallest validation loss, the epochs that were complete then, and the numbers.
    """

    numbers: Any
    optimizer: dict[str, Any]
    random: Any
    epoch: int = 0
    batch: int = 0
    sums: tuple[float, ...] = ()
    records: tuple[dict[str, float], ...] = ()
    good: Any = None
    best: tuple[float, int, Any] = (math.inf, 0, None)


def drawn_order(rng: Random, count: int) -> Any:
    """0, ..., count - 1 in an order that one number of `rng` decides; NumPy shuffles a hundred times as fast."""
    return np.random.default_rng(rng.getrandbits(128)).permutation(count)


@dataclass(eq=False)
class Run:
    """Everything that belongs to one call of `fit`."""

    net: Module
    samples: Samples
    held_out: Samples | None = None
    _: KW_ONLY
    loss: Measure
    optimizer: Optimizer
    batch_size: int
    rng: Random
    penalty: Callable[[Sequence[Value]], Any] | None = None
    metric: Measure | None = None
    dropouts: Sequence[Dropout] = ()  # one for each number of a sample that may be dropped
    why_eager: InitVar[str | None] = None

    def __post_init__(self, why_eager: str | None) -> None:
        self.measured = ["loss"]  # what is summed up over an epoch
        if self.metric is not None:
            self.measured.append("metric")
            targets = self.samples.targets + (self.held_out.targets if self.held_out is not None else [])
            output = self.net(self.samples.rows[0].tolist())
            are_logits = partial(falls_below_zero, self.loss, output, targets[0])
            self.measure = judge(self.metric, output, targets, are_logits)
        self.rates: list[float] = []  # of what may be dropped, in this epoch
        self._key = 0  # from which an epoch draws what it drops
        has_metric = self.metric is not None
        self.batch_step = BatchStep(self.net, self.loss, self.penalty, wants_outputs=has_metric, why_eager=why_eager)
        self.parameters = self.batch_step.parameters
        self.descent = Descent(self.batch_step, self.optimizer, self.batch_size)
        self._reasons = {"compile=False"}
        self.first_cost: float | None = None
        self._earlier: State | None = None  # before the steps that led to the state
        # always or never compiled: it must not depend on who resumes when
        self.judged = Mapped(self._judge, compiles=why_eager is None)
        self.history = History()
        name = getattr(self.metric, "__name__", "<none>")
        self.history.metric_name = "metric" if name.startswith("<") else name.replace("_", " ")  # <lambda>
        numbers = read(self.parameters)
        self.state = State(numbers, first_state(self.optimizer, numbers), self.rng.getstate(), good=numbers)
        self.batches = math.ceil(len(self.samples) / self.batch_size)  # per epoch

    def _judge(self, x: Any, y: Any) -> Any:
        output = self.net(x)
        return unchecked(self.loss, output, y), output

    def train(
        self,
        epochs: int,
        advance: Callable[..., None],
        on_epoch: OnEpoch = None,
        patience: float = math.inf,
        keep: Callable[..., None] = lambda run, if_due=False: None,
    ) -> None:
        """Train until so many epochs are complete, or `patience` of them since the best. Whatever ends it, the
        parameters have the last state's numbers; where it ends by itself and there is patience, those of the best."""
        numbers = None
        try:
            keep(self)
            while self.state.epoch < epochs and self.state.epoch - self.state.best[1] < patience:
                if self._closed(self._epoch(epochs, advance, keep), on_epoch):
                    break
            keep(self)
            numbers = self.state.best[2] if patience < math.inf else None
        except KeyboardInterrupt:
            keep(self)
            raise
        finally:
            self.release(self.state if numbers is None else replace(self.state, numbers=numbers))

    def _closed(self, closed: State, on_epoch: OnEpoch) -> bool:
        """Tell the callback that an epoch is over, and only then close it: a run that is interrupted here closes it
        again when it is resumed. What the callback does to the parameters counts. Whether it wants training to end."""
        wants_end = False
        if on_epoch is not None:
            self.release(closed)
            try:
                answer = on_epoch(self.history)
                kind = getattr(getattr(answer, "dtype", None), "kind", None)
                wants_end = answer is True or (kind == "b" and bool(answer))
                now = self.parameters if wants_end else parameters_of(self.net)
                if list(map(id, now)) != list(map(id, self.parameters)):
                    raise StructureError(
                        f"on_epoch gave the network other parameters ({len(self.parameters)} before, {len(now)} now), "
                        "which this training would never change. Change their numbers, p.data = 0.0; or return True, "
                        "which ends it, and call fit again"
                    )
            except Exception:  # what was set stays; Ctrl-C, which is none, is made up for by resuming
                self.state = replace(closed, numbers=read(self.parameters))
                raise
            closed = replace(closed, numbers=read(self.parameters))
        if on_epoch is not None or callable(self.optimizer.learning_rate):  # what else of the user's runs meanwhile
            self.descent.watch_again()
            self.judged.watch_again()
        self.state = closed
        return wants_end

    def release(self, state: State) -> None:
        """Bring parameters and history up to a state."""
        with _uninterrupted():
            ag.assign(self.parameters, state.numbers.tolist())
            self.history.follow(state.records)

    def _epoch(self, epochs: int, advance: Callable[..., None], keep: Callable[..., None]) -> State:
        """Go through the minibatches that are left; the state in which the epoch is over."""
        start = time.perf_counter()
        order = self._order()
        while self.state.batch < self.batches:
            before = self.state.batch
            cost = self._some_minibatches(order)
            self.first_cost = cost if self.first_cost is None else self.first_cost
            advance(f"epoch {self.state.epoch + 1}/{epochs}, loss {cost:.4f}", self.state.batch - before)
            keep(self, if_due=True)
        count, state, best, epoch = len(self.samples), self.state, self.state.best, self.state.epoch + 1
        record = dict(zip(self.measured, [total / count for total in state.sums], strict=True))
        if self.held_out is not None:
            self.release(state)
            losses, outputs = zip(*self.judged(self.held_out), strict=True)
            record["validation_loss"] = loss = float(np.mean(losses))
            best = (loss, epoch, state.numbers) if loss < best[0] else best
            if self.metric is not None:
                record["validation_metric"] = sum_of(self.measure, outputs, self.held_out.targets) / len(outputs)
        record["seconds"] = time.perf_counter() - start
        records = (*state.records, record)
        return replace(state, epoch=epoch, batch=0, sums=(), random=self.rng.getstate(), records=records, best=best)

    def _order(self) -> Any:
        """The samples of this epoch, in an order drawn afresh; as they are where all of them make one minibatch. What
        the epoch drops of them is decided too."""
        self.rates, as_they_are = rates_of(self.dropouts), np.arange(len(self.samples))
        if self.batches == 1 and not self.rates:
            return as_they_are
        self.rng.setstate(self.state.random)
        order = as_they_are if self.batches == 1 else drawn_order(self.rng, len(self.samples))
        self._key = self.rng.getrandbits(128) if self.rates else 0
        return order

    def _some_minibatches(self, order: Any) -> float:
        """The next steps, as many as are compiled together; the last cost. The state moves on as a whole."""
        state = self.state
        steps, positions = self._steps(order, self.descent.at_once(self.samples.columns + len(self.rates)))
        self._tell()
        if steps.is_finite or steps.gradient is not None:
            self._take(steps, positions)
            self._earlier = state
            return steps.costs[-1]
        end = state.batch + len(steps.costs)
        if self._earlier is not None and self._earlier.epoch == state.epoch:
            self.state = self._earlier
        while self.state.batch < end:  # the last steps again, and these, to see which of them diverges
            steps, positions = self._steps(order, 1, self.descent.single)
            self._take(steps, positions)
        return steps.costs[-1]

    def _steps(self, order: Any, most: int, descend: Callable[..., Steps] | None = None) -> tuple[Steps, Any]:
        """The next steps, at most so many, and a row of samples for each."""
        state, size = self.state, self.batch_size
        start = state.batch * size
        count = min((len(order) - start) // size, most)
        positions = order[start : start + count * size].reshape(count, size) if count else order[None, start:]
        factors = None
        if self.rates:
            batches = range(state.batch, state.batch + len(positions))
            factors = np.array([masks(self.rates, positions.shape[1], self._key, batch) for batch in batches])
        try:
            steps = (descend or self.descent)(state.numbers, state.optimizer, Batch(self.samples, positions, factors))
        except ag.errors.DomainError as error:
            if not state.optimizer["steps"]:
                raise
            self.state = replace(state, numbers=state.good)
            raise DivergedError(
                f"in epoch {state.epoch + 1} {error}. {GONE_BACK} too large a learning rate, else a sample that is "
                "outside by itself"
            ) from error
        return steps, positions[: len(steps.costs)]

    def _take(self, steps: Steps, positions: Any) -> None:
        """Make complete steps the state, all of them or none."""
        state, size = self.state, positions.shape[1]
        if not steps.is_finite:
            self._diverged(steps)
        measured = [[cost * size for cost in steps.costs]]
        if self.metric is not None:
            measured.append(sums_of(self.measure, steps.outputs, self.samples, positions))
        starts = state.sums or [0.0, 0.0]
        # one after another: sum() makes up for rounding from Python 3.12 on, and a resumed epoch would end elsewhere
        sums = tuple([reduce(add, of_one, start) for of_one, start in zip(measured, starts, strict=False)])
        batch = state.batch + len(steps.costs)
        self.state = replace(
            state, numbers=steps.numbers, optimizer=steps.state, batch=batch, sums=sums, good=state.numbers
        )

    def _tell(self) -> None:
        """Say once what is not compiled, and why."""
        slow = "this network or loss is trained without compilation, some hundred times slower"
        plain = "the optimizer's step is not compiled"
        for what, why in ((slow, self.batch_step.why_eager), (plain, self.descent.watch.why)):
            if why is not None and why not in self._reasons:
                self._reasons.add(why)
                warnings.warn(f"{what}: {why:.1500}", RuntimeWarning, stacklevel=6)  # whoever has called `fit`

    def _diverged(self, steps: Steps) -> NoReturn:
        """Go back to numbers whose cost was finite and say what happened where."""
        state, names = self.state, [p.name or f"parameter {i}" for i, p in enumerate(self.parameters)]
        if not math.isfinite(steps.costs[0]):
            what, kind = f"the loss became {steps.costs[0]}", "number of the gradient"
            suspects, good = steps.gradient, state.good
        else:
            what, kind, good = "a step led to a parameter that is not finite", "parameter", state.numbers
            suspects = next(x for x in map(np.ravel, steps.arrays) if not np.isfinite(x).all())
        bad = np.flatnonzero(~np.isfinite(suspects))
        if len(bad):
            where = f"the first {kind} that is not finite is {suspects[bad[0]]}, at {names[bad[0]]}"
        else:
            largest = int(np.argmax(np.abs(state.numbers)))
            where = f"the largest parameter is {state.numbers[largest]:.3g}, at {names[largest]}"
        of_domain = "an op outside its domain: compile=False stops at its line"
        why = "too large a learning rate" if state.optimizer["steps"] else of_domain
        self.state = replace(state, numbers=good)
        raise DivergedError(f"{what} in epoch {state.epoch + 1}; {where}. {GONE_BACK} {why}")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is inside has been done; it must be short. Only the main thread gets Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[Any] = []
    before = signal.signal(signal.SIGINT, lambda *received: pending.append(received))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
        if pending and callable(before):
            before(*pending[0])
