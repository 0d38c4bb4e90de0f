r"""Numbers and operations as plain text, much as the command line reads it, and as LaTeX.

    (x + 1) / 2          \frac{x + 1}{2}
    sin(x)**2            \left(\sin\left(x\right)\right)^{2}
    log'(x)              \ln'\left(x\right)

Both are put together from the inside out; the outer operation decides about brackets. Operations that mathematics
writes with signs are in the table `FORMS`; all others are written as functions.
"""

from __future__ import annotations

import re

from ...op import Op
from ...ops import TABLE
from ...ops.reduction import two_lists
from .letters import literal
from .written import ATOM, POWER, PRODUCT, SIGN, SUM, Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "applied",
    "call",
    "has_prime",
    "is_arithmetic",
    "is_called",
    "number",
    "power",
    "product",
    "quotient",
    "standard_name",
    "summed",
    "total",
    "with_logarithm",
]

NATURAL = re.compile(r"\\ln(?![a-zA-Z])")
NAN = r"\text{nan}"
LONG = 80
"""Characters of a numerator; a longer one stands behind its fraction, where a row can break."""


def number(x: float, digits: int | None = None) -> Written:
    """A number with all its digits, or with so many significant ones.

    >>> number(2.0).text, number(0.1).text, number(-1.5e-7).latex, number(1 / 3, 4).text
    ('2', '0.1', '-1.5 \\\\cdot 10^{-7}', '0.3333')
    """
    text = f"{x:.{digits}g}" if digits is not None else f"{x:.0f}" if x.is_integer() and abs(x) < 1e16 else repr(x)
    mantissa, e, exponent = text.partition("e")
    latex = mantissa.replace("inf", r"\infty").replace("nan", NAN)
    if e:
        factor = mantissa.removesuffix("1") if mantissa in ("1", "-1") else rf"{mantissa} \cdot "
        latex = f"{factor}10^{{{int(exponent)}}}"
    return Written(text, latex, SIGN if text.startswith("-") else ATOM)


# Operations


def total(terms: Sequence[tuple[float, Written]]) -> Written:
    """The sum of terms, each with its sign."""
    if len(terms) == 1 and terms[0][0] > 0.0:
        return terms[0][1]
    text = latex = ""
    for sign, term in terms:
        part = term.inside(SUM if sign > 0.0 else PRODUCT)
        is_negative = (sign < 0.0) != part.text.startswith("-")
        minus = "-" if is_negative else ""
        text += (f" {minus or '+'} " if text else minus) + part.text.removeprefix("-")
        latex += (f" {minus or '+'} " if latex else minus) + part.latex.removeprefix("-")
    if len(terms) > 1:
        level = SUM
    elif text.startswith("-"):
        level = SIGN
    else:
        level = ATOM if not terms or NUMBER.fullmatch(text) else min(PRODUCT, terms[0][1].level)
    return Written(text or "0", latex or "0", level)


def summed(term: Written, index: str, first: str, last: int) -> Written:
    """The sum Σ of a term over an index, from `first` to `last`."""
    latex = rf"\sum_{{{index}={first}}}^{{{last}}} {term.inside(PRODUCT).latex}"
    return Written(f"sum({term.text}, {index}={first}..{last})", latex)


def product(factors: Sequence[Written]) -> Written:
    """The product of factors; in LaTeX a number needs no dot in front of a letter, but in front of a function."""
    if len(factors) == 1:
        return factors[0]
    first = factors[0].inside(PRODUCT)
    text = " * ".join([first.text, *[factor.inside(POWER).text for factor in factors[1:]]])
    parts = [first, *[factor if _is_product(factor) else factor.inside(POWER) for factor in factors[1:]]]
    latex, *others = [_closed(part.latex) for part in parts[:-1]] + [parts[-1].latex]
    for other in others:
        is_tight = (NUMBER.fullmatch(latex) and BESIDE_A_NUMBER.match(other)) or other.startswith(r"\sum")
        latex += f" {other}" if is_tight else rf" \cdot {other}"
    return Written(text, latex, PRODUCT)


def _is_product(factor: Written) -> bool:
    """Whether a factor is a product or a fraction, which need no brackets beside other factors in LaTeX."""
    return factor.level == PRODUCT and not factor.latex.startswith("-")


