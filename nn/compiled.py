"""Functions of the user's: whether they may be compiled once for all calls, and how they run on many samples.

A compiled function keeps the graph of one run. A random number, or one that is changed between steps, would be frozen
in it. So the first runs are done as the plain loop does them, which asks for nothing twice, and their outlines are
compared: ops, constants and arrangement, but neither the data nor the Values that a program reads at every call.

One thing a graph does not tell: ``where(x > 0.0, a, b)`` has a constant in it, as ``where(True, a, b)`` has, since a
comparison is decided at once. While a function is traced it is not; so where such constants appear the second sample
is run that way, and if all of them turn out to be computed they are data.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from traceback import walk_tb
from typing import Any

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import outline

from .data.samples import Samples
from .errors import AutogradError

__all__ = ["TO_WATCH", "Mapped", "Watch", "each", "one_by_one", "plain", "refusal", "values_in"]

Lines = list[tuple[Any, ...]]
TO_WATCH = 8  # samples

BRANCHED = (
    "a branch on data (`if`, `max`, `np.maximum`), or on chance, chose another op; select with "
    "ag.where(condition, a, b) or ag.maximum"
)
CHANGED = "a plain number changed; what depends on data is computed with ops, without .data"


class Watch:
    """Remembers the outline of each part of a computation; ``why`` tells what was different, None while nothing was,
    and ``cure`` what may help."""

    def __init__(self) -> None:
        self.known: dict[str, Lines] = {}
        self.why: str | None = None
        self.cure = ""
        self.are_computed: bool | None = None  # the conditions of all `where`; None: not asked

    def call(self, part: str, f: Callable[..., Any], *data: Any) -> Any:
        """The result of `f` for data, numbers and lists of them, in whose place it gets Values; compared by `see`."""
        if self.are_computed is None and any(map(_has_condition, self.known.get(part, []))):
            found = []

            def traced(*args: Any) -> Any:
                found.append(f(*args))
                return [x for x in values_in(found[0]) if isinstance(x, Value)]

            ag.jit(traced, backend="python").program(*data)
            self.are_computed = not any(map(_has_condition, outline(values_in(found[0]), {})))
            return found[0]
        labels: dict[Value, Any] = {}
        results = f(*[_stand_in(x, f"argument {k}", labels) for k, x in enumerate(data)])
        self.see(part, results, labels)
        return results

    def see(self, part: str, results: Any, data: Mapping[Value, Any]) -> bool:
        """Whether `part` computed these results as it did before; `data` labels the Values that hold its data."""
        found = outline(values_in(results), data)
        known = self.known.setdefault(part, found)
        if self.are_computed:
            known, found = ([_without_condition(line) for line in lines] for lines in (known, found))
        if found != known:
            self.cure, what = _difference(known, found)
            self.why = f"{part} is computed in another way from one time to the next: {what}"
        return self.why is None


def _has_condition(line: tuple[Any, ...]) -> bool:
    return line[0] is ag.where and type(line[1]) is float


def _without_condition(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*line[:1], "condition", *line[2:]) if _has_condition(line) else line


def _stand_in(data: Any, label: str, labels: dict[Value, Any]) -> Any:
    """A number, or a list of them, as Values that stand for data, written into `labels`."""
    if isinstance(data, list):
        return [_stand_in(x, f"{label} {j}", labels) for j, x in enumerate(data)]
    labels[value := Value(data)] = label
    return value


def _difference(known: Lines, found: Lines) -> tuple[str, str]:
    """What helps, and what is different."""
    for before, now in zip(known, found, strict=False):
        if before != now:
            if before[0] is now[0] and len(before) == len(now):
                pair = next((a, b) for a, b in zip(before, now, strict=True) if a is not b and a != b)
                a, b = map(plain, pair)
                if isinstance(a, float) and isinstance(b, float) and not getattr(pair[0], "is_parameter", False):
                    return CHANGED, f"in '{before[0]}' the number {a!r} became {b!r}"
            became = "got other inputs" if before[0] is now[0] else f"became '{now[0]}'"
            return BRANCHED, f"'{before[0]}' {became}"
    return BRANCHED, f"{len(known) - 1} ops became {len(found) - 1}"


def refusal(error: Exception) -> str:
    """Why something is not compiled: the library refuses it, or a function of the user's raised an error, which the
    plain loop will show if it is more than that. A mistake of the compiler itself is raised again, lest it be passed
    over as slowness."""
    names = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
    compiler = max((k for k, name in enumerate(names) if name.startswith("autograd_core.jit")), default=0)
    is_the_users = any(name.partition(".")[0] not in TOOLS for name in names[compiler:])
    if not is_the_users and not isinstance(error, AutogradError):
        raise error
    return f"{type(error).__name__}: {error}"


TOOLS = {"nn", "autograd_core", "numpy", "scipy", "llvmlite", *sys.stdlib_module_names}
"""Packages in which nothing is the user's."""


class Mapped:
    """A function ``f(x, y)`` of inputs and target, for many samples: a list of what it returns, as plain numbers.

    The first samples, ``to_watch`` of them, are done by the plain loop; all are, if what is computed varies.
    """

    def __init__(self, f: Callable[[Any, Any], Any], *, compiles: bool) -> None:
        self.f = f
        self.watch = Watch()
        self.to_watch = TO_WATCH
        self._compiled: Any = ag.jit(ag.vmap(f), static="self") if compiles else None

    def watch_again(self) -> None:
        """Watch one sample of the next call: what has run meanwhile may have changed what was compiled."""
        self.to_watch = max(self.to_watch, 1)

    def __call__(self, samples: Samples) -> list[Any]:
        """`f` of every sample."""
        done: list[Any] = []
        if self._compiled is not None and samples.target_numbers is not None:
            try:
                while len(done) < min(self.to_watch, len(samples)) and self.watch.why is None:
                    data = samples.rows[len(done)].tolist(), samples.target_numbers[len(done)].tolist()
                    done.append(plain(self.watch.call("the output", self.f, *data)))
                if self.watch.why is None:
                    self.to_watch = 0
                    return one_by_one(self._compiled(samples.rows, samples.target_numbers))
            except Exception as error:
                refusal(error)
            self._compiled = None
        left = zip(samples.rows[len(done) :].tolist(), samples.targets[len(done) :], strict=True)
        return done + [plain(self.f(x, y)) for x, y in left]


def one_by_one(batch: Any) -> list[Any]:
    """A batch, arrays in tuples and dicts, as a list with what belongs to each sample."""
    if isinstance(batch, tuple):
        return list(zip(*map(one_by_one, batch), strict=True))
    if isinstance(batch, dict):
        return [dict(zip(batch, some, strict=True)) for some in one_by_one(tuple(batch.values()))]
    return list(batch.tolist())


def each(f: Callable[[Any], Any], x: Any) -> Any:
    """`x` with ``f(leaf)`` in place of each leaf of its dicts, lists and tuples."""
    if isinstance(x, dict):
        return {key: each(f, child) for key, child in x.items()}
    if isinstance(x, (list, tuple)):
        return (list if isinstance(x, list) else tuple)(each(f, child) for child in x)
    return f(x)


def plain(x: Any) -> Any:
    """`x` with floats in place of Values, and lists in place of arrays."""
    return each(lambda x: plain(x.tolist()) if hasattr(x, "tolist") else x.data if isinstance(x, Value) else x, x)


def values_in(results: Any) -> list[Any]:
    """The elements of nested lists, tuples, dicts and arrays, in order."""
    found: list[Any] = []
    each(lambda x: found.extend(values_in(x.tolist()) if hasattr(x, "tolist") else [x]), results)
    return found
