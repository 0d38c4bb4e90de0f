"""Backends: each turns a program into something that runs. A backend knows values, never derivatives.

Each module has ``compile(program) -> Executable``. Which one serves a name is decided in `get`.
"""

from __future__ import annotations

from ...errors import OpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    from ..program import Program

    class Executable(Protocol):
        """A compiled program."""

        source: str

        def run(
            self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
        ) -> bool:
            """Read `sources`, write `sinks`, all flat arrays of float64; whether the guards of single numbers hold.

            For guards along lanes ``holds[i]`` becomes 1 where all of them hold at point i, else 0.
            """

    class Backend(Protocol):
        """A module of this package."""

        def compile(self, program: Program) -> Executable:
            """`program`, ready to run."""


NAMES = ("llvm", "python", "c")


def require(name: object) -> None:
    """Raise `OpError` unless there is a backend of that name."""
    if name not in NAMES:
        raise OpError(f"there is no backend {name!r}; choose one of {', '.join(map(repr, NAMES))}")


def get(name: str) -> Backend:
    """The backend of that name, or `OpError`."""
    from importlib import import_module

    require(name)
    return import_module(f"{__name__}.{name}")
