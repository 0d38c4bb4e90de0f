"""Ops of users: what is written in ops is computed by every machine, step by step; what is not is called back."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS, assert_same

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.domain import EXTENDED, POSITIVE, REAL, Domain
from autograd_core.jit.ir.primitives import PRIMITIVES
from autograd_core.jit.passes.lower import lower

pytestmark = pytest.mark.filterwarnings("ignore:Bitwise inversion:DeprecationWarning")  # Python 3.12's, of ~ on bools

cube = Op("cube", lambda x: x * x * x, lambda g, z, x: (3.0 * g * x * x,), REAL)
bent = Op(  # a branch
    "bent",
    lambda x: ag.where(x > 1.0, ag.log(x) + 1.0, x),
    lambda g, z, x: (g * ag.where(x > 1.0, 1.0 / x, 1.0),),
    REAL,
)
swish = Op(  # a parameter
    "swish",
    lambda x, beta: x * ag.sigmoid(beta * x),
    lambda g, z, x, beta=1.0: (
        g * (ag.sigmoid(beta * x) + beta * z * ag.sigmoid(-beta * x)),
        g * x * z * ag.sigmoid(-beta * x),
    ),
    Domain(EXTENDED, EXTENDED),
)
root_mean_square = Op(  # of any number of inputs
    "root_mean_square",
    lambda *xs: ag.sqrt(sum(x * x for x in xs) / len(xs)),
    lambda g, z, *xs: [g * x / (len(xs) * z) for x in xs],
    Domain(POSITIVE),
)
of_python = Op(
    "of_python", lambda x: math.sin(x) if x > 0.0 else x, lambda g, z, x: (g * ag.where(x > 0.0, ag.cos(x), 1.0),), REAL
)
twice = Op(
    "twice", lambda x: cube(x) + bent(x), lambda g, z, x: (g * (3.0 * x * x + ag.where(x > 1.0, 1.0 / x, 1.0)),), REAL
)

INLINE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cube": (cube, lambda x: x * x * x),
    "a branch": (bent, lambda x: ag.where(x > 1.0, ag.log(x) + 1.0, x)),
    "a parameter": (lambda x: swish(x, 1.5), lambda x: x * ag.sigmoid(1.5 * x)),
    "any number of inputs": (
        lambda x: root_mean_square(x, 2.0, x + 1.0),
        lambda x: ag.sqrt((x * x + 4.0 + (x + 1.0) * (x + 1.0)) / 3.0),
    ),
    "several conditions": (
        Op(
            "f",
            lambda x: ag.where((x > 0.4) & ~(x > 2.0) | (x == 3.0), x * x, -x),
            lambda g, z, x: (g * ag.where((x > 0.4) & ~(x > 2.0) | (x == 3.0), 2.0 * x, -1.0),),
            REAL,
        ),
        lambda x: ag.where((x > 0.4) & ~(x > 2.0) | (x == 3.0), x * x, -x),
    ),
    "ops of one's own": (twice, lambda x: x * x * x + ag.where(x > 1.0, ag.log(x) + 1.0, x)),
}
CALLED_BACK = {
    "math": Op("f", lambda x: math.exp(x), lambda g, z, x: (g * z,), REAL),
    "a branch of Python": of_python,
    "an answer to every error": Op("f", lambda x: _caught(lambda: math.sqrt(x) + x), lambda g, z, x: (g,), REAL),
    "a constant for an error": Op("f", lambda x: _caught(lambda: math.sqrt(x)) + x, lambda g, z, x: (g,), REAL),
    "what it is": Op("f", lambda x: x * x if isinstance(x, float) else x, lambda g, z, x: (g,), REAL),
    "chance": Op("f", lambda x: x * Random().random(), lambda g, z, x: (g,), REAL),
    "a text": Op("f", lambda x: x * len(f"{x:.3f}"), lambda g, z, x: (g,), REAL),
    "its own IEEE": Op("f", lambda x: 1.0 / x, lambda g, z, x: (-g * z * z,), REAL, ieee=lambda x: 7.0),
}
WHY = {
    "math": "its forward does not take Values: the Value 2.700267315956377 cannot become a float on the way",
    "a branch of Python": "it asks for the truth of a comparison; choose with where(condition, a, b)",
    "an answer to every error": "its forward makes no Value",
    "a constant for an error": "its forward makes 3.7",
    "what it is": "its forward makes 2.7",
    "chance": "its forward makes ",
    "a text": "it asks for the text of a number",
    "its own IEEE": "it has an ieee beside its forward",
}


def _caught(f: Callable[[], float]) -> float:
    try:
        return f()
    except Exception:
        return 1.0


def called(program: Any) -> set[str]:
    """The ops that are called back."""
    own = {"cube", "bent", "swish", "root_mean_square", "twice", "of_python", "f"}
    return {step.op.name for step in lower(program).steps} & own


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", INLINE)
def test_what_is_written_in_ops_is_what_the_ops_make_in_every_order(name: str, backend: str) -> None:
    own, inline = INLINE[name]
    for order in range(4):
        compiled, expected = ag.jit(own, backend=backend), inline
        for _ in range(order):
            compiled, expected = ag.jit(ag.grad(compiled.__wrapped__), backend=backend), ag.grad(expected)
        for x in (0.5, 1.5, 3.0):
            for _ in range(2):
                assert compiled(x) == pytest.approx(expected(x), rel=1e-12), (order, x)
        assert not called(compiled.program(0.5))
    xs = np.linspace(0.25, 3.0, 1000)
    assert_same(ag.jit(ag.vmap(own), backend=backend)(xs), np.array([inline(x) for x in xs.tolist()]), rel=1e-12)


def cycles(f: Callable[..., Any], point: Any) -> float:
    """What the steps of a program in primitives take, each by itself, in cycles of the processor."""
    return sum([PRIMITIVES[step.op].cycles[0] for step in lower(ag.jit(f).program(point)).steps])


@pytest.mark.parametrize("name", INLINE)
def test_along_a_batch_it_costs_what_the_same_expression_costs_inline(name: str) -> None:
    own, inline = (ag.vmap(f) for f in INLINE[name])
    points = np.linspace(0.25, 3.0, 100_000)
    assert_same(ag.jit(own)(points), ag.jit(inline)(points), rel=1e-15)
    assert cycles(own, points) <= 1.1 * cycles(inline, points)


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("name", ["a branch of Python"])
def test_what_is_called_back_has_derivatives_of_every_order(name: str, backend: str) -> None:
    compiled, expected = CALLED_BACK[name], ag.sin
    for _ in range(4):
        for x in (0.5, 1.5):
            assert ag.jit(compiled, backend=backend)(x) == pytest.approx(expected(x), rel=1e-14)
        assert ag.jit(ag.vmap(compiled), backend=backend)([0.5, 1.5]) == pytest.approx([expected(0.5), expected(1.5)])
        compiled, expected = ag.grad(compiled), ag.grad(expected)


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("name", CALLED_BACK)
def test_what_is_not_written_in_ops_is_called_back(name: str, backend: str) -> None:
    op = CALLED_BACK[name]
    compiled = ag.jit(lambda x: op(x) + 1.0, backend=backend)
    assert called(compiled.program(0.5)) == {op.name}
    if name != "chance":
        for x in (0.5, 2.0, -1.0, 0.5):
            assert compiled(x) == op(x) + 1.0


def _rule(g: Any, z: Any, x: Any) -> tuple[Any]:
    return (g / (1.0 + x),)


grown = Op("grown", lambda x: math.log1p(x), _rule, POSITIVE, in_ops=lambda x: ag.log1p(x) + 0.0 * x)


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_a_value_may_be_written_in_ops_for_machines_alone(backend: str) -> None:
    compiled = ag.jit(ag.value_and_grad(grown), backend=backend)
    assert grown.forward(0.5) == math.log1p(0.5)
    for _ in range(2):
        assert compiled(0.5) == pytest.approx((math.log1p(0.5), 1.0 / 1.5), rel=1e-15)
    assert {step.op.name for step in lower(compiled.program(0.5)).steps} >= {"log1p"}
    assert repr(grown) == "<Op grown, written in ops>"


def test_what_is_written_in_ops_must_come_to_the_same_as_the_forward() -> None:
    other = Op("other", math.log1p, _rule, POSITIVE, in_ops=lambda x: ag.log1p(x) + 1e-6)
    assert repr(other).startswith("<Op other, called back by machines: its in_ops makes 1.4702075")
    assert ag.jit(lambda x: other(x) + 1.0)(0.5) == math.log1p(0.5) + 1.0


def test_an_op_says_whether_machines_compute_it_or_call_it_back() -> None:
    assert [repr(op) for op in (ag.sin, ag.gelu, ag.sum)] == ["<Op sin>", "<Op gelu>", "<Op sum>"]
    for op in (cube, bent, swish, root_mean_square, twice):
        assert repr(op) == f"<Op {op.name}, written in ops>"
    for name, op in CALLED_BACK.items():
        assert repr(op).startswith(f"<Op {op.name}, called back by machines: {WHY[name]}")


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_outside_of_its_domain_it_follows_ieee_as_its_ops_do(backend: str) -> None:
    ratio = Op("ratio", lambda x, y: x / y, lambda g, z, x, y: (g / y, -g * z / y), Domain(REAL, REAL))
    compiled = ag.jit(ratio, backend=backend)
    for x, y, expected in (
        (1.0, 0.0, math.inf),
        (-1.0, 0.0, -math.inf),
        (0.0, 0.0, math.nan),
        (1e200, 1e-200, math.inf),
    ):
        for _ in range(2):
            assert_same(compiled(x, y), expected)
        with ag.op.quiet():
            assert_same(ratio(x, y), expected)


def test_a_matrix_layer_of_it_is_a_product_and_a_loop() -> None:
    weights = np.random.default_rng(0).normal(size=(8, 8))
    w = [[Value(x) for x in row] for row in weights.tolist()]

    def layer(op: Any) -> Any:
        return ag.jit(lambda x: [op(ag.dot(row, x)) for row in w])

    x = np.linspace(-1.0, 1.0, 8)
    own, inline = layer(cube), layer(lambda a: a * a * a)
    for _ in range(2):
        assert [a.data for a in own(x)] == pytest.approx([a.data for a in inline(x)], rel=1e-13)
    assert "product of sizes" in own.explain(x)["plan"]


def test_formulas_and_the_stepper_show_it_as_ours() -> None:
    x = Value(0.5, name="x")
    psi = Op("psi", lambda x: x * ag.exp(-x), lambda g, z, x: (g * ag.exp(-x) * (1.0 - x),), REAL, latex=r"\psi")
    assert r"\psi\left(x\right)" in ag.latex(psi(x))
    assert r"\operatorname{cube}\left(x\right)" in ag.latex(cube(x))
    assert "cube" in ag.derive(cube(x) * 2.0).latex
    assert "cube" in ag.step(cube(x) * 2.0)._repr_html_()
