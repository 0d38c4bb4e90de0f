"""vmap inside compiled functions equals the eager loop: gradients inside and outside, sums, any number of points."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS, assert_same, eager, then, tolerances
from marks import slow

import autograd_core as ag
from autograd_core.errors import ProgramError, StructureError
from autograd_core.jit.call.results import Result
from autograd_core.jit.ir.program import Input, Output, Program
from autograd_core.jit.trace.lazy_arrays import LaneArray

TOLERANCE = tolerances((1e-13, 1e-14), (1e-12, 1e-13))
"""Not 0 for python: sums over points are one sum here, whatever way they were written."""

rng = np.random.default_rng(7)


def model(w: Any, x: Any) -> Any:
    return ag.sin(w[0] * x) + w[1] * x * x


def loss(w: Any, x: Any, y: Any) -> Any:
    return (model(w, x) - y) ** 2


W = [0.7, -0.3]
REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    "Python's sum": sum,
    "Python's sum from a float": lambda a: sum(a, 0.0),
    "Python's sum of a generator": lambda a: sum(x * 1.5 for x in a),
    "a loop": lambda a: _looped(a),
    "a loop from the end": lambda a: _looped(list(a)[::-1]),
    "ag.sum": ag.sum,
    "ag.mean": ag.mean,
    "np.sum": np.sum,
    "np.mean": np.mean,
    ".sum()": lambda a: np.asarray(a).sum() if isinstance(a, list) else a.sum(),
    ".mean()": lambda a: np.asarray(a).mean() if isinstance(a, list) else a.mean(),
    "sum / len": lambda a: sum(a) / len(a),
    "ag.dot with itself": lambda a: ag.dot(list(a), list(a)),
    "ag.norm": lambda a: ag.norm(list(a)),
    "ag.logsumexp": lambda a: ag.logsumexp(list(a)),
    "ag.max": lambda a: ag.max(list(a)),
    "the first": lambda a: a[0] * 2.0,
    "the last": lambda a: a[-1] * 2.0,
    "first and sum": lambda a: a[0] * sum(a),
    "squares": lambda a: sum([x * x for x in a]),
    "all but the first": lambda a: sum(a[1:], 0.0),
    "every second": lambda a: sum(a[::2]),
    "twice": lambda a: sum(a) + sum(a),
    "sum of sums": lambda a: sum(a) * ag.sum(a) + ag.mean(a),
    "differences": lambda a: sum([(a[i + 1] - a[i]) ** 2 for i in range(len(a) - 1)], 0.0),
}


def _looped(a: Any) -> Any:
    total = 0.0
    for x in a:
        total = total + x
    return total


TRAINING: dict[str, Callable[[Callable[[Any], Any]], Callable[..., Any]]] = {
    "value": lambda r: lambda w, xs, ys: r(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys)),
    "gradient outside": lambda r: ag.value_and_grad(lambda w, xs, ys: r(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys))),
    "gradient in points and weights": lambda r: ag.grad(
        lambda w, xs, ys: r(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys)), argnums=(0, 1)
    ),
    "gradient inside": lambda r: lambda w, xs, ys: r(ag.vmap(lambda x, y: ag.grad(lambda x: loss(w, x, y))(x))(xs, ys)),
    "gradient in weights inside": lambda r: (
        lambda w, xs, ys: r(ag.vmap(lambda x, y: ag.grad(loss)(w, x, y)[1])(xs, ys))
    ),
    "gradient inside and outside": lambda r: ag.grad(
        lambda w, xs, ys: r(ag.vmap(lambda x, y: ag.grad(lambda x: loss(w, x, y))(x) ** 2)(xs, ys))
    ),
    "hessian outside": lambda r: ag.hessian(lambda w, xs, ys: r(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys))),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize(
    "training", slow(TRAINING, only=["gradient in points and weights", "gradient in weights inside", "hessian outside"])
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_reductions_and_gradients_around_a_map_equal_the_eager_loop(
    reduction: str, training: str, backend: str
) -> None:
    f = TRAINING[training](REDUCTIONS[reduction])
    compiled = ag.jit(f, backend=backend)
    xs, ys = rng.normal(size=11), rng.normal(size=11)
    for k in range(2):
        expected = eager(f, W, xs + k, ys)
        assert_same(compiled(W, xs + k, ys), expected, *TOLERANCE[backend], f"{reduction}, {training}")


KINKED: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda w, x: ag.relu(w[0] * x + w[1]),
    "abs": lambda w, x: abs(w[0] * x) + w[1],
    "maximum": lambda w, x: ag.maximum(w[0] * x, w[1]),
    "clip": lambda w, x: ag.clip(w[0] * x, -1.0, w[1] + 1.0),
    "where": lambda w, x: ag.where(x > 0.0, w[0] * x, w[1]),
    "two neurons": lambda w, x: ag.relu(ag.relu(w[0] * x) - 0.5 * ag.relu(w[1] * x + 0.3)),
    "times the point": lambda w, x: ag.relu(w[0] * x - 0.2) * x,
}
"""Whose gradients arrive at some points only."""


def through_what_was_computed_before(f: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Where nothing arrives at the square root of 0, its infinite slope must not matter."""

    def total(w: Any, xs: Any) -> Any:
        before = [ag.sqrt(w[0]), ag.sin(w[1])]
        return sum(ag.vmap(lambda x: f(before, x))(xs))

    return ag.value_and_grad(total)


