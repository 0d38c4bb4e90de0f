"""Lines marked one by one: what each should be, whether it is, and of the first wrong one the likely slip."""

from __future__ import annotations

import math
from contextlib import suppress

from ...errors import ExpressionError
from ...value import Value
from ..derivation.forward import ways_of
from .points import points_around
from .repairs import repairs
from .sheets import DerivativeOf, Moved, Reader, ValueOf
from .slips import candidates, truth
from .verdicts import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..derivation.terms import Terms
    from .points import Point
    from .sheets import Claim, Side, Subject
    from .slips import Formula, Slip

__all__ = ["Marking"]

NEAR = 1e-7
"""Relative difference up to which two formulas count as equal at a point, expanded ones included."""
DUST = 1e-14
"""What rounding leaves of terms that cancel."""
FEWEST = 3
"""Points at which an answer and a slip have to agree, unless the answer is a number."""


class Marking:
    """The marking of lines about z, derived by `variables`."""

    def __init__(self, terms: Terms, variables: Sequence[Value], rate: float | None, language: str) -> None:
        self.terms, self.z, self.rate, self.language = terms, terms.z, rate, language
        self.leaves = [node for node in terms.order if not node.inputs]
        self.variables = list(variables)
        self.points = points_around(self.z, self.leaves)
        self.names = {written.text: node for node, written in terms.names.items()}
        self.reader = Reader(self.z, self.names, self.points, rate)

    def verdict(self, lines: Sequence[str]) -> Verdict:
        """The verdict on the first wrong line, or on the last."""
        claims = [self._claim(k, line, len(lines)) for k, line in enumerate(lines, 1)]
        moved: list[Value] = []
        right: set[Any] = set()
        last: Verdict | None = None
        for claim in claims:
            for k, side in enumerate(claim.sides if claim.subject is not None else ()):
                is_algebra = k > 0 or _key(claim.subject) in right
                last = self._judged(claim, side, moved, len(lines), is_algebra)
                if not last:
                    return last
            right.add(_key(claim.subject))
            moved += self._parameters(claim)
        if last is None:
            raise ExpressionError("no line says what dz/dx is; write for instance dz/dx = 2*x")
        return last

    def _claim(self, k: int, line: str, count: int) -> Claim:
        default: Subject = None
        if len(self.variables) == 1:
            default = DerivativeOf(self.z, self.variables[0])
        elif len(self.variables) == count:
            default = DerivativeOf(self.z, self.variables[k - 1])
        elif not self.variables and len(self.leaves) == 1:
            default = DerivativeOf(self.z, self.leaves[0])
        try:
            claim = self.reader.claim(k, line, default)
            if claim.subject is None and not self.reader.is_abbreviation(line):
                names = ", ".join([self.terms.names[leaf].text for leaf in self.leaves[:12]])
                root = self.terms.names[self.z].text
                raise ExpressionError(
                    f"it is not said by what {root} is derived; give x, one of {names}, or write d{root}/d... = "
                    f"in front of {line!r:.40}"
                )
        except ExpressionError as error:
            raise ExpressionError(f"line {k}: {error}" if count > 1 else str(error)) from None
        return claim

    def _parameters(self, claim: Claim) -> list[Value]:
        """The parameter that a line has moved, or derived by."""
        match claim.subject:
            case Moved(node) if not node.inputs:
                return [node]
            case DerivativeOf(_, below) if not below.inputs:
                return [below]
        return []

    def _judged(self, claim: Claim, side: Side, moved: Sequence[Value], count: int, is_algebra: bool) -> Verdict:
        subject = claim.subject
        assert subject is not None
        if isinstance(subject, Moved) and self.rate is None:
            raise ExpressionError(f"line {claim.line} is about a step: give its learning rate, rate=0.1")
        parameters = self.variables or [leaf for leaf in self.leaves if leaf.name]
        right = truth(subject, self.z, parameters, self.rate or 1.0)
        points = self.points[:1] if side.is_number else self.points
        given = Given(side, points)
        is_right = given.is_always(right, 1)
        k = 0 if is_right else given.first_difference(right)
        leaves = [(self.terms.names[x].text, points[k].value(x)) for x in self.leaves[:6]]
        facts: dict[str, Any] = {
            "text": side.text,
            "what": self._what(subject),
            "point": ", ".join([f"{name} = {x:.6g}" for name, x in leaves]),
            "given": given.values[k],
            "expected": right(points[k]),
            "count": count,
            "language": self.language,
        }
        if is_right:
            how = "numerically" if side.is_number and subject is not None else "symbolically"
            return Verdict(True, None, how=how, **facts)
        found = candidates(subject, self.z, parameters, moved, self.rate, is_algebra=is_algebra)
        least = 1 if side.is_number else min(FEWEST, len(points))
        slip = next((slip for slip, formula in found if given.is_always(formula, least, 2.0)), None)
        if slip is None:
            kind, node = self._repaired(side, right, points, least)
            return Verdict(False, claim.line, slip=kind, node=node, **facts)
        return Verdict(False, claim.line, slip=slip.kind, node=self._shown(slip), factor=slip.factor, **facts)

    @staticmethod
    def _repaired(
        side: Side, right: Formula, points: Sequence[Point], least: int
    ) -> tuple[str, str] | tuple[None, None]:
        """The kind and the place of a slip in the text, if altering one operation there makes the text right."""
        for kind, place, text in repairs(side.expression.text):
            try:
                other = side.written(text)
            except ExpressionError:  # the text has become too long, or its numbers too large
                continue
            if Given(other, points[:1]).is_always(right, 1) and Given(other, points).is_always(right, least):
                return kind, place
        return None, None

    def _what(self, subject: Subject) -> str:
        names = self.terms.names
        match subject:
            case DerivativeOf(above, below):
                return self.terms.derivative(above, below).text
            case ValueOf(node):
                return names[node].text
            case Moved(node):
                return f"{names[node].text}_new"
        raise AssertionError(subject)

    def _shown(self, slip: Slip) -> str | None:
        """The node of a slip with its formula."""
        if slip.node is None:
            return None
        name = self.terms.names[slip.node].text
        if not slip.node.inputs:
            return name
        steps = self.terms.steps.of(slip.node.data, ways_of(self.terms, slip.node))
        return f"{name} = {steps[0][1].text}" if steps else name


