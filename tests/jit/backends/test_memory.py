"""Memory: no machine code writes outside of what it was given. Canaries stand around every block and are all alive."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from jit.support import eager
from marks import slow

import autograd_core as ag
from autograd_core import RowBatches, Value
from autograd_core.containers import flatten
from autograd_core.domain import REAL
from autograd_core.jit.backends.llvm import executable as llvm
from autograd_core.jit.plan import ALL
from autograd_core.jit.runtime import memory
from nn import MLP, half_mse

CANARY = np.int64(0x5CA1AB1E0DDBA115)
FENCE = 16  # canaries on each side of a block: two of the longest vectors


class Fence:
    """All blocks that were allocated, each with the whole that it was cut from."""

    def __init__(self) -> None:
        self.wholes: list[Any] = []

    def block(self, size: int, fill: float | None = None) -> Any:
        whole = np.full(size + 2 * FENCE + memory.ALIGNED, CANARY).view(float)
        aligned = whole[-whole.ctypes.data % 64 // 8 :][: size + 2 * FENCE]
        self.wholes.append(aligned)
        found = aligned[FENCE : FENCE + size]
        if fill is not None:
            found[:] = fill
        return found

    def trampled(self) -> list[int]:
        """The blocks around which canaries have died."""
        sides = [(whole[:FENCE].view(np.int64), whole[-FENCE:].view(np.int64)) for whole in self.wholes]
        return [k for k, (left, right) in enumerate(sides) if (left != CANARY).any() or (right != CANARY).any()]


@pytest.fixture
def fence(monkeypatch: Any) -> Iterator[Fence]:
    """With everything allocated behind a fence; no memory that was allocated before is used."""
    found = Fence()
    monkeypatch.setattr(memory, "empty", found.block)
    monkeypatch.setattr(memory, "zeros", lambda size: found.block(size, 0.0))
    monkeypatch.setattr(memory, "ones", lambda size: found.block(size, 1.0))
    monkeypatch.setattr(memory, "fresh_sinks", lambda sizes: [found.block(size) for size in sizes])
    yield found
    assert found.wholes
    assert not found.trampled()


RNG = np.random.default_rng(0)
NET, RELU = MLP(3, [5, 7, 2], "tanh", seed=0), MLP(3, [9, 4], "relu", seed=0)
halved = ag.Op("halved_here", lambda x: x / 2.0, lambda g, z, x: (g / 2.0,), REAL)


def loss_and_gradient(net: Any) -> Callable[..., Any]:
    parameters = net.parameters()

    def f(xs: Any, ys: Any) -> Any:
        cost = ag.vmap(lambda x, y: half_mse(net(x), y))(xs, ys).mean()
        table = ag.backprop(cost, parameters)
        return cost, [table[p] for p in parameters]

    return f


# of an array of n numbers and one of n rows of 3
PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "one number": lambda xs, rows: xs[0] * 2.0,
    "nested": lambda xs, rows: {"a": [xs[0], (xs[-1], xs * 2.0)], "b": rows + 1.0, "c": (ag.sum(xs), [])},
    "a guard": lambda xs, rows: xs * 2.0 if xs[0] > 0.0 else rows,
    "all ops in a row": lambda xs, rows: [ag.exp(x) * ag.sin(x) + ag.erf(x) / (1.0 + ag.abs(x)) for x in xs],
    "a map": lambda xs, rows: ag.vmap(lambda x: ag.tanh(x) * x)(xs),
    "a map of rows": lambda xs, rows: ag.vmap(lambda r: [r[0] * r[1], r[2]])(rows),
    "a map with tuples and dicts": lambda xs, rows: ag.vmap(lambda x, r: (x, {"p": r * x, "q": [x, (r[0],)]}))(
        xs, rows
    ),
    "a sum": lambda xs, rows: ag.vmap(lambda x, r: x * r[1])(xs, rows).sum(),
    "two sums": lambda xs, rows: (xs * ag.vmap(ag.sin)(xs).sum(), ag.vmap(lambda r: r[0] - r[1])(rows).mean()),
    "points picked": lambda xs, rows: ag.vmap(lambda x: ag.cos(x) + 1.0)(xs)[-1] * xs[0],
    "a gradient of a map": lambda xs, rows: ag.grad(lambda ys: ag.vmap(lambda y: y * ag.exp(-y))(ys).sum())(xs),
    "a jacobian": lambda xs, rows: ag.jacobian(lambda r: [r[0] * r[1], r[2] * r[0]])(rows[0]),
    "a network": lambda xs, rows: ag.vmap(NET)(rows),
    "its gradient": lambda xs, rows: loss_and_gradient(NET)(rows, rows[:, :2]),
    "a gradient through gates": lambda xs, rows: loss_and_gradient(RELU)(rows, np.ones((len(rows), 4))),
    "neurons one by one": lambda xs, rows: [NET(row) for row in rows],
    "an op in Python": lambda xs, rows: ag.vmap(lambda x: halved(x) * x)(xs).sum() + halved(xs[0]),
}
COMPILERS: dict[str, Callable[..., Any]] = {
    "llvm": lambda program: llvm.compile(program),
    "lanes": lambda program: llvm.compile(program, None),
    "matrices": lambda program: llvm.compile(program, ALL),
}


SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17)


def floats(result: Any) -> Any:
    return np.array([float(x.data if isinstance(x, Value) else x) for x in flatten(result)])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", slow(PROGRAMS, but=["nested", "a guard", "a map of rows", "a sum"]))
def test_no_program_writes_outside_of_its_memory(name: str, compiler: str, fence: Fence) -> None:
    for n in (*SIZES, 1003):
        if n > 17 and ("neurons" in name or "row" in name.split() or name in ("nested", "a guard", "two sums")):
            continue  # a step for every number
        xs, rows = RNG.normal(size=n), RNG.normal(size=(n, 3))
        compiled = ag.jit(PROGRAMS[name], threads=2)
        compiled(xs, rows)
        (path,) = next(iter(compiled.kinds.values())).known
        path.executable = COMPILERS[compiler](path.program)
        expected = floats(eager(PROGRAMS[name], xs, rows)) if n < 18 else None
        for _ in range(2):
            found = floats(compiled(xs, rows))
            assert expected is None or np.allclose(found, expected, rtol=1e-9, atol=1e-11)
        assert not fence.trampled(), n


BATCHES: dict[str, Callable[[Any], Any]] = {
    "numbers": lambda r: r[0] * r[1],
    "rows": lambda r: r * r[2],
    "structure": lambda r: (r[0], {"a": [r[1], r[2]], "b": (r[0] * r[1],)}),
    "guards": lambda r: r * 2.0 if r[0] > 0.0 else r - 1.0,
    "a gradient": ag.grad(lambda r: ag.sin(r[0]) * r[1] + r[2] * r[2]),
    "a network": NET,
    "through gates": ag.value_and_grad(lambda r: RELU(r)[0]),
}


@pytest.mark.parametrize("name", slow(BATCHES, but=["numbers", "structure", "a network"]))
def test_no_batch_writes_outside_of_its_memory(name: str, fence: Fence) -> None:
    for threads in (1, 2):
        compiled = ag.jit(ag.vmap(BATCHES[name]), threads=threads)
        for n in (*range(1, 18), 255, 4096, 4097, 8200):
            rows = RNG.normal(size=(n, 3))
            first, again = compiled(rows), compiled(rows)
            assert np.allclose(floats(first), floats(again), rtol=1e-12)
            assert not fence.trampled(), n


def test_no_quick_call_writes_outside_of_its_memory(fence: Fence) -> None:
    for n in range(1, 18):
        f = ag.jit(lambda x, k: (x * k, [ag.sum(x), ag.exp(k)], x))
        for k in (0.5, 1.5, 2.5):
            x = RNG.normal(size=n)
            assert np.allclose(floats(f(x, k)), [*x * k, x.sum(), math.exp(k), *x])
        assert f._quick is not None


@pytest.mark.parametrize("with_taken", [False, True])
def test_no_scan_writes_outside_of_its_memory(with_taken: bool, fence: Fence) -> None:
    net = MLP(3, [6, 5, 2], "relu", seed=1)
    parameters = net.parameters()

    def step(xs: Any, ys: Any) -> Any:
        cost, gradient = loss_and_gradient(net)(xs, ys)
        return np.array([p - 0.1 * g for p, g in zip(parameters, gradient, strict=True)]), {
            "cost": cost,
            "all": gradient,
        }

    numbers = np.array([p.data for p in parameters])
    for n in (5, 13, 90):
        data, targets = RNG.normal(size=(200, 3)), RNG.normal(size=(200, 2))
        positions = RNG.integers(0, 200, size=(7, n))
        batches = [RowBatches(a, positions) if with_taken else a[positions] for a in (data, targets)]
        carry, _ = ag.jit(step, leaves=parameters).scan(numbers, *batches)
        expected, _ = ag.jit(step, leaves=parameters, backend="python").scan(numbers, *[b[:] for b in batches])
        assert np.allclose(carry, expected, rtol=1e-10)
        assert not fence.trampled(), n


def test_canaries_do_die() -> None:
    """Of a program that gets too small a sink: what it writes behind it stays inside the fence."""
    f = ag.jit(ag.vmap(lambda x: [x, x * 2.0]))
    f(np.ones(9)), f(np.ones(9))
    (path,) = next(iter(f.kinds.values())).known
    fence = Fence()
    sinks = [fence.block(0), fence.block(17)]
    path.executable.run([np.empty(0), np.empty(0), np.ones(9)], [9], sinks, None, 1)
    assert fence.trampled() == [1]


def test_blocks_begin_where_vectors_may() -> None:
    for size in (1, 7, 100, 5000):
        found = memory.zeros(size)
        assert found.size == size
        assert found.ctypes.data % 64 == 0
        assert not found.any()
