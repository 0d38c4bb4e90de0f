"""Special functions: the normal distribution and the error function, gamma and beta.

What `math` lacks comes from SciPy, which is loaded when such an op is first called.
"""

from __future__ import annotations

import math
import operator
from itertools import accumulate

from ..domain import (
    BETWEEN_MINUS_ONE_AND_ONE,
    EXTENDED,
    NOT_A_POLE,
    POSITIVE,
    PROBABILITY,
    WHOLE,
    Domain,
)
from ..errors import MissingPackageError
from ..op import Op
from .exponential import exp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
ROOT_TWO = math.sqrt(2.0)
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


def _scipy(name: str) -> Callable[..., float]:
    """``scipy.special.name`` as a function of floats, imported at the first call."""

    def forward(*data: float) -> float:
        try:
            from scipy import special
        except ImportError:
            raise MissingPackageError(
                f"scipy.special.{name} is needed for this op: pip install 'autograd-core[special]'"
            ) from None
        return float(getattr(special, name)(*data))

    return forward


erf = Op("erf", math.erf, lambda g, z, x: (g * TWO_OVER_ROOT_PI * exp(-x * x),), EXTENDED)
erfc = Op("erfc", math.erfc, lambda g, z, x: (-g * TWO_OVER_ROOT_PI * exp(-x * x),), EXTENDED)
erfinv = Op(
    "erfinv",
    _scipy("erfinv"),
    lambda g, z, x: (g / TWO_OVER_ROOT_PI * exp(z * z),),
    BETWEEN_MINUS_ONE_AND_ONE,
    label="erf⁻¹",
)

norm_pdf = Op(
    "norm_pdf",
    lambda x: exp(-0.5 * x * x) * (1.0 / ROOT_TWO_PI),
    lambda g, z, x: (-g * z * x,),
    EXTENDED,
    label="φ",
)
norm_cdf = Op(
    "norm_cdf",
    lambda x: 0.5 * erfc(x * (-1.0 / ROOT_TWO)),
    lambda g, z, x: (g * norm_pdf(x),),
    EXTENDED,
    label="Φ",
)
norm_ppf = Op("norm_ppf", _scipy("ndtri"), lambda g, z, x: (g / norm_pdf(z),), PROBABILITY, label="Φ⁻¹")
log_norm_cdf = Op(
    "log_norm_cdf",
    _scipy("log_ndtr"),
    lambda g, z, x: (g * log_norm_cdf_derivative(1.0, x),),
    EXTENDED,
    label="log Φ",
)


def _log_norm_cdf_derivative(n: float, x: float) -> float:
    """The n-th derivative of log Φ; the first is φ(x)/Φ(x), the inverse Mills ratio of -x."""
    if n not in WHOLE or x != x:
        return math.nan
    order = int(n)
    if order == 0:
        return log_norm_cdf.forward(x)
    return _by_cumulants(order, -x) if x < -2.0 else _by_leibniz(order, x)


def _by_leibniz(order: int, x: float) -> float:
    """The derivative by Leibniz's rule: with h = φ/Φ, h' = -h·(x + h), differentiated again and again."""
    h = [norm_pdf.forward(x) / norm_cdf.forward(x)]
    if h[0] == 0.0:
        return 0.0
    d = [x + h[0]]
    for k in range(order - 1):
        h.append(-math.fsum(math.comb(k, j) * h[j] * d[k - j] for j in range(k + 1)))
        d.append(h[-1] + (k == 0))
    return h[-1]


def _by_cumulants(order: int, t: float) -> float:
    """The derivative for t = -x > 2, where x + h cancels: log Φ(-t) = log φ(t) + log ∫₀^∞ exp(-s²/2 - ts) ds.

    The derivatives of the integral's logarithm are the cumulants of s under that density. Its moments mₖ follow from
    the ratios mₖ/mₖ₋₁ = k/(t + mₖ₊₁/mₖ), a continued fraction (Abramowitz and Stegun 26.2.14 is the first of them).
    All is in units of 1/t.
    """
    if math.isinf(t):
        return {1: t, 2: -1.0}.get(order, 0.0)
    ratio, ratios = 1.0, []
    for k in range(2 * order + 20 + int(400.0 / (t * t)), 0, -1):
        ratio = k / (1.0 + ratio / t / t)
        ratios.append(ratio)
    moments = [1.0, *accumulate(reversed(ratios[-order:]), operator.mul)]
    cumulants = [0.0]
    for n in range(1, order + 1):
        lower = [math.comb(n - 1, j - 1) * cumulants[j] * moments[n - j] for j in range(1, n)]
        cumulants.append(math.fsum([moments[n], *(-c for c in lower)]))
    return cumulants[order] * (1.0 / t) ** order + {1: t, 2: -1.0}.get(order, 0.0)


