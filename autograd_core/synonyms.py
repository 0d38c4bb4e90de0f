"""Synonyms: what to write in place of a function that has another name here than in the field, or none.

Mathematics has the cotangent, papers call SiLU swish, SciPy calls the logistic function expit. A formula is of x, or of
x and y, in the language of `autograd_core.expression`; one that is a single call says another name of that function.
"""

from __future__ import annotations

import difflib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FORMULAS", "close", "formula", "instead"]

_ALIKE = {
    "abs(x)": "absolute fabs magnitude",
    "acos(x)": "arccos arcos",
    "acosh(x)": "arccosh arcosh argcosh",
    "asin(x)": "arcsin",
    "asinh(x)": "arcsinh arsinh argsinh",
    "atan(x)": "arctan arctg atg",
    "atan2(y, x)": "arctan2",
    "atanh(x)": "arctanh artanh argtanh",
    "betaln(x, y)": "lbeta logbeta lnbeta",
    "cbrt(x)": "curt cuberoot",
    "ceil(x)": "ceiling",
    "cosh(x)": "ch",
    "digamma(x)": "psi",
    "erfinv(x)": "inverf",
    "exp(x)": "exponential",
    "floor_divide(x, y)": "floordiv",
    "gamma(x)": "tgamma",
    "identity(x)": "linear",
    "leaky_relu(x)": "lrelu leakyrelu",
    "lgamma(x)": "gammaln loggamma lngamma logabsgamma",
    "log(x)": "ln loge logn",
    "log10(x)": "lg",
    "log1p(x)": "ln1p",
    "log2(x)": "ld lb",
    "log_norm_cdf(x)": "log_ndtr logcdf",
    "log_sigmoid(x)": "logsigmoid log_expit log_logistic",
    "logaddexp(x, y)": "log_add_exp",
    "logit(x)": "logodds log_odds",
    "logsumexp(x, y)": "log_sum_exp lse",
    "max(x, y)": "amax",
    "maximum(x, y)": "fmax",
    "mean(x, y)": "average avg",
    "min(x, y)": "amin",
    "minimum(x, y)": "fmin",
    "norm(x, y)": "length l2norm",
    "norm_cdf(x)": "Phi normcdf ndtr cdf",
    "norm_pdf(x)": "phi normpdf pdf",
    "norm_ppf(x)": "probit ndtri norminv ppf",
    "prod(x, y)": "product",
    "reciprocal(x)": "recip inverse",
    "relu(x)": "ramp rectifier positive_part",
    "round(x)": "rint nint",
    "sigmoid(x)": "logistic expit sigma inv_logit invlogit sig",
    "sign(x)": "sgn signum",
    "silu(x)": "swish",
    "sinh(x)": "sh",
    "softplus(x)": "log1pexp smooth_relu",
    "sqrt(x)": "root squareroot",
    "square(x)": "sqr squared",
    "sum(x, y)": "total",
    "tan(x)": "tg",
    "tanh(x)": "th tgh",
    "trunc(x)": "fix int truncate",
    # functions without a name here
    "x % y": "remainder modulo",
    "x ** y": "float_power",
    "x ** 3": "cube",
    "x * pi / 180": "deg2rad radians rad",
    "x * 180 / pi": "rad2deg degrees deg",
    "x - floor(x)": "frac fract fractional",
    "x - trunc(x / y) * y": "fmod",
    "x - tanh(x)": "tanhshrink",
    "x * hard_sigmoid(x)": "hardswish hard_swish",
    "x * sigmoid(1.702 * x)": "quick_gelu quickgelu",
    "x + softplus(-2 * x) - log(2)": "logcosh log_cosh",
    "1 / tan(x)": "cot cotan cotg ctg ctan",
    "1 / cos(x)": "sec secant",
    "1 / sin(x)": "csc cosec cosecant",
    "1 / tanh(x)": "coth cth",
    "1 / cosh(x)": "sech",
    "1 / sinh(x)": "csch cosech",
    "1 - cos(x)": "versin",
    "pi / 2 - atan(x)": "acot arccot arcctg arccotan",
    "acos(1 / x)": "asec arcsec",
    "asin(1 / x)": "acsc arccsc arccosec",
    "atanh(1 / x)": "acoth arcoth arccoth",
    "acosh(1 / x)": "asech arsech arcsech",
    "asinh(1 / x)": "acsch arcsch arccsch",
    "gamma(x + 1)": "factorial fact",
    "1 / ((x + 1) * beta(x - y + 1, y + 1))": "binom binomial comb choose",
    "xlogy(x, x)": "xlogx",
    "-xlogy(x, x)": "entr entropy",
    "xlogy(x, 1 + y)": "xlog1py",
    "xlogy(x, x / y)": "rel_entr",
    "erfinv(1 - x)": "erfcinv",
    "less(x, y)": "lt",
    "less(y, x)": "gt greater",
    "less_equal(x, y)": "le lte",
    "less_equal(y, x)": "ge gte greater_equal",
    "equal(x, y)": "eq",
    "1 - equal(x, y)": "ne neq not_equal",
    "where(less(x, 0), 0, where(equal(x, 0), y, 1))": "heaviside",
    "where(less(x, 0), 0, 1)": "unit_step",
    "hardtanh(x)": "hard_tanh htanh",
    "hard_sigmoid(x)": "hardsigmoid",
    "leaky_relu(x, y)": "prelu",
    "sign(x) * relu(abs(x) - y)": "softshrink soft_shrink",
    "where(less(y, abs(x)), x, 0)": "hardshrink hard_shrink",
    "(sqrt(x ** 2 + 1) - 1) / 2 + x": "bent_identity",
    "(x + sqrt(x ** 2 + 4)) / 2": "squareplus",
    "exp(-x ** 2)": "gaussian gauss rbf",
    "x + sin(x) ** 2": "snake",
    "x * sigmoid(y)": "glu",
    "silu(x) * y": "swiglu",
    "clip(x, -1, 1)": "clamp saturate",
    "where(less(x, y), x, y)": "cond iif ifelse if_else select",
}
FORMULAS = {name: text for text, names in _ALIKE.items() for name in names.split()}
"""The formula to write in place of a name, by the name."""

