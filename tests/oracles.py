"""What every op should give, typed in from its textbook definition and evaluated by mpmath at high precision.

Nothing here shares code with the library: the stable forms, the rules and SciPy are all on the other side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp

mp.dps = 50


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def softplus(x: Any) -> Any:
    return mp.log(1 + mp.exp(x))


def norm_pdf(x: Any) -> Any:
    return mp.exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi)


def norm_cdf(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def python_mod(x: Any, y: Any) -> Any:
    return x - mp.floor(x / y) * y


def sinc(x: Any) -> Any:
    return mp.mpf(1) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x)


def clip(x: Any, low: Any, high: Any) -> Any:
    return min(max(x, low), high)


def celu(x: Any, alpha: Any = 1) -> Any:
    return max(mp.mpf(0), x) + min(mp.mpf(0), alpha * (mp.exp(x / alpha) - 1))


def elu(x: Any, alpha: Any = 1) -> Any:
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def dot(*xs: Any) -> Any:
    n = len(xs) // 2
    return mp.fsum(x * y for x, y in zip(xs[:n], xs[n:], strict=True))


ORACLES: dict[str, Callable[..., Any]] = {
    # arithmetic
    "identity": lambda x: x,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": abs,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x * x,
    "power": mp.power,
    "pow": mp.power,
    "sqrt": mp.sqrt,
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "unit": lambda x, y: x / mp.sqrt(x * x + y * y),
    "fma": lambda x, y, w: x * y + w,
    # exponentials and logarithms
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "exp10": lambda x: mp.power(10, x),
    "expm1": lambda x: mp.exp(x) - 1,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": lambda x: mp.log(1 + x),
    "log1mexp": lambda x: mp.log(1 - mp.exp(-x)),
    "xlogy": lambda x, y: mp.mpf(0) if x == 0 else x * mp.log(y),
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "logit": lambda x: mp.log(x / (1 - x)),
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: mp.log(sigmoid(x)),
    "softplus": softplus,
    # trigonometric
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "cos_asin": lambda x: mp.cos(mp.asin(x)),
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sech_squared": lambda x: 1 / mp.cosh(x) ** 2,
    "sinc": sinc,
    "sinc_derivative": lambda n, x: mp.diff(sinc, x, int(n)) if n else sinc(x),
    # selection
    "sign": mp.sign,
    "copysign": lambda x, y: abs(x) * (-1 if y < 0 else 1),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "trunc": lambda x: mp.floor(x) if x > 0 else mp.ceil(x),
    "round": mp.nint,
    "mod": python_mod,
    "floor_divide": lambda x, y: mp.floor(x / y),
    "less": lambda x, y: mp.mpf(x < y),
    "less_equal": lambda x, y: mp.mpf(x <= y),
    "equal": lambda x, y: mp.mpf(x == y),
    "where": lambda c, x, y: x if c else y,
    "maximum": max,
    "minimum": min,
    "clip": clip,
    # reductions
    "sum": lambda *xs: mp.fsum(xs),
    "prod": lambda *xs: mp.fprod(xs),
    "dot": dot,
    "mean": lambda *xs: mp.fsum(xs) / len(xs),
    "norm": lambda *xs: mp.sqrt(mp.fsum(x * x for x in xs)),
    "logsumexp": lambda *xs: mp.log(mp.fsum(mp.exp(x) for x in xs)),
    "max": max,
    "min": min,
    # activations
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x, slope=0.01: x if x > 0 else slope * x,
    "relu6": lambda x: clip(x, mp.mpf(0), mp.mpf(6)),
    "elu": elu,
    "selu": lambda x: mp.mpf("1.0507009873554804934193349852946") * elu(x, mp.mpf("1.6732632423543772848170429916717")),
    "celu": celu,
    "gelu": lambda x: x * norm_cdf(x),
    "hard_sigmoid": lambda x: clip(x + 3, mp.mpf(0), mp.mpf(6)) / 6,
    "hardtanh": lambda x, low=-1, high=1: clip(x, mp.mpf(low), mp.mpf(high)),
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * mp.tanh(softplus(x)),
    # special functions
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfinv": mp.erfinv,
    "norm_cdf": norm_cdf,
    "norm_pdf": norm_pdf,
    "norm_ppf": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
    "log_norm_cdf": lambda x: mp.log(norm_cdf(x)),
    "log_norm_cdf_derivative": lambda n, x: mp.diff(lambda t: mp.log(norm_cdf(t)), x, int(n)),
    "gamma": mp.gamma,
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "digamma": mp.digamma,
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
    "polygamma_step": lambda n, x, y: mp.polygamma(int(n), x + y) - mp.polygamma(int(n), x),
    "beta": mp.beta,
    "betaln": lambda x, y: mp.log(mp.beta(x, y)),
}
