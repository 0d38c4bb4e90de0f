"""`fit`: the loop that one writes by hand, with the data checked first and the step compiled.

    for each epoch, for each minibatch of shuffled samples:
        C = the mean of loss(net(x), y) over the minibatch
        net.zero_grad(); C.backward(); optimizer.step(net.parameters())

Nothing here knows what a network is made of: whatever has `parameters()` and can be called will do.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from random import Random
from typing import Any, TypedDict, Unpack

import autograd_core as ag
from autograd_core import Value

from ..checks import function, generator, positive_integer, positive_number, told_with
from ..errors import CheckpointError, SettingError, SettingTypeError, StructureError
from ..metrics import Measure
from ..names import argument
from ..network.dropout import Dropout, noting
from ..network.module import Module, parameters_of
from .history import History, progress_bar
from .optimizers import Optimizer

Penalty = float | Callable[[Sequence[Value]], Any]


class Older(TypedDict, total=False):
    """Settings of a `Checkpoint` as arguments of `fit`."""

    checkpoint_seconds: float
    resume: bool


__all__ = ["Checkpoint", "fit"]


class Checkpoint:
    """A file in which `fit` keeps the network and the state of training: from the start, every `seconds`, on Ctrl-C and
    at the end.

    With ``resume=True`` training goes on from what the file holds, which must have had the same data and settings, and
    ends as it would have ended without the interruption, to the last bit. Without it there must be no such file yet.

    >>> Checkpoint("run.json", seconds=60.0)
    Checkpoint('run.json', seconds=60.0, resume=False)

    Raises `SettingTypeError` for what is no path, `SettingError` for seconds that are not positive.
    """

    def __init__(self, path: str | PathLike[str], seconds: float = 10.0, resume: bool = False) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise SettingTypeError(f"checkpoint must be a path such as 'run.json', got {path!r:.60}")
        self.path, self.seconds, self.resume = path, positive_number("seconds", seconds), resume

    def __repr__(self) -> str:
        return f"Checkpoint({os.fspath(self.path)!r}, seconds={self.seconds}, resume={self.resume})"


def fit(
    net: Module,
    X: Any,
    Y: Any,
    *,
    loss: Measure,
    optimizer: Optimizer,
    penalty: Penalty | None = None,
    epochs: int = 1,
    batch_size: int | None = None,
    seed: int | Random | None = None,
    metric: Measure | None = None,
    validation: tuple[Any, Any] | None = None,
    patience: int | None = None,
    on_epoch: Callable[[History], object] | None = None,
    checkpoint: Checkpoint | str | PathLike[str] | None = None,
    progress: bool | None = None,
    compile: bool = True,
    **older: Unpack[Older],
) -> History:
    """Train `net` to make ``loss(net(x), y)`` small over the samples x in X with targets y in Y.

    What is learned
    ---------------
    X, Y: lists, tuples or NumPy arrays with one entry per sample; all numbers finite.
    loss: of one sample, ``loss(output, target)``; each step follows the gradient of its mean over a minibatch.
    optimizer: `SGD`, `Adam`, or another `Optimizer`; every call starts it afresh.
    penalty: a number α adds α Σ p² over all parameters (L2) to the loss, a function adds ``penalty(parameters)``.

    How long, and in which order
    ----------------------------
    epochs: how often to go through all samples, counted from the first beginning where training is resumed.
    batch_size: samples per step; the last minibatch of an epoch may be smaller. None: all at once.
    seed: for the order of the samples and for what a `Dropout` drops, which are drawn afresh for each epoch.

    How it is judged
    ----------------
    metric: also of one sample, such as `accuracy`, on plain numbers; recorded, not learned from.
    validation: a pair ``(X, Y)`` that is judged after each epoch and not learned from.
    patience: end when the validation loss has been no smaller for so many epochs. Then, and after all epochs, the
        parameters get the numbers that they had when it was smallest (early stopping); a checkpoint keeps the last.

    What happens meanwhile
    ----------------------
    on_epoch: called with the history so far after each epoch; it may change the parameters' numbers, and end training
        by returning True, Python's or NumPy's.
    checkpoint: a file to keep the state of training in, or a `Checkpoint`, which can be resumed; ``checkpoint_seconds``
        and ``resume`` are an older way to give its settings.
    progress: whether to show a bar, in a terminal or a notebook; None: when standard output is a terminal.
    compile: False trains with the plain loop.

    The step is compiled by `autograd_core.jit`: net and loss run on traced Values once, so what else they do happens
    once, and plain numbers that they use keep the value they have then; what is to change belongs into a Value. The
    first two steps, at least 8 samples, are done by the plain loop and compared, and so is a sample of the step after a
    callback. Where they differ, as with random numbers or an `if` on data (select with `ag.where` or `ag.maximum`
    instead), or cannot be compiled, a warning says why and the plain loop trains. While `fit` runs it keeps the
    parameters' numbers to itself; the parameters get them after every epoch, and whenever and however it ends. A
    minibatch is learned from as a whole or not at all, also when Ctrl-C interrupts.

    >>> from nn import SGD, Neuron, half_mse
    >>> neuron = Neuron(1, "linear", seed=0)
    >>> history = fit(neuron, [[0], [1], [2]], [1, 3, 5], loss=half_mse, optimizer=SGD(0.3), epochs=200)
    >>> [round(p.data, 6) for p in neuron.parameters()]      # the line y = 2 x + 1
    [2.0, 1.0]

    Raises `DataError`, `NumberError` and `StructureError` for data that cannot be learned from, `LabelError` for
    targets that the loss refuses, `SettingError` for settings without a meaning, `OutputError` for a loss without a
    gradient, `CheckpointError` and `StorageError` for a checkpoint that cannot be used, all of them before anything
    has changed; `DivergedError` when the loss or a parameter is no longer finite: the parameters are then the last
    ones with a finite loss.
    """
    from ..data.samples import as_samples
    from . import checkpoints
    from .run import Run
    from .sanity import rehearse, warn_of_symptoms, warn_of_unreached

    if isinstance(net, type) or not hasattr(net, "parameters") or not callable(net):
        raise SettingTypeError(f"net must be a network such as MLP(2, [4, 1]), got {net!r:.60}")
    samples = as_samples(X, Y)
    held_out = None if validation is None else _held_out(validation, samples.columns)
    function("loss", loss, "a function of (output, target), such as nn.mse")
    for what, given in (("metric", metric), ("on_epoch", on_epoch)):
        if given is not None:
            function(what, given, "a function or None")
    if not isinstance(optimizer, Optimizer):
        advice = "; call the class" if isinstance(optimizer, (type, str)) else ""
        raise SettingTypeError(f"optimizer must be one such as SGD(0.1) or Adam(), got {optimizer!r:.60}{advice}")
    epochs = positive_integer("epochs", epochs)
    if patience is not None and held_out is None:
        raise SettingError("patience needs samples that are not learned from: validation=(X, Y)")
    wait = math.inf if patience is None else positive_integer("patience", patience)
    batch_size = len(samples) if batch_size is None else positive_integer("batch_size", batch_size)
    if batch_size > (most := len(samples)):
        raise SettingError(f"batch_size is {batch_size}, but there are {most} samples; give at most that, or None")
    parameters = parameters_of(net)
    if not parameters:
        raise SettingError(f"{net!r} has no parameters; there is nothing to train")
    if callable(penalty):
        function("penalty", penalty, "a number or a function of the parameters")
    elif penalty is not None:
        penalty = L2(positive_number("penalty", penalty)) if penalty != 0.0 else None
    kept = _as_checkpoint(checkpoint, older)
    dropouts: list[Dropout] = []
    with noting(dropouts):
        why_eager, unreached = rehearse(net, loss, samples, parameters)
    if held_out is not None:
        with told_with("validation"):
            why_eager = rehearse(net, loss, held_out, parameters)[0] or why_eager
    warn_of_unreached(net, loss, samples, unreached, len(parameters))
    run = Run(
        net,
        samples,
        held_out,
        loss=loss,
        penalty=penalty,
        optimizer=optimizer,
        batch_size=batch_size,
        rng=generator(seed),
        metric=metric,
        dropouts=dropouts,
        why_eager=why_eager if compile else "compile=False",
    )
    if kept is not None and kept.resume:
        checkpoints.resume(run, kept.path)
    done = run.state.epoch * run.batches + run.state.batch
    with progress_bar(max(epochs * run.batches - done, 0), progress) as advance:
        keeping = [] if kept is None else [checkpoints.Keeper(kept.path, kept.seconds).keep]
        run.train(epochs, advance, on_epoch, wait, *keeping)
    if run.history.loss:
        warn_of_symptoms(net, samples, run.first_cost or 0.0, run.history.loss[-1])
    return run.history


def _held_out(validation: Any, columns: int) -> Any:
    """The samples that are not learned from, with as many numbers as those that are."""
    from ..data.samples import as_samples

    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise SettingTypeError(f"validation must be a pair (X, Y), got {validation!r:.60}")
    with told_with("validation"):
        held_out = as_samples(*validation)
    if held_out.columns != columns:
        raise StructureError(f"validation samples have {held_out.columns} numbers, training samples {columns}")
    return held_out


def _as_checkpoint(checkpoint: Checkpoint | str | PathLike[str] | None, older: Mapping[str, Any]) -> Checkpoint | None:
    """The `Checkpoint` that is meant, given as one or by the older arguments of `fit`."""
    if unknown := older.keys() - {"checkpoint_seconds", "resume"}:
        name, known = min(unknown), list(fit.__annotations__)[:-2]  # without `older` and what is returned
        raise SettingTypeError(f"fit has no argument {name!r}{argument(name, known)}")
    if isinstance(checkpoint, Checkpoint) and older:
        raise SettingError(f"{' and '.join(older)} beside a Checkpoint; give it all of them, {checkpoint!r}")
    seconds, resume = positive_number("checkpoint_seconds", older.get("checkpoint_seconds", 10.0)), older.get("resume")
    if checkpoint is None:
        if resume:
            raise SettingError("resume=True needs the checkpoint to go on from: checkpoint='run.json'")
        return None
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint, seconds, bool(resume))
    if not checkpoint.resume and os.path.exists(checkpoint.path):
        what = f"{os.fspath(checkpoint.path)} is there already"
        raise CheckpointError(f"{what}: resume=True goes on with it; to begin anew remove it or give another name")
    return checkpoint


class L2:
    """α Σ p² over all parameters, as in micrograd's demonstration."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def __call__(self, parameters: Sequence[Value]) -> Any:
        return self.alpha * ag.dot(parameters, parameters)

    def __repr__(self) -> str:
        return f"L2({self.alpha})"
