"""Transformed functions, which transformations return: they say what they were made from.

They are called, bound as methods, inspected and copied as functions are. A pickle holds their name where a module has
one for them, as it does for functions, and else the recipe: the transformation and what it was given.
"""

from __future__ import annotations

import copy
import sys
from types import MethodType

from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Transformed", "pickles_functions_by_value"]


class Transformed:
    """The function ``make(f, *options)``, which does what `call` does and takes the arguments of `f`.

    >>> from autograd_core import grad
    >>> slope = grad(lambda x, y=2.0: x * x * y)
    >>> import inspect
    >>> slope(3.0), str(inspect.signature(slope))
    (12.0, '(x, y=2.0)')
    """

    in_axes: Any = None
    """The axes of a `vmap`, which `jit` asks for."""

    def __init__(self, call: Callable[..., Any] | None, make: Callable[..., Any], f: Any, *options: Any) -> None:
        self._call_it = call
        self.recipe = make, f, *options
        kind = getattr(make, "__name__", "")
        self.__name__: str = getattr(f, "__name__", kind)
        self.__qualname__: str = getattr(f, "__qualname__", kind)
        self.__module__ = getattr(f, "__module__", None) or __name__
        self.__doc__ = getattr(f, "__doc__", None)
        if f is not None:
            self.__wrapped__ = f  # what `inspect` reads the signature from

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        """The function at these arguments."""
        assert self._call_it is not None
        return self._call_it(*args, **named)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        make, f, *_ = self.recipe
        return f"<{make.__name__} of {visible(getattr(f, '__name__', f)):.60}>"

    def __copy__(self) -> Transformed:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        make, *given = self.recipe
        copied = [copy.deepcopy(x, memo) for x in given]
        return self if all([a is b for a, b in zip(given, copied, strict=True)]) else make(*copied)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__qualname__ if self._is_global() else self._reduced(protocol)

    def _reduced(self, protocol: Any) -> Any:
        make, *given = self.recipe
        return make, tuple(given)

    def _is_global(self) -> bool:
        """Whether the function's module has it under its name, which is then all that a pickle holds.

        The main module of another process is another one; so picklers that take functions along take this one too.
        """
        if self.__module__ == "__main__" and pickles_functions_by_value():
            return False
        found: Any = sys.modules.get(self.__module__)
        for name in self.__qualname__.split("."):
            found = getattr(found, name, None)
        return found is self


def pickles_functions_by_value() -> bool:
    """Whether the pickler that is at work, the innermost one on the stack, is one like that of ``cloudpickle``."""
    import pickle

    frame: Any = sys._getframe(1)
    while frame is not None:
        pickler = frame.f_locals.get("self")
        if isinstance(pickler, pickle.Pickler):
            return hasattr(pickler, "reducer_override")
        frame = frame.f_back
    return False