def _closed(latex: str) -> str:
    """A factor in brackets, if it has a Σ that would seem to include what follows."""
    depth = 0
    for token in re.findall(r"\\left|\\right|\\sum|\\[{}]|[{}]", latex):
        if token == r"\sum" and not depth:
            return rf"\left({latex}\right)"
        depth += (token in (r"\left", "{")) - (token in (r"\right", "}"))
    return latex


NUMBER = re.compile(r"-?[\d.]+")
BESIDE_A_NUMBER = re.compile(r"(?!\\(left|frac|text)|\S*'?\\left)[a-zA-Z\\]")


def quotient(a: Written, b: Written) -> Written:
    """The fraction a / b; in LaTeX a minus of the numerator goes in front of it, and a long numerator behind it."""
    minus = "-" if a.level != SUM and a.text.startswith("-") else ""
    above, below = a.inside(PRODUCT), b.inside(POWER)
    if a.level == SUM and len(a.text) > LONG:
        latex = rf"\frac{{1}}{{{b.latex}}} \cdot {above.latex}"
    else:
        latex = rf"{minus}\frac{{{a.latex.removeprefix(minus)}}}{{{b.latex}}}"
    return Written(f"{above.text} / {below.text}", latex, PRODUCT)


def power(a: Written, n: Written) -> Written:
    """The power a to the n; in LaTeX a base that is a power or a call, as in sin(x)², needs brackets."""
    base = a.inside(ATOM)
    is_ambiguous = a is base and ("^" in a.latex or r"\left(" in a.latex or a.latex.startswith(r"\sum"))
    latex = rf"\left({a.latex}\right)" if is_ambiguous else base.latex
    return Written(f"{base.text}**{n.inside(ATOM).text}", f"{latex}^{{{n.latex}}}", POWER)


def call(function: Written, args: Sequence[Written]) -> Written:
    """A function applied to its arguments."""
    texts, latexes = ", ".join([a.text for a in args]), ", ".join([a.latex for a in args])
    return Written(f"{function.text}({texts})", rf"{function.latex}\left({latexes}\right)")


ONE, TWO = number(1.0), number(2.0)
LATEX_FUNCTIONS = {
    **{f: rf"\{f}" for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "max", "min")},
    **{"log": r"\ln", "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "sigmoid": r"\sigma"},
    **{"log2": r"\log_2", "log10": r"\log_{10}", "norm_cdf": r"\Phi", "norm_pdf": r"\varphi", "gamma": r"\Gamma"},
    **{"maximum": r"\max", "minimum": r"\min", "digamma": r"\psi"},
}


def _between(text: str, left: str, right: str) -> Callable[..., Written]:
    """A function with brackets of its own in LaTeX."""
    return lambda *args: Written(
        call(Written(text, ""), args).text, f"{left}{', '.join([a.latex for a in args])}{right}"
    )


def _in_latex(text: str, form: Callable[..., Written]) -> Callable[..., Written]:
    """A function in text, a formula in LaTeX."""

    def written(*args: Written) -> Written:
        formula = form(*args)
        return Written(call(Written(text, ""), args).text, formula.latex, formula.level, is_call=True)

    return written


def _norm(*xs: Written) -> Written:
    return _sqrt(total([(1.0, power(x, TWO)) for x in xs]))


def _logsumexp(*xs: Written) -> Written:
    return _log(total([(1.0, ONE if x.text == "0" else _exp(x)) for x in xs]))


def _exp(a: Written) -> Written:
    return Written(f"exp({a.text})", f"e^{{{a.latex}}}", POWER, is_call=True)


def _log(a: Written) -> Written:
    return call(Written("log", r"\ln"), [a])


_sqrt = _between("sqrt", r"\sqrt{", "}")


def _dot(*xs: Written) -> Written:
    return total([(1.0, product([a, b])) for a, b in zip(*two_lists(xs), strict=True)])


