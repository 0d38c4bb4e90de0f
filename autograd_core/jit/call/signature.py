"""The signature of a compiled function: reads a call's arguments into `Arguments`, flat arrays with a cache key.

Calls with equal keys are alike, and run the same programs. The key depends on which parameters are mapped over and
which are static.
"""

from __future__ import annotations

import copy

import numpy as np

from ...errors import StructureError
from ...records import is_record
from ...transforms import holds_value
from ...vmap import holds_array
from .arguments import Arguments, as_batches, is_of_one_kind
from .parameters import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ...value import Value

__all__ = ["Signature"]


class Signature:
    """The reader of the arguments of `f`: which are mapped over, which are static, and which object is bound.

    ``leaves`` are Values whose numbers the first argument holds, or None.
    """

    def __init__(
        self, f: Callable[..., Any], leaves: list[Value] | None, static: str | int | Iterable[str | int]
    ) -> None:
        self.parameters = Parameters(f, static)
        self.leaves = leaves
        self.in_axes = getattr(f, "in_axes", None)  # the axes of a `vmap`
        self.is_method = False
        self._is_plain = not self.parameters.static and leaves is None

    def without_objects(self) -> Signature:
        """A copy without bound objects, for a pickle that leaves the function behind."""
        other = copy.copy(self)
        other.parameters = self.parameters.without_objects()
        return other

    def names(self, count: int) -> list[str]:
        """The names of `count` positional arguments in programs."""
        return self.parameters.named(count)

    def read(self, args: Sequence[Any], named: dict[str, Any]) -> Arguments:
        """The arguments of a call with their key; lists that are mapped over become arrays."""
        axes = self._axes(args)
        if self.leaves is not None:
            args = [_numbers_of(self.leaves, args), *args[1:]]
        mapped: list[Any] = []
        if axes is not None:
            mapped = [*named.values(), *(x for x, axis in zip(args, axes, strict=True) if axis is not None)]
            if not all(map(is_of_one_kind, mapped)):
                axes = None  # the map is a loop in the function, which follows each point by itself
        if axes is None:
            arguments = Arguments(args, named)
            key = [self._key(arguments, i, x) for i, x in enumerate(args)]
            key += [(name, self._key(arguments, name, x)) for name, x in named.items()]
        else:
            args = [x if axis is None else as_batches(x) for x, axis in zip(args, axes, strict=True)]
            arguments = Arguments(args, {name: as_batches(x) for name, x in named.items()})
            arguments.gives_lists = not any(map(holds_array, mapped))
            key = [
                self._key(arguments, i, x, axis is not None) for i, (x, axis) in enumerate(zip(args, axes, strict=True))
            ]
            key += [(name, self._key(arguments, name, x, True)) for name, x in arguments.named.items()]
            key.append(arguments.gives_lists)
        if self.parameters.bound:
            key.append(tuple([arguments.static(x, "self") for x in self.parameters.bound]))
        arguments.key = tuple(key)
        return arguments

    def _key(self, arguments: Arguments, at: Any, x: Any, is_mapped: bool = False) -> Any:
        """The key of an argument by its position or name.

        The numbers of leaves, which come first, are a source of their own. A method's ``self`` is static if it holds
        Values, which the method then captures.
        """
        if self._is_plain and type(x) in (float, np.ndarray):
            return arguments.read(x, "", is_mapped)
        own = at  # its position among the function's own parameters
        if self.leaves is not None and type(at) is int:
            if at == 0:
                return arguments.read_apart(x)
            own = at - 1
        name = self.parameters.name(own)
        if self.parameters.static and self.parameters.is_static(own):
            return arguments.fix(at, x, name, by_identity=True)
        if self.is_method and at == 0 and is_record(x) and holds_value(x):
            return arguments.fix(at, x, name, by_identity=False)
        return arguments.read(x, name, is_mapped)

    def _axes(self, args: Sequence[Any]) -> list[Any] | None:
        """The mapped axis of each argument, if the function is a `vmap` along first axes."""
        of_f = args if self.leaves is None else args[1:]
        axes = list(self.in_axes) if isinstance(self.in_axes, (list, tuple)) else [self.in_axes] * len(of_f)
        axes = axes if self.leaves is None else [None, *axes]
        fits = len(axes) == len(args) and all(axis in (None, 0) for axis in axes) and 0 in axes
        return axes if fits else None


def _numbers_of(leaves: Sequence[Value], args: Sequence[Any]) -> Any:
    """The first argument as an array of one number for each leaf; raises `StructureError` for another shape."""
    numbers = np.asarray(args[0], dtype=float) if args else None
    if numbers is None or numbers.shape != (len(leaves),):
        given = "no argument at all" if numbers is None else f"an array of shape {numbers.shape}"
        raise StructureError(f"expected one number for each of {len(leaves)} leaves as first argument, got {given}")
    return numbers
