"""Expressions in normal form: simplified as far as it stays true."""

from __future__ import annotations

import math

import pytest
from formulas.derivation.test_derive import check, closed
from formulas.readers import Latex
from marks import slow

import autograd_core as ag
from autograd_core import Value


@pytest.mark.parametrize("op", slow(["prod", "logsumexp", "norm", "sum"], but=["prod"]))
def test_an_op_of_thousands_is_put_together_at_once(op: str) -> None:
    leaves = [Value(1.0 + 1e-5 * k, name=f"x_{k}") for k in range(4_000)]
    z = getattr(ag, op)(leaves)
    first, *_, last = ag.derive(z, leaves[7]).lines
    assert first.text.count("x_") == 4_000
    assert last.value == pytest.approx(ag.backprop(z, leaves)[leaves[7]])
    few = getattr(ag, op)(leaves[:60])
    check(ag.derive(few, leaves[7], digits=None).lines, few, leaves[7], 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("op", "rate"), [("logsumexp", "exp(v1000 - z)"), ("norm", "v1000 / z")])
def test_the_rates_of_an_op_of_many_are_as_short_as_those_of_two(op: str, rate: str) -> None:
    x = Value(0.001, name="x")
    z = getattr(ag, op)([ag.sin(k * x) for k in range(1, 1_001)])
    (line,) = [line.text for line in ag.derive(z, x).lines if line.text.startswith("dz/dv1000 = ")]
    assert line.startswith(f"dz/dv1000 = {rate} ")


@pytest.mark.parametrize("op", ["logsumexp", "norm"])
def test_an_op_of_many_may_have_a_name_though_its_parts_have_none(op: str) -> None:
    x, y = Value(0.3, name="x"), Value(0.5, name="y")
    h = getattr(ag, op)([2 * x, y, ag.sin(x)])
    h.name = "h"
    z = ag.exp(h)
    assert check(ag.derive(z, x, digits=None).lines, z, x, 1e-12) > 10


def test_an_op_of_many_of_ops_of_two() -> None:
    a, b, c = Value(0.3, name="a"), Value(0.5, name="b"), Value(0.7, name="c")
    for many, two in ((ag.norm, ag.hypot), (ag.logsumexp, ag.logaddexp)):
        for parts in (
            [two(a, b), two(a, c), a],
            [a, two(two(a, b), two(b, c)), c, two(a, b)],
            [a, a, b],
            [a, -a, a * b, 0.0],
        ):
            z = many(parts)
            assert check(ag.derive(z, a, digits=None).lines, z, a, 1e-12) > len(parts)


def test_a_softmax_has_one_logarithm_of_a_sum() -> None:
    a, b, c = Value(1.0, name="a"), Value(2.0, name="b"), Value(-1.0, name="c")
    assert ag.latex(ag.log_softmax([a, b, c])[0]) == (r"a - \ln\left(e^{a} + e^{b} + e^{c}\right)")
    assert (
        ag.latex(ag.logsumexp([a, ag.logaddexp(b, ag.logaddexp(c, 0.0))]))
        == r"\ln\left(e^{a} + e^{b} + e^{c} + 1\right)"
    )
    assert ag.latex(ag.logaddexp(a, -math.inf)) == "a"


def test_infinite_constants_do_not_stay_in_derivatives() -> None:
    a, b = Value(1.0, name="a"), Value(2.0, name="b")
    z = ag.logsumexp([a, b, -math.inf])
    last = ag.derive(z, a).lines[-1].text
    assert last == "dz/da = sigmoid(a - b) = sigmoid(1 - 2) ≈ 0.268941"
    check(ag.derive(z, a, digits=None).lines, z, a, 1e-9)


def test_a_norm_is_one_root() -> None:
    a, b, c = Value(1.0, name="a"), Value(2.0, name="b"), Value(-1.0, name="c")
    assert ag.latex(ag.hypot(ag.hypot(0.0, a), ag.norm([b, c]))) == r"\sqrt{a^{2} + b^{2} + c^{2}}"


OVERFLOWING = {
    "(q * 1e-10)**60": (1e10, lambda q: (q * 1e-10) ** 60),
    "q * 1e-200 * 1e-200": (1e300, lambda q: q * 1e-200 * 1e-200 * 1e50),
    "q * 1e200 * 1e200": (1e-300, lambda q: q * 1e200 * 1e200 * 1e-200),
    "square(1e200 * q)": (1e-300, lambda q: ag.square(1e200 * q)),
    "1 / square(1e200 * q)": (1e-300, lambda q: 1 / ag.square(1e200 * q)),
    "1e-320 q": (1e10, lambda q: q * 1e-320 + q),
}


@pytest.mark.parametrize("case", OVERFLOWING)
def test_numbers_that_no_float_can_hold_are_not_put_together(case: str) -> None:
    at, f = OVERFLOWING[case]
    q = Value(at, name="q")
    z = f(q)
    assert math.isfinite(z.data)
    assert z.data
    check(ag.derive(z, q, digits=None).lines, z, q, 1e-9)
    assert Latex(str(ag.latex(z)), {"q": at}).value() == pytest.approx(z.data, rel=1e-9)


