"""What `jit` returns: a function that sorts its calls by kind."""

from __future__ import annotations

import os
import pickle
import sys
import warnings

import numpy as np

from ..errors import NumberError, StructureError, TracingError
from ..notation.visible import visible
from ..op import quiet
from ..records import is_record
from ..tracing import state
from ..transformed import Transformed, pickles_functions_by_value
from ..transforms import holds_value
from ..vmap import holds_array
from .arguments import Arguments, as_batches, is_of_one_kind, whole_numbers
from .parameters import Parameters
from .paths import Family
from .program import Program
from .quick import MISS
from .source_lines import levels_to_the_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ..value import Value
    from .equations import Equations

__all__ = ["CompiledFunction"]


MOST_WHOLE_NUMBERS = 8
"""Different values of one argument: with the next one it is said that each of them was traced anew."""


class CompiledFunction(Transformed):
    """What `jit` returns. ``report()`` tells which programs there are; ``program(*args)`` shows one."""

    def __init__(
        self,
        f: Callable[..., Any],
        backend: str,
        threads: int | None,
        check_finite: bool,
        *,
        leaves: list[Value] | None = None,
        static: str | int | Iterable[str | int] = (),
    ) -> None:
        super().__init__(None, _again, f, backend, threads, check_finite, leaves, static)
        self.__name__ = getattr(f, "__name__", "compiled")
        self.f: Callable[..., Any] | None = f
        self.backend = backend
        self.threads = threads or _cores()
        self.check_finite = check_finite
        self.leaves = leaves  # whose numbers the first argument holds
        self.parameters = Parameters(f, static)
        self.families: dict[Any, Family] = {}
        self._kept: dict[Any, list[Any]] = {}  # by key, what it knows by identity
        self._constant: set[Any] = set()  # keys of calls that nothing traced takes part in
        self._whole: dict[str, set[Any]] = {}  # the whole numbers that each argument has been
        self._is_method = False
        self._is_plain = not self.parameters.static and leaves is None
        self.loops: dict[Any, Any] = {}  # of `scan`, by the shapes of its arguments
        self._quick: Any = None
        self.has_warned_of_ways = False
        self.in_axes = getattr(f, "in_axes", None)  # those of a `vmap`

    def __set_name__(self, owner: type, name: str) -> None:
        self._is_method = True

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        """The function at these arguments."""
        if state.tracer is not None or state.recordings:
            return self._inline(args, named)
        quick = self._quick  # another thread may set it to None meanwhile
        if quick is not None and not named:
            result = quick(args)
            if result is not MISS:
                return result
        return self._call(args, named)

    def _call(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            arguments = self.read(args, named)
        except RecursionError:
            raise StructureError("an argument nests too deeply, or contains itself") from None
        if arguments.holds_values or (arguments.mapped and not arguments.common_length()):
            return self._inline(args, named)
        try:
            return self._compiled(arguments, args, named)
        except OverflowError as error:
            if all([abs(x) <= sys.float_info.max for _, x in whole_numbers(arguments, self.names(len(args)))]):
                raise
            raise NumberError(f"an argument is a whole number beyond 1.8e308: {error}") from error

    def _compiled(self, arguments: Arguments, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if arguments.has_whole_numbers and arguments.key in self._constant:
            return self._of_whole_numbers(args, named)
        family = self._family(arguments)
        result = family.call(arguments, args, named)
        if arguments.has_whole_numbers and not (arguments.numbers or arguments.arrays or family.captured):
            del self.families[arguments.key]
            self._constant.add(arguments.key)
            return self._of_whole_numbers(args, named)
        self._quick = None if named or self.parameters.static or self.parameters.bound else family.quick(args)
        return result

    def _of_whole_numbers(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """What the function itself makes of whole numbers alone: there is nothing to compile, and an int stays one."""
        with quiet():
            return self._inline(args, named)

    def _inline(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """The function itself: where a graph is being recorded, it belongs into that graph."""
        if self.f is None:
            raise TracingError(
                "this compiled function came out of a pickle without its source; it takes plain numbers only"
            )
        if self.leaves is not None:
            raise TracingError(
                "a compiled function with leaves runs on plain numbers, at least one point of them and outside of "
                "every transformation; inside, call the function itself"
            )
        return self.f(*args, **named)

    def read(self, args: Sequence[Any], named: dict[str, Any]) -> Arguments:
        """What a call is about; lists that are mapped over become arrays."""
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

        The numbers of leaves, which come first, are a source of their own. An object whose method this is stays the
        object if it holds Values: they are what the method finds outside.
        """
        if self._is_plain and type(x) in (float, np.ndarray):
            return arguments.read(x, "", is_mapped)
        own = at  # among those of the function
        if self.leaves is not None and type(at) is int:
            if at == 0:
                return arguments.read_apart(x)
            own = at - 1
        name = self.parameters.name(own)
        if self.parameters.static and self.parameters.is_static(own):
            return arguments.fix(at, x, name, by_identity=True)
        if self._is_method and at == 0 and is_record(x) and holds_value(x):
            return arguments.fix(at, x, name, by_identity=False)
        return arguments.read(x, name, is_mapped)

    def scan(self, carry: Any, *batches: Any) -> tuple[Any, Any]:
        """Call after call, for entry after entry of the batches, each with the carry that the one before returned.

            for k in range(n):
                carry, output[k] = f(carry, batches[0][k], batches[1][k], ...)

        `carry` is an array or a number; the last one is returned, and the outputs of all calls, stacked. With
        ``leaves`` the carry is the array of their numbers. A batch may be `jit.taken.Taken`: rows of an array at given
        positions, which are then read when a call needs them. Where matrices were found all of it is machine code.

        >>> from autograd_core import Value, jit
        >>> w = Value(0.0)
        >>> descend = jit(lambda x, y: (np.array([w - 0.1 * x * (w * x - y)]), w * x - y), leaves=[w])
        >>> descend.scan([0.0], [1.0, 1.0, 1.0], [2.0, 2.0, 2.0])
        (array([0.542]), array([-2.  , -1.8 , -1.62]))

        Raises `StructureError` for batches of different lengths or none, and for another result.
        """
        from .scan import scan

        return scan(self, carry, batches)

    def _axes(self, args: Sequence[Any]) -> list[Any] | None:
        """The mapped axis of each argument, if the function is a `vmap` along first axes."""
        of_f = args if self.leaves is None else args[1:]
        axes = list(self.in_axes) if isinstance(self.in_axes, (list, tuple)) else [self.in_axes] * len(of_f)
        axes = axes if self.leaves is None else [None, *axes]
        fits = len(axes) == len(args) and all(axis in (None, 0) for axis in axes) and 0 in axes
        return axes if fits else None

    def _family(self, arguments: Arguments) -> Family:
        family = self.families.get(arguments.key)
        if family is None:
            family = self.families.setdefault(arguments.key, Family(self, bool(arguments.mapped)))
            self._kept[arguments.key] = arguments.contents.kept
            if arguments.has_whole_numbers:
                self._count_whole_numbers(arguments)
        return family

    def _count_whole_numbers(self, arguments: Arguments) -> None:
        """Say once that whole numbers are traced anew, of the first argument that has been many."""
        has_leaves = self.leaves is not None
        names = ["leaves"] * has_leaves + self.names(len(arguments.args) - has_leaves)
        for place, x in whole_numbers(arguments, names):
            values = self._whole.setdefault(place, set())
            values.add((type(x), x))
            if len(values) == MOST_WHOLE_NUMBERS + 1:
                shown = visible(place)
                warnings.warn(
                    f"the argument {shown} of {visible(self.__name__)} has now been {len(values)} different whole "
                    "numbers, and the function was traced anew for each, because a whole number is part of the program."
                    f" Give float({shown}), or an array, to share one program among all of them",
                    stacklevel=levels_to_the_user(),
                )

    def names(self, count: int) -> list[str]:
        """What the positional arguments are called in programs."""
        return self.parameters.named(count)

    def program(self, /, *args: Any, **named: Any) -> Program:
        """The program that a call with these arguments runs. Raises `TracingError` if the call is not compiled."""
        self(*args, **named)
        arguments = self.read(args, named)
        family = self.families.get(arguments.key)
        if family is None:
            raise TracingError(
                "there is no program for these arguments: with Values among them, or no points to map over, or "
                "nothing but whole numbers, the function itself runs. Ask with plain numbers, program(0.5) for "
                "program(Value(0.5))"
            )
        return family.path_of(arguments, args, named).program

    def report(self) -> str:
        """Which programs there are, how often each has run, and which comparisons tell them apart."""
        lines = []
        for k, family in enumerate(self.families.values()):
            lines.append(f"arguments of kind {k}: {len(family.paths)} program(s)")
            for i, path in enumerate(family.paths):
                lines.append(f"  program {i}: {len(path.program.steps)} steps, run {path.runs} times")
                lines += [
                    f"    {path.program.text_of(guard.node)} is {guard.expected} at {guard.place}"
                    for guard in path.program.guards
                ]
        return "\n".join(lines) or "not called yet"

    def _reduced(self, protocol: Any) -> Any:
        """Programs travel, machine code does not; the function does if it can be pickled.

        Programs of what is known by identity stay behind: elsewhere there is nothing identical.
        """
        families = {key: x for key, x in self.families.items() if not self._kept.get(key) and _can_be_pickled(key)}
        state = {**self.__dict__, "_quick": None, "loops": {}, "families": families, "_kept": {}, "_constant": set()}
        if not pickles_functions_by_value() and not _can_be_pickled(self.f):
            del state["__wrapped__"]
            make, _, *options = self.recipe
            state.update(f=None, recipe=(make, None, *options), parameters=self.parameters.without_objects())
        return object.__new__, (CompiledFunction,), state

    def __repr__(self) -> str:
        return f"<jit of {visible(self.__name__)}, backend {self.backend!r}>"


def _numbers_of(leaves: Sequence[Value], args: Sequence[Any]) -> Any:
    """The first argument as one number for each leaf."""
    numbers = np.asarray(args[0], dtype=float) if args else None
    if numbers is None or numbers.shape != (len(leaves),):
        given = "no argument at all" if numbers is None else f"an array of shape {numbers.shape}"
        raise StructureError(f"expected one number for each of {len(leaves)} leaves as first argument, got {given}")
    return numbers


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _again(f: Any, *settings: Any) -> CompiledFunction:
    """A compiled function from its recipe."""
    backend, threads, check_finite, leaves, static = settings
    return CompiledFunction(f, backend, threads, check_finite, leaves=leaves, static=static)


def _can_be_pickled(f: Any) -> bool:
    try:
        pickle.dumps(f)
    except Exception:  # whatever it is that a function holds may raise whatever it likes
        return False
    return True


def _equations(self: Program) -> Equations:
    """The matrices that were found in the program, as equations in the lectures' notation: text, or ``.latex``.

    >>> from autograd_core import Value, dot, jit, sigmoid
    >>> W, b = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]], [Value(0.5), Value(0.6)]
    >>> layer = jit(lambda x: [sigmoid(dot(row, x) + b_j) for row, b_j in zip(W, b)])
    >>> layer.program([1.0, 2.0]).equations()
    z1 = W1 a0 + b1
    a1 = sigma(z1)
    """
    from .equations import equations

    return equations(self)


setattr(Program, "equations", _equations)  # noqa: B010  # all parts of the compiler know a program, which knows none
