"""Elementwise loops in machine code: values stay in registers from load to store.

They serve loops of few steps, on which the block driver would spend most of the time copying to and from slots. The
last vector of a row is masked. Unit stride gets masked loads and stores, any other gathers and scatters.

    %21 = getelementptr double, ptr %15, i64 %i2
    %22 = call $V @llvm.masked.load.$S.p0(ptr %21, i32 8, $B %20, $V zeroinitializer)
    %23 = fmul $V %13, %22
    %24 = getelementptr double, ptr %17, i64 %i2
    call void @llvm.masked.store.$S.p0($V %23, ptr %24, i32 8, $B %20)
"""

from __future__ import annotations

import numpy as np

from .functions import address_of
from .instructions import Instructions, function_of
from .ir_text import hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...plan import Loop
    from ...plan.layout import View

__all__ = ["Elementwise"]


class Elementwise(Instructions):
    """The text of a loop as a function `name`; ``address`` is its address once the module is loaded.

    Arguments: the table of functions, rows, elements of a row; then for each read and each write {address, bytes to the
    next row, to the next element}.
    """

    address = 0

    def __init__(self, name: str, loop: Loop, width: int) -> None:
        super().__init__(name, width=width)
        self.name = name
        self._loop(loop)
        self.table = np.array([address_of(*key, width) for key in self.functions] or [0], np.uintp)

    def _loop(self, loop: Loop) -> None:
        self.functions_at, rows, length = self.record("%0", 0, ("ptr", "i64", "i64"))
        views = loop.views
        table = self.at("%0", 24)
        entries = [self.record(table, k, ("ptr", "i64", "i64")) for k in range(len(views))]
        count = self.spread("i64", length)
        values = {i: self.spread("double", hexadecimal(value)) for i, value in loop.constants.items()}
        with self.loop(rows) as row:
            bases = [self.at(base, self(f"mul i64 {row.i}, {down}")) for base, down, _ in entries]
            places = list(zip(views, bases, [along for _, _, along in entries], strict=True))
            for i, (view, base, _) in zip(loop.reads, places, strict=False):
                if not view.steps[1]:
                    values[i] = self.spread("double", self.load("double", base))
            with self.loop(length, step=self.width) as element:
                numbers = ", ".join([f"i64 {k}" for k in range(self.width)])
                here = self(f"add $I {self.spread('i64', element.i)}, <{numbers}>")
                mask = self(f"icmp slt $I {here}, {count}")

                def each(base: str, along: str) -> str:
                    """The vector of the elements' addresses."""
                    offsets = self(f"mul $I {here}, {self.spread('i64', along)}")
                    return self(f"getelementptr i8, ptr {base}, $I {offsets}")

                def read(view: View, base: str, along: str) -> str:
                    if view.steps[1] == 1:
                        return self.masked_load(self.at(base, element.i, "double"), mask)
                    operands = f"$P {each(base, along)}", "i32 8", f"$B {mask}", "$V zeroinitializer"
                    return self.intrinsic("masked.gather.$S.$Q", "$V", *operands)

                def write(value: str, view: View, base: str, along: str) -> None:
                    if view.steps[1] == 1:
                        self.masked_store(value, self.at(base, element.i, "double"), mask)
                    else:
                        operands = f"$V {value}", f"$P {each(base, along)}", "i32 8", f"$B {mask}"
                        self.intrinsic("masked.scatter.$S.$Q", "void", *operands)

                for i, place in zip(loop.reads, places, strict=False):
                    if i not in values:
                        values[i] = read(*place)
                for i, op, args in loop.steps:
                    values[i] = self.computed(function_of(op), [values[a] for a in args])
                for (i, _), place in zip(loop.writes, places[len(loop.reads) :], strict=True):
                    write(values[i], *place)
