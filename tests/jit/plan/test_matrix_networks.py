"""Networks through the matrices found in them: losses and gradients are those of the eager engine."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit.matrices import assert_close, by_arrays, products
from jit.support import eager, numbers_of
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.containers import flatten
from autograd_core.jit.backends.llvm import executable as llvm
from autograd_core.jit.plan import ALL, find
from nn import MLP, half_mse, hinge, moons


def cost_and_gradient(net: Any, loss: Any, parameters: Any) -> Any:
    """A function of one sample."""

    def f(x: Any, y: Any) -> Any:
        cost = loss(net(x), y)
        table = ag.backprop(cost, parameters)
        return cost, [table[p] for p in parameters]

    return f


def on_values(f: Any, *args: Any) -> Any:
    """The eager engine's answer, as floats."""
    return [float(getattr(x, "data", x)) for x in flatten(eager(f, *args))]


def test_mazurs_network() -> None:
    net = MLP(2, [2, 2], ["sigmoid", "sigmoid"])
    weights = [[0.15, 0.20, 0.35], [0.25, 0.30, 0.35], [0.40, 0.45, 0.60], [0.50, 0.55, 0.60]]
    for p, number in zip(net.parameters(), flatten(weights), strict=True):
        p.data = number
    f = cost_and_gradient(net, half_mse, net.parameters())
    result, found = by_arrays(f, [0.05, 0.10], [0.01, 0.99])
    shapes = [shape for _, *shape in products(found)]
    assert shapes.count([1, 2, 2]) >= 3  # W1 x, W2 h and W2ᵀ δ2
    assert shapes.count([2, 2, 1]) == 2  # δ1 xᵀ and δ2 hᵀ
    assert_close(flatten(result), on_values(f, [0.05, 0.10], [0.01, 0.99]))
    assert abs(result[0] - 0.298371109) < 1e-9


def test_the_exercise_sheets_network_with_a_skip_edge() -> None:
    """y = σ(w h + v x - 2), h = σ(u x + 1); all products have one term, so everything stays scalar."""
    u, b_h, w, v, b_y = parameters = [Value(x) for x in (-1.0, 1.0, 1.0, 2.0, -2.0)]

    def net(x: Any) -> Any:
        h = ag.sigmoid(u * x + b_h)
        return ag.sigmoid(w * h + v * x + b_y)

    f = cost_and_gradient(net, lambda y, t: 0.5 * (y - t) ** 2, parameters)
    result, _ = by_arrays(f, 0.0, 0.5)
    assert_close(flatten(result), on_values(f, 0.0, 0.5))
    printed = [0.039357373, 0.0, -0.009448392, -0.035131784, 0.0, -0.048056045]
    assert np.abs(np.array(flatten(result)) - printed).max() < 1e-9


def test_layers_with_a_skip_edge_to_every_neuron() -> None:
    """The same on a larger scale: an input of both layers makes two products whose sums are added."""
    rng = np.random.default_rng(1)
    w1, w2, skip, x = (Value(0.0),) * 4
    shapes = {"w1": (6, 4), "w2": (5, 6), "skip": (5, 4)}
    w1, w2, skip = (np.array([[Value(e) for e in row] for row in rng.normal(size=shapes[k])]) for k in shapes)

    def net(x: Any) -> Any:
        h = [ag.tanh(z) for z in w1 @ x]
        return [ag.sigmoid(ag.dot(a, h) + ag.dot(b, x)) for a, b in zip(w2, skip, strict=True)]

    parameters = [p for matrix in (w1, w2, skip) for p in matrix.flat]
    f = cost_and_gradient(net, half_mse, parameters)
    x, y = rng.normal(size=4), rng.normal(size=5)
    result, found = by_arrays(f, x, y)
    shapes_found = {tuple(shape) for _, *shape in products(found)}
    assert {(1, 6, 4), (1, 5, 6), (1, 5, 4), (5, 6, 1), (4, 5, 1), (4, 6, 1)} <= shapes_found
    assert_close(flatten(result), on_values(f, x, y))


