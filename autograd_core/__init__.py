"""Scalar automatic differentiation over computational graphs: build, differentiate, look.

>>> import autograd_core as ag
>>> x, y = ag.Value(2.0, name="x"), ag.Value(3.0, name="y")
>>> z = x * y + ag.sin(x)
>>> ag.backprop(z, [x, y])
GradTable(x: 2.5838531634528574, y: 2.0)
"""

from . import domain, errors
from .backprop import GradTable, backprop
from .check import check_grad, check_op
from .ops import TABLE
from .ops.activation import (
    celu,
    elu,
    gelu,
    hard_sigmoid,
    hardtanh,
    leaky_relu,
    mish,
    relu,
    relu6,
    selu,
    silu,
    softsign,
)
from .ops.arithmetic import abs_ as abs
from .ops.arithmetic import (
    add,
    cbrt,
    div,
    fma,
    hypot,
    identity,
    mul,
    neg,
    pow,
    power,
    reciprocal,
    rsqrt,
    sqrt,
    square,
    sub,
)
from .ops.exponential import (
    exp,
    exp2,
    exp10,
    expm1,
    log,
    log1mexp,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    logit,
    sigmoid,
    softplus,
    xlogy,
)
from .ops.reduction import dot, log_softmax, logsumexp, max, mean, min, norm, prod, softmax, sum
from .ops.selection import (
    ceil,
    clip,
    copysign,
    equal,
    floor,
    gate,
    gate_else,
    less,
    less_equal,
    maximum,
    minimum,
    mod,
    sign,
    trunc,
    where,
)
from .ops.selection import round_ as round
from .ops.special import (
    beta,
    betaln,
    digamma,
    erf,
    erfc,
    erfinv,
    gamma,
    inverse_mills,
    lgamma,
    log_norm_cdf,
    norm_cdf,
    norm_pdf,
    norm_ppf,
    polygamma,
)
from .ops.trigonometric import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    sech_squared,
    sin,
    sinc,
    sinc_derivative,
    sinh,
    tan,
    tanh,
)
from .transforms import grad, hessian, hvp, jacobian, jvp, stop_gradient, value_and_grad, vjp, vmap
from .value import Op, Value

__version__ = "0.1.0"
