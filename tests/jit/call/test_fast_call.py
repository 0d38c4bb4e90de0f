"""What lies between a call and its program: the quick way, the cache, pickles."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, numbers_of

import autograd_core as ag
from autograd_core.errors import TracingError
from autograd_core.jit import backends, compiler

scale = ag.Value(2.0, name="scale")


def model(x: Any, k: float) -> Any:
    """At the top of a module, so that it can be pickled."""
    return (x * x).sum() * k * scale if k > 0.0 else x.sum()


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_of_other_kinds_in_between_change_nothing(backend: str) -> None:
    """The short way of the last call must notice what it was not made for."""
    f = ag.jit(ag.value_and_grad(model), backend=backend)
    a = np.array([1.0, -2.0, 0.5])
    calls: list[tuple[Any, ...]] = [
        (a, 3.0), (a, 3.0), (a, 3), (a, -1.0), (a * 2.0, 3.0), (a[:2], 3.0), (a[::-1], 3.0), (a.astype(np.float32), 3.0),
        (a.reshape(3, 1), 3.0), (np.arange(3), 3.0), (a, np.float64(3.0)), (a, -1.0), (a, 3.0), (a, 3.0),
    ]  # fmt: skip
    for _ in range(2):
        for x, k in calls:
            expected = ag.value_and_grad(lambda v, k=k: (v * v).sum() * k * 2.0 if k > 0.0 else v.sum())(x)
            assert_same(numbers_of(f(x, k)), expected, 1e-13)


def test_a_result_belongs_to_the_caller() -> None:
    f = ag.jit(lambda x: x * 2.0)
    a = np.array([1.0, 2.0])
    first, second, third = f(a), f(a), f(a)
    second[:] = 0.0
    assert [first.tolist(), third.tolist(), f(a).tolist(), a.tolist()] == [[2.0, 4.0]] * 3 + [[1.0, 2.0]]


def test_functions_of_equal_structure_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_core.jit.backends.llvm import executable as llvm

    compiled = []
    original = llvm.compile
    monkeypatch.setattr(llvm, "compile", lambda program: compiled.append(program) or original(program))
    compiler._compiled.cache_clear()
    for _ in range(3):
        f = ag.jit(ag.vmap(ag.grad(lambda x: x**3 * ag.sin(x))))
        f(np.arange(5.0))
        f(np.arange(9.0))
    assert len(compiled) == 1
    assert backends.get("llvm") is llvm


PROGRAM = """
import pickle, sys
import numpy as np
f = pickle.load(open(sys.argv[1], "rb"))
print([f(np.array([1.0, 2.0]), 3.0), f(np.array([1.0, 2.0]), 3.0)])
"""


def test_a_compiled_function_can_be_pickled_and_runs_in_another_process(tmp_path: Path) -> None:
    f = ag.jit(
        ag.vmap(lambda x, k: x**2 * k if x > 1.5 else -x, in_axes=(0, None))
    )  # a lambda: only its programs travel
    here = f(np.array([1.0, 2.0]), 3.0)
    assert here.tolist() == [-1.0, 12.0]
    (tmp_path / "f.pickle").write_bytes(pickle.dumps(f))
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "f.pickle")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[array([-1., 12.]), array([-1., 12.])]"


def test_what_came_out_of_a_pickle_without_its_source_says_so() -> None:
    f = ag.jit(lambda x: x * 2.0)
    f(1.0)
    copy = pickle.loads(pickle.dumps(f))
    assert copy(4.0) == 8.0
    with pytest.raises(TracingError, match="came out of a pickle without its source"):
        copy([1.0, 2.0])
    with pytest.raises(TracingError, match="came out of a pickle without its source"):
        copy(ag.Value(1.0))
    with_source = pickle.loads(pickle.dumps(ag.jit(model)))
    assert with_source(np.array([1.0, 2.0]), 1.0) == 10.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_report_tells_which_programs_there_are_and_what_splits_them(backend: str) -> None:
    f = ag.jit(lambda x: x * 2.0 if x > 0.0 else -x, backend=backend)
    assert f.report() == "not called yet"
    for x in (1.0, 2.0, 3.0, -1.0):
        f(x)
    report = f.report()
    assert "2 program(s)" in report
    assert "less(0.0, x) is True at test_fast_call.py" in report
    assert "less(0.0, x) is False at test_fast_call.py" in report
