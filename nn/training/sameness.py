"""Whether a function, or an object that can be called, is the one of another process: what a resumed training asks.

What a function computes is told by its code, its constants, its defaults and the values that it finds outside. Of
these, what cannot change is compared strictly; what a training may have changed meanwhile (lists, attributes, the
data of Values) is told apart, and so is what nobody can compare.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from random import Random
from types import CodeType, FunctionType, MethodType, ModuleType

from autograd_core import Op, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["PYTHON", "Sameness"]

OURS = ("nn", "autograd_core")


class Sameness:
    """What is known about an object: digests of its ``code`` and of its ``state``, and the kinds of ``unknown`` parts.

    >>> Sameness(lambda a, y: 2.0 * (a - y)).code == Sameness(lambda a, y: 2.0 * (a - y)).code
    True
    >>> Sameness(lambda a, y: 3.0 * (a - y)).code == Sameness(lambda a, y: 2.0 * (a - y)).code
    False
    """

    def __init__(self, x: Any) -> None:
        self._code, self._state = hashlib.sha256(), hashlib.sha256()
        self._seen: dict[int, Any] = {}  # keeps what was seen alive, so that no number is given twice
        self.unknown: list[str] = []
        self._add(x, self._code)
        self.code, self.state = self._code.hexdigest()[:16], self._state.hexdigest()[:16]

    def _add(self, x: Any, where: Any) -> None:
        if x is None or isinstance(x, (bool, int, float, complex, str, bytes, type(...))):
            where.update(f"{x!r};".encode(errors="backslashreplace"))
        elif id(x) in self._seen:
            where.update(b"again;")
        else:
            self._seen[id(x)] = x
            where.update(f"{type(x).__qualname__}(".encode())
            self._add_parts(x, where)
            where.update(b")")

    def _add_parts(self, x: Any, where: Any) -> None:
        module = getattr(x, "__module__", None) or ""
        name = getattr(x, "__qualname__", getattr(x, "name", str(type(x))))
        if isinstance(x, (type, ModuleType, Op)) or (isinstance(x, FunctionType) and _is_ours(x)):
            self._add(f"{_without_folder(module)}.{name}", where)
        elif isinstance(x, FunctionType):
            self._add_function(x)
        elif isinstance(x, CodeType):
            for part in (x.co_code, *x.co_consts, *x.co_names, x.co_argcount, x.co_flags):
                self._add(part, where)
        elif isinstance(x, (tuple, frozenset)):
            for part in x if isinstance(x, tuple) else sorted(x, key=repr):
                self._add(part, where)
        elif isinstance(x, MethodType):
            self._add((x.__func__, x.__self__), where)
        elif isinstance(x, functools.partial):
            self._add((x.func, x.args, tuple(x.keywords.items())), where)
        elif isinstance(x, Value):
            self._add(x.data, self._state)
        elif isinstance(x, (list, set)):
            for part in x if isinstance(x, list) else sorted(x, key=repr):
                self._add(part, self._state)
        elif isinstance(x, dict):
            for part in x.items():
                self._add(part[0], self._state)
                self._add(part[1], self._state)
        elif hasattr(x, "tobytes"):
            self._add(x.tobytes(), self._state)
        elif hasattr(x, "__dict__") and not isinstance(x, Random):
            for kind in type(x).__mro__:
                for part in () if _is_ours(kind) else vars(kind).values():
                    if isinstance(part, FunctionType):
                        self._add(part, where)
            for name, part in sorted(vars(x).items()):
                if name != "_state":  # an optimizer's, of its `step`, which `fit` starts afresh
                    self._add(name, self._state)
                    self._add(part, self._state)
        elif not hasattr(x, "__qualname__"):
            self.unknown.append(type(x).__name__)
        else:
            self._add(x.__qualname__, where)

    def _add_function(self, f: FunctionType) -> None:
        """Code always counts as code, in whatever it was found."""
        found: list[Any] = [f.__code__, f.__defaults__, tuple((f.__kwdefaults__ or {}).items())]
        for cell in f.__closure__ or ():
            try:
                found.append(cell.cell_contents)
            except ValueError:  # not assigned yet
                found.append("empty")
        found += [f.__globals__[name] for name in _names(f.__code__) if name in f.__globals__]
        for part in found:
            self._add(part, self._code)


def _is_ours(x: Any) -> bool:
    """Whether a function or class is of this package, so that its name says all."""
    return (x.__module__ or "").partition(".")[0] in OURS and "<" not in x.__qualname__


def _without_folder(module: str) -> str:
    """A module of ours as it was called before there were folders: what was written then goes on."""
    package, _, inside = module.partition(".")
    return f"{package}.{inside.rpartition('.')[2]}" if package == "nn" and inside else module


def _names(code: CodeType) -> list[str]:
    """The global names that a function and those inside it may use."""
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part)]
    return sorted({*code.co_names, *inner})


PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
"""Code is compared within one version: the next one compiles the same text to something else."""
