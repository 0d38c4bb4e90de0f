"""Ops that Python computes for machine code, and what is raised meanwhile: machine code cannot pass that on.

So it is kept until the machine code is over. An error of the op belongs to the call only if its guards hold; what a
signal handler raises (Ctrl-C, a time limit) belongs to it always.
"""

from __future__ import annotations

import ctypes
import math
import sys
import threading
import weakref

from ....op import Op, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Raised", "callback", "python_errors"]


class Raised:
    """An exception, and which op it came from at which numbers; no op if it came on the way there."""

    def __init__(self, error: BaseException, op: Op | None = None, data: tuple[float, ...] = ()) -> None:
        self.error, self.op, self.data = error, op, data

    def is_of_op(self) -> bool:
        """Whether the op raises an error at these numbers again; else somebody has interrupted it."""
        if self.op is None or not isinstance(self.error, Exception):
            return False
        try:
            with quiet():
                self.op.evaluate(self.data, self.data)
        except Exception:  # whatever a user's op raises
            return True
        return False


class PythonErrors(threading.local):
    """What has been raised in the calls of this thread: ``calls`` has a list for each, the innermost call's last.

    What one call has met must not become another's, which it interrupts or which is called by what it calls.
    """

    def __init__(self) -> None:
        self.calls: list[list[Raised]] = []

    def begin(self) -> list[Raised]:
        """The list of a new call."""
        _watch()
        met: list[Raised] = []
        self.calls.append(met)
        return met

    def end(self, met: list[Raised]) -> None:
        """Close a call; it takes over what calls inside it have not closed, if they were interrupted at the end."""
        while self.calls and (last := self.calls.pop()) is not met:
            met += last
        if not self.calls:
            _unwatch()


python_errors = PythonErrors()


def callback(op: Op, arity: int) -> Any:
    """A C function that has Python compute `op`, as long as somebody holds it; nan once something was raised."""

    def call(*data: float) -> float:
        try:
            if not python_errors.calls[-1]:
                with quiet():
                    return op.evaluate(data, data)
        except BaseException as error:
            python_errors.calls[-1].append(Raised(error, op, data))
        return math.nan

    _callbacks.add(call)
    return ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * arity)(call)


# Signal handlers run where a Python function begins, so also before the `try` above. What they raise there comes to the
# hook for exceptions that nobody can catch. Signals come to the main thread only.

_callbacks: weakref.WeakSet[Callable[..., float]] = weakref.WeakSet()
_hook_before: list[Any] = []


def _watch() -> None:
    if sys.unraisablehook is not _catch and threading.current_thread() is threading.main_thread():
        _hook_before[:] = [sys.unraisablehook]
        sys.unraisablehook = _catch


def _unwatch() -> None:
    if sys.unraisablehook is _catch and threading.current_thread() is threading.main_thread():
        sys.unraisablehook = _hook_before[0]


def _catch(unraisable: Any) -> None:
    if unraisable.object in _callbacks and python_errors.calls:
        python_errors.calls[-1].append(Raised(unraisable.exc_value))
    else:
        _hook_before[0](unraisable)
