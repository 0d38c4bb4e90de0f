"""Every op of the table against mpmath: its value, its rule at orders 1 to 3, its domain, its tails."""

from __future__ import annotations

import math
from random import Random

import pytest
from marks import slow
from mpmath import mp
from oracles import ORACLES

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.errors import DomainError, NumberError, OpError
from autograd_core.op import quiet
from autograd_core.ops import FUNCTIONS, TABLE

OPS = [op for op in TABLE.values() if op.name != "stop_gradient"]  # its derivative is not that of its value
INF, NAN = math.inf, math.nan


def points(op: Op, count: int) -> list[tuple[float, ...]]:
    """Points inside the domain; constants that are orders stay small whole numbers."""
    random = Random(f"points of {op.name}")
    found = [op.domain.sample(random, 4 if op.is_nary else None) for _ in range(count)]
    return [(float(1 + i % 3), *p[1:]) if op.constants == ("n",) else p for i, p in enumerate(found)]


def variables(op: Op, point: tuple[float, ...]) -> list[int]:
    """The positions that can be differentiated."""
    return [i for i in range(len(point)) if op.is_nary or op.input_names[i] not in op.constants]


def partial(op: Op, point: tuple[float, ...], i: int, order: int) -> float:
    """∂ⁿ op / ∂inputᵢⁿ by the rules."""

    def along(x: Value) -> Value:
        inputs = [*point[:i], x, *point[i + 1 :]]
        if op.name == "dot":
            return ag.dot(inputs[:2], inputs[2:])
        return op(*inputs)

    derivative = along
    for _ in range(order):
        derivative = ag.grad(derivative)
    return float(derivative(point[i]))


def oracle(op: Op, point: tuple[float, ...], i: int, order: int) -> float:
    """The same by differences of the oracle in 50 digits."""

    def along(x: object) -> object:
        exact = [mp.mpf(p) for p in point]
        return ORACLES[op.name](*exact[:i], x, *exact[i + 1 :])

    return float(mp.diff(along, mp.mpf(point[i]), order)) if order else float(along(mp.mpf(point[i])))


def assert_rule_agrees(op: Op, orders: tuple[int, ...] = (1, 2, 3), count: int = 3) -> None:
    """The rule of `op` gives the derivatives of its oracle, for every input that can be differentiated."""
    for point in points(op, count):
        for i in variables(op, point):
            for order in orders:
                found, expected = partial(op, point, i, order), oracle(op, point, i, order)
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-11), (
                    f"{op} at {point}, input {i}, order {order}"
                )


def test_every_op_has_an_oracle_and_every_oracle_an_op() -> None:
    assert set(ORACLES) == {op.name for op in OPS}


def test_every_op_and_function_is_public() -> None:
    for name, function in FUNCTIONS.items():
        assert getattr(ag, name) is function or name == "stop_gradient"


@pytest.mark.parametrize("op", OPS, ids=str)
def test_value_agrees_with_mpmath(op: Op) -> None:
    for point in points(op, 20):
        assert op.evaluate(point, point) == pytest.approx(oracle(op, point, 0, 0), rel=4e-14, abs=1e-14), point


@pytest.mark.parametrize("op", OPS, ids=str)
def test_rule_agrees_with_mpmath_at_orders_1_to_3(op: Op) -> None:
    assert_rule_agrees(op)


