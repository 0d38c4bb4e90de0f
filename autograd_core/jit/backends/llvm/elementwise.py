"""Loops over elements in machine code: everything stays in registers from reading to writing.

For loops of few steps, which the driver with its slots would spend most of the time copying for. The last vector of a
row is masked. Code for numbers that lie side by side differs from code for those that do not.
"""

from __future__ import annotations

import re
import struct

import numpy as np

from ....op import Op
from ...ir.primitives import Instruction, Intrinsic, Snippet
from .ir_text import Lines
from .native import function_of
from .target import address_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...ir.primitives import Primitive
    from ...plan import Loop

__all__ = ["Elementwise"]

HEAD = 3
"""Arguments: the table of functions, rows, elements of a row; then {address, bytes to the next row, to the next
element} for each read and each write."""


class Elementwise:
    """The text of a loop as a function `name`.

    The text goes into a module with others; ``declarations`` are what it needs there, ``address`` is where it is once
    that is loaded.
    """

    address = 0

    def __init__(self, name: str, loop: Loop, width: int) -> None:
        self.name, self.loop, self.width = name, loop, width
        self.lines = Lines(width)
        self.functions: dict[tuple[Primitive | Op, int], int] = {}
        self._declared = set(DECLARATIONS)
        self.values: dict[int, str] = {}
        self.text = self._in_full("\n".join(self._lines()))
        self.declarations = set(map(self._in_full, self._declared))
        self.table = np.array([address_of(*key, width) for key in self.functions] or [0], np.uintp)

    def _in_full(self, text: str) -> str:
        text = text.replace("$P", f"<{self.width} x ptr>").replace("$Q", f"v{self.width}p0")
        return self.lines.in_full(text)

    def _lines(self) -> list[str]:
        add, loop = self.lines.add, self.loop
        read_steps = [view.steps[1] for view in loop.reads.values()]
        write_steps = [view.steps[1] for _, view in loop.writes]
        add(f"define void @{self.name}(ptr %arguments) nounwind {{", "entry:")
        self._argument("functions", 0, "ptr")
        self._argument("rows", 1, "i64")
        self._argument("length", 2, "i64")
        for k in range(len(read_steps) + len(write_steps)):
            for part, kind in enumerate(("ptr", "i64", "i64")):
                self._argument(f"{('base', 'down', 'along')[part]}{k}", HEAD + 3 * k + part, kind)
        self.lines.spread("count", "i64", "%length")
        add("br label %rows_test", "rows_test:", "%row = phi i64 [0, %entry], [%row_next, %row_end]")
        add("%more_rows = icmp slt i64 %row, %rows", "br i1 %more_rows, label %row_start, label %end", "row_start:")
        for k, step in enumerate([*read_steps, *write_steps]):
            add(f"%offset{k} = mul i64 %row, %down{k}", f"%at{k} = getelementptr i8, ptr %base{k}, i64 %offset{k}")
            if step == 0 and k < len(read_steps):
                add(f"%one{k} = load double, ptr %at{k}, align 8")
                self.lines.spread(f"x{k}", "double", f"%one{k}")
        add("br label %test", "test:", "%i = phi i64 [0, %row_start], [%i_next, %block]")
        add("%more = icmp slt i64 %i, %length", "br i1 %more, label %block, label %row_end", "block:")
        self.lines.spread("first", "i64", "%i")
        places = ", ".join(f"i64 {lane}" for lane in range(self.width))
        add(f"%places = add $I %first, <{places}>", "%mask = icmp slt $I %places, %count")
        for k, (i, step) in enumerate(zip(loop.reads, read_steps, strict=True)):
            if step:
                self._read(k, step)
            self.values[i] = f"%x{k}"
        for i, value in loop.constants.items():
            self.values[i] = f"%constant{i}"
            self.lines.spread(f"constant{i}", "double", hexadecimal(value))
        for i, op, args in loop.steps:
            self.values[i] = self._computed(i, op, args)
        for k, ((i, _), step) in enumerate(zip(loop.writes, write_steps, strict=True), len(read_steps)):
            self._write(k, step, self.values[i])
        add(f"%i_next = add i64 %i, {self.width}", "br label %test", "row_end:", "%row_next = add i64 %row, 1")
        add("br label %rows_test", "end:", "ret void", "}")
        return self.lines.lines

    def _argument(self, name: str, k: int, kind: str) -> None:
        self.lines.add(f"%of_{name} = getelementptr i64, ptr %arguments, i64 {k}")
        self.lines.add(f"%{name} = load {kind}, ptr %of_{name}")

    def _addresses(self, k: int) -> str:
        """Those of all elements, one by one."""
        self.lines.spread(f"step{k}", "i64", f"%along{k}")
        self.lines.add(f"%far{k} = mul $I %places, %step{k}")
        self.lines.add(f"%each{k} = getelementptr i8, ptr %at{k}, $I %far{k}")
        return f"%each{k}"

    def _read(self, k: int, step: int) -> None:
        if step == 1:
            self.lines.add(f"%from{k} = getelementptr double, ptr %at{k}, i64 %i")
            self.lines.masked_load(f"x{k}", f"%from{k}", "%mask")
        else:
            each = self._addresses(k)
            gather = f"call $V @llvm.masked.gather.$S.$Q($P {each}, i32 8, $B %mask, $V zeroinitializer)"
            self.lines.add(f"%x{k} = {gather}")

    def _write(self, k: int, step: int, value: str) -> None:
        if step == 1:
            self.lines.add(f"%to{k} = getelementptr double, ptr %at{k}, i64 %i")
            self.lines.add(f"call void @llvm.masked.store.$S.p0($V {value}, ptr %to{k}, i32 8, $B %mask)")
        else:
            each = self._addresses(k)
            self.lines.add(f"call void @llvm.masked.scatter.$S.$Q($V {value}, $P {each}, i32 8, $B %mask)")

    def _computed(self, i: int, op: Op, args: Sequence[int]) -> str:
        function, operands = function_of(op), [self.values[a] for a in args]
        result = f"%v{i}"
        typed = ", ".join(f"$V {operand}" for operand in operands)
        code = None if isinstance(function, Op) else function.code
        if isinstance(code, Instruction):
            self.lines.add(f"{result} = {code.name} $V {', '.join(operands)}")
        elif isinstance(code, Intrinsic):
            name = f"llvm.{code.name}.$S"
            self._declared.add(f"declare $V @{name}($V)")
            self.lines.add(f"{result} = call $V @{name}({typed})")
        elif isinstance(code, Snippet):
            names = {"t": f"%t{i}", "y": result, **dict(zip("abc", operands, strict=False))}
            body = re.sub(r"%([tyabc])\b", lambda found: names[found[1]], code.text)
            self.lines.add(body)
            if "@llvm" in body:
                name = body.split("@")[1].split("(")[0]
                self._declared.add(f"declare $V @{name}({', '.join(['$V'] * len(operands))})")
        else:
            k = self.functions.setdefault((function, len(operands)), len(self.functions))
            self.lines.add(f"%entry{i} = getelementptr ptr, ptr %functions, i64 {k}")
            self.lines.add(f"%function{i} = load ptr, ptr %entry{i}", f"{result} = call $V %function{i}({typed})")
        return result


DECLARATIONS = (
    "declare $V @llvm.masked.load.$S.p0(ptr, i32, $B, $V)",
    "declare void @llvm.masked.store.$S.p0($V, ptr, i32, $B)",
    "declare $V @llvm.masked.gather.$S.$Q($P, i32, $B, $V)",
    "declare void @llvm.masked.scatter.$S.$Q($V, $P, i32, $B)",
)


def hexadecimal(value: float) -> str:
    """A number as IR writes it, to the last bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
