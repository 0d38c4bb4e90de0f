"""Backends: each compiles a program to an executable, by ``compile(program)`` of its module; see `MODULES`.

A backend computes values and knows no derivatives: gradients are steps of the program like any other.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ...errors import OpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from ..ir.program import Program

    class Executable(Protocol):
        """A compiled program. All but ``source`` and ``run`` are optional capabilities."""

        @property
        def source(self) -> str:
            """The generated text."""

        def explained(self) -> list[tuple[str, str]]:
            """The backend's own stages, as names and texts, the source last."""

        def run(
            self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
        ) -> bool:
            """Read `sources` and write `sinks`, flat arrays of float64; return whether guards on single numbers hold.

            Single numbers are read from ``sources[0]``, captured Values from ``sources[1]``, arrays from ``sources[2]``
            on; single numbers are written to ``sinks[0]``, arrays from ``sinks[1]`` on. ``lengths[k]`` is the number of
            points of lane axis k, which `threads` may share. For guards along lanes ``holds[i]`` becomes 1 where all of
            them hold at point i, else 0; `holds` is None where there are none.

            An exception is an error of the backend and reaches the caller, unless the program has an op of the user's
            own: then it is taken for that op's, and the function itself answers, eagerly.
            """

        def one_point(self) -> OnePoint | None:
            """The program for calls without arrays; None if it has more than single numbers."""

        def repeated(self) -> Repeated | None:
            """The program for many calls in one, each on the carry of the one before; None if that gains nothing."""

    class OnePoint(Protocol):
        """A program of single numbers, called through slots that the caller fills and reads:

            slots, address, view = free.pop() if free else new()
            view[slot_of[source, offset]] = x            # every input
            run(address, functions)
            y = view[results + k]                        # all sinks, one after the other
            free.append((slots, address, view))

        ``view`` is a memory view of the NumPy array ``slots`` of float64. Guards, if there are any, hold unless
        view[guard] is 0.
        """

        slot_of: Mapping[tuple[int, int], int]
        results: int
        guard: int | None
        free: list[tuple[Any, Any, Any]]
        functions: Any

        def new(self) -> tuple[Any, Any, Any]:
            """Fresh slots, which no other call is using."""

        def run(self, address: Any, functions: Any) -> object:
            """Compute the results in these slots."""

    class Repeated(Protocol):
        """A program that machine code runs many times in one call."""

        def run(
            self,
            count: int,
            arrays: tuple[Sequence[Any], Sequence[Any]],
            lengths: Sequence[int],
            *,
            there: int,
            back: set[int],
        ) -> bool:
            """Run the program `count` times, each on the carry of the run before; False if one of them is invalid.

            ``arrays`` are sources and sinks, with a row for every run, or `RowBatches`. The carry is double buffered:
            its two rows are source `there` and the sinks `back`, which are its parts; each run reads one and writes the
            other.
            """

    class Backend(Protocol):
        """A module of this package, or an object of yours: ``jit(f, backend=mine)``.

        The first call of a way through the function is answered by its trace, the next ones by `Executable.run`. With
        ``COMPILES_AT_ONCE = True`` programs are compiled as soon as they are traced, not when they are first run,
        and a program that is run only once is left to the python backend.
        """

        def compile(self, program: Program) -> Executable:
            """The executable of `program`."""


MODULES = {"llvm": "llvm.executable", "python": "source.python", "c": "source.c", "javascript": "source.javascript"}


class _Module:
    """A module that is a backend, which pickles hold by its name."""

    def __init__(self, name: str) -> None:
        self.module = import_module(name)
        self.compile = self.module.compile
        self.COMPILES_AT_ONCE = getattr(self.module, "COMPILES_AT_ONCE", False)

    def __reduce__(self) -> Any:
        return _by_name, (self.module.__name__,)

    def __repr__(self) -> str:
        return repr(self.module)


@cache
def _by_name(name: str) -> _Module:
    return _Module(name)


def usable(name: object) -> Any:
    """The name of a backend, "python" in place of "llvm" where llvmlite is missing; or a user's own backend.

    Raises `OpError` for anything else."""
    if callable(getattr(name, "compile", None)):
        return _by_name(name.__name__) if isinstance(name, ModuleType) else name
    if not isinstance(name, str) or name not in MODULES:
        raise OpError(
            f"there is no backend {name!r:.60}; choose one of {', '.join(map(repr, MODULES))}, or give an object with "
            "compile(program)"
        )
    if name == "llvm" and find_spec("llvmlite") is None:
        _say_once_that_llvmlite_is_missing()
        return "python"
    return name


@cache
def _say_once_that_llvmlite_is_missing() -> None:
    warnings.warn(
        "llvmlite is not installed, so functions are compiled to Python: slower, but with the same results. "
        "pip install 'autograd-core[jit]'",
        stacklevel=4,
    )


def get(backend: Any) -> Backend:
    """The module of a backend by its name; a user's own backend is returned as it is."""
    found: Backend = import_module(f"{__name__}.{MODULES[backend]}") if isinstance(backend, str) else backend
    return found