AROUND: dict[str, Callable[[Callable[[Any, Any], Any]], Callable[..., Any]]] = {
    "gradient outside": lambda f: ag.value_and_grad(lambda w, xs: ag.mean(ag.vmap(lambda x: f(w, x) ** 2)(xs))),
    "gradient through what was computed before": through_what_was_computed_before,
    "gradient through a choice of the sum": lambda f: ag.value_and_grad(
        lambda w, xs: ag.maximum(sum(ag.vmap(lambda x: f(w, x) ** 2)(xs)), w[0] * w[1]) + w[1]
    ),
    "gradient inside and outside": lambda f: ag.grad(
        lambda w, xs: sum(ag.vmap(lambda x: ag.grad(lambda x: f(w, x) ** 2)(x) ** 2)(xs))
    ),
    "hessian outside": lambda f: ag.hessian(lambda w, xs: sum(ag.vmap(lambda x: f(w, x) ** 3)(xs))),
    "gradient through the first point": lambda f: ag.grad(lambda w, xs: ag.vmap(lambda x: f(w, x) ** 2)(xs)[0]),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("around", slow(AROUND, only=["hessian outside"]))
@pytest.mark.parametrize("name", KINKED)
def test_gradients_that_arrive_at_some_points_only_equal_the_eager_loop(name: str, around: str, backend: str) -> None:
    f = AROUND[around](KINKED[name])
    compiled = ag.jit(f, backend=backend)
    xs = rng.normal(size=11)
    for points in (xs, 3.0 * xs, -abs(xs), abs(xs), 0.0 * xs):
        for w in (W, [0.0, 0.4], [0.5, 0.0]):
            expected = eager(f, w, points)
            assert_same(compiled(w, points), expected, *TOLERANCE[backend], f"{name}, {around}, {w}, {points}")


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("n", slow(range(1, 21), but=[1, 2, 3, 4, 7, 8, 9, 17]))
def test_any_number_of_points(n: int, backend: str) -> None:
    xs, ys = rng.normal(size=n), rng.normal(size=n)
    whole: list[Callable[..., Any]] = [
        ag.value_and_grad(lambda w, xs, ys: ag.vmap(lambda x, y: loss(w, x, y))(xs, ys).mean()),
        ag.value_and_grad(lambda w, xs, ys: sum(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys))),
        lambda w, xs, ys: ag.vmap(lambda x, y: (loss(w, x, y), x))(xs, ys),
        ag.vmap(loss, in_axes=(None, 0, 0)),
        ag.vmap(ag.grad(loss), in_axes=(None, 0, 0)),
    ]
    for f in whole:
        compiled, expected = ag.jit(f, backend=backend), eager(f, W, xs, ys)
        for _ in range(2):
            assert_same(compiled(W, xs, ys), expected, *TOLERANCE[backend])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_one_program_serves_batches_of_all_lengths(backend: str) -> None:
    f = ag.jit(ag.vmap(lambda x: ag.sin(x) * x), backend=backend)
    for n in (3, 1, 8, 17, 1000, 2, 0, 5):
        xs = rng.normal(size=n)
        assert f(xs) == pytest.approx(np.sin(xs) * xs, rel=1e-13, abs=0)
    assert f.report().count("  program ") == 1


FORMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "a list": (lambda a: ag.vmap(ag.sin)(a), ([1.0, 2.0, 3.0],), {}),
    "a list of lists": (lambda a: ag.vmap(lambda p: [p[1], p[0] * p[1]])(a), ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],), {}),
    "a list of dicts": (lambda a: ag.vmap(lambda p: p["x"] * p["y"])(a), ([{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 4.0}],), {}),
    "an array": (lambda a: ag.vmap(ag.sin)(a), (rng.normal(size=5),), {}),
    "a matrix": (lambda a: ag.vmap(lambda p: p[0] * p[1])(a), (rng.normal(size=(5, 2)),), {}),
    "rows to rows": (lambda a: ag.vmap(lambda p: p * p[0])(a), (rng.normal(size=(5, 2)),), {}),
    "rows to lists": (lambda a: ag.vmap(lambda p: [p[0], p[1] * 2.0])(a), (rng.normal(size=(5, 2)),), {}),
    "axis 1": (lambda a: ag.vmap(lambda p: p[0] * p[1], in_axes=1)(a), (rng.normal(size=(2, 5)),), {}),
    "axis -1": (lambda a: ag.vmap(lambda p: p[0] * p[1], in_axes=-1)(a), (rng.normal(size=(2, 5)),), {}),
    "axis 1 of a list": (lambda a: ag.vmap(lambda p: p[0] * p[1], in_axes=1)(a), ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],), {}),
    "axis 1 of three": (lambda a: ag.vmap(lambda p: (p * p).sum(), in_axes=1)(a), (rng.normal(size=(2, 5, 3)),), {}),
    "shared": (lambda a, k: ag.vmap(lambda x, k: x * k, in_axes=(0, None))(a, k), (rng.normal(size=5), 3.0), {}),
    "a shared array": (lambda a, v: ag.vmap(lambda x, v: x * v.sum(), in_axes=(0, None))(a, v), (rng.normal(size=5), rng.normal(size=3)), {}),
    "a dict of batches": (lambda p: ag.vmap(lambda p: p["a"] * p["b"])(p), ({"a": rng.normal(size=5), "b": rng.normal(size=5)},), {}),
    "a tuple of batches": (lambda p: ag.vmap(lambda p: p[0] * p[1])(p), ((rng.normal(size=5), rng.normal(size=(5,))),), {}),
    "a dict of lists": (lambda p: ag.vmap(lambda p: p["a"] * p["b"])(p), ({"a": [1.0, 2.0], "b": [3.0, 4.0]},), {}),
    "keywords": (lambda a, *, s: ag.vmap(lambda x, s: x * s)(a, s=s), (rng.normal(size=5),), {"s": rng.normal(size=5)}),
    "a dict out": (lambda a: ag.vmap(lambda x: {"x": x, "y": (x * 2.0, 1.0)})(a), (rng.normal(size=5),), {}),
    "a constant out": (lambda a: ag.vmap(lambda x: 3.0)(a), (rng.normal(size=5),), {}),
    "an outside value out": (lambda a, k: ag.vmap(lambda x: k)(a), (rng.normal(size=5), 2.0), {}),
    "an outside value out, summed": (ag.value_and_grad(lambda k, a: sum(ag.vmap(lambda x: k)(a))), (2.0, rng.normal(size=5)), {}),
    "the point itself": (lambda a: ag.vmap(lambda x: x)(a), (rng.normal(size=5),), {}),
    "two maps of one length": (lambda a, b: ag.vmap(ag.sin)(a).sum() * ag.vmap(ag.cos)(b).sum(), (rng.normal(size=5), rng.normal(size=5)), {}),
    "two maps of different lengths": (lambda a, b: ag.vmap(ag.sin)(a).sum() * ag.vmap(ag.cos)(b).sum(), (rng.normal(size=5), rng.normal(size=9)), {}),
    "two lengths out": (lambda a, b: (ag.vmap(ag.sin)(a), ag.vmap(ag.cos)(b)), (rng.normal(size=5), rng.normal(size=9)), {}),
    "one map needs the other's sum": (lambda a, b: then(lambda s: ag.vmap(lambda x: x * s)(b).sum(), ag.vmap(ag.sin)(a).sum()), (rng.normal(size=5), rng.normal(size=9)), {}),
    "the same map needs its own sum": (lambda a: then(lambda m: ag.vmap(lambda x: (x - m) ** 2)(a).mean(), ag.vmap(lambda x: x)(a).mean()), (rng.normal(size=9),), {}),
    "a map of results": (lambda a: ag.vmap(ag.exp)(ag.vmap(ag.sin)(a)), (rng.normal(size=5),), {}),
    "a map of results, lists": (lambda a: ag.vmap(ag.exp)(ag.vmap(ag.sin)(a)), ([0.1, 0.2, 0.3],), {}),
    "a map of results of rows": (lambda a: ag.vmap(lambda p: p[0] * p[1])(ag.vmap(lambda p: p * 2.0)(a)), (rng.normal(size=(5, 2)),), {}),
    "a map of results and arguments": (lambda a: ag.vmap(lambda x, y: x * y)(ag.vmap(ag.sin)(a), a), (rng.normal(size=5),), {}),
    "a map in a map": (lambda a: ag.vmap(lambda row: ag.vmap(ag.sin)(row))(a), (rng.normal(size=(4, 3)),), {}),
    "a map in a map, summed": (lambda a: ag.vmap(lambda row: ag.vmap(ag.sin)(row).sum())(a).sum(), (rng.normal(size=(4, 3)),), {}),
    "a map in a map, squared": (lambda a: ag.vmap(lambda row: sum(ag.vmap(lambda x: x * row[0])(row)))(a), (rng.normal(size=(3, 3)),), {}),
    "arithmetic on the results": (lambda a: (ag.vmap(ag.sin)(a) * 2.0 + 1.0).sum(), (rng.normal(size=5),), {}),
    "arithmetic of two results": (lambda a: ag.vmap(ag.sin)(a) * ag.vmap(ag.cos)(a) - a, (rng.normal(size=5),), {}),
    "numpy of the results": (lambda a: np.exp(ag.vmap(ag.sin)(a)), (rng.normal(size=5),), {}),
    "results in a matrix product": (lambda a, m: m @ ag.vmap(ag.sin)(a), (rng.normal(size=3), rng.normal(size=(2, 3))), {}),
    "sum along the points": (lambda a: ag.vmap(lambda p: p * 2.0)(a).sum(axis=0), (rng.normal(size=(5, 2)),), {}),
    "sum along the rows": (lambda a: ag.vmap(lambda p: p * 2.0)(a).sum(axis=1), (rng.normal(size=(5, 2)),), {}),
    "mean along the points": (lambda a: np.mean(ag.vmap(lambda p: p * 2.0)(a), axis=0), (rng.normal(size=(5, 2)),), {}),
    "sum of all": (lambda a: ag.vmap(lambda p: p * 2.0)(a).sum(), (rng.normal(size=(5, 2)),), {}),
    "mean of all": (lambda a: ag.vmap(lambda p: p * 2.0)(a).mean(), (rng.normal(size=(5, 2)),), {}),
    "slices of the results": (lambda a: ag.vmap(ag.sin)(a)[1:3], (rng.normal(size=5),), {}),
    "iterating over the results": (lambda a: [x * 2.0 for x in ag.vmap(ag.sin)(a)], (rng.normal(size=5),), {}),
    "results of several kinds": (lambda a: then(lambda y, g: (sum(y), g), *ag.vmap(ag.value_and_grad(lambda x: x**3))(a)), (rng.normal(size=5),), {}),
    "per-example weights": (lambda u, a: ag.dot(u, ag.vmap(lambda x: x * x)(a)), (rng.normal(size=5), rng.normal(size=5)), {}),
    "per-example weights by @": (lambda u, a: u @ ag.vmap(lambda x: x * x)(a), (rng.normal(size=5), rng.normal(size=5)), {}),
    "weights by a product": (lambda u, a: (u * ag.vmap(lambda x: x * x)(a)).sum(), (rng.normal(size=5), rng.normal(size=5)), {}),
    "one point": (lambda a: ag.vmap(ag.grad(ag.sin))(a), (np.array([0.5]),), {}),
    "one point, summed": (lambda a: sum(ag.vmap(ag.sin)(a)), (np.array([0.5]),), {}),
    "zero points": (lambda a, x: (ag.vmap(ag.sin)(a), x), (np.zeros(0), 1.0), {}),
    "zero points of a list": (lambda a, x: (ag.vmap(ag.sin)(a), x), ([], 1.0), {}),
    "equal points": (lambda a: ag.vmap(ag.sin)(a), ([2.0, 2.0, 2.0],), {}),
    "a reversed batch": (lambda a: ag.vmap(ag.sin)(a[::-1]), (rng.normal(size=5),), {}),
    "every second point": (lambda a: ag.vmap(ag.sin)(a[::2]), (rng.normal(size=7),), {}),
    "an irregular batch": (lambda a: ag.vmap(ag.sin)([a[0], a[3], a[1]]), (rng.normal(size=5),), {}),
    "a computed batch": (lambda a: ag.vmap(ag.sin)([a[0] * a[1], a[1] * 2.0]), (rng.normal(size=5),), {}),
    "a batch with one number": (lambda a: ag.vmap(ag.sin)([a[0], 2.0, a[1]]), (rng.normal(size=5),), {}),
    "columns of a matrix": (lambda a: ag.vmap(lambda x, y: x * y)(a[:, 0], a[:, 1]), (rng.normal(size=(5, 2)),), {}),
    "rows in a list": (lambda a: ag.vmap(lambda x, y: x * y)(list(a[0]), list(a[1])), (rng.normal(size=(2, 5)),), {}),
    "large": (lambda a: ag.vmap(ag.sin)(a), (rng.normal(size=5000),), {}),
    "large, summed": (lambda a: ag.vmap(ag.sin)(a).sum(), (rng.normal(size=5000),), {}),
    "large, columns": (lambda a: ag.vmap(lambda p: p[0] * p[1], in_axes=1)(a), (rng.normal(size=(2, 3000)),), {}),
    "large, three axes": (lambda a: ag.vmap(lambda p: p[0, 1] * p[1, 0])(a), (rng.normal(size=(1500, 2, 2)),), {}),
}  # fmt: skip


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", FORMS)
def test_a_map_inside_a_compiled_function_equals_the_eager_loop(name: str, backend: str) -> None:
    f, args, named = FORMS[name]
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        assert_same(compiled(*args, **named), eager(f, *args, **named), *TOLERANCE[backend], name)


