"""What the compiler makes of a function, stage after stage, as text: for goldens and for whoever wants to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit.backends.llvm import executable as llvm
from autograd_core.jit.backends.llvm import matrix_executable as arrays
from autograd_core.jit.backends.llvm.matrix_executable import GUARD
from autograd_core.jit.backends.source import c, python
from autograd_core.jit.call.recording import Call
from autograd_core.jit.call.variants import Variants
from autograd_core.jit.ir.program import Output, Program
from autograd_core.jit.passes.confine import confine
from autograd_core.jit.passes.lower import lower
from autograd_core.jit.passes.simplify import join_lanes, simplify
from autograd_core.jit.plan import (
    FAST,
    Copy,
    Multiplication,
    Place,
    Stages,
    Tensor,
    View,
    find,
)
from autograd_core.jit.plan.loops import phases

WIDTHS = 2, 4, 8
"""Of vectors, in float64: the IR depends on nothing else of a machine."""


def stages(f: Callable[..., Any], *args: Any) -> Iterator[tuple[str, str]]:
    """(name, text) of every stage of ``ag.jit(f)`` at these arguments."""
    program, lengths = _traced(ag.jit(f), args)
    yield "traced", str(program)
    if lengths:
        program = join_lanes(program, lengths)
        yield "joined", str(program)
        program = confine(program)
        yield "confined", str(program)
    program = simplify(program)
    yield "simplified", str(program)
    yield "lowered", str(lower(program))
    yield "plan", _plan(program)
    yield "python", python.compile(program).source
    try:
        yield "c", c.text(program)
    except ProgramError as error:
        yield "c", f"refused: {error}"
    texts = {width: _ir(program, width) for width in WIDTHS}
    if len(set(texts.values())) == 1:
        yield "ir", texts[2]
    else:
        yield from ((f"ir{width}", text) for width, text in texts.items())


def _ir(program: Program, width: int) -> str:
    with (
        patch.object(llvm, "vector_width", return_value=width),
        patch.object(arrays, "vector_width", return_value=width),
    ):
        return llvm.compile(program).source


def _traced(f: Any, args: Any) -> tuple[Program, Sequence[int]]:
    """What tracing leaves, and how many points its lane axes have."""
    arguments = f.signature.read(args, {})
    variants = Variants(f.settings, bool(arguments.mapped))
    points = range(arguments.common_length()) if arguments.mapped else None
    recording = variants._record(Call(arguments, variants.captured, (args, {})), 0, points)
    return recording.trace.program(recording.result.outputs), recording.lengths


def _plan(program: Program) -> str:
    """Phases and loops; with matrices their stages too."""
    whole, guard = llvm.with_guards_as_nodes(program)
    if guard is not None:
        whole = Program.of_valid_parts(whole.nodes, [*whole.outputs, Output(guard, GUARD, 0)], (), whole.axes)
    found = find(whole, FAST)
    return _phases(lower(program)) if found is None else _stages(Stages(found))


def _phases(program: Program) -> str:
    lines, names = [], program.names

    def listed(nodes: Any) -> str:
        return ", ".join(names[i] for i in nodes) or "nothing"

    for k, phase in enumerate(phases(program)):
        lines += [f"phase {k}", f"  once: {listed(phase.nodes)}"]
        for loop in phase.loops.values():
            lines += [f"  along {loop.axis}: {listed(loop.nodes)}"]
            lines += [f"    sums: {listed(loop.sums)}"] if loop.sums else []
            lines += [f"    kept: {listed(loop.kept)}"] if loop.kept else []
            lines += [f"    outputs: {loop.outputs}"] if loop.outputs else []
            lines += [f"    guards: {loop.guards}"] if loop.guards else []
    return "\n".join(lines)


def _stages(planned: Stages) -> str:
    names = {tensor: f"t{k}" for k, tensor in enumerate(planned.places.tensors)}
    lines = [f"{name}: {_tensor(tensor)}" for tensor, name in names.items()]

    def array(where: Any) -> str:
        return names[where] if where in names else f"{where[0]} {where[1]}"

    def place(at: Place) -> str:
        return f"{array(at.array)}[{at.offset}{f' + {at.lane} l' if at.lane else ''}]"

    def view(of: View) -> str:
        return f"{array(of.array)}[{of.offset} + {of.steps[0]} i + {of.steps[1]} j]"

    for k, stage in enumerate(planned.order):
        if isinstance(stage, Copy):
            lines.append(f"{k} copy for {_size(stage.rows)} l")
            lines += [f"    {place(target)} = {place(source)}" for source, target in stage.moves]
        elif isinstance(stage, Multiplication):
            base = "" if stage.base is None else f"{view(stage.base)} + "
            times = "" if stage.times is None else f"{view(stage.times)} "
            factors = f"{stage.sign} {times}{view(stage.left)} {view(stage.right)}"
            lines += [f"{k} product of sizes {', '.join(map(_size, stage.sizes))}"]
            lines += [f"    {view(stage.into)} = {base}{factors}"]
        else:
            lines.append(f"{k} loop over {_size(stage.rows)} i, {_size(stage.length)} j")
            lines += [f"    x{n} = {view(read)}" for n, read in enumerate(stage.reads)]
            lines += [f"    {line}" for line in str(stage.program).splitlines()]
            lines += [f"    {view(written)} = y{n}" for n, written in enumerate(stage.writes)]
    if planned.check is not None:
        lines.append(f"right if {place(planned.check)} is finite")
    return "\n".join(lines)


def _tensor(tensor: Tensor) -> str:
    axis = "" if tensor.axis is None else f" at every point of {tensor.axis}"
    values = f", always {tensor.values}" if tensor.values else ""
    return f"{tensor.width} numbers{axis}{values}"


def _size(size: Any) -> str:
    return str(size) if isinstance(size, int) else f"(points of {size[1]})"
