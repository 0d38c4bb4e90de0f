"""A training run: the loop over epochs and minibatches, and where it stands.

Where a run stands is one immutable `State`. Each minibatch makes a new one and puts it in the old one's place, so
whatever interrupts training, the last complete state is there: it is what the parameters get, and what a checkpoint
holds.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .errors import CheckpointError, DivergedError
from .history import History
from .interrupts import uninterrupted
from .layers import parameters_of
from .metrics import sum_of
from .steps import BatchStep, Mapped, read, write
from .storage import document_of, read_document, require_same_parameters, write_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from random import Random
    from typing import Any, NoReturn

    from autograd_core import Value

    from .layers import Module
    from .optimizers import Optimizer
    from .samples import Samples

__all__ = ["Run", "State"]


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
        compiles: bool,
    ) -> None:
        self.net, self.samples, self.held_out = net, samples, held_out
        self.loss, self.penalty, self.metric, self.optimizer = loss, penalty, metric, optimizer
        self.batch_size, self.rng = batch_size, rng
        self.parameters = parameters_of(net)
        self.batch_step = BatchStep(
            net, loss, penalty, self.parameters, wants_outputs=metric is not None, compiles=compiles
        )
        self.judged = Mapped(self._judge)
        self.history = History()
        numbers = read(self.parameters)
        self.state = State(numbers, optimizer.start(numbers), rng.getstate(), good=numbers)

    def _judge(self, x: Any, y: Any) -> Any:
        output = self.net(x)
        return self.loss(output, y), output

    @property
    def batches(self) -> int:
        """Minibatches per epoch."""
        return math.ceil(len(self.samples) / self.batch_size)

    # Training

    def train(
        self,
        epochs: int,
        advance: Callable[[str], None],
        on_epoch: Callable[[History], object] | None,
        keeper: Keeper | None,
    ) -> None:
        """Train until so many epochs are complete. Whatever ends it, the parameters have the last state's numbers."""
        try:
            if keeper is not None:
                keeper.keep(self)
            while self.state.epoch < epochs:
                self._epoch(epochs, advance, keeper)
                self.release()
                if on_epoch is not None:
                    on_epoch(self.history)
                    self.state = replace(self.state, numbers=read(self.parameters))
            if keeper is not None:
                keeper.keep(self)
        except KeyboardInterrupt:
            if keeper is not None:
                keeper.keep(self)
            raise
        finally:
            self.release()

    def release(self) -> None:
        """Bring parameters and history up to the last state."""
        with uninterrupted():
            write(self.parameters, self.state.numbers)
            self.history.follow(self.state.records)

    def _epoch(self, epochs: int, advance: Callable[[str], None], keeper: Keeper | None) -> None:
        start = time.perf_counter()
        order = self._order()
        for batch in range(self.state.batch, self.batches):
            positions = order if self.batches == 1 else order[batch * self.batch_size : (batch + 1) * self.batch_size]
            cost = self._minibatch(positions)
            advance(f"epoch {self.state.epoch + 1}/{epochs}, loss {cost:.4f}")
            if keeper is not None:
                keeper.keep_if_due(self)
        count = len(self.samples)
        record = dict(zip(("loss", "metric"), [total / count for total in self.state.sums], strict=False))
        record |= self._validated()
        record["seconds"] = time.perf_counter() - start
        state = self.state
        self.state = replace(
            state,
            epoch=state.epoch + 1,
            batch=0,
            sums=(),
            random=self.rng.getstate(),
            records=(*state.records, record),
        )

    def _order(self) -> Any:
        """The samples of this epoch, in an order drawn afresh; as they are where all of them make one minibatch."""
        if self.batches == 1:
            return slice(None)
        self.rng.setstate(self.state.random)
        order = list(range(len(self.samples)))
        self.rng.shuffle(order)
        return np.array(order)

    def _minibatch(self, positions: Any) -> float:
        """One step; the state moves on as a whole or not at all."""
        state = self.state
        outcome = self.batch_step(state.numbers, self.samples, positions)
        if not math.isfinite(outcome.cost):
            self._diverged(f"the loss became {outcome.cost}", outcome.gradient, state.good)
        numbers, optimizer = self.optimizer.update(state.numbers, outcome.gradient, state.optimizer)
        if not np.isfinite(numbers).all():
            self._diverged("a step led to a parameter that is not finite", numbers, state.numbers)
        targets = self.samples.targets
        chosen = [targets[i] for i in positions] if self.batches > 1 else targets
        totals = [outcome.cost * len(chosen)]
        if self.metric is not None:
            totals.append(sum_of(self.metric, outcome.outputs or [], chosen))
        sums = tuple([a + b for a, b in zip(state.sums or [0.0] * len(totals), totals, strict=True)])
        self.state = replace(
            state, numbers=numbers, optimizer=optimizer, batch=state.batch + 1, sums=sums, good=state.numbers
        )
        return outcome.cost

    def _diverged(self, what: str, suspects: Any, good: Any) -> NoReturn:
        """Go back to numbers whose cost was finite and say what happened where."""
        numbers = self.state.numbers
        bad = np.flatnonzero(~np.isfinite(suspects))
        if len(bad):
            kind = "parameter" if what.startswith("a step") else "number of the gradient"
            where = f"the first {kind} that is not finite is {suspects[bad[0]]}, at {self._name(bad[0])}"
        else:
            largest = int(np.argmax(np.abs(numbers)))
            where = f"the largest parameter is {numbers[largest]:.3g}, at {self._name(largest)}"
        self.state = replace(self.state, numbers=good)
        raise DivergedError(
            f"{what} in epoch {self.state.epoch + 1}; {where}. The parameters are back at the last ones with a finite "
            "loss. The usual reason is a learning rate that is too large"
        )

    def _name(self, i: int) -> str:
        return self.parameters[i].name or f"parameter {i}"

    def _validated(self) -> dict[str, float]:
        if self.held_out is None:
            return {}
        with uninterrupted():
            write(self.parameters, self.state.numbers)
        samples = self.held_out
        judged = self.judged(samples)
        found = {"validation_loss": float(np.mean([loss for loss, _ in judged]))}
        if self.metric is not None:
            found["validation_metric"] = sum_of(self.metric, [out for _, out in judged], samples.targets) / len(samples)
        return found

    # Checkpoints

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What a training must have in common with the one that it goes on with."""
        return {
            "samples": _fingerprint(self.samples),
            "batch_size": self.batch_size,
            "loss": described(self.loss),
            "penalty": described(self.penalty),
            "metric": described(self.metric),
            "optimizer": described(self.optimizer),
        }

    def document(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        state = self.state
        training = {
            "settings": self.settings,
            "epoch": state.epoch,
            "batch": state.batch,
            "random": state.random,
            "sums": state.sums,
            "records": state.records,
            "optimizer": {name: x.tolist() if hasattr(x, "tolist") else x for name, x in state.optimizer.items()},
            "good": state.good.tolist(),
        }
        return document_of(self.net, state.numbers.tolist(), training)

    def resume(self, path: str | PathLike[str]) -> None:
        """Go on where the run stood that wrote this file.

        Raises `StorageError` and `CheckpointError`, and changes nothing then.
        """
        document = read_document(path)
        require_same_parameters(document, [p.name or "" for p in self.parameters], path)
        training = document["training"]
        if training is None:
            raise CheckpointError(f"{path} holds a network, but no training to resume; load it with nn.load")
        try:
            settings = training["settings"]
            differing = [name for name, setting in self.settings.items() if settings[name] != setting]
            if not differing:
                self.state = self._state_of(document, training)
                self.rng.setstate(self.state.random)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(f"{path} is damaged: {type(error).__name__}: {error}") from None
        if differing:
            shown = "; ".join(f"{name} was {settings[name]}, now it is {self.settings[name]}" for name in differing)
            raise CheckpointError(f"{path} is of another training: {shown}")
        self.release()

    def _state_of(self, document: dict[str, Any], training: dict[str, Any]) -> State:
        numbers = np.array([float(number) for _, number in document["parameters"]])
        optimizer: dict[str, Any] = {}
        for name, start in self.state.optimizer.items():
            found = training["optimizer"][name]
            optimizer[name] = _finite_array(found, len(numbers)) if hasattr(start, "tolist") else _count(found)
        version, words, gauss = training["random"]
        random = version, tuple(words), gauss
        self.rng.setstate(random)
        sums = tuple(map(float, training["sums"]))
        records = tuple([{str(k): float(x) for k, x in record.items()} for record in training["records"]])
        epoch, batch = _count(training["epoch"]), _count(training["batch"])
        if batch > self.batches or len(records) != epoch:
            raise ValueError(f"epoch {epoch} and minibatch {batch} do not fit")
        return State(
            numbers, optimizer, random, epoch, batch, sums, records, _finite_array(training["good"], len(numbers))
        )


class Keeper:
    """Writes a run to a file now and then: at its start and end, at Ctrl-C, and when the last time is long ago."""

    def __init__(self, path: str | PathLike[str], seconds: float) -> None:
        self.path, self.seconds = path, seconds
        self._last = -math.inf

    def keep(self, run: Run) -> None:
        """Write the run to the file."""
        write_document(self.path, run.document())
        self._last = time.monotonic()

    def keep_if_due(self, run: Run) -> None:
        """The same, if the last time is long enough ago."""
        if time.monotonic() - self._last >= self.seconds:
            self.keep(run)


def described(setting: Any) -> str:
    """A setting as text that is the same in every process."""
    name = getattr(setting, "__qualname__", None)
    return name if name is not None else re.sub(r" at 0x[0-9a-f]+", "", repr(setting))


def _fingerprint(samples: Samples) -> str:
    digest = hashlib.sha256(samples.rows.data)
    digest.update(json.dumps([samples.rows.shape, samples.targets], default=repr).encode())
    return f"{len(samples)} samples, {digest.hexdigest()[:16]}"


def _count(x: Any) -> int:
    if type(x) is not int or x < 0:
        raise ValueError(f"{x!r:.40} is no count")
    return x


def _finite_array(numbers: Any, length: int) -> Any:
    found = np.array(numbers, dtype=float)
    if found.shape != (length,) or not np.isfinite(found).all():
        raise ValueError(f"expected {length} finite numbers")
    return found
