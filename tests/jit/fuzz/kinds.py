"""The kinds of random programs: a table of generators, each of which gives the text of a script.

A script defines ``results()``, a list of what each call gave. It compiles by ``jit``, which is a name that whoever
runs it defines: the eager engine, a backend, or another arithmetic altogether. Every call is made at least twice,
since a way through a function is compiled when it recurs.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from .mapped_kinds import axes, branching_maps, containers, gates, mapped_containers, nested_maps, several_kinds
from .scalar_kinds import conditions, forward, gradients, hessians, values, whole_numbers
from .stateful_kinds import captured, reentrant, threads, written, written_within

__all__ = ["KINDS", "Kind", "Script", "script"]


class Kind(NamedTuple):
    """A generator: its name, how often it is drawn, and what else can run its scripts."""

    name: str
    weight: int
    lines: Callable[[Random], list[str]]
    has_oracle: bool = False
    """Values only, of functions that the oracle knows."""
    is_scalar: bool = False
    """Floats in, numbers out, no map within: the steps of the program can be shaken."""


class Script(NamedTuple):
    """The text of a program, and what kind it is."""

    kind: Kind
    source: str


KINDS = (
    Kind("values", 8, values, has_oracle=True, is_scalar=True),
    Kind("gradients", 6, gradients, is_scalar=True),
    Kind("Hessians", 6, hessians, is_scalar=True),
    Kind("forward over others", 4, forward, is_scalar=True),
    Kind("conditions as values", 4, conditions, has_oracle=True, is_scalar=True),
    Kind("whole numbers", 3, whole_numbers),
    Kind("containers", 4, containers),
    Kind("mapped containers", 4, mapped_containers),
    Kind("points of several kinds", 4, several_kinds),
    Kind("axes of maps", 4, axes, has_oracle=True),
    Kind("maps in maps", 4, nested_maps),
    Kind("branches in maps", 5, branching_maps),
    Kind("gates", 4, gates),
    Kind("captured Values", 4, captured),
    Kind("written results", 3, written),
    Kind("written arrays", 2, written_within),
    Kind("threads", 2, threads),
    Kind("re-entrant ops", 2, reentrant),
)
"""What is drawn from, by weight."""


def script(seed: int, kind: str | None = None) -> Script:
    """The random program of that seed."""
    random = Random(seed)
    drawn = random.choices(KINDS, [k.weight for k in KINDS])[0]
    chosen = next((k for k in KINDS if k.name == kind), drawn)
    return Script(chosen, "\n".join(chosen.lines(random)) + "\n")
