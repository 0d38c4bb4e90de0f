"""Values that a compiled function finds outside are inputs, read at every call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, numbers_of, programs_of, tolerances

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import StructureError, TracingError
from nn import MLP, SGD, mse

TOLERANCE = tolerances((1e-13, 1e-14), (1e-12, 1e-13))
rng = np.random.default_rng(3)
X, Y = rng.normal(size=(10, 2)), rng.normal(size=10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_captured_value_is_read_at_every_call(backend: str) -> None:
    k = Value(2.0, name="k")
    f = ag.jit(lambda x: ag.sin(x) * k, backend=backend)
    for data in (2.0, 2.0, 3.0, -1.0):
        k.data = data
        found = f(0.5)
        assert_same(float(found.data if isinstance(found, Value) else found), eager(ag.sin, 0.5) * data, 1e-13)
    assert programs_of(f) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_guard_on_a_captured_value(backend: str) -> None:
    k = Value(2.0)
    f = ag.jit(lambda x: x * 2.0 if k > x else x * 3.0, backend=backend)
    for data in (2.0, 2.0, 0.5, 0.5, 3.0):
        k.data = data
        assert f(1.0) == (2.0 if data > 1.0 else 3.0)
    assert programs_of(f) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gradient_by_captured_values_by_backprop_inside(backend: str) -> None:
    a, b = Value(0.7, name="a"), Value(-1.2, name="b")

    def loss_and_gradient(x: Any) -> Any:
        loss = (ag.sin(a * x) + b) ** 2
        table = ag.backprop(loss, [a, b, x])
        return loss, table[a], table[b], table[x]

    f = ag.jit(loss_and_gradient, backend=backend)
    for data in (0.7, 0.7, -0.3, 1.9):
        a.data = data
        twin = ag.value_and_grad(lambda a, b, x: (ag.sin(a * x) + b) ** 2, argnums=(0, 1, 2))
        value, slopes = twin(data, -1.2, 0.4)
        assert_same(numbers_of(f(0.4)), (value, *slopes), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", BACKENDS)
def test_captured_values_in_a_map(backend: str) -> None:
    a, b = Value(0.7, name="a"), Value(-1.2, name="b")

    def loss_and_gradient(xs: Any) -> Any:
        loss = ag.vmap(lambda x: (ag.sin(a * x) + b) ** 2)(xs).mean()
        table = ag.backprop(loss, [a, b])
        return loss, [table[a], table[b]]

    f, g = ag.jit(loss_and_gradient, backend=backend), ag.jit(ag.vmap(lambda x: a * x + b), backend=backend)
    xs = rng.normal(size=13)

    def twin(a: Any, b: Any) -> Any:
        return ag.mean([(ag.sin(a * x) + b) ** 2 for x in xs.tolist()])

    for data in (0.7, 0.7, -0.3):
        a.data = data
        value, slopes = ag.value_and_grad(twin, argnums=(0, 1))(data, -1.2)
        assert_same(numbers_of(f(xs)), (value, list(slopes)), *TOLERANCE[backend])
        assert_same(g(xs), data * xs - 1.2, 1e-13, 1e-15)


def gradients(net: Any, x: Any, y: Any) -> Any:
    loss = mse(net(x), y)
    table = ag.backprop(loss, net.parameters())
    return loss, [table[p] for p in net.parameters()]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_network_is_trained_by_a_compiled_gradient_as_by_the_eager_one(activation: str, backend: str) -> None:
    compiled_net, eager_net = (MLP(2, [4, 1], activation=activation, seed=5) for _ in range(2))
    f = ag.jit(lambda x, y: gradients(compiled_net, list(x), y), backend=backend)
    for step in range(12):
        x, y = X[step % 10], float(Y[step % 10])
        loss, slopes = f(x, y)
        value, table = _eager_step(eager_net, x.tolist(), y)
        assert_same(numbers_of(loss), value, 1e-10, 1e-12)
        for p, slope in zip(compiled_net.parameters(), slopes, strict=True):
            p.data -= 0.1 * float(slope)
        for p in eager_net.parameters():
            p.data -= 0.1 * table[p]
    assert_same([p.data for p in compiled_net.parameters()], [p.data for p in eager_net.parameters()], 1e-10, 1e-12)
    assert programs_of(f) == 1


def _eager_step(net: Any, x: Any, y: Any) -> Any:
    loss = mse(net(x), y)
    return loss.data, ag.backprop(loss, net.parameters())


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_batch_is_trained_on_by_sgd_outside_as_eagerly(backend: str) -> None:
    compiled_net, eager_net = (MLP(2, [3, 1], activation="tanh", seed=6) for _ in range(2))

    def of_batch(xs: Any, ys: Any) -> Any:
        loss = ag.vmap(lambda x, y: mse(compiled_net(list(x)), y))(xs, ys).mean()
        table = ag.backprop(loss, compiled_net.parameters())
        return loss, [table[p] for p in compiled_net.parameters()]

    f = ag.jit(of_batch, backend=backend)
    first, second = SGD(0.2), SGD(0.2)
    for _ in range(6):
        loss, slopes = f(X, Y)
        for p, slope in zip(compiled_net.parameters(), slopes, strict=True):
            p.grad = slope
        whole = ag.mean([mse(eager_net(x), y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)])
        assert_same(numbers_of(loss), whole.data, 1e-11)
        for p in eager_net.parameters():
            p.zero_grad()
        whole.backward()
        first.step(compiled_net.parameters())
        second.step(eager_net.parameters())
    assert_same([p.data for p in compiled_net.parameters()], [p.data for p in eager_net.parameters()], 1e-10, 1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_inner_node_from_outside_is_refused(backend: str) -> None:
    a = Value(2.0, name="a")
    z = a * a
    f = ag.jit(lambda x: x * z, backend=backend)
    with pytest.raises(TracingError, match=r"computed outside of it.*Compute it inside"):
        f(1.0)
    z.name = "z"
    with pytest.raises(TracingError, match="'z'"):
        f(1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_leaf_made_inside_is_a_constant(backend: str) -> None:
    f = ag.jit(lambda x: ag.backprop((k := Value(3.0)) * x * k, [k])[k] + x, backend=backend)
    for x in (1.0, 1.0, 2.0):
        assert_same(f(x), 7.0 * x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_of_arguments_and_captured_values_are_kept(backend: str) -> None:
    rate = Value(0.05, name="rate")

    def price(spot: Any, quotes: Any) -> Any:
        discounted = spot * ag.exp(-rate)
        discounted.name = "discounted"
        return discounted * quotes["bid"] + quotes["sizes"][1]

    text = str(ag.jit(price, backend=backend).program(100.0, {"bid": 2.0, "sizes": [1.0, 2.0]}))
    for name in ("spot", "rate", "discounted", "quotes['bid']", "quotes['sizes'][1]"):
        assert name in text, text


@pytest.mark.parametrize("backend", BACKENDS)
def test_reading_the_data_of_a_captured_value_is_refused(backend: str) -> None:
    k = Value(2.0, name="k")
    for f in (lambda x: x * k.data, lambda x: x * k.grad, lambda x: (k * x).data, lambda x: _write(k, x)):
        with pytest.raises(TracingError, match=r"'k'|compiled"):
            ag.jit(f, backend=backend)(1.0)
    assert k.data == 2.0


def _write(k: Value, x: Any) -> Any:
    k.data = 5.0
    return k * x


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_leaf_that_changed_between_trace_and_call_is_no_stale_graph(backend: str) -> None:
    p = Value(1.0)
    f = ag.jit(lambda x: ag.backprop(p * p * x, [p])[p], backend=backend)
    assert f(1.0) == 2.0
    p.data = 4.0
    assert f(1.0) == 8.0
    z = p * p
    p.data = 5.0
    assert f(2.0) == 20.0
    assert z.inputs == (p, p)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [2, 300])
def test_the_numbers_of_leaves_come_with_the_call_and_the_leaves_stay_as_they_are(count: int, backend: str) -> None:
    leaves = [Value(0.25, name=f"w{i}") for i in range(count)]
    other = Value(2.0)

    def f(x: Any) -> Any:
        loss = ag.dot(leaves, leaves) * x * other
        table = ag.backprop(loss, leaves)
        return loss, np.array([table[w] for w in leaves])

    compiled = ag.jit(f, backend=backend, leaves=leaves)
    for k in range(1, 4):
        numbers = np.linspace(-1.0, k, count)
        loss, gradient = compiled(numbers, 3.0)
        assert loss == pytest.approx(6.0 * numbers @ numbers, rel=1e-13, abs=0)
        assert gradient == pytest.approx(12.0 * numbers, rel=1e-13, abs=0)
    other.data = 1.0
    assert compiled(list(numbers), 3.0)[0] == pytest.approx(3.0 * numbers @ numbers, rel=1e-13, abs=0)
    assert {w.data for w in leaves} == {0.25}
    assert programs_of(compiled) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_leaves_in_an_outermost_map_with_a_branch(backend: str) -> None:
    w, b = Value(0.0, name="w"), Value(0.0)
    f = ag.jit(ag.vmap(lambda x: w * x if x > b else -x), backend=backend, leaves=[w, b])
    for _ in range(2):
        assert f(np.array([2.0, 1.0]), np.array([0.5, 1.5, 3.0])).tolist() == [-0.5, 3.0, 6.0]
        assert f([2.0, 5.0], [0.5, 1.5, 3.0]) == [-0.5, -1.5, -3.0]
    assert "w" in str(f.program([2.0, 1.0], np.array([3.0])))


def test_leaves_are_refused_where_they_are_none() -> None:
    w = Value(1.0)
    for leaves, says in [([w, w], "twice"), ([w * 2.0], "nothing computed"), ([1.0], "got 1.0 at position 0")]:
        with pytest.raises(StructureError, match=says):
            ag.jit(lambda x: w * x, leaves=leaves)
    f = ag.jit(lambda x: w * x, leaves=[w])
    for args, says in [((), "no argument"), ((2.0, 1.0), r"shape \(\)"), (([1.0, 2.0], 1.0), r"shape \(2,\)")]:
        with pytest.raises(StructureError, match=f"one number for each of 1 leaves as first argument, got .*{says}"):
            f(*args)
    with pytest.raises(TracingError, match="call the function itself"):
        ag.grad(lambda x: f([1.0], x))(2.0)
