"""A backend of one's own: an object that makes something with `run` out of a program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import OpError
from autograd_core.op import quiet


class Interpreter:
    """Computes step after step, for programs of single numbers."""

    source = "step after step"

    def __init__(self, program: Any) -> None:
        self.program = program

    def run(self, sources: Any, lengths: Any, sinks: Any, holds: Any, threads: int) -> bool:
        numbers: list[float] = []
        for node in self.program.nodes:
            if hasattr(node, "source"):
                numbers.append(float(sources[node.source][node.offset]))
            elif hasattr(node, "value"):
                numbers.append(node.value)
            else:
                with quiet():
                    numbers.append(node.op.evaluate(tuple(numbers[a] for a in node.args), ()))
        for out in self.program.outputs:
            sinks[out.sink][out.offset] = numbers[out.node]
        return all((numbers[guard.node] != 0.0) == guard.expected for guard in self.program.guards)


class Backend:
    def __init__(self) -> None:
        self.compiled: list[Any] = []

    def compile(self, program: Any) -> Interpreter:
        self.compiled.append(program)
        return Interpreter(program)


def test_a_backend_of_ones_own_is_an_object_that_compiles() -> None:
    backend = Backend()
    f = ag.jit(ag.value_and_grad(lambda x: ag.sin(x) * x if x > 0.0 else x * x), backend=backend)
    expected = ag.value_and_grad(lambda x: ag.sin(x) * x if x > 0.0 else x * x)
    for x in (0.5, 2.0, -1.0, -2.0, 0.5, -1.0):
        assert f(x) == pytest.approx(expected(x), rel=1e-15)
    assert len(backend.compiled) == 2
    assert f.explain(0.5)["source"] == "step after step"


def test_arrays_come_as_flat_sources() -> None:
    f = ag.jit(lambda x: [x[0, 1] * x[1, 0], x.sum()], backend=Backend())
    for _ in range(2):
        assert f(np.array([[1.0, 2.0], [3.0, 4.0]])) == [6.0, 10.0]


@pytest.mark.parametrize("backend", ["fortran", None, 3, object(), []])
def test_what_is_no_backend_is_refused(backend: Any) -> None:
    with pytest.raises(OpError, match=r"there is no backend .*'llvm', 'python', 'c', or give an object"):
        ag.jit(lambda x: x, backend=backend)
