"""What `backend="python"` has in common with the eager engine: every step to the last bit, and the signs of zeros."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from jit.support import eager, is_same

import autograd_core as ag

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, math.inf, -math.inf, math.nan, 1e-320, 1e308]

OF_ONE: dict[str, Callable[[Any], Any]] = {
    "atan2 of fma": lambda x: ag.atan2(ag.fma(x, x, x), x),
    "hypot": lambda x: ag.hypot(x, 2.0 * x),
    "norm": lambda x: ag.norm([x, -x, x * x]),
    "relu": lambda x: -ag.relu(x) * x,
    "relu6 of relu": lambda x: ag.relu6(-ag.relu(x)),
    "hardtanh": lambda x: ag.hardtanh(x) + ag.hard_sigmoid(-x),
    "leaky_relu": lambda x: ag.leaky_relu(x) - ag.elu(x),
    "clip": lambda x: ag.clip(-x, -1.0, 1.0) * x,
    "maximum": lambda x: ag.maximum(x, -x) - ag.minimum(x, 0.0),
    "where": lambda x: ag.where(x > 0.0, -x, 0.0) + ag.where(x == 0.0, -x * x, x),
    "max": lambda x: ag.max([x, -x, 0.0]) * -1.0,
    "pow": lambda x: ag.pow(x * x, x),
    "xlogy": lambda x: ag.xlogy(x, x * x),
    "logaddexp": lambda x: ag.logaddexp(x, -x),
    "copysign": lambda x: ag.copysign(x, -x) * ag.floor(x),
}
OF_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "atan2": ag.atan2,
    "hypot": lambda x, y: -ag.hypot(x, y),
    "where": lambda x, y: ag.where(x < y, -x * y, ag.relu(y)),
    "pow": lambda x, y: ag.pow(x, y),
    "maximum": lambda x, y: ag.maximum(x, y) * ag.minimum(x, -y),
    "mod": lambda x, y: ag.mod(x, y) - ag.floor_divide(x, y),
    "fma": lambda x, y: ag.fma(x, y, -x),
}


def numbers(x: Any) -> list[float]:
    return [e for child in x for e in numbers(child)] if isinstance(x, tuple) else [x]


def assert_same_bits(f: Callable[..., Any], count: int) -> None:
    """Both the call that traces and later ones, of the same program and of others."""
    known = ag.jit(f, backend="python")
    known(*[0.37] * count)
    for point in itertools.product(SPECIAL, repeat=count):
        fresh = ag.jit(f, backend="python")
        expected = numbers(eager(f, *map(ag.Value, point)))
        for found in (fresh(*point), fresh(*point), known(*point)):
            for a, b in zip(numbers(found), expected, strict=True):
                assert is_same(a, b.data), (point, a, b)


@pytest.mark.parametrize("name", OF_ONE)
def test_values_and_gradients_of_one_number(name: str) -> None:
    assert_same_bits(OF_ONE[name], 1)
    assert_same_bits(ag.grad(OF_ONE[name]), 1)


@pytest.mark.parametrize("name", OF_TWO)
def test_values_and_gradients_of_two_numbers(name: str) -> None:
    assert_same_bits(OF_TWO[name], 2)
    assert_same_bits(ag.grad(OF_TWO[name], (0, 1)), 2)


@pytest.mark.parametrize("name", OF_ONE)
def test_second_derivatives_but_for_the_order_of_sums(name: str) -> None:
    second = ag.grad(ag.grad(OF_ONE[name]))
    compiled = ag.jit(second, backend="python")
    for x in SPECIAL:
        expected = eager(second, ag.Value(x)).data
        for found in (compiled(x), compiled(x), ag.jit(second, backend="python")(x)):
            assert is_same(found, expected, 1e-14), x
            assert expected or math.copysign(1.0, found) == math.copysign(1.0, expected)


def test_a_sum_of_three_terms_is_where_the_last_place_may_differ() -> None:
    """The steps that decide whether a gradient arrives stand among the others, and the terms come in their order."""
    second = ag.grad(ag.grad(OF_ONE["atan2 of fma"]))
    found = ag.jit(second, backend="python")(1.0)
    assert found == pytest.approx(second(1.0), rel=1e-14)