@pytest.mark.parametrize("op", OPS, ids=str)
def test_rule_on_floats_and_rule_on_values_agree(op: Op) -> None:
    """`backprop` feeds the rule floats, or Values with create_graph: the same text must give the same numbers."""
    for point in points(op, 3):
        inputs = [x if i not in variables(op, point) else Value(x) for i, x in enumerate(point)]
        z = ag.dot(inputs[:2], inputs[2:]) if op.name == "dot" else op(*inputs)
        leaves = [x for x in inputs if isinstance(x, Value)]
        plain, graph = ag.backprop(z, leaves), ag.backprop(z, leaves, create_graph=True)
        assert [plain[x] for x in leaves] == pytest.approx([graph[x].data for x in leaves], rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("sigmoid", (-800.0,)), ("sigmoid", (-30.0,)), ("sigmoid", (40.0,)),
        ("log_sigmoid", (-800.0,)), ("log_sigmoid", (40.0,)), ("log_sigmoid", (700.0,)),
        ("softplus", (800.0,)), ("softplus", (-50.0,)), ("softplus", (-700.0,)),
        ("tanh", (20.0,)), ("tanh", (-300.0,)), ("tanh", (1e-9,)), ("sech_squared", (350.0,)),
        ("expm1", (1e-12,)), ("log1p", (1e-15,)), ("log1p", (-1.0 + 1e-10,)),
        ("log1mexp", (1e-12,)), ("log1mexp", (0.6931,)), ("log1mexp", (50.0,)), ("log1mexp", (720.0,)),
        ("logaddexp", (1000.0, 1000.5)), ("logaddexp", (-1000.0, -1030.0)), ("logaddexp", (0.0, 700.0)),
        ("logit", (1e-300,)), ("logit", (0.5 + 1e-12,)), ("logit", (1.0 - 1e-12,)),
        ("xlogy", (0.0, 2.0)), ("xlogy", (1e-300, 1e-300)),
        ("hypot", (3e200, 4e200)), ("hypot", (3e-200, 4e-200)), ("atan2", (1e200, 2e200)), ("atan2", (1e-200, -1e-200)),
        ("asinh", (1e200,)), ("asinh", (-1e-9,)), ("acosh", (1e200,)), ("acosh", (1.0 + 1e-12,)),
        ("atanh", (1.0 - 1e-12,)), ("atanh", (1e-12,)), ("asin", (1.0 - 1e-12,)), ("acos", (-1.0 + 1e-12,)),
        ("sinc", (1e-9,)), ("sinc", (1e-3,)), ("sinc", (0.3,)), ("sinc", (12.25,)),
        ("softsign", (1e150,)), ("cbrt", (1e-300,)), ("rsqrt", (1e-200,)),
        ("norm_cdf", (-37.0,)), ("norm_cdf", (8.0,)), ("log_norm_cdf", (-40.0,)), ("log_norm_cdf", (10.0,)),
        ("norm_ppf", (1e-300,)), ("norm_ppf", (0.5,)),
        ("erfc", (20.0,)), ("erfinv", (1e-12,)), ("erfinv", (0.999999,)), ("gelu", (-20.0,)), ("gelu", (40.0,)),
        ("silu", (-300.0,)), ("silu", (300.0,)), ("mish", (-300.0,)), ("mish", (300.0,)), ("elu", (-1e-10, 1.0)),
        ("logsumexp", (1000.0, 1000.0, -5.0, 999.0)), ("logsumexp", (0.0, -50.0, -60.0, -70.0)),
        ("norm", (3e200, 4e200, 0.0, 0.0)), ("prod", (0.0, 2.0, 3.0, 4.0)), ("prod", (0.0, 0.0, 3.0, 4.0)),
        ("lgamma", (1e6,)), ("gamma", (-3.5,)), ("digamma", (1e-8,)), ("digamma", (-2.25,)),
        ("beta", (30.0, 40.0)), ("betaln", (1e3, 2e3)),
    ],
)  # fmt: skip
def test_value_and_derivative_are_stable_in_the_tails(name: str, point: tuple[float, ...]) -> None:
    op = TABLE[name]
    with mp.workdps(
        450
    ):  # 1 - tanh(300)² needs 260 digits, exp(-800) beside 1 needs 348; the rest is for the difference
        assert op.evaluate(point, point) == pytest.approx(oracle(op, point, 0, 0), rel=2e-13, abs=0)
        for i in variables(op, point):
            expected = exact_derivative(op, point, i, 1)
            assert partial(op, point, i, 1) == pytest.approx(expected, rel=5e-13, abs=0), f"input {i}"


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("hypot", (1.0, 1e-9)), ("hypot", (1e9, 3.0)), ("hypot", (3e120, 4e120)), ("atan2", (1e-9, 1.0)), ("atan2", (1.0, 1e-9)),
        ("norm", (1.0, 1e-9, 2e-9, 0.0)), ("norm", (1e-9, 3.0, 1e-7, 1e-8)), ("prod", (0.0, 2.0, 1e-9, 4.0)),
        ("logsumexp", (50.0, 0.0, -3.0, 2.0)), ("logsumexp", (0.0, 40.0, 2.0, 2.0)), ("logaddexp", (40.0, 0.0)),
        ("log_norm_cdf", (-1.999,)), ("log_norm_cdf", (-2.001,)), ("log_norm_cdf", (-5.0,)), ("log_norm_cdf", (-100.0,)),
        ("log_norm_cdf", (-1e6,)), ("log_norm_cdf", (0.0,)), ("log_norm_cdf", (6.0,)), ("norm_cdf", (-30.0,)), ("erfc", (10.0,)),
        ("betaln", (1e15, 2.0)), ("betaln", (2.0, 1e15)), ("betaln", (1e-3, 1e3)), ("betaln", (7.0, 0.01)),
        ("betaln", (1e-8, 1e-10)), ("beta", (50.0, 2.5)), ("beta", (0.1, 100.0)), ("lgamma", (1e9,)), ("gamma", (20.0,)),
        ("asin", (1e-9,)), ("acos", (1e-9,)), ("atanh", (1e-9,)), ("asin", (0.999999,)), ("acos", (-0.999999,)),
        ("atanh", (-0.999999,)), ("acosh", (1.0 + 1e-9,)), ("atan", (1e-9,)), ("atan", (1e9,)), ("asinh", (1e-7,)), ("asinh", (1e9,)),
        ("tanh", (20.0,)), ("tanh", (1e-7,)), ("sech_squared", (1e-9,)), ("tan", (1e-9,)), ("sinc", (1e-6,)), ("sinc", (30.3,)),
        ("sigmoid", (-50.0,)), ("sigmoid", (50.0,)), ("softplus", (50.0,)), ("log_sigmoid", (50.0,)), ("log_sigmoid", (-50.0,)),
        ("log1mexp", (1e-7,)), ("log1mexp", (50.0,)), ("logit", (1e-7,)), ("expm1", (1e-9,)), ("rsqrt", (1e-9,)),
        ("gelu", (-10.0,)), ("silu", (-50.0,)), ("mish", (-50.0,)), ("softsign", (1e6,)), ("norm_ppf", (1e-10,)), ("erfinv", (1e-9,)),
        ("celu", (-1e-9, 2.0)), ("elu", (-1e-9, 2.0)),
    ],
)  # fmt: skip
def test_derivatives_of_orders_1_to_3_are_stable_in_the_tails(name: str, point: tuple[float, ...]) -> None:
    op = TABLE[name]
    with mp.workdps(400):
        for i in variables(op, point):
            for order in (1, 2, 3):
                expected = exact_derivative(op, point, i, order)
                assert partial(op, point, i, order) == pytest.approx(expected, rel=1e-11, abs=0), f"{i}, {order}"


