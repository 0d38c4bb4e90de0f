"""Small networks of scalars on top of `autograd_core`: neurons, layers, losses, training.

>>> from nn import MLP, SGD, fit, half_mse
>>> net = MLP(2, [4, 1], activation="tanh", seed=1)
>>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]                        # exclusive or
>>> history = fit(net, X, Y, loss=half_mse, optimizer=SGD(0.5), epochs=500)
>>> [round(net(x).data) for x in X]
[0, 1, 1, 0]

Everything here builds ordinary graphs of Values with public names of `autograd_core`; nothing there knows of it.

    data        what networks learn from, in rows and targets
    network     layers and what they consist of, losses, networks in files
    training    `fit`, and what it consists of
    schedules   learning rates that change meanwhile
    metrics     what networks are judged by
    sklearn     networks as scikit-learn's estimators
    pictures    figures of training, of what was learned, of networks
    learning    the lectures on learning, in numbers and pictures
    matrix      the lectures' matrix form of the same, in NumPy, without the engine
    cli         ``python -m nn train digits``
    compiled    whether what a network computes may be compiled, and how it runs on many samples
    checks      settings and numbers as they should be
    names       names that are nearly right
    files       files that are whole or not there
    errors      what can go wrong
"""

from .data.datasets import digits, iris, mnist, moons, sine
from .metrics import accuracy, evaluate
from .network.dropout import Dropout, dropping
from .network.layers import MLP, Layer, Neuron
from .network.losses import binary_cross_entropy, cross_entropy, half_mse, hinge, mse
from .network.module import Module, Parameter
from .network.storage import load, save
from .training.fit import Checkpoint, fit
from .training.history import History
from .training.optimizers import SGD, Adam, Optimizer

__all__ = [
    "MLP", "SGD", "Adam", "Checkpoint", "Dropout", "History", "Layer", "Module", "Neuron", "Optimizer", "Parameter",
    "accuracy", "binary_cross_entropy", "cross_entropy", "digits", "dropping", "evaluate", "fit", "half_mse", "hinge",
    "iris", "load", "mnist", "moons", "mse", "save", "sine",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Modules that are loaded when they are asked for; and what to write for a name that is not here."""
    if name in ("learning", "matrix", "pictures", "schedules", "sklearn"):
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    from .names import instead

    advice = None if name.startswith("_") else instead(name, __all__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}" + (f"; {advice}" if advice else ""))
