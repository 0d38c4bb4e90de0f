"""Derivations: every step of every line evaluates to the engine's number, and lectures' examples look as there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from formulas.readers import Latex, value_of_text
from marks import slow
from test_ops import points, variables

import autograd_core as ag
from autograd_core import Value
from autograd_core.backprop import rates_of
from autograd_core.domain import REAL
from autograd_core.errors import DiagramError, NumberError, StaleGraphError
from autograd_core.formulas.derivation.lines import Line
from autograd_core.formulas.derivation.terms import Terms
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
    terms = Terms(z, None)
    texts = {terms.names[node].text: node.data for node in terms.order}
    latexes = {terms.names[node].latex: node.data for node in terms.order}
    gradients = ag.backprop(z, [x]).entries
    edges = [(node, y) for node in terms.order for y in node.inputs if isinstance(y, Value)]
    rates = [(node, y, rates_of(node).get(y, 0.0)) for node, y in edges]
    for above, below, number in [*rates, *[(z, node, gradient) for node, gradient in gradients.items()]]:
        derivative = terms.derivative(above, below)
        texts[derivative.text] = latexes[derivative.latex] = number
    return texts, latexes


def check(lines: Iterable[Line], z: Value, x: Value, tolerance: float) -> int:
    """Read every step of every line back; how many there were."""
    texts, latexes = symbols(z, x)
    count = 0
    for line in lines:
        for _, step in line.steps:
            near = {"rel": tolerance, "abs": 0.0, "nan_ok": True}
            text, latex = step.text.partition(", as ")[0], step.latex.partition(r" \quad (\text{as ")[0]
            assert value_of_text(text, texts) == pytest.approx(line.value, **near), (line.text, text)
            assert Latex(latex, latexes).value() == pytest.approx(line.value, **near), (line.latex, latex)
            count += 1
    return count


def closed(z: Value, x: Value) -> str:
    """The derivative in one formula, before the numbers."""
    check(ag.derive(z, x, digits=None).lines, z, x, 1e-12)
    names = {re.escape(node.name.partition("[")[0]) for node in ancestors(z) if node.name}
    named = re.compile(rf"\b(?:{'|'.join(names)})(?!\w)")
    return [step.text for _, step in ag.derive(z, x).lines[-1].steps if named.search(step.text)][-1]


@pytest.mark.parametrize("op", ag.TABLE.values(), ids=ag.TABLE)
def test_every_op_is_written_so_that_it_can_be_read_back(op: ag.Op) -> None:
    for point in points(op, 3):
        inputs = [Value(x, name=f"x_{k}") if k in variables(op, point) else x for k, x in enumerate(point)]
        z = ag.dot(inputs[:2], inputs[2:]) if op.name == "dot" else op(*inputs)
        for x in inputs:
            if isinstance(x, Value):
                check(ag.derive(z, x, digits=None).lines, z, x, 1e-9)


@pytest.mark.parametrize("seed", slow(range(200), but=range(40)))
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
    assert Latex(str(ag.latex(z)), latexes).value() == pytest.approx(z.data, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("seed", range(0, 200, 10))
def test_numbers_with_few_digits_are_near_and_say_so(seed: int) -> None:
    z, leaves = random_expression(seed)
    x = next(leaf for leaf in leaves if leaf in ancestors(z))
    derivation = ag.derive(z, x)
    check(derivation.lines, z, x, 2e-4)
    texts, _ = symbols(z, x)
    for line in derivation.lines:
        numbers = [line.value, *[value_of_text(step.text, texts) for _, step in line.steps]]
        for (is_equal, step), a, b in zip(line.steps, numbers, numbers[1:], strict=False):
            assert math.isclose(a, b, rel_tol=1e-11) if is_equal else a != b, (line.text, step.text)
        assert line.text.endswith(f" {line.value:.6g}")


def test_more_digits_are_shown_where_those_that_are_wanted_are_not_enough() -> None:
    x, y = Value(1000.0004, name="x"), Value(999.0, name="y")
    assert repr(ag.derive(x - y)) == "z = x - y = 1000.0004 - 999 = 1.0004"
    p = Value(0.99752737684, name="p")
    assert repr(ag.derive(p * (1 - p))).splitlines()[-1] == "z = p * v1 ≈ 0.997527 * 0.00247262 ≈ 0.00246651"
    for at, said in (
        (6.2, "sigmoid'(x) = z * (1 - z) ≈ 0.99797468 * (1 - 0.99797468) ≈ 0.00202122"),
        (12.2, "sigmoid'(x) = z * (1 - z) ≈ 0.99999497 * (1 - 0.99999497) ≈ 5.0304e-06"),
    ):
        q = Value(at, name="x")
        assert ag.derive(ag.sigmoid(q), q).lines[1].text == f"dz/dx = {said}"


def test_a_sign_says_whether_the_numbers_around_it_are_equal() -> None:
    for a, b, digits, line in (
        (2.5, 3.2, 1, "z = x * y ≈ 2 * 3 ≈ 8"),
        (1.25, 1.6, 2, "z = x * y ≈ 1.2 * 1.6 ≈ 2"),
        (0.3, -3.0, 6, "z = x * y = 0.3 * (-3) = -0.9"),
        (1 / 3, 3.0, 6, "z = x * y ≈ 0.333333 * 3 ≈ 1"),
        (1 / 3, 0.0, 6, "z = x * y = 0.333333 * 0 = 0"),
    ):
        assert repr(ag.derive(Value(a, name="x") * Value(b, name="y"), digits=digits)) == line


def test_the_lectures_question() -> None:
    """Seed 004: what is the derivative of ln(3x²)?"""
    x = Value(2.0, name="x")
    derivation = ag.derive(ag.log(3 * x**2), x)
    assert (
        derivation.lines[-1].text == "dz/dx = log'(3 * x**2) * (6 * x) = 1 / (3 * x**2) * (6 * x) = 2 / x = 2 / 2 = 1"
    )
    assert (
        derivation.lines[-1].latex
        == r"\frac{d z}{d x} &= \ln'\left(3 x^{2}\right) \cdot 6 x = \frac{1}{3 x^{2}} \cdot 6 x = \frac{2}{x} = \frac{2}{2} = 1"
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


def test_names_of_networks_are_the_lectures() -> None:
    net = MLP(2, [2, 1], "sigmoid", seed=1)
    cost = half_mse(net([0.1, 0.2]), 1.0)
    derivation = ag.derive(cost, net.layers[0].neurons[0].w[1])
    assert r"\frac{\partial z}{\partial w_{12}^{(1)}}" in derivation.latex
    assert "z_1^(2) = v3 + b_1^(2)" in repr(derivation)


def test_names_that_would_be_written_alike_are_told_apart() -> None:
    a, b = Value(2.0, name="layer 1/n3/w5"), Value(3.0, name="w_35^(1)")
    derivation = ag.derive(a * b, a)
    assert derivation.lines[0].text == 'z = w_35^(1) * "w_35^(1) (2)" = 2 * 3 = 6'
    assert derivation.lines[0].steps[0][1].latex == r"w_{35}^{(1)} \cdot \text{``w\_35$\wedge$(1) (2)''}"
    for names in (
        ("x1", "x_1", "x₁", "x[1]", "x_1 (2)"),
        ("µ", "μ"),
        ("mu", "μ"),
        ("pi", "π"),
        ("phi", "φ", "ϕ"),
        ("Ω", "Ω", "Omega"),
        ("Å", "Å"),
        ("a b", "a  b"),
        ("d", "đ", "a", "ą", "ạ"),
    ):
        leaves = [Value(2.0 + k, name=name) for k, name in enumerate(names)]
        written = Terms(ag.prod(leaves), None).names
        assert (
            len({written[leaf].latex for leaf in leaves}) == len({written[leaf].text for leaf in leaves}) == len(names)
        )


def test_automatic_names_do_not_look_like_given_ones() -> None:
    for given in ("v_1", "v[1]", "v₁", "v1"):
        v, y = Value(2.0, name=given), Value(3.0, name="y")
        assert ag.derive(v * y * y).lines[0].text.startswith("v2 = ")


def test_the_forward_pass_alone() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(ag.sin(x) * 3)) == "v1 = sin(x) = sin(2) ≈ 0.909297\nz = 3 * v1 ≈ 3 * 0.909297 ≈ 2.72789"


def test_what_z_does_not_depend_on_is_explained() -> None:
    z, x = Value(2.0, name="a") * 3, Value(1.0, name="x")
    assert ag.derive(z, x).lines[-1].text == "dz/dx = 0, as z does not depend on x"
    same_number = Value(z.data, name="q")
    assert ag.derive(z, same_number).lines[-1].text == "dz/dq = 0, as z does not depend on q"
    assert ag.derive(x, x).lines[-1].text == "dx/dx = 1"


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_a_derivation_that_nobody_would_read_is_refused_at_once() -> None:
    z = x = Value(1.0)
    for _ in range(60_000):
        z = z + 1e-6
    with pytest.raises(DiagramError, match=r"60,000 values, more than anybody reads \(50,000\).*inner node"):
        ag.derive(z, x)


def test_a_leaf_is_its_own_formula() -> None:
    x = Value(2.0, name="x")
    assert str(ag.latex(x)) == "x"
    assert repr(ag.derive(x)) == "x = 2"
    assert repr(ag.derive(x, x)) == "x = 2\ndx/dx = 1"


def test_a_formula_too_long_to_be_shown_leaves_no_line() -> None:
    leaves = [Value(0.5 + k, name=f"x_{k}") for k in range(100)]
    z = ag.exp(-ag.sum(leaves) / 1000)
    last = ag.derive(z, leaves[1]).lines[-1].text
    assert last.startswith("dz/dx_1 = dz/dv1 * dv1/dx_1 = ")


def test_nothing_is_said_twice() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(x * x, x)).splitlines() == ["z = x**2 = 2**2 = 4", "dz/dx = 2 * x = 2 * 2 = 4"]
    assert ag.derive(x * x, x).needs == ["x"]


@pytest.mark.slow
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


def test_the_chain_rule_is_shown_also_where_numbers_are_equal() -> None:
    k = Value(3.0, name="k")
    lines = repr(ag.derive(ag.relu(k * k), k)).splitlines()
    assert lines[-2] == "dz/dk = dz/dv1 * dv1/dk = dz/dv1 * (2 * k) = 1 * (2 * 3) = 6"


def test_a_name_like_a_power_is_none() -> None:
    a, x = Value(5.0, name="x^2"), Value(2.0, name="x")
    assert str(ag.latex(a + x**2)) == r"\text{``x$\wedge$2''} + x^{2}"


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


def test_only_what_leads_to_x_has_a_line() -> None:
    x = Value(3.0, name="x")
    for z in (ag.round(ag.sin(x) * 2) * x, ag.stop_gradient(ag.exp(x)) * x):
        lines = repr(ag.derive(z, x)).splitlines()
        assert [line for line in lines if line.startswith("dz/dv")] == []


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
    line = ag.derive(ag.where(1, y, x), x).lines[-1].text
    assert line == "dz/dx = 0, as nothing flows back through z = where(1, y, x)"


def test_a_derivative_of_zero_is_explained() -> None:
    x, y, w = Value(-2.0, name="x"), Value(3.0, name="y"), Value(1.5, name="w")
    steps = ag.round(x) + ag.floor(x) + ag.sign(x) + ag.ceil(x)
    for z, reason in (
        (ag.relu(x - y) * w, "v2 = relu(v1)"),
        (ag.maximum(x, y) * w, "v1 = maximum(x, y)"),
        (ag.stop_gradient(x) * w, "v1 = stop_gradient(x)"),
        (ag.floor(x) * ag.sign(x), "v1 = floor(x), v2 = sign(x)"),
        (steps, "v1 = round(x), v2 = floor(x), v4 = sign(x), ..."),
    ):
        line = ag.derive(z, x).lines[-1]
        assert line.text == f"dz/dx = 0, as nothing flows back through {reason}"
        assert line.value == 0.0
    assert (
        r"0 \quad (\text{as }\text{nothing flows back through } v_{1} = \max"
        in ag.derive(ag.maximum(x, y) * w, x).latex
    )


def test_a_name_of_a_derivative_means_all_ways() -> None:
    """dv2/dx is 3 x², whatever goes directly from x to v2."""
    x = Value(2.0, name="x")
    v1 = x * x
    v2 = v1 * x
    lines = repr(ag.derive(v2 + v1, x)).splitlines()
    assert "dz/dv1 = dz/dv2 * dv2/dv1 + 1 = dz/dv2 * x + 1 = 1 * 2 + 1 = 3" in lines
    assert (
        lines[-2] == "dz/dx = dz/dv1 * dv1/dx + dz/dv2 * v1 = dz/dv1 * (2 * x) + dz/dv2 * v1 = 3 * (2 * 2) + 1 * 4 = 16"
    )


def test_no_formula_for_what_depends_on_the_order_of_addition() -> None:
    w = Value(-math.inf, name="w")
    with ag.op.quiet():
        z = ag.exp(ag.hypot(w, -ag.tanh(w)))
        derivation = ag.derive(z, w)
    assert derivation.lines[-1].text.startswith("dz/dw = dz/dv")
    assert derivation.lines[-1].text.endswith("= nan")


def test_what_changes_nothing_is_shown_as_it_is() -> None:
    x = Value(2.0, name="x")
    assert repr(ag.derive(1.0 * x + 0.0)).splitlines() == ["v1 = 1 * x = 1 * 2 = 2", "z = v1 + 0 = 2 + 0 = 2"]


def test_a_stranger_has_a_name_of_its_own() -> None:
    x1, y = Value(2.0, name="x1"), Value(3.0, name="y")
    for stranger, said in (("x_1", 'z does not depend on "x_1"'), ("z", "f does not depend on z")):
        line = ag.derive(x1 * y, Value(1.0, name=stranger)).lines[-1].text
        assert line.endswith(said)


def test_an_op_of_ones_own_is_called_by_its_name() -> None:
    x = Value(2.0, name="x")
    square = ag.Op("square", lambda x: x + 1, lambda g, z, x: (g,), REAL)
    power = ag.Op("power", lambda x: 5 * x, lambda g, z, x: (5 * g,), REAL)
    sin = ag.Op("sin", lambda x: 3 * x, lambda g, z, x: (3 * g,), REAL)
    assert ag.derive(sin(x) + ag.sin(x), x).lines[0].text == 'v1 = "sin"(x) = "sin"(2) = 6'
    cube = ag.Op("cube", lambda x: x * x * x, lambda g, z, x: (3 * g * x * x,), REAL)
    assert ag.derive(cube(x), x).lines[0].text == "z = cube(x) = cube(2) = 8"
    odd = ag.Op("my%op}{", lambda x: 3 * x, lambda g, z, x: (3 * g,), REAL)
    assert repr(ag.derive(square(x), x)).splitlines()[0] == 'z = "square"(x) = "square"(2) = 3'
    assert repr(ag.derive(power(x), x)).splitlines()[0] == 'z = "power"(x) = "power"(2) = 10'
    assert repr(ag.derive(odd(x), x)).splitlines()[0] == 'z = "my%op}{"(x) = "my%op}{"(2) = 6'
    assert str(ag.latex(odd(x))) == r"\text{``my\%op\}\{''}\left(x\right)"


@pytest.mark.slow
def test_leaves_need_no_lines() -> None:
    assert len(ag.derive(ag.sum([Value(1.0) for _ in range(60_000)])).lines) == 1


E_CASES = {
    "e**x": (lambda x: math.e**x, "dz/dx = e**x = e**2 ≈ 7.38906", "e^{x}"),
    "e**(x / 2)": (lambda x: math.e ** (x * 0.5), "dz/dx = e**(x / 2) * (1 / 2) = e**(x / 2) / 2 = e**(2 / 2) / 2 ≈ 1.35914", r"e^{\frac{x}{2}}"),
    "2 e x": (lambda x: 2.0 * (math.e * x), "dz/dx = 2 * e ≈ 5.43656", r"2 e \cdot x"),
    "-e x": (lambda x: -math.e * x, "dz/dx = -e ≈ -2.71828", r"-e \cdot x"),
    "x**e": (lambda x: x**math.e, "dz/dx ≈ e * x**1.71828 = e * 2**1.71828 ≈ 8.94435", "x^{e}"),
    "log(e x)": (lambda x: ag.log(math.e * x), "dz/dx = log'(e * x) * e = 1 / (e * x) * e = 1 / x = 1 / 2 = 0.5", r"\ln\left(e \cdot x\right)"),
}  # fmt: skip


@pytest.mark.parametrize("case", E_CASES)
def test_e_is_called_by_its_name(case: str) -> None:
    f, last, latex = E_CASES[case]
    x = Value(2.0, name="x")
    z = f(x)
    assert ag.derive(z, x).lines[-1].text == last
    assert str(ag.latex(z)) == latex
    check(ag.derive(z, x, digits=None).lines, z, x, 1e-12)


def test_pi_is_called_by_its_name() -> None:
    r, pi = Value(2.0, name="r"), Value(3.0, name="pi")
    assert ag.derive(math.pi * r**2, r).lines[-1].text == "dz/dr = 2 * pi * r = 2 * pi * 2 ≈ 12.5664"
    assert (
        str(ag.latex(ag.sin(2 * math.pi * r) + r * math.pi / 4))
        == r"\sin\left(2 \pi \cdot r\right) + \frac{\pi \cdot r}{4}"
    )
    assert str(ag.latex(math.pi * pi)) == r"\pi \cdot \text{``pi''}"
    assert str(ag.latex(pi * 3.0)) == r"3 \pi"
    assert (
        ag.derive(pi ** (math.pi + 1), pi).lines[-1].text == 'dz/d"pi" ≈ 4.14159 * "pi"**pi = 4.14159 * 3**pi ≈ 130.644'
    )


@pytest.mark.slow
def test_what_doubles_with_every_layer_is_not_put_together() -> None:
    x, y = Value(0.5, name="x"), Value(0.3, name="y")
    z = x
    for _ in range(40):
        z = ag.softmax([z, x, y])[0]
    lines = ag.derive(z, x).lines
    assert lines[-1].text.startswith("dz/dx = dz/dv2 * dv2/dx + ")
    check(lines, z, x, 2e-4)


def test_a_recurrence_of_named_nodes_is_not_put_together() -> None:
    w, h = Value(0.9, name="w"), Value(0.5, name="h_0")
    for k in range(1, 401):
        h = w * h + 1.0
        h.name = f"h_{k}"
    assert ag.derive(h, w).lines[-1].text.startswith("dh_400/dw = dh_400/dv1 * dv1/dw + ")


LECTURES = {
    "ln(3x²)": (lambda x: ag.log(3 * x**2), ["log'(3 * x**2) * (6 * x)", "1 / (3 * x**2) * (6 * x)", "2 / x"]),
    "sin(2x)": (lambda x: ag.sin(2 * x), ["sin'(2 * x) * 2", "cos(2 * x) * 2", "2 * cos(2 * x)"]),
    "e^(-3x)": (lambda x: ag.exp(-3 * x), ["exp(-3 * x) * (-3)", "-3 * exp(-3 * x)"]),
    "(2x + 1)³": (lambda x: (2 * x + 1) ** 3, ["3 * (2 * x + 1)**2 * 2", "6 * (2 * x + 1)**2"]),
    "√(1 - x²)": (lambda x: ag.sqrt(1 - x**2), ["1 / (2 * sqrt(1 - x**2)) * (-2 * x)", "-x / sqrt(1 - x**2)"]),
    "1 / (x² + 1)": (lambda x: 1 / (x**2 + 1), ["-1 / (x**2 + 1)**2 * (2 * x)", "-2 * x / (x**2 + 1)**2"]),
    "x² sin(x)": (
        lambda x: x**2 * ag.sin(x),
        ["2 * x * sin(x) + x**2 * sin'(x)", "2 * x * sin(x) + x**2 * cos(x)"],
    ),
    "3^x": (lambda x: 3**x, ["3**x * log(3)"]),
    "0.5^x": (lambda x: 0.5**x, ["(1 / 2)**x * log(1 / 2)"]),
    "3^(x²)": (lambda x: 3 ** (x**2), ["3**(x**2) * log(3) * (2 * x)", "2 * 3**(x**2) * log(3) * x"]),
    "x^x": (lambda x: x**x, ["x**x + x**x * log(x)", "(1 + log(x)) * x**x"]),
    "x^(2x)": (
        lambda x: x ** (2 * x),
        ["2 * x**(2 * x) + x**(2 * x) * log(x) * 2", "(2 + 2 * log(x)) * x**(2 * x)"],
    ),
    "tanh(x)": (lambda x: ag.tanh(x), ["tanh'(x)", "1 - tanh(x)**2"]),
    "tanh(3x)": (
        lambda x: ag.tanh(3 * x),
        ["tanh'(3 * x) * 3", "(1 - tanh(3 * x)**2) * 3", "3 * (1 - tanh(3 * x)**2)"],
    ),
}


@pytest.mark.parametrize("case", LECTURES)
def test_inner_derivatives_stay_together_until_the_formula_is_simplified(case: str) -> None:
    f, formulas = LECTURES[case]
    x = Value(0.3, name="x")
    z = f(x)
    steps = [step.text for _, step in ag.derive(z, x).lines[-1].steps]
    assert [step for step in steps if re.search(r"\bx\b", step)] == formulas
    check(ag.derive(z, x, digits=None).lines, z, x, 1e-12)


def test_a_line_names_the_inner_node_that_has_a_name() -> None:
    x = Value(0.3, name="x")
    assert ag.derive(ag.tanh(x), x).lines[1].text.startswith("dz/dx = tanh'(x) = 1 - z**2 ≈ 1 - ")
    assert ag.derive(x**x, x).lines[1].text.startswith("dz/dx = z + z * log(x) ≈ ")
    far = Value(20.0, name="x")  # 1 - tanh² has no digit left there
    assert (
        ag.derive(ag.tanh(far), far).lines[1].text
        == "dz/dx = tanh'(x) = 1 / cosh(x)**2 = 1 / cosh(20)**2 ≈ 1.69934e-17"
    )


def test_latex_has_a_dot_between_a_number_and_a_function() -> None:
    x = Value(0.3, name="x")
    for z, latex in (
        (3 * ag.sin(x), r"3 \cdot \sin\left(x\right)"),
        (3 * ag.gelu(x), r"3 \cdot \operatorname{gelu}\left(x\right)"),
        (3 * ag.log2(x), r"3 \cdot \log_2\left(x\right)"),
        (3 * ag.exp(x), "3 e^{x}"),
        (3 * ag.sqrt(x), r"3 \sqrt{x}"),
        (3 * x, "3 x"),
    ):
        assert str(ag.latex(z)) == latex


def test_what_is_derived_by_is_a_value_or_its_name_or_several() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = ag.sin(x) * y
    forward, by_x, by_y = (repr(ag.derive(z, node)).splitlines() for node in (None, x, y))
    for given in ("x", [x], ["x"], (x,)):
        assert repr(ag.derive(z, given)).splitlines() == by_x
    assert repr(ag.derive(z, [x, "y"])).splitlines() == by_x + by_y[len(forward) :]
    assert ag.derive(z, "v1").lines[-1].text.startswith("dz/dv1 = y")
    assert ag.derive(z, [x, y]).needs == ["x", "y"]
    with pytest.raises(DiagramError, match=r"no node of z is called 'w'; there are x, v1, y, z"):
        ag.derive(z, "w")
    with pytest.raises(DiagramError, match=r"did you mean alpha\?"):
        ag.derive(Value(1.0, name="alpha") * 2, "alhpa")
    with pytest.raises(NumberError, match=r"derive takes Values, got 2.0 .*write derive\(z, x\)"):
        ag.derive(z, [x, 2.0])


RULES = {
    "chain": (lambda x: ag.sin(x**2), ["derivative of sin", "chain rule, power rule, derivative of sin"]),
    "product": (lambda x: x**2 * ag.exp(x), ["chain rule, power rule, derivative of exp"]),
    "quotient": (lambda x: ag.sin(x) / (x + 1), ["quotient rule", "chain rule, derivative of sin, sum rule"]),
    "factor": (lambda x: 3 * x, ["constant factor rule"]),
    "exponential": (lambda x: 3**x, ["exponential rule"]),
    "logarithm": (lambda x: ag.log(x), ["derivative of log"]),
}


@pytest.mark.parametrize("case", RULES)
def test_a_line_names_its_rules_on_request(case: str) -> None:
    f, rules = RULES[case]
    x = Value(0.3, name="x")
    plain, lines = ag.derive(f(x), x).lines, ag.derive(f(x), x, rules=True).lines
    found = [", ".join(line.rules) for line in lines]
    assert [rule for rule in rules if rule not in found] == []
    for before, line in zip(plain, lines, strict=True):
        assert line.text == before.text + (f"   ({', '.join(line.rules)})" if line.rules else "")
        assert bool(line.rules) == line.left.text.startswith("d")
        assert all(rf"{rule}" in line.latex for rule in line.rules)


def test_rules_and_reasons_are_named_in_german() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = ag.log(x**2) * ag.exp(x) / x + 3**x - x**2 / y
    german = {rule for line in ag.derive(z, x, rules=True, language="de").lines for rule in line.rules}
    rules = ("Kettenregel", "Produktregel", "Quotientenregel", "Potenzregel", "Summenregel", "Faktorregel")
    assert german == {*rules, "Exponentialregel", "Ableitung von log", "Ableitung von exp"}
    assert ag.derive(x * 2, y, language="de").lines[-1].text == "dz/dy = 0, da z nicht abhängt von y"
    assert (
        ag.derive(ag.floor(x) * 2, x, language="de").lines[-1].text
        == "dz/dx = 0, da nichts zurückfließt durch v1 = floor(x)"
    )
    with pytest.raises(DiagramError, match="there is no language 'fr'"):
        ag.derive(z, x, language="fr")


def test_the_natural_logarithm_is_called_as_one_likes() -> None:
    x = Value(2.0, name="x")
    z = ag.log(x) + ag.log1p(x) + 3**x + ag.log10(x)
    for name, text, latex in ((None, "log", r"\ln"), ("ln", "ln", r"\ln"), ("log", "log", r"\log")):
        derivation = ag.derive(z, x, logarithm=name, rules=True)
        assert derivation.lines[0].text.startswith(f"v1 = {text}(x) = {text}(2)")
        assert f"3**x * {text}(3)" in derivation.lines[-1].text
        assert f"derivative of {text}" in derivation.lines[-1].rules
        assert rf"{latex}'\left(x\right)" in derivation.latex
        assert (r"\ln" in derivation.latex) == (latex == r"\ln")
        assert r"\log_{10}" in derivation.latex
        assert "log1p(x)" in repr(derivation)
    with pytest.raises(DiagramError, match="there is no logarithm 'lb'"):
        ag.derive(z, x, logarithm="lb")
