"""The machine code behind matrices: products of all shapes, loops of all ops, numbers at all distances."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import numpy as np
import pytest
from jit.matrices import assert_close, by_arrays
from jit.support import ALL_BACKENDS, eager

import autograd_core as ag
from autograd_core.containers import flatten
from autograd_core.jit.backends.llvm import blas
from autograd_core.jit.backends.llvm.blas import blas_product, suits_blas
from autograd_core.jit.backends.llvm.matmul import ARGUMENTS, product
from autograd_core.jit.backends.llvm.target import vector_width
from nn import MLP

RNG = np.random.default_rng(0)
WIDTHS = [width for width in (8, 4, 2) if width <= vector_width()]
SIZES = [(m, n, k) for m, n, k in itertools.product((1, 2, 5, 9), (1, 3, 8, 25, 33), (1, 2, 8, 19))]


def multiply(
    code: Any, c: Any, a: Any, b: Any, *, base: Any = None, scale: float = 1.0, times: float | None = None
) -> None:
    """c = [base +] scale times a b, by the machine."""
    (m, k), n = a.shape, b.shape[1]
    factor = None if times is None else np.array([times])
    given = {name: array for name, array in zip("cabd", (c, a, b, base), strict=True) if array is not None}
    numbers = {"m": m, "n": n, "size": k, **{name: array.ctypes.data for name, array in given.items()}}
    numbers |= {f"{name}_row": array.strides[0] for name, array in given.items()}
    numbers |= {f"{name}_column": array.strides[1] for name, array in given.items()}
    numbers["times"] = 0 if factor is None else factor.ctypes.data
    arguments = np.array([numbers.get(name, 0) for name in ARGUMENTS], np.int64)
    arguments.view(float)[list(ARGUMENTS).index("scale")] = scale
    code(arguments.ctypes.data)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("by_rows", [False, True])
def test_products_of_all_shapes(width: int, by_rows: bool) -> None:
    for m, n, k in SIZES:
        a, b = RNG.normal(size=(m, k)), RNG.normal(size=(k, n))
        right = np.ascontiguousarray(b.T).T if by_rows else b
        c = np.full((m + 2, n + 2), np.nan)
        multiply(product(width, by_rows), c[1:-1, 1:-1], a, right)
        assert np.abs(c[1:-1, 1:-1] - a @ b).max() <= 1e-13 * k
        assert np.isnan(c[[0, -1]]).all()
        assert np.isnan(c[:, [0, -1]]).all()  # nothing beside it was touched
        start = RNG.normal(size=(m, n))
        added = start.copy()
        multiply(product(width, by_rows), added, a, right, base=added, scale=-2.0)
        assert np.abs(added - (start - 2.0 * a @ b)).max() <= 1e-13 * k
        multiply(product(width, by_rows), c[1:-1, 1:-1], a, right, base=start, scale=-2.0, times=0.25)
        assert np.abs(c[1:-1, 1:-1] - (start - 0.5 * a @ b)).max() <= 1e-13 * k
        assert np.isnan(c[[0, -1]]).all()


@pytest.mark.parametrize("width", WIDTHS)
def test_products_of_parts_of_larger_arrays(width: int) -> None:
    whole = RNG.normal(size=(40, 50))
    for a, b, by_rows in (
        (whole[3:10:2, 5:25], whole[20:40, 7:19], False),
        (whole[5:25, 3:9].T, whole[20:40, 7:19], False),
        (whole[3:10, 5:25], whole[11:23, 7:27].T, True),
        (whole[3:4, 5:25], whole[11:12, 7:27].T, True),
    ):
        c = np.empty((a.shape[0], b.shape[1]))
        multiply(product(width, by_rows), c, a, b)
        assert np.abs(c - a @ b).max() <= 1e-13 * a.shape[1]


@pytest.mark.parametrize("left_lies", [True, False])
@pytest.mark.parametrize("right_lies", [True, False])
def test_large_products_by_blas(left_lies: bool, right_lies: bool) -> None:
    a, b = RNG.normal(size=(40, 70)), RNG.normal(size=(70, 90))
    left, right = a if left_lies else np.asfortranarray(a), b if right_lies else np.asfortranarray(b)
    whole = np.full((40, 100), np.nan)
    code = blas_product()
    into = whole[:, 5:95]
    multiply(code, into, left, right, scale=2.0)
    assert np.abs(into - 2.0 * a @ b).max() <= 1e-12
    multiply(code, into, left, right, base=into, scale=-1.0)
    assert np.abs(into - a @ b).max() <= 1e-12
    base = RNG.normal(size=(40, 95))[:, :90]
    multiply(code, into, left, right, base=base, scale=-1.0, times=3.0)
    assert np.abs(into - (base - 3.0 * a @ b)).max() <= 1e-12
    assert np.isnan(whole[:, :5]).all()


def test_blas_gets_what_is_large_and_lies_well() -> None:
    sizes = (400, 300, 300)
    assert suits_blas(sizes, (300, 1), (300, 1), (1, 301))
    assert suits_blas(sizes, (320, 1), (1, 400), (300, 1))
    assert not suits_blas((10, 30, 784), (30, 1), (784, 1), (1, 785))
    assert not suits_blas(sizes, (1, 400), (300, 1), (300, 1))
    assert not suits_blas(sizes, (300, 1), (300, 2), (300, 1))
    assert not suits_blas(sizes, (300, 1), (0, 1), (300, 1))


def test_a_layer_of_many_samples_by_blas(monkeypatch: Any) -> None:
    monkeypatch.setattr(blas, "LARGE", 1000)
    net = MLP(20, [24, 17], "tanh", seed=0)
    points = RNG.normal(size=(100, 20))
    f = ag.jit(ag.vmap(net))
    f(points)
    assert_close(f(points)[[0, 50, 99]], [[z.data for z in net(x)] for x in points[[0, 50, 99]].tolist()])


def test_infinite_numbers_stay_in_their_rows() -> None:
    a, b = RNG.normal(size=(9, 5)), RNG.normal(size=(5, 30))
    a[2, 3], b[1, 4] = np.inf, np.nan
    for by_rows in (False, True):
        c = np.empty((9, 30))
        multiply(product(vector_width(), by_rows), c, a, np.ascontiguousarray(b.T).T if by_rows else b)
        with np.errstate(invalid="ignore"):
            assert np.array_equal(np.isfinite(c), np.isfinite(a @ b))


UNARY = [op for op in ag.TABLE.values() if op.is_unary]


@pytest.mark.parametrize("op", UNARY, ids=[op.name for op in UNARY])
def test_every_op_of_one_input_element_by_element(op: Any) -> None:
    """Eleven elements: a whole vector and a part of one."""
    random = Random(0)
    points = np.array([op.domain.sample(random)[0] for _ in range(11)])
    identity = np.eye(11)
    result, found = by_arrays(lambda w, x: [op(ag.dot(row, x)) for row in w], identity, points)
    if found is not None:
        assert not [i for i in found.alone if found.node(i).op is op]
    expected = np.array(flatten(eager(lambda x: [op(e) for e in x], points)))
    assert np.allclose(np.array(result), expected, rtol=1e-12, atol=1e-300)


# Numbers that are computed, mapped over along lanes

X = RNG.normal(size=300)


def neighbours(x: Any) -> Any:
    """300 numbers that are no inputs."""
    return np.array([x[i] * x[(i + 7) % 300] for i in range(300)])


FUNCTIONS = {
    "values": lambda x: ag.vmap(lambda a, b: ag.exp(-a * a) + b)(neighbours(x), x),
    "sum": lambda x: ag.vmap(lambda a: ag.sin(a))(neighbours(x)).sum(),
    "elements": lambda x: ag.vmap(lambda a: (a, a * a))(neighbours(x))[1][3],
    "gradient": lambda x: ag.grad(lambda y: ag.sum(list(ag.vmap(lambda a: ag.relu(a) * a)(neighbours(y)))))(x),
    "forward mode": lambda x: ag.jvp(lambda y: ag.vmap(ag.sin)(neighbours(y)).sum(), (x,), (x * 0.5,)),
    "branches": lambda x: ag.vmap(lambda a: a * 2.0 if a > 0.0 else a)(neighbours(x)).sum(),
    "twice": lambda x: ag.vmap(ag.cos)(ag.vmap(ag.sin)(neighbours(x))),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_map_over_computed_numbers_equals_the_loop(name: str, backend: str) -> None:
    f = ag.jit(FUNCTIONS[name], backend=backend)
    f(X)
    expected = eager(FUNCTIONS[name], X)
    for x in (X, X):
        found, wanted = np.array(flatten(f(x))), np.array([float(getattr(y, "data", y)) for y in flatten(expected)])
        assert np.abs(found - wanted).max() <= 1e-12 * np.abs(wanted).max()


def test_what_is_collected_may_be_a_matrix_product() -> None:
    w, x = RNG.normal(size=(300, 20)), RNG.normal(size=20)

    def f(w: Any, x: Any) -> Any:
        return ag.vmap(lambda z: ag.tanh(z) * 2.0)(np.array([ag.dot(row, x) for row in w]))

    result, _ = by_arrays(f, w, x)
    assert_close(result, 2.0 * np.tanh(w @ x))


def test_many_points_are_done_in_blocks_by_any_number_of_threads() -> None:
    net = MLP(3, [8, 12, 2], "tanh", seed=0)
    points = RNG.normal(size=(9001, 3))
    results = []
    for threads in (1, 2, 3):
        f = ag.jit(ag.vmap(net), threads=threads)
        results.append(f(points))
        (path,) = next(iter(f.kinds.values())).known
        assert path.executable.plan.has_products
    assert all(np.array_equal(result, results[0]) for result in results)
    some = [0, 4095, 4096, 8191, 8192, 9000]
    assert_close(results[0][some], [[z.data for z in net(x)] for x in points[some].tolist()])


@pytest.mark.slow
def test_points_that_depend_on_each_other_are_not_cut_into_blocks() -> None:
    net = MLP(3, [8, 12, 1], "relu", seed=0)
    points = RNG.normal(size=(4500, 3))
    f = ag.jit(lambda xs: ag.grad(lambda xs: ag.vmap(net)(xs).sum())(xs))
    result = f(points)
    some = slice(None, None, 45)
    exact = ag.jit(ag.vmap(ag.grad(net)), backend="python")(points[some])
    assert_close(result[some], exact)
