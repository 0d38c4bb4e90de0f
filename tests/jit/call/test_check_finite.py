"""check_finite: the first step that gave inf or nan is named, with its operands; silent without it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS

import autograd_core as ag
from autograd_core.errors import NonFiniteError


def named(x: Any, name: str) -> Any:
    x.name = name
    return x


def price(x: Any, rate: Any) -> Any:
    growth = named(ag.exp(x * rate), "growth")
    return named(growth - 1.0, "profit") / rate


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "overflow": (price, (800.0, 2.0), r"the step growth = exp\(v0\) gave inf, with v0 = 1600.0"),
    "division": (price, (1.0, 0.0), r"= div\(profit, rate\) gave nan, with profit = 0.0, rate = 0.0"),
    "given": (price, (math.nan, 1.0), "x is nan: it was given so"),
    "gradient": (ag.grad(ag.sqrt), (0.0,), r"= div\(0.5, v0\) gave inf, with v0 = 0.0"),
    "in a batch": (ag.vmap(lambda x: 1.0 / x), (np.array([1.0, 2.0, 0.0]),), r"gave inf at point 2, with x\[:\] = 0.0"),
    "in a sum": (lambda a: ag.vmap(ag.log)(a).sum(), (np.array([1.0, 0.0]),), r"log\(.*\) gave -inf at point 1"),
    "on one way": (ag.vmap(lambda x: ag.log(x) if x < 1.0 else x), (np.array([2.0, 0.0]),), r"log.*gave -inf at point"),
    "a constant": (lambda x: x * math.inf, (1.0,), r"mul\(x, inf\) gave inf, with x = 1.0"),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_the_first_step_that_gave_inf_or_nan_is_named(name: str, backend: str) -> None:
    f, args, complaint = CASES[name]
    checked = ag.jit(f, backend=backend, check_finite=True)
    for _ in range(2):
        with pytest.raises(NonFiniteError, match=complaint):
            checked(*args)
    ag.jit(f, backend=backend)(*args)  # and silently by default


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_what_does_not_reach_a_result_is_no_matter(backend: str) -> None:
    f = ag.jit(
        lambda x: ag.where(x > 0.0, ag.log(x), 0.0) + 1.0 / ag.exp(x * 1000.0), backend=backend, check_finite=True
    )
    assert [f(-1e-3), f(-1e-3)] == [math.e, math.e]
    assert [f(1.0), f(1.0)] == [0.0, 0.0]
