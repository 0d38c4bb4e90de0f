"""Digests of functions, by which a resumed training sees whether they are those of the process before.

A function is known by its code, its constants, its defaults and the values that it finds outside. Of these, what
cannot change is compared strictly; what a training may have changed meanwhile (lists, attributes, the data of Values)
has a digest of its own, and what nobody can compare is listed.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable
from random import Random
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from autograd_core import Op, Value

__all__ = ["PYTHON", "Sameness"]

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
"""Code is compared within one version: the next one compiles the same text to something else."""


class Sameness:
    """Digests of an object's ``code`` and of its ``state``, and the kinds of its ``unknown`` parts.

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

    def _add_all(self, parts: Iterable[Any], where: Any) -> None:
        for part in parts:
            self._add(part, where)

    def _add_parts(self, x: Any, where: Any) -> None:
        if isinstance(x, (type, ModuleType, Op)) or (isinstance(x, FunctionType) and _is_ours(x)):
            self._add(_full_name(x), where)
        elif isinstance(x, FunctionType):
            self._add_all(_parts_of(x), self._code)  # code always counts as code, in whatever it was found
        elif isinstance(x, CodeType):
            self._add_all((x.co_code, *x.co_consts, *x.co_names, x.co_argcount, x.co_flags), where)
        elif isinstance(x, (tuple, frozenset)):
            self._add_all(x if isinstance(x, tuple) else sorted(x, key=repr), where)
        elif isinstance(x, MethodType):
            self._add((x.__func__, x.__self__), where)
        elif isinstance(x, functools.partial):
            self._add((x.func, x.args, tuple(x.keywords.items())), where)
        elif isinstance(x, Value):
            self._add(x.data, self._state)
        elif isinstance(x, (list, set)):
            self._add_all(x if isinstance(x, list) else sorted(x, key=repr), self._state)
        elif isinstance(x, dict):
            self._add_all([part for pair in x.items() for part in pair], self._state)
        elif hasattr(x, "tobytes"):
            self._add(x.tobytes(), self._state)
        elif hasattr(x, "__dict__") and not isinstance(x, Random):
            kinds = [kind for kind in type(x).__mro__ if not _is_ours(kind)]
            self._add_all([f for kind in kinds for f in vars(kind).values() if isinstance(f, FunctionType)], where)
            kept = [pair for pair in sorted(vars(x).items()) if pair[0] != "_state"]  # an optimizer's, of `step`
            self._add_all([part for pair in kept for part in pair], self._state)
        elif hasattr(x, "__qualname__"):
            self._add(x.__qualname__, where)
        else:
            self.unknown.append(type(x).__name__)


def _parts_of(f: FunctionType) -> Iterable[Any]:
    """The code of a function, its defaults, and the values that it finds outside."""
    yield from (f.__code__, f.__defaults__, tuple((f.__kwdefaults__ or {}).items()))
    for cell in f.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not assigned yet
            yield "empty"
    yield from (f.__globals__[name] for name in _names(f.__code__) if name in f.__globals__)


def _is_ours(x: Any) -> bool:
    """Whether a function or class is of this package, so that its name says all."""
    return (x.__module__ or "").partition(".")[0] in ("nn", "autograd_core") and "<" not in x.__qualname__


def _full_name(x: Any) -> str:
    """The module and the name of `x`; a module of ours as it was called before there were folders, so that what was
    written then goes on."""
    package, _, inside = (getattr(x, "__module__", None) or "").partition(".")
    if inside:
        package += f".{inside.rpartition('.')[2] if package == 'nn' else inside}"
    return f"{package}.{getattr(x, '__qualname__', getattr(x, 'name', str(type(x))))}"


def _names(code: CodeType) -> list[str]:
    """The global names that a function and those inside it may use."""
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part)]
    return sorted({*code.co_names, *inner})