def test_numbers_that_cancel_only_as_fractions_stay() -> None:
    x = Value(2.0, name="x")
    cancelled = 0.1 * x + 0.2 * x - 0.3 * x
    for z in (cancelled, ag.log(cancelled), 1 / cancelled):
        assert " = 0 " not in repr(ag.derive(z, x))
        assert check(ag.derive(z, x, digits=None).lines, z, x, 1e-9) > 10
    assert str(ag.latex(cancelled)) == "0.1 x + 0.2 x - 0.3 x"
    assert str(ag.latex(0.1 * x + 0.2 * x)) == "0.3 x"


def test_a_sum_that_no_float_can_hold_stays_a_sum() -> None:
    q = Value(1e-10, name="q")
    z = q * 1e308 + q * 1e308 - q * 1e308
    assert ag.derive(z, q).lines[-1].text == "dz/dq = 1e+308"
    assert str(ag.latex(q * 1e308 + q * 1e308)) == r"10^{308} \cdot q + 10^{308} \cdot q"


def test_numbers_are_put_together_as_they_were_meant() -> None:
    q = Value(10.0, name="q")
    assert repr(ag.derive(0.1 * q + 0.2 * q, q)).splitlines()[-1] == "dz/dq = 0.3"
    assert str(ag.latex((q / 3) * 0.3)) == r"0.1 q"
    assert str(ag.latex(0.1 * q / 3)) == r"\frac{q}{30}"
    assert str(ag.latex(q * 0.125 + q * q * 0.2)) == r"\frac{q}{8} + 0.2 q^{2}"
    assert str(ag.latex(q * math.log(3) + 3e15)) == "1.0986122886681098 q + 3000000000000000"


def test_numbers_in_formulas_are_cut_as_well_and_say_so() -> None:
    q = Value(10.0, name="q")
    z = ag.sin(q * 0.69314718056)
    assert repr(ag.derive(z, q, digits=3)).splitlines() == [
        "v1 ≈ 0.693 * q = 0.693 * 10 = 6.93",
        "z = sin(v1) ≈ sin(6.93) ≈ 0.604",
        "dz/dv1 = sin'(v1) = cos(v1) ≈ cos(6.93) ≈ 0.797",
        "dz/dq = dz/dv1 * dv1/dq ≈ dz/dv1 * 0.693 ≈ 0.797 * 0.693 ≈ 0.553",
        "dz/dq ≈ sin'(0.693 * q) * 0.693 = cos(0.693 * q) * 0.693 = 0.693 * cos(0.693 * q) = 0.693 * cos(0.693 * 10) ≈ 0.553",
    ]


def test_with_inf_and_nan_nothing_is_simplified() -> None:
    i, n, y = Value(math.inf, name="i"), Value(math.nan, name="n"), Value(3.0, name="y")
    assert repr(ag.derive(0.0 * i)) == "z = 0 * i = 0 * inf = nan"
    assert repr(ag.derive(i - i)) == "z = i - i = inf - inf = nan"
    assert repr(ag.derive(2 * n, n)) == "z = 2 * n = 2 * nan = nan\ndz/dn = 2"
    assert r"2 \cdot \text{nan} = \text{nan}" in ag.derive(2 * n, n).latex
    assert str(ag.latex(0.0 * n)) == "0 n"
    with ag.op.quiet():
        x = Value(0.0, name="x")
        z = ag.sqrt(x * 0.0) * y
    assert repr(ag.derive(z, x)).splitlines()[-2:] == [
        "dz/dx = dz/dv1 * dv1/dx = dz/dv1 * 0 = inf * 0 = nan",
        "dz/dx = 1 / 2 / sqrt(x * 0) * 0 * y = 1 / 2 / sqrt(0 * 0) * 0 * 3 = nan",
    ]
    assert repr(ag.derive(n * n, n)).splitlines()[-1] == "dz/dn = n + n = nan + nan = nan"


def test_a_division_by_zero_is_written_out() -> None:
    y = Value(math.nan, name="y")
    with ag.op.quiet():
        assert repr(ag.derive(y / 0.0, y)).splitlines() == ["z = y / 0 = nan / 0 = nan", "dz/dy = 1 / 0 = inf"]


def test_what_is_computed_is_shown_even_if_it_is_nothing() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(x - x)) == "z = x - x = 2 - 2 = 0"
    assert repr(ag.derive(ag.sin(x / x))).splitlines()[0] == "v1 = x / x = 2 / 2 = 1"
    assert str(ag.latex(ag.sin(x * 0.0))) == r"\sin\left(x \cdot 0\right)"


def test_a_product_of_one_factor_is_that_factor() -> None:
    x = Value(0.3, name="x")
    for z, formula in (
        (ag.cos(x) + ag.exp(x) + ag.exp(x), "-sin(x) + 2 * exp(x)"),
        (x - ag.cos(x) - x, "sin(x)"),
        (-(ag.cos(x) * 2 - ag.exp(x)), "2 * sin(x) + exp(x)"),
        ((x + 1) * (x - 1), "2 * x"),
        ((x - 3) * (x - 3), "2 * (x - 3)"),
        (ag.square(x - 3) / 2, "x - 3"),
    ):
        assert f" = {formula}" in ag.derive(z, x).lines[-1].text


