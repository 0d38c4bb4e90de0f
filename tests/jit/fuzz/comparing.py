"""Comparing: what counts as the same number, and where the arithmetics that run one script differ.

Functions of the C library and of libmvec may differ by a few units in the last place, and a compiled gradient may add
its terms in another order; how much of that reaches the result depends on the program. So where results are not equal
to a few units in the last place, the script is run again some times with every intermediate result multiplied by
1 ± 4 · 2⁻⁵² at random, and so are the steps of scalar programs: how far the results move is how far rounding can move
them. A difference must stay within a few times that. And nan must be nan, and inf the same inf, unless the eager
engine itself, perturbed in the same way, disagrees about that (the point stands at the edge of overflow, of a domain
or of a branch); in one of those runs products of finite numbers are finite, as they are where a machine adds them up
with one rounding. Where Python's own floats overflow eagerly, since a Value is not multiplied by True, there is nothing
to compare with.
"""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from jit.support import ALL_BACKENDS, BACKENDS

from autograd_core.errors import MissingPackageError

from . import oracle
from .kinds import Script, script
from .running import ULP, Outcome, Stepwise, compiled, eagerly, run, run_saturated, wobbling

WOBBLES = 12
EXTERNAL_EVERY = 10
"""A C compiler takes a tenth of a second for each program: of so many seeds one is run by other programs too."""


class Comparison(NamedTuple):
    """A script, where the arithmetics differ, which of them refused it and why, and how many numbers the oracle had."""

    script: Script
    differences: list[str]
    refused: list[str]
    known: int


def compare(seed: int, kind: str | None = None) -> Comparison:
    """The program of that seed by all arithmetics."""
    made = script(seed, kind)
    expected = run(made.source, eagerly, at_once=False)
    rounding = Rounding(seed, made)
    differing: list[str] = []
    refused: list[str] = []
    backends = ALL_BACKENDS if seed % EXTERNAL_EVERY == 0 else BACKENDS
    for backend in backends:
        found = run(made.source, compiled(backend))
        if type(found.error) is not type(expected.error):
            told = f"{backend}: {_told(found.error)}, eagerly: {_told(expected.error)}"
            may_differ = is_refusal(found.error) or (
                found.error is None and isinstance(expected.error, ArithmeticError)
            )
            (refused if may_differ else differing).append(told)
        elif found.error is None:
            differing += differences(backend, found, expected, rounding)
    known = 0
    if made.kind.has_oracle and expected.error is None:
        true = oracle.run_exactly(made.source)
        if true.error is not None:
            differing.append(f"oracle: {_told(true.error)}")
        else:
            known = sum([len(numbers) for _, numbers in true.results if numbers])
            differing += differences("oracle", true, expected, rounding)
    return Comparison(made, differing, refused, known)


def is_refusal(error: Exception | None) -> bool:
    """Whether it is an error of ours which says what to do; not that a C compiler is missing or takes no text of ours."""
    is_of_machine = isinstance(error, MissingPackageError) or "did not compile" in str(error)
    return type(error).__module__.startswith("autograd_core") and not is_of_machine


def _told(error: Exception | None) -> str:
    return "answered" if error is None else f"{type(error).__name__}: {error}"[:400]


class Rounding:
    """How far the results of a script move when its steps are rounded otherwise; found out when asked for."""

    def __init__(self, seed: int, made: Script) -> None:
        self.seed, self.script = seed, made
        self._eager: list[Outcome] | None = None
        self._steps: list[Outcome] | None = None

    def eager(self, result: int, j: int) -> list[float]:
        """Number j of that result, by the eager engine."""
        if self._eager is None:
            random = Random(self.seed + 1)
            keeps = [wobbling(random) for _ in range(WOBBLES)]
            self._eager = [run(self.script.source, jit, keep, at_once=False) for keep, jit in keeps]
            self._eager.append(run_saturated(self.script.source))
        return _column(self._eager, result, j)

    def steps(self, result: int, j: int) -> list[float]:
        """Number j of that result, by the steps of scalar programs."""
        if self._steps is None:
            stepwise = Stepwise(Random(self.seed + 2))
            self._steps = []
            for _ in range(2 * WOBBLES if self.script.kind.is_scalar else 0):
                stepwise.made = 0
                self._steps.append(run(self.script.source, stepwise, at_once=False))
        return _column(self._steps, result, j)


def _column(outcomes: list[Outcome], result: int, j: int) -> list[float]:
    return [o.results[result][1][j] for o in outcomes if o.error is None and len(o.results[result][1]) > j]


def differences(who: str, found: Outcome, expected: Outcome, rounding: Rounding) -> list[str]:
    """Where the outcomes are not the same."""
    differing: list[str] = []
    if len(found.results) != len(expected.results):
        return [f"{who}: {len(found.results)} results in place of {len(expected.results)}"]
    for i, ((nesting, numbers), (nests, wanted)) in enumerate(zip(found.results, expected.results, strict=True)):
        if who == "oracle":
            if not numbers:
                continue  # it does not know
        elif nesting != nests:
            differing.append(f"{who}, result {i}: nests as {nesting}, expected {nests}")
            continue
        if repr(numbers) == repr(wanted):
            continue
        for j, (a, b) in enumerate(zip(numbers, wanted, strict=True)):
            if not (
                agree(a, b, [], [])
                or agree(a, b, rounding.eager(i, j), [])
                or agree(a, b, rounding.eager(i, j), rounding.steps(i, j))
            ):
                differing.append(f"{who}, result {i} number {j}: found {a!r}, expected {b!r}")
    return differing


def agree(found: float, expected: float, eager: list[float], steps: list[float]) -> bool:
    """Whether `found` is `expected` up to what rounding may do, of which both lists are examples; see the top."""
    if found == expected or (found != found and expected != expected):
        return True
    if not all(map(math.isfinite, (found, expected, *eager))):
        return any(_is_like(found, x) for x in eager)
    reach = max([abs(x - expected) for x in [*eager, *steps] if math.isfinite(x)], default=0.0)
    return abs(found - expected) <= 8.0 * reach + 4.0 * ULP * abs(expected) + 1e-321


def _is_like(x: float, y: float) -> bool:
    return (x != x and y != y) or x == y or (math.isfinite(x) and math.isfinite(y))
