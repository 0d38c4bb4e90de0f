"""``python -m nn train digits``: a network learns while you watch.

Everything it does is in the public functions of `nn`; added here are options, defaults and lines of text.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from .checks import shown
from .data.datasets import digits, iris, mnist, moons, sine
from .errors import AutogradError, DivergedError, SettingError
from .files import folder
from .metrics import Measure, accuracy, evaluate
from .network.layers import MLP
from .network.losses import binary_cross_entropy, cross_entropy, half_mse, hinge
from .network.storage import save
from .training.fit import fit
from .training.history import History
from .training.optimizers import SGD

__all__ = ["main"]

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
MOST_LINES = 200  # of more epochs, every second, third, ... has one
MOST_LETTERS = 2_000  # of a message about the command line


class Task(NamedTuple):
    """A data set and the settings that suit it. ``load(options)`` gives training pairs and, perhaps, held-out ones;
    `last` is the activation of the last layer."""

    about: str
    load: Callable[[argparse.Namespace], tuple[Any, Any]]
    loss: Measure
    outputs: int
    hidden: list[int]
    activation: str
    init: str
    epochs: int
    batch_size: int | None
    eta: float
    momentum: float = 0.0
    penalty: float | None = None
    last: str = "linear"


def _one_hot(samples: tuple[Any, Any], classes: int) -> tuple[Any, Any]:
    import numpy as np

    return samples[0], np.eye(classes)[samples[1]]


def _mnist(options: argparse.Namespace) -> tuple[Any, Any]:
    if options.data is None:
        raise SettingError(
            "mnist needs the directory of its four IDX files (train-images-idx3-ubyte and so on, gzipped or not): "
            "--data DIR"
        )
    training, _, test = mnist(options.data)
    return _one_hot(training, 10), _one_hot(test, 10)


TASKS = {
    "digits": Task(
        "scikit-learn's 8 x 8 handwritten digits, a fifth held out", lambda options: digits(seed=options.seed),
        cross_entropy, 10, [16], "tanh", "xavier", epochs=20, batch_size=10, eta=0.3,
    ),
    "iris": Task(
        "Fisher's 150 irises of three kinds, one sigmoid for each", lambda options: (_one_hot(iris(), 3), None),
        binary_cross_entropy, 3, [8], "relu", "he", epochs=200, batch_size=10, eta=0.1,
    ),
    "moons": Task(
        "100 points of two half circles, as in micrograd's demonstration", lambda options: (moons(), None),
        hinge, 1, [16, 16], "relu", "uniform", epochs=200, batch_size=None, eta=0.5, penalty=1e-4,
    ),
    "sine": Task(
        "a noisy sine, fitted by three sigmoid neurons", lambda options: (sine(seed=options.seed), None),
        half_mse, 1, [3], "sigmoid", "normal", epochs=2000, batch_size=10, eta=0.05, momentum=0.9,
    ),
    "mnist": Task(
        "60,000 handwritten digits of 28 x 28 pixels, from files that you have (--data), as Nielsen does", _mnist,
        half_mse, 10, [30], "sigmoid", "normal", epochs=30, batch_size=10, eta=3.0, last="sigmoid",
    ),
}  # fmt: skip

TO_FIT = ("penalty", "batch_size", "epochs", "seed", "checkpoint", "resume")
"""Options that are arguments of `fit` under the same name."""

COSTS = {"quadratic": (half_mse, "sigmoid"), "cross-entropy": (binary_cross_entropy, "linear")}
"""Costs of sigmoid outputs, and what the last layer itself does: the second cost has the sigmoid in it."""

IN_OPTIONS = {
    "resume=True": "--resume",
    "checkpoint='run.json'": "--checkpoint run.json",
    "learning_rate": "--eta",
    "batch_size": "--batch-size",
    ", or None": "",
}
"""Words of errors about arguments, and how they are typed on the command line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status: 0, or 2 for what cannot be done, or 130 after Ctrl-C."""
    options, unknown = parser().parse_known_args(arguments)
    if unknown:
        options.usage.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        train(options)
    except AutogradError as error:
        message = str(error)
        for argument, option in IN_OPTIONS.items():
            message = message.replace(argument, option)
        print(f"error: {shown(message)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        is_kept = options.checkpoint is not None and os.path.exists(options.checkpoint)
        print(f"interrupted{'; --resume goes on from the checkpoint' if is_kept else ''}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


class Parser(argparse.ArgumentParser):
    """A parser whose messages quote the command line as visible text."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with status 2."""
        super().error(shown(message)[:MOST_LETTERS])


