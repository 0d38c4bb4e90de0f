"""Conditions: comparisons of traced Values, decided and guarded only where Python needs a bool."""

from __future__ import annotations

import math
import operator
import struct
from numbers import Rational

import numpy as np

from ...errors import OutputError
from ...forward import OpenCondition
from ...ops.selection import equal, less, less_equal
from ...value import Value, data_of, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...op import Op
    from .run import RunningTrace

__all__ = ["Condition", "compared", "refuse_returned"]


def refuse_returned(what: str) -> None:
    """Raise `OutputError` about a comparison that a function (`what`) has returned."""
    raise OutputError(f"{what} returned a comparison; return ag.where(condition, 1.0, 0.0) in its place")


class Condition(OpenCondition):
    """A comparison of traced Values: free in `where`, and elsewhere a bool, by a guard.

    ``&``, ``|``, ``^`` and ``~`` (which is `not` here) combine conditions without deciding them. Every other use
    decides. Only ``is`` cannot be caught: ``(x > 0) is True`` is false.
    """

    __slots__ = ("trace",)
    bools = bool, np.bool_

    def __init__(self, trace: RunningTrace, node: Value, negated: bool) -> None:
        super().__init__(node, negated)
        self.trace = trace

    def of(self, node: Value, negated: bool = False) -> Condition:
        """A condition of the same trace."""
        return Condition(self.trace, node, negated)

    def __bool__(self) -> bool:
        return self.trace.decide(self.node) is not self.negated

    # All other uses decide, and are then those of the bool.

    def __hash__(self) -> int:
        return hash(bool(self))

    def __repr__(self) -> str:
        return repr(bool(self))

    def __format__(self, spec: str) -> str:
        return format(bool(self), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return bool, (bool(self),)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(bool, name):
            raise AttributeError(f"'bool' object has no attribute {name!r}")
        return getattr(bool(self), name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(bool(self), dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        is_among_values = any([isinstance(x, Value) or getattr(x, "dtype", None) == np.dtype(object) for x in inputs])
        truth = int if is_among_values else bool
        return getattr(ufunc, method)(*[truth(x) if isinstance(x, Condition) else x for x in inputs], **named)


def _decided(operation: Callable[..., Any]) -> Callable[..., Any]:
    return lambda condition, *others: operation(int(bool(condition)), *others)


def _reflected(operation: Callable[..., Any]) -> Callable[..., Any]:
    return lambda condition, other: operation(other, int(bool(condition)))


_ALONE: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "complex": complex,
    "round": round, "trunc": math.trunc, "floor": math.floor, "ceil": math.ceil,
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "index")},
}  # fmt: skip
_REFLECTED: dict[str, Callable[..., Any]] = {
    "pow": pow, "divmod": divmod, "lshift": operator.lshift, "rshift": operator.rshift,
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "floordiv", "mod")},
}  # fmt: skip
for _name, _operation in {**_ALONE, **_REFLECTED}.items():
    setattr(Condition, f"__{_name}__", _decided(_operation))
for _name, _operation in _REFLECTED.items():
    setattr(Condition, f"__r{_name}__", _reflected(_operation))


# Comparisons with numbers that are not floats


def compared(op: Op, x: Any, y: Any) -> Value:
    """``op(x, y)`` in the graph, for `less`, `less_equal` or `equal` of a Value and any real number.

    Python compares a float with an int or a Fraction exactly, and NumPy one with a float32 as float32. Such a
    comparison has one outcome for all floats up to a threshold, and the other above: bisection finds the threshold,
    a float, and the graph compares with that.
    """
    x, y = _as_float(x), _as_float(y)
    if isinstance(x, (Value, float)) and isinstance(y, (Value, float)):
        return record(op, op.forward(data_of(x), data_of(y)), (x, y))
    if op is equal:
        return compared(less_equal, x, y) * compared(less_equal, y, x)
    is_less = op is less
    with np.errstate(all="ignore"):
        if isinstance(x, Value):
            last = _last(lambda at: at < y if is_less else at <= y)
            return compared(less, x, -math.inf) if last is None else compared(less_equal, x, last)
        last = _last(lambda at: -at > x if is_less else -at >= x)
        return compared(less, math.inf, y) if last is None else compared(less_equal, -last, y)


def _as_float(x: Any) -> Any:
    """`x` as a float that compares alike; `x` itself if it is a Value, or if there is none."""
    if isinstance(x, float):
        return float(x)
    if isinstance(x, Rational):
        try:
            return float(x) if float(x) == x else x
        except OverflowError:
            return x
    return x


_INFINITE = 0x7FF0_0000_0000_0000
"""The bits of inf: as integers, the bits of the floats from 0 to inf are in their order."""


def _last(holds: Callable[[float], bool]) -> float | None:
    """The largest float at which `holds` is true, by bisection: true up to there, false above. None if nowhere."""
    if not holds(-math.inf):
        return None
    if holds(math.inf):
        return math.inf
    low, high = -_INFINITE, _INFINITE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(_float_of(middle)) else (low, middle)
    return _float_of(low)


def _float_of(rank: int) -> float:
    magnitude: float = struct.unpack("<d", struct.pack("<q", abs(rank)))[0]
    return math.copysign(magnitude, rank)
