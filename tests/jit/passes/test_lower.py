"""Lowering: an op is its object. Whatever a user's own is called, and wherever it is made, it stays the user's."""

from __future__ import annotations

import pickle
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager
from marks import slow

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit.ir.lane_ops import ENTERING, LEAVING
from autograd_core.jit.ir.primitives import PRIMITIVES

NAMES = sorted({*ag.TABLE, *(op.name for op in (*PRIMITIVES, *ENTERING, *LEAVING))})
MODULES = ["autograd_core.mine", "autograd_core.ops.trigonometric", "autograd_core", "mine"]
SOURCE = """
import math
from autograd_core.domain import REAL, Domain
from autograd_core.op import Op
one = Op(name, lambda x: 3.0 * x + 1.0, lambda g, z, x: (3.0 * g,), REAL)
two = Op(name, lambda x, y: x + 2.0 * y, lambda g, z, x, y: (g, 2.0 * g), Domain(REAL, REAL))
of_python = Op(name, lambda x: math.fabs(x) + 1.0, lambda g, z, x: (g,), REAL)
"""


@pytest.fixture
def made() -> Iterator[Any]:
    """Modules of ops of that name, in which they can be found again."""
    before = dict(sys.modules)

    def make(module: str, name: str) -> Any:
        found = types.ModuleType(module)
        vars(found)["name"] = name
        exec(SOURCE, vars(found))
        return found

    yield make
    sys.modules.update(before)
    sys.modules.pop("autograd_core.mine", None)


@pytest.mark.parametrize("backend", slow(BACKENDS, only=["llvm"]))
def test_ops_of_users_may_be_called_like_ours(backend: str, made: Any) -> None:
    for k, name in enumerate(NAMES):
        ops = made(MODULES[k % len(MODULES)], name)
        assert ops.one not in PRIMITIVES

        def f(x: Any, y: Any, ops: Any = ops) -> Any:
            return ops.two(ops.one(x), x * y) + ops.one(y)

        compiled = ag.jit(ag.value_and_grad(f, argnums=(0, 1)), backend=backend)
        batch = ag.jit(lambda xs, f=f: ag.sum(ag.vmap(lambda x: f(x, 2.0))(xs)), backend=backend)
        for _ in range(2):
            assert compiled(0.5, 2.0) == (2.5 + 2.0 + 7.0, (7.0, 4.0)), name
            assert batch(np.array([0.5, -1.0, 2.0])) == 11.5 + 1.0 + 22.0, name


@pytest.mark.usefixtures("c_compiler")
def test_c_computes_what_users_write_in_ops_and_calls_no_python(made: Any) -> None:
    for name in ("sin", "add", "fmod", "square"):
        ops = made("autograd_core.mine", name)
        assert ag.jit(ops.one, backend="c")(2.0) == 7.0
        with pytest.raises(ProgramError, match=f"C has no function for the op '{name}'"):
            ag.jit(ops.of_python, backend="c")(2.0)


def test_such_ops_are_pickled_and_written_as_what_they_are(made: Any) -> None:
    module = made("autograd_core.mine", "sin")
    sys.modules["autograd_core.mine"] = module
    assert pickle.loads(pickle.dumps(module.one)) is module.one
    program = ag.jit(lambda x: module.one(x) + ag.sin(x)).program(1.0)
    assert pickle.loads(pickle.dumps(program)) == program
    elsewhere = made("autograd_core.ops.trigonometric", "sin")
    with pytest.raises(pickle.PicklingError, match="not a module-level name"):
        pickle.dumps(elsewhere.one)


@pytest.mark.parametrize("backend", BACKENDS)
def test_neurons_of_such_ops_are_the_loop(backend: str, made: Any) -> None:
    tanh = made("autograd_core.mine", "tanh").one
    weights = [[ag.Value(float((3 * i + j) % 5 - 2)) for j in range(8)] for i in range(8)]

    def layer(x: Any) -> Any:
        return ag.sum([tanh(ag.dot(row, x)) for row in weights])

    compiled, x = ag.jit(ag.grad(layer), backend=backend), np.arange(8.0)
    for _ in range(2):
        assert_same(compiled(x).tolist(), [g.data for g in eager(ag.grad(layer), x)], 1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n", [0.0, 1.0, 2.0, 3.0, 4.0, -1.0, -2.0, 2.5, -0.5, 5.0])
def test_powers_leave_no_guards(n: float, backend: str) -> None:
    f = ag.jit(ag.grad(lambda x: x**n), backend=backend)
    assert not f.program(1.0).guards
    for x in (1.0, 0.0, -2.0, 3.0, float("inf"), float("nan")):
        assert_same(f(x), eager(ag.grad(lambda x: x**n), ag.Value(x)).data, 1e-13)
