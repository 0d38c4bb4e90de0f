"""Exponentials, logarithms, and the logistic family between them.

Sources for the stable forms: M. Mächler, *Accurately computing log(1 - exp(-|a|))* (2012), for `log1mexp`;
the others are rearrangements that subtract nothing of equal size.
"""

from __future__ import annotations

import math

from ..domain import EXTENDED, NONNEGATIVE, POSITIVE, PROBABILITY, Domain, Interval
from ..op import Op
from .selection import both_zero, gate_else

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


def _log1mexp(x: float) -> float:
    return math.log(-math.expm1(-x)) if x < LN2 else math.log1p(-math.exp(-x))


# log(1 - exp(-x)) for x > 0, as Mächler and JAX define it.
log1mexp = Op(
    "log1mexp",
    _log1mexp,
    lambda g, z, x: (g * exp(-x) / -expm1(-x),),
    POSITIVE,
    ieee=_log_at_zero,
)


def _xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0.0 and y == y else x * math.log(y)


xlogy = Op(
    "xlogy",
    _xlogy,
    lambda g, z, x, y: (g * log(y), gate_else(both_zero(x, y), g * (x / y))),
    Domain(EXTENDED, NONNEGATIVE, condition=lambda x, y: x == 0.0 or y > 0.0, text="y > 0, or x = 0"),
    ieee=lambda x, y: x * _log_at_zero(y),
    label="x·log y",
)


def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _logaddexp(x: float, y: float) -> float:
    if x != x or y != y:
        return math.nan
    return max(x, y) + 0.0 if math.isinf(x) or math.isinf(y) else max(x, y) + math.log1p(math.exp(-abs(x - y)))


def _logit(x: float) -> float:
    return 2.0 * math.atanh(2.0 * x - 1.0) if 0.25 < x < 0.75 else math.log(x) - math.log1p(-x)


sigmoid: Op = Op("sigmoid", _sigmoid, lambda g, z, x: (g * z * sigmoid(-x),), EXTENDED, label="σ")
log_sigmoid = Op("log_sigmoid", lambda x: -_softplus(-x), lambda g, z, x: (g * sigmoid(-x),), EXTENDED, label="log σ")
softplus = Op("softplus", _softplus, lambda g, z, x: (g * sigmoid(x),), EXTENDED)
logit = Op(
    "logit",
    _logit,
    lambda g, z, x: (g / (x * (1.0 - x)),),
    PROBABILITY,
    ieee=lambda x: {0.0: -math.inf, 1.0: math.inf}.get(x, math.nan),
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
