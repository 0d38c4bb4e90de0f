"""Something written twice, as text and as LaTeX, that knows how tightly it holds together."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ATOM", "POWER", "PRODUCT", "SIGN", "SUM", "Written"]

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How tightly something holds together: a + b, a b, -a, a ** b, and what never needs brackets."""


class Written(NamedTuple):
    """Something as text and as LaTeX, and how tightly it holds together; a call does so as text, whatever in LaTeX."""

    text: str
    latex: str
    level: int = ATOM
    is_call: bool = False

    def inside(self, level: int) -> Written:
        """In brackets, if it does not hold together as tightly as that."""
        if self.level >= level:
            return self
        return Written(self.text if self.is_call else f"({self.text})", rf"\left({self.latex}\right)")
