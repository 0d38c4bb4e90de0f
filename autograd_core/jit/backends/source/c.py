"""The c backend: a program as C11, to embed a derivative elsewhere; it needs only <math.h> and <stdlib.h>.

    for (long i = 0; i < lengths[0]; ++i) {
        const double v0 = sources[2][0 + 1 * i];  // x[:]
        const double v1 = -v0;
        const double v2 = exp(v1);
        sinks[1][0 + 1 * i] = v2;
    }

`text` gives the source. To run it here too, `compile` calls the C compiler of the machine.
"""

from __future__ import annotations

import ctypes
import math
import os
import shutil
import subprocess
import tempfile

import numpy as np

from ....errors import MissingPackageError, ProgramError
from ...ir.primitives import PRIMITIVES
from ...passes.lower import lower
from .writer import SourceWriter, as_comment, as_identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...ir.program import Program, Step

__all__ = ["CExecutable", "compile", "text"]

COMPILES_AT_ONCE = True
"""Compile programs when they are traced, not when they are first run, as ops that C lacks are refused then."""

FLAGS = ("-std=c11", "-Wall", "-Werror", "-O2", "-fPIC", "-shared")


def text(program: Program, name: str = "run") -> str:
    """`program` as a C function called `name`; it compiles with ``-std=c11 -Wall -Werror``.

    The function reads ``sources[k][...]`` and writes ``sinks[k][...]``; ``lengths[k]`` are the numbers of points of
    lane axis k. It returns 0 where a guard on a single number does not hold (the sinks are then not to be used), 1
    otherwise, and for guards along lanes sets ``holds[i]`` to 1.0 or 0.0.

    Raises `ProgramError` naming an op for which C has no function, and for a name that a function cannot have.
    """
    if not name or name[0].isdecimal() or name != as_identifier(name):
        raise ProgramError(f"a C function cannot be called {name!r:.60}; take ASCII's letters, digits and underscores")
    writer = CWriter(lower(program))
    writer.body()
    return "\n".join([
        "#include <math.h>",
        "#include <stdlib.h>",
        "",
        f"int {name}(const double *const *sources, const long *lengths, double *const *sinks, double *holds) {{",
        "    (void)sources; (void)lengths; (void)sinks; (void)holds;",
        *writer.lines,
        f"    {writer.leave(1)}",
        "}",
        "",
    ])  # fmt: skip


class CWriter(SourceWriter):
    """The writer of C."""

    comment = "//"

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.kept: list[str] = []

    def special(self, value: float) -> str:
        return "(double)NAN" if math.isnan(value) else "HUGE_VAL" if value > 0.0 else "-HUGE_VAL"

    def assign(self, name: str, expression: str) -> str:
        return f"const double {name} = {expression};"

    def element(self, array: str, number: int, index: str) -> str:
        return f"{array}[{number}][{index}]"

    def store(self, at: str, name: str) -> str:
        return f"{at} = {name};"

    def index(self) -> str:
        return "(double)i"

    def listed(self, name: str, numbers: list[str]) -> str:
        return f"const double {name}[] = {{{', '.join(numbers)}}};"

    def choose(self, condition: str, yes: str, no: str) -> str:
        return f"{condition} ? {yes} : {no}"

    def open_loop(self, axis: int, kept: list[str], totals: list[str], has_guards: bool) -> None:
        for name in totals:
            self.write(f"double {name} = 0.0;")
        for name in kept:
            self.write(f"double *all_{name} = malloc(sizeof(double) * (size_t)(lengths[{axis}] + 1));")
            self.write(f"if (all_{name} == NULL) {{ {self.leave(0)} }}")
            self.kept.append(name)
        self.write(f"for (long i = 0; i < lengths[{axis}]; ++i) {{")
        if has_guards:
            self.write("    holds[i] = 1.0;")

    def close_loop(self) -> None:
        self.write("}")

    def add_to(self, total: str, name: str) -> str:
        return f"{total} += {name};"

    def keep(self, name: str) -> str:
        return f"all_{name}[i] = {name};"

    def fail(self, name: str, expected: bool, place: str) -> str:
        return f"if ({name} {'==' if expected else '!='} 0.0) {{ {self.leave(0)} }}  // {as_comment(place)}"

    def leave(self, result: int) -> str:
        """The statements that free all memory and return `result`."""
        return " ".join([*(f"free(all_{kept});" for kept in self.kept), f"return {result};"])

    def miss(self, name: str, expected: bool, skips: bool) -> str:
        return f"if ({name} {'==' if expected else '!='} 0.0) {{ holds[i] = 0.0;{' continue;' if skips else ''} }}"

    def call(self, node: Step, args: list[str]) -> str:
        primitive = PRIMITIVES.get(node.op)
        if primitive is not None and primitive.c:
            return primitive.c.format(*args)
        raise ProgramError(
            f"C has no function for the op '{node.op.name}'; use backend='llvm' or 'python', or write the op in terms "
            "of others"
        )


def compile(program: Program) -> CExecutable:
    """The executable of `program`, by the machine's C compiler."""
    return CExecutable(program)


class CExecutable:
    """The C ``source`` and the shared library that the compiler made of it."""

    backend = "c"

    def __init__(self, program: Program) -> None:
        self.source = text(program)
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise MissingPackageError("the c backend runs programs by a C compiler (cc), and there is none; use 'llvm'")
        with tempfile.TemporaryDirectory() as folder:
            source, library = os.path.join(folder, "program.c"), os.path.join(folder, "program.so")
            with open(source, "w", encoding="utf-8") as file:
                file.write(self.source)
            done = subprocess.run(
                [compiler, *FLAGS, "-o", library, source, "-lm"], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise ProgramError(f"{compiler} did not compile the program:\n{done.stderr[:2000]}")
            self._library = ctypes.CDLL(library)  # stays loaded after its file is deleted
        self._run = self._library.run
        self._run.restype = ctypes.c_int
        self.program = program

    def explained(self) -> list[tuple[str, str]]:
        """The lowered program and the C source."""
        return [("lower", str(lower(self.program))), ("c", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int = 1
    ) -> bool:
        """Run the program in one thread; see `autograd_core.jit.backends.Executable`."""
        result = self._run(
            _pointers(sources),
            (ctypes.c_long * max(len(lengths), 1))(*lengths),
            _pointers(sinks),
            ctypes.c_void_p(None if holds is None else holds.ctypes.data),
        )
        return bool(result)


def _pointers(arrays: Sequence[Any]) -> Any:
    return (ctypes.c_void_p * max(len(arrays), 1))(*[a.ctypes.data for a in arrays if isinstance(a, np.ndarray)])
