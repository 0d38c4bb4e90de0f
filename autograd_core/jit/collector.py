"""Python's cyclic garbage collector, paused while a graph grows: all of it is needed, and searching it for garbage over
and over would take a quarter of the time."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager

from .forking import in_child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collector_paused"]

_paused_by: set[int] = set()
"""The threads that have paused it and will end that."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collections inside; behind it all is as before."""
    was_enabled = gc.isenabled()
    if was_enabled:
        _paused_by.add(threading.get_ident())
        gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
            _paused_by.discard(threading.get_ident())


def _end_pauses_of_others() -> None:
    if _paused_by - {threading.get_ident()}:
        gc.enable()


in_child(_end_pauses_of_others)
