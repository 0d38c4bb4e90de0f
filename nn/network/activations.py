"""Activations by name: ops of one input, and what the field calls them elsewhere."""

from __future__ import annotations

import autograd_core as ag

from ..checks import did_you_mean
from ..errors import SettingError, SettingTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

__all__ = ["Activation", "as_function", "linear"]

Activation: TypeAlias = "str | Callable[[Any], Any]"
"""The name of an op of one input, or a function of z."""


def linear(z: Any) -> Any:
    """g(z) = z. The output is the very node z, not a copy of it."""
    return z


OTHER_NAMES = {
    "swish": "silu",
    "sil": "silu",
    "logistic": "sigmoid",
    "logsig": "sigmoid",
    "expit": "sigmoid",
    "sigma": "sigmoid",
    "σ": "sigmoid",
    "logsigmoid": "log_sigmoid",
    "tansig": "tanh",
    "htan": "tanh",
    "hyperbolictangent": "tanh",
    "tangenshyperbolicus": "tanh",
    "rectifier": "relu",
    "rectifiedlinear": "relu",
    "rectifiedlinearunit": "relu",
    "ramp": "relu",
    "lrelu": "leaky_relu",
    "prelu": "leaky_relu",
    "smoothrelu": "softplus",
    "gaussianerrorlinearunit": "gelu",
    "hardtan": "hardtanh",
    "htanh": "hardtanh",
    "none": "linear",
    "id": "linear",
    "purelin": "linear",
    "lin": "linear",
}
"""What the ops are called elsewhere, without underlines, hyphens and spaces, in small letters."""

NO_SLOPE = ("heaviside", "step", "hardlim", "binarystep", "threshold", "perceptron", "unitstep")


def as_function(activation: Activation) -> Callable[[Any], Any]:
    """The function that `activation` names, or itself."""
    if activation is ag.identity:
        return linear
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise SettingTypeError(f"activation must be a name or a function, got {activation!r:.60}")
    if activation in ("linear", "identity"):
        return linear
    known = [op.name for op in ag.TABLE.values() if not op.is_nary and len(op.input_names) - len(op.defaults) == 1]
    if activation not in known:
        plain = "".join(letter for letter in activation.lower() if letter not in "_- .()")
        same = [name for name in known if name.replace("_", "") == plain]
        advice = did_you_mean(activation, ["linear", *known])
        if "softmax" in plain:
            advice = "; softmax takes a whole layer: leave the last one linear and use `cross_entropy` on its outputs"
        elif plain in NO_SLOPE:
            advice = "; a step has slope 0, so nothing is learned through it; 'sigmoid' is the smooth one"
        elif plain in OTHER_NAMES or same:
            advice = f"; here it is called {[OTHER_NAMES.get(plain), *same][-1]!r}"
        advice = advice or "; expected an op of one input, such as 'relu' or 'tanh', or a function of z"
        raise SettingError(f"unknown activation {activation!r:.60}{advice}")
    return ag.TABLE[activation]
