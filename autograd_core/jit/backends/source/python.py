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

from ....forward import OPERATORS as OPERATORS_OF_PYTHON
from ....op import quiet
from ....ops.arithmetic import add, mul, neg, sub
from .writer import SourceWriter, as_comment, as_identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ....op import Op
    from ...ir.program import Program, Step

__all__ = ["PythonExecutable", "compile"]

OPERATORS = {op: OPERATORS_OF_PYTHON[op] for op in (add, sub, mul, neg)}
"""Ops that are written as operators of Python, as they never raise on floats."""


def compile(program: Program) -> PythonExecutable:
    """The executable of `program`, in Python."""
    return PythonExecutable(program)


class PythonExecutable:
    """The generated ``source`` and the function that it defines."""

    backend = "python"

    def __init__(self, program: Program) -> None:
        writer = PythonWriter(program)
        writer.body()
        self.source = "\n".join(["def run(sources, lengths, sinks, holds):", *writer.lines, "    return True\n"])
        namespace: dict[str, Any] = {**writer.functions, "inf": math.inf, "nan": math.nan}
        exec(self.source, namespace)  # our own text: numbers, names of our making and the functions above
        self._function = namespace["run"]

    def explained(self) -> list[tuple[str, str]]:
        """The Python source."""
        return [("python", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int = 1
    ) -> bool:
        """Run the program in one thread; see `autograd_core.jit.backends.Executable`."""
        with quiet():
            result: bool = self._function([s.tolist() for s in sources], lengths, sinks, holds)
        return result


class PythonWriter(SourceWriter):
    """The writer of Python. ``functions`` are the functions of ops that the text calls, by name."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.functions: dict[str, Callable[..., float]] = {}
        self._names: dict[Op, str] = {}

    def special(self, value: float) -> str:
        return repr(value)

    def assign(self, name: str, expression: str) -> str:
        return f"{name} = {expression}"

    def element(self, array: str, number: int, index: str) -> str:
        return f"{array}[{number}][{index}]"

    def store(self, at: str, name: str) -> str:
        return f"{at} = {name}"

    def index(self) -> str:
        return "float(i)"

    def listed(self, name: str, numbers: list[str]) -> str:
        return f"{name} = ({', '.join(numbers)},)"

    def choose(self, condition: str, yes: str, no: str) -> str:
        return f"{yes} if {condition} else {no}"

    def open_loop(self, axis: int, kept: list[str], totals: list[str], has_guards: bool) -> None:
        for name in totals:
            self.write(f"{name} = 0.0")
        for name in kept:
            self.write(f"all_{name} = []")
        if has_guards:
            self.write(f"holds[: lengths[{axis}]] = 1.0")
        self.write(f"for i in range(lengths[{axis}]):")

    def add_to(self, total: str, name: str) -> str:
        return f"{total} += {name}"

    def keep(self, name: str) -> str:
        return f"all_{name}.append({name})"

    def fail(self, name: str, expected: bool, place: str) -> str:
        return f"if {name} {'==' if expected else '!='} 0.0: return False  # {as_comment(place)}"

    def miss(self, name: str, expected: bool, skips: bool) -> str:
        return f"if {name} {'==' if expected else '!='} 0.0: holds[i] = 0.0{'; continue' if skips else ''}"

    def call(self, node: Step, args: list[str]) -> str:
        operator = OPERATORS.get(node.op)
        if operator is not None:
            return operator.format(*args)
        return f"{self._name_of(node.op)}({', '.join(args)})"

    def _name_of(self, op: Op) -> str:
        """The name by which the text calls `op`, unique as two ops may be called alike."""
        if op not in self._names:
            name = f"op_{as_identifier(op.name)}"
            while name in self.functions:
                name += "_"
            self._names[op] = name
            self.functions[name] = lambda *data: op.evaluate(data, data)
        return self._names[op]
