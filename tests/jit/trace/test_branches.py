"""Branches in inner maps: every point takes its own way, as in the plain loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, programs_of, tolerances

import autograd_core as ag
from autograd_core import Op, Value, vmap
from autograd_core.domain import EXTENDED
from autograd_core.errors import PathsError, TracingError

TOLERANCE = tolerances((1e-13, 1e-14), (1e-12, 1e-13))
rng = np.random.default_rng(11)
MATRIX = rng.normal(size=(6, 5))
a, b = rng.normal(size=40), rng.normal(size=40)


def refusing(x: float) -> float:
    if x < 0.0:
        raise KeyError(x)
    return x * x


picky = Op("picky", refusing, lambda g, z, x: (2.0 * g * x,), EXTENDED)


def payoff(x: Any, k: Any) -> Any:
    return max(x - k, 0.0)


def steps(x: Any) -> Any:
    """Three comparisons, four ways."""
    total = x
    for bound in (1.0, 0.0, -1.0):
        if x > bound:
            return total * bound
        total = total + bound
    return total


MAPS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "in lists": (lambda a: vmap(lambda x: x * 10.0 if x > 0 else -x)(a), ([1.0, -2.0, 3.0, -4.0],)),
    "in arrays": (lambda a: vmap(lambda x: x * 10.0 if x > 0 else -x)(a), (a,)),
    "max": (lambda a: vmap(lambda x: max(x, 0.0))(a), (a,)),
    "several ways": (lambda a: vmap(steps)(a * 2.0), (a,)),
    "two arguments": (lambda a, b: vmap(lambda x, y: x * y if x > y else x - y)(a, b), (a, b)),
    "inner gradient": (lambda a: vmap(ag.grad(lambda x: x**3 if x > 0.0 else x * x))(a), (a,)),
    "inner hessian": (lambda rows: vmap(ag.hessian(lambda r: r[0] ** 2 * r[1] if r[0] > r[2] else r[2] ** 3))(rows), (MATRIX,)),
    "axis 1": (lambda rows: vmap(lambda c: c[0] if c[0] > c[1] else c[1] * 3.0, in_axes=1)(rows), (MATRIX,)),
    "axis -1": (lambda rows: vmap(lambda c: c[0] if c[0] > c[1] else c[1] * 3.0, in_axes=-1)(rows), (MATRIX,)),
    "mean of payoffs": (lambda k, a: ag.mean(vmap(lambda x: payoff(x, k))(a)), (0.1, a)),
    "gradient around": (ag.value_and_grad(lambda k, a: ag.mean(vmap(lambda x: payoff(x, k))(a))), (0.1, a)),
    "both gradients": (ag.grad(lambda k, a: vmap(lambda x: payoff(x, k) ** 2)(a).sum(), (0, 1)), (0.1, a)),
    "hessian around": (ag.hessian(lambda k, a: vmap(lambda x: payoff(x, k) ** 3)(a).sum()), (0.1, a)),
    "forward mode": (lambda k, a: ag.jvp(lambda k: vmap(lambda x: payoff(x, k))(a).sum(), (k,), (1.0,)), (0.1, a)),
    "map over a map's results": (lambda a: vmap(lambda y: -y if y < 1.0 else y)(vmap(lambda x: x * x)(a)), (a,)),
    "branches in both": (lambda a: vmap(lambda y: -y if y < 1.0 else y)(vmap(steps)(a)), (a,)),
    "a branch by a mean": (lambda a: vmap(lambda x, m: x if x > m else m, (0, None))(a, vmap(ag.exp)(a).mean()), (a,)),
    "maps in maps": (lambda rows: vmap(lambda r: sum(vmap(lambda x: max(x, 0.0) * 2.0)(r)))(rows), (MATRIX,)),
    "an inner map by an outer point": (
        lambda rows: vmap(lambda r: sum(vmap(lambda x: x if x > r[0] else r[0] * x)(r)))(rows), (MATRIX,),
    ),
    "a map in one branch only": (
        lambda rows: vmap(lambda r: sum(vmap(lambda x: ag.sqrt(x) if x > 0.5 else x)(r)) if r[0] > 0.0 else r[1])(rows), (MATRIX,),
    ),
    "tuples": (lambda a: vmap(lambda x: (x, 1.0) if x > 0 else (2.0, -x))(a), (a,)),
    "dicts": (lambda a: vmap(lambda x: {"p": x, "q": x} if x > 0 else {"p": 0.0, "q": -x})(a), (a,)),
    "arrays of each point": (lambda rows: vmap(lambda r: r * 2.0 if r[0] > 0 else -r)(rows), (MATRIX,)),
    "constants": (lambda a: vmap(lambda x: 1.0 if x > 0 else -1.0)(a), (a,)),
    "an outer question too": (lambda k, a: vmap(lambda x: (x if x > 0 else -x) * (2.0 if k > 0 else 3.0))(a), (0.1, a)),
    "an op that refuses the others": (lambda a: vmap(lambda x: picky(x) if x > 0.0 else x)(a), (a,)),
    "and after it a question": (
        lambda a: vmap(lambda x: (x if picky(x) > 0.2 else -x) if x > 0.0 else 5.0 * x)(a).sum(), (a,),
    ),
    "sorted": (lambda rows: vmap(lambda r: sorted([r[0], r[1], r[2]])[1])(rows), (MATRIX,)),
    "special values": (lambda a: vmap(lambda x: x if x < 1.0 else -x)(a), (np.array([math.inf, math.nan, -0.0, -2.0]),)),
    "of differently nested results": (lambda a: vmap(lambda x: [x] if x > 0 else [x, -x])(a), ([1.0, -2.0],)),
    "a loop until it is small": (lambda a: vmap(_halved)(a), (np.abs(a) * 4.0,)),
}  # fmt: skip


def _halved(x: Any) -> Any:
    while x > 0.3:
        x = x * 0.5
    return x


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", MAPS)
def test_a_branch_in_an_inner_map_goes_as_in_the_plain_loop(name: str, backend: str) -> None:
    f, args = MAPS[name]
    compiled = ag.jit(f, backend=backend)
    others = [args, tuple(_changed(x, lambda v: -v) for x in args), tuple(_changed(x, lambda v: v * 0.3) for x in args)]
    for some in [*others, *others]:
        assert_same(compiled(*some), eager(f, *some), *TOLERANCE[backend], name)


def _changed(x: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(x, list):
        return [change(v) for v in x]
    return np.abs(change(x)) if isinstance(x, np.ndarray) and (x > 0).all() else change(x)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["maps in maps", "an inner map by an outer point", "a map in one branch only"])
def test_inner_maps_of_an_outermost_map_are_joined_and_not_multiplied(name: str, backend: str) -> None:
    """Five points with two ways each would be 32 programs."""
    f = {
        "maps in maps": lambda r: sum(vmap(lambda x: max(x, 0.0) * 2.0)(r)),
        "an inner map by an outer point": lambda r: sum(vmap(lambda x: x if x > r[0] else r[0] * x)(r)),
        "a map in one branch only": lambda r: (
            sum(vmap(lambda x: ag.sqrt(x) if x > 0.5 else x)(r)) if r[0] > 0.0 else r[1]
        ),
    }[name]
    compiled = ag.jit(vmap(f), backend=backend)
    rows = rng.normal(size=(300, 5))
    for some in (rows, rows[::-1], -rows):
        assert_same(compiled(some), eager(vmap(f), some), *TOLERANCE[backend], name)
    assert programs_of(compiled) <= 6


@pytest.mark.parametrize("backend", BACKENDS)
def test_more_ways_than_can_be_joined_are_an_error_that_names_the_comparison(backend: str) -> None:
    f = ag.jit(lambda a: vmap(_halved)(a).sum(), backend=backend)
    with pytest.raises(PathsError, match=r"test_branches.py:\d+: .* more than 16 ways .*ag.where") as refused:
        f(2.0 ** np.arange(40.0))
    assert isinstance(refused.value, TracingError)
    assert len(str(refused.value)) < 2000


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_answer_does_not_depend_on_which_batch_was_traced(backend: str) -> None:
    f = ag.jit(lambda a: vmap(steps)(a).sum(), backend=backend)
    for batch in ([5.0, 6.0], [5.0, -7.0], [0.5, -0.5], [-0.5, 5.0], [-7.0, -7.0], [5.0, 6.0]):
        assert_same(f(np.array(batch)), float(eager(vmap(steps), np.array(batch)).sum()), *TOLERANCE[backend])


KEPT: dict[str, Callable[[list[Any], Any, Any], Any]] = {
    "from another map": lambda kept, a, b: (
        vmap(lambda x: kept.append(x) or x)(a),
        vmap(lambda y: y * kept[0])(b),
    )[1],
    "from a map over the same": lambda kept, a, b: vmap(lambda y: y * kept[0])(vmap(lambda x: kept.append(x) or x)(a)),
    "over the same array": lambda kept, a, b: (
        vmap(lambda x: kept.append(x) or x)(a),
        vmap(lambda y: y * kept[0])(a),
    )[1],
    "a computed one": lambda kept, a, b: (
        vmap(lambda x: kept.append(x * x) or x)(a),
        vmap(lambda y: y + kept[0])(b),
    )[1],
    "used outside": lambda kept, a, b: (vmap(lambda x: kept.append(x) or x)(a), kept[0] * 2.0)[1],
    "returned as it is": lambda kept, a, b: (vmap(lambda x: kept.append(x) or x)(a), vmap(lambda y: kept[0])(b))[1],
    "compared": lambda kept, a, b: (vmap(lambda x: kept.append(x) or x)(a), 1.0 if kept[0] > 0 else 2.0)[1],
    "in a branch": lambda kept, a, b: (
        vmap(lambda x: kept.append(x) or x)(a),
        vmap(lambda y: y if y > kept[0] else 2.0)(b),
    )[1],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", KEPT)
def test_points_kept_from_one_map_are_not_paired_with_those_of_another(name: str, backend: str) -> None:
    xs, ys = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])
    with pytest.raises(TracingError, match=r"stands for all points of a vmap that is over.*Return it"):
        ag.jit(lambda a, b: KEPT[name]([], a, b), backend=backend)(xs, ys)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_maps_return_may_be_used_in_other_maps(backend: str) -> None:
    def f(a: Any, b: Any) -> Any:
        squares = vmap(lambda x: x * x)(a)
        return vmap(lambda x, s, y: x * s + y)(a, squares, b).sum() + squares[0] * vmap(lambda y: y)(squares)[1]

    assert_same(ag.jit(f, backend=backend)(a, b), float(eager(f, a, b)), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_captured_value_decides_in_an_inner_map_at_every_call(backend: str) -> None:
    k = Value(0.0)
    f = ag.jit(lambda a: vmap(lambda x: x if x > k else 2.0 * k - x)(a), backend=backend)
    for number in (0.0, 0.5, -10.0, 10.0, 0.0):
        k.data = number
        assert_same(f(a), np.where(a > number, a, 2.0 * number - a), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_gradient_of_gradients_on_several_ways_is_none_of_a_stale_graph(backend: str) -> None:
    """The leaves of a way's gradient are newer than the steps of the way before, but older than their own."""

    def slopes(xs: Any, k: Any) -> Any:
        return ag.sum(vmap(ag.grad(lambda x, k: min(max(x - k, 0.0), x)), in_axes=(0, None))(xs, k))

    compiled = ag.jit(ag.grad(slopes, 1), backend=backend)
    for some, k in [([-0.3, -1.4, -0.8], 0.3), ([-0.1, 2.3, -0.3], -1.3), ([0.7, -1.9, 1.4], -0.2)] * 2:
        xs = np.array(some)
        assert_same(compiled(xs, k), eager(ag.grad(slopes, 1), xs, k), *TOLERANCE[backend])
