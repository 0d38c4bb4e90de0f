"""Every transformation inside jit equals the eager engine, for every backend and every kind of container."""

from __future__ import annotations

import math
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS, BACKENDS, assert_same, eager, then, tolerances
from marks import slow

import autograd_core as ag
from autograd_core import Op
from autograd_core.containers import is_array
from autograd_core.domain import REAL, Domain

TOLERANCE = tolerances((1e-14, 1e-15), (1e-12, 1e-13))
"""(relative, absolute); not 0 for python, since a compiled gradient may add its terms in another order."""

Params = namedtuple("Params", ["w", "b"])
rng = np.random.default_rng(1)
VECTOR, MATRIX = rng.normal(size=3), rng.normal(size=(2, 3))


def moved(x: Any, k: int) -> Any:
    """`x` with all its numbers moved a little; what is no number stays."""
    if isinstance(x, dict):
        return type(x)({key: moved(child, k) for key, child in x.items()})
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[moved(child, k) for child in x])
    if isinstance(x, (list, tuple)):
        return type(x)([moved(child, k) for child in x])
    if type(x) is float or (is_array(x) and x.dtype == np.float64):
        return x * (1.0 + 0.07 * k) + 0.01 * k
    return x


def assert_compiles(f: Callable[..., Any], backend: str, *args: Any, **named: Any) -> None:
    """The first call (the trace), the second one (compiled) and calls with other numbers equal the eager ones."""
    compiled = ag.jit(f, backend=backend)
    for k in (0, 0, 1, 2):
        some, some_named = moved(args, k), moved(named, k)
        rel, atol = TOLERANCE[backend]
        assert_same(compiled(*some, **some_named), eager(f, *some, **some_named), rel, atol, f"call {k}")


def wavy(x: Any, y: Any) -> Any:
    return x * ag.sin(x * y) + ag.exp(-x * x) / (1.0 + y * y)


def many(p: Any) -> Any:
    return p[0] ** 2 * p[1] + ag.sin(p[2] * p[0]) * ag.exp(0.3 * p[1]) + ag.tanh(p[2])


def pair(p: Any) -> Any:
    return [p[0] * p[1] + ag.cos(p[2]), p[2] / p[0]]


def nested(p: Any) -> Any:
    return p["w"][0] * ag.sin(p["w"][1]) + p["b"] ** 3 * p["deep"][0]["x"]


TREE = {"w": [0.4, 1.1], "b": -0.7, "deep": ({"x": 2.0},)}
X, Y, V = 0.7, -1.3, [0.5, -0.2, 0.9]

CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "value": (wavy, (X, Y)),
    "grad": (ag.grad(wavy), (X, Y)),
    "grad in the second argument": (ag.grad(wavy, argnums=1), (X, Y)),
    "grad in both": (ag.grad(wavy, argnums=(0, 1)), (X, Y)),
    "grad of a list": (ag.grad(many), (V,)),
    "grad of a tuple": (ag.grad(many), (tuple(V),)),
    "grad of an array": (ag.grad(many), (np.array(V),)),
    "grad of a tree": (ag.grad(nested), (TREE,)),
    "grad of grad": (ag.grad(ag.grad(wavy)), (X, Y)),
    "grad of grad of grad": (ag.grad(ag.grad(ag.grad(wavy))), (X, Y)),
    "mixed second derivative": (ag.grad(ag.grad(wavy), argnums=1), (X, Y)),
    "value_and_grad": (ag.value_and_grad(wavy, argnums=(1, 0)), (X, Y)),
    "value_and_grad of a tree": (ag.value_and_grad(nested), (TREE,)),
    "jvp": (lambda x, y: ag.jvp(wavy, (x, y), (y, 0.5)), (X, Y)),
    "jvp of grad": (lambda x, y: ag.jvp(ag.grad(wavy), (x, y), (0.3, x)), (X, Y)),
    "grad of jvp": (ag.grad(lambda x, y: ag.jvp(wavy, (x, y), (1.0, 2.0))[1]), (X, Y)),
    "vjp": (lambda p, a, b: ag.vjp(pair, p)[1]([a, b]), (V, 2.0, -3.0)),
    "value and vjp": (lambda p: then(lambda y, back: (y, back([1.0, 2.0])), *ag.vjp(pair, p)), (V,)),
    "jacobian": (ag.jacobian(pair), (V,)),
    "jacobian of an array": (ag.jacobian(lambda a: a * a[0]), (np.array(V),)),
    "jacobian in two": (ag.jacobian(lambda x, y: (x * y, [x + y]), argnums=(0, 1)), (X, Y)),
    "hessian": (ag.hessian(many), (V,)),
    "hessian of an array": (ag.hessian(many), (np.array(V),)),
    "hessian of a dict": (ag.hessian(lambda p: p["a"] ** 2 * ag.sin(p["b"])), ({"a": X, "b": Y},)),
    "hessian in two": (ag.hessian(wavy, argnums=(0, 1)), (X, Y)),
    "hvp": (lambda p, v: ag.hvp(many, p, v), (V, [1.0, 0.0, -2.0])),
    "vmap": (ag.vmap(wavy), (V, [1.0, 2.0, 3.0])),
    "vmap of an array": (ag.vmap(wavy), (np.array(V), np.array([1.0, 2.0, 3.0]))),
    "vmap of grad": (ag.vmap(ag.grad(wavy, argnums=(0, 1))), (V, [1.0, 2.0, 3.0])),
    "vmap of hessian": (ag.vmap(ag.hessian(many)), (rng.normal(size=(4, 3)),)),
    "vmap with one shared": (ag.vmap(wavy, in_axes=(0, None)), (V, Y)),
    "stop_gradient": (ag.grad(lambda x: x * ag.stop_gradient(ag.sin(x))), (X,)),
    "stop_gradient of a tree": (lambda p: ag.stop_gradient(p), (TREE,)),
    "second order past stop_gradient": (ag.grad(ag.grad(lambda x: x**3 * ag.stop_gradient(x))), (X,)),
    "grad of what does not depend": (ag.grad(lambda x, y: y * 2.0), (X, Y)),
    "grad of a constant": (ag.grad(lambda x: 3.0), (X,)),
    "perturbations stay apart": (ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0)), (X,)),
    "nested with a captured argument": (lambda y: ag.grad(lambda x: x * x * y)(2.0), (Y,)),
    "a derivative in a derivative": (ag.grad(lambda y: ag.grad(lambda x: ag.sin(x * y) * x)(y * 0.5)), (Y,)),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_a_transformation_compiled_equals_the_eager_one(name: str, backend: str) -> None:
    f, args = CASES[name]
    assert_compiles(f, backend, *args)


