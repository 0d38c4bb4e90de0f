"""Handed-in lines read by the white list of expressions: what each speaks of, and what it sets equal to that.

    dz/dx = dz/du * du/dx = 1 / u * (6 * x) ≈ 1

A line begins with what it speaks of, or with the expression at once. What expressions do not have (``dz/dx``,
``log'(u)``, names of networks) is replaced by a name of the same length, so that places in the text stay.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import NamedTuple

from ...backprop import backprop
from ...errors import ExpressionError
from ...expression import CALLABLE, CONSTANTS, ParsedExpression
from ...op import quiet
from ...ops import TABLE
from ...transforms import grad
from ...value import Value, as_value
from .handwriting import typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import Any, TypeAlias

    from .points import Point

    Subject: TypeAlias = "DerivativeOf | ValueOf | Moved | None"
    Meaning: TypeAlias = Callable[[Point], float]

__all__ = ["Claim", "DerivativeOf", "Moved", "Reader", "Side", "ValueOf"]

SIGNS = str.maketrans({"·": "*", "×": "*", "⋅": "*", "−": "-", "≈": "=", "∂": "d", "′": "'", "\u2019": "'", "\t": " "})
DERIVATIVE = re.compile(r"(?<![\w.])d([^\W\d_][\w^()]*?|\"[^\"]*\")/d([^\W\d_]\w*(?:\^\(\w+\))?|\"[^\"]*\")(?![\w(])")
ASIDE = re.compile(r", (?:as|da) .*| {3}\([^\W\d]{5}[^*/+=()]*\)$")
"""What `derive` prints behind a line: why a derivative is 0, and the rules."""
PRIME = re.compile(r"(?<!\w)([a-z_]\w*)'(?=\()")
NEW = re.compile(r"(.+)_(?:new|neu)|(?:new|neu) (.+)")
NUMBER = re.compile(r"(?<![\w.])(\d+\.\d*|\.\d+|\d+(?=e))(?:e([+-]?\d+))?", re.IGNORECASE)
FEW = 3
"""Significant digits from which on a decimal in a formula is taken for a rounded number: 0.0833, but not 0.25."""
ROUNDED = 0.05
"""Relative error up to which a number counts as rounded: -0.27 for -0.2689, but not 0.3."""
OWN = "the line has no expression; write for instance dz/dx = 2*x"


class DerivativeOf(NamedTuple):
    """The derivative of one node by another one."""

    above: Value
    below: Value


class ValueOf(NamedTuple):
    """The value of a node."""

    node: Value


class Moved(NamedTuple):
    """The value of a node after one step of gradient descent."""

    node: Value


class Side:
    """One expression of a line; ``is_number`` says that it has no variable."""

    def __init__(
        self, text: str, expression: ParsedExpression, meanings: Mapping[str, Meaning], exact: Collection[float]
    ):
        self.text, self.expression, self._meanings = text, expression, meanings
        self.is_number = not any([name in meanings for name in expression.names])
        decimals = [match for match in NUMBER.finditer(expression.text) if float(match[0]) not in exact]
        is_alone = expression.text.lstrip("+- ") in [match[0] for match in decimals]
        self._rounded = [match for match in decimals if is_alone or _digits(match[1]) >= FEW]

    def written(self, text: str) -> Side:
        """The side with another text of the same names."""
        return Side(text, ParsedExpression(text, functions()), self._meanings, ())

    def at(self, point: Point) -> float:
        """The value at a point; nan where there is none."""
        return _number(self.expression, {name: self._meanings[name](point) for name in self._used})

    @property
    def _used(self) -> list[str]:
        return [name for name in self.expression.names if name in self._meanings]

    def slack(self, point: Point, value: float) -> float:
        """How far the value may be off, if each rounded decimal may be so by half a unit of its last place."""
        if not self._rounded:
            return 0.0
        text, literals, halves = self.expression.text, dict[str, Value](), list[float]()
        for k, match in reversed(list(enumerate(self._rounded))):
            name = f"rounded_{k}_"
            text = f"{text[: match.start()]}{name}{text[match.end() :]}"
            literals[name] = Value(float(match[0]))
            places = len(match[1].partition(".")[2])
            halves.append(0.5 * 10.0 ** (int(match[2] or 0) - places))
        try:
            with quiet():
                z = ParsedExpression(text, functions())(**{n: self._meanings[n](point) for n in self._used}, **literals)
                table = backprop(z, literals.values())
        except (ExpressionError, ArithmeticError, ValueError):
            return 0.0
        slack = math.fsum([abs(table[x]) * half for x, half in zip(literals.values(), halves, strict=True)])
        return slack if slack <= ROUNDED * abs(value) else 0.0


class Claim(NamedTuple):
    """A line: its number, from 1, what it speaks of (None for an abbreviation), and the sides that it sets equal."""

    line: int
    subject: Subject
    sides: list[Side]


class Reader:
    """A reader of lines about the nodes called ``names``; an abbreviation that a line makes is known below it."""

    def __init__(self, z: Value, names: Mapping[str, Value], points: list[Point], rate: float | None) -> None:
        self.z, self.names, self.points, self.rate = z, dict(names), points, rate
        self.meanings: dict[str, Any] = {}
        self._abbreviations: set[str] = set()
        if rate is not None and "eta" not in names:
            self.meanings["eta"] = lambda point: rate
        constants = [x for node in points[0].order for x in node.inputs if isinstance(x, float)]
        nodes = [node.data for node in points[0].order]
        self._exact = {abs(x) for x in (*constants, *nodes, *([] if rate is None else [rate]))}

    def claim(self, line: int, given: str, default: Subject) -> Claim:
        """A line as a claim; one that does not say what it speaks of is about the `default`."""
        if not isinstance(given, str):
            raise ExpressionError(f"a line of an answer is a text, got {given!r:.60} of type {type(given).__name__}")
        text = ASIDE.sub("", re.sub(r":=|<-", "= ", given.translate(SIGNS).strip()))
        first, equals, rest = text.partition("=")
        is_update = re.search(r"^[^=]*?(:=|<-)", given) is not None
        subject, name = self._subject(first.strip(), is_update) if equals else (None, None)
        known = name is not None or subject is not None
        text = f"{first}={self._typed(rest)}" if known else self._typed(text)
        sides = list(self._sides(text, len(first) + 1 if known else 0, subject if known else default))
        if name is not None:
            self._abbreviate(name, sides[-1])
        return Claim(line, subject if known else default, sides)

    def _typed(self, text: str) -> str:
        return typed(text, {*self.names, *self.meanings, *CONSTANTS}, {*CALLABLE, *functions()}, DERIVATIVE.pattern)

    def is_abbreviation(self, given: str) -> bool:
        """Whether a line that was read has only made an abbreviation."""
        return given.partition("=")[0].strip() in self._abbreviations

    def _subject(self, label: str, is_update: bool) -> tuple[Subject, str | None]:
        """What a label speaks of, or the name for which it is an abbreviation."""
        new = NEW.fullmatch(label)
        if label in self.names:
            return (Moved if is_update else ValueOf)(self.names[label]), None
        if new and (new[1] or new[2]) in self.names:
            return Moved(self.names[new[1] or new[2]]), None
        if found := DERIVATIVE.fullmatch(label):
            return self._derivative(found), None
        word = re.fullmatch(r"([^\W\d_]\w*)(')?(?:\((\w+)\))?", label)
        if word and word[1] not in CALLABLE and word[1] not in functions():
            variables = [x for x in self.names.values() if not x.inputs]
            if word[2]:
                x = self.names.get(word[3] or "", variables[0])
                return DerivativeOf(self.z, x), None
            return (ValueOf(self.z), None) if word[3] else (None, word[1])
        return None, None

    def _derivative(self, found: re.Match[str]) -> DerivativeOf | None:
        above = self.names.get(found[1], self.z if not self.z.name and found[1].isidentifier() else None)
        below = self.names.get(found[2])
        return DerivativeOf(above, below) if above is not None and below is not None else None

    def _abbreviate(self, name: str, side: Side) -> None:
        """Let a name stand for an expression; it is a node's, if the node has the same value everywhere."""
        self._abbreviations.add(name)
        for node in self.points[0].order:
            if all([math.isclose(side.at(p), p.value(node), rel_tol=1e-9, abs_tol=1e-12) for p in self.points]):
                self.names[name] = node
                return
        self.meanings[name] = side.at

    def _sides(self, text: str, start: int, subject: Subject) -> Iterator[Side]:
        meanings = {**{n: _value_of(x) for n, x in self.names.items() if n.isidentifier()}, **self.meanings}
        masked = text[:start] + self._masked(text[start:], meanings, subject)
        for match in re.finditer(r"[^=]+", masked[start:]):
            begin, end = start + match.start(), start + match.end()
            if not match[0].strip():
                continue
            shown = text[begin:end].strip()
            try:
                expression = ParsedExpression(match[0], functions())
            except ExpressionError as error:
                raise ExpressionError(str(error).replace(match[0].strip(), shown)) from None
            for name in expression.names:
                if name not in meanings and name not in CONSTANTS:
                    there = ", ".join(list(self.names)[:12])
                    said = expression.refused(name, f"{name} is not known here; there are {there}")
                    raise ExpressionError(str(said).replace(match[0].strip(), shown))
            yield Side(shown, expression, meanings, self._exact)
        if not masked[start:].strip(" ="):
            raise ExpressionError(OWN)

    def _masked(self, text: str, meanings: dict[str, Any], subject: Subject) -> str:
        """The text with names of the same length in place of what no expression has; `meanings` gets theirs."""

        def derivative(match: re.Match[str]) -> str:
            found = self._derivative(match)
            if found is None:
                return match[0]
            if isinstance(subject, DerivativeOf) and all(a is b for a, b in zip(found, subject, strict=True)):
                raise ExpressionError(f"{match[0]} is what is asked for; write it without {match[0]} itself")
            name = _word(match[0])
            meanings[name] = lambda point: point.derivative(*found)
            return name

        text = DERIVATIVE.sub(derivative, text)
        for odd in sorted([name for name in self.names if not name.isidentifier()], key=len, reverse=True):
            if odd in text:
                meanings[_word(odd)] = _value_of(self.names[odd])
                text = re.sub(rf"(?<!\w){re.escape(odd)}(?!\w)", _word(odd), text)
        text = PRIME.sub(lambda match: f"{match[1]}_", text)
        while (end := text.find(")'")) >= 0:
            start = _opening(text, end)
            name = f"q{len(meanings)}_".ljust(end + 2 - start, "_")
            meanings[name] = self._derivative_of(text[start : end + 1], dict(meanings), subject)
            text = f"{text[:start]}{name}{text[end + 2 :]}"
        return text

    def _derivative_of(self, text: str, meanings: Mapping[str, Meaning], subject: Subject) -> Meaning:
        """The meaning of (u)': the derivative of a formula by the variable of the line's subject."""
        formula = ParsedExpression(text, functions())
        names = [name for name in formula.names if name in meanings]
        if not isinstance(subject, DerivativeOf) or not set(names) <= self.names.keys():
            raise ExpressionError(f"it is not said by what {text}' is derived; write the derivative itself")

        def rate(point: Point) -> float:
            inputs = {name: Value(meanings[name](point)) for name in names}
            with quiet():
                table = backprop(as_value(formula(**inputs)), inputs.values())
            return math.fsum(
                [table[x] * point.derivative(self.names[name], subject.below) for name, x in inputs.items()]
            )

        return rate


