"""The documentation's table of what a compiled function answers: a test a row."""

from __future__ import annotations

import copy
import enum
import pickle
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value, jit, vmap
from nn import MLP, SGD, fit, mse

ROWS: dict[str, Callable[[], None]] = {}


def row(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A check of the row of that name."""

    def keep(check: Callable[[], None]) -> Callable[[], None]:
        ROWS[name] = check
        return check

    return keep


@row("a traced comparison")
def comparisons() -> None:
    f = jit(
        lambda x: [10.0, 20.0][x > 1] + len({x > 0, True}) + (x > 1) * 2 + float((x > 0) == (x > 1)) + len(f"{x > 1}")
    )
    for x in (2.0, 0.5, -1.0, 2.0):
        expected = [10.0, 20.0][x > 1] + len({x > 0, True}) + (x > 1) * 2 + float((x > 0) == (x > 1)) + len(f"{x > 1}")
        assert f(x) == expected
    assert jit(lambda x: 1.0 if (x > 1) is True else 2.0)(3.0) == 2.0  # `is` cannot be caught
    assert jit(matched)(3.0) == 2.0
    assert matched(3.0) == 1.0


def matched(x: Any) -> float:
    match x > 1:
        case True:
            return 1.0
        case _:
            return 2.0


class Pair(NamedTuple):
    a: float
    b: float


made: list[float] = []


@dataclass(frozen=True)
class Spring:
    k: float

    def __post_init__(self) -> None:
        made.append(self.k)


@row("what is traced")
def traced() -> None:
    f = jit(lambda p, s, d, n: p.a * s.k + d["x"][0] * p.b + n.sum())
    for k in (1.0, 2.0, 3.0):
        spring = Spring(k)
        assert f(Pair(k, 2.0), spring, {"x": [k]}, np.array([1, 2])) == k * k + 2.0 * k + 3.0
    assert made == [1.0, 2.0, 3.0]
    assert f.report().count("  program ") == 1
    kinds = jit(lambda x, a: 2.0 * x if isinstance(x, Value) and a.dtype == object else x)
    assert kinds(1.5, np.array([1.0, 2.0])) == 3.0
    mask = jit(lambda m, a: [ag.where(c, x, -x) for c, x in zip(m, a, strict=True)])
    assert mask(np.array([True, False]), np.array([1.0, 2.0])) == [1.0, -2.0]


class Mode(enum.Enum):
    UP = 1
    DOWN = 2


@row("what is static")
def static() -> None:
    seen: list[Any] = []
    f = jit(lambda x, n, mode: seen.append((n, mode)) or (x * sum(range(n)) if mode is Mode.UP else -x))
    for n in (2, 3, 2):
        assert f(1.5, n, Mode.UP) == 1.5 * sum(range(n))
        assert f(1.5, n, Mode.DOWN) == -1.5
    assert all(type(n) is int and isinstance(mode, Mode) for n, mode in seen)
    with pytest.warns(UserWarning, match="float") as warned:
        assert [f(1.0, n, Mode.UP) for n in range(15)] == [float(sum(range(n))) for n in range(15)]
    assert len(warned) == 1


class Model:
    def __init__(self, k: float) -> None:
        self.k = k

    def at(self, x: Any) -> Any:
        return self.k * x


@row("other objects")
def objects() -> None:
    model = Model(2.0)
    by_argument, by_method = jit(lambda m, x: m.k * x), jit(model.at)
    assert (by_argument(model, 3.0), by_method(3.0)) == (6.0, 6.0)
    model.k = 5.0
    assert (by_argument(model, 3.0), by_method(3.0)) == (15.0, 15.0)
    handle = (i for i in range(3))
    with pytest.raises(TypeError, match="static="):
        jit(lambda h, x: x)(handle, 1.0)
    assert jit(lambda h, x: x * 2.0, static=("h",))(handle, 1.0) == 2.0


@row("arithmetic that Python refuses")
def refused_arithmetic() -> None:
    def ratio(x: Any, y: Any) -> Any:
        try:
            return x / y
        except ZeroDivisionError:
            return 0.0

    f, asked = jit(ratio), jit(lambda x, y: x / y if y != 0.0 else 0.0)
    for _ in range(3):
        assert f(1.0, 0.0) == float("inf")
        assert asked(1.0, 0.0) == ratio(1.0, 0.0) == 0.0
        assert f(1.0, 2.0) == asked(1.0, 2.0) == 0.5
    with pytest.raises(ag.errors.NonFiniteError):
        jit(ratio, check_finite=True)(1.0, 0.0)


@row("captured Values")
def captured() -> None:
    w = Value(2.0)
    f = jit(lambda x: w * x)
    loss = f(3.0) * w
    loss.backward()
    assert w.grad == 12.0
    w.data = 4.0
    assert f(3.0).data == 12.0
    assert jit(lambda a: w * a)(np.ones(2)).dtype == float
    assert all(type(y) is float for y in jit(lambda a: vmap(lambda x: w * x)(a))([1.0, 2.0]))


@row("what a function changes")
def changes() -> None:
    seen: list[Any] = []
    f = jit(lambda a: vmap(lambda x: seen.append(1) or 2.0 * x)(a))
    for _ in range(4):
        assert f([1.0, 2.0, 3.0]) == [2.0, 4.0, 6.0]
    assert len(seen) < 4 * 3
    g = jit(lambda a: a.__setitem__(0, 7.0 * a[1]) or a.sum())
    given = np.array([1.0, 2.0])
    assert [g(given) for _ in range(3)] == [16.0] * 3
    assert given.tolist() == [1.0, 2.0]
    step = jit(lambda total, x: (total + x, 1.0 * total))
    assert step.scan([0.0], np.array([1.0, 2.0, 3.0]))[0].tolist() == [6.0]
    assert jit(lambda a: summed(a))(np.array([1.0, 2.0, 3.0])) == [1.0, 3.0, 6.0]


def summed(numbers: Any) -> list[Any]:
    total, sums = 0.0, []
    for x in numbers:
        total = total + x
        sums.append(total)
    return sums


@row("leaving a trace")
def leaving() -> None:
    for leave in (lambda x: x.data, float, pickle.dumps):
        with pytest.raises(TypeError):
            jit(lambda x, leave=leave: leave(x))(1.0)
    f = jit(lambda p: copy.deepcopy(p)[0] * 2.0 + p[0])
    g = jit(lambda x: float(f"{x:.3f}") + x)
    for x in (3.0, 5.0, 7.0):
        assert (f([x]), g(x)) == (3.0 * x, 2.0 * x)


@row("hashes")
def hashes() -> None:
    def among(x: Any) -> Any:
        return x if x in {2.0} else -x

    assert among(Value(2.0)).data == jit(among)(2.0) == -2.0
    assert jit(lambda x: x if x in {x, 1.0} else -x)(2.0) == 2.0


@row("arrays without axes")
def without_axes() -> None:
    f = jit(lambda x: x * np.where(x > 1, x * x, -x) + np.squeeze(np.array([x])))
    assert [f(2.0), f(0.5)] == [10.0, 0.25]
    assert jit(ag.sin)(np.array(3.0)) == pytest.approx(np.sin(3.0), rel=1e-15)


@row("many ways")
def many_ways() -> None:
    def halvings(x: Any) -> Any:
        count = 0
        while x > 1.0:
            x, count = x * 0.5, count + 1
        return x + 100.0 * count

    f = jit(halvings)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for x in 1.7 ** np.arange(1.0, 400.0):
            assert f(float(x)) == halvings(float(x))
    assert [w.category for w in caught] in ([UserWarning], [])


@row("branches in inner maps")
def branches() -> None:
    points = np.array([1.0, -2.0, 3.0, 0.25])
    f = jit(lambda k, a: ag.mean(vmap(lambda x: max(x - k, 0.0))(a)))
    for k in (0.5, -3.0, 2.0):
        assert f(k, points) == pytest.approx(np.maximum(points - k, 0.0).mean(), rel=1e-14)
    assert jit(lambda a: vmap(lambda x: x * 10.0 if x > 0 else -x)(a))([1.0, -2.0]) == [10.0, 2.0]
    with pytest.raises(ag.errors.TracingError, match="more than 16 ways"):
        jit(lambda a: vmap(halved)(a))(2.0 ** np.arange(40.0))


def halved(x: Any) -> Any:
    while x > 1.0:
        x = x * 0.5
    return x


@row("names")
def names() -> None:
    ran: list[int] = []
    x = Value(2.0, name="x\nran.append(1)\x1b[31m")
    f = jit(lambda y: x * y, backend="python")
    assert [float(f(k).data) for k in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    assert not ran
    assert "\x1b" not in str(f.program(1.0))


@row("steps of learning that vary")
def varying() -> None:
    x, y = np.random.default_rng(0).normal(size=(20, 2)), np.random.default_rng(1).normal(size=20)
    draws = np.random.default_rng(2)
    drawn: list[float] = []

    def noisy(output: Any, target: Any) -> Any:
        drawn.append(float(draws.normal()))
        return mse(output + drawn[-1], target)

    with pytest.warns(RuntimeWarning, match="trained without compilation"):
        fit(MLP(2, [3, 1], seed=0), x, y, loss=noisy, optimizer=SGD(0.1), epochs=3, batch_size=5, progress=False)
    assert len(set(drawn)) == len(drawn) >= 60
    dropped = [
        fit(
            MLP(2, [8, 1], seed=0, dropout=0.5),
            x,
            y,
            loss=mse,
            optimizer=SGD(0.1),
            epochs=3,
            batch_size=5,
            seed=3,
            progress=False,
        )
        for _ in range(2)
    ]
    assert dropped[0].loss == dropped[1].loss


@pytest.mark.parametrize("name", ROWS)
def test_the_row_holds(name: str) -> None:
    ROWS[name]()


def test_every_row_of_the_page_has_its_test() -> None:
    text = (Path(__file__).parents[3] / "docs" / "explain" / "semantics.md").read_text(encoding="utf-8")
    section = text.split("## What a compiled function answers")[1]
    assert re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)[1:] == list(ROWS)
