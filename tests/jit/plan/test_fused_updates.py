"""A gradient that is only added to the parameters is added as it is made; whoever wants it besides still gets it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core.jit.plan import Multiplication
from nn import MLP, half_mse

RNG = np.random.default_rng(0)

RULES = {
    "p - rate g": (lambda p, g, rate: p - rate * g, True),
    "p - g rate": (lambda p, g, rate: p - g * rate, True),
    "p - 0.1 g": (lambda p, g, rate: p - 0.1 * g, True),
    "p - g": (lambda p, g, rate: p - g, True),
    "p + g": (lambda p, g, rate: p + g, True),
    "rate g + p": (lambda p, g, rate: rate * g + p, True),
    "g - p": (lambda p, g, rate: g - p, False),
    "2 p - g": (lambda p, g, rate: 2.0 * p - g, True),  # to what was made before
    "p - g g": (lambda p, g, rate: p - g * g, False),
    "p - p g": (lambda p, g, rate: p - p * g, False),
    "p - tanh g": (lambda p, g, rate: p - ag.tanh(g), False),
    "g": (lambda p, g, rate: g + 0.0, False),
}


def step(net: MLP, rule: Any, shows_gradient: bool = False) -> Any:
    """A step by a rule for a batch of samples."""
    parameters = net.parameters()

    def take(rate: Any, rows: Any, targets: Any) -> Any:
        cost = ag.vmap(lambda x, y: half_mse(net(x), y))(rows, targets).sum()
        table = ag.backprop(cost, parameters)
        gradient = np.array([table[p] for p in parameters])
        moved = ag.vmap(lambda p, g: rule(p, g, rate))(np.array(parameters), gradient)
        return moved, (cost, gradient) if shows_gradient else cost

    return take


def tasks(f: Any) -> list[Any]:
    """What the machine does."""
    (path,) = next(iter(f.kinds.values())).known
    assert path.executable.plan.has_products
    return path.executable.plan.order


def is_added(f: Any) -> bool:
    """Whether a product of matrices is added to something."""
    return any(isinstance(task, Multiplication) and task.base is not None for task in tasks(f))


@pytest.mark.parametrize(
    ("inputs", "layers", "has_large"),
    [pytest.param(30, [20, 20], True, marks=pytest.mark.slow), (40, [8], True), (15, [16, 3], False)],
)
@pytest.mark.parametrize("name", slow(RULES, but=["p - rate g", "p + g", "2 p - g", "p - g g", "p - tanh g", "g"]))
def test_rules_on_networks(name: str, inputs: int, layers: list[int], has_large: bool) -> None:
    rule, can_be_added = RULES[name]
    net = MLP(inputs, layers, "sigmoid", seed=0)
    numbers = np.array([p.data for p in net.parameters()])
    rows, targets = RNG.normal(size=(6, inputs)), RNG.normal(size=(6, layers[-1]))
    arguments = numbers, 0.3, rows, targets
    f = ag.jit(step(net, rule), leaves=net.parameters())
    f(*arguments)  # traces; the second call compiles
    found, cost = f(*arguments)
    expected, expected_cost = ag.jit(step(net, rule), leaves=net.parameters(), backend="python")(*arguments)
    assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()
    assert cost == pytest.approx(expected_cost, rel=1e-12)
    assert is_added(f) == (can_be_added and has_large)


def test_a_gradient_that_is_wanted_too_is_made() -> None:
    net = MLP(30, [20, 20], "sigmoid", seed=0)
    numbers = np.array([p.data for p in net.parameters()])
    arguments = numbers, 0.3, RNG.normal(size=(6, 30)), RNG.normal(size=(6, 20))
    f = ag.jit(step(net, RULES["p - rate g"][0], shows_gradient=True), leaves=net.parameters())
    f(*arguments)
    moved, (_, gradient) = f(*arguments)
    assert np.abs(moved - (numbers - 0.3 * gradient)).max() <= 1e-15
    assert not is_added(f)
