"""Exponentials, logarithms, and the logistic family between them.

Sources for the stable forms: M. Mächler, *Accurately computing log(1 - exp(-|a|))* (2012), for `log1mexp`;
the others are rearrangements that subtract nothing of equal size.
"""

from __future__ import annotations

import math

from ..domain import EXTENDED, NONNEGATIVE, POSITIVE, PROBABILITY, Domain, Interval
from ..op import Op
from .selection import both_zero, gate_else, maximum, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LN2, LN10 = math.log(2.0), math.log(10.0)


def _log_at_zero(x: float) -> float:
    return -math.inf if x == 0.0 else math.nan


exp = Op("exp", math.exp, lambda g, z, x: (g * z,), EXTENDED)
exp2 = Op("exp2", math.exp2, lambda g, z, x: (g * z * LN2,), EXTENDED, label="2ˣ")
exp10 = Op("exp10", lambda x: 10.0**x, lambda g, z, x: (g * z * LN10,), EXTENDED, label="10ˣ")
expm1 = Op("expm1", math.expm1, lambda g, z, x: (g * exp(x),), EXTENDED)

log = Op("log", math.log, lambda g, z, x: (g / x,), POSITIVE, ieee=_log_at_zero)
log2 = Op("log2", math.log2, lambda g, z, x: (g / x / LN2,), POSITIVE, ieee=_log_at_zero)
log10 = Op("log10", math.log10, lambda g, z, x: (g / x / LN10,), POSITIVE, ieee=_log_at_zero)
log1p = Op(
    "log1p",
    math.log1p,
    lambda g, z, x: (g / (1.0 + x),),
    Interval("x > -1", -1.0, closed=(False, True)),
    ieee=lambda x: _log_at_zero(1.0 + x),
)


# log(1 - exp(-x)) for x > 0, as Mächler and JAX define it.
log1mexp = Op(
    "log1mexp",
    lambda x: where(x < LN2, log(-expm1(-x)), log1p(-exp(-x))),
    lambda g, z, x: (g * exp(-x) / -expm1(-x),),
    POSITIVE,
)


xlogy = Op(
    "xlogy",
    lambda x, y: where(x == 0.0, where(y == y, 0.0, y), x * log(y)),
    lambda g, z, x, y: (g * log(y), gate_else(both_zero(x, y), g * (x / y))),
    Domain(EXTENDED, NONNEGATIVE, condition=lambda x, y: x == 0.0 or y > 0.0, text="y > 0, or x = 0"),
    label="x·log y",
)


def _sigmoid(x: Any) -> Any:
    e = exp(-abs(x))
    return where(x < 0.0, e, 1.0) / (1.0 + e)


def _softplus(x: Any) -> Any:
    return maximum(x, 0.0) + log1p(exp(-abs(x)))


def _logaddexp(x: Any, y: Any) -> Any:
    return maximum(x, y) + log1p(exp(-where(x == y, 0.0, abs(x - y))))


def _logit(x: Any) -> Any:
    return where(abs(x - 0.5) < 0.25, log1p((2.0 * x - 1.0) / (1.0 - x)), log(x) - log1p(-x))


sigmoid: Op = Op("sigmoid", _sigmoid, lambda g, z, x: (g * z * sigmoid(-x),), EXTENDED, label="σ")
log_sigmoid = Op("log_sigmoid", lambda x: -softplus(-x), lambda g, z, x: (g * sigmoid(-x),), EXTENDED, label="log σ")
softplus: Op = Op("softplus", _softplus, lambda g, z, x: (g * sigmoid(x),), EXTENDED)
logit = Op(
    "logit",
    _logit,
    lambda g, z, x: (g / (x * (1.0 - x)),),
    PROBABILITY,
)
logaddexp = Op(
    "logaddexp",
    _logaddexp,
    lambda g, z, x, y: (  # of two that are -inf, neither has a part in the sum
        gate_else(z == -math.inf, g * sigmoid(x - y)),
        gate_else(z == -math.inf, g * sigmoid(y - x)),
    ),
    Domain(EXTENDED, EXTENDED),
)