CONTAINERS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "a list": (lambda p: [p[1], p[0] * 2.0], ([1.0, 2.0],), {}),
    "a tuple": (lambda p: (p[1], p[0] * 2.0), ((1.0, 2.0),), {}),
    "a dict": (lambda p: {"sum": p["a"] + p["b"]}, ({"a": 1.0, "b": 2.0},), {}),
    "an ordered dict": (lambda p: OrderedDict(z=p["a"], a=p["b"] * 3.0), (OrderedDict(b=1.0, a=2.0),), {}),
    "a named tuple": (lambda p: Params(p.b, p.w[0] * p.w[1]), (Params([1.0, 2.0], 3.0),), {}),
    "grad of a named tuple": (ag.grad(lambda p: p.b * p.w[0] ** 2 * p.w[1]), (Params([1.0, 2.0], 3.0),), {}),
    "an array": (lambda a: a * 2.0 + 1.0, (VECTOR,), {}),
    "a matrix": (lambda a: a.T, (MATRIX,), {}),
    "a large array": (lambda a: a[17] * a, (rng.normal(size=300),), {}),
    "arrays in a tree": (lambda p: {"y": [p["w"] @ p["v"], p["k"]]}, ({"w": MATRIX, "v": VECTOR, "k": 2.0},), {}),
    "keywords": (lambda x, *, scale, shift=0.5: x * scale + shift, (X,), {"scale": 3.0}),
    "a default that is given": (lambda x, scale=2.0: x * scale, (X,), {"scale": 3.0}),
    "a default that is not given": (lambda x, scale=2.0: x * scale, (X,), {}),
    "starred arguments": (lambda *xs, **named: xs[0] * xs[1] + named["k"], (X, Y), {"k": 2.0}),
    "a string": (lambda x, kind: ag.sin(x) if kind == "sin" else ag.cos(x), (X, "sin"), {}),
    "None": (lambda x, y=None: x if y is None else x * y, (X, None), {}),
    "a bool": (lambda x, negate: -x if negate else x, (X, True), {}),
    "a function": (lambda f, x: f(x) * 2.0, (ag.sin, X), {}),
    "a string in a dict": (lambda p: getattr(ag, p["name"])(p["x"]), ({"name": "tanh", "x": X},), {}),
    "several outputs": (lambda x: (x, [x * 2.0, {"k": x * 3.0}], np.array([x, 1.0])), (X,), {}),
    "the same output twice": (lambda x: [x * 2.0, x * 2.0, x], (X,), {}),
    "an empty list": (lambda x, some: x * 2.0 + len(some), (X, []), {}),
    "empty containers out": (lambda x: (x, [], {}, ()), (X,), {}),
    "a number beside Values": (lambda x: [x, 2.5, -0.0, math.inf], (X,), {}),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_go_in_and_come_out_as_they_do_eagerly(name: str, backend: str) -> None:
    f, args, named = CONTAINERS[name]
    assert_compiles(f, backend, *args, **named)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_static_argument_is_part_of_what_is_compiled(backend: str) -> None:
    f = ag.jit(lambda x, kind: getattr(ag, kind)(x), backend=backend)
    for _ in range(3):
        for kind in ("sin", "cos", "exp"):
            assert_same(f(0.3, kind), getattr(ag, kind)(0.3), *TOLERANCE[backend])
    flag = ag.jit(lambda x, negate: -x if negate else x, backend=backend)
    assert [flag(2.0, True), flag(2.0, False), flag(2.0, None), flag(2.0, True)] == [-2.0, 2.0, 2.0, -2.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_number_and_a_static_argument_that_are_equal_are_told_apart(backend: str) -> None:
    f = ag.jit(lambda x, k: x + 100.0 if k is True else x * k, backend=backend)
    assert [f(2.0, True), f(2.0, 1.0), f(2.0, 1), f(2.0, True), f(2.0, 5.0)] == [102.0, 2.0, 2.0, 102.0, 10.0]


NUMPY: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "W @ x": (lambda w, x: w @ x, (MATRIX, VECTOR)),
    "x @ y": (lambda x, y: x @ y, (VECTOR, VECTOR)),
    "np.dot": (lambda w, x: np.dot(w, x), (MATRIX, VECTOR)),
    "W @ W.T": (lambda w: w @ w.T, (MATRIX,)),
    "sin and sum": (lambda a: np.sin(a).sum(), (VECTOR,)),
    "grad of sin and sum": (ag.grad(lambda a, w: np.sin(w @ a).sum()), (VECTOR, MATRIX)),
    "grad by the matrix": (ag.grad(lambda w, a: np.tanh(w @ a).sum()), (MATRIX, VECTOR)),
    "indexing": (lambda a: a[0, 1] * a[1, -1], (MATRIX,)),
    "slices": (lambda a: a[:, 1:] * 2.0, (MATRIX,)),
    "steps": (lambda a: a[::-1], (VECTOR,)),
    "a row": (lambda a: a[1], (MATRIX,)),
    "fancy indices": (lambda a: a[[2, 0]], (VECTOR,)),
    "reshape": (lambda a: a.reshape(3, 2), (MATRIX,)),
    "ravel": (lambda a: a.ravel(), (MATRIX,)),
    "T": (lambda a: a.T @ a, (MATRIX,)),
    "iteration": (lambda a: [row[0] * row[1] for row in a], (MATRIX,)),
    "Python's sum": (lambda a: sum(a), (VECTOR,)),
    "sum along an axis": (lambda a: a.sum(axis=0), (MATRIX,)),
    "mean": (lambda a: a.mean(), (MATRIX,)),
    "mean along an axis": (lambda a: a.mean(axis=1), (MATRIX,)),
    "shape and len": (lambda a: a[0, 0] * a.shape[1] + len(a) + a.size + a.ndim, (MATRIX,)),
    "broadcasting": (lambda a, v: a * v + 1.0, (MATRIX, VECTOR)),
    "a number times an array": (lambda x, a: x * a, (X, VECTOR)),
    "an array by a number": (lambda x, a: a / x - x, (X, VECTOR)),
    "powers": (lambda a: a**2, (VECTOR,)),
    "negation": (lambda a: -a, (VECTOR,)),
    "outer": (lambda a: np.outer(a, a), (VECTOR,)),
    "concatenate": (lambda a: np.concatenate([a, a * 2.0]), (VECTOR,)),
    "stack": (lambda a: np.stack([a, a * 2.0]), (VECTOR,)),
    "np.array of results": (lambda x, y: np.array([x * y, x + y]), (X, Y)),
    "a 0-d array": (lambda a: a * 2.0, (np.array(1.5),)),
    "np.prod": (lambda a: np.prod(a), (VECTOR,)),
    "cumsum": (lambda a: np.cumsum(a), (VECTOR,)),
    "in-place on a copy": (lambda a: _filled(a), (VECTOR,)),
    "jacobian of W @ x": (ag.jacobian(lambda x, w: w @ x), (VECTOR, MATRIX)),
}  # fmt: skip


