"""Cached properties without a lock, unlike `functools.cached_property` up to Python 3.11.

There all objects of a class share one lock, which a forked child may find held by a thread that it does not have. At
worst two threads compute the same."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property:  # noqa: N801  # as Python's own
        """A property that is computed on first use, and then an attribute."""

        def __init__(self, compute):
            self.compute = compute
            self.__doc__ = compute.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, found, owner=None):
            if found is None:
                return self
            value = found.__dict__[self.name] = self.compute(found)
            return value


__all__ = ["cached_property"]
