"""Ways out of a traced function: copies stay in the graph, a text is true and binds the number, pickles are refused."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, is_same, numbers_of, programs_of, then, tolerances

import autograd_core as ag
from autograd_core.domain import REAL
from autograd_core.errors import LeavesGraphError, TracingError

TOLERANCE = tolerances(0.0, 1e-13)


class Weights:
    """An object that holds its numbers as attributes."""

    def __init__(self, w: Any, b: Any) -> None:
        self.w, self.b = w, b


COPIES: dict[str, Callable[[Any], Any]] = {
    "a list": lambda p: copy.deepcopy(p)[0] * 2 + p[0],
    "a number": lambda p: copy.deepcopy(p[0]) * p[1] + p[0],
    "a number, shallow": lambda p: copy.copy(p[0]) * p[1] + p[0],
    "a list, shallow": lambda p: copy.copy(p)[0] * p[1] + p[0],
    "what was computed": lambda p: copy.deepcopy(ag.sin(p[0]) * p[1]) * p[0],
    "what was computed, shallow": lambda p: copy.copy(ag.sin(p[0]) * p[1]) * p[0],
    "numbers and what was computed": lambda p: sum(copy.deepcopy([p[0], p[0] * p[1], p])[:2]) + p[1],
    "a dict": lambda p: copy.deepcopy({"a": p[0], "b": [p[1]]})["b"][0] * p[0],
    "an array": lambda p: (copy.deepcopy(np.array([p[0], p[1] * 2.0])) * p[0]).sum(),
    "an object": lambda p: then(lambda m: m.w * p[1] + m.b, copy.deepcopy(Weights(p[0], p[1] * p[0]))),
    "a copy of a copy": lambda p: copy.deepcopy(copy.copy(copy.deepcopy(p[0]))) * p[1],
    "a branch on a copy": lambda p: p[0] * 2.0 if copy.deepcopy(p[0]) > 2.5 else p[1],
    "changed, not the original": lambda p: then(lambda q: q.__setitem__(0, p[1]) or q[0] * p[0], copy.deepcopy(p)),
    "twice through one memo": lambda p: then(lambda q: q[0] * q[1] + p[0], copy.deepcopy([p[0], p[0]])),
}
PAIRS = [(3.0, 2.0), (5.0, 2.0), (7.0, -1.0), (0.0, -0.0), (1.0, math.inf)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", COPIES)
def test_copies_have_the_number_of_the_call_and_the_gradient_that_they_have_eagerly(name: str, backend: str) -> None:
    f = COPIES[name]
    for derivative in (f, ag.grad(f), ag.hessian(f), lambda p: ag.jvp(f, (p,), ([1.0, 0.5],))):
        compiled = ag.jit(derivative, backend=backend)
        for pair in [*PAIRS, *PAIRS]:
            assert_same(
                compiled(list(pair)), eager(derivative, list(pair)), TOLERANCE[backend], 1e-15, f"{name} at {pair}"
            )


@pytest.mark.parametrize("backend", BACKENDS)
def test_copies_of_captured_values_and_of_points_are_read_at_every_call(backend: str) -> None:
    w = ag.Value(2.0)
    f = ag.jit(lambda x: copy.deepcopy(w) * x + copy.copy(w), backend=backend)
    g = ag.jit(lambda a: ag.vmap(lambda x: copy.deepcopy(x) * copy.deepcopy(w) + x)(a).sum(), backend=backend)
    xs = np.array([1.0, 2.0, 3.0])
    for number in (2.0, 5.0, -1.0):
        w.data = number
        assert numbers_of(f(3.0)) == 4.0 * number
        assert numbers_of(g(xs)) == 6.0 * number + 6.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_copy_that_is_a_target_itself_gets_the_gradient(backend: str) -> None:
    def f(x: Any) -> Any:
        u, z = copy.deepcopy([x, ag.sin(x) * x])
        return (
            ag.backprop(z, [u, x], create_graph=True)[u] if isinstance(x, ag.Value) else math.cos(x) * x + math.sin(x)
        )

    compiled = ag.jit(f, backend=backend)
    for x in (0.5, 2.0, 0.5):
        assert is_same(compiled(x), f(x), 1e-13)


TEXTS: dict[str, Callable[[Any], Any]] = {
    "an f-string": lambda x: float(f"{x:.3f}") + x,
    "format": lambda x: float(format(x, ".2e")) + x,
    "a template": lambda x: float("{:.3f}".format(x)) + x,  # noqa: UP032  # this way of formatting is the case
    "str": lambda x: float(str(x)) * 2.0 + x,
    "repr": lambda x: float(repr(x * 1.5)) + x,
    "%s": lambda x: float("%s" % (x - 1.0)) + x,
    "an f-string without a format": lambda x: float(f"{x}") + x,
    "of a list": lambda x: float(str([x * 2.0])[1:-1]) + x,
    "its length": lambda x: len(str(x)) * x,
    "a branch": lambda x: x if f"{x:+.0f}".startswith("+") else x * 2.0,
    "a derivative": lambda x: float(str(ag.grad(lambda y: y * y)(x))) + x,
    "a derivative at a constant": lambda x: float(str(ag.grad(lambda y: y * y * x)(2.0))) + x,
    "inside a gradient, of what is not differentiated": lambda x: ag.grad(lambda y: y * float(str(x * 2.0)))(1.0),
    "inside a gradient": lambda x: ag.grad(lambda y: y * float(f"{y:.2f}"))(x),
    "inside a gradient, whole": lambda x: ag.grad(lambda y: y * len(str(y * y)))(x),
    "a copy": lambda x: float(str(copy.deepcopy(x))) + x,
}
NUMBERS = [
    3.0,
    5.0,
    3.0,
    0.0,
    -0.0,
    0.0,
    math.nan,
    math.inf,
    -math.inf,
    1 / 3,
    math.nextafter(1 / 3, 1.0),
    -7.25,
    1e-300,
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_number_is_true_at_every_call(name: str, backend: str) -> None:
    f = TEXTS[name]
    compiled = ag.jit(f, backend=backend)
    for x in NUMBERS * 2:
        assert_same(compiled(x), float(eager(f, x)), TOLERANCE[backend], where=f"{name} at {x!r}")
    batch = np.array(NUMBERS)
    found = ag.jit(ag.vmap(f), backend=backend)(batch)
    assert_same(found, np.array([float(eager(f, x)) for x in NUMBERS]), TOLERANCE[backend], where=name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_reach_a_text_keeps_one_program(backend: str) -> None:
    f = ag.jit(lambda x, y: (x * 2.0 + y, str(y))[0], backend=backend)
    assert [f(x, 1.0) for x in (1.0, 2.0, 3.0)] == [3.0, 5.0, 7.0]
    assert programs_of(f) == 1
    assert f(3.0, 2.0) == 8.0
    assert programs_of(f) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_print_and_messages_of_ones_own_tell_the_number(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    def root(x: Any) -> Any:
        if x < 0.0:
            raise ValueError(f"no root of {x}")
        print("root of", x)
        return ag.sqrt(x)

    f = ag.jit(root, backend=backend)
    for x in (4.0, 9.0):
        assert f(x) == math.sqrt(x)
    assert capsys.readouterr().out == "root of 4.0\nroot of 9.0\n"
    for x in (-1.0, -2.0):
        with pytest.raises(ValueError, match=f"no root of {x}"):
            f(x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_text_of_a_captured_value_is_its_own(backend: str) -> None:
    w = ag.Value(2.0, name="w")
    f = ag.jit(lambda x: x * len(str(w)) + x * len(f"{w:.3f}"), backend=backend)
    for number in (2.0, -12.5, 2.0):
        w.data = number
        assert float(f(3.0)) == 3.0 * (len(str(w)) + len(f"{number:.3f}"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_text_of_a_sum_over_points_is_refused_with_advice(backend: str) -> None:
    for f in (
        lambda a: then_text(ag.vmap(ag.sin)(a).sum()),
        lambda a: then_text(ag.vmap(ag.sin)(a)[1]),
        lambda a: ag.grad(lambda w: then_text(ag.vmap(lambda x: x * w)(a).mean()))(1.0),
    ):
        with pytest.raises(TracingError, match=r"test_leaving.py:\d+: the text of .* write the text outside"):
            ag.jit(f, backend=backend)(np.array([1.0, 2.0, 3.0]))


def then_text(x: Any) -> Any:
    return x * len(str(x))


@pytest.mark.parametrize("backend", BACKENDS)
def test_pickles_and_numbers_that_leave_are_refused_with_advice(backend: str) -> None:
    refused: list[Callable[[Any], Any]] = [
        lambda x: pickle.loads(pickle.dumps(x)) * 2.0,
        lambda x: pickle.loads(pickle.dumps([x * x]))[0],
        lambda x: pickle.loads(pickle.dumps({"a": (x, 1.0)}))["a"][0],
        lambda x: pickle.loads(pickle.dumps(np.array([x])))[0],
        lambda x: pickle.loads(pickle.dumps(Weights(x, 1.0))).w,
    ]
    for f in refused:
        with pytest.raises(TracingError, match=r"cannot pickle .* return it, and do the rest outside"):
            ag.jit(f, backend=backend)(2.0)
    constant = ag.jit(lambda x: x * pickle.loads(pickle.dumps([ag.Value(2.0), 3.0]))[0], backend=backend)
    assert [constant(x) for x in (2.0, 3.0)] == [4.0, 6.0]
    for g in (lambda x: float("%.3f" % x), lambda x: x * float(x), lambda x: x * int(x), lambda x: x.data * x):  # noqa: UP031  # what it says is the case
        with pytest.raises((LeavesGraphError, TracingError), match=r"x\.data|cannot read \.data"):
            ag.jit(g, backend=backend)(2.0)


def test_a_function_may_ask_whether_it_is_traced() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.append(ag.is_tracing())
        return x * x

    mine = ag.Op("mine", lambda x: float(x.hex().count("a")) + ag.is_tracing(), lambda g, z, x: (None,), REAL)
    for g in (f, ag.grad(f), lambda x: ag.vmap(f)([x, x])[0]):
        g(2.0)
    assert not any(seen)
    for g in (f, ag.grad(f), lambda x: ag.vmap(f)([x, x])[0], ag.grad(ag.jit(f))):
        seen.clear()
        ag.jit(g, backend="python")(2.0)
        assert seen
        assert all(seen)
        assert not ag.is_tracing()
    assert ag.jit(mine, backend="python")(2.0) == mine(2.0)  # what is called back runs on numbers of the call
