"""The table of what ONNX has of the ops, and how values of others are written by it."""

from __future__ import annotations

import math

from ..ops import TABLE
from ..ops.arithmetic import abs_, sqrt
from ..ops.exponential import LN2, LN10, exp, log, log_sigmoid, sigmoid
from ..ops.selection import _fmod, copysign, equal, less, where
from ..ops.special import erf
from ..ops.trigonometric import sin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..op import Op

__all__ = ["IN_OPS", "KINDS", "SINGLE_ONLY", "SOFTMAX"]

SAME = (
    "abs acos acosh add asin asinh atan atanh ceil cosh div equal erf exp floor identity less log max min mul neg "
    "pow relu round sigmoid sin sinh sqrt sub tanh where"
)
OTHERS = {"less_equal": "LessOrEqual", "power": "Pow", "maximum": "Max", "minimum": "Min"}
KINDS = {TABLE[name]: OTHERS.get(name) or name.capitalize() for name in (*SAME.split(), *OTHERS)} | {_fmod: "Mod"}
"""What ONNX calls the ops that it has."""

SINGLE_ONLY = frozenset(["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cosh", "Erf", "Sinh"])
"""What onnxruntime computes in float32 alone."""

SOFTMAX = {sigmoid: "Softmax", log_sigmoid: "LogSoftmax"}
"""What ONNX calls the functions that end in these: `softmax` is σ(x - log Σ exp of the others)."""


def _cos(x: Any) -> Any:
    return sin(x + 0.5 * math.pi)  # onnxruntime 1.24 has no Cos in float64


def _log1p(x: Any) -> Any:
    u = 1.0 + x  # W. Kahan's: the error of u is in both factors, and cancels
    return where(equal(u, 1.0), x, where(equal(u, x), log(u), log(u) * (x / (u - 1.0))))


def _expm1(x: Any) -> Any:
    u = exp(x)
    quotient = (u - 1.0) * (x / log(u))
    return where(equal(u, 1.0), x, where(equal(u - 1.0, -1.0), -1.0, where(equal(u - 1.0, u), u, quotient)))


IN_OPS: dict[Op, Callable[..., Any]] = {
    TABLE["cbrt"]: lambda x: copysign(abs_(x) ** (1.0 / 3.0), x),
    TABLE["cos"]: _cos,
    TABLE["copysign"]: lambda x, y: where(less(y, 0.0), -abs_(x), abs_(x)),  # -0.0 counts as 0.0
    TABLE["erfc"]: lambda x: 1.0 - erf(x),
    TABLE["exp2"]: lambda x: 2.0**x,
    TABLE["exp10"]: lambda x: 10.0**x,
    TABLE["expm1"]: _expm1,
    TABLE["fma"]: lambda x, y, z: x * y + z,
    TABLE["hypot"]: lambda x, y: sqrt(x * x + y * y),
    TABLE["log1p"]: _log1p,
    TABLE["log2"]: lambda x: log(x) / LN2,
    TABLE["log10"]: lambda x: log(x) / LN10,
    TABLE["tan"]: lambda x: sin(x) / _cos(x),
    TABLE["trunc"]: lambda x: copysign(TABLE["floor"](abs_(x)), x),
}
"""Values of other primitives by what ONNX has."""
