"""The derivative checker: it passes what is right, names what is wrong, and reports kinks as kinks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from test_ops import OPS, points

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.check import Comparison, difference
from autograd_core.domain import EXTENDED, POSITIVE, Domain
from autograd_core.errors import GradientMismatchError, OpError, OutputError
from autograd_core.ops import TABLE

TWO = Domain(EXTENDED, EXTENDED)


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_rule_passes_at_orders_1_and_2_and_is_decided(op: Op) -> None:
    for point in points(op, 2):
        report = ag.check_op(op, *point)
        assert {c.verdict for c in report.comparisons} <= {"agrees"}, str(report)


def test_a_wrong_rule_is_named_with_its_input_position_and_both_numbers() -> None:
    bad = Op("bad", lambda x, y: x * y * y, lambda g, z, x, y: (g * y * y, g * x * y), TWO)
    with pytest.raises(GradientMismatchError) as caught:
        ag.check_grad(lambda v: ag.sin(v[0]) + bad(v[0], v[1]), [2.0, 3.0])
    message = str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert "op 'bad' at (2, 3), input 1 (y), order 1: the rule says 6.0, differences say 12.0" in message.replace(
        "11.99999", "12.0"
    ), message
    assert "sin" not in message


@pytest.mark.parametrize(
    "entry",
    [lambda g: 1.0, lambda g: g * g, abs, lambda g: g + 1.0, lambda g: g**3, lambda g: 2.0 * g - 1.0, ag.relu],
)
def test_a_rule_that_is_not_proportional_to_g_is_found(entry: Callable[[Any], Any]) -> None:
    """At g = 1 alone such a rule is right."""
    bad = Op("bad", lambda x: x * x, lambda g, z, x: (entry(g) * 2 * x,), EXTENDED)
    for check in (lambda: ag.check_op(bad, 0.5), lambda: ag.check_grad(bad, 0.5, orders=1)):
        with pytest.raises(GradientMismatchError, match=r"op 'bad' at \(0\.5\), input 0 \(x\): .* must be g times the"):
            check()


def test_a_rule_wrong_only_at_order_2_is_found() -> None:
    """The value is right at every point, but the rule leaves the graph."""
    frozen = Op(
        "frozen", lambda x: x**3, lambda g, z, x: (g * 3 * (x.data if isinstance(x, Value) else x) ** 2,), EXTENDED
    )
    assert ag.check_op(frozen, 2.0, orders=(1,))
    with pytest.raises(
        GradientMismatchError, match=r"op 'frozen'.*order 2: the rule says 0\.0, differences say 1[12]\."
    ):
        ag.check_op(frozen, 2.0)


def test_a_gradient_lost_outside_the_ops_is_found_and_explained() -> None:
    with pytest.raises(GradientMismatchError, match=r"element 0 of the arguments.*\n.*look for \.data"):
        ag.check_grad(lambda x: x * Value(x.data), 3.0, orders=(1,))


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (ag.relu, 0.0),
        (abs, 0.0),
        (ag.floor, 2.0),
        (lambda x: ag.maximum(x, 1.0), 1.0),
        (ag.sign, 0.0),
        (lambda x: ag.clip(x, 0.0, 1.0), 1.0),
    ],
)
def test_kinks_are_reported_as_kinks(function: object, at: float) -> None:
    report = ag.check_grad(function, at, orders=(1,))
    assert report
    assert report.kinks
    assert "kink" in str(report)


def test_a_wrong_rule_cannot_hide_at_a_kink() -> None:
    bad = Op("bad", lambda x: max(x, 0.0), lambda g, z, x: (g * 2.0,), EXTENDED)
    with pytest.raises(GradientMismatchError, match=r"rule says 2\.0"):
        ag.check_op(bad, 0.0, orders=(1,))


def test_a_check_next_to_the_edge_of_a_domain_and_at_extreme_scales() -> None:
    assert ag.check_op(TABLE["log"], 1e-6)
    assert ag.check_op(TABLE["sqrt"], 1e-9)
    assert ag.check_op(TABLE["sin"], 1000.0)
    assert ag.check_op(TABLE["exp"], 100.0)
    assert ag.check_grad(lambda x: ag.sin(100 * x) * 1e6, 0.3)
    nonsense = Op("nonsense", math.log, lambda g, z, x: (g * 1.001 / x,), POSITIVE)
    with pytest.raises(GradientMismatchError):
        ag.check_op(nonsense, 1e-6, orders=(1,))


@pytest.mark.parametrize("data", [(), (1.0, 2.0)])
def test_a_wrong_number_of_inputs_is_explained(data: tuple[float, ...]) -> None:
    with pytest.raises(OpError, match="for op 'sin', which takes x"):
        ag.check_op(TABLE["sin"], *data)


@pytest.mark.parametrize("op", ["log", math.log, 1.0])
def test_what_is_no_op_is_refused(op: object) -> None:
    with pytest.raises(OpError, match=r"check_op takes an Op, got .*ag\.log"):
        ag.check_op(op, 1.0)


@pytest.mark.parametrize("orders", [(), (3,), (1, 3), 0, 3, None, "12", 1.5, ([1],)])
def test_orders_are_1_and_2(orders: object) -> None:
    for check in (lambda: ag.check_grad(ag.sin, 0.3, orders=orders), lambda: ag.check_op(ag.sin, 0.3, orders=orders)):
        with pytest.raises(OpError, match="orders must be 1, 2 or both, got"):
            check()


def test_one_order_may_be_given_as_an_integer() -> None:
    for orders in (1, (1,), [1], {1}):
        assert {c.order for c in ag.check_grad(ag.sin, 0.3, orders=orders).comparisons} == {1}
    assert {c.order for c in ag.check_op(ag.sin, 0.3, orders=2).comparisons} == {2}
    assert {c.order for c in ag.check_grad(ag.sin, 0.3, orders=iter((1, 2))).comparisons} == {1, 2}


def test_stop_gradient_is_no_mistake() -> None:
    assert ag.check_grad(lambda x: x * ag.stop_gradient(x), 2.0)


def test_containers_of_arguments() -> None:
    report = ag.check_grad(lambda p, q: p["w"][0] * q + ag.exp(p["w"][1]), {"w": [1.0, 2.0]}, 3.0)
    assert report
    assert not report.having("undecided")
    with pytest.raises(OutputError, match="one number"):
        ag.check_grad(lambda x: [x, x], 1.0)


@pytest.mark.parametrize("f", [math.sin, math.exp, math.atan, lambda x: x**5, lambda x: 1 / (1 + x * x)])
@pytest.mark.parametrize("x", [-2.0, 0.0, 0.1, 1.0, 30.0])
def test_a_difference_knows_its_error(f: object, x: float) -> None:
    from mpmath import mp

    exact = {"sin": mp.cos, "exp": mp.exp, "atan": lambda x: 1 / (1 + mp.mpf(x) ** 2)}.get(
        getattr(f, "__name__", ""), lambda u: mp.diff(f, u)
    )
    d = difference(f, x)
    assert abs(d.estimate - float(exact(x))) <= 10 * d.error
    assert d.error <= 1e-8 * max(1.0, abs(f(x)), abs(d.estimate))
    assert not d.is_kink


def test_an_estimate_too_vague_to_judge_is_undecided_not_passed() -> None:
    noise = difference(lambda x: math.floor(x * 1e9) % 7, 0.3)
    assert Comparison("noise", 1, 0.0, noise).verdict in {"undecided", "wrong", "kink"}


@pytest.mark.parametrize("x", [1e-3, 1e-8, 1e-10])
def test_small_arguments_next_to_a_pole_or_an_edge_are_decided(x: float) -> None:
    for function in (lambda x: 1 / x, ag.log, ag.sqrt, ag.logit):
        report = ag.check_grad(function, x, orders=(1,))
        assert not report.kinks, str(report)
    bad = Op("bad", math.log, lambda g, z, x: (2 * g / x,), POSITIVE)
    with pytest.raises(GradientMismatchError):
        ag.check_op(bad, x, orders=(1,))
