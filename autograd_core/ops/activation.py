"""Activation functions of neural networks. `sigmoid` and `softplus` live with the exponentials, `tanh` with sinh.

Names and parameters mean what they mean in torch. At a kink the derivative is the one-sided one that torch takes.
"""

from __future__ import annotations

import math

from ..domain import EXTENDED, POSITIVE, Domain
from ..op import Op
from ..value import Entry
from .exponential import exp, expm1, sigmoid, softplus
from .selection import clipped, copysign, gate, where
from .special import norm_cdf, norm_pdf
from .trigonometric import sech_squared, tanh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Klambauer et al., *Self-normalizing neural networks* (2017), equations (14).
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

relu = Op("relu", lambda x: where(x <= 0.0, 0.0, x), lambda g, z, x: (gate(x > 0.0, g),), EXTENDED)
leaky_relu = Op(
    "leaky_relu",
    lambda x, slope: where(x > 0.0, x, slope * x),
    lambda g, z, x, slope=0.01: (where(x > 0.0, g, slope * g), gate(x <= 0.0, g * x)),
    Domain(EXTENDED, EXTENDED),
)
relu6 = Op(
    "relu6",
    lambda x: clipped(x, 0.0, 6.0),
    lambda g, z, x: (gate(x > 0.0, gate(x < 6.0, g)),),
    EXTENDED,
)
hardtanh = Op(
    "hardtanh",
    clipped,
    lambda g, z, x, low=-1.0, high=1.0: (gate(x > low, gate(x < high, g)), gate(x <= low, g), gate(x >= high, g)),
    Domain(EXTENDED, EXTENDED, EXTENDED, condition=lambda x, low, high: low <= high, text="low ≤ high"),
)
hard_sigmoid = Op(
    "hard_sigmoid",
    lambda x: clipped(x + 3.0, 0.0, 6.0) / 6.0,
    lambda g, z, x: (gate(x > -3.0, gate(x < 3.0, g / 6.0)),),
    EXTENDED,
)

elu = Op(
    "elu",
    lambda x, alpha: where(x > 0.0, x, alpha * expm1(x)),
    lambda g, z, x, alpha=1.0: (where(x > 0.0, g, g * alpha * exp(x)), gate(x <= 0.0, g * expm1(x))),
    Domain(EXTENDED, EXTENDED),
)
selu = Op(
    "selu",
    lambda x: SELU_SCALE * where(x > 0.0, x, SELU_ALPHA * expm1(x)),
    lambda g, z, x: (SELU_SCALE * g * where(x > 0.0, 1.0, SELU_ALPHA * exp(x)),),
    EXTENDED,
)


celu = Op(
    "celu",
    lambda x, alpha: where(alpha > 0.0, where(x > 0.0, x, alpha * expm1(x / alpha)), math.nan),
    lambda g, z, x, alpha=1.0: (where(x > 0.0, g, g * exp(x / alpha)), None),
    Domain(EXTENDED, POSITIVE),
    constants=("alpha",),
)


def _gated(x: Any, share: Any) -> Any:
    """x · share, where a share of zero closes the gate even for x = -inf."""
    return where(share == 0.0, copysign(0.0, x), x * share)


def _mish_rule(g: Any, z: Any, x: Any) -> tuple[Entry]:
    s = softplus(x)
    return (g * (tanh(s) + x * sech_squared(s) * sigmoid(x)),)


def _softsign_rule(g: Any, z: Any, x: Any) -> tuple[Entry]:
    d = 1.0 + abs(x)
    return (g / d / d,)


gelu = Op(
    "gelu",
    lambda x: _gated(x, norm_cdf(x)),
    lambda g, z, x: (g * (norm_cdf(x) + x * norm_pdf(x)),),
    EXTENDED,
)
silu = Op(
    "silu",
    lambda x: _gated(x, sigmoid(x)),
    lambda g, z, x: (g * sigmoid(x) * (1.0 + x * sigmoid(-x)),),
    EXTENDED,
)
mish = Op("mish", lambda x: _gated(x, tanh(softplus(x))), _mish_rule, EXTENDED)
softsign = Op(
    "softsign",
    lambda x: where(abs(x) == math.inf, copysign(1.0, x), x / (1.0 + abs(x))),
    _softsign_rule,
    EXTENDED,
)
