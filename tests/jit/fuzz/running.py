"""Scripts run: by the eager engine, by a compiled backend, or with every number moved as rounding may move it."""

from __future__ import annotations

import enum
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from numbers import Integral
from random import Random
from threading import Thread
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.containers import flatten, map_elements
from autograd_core.domain import EXTENDED
from autograd_core.errors import NumberError, StructureError
from autograd_core.jit.ir.program import Constant, Input, Program
from autograd_core.op import quiet
from autograd_core.ops.arithmetic import mul
from autograd_core.transformed import Transformed
from autograd_core.value import record

ULP = 2.0**-53
EXACT = frozenset({"less", "less_equal", "equal", "where", "neg", "abs", "stop_gradient", "identity"})
Jit = Callable[[Callable[..., Any]], Callable[..., Any]]


class Point(NamedTuple):
    """A NamedTuple of a script."""

    x: Any
    y: Any


@dataclass
class Pair:
    """A dataclass of a script."""

    x: Any
    y: Any


@dataclass
class Leg:
    """A dataclass that holds more than numbers."""

    x: Any
    kind: str
    y: Any
    is_long: bool = True


class Model:
    """An object with attributes, which a script's function reads."""

    def __init__(self, k: float, w: Any) -> None:
        self.k, self.w = k, w


class Level(enum.IntEnum):
    """An enum among the arguments."""

    HIGH = 4


class Outcome(NamedTuple):
    """What a script found: of every result how it nests and its numbers; or the error that ended it."""

    results: list[tuple[str, list[float]]]
    error: Exception | None = None