OUTERMOST: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "a list of lists": (ag.vmap(lambda p: [p[1], p[0] * p[1]]), ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],), {}),
    "a list of tuples": (ag.vmap(lambda p: p[0] * p[1]), ([(1.0, 2.0), (3.0, 4.0)],), {}),
    "a list of dicts": (ag.vmap(lambda p: p["x"] * p["y"]), ([{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 4.0}],), {}),
    "a list of arrays": (ag.vmap(lambda p: p[0] * p[1]), ([np.array([1.0, 2.0]), np.array([3.0, 4.0])],), {}),
    "a list in, dict out": (ag.vmap(lambda x: {"a": x, "b": [x, x * 2.0]}), ([1.0, 2.0],), {}),
    "a list in, tuple out": (ag.vmap(lambda x: (x, (x * 2.0, 1.0))), ([1.0, 2.0],), {}),
    "a matrix in, dict out": (ag.vmap(lambda p: {"a": p * 2.0, "b": [p[0], p[1]]}), (rng.normal(size=(5, 2)),), {}),
    "a tree of batches": (ag.vmap(lambda p: p["a"] * p["b"][0]), ({"a": rng.normal(size=5), "b": (rng.normal(size=5),)},), {}),
    "keywords": (ag.vmap(lambda x, s: x * s), (rng.normal(size=5),), {"s": rng.normal(size=5)}),
    "keywords, lists": (ag.vmap(lambda x, s: x * s), ([1.0, 2.0],), {"s": [3.0, 4.0]}),
    "a list beside an array": (ag.vmap(lambda x, y: x * y), ([1.0, 2.0], np.array([3.0, 4.0])), {}),
    "shared": (ag.vmap(lambda x, k: x * k, in_axes=(0, None)), (rng.normal(size=5), 3.0), {}),
    "shared first": (ag.vmap(lambda k, x: x * k[0], in_axes=(None, 0)), ([3.0], rng.normal(size=5)), {}),
    "a shared string": (ag.vmap(lambda k, x: getattr(ag, k)(x), in_axes=(None, 0)), ("sin", rng.normal(size=5)), {}),
    "axis 1": (ag.vmap(lambda p: p[0] * p[1], in_axes=1), (rng.normal(size=(2, 5)),), {}),
    "axis -1": (ag.vmap(lambda p: p[0] * p[1], in_axes=-1), (rng.normal(size=(2, 5)),), {}),
    "axes 0 and 1": (ag.vmap(lambda x, p: x * p[1], in_axes=(0, 1)), (rng.normal(size=5), rng.normal(size=(2, 5))), {}),
    "a map in a map": (ag.vmap(ag.vmap(ag.sin)), (rng.normal(size=(4, 3)),), {}),
    "a map in a map, lists": (ag.vmap(ag.vmap(ag.sin)), ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],), {}),
    "a map in a map and a gradient": (ag.vmap(ag.grad(lambda row: ag.vmap(ag.sin)(row).sum())), (rng.normal(size=(4, 3)),), {}),
    "hessians": (ag.vmap(ag.hessian(lambda p: ag.sin(p[0]) * p[1] ** 3)), (rng.normal(size=(5, 2)),), {}),
    "jacobians": (ag.vmap(ag.jacobian(lambda p: p * p[0])), (rng.normal(size=(5, 2)),), {}),
    "an inner map over what is shared": (ag.vmap(lambda x, b: ag.vmap(lambda y: x * y)(b).sum(), in_axes=(0, None)), (rng.normal(size=5), rng.normal(size=3)), {}),
    "a constant out": (ag.vmap(lambda x: 3.0), (rng.normal(size=5),), {}),
    "one point": (ag.vmap(lambda x: x * 2.0), (np.array([1.0]),), {}),
    "one row": (ag.vmap(lambda p: p * 2.0), (rng.normal(size=(1, 4)),), {}),
    "empty rows": (ag.vmap(lambda p: ag.sum(p)), (np.zeros((4, 0)),), {}),
    "empty rows out": (ag.vmap(lambda p: p), (np.zeros((4, 0)),), {}),
}  # fmt: skip


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", OUTERMOST)
def test_an_outermost_map_equals_the_eager_loop(name: str, backend: str) -> None:
    f, args, named = OUTERMOST[name]
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        assert_same(compiled(*args, **named), eager(f, *args, **named), *TOLERANCE[backend], name)


