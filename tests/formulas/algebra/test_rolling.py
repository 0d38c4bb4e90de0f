"""Sums over samples are rolled up, in the lecture's form, and mean what was computed."""

from __future__ import annotations

import math
from random import Random

import pytest
from formulas.derivation.test_derive import check
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import ancestors


def sine_regression(n: int) -> tuple[Value, dict[str, Value]]:
    """Seed 004: J = (1/2n) Σ (y - ŷ)² of a network with three sigmoid neurons, with the lecture's names."""
    rng = Random(4)
    names = [*[f"w_1{k}^(2)" for k in range(4)], *[f"w_{j}{k}^(1)" for j in (1, 2, 3) for k in range(2)]]
    w = {name: Value(round(rng.uniform(-1.0, 1.0), 2), name=name) for name in names}
    errors = []
    for i in range(1, n + 1):
        x, y = Value(0.5 * i, name=f"x[{i}]"), Value(round(math.sin(0.5 * i), 2), name=f"y[{i}]")
        y_hat = w["w_10^(2)"]
        for j in (1, 2, 3):
            z = w[f"w_{j}0^(1)"] + w[f"w_{j}1^(1)"] * x
            z.name = f"z_{j}^(1)[{i}]"
            y_hat = y_hat + w[f"w_1{j}^(2)"] * ag.sigmoid(z)
        y_hat.name = f"ŷ[{i}]"
        errors.append((y - y_hat) ** 2)
    cost = ag.sum(errors) / (2 * Value(float(n), name="n"))
    cost.name = "J"
    return cost, w


ERROR = "(y[i] - ŷ[i])"


TEN_FORMULAS = {
    "w_10^(2)": ("-1 / n * sum(y[i] - ŷ[i], i=1..3)", ["n", "y[i]", "ŷ[i]"]),
    **{
        f"w_1{j}^(2)": (
            f"-1 / n * sum({ERROR} * sigmoid(z_{j}^(1)[i]), i=1..3)",
            ["n", "y[i]", "ŷ[i]", f"z_{j}^(1)[i]"],
        )
        for j in (1, 2, 3)
    },
    **{
        f"w_{j}0^(1)": (
            f"-w_1{j}^(2) / n * sum({ERROR} * sigmoid'(z_{j}^(1)[i]), i=1..3)",
            ["n", f"w_1{j}^(2)", "y[i]", "ŷ[i]", f"z_{j}^(1)[i]"],
        )
        for j in (1, 2, 3)
    },
    **{
        f"w_{j}1^(1)": (
            f"-w_1{j}^(2) / n * sum({ERROR} * sigmoid'(z_{j}^(1)[i]) * x[i], i=1..3)",
            ["n", f"w_1{j}^(2)", "y[i]", "ŷ[i]", f"z_{j}^(1)[i]", "x[i]"],
        )
        for j in (1, 2, 3)
    },
}


@pytest.mark.parametrize("weight", slow(TEN_FORMULAS, but=["w_10^(2)", "w_21^(1)"]))
def test_the_ten_formulas_of_the_sine_lecture(weight: str) -> None:
    """Seed 004: "alle Ableitungen auf einen Blick", and what is needed for each."""
    cost, w = sine_regression(3)
    derivation = ag.derive(cost, w[weight])
    formula, needs = TEN_FORMULAS[weight]
    assert derivation.lines[-1].steps[0][1].text == formula
    assert derivation.needs == needs
    # the lecture's formula in plain arithmetic
    given = {node.name: node.data for node in ancestors(cost) if node.name}
    total = 0.0
    for i in (1, 2, 3):
        error = given[f"y[{i}]"] - given[f"ŷ[{i}]"]
        if weight.endswith("(2)"):
            j = int(weight[3])
            total += error * (1.0 if j == 0 else ag.sigmoid(given[f"z_{j}^(1)[{i}]"]))
        else:
            j, k = int(weight[2]), int(weight[3])
            g = ag.sigmoid(given[f"z_{j}^(1)[{i}]"])
            total += given[f"w_1{j}^(2)"] * error * g * (1.0 - g) * (given[f"x[{i}]"] if k else 1.0)
    assert derivation.lines[-1].value == pytest.approx(-total / 3, rel=1e-13)
    check(ag.derive(cost, w[weight], digits=None).lines, cost, w[weight], 1e-12)


def test_a_sum_over_samples_in_latex() -> None:
    cost, w = sine_regression(12)
    line = ag.derive(cost, w["w_21^(1)"]).lines[-1].latex
    assert line.startswith(
        r"\frac{\partial J}{\partial w_{21}^{(1)}} &= -\frac{w_{12}^{(2)}}{n} \sum_{i=1}^{12} "
        r"\left(y_{i} - \hat{y}_{i}\right) \cdot \sigma'\left(z_{2, i}^{(1)}\right) \cdot x_{i} \\" + "\n&= "
    )


