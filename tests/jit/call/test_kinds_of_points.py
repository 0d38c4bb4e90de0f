"""Points that differ in more than numbers, and results that hold more than them: compiled as eagerly."""

from __future__ import annotations

import copy
import enum
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, TOLERANCE, assert_same, eager, tolerances
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import NumberError


@dataclass
class Option:
    strike: float
    kind: str = "call"
    is_long: bool = True
    payoff: Any = ag.relu
    legs: int = 1


def price(option: Option, spot: Any = 2.0) -> Any:
    sign = 1.0 if option.kind == "call" else -1.0
    amount = option.payoff(sign * (spot - option.strike))
    return amount if option.is_long else -amount


BOOKS: dict[str, list[Option]] = {
    "alike": [Option(1.0), Option(1.5), Option(3.0)],
    "calls and puts": [Option(1.0), Option(3.0, "put"), Option(1.5)],
    "long and short": [Option(1.0), Option(1.5, is_long=False)],
    "of several functions": [Option(1.0), Option(1.5, payoff=ag.softplus), Option(3.0, payoff=lambda x: x * x)],
    "one": [Option(1.0, "put")],
}
MAPS: dict[str, Callable[[list[Option]], Any]] = {
    "outermost": ag.vmap(price),
    "inner": lambda book: ag.vmap(price)(book),
    "below a sum": lambda book: ag.sum(ag.vmap(price)(book)),
    "with a number": lambda book: ag.grad(lambda spot: ag.sum(ag.vmap(lambda o: price(o, spot))(book)))(2.0),
    "of tuples": lambda book: ag.vmap(lambda pair: price(pair[0]) * pair[1])(
        [(o, float(i)) for i, o in enumerate(book)]
    ),
    "gradients": lambda book: [o.strike for o in map(ag.grad(price), book)],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("name", MAPS)
def test_each_record_of_a_batch_keeps_its_own_texts_truths_and_functions(name: str, book: str, backend: str) -> None:
    f, options = MAPS[name], BOOKS[book]
    compiled = ag.jit(f, backend=backend)
    for shift in (0.0, 0.25, 0.5):
        given = [replace(o, strike=o.strike + shift) for o in options]
        assert_same(compiled(given), eager(f, given), *TOLERANCE_OF[backend], f"{name}, {book}")
    assert_same(compiled(options[::-1]), eager(f, options[::-1]), *TOLERANCE_OF[backend], f"{name}, {book} reversed")


TOLERANCE_OF = tolerances((1e-15, 1e-300), (TOLERANCE["llvm"], 1e-300))


GREEKS: dict[str, Callable[[Any], Any]] = {
    "dicts": lambda s: {"price": s - 1.0, "delta": s * s} if s > 1.0 else {"delta": 0.5 * s, "price": 0.1},
    "nested": lambda s: ({"a": [s, 1.0], "b": s}, s) if s > 1.0 else ({"b": 2.0 * s, "a": [0.0, s]}, -s),
    "their gradients": lambda s: ag.grad(lambda p: p["a"] * p["b"])(
        {"a": s, "b": 2.0} if s > 1 else {"b": 3.0, "a": s}
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", GREEKS)
def test_dicts_of_several_ways_are_joined_by_their_keys(name: str, backend: str) -> None:
    f = GREEKS[name]
    compiled = ag.jit(lambda xs: ag.vmap(f)(xs), backend=backend)
    for points in ([2.0, 0.5], [0.5, 2.0], [3.0, 0.25], np.array([0.5, 4.0, 1.0])):
        found, expected = compiled(points), eager(ag.vmap(f), points)
        assert_same(in_order(found), in_order(expected), *TOLERANCE_OF[backend], name)


def in_order(x: Any) -> Any:
    """Dicts in the order of their keys, which is that of the way that was looked at first."""
    if isinstance(x, dict):
        return {key: in_order(x[key]) for key in sorted(x)}
    return tuple(map(in_order, x)) if isinstance(x, tuple) else x


def many_ways(p: Any) -> Any:
    p["vol"] = p["vol"] / 100.0
    p["path"][0] = p["path"][0] * 2.0
    steps = 0
    while p["spot"] >= 1.2**steps:
        steps += 1
    return [p["vol"] * steps + ag.exp(-1.0 / p["time"]), p["path"][0], steps]


@pytest.mark.filterwarnings("ignore:.*ways:RuntimeWarning")
def test_a_function_that_writes_to_its_arguments_gets_copies_on_every_way() -> None:
    compiled = ag.jit(many_ways)
    for i in range(14):
        given = {"vol": 20.0, "spot": 1.2**i * 1.1, "time": 0.0, "path": np.array([1.0, 2.0])}
        before = copy.deepcopy(given)
        found = compiled(given)
        assert_same(found[:2], [0.2 * (i + 1), 2.0], 1e-12)
        assert found[2] == i + 1
        assert type(found[2]) is int  # whether the way is compiled or not
        assert_same(given, before)


class Level(enum.IntEnum):
    HIGH = 2


w = Value(2.0, name="w")
WITH_WHOLE: dict[str, Callable[[Any], Any]] = {
    "a loss and a count": lambda x: (w * x, 3),
    "a dict": lambda x: {"n": 3, "loss": w * x * x, "more": [1, w * w, {"k": 2}]},
    "a record": lambda x: Option(w * x, "put", legs=4),
    "an enum": lambda x: (Level.HIGH, w * x, x),
    "a computed one": lambda x: (len([x, w]), math.comb(5, 2), w * x),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", WITH_WHOLE)
def test_whole_numbers_beside_values_stay_and_gradients_find_their_place(name: str, backend: str) -> None:
    f = WITH_WHOLE[name]
    compiled = ag.jit(f, backend=backend)
    for x in (1.5, 2.5, 1.5):
        found, expected = compiled(x), f(x)
        assert repr(found) == repr(expected)
        for a, b in zip(_values(found), _values(expected), strict=True):
            assert ag.backprop(a, w)[w] == pytest.approx(ag.backprop(b, w)[w], rel=1e-13)


def _values(x: Any) -> list[Value]:
    if isinstance(x, Value):
        return [x]
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else vars(x).values()
    return [
        v
        for part in parts
        if not isinstance(part, (int, float, str, enum.Enum)) and part is not ag.relu
        for v in _values(part)
    ]


USES: dict[str, Callable[[Any], Any]] = {
    "the mean": lambda ys: ys.mean(),
    "the deviation": lambda ys: ys.std(),
    "one": lambda ys: ys[0],
    "the last": lambda ys: ys[-1],
    "the sum": ag.sum,
    "the largest": ag.max,
    "the norm": ag.norm,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("count", slow([3, 300], only=[300]))
def test_what_is_taken_of_one_maps_results_may_be_used_in_another(name: str, count: int, backend: str) -> None:
    def centred(xs: Any) -> Any:
        ys = ag.vmap(lambda x: x * x)(xs)
        return ag.vmap(lambda x: x - USES[name](ys) * 0.5)(xs)

    def slope(xs: Any) -> Any:
        return ag.grad(lambda xs: ag.sum(ag.vmap(ag.sin)(centred(xs))))(xs)

    xs = np.linspace(0.5, 2.0, count)
    for f in (centred, slope):
        compiled = ag.jit(f, backend=backend)
        for points in (xs, xs[::-1].copy()):
            assert_same(compiled(points), eager(f, points), 1e-11, 1e-13, name)


class Attributes(dict[str, float]):
    __getattr__ = dict.__getitem__


def test_a_dict_whose_keys_are_attributes_is_an_argument() -> None:
    f = ag.jit(lambda p, x: p.a * x)
    assert [f(Attributes(a=a), 2.0) for a in (1.0, 3.0, 1.0)] == [2.0, 6.0, 2.0]


with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)  # NumPy would rather not have it
    MATRIX = np.matrix([[1.0, 2.0]])


@pytest.mark.parametrize("given", [MATRIX, np.ma.array([1.0, 2.0], mask=[True, False])])
def test_arrays_that_compute_in_their_own_way_are_refused(given: Any) -> None:
    with pytest.raises(NumberError, match="takes plain arrays"):
        ag.jit(lambda a: a.sum())(given)
    whole = np.ma.array([1.0, 2.0], mask=[False, False])
    assert ag.jit(lambda a: a.sum())(whole) == 3.0
