"""Forward mode over kinks and infinities: what is nothing stays nothing, whatever it is multiplied with, at every order."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, is_same, tolerances
from marks import slow

import autograd_core as ag

INF = math.inf
TOLERANCE = tolerances((0.0, 0.0), (1e-12, 1e-12))
V, W = (1.0, 0.5), (0.25, 1.0)
AT = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, INF, -INF]


def forward_over_forward(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: ag.jvp(lambda *xs: ag.jvp(f, xs, V)[1], xs, W)[1]


def forward_over_reverse(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: ag.jvp(ag.grad(f, (0, 1)), xs, W)[1]


def forward(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: ag.jvp(f, xs, V)


def third(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: ag.jvp(forward_over_forward(f), xs, V)[1]


def bilinear(hessian: Any) -> float:
    """Σ Vᵢ Hᵢⱼ Wⱼ."""
    return float(sum(V[i] * W[j] * hessian[i][j] for i in range(2) for j in range(2)))


KINKED: dict[str, Callable[[Any, Any], Any]] = {
    "clip by an infinity": lambda x, y: ag.clip(1 / y, -1, x) * y,
    "sqrt of relu": lambda x, y: ag.sqrt(ag.relu(x)) * y,
    "the reciprocal of relu": lambda x, y: y / ag.relu(x),
    "log of the larger": lambda x, y: ag.log(ag.maximum(x, 0.0)) + y,
    "sqrt of floor": lambda x, y: ag.sqrt(ag.floor(x)) * y,
    "the reciprocal of sign": lambda x, y: y / ag.sign(x),
    "hypot of relus": lambda x, y: ag.hypot(ag.relu(x), ag.relu(y)) * y,
    "sqrt of hypot": lambda x, y: ag.sqrt(ag.hypot(x, y)),
    "where on both sides": lambda x, y: ag.where(x > 0.0, ag.log(x), 1.0 / y) * ag.where(y > 0.0, x, y),
    "nested where": lambda x, y: ag.sqrt(ag.where(x > 1.0, ag.where(y > 0.0, x * y, 0.0), 0.0)),
    "tied maximum": lambda x, y: ag.maximum(x, y) * ag.minimum(x, y) / (x - y),
    "max of three": lambda x, y: ag.sqrt(ag.max(x, y, 0.0)),
    "elu of max": lambda x, y: ag.square(ag.elu(ag.max(y, x, x))),
    "atan2 of a kink and a step": lambda x, y: ag.sqrt(ag.atan2(ag.leaky_relu(-x), ag.minimum(ag.floor(y), 1.0))),
    "a quotient of kinks": lambda x, y: x**3 / ag.where(ag.square(y) == 0.0, ag.max(0.0, x, x), ag.elu(y)),
    "abs of a reciprocal": lambda x, y: abs(1.0 / x) * ag.relu6(y),
    "xlogy": lambda x, y: ag.xlogy(ag.relu(x), abs(y)),
    "norm": lambda x, y: ag.norm(ag.relu(x), ag.relu(y), x),
    "copysign": lambda x, y: ag.copysign(ag.sqrt(x), y) / ag.hardtanh(y),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(KINKED, but=[*KINKED][::4]))
def test_forward_mode_at_kinks_and_infinities_is_the_eager_one_at_orders_1_to_3(name: str, backend: str) -> None:
    for derivative in (forward, forward_over_forward, forward_over_reverse, third):
        g = derivative(KINKED[name])
        compiled = ag.jit(g, backend=backend)
        points = [(x, y) for x in AT for y in AT]
        for x, y in points:
            assert_same(compiled(x, y), eager(g, x, y), *TOLERANCE[backend], f"{derivative.__name__} at {(x, y)}")


@pytest.mark.parametrize("name", KINKED)
def test_eagerly_both_modes_agree_at_kinks_and_infinities(name: str) -> None:
    f = KINKED[name]
    for x in AT:
        for y in AT:
            hessian = eager(ag.hessian(f, (0, 1)), x, y)
            expected = bilinear(hessian)
            if expected != expected:
                continue  # of infinities of both signs the order decides what they add up to
            assert is_same(eager(forward_over_forward(f), x, y), expected, 1e-9, 1e-12), (x, y)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_closed_form_where_a_clipped_infinity_is_taken(backend: str) -> None:
    f = forward_over_forward(KINKED["clip by an infinity"])
    assert eager(f, -1.0, INF) == 1.125  # x * y there, so the Hessian is [[0, 1], [1, 0]]
    assert ag.jit(f, backend=backend)(-1.0, INF) == 1.125


UNARY = ["abs(%s)", "ag.relu(%s)", "ag.sign(%s)", "ag.square(%s)", "1.0/(%s)", "ag.sqrt(%s)", "-(%s)", "ag.floor(%s)",
         "ag.hardtanh(%s)", "ag.leaky_relu(%s)", "ag.exp(%s)", "ag.log(%s)", "(%s)**3", "ag.elu(%s)", "ag.relu6(%s)"]  # fmt: skip
BINARY = ["ag.maximum(%s, %s)", "ag.minimum(%s, %s)", "ag.hypot(%s, %s)", "(%s)*(%s)", "(%s)+(%s)", "(%s)-(%s)",
          "ag.atan2(%s, %s)", "ag.copysign(%s, %s)", "ag.max(%s, %s)", "ag.norm(%s, %s)", "ag.logaddexp(%s, %s)"]  # fmt: skip
TERNARY = ["ag.clip(%s, %s, %s)", "ag.where((%s) > 0.0, %s, %s)", "ag.where((%s) == 0.0, %s, %s)", "ag.max(%s, %s, %s)"]


def expression(draw: random.Random, depth: int) -> str:
    if depth == 0:
        return draw.choice(["x", "y", "x", "y", "x*1.0", "y*0.0"])
    forms = draw.choice([UNARY, UNARY, BINARY, BINARY, TERNARY])
    form = draw.choice(forms)
    return form % tuple(expression(draw, draw.randrange(depth)) for _ in range(form.count("%s")))


@pytest.mark.parametrize("seed", slow(range(4), but=[0]))
def test_random_compositions_of_kinks_and_infinities_to_the_last_bit(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(40):
        text = expression(draw, 4)
        f = eval(f"lambda x, y: {text}", {"ag": ag})  # our own text
        for derivative in (forward_over_forward, forward_over_reverse):
            g = derivative(f)
            compiled = ag.jit(g, backend="python")
            for _ in range(10):
                x, y = draw.choice(AT), draw.choice(AT)
                assert_same(compiled(x, y), eager(g, x, y), where=f"{derivative.__name__} of {text} at {(x, y)}")


THROUGH_MAPS: dict[str, Callable[[Any, Any], Any]] = {
    "nothing enters": lambda w, xs: ag.vmap(lambda x, r: ag.sqrt(r * x), in_axes=(0, None))(xs, ag.relu(w)).sum(),
    "nothing comes out of the sum": lambda w, xs: ag.sqrt(ag.vmap(lambda x: ag.relu(w * x))(xs).sum()),
    "nothing at some points": lambda w, xs: ag.vmap(lambda x: ag.sqrt(ag.relu(w * x)))(xs).sum(),
    "the first point": lambda w, xs: ag.sqrt(ag.vmap(lambda x: ag.relu(w * x))(xs)[0]),
    "collected": lambda w, xs: ag.vmap(ag.sqrt)(np.array([ag.relu(w * x) for x in xs] * 90)).sum(),
    "collected with constants": lambda w, xs: ag.vmap(ag.sqrt)(np.array([ag.relu(w * xs[0]), 0.0 * xs[1]] * 150)).sum(),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(THROUGH_MAPS, only=["collected", "collected with constants"]))
def test_nothing_stays_nothing_on_its_way_into_maps_and_out_of_them(name: str, backend: str) -> None:
    f = THROUGH_MAPS[name]
    first: Callable[..., Any] = lambda w, xs: ag.jvp(lambda w: f(w, xs), (w,), (1.0,))[1]  # noqa: E731  # a name for what the cases share
    for g in (
        first,
        lambda w, xs: ag.jvp(lambda w: first(w, xs), (w,), (1.0,))[1],
        lambda w, xs: ag.grad(first)(w, xs),
    ):
        compiled = ag.jit(g, backend=backend)
        for w in (-1.0, 0.0, 2.0):
            for xs in (np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 0.0])):
                assert_same(compiled(w, xs), float(eager(g, w, xs)), 1e-12, 1e-13, f"{name} at {w}, {xs}")