@pytest.mark.parametrize("gap", [0.0, 15.0, 40.0, 400.0])
def test_a_probability_close_to_1_keeps_its_distance_from_1(gap: float) -> None:
    with mp.workdps(400):
        rest = 1 / (1 + mp.exp(mp.mpf(gap)))
        expected = {"softmax": rest * (1 - rest), "log_softmax": rest}
        assert ag.log_softmax([gap, 0.0])[0] == pytest.approx(float(mp.log1p(-rest)), rel=1e-14, abs=0)
        for name, slope in expected.items():
            found = ag.jacobian(getattr(ag, name))([gap, 0.0])[0]
            assert found == pytest.approx([float(slope), -float(slope)], rel=1e-13, abs=0), name


def test_a_class_that_is_masked_out_has_no_probability_and_no_gradient() -> None:
    logits = [1.0, 1.0, -INF, -INF]
    assert ag.softmax(logits) == [0.5, 0.5, 0.0, 0.0]
    assert ag.jacobian(ag.softmax)(logits)[0] == [0.25, -0.25, 0.0, 0.0]
    assert ag.jacobian(ag.log_softmax)(logits)[0] == [0.5, -0.5, 0.0, 0.0]


@pytest.mark.parametrize("n", slow([0, 1, 2, 5, 20, 40, 60]))
def test_sinc_derivatives_of_high_order(n: int) -> None:
    """sinc⁽ⁿ⁾ = πⁿ ∫₀¹ tⁿ cos(πxt + nπ/2) dt."""
    for x in (0.0, 1e-9, 0.3, 2.5, 6.5, 9.9, 19.7):
        u = mp.pi * mp.mpf(x)
        expected = mp.pi**n * mp.quad(lambda t, u=u: t**n * mp.cos(u * t + n * mp.pi / 2), mp.linspace(0, 1, 41))
        found = TABLE["sinc_derivative"](float(n), x)
        scale = float(mp.pi**n / (n + 1 + mp.pi * x))
        assert found == pytest.approx(float(expected), rel=1e-13, abs=1e-14 * scale), x