@pytest.mark.slow
def test_all_100_steps_on_the_moons() -> None:
    net = MLP(2, [16, 16, 1], "relu", seed=1337)
    parameters = net.parameters()
    points, labels = moons()

    def step(rows: Any, targets: Any) -> Any:
        losses = ag.vmap(lambda x, y: hinge(net(x), y))(rows, targets)
        cost = losses.sum() / 100.0 + 1e-4 * ag.dot(parameters, parameters)
        table = ag.backprop(cost, parameters)
        return cost, np.array([table[p] for p in parameters])

    rows, targets = np.array(points), np.array(labels, float)
    by_matrices, one_by_one = ag.jit(step, leaves=parameters), ag.jit(step, backend="python", leaves=parameters)
    numbers = np.array([p.data for p in parameters])
    by_matrices(numbers, rows, targets)
    (path,) = next(iter(by_matrices.kinds.values())).known
    path.executable = llvm.compile(path.program, ALL)
    assert ("rows", 1, 16, 16) in products(path.executable.plan.found)
    assert path.executable.plan.check is not None  # relu's gates were opened
    expected = eager(step, rows, targets)
    assert_close(flatten(by_matrices(numbers, rows, targets)), [float(x) for x in map(plain, flatten(expected))])
    for k in range(100):
        found, expected = by_matrices(numbers, rows, targets), one_by_one(numbers, rows, targets)
        assert abs(found[0] - expected[0]) <= 1e-12 * abs(expected[0])
        assert_close(found[1], expected[1])
        numbers = numbers - (1.0 - 0.9 * k / 100) * expected[1]
    assert round(found[0], 5) == 0.01098


def looped(net: Any) -> Any:
    return lambda xs, ys: ag.mean([half_mse(net(x), y) for x, y in zip(xs, ys, strict=True)])


def mapped(net: Any) -> Any:
    return lambda xs, ys: ag.vmap(lambda x, y: half_mse(net(x), y))(xs, ys).mean()


def added_up(net: Any) -> Any:
    return lambda xs, ys: sum([half_mse(net(x), y) * 0.25 for x, y in zip(xs, ys, strict=True)])


@pytest.mark.parametrize("sizes", slow([[8, 1], [8, 3], [9, 7, 2]], but=[[8, 1]]), ids=str)
@pytest.mark.parametrize("activation", slow(["relu", "relu6"], only=["relu6"]))
@pytest.mark.parametrize("loss_of", [looped, mapped, added_up])
def test_features_without_an_end_do_not_pass_gates_that_were_opened(
    loss_of: Any, activation: str, sizes: list[int]
) -> None:
    """Where relu sends nothing back, eagerly nothing times infinity is nothing; a product would make it nan."""
    net = MLP(8, sizes, activation, seed=0)
    parameters = net.parameters()
    loss = loss_of(net)

    def step(xs: Any, ys: Any) -> Any:
        cost = loss(xs, ys)
        table = ag.backprop(cost, parameters)
        return cost, np.array([table[p] for p in parameters])

    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=(16, 8)), rng.normal(size=(16, sizes[-1]))
    compiled = ag.jit(step)
    compiled(xs, ys), compiled(xs, ys)
    (path,) = next(iter(compiled.kinds.values())).known
    assert path.executable.plan.check is not None
    for special in (-np.inf, np.inf, np.nan, 0.0):
        for at in ((0, 0), (3, 2), (15, 7)):
            rows = xs.copy()
            rows[at] = special
            found, expected = compiled(rows, ys), on_values(step, rows, ys)
            assert np.allclose(flatten(numbers_of(found)), expected, rtol=1e-10, atol=1e-13, equal_nan=True), (
                special,
                at,
            )


def test_steps_of_learning_go_the_exact_way_where_a_gate_lets_infinity_through() -> None:
    net = MLP(8, [8, 1], "relu", seed=0)
    parameters = net.parameters()
    for neuron in net.layers[0].neurons:
        neuron.w[5].data = 0.5  # so -inf in feature 5 closes all gates

    def step(xs: Any, ys: Any) -> Any:
        cost = looped(net)(xs, ys)
        table = ag.backprop(cost, parameters)
        return np.array([p - 0.01 * table[p] for p in parameters]), cost

    rng = np.random.default_rng(0)
    xs, ys, numbers = rng.normal(size=(6, 16, 8)), rng.normal(size=(6, 16)), np.array([p.data for p in parameters])
    xs[2, 3, 5] = xs[4, 0, 5] = -np.inf
    by_machine = ag.jit(step, leaves=parameters).scan(numbers, xs, ys)
    by_loop = ag.jit(step, leaves=parameters, backend="python").scan(numbers, xs, ys)
    for found, expected in zip(by_machine, by_loop, strict=True):
        assert np.allclose(found, expected, rtol=1e-10, equal_nan=True)
    assert np.isfinite(by_loop[0]).all()


