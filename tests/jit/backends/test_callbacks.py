"""Ops that Python computes for machine code: what they raise, and what they call."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, TOLERANCE, assert_same, eager

import autograd_core as ag
from autograd_core.domain import REAL, Domain
from autograd_core.jit import compiler
from autograd_core.jit.passes.lower import _template

TABLE = {float(k): k * k / 2.0 for k in range(100)}


def _looked_up(x: float) -> float:
    return TABLE[x] if x >= 0.0 else {}[x]


looked_up = ag.Op("looked_up", _looked_up, lambda g, z, x: (g * x,), REAL)
ratio = ag.Op("ratio", lambda x, y: float(x) / y, lambda g, z, x, y: (g / y, -g * z / y), Domain(REAL, REAL))


def of_positive(x: Any) -> Any:
    return looked_up(x) + 1.0 if x > 0.0 else -x


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_raised_behind_a_guard_that_fails_is_no_error(backend: str) -> None:
    f, unrelated = ag.jit(of_positive, backend=backend), ag.jit(lambda x: x * looked_up(x), backend=backend)
    for x in (2.0, 2.0, 3.0, -1.0, -1.0, 4.0):
        assert f(x) == of_positive(x)
        assert unrelated(3.0) == 13.5
        assert f(x) == of_positive(x)


def two_guards(x: Any) -> Any:
    if x > 0.0 and looked_up(x) > 10.0:
        return looked_up(x) * 2.0
    return x * x


def behind_a_guard_by_an_op(x: Any) -> Any:
    return looked_up(x + 3.0) if looked_up(abs(x)) < 2.0 else x


def a_gradient(x: Any) -> Any:
    return ag.grad(lambda y: y * looked_up(y) if y > 0.0 else -y)(x)


def looked_up_in_a_list(x: Any) -> Any:
    return [looked_up(x), x] if x > 0.0 else [x, x]


BATCHES: dict[str, Callable[[Any], Any]] = {
    "one guard": of_positive,
    "two guards": two_guards,
    "a guard by the op": behind_a_guard_by_an_op,
    "a gradient": a_gradient,
    "several results": looked_up_in_a_list,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", BATCHES)
def test_each_point_of_a_batch_raises_only_what_the_plain_loop_raises(name: str, backend: str) -> None:
    f = BATCHES[name]
    for points in ([2.0, -1.0, 5.0, -2.0, 1.0], [-1.0, 2.0, -2.0], [3.0, 4.0], [-1.0], [1.0, 90.0] * 200):
        compiled = ag.jit(ag.vmap(f), backend=backend)
        for xs in (points, points[::-1], points):
            assert np.array_equal(compiled(np.array(xs)), np.array([f(x) for x in xs])), xs


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_real_error_is_never_lost(backend: str) -> None:
    single = ag.jit(of_positive, backend=backend)
    batch = ag.jit(ag.vmap(of_positive), backend=backend)
    inner = ag.jit(lambda xs: ag.vmap(looked_up)(xs).sum(), backend=backend)
    for _ in range(3):
        assert single(2.0) == 3.0
        with pytest.raises(KeyError, match=r"0\.5"):
            single(0.5)
        assert batch(np.array([2.0, -1.0])).tolist() == [3.0, 1.0]
        for points in ([2.0, -1.0, 0.5, -2.0], [0.5], [-1.0, 0.5], [1.0] * 400 + [0.5]):
            with pytest.raises(KeyError, match=r"0\.5"):
                batch(np.array(points))
        assert inner(np.arange(300.0) % 100.0) == sum(TABLE[k % 100] for k in range(300))
        with pytest.raises(KeyError, match=r"0\.5"):
            inner(np.arange(300.0) / 2.0)
    with pytest.raises(KeyError, match=r"0\.5"):
        ag.jit(of_positive, backend=backend)(0.5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_errors_of_arithmetic_are_infinite_or_no_numbers(backend: str) -> None:
    def guarded(x: Any, y: Any) -> Any:
        return ratio(x, y) if y != 0.0 else x

    f, bare = ag.jit(guarded, backend=backend), ag.jit(ratio, backend=backend)
    for _ in range(3):
        assert [f(1.0, 2.0), f(1.0, 0.0), f(3.0, 2.0)] == [0.5, 1.0, 1.5]
        assert bare(1.0, 2.0) == 0.5
        assert np.isnan(bare(1.0, 0.0))
    xs, ys = np.array([1.0, 1.0, 3.0]), np.array([2.0, 0.0, 2.0])
    for _ in range(2):
        assert ag.jit(ag.vmap(guarded), backend=backend)(xs, ys).tolist() == [0.5, 1.0, 1.5]


class Interrupted(BaseException):
    """As KeyboardInterrupt is: nothing may keep it."""


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interrupt_is_raised_even_behind_a_guard_that_fails(backend: str) -> None:
    def interrupt(x: float) -> float:
        if x == 7.0 or x < 0.0:
            raise Interrupted
        return x

    op = ag.Op("interrupt", interrupt, lambda g, z, x: (g,), REAL)
    f = ag.jit(lambda x: op(x) if x > 0.0 else x, backend=backend)
    assert f(1.0) == f(1.0) == 1.0
    with pytest.raises(Interrupted):
        f(7.0)
    assert f(2.0) == 2.0


# Calls within calls


def nested(backend: str, rest: Callable[[Any, Any], Any]) -> tuple[Any, Callable[[float], float]]:
    """f(a) = rest(below(a), a), where below(a) is f(a - 1), by a compiled function of an equal program."""
    below = ag.Op("below", lambda a: 0.0 if a <= 0.0 else functions[0](a - 1.0), lambda g, z, a: (g,), REAL)
    functions = [ag.jit(lambda a: rest(below(a), a), backend=backend)]
    return functions[0], lambda a: rest(0.0 if a <= 0.0 else nested_plainly(rest, a - 1.0), a)


def nested_plainly(rest: Callable[[Any, Any], Any], a: float) -> Any:
    return rest(0.0 if a <= 0.0 else nested_plainly(rest, a - 1.0), a)


RESTS: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda b, a: b + 10.0 * a,
    "many slots": lambda b, a: b + sum(ag.sin(a * k) * ag.cos(a + k) for k in range(40)) * a,
    "a guard": lambda b, a: b + a * 3.0 if a > 1.0 else b - a,
    "along lanes": lambda b, a: b + ag.sum(ag.vmap(lambda x: x * a + b)(np.arange(5.0))),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RESTS)
def test_an_op_may_call_the_function_that_it_is_part_of(name: str, backend: str) -> None:
    f, plain = nested(backend, RESTS[name])
    for a in (0.0, 0.0, 3.0, 3.0, 6.0, 2.0):
        assert f(a) == pytest.approx(plain(a), rel=1e-12, abs=1e-12)


def test_an_op_may_call_equal_programs_of_new_functions() -> None:
    def below(a: float) -> float:
        if a <= 0.0:
            return 0.0
        f = ag.jit(function)
        f(a - 1.0)
        return float(f(a - 1.0))

    op = ag.Op("below", below, lambda g, z, a: (g,), REAL)

    def function(a: Any) -> Any:
        return op(a) + 10.0 * a

    compiled = ag.jit(function)
    assert [compiled(2.0), compiled(2.0), compiled(3.0)] == [30.0, 30.0, 60.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_errors_of_inner_calls_stay_where_they_are_caught(backend: str) -> None:
    inner = ag.jit(lambda x: looked_up(x) * 2.0, backend=backend)

    def forgiving(x: float) -> float:
        try:
            return float(inner(x))
        except KeyError:
            return -1.0

    op = ag.Op("forgiving", forgiving, lambda g, z, x: (g,), REAL)
    outer = ag.jit(lambda x, y: op(x) + looked_up(y), backend=backend)
    for _ in range(3):
        assert outer(2.0, 4.0) == 12.0
        assert outer(0.5, 4.0) == 7.0
        with pytest.raises(KeyError, match=r"0\.25"):
            outer(0.5, 0.25)
    assert inner(2.0) == 4.0


def test_what_the_collector_calls_may_call_the_function_that_it_interrupts() -> None:
    f = ag.jit(lambda x: [ag.sin(x) * k + x for k in range(20)])
    expected, found = f(0.5), []
    f(0.5)

    class Witness:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            found.append(f(0.5) == pytest.approx(expected, rel=1e-12))

    before = gc.get_threshold()
    gc.set_threshold(5)
    try:
        for k in range(300):
            Witness()
            assert f(float(k))[0] == float(k)
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert len(found) == 300
    assert all(found)


def test_threads_have_their_own_errors_and_numbers() -> None:
    f, batch = ag.jit(of_positive), ag.jit(ag.vmap(of_positive))
    f(1.0), batch(np.array([1.0, -1.0]))

    def work(seed: int) -> None:
        for k in range(200):
            x = float(1 + (seed * 31 + k) % 90)
            assert f(x) == TABLE[x] + 1.0
            assert f(-x) == x
            assert batch(np.array([x, -x, x])).tolist() == [TABLE[x] + 1.0, x, TABLE[x] + 1.0]
            with pytest.raises(KeyError, match=f"{x + 0.5}"):
                f(x + 0.5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def newton(a: float) -> float:
    """√a by Newton's method, with slopes from the engine."""
    x = 1.0 + a
    for _ in range(40):
        y, slope = ag.value_and_grad(lambda x: x * x - a)(x)
        x -= y / slope
    return x


