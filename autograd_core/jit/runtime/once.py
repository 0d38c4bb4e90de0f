"""What is made once for each arguments, whoever asks, and then stays."""

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
"""Whoever makes machine code holds it: what all programs share is made on the way, once, and no fork comes between."""


def once(make: Callable[..., T]) -> Callable[..., T]:
    """`make`, called once for each arguments, also by several threads at once; what it made is never dropped.

    Machine code is known by its address. `functools.cache` lets two threads make it twice and drops one of the two,
    with somebody holding its address.

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
                    made.setdefault(args, make(*args))  # whoever interrupts `make` may have asked for the same
                return made[args]

    return get
