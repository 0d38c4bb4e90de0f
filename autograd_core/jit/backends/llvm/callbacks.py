"""Callbacks: ops that Python computes for machine code, and the exceptions raised in them.

Machine code cannot propagate an exception, so it is kept until the call returns. An error of the op counts only if the
call's guards hold; an exception of a signal handler (Ctrl-C, a time limit) counts always.
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
    """An exception with the op and the numbers that raised it; no op if it was raised before the op was called."""

    def __init__(self, error: BaseException, op: Op | None = None, data: tuple[float, ...] = ()) -> None:
        self.error, self.op, self.data = error, op, data

    def is_of_op(self) -> bool:
        """Whether the op raises an error at these numbers again; else a signal handler has interrupted it."""
        if self.op is None or not isinstance(self.error, Exception):
            return False
        try:
            with quiet():
                self.op.evaluate(self.data, self.data)
        except Exception:  # whatever a user's op raises
            return True
        return False


class PythonErrors(threading.local):
    """The stack of this thread's calls: ``calls`` has a list of exceptions for each, the innermost call's last.

    Calls nest, by signal handlers or by ops that call compiled functions, and must not get each other's exceptions.
    """

    def __init__(self) -> None:
        self.calls: list[list[Raised]] = []

    def begin(self) -> list[Raised]:
        """Open a call: its list of exceptions."""
        _watch()
        met: list[Raised] = []
        self.calls.append(met)
        return met

    def end(self, met: list[Raised]) -> None:
        """Close a call; it takes over the lists of inner calls that were interrupted before they closed."""
        while self.calls and (last := self.calls.pop()) is not met:
            met += last
        if not self.calls:
            _unwatch()


python_errors = PythonErrors()


def callback(op: Op, arity: int) -> Any:
    """A C function that has Python compute `op`, valid while it is referenced; nan once an exception was raised."""

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


# Signal handlers run where a Python function begins, so also before the `try` above. An exception raised there goes to
# `sys.unraisablehook`. Signals come to the main thread only.

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