FORMS: dict[str, Callable[..., Written]] = {
    "add": lambda a, b: total([(1.0, a), (1.0, b)]),
    "sub": lambda a, b: total([(1.0, a), (-1.0, b)]),
    "mul": lambda a, b: product([a, b]),
    "div": quotient,
    "neg": lambda a: total([(-1.0, a)]),
    "reciprocal": lambda a: quotient(ONE, a),
    "square": lambda a: power(a, TWO),
    "power": power,
    "pow": power,
    "fma": lambda a, b, c: total([(1.0, product([a, b])), (1.0, c)]),
    "sum": lambda *xs: total([(1.0, x) for x in xs]),
    "prod": lambda *xs: product(xs),
    "dot": _dot,
    "mean": lambda *xs: quotient(total([(1.0, x) for x in xs]), number(float(len(xs)))),
    "abs": _between("abs", r"\left|", r"\right|"),
    "sqrt": _sqrt,
    "rsqrt": lambda a: quotient(ONE, _sqrt(a)),
    "cbrt": _between("cbrt", r"\sqrt[3]{", "}"),
    "floor": _between("floor", r"\left\lfloor ", r"\right\rfloor"),
    "ceil": _between("ceil", r"\left\lceil ", r"\right\rceil"),
    "exp": _exp,
    "exp2": lambda a: power(TWO, a),
    "exp10": lambda a: power(number(10.0), a),
    "log1p": _in_latex("log1p", lambda a: _log(total([(1.0, ONE), (1.0, a)]))),
    "logaddexp": _in_latex("logaddexp", _logsumexp),
    "logsumexp": _in_latex("logsumexp", _logsumexp),
    "hypot": _in_latex("hypot", _norm),
    "norm": _in_latex("norm", _norm),
    "unit": _in_latex("unit", lambda a, b: Written("", rf"\frac{{{a.latex}}}{{{_norm(a, b).latex}}}", PRODUCT)),
    "cos_asin": lambda a: _sqrt(total([(1.0, ONE), (-1.0, power(a, TWO))])),
    "sech_squared": lambda a: quotient(ONE, power(call(Written("cosh", r"\cosh"), [a]), TWO)),
}


def standard_name(op: Op) -> str:
    """The op's name in the table of ops; empty for a user's own op, whatever it is called."""
    return op.name if TABLE.get(op.name) is op else ""


def with_logarithm(op: Op, written: Written, name: str | None) -> Written:
    """An op that is written already with "ln" or "log" for the natural logarithm, as `name` says; None changes nothing.

    By itself the text has log, which the command line reads, and the LaTeX has ln.
    """
    if name is None:
        return written
    text = name + written.text.removeprefix("log") if standard_name(op) == "log" else written.text
    return written._replace(text=text, latex=NATURAL.sub(rf"\\{name}", written.latex))


def has_prime(op: Op) -> bool:
    """Whether an op's derivative is written f'(x): the op takes one number and is written as a function."""
    return op.is_unary and is_called(op)


ARITHMETIC = {"add", "sub", "neg", "mul", "div", "sum", "mean", "prod", "dot", "fma", "identity"}


def is_arithmetic(op: Op) -> bool:
    """Whether an op is a sum, a product or a quotient, and no function of something inner."""
    return standard_name(op) in ARITHMETIC


def is_called(op: Op) -> bool:
    """Whether an op is written as a function, not with signs."""
    return standard_name(op) not in FORMS


def applied(op: Op, args: Sequence[Written], is_prime: bool = False) -> Written:
    r"""An op, or its derivative, applied to arguments that are written already.

    >>> from autograd_core import TABLE
    >>> x = Written("x", "x")
    >>> applied(TABLE["log"], [applied(TABLE["mul"], [number(3.0), applied(TABLE["square"], [x])])]).latex
    '\\ln\\left(3 x^{2}\\right)'
    >>> applied(TABLE["sigmoid"], [x], is_prime=True)
    Written(text="sigmoid'(x)", latex="\\sigma'\\left(x\\right)", level=4, is_call=False)
    """
    form = FORMS.get(standard_name(op))
    if form is not None and not is_prime:
        return form(*args)
    function = _function(op)
    return call(Written(f"{function.text}'", f"{function.latex}'") if is_prime else function, args)


def _function(op: Op) -> Written:
    """The name of a function; in quotation marks if a user's op has the name of one of ours."""
    is_another = op.name in TABLE and not standard_name(op)
    if op.latex is not None:
        return Written(literal(op.name).text if is_another else op.name, op.latex)
    if is_another or not (op.name.isidentifier() and op.name.isascii()):
        return literal(op.name)
    name = op.name.replace("_", r"\_")
    return Written(op.name, LATEX_FUNCTIONS.get(standard_name(op), rf"\operatorname{{{name}}}"))
