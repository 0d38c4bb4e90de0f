"""Formulas as they are written by hand, in the signs that expressions have: 2x² sin x becomes 2*x**2*sin(x)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["typed"]

RAISED, LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n"
NUMBER, WORD = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", rf"[^\W\d{RAISED}][^\W{RAISED}]*'?"
SPELLED = {"^": "**", "÷": "/", "∕": "/", "⁄": "/", "√": "sqrt", "π": "pi", "τ": "tau", "σ": "sigma", "η": "eta"}
CLOSING = {"(": ")", "[": "]", "|": "|"}


def typed(text: str, names: Collection[str], functions: Collection[str], whole: str = "(?!)") -> str:
    """A formula with the signs of products, powers and calls that are left out by hand.

    names: what is known; some of them are no words.
    functions: what is called. The argument may stand behind it without brackets, sin 2x, and a power before it, sin² x.
    whole: a pattern of what stays as it is, as dz/dx.

    A product without a sign binds as one with it: 1/2x is (1/2) x.

    >>> for text in ("2x² sin x", "3(x+1)(x-1)", "sin²(x)cos 2x", "e^-x / |x|", "2*x**2 * sin(x)"):
    ...     print(typed(text, {"x"}, {"sin", "cos"}))
    2*x**2*sin(x)
    3*(x+1)*(x-1)
    sin(x)**2*cos(2*x)
    e**-x / abs(x)
    2*x**2 * sin(x)
    """
    odd = sorted([re.escape(name) for name in names if not name.isidentifier()], key=len, reverse=True)
    pattern = "|".join([whole, *odd, r'"[^"]*"', NUMBER, WORD, f"[{RAISED}]+", r"\*\*", r"\s+", "."])
    tokens: list[str] = []
    for found in re.finditer(pattern, text, re.DOTALL):
        token = SPELLED.get(found[0], found[0])
        is_known = token in names or token in functions or not all([letter in names for letter in token])
        tokens += [token] if is_known else token  # of variables x and y, xy is their product
    return _Writer(tokens, names, functions).formula()


class _Writer:
    """The tokens of a formula, read from left to right."""

    def __init__(self, tokens: Sequence[str], names: Collection[str], functions: Collection[str]) -> None:
        self.tokens, self.names, self.functions, self.at = tokens, names, functions, 0

    @property
    def next(self) -> str:
        """The next token; empty at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, which is read."""
        self.at += 1
        return self.tokens[self.at - 1]

    def blanks(self) -> str:
        return self.take() if self.next.isspace() else ""

    def formula(self, end: str = "") -> str:
        """The tokens up to the bracket `end`, with the signs of products between factors."""
        written, before = "", ""
        while True:
            blanks = self.blanks()
            if not self.next or (self.next == end and (end != "|" or before)):
                return written + blanks
            if _begins_factor(self.next):
                is_misprint = self.next == "(" and not blanks and before.isidentifier() and before not in self.names
                is_product = before and not is_misprint and not (_is_number(before) and _is_number(self.next))
                before = self.next
                written += ("*" if is_product else blanks) + self.factor()
            elif power := self.power() or (self.take() if self.next == "'" else ""):
                written += power
            else:
                before = ""
                written += blanks + self.take()

    def factor(self) -> str:
        """A number, a name, what stands in brackets, or a call."""
        token = self.take()
        if token in CLOSING:
            inner = self.formula(CLOSING[token])
            closing = self.take() if self.next else ""
            return f"abs({inner})" if token == "|" else f"{token}{inner}{closing}"
        if token.rstrip("'") not in self.functions:
            return token
        power = self.power()
        if self.next == "(":
            return f"{token}{self.factor()}{power}"
        argument = self.factor() if self.next == "|" else self.argument()
        return f"{token}({argument}){power}" if argument else f"{token}{power}"

    def argument(self) -> str:
        """Numbers and names behind a function without brackets."""
        parts: list[str] = []
        while True:
            start = self.at
            self.blanks()
            if not (_begins_factor(self.next) and self.next[0] not in CLOSING and self.next not in self.functions):
                self.at = start
                return "*".join(parts)
            parts.append(self.take() + self.power())

    def power(self) -> str:
        """An exponent: raised digits, or a number behind the sign of a power."""
        if self.next and self.next[0] in RAISED:
            return "**" + self.take().translate(str.maketrans(RAISED, LOWERED))
        if self.next == "**" and _is_number("".join(self.tokens[self.at + 1 : self.at + 2])):
            return self.take() + self.take()
        return ""


def _begins_factor(token: str) -> bool:
    return (token[:1].isalnum() and token[:1] not in RAISED) or token[:1] in ("_", '"', *CLOSING)


def _is_number(token: str) -> bool:
    return re.fullmatch(NUMBER, token) is not None