def test_an_incomplete_sum_is_written_out() -> None:
    x = [Value(float(k), name=f"x[{k}]") for k in (1, 2, 4)]
    w = Value(2.0, name="w")
    assert ag.derive(w * x[1] + w * x[2], w).lines[-1].text.startswith("dz/dw = x[2] + x[4] =")
    assert ag.derive(w * x[0] + w * x[1] + w * x[2], w).lines[-1].text.startswith("dz/dw = x[1] + x[2] + x[4] =")
    assert ag.derive(w * x[0] + w * x[1], w).lines[-1].text.startswith("dz/dw = sum(x[i], i=1..2) =")
    assert ag.derive(w * x[0] + w * x[1] * 2, w).lines[-1].text.startswith("dz/dw = x[1] + 2 * x[2] =")


def test_an_index_is_a_whole_number_and_its_letter_is_in_no_name() -> None:
    w, y = Value(3.0, name="w"), Value(2.0, name="y_i")
    odd = [Value(5.0, name="x[01]"), Value(1.0, name="x[1]"), Value(2.0, name="x[2]")]
    assert ag.derive(w * (odd[0] + odd[2]), w).lines[-1].text == "dz/dw = x[01] + x[2] = 5 + 2 = 7"
    assert "x[01] + sum(x[i], i=1..2)" in ag.derive(w * ag.sum(odd), w).lines[-1].text
    assert "sum(y_i**x[j], j=1..2)" in ag.derive(w * ag.sum([y**a for a in odd[1:]]), w).lines[-1].text


def indexed(letter: str, n: int) -> list[Value]:
    return [Value(0.1 * k + 0.3, name=f"{letter}[{k}]") for k in range(1, n + 1)]


def test_sums_over_an_index_can_be_read_back() -> None:
    x, y, w, i = indexed("x", 3), indexed("y", 2), Value(0.5, name="w"), Value(1.5, name="i")
    xi = Value(0.7, name="x[i]")
    cases = {
        "sum(x[i], i=1..3) * w": (ag.sum([w * w * a for a in x]) / 2, "w * sum(x[i], i=1..3)"),
        "squared": (ag.sum([w * a for a in x]) ** 2, "2 * w * sum(x[i], i=1..3)**2"),
        "two": (
            ag.sum([w * a for a in x]) * ag.sum([w * b for b in y]),
            "2 * w * sum(x[i], i=1..3) * sum(y[i], i=1..2)",
        ),
        "below": (
            ag.sin(w) / (ag.sum([w * a for a in x]) * ag.sum([ag.sin(w) * b for b in y])),
            None,
        ),
        "i is taken": (ag.sum([w * a * i for a in x]), "i * sum(x[j], j=1..3)"),
        "x[i] is taken": (ag.sum([w * a * xi for a in x]), "x[i] * sum(x[j], j=1..3)"),
        "nested": (
            ag.sum([ag.exp(a * ag.sum([w * b for b in y])) for a in x]),
            "sum(y[i], i=1..2) * sum(exp(x[j] * w * sum(y[i], i=1..2)) * x[j], j=1..3)",
        ),
    }
    for z, formula in cases.values():
        derivation = ag.derive(z, w, digits=None)
        assert formula is None or derivation.lines[-1].steps[0][1].text == formula
        check(derivation.lines, z, w, 1e-9)


def test_a_sum_in_brackets_that_has_no_index_is_not_lost() -> None:
    x = Value(0.5, name="x")
    u = ag.sin(x) + ag.exp(x)
    z = u + 1.2 * u - 2.2 * u
    assert check(ag.derive(z, x, digits=None).lines, z, x, 1e-9)


def test_without_a_letter_that_is_free_terms_stay_as_they_are() -> None:
    names = [Value(0.5, name=letter) for letter in "ijklmnpqrst"]
    x = [Value(0.1 * k, name=f"x[{k}]") for k in (1, 2, 3)]
    z = ag.prod(names) * names[0] * ag.sum([ag.sin(a) for a in x])
    assert "sin(x[1]) + sin(x[2]) + sin(x[3])" in ag.derive(z, names[0]).lines[-1].text


def test_an_index_may_begin_at_0() -> None:
    w = Value(0.3, name="w")
    x = [Value(0.5 + k, name=f"x[{k}]") for k in range(4)]
    z = ag.sum([ag.square(w * a) for a in x])
    line = ag.derive(z, w).lines[-1]
    assert line.steps[0][1].text == "2 * w * sum(x[i]**2, i=0..3)"
    assert line.steps[0][1].latex == r"2 w \sum_{i=0}^{3} x_{i}^{2}"
    check(ag.derive(z, w, digits=None).lines, z, w, 1e-12)
    from_two = ag.sum([ag.square(w * a) for a in x[2:]])
    assert "i=" not in ag.derive(from_two, w).lines[-1].text
