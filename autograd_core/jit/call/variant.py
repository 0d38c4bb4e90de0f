"""Variant: a program specialised to one way through a function, which answers the calls that pass its guards."""

from __future__ import annotations

from functools import partial

from ..compiler import compiled
from ..runtime import memory
from ..runtime.collector import without_collections
from .check_finite import require_finite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...value import Value
    from ..ir.program import Program
    from .recording import Call, Recording
    from .settings import Settings

__all__ = ["Variant"]


class Variant:
    """One way through a function: its program, the captured Values and arrays it reads, and the layout of its result.

    The program is built from the recording on first use; a way that never recurs needs none.
    """

    def __init__(self, recording: Recording, captured: list[Value]) -> None:
        self.result = recording.result
        self.arrays, self.lengths = recording.arrays, recording.lengths
        self.captured = captured
        self.runs = 0
        self.executable: Any = None
        self.quick: Any = None  # see autograd_core.jit.call.fast_call; False if there is none
        self._recording: Recording | None = recording
        self._program: Program | None = None
        self.is_ready = False  # whether `Variants` sends calls here

    @property
    def program(self) -> Program:
        """The way's program, after all passes."""
        if self._program is None:
            assert self._recording is not None
            self._program = program = without_collections(self._recording.program)
            self.result.require_room(program.outputs)
            self.guards_lanes = any(program.axis_of[guard.node] is not None for guard in program.guards)
            self.result.outputs, self._recording = [], None
        return self._program

    def fits(self, call: Call) -> bool:
        """Whether a call may pass the guards, as far as the recording can tell; True once there is a program."""
        return self._recording is None or self._recording.fits(call)

    def run(
        self,
        settings: Settings,
        numbers: Sequence[Any],
        arrays: Sequence[Any],
        lengths: Sequence[int],
        by_trace: bool = False,
    ) -> Any:
        """The filled sinks and, for guards along lanes, a mask of the points where they hold; None if a guard fails.

        The answer is None too if a user's op raises: only the eager function tells whether this call reaches it. What
        else is raised is the backend's own error, and stays one. `numbers` are those of the arguments and of captured
        Values. With ``by_trace`` the python backend computes, equal to the trace to the last bit, and nothing else is
        compiled.
        """
        program = self.program
        if not by_trace and self.executable is None:
            self.executable = compiled(program, settings.backend)
        executable = compiled(program, "python") if by_trace else self.executable
        sources = [*numbers, *arrays, *self.arrays]
        sinks = self.result.sinks(lengths)
        holds = memory.empty(lengths[0]) if self.guards_lanes else None
        self.runs += 1
        run = partial(executable.run, sources, lengths, sinks, holds, settings.threads)
        try:
            if not run():
                return None
        except Exception:  # whatever a user's op may raise
            is_of_op = any([step.op.runs_code_of_users for step in program.steps]) and _raises_again(run)
            if not is_of_op:  # the backend raised it, or a signal handler
                raise
            return None
        if settings.check_finite:
            require_finite(program, sources, lengths, sinks, holds)
        return sinks, holds

    def __getstate__(self) -> dict[str, Any]:
        _ = self.program
        return {**self.__dict__, "executable": None, "quick": None}


def _raises_again(run: Callable[[], object]) -> bool:
    try:
        run()
    except Exception:  # as above
        return True
    return False
