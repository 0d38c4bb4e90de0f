"""``+ - * / **`` and their relatives: what Python's operators record, roots, and fused multiply-add."""

from __future__ import annotations

import math
import operator

from ..domain import EXTENDED, NONNEGATIVE, NONZERO, POSITIVE, Domain
from ..op import Op
from ..value import Entry, Number
from .exponential import log
from .selection import PAIR, both_zero, copysign, gate_else, sign, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _over_zero(x: float, y: float) -> float:
    return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def _div_rule(g: Number, z: Number, x: Number, y: Number) -> tuple[Entry, Entry]:
    d = g / y
    return d, -d * z


identity = Op("identity", lambda x: x, lambda g, z, x: (g,), EXTENDED, label="id")
stop_gradient = Op("stop_gradient", lambda x: x, lambda g, z, x: (None,), EXTENDED, label="stop")

add = Op("add", operator.add, lambda g, z, x, y: (g, g), PAIR, label="+")
sub = Op("sub", operator.sub, lambda g, z, x, y: (g, -g), PAIR, label="−")
mul = Op("mul", operator.mul, lambda g, z, x, y: (g * y, g * x), PAIR, label="×")
div = Op("div", operator.truediv, _div_rule, Domain(EXTENDED, NONZERO), ieee=_over_zero, label="÷")
neg = Op("neg", operator.neg, lambda g, z, x: (-g,), EXTENDED, label="−x")
abs_ = Op("abs", abs, lambda g, z, x: (g * sign(x),), EXTENDED, label="|x|")
reciprocal = Op(
    "reciprocal",
    lambda x: 1.0 / x,
    lambda g, z, x: (-g * z * z,),
    NONZERO,
    label="1/x",
)
square = Op("square", lambda x: x * x, lambda g, z, x: (2.0 * g * x,), EXTENDED, label="x²")


def _pow(x: float, y: float) -> float:
    z: float | complex = x**y
    if isinstance(z, complex):
        raise ValueError("a negative number to a fractional power is not real")
    return z


def _power(x: Any, n: Any) -> Any:
    if n in (-1.0, -2.0):
        return _power(1.0 / x, -n)
    square = x * x
    found = {0.0: 1.0, 1.0: x, 2.0: square, 3.0: square * x, 4.0: square * square}.get(n)
    return pow_(x, n) if found is None else found


def _pow_ieee(x: float, y: float) -> float:
    if x < 0.0 and y != math.floor(y):
        return math.nan
    return math.copysign(math.inf, x) if y % 2.0 == 1.0 else math.inf


def _pow_is_real(x: float, y: float) -> bool:
    return x > 0.0 or (x == 0.0 and y >= 0.0) or (x < 0.0 and (math.isinf(y) or y == math.floor(y)))


def _lower_power(x: Number, n: float) -> Any:
    """n * x ** (n - 1) for a plain number n, without the steps that n = 0, 1 or 2 make superfluous."""
    if n == 0.0:
        return 0.0
    return n if n == 1.0 else n * x if n == 2.0 else n * power(x, n - 1.0)


_POWERS = Domain(
    EXTENDED, EXTENDED, condition=_pow_is_real, text="x > 0, or x = 0 with y ≥ 0, or x < 0 with an integer y"
)
# x ** y with a plain number y: cheaper than `pow`, and differentiable at negative x.
power: Op = Op(
    "power",
    _pow,
    lambda g, z, x, y: (g * _lower_power(x, y), None),
    _POWERS,
    in_ops=_power,
    ieee=_pow_ieee,
    label="xⁿ",
    constants=("y",),
)
pow_: Op = Op(
    "pow",
    _pow,
    lambda g, z, x, y: (
        gate_else(both_zero(x, y), g * y * pow_(x, y - 1.0)),
        gate_else(x == 0.0, g * z * log(x)),
    ),
    _POWERS,
    ieee=_pow_ieee,
    label="xʸ",
)

sqrt = Op("sqrt", math.sqrt, lambda g, z, x: (0.5 * g / z,), NONNEGATIVE, label="√")
rsqrt = Op(
    "rsqrt",
    lambda x: 1.0 / sqrt(x),
    lambda g, z, x: (-0.5 * g * z / x,),
    POSITIVE,
    label="1/√",
)
cbrt = Op("cbrt", math.cbrt, lambda g, z, x: (g / (3.0 * z * z),), EXTENDED, label="³√")
hypot = Op("hypot", math.hypot, lambda g, z, x, y: (g * unit(x, y), g * unit(y, x)), PAIR)


def _unit(x: Any, y: Any) -> Any:
    r = hypot(x, y)
    at_infinity = where(abs(y) < math.inf, copysign(1.0, x), x / r)
    return where(r == 0.0, 0.0, where(abs(x) == math.inf, at_infinity, x / r))


def _unit_rule(g: Number, z: Number, x: Number, y: Number) -> tuple[Entry, Entry]:
    r, other = hypot(x, y), unit(y, x)
    at_origin = r == 0.0
    return gate_else(at_origin, g * other * other / r), gate_else(at_origin, -g * z * other / r)


# x / √(x² + y²), the first component of the unit vector; (0, 0) at the origin. An op of its own because the 1 - x²/r²
# of its textbook derivative cancels where x dominates: this is y²/r².
unit: Op = Op("unit", _unit, _unit_rule, PAIR)


def _fma(x: float, y: float, w: float) -> float:
    """x * y + w with one rounding, exactly as IEEE 754-2008 fusedMultiplyAdd (`math.fma` came with Python 3.13)."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * y + w
    if not math.isfinite(w):
        return w  # x * y may be beyond all floats, but it is a number
    from fractions import Fraction

    exact = Fraction(x) * Fraction(y) + Fraction(w)
    return float(exact) if exact else x * y + w


fma = Op(
    "fma",
    getattr(math, "fma", _fma),
    lambda g, z, x, y, w: (g * y, g * x, g),
    Domain(EXTENDED, EXTENDED, EXTENDED),
    ieee=lambda x, y, w: x * y + w,
)
