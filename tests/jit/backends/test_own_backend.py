"""A backend of one's own: an object that makes something with `run` out of a program."""

from __future__ import annotations

import copy
import pickle
import re
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.domain import REAL
from autograd_core.errors import OpError
from autograd_core.jit.backends import MODULES
from autograd_core.jit.backends.source import python
from autograd_core.op import quiet

inverse = ag.Op("inverse", lambda x: 1.0 / x, lambda g, z, x: (-g * z * z,), REAL)


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


class Slots:
    """Calls of one point through a list of numbers: inputs, then results, then the guard."""

    functions = "nothing"

    def __init__(self, program: Any) -> None:
        self.inputs = [node for node in program.nodes if hasattr(node, "source")]
        self.slot_of = {(node.source, node.offset): k for k, node in enumerate(self.inputs)}
        self.results = len(self.inputs)
        self.outputs = sorted(program.outputs, key=lambda out: (out.sink, out.offset))
        self.guard = self.results + len(self.outputs)
        self.free: list[Any] = []
        self.interpreter, self.calls = Interpreter(program), 0

    def new(self) -> Any:
        slots = np.zeros(self.guard + 1)
        return slots, slots, memoryview(slots)

    def run(self, slots: Any, functions: Any) -> None:
        assert functions == "nothing"
        self.calls += 1
        sources = [np.zeros(20), np.zeros(20)]
        for (source, offset), slot in self.slot_of.items():
            sources[source][offset] = slots[slot]
        sinks = [np.zeros(20) for _ in range(3)]
        slots[self.guard] = self.interpreter.run(sources, [], sinks, None, 1)
        for k, out in enumerate(self.outputs):
            slots[self.results + k] = sinks[out.sink][out.offset]


class Repeated:
    """Runs one after the other, on the rows of all arrays."""

    def __init__(self, program: Any) -> None:
        self.interpreter, self.calls = Interpreter(program), 0

    def run(self, count: int, arrays: Any, lengths: Any, *, there: int, back: set[int]) -> bool:
        self.calls += 1

        def row(array: Any, k: int, is_carried: bool) -> Any:
            return (array[k % 2] if is_carried else array[k]).reshape(-1)

        for k in range(count):
            sources = [row(array, k, i == there) for i, array in enumerate(arrays[0])]
            sinks = [row(array, k + (i in back), i in back) for i, array in enumerate(arrays[1])]
            if not self.interpreter.run(sources, lengths, sinks, None, 1):
                return False
        return True


class Capable(Interpreter):
    """With all that an executable may offer."""

    def __init__(self, program: Any) -> None:
        super().__init__(program)
        self.slots, self.repetition = Slots(program), Repeated(program)

    def one_point(self) -> Slots:
        return self.slots

    def repeated(self) -> Repeated:
        return self.repetition


class CapableBackend:
    def compile(self, program: Any) -> Capable:
        return Capable(program)


def test_calls_of_one_point_go_through_the_slots_that_an_executable_offers() -> None:
    def function(x: Any, y: Any) -> Any:
        return (x[0] * y, [x[1] * y, y]) if y > 0.0 else (x[1] * y, [x[0], y])

    f, x = ag.jit(function, backend=CapableBackend()), np.array([2.0, 3.0])
    for y in (1.0, 1.0, 4.0, -1.0, -2.0, -3.0, 5.0, 6.0):
        assert f(x, y) == function(x, y)
    (paths,) = f.kinds.values()
    assert sum(path.executable.slots.calls for path in paths.known if path.executable) > 2


def test_scan_leaves_the_loop_to_an_executable_that_offers_it() -> None:
    w = [ag.Value(0.0), ag.Value(1.0)]

    def step(x: Any, y: Any) -> Any:
        error = w[0] * x + w[1] - y
        return np.array([w[0] - 0.1 * error * x, w[1] - 0.1 * error]), error

    xs, ys = np.array([1.0, 2.0, -1.0, 0.5]), np.array([2.0, 3.0, 0.0, 1.0])
    f = ag.jit(step, leaves=w, backend=CapableBackend())
    carry, errors = f.scan([0.0, 1.0], xs, ys)
    expected, expected_errors = ag.jit(step, leaves=w, backend="python").scan([0.0, 1.0], xs, ys)
    assert np.array_equal(carry, expected)
    assert np.array_equal(errors, expected_errors)
    (paths,) = f.kinds.values()
    assert paths.known[0].executable.repetition.calls == 1


