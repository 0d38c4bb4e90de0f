"""Nested arguments: lists, tuples, dicts, records and NumPy arrays whose elements are numbers or Values.

A container serves as its own template: `flatten` reads its elements in order, `rebuild` makes one of the same shape
from other elements. Tuples, dicts and records (see `autograd_core.records`) are structure; lists and arrays are
sequences, which `vmap` maps over. What a record holds besides numbers stays as it is.
NumPy is only touched when an array is met. The walks recurse: a container that contains itself is refused where
Python's recursion limit ends the walk, at no cost for all others.
"""

from __future__ import annotations

import copy
import sys
from numbers import Integral, Real

from .errors import NumberError, StructureError
from .records import attributes, is_record, map_attributes
from .value import Value, as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

__all__ = [
    "are_alike",
    "flatten",
    "flatten_like",
    "holds_numbers",
    "is_array",
    "is_container",
    "is_enum",
    "is_structure",
    "is_whole",
    "map_elements",
    "members",
    "rebuild",
    "require_same_structure",
    "shape_of",
    "stack",
    "stays_apart",
    "too_deep",
    "with_children",
]


def is_array(x: object) -> bool:
    """Whether `x` is a NumPy array (NumPy's scalars are numbers)."""
    # The class is asked first: an object of users may have a property of that name that raises, or any attribute.
    return hasattr(type(x), "flat") and hasattr(x, "shape") and not isinstance(x, Real)


def is_structure(x: object) -> bool:
    """Whether `x` is a dict, tuple or record: its members stay apart where points become a batch."""
    return isinstance(x, (dict, tuple)) or is_record(x)


def stays_apart(x: object) -> bool:
    """Whether `x` is structure, or a list that holds structure at any depth: no array has room for that."""
    return is_structure(x) or (isinstance(x, list) and any(map(stays_apart, x)))


def is_container(x: object) -> bool:
    """Whether `x` is structure or a list: `with_children` changes what is in it."""
    return isinstance(x, (dict, list, tuple)) or is_record(x)


def members(structure: Any) -> dict[Any, Any]:
    """The members of a dict, tuple, list or record, by key, position or name; of a record those that hold numbers."""
    children = _children(structure)
    return {} if children is None else dict(children)


def flatten(container: Any, where: str = "the argument") -> list[float | Value]:
    """The elements of `container` in order, as floats and Values.

    >>> flatten({"w": [1, 2.5], "b": (3,)})
    [1.0, 2.5, 3.0]

    Raises `NumberError`, naming the place below `where`, for an element that is no number; `StructureError` for a
    container that contains itself.
    """
    try:
        return _elements(container, where)
    except RecursionError:
        raise too_deep(where) from None


def _elements(container: Any, where: str) -> list[float | Value]:
    if type(container) is float or isinstance(container, Value):
        return [container]
    children = _children(container)
    if children is not None:
        dot = is_record(container)
        return [x for k, child in children for x in _elements(child, f"{where}.{k}" if dot else f"{where}[{k!r}]")]
    try:
        return [as_number(container)]
    except NumberError as error:
        raise NumberError(f"{where}: {error}") from None


def flatten_like(template: Any, container: Any, what: str) -> list[float | Value]:
    """The elements of `container` in the order that `template` has: dicts are paired by key.

    >>> flatten_like({"w": 1, "b": 2}, {"b": 20, "w": 10}, "tangents")
    [10.0, 20.0]

    Raises `StructureError` unless both nest in the same way.
    """
    require_same_structure(template, container, what)
    return flatten(_in_key_order(template, container), what)


def _in_key_order(template: Any, container: Any) -> Any:
    """`container`, which is nested like `template`, with the keys of its dicts in the same order."""
    if is_structure(template):
        given = members(container)
        return {key: _in_key_order(child, given[key]) for key, child in members(template).items()}
    if isinstance(template, list):
        return [_in_key_order(child, given) for child, given in zip(template, container, strict=True)]
    return container


