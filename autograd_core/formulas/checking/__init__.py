"""Handed-in derivations checked: `check_derivation` says whether an answer is right, where it is not, and why.

points    the graph at other numbers
sheets    the handed-in lines, read by the white list of expressions
slips     derivations with one rule altered
verdicts  what was found, in English and German
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ...errors import ExpressionError, NumberError
from ...graph import ancestors, check_fresh
from ...settings import LANGUAGES, one_of
from ...value import Value, as_inputs, element_of
from .verdicts import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..derivation.terms import Terms
    from .points import Point
    from .sheets import Claim, Side, Subject
    from .slips import Formula, Slip

__all__ = ["Verdict", "check_derivation"]

NEAR = 1e-7
"""Relative difference up to which two formulas count as equal at a point, expanded ones included."""
FEWEST = 3
"""Points at which an answer and a slip have to agree, unless the answer is a number."""


def check_derivation(
    answer: str | Sequence[str] | Mapping[Any, str],
    z: Value,
    x: Value | str | Iterable[Value | str] | None = None,
    *,
    rate: float | None = None,
    language: str = "en",
) -> Verdict:
    """A verdict on a handed-in answer: whether it is ∂z/∂x, and if not, the first wrong line and the likely slip.

    Formulas are compared by their values where the graph was computed and at points around; a number is compared where
    the graph was computed, to the digits that it has. The likely slip is that of a derivation with one rule altered
    which comes to the same wrong values.

    answer: an expression, or lines of them, or a dict of one for each parameter. A line may say what it is about:
    ``dz/dx = ...``, ``z' = ...``, ``v1 = ...``, ``w_new = ...`` after one step of gradient descent; else it is about
    ∂z/∂x, and with several `x` each line about its own. A line may have several sides, ``dz/dx = 2*u*3 = 6*u``, an
    abbreviation, ``u = 3*x + 1``, and what `derive` prints: ``dz/dv1``, ``log'(u)``. ``ln`` and ``sigma`` are known.
    x: the variable, a node or its name; several are the parameters of a step. By default the only leaf.
    rate: the learning rate of ``w_new = w - rate * dz/dw``; lines may call it eta.
    language: "en" or "de", that of the sentence.

    >>> x = Value(2.0, name="x")
    >>> from autograd_core import log, sin
    >>> check_derivation("2/x", log(3 * x**2), x)
    Right: 2/x is dz/dx.
    >>> check_derivation("cos(2*x)", sin(2 * x), x)
    Wrong: cos(2*x) is not dz/dx. At x = 2 it is -0.653644, but dz/dx is -1.30729.
    Likely slip: the inner derivative was forgotten, at z = sin(v1).
    >>> found = check_derivation(["1/(3*x**2) * (6*x)", "2*x/x**2", "1/x"], log(3 * x**2))
    >>> bool(found), found.line, found.slip, found.factor
    (False, 3, 'factor', 0.5)

    No text is run as code: what expressions do not have is refused. Raises `ExpressionError` (a ValueError) for what
    cannot be read, with its line and place, `NumberError` (a TypeError) for what is no Value, `StaleGraphError` after a
    leaf has changed, `DiagramError` for another language and for a name that no node has.
    """
    z = element_of(z)
    if not isinstance(z, Value):
        raise NumberError(
            f"check_derivation takes an answer, a Value and what to derive by, got {z!r:.60} for the Value"
        )
    one_of("language", language, LANGUAGES)
    check_fresh(ancestors(z))
    if rate is not None:
        (rate,) = as_inputs([rate])
    from ..derivation import nodes_called
    from ..derivation.terms import Terms

    terms = Terms(z, None)
    variables = nodes_called(x, terms)
    lines = _lines(answer, terms, variables)
    return Check(terms, variables, rate, language).verdict(lines, isinstance(answer, str))


def _lines(answer: Any, terms: Terms, variables: Sequence[Value]) -> list[str]:
    if isinstance(answer, str):
        lines = answer.strip().splitlines()
    elif isinstance(answer, Mapping):
        names = {x: written.text for x, written in terms.names.items()}
        root = names[terms.z]
        lines = [f"d{root}/d{names.get(element_of(key), key)} = {text}" for key, text in answer.items()]
    elif isinstance(answer, Iterable):
        lines = list(answer)
    else:
        raise ExpressionError(
            f"an answer is a text or a list of lines, got {answer!r:.60} of type {type(answer).__name__}"
        )
    if not lines:
        raise ExpressionError("the answer is empty; write for instance 2*x")
    return lines


class Check:
    """The check of lines about z, derived by `variables`."""

    def __init__(self, terms: Terms, variables: Sequence[Value], rate: float | None, language: str) -> None:
        from .points import points_around
        from .sheets import Reader

        self.terms, self.z, self.rate, self.language = terms, terms.z, rate, language
        self.leaves = [node for node in terms.order if not node.inputs]
        self.variables = list(variables)
        self.points = points_around(self.z, self.leaves)
        self.names = {written.text: node for node, written in terms.names.items()}
        self.reader = Reader(self.z, self.names, self.points, rate)

    def verdict(self, lines: Sequence[str], is_one: bool) -> Verdict:
        """The verdict on the first wrong line, or on the last."""
        claims = [self._claim(k, line, len(lines)) for k, line in enumerate(lines, 1)]
        moved: list[Value] = []
        right: set[Any] = set()
        last: Verdict | None = None
        count = 1 if is_one and len(lines) == 1 else len(lines)
        for claim in claims:
            for k, side in enumerate(claim.sides if claim.subject is not None else ()):
                is_algebra = k > 0 or _key(claim.subject) in right
                last = self._judged(claim, side, moved, count, is_algebra)
                if not last:
                    return last
            right.add(_key(claim.subject))
            moved += self._parameters(claim)
        if last is None:
            raise ExpressionError("no line says what dz/dx is; write for instance dz/dx = 2*x")
        return last

    def _claim(self, k: int, line: str, count: int) -> Claim:
        from .sheets import Derivative

        default: Subject = None
        if len(self.variables) == 1:
            default = Derivative(self.z, self.variables[0])
        elif len(self.variables) == count:
            default = Derivative(self.z, self.variables[k - 1])
        elif not self.variables and len(self.leaves) == 1:
            default = Derivative(self.z, self.leaves[0])
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
        from .sheets import Derivative, Moved

        match claim.subject:
            case Moved(node) if not node.inputs:
                return [node]
            case Derivative(_, below) if not below.inputs:
                return [below]
        return []

    def _judged(self, claim: Claim, side: Side, moved: Sequence[Value], count: int, is_algebra: bool) -> Verdict:
        from .sheets import Moved
        from .slips import candidates, truth

        subject = claim.subject
        assert subject is not None
        if isinstance(subject, Moved) and self.rate is None:
            raise ExpressionError(f"line {claim.line} is about a step: give its learning rate, rate=0.1")
        parameters = self.variables or [leaf for leaf in self.leaves if leaf.name]
        right = truth(subject, self.z, parameters, self.rate or 1.0)
        points = self.points[:1] if side.is_number else self.points
        given = Given(side, points)
        facts: dict[str, Any] = {
            "text": side.text,
            "what": self._what(subject),
            "point": ", ".join([f"{self.terms.names[x].text} = {x.data:.6g}" for x in self.leaves[:6]]),
            "given": given.values[0],
            "expected": right(self.points[0]),
            "count": count,
            "language": self.language,
        }
        if given.is_always(right, 1):
            how = "numerically" if side.is_number and subject is not None else "symbolically"
            return Verdict(True, None, how=how, **facts)
        found = candidates(subject, self.z, parameters, moved, self.rate, is_algebra=is_algebra)
        least = 1 if side.is_number else min(FEWEST, len(points))
        slip = next((slip for slip, formula in found if given.is_always(formula, least, 2.0)), None)
        kind = None if slip is None else slip.kind
        return Verdict(False, claim.line, slip=kind, node=self._shown(slip), factor=slip and slip.factor, **facts)

    def _what(self, subject: Subject) -> str:
        from .sheets import Derivative, Moved, Node

        names = self.terms.names
        match subject:
            case Derivative(above, below):
                return self.terms.derivative(above, below).text
            case Node(node):
                return names[node].text
            case Moved(node):
                return f"{names[node].text}_new"
        raise AssertionError(subject)

    def _shown(self, slip: Slip | None) -> str | None:
        """The node of a slip with its formula."""
        from ..derivation.forward import ways_of

        if slip is None or slip.node is None:
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
            allowed = max(NEAR * size, halves * slack, 1e-12)
            differing += abs(value - other) > allowed
            agreeing += abs(value - other) <= allowed
            if differing > (len(self.points) > FEWEST + 1):
                return False
        return agreeing >= least
