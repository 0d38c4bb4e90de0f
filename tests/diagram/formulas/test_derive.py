"""Derivations: every step of every line evaluates to the engine's number, and lectures' examples look as there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from diagram.formulas.readers import Latex, value_of_text
from test_ops import points, variables

import autograd_core as ag
from autograd_core import Value
from autograd_core.backprop import rates_of
from autograd_core.diagram.formulas.deriver import Deriver
from autograd_core.diagram.formulas.lines import Line
from autograd_core.errors import DiagramError, NumberError, StaleGraphError
from autograd_core.graph import ancestors
from nn import MLP, half_mse

UNARY = [
    "sin",
    "cos",
    "tanh",
    "atan",
    "sigmoid",
    "softplus",
    "erf",
    "neg",
    "exp",
    "square",
    "silu",
    "norm_cdf",
    "abs",
    "sinh",
    "reciprocal",
    "sqrt",
    "log",
    "log1p",
    "cbrt",
]
BINARY = ["add", "sub", "mul", "div", "hypot", "logaddexp", "maximum", "atan2"]
NARY = ["sum", "mean", "prod", "dot", "logsumexp", "norm", "max"]


def random_expression(seed: int) -> tuple[Value, list[Value]]:
    """Up to twelve ops on three leaves, some of the nodes with names; moderate in size."""
    rng = Random(seed)
    leaves = [Value(round(rng.uniform(-2.0, 2.0), 2), name=name) for name in ("x", "y_1", "layer 1/n2/w3")]
    nodes: list[Any] = list(leaves)
    while len(nodes) < 5 + seed % 10:
        a, b, c = rng.choice(nodes[-4:]), rng.choice(nodes), rng.choice(nodes)
        kind = rng.random()
        try:
            if kind < 0.45:
                new = getattr(ag, rng.choice(UNARY), None) or ag.TABLE["neg"]
                new = new(a)
            elif kind < 0.75:
                new = ag.TABLE[rng.choice(BINARY)](a, b)
            elif kind < 0.85:
                new = a * round(rng.uniform(-3, 3), 1) - rng.choice([1.0, 0.5, b])
            elif kind < 0.9:
                new = a ** rng.choice([2, 3, -1, 2.0])
            else:
                name = rng.choice(NARY)
                new = ag.dot([a, b], [c, 2.5]) if name == "dot" else getattr(ag, name)([a, b, c])
        except (ValueError, ArithmeticError):
            continue
        if 1e-3 < abs(new.data) < 50.0 and new.inputs:
            if rng.random() < 0.3:
                new.name = f"u_{len(nodes)}"
            nodes.append(new)
    return nodes[-1], leaves


def symbols(z: Value, x: Value) -> tuple[dict[str, float], dict[str, float]]:
    """What every name and every derivative in a derivation stands for, in text and in LaTeX."""
    writer = Deriver(z, None)
    texts = {writer.names[node].text: node.data for node in writer.order}
    latexes = {writer.names[node].latex: node.data for node in writer.order}
    gradients = ag.backprop(z, [x]).entries
    edges = [(node, y) for node in writer.order for y in node.inputs if isinstance(y, Value)]
    rates = [(node, y, rates_of(node).get(y, 0.0)) for node, y in edges]
    for above, below, number in [*rates, *[(z, node, gradient) for node, gradient in gradients.items()]]:
        derivative = writer._derivative(writer.names[above], writer.names[below])
        texts[derivative.text] = latexes[derivative.latex] = number
    return texts, latexes


def check(lines: Iterable[Line], z: Value, x: Value, tolerance: float) -> int:
    """Read every step of every line back; how many there were."""
    texts, latexes = symbols(z, x)
    count = 0
    for line in lines:
        for _, step in line.steps:
            near = {"rel": tolerance, "abs": tolerance * max(1.0, abs(line.value))}
            assert value_of_text(step.text, texts) == pytest.approx(line.value, **near), (line.text, step.text)
            assert Latex(step.latex, latexes).value() == pytest.approx(line.value, **near), (line.latex, step.latex)
            count += 1
    return count


@pytest.mark.parametrize("op", ag.TABLE.values(), ids=ag.TABLE)
def test_every_op_is_written_so_that_it_can_be_read_back(op: ag.Op) -> None:
    for point in points(op, 3):
        inputs = [Value(x, name=f"x_{k}") if k in variables(op, point) else x for k, x in enumerate(point)]
        z = ag.dot(inputs[:2], inputs[2:]) if op.name == "dot" else op(*inputs)
        for x in inputs:
            if isinstance(x, Value):
                check(ag.derive(z, x, digits=None).lines, z, x, 1e-9)


@pytest.mark.parametrize("seed", range(200))
def test_every_line_evaluates_to_the_engines_number(seed: int) -> None:
    z, leaves = random_expression(seed)
    x = next(leaf for leaf in leaves if leaf in ancestors(z))
    derivation = ag.derive(z, x, digits=None)
    assert check(derivation.lines, z, x, 1e-9) >= 3
    gradient = ag.backprop(z, [x])[x]
    assert derivation.lines[-1].value == gradient
    assert "≈" not in repr(derivation)
    nodes = [node for node in ancestors(z) if node.inputs]
    assert [line.value for line in derivation.lines[: len(nodes)]] == [node.data for node in nodes]
    _, latexes = symbols(z, x)
    assert Latex(str(ag.latex(z)), latexes).value() == pytest.approx(z.data, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(0, 200, 10))
def test_numbers_with_few_digits_are_near_and_say_so(seed: int) -> None:
    z, leaves = random_expression(seed)
    x = next(leaf for leaf in leaves if leaf in ancestors(z))
    derivation = ag.derive(z, x)
    check(derivation.lines, z, x, 1e-2)
    for line in derivation.lines:
        assert line.text.endswith(f"{'=' if float(f'{line.value:.6g}') == line.value else '≈'} {line.value:.6g}")


def test_the_lectures_question() -> None:
    """Seed 004: what is the derivative of ln(3x²)?"""
    x = Value(2.0, name="x")
    derivation = ag.derive(ag.log(3 * x**2), x)
    assert derivation.lines[-1].text == "dz/dx = 6 * log'(3 * x**2) * x = 2 / x = 2 / 2 = 1"
    assert (
        derivation.lines[-1].latex
        == r"\frac{d z}{d x} &= 6 \ln'\left(3 x^{2}\right) \cdot x = \frac{2}{x} = \frac{2}{2} = 1"
    )
    assert r"\frac{d z}{d v_{2}} \cdot \frac{d v_{2}}{d v_{1}}" in derivation.latex


def test_a_neuron_in_the_lectures_form() -> None:
    """Seed 001 with one weight: (a - 1) σ'(z) a0, where σ'(z) = a (1 - a)."""
    w, b, a0 = Value(0.5, name="w"), Value(-0.1, name="b"), Value(0.8, name="a0")
    a1 = ag.sigmoid(w * a0 + b)
    a1.name = "a1"
    cost = (a1 - 1) ** 2 / 2
    cost.name = "C"
    lines = [line.text for line in ag.derive(cost, w).lines]
    assert lines[-1] == (
        "dC/dw = (a1 - 1) * sigmoid'(w * a0 + b) * a0 = (a1 - 1) * a1 * (1 - a1) * a0 "
        "≈ (0.574443 - 1) * 0.574443 * (1 - 0.574443) * 0.8 ≈ -0.0832249"
    )
    assert "dC/dv2 = dC/da1 * da1/dv2 = dC/da1 * sigmoid'(v2) = dC/da1 * a1 * (1 - a1) ≈" in lines[9]


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


@pytest.mark.parametrize("weight", TEN_FORMULAS)
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
    assert ag.derive(w * x[0] + w * x[1] + w * x[2], w).lines[-1].text.startswith("dz/dw = sum(x[i], i=1..2) + x[4] =")
    assert ag.derive(w * x[0] + w * x[1], w).lines[-1].text.startswith("dz/dw = sum(x[i], i=1..2) =")
    assert ag.derive(w * x[0] + w * x[1] * 2, w).lines[-1].text.startswith("dz/dw = x[1] + 2 * x[2] =")


def test_names_of_networks_are_the_lectures() -> None:
    net = MLP(2, [2, 1], "sigmoid", seed=1)
    cost = half_mse(net([0.1, 0.2]), 1.0)
    derivation = ag.derive(cost, net.layers[0].neurons[0].w[1])
    assert r"\frac{\partial z}{\partial w_{12}^{(1)}}" in derivation.latex
    assert "z_1^(2) = v3 + b_1^(2)" in repr(derivation)


def test_names_that_would_be_written_alike_are_told_apart() -> None:
    a, b = Value(2.0, name="layer 1/n3/w5"), Value(3.0, name="w_35^(1)")
    derivation = ag.derive(a * b, a)
    assert derivation.lines[0].text == 'z = w_35^(1) * "w_35^(1)" = 2 * 3 = 6'
    assert derivation.lines[0].steps[0][1].latex == r"w_{35}^{(1)} \cdot \text{``w\_35$\wedge$(1)''}"
    for names in (
        ("x1", "x_1", "x₁", "x[1]", "x_1 (2)"),
        ("µ", "μ"),
        ("mu", "μ"),
        ("pi", "π"),
        ("phi", "φ", "ϕ"),
        ("Ω", "Ω", "Omega"),
        ("Å", "Å"),
        ("a b", "a  b"),
    ):
        leaves = [Value(2.0 + k, name=name) for k, name in enumerate(names)]
        written = Deriver(ag.prod(leaves), None).names
        assert (
            len({written[leaf].latex for leaf in leaves}) == len({written[leaf].text for leaf in leaves}) == len(names)
        )


def test_the_forward_pass_alone() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(ag.sin(x) * 3)) == "v1 = sin(x) = sin(2) ≈ 0.909297\nz = 3 * v1 ≈ 3 * 0.909297 ≈ 2.72789"


def test_what_z_does_not_depend_on_is_explained() -> None:
    z, x = Value(2.0, name="a") * 3, Value(1.0, name="x")
    assert ag.derive(z, x).lines[-1].text == "dz/dx = 0, as z does not depend on x"
    assert ag.derive(x, x).lines[-1].text == "dx/dx = 1"


def test_lines_are_as_many_as_nodes() -> None:
    z = x = Value(1.0, name="x")
    for k in range(2_000):
        z = ag.sin(z) if k % 2 else z * 1.01
    derivation = ag.derive(z, x)
    assert len(derivation.lines) == 4_000
    assert len(repr(derivation)) < 1_000_000
    with pytest.raises(DiagramError, match=r"3,\d\d\d parts, more than anybody reads.*derive\(z\)"):
        ag.latex(z)


def test_what_is_used_twice_again_and_again_is_not_written_out() -> None:
    z = x = Value(0.5, name="x")
    for _ in range(60):
        z = ag.sin(z) + ag.cos(z)
    assert len(ag.derive(z, x).lines) == 3 * 60 * 2
    with pytest.raises(DiagramError, match=r"e\+\d\d parts"):
        ag.latex(z)
    z.name = "u"
    assert str(ag.latex(z * x)) == r"u \cdot x"


@pytest.mark.parametrize("op", ["prod", "logsumexp", "norm", "sum"])
def test_an_op_of_thousands_is_put_together_at_once(op: str) -> None:
    leaves = [Value(1.0 + 1e-5 * k, name=f"x_{k}") for k in range(4_000)]
    z = getattr(ag, op)(leaves)
    first, *_, last = ag.derive(z, leaves[7]).lines
    assert first.text.count("x_") == 4_000
    assert last.value == pytest.approx(ag.backprop(z, leaves)[leaves[7]])


def test_a_wide_node_is_written_once_for_each_use() -> None:
    net = MLP(300, [20, 1], "sigmoid", seed=1)
    cost = half_mse(net([0.5] * 300), 1.0)
    assert len(ag.derive(cost, net.layers[0].neurons[3].w[7]).lines) < 80


@pytest.mark.parametrize(
    "name", ["a\nb", "<b>", "$x$", "100 %", "\\input{x}", "x_{1", "}", "\u202e", "x^2", "é", "naïve_1", "_"]
)
def test_hostile_names_are_text_in_latex(name: str) -> None:
    x = Value(2.0, name=name)
    derivation = ag.derive(x * x, x)
    for text in (derivation.latex, str(ag.latex(x * 3))):
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
        assert all(c.isprintable() or c == "\n" for c in text)
        assert r"\input" not in text.replace(r"\textbackslash{}", "")
        assert not re.sub(r"\$(\\[a-z]+|[<>|])\$", "", text.replace(r"\$", "")).count("$")
        assert "%" not in text.replace(r"\%", "")


@pytest.mark.parametrize("digits", [0, -1, 18, 1.5, True, math.inf, "10"])
def test_digits_are_counted_by_whole_numbers(digits: object) -> None:
    with pytest.raises(DiagramError, match="digits must be a whole number from 1 to 17, got"):
        ag.derive(Value(1.0, name="x") * 2, digits=digits)


@pytest.mark.parametrize("given", [(1.0,), ("z",), (Value(1.0), 2.0), (None, None)])
def test_only_values_are_derived(given: tuple[Any, ...]) -> None:
    with pytest.raises(NumberError, match="derive takes Values"):
        ag.derive(*given)
    with pytest.raises(NumberError, match="latex takes a Value"):
        ag.latex(given)


def test_a_stale_graph_is_refused() -> None:
    x = Value(1.0)
    z = x * 2
    x.data = 3.0
    with pytest.raises(StaleGraphError):
        ag.derive(z, x)


def test_numbers_that_are_none_are_shown() -> None:
    x = Value(0.0, name="x")
    with ag.op.quiet():
        z = ag.sqrt(x)
    assert "inf" in repr(ag.derive(z, x))
    assert r"\infty" in ag.derive(z, x).latex
    assert math.isinf(ag.derive(z, x).lines[-1].value)


def test_a_softmax_has_one_logarithm_of_a_sum() -> None:
    a, b, c = Value(1.0, name="a"), Value(2.0, name="b"), Value(-1.0, name="c")
    assert ag.latex(ag.log_softmax([a, b, c])[0]) == (
        r"\operatorname{log\_sigmoid}\left(a - \ln\left(e^{c} + e^{b}\right)\right)"
    )
    assert (
        ag.latex(ag.logsumexp([a, ag.logaddexp(b, ag.logaddexp(c, 0.0))]))
        == r"\ln\left(e^{a} + e^{b} + e^{c} + e^{0}\right)"
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
    assert (
        repr(ag.derive(ag.norm([a, b, c]), a)).splitlines()[-1]
        == "dz/da = unit(a, hypot(c, b)) = unit(1, hypot(-1, 2)) ≈ 0.408248"
    )


def test_a_derivation_that_nobody_would_read_is_refused_at_once() -> None:
    z = x = Value(1.0)
    for _ in range(60_000):
        z = z + 1e-6
    with pytest.raises(DiagramError, match=r"60,001 values, more than anybody reads \(50,000\).*inner node"):
        ag.derive(z, x)


def test_a_leaf_is_its_own_formula() -> None:
    x = Value(2.0, name="x")
    assert str(ag.latex(x)) == "x"
    assert repr(ag.derive(x)) == "x = 2"
    assert repr(ag.derive(x, x)) == "x = 2\ndx/dx = 1"


def test_nothing_is_said_twice() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(x * x, x)).splitlines() == ["z = x**2 = 2**2 = 4", "dz/dx = 2 * x = 2 * 2 = 4"]
    assert ag.derive(x * x, x).needs == ["x"]


def test_deep_formulas_are_derived_line_by_line() -> None:
    z = x = Value(0.5, name="x")
    for _ in range(2_000):
        z = ag.sin(z)
    assert len(ag.derive(z, x).lines) == 2 * 2_000
    with pytest.raises(DiagramError, match="parts, more than anybody reads"):
        ag.latex(z)
    for _ in range(100):
        x = ag.sin(x)
    with pytest.raises(DiagramError, match="101 levels of nesting"):
        ag.latex(x)


def test_a_formula_of_more_parts_than_floats_can_count_is_refused() -> None:
    z = Value(0.5, name="x") * 1e-9
    for _ in range(20):
        z = ag.prod([z] * 10**3) + 1.0
    with pytest.raises(DiagramError, match="parts, more than anybody reads"):
        ag.latex(z)


@pytest.mark.parametrize("name", ["x+y", "-x", "2x", "a b", "a/b", "x,y", "2", "e", "inf", 'q"', "f(x)"])
def test_a_name_that_is_no_word_stands_in_quotation_marks(name: str) -> None:
    a, y = Value(2.0, name=name), Value(3.0, name="y")
    quoted = '"{}"'.format(name.replace('"', r"\""))
    assert repr(ag.derive(y - a * 4)).splitlines()[0] == f"v1 = 4 * {quoted} = 4 * 2 = 8"
    assert str(ag.latex(a**2 + y)) == rf"\text{{``{name}''}}^{{2}} + y"


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
        assert "0.3 - 0.3" in ag.derive(z, x).lines[-1].text
    assert str(ag.latex(cancelled)) == "0.3 x - 0.3 x"
    assert str(ag.latex(0.1 * x + 0.2 * x)) == "0.3 x"


def test_an_index_is_a_whole_number_and_its_letter_is_in_no_name() -> None:
    w, y = Value(3.0, name="w"), Value(2.0, name="y_i")
    odd = [Value(5.0, name="x[01]"), Value(1.0, name="x[1]"), Value(2.0, name="x[2]")]
    assert ag.derive(w * (odd[0] + odd[2]), w).lines[-1].text == "dz/dw = x[01] + x[2] = 5 + 2 = 7"
    assert "x[01] + sum(x[i], i=1..2)" in ag.derive(w * ag.sum(odd), w).lines[-1].text
    assert "sum(y_i**x[j], j=1..2)" in ag.derive(w * ag.sum([y**a for a in odd[1:]]), w).lines[-1].text


def test_the_chain_rule_is_shown_also_where_numbers_are_equal() -> None:
    k = Value(3.0, name="k")
    lines = repr(ag.derive(ag.relu(k * k), k)).splitlines()
    assert lines[-2] == "dz/dk = dz/dv1 * dv1/dk = 2 * dz/dv1 * k = 2 * 1 * 3 = 6"


def test_a_name_like_a_power_is_none() -> None:
    a, x = Value(5.0, name="x^2"), Value(2.0, name="x")
    assert str(ag.latex(a + x**2)) == r"\text{``x$\wedge$2''} + x^{2}"


def test_a_sum_that_no_float_can_hold_stays_a_sum() -> None:
    q = Value(1e-10, name="q")
    z = q * 1e308 + q * 1e308 - q * 1e308
    assert ag.derive(z, q).lines[-1].text == "dz/dq = 1e+308 + 1e+308 - 1e+308 = 1e+308"


def test_numbers_are_put_together_as_they_were_meant() -> None:
    q = Value(10.0, name="q")
    assert repr(ag.derive(0.1 * q + 0.2 * q, q)).splitlines()[-1] == "dz/dq = 0.3"
    assert str(ag.latex((q / 3) * 0.3)) == r"0.1 q"
    assert str(ag.latex(0.1 * q / 3)) == r"\frac{q}{30}"
    assert str(ag.latex(q * 0.125 + q * q * 0.2)) == r"\frac{q}{8} + 0.2 q^{2}"
    assert str(ag.latex(q * math.log(2) + 3e15)) == "0.6931471805599453 q + 3000000000000000"


def test_numbers_in_formulas_are_cut_as_well_and_say_so() -> None:
    q = Value(10.0, name="q")
    z = ag.sin(q * math.log(2))
    assert repr(ag.derive(z, q, digits=3)).splitlines() == [
        "v1 ≈ 0.693 * q ≈ 0.693 * 10 ≈ 6.93",
        "z = sin(v1) ≈ sin(6.93) ≈ 0.604",
        "dz/dv1 = sin'(v1) = cos(v1) ≈ cos(6.93) ≈ 0.797",
        "dz/dq = dz/dv1 * dv1/dq ≈ 0.693 * dz/dv1 ≈ 0.693 * 0.797 ≈ 0.553",
        "dz/dq ≈ 0.693 * sin'(0.693 * q) ≈ 0.693 * cos(0.693 * q) ≈ 0.693 * cos(0.693 * 10) ≈ 0.553",
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
        "dz/dx = y * (1 / 2 / sqrt(x * 0) * 0) = 3 * (1 / 2 / sqrt(0 * 0) * 0) = nan",
    ]
    assert repr(ag.derive(n * n, n)).splitlines()[-1] == "dz/dn = n + n = nan + nan = nan"


def test_what_is_computed_is_shown_even_if_it_is_nothing() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(x - x)) == "z = x - x = 2 - 2 = 0"
    assert repr(ag.derive(ag.sin(x / x))).splitlines()[0] == "v1 = x / x = 2 / 2 = 1"
    assert str(ag.latex(ag.sin(x * 0.0))) == r"\sin\left(x \cdot 0\right)"


def test_a_kink_is_decided_where_it_is() -> None:
    x, y = Value(1.5, name="x"), Value(2.0, name="y")
    for z, last in (
        (ag.elu(x * y), "dz/dx = y = 2"),
        (ag.elu(-x * y), "dz/dx = -exp(-x * y) * y = -exp(-1.5 * 2) * 2 ≈ -0.0995741"),
        (ag.max([x, y, x * y]), "dz/dx = y = 2"),
        (ag.max([x, x, 1.0]), "dz/dx = 1"),
        (ag.where(y > x, x * x, ag.sqrt(x)), "dz/dx = 2 * x = 2 * 1.5 = 3"),
    ):
        assert repr(ag.derive(z, x)).splitlines()[-1] == last


def test_a_side_that_is_not_taken_contributes_nothing() -> None:
    x = Value(0.0, name="x")
    with ag.op.quiet():
        z = ag.where(x > 0, ag.sqrt(x), x)
    assert repr(ag.derive(z, x)).splitlines() == [
        "v1 = sqrt(x) = sqrt(0) = 0",
        "z = where(0, v1, x) = where(0, 0, 0) = 0",
        "dz/dx = 1",
    ]
    y = Value(1.0, name="y")
    assert ag.derive(ag.where(1, y, x), x).lines[-1].text == "dz/dx = 0"


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
            "2 * w * sum(y[i], i=1..2) * sum(x[i], i=1..3)",
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
