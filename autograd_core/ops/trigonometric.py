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
from .arithmetic import hypot, rsqrt, sqrt, square, unit
from .exponential import exp
from .selection import PAIR, floor, gate_else, round_, trunc, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

sin = Op("sin", math.sin, lambda g, z, x: (g * cos(x),), REAL)
cos: Op = Op("cos", math.cos, lambda g, z, x: (-g * sin(x),), REAL)
tan = Op("tan", math.tan, lambda g, z, x: (g * (1.0 + z * z),), REAL)
asin = Op("asin", math.asin, lambda g, z, x: (g / cos_asin(x),), MINUS_ONE_TO_ONE)
acos = Op("acos", math.acos, lambda g, z, x: (-g / cos_asin(x),), MINUS_ONE_TO_ONE)
atan = Op("atan", math.atan, lambda g, z, x: (g / (1.0 + x * x),), EXTENDED)

# √(1 - x²): an op of its own because neither 1 - x² near ±1 nor the derivative of (1 - x)(1 + x) near 0 is accurate.
cos_asin: Op = Op(
    "cos_asin",
    lambda x: sqrt((1.0 - x) * (1.0 + x)),
    lambda g, z, x: (-g * x / z,),
    MINUS_ONE_TO_ONE,
    label="√(1−x²)",
)


def _atan2_rule(g: Number, z: Number, y: Number, x: Number) -> tuple[Entry, Entry]:
    r = hypot(x, y)
    at_origin = r == 0.0
    return gate_else(at_origin, g * unit(x, y) / r), gate_else(at_origin, -g * unit(y, x) / r)


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
    lambda g, z, x: (g / square(cos_asin(x)),),
    BETWEEN_MINUS_ONE_AND_ONE,
    ieee=lambda x: math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan,
)


def _sech_squared(x: Any) -> Any:
    e = exp(-abs(x))
    sech = 2.0 * e / (1.0 + e * e)
    return sech * sech


# 1 - tanh(x)², which is exactly 0 in floats from |x| = 19 on, without the subtraction.
sech_squared: Op = Op("sech_squared", _sech_squared, lambda g, z, x: (-2.0 * g * z * tanh(x),), EXTENDED, label="sech²")


def _sinc(x: Any) -> Any:
    x = abs(x)
    half_turns = x - 2.0 * trunc(0.5 * x)  # as fmod(x, 2): all exact
    nearest = round_(2.0 * half_turns)
    rest = math.pi * (half_turns - 0.5 * nearest)
    quarter = nearest - 4.0 * floor(0.25 * nearest)
    size = where(round_(0.5 * quarter) * 2.0 == quarter, sin(rest), cos(rest))
    sinpi = where(quarter < 1.5, size, -size)
    return where(x == math.inf, 0.0, where(x == 0.0, 1.0, sinpi / (math.pi * x)))


def _sinpi(x: float, quarter_turns: int) -> float:
    """sin(πx + quarter_turns · π/2), exact at multiples of a half and for large x."""
    nearest = round(2.0 * math.fmod(x, 2.0))
    rest = math.pi * (math.fmod(x, 2.0) - 0.5 * nearest)
    turns = (nearest + quarter_turns) % 4
    return (math.sin(rest), math.cos(rest), -math.sin(rest), -math.cos(rest))[turns]


def _sinc_derivative(n: float, x: float) -> float:
    """The n-th derivative of sin(πx)/(πx): πⁿ vₙ, where u = πx and u·vₙ + n·vₙ₋₁ = sin(u + nπ/2).

    That is u·v₀ = sin(u), differentiated n times. Errors shrink going up while n < |u|, and going down from any start
    while n > |u|.
    """
    if n not in WHOLE or x != x:
        return math.nan
    if math.isinf(x):
        return 0.0
    u, order, v = math.pi * x, int(n), 0.0
    if abs(u) > order + 1.0:
        for m in range(order + 1):
            v = (_sinpi(x, m) - m * v) / u
    else:
        for m in range(2 * order + 60, order, -1):
            v = (_sinpi(x, m) - u * v) / m
    return math.pi**order * v


sinc = Op(
    "sinc",
    _sinc,
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
