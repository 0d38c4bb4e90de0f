"""Scalar automatic differentiation over computational graphs: build, differentiate, look.

>>> import autograd_core as ag
>>> x, y = ag.Value(2.0, name="x"), ag.Value(3.0, name="y")
>>> z = x * y + ag.sin(x)
>>> ag.backprop(z, [x, y])
GradTable(x: 2.5838531634528574, y: 2.0)

What `__all__` lists is public, and what the modules among it list: `errors` and `domain`; `graph`, questions about a
graph; `files`, files that are whole or not there; `forms`, in which notebooks get a picture.
"""

from . import domain, errors, files, forms, graph
from . import forward as forward
from . import pickling as pickling
from .backprop import GradTable, backprop
from .check import check_grad, check_op
from .diagram import Diagram, draw, step, tree
from .explain import explain
from .formulas import check_derivation, derive, latex
from .jit import jit
from .jit.runtime.row_batches import RowBatches
from .live import live
from .onnx import to_onnx
from .op import Op
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
    reciprocal,
    rsqrt,
    sqrt,
    square,
    sub,
    unit,
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
from .ops.numpy_names import deg2rad, fmod, heaviside, pow, rad2deg, round
from .ops.numpy_names import deg2rad as radians
from .ops.numpy_names import pow as power
from .ops.numpy_names import rad2deg as degrees
from .ops.reduction import dot, log_softmax, logsumexp, max, mean, min, norm, prod, softmax, sum
from .ops.selection import (
    ceil,
    clip,
    copysign,
    equal,
    floor,
    floor_divide,
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
from .ops.special import (
    beta,
    betaln,
    digamma,
    erf,
    erfc,
    erfinv,
    gamma,
    lgamma,
    log_norm_cdf,
    log_norm_cdf_derivative,
    norm_cdf,
    norm_pdf,
    norm_ppf,
    polygamma,
    polygamma_step,
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
    cos_asin,
    cosh,
    sech_squared,
    sin,
    sinc,
    sinc_derivative,
    sinh,
    tan,
    tanh,
)
from .paths import paths
from .tracing import is_tracing
from .transforms import grad, hessian, hvp, jacobian, jvp, stop_gradient, value_and_grad, vjp
from .value import Value, assign
from .vmap import vmap

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def __getattr__(name):
        """Raise `AttributeError` for a name that is not here, saying what to write in its place."""
        from .synonyms import instead

        advice = None if name.startswith("_") else instead(name, __all__)
        raise AttributeError(f"module 'autograd_core' has no attribute {name!r}" + (f"; {advice}" if advice else ""))


__version__ = "0.2"
__all__ = [
    "TABLE",
    "Diagram",
    "GradTable",
    "Op",
    "RowBatches",
    "Value",
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "assign",
    "atan",
    "atan2",
    "atanh",
    "backprop",
    "beta",
    "betaln",
    "cbrt",
    "ceil",
    "celu",
    "check_derivation",
    "check_grad",
    "check_op",
    "clip",
    "copysign",
    "cos",
    "cos_asin",
    "cosh",
    "deg2rad",
    "degrees",
    "derive",
    "digamma",
    "div",
    "domain",
    "dot",
    "draw",
    "elu",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "errors",
    "exp",
    "exp2",
    "exp10",
    "explain",
    "expm1",
    "files",
    "floor",
    "floor_divide",
    "fma",
    "fmod",
    "forms",
    "gamma",
    "gate",
    "gate_else",
    "gelu",
    "grad",
    "graph",
    "hard_sigmoid",
    "hardtanh",
    "heaviside",
    "hessian",
    "hvp",
    "hypot",
    "identity",
    "is_tracing",
    "jacobian",
    "jit",
    "jvp",
    "latex",
    "leaky_relu",
    "less",
    "less_equal",
    "lgamma",
    "live",
    "log",
    "log1mexp",
    "log1p",
    "log2",
    "log10",
    "log_norm_cdf",
    "log_norm_cdf_derivative",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logit",
    "logsumexp",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mish",
    "mod",
    "mul",
    "neg",
    "norm",
    "norm_cdf",
    "norm_pdf",
    "norm_ppf",
    "paths",
    "polygamma",
    "polygamma_step",
    "pow",
    "power",
    "prod",
    "rad2deg",
    "radians",
    "reciprocal",
    "relu",
    "relu6",
    "round",
    "rsqrt",
    "sech_squared",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinc_derivative",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "step",
    "stop_gradient",
    "sub",
    "sum",
    "tan",
    "tanh",
    "to_onnx",
    "tree",
    "trunc",
    "unit",
    "value_and_grad",
    "vjp",
    "vmap",
    "where",
    "xlogy",
]  # fmt: skip
