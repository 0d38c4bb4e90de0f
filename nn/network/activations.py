"""Activations by name: ops of one input, and what the field calls them elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_core as ag

from ..checks import function
from ..errors import SettingError
from ..names import by_name, did_you_mean

__all__ = ["Activation", "as_function", "linear", "name_of"]

Activation = str | Callable[[Any], Any]
"""The name of an op of one input, or a function of z."""


def linear(z: Any) -> Any:
    """g(z) = z. The output is the very node z, not a copy of it."""
    return z


OTHER_NAMES = by_name(
    {
        "silu": "swish sil",
        "sigmoid": "logistic logsig expit sigma σ",
        "log_sigmoid": "logsigmoid",
        "tanh": "tansig htan hyperbolictangent tangenshyperbolicus",
        "relu": "rectifier rectifiedlinear rectifiedlinearunit ramp",
        "leaky_relu": "lrelu prelu",
        "softplus": "smoothrelu",
        "gelu": "gaussianerrorlinearunit",
        "hardtanh": "hardtan htanh",
        "linear": "none id purelin lin",
    }
)
"""Names of the ops elsewhere, without underlines, hyphens and spaces, in small letters."""

NO_SLOPE = ("heaviside", "step", "hardlim", "binarystep", "threshold", "perceptron", "unitstep")


def as_function(activation: Activation) -> Callable[[Any], Any]:
    """The function that `activation` names, or itself."""
    if activation is ag.identity:
        return linear
    if not isinstance(activation, str):
        return function("activation", activation, "a name or a function")
    if activation in ("linear", "identity"):
        return linear
    known = [op.name for op in ag.TABLE.values() if not op.is_nary and len(op.input_names) - len(op.defaults) == 1]
    if activation in known:
        return ag.TABLE[activation]
    plain = "".join(letter for letter in activation.lower() if letter not in "_- .()")
    same = [name for name in known if name.replace("_", "") == plain]
    if "softmax" in plain:
        advice = "; softmax takes a whole layer: leave the last one linear and use `cross_entropy` on its outputs"
    elif plain in NO_SLOPE:
        advice = "; a step has slope 0, so nothing is learned through it; 'sigmoid' is the smooth one"
    elif plain in OTHER_NAMES or same:
        advice = f"; here it is called {[OTHER_NAMES.get(plain), *same][-1]!r}"
    else:
        advice = did_you_mean(activation, ["linear", *known])
        advice = advice or "; expected an op of one input, such as 'relu' or 'tanh', or a function of z"
    raise SettingError(f"unknown activation {activation!r:.60}{advice}")


def name_of(activation: Callable[[Any], Any]) -> str:
    """The name of an activation."""
    return getattr(activation, "name", None) or getattr(activation, "__name__", None) or repr(activation)