def test_factors_of_opened_gates_may_come_in_any_order() -> None:
    """Every gate that is open after `find` is in a product that is checked, whichever factor was recorded first."""
    rng = np.random.default_rng(0)
    w, points = np.array([[Value(e) for e in row] for row in rng.normal(size=(6, 5))]), rng.normal(size=(7, 5))
    for order in (lambda a, b: a * b, lambda a, b: b * a):

        def f(xs: Any, ks: Any, order: Any = order) -> Any:
            return [
                ag.sum([ag.where(k > 0.0, order(a, b), 0.0) for a, b, k in zip(row, x, ks, strict=True)])
                for x in xs
                for row in w
            ]

        program = ag.jit(f).program(points, rng.normal(size=5))
        gates = [node for node in program.steps if node.op is ag.TABLE["where"]]
        found = find(program, ALL)
        still_gated = [] if found is None else [n for n in found.program.steps if n.op is ag.TABLE["where"]]
        assert gates
        assert found is None or found.checked or len(still_gated) == len(gates)
        compiled, ks = ag.jit(f), rng.normal(size=5)
        for special in (1.0, np.inf, -np.inf, np.nan):
            rows = points.copy()
            rows[2, 1:4] = special
            for _ in range(2):
                assert np.allclose(numbers_of(compiled(rows, ks)), on_values(f, rows, ks), rtol=1e-11, equal_nan=True)


def plain(x: Any) -> Any:
    """The number of a Value."""
    return getattr(x, "data", x)


ACTIVATIONS = ["tanh", "sigmoid", "relu", "softplus", "identity", "abs", "exp", "silu"]


class Layered:
    """A random network of layers with edges removed, weights shared and neurons duplicated."""

    def __init__(self, sizes: list[int], seed: int, trouble: set[str]) -> None:
        rng = random.Random(seed)
        self.parameters: list[Value] = []

        def weight() -> Value:
            if "shared" in trouble and self.parameters and rng.random() < 0.2:
                return rng.choice(self.parameters)
            self.parameters.append(Value(rng.uniform(-1, 1)))
            return self.parameters[-1]

        self.layers: list[list[Any]] = []
        for nin, nout in pairwise(sizes):
            name = rng.choice(ACTIVATIONS)
            layer: list[Any] = []
            for _ in range(nout):
                edges = [i for i in range(nin) if "removed" not in trouble or rng.random() < 0.85]
                activation = rng.choice(ACTIVATIONS) if "mixed" in trouble else name
                neuron = ([(weight(), i) for i in edges], weight(), ag.TABLE[activation])
                layer.append(rng.choice(layer) if layer and "duplicated" in trouble and rng.random() < 0.3 else neuron)
            self.layers.append(layer)
        self.skips = "skip" in trouble

    def __call__(self, x: Any) -> Any:
        inputs = list(x)
        for k, layer in enumerate(self.layers):
            outputs = [g(ag.sum([*(w * x[i] for w, i in edges), b])) for edges, b, g in layer]
            x = [*outputs, *inputs] if self.skips and k + 2 < len(self.layers) else outputs
            if self.skips and len(x) > len(outputs):
                x = [a + b for a, b in zip(outputs, inputs * len(outputs), strict=False)]
        return x


TROUBLE = st.sets(st.sampled_from(["removed", "shared", "duplicated", "mixed", "skip"]))


@pytest.mark.slow
@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.integers(1, 7), min_size=2, max_size=4), st.integers(0, 10**6), TROUBLE, st.booleans())
def test_random_layered_graphs(sizes: list[int], seed: int, trouble: set[str], maps: bool) -> None:
    net = Layered(sizes, seed, trouble)
    rng = np.random.default_rng(seed)
    rows, targets = rng.normal(size=(3, sizes[0])), rng.normal(size=(3, sizes[-1]))

    def f(scale: Any) -> Any:
        if maps:
            cost = scale * ag.vmap(lambda x, y: half_mse(net(x), y))(rows, targets).sum()
        else:
            cost = scale * ag.sum([half_mse(net(x), y) for x, y in zip(rows.tolist(), targets.tolist(), strict=True)])
        table = ag.backprop(cost, net.parameters)
        return cost, [table[p] for p in net.parameters]

    result, _ = by_arrays(f, 0.25)
    expected = on_values(f, Value(0.25))
    assert abs(result[0] - expected[0]) <= 1e-12 * max(abs(expected[0]), 1e-3)
    if np.any(expected[1:]):
        assert_close(result[1], expected[1:])