@pytest.mark.parametrize("n", slow([1, 2, 3, 4, 6, 10], but=[1, 2]))
def test_log_norm_cdf_derivatives_of_high_order(n: int) -> None:
    for x in (-1e3, -40.0, -8.0, -2.1, -1.9, -0.9, 0.0, 0.7, 3.0):
        with mp.workdps(900):
            expected = exact_derivative(TABLE["log_norm_cdf"], (x,), 0, n)
        assert TABLE["log_norm_cdf_derivative"](float(n), x) == pytest.approx(expected, rel=1e-9), x


def exact_derivative(op: Op, point: tuple[float, ...], i: int, order: int) -> float:
    """A central difference in the digits of the context, with steps of 1e-60 relative to the input."""
    exact = [mp.mpf(x) for x in point]
    step = (abs(exact[i]) or mp.mpf(1)) * mp.mpf(10) ** -60

    def at(k: mp.mpf) -> mp.mpf:
        return ORACLES[op.name](*exact[:i], exact[i] + k * step, *exact[i + 1 :])

    terms = [(-1) ** k * math.comb(order, k) * at(mp.mpf(order) / 2 - k) for k in range(order + 1)]
    return float(mp.fsum(terms) / step**order)


OUTSIDE = [
    ("div", (1.0, 0.0)), ("div", (0.0, -0.0)), ("reciprocal", (0.0,)), ("power", (0.0, -1.0)), ("power", (-8.0, 1 / 3)),
    ("pow", (-2.0, 0.5)), ("pow", (0.0, -2.0)), ("sqrt", (-1.0,)), ("rsqrt", (0.0,)), ("rsqrt", (-1.0,)),
    ("log", (0.0,)), ("log", (-1.0,)), ("log2", (-1.0,)), ("log10", (0.0,)), ("log1p", (-1.0,)), ("log1p", (-2.0,)),
    ("log1mexp", (0.0,)), ("log1mexp", (-1.0,)), ("xlogy", (1.0, 0.0)), ("xlogy", (1.0, -1.0)),
    ("logit", (0.0,)), ("logit", (1.0,)), ("logit", (2.0,)),
    ("sin", (INF,)), ("cos", (-INF,)), ("tan", (INF,)), ("asin", (1.5,)), ("acos", (-1.5,)), ("cos_asin", (1.5,)), ("acosh", (0.5,)),
    ("atanh", (1.0,)), ("atanh", (-2.0,)), ("mod", (1.0, 0.0)), ("floor_divide", (1.0, 0.0)), ("celu", (-1.0, 0.0)), ("celu", (-1.0, -1.0)),
    ("erfinv", (1.0,)), ("erfinv", (1.5,)), ("norm_ppf", (0.0,)), ("norm_ppf", (1.5,)),
    ("gamma", (0.0,)), ("gamma", (-3.0,)), ("lgamma", (-1.0,)), ("digamma", (0.0,)), ("digamma", (-2.0,)),
    ("polygamma", (1.0, 0.0)), ("polygamma", (1.5, 1.0)), ("polygamma_step", (0.0, -1.0, 1.0)), ("log_norm_cdf_derivative", (0.5, 1.0)), ("sinc_derivative", (0.5, 1.0)), ("betaln", (0.0, 1.0)), ("beta", (-1.0, 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "point"), OUTSIDE)
def test_outside_the_domain_a_call_is_refused_by_name(name: str, point: tuple[float, ...]) -> None:
    op = TABLE[name]
    for wrap in (float, lambda x: Value(x, name="p")):
        inputs = [x if n in op.constants else wrap(x) for n, x in zip(op.input_names, point, strict=True)]
        with pytest.raises(DomainError, match=f"^{name}: .*is outside the domain; expected"):
            op(*inputs)


def test_every_op_with_a_bounded_domain_is_tested_outside_of_it() -> None:
    everywhere = {"clip", "hardtanh"}  # finite outside, by NumPy's and torch's definition
    for op in OPS:
        bounded = op.domain.condition or any(d.text != ag.domain.EXTENDED.text for d in op.domain.intervals)
        assert not bounded or op.name in {name for name, _ in OUTSIDE} | everywhere, op.name


IEEE = [
    ("div", (1.0, 0.0), INF), ("div", (-1.0, 0.0), -INF), ("div", (1.0, -0.0), -INF), ("div", (0.0, 0.0), NAN),
    ("reciprocal", (-0.0,), -INF), ("power", (0.0, -1.0), INF), ("power", (-0.0, -1.0), -INF),
    ("power", (0.0, -2.0), INF), ("power", (-8.0, 1 / 3), NAN), ("power", (-1e200, 3.0), -INF), ("power", (1e200, 2.0), INF),
    ("sqrt", (-1.0,), NAN), ("rsqrt", (0.0,), INF), ("rsqrt", (-1.0,), NAN), ("log", (0.0,), -INF), ("log", (-1.0,), NAN),
    ("log1p", (-1.0,), -INF), ("log1mexp", (0.0,), -INF), ("log1mexp", (-1.0,), NAN), ("xlogy", (1.0, 0.0), -INF),
    ("logit", (0.0,), -INF), ("logit", (1.0,), INF), ("logit", (-1.0,), NAN), ("sin", (INF,), NAN), ("acos", (2.0,), NAN),
    ("acosh", (0.0,), NAN), ("atanh", (1.0,), INF), ("atanh", (-1.0,), -INF), ("atanh", (3.0,), NAN),
    ("mod", (1.0, 0.0), NAN), ("erfinv", (1.0,), INF), ("norm_ppf", (0.0,), -INF), ("gamma", (-1.0,), NAN),
    ("lgamma", (0.0,), INF), ("exp", (1000.0,), INF), ("exp", (-1000.0,), 0.0), ("exp10", (400.0,), INF),
    ("exp2", (2000.0,), INF), ("expm1", (1000.0,), INF), ("sinh", (1000.0,), INF), ("sinh", (-1000.0,), -INF),
    ("cosh", (-1000.0,), INF), ("square", (1e200,), INF), ("gamma", (200.0,), INF), ("tanh", (INF,), 1.0),
    ("sigmoid", (-INF,), 0.0), ("softplus", (INF,), INF), ("logaddexp", (INF, 1.0), INF), ("logaddexp", (-INF, NAN), NAN), ("logaddexp", (INF, NAN), NAN), ("logaddexp", (-INF, -INF), -INF),
    ("silu", (-INF,), -0.0), ("gelu", (-INF,), -0.0), ("mish", (-INF,), -0.0), ("softsign", (INF,), 1.0), ("sinc", (INF,), 0.0),
    ("atan2", (0.0, -0.0), math.pi), ("floor", (-INF,), -INF), ("round", (2.5,), 2.0), ("round", (-0.5,), -0.0),
    ("maximum", (NAN, 1.0), NAN), ("minimum", (1.0, NAN), NAN), ("sign", (-0.0,), -0.0), ("copysign", (1.0, -0.0), -1.0),
    ("where", (NAN, 1.0, 2.0), 1.0), ("relu", (NAN,), NAN), ("clip", (NAN, 0.0, 1.0), NAN), ("logsumexp", (-INF, -INF), -INF),
    ("logsumexp", (INF, 0.0), INF), ("max", (NAN, 1.0), NAN), ("prod", (INF, 0.0), NAN), ("pow", (0.0, 0.0), 1.0),
    ("power", (0.0, 0.0), 1.0), ("power", (-2.0, 3.0), -8.0), ("pow", (1.0, NAN), 1.0), ("mod", (-1.0, 3.0), 2.0), ("pow", (-1.0, NAN), NAN), ("log_norm_cdf_derivative", (1.0, -INF), INF), ("log_norm_cdf_derivative", (1.0, INF), 0.0), ("log_norm_cdf_derivative", (2.0, -INF), -1.0),
    ("floor_divide", (-2.0, -4.0), 0.0), ("floor_divide", (1.0, 0.1), 9.0), ("floor_divide", (0.0, -4.0), -0.0),
    ("polygamma", (200.0, 0.5), INF), ("fma", (1e300, -1e300, 1.0), -INF), ("gamma", (-1e-310,), -INF),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "point"), [("pow", (-1.0, NAN)), ("xlogy", (NAN, 0.0)), ("clip", (NAN, 0.0, 1.0)), ("mod", (NAN, 2.0))]
)
def test_nan_among_several_inputs_travels_through_too(name: str, point: tuple[float, ...]) -> None:
    assert math.isnan(TABLE[name](*point))
    assert math.isnan(TABLE[name](*map(Value, point)).data)


