"""Gradients of single points of a map: nothing flows at the others, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, TOLERANCE, assert_same, eager, then, tolerances
from marks import slow

import autograd_core as ag
from autograd_core.jit.passes.confine import _runs
from autograd_core.jit.trace.lanes import COLLECTED

nan, inf = np.nan, np.inf
AWKWARD = np.array([1.0, 0.0, inf, -2.0, nan, 3.0, 0.5])
"""At these the rules below are infinite or nan; the derivative of one point's result is 0.0 at the others."""

POINTS = np.concatenate([AWKWARD, np.linspace(0.0, 2.0, COLLECTED)])
"""So many that variables are mapped along lanes, too."""


def mapped(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda xs: ag.vmap(f)(xs)


def of_results(pick: Callable[[Any], Any], f: Callable[[Any], Any] = ag.reciprocal) -> Callable[..., Any]:
    """The gradient of what is made of single results of a map."""
    return ag.grad(lambda xs: pick(mapped(f)(xs)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "one": of_results(lambda y: y[0]),
    "the last, counted from the end": of_results(lambda y: y[-1], ag.sqrt),
    "a difference": of_results(lambda y: y[0] - y[5], ag.sqrt),
    "two with factors": of_results(lambda y: 2.0 * y[0] + y[6] / 3.0),
    "a product": of_results(lambda y: y[0] * y[5]),
    "all but one": of_results(lambda y: ag.sum(y[1:]), lambda x: x * x),
    "every other": of_results(lambda y: ag.sum(y[::2])),
    "differences of neighbours": of_results(lambda y: sum((b - a) ** 2 for a, b in pairwise(y[4:9]))),
    "one and all": of_results(lambda y: y[0] + ag.sum(y), lambda x: x * x),
    "the larger of two": of_results(lambda y: ag.maximum(y[0], y[5])),
    "through a branch": of_results(lambda y: y[0] + y[3], lambda x: x * x if x > 0.5 else ag.sqrt(-x)),
    "through where": of_results(lambda y: y[0], lambda x: ag.where(x > 0.0, 1.0 / x, ag.log(x))),
    "through several numbers": of_results(lambda y: y[0][0] * y[5][1], lambda x: [ag.log(x), ag.sqrt(x) / x]),
    "through two maps": of_results(lambda y: mapped(ag.sqrt)(y)[0], lambda x: 1.0 / x),
    "of a captured number": lambda xs: ag.grad(lambda k: mapped(lambda x: x * k)(xs)[5])(3.0),
    "of a captured number below": lambda xs: ag.grad(lambda k: mapped(lambda x: ag.log(x) / k)(xs)[0])(3.0),
    "a Jacobian": ag.jacobian(lambda xs: mapped(lambda x: x * ag.log(x))(xs)[:9]),
    "a Jacobian of a captured number": lambda xs: ag.jacobian(lambda k: mapped(lambda x: x * k)(xs))(3.0),
    "through computed points": ag.grad(lambda xs: mapped(lambda x: x * x)([ag.sqrt(x) for x in xs])[0]),
    "several through computed points": ag.grad(
        lambda xs: then(
            lambda y: y[0] * y[5] + y[6], mapped(lambda x: x * 2.0 if x > 1 else -x)([ag.log(x) for x in xs])
        )
    ),
    "of an outer number, by a branch": lambda xs: ag.jacobian(
        lambda k: mapped(lambda x: k / 0.0 + x * k if x > 0.5 else ag.sqrt(k - 3.0) * x)(xs)[:7]
    )(3.0),
    "of an outer number, by where": lambda xs: ag.jacobian(
        lambda k: mapped(lambda x: ag.where(x > 0.5, x, ag.sqrt(k)))(xs)[:7]
    )(0.0),
    "a second derivative": ag.grad(lambda xs: of_results(lambda y: y[0] * y[5], ag.log)(xs)[0]),
    "forward over reverse": lambda xs: ag.jvp(of_results(lambda y: y[0]), (xs,), (np.ones(len(xs)),)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(FUNCTIONS, only=[name for name in FUNCTIONS if "Jacobian" in name]))
def test_a_derivative_of_single_points_is_nothing_at_the_others(name: str, backend: str) -> None:
    f = FUNCTIONS[name]
    compiled = ag.jit(f, backend=backend)
    for points in (POINTS, POINTS[::-1].copy(), AWKWARD):
        expected = eager(f, points)
        for _ in range(2):
            assert_same(compiled(points), expected, *TOLERANCE_OF[backend], name)


TOLERANCE_OF = tolerances((0.0, 1e-300), (TOLERANCE["llvm"], 1e-300))
"""An absolute one with it: signs of zeros are not compared, what is added to nothing loses its sign."""


@pytest.mark.parametrize("points", [0b1, 0b110111, 0b1000, (1 << 300) - 1, 0b1010101, 0])
def test_runs_are_where_bits_are_set(points: int) -> None:
    found = list(_runs(points))
    assert sum(((1 << b) - 1) ^ ((1 << a) - 1) for a, b in found) == points
    assert all(a < b for a, b in found)
    assert all(b < c for (_, b), (c, _) in pairwise(found))
