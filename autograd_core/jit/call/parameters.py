"""The parameters of a compiled function: the names of its arguments, and the objects that are bound to it."""

from __future__ import annotations

import copy
import functools
from types import MethodType

from ...errors import OpError
from ...op import Op
from .contents import FUNCTIONS, is_constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

__all__ = ["Parameters"]

CALL = "__call__"


class Parameters:
    """The parameters of `f`: the ``names`` of the positional ones, and ``bound`` objects, which no caller passes.

    Bound are the object of a method, the arguments in a `functools.partial`, and an object that is called, also below
    transformations: they may change between calls. ``static`` parameters are compared by identity alone: names,
    positions, and "self" for bound objects.

    >>> class Spring:
    ...     def force(self, x, damping=0.0): ...
    >>> spring = Spring()
    >>> Parameters(spring.force, ()).names, Parameters(spring.force, ()).bound == [spring]
    (['x', 'damping'], True)

    Raises `OpError` for a static parameter that `f` does not have.
    """

    def __init__(self, f: Callable[..., Any], static: str | int | Iterable[str | int]) -> None:
        bound, self.names, takes_more = _taken_apart(f)
        given = [static] if isinstance(static, (str, int)) else list(static)
        self.static: frozenset[str | int] = frozenset(given)
        for x in given:
            is_position = type(x) is int and (takes_more or 0 <= x < len(self.names))
            if not is_position and not (isinstance(x, str) and (takes_more or x in (*self.names, "self"))):
                raise OpError(
                    f"static={x!r:.60} is no parameter of {getattr(f, '__name__', 'the function')!s:.60}, which has "
                    f"{', '.join(self.names) or 'none'}; give names, positions, or 'self' (what a method is bound to)"
                )
        self.bound = [] if "self" in self.static else [x for x in bound if not is_constant(x)]

    def named(self, count: int) -> list[str]:
        """The names of `count` positional arguments, x3, x4, ... for those of ``*args``."""
        return [*self.names, *(f"x{i}" for i in range(len(self.names), count))][:count]

    def name(self, at: Any) -> str:
        """The name of the argument at a position, or of that name."""
        return at if isinstance(at, str) else self.names[at] if at < len(self.names) else f"x{at}"

    def is_static(self, at: Any) -> bool:
        """Whether the argument at a position, or of that name, is static."""
        name = self.name(at)
        position = self.names.index(name) if name in self.names else at
        return name in self.static or position in self.static

    def without_objects(self) -> Parameters:
        """A copy with the names alone, for a pickle that leaves the function behind."""
        other = copy.copy(self)
        other.bound = []
        return other


def _taken_apart(f: Any) -> tuple[list[Any], Sequence[str], bool]:
    """The objects bound to `f`, the names of its free parameters, and whether it takes more by ``*args`` or by name.

    Methods, partials, wrappers and callable objects are unwrapped down to the code.
    """
    bound: list[Any] = []
    named: set[str] = set()
    skipped = 0
    while True:
        if isinstance(f, Op):
            return bound, [] if f.is_nary else f.input_names, f.is_nary
        if isinstance(f, MethodType):
            bound.append(f.__self__)
            skipped += 1
            f = f.__func__
        elif isinstance(f, functools.partial):
            bound += [*f.args, *f.keywords.values()]
            named |= set(f.keywords)
            skipped += len(f.args)
            f = f.func
        elif getattr(f, "__wrapped__", None) not in (None, f):
            f = f.__wrapped__
        elif isinstance(f, (*FUNCTIONS, type)) or not hasattr(getattr(type(f), CALL, None), "__code__"):
            break
        else:
            bound.append(f)
            skipped += 1
            f = getattr(type(f), CALL)
    code = getattr(f, "__code__", None)
    if code is None:
        return bound, [], True
    names = [name for name in code.co_varnames[: code.co_argcount][skipped:] if name not in named]
    only_by_name = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return bound, names, bool(code.co_flags & 0x0C or only_by_name)  # *args or **named