@pytest.mark.parametrize(("name", "point", "expected"), IEEE)
def test_inside_rules_values_follow_ieee(name: str, point: tuple[float, ...], expected: float) -> None:
    op = TABLE[name]
    from autograd_core.op import quiet

    with quiet():
        found = op.evaluate(point, point)
    assert found == expected or (found != found and expected != expected)
    assert math.copysign(1.0, found) == math.copysign(1.0, expected) or expected != expected


@pytest.mark.parametrize("op", [op for op in OPS if not op.is_nary and len(op.input_names) == 1], ids=str)
def test_nan_travels_through_silently(op: Op) -> None:
    assert math.isnan(op(NAN))
    assert math.isnan(op(Value(NAN)).data)


def test_fma_rounds_once() -> None:
    random = Random(1)
    for _ in range(200):
        x, y = random.uniform(-1, 1), random.uniform(-1, 1)
        w = -x * y
        assert ag.fma(x, y, w) == float(mp.mpf(x) * mp.mpf(y) + mp.mpf(w))
    assert ag.fma(INF, 1.0, 1.0) == INF
    with quiet():  # the product is beyond all floats, but it is a number
        for w in (INF, -INF):
            assert ag.fma(1e300, 1e300, w) == w
            assert ag.fma(1e300, -1e300, w) == w
            assert math.isnan(ag.fma(INF, -w, w))
            assert math.isnan(ag.fma(1e300, 1e300, math.nan))


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_gives_one_number_per_input_and_its_jacobian(name: str) -> None:
    xs = [0.3, -1.2, 2.0]
    exact = [mp.exp(x) / mp.fsum(map(mp.exp, xs)) for x in xs]
    p = [float(e) for e in exact]
    assert getattr(ag, name)(xs) == pytest.approx(p if name == "softmax" else [float(mp.log(e)) for e in exact])
    jacobian = ag.jacobian(getattr(ag, name))(xs)
    for i in range(3):
        for j in range(3):
            slope = (i == j) - p[j]
            assert jacobian[i][j] == pytest.approx(slope * p[i] if name == "softmax" else slope)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: ag.sin(), r"sin\(\) does not fit; expected sin\(x\)"),
        (lambda: ag.hypot(1.0), r"expected hypot\(x, y\)"),
        (
            lambda: ag.leaky_relu(1.0, slop=0.1),
            r"leaky_relu\(_, slop=_\) does not fit; expected leaky_relu\(x, slope=0.01\)",
        ),
        (lambda: ag.polygamma(Value(1.0), 2.0), "n must be a plain number"),
        (lambda: ag.dot(1.0, 2.0), "dot takes two sequences"),
        (lambda: ag.dot([1.0], [1.0, 2.0]), "dot of 1 and 2 numbers"),
        (lambda: ag.max([]), "max of no numbers"),
        (lambda: ag.mean([]), "mean of no numbers"),
        (lambda: ag.logsumexp([]), "logsumexp of no numbers"),
        (lambda: ag.sum(["a"]), "'a' of type str"),
        (lambda: ag.sum(None), "None of type NoneType"),
        (lambda: ag.where(1), "where cannot take these arguments"),
        (lambda: ag.dot([1.0]), "dot cannot take these arguments"),
        (lambda: ag.where("yes", 1.0, 2.0), "'yes' of type str"),
    ],
)
def test_a_wrong_call_is_explained(call: object, complaint: str) -> None:
    with pytest.raises((OpError, NumberError, ag.errors.StructureError), match=complaint):
        call()


def test_nary_ops_take_an_iterable_or_the_numbers_themselves() -> None:
    import numpy as np

    x = Value(2.0)
    for numbers in ([x, 1, 3.0], (x, 1, 3.0), iter([x, 1, 3.0]), np.array([x, 1, 3.0], dtype=object)):
        assert ag.sum(numbers).data == 6.0
    assert ag.max(x, 1.0).data == 2.0
    assert ag.sum([]) == 0.0
    assert ag.prod([]) == 1.0
    assert ag.sum(np.ones((2, 3))) == 6.0
    assert ag.dot(np.array([x, x]), [1, 2]).data == 6.0


def test_parameters_of_ops_have_torchs_defaults_and_can_be_named() -> None:
    assert ag.leaky_relu(-1.0) == -0.01
    assert ag.leaky_relu(-1.0, slope=0.2) == -0.2
    assert ag.elu(-1.0, alpha=2.0) == pytest.approx(2.0 * math.expm1(-1.0))
    assert ag.hardtanh(5.0) == 1.0
    assert ag.hardtanh(5.0, high=3.0) == 3.0
    slope = Value(0.25)
    assert ag.backprop(ag.leaky_relu(-2.0, slope), slope)[slope] == -2.0
