"""Small networks of scalars on top of `autograd_core`: neurons, layers, losses, training.

>>> from nn import MLP, SGD, fit, half_mse
>>> net = MLP(2, [4, 1], activation="tanh", seed=1)
>>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]                        # exclusive or
>>> history = fit(net, X, Y, loss=half_mse, optimizer=SGD(0.5), epochs=500)
>>> [round(net(x).data) for x in X]
[0, 1, 1, 0]

Everything here builds ordinary graphs of Values with public names of `autograd_core`; nothing there knows of it.

    module, layers, dropout, activations, initialization
                                                 what a network is;  losses, metrics: how it is judged
    optimizers, schedules                        how a step is taken
    training, run, steps, descent, samples       `fit`, and what it consists of;  watch, symptoms, history, progress
    pictures, sketch, figures                    figures of training, of what was learned, of networks
    storage, checkpoints, sameness, files        networks and runs in files
    datasets, idx                                data that need no network;  elsewhere: other libraries' names
    learning                                     what the lectures say about learning, in numbers and pictures
    matrix                                       the lectures' matrix form of the same, in NumPy, without the engine
"""

from .datasets import digits, iris, mnist, moons, sine
from .dropout import Dropout, dropping
from .history import History
from .layers import MLP, Layer, Module, Neuron, Parameter
from .losses import binary_cross_entropy, cross_entropy, half_mse, hinge, mse
from .metrics import accuracy, evaluate
from .optimizers import SGD, Adam, Optimizer
from .storage import load, save
from .training import fit

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "Dropout",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Optimizer",
    "Parameter",
    "accuracy",
    "binary_cross_entropy",
    "cross_entropy",
    "digits",
    "dropping",
    "evaluate",
    "fit",
    "half_mse",
    "hinge",
    "iris",
    "load",
    "mnist",
    "moons",
    "mse",
    "save",
    "sine",
]


def __getattr__(name: str) -> object:
    """Modules that are loaded when they are asked for; and what to write for a name that is not here."""
    if name in ("learning", "matrix", "pictures", "schedules"):
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    from .elsewhere import instead

    advice = None if name.startswith("_") else instead(name, __all__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}" + (f"; {advice}" if advice else ""))