def _key(subject: Subject) -> Any:
    """The subject as a key: Values of equal data are different."""
    return subject and (type(subject), *map(id, subject))


class Given:
    """The values of a handed-in expression at points, to compare with a formula's."""

    def __init__(self, side: Side, points: Sequence[Point]) -> None:
        self.points = points
        self.values = [side.at(point) for point in points]
        self._slack = [side.slack(point, value) for point, value in zip(points, self.values, strict=True)]

    def first_difference(self, formula: Formula) -> int:
        """The first point at which a formula has another value; the first of all if there is none."""
        for k, (value, point) in enumerate(zip(self.values, self.points, strict=True)):
            with suppress(ArithmeticError, ValueError):
                other = formula(point)
                if not abs(value - other) <= NEAR * max(abs(value), abs(other)):
                    return k
        return 0

    def is_always(self, formula: Formula, least: int, halves: float = 1.0) -> bool:
        """Whether a formula has these values at all points where both are numbers, and there are at least so many.

        One of many points may differ by rounding, as where a long sum cancels. ``halves``: by how many halves of a unit
        the last place of a decimal may be off, 2 if digits were cut instead of rounded.
        """
        differing = agreeing = 0
        for point, value, slack in zip(self.points, self.values, self._slack, strict=True):
            try:
                other = formula(point)
            except (ArithmeticError, ValueError):
                other = math.nan
            if not (math.isfinite(value) and math.isfinite(other)):
                continue
            size = max(abs(value), abs(other))
            allowed = max(NEAR * size, halves * slack, DUST)
            differing += abs(value - other) > allowed
            agreeing += abs(value - other) <= allowed
            if differing > (len(self.points) > FEWEST + 1):
                return False
        return agreeing >= least
