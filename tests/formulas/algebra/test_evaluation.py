"""Numbers in derivations: few digits, but what is printed stays true."""

from __future__ import annotations

import pytest
from formulas.derivation.test_derive import check

import autograd_core as ag
from autograd_core import Value


@pytest.mark.parametrize(
    ("op", "at", "line"),
    [
        ("floor", [2.9999999999], "z = floor(x) = floor(2.9999999999) = 2"),
        ("ceil", [3.0000000001], "z = ceil(x) = ceil(3.0000000001) = 4"),
        ("sign", [1e-320], "z = sign(x) = sign(9.99989e-321) = 1"),
        ("less", [0.9999999999, 1.0], "z = less(x, y) = less(0.9999999999, 1) = 1"),
        ("mod", [5.9999999999, 3.0], "z = mod(x, y) = mod(5.9999999999, 3) ≈ 3"),
        ("floor", [2.123456789], "z = floor(x) = floor(2.12346) = 2"),
        ("mod", [5.123456789, 3.0], "z = mod(x, y) ≈ mod(5.12346, 3) = 2.12346"),
    ],
)
def test_in_front_of_a_jump_digits_are_cut_only_if_that_changes_nothing(op: str, at: list[float], line: str) -> None:
    inputs = [Value(x, name=name) for x, name in zip(at, "xy", strict=False)]
    assert repr(ag.derive(ag.TABLE[op](*inputs))) == line


def test_digits_are_cut_only_where_they_are_not_missed() -> None:
    x = Value(0.9999999999, name="x")
    assert repr(ag.derive(ag.floor(3 * x))).splitlines() == [
        "v1 = 3 * x ≈ 3 * 1 = 3",
        "z = floor(v1) = floor(2.9999999997) = 2",
    ]
    x = Value(1.0000001, name="x")
    assert repr(ag.derive(ag.relu(x - 1))).splitlines() == [
        "v1 = x - 1 = 1.0000001 - 1 ≈ 1e-07",
        "z = relu(v1) ≈ relu(1e-07) = 1e-07",
    ]
    x = Value(2.3333333333333335, name="x")
    z = ag.floor(3 * x) * x
    assert ag.derive(z, x).lines[-1].text == "dz/dx = floor(3 * x) = floor(3 * 2.3333333333333335) = 7"


def test_the_sign_of_zero_is_shown_where_it_matters_and_nowhere_else() -> None:
    x, y = Value(-2.0, name="x"), Value(3.0, name="y")
    zero = Value(-0.0, name="o")
    for z, line in (
        (ag.copysign(y, -0.0), "z = copysign(y, -0) = copysign(3, -0) = -3"),
        (ag.atan2(-0.0, x), "z = atan2(-0, x) = atan2(-0, -2) ≈ -3.14159"),
        (ag.atan2(zero, x), "z = atan2(o, x) = atan2(-0, -2) ≈ -3.14159"),
        (zero * y, "z = o * y = 0 * 3 = 0"),
        (0.0 * x, "z = 0 * x = 0 * (-2) = 0"),
    ):
        assert repr(ag.derive(z)) == line
    for z in (ag.copysign(y, -0.0) * y, ag.atan2(-0.0, y * y), y * -0.0 + y):
        check(ag.derive(z, y, digits=None).lines, z, y, 1e-12)