def test_arrays_come_as_flat_sources() -> None:
    f = ag.jit(lambda x: [x[0, 1] * x[1, 0], x.sum()], backend=Backend())
    for _ in range(2):
        assert f(np.array([[1.0, 2.0], [3.0, 4.0]])) == [6.0, 10.0]


class Wrong(Capable):
    """Its machine raises, whichever way it is called."""

    class Machine:
        def run(self, *args: Any, **named: Any) -> Any:
            raise ZeroDivisionError("an error of the backend")

    def __init__(self, program: Any) -> None:
        super().__init__(program)
        self.slots.run = self.repetition.run = self.run = self.Machine().run  # type: ignore[method-assign]


class WrongBackend:
    def compile(self, program: Any) -> Wrong:
        return Wrong(program)


class WrongOnlyInRun(WrongBackend):
    """It offers neither slots nor repetition."""

    def compile(self, program: Any) -> Any:
        return SimpleNamespace(source="", run=Wrong(program).run)


@pytest.mark.parametrize("backend", [WrongBackend(), WrongOnlyInRun()])
@pytest.mark.parametrize("op", [ag.sin, ag.gelu, inverse])
def test_an_error_of_a_backend_is_no_answer(backend: Any, op: Any) -> None:
    """Not even where ops are called that are made of others; only an op of the user's own may have raised it."""
    is_told = pytest.raises(ZeroDivisionError, match="an error of the backend")
    f = ag.jit(lambda x: op(x) * x if x > 0.0 else x, backend=backend)
    assert f(0.5) == op(0.5) * 0.5  # the first call of a way is answered by its trace
    with nullcontext() if op is inverse else is_told:
        assert f(0.5) == op(0.5) * 0.5
    assert "guards" not in f.report()
    assert "run 1 times" in f.report()
    mapped = ag.jit(ag.vmap(lambda x: op(x) * x), backend=backend)
    with nullcontext() if op is inverse else is_told:
        mapped(np.ones(3))


@pytest.mark.parametrize("backend", [WrongBackend(), WrongOnlyInRun()])
def test_an_error_of_a_backend_ends_scan_and_fast_calls(backend: Any) -> None:
    w = [ag.Value(0.0)]
    step = ag.jit(lambda x: (np.array([w[0] + x]), x), leaves=w, backend=backend)
    with pytest.raises(ZeroDivisionError, match="an error of the backend"):
        step.scan([0.0], [1.0, 2.0])
    fails = [False]

    class Sometimes(Capable):
        def __init__(self, program: Any) -> None:
            super().__init__(program)
            self.slots.run = self.fast  # type: ignore[method-assign]

        def fast(self, slots: Any, functions: Any) -> None:
            if fails[0]:
                raise ZeroDivisionError("an error of the backend")
            Slots.run(self.slots, slots, functions)

    class SometimesBackend:
        def compile(self, program: Any) -> Any:
            return Sometimes(program)

    f = ag.jit(lambda x: x * x, backend=SometimesBackend())
    assert [f(2.0), f(2.0), f(2.0)] == [4.0, 4.0, 4.0]
    fails[0] = True
    with pytest.raises(ZeroDivisionError, match="an error of the backend"):
        f(2.0)


def test_a_module_is_a_backend_which_pickles_and_copies_hold_by_name() -> None:
    f = ag.jit(ag.sin, backend=python)
    again = pickle.loads(pickle.dumps(f))
    assert [again(1.0), again(1.0)] == [ag.sin(1.0)] * 2
    assert again.backend is f.backend
    assert copy.deepcopy(f) is f
    assert "source.python" in repr(again)


@pytest.mark.parametrize("backend", ["fortran", None, 3, object(), []])
def test_what_is_no_backend_is_refused(backend: Any) -> None:
    known = re.escape(", ".join(map(repr, MODULES)))
    with pytest.raises(OpError, match=f"there is no backend .*{known}, or give an object"):
        ag.jit(lambda x: x, backend=backend)
