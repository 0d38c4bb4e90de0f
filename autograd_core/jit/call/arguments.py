"""From arguments to flat sources and a cache key: calls with equal keys run the same programs.

The key of a call has the nesting of its arguments, the shapes of its arrays, and everything that is static. Floats and
arrays are traced; whole numbers, bools, enums, texts, None, functions and objects are static: the function gets the
very object, and the key has its contents. Floats and small arrays are copied one after the other into source 0; each
large array, and each one that is mapped over, is a source of its own.
"""

from __future__ import annotations

from collections import defaultdict
from numbers import Integral, Rational, Real

import numpy as np

from ...containers import (
    are_alike,
    as_array,
    flatten,
    is_array,
    is_enum,
    is_structure,
    members,
    require_same_structure,
    shape_of,
    with_children,
)
from ...errors import NumberError, StructureError
from ...records import attributes, is_record, map_attributes
from ...value import Value, as_number, tick
from ..ir.program import Input
from ..runtime.cached import cached_property
from ..trace.bool_arrays import Mask
from ..trace.lazy_arrays import ArgumentArray, as_objects
from ..trace.tracer import FIRST_ARRAY, NUMBERS
from .contents import Contents, incomparable, is_constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Arguments", "as_batches", "is_of_one_kind", "leaves_for", "whole_numbers"]

SMALL = 256  # elements; a larger array is a source of its own, and read where it lies instead of copied
MATERIALISED = 4096  # elements; a larger array makes Values on demand, as a function may use few of many
EXACT = 1 << 53  # beyond it not every whole number is a float