def rebuild(template: Any, elements: Iterator[Any]) -> Any:
    """A container shaped like `template`, its elements taken from `elements` in the order of `flatten`.

    >>> rebuild({"w": [1, 2.5], "b": (3,)}, iter("xyz"))
    {'w': ['x', 'y'], 'b': ('z',)}

    Raises `StructureError` for a template that contains itself.
    """
    try:
        return _rebuilt(template, elements)
    except RecursionError:
        raise too_deep("the container") from None


def _rebuilt(template: Any, elements: Iterator[Any]) -> Any:
    if is_array(template):
        return as_array([next(elements) for _ in range(template.size)], template.shape)
    if is_container(template):
        return with_children(template, lambda _, child: _rebuilt(child, elements))
    return next(elements)


def with_children(container: Any, change: Callable[[str, Any], Any]) -> Any:
    """A container of the same kind, its children changed; an array, or anything that is no container, as it is.

    ``change(where, child)`` is told where the child stands, as it is written behind the container's name. Nobody's
    ``__init__`` runs. Children of a record are the attributes that hold numbers.

    >>> with_children({"w": 1, "b": 2}, lambda where, child: f"p{where}")
    {'w': "p['w']", 'b': "p['b']"}
    """
    if isinstance(container, dict):
        changed = copy.copy(container)  # a defaultdict keeps its default
        for key, child in container.items():
            changed[key] = change(f"[{key!r}]", child)
        return changed
    if isinstance(container, tuple):
        fields = getattr(container, "_fields", None)
        places = [f"[{i}]" for i in range(len(container))] if fields is None else [f".{field}" for field in fields]
        items = [change(where, child) for where, child in zip(places, container, strict=True)]
        return tuple(items) if type(container) is tuple else _tuple_like(container, items)
    if isinstance(container, list):
        items = [change(f"[{i}]", child) for i, child in enumerate(container)]
        if type(container) is list:
            return items
        like: Any = copy.copy(container)
        like[:] = items
        return like
    if is_record(container):
        return map_attributes(container, lambda name, x: change(f".{name}", x) if holds_numbers(x) else x)
    return container


def _tuple_like(template: Any, items: list[Any]) -> Any:
    made = tuple.__new__(type(template), items)
    if hasattr(template, "__dict__"):
        made.__dict__.update(template.__dict__)
    return made


def holds_numbers(x: Any) -> bool:
    """Whether the attribute `x` of a record is a number or a container with one in it, and no text, bool, enum, ..."""
    if is_array(x):
        return x.dtype.kind in "fiuO"
    if is_container(x):
        return any(map(holds_numbers, (attributes(x) if is_record(x) else members(x)).values()))
    return isinstance(x, Value) or (isinstance(x, Real) and not isinstance(x, bool) and not is_enum(x))


def is_whole(x: object) -> bool:
    """Whether `x` is a whole number, which stays what it is in a result: an int, one of NumPy's, or of an IntEnum."""
    return isinstance(x, Integral) and not isinstance(x, bool)


def is_enum(x: object) -> bool:
    """Whether `x` is a member of an enum; if nobody has loaded `enum` yet, it is not."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(x, enum.Enum)


def map_elements(function: Callable[[Any], Any], container: Any) -> Any:
    """`container` with `function` applied to every element."""
    return rebuild(container, map(function, flatten(container)))


def require_same_structure(expected: Any, given: Any, what: str) -> None:
    """Raise `StructureError` unless both nest in the same way; the order of a dict's keys says nothing."""
    try:
        wanted, found = _outline(expected), _outline(given)
    except RecursionError:
        raise too_deep(what) from None
    if wanted != found:
        raise StructureError(f"{what} must be nested like {wanted}, got {found}")


def are_alike(points: Sequence[Any]) -> bool:
    """Whether points, nested in the same way, differ in their numbers only: the records among them hold equal texts,
    bools, functions and whatever else is no number."""
    first = list(_no_numbers(points[0]))
    if not first:
        return True
    others = [list(_no_numbers(point)) for point in points[1:]]
    return all([len(other) == len(first) and all(map(_is_equal, first, other)) for other in others])


