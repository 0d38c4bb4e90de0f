"""Trigonometric and hyperbolic functions and their inverses, and sinc."""

from __future__ import annotations

import math

from ..domain import (
    BETWEEN_MINUS_ONE_AND_ONE,
    EXTENDED,
    MINUS_ONE_TO_ONE,
    REAL,
    WHOLE,
    Domain,
    Interval,
)
from ..op import Op
from ..value import Entry, Number
from .arithmetic import hypot, nonzero, rsqrt
from .selection import PAIR

sin = Op("sin", math.sin, lambda g, z, x: (g * cos(x),), REAL)
cos: Op = Op("cos", math.cos, lambda g, z, x: (-g * sin(x),), REAL)
tan = Op("tan", math.tan, lambda g, z, x: (g * (1.0 + z * z),), REAL)
asin = Op("asin", math.asin, lambda g, z, x: (g * rsqrt((1.0 - x) * (1.0 + x)),), MINUS_ONE_TO_ONE)
acos = Op("acos", math.acos, lambda g, z, x: (-g * rsqrt((1.0 - x) * (1.0 + x)),), MINUS_ONE_TO_ONE)
atan = Op("atan", math.atan, lambda g, z, x: (g / (1.0 + x * x),), EXTENDED)


def _atan2_rule(g: Number, z: Number, y: Number, x: Number) -> tuple[Entry, Entry]:
    r = nonzero(hypot(x, y))
    return g * (x / r) / r, -g * (y / r) / r


atan2 = Op("atan2", math.atan2, _atan2_rule, PAIR)

sinh = Op("sinh", math.sinh, lambda g, z, x: (g * cosh(x),), EXTENDED, ieee=lambda x: math.copysign(math.inf, x))
cosh: Op = Op("cosh", math.cosh, lambda g, z, x: (g * sinh(x),), EXTENDED)
tanh = Op("tanh", math.tanh, lambda g, z, x: (g * sech_squared(x),), EXTENDED)
asinh = Op("asinh", math.asinh, lambda g, z, x: (g / hypot(1.0, x),), EXTENDED)
acosh = Op(
    "acosh",
    math.acosh,
    lambda g, z, x: (g * rsqrt(x - 1.0) * rsqrt(x + 1.0),),
    Interval("x ≥ 1", 1.0, sampled=(1.0, 5.0)),
)
atanh = Op(
    "atanh",
    math.atanh,
    lambda g, z, x: (g / ((1.0 - x) * (1.0 + x)),),
    BETWEEN_MINUS_ONE_AND_ONE,
    ieee=lambda x: math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan,
)


def _sech_squared(x: float) -> float:
    e = math.exp(-abs(x))
    sech = 2.0 * e / (1.0 + e * e)
    return sech * sech


# 1 - tanh(x)², which is exactly 0 in floats from |x| = 19 on, without the subtraction.
sech_squared: Op = Op("sech_squared", _sech_squared, lambda g, z, x: (-2.0 * g * z * tanh(x),), EXTENDED, label="sech²")


def _sinpi(x: float, quarter_turns: int = 0) -> float:
    """sin(πx + quarter_turns · π/2), exact at multiples of a half and for large x."""
    nearest = round(2.0 * math.fmod(x, 2.0))
    rest = math.pi * (math.fmod(x, 2.0) - 0.5 * nearest)
    turns = (nearest + quarter_turns) % 4
    return (math.sin(rest), math.cos(rest), -math.sin(rest), -math.cos(rest))[turns]


def _sinc_derivative(n: float, x: float) -> float:
    """The n-th derivative of sin(πx)/(πx).

    From x·sinc(x) = sin(πx)/π, differentiated n times: sinc⁽ⁿ⁾ = (πⁿ⁻¹ sin(πx + nπ/2) - n sinc⁽ⁿ⁻¹⁾) / x, which is
    stable once |πx| exceeds n; below, the Taylor series of sinc = Σ (-1)ᵏ (πx)²ᵏ / (2k+1)!, term by term.
    """
    if n not in WHOLE or x != x:
        return math.nan
    order = int(n)
    if math.isinf(x):
        return 0.0
    if abs(math.pi * x) <= order + 1.0:
        return _sinc_series(order, x)
    value = 0.0
    for m in range(order + 1):
        value = (math.pi ** (m - 1) * _sinpi(x, m) - m * value) / x
    return value


def _sinc_series(order: int, x: float) -> float:
    u = math.pi * x
    total, k = 0.0, (order + 1) // 2
    power = 2 * k - order
    term = (-1.0) ** k * u**power * math.pi**order / ((2 * k + 1) * math.factorial(power))
    while total + term != total or k <= order // 2 + 1:
        total += term
        term *= -u * u * (2 * k + 1) / ((2 * k + 3) * (power + 1) * (power + 2))
        k, power = k + 1, power + 2
        if term == 0.0:
            break
    return total


sinc = Op(
    "sinc",
    lambda x: 1.0 if x == 0.0 else 0.0 if math.isinf(x) else x if x != x else _sinpi(x) / (math.pi * x),
    lambda g, z, x: (g * sinc_derivative(1.0, x),),
    EXTENDED,
)
sinc_derivative: Op = Op(
    "sinc_derivative",
    _sinc_derivative,
    lambda g, z, n, x: (None, g * sinc_derivative(n + 1.0, x)),
    Domain(WHOLE, EXTENDED),
    label="sinc⁽ⁿ⁾",
    constants=("n",),
)
