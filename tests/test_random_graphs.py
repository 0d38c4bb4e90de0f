"""Random expressions: the engine against 50-digit arithmetic at orders 1 to 3, and against differences."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp
from oracles import ORACLES

import autograd_core as ag
from autograd_core import Value
from autograd_core.backprop import rates_of
from autograd_core.check import difference
from autograd_core.graph import ancestors, sweep

# Ops that keep moderate numbers moderate, so that a random composition of them stays in range.
UNARY = [
    "sin",
    "cos",
    "tanh",
    "atan",
    "sigmoid",
    "softplus",
    "erf",
    "softsign",
    "silu",
    "asinh",
    "norm_cdf",
    "gelu",
    "sinc",
    "neg",
]
BINARY = ["add", "sub", "mul", "hypot", "logaddexp", "fma"]
NARY = ["sum", "mean", "prod", "norm", "logsumexp", "dot"]

Step = tuple[str, tuple[int, ...], float]


@st.composite
def programs(draw: Any) -> list[Step]:
    """Straight-line programs: each step applies an op to earlier results, counted from the last."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(UNARY + BINARY + NARY + ["scaled", "shifted", "square", "ratio"]))
        count = 1 if name in UNARY else 3 if name == "fma" else 4 if name in NARY else 2
        picks = tuple(draw(st.lists(st.integers(0, 5), min_size=count, max_size=count)))
        steps.append((name, picks, draw(st.floats(-2, 2).map(lambda c: round(c, 3)))))
    return steps


def run(program: list[Step], inputs: list[Any], ops: Callable[[str], Callable[..., Any]]) -> Any:
    results = list(inputs)
    for name, picks, constant in program:
        args = [results[-1 - p % len(results)] for p in picks]
        if name == "scaled":
            z = args[0] * constant
        elif name == "shifted":
            z = args[0] + constant
        elif name == "square":
            z = args[0] ** 2
        elif name == "ratio":
            z = args[0] / (1 + args[1] * args[1])
        else:
            z = ops(name)(*args)
        results.append(z)
    return results[-1] + results[0]


def engine_op(name: str) -> Callable[..., Any]:
    return (lambda *xs: ag.dot(xs[:2], xs[2:])) if name == "dot" else getattr(ag, name)


def along(
    program: list[Step], point: list[float], direction: list[float], ops: Callable[[str], Any]
) -> Callable[[Any], Any]:
    """t ↦ f(point + t · direction)."""
    return lambda t: run(program, [x + t * d for x, d in zip(point, direction, strict=True)], ops)


POINTS = st.lists(st.floats(0.1, 2.0).map(lambda x: round(x, 3)), min_size=3, max_size=3)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(programs(), POINTS, st.lists(st.sampled_from([-1.0, 0.5, 1.0]), min_size=3, max_size=3))
def test_orders_1_to_3_agree_with_50_digit_arithmetic(
    program: list[Step], point: list[float], direction: list[float]
) -> None:
    exact = along(program, [mp.mpf(x) for x in point], direction, lambda name: ORACLES[name])
    function = along(program, point, direction, engine_op)
    assume(abs(exact(mp.mpf(0))) < 1e3)
    scale = 1.0
    for order in range(1, 4):
        expected = float(mp.diff(exact, 0, order))
        derivative = function
        for _ in range(order):
            derivative = ag.grad(derivative)
        scale = max(scale, abs(expected))
        assert derivative(0.0) == pytest.approx(expected, rel=1e-9, abs=1e-10 * scale), f"order {order}"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs(), POINTS)
def test_gradients_agree_with_differences_that_know_their_error(program: list[Step], point: list[float]) -> None:
    gradient = ag.grad(lambda x: run(program, x, engine_op))(point)
    for i, slope in enumerate(gradient):
        d = difference(
            lambda t, i=i: float(run(program, [x + t * (j == i) for j, x in enumerate(point)], engine_op)), 0.0
        )
        assert abs(slope - d.estimate) <= 30 * d.error + 1e-12 * abs(slope)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs(), POINTS, st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_forward_and_backward_sweeps_and_the_hessian_agree(
    program: list[Step], point: list[float], v: list[float]
) -> None:
    def f(x: list[Any]) -> Any:
        return run(program, x, engine_op)

    gradient = ag.grad(f)(point)
    value, slope = ag.jvp(f, (point,), (v,))
    assert value == f(point)
    close = {"rel": 1e-9, "abs": 1e-9}
    assert slope == pytest.approx(math.fsum(g * d for g, d in zip(gradient, v, strict=True)), **close)
    hessian = ag.hessian(f)(point)
    assert ag.hvp(f, point, v) == pytest.approx(
        [math.fsum(h * d for h, d in zip(row, v, strict=True)) for row in hessian], **close
    )
    assert hessian[0][1] == pytest.approx(hessian[1][0], **close)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs(), POINTS)
def test_order_is_topological_and_backward_equals_backprop(program: list[Step], point: list[float]) -> None:
    leaves = [Value(x) for x in point]
    root = run(program, leaves, engine_op)
    seen: set[Value] = set()
    for node in ancestors(root):
        assert all(x in seen for x in node.inputs if isinstance(x, Value))
        seen.add(node)
    root.backward()
    table = ag.backprop(root, leaves)
    assert [x.grad for x in leaves] == [table[x] for x in leaves]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs(), POINTS)
def test_the_sweep_in_general_is_back_propagation(program: list[Step], point: list[float]) -> None:
    leaves = [Value(x) for x in point]
    root = run(program, leaves, engine_op)
    found = dict(
        sweep(
            reversed(ancestors(root)),
            root,
            one=1.0,
            times=operator.mul,
            plus=sum,
            sent=lambda node: rates_of(node).items(),
        )
    )
    table = ag.backprop(root, leaves)
    for x in leaves:
        assert found.get(x, 0.0) == pytest.approx(table[x], rel=1e-9, abs=1e-9, nan_ok=True)