def test_signs_stay_where_they_were_written() -> None:
    a, b, c = Value(1.0, name="a"), Value(3.0, name="b"), Value(1.0, name="c")
    for z, latex in (
        ((-b + ag.sqrt(b * b - 4 * a * c)) / (2 * a), r"\frac{-b + \sqrt{b^{2} - 4 a \cdot c}}{2 a}"),
        ((-a + b) * c, r"\left(-a + b\right) \cdot c"),
        ((-a - b) ** 3, r"-\left(a + b\right)^{3}"),
        (-((-a + b) * c), r"\left(a - b\right) \cdot c"),
        (-(a - b) * c, r"\left(-a + b\right) \cdot c"),
    ):
        assert str(ag.latex(z)) == latex
    assert closed(ag.square(a - b) / 2, b) == "b - a"


def test_a_root_below_what_it_is_the_root_of() -> None:
    t, s = Value(4.0, name="T"), Value(2.0, name="s")
    for z, latex in (
        (t / ag.sqrt(t), r"\sqrt{T}"),
        (t * t / ag.sqrt(t), r"T \cdot \sqrt{T}"),
        (ag.sqrt(t) / t, r"\frac{1}{\sqrt{T}}"),
        (s * ag.sqrt(t) * ag.sqrt(t), "s \\cdot T"),
        (t * ag.sqrt(t), r"T \cdot \sqrt{T}"),
    ):
        assert str(ag.latex(z)) == latex


def test_exponents_of_derivatives_are_without_the_dust_of_floats() -> None:
    x = Value(0.3, name="x")
    assert ag.derive(x ** (-2 / 3), x).lines[-1].text.startswith("dz/dx = -2 * x**(-5 / 3) / 3 = ")
    assert str(ag.latex(x**0.30000000000000004)) == "x^{0.30000000000000004}"


def test_the_logarithms_of_two_and_ten_have_their_names() -> None:
    x = Value(3.0, name="x")
    for z, text, latex in (
        (ag.exp2(x), "2**x * log(2)", r"2^{x} \cdot \ln\left(2\right)"),
        (ag.log10(x), "1 / (x * log(10))", r"\frac{1}{x \cdot \ln\left(10\right)}"),
        (x * math.log(2.0), "log(2)", r"\ln\left(2\right)"),
    ):
        line = ag.derive(z, x).lines[-1]
        assert f" = {text} " in line.text
        assert f"= {latex} " in line.latex


def test_a_norm_of_norms_has_the_derivative_of_a_norm() -> None:
    a, b, c = Value(1.0, name="a"), Value(2.0, name="b"), Value(-2.0, name="c")
    z = ag.norm([a, b, c])
    assert closed(z, a) == "a / norm(a, b, c)"
    assert closed(ag.hypot(ag.hypot(a, b), c), a) == "a / norm(a, b, c)"
    z.name = "r"
    assert closed(z, a) == "a / r"
    zero = Value(0.0, name="o")
    kink = ag.hypot(zero, zero * 2)
    check(ag.derive(kink, zero, digits=None).lines, kink, zero, 1e-12)
    assert ag.derive(kink, zero).lines[-1].text == "dz/do = 0"


def test_a_softmax_as_the_lectures_have_it() -> None:
    z = [Value(0.5 * k, name=f"z_{k}") for k in (1, 2, 3)]
    p = ag.softmax(z)
    assert str(ag.latex(p[1])) == r"\frac{e^{z_{2}}}{e^{z_{1}} + e^{z_{2}} + e^{z_{3}}}"
    assert str(ag.latex(ag.log_softmax(z)[2])) == r"z_{3} - \ln\left(e^{z_{1}} + e^{z_{2}} + e^{z_{3}}\right)"
    cost = ag.logsumexp(z) - z[1]
    assert closed(cost, z[0]) == "exp(z_1 - logsumexp(z_1, z_2, z_3))"
    assert closed(cost, z[1]) == "exp(z_2 - logsumexp(z_1, z_2, z_3)) - 1"
    assert closed(-ag.log(p[1]), z[1]) == "exp(z_2 - logsumexp(z_1, z_2, z_3)) - 1"
    p[1].name = "p"
    assert closed(-ag.log(p[1]), z[1]) == "p - 1"


def test_what_differs_in_numbers_only_stands_in_one_order_everywhere() -> None:
    a, x = Value(0.5, name="a"), Value(1.5, name="x")
    total = "logsumexp(a, x, 2 * x)"
    assert closed(ag.logsumexp([x, a, 2 * x]), x) == f"exp(x - {total}) + 2 * exp(2 * x - {total})"
    parts = [ag.exp(2 * x), x, x**2, ag.exp(x), -x]
    assert str(ag.latex(ag.norm(parts))) == str(ag.latex(ag.norm(parts[::-1])))


def test_polynomials_keep_the_order_of_their_terms() -> None:
    x = Value(1.5, name="x")
    assert closed(((x - 3) * x + 2) * x - 1, x) == "3 * x**2 - 6 * x + 2"
