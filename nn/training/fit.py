"""Training: minibatches, losses averaged over samples, and what became of them.

`fit` is the loop that one writes by hand, with the data checked first and the step compiled:

    for each epoch, for each minibatch of shuffled samples:
        C = the mean of loss(net(x), y) over the minibatch
        net.zero_grad(); C.backward(); optimizer.step(net.parameters())

It knows nothing about what a network is made of: whatever has `parameters()` and can be called will do.
"""

# ruff: noqa: N803  # X and Y are what scikit-learn's users call them

from __future__ import annotations

import math
import os
from contextlib import suppress
from numbers import Real

import autograd_core as ag
from autograd_core import Value

from ..checks import generator, positive_integer, positive_number
from ..errors import CheckpointError, OutputError, SettingError, SettingTypeError, StructureError
from ..network.dropout import noting
from ..network.module import parameters_of
from .optimizers import Optimizer
from .progress import progress_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from random import Random
    from typing import Any, TypeAlias

    from ..data.samples import Samples
    from ..network.module import Module
    from .history import History

    Measure: TypeAlias = Callable[[Any, Any], Any]
    Penalty: TypeAlias = float | Callable[[Sequence[Value]], Any]

__all__ = ["fit"]


def fit(
    net: Module,
    X: Any,
    Y: Any,
    *,
    loss: Measure,
    optimizer: Optimizer,
    penalty: Penalty | None = None,
    batch_size: int | None = None,
    epochs: int = 1,
    seed: int | Random | None = None,
    metric: Measure | None = None,
    validation: tuple[Any, Any] | None = None,
    progress: bool | None = None,
    on_epoch: Callable[[History], object] | None = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_seconds: float = 10.0,
    resume: bool = False,
    compile: bool = True,
) -> History:
    """Train `net` to make ``loss(net(x), y)`` small over the samples x in X with targets y in Y.

    The step is compiled by `autograd_core.jit`: net and loss run on traced Values once, so what else they do happens
    once, and plain numbers that they use keep the value they have then; what is to change belongs into a Value. The
    first two steps, at least 8 samples, are done by the plain loop and compared, and so is a sample of the step after a
    callback. Where they differ, as with random numbers, or cannot be compiled, a warning says why and the plain loop
    trains. A `Dropout` is compiled: what it drops is drawn from `seed`. While `fit` runs it keeps the parameters'
    numbers to itself; the parameters get them after every epoch, and whenever it ends, however it ends.

    Parameters
    ----------
    X, Y: lists, tuples or NumPy arrays with one entry per sample; all numbers finite.
    loss: of one sample, ``loss(output, target)``; each step follows the gradient of its mean over a minibatch.
    optimizer: `SGD`, `Adam`, or another `Optimizer`; every call starts it afresh.
    penalty: a number α adds α Σ p² over all parameters (L2) to the loss, a function adds ``penalty(parameters)``.
    batch_size: samples per step; the last minibatch of an epoch may be smaller. None: all at once.
    epochs: how often to go through all samples.
    seed: for the order of the samples and for what a `Dropout` drops, which are drawn afresh for each epoch.
    metric: also of one sample, such as `accuracy`, on plain numbers; recorded, not learned from.
    validation: a pair ``(X, Y)`` that is judged after each epoch and not learned from.
    progress: whether to show a bar; None: when standard output is a terminal.
    on_epoch: called with the history so far after each epoch; it may change the parameters' numbers, and end training
        by returning True, Python's or NumPy's.
    checkpoint: a file to keep the network and the state of training in: written at the start, at the end, on Ctrl-C,
        and every `checkpoint_seconds`.
    resume: go on with the training that `checkpoint` holds, which must have had the same data and settings. It ends
        as it would have ended without the interruption, to the last bit. `epochs` counts from the first beginning.
    compile: False trains with the plain loop.

    >>> from nn import SGD, Neuron, half_mse
    >>> neuron = Neuron(1, "linear", seed=0)
    >>> history = fit(neuron, [[0], [1], [2]], [1, 3, 5], loss=half_mse, optimizer=SGD(0.3), epochs=200)
    >>> [round(p.data, 6) for p in neuron.parameters()]      # the line y = 2 x + 1
    [2.0, 1.0]

    Raises `DataError`, `NumberError` and `StructureError` for data that cannot be learned from, `LabelError` for
    targets that the loss refuses, `SettingError` for settings without a meaning, `OutputError` for a loss without a
    gradient, `CheckpointError` and `StorageError` for a checkpoint that cannot be used, all of them before anything
    has changed; `DivergedError` when the loss or a parameter is no longer finite: the parameters are then the last
    ones with a finite loss. A minibatch is learned from as a whole or not at all, also when Ctrl-C interrupts.
    """
    from ..data.samples import as_samples
    from . import checkpoints
    from .run import Run
    from .symptoms import warn_of_symptoms

    if isinstance(net, type) or not hasattr(net, "parameters") or not callable(net):
        raise SettingTypeError(f"net must be a network such as MLP(2, [4, 1]), got {net!r:.60}")
    samples = as_samples(X, Y)
    held_out = _as_held_out(validation, samples.columns)
    if not callable(loss):
        raise SettingTypeError(f"loss must be a function of (output, target), such as nn.mse, got {loss!r:.60}")
    for what, function in (("metric", metric), ("on_epoch", on_epoch)):
        if function is not None and not callable(function):
            raise SettingTypeError(f"{what} must be a function or None, got {function!r:.60}")
    if checkpoint is not None and not isinstance(checkpoint, (str, os.PathLike)):
        raise SettingTypeError(f"checkpoint must be a path such as 'run.json', got {checkpoint!r:.60}")
    if not isinstance(optimizer, Optimizer):
        raise SettingTypeError(f"optimizer must be one such as SGD(0.1) or Adam(), got {optimizer!r:.60}")
    epochs = positive_integer("epochs", epochs)
    batch_size = len(samples) if batch_size is None else positive_integer("batch_size", batch_size)
    if batch_size > len(samples):
        raise SettingError(
            f"batch_size is {batch_size}, but there are {len(samples)} samples; give at most that, or None"
        )
    parameters = parameters_of(net)
    if not parameters:
        raise SettingError(f"{net!r} has no parameters; there is nothing to train")
    seconds = positive_number("checkpoint_seconds", checkpoint_seconds)
    keeper = None if checkpoint is None else checkpoints.Keeper(checkpoint, seconds)
    _require_fresh_or_resumed(checkpoint, resume)
    with noting() as dropped:
        why_eager = _rehearse(net, loss, samples, parameters)
    if held_out is not None:
        why_eager = _rehearse(net, loss, held_out, parameters) or why_eager
    run = Run(
        net,
        samples,
        loss=loss,
        penalty=as_penalty(penalty),
        optimizer=optimizer,
        batch_size=batch_size,
        rng=generator(seed),
        metric=metric,
        held_out=held_out,
        dropouts=dropped.dropouts,
        why_eager=why_eager if compile else "compile=False",
    )
    if resume and checkpoint is not None:
        checkpoints.resume(run, checkpoint)
    done = run.state.epoch * run.batches + run.state.batch
    with progress_bar(max(epochs * run.batches - done, 0), progress) as advance:
        run.train(epochs, advance, on_epoch, keeper)
    if run.history.loss:
        warn_of_symptoms(net, samples, run.first_cost or 0.0, run.history.loss[-1])
    return run.history