INSTEAD = {
    **dict.fromkeys(("isnan", "isnull"), "write x != x"),
    "isinf": "write abs(x) == math.inf",
    "isfinite": "write abs(x) < math.inf",
    "isclose": "write abs(x - y) < 1e-9",
    "allclose": "write abs(x - y) < 1e-9 of each",
    "signbit": "write x < 0",
    "logaddexp2": "write ag.logaddexp(x * log(2), y * log(2)) / log(2)",
    "ldexp": "write x * 2.0 ** n",
    "modf": "write x - ag.trunc(x) and ag.trunc(x)",
    "interp": "write the line between two points, y0 + (x - x0) * (y1 - y0) / (x1 - x0), and choose with ag.where",
    "det": "write the determinant out: a * d - b * c of 2 by 2, by the first row of larger ones",
    "slogdet": "write the determinant out: a * d - b * c of 2 by 2, by the first row of larger ones",
    **dict.fromkeys(("solve", "inv", "lstsq", "cholesky"), "write the elimination out, in loops over Values"),
    "cov": "write ((a - a.mean()) * (b - b.mean())).sum() / (len(a) - 1)",
    "corrcoef": "write (u * v).sum() / ag.sqrt((u * u).sum() * (v * v).sum()), of u = a - a.mean(), v = b - b.mean()",
    "gradient": "write the differences out, or take ag.grad of the function",
    **dict.fromkeys(("einsum", "matmul", "outer", "cross", "trace", "var", "std", "median", "cumsum", "cumprod"),
                    "NumPy's works on arrays of Values"),
    **dict.fromkeys(("array", "zeros", "tensor"), "arrays are NumPy's: np.array([x, y]) of Values"),
    **dict.fromkeys(("Tensor", "Variable", "Var", "Parameter"), "write ag.Value(2.0)"),
    **dict.fromkeys(("detach", "no_grad"), "write ag.stop_gradient(x)"),
    **dict.fromkeys(("jacfwd", "jacrev"), "write ag.jacobian(f)"),
    "value_and_gradient": "write ag.value_and_grad(f)",
    **dict.fromkeys(("compile", "njit"), "write ag.jit(f)"),
}  # fmt: skip
"""Advice for names that have no formula of one line here."""


def formula(name: str) -> str | None:
    """The formula for the function that the field calls `name`; capitals count only where they tell names apart.

    >>> formula("cot"), formula("Swish"), formula("Phi"), formula("phi"), formula("florble")
    ('1 / tan(x)', 'silu(x)', 'norm_cdf(x)', 'norm_pdf(x)', None)
    """
    return FORMULAS.get(name) or FORMULAS.get(name.lower())


def close(name: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """The name of `known` that `name` may be a misprint of: as like as difflib's ratio `least`."""
    lower = {k.lower(): k for k in reversed(list(known))}
    found = difflib.get_close_matches(name[:40].lower(), lower, n=1, cutoff=least)
    return lower[found[0]] if found else None


def instead(name: str, public: Iterable[str]) -> str | None:
    """Advice what to write in a program for a name that this library does not have.

    >>> instead("swish", []), instead("isnan", []), instead("vamp", ["vmap"])
    ('write ag.silu(x)', 'write x != x', 'did you mean ag.vmap?')
    """
    if name in INSTEAD:
        return INSTEAD[name]
    if found := formula(name):
        import re

        return "write " + re.sub(r"\bpi\b", "math.pi", re.sub(r"([a-z]\w*)(?=[(])", r"ag.\1", found))
    similar = close(name, public)
    return similar and f"did you mean ag.{similar}?"
