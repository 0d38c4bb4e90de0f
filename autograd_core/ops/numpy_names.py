"""Functions made of a few ops, with the names and parameters that NumPy gives them, or Python.

Fed an array of Values, NumPy's functions call the methods of these names: ``np.fmod(a, 2.0)`` calls ``x.fmod(2.0)``.
"""

from __future__ import annotations

import builtins
import math
import operator

from ..domain import EXTENDED, Domain, Interval
from ..errors import OpError
from ..op import Op
from ..value import Number, Value, as_inputs
from .arithmetic import abs_, div, mul, neg, pow_, power
from .selection import mod, round_, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["METHODS", "deg2rad", "fmod", "heaviside", "pow", "rad2deg", "round", "round_digits"]

MOST_DECIMALS = 300  # 10 to the power of more is no float


def pow(x: Number, y: Number) -> Any:
    """``x ** y``: `pow_` of two numbers that may both be Values, the cheaper `power` when y is a plain number."""
    x, y = as_inputs((x, y))
    return pow_(x, y) if isinstance(y, Value) else power(x, y)


def fmod(x: Number, y: Number) -> Any:
    """The rest of x / y with the sign of x, as in C; that of ``x % y`` has the sign of y.

    >>> fmod(-7.0, 4.0), -7.0 % 4.0
    (-3.0, 1.0)
    """
    x, y = as_inputs((x, y))
    size = abs_(y)
    return where(x == 0.0, x, where(x < 0.0, neg(mod(neg(x), size)), mod(x, size)))


def round(x: Number, decimals: int = 0) -> Any:
    """`x` to so many decimals, as NumPy does it: scaled, rounded half to even, scaled back.

    >>> round(2.665, 2), round(1234.0, -2)
    (2.66, 1200.0)
    """
    decimals = operator.index(decimals)
    if decimals == 0:
        return round_(x)
    if builtins.abs(decimals) > MOST_DECIMALS:
        raise OpError(f"round: decimals must lie between -{MOST_DECIMALS} and {MOST_DECIMALS}, got {decimals}")
    scale = 10.0 ** builtins.abs(decimals)
    return div(round_(mul(x, scale)), scale) if decimals > 0 else mul(round_(div(x, scale)), scale)


_round_to = Op(
    "round_to",
    lambda x, digits: builtins.round(x, int(digits)),
    lambda g, z, x, digits: (None, None),
    Domain(EXTENDED, Interval("x is a whole number", whole=True)),
    constants=("digits",),
)


def round_digits(x: Value, digits: int | None = None) -> Any:
    """Python's ``round(x, digits)``: the decimal closest to x itself, and not to a product that is rounded too."""
    return round_(x) if digits is None else _round_to(x, max(-400, min(operator.index(digits), 400)))


def deg2rad(x: Number) -> Any:
    """The angle `x`, given in degrees, in radians."""
    return mul(x, math.pi / 180.0)


def rad2deg(x: Number) -> Any:
    """The angle `x`, given in radians, in degrees."""
    return mul(x, 180.0 / math.pi)


def heaviside(x: Number, at_zero: Number) -> Any:
    """The unit step: 0 below zero, 1 above, `at_zero` there; its derivative with respect to `x` is 0.

    >>> heaviside(-2.0, 0.5), heaviside(0.0, 0.5), heaviside(2.0, 0.5)
    (0.0, 0.5, 1.0)
    """
    x, at_zero = as_inputs((x, at_zero))
    return where(x == 0.0, at_zero, where(x > 0.0, 1.0, where(x < 0.0, 0.0, x)))


def _object_dtype(self: Value) -> Any:
    """The dtype of an array of Values: ``np.linalg.norm(a, 3)`` and ``np.sinc`` ask what they have computed for it."""
    import numpy as np

    return np.dtype(object)


METHODS = {
    "__round__": round_digits,
    "dtype": property(_object_dtype),
    "deg2rad": deg2rad,
    "degrees": rad2deg,
    "fmod": fmod,
    "pow": pow,
    "power": pow,
    "rad2deg": rad2deg,
    "radians": deg2rad,
    "round": round,
}
"""The methods that Values have beside the ops."""
