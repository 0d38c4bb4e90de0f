"""Pauses of Python's cyclic garbage collector while a graph grows.

All of the graph is live, and searching it for garbage over and over would take a quarter of the time."""

from __future__ import annotations

import gc
import threading

from .forking import in_child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["without_collections"]

_paused_by: set[int] = set()
"""The threads that have paused the collector, and will enable it again."""


def without_collections(f: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """f(*args, **named) without collections; the collector's state is restored, also after a signal's exception."""
    was_enabled = gc.isenabled()
    try:
        if was_enabled:
            _paused_by.add(threading.get_ident())
            gc.disable()
        return f(*args, **named)
    finally:
        if was_enabled:
            gc.enable()
            _paused_by.discard(threading.get_ident())


def _end_pauses_of_others() -> None:
    if _paused_by - {threading.get_ident()}:
        gc.enable()


in_child(_end_pauses_of_others)