def as_penalty(penalty: Penalty | None) -> Callable[[Sequence[Value]], Any] | None:
    """The function that a penalty stands for.

    Raises `SettingError` for a number that is not positive, `SettingTypeError` for neither number nor function.
    """
    if penalty is None or callable(penalty):
        return penalty
    if penalty == 0.0:
        return None
    return L2(positive_number("penalty", penalty))


class L2:
    """α Σ p² over all parameters, as in micrograd's demonstration."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def __call__(self, parameters: Sequence[Value]) -> Any:
        return self.alpha * ag.dot(parameters, parameters)

    def __repr__(self) -> str:
        return f"L2({self.alpha})"


def _as_held_out(validation: Any, columns: int) -> Samples | None:
    if validation is None:
        return None
    from ..data.samples import as_samples

    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise SettingTypeError(f"validation must be a pair (X, Y), got {validation!r:.60}")
    samples = as_samples(*validation)
    if samples.columns != columns:
        raise StructureError(f"validation samples have {samples.columns} numbers, training samples {columns}")
    return samples


def _require_fresh_or_resumed(checkpoint: Any, resume: bool) -> None:
    if checkpoint is None:
        if resume:
            raise SettingError("resume=True needs the checkpoint to go on from: checkpoint='run.json'")
        return
    if not resume and os.path.exists(checkpoint):
        raise CheckpointError(
            f"{os.fspath(checkpoint)} is there already: resume=True goes on with it; to begin anew remove it or give "
            "another name"
        )


def _rehearse(net: Module, loss: Measure, samples: Samples, parameters: Sequence[Value]) -> str | None:
    """Try the first sample, and every target that there is, before anything is compiled: what is wrong shows here.

    Why nothing can be compiled, if that shows too.
    """
    output = net(samples.rows[0].tolist())
    cost = loss(output, samples.targets[0])
    if not isinstance(cost, Value):
        raise OutputError(f"the loss must be one number, a Value, {_instead(cost)}")
    if not _depends_on(cost, parameters):
        raise OutputError(
            "the loss depends on no parameter. Compute it from the network's output with ops, without .data, and let "
            "parameters() list what the network uses"
        )
    why_eager = None
    for target in _distinct(samples.targets):
        cost = loss(output, target)
        if isinstance(target, int) and samples.target_numbers is not None:
            why_eager = why_eager or _why_not_a_value(loss, output, target, cost)
    return why_eager


def _why_not_a_value(loss: Measure, output: Any, label: int, cost: Any) -> str | None:
    """Why a label may not come in a Value, as data of a compiled step do: a dict, say, does not find it there."""
    from .steps import plain

    known = plain(cost)
    try:
        found = float(plain(loss(output, Value(label))))
    except Exception:  # whatever it is: compilation will meet it, and say so
        return None
    if math.isclose(found, known, rel_tol=1e-9) or plain(loss(output, label)) != known:  # or there is chance in it
        return None
    return (
        f"the loss makes {known:.6g} of the label {label}, and {found:.6g} of a Value with this number, as a compiled "
        "step has it. A dict does not find a Value: give what it would find as a further target; instead of isinstance "
        "select with ag.where(condition, a, b)"
    )


def _instead(cost: Any) -> str:
    if cost is None:
        return "and it returned None; is a return missing?"
    if isinstance(cost, Real):
        return (
            f"and it returned the plain number {cost!r:.40}: it depends on no parameter. Compute it from the network's "
            "output with ops, without .data"
        )
    return f"and it returned {cost!r:.60}; add up several with ag.sum or ag.mean"


def _depends_on(cost: Value, parameters: Sequence[Value]) -> bool:
    wanted, seen, todo = set(parameters), {cost}, [cost]
    while todo:
        node = todo.pop()
        if node in wanted:
            return True
        new = [x for x in node.inputs if isinstance(x, Value) and x not in seen]
        seen.update(new)
        todo += new
    return False


def _distinct(targets: Sequence[Any]) -> list[Any]:
    """Each target once, by type and value; those that cannot be told apart (not hashable) are not tried."""
    found: dict[Any, Any] = {}
    for y in targets:
        key = (list, *y) if isinstance(y, list) else (type(y), y)
        with suppress(TypeError):
            found.setdefault(key, y)
    return list(found.values())