reciprocal = ag.jit(lambda x: 1.0 / x)
below_zero = ag.jit(lambda x: -x if x < 0.0 else x * x)
ON_ITS_OWN: dict[str, Callable[[float], Any]] = {
    "a derivative": newton,
    "a map": lambda a: sum(ag.vmap(lambda x: x * a if x > 1.5 else a)([1.0, 2.0, 3.0])),
    "a compiled function": lambda a: float(reciprocal(a)),
    "a compiled function of another way": lambda a: float(below_zero(a - 2.0)),
    "a compiled derivative": lambda a: float(ag.jit(ag.grad(lambda x: x * x if x > 1.0 else x))(a)),
    "a table": lambda a: ag.backprop(ag.sin(v := ag.Value(a)) * v, v)[v],
    "backward": lambda a: with_backward(a),
    "the number of a Value": lambda a: (ag.Value(a) * 2.0).data,
}
"""Values of ops that ask the engine themselves; with what they are called has nothing to do with their caller's graph."""


def with_backward(a: float) -> float:
    v = ag.Value(a)
    (v * v).backward()
    return v.grad or 0.0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ON_ITS_OWN)
def test_the_value_of_an_op_is_computed_outside_of_every_graph(name: str, backend: str) -> None:
    op = ag.Op("op", ON_ITS_OWN[name], lambda g, z, x: (g * ag.cos(x),), REAL)
    f = lambda x: op(x) * x + (op(2.0 * x) if x > 1.5 else x)  # noqa: E731
    for of in (f, ag.grad(f), ag.grad(ag.grad(f)), lambda x: ag.vmap(f)([x, 2.0 * x])):
        compiled = ag.jit(of, backend=backend)
        for x in (0.5, 2.5, 0.5, 4.0):
            assert_same(compiled(x), eager(of, x), TOLERANCE[backend], name)


