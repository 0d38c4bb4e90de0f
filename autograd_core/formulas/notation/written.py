"""Notation as text and as LaTeX at once, with the precedence that decides about brackets."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ATOM", "POWER", "PRODUCT", "SIGN", "SUM", "Written"]

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""Levels of precedence: a + b, a b, -a, a ** b, and notation that never needs brackets."""


class Written(NamedTuple):
    """A piece of notation as text and as LaTeX, and its precedence; a call needs no brackets as text."""

    text: str
    latex: str
    level: int = ATOM
    is_call: bool = False

    def inside(self, level: int) -> Written:
        """The notation as an operand at that level: in brackets, if its own is lower."""
        if self.level >= level:
            return self
        return Written(self.text if self.is_call else f"({self.text})", rf"\left({self.latex}\right)")
