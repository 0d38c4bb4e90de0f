"""Steps of a line, written so that they are true: each in the first of several ways that comes to the line's number.

Identities of symbols need not hold for floats: (x + y) - y is x, but not for x = 1 and y = 1e20; and three digits may
be enough for a product, but not for a difference. So every step is evaluated before it is shown, with all digits, and
as it is written.
"""

from __future__ import annotations

import math
from itertools import pairwise, zip_longest

from ..algebra.evaluation import Evaluation, cut
from ..algebra.expressions import Figure, Symbol, of_atom
from ..algebra.writer import Writer
from .lines import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from ..algebra.expressions import Atom, Expression
    from ..notation.written import Written

    Ways: TypeAlias = Iterable[Sequence[Expression]]
    """The steps of a line in several versions, the nicest first; a generator makes only those that are needed."""
    Step: TypeAlias = "tuple[float, Written]"
    """A number, and the notation that evaluates to it but for rounding."""
    Form: TypeAlias = Callable[[Expression], Expression]

__all__ = ["StepWriter"]

MOST_DIGITS = 17
TOLERANCE = 1e-9
"""Relative difference up to which two ways to compute a number, with all digits, count as equal."""
MORE_DIGITS = 3
"""Digits added at each new attempt where the wanted ones are not enough."""


class StepWriter:
    """A writer of steps with `digits` significant digits, or more where needed; if `is_signed`, 0 is not -0."""

    def __init__(self, digits: int | None, is_signed: bool, logarithm: str | None = None) -> None:
        self.is_signed, self.digits = is_signed, digits
        self._values: dict[Atom, float] = {}
        self._exactly = Evaluation(self._values, None)
        precisions = [] if digits is None else range(digits, MOST_DIGITS + 1, MORE_DIGITS)
        self._precisions = [(Writer(k, logarithm=logarithm), Evaluation(self._values, k)) for k in (*precisions, None)]
        self._enough = 0.0 if digits is None else min(0.5, 0.1 ** (digits - 2))  # the error that cut digits may cause
        self._equal = 0.0 if digits is None else 0.1 ** max(digits + 1, 12)
        self.write = Writer(digits, logarithm=logarithm)

    def symbol(self, written: Written, place: float, value: float) -> Expression:
        """A symbol for a number, with its place in the alphabet."""
        atom = Symbol(written, place)
        self._values[atom] = value
        return of_atom(atom)

    def number(self, x: float, place: int = 0) -> Expression:
        """The number of a node at its place in the alphabet; -0 without its sign where that makes no difference."""
        return of_atom(Figure(x if self.is_signed else x + 0.0, place))

    def line(self, left: Written, value: float, ways: Ways) -> Line:
        """The line ``left`` = step = step = value, of the first true version of each step."""
        return self.line_of(left, value, self.of(value, ways))

    def line_of(self, left: Written, value: float, steps: Sequence[Step]) -> Line:
        """The line ``left`` = step = step = value, of steps that are written already."""
        result = cut(value, self.digits), self.write(self.number(value))
        numbers, written = zip(*steps, result, strict=True)
        are_equal = [_are_near(a, b, self._equal) for a, b in pairwise([value, *numbers])]
        return Line(left, list(zip(are_equal, written, strict=True)), value)

    def of(self, value: float, ways: Ways, form: Form = lambda expression: expression) -> list[Step]:
        """The first true version of each step, put into `form`; a step of which none is true is left out."""
        found: list[Step | None] = []
        for way in ways:
            steps = zip_longest(found, way)
            found = [step or self._step(value, expression, form) for step, expression in steps]
            if all(found):
                break
        return [step for step in found if step]

    def _step(self, value: float, expression: Expression, form: Form) -> Step | None:
        exact = self._exactly(expression)
        if not self._comes_to(value, exact, TOLERANCE):
            return None
        for write, evaluation in self._precisions:
            number = evaluation(expression)
            if number == exact or write.digits is None:
                return value, write(form(expression))
            if number is not None and self._comes_to(value, number, self._enough):
                return number, write(form(expression))
        return None

    def _comes_to(self, value: float, found: float | None, tolerance: float) -> bool:
        if found is None:
            return False
        if value == 0.0 == found:
            return not self.is_signed or math.copysign(1.0, value) == math.copysign(1.0, found)
        return _are_near(found, value, tolerance)


def _are_near(a: float, b: float, tolerance: float) -> bool:
    return math.isclose(a, b, rel_tol=tolerance) or (math.isnan(a) and math.isnan(b))