class Arguments:
    """The arguments of one call, ``args`` and ``named``: their ``key``, and where their numbers are.

    ``numbers`` are the plain numbers and small arrays in order, ``arrays`` the large ones and those that are mapped
    over, ``mapped`` the latter: their first axis is not in the key. ``holds_values`` tells that there is a Value among
    the arguments. ``fixed`` are the positions and names of those that are static as a whole; ``contents`` keeps the
    objects that must live as long as the key.
    """

    def __init__(self, args: Sequence[Any], named: dict[str, Any]) -> None:
        self.args, self.named = args, named
        self.numbers: list[Any] = []
        self.arrays: list[Any] = []
        self.are_sources: list[bool] = []  # of every array in the order of reading: whether it is among ``arrays``
        self.mapped: list[Any] = []
        self.are_mapped: list[bool] = []  # of ``arrays``
        self.holds_values = False
        self.gives_lists = False  # mapped over lists: batches of results are lists too
        self.fixed: list[Any] = []
        self.has_whole_numbers = False
        self.key: Any = None

    @cached_property
    def contents(self) -> Contents:
        """The walk that makes keys of static objects."""
        return Contents()

    def read(self, x: Any, name: str, is_mapped: bool) -> Any:
        """The key of one argument; its numbers are appended to ``numbers`` and ``arrays``."""
        kind = type(x)
        if kind is float:
            self.numbers.append(x)
            return float
        if kind is np.ndarray:
            return self._read_array(x, is_mapped)
        if kind is tuple:
            return (tuple, *[self.read(child, name, is_mapped) for child in x])
        if kind is list:
            return (list, *[self.read(child, name, False) for child in x])
        if kind is int:
            self.has_whole_numbers = True
            return int, x
        if isinstance(x, Value):
            self.holds_values = True
            return Value
        if isinstance(x, dict):
            if all([type(k) is str for k in x]):
                items = [(k, self.read(child, name, is_mapped)) for k, child in x.items()]
            else:
                items = [(self.static(k, name), self.read(child, name, is_mapped)) for k, child in x.items()]
            return (kind, *items) if kind is dict else (kind, *items, *self._more(x, name))
        if isinstance(x, (list, tuple)):
            return (kind, *[self.read(child, name, is_mapped) for child in x], *self._more(x, name))
        if is_record(x):
            held = [(key, self.read(child, f"{name}.{key}", is_mapped)) for key, child in attributes(x).items()]
            return (self.contents.of_class(kind), *held)
        if is_number(x):
            self.numbers.append(as_number(x))
            return float
        if is_array(x) and not isinstance(x, np.generic):
            return self._read_array(x, is_mapped)
        self.has_whole_numbers |= isinstance(x, Rational) and not is_enum(x) and kind is not bool
        return self.static(x, name)

    def _more(self, x: Any, name: str) -> tuple[Any, ...]:
        """The keys of an instance of a subclass of list, tuple or dict besides its items: attributes, and a factory."""
        default = x.default_factory if isinstance(x, defaultdict) else None
        return self.static(attributes(x), name), self.static(default, name)

    def static(self, x: Any, name: str) -> Any:
        """The key of a static object. Raises `NumberError` if its contents cannot be compared."""
        if isinstance(x, (set, bytearray)):
            raise NumberError(
                "an argument of a compiled function is a number, a container of numbers, an object with attributes or "
                f"something hashable, got {x!r:.60} of type {type(x).__name__}"
            )
        if type(x) is object:
            raise incomparable(x, name)
        return self.contents.of_class(x) if isinstance(x, type) else self.contents.of(x, name)

    def fix(self, position: Any, x: Any, name: str, by_identity: bool) -> Any:
        """The key of an argument that is static as a whole: by its contents, or `by_identity`."""
        self.fixed.append(position)
        return self.contents.identity(x) if by_identity and not is_constant(x) else self.contents.of(x, name)

    def _read_array(self, given: Any, is_mapped: bool) -> Any:
        if type(given) is not np.ndarray and (isinstance(given, np.matrix) or np.ma.is_masked(given)):
            raise NumberError(
                f"a compiled function takes plain arrays, got a {type(given).__name__}, which computes in its own way; "
                "give np.asarray(a) of a matrix, and a.compressed() or a.filled(0.0) of what is masked"
            )
        x = np.asarray(given)
        if x.dtype == object:
            if any(isinstance(element, Value) for element in x.flat):
                self.holds_values = True
                return Value
            x = np.array([as_number(element) for element in x.flat], dtype=float).reshape(x.shape)
        elif x.dtype.kind == "b":
            return bool, self._place(x, given, is_mapped)
        elif x.dtype.kind not in "fiu":
            raise NumberError(
                f"expected an array of real numbers, got one of dtype {x.dtype}; convert it: a.astype(float)"
            )
        elif x.dtype.itemsize == 8 and x.dtype.kind != "f" and x.size and not -EXACT <= x.min() <= x.max() <= EXACT:
            raise _inexact("an array")
        return self._place(x, given, is_mapped)

    def _place(self, x: Any, given: Any, is_mapped: bool) -> Any:
        """The key of an array of numbers, which is added to the sources: copied to source 0, or as one of its own."""
        if is_mapped and x.ndim:
            self._add_source(x, is_mapped=True)
            self.mapped.append(x)
            return (np.ndarray, None, *x.shape[1:], *[list] * getattr(given, "depth", 0))
        if x.size <= SMALL:
            self.numbers.append(x)
            self.are_sources.append(False)
        else:
            self._add_source(x)
        return (np.ndarray, *x.shape)

    def _add_source(self, x: Any, is_mapped: bool = False) -> None:
        self.arrays.append(x)
        self.are_sources.append(True)
        self.are_mapped.append(is_mapped)

    def read_apart(self, x: Any) -> Any:
        """The key of an array that is a source of its own, however small."""
        self._add_source(x)
        return (np.ndarray, *x.shape)

    def common_length(self) -> int:
        """The length of the mapped axis; raises `StructureError` if the mapped arrays differ in it."""
        lengths = {len(x) for x in self.mapped}
        if len(lengths) > 1:
            given = ", ".join(str(x.shape) for x in self.mapped)
            raise StructureError(f"vmap: batches need one common length, got arrays of shape {given}")
        return lengths.pop() if lengths else 0

    @cached_property
    def buffer(self) -> Any:
        """Source 0: the plain numbers and the elements of the small arrays, one after the other."""
        buffer = np.empty(sum([1 if type(x) is float else x.size for x in self.numbers]))
        at = 0
        for x in self.numbers:
            end = at + (1 if type(x) is float else x.size)
            buffer[at:end] = x if type(x) is float else x.reshape(-1)
            at = end
        return buffer

    @cached_property
    def flat_arrays(self) -> list[Any]:
        """The other sources: the arrays as flat float64."""
        return [np.ascontiguousarray(x, dtype=float).reshape(-1) for x in self.arrays]

    def rows(self, points: Any) -> list[Any]:
        """The flat arrays with only these `points` of the mapped ones."""
        return [
            flat.reshape(len(x), -1)[points].reshape(-1) if is_mapped else flat
            for flat, x, is_mapped in zip(self.flat_arrays, self.arrays, self.are_mapped, strict=True)
        ]


def is_of_one_kind(x: Any) -> bool:
    """Whether the points of a mapped argument differ in their numbers only, so that one trace can stand for all."""
    if is_structure(x):
        return all(map(is_of_one_kind, members(x).values()))
    return not (isinstance(x, list) and x and is_structure(x[0])) or are_alike(x)


def as_batches(x: Any) -> Any:
    """`x`, to be mapped over, with its lists as arrays.

    Raises `StructureError` for points of different lengths.
    """
    if type(x) is np.ndarray:
        return x
    if is_structure(x):
        return with_children(x, lambda _, child: as_batches(child))
    if isinstance(x, list) and x and is_structure(x[0]):
        for i, point in enumerate(x):
            require_same_structure(x[0], point, f"point {i} of a batch")
        rows = [members(point) for point in x]
        columns = iter([as_batches([row[key] for row in rows]) for key in rows[0]])
        return with_children(x[0], lambda *_: next(columns))
    if isinstance(x, list) and x and all([type(point) is bool for point in x]):
        return np.array(x)
    if isinstance(x, list):
        if any([type(point) is int and abs(point) > EXACT for point in x]):
            raise _inexact("a list that is mapped over")
        depth = _list_depth(x) - 1
        array = as_array(flatten(x), shape_of(x))
        if depth:
            array = array.view(ListedArray)
            array.depth = depth
        return array
    return x


