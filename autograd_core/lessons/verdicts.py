"""What is said about an answer: right, or why not.

An answer is compared as numbers: with what the engine computes, then with what known mistakes give. The first mistake
that gives the same is the one that is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from random import Random
from typing import Any

__all__ = ["Feedback", "Finding", "Said", "is_open", "judged", "judged_function", "right", "wrong"]

Said = tuple[str, str]
"""A text in English and in German."""

Slips = Sequence[tuple[Any, Said]]
"""Known mistakes: what they give, and what to say."""

ROUNDED = 2e-3
"""Relative: numbers may be given with three digits."""

EXACT = 1e-9
"""Relative: what functions give is not rounded."""


@dataclass(frozen=True)
class Finding:
    """Whether an answer is right, None if it is still open, and what to say about it."""

    is_right: bool | None
    said: Said


@dataclass(frozen=True)
class Feedback:
    """What a check says about an answer. `is_right` is None for an exercise that is not answered yet."""

    is_right: bool | None
    text: str

    def __repr__(self) -> str:
        return self.text


def right(said: Said) -> Finding:
    """The finding that an answer is right, and what can be learned from it."""
    return Finding(True, said)


def wrong(said: Said) -> Finding:
    """The finding that an answer is wrong, and why."""
    return Finding(False, said)


def is_open(answer: Any) -> bool:
    """Whether the dots of an exercise still stand in an answer."""
    if isinstance(answer, Mapping):
        return any(map(is_open, answer.values()))
    return answer is ... or (isinstance(answer, (list, tuple, set)) and any(map(is_open, answer)))


def judged(answer: Any, expected: Any, slips: Slips = (), *, because: Said) -> Finding:
    """An answer of numbers or texts, in lists and dicts or not, beside what is expected and what mistakes give.

    >>> slips = [([1.0, 2.0], ("the sign of the second", "das Vorzeichen des zweiten"))]
    >>> judged([1.0, 2.0], [1.0, -2.0], slips, because=("both fall", "beide fallen")).said[0]
    'the sign of the second'

    because: what can be learned from it when it is right.
    """
    answer = plain(answer)
    for tolerance in (EXACT, ROUNDED):  # a mistake may be as near as a rounded answer
        if agree(answer, expected, tolerance):
            return right(because)
        for mistake, said in slips:
            if agree(answer, mistake, tolerance):
                return wrong(said)
    return wrong(difference(answer, expected))


def judged_function(
    answer: Callable[..., Any],
    expected: Callable[..., Any],
    draw: Callable[[Random], Sequence[Any]],
    slips: Sequence[tuple[Callable[..., Any], Said]] = (),
    *,
    because: Said,
) -> Finding:
    """A function beside what is expected and what mistakes give, at five random points.

    draw: the arguments at one point, from a generator of random numbers.
    """
    if not callable(answer):
        return wrong(
            (f"a function is expected, got {answer!r:.60}", f"erwartet ist eine Funktion, hier: {answer!r:.60}")
        )
    rng = Random(0)
    points = [draw(rng) for _ in range(5)]
    try:
        given = [plain(answer(*point)) for point in points]
    except Exception as error:
        return wrong(
            (
                f"the function raises {type(error).__name__}: {error}",
                f"die Funktion bricht ab mit {type(error).__name__}: {error}",
            )
        )
    if is_open(given):
        return Finding(None, ("", ""))
    wanted = [plain(expected(*point)) for point in points]
    if agree(given, wanted, EXACT):
        return right(because)
    for mistake, said in slips:
        if agree(given, [plain(mistake(*point)) for point in points], EXACT):
            return wrong(said)
    k = next(k for k in range(len(points)) if not agree(given[k], wanted[k], EXACT))
    at = ", ".join(shown(x) for x in points[k])
    return wrong(
        (
            f"at ({at}) it gives {shown(given[k])}, and the engine {shown(wanted[k])}",
            f"bei ({at}) ergibt sie {shown(given[k])}, die Engine {shown(wanted[k])}",
        )
    )


def plain(answer: Any) -> Any:
    """An answer without what it comes in: Values as their numbers, arrays, tuples and records as lists."""
    if hasattr(answer, "tolist"):
        return plain(answer.tolist())
    if isinstance(answer, Mapping):
        return {str(key): plain(x) for key, x in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [plain(x) for x in answer]
    return getattr(answer, "data", answer)


def agree(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two plain answers are the same, numbers up to a tolerance: relative, below 1e-3 in size absolute."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(agree(a[key], b[key], tolerance) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(agree(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if is_number(a) and is_number(b):
        return bool(abs(a - b) <= tolerance * max(abs(b), 1e-3))
    return type(a) is type(b) and bool(a == b)


def difference(answer: Any, expected: Any) -> Said:
    """What distinguishes an answer from what is expected, as far as it can be said without telling that."""
    if isinstance(expected, Mapping) and isinstance(answer, Mapping):
        if missing := [key for key in expected if key not in answer]:
            return f"{missing[0]} is missing", f"{missing[0]} fehlt"
        if foreign := [key for key in answer if key not in expected]:
            return f"{foreign[0]} does not belong there", f"{foreign[0]} gehört nicht dazu"
        return _first_that_differs((str(key), answer[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)) and isinstance(answer, (list, tuple)):
        if len(answer) != len(expected):
            return (
                f"{len(expected)} entries are expected, got {len(answer)}",
                f"erwartet sind {len(expected)} Einträge, hier: {len(answer)}",
            )
        return _first_that_differs((f"[{k}]", *pair) for k, pair in enumerate(zip(answer, expected, strict=True)))
    if isinstance(expected, Set) and isinstance(answer, Set):
        if foreign := sorted(map(str, answer - expected)):
            return f"{foreign[0]} does not belong there", f"{foreign[0]} gehört nicht dazu"
        return "something is missing", "es fehlt noch etwas"
    if is_number(expected) and is_number(answer):
        if agree(answer, -expected, ROUNDED):
            return "the size is right, the sign is not", "der Betrag stimmt, das Vorzeichen nicht"
        is_too_large = answer > expected
        return (
            f"{shown(answer)} is too {'large' if is_too_large else 'small'}",
            f"{shown(answer)} ist zu {'groß' if is_too_large else 'klein'}",
        )
    if type(expected) is type(answer):
        return f"{shown(answer)} is wrong", f"{shown(answer)} ist falsch"
    kinds = KINDS.get(type(expected), ("something else", "etwas anderes"))
    return f"{kinds[0]} is expected, got {shown(answer)}", f"erwartet ist {kinds[1]}, hier: {shown(answer)}"


def _first_that_differs(parts: Any) -> Said:
    name, answer, expected = next(part for part in parts if not agree(part[1], part[2], ROUNDED))
    english, german = difference(answer, expected)
    return f"{name}: {english}", f"{name}: {german}"


KINDS: dict[type, Said] = {
    bool: ("True or False", "True oder False"),
    dict: ("a dict of names and numbers", "ein dict aus Namen und Zahlen"),
    float: ("a number", "eine Zahl"),
    int: ("a number", "eine Zahl"),
    list: ("a list", "eine Liste"),
    set: ("a set of names, {...}", "eine Menge von Namen, {...}"),
}


def is_number(x: Any) -> bool:
    """Whether something is a number, and no truth value."""
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def shown(x: Any) -> str:
    """An answer as text, numbers with four digits."""
    if isinstance(x, float):
        return f"{x:.4g}"
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(shown, x))}]"
    return f"{x!r:.60}"
