"""The listing of a plan: its tensors and tasks as text."""

from __future__ import annotations

from .work import Copy, Multiplication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .layout import Place, Tensor, View
    from .order import Plan
    from .work import Loop, Span, Task

__all__ = ["listing"]


def listing(plan: Plan) -> str:
    """The text of a plan, task after task: i and j count rows and columns, l the points.

    once
    0 loop over 1 i, (points of 0) j
        v0 = source 2[0 + 0 i + 1 j]
        v1 = exp(v0)
        sink 1[0 + 0 i + 1 j] = v1
    """
    names = {tensor: f"t{k}" for k, tensor in enumerate(plan.tensors)}
    lines = [f"{name}: {_tensor(tensor)}" for tensor, name in names.items() if tensor.width]
    text = _Text(names)
    k = 0
    for span in plan.spans:
        lines.append(_heading(span))
        for task in span.tasks:
            first, *rest = text.lines(task)
            lines += [f"{k} {first}", *[f"    {line}" for line in rest]]
            k += 1
    if plan.check is not None:
        lines.append(f"right if {text.place(plan.check)} is finite")
    return "\n".join(lines)


def _heading(span: Span) -> str:
    return "once" if span.axis is None else f"in blocks of points of {span.axis}"


def _tensor(tensor: Tensor) -> str:
    axis = "" if tensor.axis is None else f" at every point of {tensor.axis}"
    values = f", always {tensor.values}" if tensor.values else ""
    return f"{tensor.width} numbers{axis}{values}"


def _size(size: Any) -> str:
    return str(size) if isinstance(size, int) else f"(points of {size[1]})"


class _Text:
    def __init__(self, names: dict[Tensor, str]) -> None:
        self.names = names

    def array(self, where: Any) -> str:
        return self.names[where] if where in self.names else " ".join(map(str, where))

    def place(self, at: Place) -> str:
        return f"{self.array(at.array)}[{at.offset}{f' + {at.lane} l' if at.lane else ''}]"

    def view(self, of: View) -> str:
        return f"{self.array(of.array)}[{of.offset} + {of.steps[0]} i + {of.steps[1]} j]"

    def lines(self, task: Task) -> Iterator[str]:
        if isinstance(task, Copy):
            yield f"copy for {_size(task.rows)} l"
            for source, target in task.moves:
                yield f"{self.place(target)} = {self.place(source)}"
        elif isinstance(task, Multiplication):
            yield f"product of sizes {', '.join(map(_size, task.sizes))}"
            base = "" if task.base is None else f"{self.view(task.base)} + "
            times = "" if task.times is None else f"{self.view(task.times)} "
            factors = f"{task.sign} {times}{self.view(task.left)} {self.view(task.right)}"
            yield f"{self.view(task.into)} = {base}{factors}"
        else:
            yield from self.loop(task)

    def loop(self, task: Loop) -> Iterator[str]:
        names = task.program.names
        yield f"loop over {_size(task.rows)} i, {_size(task.length)} j"
        for i, read in task.reads.items():
            yield f"{names[i]} = {self.view(read)}"
        for i, op, args in task.steps:
            yield f"{names[i]} = {op}({', '.join([names[a] for a in args])})"
        for i, written in task.writes:
            yield f"{self.view(written)} = {names[i]}"
        for i, place in task.sums:
            yield f"{self.place(place)} = sum of {names[i]}"
