"""Derivatives multiplied out: only where something cancels, and then what is left has its common factors in front."""

from __future__ import annotations

from random import Random

import pytest
from formulas.derivation.test_derive import check, closed

import autograd_core as ag
from autograd_core import Value


def values(**numbers: float) -> list[Value]:
    return [Value(number, name=name) for name, number in numbers.items()]


def test_logistic_regression_comes_to_prediction_less_truth() -> None:
    w, b, x, y = values(w=0.5, b=0.1, x=2.0, y=1.0)
    a = ag.sigmoid(w * x + b)
    a.name = "a"
    assert closed(-(y * ag.log(a) + (1 - y) * ag.log(1 - a)), w) == "-(y - a) * x"


def test_over_samples_too() -> None:
    w, b = values(w=0.5, b=0.1)
    cost = Value(0.0)
    for i, y in enumerate((1.0, 0.0, 1.0), 1):
        x, target = values(**{f"x[{i}]": 0.5 * i, f"y[{i}]": y})
        a = ag.sigmoid(w * x + b)
        a.name = f"a[{i}]"
        cost -= target * ag.log(a) + (1 - target) * ag.log(1 - a)
    assert closed(cost, w) == "-sum((y[i] - a[i]) * x[i], i=1..3)"


def test_a_sum_over_samples_stays_one() -> None:
    w, b = values(w=0.5, b=0.1)
    points = [values(**{f"x[{i}]": 0.2 * i, f"y[{i}]": 0.3 * i}) for i in range(1, 6)]
    cost = ag.mean([(w * x + b - y) ** 2 for x, y in points])
    assert closed(cost, b) == "0.4 * sum(w * x[i] + b - y[i], i=1..5)"
    assert closed(cost, w) == "0.4 * sum((w * x[i] + b - y[i]) * x[i], i=1..5)"


def test_what_does_not_get_shorter_stays_as_it_is() -> None:
    a, b, x = values(a=2.0, b=3.0, x=0.7)
    for z, formula in (
        (x * (a + b), "a + b"),
        (x * x * (a + b), "2 * x * (a + b)"),
        (x * (x + a) * (x + b), "(2 * x + a) * (x + b) + x * (x + a)"),
        (ag.square(x - a) * (x + b), "2 * (x - a) * (x + b) + (x - a)**2"),
    ):
        assert closed(z, x) == formula


def test_of_a_product_one_sum_is_multiplied_out() -> None:
    (x,) = values(x=0.7)
    assert closed(ag.log(x / (1 - x)), x) == "1 / (x * (1 - x))"
    assert closed(x**2 * ag.exp(x), x) == "(2 + x) * x * exp(x)"
    assert closed(x * ag.sigmoid(x), x) == "(1 + x - x * sigmoid(x)) * sigmoid(x)"
    assert closed(ag.sigmoid(x), x) == "sigmoid(x) * (1 - sigmoid(x))"


def test_what_cancels_is_left_out() -> None:
    a, b, x = values(a=2.0, b=3.0, x=0.7)
    for z, formula in (
        (x * (a + x) - x * x, "a"),
        (x * (1 - a) - x + x * b, "-a + b"),
        ((x + a) * (x - a), "2 * x"),
    ):
        assert closed(z, x) == formula


@pytest.mark.parametrize("seed", range(40))
def test_products_of_sums_come_to_the_same(seed: int) -> None:
    rng = Random(seed)
    leaves = values(x=0.7, y=-1.3, w=2.1)
    nodes = list(leaves)
    for _ in range(4 + seed % 6):
        a, b = rng.choice(nodes[-3:]), rng.choice(nodes)
        nodes.append(rng.choice([a * b, a + b, a - b, 1 - a, a * (1 - b), a * b - b]))
    z = nodes[-1] * leaves[0]
    check(ag.derive(z, leaves[0], digits=None).lines, z, leaves[0], 1e-9)


def test_fractions_come_over_one_line_where_that_is_shorter() -> None:
    x, y, k = values(x=1.5, y=0.5, K=2.0)
    for z, formula in (
        (x / (1 + x), "1 / (1 + x)**2"),
        ((x - 1) / (x + 1), "2 / (x + 1)**2"),
        (x / (x**2 + 1), "(1 - x**2) / (x**2 + 1)**2"),
        (y * x / (k + x), "y * K / (K + x)**2"),
        (x**3 / (k**3 + x**3), "3 * x**2 * K**3 / (K**3 + x**3)**2"),
        (x * y / (x - y), "-y**2 / (x - y)**2"),
        (ag.sqrt(x) / (1 + x), "(1 - x) / (2 * (1 + x)**2 * sqrt(x))"),
        (ag.sin(x) / x, "cos(x) / x - sin(x) / x**2"),
        (1 / x + 1 / x**2, "-1 / x**2 - 2 / x**3"),
    ):
        assert closed(z, x) == formula


def test_fractions_that_cancel_are_nothing() -> None:
    x, y = values(x=1.5, y=0.5)
    assert ag.derive(x / (x + y) + y / (x + y), x).lines[-1].text == (
        "dz/dx = 1 / (x + y) - x / (x + y)**2 - y / (x + y)**2 = 0"
    )
