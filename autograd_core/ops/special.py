"""Special functions: the normal distribution and the error function, gamma and beta.

What `math` lacks comes from SciPy, which is loaded when such an op is first called.
"""

from __future__ import annotations

import math

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
    lambda x: math.exp(-0.5 * x * x) / ROOT_TWO_PI,
    lambda g, z, x: (-g * z * x,),
    EXTENDED,
    label="φ",
)
norm_cdf = Op(
    "norm_cdf",
    lambda x: 0.5 * math.erfc(-x / ROOT_TWO),
    lambda g, z, x: (g * norm_pdf(x),),
    EXTENDED,
    label="Φ",
)
norm_ppf = Op("norm_ppf", _scipy("ndtri"), lambda g, z, x: (g / norm_pdf(z),), PROBABILITY, label="Φ⁻¹")
log_norm_cdf = Op(
    "log_norm_cdf",
    _scipy("log_ndtr"),
    lambda g, z, x: (g * inverse_mills(x),),
    EXTENDED,
    label="log Φ",
)

_erfcx = _scipy("erfcx")


def _inverse_mills(x: float) -> float:
    e = _erfcx(-x / ROOT_TWO)
    return math.sqrt(2.0 / math.pi) / e if e else math.inf


# φ(x)/Φ(x), the inverse Mills ratio of -x. By erfcx, because both parts underflow in the left tail.
inverse_mills: Op = Op(
    "inverse_mills",
    _inverse_mills,
    lambda g, z, x: (-g * z * (x + z),),
    EXTENDED,
    label="φ/Φ",
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
    return math.copysign(math.inf, x) if x == 0.0 else math.inf if x > 0.0 else math.nan


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
betaln = Op(
    "betaln",
    _if_positive(_scipy("betaln")),
    lambda g, z, x, y: (g * (digamma(x) - digamma(x + y)), g * (digamma(y) - digamma(x + y))),
    Domain(POSITIVE, POSITIVE),
    label="log B",
)
beta = Op(
    "beta",
    _if_positive(_scipy("beta")),
    lambda g, z, x, y: (g * z * (digamma(x) - digamma(x + y)), g * z * (digamma(y) - digamma(x + y))),
    Domain(POSITIVE, POSITIVE),
    label="B",
)
