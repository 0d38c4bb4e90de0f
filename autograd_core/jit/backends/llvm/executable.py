"""The llvm backend: machine code through llvmlite, many points at a time, spread over threads if asked.

Steps on single numbers run as a kernel of one lane; each loop over points as one of as many lanes as a vector
register has. Results do not depend on the number of threads: a batch is cut into the same blocks for any number, and
the blocks' sums are added in their order.
"""

from __future__ import annotations

import numpy as np

from ....ops.arithmetic import mul, sub
from ....ops.selection import COMPARISONS, equal
from ...ir.lane_ops import pick
from ...ir.program import Builder, Constant, Guard, Input, Output, Program, Step
from ...passes.lower import lower
from ...plan import FAST, Limits, Stages, find
from ...plan.listing import listing_of_phases
from ...plan.loops import Phase, phases
from ...runtime import memory
from ...runtime.cached import cached_property
from ...runtime.once import once
from ..source import python
from .callbacks import python_errors
from .loops import Call, NativeLoop
from .matrix_executable import GUARD, ArraysExecutable, lowered
from .native import Part, calls_python
from .target import vector_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .. import Executable

__all__ = ["compile"]


def compile(program: Program, limits: Limits = FAST) -> Executable:
    """`program` as machine code; matrices in it that are worth it are computed as such."""
    whole, guard = with_guards_as_nodes(program)
    if guard is not None:
        whole = Program.of_valid_parts(whole.nodes, [*whole.outputs, Output(guard, GUARD, 0)], (), whole.axes)
    found = find(whole, limits)
    if found is not None:
        stages = Stages(found)
        programs = lowered(stages)
        if programs is not None:
            return ArraysExecutable(stages, programs, once(lambda: LlvmExecutable(program)))
    return LlvmExecutable(program)


class LlvmExecutable:
    """The kernels of a program, phase by phase, and the tables that lead from sources to sinks.

    A frame holds the single numbers of a call, one place a node: what the kernels of one number pass on.
    """

    backend = "llvm"

    def __init__(self, program: Program) -> None:
        self._given = program
        self.program, self.guard = with_guards_as_nodes(lower(program))
        program = self.program
        self.calls_python = calls_python([program])
        width = 1 if self.calls_python else vector_width()
        self.phases: list[tuple[Part | None, list[NativeLoop]]] = []
        planned = phases(program)
        self._deciding = next((k for k, phase in enumerate(planned) if self.guard in phase.nodes), None)
        used_later = self._used_later(planned)
        for phase in planned:
            nodes = [i for i in phase.nodes if isinstance(node := program.nodes[i], Step) and node.op is not pick]
            wanted = [i for i in nodes if i in used_later]
            if len(planned) == 1 and not phase.loops:
                wanted = self._everything_written()
            part = Part(program, nodes, wanted) if wanted else None
            self.phases.append((part, [NativeLoop(program, loop, width) for loop in phase.loops.values()]))
        is_simple = len(self.phases) == 1 and not self.phases[0][1] and not self.calls_python
        self.only_part = self.phases[0][0] if is_simple else None
        self.picks = [
            (i, node.args[0], int(program.constant(node.args[1])))
            for i, node in enumerate(program.nodes)
            if isinstance(node, Step) and node.op is pick
        ]
        self._inputs = _gathered(
            [(i, n.source, n.offset) for i, n in enumerate(program.nodes) if isinstance(n, Input) and n.axis is None]
        )
        self._outputs = _gathered([(out.node, out.sink, out.offset) for out in program.outputs if out.axis is None])
        constants = [(i, n.value) for i, n in enumerate(program.nodes) if isinstance(n, Constant)]
        self._constants = np.array([i for i, _ in constants], int), np.array([value for _, value in constants])

    def _everything_written(self) -> list[int]:
        """All outputs in the order of the sinks, whatever they are, and the guard."""
        outputs = [out.node for out in sorted(self.program.outputs, key=lambda out: (out.sink, out.offset))]
        return outputs if self.guard is None else [*outputs, self.guard]

    @property
    def source(self) -> str:
        """The IR of all kernels."""
        parts = [
            part for first, loops in self.phases for part in (first, *[loop.part for loop in loops]) if part is not None
        ]
        return "\n".join(part.native.kernel.text for part in parts)

    def explained(self) -> list[tuple[str, str]]:
        """See `autograd_core.jit.backends.Executable`."""
        plan = listing_of_phases(self.program, phases(self.program))
        return [("lower", str(self.program)), ("plan", plan), ("llvm", self.source)]

    def _used_later(self, planned: Sequence[Phase]) -> set[int]:
        """The steps of one number that anything but another such step of their own phase needs."""
        program = self.program
        used = {out.node for out in program.outputs} | {i for i in (self.guard,) if i is not None}
        alone: dict[int, int] = {i: k for k, phase in enumerate(planned) for i in phase.nodes}
        for i, node in enumerate(program.nodes):
            for a in node.args if isinstance(node, Step) else ():
                if a in alone and alone.get(i) != alone[a]:
                    used.add(a)
        return used

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int = 1
    ) -> bool:
        """See `autograd_core.jit.backends.Executable`.

        Machine code computes also what comes behind a guard that fails. So if an op of Python has raised an error,
        the call is done again by Python, which raises it if it belongs to the result.
        """
        call = Call(sources, [*sinks, holds], lengths, threads)
        if not self.calls_python:
            return self._run(call)
        call.threads = 1
        met = python_errors.begin()
        try:
            fits = self._run(call)
        finally:
            python_errors.end(met)
        for raised in met:
            if not raised.is_of_op():
                raise raised.error
        if met and fits:
            return self._by_python.run(sources, lengths, sinks, holds, 1)
        return fits

    @cached_property
    def _by_python(self) -> Executable:
        return python.compile(self._given)

    def _run(self, call: Call) -> bool:
        sources, sinks = call.sources, call.sinks
        call.frame = memory.empty(len(self.program.nodes))
        call.frame[self._constants[0]] = self._constants[1]
        for nodes, source, offsets in self._inputs:
            call.frame[nodes] = sources[source][offsets]
        for k, (part, loops) in enumerate(self.phases):
            for i, arg, point in self.picks:
                if arg in call.kept:
                    call.frame[i] = call.kept[arg][point]
            if part is not None:
                part.run_once(call.frame)
            if k == self._deciding and call.frame[self.guard] == 0.0:
                return False
            for loop in loops:
                loop.run(call)
        for nodes, sink, offsets in self._outputs:
            sinks[sink][offsets] = call.frame[nodes]
        return True


