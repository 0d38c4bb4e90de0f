"""Comparisons of traced Values: not decided before Python needs to know."""

from __future__ import annotations

from ..ops.selection import where
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .trace import Trace

__all__ = ["Condition"]


class Condition:
    """A comparison of traced Values: decided, and then guarded, where Python needs its truth; free in `where`.

    ``&``, ``|``, ``^`` and ``~`` combine conditions without deciding them; as a number one is 0 or 1, like a bool.
    """

    __slots__ = ("negated", "node", "trace")

    def __init__(self, trace: Trace, node: Value, negated: bool) -> None:
        self.trace, self.node, self.negated = trace, node, negated

    def __bool__(self) -> bool:
        return self.trace.decide(self.node) is not self.negated

    def value(self) -> Value:
        """1.0 or 0.0 in the graph."""
        return 1.0 - self.node if self.negated else self.node

    def __index__(self) -> int:
        return int(bool(self))

    def __float__(self) -> float:
        return float(bool(self))

    def __add__(self, other: Any) -> Any:
        return int(self) + other

    def __sub__(self, other: Any) -> Any:
        return int(self) - other

    def __rsub__(self, other: Any) -> Any:
        return other - int(self)

    def __mul__(self, other: Any) -> Any:
        return int(self) * other

    __radd__, __rmul__ = __add__, __mul__

    def __and__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, _truth(other), 0.0), False)

    def __or__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, 1.0, _truth(other)), False)

    def __xor__(self, other: Any) -> Any:
        return Condition(self.trace, where(self, 1.0 - _truth(other), _truth(other)), False)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Condition:
        return Condition(self.trace, self.node, not self.negated)


def _truth(x: Any) -> Any:
    return x.value() if isinstance(x, Condition) else float(bool(x))
