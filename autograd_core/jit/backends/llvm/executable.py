"""The executable of the llvm backend: machine code through llvmlite, vectorised over points, and threaded over blocks.

The spans of a plan run one after the other, each in one piece of machine code; a span along a lane axis runs block by
block of points, several at once. Results do not depend on the number of threads: a batch is cut into the same blocks
for any number, and the blocks' sums are added in their order.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...passes.guards_as_outputs import guards_as_outputs
from ...passes.lower import is_called_back
from ...plan import FAST, Limits, Loop, plan
from ...plan.layout import POINTS, Tensor
from ...plan.listing import listing
from ...runtime import memory
from ...runtime.cached import cached_property
from ...runtime.once import once
from ..source import python
from .callbacks import python_errors
from .elementwise import Elementwise
from .ir_text import module
from .native import Native, Slots
from .repetition import Repetition
from .spans import NativeSpan
from .table import Table, allocated
from .target import code_of, load, vector_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...ir.program import Program

__all__ = ["LlvmExecutable", "compile"]

FEW_STEPS = 100
"""Steps of a loop that is compiled as `Elementwise`, without slots; with more, LLVM would have to spill registers."""


def compile(program: Program, limits: Limits | None = FAST) -> LlvmExecutable:
    """The executable of `program`; `limits` say which matrices are worth products, None that there are none."""
    return LlvmExecutable(program, limits)


class LlvmExecutable:
    """The plan of a program in machine code."""

    def __init__(self, program: Program, limits: Limits | None) -> None:
        self._given = program
        self.plan = plan(guards_as_outputs(program), limits)
        self._exactly = once(lambda: LlvmExecutable(program, None))
        loops = [loop for span in self.plan.spans for loop in span.loops()]
        self.calls_python = any([is_called_back(op) for loop in loops for _, op, _ in loop.steps])
        self.width = 1 if self.calls_python else vector_width()
        self.codes: dict[Loop, Elementwise | Native] = {}
        for k, task in enumerate(self.plan.order):
            if isinstance(task, Loop):
                self.codes[task] = self._compiled(f"loop{k}", task)
        self._slots = self._as_slots()
        self._engine = _loaded([code for code in self.codes.values() if isinstance(code, Elementwise)])

    def _compiled(self, name: str, loop: Loop) -> Elementwise | Native:
        """A loop in machine code: a kernel, or `Elementwise` if it has few steps and stands beside products.

        Beside products rows are short, and with kernels an epoch of the benchmark `matrices` takes a seventh longer.
        Over many points, as in the benchmark `compiled` (Black-Scholes), kernels are as fast, and they compile in half
        the time.
        """
        is_single = loop.rows == loop.length == 1
        if self.plan.has_products and len(loop.steps) <= FEW_STEPS and not is_single:
            return Elementwise(name, loop, self.width)
        return Native(loop, 1 if is_single else self.width, copies_out=self._is_one_point)

    @property
    def _is_one_point(self) -> bool:
        """Whether all there is are single numbers that are computed from single numbers which are given."""
        tasks = self.plan.order
        if len(tasks) != 1 or not isinstance(loop := tasks[0], Loop) or not loop.rows == loop.length == 1:
            return False
        return not any(isinstance(view.array, Tensor) for view in loop.views)

    def _as_slots(self) -> Slots | None:
        ((loop, code),) = self.codes.items() if self._is_one_point else [(None, None)]
        return Slots(loop, code) if loop is not None and isinstance(code, Native) else None

    @property
    def source(self) -> str:
        """The LLVM IR of all loops."""
        return "\n".join(
            [str(code) if isinstance(code, Elementwise) else code.kernel.text for code in self.codes.values()]
        )

    def explained(self) -> list[tuple[str, str]]:
        """The lowered program, if there are no products, the plan, and the LLVM IR."""
        lowered = [] if self.plan.has_products else [("lower", str(self.plan.found.program))]
        return [*lowered, ("plan", listing(self.plan)), ("llvm", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
    ) -> bool:
        """Run the program; see `autograd_core.jit.backends.Executable`.

        Machine code goes on after a guard that fails. So if an op of Python has raised an error, the python backend
        repeats the call, and raises it if it belongs to the result.
        """
        if not self.calls_python:
            fits = self._run(sources, lengths, sinks, holds, threads)
            return self._exactly().run(sources, lengths, sinks, holds, threads) if fits is None else fits
        met = python_errors.begin()
        try:
            fits = self._run(sources, lengths, sinks, holds, 1)
        finally:
            python_errors.end(met)
        for raised in met:
            if not raised.is_of_op():
                raise raised.error
        if met and fits:
            fits = self._by_python.run(sources, lengths, sinks, holds, 1)
        return bool(fits)

    @cached_property
    def _by_python(self) -> Any:
        return python.compile(self._given)

    def _run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
    ) -> bool | None:
        """Span after span; None if something had to be finite and was not."""
        if self._slots is not None:
            return self._slots.call(sources, sinks)
        spans, names = self._spans
        guard = memory.ones(1)
        given = {"source": sources, "sink": [*sinks, guard, holds]}
        arrays = []
        for name in names:
            if isinstance(name, Tensor):
                arrays.append(allocated(name, lengths))
            else:
                arrays.append(np.arange(float(max(lengths))) if name == POINTS else given[name[0]][name[1]])
        addresses = np.array([array.ctypes.data for array in arrays], np.int64)
        for span in spans:
            if not span.run(arrays, addresses, lengths, threads):
                return None
            if guard[0] == 0.0:
                return False
        return True

    @cached_property
    def _spans(self) -> tuple[list[NativeSpan], list[Any]]:
        """The spans of the plan, and the arrays that a call has to have: those that it is given, and tensors that
        several spans use. Calls through slots need neither."""
        tables = [Table(span, self.codes, self.width) for span in self.plan.spans]
        uses = Counter([array for table in tables for array in table.arrays])
        names = [array for array, count in uses.items() if count > 1 or not isinstance(array, Tensor)]
        return [NativeSpan(table, names, self.plan.check) for table in tables], names

    # Capabilities

    def one_point(self) -> Slots | None:
        """See `autograd_core.jit.backends.OnePoint`."""
        return None if self.calls_python else self._slots

    def repeated(self) -> Repetition | None:
        """The only span, if it runs once a call, to be repeated: see `autograd_core.jit.backends.Repeated`."""
        spans = self.plan.spans
        if len(spans) != 1 or spans[0].axis is not None or self.calls_python:
            return None
        (span,), names = self._spans
        return Repetition(span, names)


def _loaded(codes: Sequence[Elementwise]) -> Any:
    """The engine of all `Elementwise` loops, loaded as one module."""
    if not codes:
        return None
    engine = load(code_of(module(*codes), opt=2))
    for code in codes:
        code.address = engine.get_function_address(code.name)
    return engine
