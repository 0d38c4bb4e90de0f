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
from ...passes.lower import lower
from .c_names import RESERVED
from .writer import BraceWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...ir.program import Program

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
    writer = CWriter(program)
    writer.require_name(name)
    writer.body()
    return "\n".join([
        "#include <math.h>",
        "#include <stdlib.h>",
        "",
        f"int {name}(const double *const *sources, const long *lengths, double *const *sinks, double *holds) {{",
        "    (void)sources; (void)lengths; (void)sinks; (void)holds;",
        *writer.lines,
        "}",
        "",
    ])  # fmt: skip


class CWriter(BraceWriter):
    """The writer of C."""

    language = "C"
    constant, variable, integer = "const double ", "double ", "long "

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.allocated: list[str] = []

    def is_taken(self, name: str) -> bool:
        return name in RESERVED or name.startswith("_")

    def special(self, value: float) -> str:
        return "(double)NAN" if math.isnan(value) else "HUGE_VAL" if value > 0.0 else "-HUGE_VAL"

    def as_number(self, condition: str) -> str:
        return f"(double)({condition})"

    def index(self) -> str:
        return "(double)i"

    def function(self, name: str) -> str:
        return name

    def listed(self, name: str, numbers: list[str]) -> str:
        return f"{self.constant}{name}[] = {{{', '.join(numbers)}}}"

    def open_list(self, name: str, axis: int) -> None:
        self.do(f"double *all_{name} = calloc((size_t)lengths[{axis}] + 1, sizeof(double))")
        self.write(self.when(f"all_{name} == NULL", self.leave(False)))
        self.allocated.append(name)

    def keep(self, name: str) -> str:
        return f"all_{name}[i] = {name}"

    def leave(self, holds: bool) -> list[str]:
        return [*(f"free(all_{name})" for name in self.allocated), f"return {int(holds)}"]


def compile(program: Program) -> CExecutable:
    """The executable of `program`, by the machine's C compiler."""
    return CExecutable(program)


class CExecutable:
    """The C ``source`` and the shared library that the compiler made of it."""

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
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
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
