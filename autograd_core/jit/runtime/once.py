"""Functions memoised for good: each result is made once, by one thread, and never dropped."""

from __future__ import annotations

import functools
import threading

from .forking import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["making", "once"]

making = held(threading.RLock())
"""The lock of all that makes machine code, for which forks wait; code that programs share is made once under it."""


def once(make: Callable[..., T]) -> Callable[..., T]:
    """`make`, called once for each tuple of arguments, also by several threads at once; no result is ever dropped.

    Machine code is used by its address. `functools.cache` would let two threads make it twice, and drop one of the two
    while its address is in use.

    >>> once(lambda n: [n])(3)
    [3]
    """
    made: dict[tuple[Hashable, ...], T] = {}

    @functools.wraps(make)
    def get(*args: Hashable) -> T:
        try:
            return made[args]
        except KeyError:
            with making:
                if args not in made:
                    made.setdefault(args, make(*args))  # a signal handler during `make` may have made it
                return made[args]

    return get
