"""Initialization: the distributions that weights and biases are first drawn from.

A scheme is a pair of functions ``(rng, nin, nout) -> number``, one for a weight and one for a bias, of a layer of
`nout` neurons with `nin` inputs each. This module holds no random state: whoever draws passes the generator in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from autograd_core import Value

from ..checks import function
from ..errors import SettingError
from ..names import by_name, did_you_mean

__all__ = ["SCHEMES", "Init", "drawn", "he", "normal", "scaled", "scheme", "uniform", "xavier", "zero"]

Draw = Callable[[Random, int, int], float]
"""``(rng, nin, nout) -> number``: draws one weight or one bias."""

Init = str | Draw | tuple[Draw, Draw]
"""The name of a scheme, a function that draws weights, or a pair of them for weights and biases."""


def zero(rng: Random, nin: int, nout: int) -> float:
    """0.0: how biases start in every scheme but Nielsen's."""
    return 0.0


def uniform(rng: Random, nin: int, nout: int) -> float:
    """U(-1, 1), as in micrograd's `nn.py`: the same generator state gives the same weights as there."""
    return rng.uniform(-1.0, 1.0)


def normal(rng: Random, nin: int, nout: int) -> float:
    """N(0, 1), for weights and biases alike: Nielsen, *Neural Networks and Deep Learning*, chapter 1."""
    return rng.gauss(0.0, 1.0)


def scaled(rng: Random, nin: int, nout: int) -> float:
    """N(0, 1 / nin), the variance, so that z = w · x + b does not grow with the number of inputs; biases are N(0, 1).

    Nielsen, *Neural Networks and Deep Learning*, chapter 3, "Weight initialization".
    """
    return rng.gauss(0.0, 1.0 / math.sqrt(nin))


def xavier(rng: Random, nin: int, nout: int) -> float:
    """U(-r, r) with r = √(6 / (nin + nout)), the normalized initialization.

    The variance of activations stays forwards, and that of gradients backwards, for activations that are like the
    identity around 0 (tanh). Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural
    networks* (2010), equation (16).
    """
    r = math.sqrt(6.0 / (nin + nout))
    return rng.uniform(-r, r)


def he(rng: Random, nin: int, nout: int) -> float:
    """N(0, 2 / nin), the variance: a relu passes on half of it.

    He, Zhang, Ren and Sun, *Delving deep into rectifiers* (2015), equation (10).
    """
    return rng.gauss(0.0, math.sqrt(2.0 / nin))


SCHEMES: dict[str, tuple[Draw, Draw]] = {
    "uniform": (uniform, zero),
    "normal": (normal, normal),
    "scaled": (scaled, normal),
    "xavier": (xavier, zero),
    "he": (he, zero),
}
"""The functions that draw weights and biases, by the scheme's name."""

OTHER_NAMES = by_name({"xavier": "glorot xavier_", "he": "kaiming he_", "scaled": "lecun", "normal": "gauss"})
"""Beginnings of the schemes' names elsewhere."""


def scheme(init: Init) -> tuple[Draw, Draw]:
    """The functions that draw weights and biases under `init`; of a function alone the biases are 0.

    >>> weight, bias = scheme("xavier")
    >>> from random import Random
    >>> abs(weight(Random(0), 3, 3)) <= 1.0, bias(Random(0), 3, 3)
    (True, 0.0)
    >>> scheme((uniform, normal)) == (uniform, normal)
    True

    Raises `SettingError` for an unknown name, `SettingTypeError` for what is neither name nor function.
    """
    if not isinstance(init, str):
        weight, bias = init if isinstance(init, tuple) and len(init) == 2 else (init, zero)
        expected = "a name or a function (rng, nin, nout) -> number, or a pair of them, for weights and biases"
        return function("init", weight, expected), function("init", bias, expected)
    if init not in SCHEMES:
        known = next((OTHER_NAMES[name] for name in OTHER_NAMES if init.lower().startswith(name)), None)
        advice = did_you_mean(init, SCHEMES) if known is None else f"; here it is called {known!r}"
        raise SettingError(f"unknown init {init!r:.60}; expected one of {', '.join(SCHEMES)}{advice}")
    return SCHEMES[init]


def drawn(draw: Draw, rng: Random, nin: int, nout: int) -> float:
    """A weight or a bias. Raises `SettingError` for one that is not finite."""
    number = Value(draw(rng, nin, nout)).data
    if not math.isfinite(number):
        raise SettingError(f"init drew {number} for a layer of nin={nin}, nout={nout}; expected a finite number")
    return number