def _filled(a: Any) -> Any:
    b = a.copy()
    b[0] = b[1] * b[2]
    b[1:] *= 2.0
    return b


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NUMPY)
def test_numpy_code_on_array_arguments_compiles(name: str, backend: str) -> None:
    f, args = NUMPY[name]
    assert_compiles(f, backend, *args)


LARGE: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "one element": (lambda a: a[4999] * a[0], (rng.normal(size=5000),)),
    "from the end": (lambda a: a[-1] - a[-5000], (rng.normal(size=5000),)),
    "a row of a matrix": (lambda a: a[70] * a[3], (rng.normal(size=(100, 50)),)),
    "an element of a matrix": (lambda a: a[70, 3] * a[-1, -1], (rng.normal(size=(100, 50)),)),
    "a slice": (lambda a: a[10:13].sum(), (rng.normal(size=5000),)),
    "sin of all": (lambda a: np.sin(a).sum(), (rng.normal(size=5000),)),
    "matrix times vector": (lambda a, v: (a @ v)[99], (rng.normal(size=(100, 50)), rng.normal(size=50))),
    "twice itself": (lambda a: a[:5] + a[5:10], (rng.normal(size=5000),)),
    "iteration": (lambda a: sum(x for x in a), (rng.normal(size=4100),)),
    "T": (lambda a: a.T[3][70], (rng.normal(size=(100, 50)),)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(LARGE, only=["sin of all", "iteration"]))
def test_large_arrays_behave_like_small_ones(name: str, backend: str) -> None:
    f, args = LARGE[name]
    compiled = ag.jit(f, backend=backend)
    for some in (args, moved(args, 1)):
        assert_same(compiled(*some), eager(f, *some), 1e-12, 1e-11)


# jit in jit


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_compiled_function_inside_others_and_under_transformations(backend: str) -> None:
    inner = ag.jit(wavy, backend=backend)
    x, y = X, Y
    expected = eager(wavy, x, y)
    rel, atol = TOLERANCE[backend]
    for _ in range(2):
        assert_same(ag.jit(lambda a, b: inner(a, b) * 2.0, backend=backend)(x, y), 2.0 * expected, rel, atol)
        assert_same(ag.grad(inner)(x, y), ag.grad(wavy)(x, y), rel, atol)
        assert_same(ag.hessian(inner, (0, 1))(x, y), ag.hessian(wavy, (0, 1))(x, y), rel, atol)
        assert_same(ag.vmap(inner)([x, y], [y, x]), ag.vmap(wavy)([x, y], [y, x]), rel, atol)
    outer = ag.jit(ag.grad(ag.jit(ag.grad(inner), backend=backend), argnums=1), backend=backend)
    for _ in range(2):
        assert_same(outer(x, y), ag.grad(ag.grad(wavy), argnums=1)(x, y), rel, atol)
    assert_same(ag.jit(inner, backend=backend)(x, y), expected, rel, atol)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_compiled_function_called_on_values_records_their_graph(backend: str) -> None:
    f = ag.jit(wavy, backend=backend)
    a, b = ag.Value(X), ag.Value(Y)
    z = f(a, b)
    assert isinstance(z, ag.Value)
    table = ag.backprop(z, [a, b])
    assert (table[a], table[b]) == ag.grad(wavy, argnums=(0, 1))(X, Y)
    assert isinstance(f(a, 2.0), ag.Value)
    assert isinstance(f(np.array([a, b], dtype=object)[0], 2.0), ag.Value)
    assert type(f(X, Y)) is float