def test_an_op_may_ask_the_function_that_contains_it() -> None:
    op = ag.Op("op", lambda a: float(g(a - 1.0)) if a > 0.0 else 0.5, lambda g, z, a: (g * 0.5,), REAL)
    f = ag.grad(lambda x: 1.0 - op(x) if op(x) > 0.0 else x)
    g: Any = f
    expected = [f(x) for x in (2.0, 1.0, 2.0)]
    g = ag.jit(f)
    assert [g(x) for x in (2.0, 1.0, 2.0)] == expected


def _reference_to_a_compiled_op(backend: str) -> weakref.ref[ag.Op]:
    op = ag.Op("gone", lambda x: float(x) * 2.0, lambda g, z, x: (2.0 * g,), REAL)
    batch, single = ag.jit(ag.vmap(lambda x: op(x) + 1.0), backend=backend), ag.jit(lambda x: op(x), backend=backend)
    for _ in range(2):
        assert batch(np.arange(20.0)).tolist() == [2.0 * x + 1.0 for x in range(20)]
        assert single(3.0) == 6.0
    return weakref.ref(op)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_was_made_for_an_op_goes_with_it(backend: str) -> None:
    gone = _reference_to_a_compiled_op(backend)
    compiler._compiled.cache_clear()
    _template.cache_clear()
    gc.collect()
    assert gone() is None
