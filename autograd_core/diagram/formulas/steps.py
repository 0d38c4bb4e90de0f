"""Steps of a line, written so that they are true: each in the first of several ways that comes to the line's number.

What mathematics says of symbols need not hold for floats: (x + y) - y is x, but not for x = 1 and y = 1e20; and three
digits may be enough for a product, but not for a difference. So every step is evaluated before it is shown.
"""

from __future__ import annotations

from itertools import zip_longest

from .algebra import Atom, of_atom
from .evaluation import Evaluation
from .figures import figure
from .lines import Line
from .writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from .algebra import Expression
    from .writer import Step
    from .written import Written

    Ways: TypeAlias = Iterable[Sequence[Expression]]
    """The same steps written in several ways, the nicest first; a generator makes only those that are needed."""

__all__ = ["Steps"]


class Steps:
    """Writes steps with so many digits where these are enough, else with all."""

    def __init__(self, digits: int | None, is_signed: bool) -> None:
        self.is_signed = is_signed
        self._values: dict[Atom, float] = {}
        self._precisions = [
            (Writer(each), Evaluation(self._values, each, is_signed)) for each in dict.fromkeys((digits, None))
        ]
        self.write = self._precisions[0][0]

    def symbol(self, written: Written, tag: int, value: float) -> Expression:
        """A name for a number."""
        atom = Atom(written, None, (), tag)
        self._values[atom] = value
        return of_atom(atom)

    def number(self, x: float, place: int = 0) -> Expression:
        """The number of a node, in its place; without the sign of -0 where that makes no difference."""
        return figure(x if self.is_signed else x + 0.0, place)

    def result(self, x: float) -> Step:
        """What a line ends with."""
        return self.write.step(self.number(x))

    def line(self, left: Written, value: float, ways: Ways) -> Line:
        """``left`` = step = step = value."""
        return Line(left, [*self.of(value, ways), self.result(value)], value)

    def of(
        self, value: float, ways: Ways, form: Callable[[Expression], Expression] = lambda expression: expression
    ) -> list[Step]:
        """The steps, in a form that means the same; what comes to the value in no way is left out."""
        found: list[Step | None] = []
        for way in ways:
            steps = zip_longest(found, way)
            found = [step or self._step(value, expression, form) for step, expression in steps]
            if all(found):
                break
        return [step for step in found if step]

    def _step(self, value: float, expression: Expression, form: Callable[[Expression], Expression]) -> Step | None:
        for write, evaluation in self._precisions:
            step = write.step(form(expression))
            if evaluation.comes_to(value, expression, is_exact=step[0]):
                return step
        return None
