"""Intervals and domains: membership, text, samples."""

from __future__ import annotations

import math
from random import Random

import pytest

from autograd_core import domain
from autograd_core.domain import Domain, Interval
from autograd_core.ops import TABLE


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        (domain.REAL, [0.0, -1e308], [math.inf, -math.inf]),
        (domain.EXTENDED, [0.0, math.inf, -math.inf], []),
        (domain.NONZERO, [1e-320, -1.0, math.inf], [0.0, -0.0]),
        (domain.POSITIVE, [1e-320, math.inf], [0.0, -1.0]),
        (domain.NONNEGATIVE, [0.0, -0.0, math.inf], [-1e-320]),
        (domain.PROBABILITY, [0.5], [0.0, 1.0]),
        (domain.MINUS_ONE_TO_ONE, [-1.0, 1.0], [1.0 + 1e-15]),
        (domain.NOT_A_POLE, [0.5, -0.5, 3.0], [0.0, -1.0, -math.inf]),
        (domain.WHOLE, [0.0, 3.0], [-1.0, 0.5, math.inf]),
    ],
)
def test_membership(interval: Interval, inside: list[float], outside: list[float]) -> None:
    assert all(x in interval for x in inside)
    assert not any(x in interval for x in outside)
    assert interval.__contains__(math.nan)  # nan means "unknown" and belongs everywhere


@pytest.mark.parametrize("op", TABLE.values(), ids=str)
def test_samples_lie_inside_and_every_domain_has_a_text(op: object) -> None:
    random = Random(0)
    for _ in range(50):
        point = op.domain.sample(random, 3 if op.is_nary else None)
        assert op.domain.problem(point, op.input_names) is None
    assert str(op.domain)


def test_a_problem_names_the_position_and_what_was_expected() -> None:
    ordered = Domain(domain.REAL, domain.POSITIVE, condition=lambda x, y: x < y, text="x < y")
    assert ordered.problem((1.0, -1.0), ("x", "y")) == (1, "y > 0")
    assert ordered.problem((2.0, 1.0), ("x", "y")) == (0, "x < y")
    assert ordered.problem((1.0, 2.0), ("x", "y")) is None
    assert ordered.problem((math.nan, 2.0), ("x", "y")) is None
