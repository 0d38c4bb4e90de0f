"""How names, numbers and operations are written."""

from __future__ import annotations

import pytest

from autograd_core import TABLE
from autograd_core.diagram.formulas.notation import Written, applied, name, number

X, Y = name("x"), name("y")

NUMBERS = [
    (0.0, "0", "0"),
    (-0.0, "-0", "-0"),
    (2.0, "2", "2"),
    (-2.5, "-2.5", "-2.5"),
    (0.1, "0.1", "0.1"),
    (1e-7, "1e-07", "10^{-7}"),
    (-1e-7, "-1e-07", "-10^{-7}"),
    (3e15, "3000000000000000", "3000000000000000"),
    (1e16, "1e+16", "10^{16}"),
    (1.5e300, "1.5e+300", r"1.5 \cdot 10^{300}"),
    (float("inf"), "inf", r"\infty"),
    (float("-inf"), "-inf", r"-\infty"),
    (float("nan"), "nan", r"\text{nan}"),
]


@pytest.mark.parametrize(("x", "text", "latex"), NUMBERS)
def test_numbers(x: float, text: str, latex: str) -> None:
    assert number(x)[:2] == (text, latex)
    assert float(number(x).text) == pytest.approx(x, rel=0.0, nan_ok=True)
    assert float(number(x, 3).text) == pytest.approx(x, rel=1e-2, nan_ok=True)


NAMES = {
    "x": ("x", "x"),
    "x1": ("x1", "x_{1}"),
    "x_i": ("x_i", "x_{i}"),
    "w_11^(2)": ("w_11^(2)", "w_{11}^{(2)}"),
    "theta_0": ("theta_0", r"\theta_{0}"),
    "ŷ": ("ŷ", r"\hat{y}"),
    "x̄_i": ("x̄_i", r"\bar{x}_{i}"),  # no letter of its own in Unicode
    "q̃": ("q̃", r"\tilde{q}"),
    "é": ("é", r"\acute{e}"),
    "ẋ": ("ẋ", r"\dot{x}"),
    "θ̂": ("θ̂", r"\hat{{\theta}}"),
    "x₁₂": ("x₁₂", "x_{12}"),
    "µ": ("µ", r"{\mu}"),
    "ϵ": ("ϵ", r"{\epsilon}"),
    "ℓ": ("ℓ", r"{\ell}"),
    "Δx": ("Δx", r"\mathit{{\Delta}x}"),
    "naïve_1": ("naïve_1", r"\textit{naïve}_{1}"),
    "x_é": ("x_é", r"x_{\textit{é}}"),
    "alpha'": ("alpha'", r"\alpha^{\prime}"),
    "w1'": ("w1'", r"w_{1}^{\prime}"),
    "w''_1^(2)": ("w''_1^(2)", r"w_{1}^{\prime\prime (2)}"),
    "rate": ("rate", r"\mathit{rate}"),
    "m[1][2]": ("m[1][2]", "m_{1, 2}"),
    "two words": ('"two words"', r"\text{``two words''}"),
    "x²": ('"x²"', r"\text{``x²''}"),
    "∂x": ('"∂x"', r"\text{``$\partial$x''}"),
    "a<b|~^\\": ('"a<b|~^\\"', r"\text{``a$<$b$|$$\sim$$\wedge$$\backslash$''}"),
    'say "a"': ('"say \\"a\\""', "\\text{``say \"a\"''}"),
    "e": ('"e"', r"\text{``e''}"),
    "layer 2/n1/b": ("b_1^(2)", "b_{1}^{(2)}"),
    "layer 1/n12/w345": ("w_12_345^(1)", "w_{12, 345}^{(1)}"),
    "a/b/c": ('"a/b/c"', r"\text{``a/b/c''}"),
    "50 %": ('"50 %"', r"\text{``50 \%''}"),
    "a_b_c": ("a_b_c", "a_{b, c}"),
}


@pytest.mark.parametrize("given", NAMES)
def test_names(given: str) -> None:
    assert name(given)[:2] == NAMES[given]


def of(op: str, *args: Written) -> Written:
    return applied(TABLE[op], args)


TWO, MINUS = number(2.0), number(-3.0)
FORMS = [
    (of("sub", X, of("add", Y, X)), "x - (y + x)", r"x - \left(y + x\right)"),
    (of("add", X, of("neg", Y)), "x - y", "x - y"),
    (of("add", of("neg", X), MINUS), "-x - 3", "-x - 3"),
    (of("mul", of("neg", X), of("neg", Y)), "-x * (-y)", r"-x \cdot \left(-y\right)"),
    (of("mul", TWO, X), "2 * x", "2 x"),
    (of("mul", TWO, TWO), "2 * 2", r"2 \cdot 2"),
    (of("mul", X, of("add", X, Y)), "x * (x + y)", r"x \cdot \left(x + y\right)"),
    (of("div", of("add", X, Y), of("mul", X, Y)), "(x + y) / (x * y)", r"\frac{x + y}{x \cdot y}"),
    (of("mul", TWO, of("div", X, Y)), "2 * (x / y)", r"2 \cdot \frac{x}{y}"),
    (of("square", name("x'")), "x'**2", r"\left(x^{\prime}\right)^{2}"),
    (of("div", MINUS, X), "-3 / x", r"-\frac{3}{x}"),
    (of("add", X, of("div", MINUS, Y)), "x - 3 / y", r"x - \frac{3}{y}"),
    (of("div", of("sub", of("neg", X), Y), X), "(-x - y) / x", r"\frac{-x - y}{x}"),
    (of("mul", X, of("div", X, Y)), "x * (x / y)", r"x \cdot \frac{x}{y}"),
    (of("square", of("neg", X)), "(-x)**2", r"\left(-x\right)^{2}"),
    (of("neg", of("square", X)), "-x**2", "-x^{2}"),
    (of("power", of("power", X, TWO), TWO), "(x**2)**2", r"\left(x^{2}\right)^{2}"),
    (of("pow", X, MINUS), "x**(-3)", "x^{-3}"),
    (of("square", name("w_1^(2)")), "w_1^(2)**2", r"\left(w_{1}^{(2)}\right)^{2}"),
    (of("exp", of("neg", X)), "exp(-x)", "e^{-x}"),
    (of("sqrt", of("add", X, Y)), "sqrt(x + y)", r"\sqrt{x + y}"),
    (of("abs", X), "abs(x)", r"\left|x\right|"),
    (of("dot", X, Y, Y, X), "x * y + y * x", r"x \cdot y + y \cdot x"),
    (of("mean", X, Y), "(x + y) / 2", r"\frac{x + y}{2}"),
    (of("hypot", X, Y), "hypot(x, y)", r"\sqrt{x^{2} + y^{2}}"),
    (of("log_sigmoid", X), "log_sigmoid(x)", r"\operatorname{log\_sigmoid}\left(x\right)"),
    (of("norm_cdf", X), "norm_cdf(x)", r"\Phi\left(x\right)"),
]


@pytest.mark.parametrize(("form", "text", "latex"), FORMS, ids=[text for _, text, _ in FORMS])
def test_operations(form: Written, text: str, latex: str) -> None:
    assert form[:2] == (text, latex)


@pytest.mark.parametrize("op", TABLE)
def test_every_op_can_be_written(op: str) -> None:
    record = TABLE[op]
    form = applied(record, [X, Y, X, Y][: 4 if record.is_nary else len(record.input_names)])
    assert form.text
    assert form.latex.count("{") - form.latex.count(r"\{") == form.latex.count("}") - form.latex.count(r"\}")
