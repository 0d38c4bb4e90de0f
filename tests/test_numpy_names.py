"""A name that NumPy, Python's `math` or SciPy has too means what it means there, or refuses."""

from __future__ import annotations

import builtins
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import NumberError, OpError

NUMBERS = [-2.5, -2.0, -1.0, -0.5, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 7.5]
INF = math.inf


def theirs(name: str) -> Callable[..., Any] | None:
    """The function of that name in NumPy, `math` or SciPy."""
    return next((f for m in (np, math, special) if callable(f := getattr(m, name, None))), None)


OTHER_NAMES = {"div": np.divide, "mul": np.multiply, "sub": np.subtract, "neg": np.negative, "lgamma": special.gammaln}
OTHER_MEANING = {"identity", "jvp"}  # of matrices; a derivative of Bessel functions
REDUCTIONS = ["sum", "prod", "mean", "max", "min"]
COMMON = {
    name: OTHER_NAMES.get(name) or theirs(name)
    for name in ag.__all__
    if name not in {*OTHER_MEANING, *REDUCTIONS, "where", "dot", "polygamma", "softmax", "log_softmax"}
    and (name in OTHER_NAMES or theirs(name))
}


def of_numbers(function: Callable[..., Any], point: tuple[float, ...]) -> float | None:
    """What `function` gives, None where it gives no finite number or takes another number of inputs."""
    try:
        with np.errstate(all="ignore"):
            found = float(function(*point))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return found if math.isfinite(found) else None


@pytest.mark.parametrize("name", COMMON)
def test_a_common_name_means_the_same(name: str) -> None:
    ours, other, compared = getattr(ag, name), COMMON[name], 0
    for count in (1, 2, 3):
        for point in itertools.product(NUMBERS, repeat=count):
            expected, found = of_numbers(other, point), of_numbers(ours, point)
            if expected is not None and found is not None:
                compared += 1
                assert found == pytest.approx(expected, rel=1e-13, abs=1e-15), point
                assert ours(*map(Value, point[:1]), *point[1:]).data == found, point
        if compared:
            return
    raise AssertionError(f"{name} has not been compared anywhere")


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_an_array_mean_the_same(name: str) -> None:
    array = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, 8.0]])
    assert getattr(ag, name)(array) == getattr(np, name)(array)
    assert ag.norm(array) == pytest.approx(np.linalg.norm(array))
    for several in ("softmax", "log_softmax"):
        assert getattr(ag, several)(array[0]) == pytest.approx(list(getattr(special, several)(array[0])))
    assert ag.polygamma(2, 0.5) == pytest.approx(float(special.polygamma(2, 0.5)))
    with pytest.raises(OpError, match="NumPy's function takes axis="):
        getattr(ag, name)(array, axis=0)


def test_dot_is_of_two_vectors_and_says_so() -> None:
    assert ag.dot(np.array([1.0, 2.0]), [3.0, 4.0]) == 11.0
    for left, right in ((np.eye(2), np.eye(2)), (np.eye(2), [1.0, 2.0])):
        with pytest.raises(OpError, match="A @ B"):
            ag.dot(left, right)


def test_power_takes_a_value_as_its_exponent() -> None:
    for power in (ag.power, ag.pow, np.power, lambda x, y: x.power(y), lambda x, y: x**y):
        x, y = Value(2.0), Value(3.0)
        table = ag.backprop(power(x, y), [x, y])
        assert (table[x], table[y]) == (12.0, pytest.approx(8.0 * math.log(2.0)))
    assert ag.power(2.0, Value(3.0)).data == 8.0
    assert ag.power(Value(-2.0), 3).op.name == "power"  # right for negative x


def test_powers_of_arrays_of_values() -> None:
    x, y = Value(2.0), Value(3.0)
    for z in (np.power(np.array([x, x]), np.array([y, y])), np.array([x, x]) ** y, x ** np.array([y, 3.0])):
        assert [e.data for e in z] == [8.0, 8.0]
        assert ag.backprop(z[0], [x, y])[y] == pytest.approx(8.0 * math.log(2.0))
    assert [e.data for e in np.array([2.0, 3.0]) ** Value(2.0)] == [4.0, 9.0]


def test_clip_without_a_bound() -> None:
    for x in (-2.0, 0.5, 2.0):
        for low, high in ((None, 1.0), (-1.0, None), (None, None), (-1.0, 1.0)):
            expected = np.clip(x, low, high)
            assert ag.clip(x, low, high) == expected
            leaf = Value(x)
            assert ag.backprop(ag.clip(leaf, low, high), leaf)[leaf] == float(expected == x)
    assert ag.clip(-2.0, low=0.0) == 0.0


ROUNDED = [2.675, 2.665, 1.115, 0.575, -1.005, 1234.5, 0.5, 1.5, -2.5, 1e300, INF]