def _no_numbers(x: Any) -> Iterator[Any]:
    """The members of the records in `x` that hold no numbers."""
    if is_record(x):
        for child in attributes(x).values():
            if holds_numbers(child):
                yield from _no_numbers(child)
            else:
                yield child
    elif is_container(x):
        for child in members(x).values():
            yield from _no_numbers(child)


def _is_equal(x: Any, y: Any) -> bool:
    try:
        return x is y or (type(x) is type(y) and bool(x == y))
    except Exception:  # whatever a user's comparison raises
        return False


def as_array(elements: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """A NumPy array of that shape: of floats, or of objects as soon as one element is no float."""
    import numpy as np

    if all([type(x) is float for x in elements]):
        return np.array(elements, dtype=float).reshape(shape)
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)


def stack(containers: Sequence[Any], shape: tuple[int, ...], like: Any = None) -> Any:
    """Equally nested containers as one whose elements are arrays: `shape`, then the shape of the element.

    Tuples and dicts stay structure; lists count as arrays, but for those that hold tuples or dicts. `like` shows the
    nesting where there is no container.

    >>> stack([(1.0, [2.0, 3.0]), (4.0, [5.0, 6.0])], (2,))
    (array([1., 4.]), array([[2., 3.],
           [5., 6.]]))
    """
    first = containers[0] if containers else like
    for other in containers[1:]:
        require_same_structure(first, other, "every result")
    if stays_apart(first):
        rows = [members(c) for c in containers]
        columns = iter([stack([row[key] for row in rows], shape, child) for key, child in members(first).items()])
        return with_children(first, lambda *_: next(columns))
    return as_array([x for c in containers for x in flatten(c)], shape + shape_of(first))


def too_deep(what: str) -> StructureError:
    """The error of a walk through `what` that ended in Python's `RecursionError`."""
    return StructureError(
        f"{what} nests too deeply, or contains itself: reading it went beyond Python's recursion limit "
        f"({sys.getrecursionlimit()}, the program's own calls included). Keep the numbers in one flat list or array"
    )


def _children(container: Any) -> Iterable[tuple[Any, Any]] | None:
    """(key, child) pairs, or None for what is no container."""
    if isinstance(container, dict):
        return container.items()
    if isinstance(container, (list, tuple)):
        return enumerate(container)
    if isinstance(container, (float, int)):
        return None
    if is_array(container):
        return enumerate(container.ravel().tolist())
    if is_record(container):
        return [(name, child) for name, child in attributes(container).items() if holds_numbers(child)]
    return None


def _outline(container: Any) -> str:
    """The nesting as text, elements as ``·``: what two containers have in common when they fit each other."""
    if is_array(container) and container.shape:  # without axes it is one number
        return f"array{tuple(container.shape)}"
    if isinstance(container, dict):
        return "{" + ", ".join(sorted(f"{key!r}: {_outline(child)}" for key, child in container.items())) + "}"
    if is_record(container):
        inner = [f"{name}={_outline(child)}" for name, child in members(container).items()]
        return f"{type(container).__name__}({', '.join(inner)})"
    if isinstance(container, (list, tuple)):
        inner = [_outline(child) for child in container]
        repeated = f"{inner[0]} × {len(inner)}" if len(inner) > 3 and len(set(inner)) == 1 else ", ".join(inner)
        return f"[{repeated}]" if isinstance(container, list) else f"({repeated})"
    return "·"


def shape_of(container: Any) -> tuple[int, ...]:
    """The shape of an array, or of a list as an array: of as many elements as `flatten` finds.

    Raises `StructureError` for a list that has no shape: a ragged one, or one of tuples or dicts that hold several
    numbers.
    """
    if is_array(container):
        return tuple(container.shape)
    if not isinstance(container, list):
        return ()
    for child in container:
        if is_structure(child) and len(flatten(child)) != 1:
            raise StructureError(
                f"a list of tuples or dicts, {_outline(container):.500}, does not fit into an array. Return a tuple or "
                "a dict of lists, whose members become arrays, or map over lists, which gives a list of all results"
            )
    inner = {shape_of(child) for child in container}
    if len(inner) > 1:
        raise StructureError(f"a ragged list, {_outline(container):.500}, does not fit into an array")
    return (len(container), *(inner.pop() if inner else ()))
