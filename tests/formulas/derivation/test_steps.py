"""Every step of a line is the engine's number, also where floats do not do what mathematics says of symbols."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from formulas.derivation.test_derive import check, symbols
from formulas.readers import Latex, value_of_text

import autograd_core as ag
from autograd_core import Value

BIG = 1e16
ROUNDED: dict[str, tuple[float, Callable[[Value], Value]]] = {
    "(1e16 x + x) - 1e16 x": (1.0, lambda x: (BIG * x + x) - BIG * x),
    "sum": (1.0, lambda x: ag.sum([x, BIG, -BIG])),
    "dot": (1.0, lambda x: ag.dot([BIG, 1.0, -BIG], [x, x, x])),
    "prod": (1e-200, lambda x: ag.prod([x, x, 1e200, 1e200])),
    "(y (1 + x) - y) 1e20": (1e-17, lambda x: (Value(3.0, name="y") * (1 + x) - Value(3.0, name="y")) * 1e20),
    "(sin(x) + 1e16) - 1e16": (1.0, lambda x: (ag.sin(x) + BIG) - BIG),
    "difference quotient": (2.0, lambda x: ((x + 1e-9) ** 2 - x**2) / 1e-9),
    "x x / x": (1e-200, lambda x: x * x / x),
    "x 1e-200 1e-200 1e300": (1e-200, lambda x: x * 1e-200 * 1e-200 * 1e300),
    "1 - sigmoid(40)": (40.0, lambda x: 1 - ag.sigmoid(x)),
    "sigmoid(-x)": (-40.0, lambda x: ag.sigmoid(-x)),
    "floor(x / 49 49)": (7.0, lambda x: ag.floor((x / 49) * 49) * x),
    "floor(x / 3 3 / x)": (49.0, lambda x: ag.floor((x / 49) * 49 / x * 0.99999999999999989) * x),
    "floor(sqrt(x) sqrt(x) 5)": (0.2, lambda x: ag.floor(ag.sqrt(x) * ag.sqrt(x) * 5) * x),
    "atan2(0 - x, -1)": (0.0, lambda x: ag.atan2(0 - x, -1.0) + x),
    "atan2(x + 0, -1)": (-0.0, lambda x: ag.atan2(x + 0.0, -1.0) + x),
    "copysign(1, x + 0)": (-0.0, lambda x: ag.copysign(1.0, x + 0.0) + x),
    "sin(x)**2 + cos(x)**2": (0.7, lambda x: ag.sin(x) ** 2 + ag.cos(x) ** 2),
    "exp(x) / exp(x)": (710.0, lambda x: ag.exp(x / 1.001) / ag.exp(x / 1.001) + x),
    "softmax": (80.0, lambda x: ag.softmax([x, 0.0, 1.0])[1]),
}


@pytest.mark.parametrize("case", ROUNDED)
def test_no_step_undoes_what_floats_have_done(case: str) -> None:
    at, f = ROUNDED[case]
    x = Value(at, name="x")
    with ag.op.quiet():
        z = f(x)
        assert check(ag.derive(z, x, digits=None).lines, z, x, 1e-9) > 1
        assert check(ag.derive(z, x).lines, z, x, 1e-3) > 1
        assert Latex(str(ag.latex(z)), symbols(z, x)[1]).value() == pytest.approx(z.data, rel=1e-9, abs=0.0)


def test_a_step_that_is_true_stays() -> None:
    x = Value(40.0, name="x")
    assert ag.derive(1 - ag.sigmoid(x), x).lines[-1].text == (
        "dz/dx = -sigmoid'(x) = -1 * (sigmoid(x) * sigmoid(-x)) = -1 * (sigmoid(40) * sigmoid(-40)) ≈ -4.24835e-18"
    )
    x = Value(4.0, name="x")
    assert ag.derive(1 - ag.sigmoid(x), x).lines[-1].text == (
        "dz/dx = -sigmoid'(x) = -sigmoid(x) * (1 - sigmoid(x)) = -sigmoid(4) * (1 - sigmoid(4)) ≈ -0.0176627"
    )


def test_a_logarithm_of_rounding_errors_is_not_one_of_zero() -> None:
    x = Value(2.0, name="x")
    z = ag.log((0.1 * x) * 3 - 0.3 * x)
    assert str(ag.latex(z)) == r"\ln\left(0.1 x \cdot 3 - 0.3 x\right)"
    assert all(
        value_of_text(step.text, symbols(z, x)[0]) == pytest.approx(line.value, rel=1e-9)
        for line in ag.derive(z, x, digits=None).lines
        for _, step in line.steps
    )


def test_the_root_of_minus_zero_falls() -> None:
    x = Value(-0.0, name="x")
    with ag.op.quiet():
        assert ag.derive(ag.sqrt(x), x).lines[1].text == "dz/dx = 1 / 2 / z = 1 / 2 / (-0) = -inf"


def test_what_in_no_way_comes_to_the_number_is_left_out() -> None:
    x = Value(1.0, name="x")
    (line,) = ag.derive(ag.sum([x, -math.inf, math.inf]), x).lines[:1]
    assert line.text == "z = x - inf + inf = 1 - inf + inf = nan"
    h = Value(1e-9, name="h")
    x = Value(2.0, name="x")
    last = ag.derive(((x + h) ** 2 - x**2) / h, x).lines[-1]
    assert last.text == "dz/dx = 2"


def test_what_python_refuses_to_compute_is_not_shown() -> None:
    x, y = Value(1.00000001, name="x"), Value(1.0, name="y")
    assert ag.derive(1 / (x - y), x).lines[-1].value == pytest.approx(-1e16, rel=1e-7)
