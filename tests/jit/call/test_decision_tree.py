"""The decision tree: calls are led to the way they take, and ways without number are answered plainly."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, programs_of
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.jit import backends, compiler
from autograd_core.jit.call import variants
from autograd_core.jit.call.decision_tree import Decisions
from autograd_core.jit.ir.program import Constant, Guard, Input, Output, Program, Step
from autograd_core.ops import TABLE

LESS = TABLE["less"]


def bisection(c: Any) -> Any:
    low, high = 0.0 * c, c + 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        if middle * middle * middle < c:
            low = middle
        else:
            high = middle
    return low


def escape_time(x: Any) -> Any:
    z, count = 0.0 * x, 0
    while z < 4.0 and count < 400:
        z, count = z * z + x, count + 1
    return count + 0.0 * x


def adaptive(y: Any) -> Any:
    """An integrator with step control."""
    t, h = 0.0, 0.1
    while t < 1.0:
        k1 = -y * y
        k2 = -(y + h * k1) * (y + h * k1)
        error = abs(h * (k2 - k1))
        if error > 1e-3:
            h = h * 0.5
            continue
        y, t = y + 0.5 * h * (k1 + k2), t + h
        if error < 1e-4:
            h = h * 1.5
    return y


WITHOUT_NUMBER: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "bisection": (bisection, np.random.default_rng(1).uniform(0.1, 50.0, 230).tolist()),
    "escape time": (escape_time, (0.25 + 10.0 ** np.linspace(-4.0, 0.0, 230)).tolist()),
    "step control": (adaptive, np.random.default_rng(2).uniform(0.1, 5.0, 60).tolist()),
    "gradient of bisection": (ag.grad(lambda x: bisection(x) * x), np.random.default_rng(3).uniform(1, 9, 60).tolist()),
}


@pytest.mark.filterwarnings("ignore:.*takes another way through its comparisons")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(WITHOUT_NUMBER, but=["bisection"]))
def test_ways_without_number_are_answered(name: str, backend: str) -> None:
    f, points = WITHOUT_NUMBER[name]
    compiled, expected = ag.jit(f, backend=backend), [f(x) for x in points]
    for x, y in zip(points, expected, strict=True):
        assert_same(compiled(x), y, 1e-13, 1e-15)
    some = slice(0, 40)
    batch = ag.jit(ag.vmap(f), backend=backend)(np.array(points[some]))
    assert_same(batch, np.array(expected[some]), 1e-13, 1e-15)


def test_ways_that_do_not_recur_are_never_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    original = backends.get("llvm").compile
    monkeypatch.setattr(backends.get("llvm"), "compile", lambda program: compiled.append(program) or original(program))
    compiler._compiled.cache_clear()
    f = ag.jit(lambda x: bisection(x) + 17.0)
    for x in range(1, 40):
        f(x / 7.0)
    assert compiled == []
    for _ in range(2):
        f(1.0)
    assert len(compiled) <= 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_recurring_ways_are_led_to_by_their_comparisons_alone(backend: str) -> None:
    """With twenty programs a call runs one of them, or two: the last one and its own."""

    def f(x: Any) -> Any:
        count = 0
        while count < x:
            count += 1
        return x * float(count)

    compiled = ag.jit(f, backend=backend)
    points = [k + 0.5 for k in range(20)]
    for _ in range(40):
        for x in np.random.default_rng(4).permutation(points).tolist():
            assert compiled(x) == x * (x + 0.5)
    before = sum(path.runs for kind in compiled.kinds.values() for path in kind.known)
    for x in points:
        compiled(x)
    after = sum(path.runs for kind in compiled.kinds.values() for path in kind.known)
    assert programs_of(compiled) == 20
    assert after - before <= 40


def test_the_tree_computes_what_a_question_needs_and_nothing_twice() -> None:
    nodes = [Input("x", 0, 0), Constant(0.0), Constant(1.0), Step(LESS, (0, 1)), Step(LESS, (0, 2))]
    ways = {
        "low": Program(nodes, [Output(0, 0, 0)], [Guard(3, True, "?")]),
        "middle": Program(nodes, [Output(0, 0, 0)], [Guard(3, False, "?"), Guard(4, True, "?")]),
        "high": Program(nodes, [Output(0, 0, 0)], [Guard(3, False, "?"), Guard(4, False, "?")]),
    }
    tree = Decisions()
    assert tree.find([[0.5]]) is None
    for name, program in ways.items():
        assert tree.add(program, name)
    assert [tree.find([[x]]) for x in (-1.0, 0.5, 2.0, float("nan"))] == ["low", "middle", "high", "high"]
    other = Program(nodes, [Output(0, 0, 0)], [Guard(4, True, "?")])
    assert not tree.add(other, "asks something else first")
    assert not tree.add(ways["low"], "another program for the same answers")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_program_shown_is_that_of_the_arguments(backend: str) -> None:
    f = ag.jit(lambda x: ag.sin(x) if x > 0.0 else ag.cos(x) if x > -1.0 else ag.tan(x), backend=backend)
    for x, op in [(1.0, "sin"), (-0.5, "cos"), (-2.0, "tan"), (1.0, "sin"), (-2.0, "tan"), (-0.5, "cos")]:
        assert op in str(f.program(x))


def test_a_function_that_asks_something_else_every_time_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = []

    def f(x: Any) -> Any:
        turn.append(None)
        bound = float(len(turn))
        return x * 2.0 if x > bound else x * 3.0

    compiled = ag.jit(f)
    for x in (0.5, 3.5, 0.25, -1.0):
        assert compiled(x) in (2.0 * x, 3.0 * x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_warning_says_how_many_ways_and_how_long(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "MOST_VARIANTS", 12)
    compiled = ag.jit(bisection, backend=backend)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for x in np.random.default_rng(5).uniform(0.1, 50.0, 60).tolist():
            compiled(x)
    assert [str(w.message)[:31] for w in caught] == ["bisection takes another way thr"]
    assert "ms each" in str(caught[0].message)
    assert len(str(caught[0].message)) < 2000


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interrupt_ends_a_call_on_the_plain_way_and_the_next_call_is_right(backend: str) -> None:
    interrupted = []

    def f(x: Any) -> Any:
        if x > 2.0 and not interrupted:
            interrupted.append(None)
            raise KeyboardInterrupt
        return x * 2.0

    compiled = ag.jit(f, backend=backend)
    assert compiled(1.0) == 2.0
    with pytest.raises(KeyboardInterrupt):
        compiled(3.0)
    assert (compiled(3.0), compiled(3.0), compiled(1.0)) == (6.0, 6.0, 2.0)


@pytest.mark.parametrize("backend", slow(BACKENDS, only=["python"]))
@pytest.mark.parametrize("mapped", slow([False, True], only=[True]))
def test_one_call_sees_one_value_of_a_captured_leaf(backend: str, mapped: bool) -> None:
    """Another thread keeps changing k; every answer belongs to one of its numbers."""
    k, stop = Value(1.0), threading.Event()

    def change() -> None:
        number = 1.0
        while not stop.is_set():
            number = -number
            k.data = number

    thread = threading.Thread(target=change)
    thread.start()
    try:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:

            def f(x: Any) -> Any:
                y = x * k
                return y * k if k > 0.0 else -(y * k) * 3.0

            compiled = ag.jit(ag.vmap(f) if mapped else f, backend=backend)
            for _ in range(3):
                found = compiled(np.array([1.0, 2.0, 3.0])) if mapped else compiled(1.0)
                first = found[0] if mapped else found
                assert float(first.data if isinstance(first, Value) else first) in (1.0, -3.0)
                if mapped:
                    assert (found / first).tolist() == [1.0, 2.0, 3.0]
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("backend", BACKENDS)
def test_tracing_with_leaves_writes_nothing_into_them(backend: str) -> None:
    w, seen = Value(0.25), []

    def f(x: Any) -> Any:
        seen.append(w._data)
        y = w * x
        return y * 2.0 if y > 1.0 else -y

    compiled = ag.jit(f, backend=backend, leaves=[w])
    for number, x in [(2.0, 1.0), (0.5, 1.0), (-2.0, 1.0), (2.0, 3.0)]:
        assert compiled([number], x) == (2.0 * number * x if number * x > 1.0 else -number * x)
    assert set(seen) == {0.25}
