"""The selection of instructions: from a step to lines of LLVM's IR."""

from __future__ import annotations

import re

from ....op import Op
from ...ir.primitives import PRIMITIVES, Instruction, Intrinsic, Snippet
from .ir_text import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...ir.primitives import Primitive

__all__ = ["Instructions", "function_of"]


def function_of(op: Op) -> Primitive | Op:
    """The primitive that computes `op` in machine code, or the op itself, which is called back in Python."""
    return PRIMITIVES.get(op, op)


class Instructions(Function):
    """A function of LLVM's IR that computes steps on vectors.

    An op that is no instruction is called: ``functions`` has the position of its address in the table at
    ``functions_at``, by (primitive or op, arity). Snippets are inlined, or called if it `calls_snippets`.
    """

    functions_at = "%1"
    calls_snippets = False

    def __init__(self, name: str, kinds: Sequence[str] = ("ptr",), width: int = 1) -> None:
        super().__init__(name, kinds, width)
        self.functions: dict[tuple[Primitive | Op, int], int] = {}

    def computed(self, function: Primitive | Op, operands: Sequence[str]) -> str:
        """The result of a primitive or op on operands, by an instruction or by a call:

        %7 = fmul $V %5, %6

        %8 = getelementptr ptr, ptr %1, i64 0
        %9 = load ptr, ptr %8, align 8
        %10 = call $V %9($V %7)
        """
        code = None if isinstance(function, Op) else function.code
        if isinstance(code, Instruction):
            return self(f"{code.name} {self.vector} {', '.join(operands)}")
        typed = [f"{self.vector} {operand}" for operand in operands]
        if isinstance(code, Intrinsic):
            return self.intrinsic(f"{code.name}.{self.suffix}", self.vector, *typed)
        if isinstance(code, Snippet) and not self.calls_snippets:
            return self._snippet(code.text, operands)
        position = self.functions.setdefault((function, len(operands)), len(self.functions))
        return self(f"call {self.vector} {self.function(position)}({', '.join(typed)})")

    def function(self, position: int) -> str:
        """The address of a function, loaded from the table."""
        return self.load("ptr", self.at(self.functions_at, position, "ptr"))

    def _snippet(self, text: str, operands: Sequence[str]) -> str:
        names = dict(zip("abc", operands, strict=False))
        for line in text.splitlines():
            name, value = line.strip().split(" = ")
            for called in re.findall(r"@(llvm\.[\w.$]+)", value):
                self.declarations.add(f"declare $V @{called}({', '.join(['$V'] * len(operands))})")
            names[name[1:]] = self(re.sub(r"%([abct])\b", lambda found: names[found[1]], value))
        return names["y"]
