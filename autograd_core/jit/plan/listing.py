"""The listing of a plan: its tensors and stages as text."""

from __future__ import annotations

from .work import Copy, Multiplication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .layout import Place, Tensor, View
    from .order import Plan
    from .work import Loop, Span, Stage

__all__ = ["listing"]


def listing(plan: Plan) -> str:
    """The text of a plan, stage after stage: i and j count rows and columns, l the points.

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
        for stage in span.stages:
            first, *rest = text.lines(stage)
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

    def lines(self, stage: Stage) -> Iterator[str]:
        if isinstance(stage, Copy):
            yield f"copy for {_size(stage.rows)} l"
            for source, target in stage.moves:
                yield f"{self.place(target)} = {self.place(source)}"
        elif isinstance(stage, Multiplication):
            yield f"product of sizes {', '.join(map(_size, stage.sizes))}"
            base = "" if stage.base is None else f"{self.view(stage.base)} + "
            times = "" if stage.times is None else f"{self.view(stage.times)} "
            factors = f"{stage.sign} {times}{self.view(stage.left)} {self.view(stage.right)}"
            yield f"{self.view(stage.into)} = {base}{factors}"
        else:
            yield from self.loop(stage)

    def loop(self, stage: Loop) -> Iterator[str]:
        names = stage.program.names
        yield f"loop over {_size(stage.rows)} i, {_size(stage.length)} j"
        for i, read in stage.reads.items():
            yield f"{names[i]} = {self.view(read)}"
        for i, op, args in stage.steps:
            yield f"{names[i]} = {op}({', '.join([names[a] for a in args])})"
        for i, written in stage.writes:
            yield f"{self.view(written)} = {names[i]}"
        for i, place in stage.sums:
            yield f"{self.place(place)} = sum of {names[i]}"
