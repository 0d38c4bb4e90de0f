"""Every op of the table under every backend: values, first and second derivatives, special values, vectors of points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, EXTERNAL, TOLERANCE, eager, is_same, tolerances
from marks import slow
from test_ops import points, variables

import autograd_core as ag
from autograd_core import Op
from autograd_core.errors import ProgramError
from autograd_core.jit import compiler
from autograd_core.jit.backends.llvm import functions as machine
from autograd_core.jit.passes.lower import lower
from autograd_core.ops import TABLE

OPS = list(TABLE.values())
INF, NAN = math.inf, math.nan
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -2.5, INF, -INF, NAN, 5e-324, -1e-310, 1e300, -1e300, 1e-300, 700.0, -745.2, 710.0, 2.0**53,
    0.1, 3.0, 20.25,
]  # fmt: skip
DERIVATIVE_TOLERANCE = tolerances(1e-14, 1e-12)
"""A rule is a few ops, some of which subtract; what several of them send to one input may be added in another order."""

Point = tuple[float, ...]


def call_op(op: Op, inputs: Any) -> Any:
    """`op` on a flat sequence of inputs."""
    half = len(inputs) // 2
    return ag.dot(list(inputs[:half]), list(inputs[half:])) if op.name == "dot" else op(*inputs)


def with_special_values(op: Op) -> list[Point]:
    """Random points of the domain, and all pairs of special values in place of the first two inputs."""
    found = points(op, 20)
    free = variables(op, found[0])[:2]
    for values in itertools.product(SPECIAL, repeat=len(free)):
        point = list(found[0])
        for i, x in zip(free, values, strict=True):
            point[i] = x
        found.append(tuple(point))
    return found


def functions(op: Op, some: list[Point]) -> Iterator[tuple[Callable[..., Any], list[Point], list[Point]]]:
    """(function of the inputs that can vary, the points for it, the same points in full): constants are built in."""
    free = variables(op, some[0])
    groups: dict[Point, list[Point]] = {}
    for point in some:
        groups.setdefault(tuple([x for i, x in enumerate(point) if i not in free]), []).append(point)
    for members in groups.values():
        template = members[0]

        def function(*xs: Any, template: Point = template) -> Any:
            inputs: list[Any] = list(template)
            for i, x in zip(free, xs, strict=True):
                inputs[i] = x
            return call_op(op, inputs)

        yield function, [tuple([point[i] for i in free]) for point in members], members


def differences(op: Op, backend: str, some: list[Point]) -> list[str]:
    """Where the compiled op differs from the eager one, called point by point and with all points at once."""
    wrong = []
    for function, members, full in functions(op, some):
        expected = [eager(op.evaluate, point, point) for point in full]
        one = ag.jit(function, backend=backend)
        one(*members[0])  # a way met first is answered by its trace: from now on the machine answers
        found_one = [one(*point) for point in members]
        found_all = ag.jit(ag.vmap(function), backend=backend)(*map(np.array, zip(*members, strict=True)))
        for how, found in (("alone", found_one), ("in a batch", found_all.tolist())):
            wrong += [
                f"{op.name}{point} {how}: found {a!r}, expected {b!r}"
                for point, a, b in zip(members, found, expected, strict=True)
                if not is_same(a, b, TOLERANCE[backend])
            ]
    return wrong


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("op", OPS, ids=str)
def test_an_op_compiled_equals_the_op_at_random_points_and_on_special_values(op: Op, backend: str) -> None:
    wrong = differences(op, backend, with_special_values(op))
    assert not wrong, f"{len(wrong)} differences: " + "; ".join(wrong[:8])


WITHOUT_FUNCTION = {
    "c": {"sinc_derivative", "erfinv", "norm_ppf", "log_norm_cdf", "log_norm_cdf_derivative", "digamma", "polygamma", "polygamma_step", "betaln", "beta"},
    "javascript": {"log_norm_cdf_derivative", "polygamma_step", "betaln", "beta"},
}  # fmt: skip
"""The steps that a language has no function for."""


@pytest.mark.parametrize("backend", EXTERNAL)
@pytest.mark.parametrize("op", OPS, ids=str)
def test_an_op_in_another_language_equals_the_op_or_is_refused_by_name(op: Op, backend: str) -> None:
    """Its value and first derivatives in one program, at random points and on special values at once."""
    function, members, full = next(functions(op, with_special_values(op)))
    argnums = tuple(range(len(members[0])))

    def all_of_it(*xs: Any) -> Any:
        return function(*xs), ag.grad(function, argnums)(*xs)

    columns = list(map(np.array, zip(*members, strict=True)))
    by_llvm = ag.jit(ag.vmap(all_of_it))
    steps = lower(by_llvm.program(*columns)).steps
    lacking = {step.op.name for step in steps} & WITHOUT_FUNCTION.get(backend, set())
    compiled = ag.jit(ag.vmap(all_of_it), backend=backend)
    if lacking:
        with pytest.raises(ProgramError, match=f"has no function for the op '({'|'.join(lacking)})'"):
            compiled(*columns)
        return
    (values, slopes), (_, expected_slopes) = compiled(*columns), by_llvm(*columns)
    for point, found in zip(full, values.tolist(), strict=True):
        assert is_same(found, eager(op.evaluate, point, point), 1e-13), point
    for i in range(len(argnums)):
        for point, found, expected in zip(full, slopes[i].tolist(), expected_slopes[i].tolist(), strict=True):
            assert is_same(found, expected, 1e-12), (point, i)


@pytest.fixture
def without_vector_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(machine, "vector_library", lambda: None)
    compiler._compiled.cache_clear()
    yield
    compiler._compiled.cache_clear()


@pytest.mark.usefixtures("without_vector_library")
@pytest.mark.parametrize("op", slow(OPS, but=OPS[::5]), ids=str)
def test_without_vector_functions_scalar_ones_give_the_same(op: Op) -> None:
    wrong = differences(op, "llvm", with_special_values(op))
    assert not wrong, f"{len(wrong)} differences: " + "; ".join(wrong[:8])


def flat(x: Any) -> list[float]:
    """All numbers of nested tuples and arrays, in order."""
    return [e for child in x for e in flat(child)] if isinstance(x, tuple) else np.ravel(x).tolist()


def derivative_differences(op: Op, backend: str, some: list[Point], orders: tuple[int, ...] = (1, 2)) -> list[str]:
    wrong = []
    for function, members, _ in functions(op, some):
        argnums = tuple(range(len(members[0])))
        columns = list(map(np.array, zip(*members, strict=True)))
        for order in orders:
            derivative = (ag.grad if order == 1 else ag.hessian)(function, argnums)
            expected = eager(ag.vmap(derivative), *columns)
            found = ag.jit(ag.vmap(derivative), backend=backend)(*columns)
            wrong += [
                f"order {order} of {op.name}{members[k % len(members)]}: found {a!r}, expected {b!r}"
                for k, (a, b) in enumerate(zip(flat(found), flat(expected), strict=True))
                if not is_same(a, b, DERIVATIVE_TOLERANCE[backend])
            ]
    return wrong


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("op", OPS, ids=str)
def test_first_and_second_derivatives_compiled_equal_the_eager_ones_at_random_points(op: Op, backend: str) -> None:
    wrong = derivative_differences(op, backend, points(op, 6))
    assert not wrong, f"{len(wrong)} differences: " + "; ".join(wrong[:8])


@pytest.mark.parametrize("op", slow(OPS, but=OPS[::2]), ids=str)
def test_derivatives_on_special_values_are_the_eager_ones(op: Op) -> None:
    few = [points(op, 1)[0], *[p for k, p in enumerate(with_special_values(op)[20:]) if k % 5 == 0]]
    wrong = derivative_differences(op, "python", few)
    assert not wrong, f"{len(wrong)} differences: " + "; ".join(wrong[:8])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("op", [op for op in OPS if op.defaults], ids=str)
def test_inputs_left_out_have_the_ops_defaults(op: Op, backend: str) -> None:
    compiled = ag.jit(lambda x: op(x), backend=backend)
    for x in (0.3, -0.7, 2.5):
        assert is_same(compiled(x), op(x), TOLERANCE[backend])
