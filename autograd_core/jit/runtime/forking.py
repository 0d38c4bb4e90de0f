"""Fork safety: a forked child has the memory of all threads, but of the threads only the one that forked.

So a fork waits until no other thread holds one of the locks of `held`; locks of class `Lock` are made anew in the
child, where no other thread exists; and pools of threads are dropped there, by functions given to `in_child`.
"""

from __future__ import annotations

import os
import threading
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

__all__ = ["Lock", "Work", "held", "in_child"]

_held: list[AbstractContextManager[Any]] = []
_taken: list[AbstractContextManager[Any]] = []  # acquired by a fork under way
_in_child: list[Callable[[], object]] = []
_locks: weakref.WeakSet[Lock] = weakref.WeakSet()


def held(lock: Any) -> Any:
    """`lock`, a re-entrant one, registered so that forks wait for it, in the order of these calls.

    It is for locks that are held briefly, over work that a child must not find half done."""
    _held.append(lock)
    return lock


def in_child(act: Callable[[], object]) -> None:
    """Register a function to call in every forked child."""
    _in_child.append(act)


class Lock:
    """A re-entrant lock that a forked child finds free, unless the forking thread holds it.

    It is for long work of other threads, as forks do not wait for it.
    """

    def __init__(self) -> None:
        self._lock: Any = threading.RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def forget_others(self) -> None:
        """Make the lock anew if a thread holds it that is gone."""
        if not self._lock._is_owned():
            self._lock = threading.RLock()


class Work:
    """Work that several threads may do at once, but none during a fork, if it is `held`: a shared lock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._workers: list[int] = []
        self._forks = False

    def run(self, act: Callable[[], object]) -> None:
        """Call `act`, after any fork under way."""
        this = threading.get_ident()
        try:
            with self._changed:
                while self._forks and this not in self._workers:
                    self._changed.wait()
                self._workers.append(this)
            act()
        finally:
            with self._changed:
                self._workers = [worker for worker in self._workers if worker != this]
                self._changed.notify_all()

    def __enter__(self) -> None:
        self._changed.acquire()
        self._forks = True
        while set(self._workers) - {threading.get_ident()}:
            self._changed.wait()

    def __exit__(self, *_: object) -> None:
        self._forks = False
        self._changed.notify_all()
        self._changed.release()


def _before() -> None:
    for lock in _held:
        lock.__enter__()
        _taken.append(lock)


def _release() -> None:
    while _taken:
        _taken.pop().__exit__(None, None, None)


def _after_in_child() -> None:
    _release()
    for lock in list(_locks):
        lock.forget_others()
    for act in _in_child:
        act()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_release, after_in_child=_after_in_child)