class ListedArray(np.ndarray):
    """A batch whose points were lists nested to a `depth`, as which the mapped function gets them again."""

    depth = 0

    def __array_finalize__(self, other: Any) -> None:
        self.depth = getattr(other, "depth", 0)


def _list_depth(x: Any) -> int:
    """The depth to which lists are nested in `x`. Raises `StructureError` if points differ in it."""
    if not isinstance(x, list):
        return 0
    if not any(issubclass(kind, list) for kind in set(map(type, x))):
        return 1
    depths = set(map(_list_depth, x))
    if len(depths) > 1:
        raise StructureError("a batch has lists and arrays, or numbers, as points; give it points of one kind")
    return 1 + depths.pop()


def _inexact(what: str) -> NumberError:
    return NumberError(
        f"{what} holds whole numbers beyond 2**53, which no float tells apart; subtract an origin, convert them on "
        "purpose (float(n), a.astype(float)), or give single Python ints, which stay what they are"
    )


def leaves_for(
    arguments: Arguments, names: Sequence[str], known: Sequence[Value] | None = None
) -> tuple[list[Any], dict[str, Any], dict[Value, Input]]:
    """The arguments made of fresh Values, and the `Input` of each Value; in the order of `Arguments.read`.

    If Values are `known`, the first argument holds their numbers, and is left out.
    """
    inputs: dict[Value, Input] = {}
    position = [0, FIRST_ARRAY]  # in the buffer of plain numbers; of the next large array
    are_sources = iter(arguments.are_sources)
    born = tick()  # also for leaves that are made later on: the trace did not compute them

    def leaf(x: float, name: str, source: int, offset: int) -> Value:
        value = Value(float(x), name=name)
        value._clock = born
        inputs[value] = Input(name, source, offset)
        return value

    def array(given: Any, name: str) -> Any:
        made = numbers(given, name)
        return Mask(made) if given.dtype.kind == "b" else made

    def numbers(given: Any, name: str) -> Any:
        if not next(are_sources):
            x = np.asarray(given)
            start = position[0]
            position[0] += x.size
            labels = [f"{name}[{', '.join(map(str, index))}]" if index else name for index in np.ndindex(x.shape)]
            labelled = enumerate(zip(x.flat, labels, strict=True))
            elements = [leaf(e, label, NUMBERS, start + i) for i, (e, label) in labelled]
            return as_objects(elements, x.shape) if x.ndim else _zero_dimensional(elements)
        source = position[1]
        position[1] += 1
        x = arguments.arrays[source - FIRST_ARRAY]
        flat = x.reshape(-1)
        lazy = ArgumentArray(x.shape, lambda i: leaf(flat[i], f"{name}[{i}]", source, i), source, name)
        lazy.depth = getattr(given, "depth", 0)
        is_lazy = x.size > MATERIALISED or arguments.are_mapped[source - FIRST_ARRAY]
        return lazy if is_lazy else lazy.whole()

    def walk(x: Any, name: str) -> Any:
        if is_number(x):
            position[0] += 1
            return leaf(as_number(x), name, NUMBERS, position[0] - 1)
        if is_array(x) and not isinstance(x, np.generic):
            return array(x, name)
        if is_record(x):
            return map_attributes(x, lambda key, child: walk(child, f"{name}.{key}"))
        return with_children(x, lambda where, child: walk(child, name + where))

    args = list(enumerate(arguments.args))
    if known is not None:
        position[1] += 1
        next(are_sources)
        inputs |= {x: Input(x.name or f"leaf[{i}]", FIRST_ARRAY, i) for i, x in enumerate(known)}
        args = args[1:]
    fixed = arguments.fixed
    made = [x if i in fixed else walk(x, name) for (i, x), name in zip(args, names, strict=True)]
    return made, {name: x if name in fixed else walk(x, name) for name, x in arguments.named.items()}, inputs


def whole_numbers(arguments: Arguments, names: Sequence[str]) -> list[tuple[str, Any]]:
    """The whole numbers among the arguments, each after its place: ``x``, ``options.n``, ..."""
    found: list[tuple[str, Any]] = []

    def walk(x: Any, place: str) -> Any:
        if isinstance(x, Integral) and not isinstance(x, bool) and not is_enum(x):
            found.append((place, x))
        elif is_record(x):
            map_attributes(x, lambda key, child: walk(child, f"{place}.{key}"))
        elif not is_array(x):
            with_children(x, lambda where, child: walk(child, place + where))
        return x

    positional = list(zip(range(len(arguments.args)), names, arguments.args, strict=False))
    for at, name, x in [*positional, *((name, name, x) for name, x in arguments.named.items())]:
        if at not in arguments.fixed:
            walk(x, name)
    return found


def is_number(x: object) -> bool:
    """Whether `x` is a number that is traced: real, and not exact as ints and Fractions are."""
    return isinstance(x, Real) and not isinstance(x, (Rational, np.bool_)) and not is_enum(x)


def _zero_dimensional(elements: list[Any]) -> Any:
    array = np.empty((), dtype=object)
    array[()] = elements[0]
    return array