def run(
    source: str, jit: Jit, keep: Callable[[Any], Any] = lambda x: x, *, at_once: bool = True, **others: Any
) -> Outcome:
    """The outcome of the script; `others` replace names that it uses."""
    names: dict[str, Any] = {
        "ag": ag, "np": np, "math": math, "Value": Value, "Op": Op, "EXTENDED": EXTENDED, "nan": math.nan, "inf": math.inf,
        "array": np.array, "Point": Point, "Pair": Pair, "Leg": Leg, "Model": Model, "Level": Level, "jit": jit, "keep": keep,
        "read": read, "scribble": scribble, "total": lambda x: ag.sum(flatten(x)), "plain": plain,
        "in_threads": in_threads if at_once else one_by_one, **others,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(source, names)  # our own text
            return Outcome([x if _is_read(x) else read(x) for x in names["results"]()])
        except Exception as error:  # whatever it is, it is a finding; the next program goes on
            return Outcome([], error)


def _is_read(x: object) -> bool:
    return type(x) is Reading


class Reading(tuple[str, list[float]]):
    """How a result nests, and its numbers."""

    __slots__ = ()


def read(result: Any) -> Any:
    """A result as it is now."""
    numbers: list[float] = []
    nesting = _nesting(result, numbers)
    return Reading((nesting, numbers))


def _nesting(x: Any, numbers: list[float]) -> str:
    if isinstance(x, np.ndarray) and x.ndim:
        numbers += [plain(y) for y in x.ravel().tolist()]
        return f"array{x.shape}"
    if isinstance(x, dict):
        return f"{{{', '.join(f'{k!r}: {_nesting(x[k], numbers)}' for k in sorted(x, key=repr))}}}"
    if is_dataclass(x):
        return f"{type(x).__name__}({', '.join([_nesting(getattr(x, f.name), numbers) for f in fields(x)])})"
    if isinstance(x, (str, bool)):  # of a record
        return repr(x)
    if isinstance(x, (list, tuple)):
        return f"{type(x).__name__}({', '.join([_nesting(child, numbers) for child in x])})"
    numbers.append(plain(x))
    return "."


def plain(x: Any) -> float:
    """The number of a Value or of anything else that is one."""
    return x.data if isinstance(x, Value) else float(x)


def scribble(result: Any) -> None:
    """Write over everything in `result` that can be written to."""
    if isinstance(result, np.ndarray):
        result[...] = 99.0
        result *= 2.0
    elif isinstance(result, dict):
        for x in result.values():
            scribble(x)
        result.update(dict.fromkeys(result, 7.0))
    elif isinstance(result, (list, tuple)):
        for x in result:
            scribble(x)
        if isinstance(result, list):
            result[:] = [-1.0] * (len(result) + 1)


def in_threads(count: int, f: Callable[..., Any], points: list[tuple[float, ...]]) -> list[Any]:
    """What `f` gives at all points, from each of that many threads, each of which takes them in an order of its own."""
    found: dict[tuple[int, int], Any] = {}

    def work(thread: int) -> None:
        for i in [(k + thread) % len(points) for k in range(len(points))] * 2:
            try:
                found[thread, i] = f(*points[i])
            except Exception as error:
                found[thread, i] = error

    threads = [Thread(target=work, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for x in found.values():
        if isinstance(x, Exception):
            raise x
    return [found[k, i] for k in range(count) for i in range(len(points))]


def one_by_one(count: int, f: Callable[..., Any], points: list[tuple[float, ...]]) -> list[Any]:
    """The same without threads."""
    return [f(*point) for point in points] * count


def compiled(backend: str) -> Jit:
    """`jit` by that backend."""
    return lambda f: ag.jit(f, backend=backend)


def eagerly(
    f: Callable[..., Any], shake: Callable[[float], float] | None = None, *, in_other_form: bool = False
) -> Callable[..., Any]:
    """`f` by the eager engine, which follows IEEE here as compiled programs do, and on Values, as when it is traced.

    A derivative makes Values of its own, so it gets plain numbers; or the other way round, which takes other steps: x
    to the power of a plain number is an op of its own. What one form of numbers refuses the other is asked: a Value
    cannot be multiplied by True, nor a plain 1.0 be divided by 0.0, and (-1.0) ** 0.5 is a complex number, at which a
    list of results is nested otherwise than at the others.
    """
    inner: Any = f
    while isinstance(inner, Transformed) and inner.recipe[0] is ag.vmap:
        inner = inner.recipe[1]
    gets_values = isinstance(inner, Transformed) is in_other_form

    def given(args: Any, as_values: bool) -> Any:
        def number(x: Any) -> Any:
            if not isinstance(x, float):
                return x
            x = x if shake is None else shake(x)
            return Value(x) if as_values else x

        return [x if isinstance(x, (Integral, Model)) else map_elements(number, x) for x in args]

    def call(*args: Any) -> Any:
        with quiet(), np.errstate(all="ignore"):
            try:
                return f(*given(args, gets_values))
            except (NumberError, StructureError, TypeError, ArithmeticError):
                return f(*given(args, not gets_values))

    return call


def wobbling(random: Random) -> tuple[Callable[[Any], Any], Jit]:
    """``keep`` as x ↦ x · (1 ± 8 ulp), anew at every call and for the gradient that flows back; and ``jit`` as the
    eager engine at arguments that are moved in the same way.

    Half of them move few numbers: -1.0 to the power of a number near -1.0 would always be nan.
    """
    rate = random.choice((1.0, 0.25))

    def wobbled() -> float:
        return factor(random) if random.random() < rate else 1.0

    def rule(g: Any, z: Any, x: Any) -> tuple[Any]:
        return (wobble(g) if isinstance(g, Value) else g * wobbled(),)

    wobble = Op("wobble", lambda x: x * wobbled(), rule, EXTENDED)
    shakes = random.random() < 0.75
    shake = (lambda x: x * (1.0 + random.choice((-4, -2, 0, 2, 4)) * ULP)) if shakes else None
    in_other_form = random.random() < 0.5
    return wobble, lambda f: eagerly(f, shake, in_other_form=in_other_form)


def run_saturated(source: str) -> Outcome:
    """The outcome by the eager engine where a product of finite numbers is finite, 1e305 if need be: hundreds of those
    may be added.

    So it is for machines, which round a product and its sum with others once: beside an infinite sum a product beyond
    all floats is not infinite then.
    """

    original = Value.__mul__

    def times(x: Any, y: Any) -> Any:
        if not all([type(a) is float or isinstance(a, Value) for a in (x, y)]):
            return original(x, y) if isinstance(x, Value) else original(y, x)
        a, b = plain(x), plain(y)
        product = a * b
        if math.isinf(product) and math.isfinite(a) and math.isfinite(b):
            product = math.copysign(1e305, product)
        return record(mul, product, (x, y))

    def dot(xs: Any, ys: Any) -> Any:
        return sum([x * y for x, y in zip(flatten(xs), flatten(ys), strict=True)])

    with (
        patch.object(Value, "__mul__", times),
        patch.object(Value, "__rmul__", lambda x, y: times(y, x)),
    ):
        library = SimpleNamespace(**{**vars(ag), "dot": dot})
        return run(source, lambda f: eagerly(f, in_other_form=True), at_once=False, ag=library)


def factor(random: Random) -> float:
    """A number near 1."""
    return 1.0 + random.choice((-8, -4, -2, 0, 2, 4, 8)) * ULP


class Stepwise:
    """``jit`` as the steps of the traced program, every step's result multiplied by a factor near 1.

    One function after the other is asked the same in every run of a script, so programs are traced once.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.programs: dict[str, tuple[Program, Any] | None] = {}
        self.made = 0

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        if isinstance(f, Transformed) and f.recipe[0] is ag.vmap:
            return ag.vmap(self(f.recipe[1]), *f.recipe[2:])
        function, self.made = self.made, self.made + 1
        exact, traced = eagerly(f), ag.jit(f, backend="python")

        def call(*args: Any) -> Any:
            key = f"{function}{args!r}"
            if key not in self.programs:
                program = traced.program(*args)
                has_lanes = any(getattr(node, "axis", None) is not None for node in program.nodes)
                self.programs[key] = None if has_lanes else (program, exact(*args))
            kept = self.programs[key]
            if kept is None:
                return exact(*args)
            numbers = iter(self._wobbled(kept[0], [plain(x) for x in flatten(args)]))
            return map_elements(lambda _: next(numbers), kept[1])

        return call

    def _wobbled(self, program: Program, point: list[float]) -> Iterator[float]:
        numbers: list[float] = []
        with quiet():
            for node in program.nodes:
                if isinstance(node, Constant):
                    numbers.append(node.value)
                elif isinstance(node, Input):
                    numbers.append(point[node.offset])
                else:
                    data = tuple([numbers[a] for a in node.args])
                    result = node.op.evaluate(data, data)
                    numbers.append(result if node.op.name in EXACT else result * factor(self.random))
        return iter([numbers[out.node] for out in sorted(program.outputs, key=lambda out: out.offset)])
