"""Plans as text: phases of loops, and stages of matrices."""

from __future__ import annotations

from .work import Copy, Multiplication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..ir.program import Program
    from .layout import Place, Tensor, View
    from .loops import Phase
    from .order import Stages
    from .work import Loop

__all__ = ["listing_of_phases", "listing_of_stages"]


def listing_of_phases(program: Program, phases: Sequence[Phase]) -> str:
    """Which numbers are computed once, and which along lanes, by their names in the text of the program."""
    lines, names = [], program.names

    def listed(nodes: Sequence[int]) -> str:
        return ", ".join([names[i] for i in nodes]) or "nothing"

    for k, phase in enumerate(phases):
        lines += [f"phase {k}", f"  once: {listed(phase.nodes)}"]
        for loop in phase.loops.values():
            lines.append(f"  along {loop.axis}: {listed(loop.nodes)}")
            lines += [f"    sums: {listed(loop.sums)}"] if loop.sums else []
            lines += [f"    kept: {listed(loop.kept)}"] if loop.kept else []
            lines += [f"    outputs: {', '.join(map(str, loop.outputs))}"] if loop.outputs else []
            lines += [f"    guards: {', '.join(map(str, loop.guards))}"] if loop.guards else []
    return "\n".join(lines)


def listing_of_stages(stages: Stages, programs: Mapping[Loop, Program]) -> str:
    """Tensors, and what is done with them: i and j count rows and columns, l the points. `programs` are those of the
    loops."""
    names = {tensor: f"t{k}" for k, tensor in enumerate(stages.places.tensors)}
    lines = [f"{name}: {_tensor(tensor)}" for tensor, name in names.items()]

    def array(where: Any) -> str:
        return names[where] if where in names else f"{where[0]} {where[1]}"

    def place(at: Place) -> str:
        return f"{array(at.array)}[{at.offset}{f' + {at.lane} l' if at.lane else ''}]"

    def view(of: View) -> str:
        return f"{array(of.array)}[{of.offset} + {of.steps[0]} i + {of.steps[1]} j]"

    for k, stage in enumerate(stages.order):
        if isinstance(stage, Copy):
            lines.append(f"{k} copy for {_size(stage.rows)} l")
            lines += [f"    {place(target)} = {place(source)}" for source, target in stage.moves]
        elif isinstance(stage, Multiplication):
            base = "" if stage.base is None else f"{view(stage.base)} + "
            times = "" if stage.times is None else f"{view(stage.times)} "
            factors = f"{stage.sign} {times}{view(stage.left)} {view(stage.right)}"
            lines.append(f"{k} product of sizes {', '.join(map(_size, stage.sizes))}")
            lines.append(f"    {view(stage.into)} = {base}{factors}")
        else:
            lines.append(f"{k} loop over {_size(stage.rows)} i, {_size(stage.length)} j")
            lines += [f"    x{n} = {view(read)}" for n, read in enumerate(stage.reads)]
            lines += [f"    {line}" for line in str(programs[stage]).splitlines()]
            lines += [f"    {view(written)} = y{n}" for n, written in enumerate(stage.writes)]
    if stages.check is not None:
        lines.append(f"right if {place(stages.check)} is finite")
    return "\n".join(lines)


def _tensor(tensor: Tensor) -> str:
    axis = "" if tensor.axis is None else f" at every point of {tensor.axis}"
    values = f", always {tensor.values}" if tensor.values else ""
    return f"{tensor.width} numbers{axis}{values}"


def _size(size: Any) -> str:
    return str(size) if isinstance(size, int) else f"(points of {size[1]})"
