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
    from collections.abc import Sequence
    from typing import Any, Protocol

    from ..ir.program import Program

    class Executable(Protocol):
        """A compiled program."""

        @property
        def source(self) -> str:
            """The text it was made from."""

        def explained(self) -> list[tuple[str, str]]:
            """What was made of the program on the way, the source last: names and texts. May be missing."""

        def run(
            self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
        ) -> bool:
            """Read `sources`, write `sinks`, all flat arrays of float64; whether the guards of single numbers hold.

            For guards along lanes ``holds[i]`` becomes 1 where all of them hold at point i, else 0.
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
