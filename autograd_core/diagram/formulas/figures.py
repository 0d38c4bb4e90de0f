"""How the numbers of a graph are shown: with few digits, but not where a digit or a sign makes a difference."""

from __future__ import annotations

import math

from ...op import quiet
from ...ops.selection import COMPARISONS
from ...value import Value, data_of
from .algebra import symbol
from .notation import number, standard_name
from .writer import is_exact
from .written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from .algebra import Expression

    Step: TypeAlias = "tuple[bool, Written]"
    """Whether it has all its digits, and how it is written."""

__all__ = ["Figures"]

FIRST_FIGURE = -2  # and the next ones below are the tags of numbers
JUMPS = {"sign", "floor", "ceil", "trunc", "round", "mod", "floor_divide", *[op.name for op in COMPARISONS]}
SIGNED = {"atan2", "copysign"}


class Figures:
    """The numbers of the nodes in `order`. ``cut`` are the tags of those that have more digits than they show."""

    def __init__(self, order: Sequence[Value], digits: int | None) -> None:
        self.digits = digits
        self.cut: set[int] = set()
        computed = [node for node in order if node.inputs]
        self._is_signed = any([standard_name(node.op) in SIGNED or not math.isfinite(node.data) for node in computed])
        self._before_jumps = {
            x for node in computed if self._has_jumped(node) for x in node.inputs if isinstance(x, Value)
        }

    def written(self, x: float) -> Step:
        """A number that a line ends with. That 0 is -0 is said where it matters."""
        figures = number(x if self._is_signed else x + 0.0, self.digits)
        return is_exact(x, figures), figures

    def of(self, node: Value) -> Step:
        """A node's number; in front of a jump with all digits."""
        return (True, number(node.data)) if node in self._before_jumps else self.written(node.data)

    def symbol(self, step: Step, place: int) -> Expression:
        """A number that stands for itself."""
        is_whole, figures = step
        tag = FIRST_FIGURE - place
        if not is_whole:
            self.cut.add(tag)
        return symbol(figures, tag)

    def _has_jumped(self, node: Value) -> bool:
        """Whether it would be something else with fewer digits: floor(2.9999999) is not floor(3)."""
        if self.digits is None or standard_name(node.op) not in JUMPS:
            return False
        with quiet():
            near = node.op(*[float(f"{data_of(x):.{self.digits}g}") for x in node.inputs])
        tolerance = 10.0 ** (1 - self.digits)
        return not math.isclose(near, node.data, rel_tol=tolerance, abs_tol=tolerance)