def _gathered(places: Sequence[tuple[int, int, int]]) -> list[tuple[Any, int, Any]]:
    """(node, array, offset) by array: which nodes and which offsets, as indices."""
    by_array: dict[int, list[tuple[int, int]]] = {}
    for node, array, offset in places:
        by_array.setdefault(array, []).append((node, offset))
    return [
        (np.array([node for node, _ in some], int), array, np.array([offset for _, offset in some], int))
        for array, some in by_array.items()
    ]


def with_guards_as_nodes(program: Program) -> tuple[Program, int | None]:
    """`program` without guards, but with a node that is 1 where all of them hold.

    For guards on single numbers it is the node returned; for those along lanes an output more, to the last sink.
    """
    builder = Builder()
    builder.nodes = list(program.nodes)
    along_lanes = [guard for guard in program.guards if program.axis_of[guard.node] is not None]
    single = [guard for guard in program.guards if program.axis_of[guard.node] is None]
    outputs = list(program.outputs)
    if along_lanes:
        outputs.append(Output(_all_hold(builder, along_lanes), LAST, 0, 1, program.axis_of[along_lanes[0].node]))
    node = _all_hold(builder, single) if single else None
    return Program.of_valid_parts(builder.nodes, outputs, (), program.axes), node


LAST = -1


def _all_hold(builder: Builder, guards: Sequence[Guard]) -> int:
    holds = builder.constant(1.0)
    for guard in guards:
        holds = builder.add(Step(mul, (holds, _truth(builder, guard.node, guard.expected))))
    return holds


def _truth(builder: Builder, node: int, expected: bool) -> int:
    """1 where the node is as expected, else 0; it may itself be any number."""
    decided = builder.nodes[node]
    if not (isinstance(decided, Step) and decided.op in COMPARISONS):
        node, expected = builder.add(Step(equal, (node, builder.constant(0.0)))), not expected
    return node if expected else builder.add(Step(sub, (builder.constant(1.0), node)))