def parser() -> argparse.ArgumentParser:
    """The options of every data set, with its own defaults."""
    root = Parser(prog="python -m nn", description="Small networks on a scalar autograd engine.")
    train = root.add_subparsers(dest="command", required=True).add_parser(
        "train", help="train a network and report what it learned", description="Train a network on a data set."
    )
    sets = train.add_subparsers(dest="task", required=True, metavar="|".join(TASKS))
    for name, task in TASKS.items():
        about, style = f"Train a network on {task.about}.", argparse.ArgumentDefaultsHelpFormatter
        options = sets.add_parser(name, help=task.about, description=about, formatter_class=style)
        options.set_defaults(**task._asdict(), usage=options)
        add = options.add_argument
        add("--hidden", type=int, nargs="*", metavar="N", help="sizes of the hidden layers")
        add("--activation", metavar="NAME", help="of the hidden layers: tanh, relu, sigmoid, ...")
        add("--init", metavar="NAME", help="of the weights: uniform, normal, xavier or he")
        add("--epochs", type=int, metavar="N", help="how often to go through the training data")
        add("--batch-size", type=int, metavar="N", help="samples per step; None stands for all of them")
        add("--eta", type=float, metavar="RATE", help="the learning rate")
        about = "for the initial weights, the order, and what is drawn or split"
        add("--seed", type=int, metavar="N", default=0, help=about)
        add("--checkpoint", metavar="FILE", help="keep the state of training in this file")
        add("--resume", action="store_true", help="go on with the training that the checkpoint holds")
        add("--out", metavar="DIR", help="write model.json, learning-curve.svg and the like into this directory")
        if name == "mnist":
            add("--data", metavar="DIR", help="the directory with the four IDX files, gzipped or not")
            add("--cost", choices=COSTS, default="quadratic", help="Nielsen's equation (6) or (63)")
    return root


def train(options: argparse.Namespace) -> None:
    """Train as the options say, print a line per epoch, and write what was asked for."""
    task = TASKS[options.task]
    into = None if options.out is None else folder(options.out)
    training, held_out = task.load(options)
    X, y = training
    is_regression = options.task == "sine"
    loss, last = COSTS[options.cost] if "cost" in options else (task.loss, task.last)
    columns = len(X[0]) if hasattr(X[0], "__len__") else 1
    activations = [*[options.activation] * len(options.hidden), last]
    net = MLP(columns, [*options.hidden, task.outputs], activations, init=options.init, seed=options.seed)
    kept = "" if held_out is None else f", {len(held_out[1])} held out"
    print(f"{net}: {len(net.parameters())} parameters, {len(y)} samples to learn{kept}", flush=True)
    every = -(-options.epochs // MOST_LINES)
    start = time.perf_counter()

    def report(history: History) -> None:
        epoch = len(history.loss)
        if epoch % every == 0 or epoch == options.epochs:
            seconds = sum(history.seconds[(epoch - 1) // every * every :])
            parts = [f"epoch {epoch}: {seconds:.2f} s, loss {history.loss[-1]:.4f}"]
            parts += [f"accuracy {right:.1%}" for right in history.metric[-1:]]
            if held_out is not None:
                parts.append(
                    f"held out {round(history.validation_metric[-1] * len(held_out[1]))} of {len(held_out[1])}"
                )
            print(", ".join(parts), flush=True)

    try:
        history = fit(
            net,
            X,
            y,
            loss=loss,
            optimizer=SGD(options.eta, options.momentum),
            metric=None if is_regression else accuracy,
            validation=held_out,
            on_epoch=report,
            **{name: getattr(options, name) for name in TO_FIT},
        )
    except (KeyboardInterrupt, DivergedError):
        if into is not None:
            save(net, into / "model.json")
        raise
    print(f"{verdict(net, training, held_out, is_regression)} after {time.perf_counter() - start:.1f} s")
    if into is not None:
        keep(net, history, training, options.task, into)


def verdict(net: MLP, training: Any, held_out: Any, is_regression: bool) -> str:
    """The accuracy of the network now, or its error, in words."""
    X, y = held_out or training
    if is_regression:
        return f"root mean square error {(2.0 * evaluate(net, X, y, half_mse)) ** 0.5:.3f}"
    what = "held-out samples" if held_out else "samples"
    return f"{round(evaluate(net, X, y, accuracy) * len(y))} of {len(y)} {what} recognised"


def keep(net: MLP, history: History, training: Any, task: str, into: Path) -> None:
    """Write the model and its pictures."""
    from .pictures import curve_fit, decision_boundary, learning_curve, saved

    save(net, into / "model.json")
    figures = {"learning-curve.svg": learning_curve(history)}
    if task == "sine" and len(net.layers) > 1:
        figures["fit.svg"] = curve_fit(net, *training)
    if task == "moons":
        figures["boundary.svg"] = decision_boundary(net, *training)
    for name, figure in figures.items():
        saved(figure, into / name)
    print(f"wrote {', '.join(['model.json', *figures])} into {shown(into)}")