# Users' own ops


cube = Op("cube", lambda x: x * x * x, lambda g, z, x: (3 * g * x * x,), REAL)
swap_sin = Op("sin", lambda x: math.cos(x), lambda g, z, x: (-g * ag.sin(x),), REAL)
ratio = Op(
    "ratio",
    lambda x, y: x / (1.0 + y * y),
    lambda g, z, x, y: (g / (1 + y * y), -2 * g * z * y / (1 + y * y)),
    Domain(REAL, REAL),
)
total = Op("total", lambda *xs: math.fsum(xs), lambda g, z, *xs: (g,) * len(xs), REAL)
scaled = Op("scaled", lambda x, k: k * x, lambda g, z, x, k: (g * k, None), Domain(REAL, REAL), constants=("k",))
raises = Op("raises", lambda x: math.log(x), lambda g, z, x: (g / x,), ag.domain.POSITIVE)

OWN: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "cube": (cube, (X,)),
    "grad": (ag.grad(lambda x: cube(x) * ag.exp(x)), (X,)),
    "second order": (ag.grad(ag.grad(cube)), (X,)),
    "named like one of the table": (lambda x: swap_sin(x) + ag.sin(x), (X,)),
    "two inputs": (ag.hessian(ratio, argnums=(0, 1)), (X, Y)),
    "any number of inputs": (ag.value_and_grad(lambda p: total(*p) * p[0]), (V,)),
    "a constant": (ag.grad(lambda x: scaled(x, 3.0) * x), (X,)),
    "under vmap": (ag.vmap(ag.value_and_grad(lambda x: cube(x) * swap_sin(x))), (rng.normal(size=11),)),
    "in an inner vmap": (lambda w, a: ag.vmap(lambda x: cube(x * w))(a).sum(), (X, rng.normal(size=11))),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", OWN)
def test_users_own_ops_compile(name: str, backend: str) -> None:
    f, args = OWN[name]
    assert_compiles(f, backend, *args)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_users_own_op_is_nan_where_its_function_raises_as_eagerly(backend: str) -> None:
    f = ag.jit(lambda x: raises(x) * 2.0, backend=backend)
    for x in (2.0, 2.0, -1.0, 0.0, 3.0):
        assert_same(f(x), eager(lambda x: raises(x) * 2.0, x), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_users_own_op_raises_reaches_the_caller(backend: str) -> None:
    def forward(x: float) -> float:
        if x > 5.0:
            raise KeyError("too large")
        return x

    picky = Op("picky", forward, lambda g, z, x: (g,), REAL)
    f = ag.jit(lambda x: picky(x) * 2.0, backend=backend)
    assert [f(1.0), f(2.0)] == [2.0, 4.0]
    for _ in range(2):
        with pytest.raises(KeyError, match="too large"):
            f(6.0)
        assert f(3.0) == 6.0
    g = ag.jit(ag.vmap(picky), backend=backend)
    assert g(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    with pytest.raises(KeyError, match="too large"):
        g(np.array([1.0, 6.0, 2.0]))
    assert g(np.array([1.0, 3.0])).tolist() == [1.0, 3.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_long_program_spans_several_functions(backend: str) -> None:
    def f(x: Any, y: Any) -> Any:
        for k in range(500):
            x, y = ag.sin(x * y + k), ag.cos(x - y) * 0.9
        return x * y

    assert_compiles(f, backend, 0.3, 0.4)
    compiled = ag.jit(ag.vmap(f), backend=backend)
    xs, ys = rng.normal(size=5), rng.normal(size=5)
    assert_same(compiled(xs, ys), eager(ag.vmap(f), xs, ys), 1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rosenbrock_with_its_gradient_and_hessian(backend: str) -> None:
    def rosenbrock(x: Any) -> Any:
        return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))

    at = np.linspace(-1.0, 1.5, 6)
    assert_compiles(ag.value_and_grad(rosenbrock), backend, at)
    assert_compiles(ag.hessian(rosenbrock), backend, at)
    zero = ag.jit(ag.grad(rosenbrock), backend=backend)
    assert np.abs(zero(np.ones(6))).max() == 0.0
    assert np.abs(zero(np.ones(6))).max() == 0.0
