"""Programs in real arithmetic: they compute the same, with gates at their factors and derivatives by their names."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from formulas.equations.reader import numbers_of

import autograd_core as ag
from autograd_core import TABLE, domain
from autograd_core.formulas.equations.reals import in_reals
from autograd_core.formulas.equations.reals.derivatives import Derivative
from autograd_core.ops.selection import COMPARISONS

WHERE = TABLE["where"]
hill = ag.Op("hill", lambda x, k: ag.exp(-k * x * x), lambda g, z, x, k=2.0: (-2.0 * k * g * x * z, None), domain.Domain(domain.REAL, domain.REAL), constants=("k",))  # fmt: skip
ALWAYS_RECOGNISED = ["relu", "leaky_relu", "elu", "selu", "celu", "silu", "gelu", "mish", "softsign", "softplus",
                     "sigmoid", "tanh", "hardtanh", "hard_sigmoid", "relu6", "log_sigmoid", "abs", "sin", "cos", "atan",
                     "exp", "square", "sinh", "erf", "log1p", "sqrt"]  # fmt: skip


def results_of(program: Any, point: dict[str, float]) -> list[float]:
    numbers = numbers_of(program, point)
    return [numbers[out.node] for out in program.outputs]


@pytest.mark.parametrize("f", [*[TABLE[name] for name in ALWAYS_RECOGNISED], hill], ids=lambda op: op.name)
def test_what_a_rule_computes_is_the_derivative_by_its_name(f: ag.Op) -> None:
    def g(x: Any, w: Any, v: Any) -> Any:
        return ag.grad(lambda x: v * ag.sin(w * f(x)))(x)

    program = ag.jit(g).program(0.4, 1.5, 0.7)
    reals = in_reals(program)
    assert [step.op.of for step in reals.steps if isinstance(step.op, Derivative)].count(f) == 1
    for x in (0.4, 0.05, 2.5):
        point = {"x": x, "w": 1.5, "v": 0.7}
        assert results_of(reals, point) == pytest.approx(results_of(program, point), rel=1e-12)


def test_a_product_is_no_derivative_where_its_factor_has_other_uses() -> None:
    def outer(x: Any, y: Any) -> Any:
        return [ag.exp(x) * y, y * y]

    reals = in_reals(ag.jit(outer).program(0.3, 0.5))
    assert not [step for step in reals.steps if isinstance(step.op, Derivative)]


def test_a_rule_at_another_input_or_with_another_constant_is_not_recognised() -> None:
    def near(x: Any, y: Any, g: Any) -> Any:
        return [ag.tanh(x), ag.sech_squared(y) * g, ag.leaky_relu(x, 0.01), ag.where(x > 0.0, g, 0.2 * g)]

    reals = in_reals(ag.jit(near).program(0.3, 0.5, 2.0))
    assert not [step for step in reals.steps if isinstance(step.op, Derivative)]


def gated(w: Any, x: Any, y: Any) -> Any:
    """The gradient of a network of three layers with kinks."""
    a = [ag.relu(ag.dot(row, x)) for row in w]
    b = [ag.hardtanh(ag.dot(row, a)) for row in w]
    c = [ag.leaky_relu(ag.dot(row, b)) for row in w]
    return ag.sum([(p - q) ** 2 for p, q in zip(c, y, strict=True)])


def test_gates_stand_at_gradients_and_nothing_has_changed() -> None:
    def gradient(w: Any, x: Any, y: Any) -> Any:
        return ag.grad(lambda w: gated(w, x, y))(w)

    rng = np.random.default_rng(0)
    for _ in range(20):
        w, x, y = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
        program = ag.jit(gradient).program(w, x, y)
        reals = in_reals(program)
        point = {f"{name}[{', '.join(map(str, place))}]": number
                 for name, array in (("w", w), ("x", x), ("y", y)) for place, number in np.ndenumerate(array)}  # fmt: skip
        assert results_of(reals, point) == pytest.approx(results_of(program, point), rel=1e-9, abs=1e-12)
    assert any([step.op is WHERE for step in program.steps])
    assert not any([step.op is WHERE or step.op in COMPARISONS for step in reals.steps])


def either(a: Any, b: Any, p: Any, q: Any) -> Any:
    return 1.0 - (1.0 - ag.less(a, b)) * (1.0 - ag.less(p, q))


STEPS = [
    lambda a, b, c, p, q: a * b,
    lambda a, b, c, p, q: a + b,
    lambda a, b, c, p, q: a - c,
    lambda a, b, c, p, q: -a * c,
    lambda a, b, c, p, q: a / (1.5 + ag.abs(b)),
    lambda a, b, c, p, q: ag.where(ag.less(p, q), a * b, 0.0),
    lambda a, b, c, p, q: ag.where(ag.less(p, q) * ag.less(q, 0.3), a * b * c, 0.0),
    lambda a, b, c, p, q: ag.where(ag.less(p, q), a, 0.0) * b,
    lambda a, b, c, p, q: ag.where(ag.less(p, q), a, 0.0) + ag.where(ag.less(q, 0.3), b, 0.0),
    lambda a, b, c, p, q: ag.where(either(p, q, q, 0.3), a * c, 0.0),
    lambda a, b, c, p, q: ag.where(either(p, q, q, 0.3), ag.where(ag.less(p, q), a, 0.0) + ag.where(ag.less(q, 0.3), b, 0.0), 0.0),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_random_gates_are_moved_without_a_change(seed: int) -> None:
    rng = random.Random(seed)

    def f(x: Any, y: Any, z: Any, t: Any) -> Any:
        made = [x, y, z, t]
        for _ in range(25):
            operands, (p, q) = rng.choices(made, k=3), rng.sample([x, y, z, t], 2)
            made.append(rng.choice(STEPS)(*operands, p, q))
        return made[-8:]

    program = ag.jit(f).program(0.3, -0.4, 0.5, 0.7)
    reals = in_reals(program)
    for _ in range(5):
        point = {name: rng.uniform(-1.0, 1.0) for name in "xyzt"}
        assert results_of(reals, point) == pytest.approx(results_of(program, point), rel=1e-9, abs=1e-12)