IN_LISTS: dict[str, Callable[[Any, Any], Any]] = {
    "a jacobian of two arguments": ag.jacobian(lambda x, y: [x * y, x + y], argnums=(0, 1)),
    "tuples": lambda x, y: [(x, y), (y, x)],
    "one tuple": lambda x, y: [(x, y)],
    "tuples of one number": lambda x, y: [(x,), (y,)],
    "dicts": lambda x, y: [{"a": x, "b": y}, {"a": y, "b": x}],
    "numbers and tuples": lambda x, y: [x, (y, x)],
    "numbers and tuples of one number": lambda x, y: [x, (y,)],
    "empty tuples": lambda x, y: [(), ()],
    "lists of tuples": lambda x, y: [[(x, y)], [(y, x)]],
    "tuples of lists": lambda x, y: [([x, y], [y, x])],
    "dicts of lists": lambda x, y: [{"a": [x, y]}],
    "in a tuple": lambda x, y: (x, [(x, y)]),
    "arrays": lambda x, y: [np.array([x, y]), np.array([y, x])],
    "rows of different lengths": lambda x, y: [[x], [x, y]],
    "many": lambda x, y: [{"p": (x * k, y - k), "q": [x + k]} for k in range(7)],
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", slow(IN_LISTS, but=["tuples", "in a tuple", "rows of different lengths"]))
def test_structure_in_lists_comes_back_as_from_the_eager_loop_or_is_refused(name: str, backend: str) -> None:
    f = ag.vmap(IN_LISTS[name])
    for n in (1, 3, 1000):
        xs, ys = rng.normal(size=n), rng.normal(size=n)
        for args in ((xs, ys), (xs.tolist(), ys.tolist())):
            try:
                expected, refused = eager(f, *args), ""
            except StructureError as error:
                expected, refused = None, str(error)
            if name == "arrays" and isinstance(args[0], list):
                expected = np.array(expected).tolist()  # of lists outermost batches are lists all the way down
            for compiled in (ag.jit(f, backend=backend), ag.jit(lambda x, y: f(x, y), backend=backend)):
                for _ in range(2):
                    if refused:
                        with pytest.raises(StructureError, match=re.escape(refused)):
                            compiled(*args)
                        continue
                    found = compiled(*args)
                    found = np.array(found).tolist() if name == "arrays" and isinstance(args[0], list) else found
                    assert_same(found, expected, *TOLERANCE[backend], name)


@dataclass
class Pair:
    a: Any
    b: Any


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize(
    "f",
    [
        lambda p: [Pair(p[1], p[0])],
        lambda p: [[Pair(p[0], 2.0)], p[1]],
        lambda p: [(Pair(p[0], [p[1], p[1] * 2.0]),)],
        lambda p: [{"a": Pair(p[0], Pair(p[1], 1.0))}],
    ],
)
def test_records_in_lists_come_back_as_from_the_eager_loop(f: Callable[..., Any], backend: str) -> None:
    compiled = ag.jit(ag.vmap(f), backend=backend)
    for points in ([(1.0, 2.0), (3.0, 4.0)], [(5.0, -6.0)], [(1.0, 2.0), (3.0, 4.0)]):
        assert compiled(points) == ag.vmap(f)(points)


@pytest.mark.parametrize(
    "output",
    [
        Output(1, 1, 2, 2, 0), Output(1, 1, -1, 2, 0), Output(1, 1, 0, 3, 0), Output(1, 1, 0, -2, 0),
        Output(1, 1, 0, 2, None), Output(0, 0, 1), Output(0, 0, -1), Output(0, 2, 0), Output(0, -1, 0),
        Output(1, 0, 0, 1, 0),
    ],
)  # fmt: skip
def test_a_program_that_would_write_outside_of_its_sinks_is_refused(output: Output) -> None:
    """Whatever the number of points is: there are 2 numbers of each, and a single one."""
    result = Result((1.0, LaneArray(1, 0, [1.0, 2.0], (2,))))
    nodes = [Input("k", 0, 0), Input("x", 2, 0, 1, 0)]
    result.require_room(Program(nodes, [Output(1, 1, 1, 2, 0), Output(0, 0, 0)], (), 1).outputs)
    with pytest.raises(ProgramError, match=r"the program writes Output\("):
        result.require_room([output])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_maps_over_captured_arrays_and_lists_use_the_numbers_they_had(backend: str) -> None:
    data, rows, numbers = rng.normal(size=6), rng.normal(size=(6, 2)), [0.5, 1.5, -0.5]

    def f(w: Any) -> Any:
        whole = ag.vmap(lambda x, r: (x * w - r[0] * r[1]) ** 2)(data, rows).mean()
        return whole + sum(ag.vmap(lambda k: k * w)(numbers))

    compiled = ag.jit(ag.value_and_grad(f), backend=backend)
    for w in (0.3, 0.3, -2.0):
        assert_same(compiled(w), eager(ag.value_and_grad(f), w), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_integer_and_float32_and_strided_arrays_inside(backend: str) -> None:
    for data in (np.arange(6), np.linspace(0, 1, 6, dtype=np.float32), np.arange(12.0)[::2], np.ones((6, 6))[:, 0]):
        compiled = ag.jit(lambda w, data=data: ag.vmap(lambda x: x * w)(data).sum(), backend=backend)
        for w in (2.0, 3.0):
            assert compiled(w) == pytest.approx(w * float(np.sum(data, dtype=float)), rel=1e-13)


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_second_order_through_sums_over_points(backend: str) -> None:
    xs = rng.normal(size=9)

    def f(w: Any, xs: Any) -> Any:
        inner = ag.vmap(lambda x: ag.grad(lambda x: ag.sin(w[0] * x) * w[1])(x) ** 2)(xs)
        return ag.log1p(inner.mean()) * w[1]

    for transformation in (ag.grad(f), ag.hessian(f), lambda w, xs: ag.hvp(lambda w: f(w, xs), w, [1.0, -1.0])):
        compiled = ag.jit(transformation, backend=backend)
        for _ in range(2):
            assert_same(compiled(W, xs), eager(transformation, W, xs), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_forward_mode_through_sums_over_points(backend: str) -> None:
    xs = rng.normal(size=9)

    def f(w: Any, xs: Any) -> Any:
        return ag.vmap(lambda x: model(w, x) ** 2)(xs).sum() * w[0]

    for g in (
        lambda w, xs: ag.jvp(lambda w: f(w, xs), (w,), ([1.0, 2.0],)),
        lambda w, xs: ag.jvp(lambda xs: f(w, xs), (xs,), (xs * 2.0,)),
        ag.jacobian(lambda w, xs: [f(w, xs), ag.vmap(lambda x: model(w, x))(xs).mean()]),
        lambda w, xs: ag.vjp(lambda w: ag.vmap(lambda x: model(w, x))(xs), w)[1](xs),
    ):
        compiled = ag.jit(g, backend=backend)
        for _ in range(2):
            assert_same(compiled(W, xs), eager(g, W, xs), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_the_jacobian_of_a_map_is_diagonal(backend: str) -> None:
    xs = rng.normal(size=5)
    f = ag.jacobian(lambda a: ag.vmap(ag.sin)(a))
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        assert_same(compiled(xs), np.diag(np.cos(xs)), 1e-13, 1e-300)


@pytest.mark.parametrize("length", slow([10_000, 1_024, 1_025, 2_049, 9_999], but=[2_049, 10_000]))
def test_results_are_equal_to_the_last_bit_for_any_number_of_threads(length: int) -> None:
    xs, ys = rng.normal(size=length), rng.normal(size=length)
    whole: list[Callable[..., Any]] = [
        ag.vmap(ag.value_and_grad(lambda x, y: ag.sin(x * y) * ag.exp(x), argnums=(0, 1))),
        ag.value_and_grad(lambda w, xs, ys: ag.vmap(lambda x, y: loss(w, x, y))(xs, ys).sum()),
        ag.hessian(lambda w, xs, ys: sum(ag.vmap(lambda x, y: loss(w, x, y))(xs, ys))),
    ]
    for k, f in enumerate(whole):
        args = (xs, ys) if k == 0 else (W, xs, ys)
        if k == 2 and length > 2_000:
            continue  # Python's own sum touches every point
        alone = ag.jit(f, threads=1)(*args)
        for threads in (2, 3):
            assert_same(ag.jit(f, threads=threads)(*args), alone)
        assert_same(alone, ag.jit(f, backend="python")(*args), 1e-11, 1e-11)


def test_a_branching_batch_gives_the_same_on_any_number_of_threads() -> None:
    xs = rng.normal(size=10_000)
    f = ag.vmap(lambda x: ag.log(x) if x > 1.0 else ag.sin(x) if x > 0.0 else x * x)
    alone = ag.jit(f, threads=1)(xs)
    for threads in (2, 3):
        assert_same(ag.jit(f, threads=threads)(xs), alone)
    expected = np.where(xs > 1.0, np.log(np.abs(xs)), np.where(xs > 0.0, np.sin(xs), xs * xs))
    assert alone == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_a_compiled_function_called_from_several_threads_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    f = ag.jit(ag.value_and_grad(lambda x: ag.sin(x) * x if x > 0.0 else ag.exp(x)))
    g = ag.jit(ag.vmap(lambda x: ag.sin(x) * x if x > 0.0 else ag.exp(x)), threads=2)
    numbers = rng.normal(size=400).tolist()
    expected = [eager(ag.value_and_grad(lambda x: ag.sin(x) * x if x > 0.0 else ag.exp(x)), x) for x in numbers]
    batch = np.array(numbers)
    with ThreadPoolExecutor(4) as pool:
        batches = [pool.submit(g, batch) for _ in range(8)]
        found = list(pool.map(f, numbers))
    assert_same(found, expected, 1e-13)
    for done in batches:
        assert_same(done.result(), np.array([value for value, _ in expected]), 1e-13)


LISTS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "doubled": (lambda r: r * 2, ([[1.0, 2.0], [3.0, 4.0]],)),
    "joined": (lambda r: r + r[:1], ([[1.0, 2.0], [3.0, 4.0]],)),
    "of lists": (lambda r: r[0] + r[1], ([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]],)),
    "of arrays": (lambda r: r * 2.0, ([np.array([1.0, 2.0]), np.array([3.0, 4.0])],)),
    "of lists of arrays": (lambda r: r[0] * 2.0 + r[1], ([[np.ones(2), np.ones(2)], [np.ones(2), -np.ones(2)]],)),
    "one point": (lambda r: r * 3, ([[1.0, 2.0]],)),
    "beside an array": (lambda r, x: sum(r + r) * x, ([[1.0, 2.0], [3.0, 4.0]], np.array([5.0, 6.0]))),
    "in a tuple": (lambda t: t[0] * 2 + [t[1]], (([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]),)),
    "points that are tuples": (lambda t: t[0] * 2, ([([1.0, 2.0], 3.0), ([4.0, 5.0], 6.0)],)),
    "sorted in place": (lambda r: r.sort() or r, ([[3.0, 2.0], [3.0, 4.0], [9.0, 1.0]],)),
    "by a branch": (lambda r: r * 2 if r[0] > 2.0 else r[::-1] + r, ([[1.0, 2.0], [3.0, 4.0]],)),
    "arrays out of numbers": (lambda x: np.array([x, 2.0 * x]), ([1.0, 2.0, 3.0],)),
    "arrays in tuples": (lambda x: (np.array([[x], [2.0]]), [x, x]), ([1.0, 2.0, 3.0],)),
    "lists of arrays": (lambda x: [np.array([x]), np.array([x * x])], ([1.0, 2.0, 3.0],)),
    "a gradient": (ag.grad(lambda a: (a * a).sum()), ([np.array([1.0, 2.0]), np.array([3.0, 4.0])],)),
    "a gradient of lists": (ag.grad(lambda r: r[0] * r[1]), ([[1.0, 2.0], [3.0, 4.0]],)),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", LISTS)
def test_points_that_are_lists_are_lists_to_the_mapped_function_and_arrays_arrays(name: str, backend: str) -> None:
    f, args = LISTS[name]
    compiled, mapped = ag.jit(ag.vmap(f), backend=backend), ag.vmap(f)
    for _ in range(3):
        assert_same(compiled(*copy.deepcopy(args)), eager(mapped, *copy.deepcopy(args)), *TOLERANCE[backend], name)


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_lists_and_arrays_of_the_same_shape_do_not_share_programs(backend: str) -> None:
    f = ag.jit(ag.vmap(lambda r: r * 2), backend=backend)
    rows = [[1.0, 2.0], [3.0, 4.0]]
    for _ in range(2):
        assert f(rows) == [[1.0, 2.0, 1.0, 2.0], [3.0, 4.0, 3.0, 4.0]]
        assert_same(f(np.array(rows)), np.array([[2.0, 4.0], [6.0, 8.0]]))
        assert_same(f(list(np.array(rows))), [np.array([2.0, 4.0]), np.array([6.0, 8.0])])


def test_a_batch_of_lists_and_arrays_is_refused() -> None:
    with pytest.raises(StructureError, match="points of one kind"):
        ag.jit(ag.vmap(ag.sum))([[1.0, 2.0], np.array([1.0, 2.0])])


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_points_of_a_map_that_are_all_the_same_number(backend: str) -> None:
    """Nothing is left to do for the points: the numbers that are picked are constants."""

    def slopes(xs: Any, y: Any) -> Any:
        return ag.vmap(ag.grad(lambda a, b: ag.exp(b)), in_axes=(None, 0))(y, xs)

    f = ag.jit(lambda xs, y: (slopes(xs, y)[1] + y, ag.max(slopes(xs, y))), backend=backend)
    for _ in range(3):
        assert f(np.array([1.0, 2.0, 3.0]), 2.0) == (2.0, 0.0)


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("y", [2.0, -0.0])
def test_a_point_of_what_is_the_same_at_every_point_is_that_number(y: float, backend: str) -> None:
    compiled = ag.jit(lambda xs: ag.vmap(lambda x: ag.where(x > 0.0, y, y))(xs)[1] * xs[0], backend=backend)
    for _ in range(2):
        assert_same(compiled(np.array([3.0, -1.0])), 3.0 * y)
