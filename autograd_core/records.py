"""Records: instances of dataclasses and attrs classes, and what hangs on an object in general.

A record is a container of the numbers among its attributes. One like it, with other numbers, is made without
``__init__`` and ``__post_init__``, which may refuse Values or count their calls; so a frozen record and one with slots
can be made again too, and each attribute that is no field comes along.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from types import MemberDescriptorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["attributes", "is_record", "map_attributes"]


def is_record(x: object) -> bool:
    """Whether `x` is an instance of a dataclass or of an attrs class."""
    kind: Any = type(x)
    return _is_record_class(kind)


@lru_cache(maxsize=256)
def _is_record_class(kind: type) -> bool:
    return hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__attrs_attrs__")


def attributes(x: Any, cached: bool = False) -> dict[str, Any]:
    """The attributes that `x` itself holds, in its slots and in its ``__dict__``, by name.

    Without those of cached properties, if not asked for: one that is made again computes them from its own numbers.
    """
    kind: Any = type(x)
    slots, properties = _layout(kind)
    found = {}
    for name, slot in slots.items():
        try:
            found[name] = slot.__get__(x)
        except AttributeError:  # not assigned yet
            continue
    found.update(getattr(x, "__dict__", ()))
    for name in () if cached else properties:
        found.pop(name, None)
    return found


def map_attributes(record: Any, change: Callable[[str, Any], Any]) -> Any:
    """An object of the same class whose attributes are ``change(name, attribute)``; its ``__init__`` does not run."""
    kind: Any = type(record)
    slots, _ = _layout(kind)
    made = object.__new__(kind)
    for name, x in attributes(record).items():
        value = change(name, x)
        if name in slots:
            slots[name].__set__(made, value)
        else:
            made.__dict__[name] = value
    return made


@lru_cache(maxsize=256)
def _layout(kind: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The slots of a class by name, and the names of its cached properties."""
    slots: dict[str, Any] = {}
    cached = set()
    for base in reversed(kind.__mro__):
        for name, x in vars(base).items():
            if isinstance(x, MemberDescriptorType):
                slots[name] = x
            elif isinstance(x, cached_property):
                cached.add(name)
    return slots, frozenset(cached)
