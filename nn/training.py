"""Training: minibatches, losses averaged over samples, and what became of them.

`fit` is the loop that one writes by hand, with the data checked first:

    for each epoch, for each minibatch of shuffled samples:
        C = the mean of loss(net(x), y) over the minibatch
        net.zero_grad(); C.backward(); optimizer.step(net.parameters())

It knows nothing about what a network is made of: whatever has `parameters()` and can be called will do.
"""

# ruff: noqa: N803, N806  # X and Y are what scikit-learn's users call them

from __future__ import annotations

import math

import autograd_core as ag
from autograd_core import Value

from .checks import generator, positive_integer
from .data import as_samples
from .errors import DivergedError, OutputError, SettingError, SettingTypeError, StructureError
from .progress import progress_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random
    from typing import Any, TypeAlias

    from .data import Samples
    from .layers import Module
    from .optimizers import SGD

    Measure: TypeAlias = Callable[[Any, Any], Any]

__all__ = ["History", "accuracy", "evaluate", "fit"]


class History:
    """What `fit` saw, one number per epoch.

    `loss` and `metric` are means over the training samples as the epoch went through them, so each minibatch is
    judged before it is learned from. The `validation_` numbers are taken after the epoch. Lists of what was not
    asked for stay empty.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.metric: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_metric: list[float] = []

    def __repr__(self) -> str:
        return f"History({', '.join(f'{name}={numbers}' for name, numbers in vars(self).items() if numbers)})"


def fit(
    net: Module,
    X: Any,
    Y: Any,
    *,
    loss: Measure,
    optimizer: SGD,
    batch_size: int | None = None,
    epochs: int = 1,
    seed: int | Random | None = None,
    metric: Measure | None = None,
    validation: tuple[Any, Any] | None = None,
    progress: bool | None = None,
    on_epoch: Callable[[History], object] | None = None,
) -> History:
    """Train `net` to make ``loss(net(x), y)`` small over the samples x in X with targets y in Y.

    Parameters
    ----------
    X, Y: lists, tuples or NumPy arrays with one entry per sample; all numbers finite.
    loss: of one sample, ``loss(output, target)``; each step follows the gradient of its mean over a minibatch.
    optimizer: has ``step(parameters)``.
    batch_size: samples per step; the last minibatch of an epoch may be smaller. None: all at once.
    epochs: how often to go through all samples.
    seed: for the order of the samples, which is drawn afresh for each epoch.
    metric: also of one sample, such as `accuracy`; recorded, not learned from.
    validation: a pair ``(X, Y)`` that is judged after each epoch and not learned from.
    progress: whether to show a bar; None: when standard output is a terminal.
    on_epoch: called with the history so far after each epoch.

    >>> from nn import SGD, Neuron, half_mse
    >>> neuron = Neuron(1, "linear", seed=0)
    >>> history = fit(neuron, [[0], [1], [2]], [1, 3, 5], loss=half_mse, optimizer=SGD(0.3), epochs=200)
    >>> [round(p.data, 6) for p in neuron.parameters()]      # the line y = 2 x + 1
    [2.0, 1.0]

    Raises `DataError`, `NumberError` and `StructureError` for data that cannot be learned from, `SettingError` for
    settings without a meaning, `OutputError` for a loss without a gradient, all of them before anything has changed;
    `DivergedError` when the loss or a parameter is no longer finite, and whatever the loss raises about a sample, such
    as `LabelError`. A minibatch is learned from as a whole or not at all, also when Ctrl-C interrupts.
    """
    X, Y = as_samples(X, Y)
    held_out = _as_held_out(validation, len(X[0]))
    if not callable(loss):
        raise SettingTypeError(f"loss must be a function of (output, target), such as nn.mse, got {loss!r:.60}")
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        raise SettingTypeError(f"optimizer must have a step(parameters), as SGD(0.1) has; got {optimizer!r:.60}")
    epochs = positive_integer("epochs", epochs)
    batch_size = len(X) if batch_size is None else positive_integer("batch_size", batch_size)
    if batch_size > len(X):
        raise SettingError(f"batch_size is {batch_size}, but there are {len(X)} samples; give at most that, or None")
    parameters = net.parameters()
    if not parameters:
        raise SettingError(f"{net!r} has no parameters; there is nothing to train")
    measures = [loss] if metric is None else [loss, metric]
    rng = generator(seed)
    order = list(range(len(X)))
    history = History()

    with progress_bar(epochs * math.ceil(len(X) / batch_size), progress) as advance:
        for epoch in range(1, epochs + 1):
            rng.shuffle(order)
            totals = [0.0] * len(measures)
            for start in range(0, len(X), batch_size):
                batch = order[start : start + batch_size]
                outputs = [net(X[i]) for i in batch]
                losses = [loss(output, Y[i]) for output, i in zip(outputs, batch, strict=True)]
                cost = _as_cost(ag.mean(losses), epoch)
                net.zero_grad()
                cost.backward()
                _step(optimizer, parameters, epoch)
                totals[0] += cost.data * len(batch)
                if metric is not None:
                    totals[1] += sum(_number(metric(output, Y[i])) for output, i in zip(outputs, batch, strict=True))
                advance(f"epoch {epoch}/{epochs}, loss {cost.data:.4f}")
            _append(history.loss, history.metric, [total / len(X) for total in totals])
            if held_out is not None:
                _append(history.validation_loss, history.validation_metric, _means(net, held_out, measures))
            if on_epoch is not None:
                on_epoch(history)
    return history


def evaluate(net: Module, X: Any, Y: Any, measure: Measure) -> float:
    """The mean of ``measure(net(x), y)`` over the samples; for instance of `accuracy`, or of a loss.

    >>> from nn import Neuron
    >>> neuron = Neuron(1, "linear", init=lambda rng, nin, nout: 1.0)
    >>> evaluate(neuron, [[-1.0], [2.0], [3.0], [4.0]], [-1, 1, 1, -1], accuracy)
    0.75

    Raises what `fit` raises about data.
    """
    return _means(net, as_samples(X, Y), [measure])[0]


def accuracy(output: Any, target: Any) -> float:
    """1.0 if the network's choice for one sample is right, else 0.0: a metric for `fit` and `evaluate`.

    Several outputs choose the class of the largest; the target is that class as an integer, or a list with its
    largest number there (one-hot). A single output is a score and chooses by its sign; the target then is 1 for
    positive, and 0 or -1 for the rest.

    >>> accuracy([0.1, 2.0, 0.3], 1), accuracy([0.1, 2.0], [1, 0]), accuracy(-0.3, -1)
    (1.0, 0.0, 1.0)
    """
    if isinstance(output, (list, tuple)):
        return float(_position_of_largest(output) == (_position_of_largest(target) if _is_list(target) else target))
    return float((output > 0) == (target > 0))


def _as_held_out(validation: Any, columns: int) -> Samples | None:
    if validation is None:
        return None
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise SettingTypeError(f"validation must be a pair (X, Y), got {validation!r:.60}")
    rows, targets = as_samples(*validation)
    if len(rows[0]) != columns:
        raise StructureError(f"validation samples have {len(rows[0])} numbers, training samples {columns}")
    return rows, targets


def _is_list(x: Any) -> bool:
    return hasattr(x, "__len__")


def _position_of_largest(numbers: Sequence[Any]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)


def _as_cost(cost: Any, epoch: int) -> Value:
    if not isinstance(cost, Value):
        raise OutputError(
            f"the loss is the plain number {cost!r:.40}: it depends on no parameter. Compute it from the network's "
            "output with ops, without .data"
        )
    _check_finite("the loss", cost, epoch)
    return cost


def _check_finite(what: str, x: Value, epoch: int) -> None:
    if not math.isfinite(x.data):
        raise DivergedError(
            f"{what} became {x.data} in epoch {epoch}; the parameters are left as they were before this minibatch. "
            "The usual reason is a learning rate that is too large"
        )


def _step(optimizer: SGD, parameters: Sequence[Value], epoch: int) -> None:
    """All parameters move to finite numbers, or (Ctrl-C, an error) none moves."""
    before = [p.data for p in parameters]
    try:
        optimizer.step(parameters)
        for p in parameters:
            _check_finite(f"parameter {p.name or ''}".strip(), p, epoch)
    except BaseException:
        for p, data in zip(parameters, before, strict=True):
            p.data = data
        raise


def _means(net: Module, samples: Samples, measures: Sequence[Measure]) -> list[float]:
    totals = [0.0] * len(measures)
    for x, y in zip(*samples, strict=True):
        output = net(x)
        for k, measure in enumerate(measures):
            totals[k] += _number(measure(output, y))
    return [total / len(samples[0]) for total in totals]


def _number(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def _append(losses: list[float], metrics: list[float], means: Sequence[float]) -> None:
    losses.append(means[0])
    metrics.extend(means[1:])
