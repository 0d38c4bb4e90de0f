"""The compiled function that `jit` returns: a cache of programs, by the key of a call's arguments."""

from __future__ import annotations

import os
import sys
import warnings

from ...containers import too_deep
from ...errors import NumberError, TracingError
from ...op import quiet
from ...tracing import state
from ...transformed import Transformed
from ...visible import visible
from ..compiler import Stages, explained
from ..ir.program import Program
from ..trace.source_lines import levels_to_the_user
from .arguments import Arguments, whole_numbers
from .fast_call import MISS
from .settings import Settings, can_be_pickled
from .signature import Signature
from .variants import Variants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ...value import Value
    from ..backends import Backend
    from .scan import Repeatable

__all__ = ["CompiledFunction"]


MOST_WHOLE_NUMBERS = 8
"""Different whole numbers of one argument that are traced without a warning: an option has few, a counter more."""

NO_PROGRAM = (
    "there is no program for these arguments: with Values among them, or no points to map over, or nothing but whole "
    "numbers, the function itself runs. Ask with plain numbers, program(0.5) for program(Value(0.5))"
)


class CompiledFunction(Transformed):
    """A function compiled by `jit`. ``report()`` lists its programs; ``program(*args)`` shows one."""

    def __init__(
        self,
        f: Callable[..., Any],
        backend: str | Backend,
        threads: int | None,
        check_finite: bool,
        *,
        leaves: list[Value] | None = None,
        static: str | int | Iterable[str | int] = (),
    ) -> None:
        super().__init__(None, _again, f, backend, threads, check_finite, leaves, static)
        self.settings = Settings(
            f,
            Signature(f, leaves, static),
            backend=backend,
            threads=threads or _cores(),
            check_finite=check_finite,
            make=CompiledFunction,
        )
        self.__name__ = self.settings.name
        self.kinds: dict[Any, Variants] = {}
        self._kept: dict[Any, list[Any]] = {}  # by key: the objects that it knows by identity
        self._constant: set[Any] = set()  # keys of calls without any traced number
        self._whole: dict[str, set[Any]] = {}  # by argument: the whole numbers it has been
        self._loops: dict[Any, Any] = {}  # by the shapes of its arguments: machine code for `scan`
        self._quick: Any = None
        self.in_axes = self.signature.in_axes

    @property
    def backend(self) -> str | Backend:
        """The backend that compiles the programs."""
        return self.settings.backend

    @property
    def signature(self) -> Signature:
        """The reader of a call's arguments."""
        return self.settings.signature

    def __set_name__(self, owner: type, name: str) -> None:
        self.signature.is_method = True

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        """The result of the function at these arguments, by a compiled program wherever one can answer."""
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
            arguments = self.signature.read(args, named)
        except RecursionError:
            raise too_deep("an argument") from None
        if _is_inlined(arguments):
            return self._inline(args, named)
        try:
            return self._compiled(arguments, args, named)
        except OverflowError as error:
            names = self.signature.names(len(args))
            if all([abs(x) <= sys.float_info.max for _, x in whole_numbers(arguments, names)]):
                raise
            raise NumberError(f"an argument is a whole number beyond 1.8e308: {error}") from error

    def _compiled(self, arguments: Arguments, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if arguments.has_whole_numbers and arguments.key in self._constant:
            return self._of_whole_numbers(args, named)
        variants = self._variants(arguments)
        result = variants.call(arguments, args, named)
        if _is_constant(arguments, variants):
            del self.kinds[arguments.key]
            self._constant.add(arguments.key)
            return self._of_whole_numbers(args, named)
        parameters = self.signature.parameters
        self._quick = None if named or parameters.static or parameters.bound else variants.quick(args)
        return result

    def _of_whole_numbers(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """The eager result for whole numbers alone: there is nothing to compile, and an int stays one."""
        with quiet():
            return self._inline(args, named)

    def _inline(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """The eager result: where a graph is being recorded, the function's nodes belong to that graph."""
        f = self.settings.f
        if f is None:
            raise TracingError(
                "this compiled function came out of a pickle without its source; it takes plain numbers only"
            )
        if self.settings.has_leaves:
            raise TracingError(
                "a compiled function with leaves runs on plain numbers, at least one point of them and outside of "
                "every transformation; inside, call the function itself"
            )
        return f(*args, **named)

    def scan(self, carry: Any, *batches: Any) -> tuple[Any, Any]:
        """Call after call, for entry after entry of the batches, each with the carry that the one before returned.

            for k in range(n):
                carry, output[k] = f(carry, batches[0][k], batches[1][k], ...)

        `carry` is an array or a number; the last one is returned, and the outputs of all calls, stacked. With
        ``leaves`` the carry is the array of their numbers. A batch may be an `autograd_core.RowBatches`: rows of an
        array at given positions, which are then read when a call needs them. Where matrices were found all of it is
        machine code.

        >>> import numpy as np
        >>> from autograd_core import Value, jit
        >>> w = Value(0.0)
        >>> descend = jit(lambda x, y: (np.array([w - 0.1 * x * (w * x - y)]), w * x - y), leaves=[w])
        >>> descend.scan([0.0], [1.0, 1.0, 1.0], [2.0, 2.0, 2.0])
        (array([0.542]), array([-2.  , -1.8 , -1.62]))

        Raises `StructureError` for batches of different lengths or none, and for another result.
        """
        from .scan import scan

        return scan(self, self._loop, carry, batches)

    def _loop(self, carry: Any, entries: Sequence[Any]) -> Repeatable | None:
        """Machine code that `scan` can repeat, for calls like this one, or None."""
        from .scan import Repeatable

        if not self.settings.has_leaves or self.settings.check_finite or self.in_axes is not None:
            return None
        kind = self.signature.read([carry, *entries], {}).key
        key = kind, carry.shape, *[entry.shape for entry in entries]
        if key not in self._loops:
            self(carry, *entries)  # traces
            self(carry, *entries)  # compiles
            loop = Repeatable(self._variants(self.signature.read([carry, *entries], {})).known[0])
            self._loops[key] = loop if loop.fits(carry) else None
        found: Repeatable | None = self._loops[key]
        return found

    def _variants(self, arguments: Arguments) -> Variants:
        variants = self.kinds.get(arguments.key)
        if variants is None:
            variants = self.kinds.setdefault(arguments.key, Variants(self.settings, bool(arguments.mapped)))
            self._kept[arguments.key] = arguments.contents.kept
            if arguments.has_whole_numbers:
                self._count_whole_numbers(arguments)
        return variants

    def _count_whole_numbers(self, arguments: Arguments) -> None:
        """Warn once for each argument that has been more than `MOST_WHOLE_NUMBERS` whole numbers, each traced anew."""
        has_leaves = self.settings.has_leaves
        names = ["leaves"] * has_leaves + self.signature.names(len(arguments.args) - has_leaves)
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

    def program(self, /, *args: Any, **named: Any) -> Program:
        """The program that a call with these arguments runs. Raises `TracingError` if the call is not compiled."""
        self(*args, **named)
        arguments = self.signature.read(args, named)
        variants = self.kinds.get(arguments.key)
        if variants is None:
            raise TracingError(NO_PROGRAM)
        return variants.variant_of(arguments, args, named).program

    def explain(self, /, *args: Any, **named: Any) -> Stages:
        """The stages of the compiler for a call with these arguments, or for the first point of a batch, as text.

        The function is traced, and no program runs. A pass that raises, or breaks the program, is the last stage.

        >>> from autograd_core import grad, jit
        >>> jit(grad(lambda x: x * x + 1.0), backend="python").explain(3.0)
        == trace
        program(x):
          v0 = identity(x)
          v1 = mul(1.0, v0)
          v2 = add(v1, v1)
          return v2
        == join_lanes (as before)
        == confine (as before)
        == simplify
        program(x):
          v0 = add(x, x)
          return v0
        == decide_guards (as before)
        == drop_dead (as before)
        == python
        def run(sources, lengths, sinks, holds):
            v0 = sources[0][0]  # x
            v1 = v0 + v0
            sinks[0][0] = v1
            return True

        Raises `TracingError` as `program` does.
        """
        arguments = self.signature.read(args, named)
        if _is_inlined(arguments):
            raise TracingError(NO_PROGRAM)
        variants = Variants(self.settings, bool(arguments.mapped))
        recording = variants.recorded(arguments, args, named)
        if _is_constant(arguments, variants):
            raise TracingError(NO_PROGRAM)
        return explained(recording.traced(), recording.lengths, self.settings.backend)

    def report(self) -> str:
        """A text that lists the programs, how often each has run, and the guards that tell them apart."""
        lines = []
        for k, variants in enumerate(self.kinds.values()):
            lines.append(f"arguments of kind {k}: {len(variants.known)} program(s)")
            for i, variant in enumerate(variants.known):
                lines.append(f"  program {i}: {len(variant.program.steps)} steps, run {variant.runs} times")
                lines += [
                    f"    {variant.program.text_of(guard.node)} is {guard.expected} at {guard.place}"
                    for guard in variant.program.guards
                ]
        return "\n".join(lines) or "not called yet"

    def _reduced(self, protocol: Any) -> Any:
        """The pickle: programs without machine code, and the function if it can be pickled.

        Programs whose keys know objects by identity stay behind: no object in another process is identical.
        """
        kinds = {key: x for key, x in self.kinds.items() if not self._kept.get(key) and can_be_pickled(key)}
        state = {**self.__dict__, "_quick": None, "_loops": {}, "kinds": kinds, "_kept": {}, "_constant": set()}
        if not self.settings.travels:
            del state["__wrapped__"]
            make, _, *options = self.recipe
            state.update(recipe=(make, None, *options))
        return object.__new__, (CompiledFunction,), state

    def __repr__(self) -> str:
        return f"<jit of {visible(self.__name__)}, backend {self.settings.backend!r}>"


def _is_inlined(arguments: Arguments) -> bool:
    """Whether a call with these arguments runs the function itself."""
    return arguments.holds_values or bool(arguments.mapped and not arguments.common_length())


def _is_constant(arguments: Arguments, variants: Variants) -> bool:
    """Whether nothing varies among the calls of these variants: they have whole numbers alone."""
    return arguments.has_whole_numbers and not (arguments.numbers or arguments.arrays or variants.captured)


def _cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _again(f: Any, *settings: Any) -> CompiledFunction:
    """A compiled function from its recipe."""
    backend, threads, check_finite, leaves, static = settings
    return CompiledFunction(f, backend, threads, check_finite, leaves=leaves, static=static)
