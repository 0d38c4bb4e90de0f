"""Cache keys of static objects by their contents, which tell an object from others and from itself at another time.

Equality is coarser than what a function can see: 1, 1.0 and True are equal, and so are two Decimals that print
differently. Hence a key has types, numbers to the last bit, the order of a dict, and the attributes of an object and of
its class. Values, functions, classes and modules are known by identity.
"""

from __future__ import annotations

import functools
import hashlib
import weakref
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType, ModuleType

import numpy as np

from ...containers import is_enum
from ...errors import NumberError
from ...op import Op
from ...records import attributes
from ...transformed import Transformed
from ...value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Contents", "incomparable", "is_constant"]

PLAIN = frozenset({int, bool, str, bytes, type(None), type(Ellipsis)})
"""Types whose equal instances cannot be told apart."""

DATA = PLAIN | {float, complex, list, tuple, dict, np.ndarray}
"""Types of class attributes that are compared by contents; all others are compared by identity."""

COMPOUND = frozenset({list, dict, set, frozenset, np.ndarray})

LARGE = 4096  # bytes; the key of a larger array holds a digest, as all keys are kept

FUNCTIONS = FunctionType, BuiltinFunctionType, Op, np.ufunc
HEAP_TYPE = 1 << 9  # the flag of CPython for classes that were made at run time
WORD = tuple.__itemsize__  # bytes of a pointer, which is what a slot takes


class Contents:
    """The walk over static objects that gives their keys, by `of`. ``kept`` are the objects that keys know by identity.

    They must live as long as the key: else another object may get the same identity.
    """

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self._seen: dict[int, int] = {}  # objects may be met twice, or contain themselves
        self._classes: dict[type, Any] = {}
        self._alive: list[Any] = []  # temporaries of the walk, whose identity no other object may get meanwhile

    def of(self, x: Any, where: str) -> Any:
        """The key of `x`. Raises `NumberError`, naming the place, for what cannot be compared."""
        kind = type(x)
        if kind in PLAIN:
            return kind, x
        if kind is float:
            return float, x.hex()
        if kind is tuple:
            return tuple, self._sequence(x, where)
        if isinstance(x, Value):
            return self.identity(x)
        if kind in COMPOUND:
            if id(x) in self._seen:
                return "again", self._seen[id(x)]
            self._seen[id(x)] = len(self._seen)
            return kind, self._compound(x, where)
        if kind is complex:
            return complex, repr(x)
        if isinstance(x, ModuleType):
            return self.identity(x)
        if isinstance(x, (*FUNCTIONS, type)) or is_enum(x):
            wrapped = getattr(x, "__wrapped__", None)
            return (kind, x) if wrapped is None else (kind, x, self.of(wrapped, where))
        if isinstance(x, np.generic):
            return kind, x.dtype.str, x.tobytes()
        if id(x) in self._seen:
            return "again", self._seen[id(x)]
        self._seen[id(x)] = len(self._seen)
        if kind is weakref.ref:
            return kind, self.of(x(), where)
        if isinstance(x, Transformed):
            return kind, self.of(x.recipe, where)
        return self._object(x, where)

    def identity(self, x: Any) -> Any:
        """The key of `x` by identity, whatever its contents."""
        self.kept.append(x)
        return type(x), id(x)

    def of_class(self, kind: type) -> Any:
        """The key of a class: its attributes and those of its bases, methods included."""
        if kind in self._classes:
            return self._classes[kind]
        self._classes[kind] = kind  # ends the recursion where an attribute refers to the class
        key: list[Any] = [kind]
        for base in kind.__mro__:
            if base.__flags__ & HEAP_TYPE:
                for name, x in vars(base).items():
                    if not name.startswith("__"):
                        key.append(self._class_attribute(x))
        self._classes[kind] = tuple(key)
        return self._classes[kind]

    def _class_attribute(self, x: Any) -> Any:
        if type(x) not in DATA:
            return self.identity(x)
        try:
            return self.of(x, "")
        except NumberError:  # a register of locks, say, that no method needs
            return self.identity(x)

    def _compound(self, x: Any, where: str) -> Any:
        if isinstance(x, dict):
            return tuple([(self.of(k, where), self.of(child, f"{where}[{k!r:.60}]")) for k, child in x.items()])
        if isinstance(x, np.ndarray):
            return self._array(x, where)
        return self._sequence(x if isinstance(x, list) else tuple(x), where)

    def _sequence(self, items: Sequence[Any], where: str) -> Any:
        kinds = set(map(type, items))
        kind = kinds.pop() if len(kinds) == 1 else object
        if kind in PLAIN:
            return kind, *items
        if kind is float:
            return float, np.array(items).tobytes()
        if issubclass(kind, Value):
            self.kept.extend(items)
            return kind, *map(id, items)
        return tuple([self.of(child, f"{where}[{i}]") for i, child in enumerate(items)])

    def _array(self, x: Any, where: str) -> Any:
        if x.dtype.hasobject:
            self._alive.append(elements := x.tolist())
            return x.shape, self.of(elements, where)
        content = x.tobytes()
        return x.dtype.str, x.shape, _digest(content) if len(content) > LARGE else content

    def _object(self, x: Any, where: str) -> Any:
        kind: Any = type(x)
        if kind is object:  # a token has no contents
            return self.identity(x)
        hides = _hides_state(kind)
        more = self._hidden(x, where) if hides else None
        found = getattr(x, "__dict__", {}) if hides else attributes(x, cached=True)
        held = tuple([(name, self.of(child, f"{where}.{name}")) for name, child in found.items()])
        return self.of_class(kind), more, held

    def _hidden(self, x: Any, where: str) -> Any:
        """The key of an object's state outside of attributes, as the object would put it into a pickle."""
        try:
            reduced: Any = object.__reduce_ex__(x, 2)
        except Exception:  # an object that is not made for pickles may raise anything
            kind: Any = type(x)
            if kind.__eq__ is object.__eq__ or kind.__hash__ is None:
                raise incomparable(x, where) from None
            return x, repr(x)
        if isinstance(reduced, str):  # the name of a global
            return self.identity(x)
        make, args, *rest = reduced
        parts = [make, args, *rest[:1], *[None if part is None else list(part) for part in rest[1:3]]]
        self._alive.append(parts)
        return tuple([self.of(part, where) for part in parts])