log_norm_cdf_derivative: Op = Op(
    "log_norm_cdf_derivative",
    _log_norm_cdf_derivative,
    lambda g, z, n, x: (None, g * log_norm_cdf_derivative(n + 1.0, x)),
    Domain(WHOLE, EXTENDED),
    label="(log Φ)⁽ⁿ⁾",
    constants=("n",),
)


def _if_positive(f: Callable[..., float]) -> Callable[..., float]:
    """`f` where both inputs are positive; SciPy continues some functions beyond."""
    return lambda x, y: f(x, y) if x > 0.0 and y > 0.0 else math.nan


_digamma, _hurwitz_zeta = _scipy("digamma"), _scipy("zeta")


def _polygamma(n: float, x: float) -> float:
    """(-1)ⁿ⁺¹ n! ζ(n + 1, x), the Hurwitz zeta function (DLMF 5.15.1, 25.11.12); digamma for n = 0."""
    if n not in WHOLE:
        return math.nan
    return _digamma(x) if n == 0.0 else (-1.0) ** (n + 1.0) * math.gamma(n + 1.0) * _hurwitz_zeta(n + 1.0, x)


def _gamma_at_pole(x: float) -> float:
    return math.copysign(math.inf, x) if abs(x) < 0.5 else math.inf if x > 0.0 else math.nan


gamma = Op("gamma", math.gamma, lambda g, z, x: (g * z * digamma(x),), NOT_A_POLE, ieee=_gamma_at_pole, label="Γ")
lgamma = Op(
    "lgamma",
    math.lgamma,
    lambda g, z, x: (g * digamma(x),),
    NOT_A_POLE,
    ieee=lambda x: math.inf,
    label="log|Γ|",
)
digamma: Op = Op("digamma", _digamma, lambda g, z, x: (g * polygamma(1.0, x),), NOT_A_POLE, label="ψ")
polygamma: Op = Op(
    "polygamma",
    _polygamma,
    lambda g, z, n, x: (None, g * polygamma(n + 1.0, x)),
    Domain(WHOLE, NOT_A_POLE),
    label="ψ⁽ⁿ⁾",
    constants=("n",),
)


def _polygamma_step(n: float, x: float, y: float) -> float:
    """ψ⁽ⁿ⁾(x + y) - ψ⁽ⁿ⁾(x) for positive x and y, without the subtraction where y is small.

    ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x + 1) - (-1)ⁿ n!/xⁿ⁺¹ (DLMF 5.15.5) takes the pole at 0 apart; beyond it Taylor's series in y.
    """
    if n not in WHOLE or not (x > 0.0 and y > 0.0):
        return math.nan
    w = x + 1.0
    pole: float = (-1.0) ** n * math.gamma(n + 1.0) * x ** -(n + 1.0) * -math.expm1(-(n + 1.0) * math.log1p(y / x))
    if y > 0.1 * w:
        return pole + (_polygamma(n, w + y) - _polygamma(n, w))
    total, before, k, factor = 0.0, math.nan, 0.0, 1.0
    while total != before:
        k, factor = k + 1.0, factor * y / (k + 1.0)
        total, before = total + factor * _polygamma(n + k, w), total
    return pole + total


# Where betaln' = ψ(x) - ψ(x + y) would cancel.
polygamma_step: Op = Op(
    "polygamma_step",
    _polygamma_step,
    lambda g, z, n, x, y: (None, g * polygamma_step(n + 1.0, x, y), g * polygamma(n + 1.0, x + y)),
    Domain(WHOLE, POSITIVE, POSITIVE),
    ieee=lambda n, x, y: math.copysign(math.inf, (-1.0) ** n),
    label="Δψ⁽ⁿ⁾",
    constants=("n",),
)
betaln = Op(
    "betaln",
    _if_positive(_scipy("betaln")),
    lambda g, z, x, y: (-g * polygamma_step(0.0, x, y), -g * polygamma_step(0.0, y, x)),
    Domain(POSITIVE, POSITIVE),
    label="log B",
)
beta = Op(
    "beta",
    _if_positive(_scipy("beta")),
    lambda g, z, x, y: (-g * z * polygamma_step(0.0, x, y), -g * z * polygamma_step(0.0, y, x)),
    Domain(POSITIVE, POSITIVE),
    label="B",
)
