"""Results that are Values: what depends on a captured Value stays in its graph, exactly where it does eagerly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager

import autograd_core as ag
from autograd_core import Value
from autograd_core.containers import flatten
from autograd_core.errors import StaleGraphError

TOLERANCE = {"rel": 1e-12, "abs": 1e-13}


def kinds(x: Any) -> Any:
    """The nesting of a result, with the kinds of its numbers."""
    if isinstance(x, dict):
        return {key: kinds(child) for key, child in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(map(kinds, x))
    return Value if isinstance(x, Value) else float if isinstance(x, (float, int)) else type(x)


inf, nan = float("inf"), float("nan")
w, b = Value(1.5, name="w"), Value(-0.5, name="b")

RESULTS: dict[str, Callable[[Any], Any]] = {
    "a product": lambda x: w * x,
    "the leaf itself": lambda x: w,
    "none of it": lambda x: x * 2.0,
    "containers": lambda x: [w * x, (x, {"a": ag.sin(b) * x, "b": 3.0 * x})],
    "a constant": lambda x: (2.0, w * 2.0),
    "a branch only": lambda x: x * 2.0 if w > 0.0 else x,
    "where by it": lambda x: ag.where(w > 0.0, x, -x),
    "where of it": lambda x: ag.where(x > 0.0, w * x, x),
    "max": lambda x: max(w, x),
    "an op that compares": lambda x: ag.less(w, x),
    "a table": lambda x: ag.backprop(w * w * x, [w, b])[w],
    "a table with a graph": lambda x: ag.backprop(w * w * x, [w], create_graph=True)[w],
    "a table times it": lambda x: ag.backprop(w * w * x, [w])[w] * b,
    "a gradient": ag.grad(lambda x: w * x * x),
    "a gradient without it": ag.grad(lambda x: x * x + w),
    "a gradient behind a gate": ag.grad(lambda x: ag.relu(x + w)),
    "value and gradient": ag.value_and_grad(lambda x: w * x * x),
    "a hessian": ag.hessian(lambda x: w * x**3),
    "forward mode": lambda x: ag.jvp(lambda x: w * x * x, (x,), (1.0,)),
    "a gradient inside that leads nowhere": lambda x: ag.grad(lambda y: y * y * x)(2.0),
    "a gradient inside by it": lambda x: ag.grad(lambda y: y * y * w)(2.0) * x,
    "stopped": lambda x: ag.stop_gradient(w * x),
    "rounded": lambda x: ag.floor(w * x),
    "a sum over a map": lambda x: sum(ag.vmap(lambda y: w * y)([x, 2.0 * x, 3.0])),
    "a choice of two": lambda x: (b * x if x > 1.0 else x, w),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_value_where_it_is_one_eagerly_and_has_the_same_gradients(name: str, backend: str) -> None:
    f = RESULTS[name]
    compiled = ag.jit(f, backend=backend)
    for numbers in ((1.5, -0.5), (1.5, -0.5), (-2.0, 0.25), (1.5, -0.5)):
        w.data, b.data = numbers
        for x in (0.75, 2.0, -1.0):
            found, expected = compiled(x), eager(f, x)
            assert kinds(found) == kinds(expected), x
            for y, z in zip(flatten(found), flatten(expected), strict=True):
                if not isinstance(y, Value):
                    assert y == pytest.approx(z, **TOLERANCE)
                    continue
                assert y.data == pytest.approx(z.data, **TOLERANCE)
                first = ag.backprop(y * y, [w, b], create_graph=True)
                wanted = ag.backprop(z * z, [w, b], create_graph=True)
                for leaf in (w, b):
                    assert first[leaf].data == pytest.approx(wanted[leaf].data, **TOLERANCE)
                    second, twice = ag.backprop(first[leaf], [w, b]), ag.backprop(wanted[leaf], [w, b])
                    assert [second[t] for t in (w, b)] == pytest.approx([twice[t] for t in (w, b)], **TOLERANCE)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loss_outside_of_the_compiled_part_is_trained_on(backend: str) -> None:
    k = Value(2.0)
    f = ag.jit(lambda x: k * x, backend=backend)
    for _ in range(3):
        k.zero_grad()
        (f(3.0) * k).backward()
        assert k.grad == 12.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_array_results_stay_arrays_of_floats_and_leaves_give_floats(backend: str) -> None:
    k = Value(2.0)
    assert ag.jit(lambda a: k * a, backend=backend)(np.array([1.0, 2.0])).dtype == float
    assert type(ag.jit(lambda x: k * x, backend=backend, leaves=[k])([3.0], 2.0)) is float


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_result_of_before_a_leaf_changed_is_stale(backend: str) -> None:
    k = Value(2.0)
    f = ag.jit(lambda x: k * k * x, backend=backend)
    f(1.0)
    z = f(1.0)
    k.data = 3.0
    with pytest.raises(StaleGraphError):
        z.backward()
    assert (f(1.0), ag.backprop(f(1.0), [k])[k]) == (9.0, 6.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_arguments_that_change_after_the_call_do_not_change_its_gradient(backend: str) -> None:
    k = Value(2.0)
    f = ag.jit(lambda a, more: k * a.sum() * more[0], backend=backend)
    a, more = np.array([1.0, 2.0]), [3.0]
    z = f(a, more)
    a[:], more[0] = 100.0, 100.0
    assert ag.backprop(z, [k])[k] == 9.0


def test_an_object_among_the_arguments_that_changes_after_the_call_is_told() -> None:
    class Model:
        def __init__(self) -> None:
            self.factor = 3.0

    k, model = Value(2.0), Model()
    z = ag.jit(lambda m, x: k * m.factor * x)(model, 1.0)
    assert ag.backprop(z, [k])[k] == 3.0
    model.factor = 5.0
    with pytest.raises(StaleGraphError, match="changed since the call"):
        ag.backprop(z, [k])


@pytest.mark.parametrize("backend", BACKENDS)
def test_static_arguments_and_keywords_reach_the_derivative(backend: str) -> None:
    k = Value(2.0)
    f = ag.jit(
        lambda mode, x, n, scale=1.0: k**n * x * scale if mode == "power" else k * x, backend=backend, static="mode"
    )
    z = f("power", 2.0, 3, scale=0.5)
    assert (z.data, ag.backprop(z, [k])[k]) == (8.0, 12.0)
    assert ag.backprop(f("line", 2.0, 3), [k])[k] == 2.0


def test_each_thread_differentiates_its_own_result() -> None:
    k = Value(2.0)
    f, wrong = ag.jit(lambda x: k * k * x), []

    def work(x: float) -> None:
        for _ in range(50):
            if ag.backprop(f(x), [k])[k] != 4.0 * x:
                wrong.append(x)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


INFINITE: dict[str, tuple[float, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "another number has an infinite slope": (0.0, lambda x: [ag.sqrt(w) * x, w * x], lambda r: r[1] * 3.0),
    "another number is nan": (0.0, lambda x: (w * x, {"a": w / w}), lambda r: r[0] * r[0]),
    "what arrives is infinite": (0.5, lambda x: w / w + x * w, lambda r: r * -inf),
    "what arrives is nan": (0.5, lambda x: w * x, lambda r: r * nan),
    "what arrives and what is sent on": (0.0, lambda x: ag.log(w) * x, lambda r: r * -inf),
    "nothing is sent on": (-1.0, lambda x: ag.relu(w) * x, lambda r: r * inf),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", INFINITE)
def test_what_arrives_at_one_number_is_passed_on_as_eagerly(name: str, backend: str) -> None:
    number, f, of_result = INFINITE[name]
    for g in (f, ag.jit(f, backend=backend)):
        w.data = number
        loss = eager(lambda g=g: of_result(g(2.0)))
        gradients = [eager(lambda loss=loss: ag.backprop(loss, w)[w]), eager(second_derivative, loss)]
        if g is f:
            expected = gradients
    w.data = 1.5
    assert_same(gradients, expected, 1e-13)


def second_derivative(loss: Value) -> float:
    slope = ag.backprop(loss, w, create_graph=True)[w]
    return ag.backprop(slope, w)[w]
