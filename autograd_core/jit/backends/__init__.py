"""Backends: each turns a program into something that runs. A backend knows values, never derivatives.

Each has a module with ``compile(program) -> Executable``: see `MODULES`.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from ...errors import OpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from ..ir.program import Program

    class Executable(Protocol):
        """A compiled program. All but ``source`` and ``run`` are capabilities, of which any may be missing."""

        @property
        def source(self) -> str:
            """The text it was made from."""

        def explained(self) -> list[tuple[str, str]]:
            """What was made of the program on the way, the source last: names and texts."""

        def run(
            self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
        ) -> bool:
            """Read `sources`, write `sinks`, all flat arrays of float64; whether the guards of single numbers hold.

            For guards along lanes ``holds[i]`` becomes 1 where all of them hold at point i, else 0.
            """

        def one_point(self) -> OnePoint | None:
            """Calls without arrays; None if the program is not of that simple kind."""

        def repeated(self) -> Repeated | None:
            """Many calls in one, each on what the one before has left; None if they would be no quicker so."""

    class OnePoint(Protocol):
        """Calls of a program of single numbers through slots, which whoever calls fills and reads:

            slots, address, view = free.pop() if free else new()
            view[slot_of[source, offset]] = x            # every input
            run(address, functions)
            y = view[results + k]                        # all sinks, one behind the other
            free.append((slots, address, view))

        ``slots`` is the NumPy array of a ``view`` of float64. If there are guards they hold unless view[guard] is 0.
        """

        slot_of: Mapping[tuple[int, int], int]
        results: int
        guard: int | None
        free: list[tuple[Any, Any, Any]]
        functions: Any

        def new(self) -> tuple[Any, Any, Any]:
            """Slots that no other call is using."""

        def run(self, address: Any, functions: Any) -> object:
            """Compute the results in these slots."""

    class Repeated(Protocol):
        """Many runs of a program, which machine code starts."""

        def run(
            self,
            count: int,
            arrays: tuple[Sequence[Any], Sequence[Any]],
            lengths: Sequence[int],
            *,
            there: int,
            back: set[int],
        ) -> bool:
            """So many runs, each on the carry of the one before; False if one of them is not to be used.

            ``arrays`` are sources and sinks, with a row for every run, or `RowBatches`. The carry is in source `there`
            and in the sinks `back`, which are parts of it, in two rows: each run reads one and writes the other.
            """

    class Backend(Protocol):
        """A module of this package, or an object of yours: ``jit(f, backend=mine)``.

        One with ``COMPILES_AT_ONCE = True`` compiles a program when it is there, not when it is first run, and none
        that is run only once.
        """

        def compile(self, program: Program) -> Executable:
            """`program`, ready to run."""


MODULES = {"llvm": "llvm.executable", "python": "source.python", "c": "source.c"}


def usable(name: object) -> Any:
    """That name, or "python" in place of "llvm" where llvmlite is missing; or a backend of one's own. `OpError` if it
    is neither."""
    if callable(getattr(name, "compile", None)):
        return name
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
    """The backend of that name; one of one's own is itself."""
    found: Backend = import_module(f"{__name__}.{MODULES[backend]}") if isinstance(backend, str) else backend
    return found
