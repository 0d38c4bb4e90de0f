"""How numbers and operations are written."""

from __future__ import annotations

import pytest

from autograd_core import TABLE
from autograd_core.formulas.notation.letters import name
from autograd_core.formulas.notation.operations import applied, number, power, product, quotient, summed, total
from autograd_core.formulas.notation.written import Written

X, Y = name("x"), name("y")

TERM = summed(name("x[i]"), "i", "1", 3)
SUMS = [
    ([X, TERM], "x * sum(x[i], i=1..3)", r"x \sum_{i=1}^{3} x_{i}"),
    ([TERM, X], "sum(x[i], i=1..3) * x", r"\left(\sum_{i=1}^{3} x_{i}\right) \cdot x"),
    ([product([X, TERM]), Y], "x * sum(x[i], i=1..3) * y", r"\left(x \sum_{i=1}^{3} x_{i}\right) \cdot y"),
    ([total([(1.0, X), (1.0, TERM)]), Y], "(x + sum(x[i], i=1..3)) * y", r"\left(x + \sum_{i=1}^{3} x_{i}\right) \cdot y"),
    ([Y, total([(-1.0, TERM)]), X], "y * (-sum(x[i], i=1..3)) * x", r"y \cdot \left(-\sum_{i=1}^{3} x_{i}\right) \cdot x"),
    ([total([(-1.0, TERM)]), X], "-sum(x[i], i=1..3) * x", r"\left(-\sum_{i=1}^{3} x_{i}\right) \cdot x"),
    ([power(TERM, number(2.0)), X], "sum(x[i], i=1..3)**2 * x", r"\left(\sum_{i=1}^{3} x_{i}\right)^{2} \cdot x"),
    ([quotient(X, TERM), X], "x / sum(x[i], i=1..3) * x", r"\frac{x}{\sum_{i=1}^{3} x_{i}} \cdot x"),
]  # fmt: skip


@pytest.mark.parametrize(("factors", "text", "latex"), SUMS, ids=[text for _, text, _ in SUMS])
def test_a_sum_ends_where_its_brackets_do(factors: list[Written], text: str, latex: str) -> None:
    assert product(factors)[:2] == (text, latex)


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
    (of("mul", X, quotient(MINUS, Y)), "x * (-3 / y)", r"x \cdot \left(-\frac{3}{y}\right)"),
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
    (of("square", of("neg", MINUS)), "3**2", "3^{2}"),
    (of("square", of("exp", X)), "exp(x)**2", r"\left(e^{x}\right)^{2}"),
    (of("exp", of("neg", X)), "exp(-x)", "e^{-x}"),
    (of("sqrt", of("add", X, Y)), "sqrt(x + y)", r"\sqrt{x + y}"),
    (of("abs", X), "abs(x)", r"\left|x\right|"),
    (of("dot", X, Y, Y, X), "x * y + y * x", r"x \cdot y + y \cdot x"),
    (of("mean", X, Y), "(x + y) / 2", r"\frac{x + y}{2}"),
    (of("hypot", X, Y), "hypot(x, y)", r"\sqrt{x^{2} + y^{2}}"),
    (of("log_sigmoid", X), "log_sigmoid(x)", r"\operatorname{log\_sigmoid}\left(x\right)"),
    (of("mul", TWO, of("unit", X, Y)), "2 * unit(x, y)", r"2 \cdot \frac{x}{\sqrt{x^{2} + y^{2}}}"),
    (of("square", of("logaddexp", X, Y)), "logaddexp(x, y)**2", r"\left(\ln\left(e^{x} + e^{y}\right)\right)^{2}"),
    (of("square", of("unit", X, Y)), "unit(x, y)**2", r"\left(\frac{x}{\sqrt{x^{2} + y^{2}}}\right)^{2}"),
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