def test_round_to_digits_is_pythons_and_to_decimals_numpys() -> None:
    for x, digits in itertools.product(ROUNDED, (0, 1, 2, 3, -1, -2, 400, -400)):
        assert builtins.round(Value(x), digits).data == builtins.round(x, digits), (x, digits)
    for x, decimals in itertools.product(ROUNDED[:-2], (0, 1, 2, 3, -1, -2)):
        expected = np.round(x, decimals)
        for found in (ag.round(x, decimals), ag.round(Value(x), decimals), np.round(Value(x), decimals)):
            assert (found.data if isinstance(found, Value) else found) == expected, (x, decimals)
    assert math.isnan(builtins.round(Value(math.nan), 2).data)
    assert builtins.round(Value(2.5)).data == 2.0
    with pytest.raises(TypeError):
        builtins.round(Value(2.5), 1.0)
    with pytest.raises(OpError, match="between -300 and 300"):
        ag.round(1.0, 400)


@pytest.mark.parametrize("backend", ["python", "llvm"])
def test_rounded_numbers_are_compiled_and_flat(backend: str) -> None:
    for f in (lambda x: builtins.round(x, 2) * x, lambda x: ag.round(x, 2) * x, lambda x: builtins.round(x, -1) * x):
        for x in (2.675, 17.3):
            assert ag.jit(f, backend=backend)(x) == pytest.approx(f(x), rel=1e-15)
            assert ag.grad(f)(x) == pytest.approx(f(x) / x, rel=1e-15)
            assert ag.jit(ag.grad(f), backend=backend)(x) == ag.grad(f)(x)


def test_fmod_is_exact_and_has_the_sign_of_x() -> None:
    for x in (7.5, -7.5, 0.0, -0.0, 4.0, -4.0, 1e300, 5e-324):
        for y in (2.0, -2.0, 3.3, INF, 1e-300):
            for found in (
                ag.fmod(x, y),
                ag.fmod(Value(x), y).data,
                np.fmod(Value(x), y).data,
                np.fmod(np.array([Value(x)]), y)[0].data,
            ):
                assert repr(found) == repr(math.fmod(x, y)), (x, y)
    assert ag.grad(ag.fmod, (0, 1))(-7.5, 2.0) == (1.0, 3.0)
    assert ag.grad(ag.fmod, (0, 1))(7.5, -2.0) == (1.0, 3.0)
    assert ag.grad(ag.fmod)(0.0, 2.0) == 1.0
    ag.check_grad(ag.fmod, -7.3, 2.1)


UNARY = ["deg2rad", "radians", "rad2deg", "degrees", "square", "reciprocal", "positive", "negative", "fabs", "rint", "cbrt", "exp2", "sinc"]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_numpys_functions_of_one_number_take_values_and_arrays_of_them(name: str) -> None:
    f = getattr(np, name)
    for x in (0.3, -1.7):
        assert f(Value(x)).data == pytest.approx(f(x), rel=1e-15)
        assert [e.data for e in f(np.array([Value(x), Value(x)]))] == pytest.approx([f(x)] * 2, rel=1e-15)
        slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
        assert ag.grad(f)(x) == pytest.approx(slope, rel=1e-7, abs=1e-7)
        if hasattr(ag, name):
            assert getattr(ag, name)(x) == pytest.approx(f(x), rel=1e-15)


@pytest.mark.parametrize("order", [1, 2, 3, 4, INF])
def test_norms_of_arrays_of_values(order: float) -> None:
    a = [0.5, -2.0, 3.0]
    found = ag.grad(lambda v: np.linalg.norm(v, ord=order))(np.array(a))
    h = 1e-6
    for i in range(3):
        up, down = ([e + s * (j == i) for j, e in enumerate(a)] for s in (h, -h))
        assert found[i] == pytest.approx((np.linalg.norm(up, order) - np.linalg.norm(down, order)) / (2 * h), abs=1e-7)


def test_heaviside() -> None:
    for x in (-2.0, -0.0, 0.0, 2.0, INF, -INF):
        assert ag.heaviside(x, 0.5) == np.heaviside(x, 0.5)
        assert ag.heaviside(Value(x), 0.5).data == np.heaviside(x, 0.5)
    assert math.isnan(ag.heaviside(math.nan, 0.5))
    assert ag.grad(ag.heaviside, (0, 1))(0.0, 0.5) == (0.0, 1.0)
    assert ag.grad(ag.heaviside, (0, 1))(2.0, 0.5) == (0.0, 0.0)


def test_what_is_no_number_is_refused_by_these_too() -> None:
    for f in (
        ag.deg2rad,
        ag.rad2deg,
        lambda x: ag.fmod(x, 1.0),
        lambda x: ag.heaviside(0.0, x),
        ag.round,
        lambda x: ag.pow(2.0, x),
    ):
        for given in ("2", None, [1.0], True):
            with pytest.raises(NumberError):
                f(given)
