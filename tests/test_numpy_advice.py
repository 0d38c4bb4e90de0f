"""NumPy's and SciPy's functions that compute with floats only: inside transformations the error says what to write."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import autograd_core as ag
from autograd_core.errors import AutogradError, LeavesGraphError, NumberError, OpError

VECTOR, MATRIX = np.array([0.5, 0.25, 2.0]), np.array([[2.0, 0.5], [0.25, 3.0]])
FLOATS_ONLY: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "logaddexp": (lambda a: np.logaddexp(a, a).sum(), VECTOR, r"use ag\.logaddexp, on arrays np\.vectorize\(ag\."),
    "logaddexp of one": (lambda x: np.logaddexp(x, 1.0), 2.0, r"use ag\.logaddexp"),
    "copysign": (lambda a: np.copysign(a, 1.0).sum(), VECTOR, r"use ag\.copysign"),
    "heaviside": (lambda a: np.heaviside(a, 0.5).sum(), VECTOR, r"use ag\.heaviside"),
    "float_power": (lambda a: np.float_power(a, 2.0).sum(), VECTOR, r"write x \*\* y"),
    "isnan": (lambda a: a[np.isnan(a)].sum(), VECTOR, r"write x != x"),
    "isfinite": (lambda x: x * np.isfinite(x), 2.0, r"write abs\(x\) < math\.inf"),
    "modf": (lambda a: np.modf(a)[0].sum(), VECTOR, r"write x - ag\.trunc\(x\)"),
    "interp": (lambda a: np.interp(a, [0, 1], [2, 3]).sum(), VECTOR, r"choose with ag\.where"),
    "interp of one": (lambda x: np.interp(x, [0, 1], [2, 3]), 0.5, r"choose with ag\.where"),
    "solve": (lambda a: np.linalg.solve(a, [1.0, 2.0]).sum(), MATRIX, r"write the elimination out"),
    "inv": (lambda a: np.linalg.inv(a).sum(), MATRIX, r"write the elimination out"),
    "det": (np.linalg.det, MATRIX, r"a \* d - b \* c"),
    "cov": (np.cov, VECTOR, r"\(a - a\.mean\(\)\)"),
    "fft": (lambda a: np.fft.fft(a)[0], VECTOR, r"ag\.Op"),
    "expit": (lambda a: special.expit(a).sum(), VECTOR, r"write ag\.sigmoid\(x\)"),
    "gammaln": (lambda x: special.gammaln(x), 2.0, r"write ag\.lgamma\(x\)"),
    "erf": (
        lambda a: special.erf(a).sum(),
        VECTOR,
        r"use ag\.erf, on arrays np\.vectorize\(ag\.erf, otypes=\[object\]\)",
    ),
    "logsumexp": (special.logsumexp, VECTOR, r"use ag\.logsumexp \("),
    "j0": (lambda x: special.j0(x), 2.0, r"ag\.Op"),
    "arctan2": (lambda x: np.arctan2(np.array([1.0, 2.0]), x).sum(), 2.0, r"write ag\.atan2\(y, x\)"),
    "sin": (lambda x: np.sin(np.array([1.0, x])).sum(), 2.0, r"use ag\.sin"),
}


@pytest.mark.parametrize("name", FLOATS_ONLY)
def test_what_to_write_is_said(name: str) -> None:
    f, x, advice = FLOATS_ONLY[name]
    called = name.partition(" ")[0]
    for transformed in (ag.grad(f), ag.value_and_grad(f), ag.jacobian(f), ag.jit(ag.grad(f))):
        with pytest.raises(
            AutogradError, match=rf"^{called} computes with floats only and met Values; .*{advice}"
        ) as caught:
            transformed(x)
        assert isinstance(caught.value, TypeError)
        assert caught.value.__cause__ is not None
        assert len(str(caught.value)) < 500


def test_what_is_said_works() -> None:
    assert ag.grad(lambda a: np.vectorize(ag.logaddexp, otypes=[object])(a, a).sum())(VECTOR).tolist() == [
        1.0,
        1.0,
        1.0,
    ]
    assert ag.grad(lambda x: np.vectorize(ag.sin, otypes=[object])(np.array([1.0, x])).sum())(0.0) == 1.0
    assert ag.grad(lambda a: ((a - a.mean()) * (a - a.mean())).mean())(VECTOR).sum() == pytest.approx(0.0)
    assert ag.grad(lambda a: a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])(MATRIX).tolist() == [[3.0, -0.25], [-0.5, 2.0]]


def test_other_errors_are_the_users_own() -> None:
    for f, x, error in (
        (lambda a: a.reshape(7), VECTOR, ValueError),
        (lambda a: a.florble, VECTOR, AttributeError),
        (lambda a: a[0] + "text", VECTOR, NumberError),
        (lambda x: {}["key"], 2.0, KeyError),
        (lambda x: x(), 2.0, TypeError),
    ):
        with pytest.raises(error) as caught:
            ag.grad(f)(x)
        assert not isinstance(caught.value, OpError)
    with pytest.raises(LeavesGraphError, match="cannot become a float on the way"):
        ag.grad(lambda x: np.zeros(2).__setitem__(0, x))(2.0)


INDICES = {
    "of an array": lambda a: np.arange(4.0)[a].sum(),
    "one of an array": lambda a: np.arange(4.0)[a[0]],
    "of a list": lambda a: [1.0, 2.0, 3.0][a[0]] * a[1],
    "a count": lambda a: sum(a[1] for _ in range(a[0])),
    "a shape": lambda a: np.zeros(4)[: a[0]].sum(),
    "of Python's": lambda a: math.comb(5, a[0]) * a[1],
}


@pytest.mark.parametrize("name", INDICES)
def test_numbers_of_the_graph_are_no_indices(name: str) -> None:
    for transformed in (ag.grad(INDICES[name]), ag.jit(INDICES[name])):
        with pytest.raises(AutogradError, match=r"numbers? of the graph.*single ints.*static="):
            transformed(np.array([1.0, 2.0]))
    with pytest.raises(IndexError, match="out of bounds"):
        ag.jit(lambda a: a[7])(VECTOR)


def test_a_covariance_written_as_advised_is_numpys() -> None:
    a, b = np.array([1.0, 2.0, 4.0]), np.array([2.0, -1.0, 3.0])
    assert ((a - a.mean()) * (b - b.mean())).sum() / (len(a) - 1) == pytest.approx(np.cov(a, b)[0, 1])
    u, v = a - a.mean(), b - b.mean()
    assert (u * v).sum() / ag.sqrt((u * u).sum() * (v * v).sum()) == pytest.approx(np.corrcoef(a, b)[0, 1])