@functools.lru_cache(maxsize=256)
def _hides_state(kind: Any) -> bool:
    """Whether instances have state in C: a base has its own ``__new__`` in C, or they are larger than their slots."""
    for base in kind.__mro__:
        new = base.__new__
        if not base.__flags__ & HEAP_TYPE or (isinstance(new, BuiltinFunctionType) and new.__self__ is base):
            break
    slots = sum([isinstance(x, MemberDescriptorType) for base in kind.__mro__ for x in vars(base).values()])
    words = slots + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    return base is not object or kind.__basicsize__ > object.__basicsize__ + words * WORD


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=32).digest()


def incomparable(x: Any, where: str) -> NumberError:
    """The `NumberError` for an object that has no key, with what to do."""
    name = where.partition(".")[0].partition("[")[0]
    if where.startswith(f"{name}._mgr"):  # pandas
        return NumberError(f"{name} is a table of pandas; give its numbers, {name}.to_numpy()")
    return NumberError(
        f"{where or 'an argument'} is {x!r:.60} of type {type(x).__name__}: what it holds cannot be compared from one "
        "call of a compiled function to the next. Leave it out, or say that only its identity counts: "
        f"jit(f, static=({name!r},))"
    )


def is_constant(x: Any) -> bool:
    """Whether nothing about `x` can change from call to call: a number, a text, a function, a Value, ..."""
    if isinstance(x, (tuple, frozenset)):
        return all(map(is_constant, x))
    if isinstance(x, MethodType) or hasattr(x, "__wrapped__"):
        return False
    return type(x) in PLAIN or isinstance(x, (float, complex, Value, np.generic, *FUNCTIONS)) or is_enum(x)
