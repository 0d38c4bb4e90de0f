"""Small networks of scalars on top of `autograd_core`: neurons, layers, losses, training.

>>> from nn import MLP, SGD, fit, half_mse
>>> net = MLP(2, [4, 1], activation="tanh", seed=1)
>>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]                        # exclusive or
>>> history = fit(net, X, Y, loss=half_mse, optimizer=SGD(0.5), epochs=500)
>>> [round(net(x).data) for x in X]
[0, 1, 1, 0]

Everything here builds ordinary graphs of Values with public names of `autograd_core`; nothing there knows of it.
The lectures' matrix form of the same computation is in `nn.matrix`, independent of the engine, in NumPy.
"""

from .data import digits
from .layers import MLP, Layer, Module, Neuron, Parameter
from .losses import cross_entropy, half_mse, mse
from .optimizers import SGD
from .training import History, accuracy, evaluate, fit

__all__ = [
    "MLP",
    "SGD",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Parameter",
    "accuracy",
    "cross_entropy",
    "digits",
    "evaluate",
    "fit",
    "half_mse",
    "mse",
]
