"""The order of work: what is decided by a sum over points is decided behind the loop that makes the sum."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS, eager

import autograd_core as ag
from autograd_core.containers import flatten
from autograd_core.jit import backends
from autograd_core.jit.backends.llvm import executable as llvm
from autograd_core.jit.ir.program import Guard, Program, Step
from autograd_core.jit.plan import ALL
from autograd_core.ops import TABLE

RNG = np.random.default_rng(0)
W, POINTS = [[ag.Value(w) for w in row] for row in RNG.normal(size=(4, 5))], RNG.normal(size=(60, 5))
COMPILERS: dict[str, Callable[[Program], Any]] = {
    **{name: backends.get(name).compile for name in ALL_BACKENDS},
    "llvm": lambda program: llvm.compile(program, None),
    "matrices": lambda program: llvm.compile(program, ALL),
}


def layer(points: Any) -> Any:
    return ag.vmap(lambda x: [ag.dot(row, x) for row in W])(points)


def sum_of_squares(ys: Any) -> Any:
    return ag.vmap(lambda y: y[0] * y[0] + y[1])(ys).sum()


# points, k -> (result, condition): the condition is to become a guard
DECIDED: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "before the loop": lambda xs, k: (layer(xs).sum(), k > 2.0),
    "by a sum": lambda xs, k: (layer(xs), layer(xs).sum() < k),
    "by the sum itself": lambda xs, k: (layer(xs), ag.vmap(lambda x: ag.relu(x[0] + k))(xs).sum()),
    "by a sum of what a sum has changed": lambda xs, k: then_centred(layer(xs), k),
    "by sums of two levels": lambda xs, k: (layer(xs), ag.less(sum_of_squares(layer(xs)), k) * ag.less(2.0, k)),
    "by one point": lambda xs, k: (layer(xs).sum(), layer(xs)[3, 1] < k),
    "by one point of what a sum has changed": lambda xs, k: (layer(xs), centred(layer(xs))[4] + 0.0 < k),
}


def centred(ys: Any) -> Any:
    mean = sum_of_squares(ys) / 60.0
    return ag.vmap(lambda y: y[0] - mean)(ys)


def then_centred(ys: Any, k: Any) -> tuple[Any, Any]:
    return ys, ag.vmap(lambda z: z * z)(centred(ys)).sum() < k


@cache
def eagerly(name: str, k: float) -> tuple[list[float], bool]:
    result, condition = eager(DECIDED[name], POINTS, k)
    return [float(getattr(y, "data", y)) for y in flatten(result)], bool(condition)


def guarded(f: Callable[[Any, Any], tuple[Any, Any]], expected: bool) -> tuple[Program, Any]:
    """`f` with its condition as a guard, and the path through it."""
    compiled = ag.jit(lambda xs, k: (f(xs, k)[0], ag.where(f(xs, k)[1], 1.0, 0.0)))
    program = compiled.program(POINTS, 1.0)
    (path,) = next(iter(compiled.kinds.values())).known
    *outputs, condition = program.outputs
    node = program.nodes[condition.node]
    decides = node.args[0] if isinstance(node, Step) and node.op is TABLE["where"] else condition.node
    return Program(program.nodes, outputs, [Guard(decides, expected, "here")], program.axes), path


@pytest.mark.parametrize("backend", COMPILERS)
@pytest.mark.parametrize("name", DECIDED)
def test_a_guard_is_decided_once_all_that_it_needs_is_there(name: str, backend: str) -> None:
    right = set()
    for expected in (True, False):
        program, path = guarded(DECIDED[name], expected)
        executable = COMPILERS[backend](program)
        if backend in ("llvm", "matrices"):
            assert executable.plan.has_products == (backend == "matrices")
        for k in (-100.0, 0.3, 3.0, 1e6):
            wanted, condition = eagerly(name, k)
            sinks = path.result.sinks(path.lengths)
            sources = [np.array([k]), np.array([x.data for x in path.captured]), POINTS.reshape(-1), *path.arrays]
            holds = executable.run(sources, path.lengths, sinks, None, 2)
            assert holds == (condition is expected), f"{k}, expected {expected}"
            if holds:
                right.add(expected)
                found = path.result.build(sinks, path.lengths)[0]
                assert np.allclose(flatten(found), wanted, rtol=1e-11)
    assert right == {True, False}
