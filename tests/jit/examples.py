"""Fifteen functions that together meet everything the compiler does.

The text of a program names the line on which a branch was asked for: new lines go below `branch`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core import Value
from autograd_core.domain import REAL
from autograd_core.op import Op


def branch(x: Any) -> Any:
    return ag.sqrt(x) if x > 1.0 else x * x


RNG = np.random.default_rng(0)
MANY = RNG.normal(size=50)

called_back = Op("called_back", lambda x: math.sin(x), lambda g, z, x: (g * ag.cos(x),), REAL)


def few_steps(x: Any, y: Any) -> Any:
    return x * y + ag.sin(x)


def weights(rows: int, columns: int, name: str) -> list[list[Value]]:
    return [
        [Value(w, name=f"{name}{i}{j}") for j, w in enumerate(row)]
        for i, row in enumerate(RNG.normal(size=(rows, columns)).tolist())
    ]


SCALE = Value(2.0, name="scale")
W, B = weights(4, 6, "w"), [Value(0.1, name=f"b{j}") for j in range(4)]


def layer(x: Any) -> Any:
    return [ag.sigmoid(ag.dot(row, x) + b) for row, b in zip(W, B, strict=True)]


def cost(xs: Any, ys: Any) -> Any:
    def of_one(x: Any, y: Any) -> Any:
        return ag.sum([(a - y) ** 2 for a in layer(x)])

    return ag.mean(ag.vmap(of_one)(xs, ys))


def step(xs: Any, ys: Any) -> Any:
    parameters = [w for row in W for w in row] + B
    table = ag.backprop(cost(xs, ys), parameters)
    return [p - 0.1 * table[p] for p in parameters]


def payoff(spot: Any, strike: Any) -> Any:
    paths = ag.vmap(lambda z: ag.relu(spot * ag.exp(0.2 * z - 0.02) - strike))
    return ag.exp(-0.05) * ag.mean(paths(MANY))


def rosenbrock(x: Any) -> Any:
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in itertools.pairwise(x))


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "few_steps": (ag.value_and_grad(few_steps, argnums=(0, 1)), (1.5, 2.5)),
    "branch": (ag.grad(branch), (2.0,)),
    "captured": (lambda x: SCALE * x + (Value(2.0) * 3.0 - 6.0), (1.5,)),
    "rosenbrock": (ag.value_and_grad(rosenbrock), (np.array([0.5, -0.5, 1.5]),)),
    "many_inputs": (lambda x, y: [ag.logsumexp(x, y), ag.norm(x, y), *ag.softmax([x, y])], (0.25, -0.75)),
    "called_back": (ag.value_and_grad(called_back), (1.5,)),
    "batch": (ag.vmap(ag.value_and_grad(lambda x: ag.exp(-x * x) + x**1.5)), (MANY,)),
    "batch_with_branch": (ag.vmap(branch), (MANY,)),
    "sum_over_points": (ag.value_and_grad(payoff, argnums=(0, 1)), (1.0, 1.1)),
    "branch_inside_a_map": (lambda x: ag.sum(ag.vmap(branch)(x)), (MANY,)),
    "map_in_a_map": (
        lambda x, y: ag.vmap(lambda a: ag.sum(ag.vmap(lambda b: ag.sin(a * b))(y)))(x),
        (MANY[:4], MANY[:5]),
    ),
    "single_points": (ag.grad(lambda x: ag.vmap(ag.sqrt)(x)[0] * ag.vmap(ag.cos)(x)[2]), (MANY[:20],)),
    "second_derivative": (ag.grad(ag.grad(lambda x: ag.maximum(x, 0.0) ** 3 * ag.leaky_relu(x))), (0.5,)),
    "layer": (layer, (np.linspace(-1.0, 1.0, 6),)),
    "descent": (step, (RNG.normal(size=(8, 6)), RNG.normal(size=8))),
}
