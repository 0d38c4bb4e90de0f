"""The python backend: a program as readable Python source, always there and the reference for the other backends.

    for i in range(lengths[0]):
        v0 = sources[2][0 + 1 * i]  # x[:]
        v1 = -v0
        v2 = op_exp(v1)
        sinks[1][0 + 1 * i] = v2

Every op is computed by its own ``forward``, as in the eager engine: each step is the same to the last bit. A gradient
may differ from the eager one in the last place, because its terms may come in another order: see
docs/explain/semantics.md.
"""

from __future__ import annotations

import math

from ....op import quiet
from ....ops.arithmetic import add, mul, neg, sub
from ...ir.primitives import PRIMITIVES
from .writer import SourceWriter, as_identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ....op import Op
    from ...ir.program import Program

__all__ = ["PythonExecutable", "compile"]

NEVER_RAISING = frozenset({add, sub, mul, neg})
"""Ops that are written as operators of Python, which raise nothing on floats."""


def compile(program: Program) -> PythonExecutable:
    """The executable of `program`, in Python."""
    return PythonExecutable(program)


class PythonExecutable:
    """The generated ``source`` and the function that it defines."""

    def __init__(self, program: Program) -> None:
        writer = PythonWriter(program)
        writer.body()
        self.source = "\n".join(["def run(sources, lengths, sinks, holds):", *writer.lines, ""])
        namespace: dict[str, Any] = {**writer.functions, "inf": math.inf, "nan": math.nan}
        exec(self.source, namespace)  # our own text: numbers, names of our making and the functions above
        self._function = namespace["run"]

    def explained(self) -> list[tuple[str, str]]:
        """The Python source."""
        return [("python", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
    ) -> bool:
        """Run the program in one thread; see `autograd_core.jit.backends.Executable`."""
        with quiet():
            result: bool = self._function([s.tolist() for s in sources], lengths, sinks, holds)
        return result


class PythonWriter(SourceWriter):
    """The writer of Python. ``functions`` are the functions of ops that the text calls, by name."""

    language = "Python"
    lowers = False

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.functions: dict[str, Callable[..., float]] = {}
        self._names: dict[Op, str] = {}

    def special(self, value: float) -> str:
        return repr(value)

    def choose(self, condition: str, yes: str, no: str) -> str:
        return f"{yes} if {condition} else {no}"

    def index(self) -> str:
        return "float(i)"

    def call(self, op: Op, args: list[str]) -> str:
        if op in NEVER_RAISING:
            return PRIMITIVES[op].operator.format(*args)
        return f"{self._name_of(op)}({', '.join(args)})"

    def together(self, statements: Sequence[str]) -> str:
        return "; ".join(statements)

    def when(self, condition: str, statements: Sequence[str]) -> str:
        return f"if {condition}: {self.together(statements)}"

    def leave(self, holds: bool) -> list[str]:
        return [f"return {holds}"]

    def head(self, axis: int) -> str:
        return f"for i in range(lengths[{axis}]):"

    def listed(self, name: str, numbers: list[str]) -> str:
        return f"{name} = ({', '.join(numbers)},)"

    def open_list(self, name: str, axis: int) -> None:
        self.do(f"all_{name} = []")

    def keep(self, name: str) -> str:
        return f"all_{name}.append({name})"

    def open_loop(self, axis: int, kept: list[str], totals: list[str], has_guards: bool) -> None:
        if has_guards:
            self.do(f"holds[: lengths[{axis}]] = 1.0")  # at once, as it is NumPy's
        super().open_loop(axis, kept, totals, False)

    def _name_of(self, op: Op) -> str:
        """The name by which the text calls `op`, unique as two ops may be called alike."""
        if op not in self._names:
            name = f"op_{as_identifier(op.name)}"
            while name in self.functions:
                name += "_"
            self._names[op] = name
            self.functions[name] = lambda *data: op.evaluate(data, data)
        return self._names[op]
