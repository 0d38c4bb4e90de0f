"""A pass run with a check of what it leaves, for `explain` and the tests: an ordinary compilation trusts its passes.

What is checked is the form, not a number: the result is a valid program that reads the same inputs, writes the same
elements of the same sinks, and asks the same guards, but for those that are known to hold.
"""

from __future__ import annotations

from ...errors import ProgramError
from ..ir.program import Constant, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    from ..ir.program import Guard

    Pass: TypeAlias = Callable[[Program, Sequence[int]], Program]
    """A function of a program and the numbers of points of its lane axes, that gives an equivalent program."""

__all__ = ["checked"]


def checked(run: Pass, program: Program, lengths: Sequence[int]) -> Program:
    """``run(program, lengths)``. Raises `ProgramError`, which names the pass, if it raises or breaks the program."""
    try:
        found = run(program, lengths)
    except Exception as error:
        raise ProgramError(f"the pass {run.__name__} raised {type(error).__name__}: {error}") from error
    fault = _fault(found, program)
    if fault is not None:
        raise ProgramError(f"the pass {run.__name__} {fault}")
    return found


def _fault(found: Any, program: Program) -> str | None:
    """What is wrong with the program that a pass has found, or None."""
    if not isinstance(found, Program):
        return f"gave {found!r:.60} instead of a program"
    used = [a for step in found.steps for a in step.args]
    for i in [*used, *[out.node for out in found.outputs], *[guard.node for guard in found.guards]]:
        if type(i) is not int:
            return f"refers to a node by {i!r} instead of its position"
    try:
        Program(found.nodes, found.outputs, found.guards, found.axes)
    except ProgramError as error:
        return f"gave an invalid program: {error}"
    for what, part in INTERFACE.items():
        if part(found) != part(program):
            return f"changed the {what} from {part(program)} to {part(found)}"
    asked = _asked(found.guards)
    if not (_in_order(_needed(program), asked) and _in_order(asked, _asked(program.guards))):
        return f"changed the guards from {list(program.guards)} to {list(found.guards)}"
    return None


INTERFACE: dict[str, Callable[[Program], Any]] = {
    "number of lane axes": lambda program: program.axes,
    "inputs": lambda program: set(program.inputs),
    "outputs": lambda program: [(out.sink, out.offset, out.stride, out.axis) for out in program.outputs],
}
"""What no pass changes."""


def _needed(program: Program) -> list[tuple[bool, str]]:
    """The outcomes and places of the guards that must stay: the first of equal ones, none on a constant."""
    first: dict[tuple[int, bool], Guard] = {}
    for guard in program.guards:
        if not isinstance(program.nodes[guard.node], Constant):
            first.setdefault((guard.node, guard.expected), guard)
    return _asked(first.values())


def _asked(guards: Iterable[Guard]) -> list[tuple[bool, str]]:
    return [(guard.expected, guard.place) for guard in guards]


def _in_order(some: Iterable[Any], every: Iterable[Any]) -> bool:
    """Whether `some` are among `every`, in that order."""
    rest = iter(every)
    return all(x in rest for x in some)
