"""Read what was written back: plain text and LaTeX as numbers, independently of how they were put together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import autograd_core as ag
from autograd_core import TABLE
from autograd_core.ops import FUNCTIONS

SUM = re.compile(r"(?<!\w)sum\(((?:(?!(?<!\w)sum\().)*?), (\w)=([01])\.\.(\d+)\)")
"""An innermost sum over an index."""


def unrolled(text: str) -> str:
    """Sums over an index written out, from the inside."""
    while match := SUM.search(text):
        term, index, first, last = match.groups()
        terms = [term.replace(f"[{index}]", f"[{k}]") for k in range(int(first), int(last) + 1)]
        text = text[: match.start()] + "(" + " + ".join(terms) + ")" + text[match.end() :]
    return text


def value_of_text(text: str, symbols: Mapping[str, float]) -> float:
    """An expression in Python's notation; `symbols` may be called anything, longest names first."""
    names: dict[str, Any] = {name: function for name, function in FUNCTIONS.items() if name in TABLE}
    names |= {
        "inf": math.inf,
        "nan": math.nan,
        "pi": math.pi,
        "e": math.e,
        "max": ag.max,
        "min": ag.min,
        "round": ag.round,
        "abs": ag.abs,
        "sum": ag.sum,
        "pow": ag.pow,
    }
    names |= {f"prime_{name}": ag.grad(op) for name, op in TABLE.items() if op.is_unary}
    text = re.sub(r"(\w+)'\(", r"prime_\1(", unrolled(text))
    text = re.sub(r"-0(?![\w.])", "-0.0", text)
    pattern = "|".join(map(re.escape, sorted(symbols, key=len, reverse=True)))
    if pattern:
        found = list(symbols)
        text = re.sub(rf"(?<![\w.])(?:{pattern})(?!\w|\()", lambda match: f"_{found.index(match[0])}_", text)
        names |= {f"_{k}_": symbols[name] for k, name in enumerate(found)}
    with_numbers = eval(text, {"__builtins__": {}}, names)  # what we have printed ourselves
    return float(getattr(with_numbers, "data", with_numbers))


LATEX_NAMES = {
    r"\ln": "log",
    r"\arcsin": "asin",
    r"\arccos": "acos",
    r"\arctan": "atan",
    r"\sigma": "sigmoid",
    r"\Phi": "norm_cdf",
    r"\varphi": "norm_pdf",
    r"\Gamma": "gamma",
    r"\psi": "digamma",
    r"\log_2": "log2",
    r"\log_{10}": "log10",
}


class Latex:
    """A reader of the LaTeX we write, by recursive descent: sum, product, power, atom."""

    def __init__(self, text: str, symbols: Mapping[str, float]) -> None:
        self.text, self.at = text, 0
        self.symbols = dict(sorted(symbols.items(), key=lambda item: -len(item[0])))

    def skip(self) -> None:
        while self.text[self.at : self.at + 1] == " ":
            self.at += 1

    def takes(self, start: str) -> bool:
        self.skip()
        if self.text.startswith(start, self.at):
            self.at += len(start)
            return True
        return False

    def expect(self, start: str) -> None:
        assert self.takes(start), f"expected {start} in {self.text!r} at {self.at}: {self.text[self.at :]!r}"

    def value(self) -> float:
        found = self.sum()
        self.skip()
        assert self.at == len(self.text), f"left over of {self.text!r}: {self.text[self.at :]!r}"
        return found

    def sum(self) -> float:
        total = -self.product() if self.takes("-") else self.product()
        while True:
            if self.takes("+"):
                total += self.product()
            elif self.takes("-"):
                total -= self.product()
            else:
                return total

    def product(self) -> float:
        total = self.power()
        while True:
            if self.takes("/"):
                total /= self.power()
                continue
            self.skip()
            rest = self.text[self.at :]
            if self.takes(r"\cdot") or (
                rest and rest[0] not in "+-,})=&" and not rest.startswith((r"\right", r"\approx"))
            ):
                total *= self.power()
            else:
                return total

    def power(self) -> float:
        base = self.atom()
        if self.takes("^{"):
            exponent = self.sum()
            self.expect("}")
            return base**exponent
        return base

    def arguments(self, end: str) -> list[float]:
        found = [self.sum()]
        while self.takes(","):
            found.append(self.sum())
        self.expect(end)
        return found

    def atom(self) -> float:
        self.skip()
        for name, number in self.symbols.items():
            if self.takes(name):
                return number
        number = re.compile(r"[\d.]+").match(self.text, self.at)
        if number:
            self.at = number.end()
            return float(number[0])
        if self.takes(r"\infty"):
            return math.inf
        if self.takes(r"\pi"):
            return math.pi
        if re.match(r"e(?![\^]\{)", self.text[self.at :]):
            self.at += 1
            return math.e
        if self.takes(r"\frac{"):
            (above,) = self.arguments("}")
            self.expect("{")
            (below,) = self.arguments("}")
            return above / below
        for start, end, name in (
            (r"\sqrt{", "}", "sqrt"),
            (r"\sqrt[3]{", "}", "cbrt"),
            (r"\left|", r"\right|", "abs"),
            (r"\left\lfloor", r"\right\rfloor", "floor"),
            (r"\left\lceil", r"\right\rceil", "ceil"),
            ("e^{", "}", "exp"),
        ):
            if self.takes(start):
                return self.call(name, self.arguments(end))
        if self.takes(r"\left("):
            (inside,) = self.arguments(r"\right)")
            return inside
        summation = re.compile(r"\\sum_\{(\w)=([01])\}\^\{(\d+)\} ").match(self.text, self.at)
        if summation:
            return self.sum_over(summation[1], range(int(summation[2]), int(summation[3]) + 1), summation.end())
        function = re.compile(r"\\operatorname\{([^}]*)\}|\\[a-zA-Z]+(_\{?\d+\}?)?").match(self.text, self.at)
        assert function, f"cannot read {self.text!r} at {self.at}: {self.text[self.at :]!r}"
        self.at = function.end()
        name = (
            function[1].replace(r"\_", "_") if function[1] else LATEX_NAMES.get(function[0], function[0].lstrip("\\"))
        )
        is_prime = self.takes("'")
        self.expect(r"\left(")
        arguments = self.arguments(r"\right)")
        return float(ag.grad(TABLE[name])(*arguments)) if is_prime else self.call(name, arguments)

    def sum_over(self, index: str, indices: range, start: int) -> float:
        """Of the product that begins there; indices have one digit, so that places in the text stay."""
        total = 0.0
        for k in indices:
            inside = Latex(re.sub(rf"(?<=[{{ ]){index}(?=\}})", str(k), self.text), self.symbols)
            inside.at = start
            total += inside.product()
            self.at = inside.at
        return total

    @staticmethod
    def call(name: str, args: list[float]) -> float:
        op = TABLE.get(name) or TABLE[{"max": "maximum", "min": "minimum"}[name]]
        result = getattr(ag, name, op)(*args)
        return float(getattr(result, "data", result))