def _opening(text: str, end: int) -> int:
    """Where the bracket that closes at `end` opens, with the name of the function that it calls."""
    depth = 0
    for start in range(end, -1, -1):
        depth += (text[start] == ")") - (text[start] == "(")
        if not depth:
            return start - len(re.search(r"\w*$", text[:start])[0])  # type: ignore[index]  # matches always
    return 0


def _digits(number: str) -> int:
    return len(number.replace(".", "").lstrip("0"))


def _word(text: str) -> str:
    word = re.sub(r"\W", "_", text)
    return word if word[0].isalpha() else f"q{word[1:]}"


def _value_of(node: Value) -> Callable[[Point], float]:
    return lambda point: point.value(node)


def _number(expression: ParsedExpression, values: Mapping[str, float]) -> float:
    try:
        with quiet():
            return float(expression(**values))
    except (ExpressionError, ArithmeticError, ValueError):
        return math.nan


@cache
def functions() -> dict[str, Any]:
    """What lines may call beyond expressions: ln, sigma, and f' of each function f of one number, here as f_."""
    called = {name: op for name, op in TABLE.items() if op.is_unary and name in CALLABLE}
    called |= {"ln": TABLE["log"], "sigma": TABLE["sigmoid"]}
    return {"ln": TABLE["log"], "sigma": TABLE["sigmoid"]} | {f"{name}_": grad(op) for name, op in called.items()}
