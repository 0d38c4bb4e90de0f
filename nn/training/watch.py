"""What a function computes, compared from one call to the next: whether it may be compiled once for all of them.

A compiled function keeps the graph of one run. A random number, or one that is changed between steps, would be frozen
in it. So the first runs are done as the plain loop does them, which asks for nothing twice, and their outlines are
compared: ops, constants and arrangement, but neither the data nor the Values that a program reads at every call.

One thing a graph does not tell: ``where(x > 0.0, a, b)`` has a constant in it, as ``where(True, a, b)`` has, since a
comparison is decided at once. While a function is traced it is not; so where such constants appear the second sample
is run that way, and if all of them turn out to be computed they are data.
"""

from __future__ import annotations

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from autograd_core.graph import Outline

__all__ = ["Watch", "stand_in", "values_in"]


class Watch:
    """Remembers the outline of each part of a computation; ``why`` tells what was different, None while nothing was."""

    def __init__(self) -> None:
        self.known: dict[str, Outline] = {}
        self.why: str | None = None
        self.are_computed: bool | None = None  # the conditions of all `where`; None: not asked

    def call(self, part: str, f: Callable[..., Any], *data: Any) -> Any:
        """What `f` gives for data, numbers and lists of them, in whose place it gets Values; compared as `see` does."""
        if self.are_computed is None and any(map(_has_condition, self.known.get(part, []))):
            return self._traced(f, data)
        labels: dict[Value, Any] = {}
        results = f(*[stand_in(x, f"argument {k}", labels) for k, x in enumerate(data)])
        self.see(part, results, labels)
        return results

    def _traced(self, f: Callable[..., Any], data: Any) -> Any:
        results = []

        def traced(*args: Any) -> Any:
            results.append(f(*args))
            return [x for x in values_in(results[0]) if isinstance(x, Value)]

        ag.jit(traced, backend="python").program(*data)
        self.are_computed = not any(map(_has_condition, outline(values_in(results[0]), {})))
        return results[0]

    def see(self, part: str, results: Any, data: Mapping[Value, Any]) -> bool:
        """Whether `part` computed these results as it did before; `data` labels the Values that hold its data."""
        found = outline(values_in(results), data)
        known = self.known.setdefault(part, found)
        if self.are_computed:
            known, found = ([_without_condition(line) for line in lines] for lines in (known, found))
        if found != known:
            self.why = f"{part} is computed in another way from one time to the next: {_difference(known, found)}"
        return self.why is None


def _has_condition(line: tuple[Any, ...]) -> bool:
    return line[0] is ag.where and type(line[1]) is float


def _without_condition(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*line[:1], "condition", *line[2:]) if _has_condition(line) else line


def values_in(results: Any) -> list[Any]:
    """The elements of nested lists, tuples, dicts and arrays, in order."""
    if isinstance(results, dict):
        results = list(results.values())
    elif hasattr(results, "tolist"):
        results = results.tolist()
    if not isinstance(results, (list, tuple)):
        return [results]
    return [x for child in results for x in values_in(child)]


def stand_in(data: Any, label: str, labels: dict[Value, Any]) -> Any:
    """A number, or a list of them, as Values that stand for data, written into `labels`."""
    if isinstance(data, list):
        return [stand_in(x, f"{label} {j}", labels) for j, x in enumerate(data)]
    value = Value(data)
    labels[value] = label
    return value


def _difference(known: Outline, found: Outline) -> str:
    for before, now in zip(known, found, strict=False):
        if before != now:
            if before[0] is now[0] and len(before) == len(now):
                pairs = zip(before[1:], now[1:], strict=True)
                a, b = next((a, b) for a, b in pairs if a is not b and a != b)
                if isinstance(a, (float, Value)) and isinstance(b, (float, Value)):
                    a, b = (x.data if isinstance(x, Value) else x for x in (a, b))
                    return f"in '{before[0]}' the number {a!r} became {b!r}"
            return f"'{before[0]}' became '{now[0]}', or got other inputs"
    return f"{len(known) - 1} ops became {len(found) - 1}"
