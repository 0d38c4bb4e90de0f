"""Choosing and stepping: comparisons, ``where``, minimum and maximum, sign, rounding, modulo.

Most of these are flat between kinks. A rule says so with None, "exactly nothing flows back", and lets a gradient
through on one side only with `gate`: nothing then reaches the other side, even if its own derivative is inf or nan.
"""

from __future__ import annotations

import math
import operator

from ..domain import EXTENDED, NONZERO, REAL, Domain
from ..op import Op
from ..tracing import state
from ..value import Entry, Number, Value, as_inputs, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PAIR = Domain(EXTENDED, EXTENDED)


def gate(condition: Any, g: Entry) -> Entry:
    """`g` where the condition holds, else nothing: for rules that let a gradient pass on one side of a kink."""
    if state.tracer is not None:
        return state.tracer.gate(condition, g, None)
    return g if condition else None


def gate_else(condition: Any, g: Entry) -> Entry:
    """`g` where the condition does not hold, else nothing: the complement of `gate`."""
    if state.tracer is not None:
        return state.tracer.gate(condition, None, g)
    return None if condition else g


def both_zero(x: Any, y: Any) -> Any:
    """1.0 where both are zero: the one point where x ** y and x log y need a convention for their derivative."""
    return equal(x, 0.0) * equal(y, 0.0)


def _as_condition(condition: Any, a: Number, b: Number) -> tuple[Number, ...]:
    condition = element_of(condition)
    if state.tracer is not None:
        condition, a, b = state.tracer.choose(condition, a, b)
    if not isinstance(condition, Value):
        is_truth = isinstance(condition, bool) or str(getattr(condition, "dtype", "")) == "bool"
        condition = int(condition) if is_truth else condition
    return as_inputs((condition, a, b))


def _as_bounds(x: Any, low: Any = None, high: Any = None) -> tuple[Number, ...]:
    """The inputs of ``clip``, where None is no bound."""
    return as_inputs((x, -math.inf if low is None else low, math.inf if high is None else high))


def _as_truth(compare: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda x, y: 1.0 if compare(x, y) else 0.0


less = Op("less", _as_truth(operator.lt), lambda g, z, x, y: (None, None), PAIR, label="<")
less_equal = Op("less_equal", _as_truth(operator.le), lambda g, z, x, y: (None, None), PAIR, label="≤")
equal = Op("equal", _as_truth(operator.eq), lambda g, z, x, y: (None, None), PAIR, label="=")
COMPARISONS = frozenset({less, less_equal, equal})
"""Ops whose value is a truth: 1.0 or 0.0."""

where = Op(
    "where",
    lambda c, x, y: x if c else y,
    lambda g, z, c, x, y: (None, gate(c, g), gate_else(c, g)),
    Domain(EXTENDED, EXTENDED, EXTENDED),
    pack=_as_condition,
)

maximum = Op(
    "maximum",
    lambda x, y: where(x == x, where(y <= x, x, y), x),
    lambda g, z, x, y: (gate(x >= y, _half_if_tied(g, x, y)), gate(y >= x, _half_if_tied(g, x, y))),
    PAIR,
    label="max",
)
minimum = Op(
    "minimum",
    lambda x, y: where(x == x, where(x <= y, x, y), x),
    lambda g, z, x, y: (gate(x <= y, _half_if_tied(g, x, y)), gate(y <= x, _half_if_tied(g, x, y))),
    PAIR,
    label="min",
)


def clipped(x: Any, low: Any, high: Any) -> Any:
    """min(max(x, low), high), nan for nan."""
    raised = where(x < low, low, x)
    return where(x == x, where(high < raised, high, raised), x)


clip = Op(
    "clip",
    clipped,
    lambda g, z, x, low, high: (gate(low <= x, gate(x <= high, g)), gate(x < low, g), gate(high < x, g)),
    Domain(EXTENDED, EXTENDED, EXTENDED, condition=lambda x, low, high: low <= high, text="low ≤ high"),
    pack=_as_bounds,
)


def _half_if_tied(g: Number, x: Number, y: Number) -> Number:
    result: Number = where(x == y, 0.5 * g, g)
    return result


sign = Op(
    "sign",
    lambda x: where(x > 0.0, 1.0, where(x < 0.0, -1.0, x)),
    lambda g, z, x: (None,),
    EXTENDED,
)
copysign: Op = Op("copysign", math.copysign, lambda g, z, x, y: (g * sign(x) * copysign(1.0, y), None), PAIR)


def _to_whole(f: Callable[[float], int]) -> Callable[[float], float]:
    """`f` as a function to floats, with the sign of x on a zero as IEEE has it."""
    return lambda x: math.copysign(float(f(x)), x)


floor = Op("floor", _to_whole(math.floor), lambda g, z, x: (None,), EXTENDED, ieee=lambda x: x)
ceil = Op("ceil", _to_whole(math.ceil), lambda g, z, x: (None,), EXTENDED, ieee=lambda x: x)
trunc = Op("trunc", _to_whole(math.trunc), lambda g, z, x: (None,), EXTENDED, ieee=lambda x: x)
round_ = Op("round", _to_whole(round), lambda g, z, x: (None,), EXTENDED, ieee=lambda x: x)


_fmod = Op("fmod", math.fmod, lambda g, z, x, y: (None, None), Domain(REAL, NONZERO))  # a step of machines only


def _mod(x: Any, y: Any) -> Any:
    r, other_side = _remainder(x, y)
    return where(equal(r, 0.0), copysign(0.0, y), where(other_side, r + y, r))


def _floor_divide(x: Any, y: Any) -> Any:
    r, other_side = _remainder(x, y)
    quotient = (x - r) / y - other_side
    whole = floor(quotient)
    rounded = where(less(0.5, quotient - whole), whole + 1.0, whole)
    found = where(equal(quotient, 0.0), copysign(0.0, x / y), rounded)
    return where(equal(y, 0.0), math.nan, found)


def _remainder(x: Any, y: Any) -> tuple[Any, Any]:
    """C's remainder, with the sign of x, and whether that is not the sign of y."""
    r = _fmod(x, y)
    return r, where(less(y, 0.0), less(0.0, r), less(r, 0.0))


# Python's modulo, with the sign of y: x - floor(x / y) * y.
mod = Op(
    "mod",
    operator.mod,
    lambda g, z, x, y: (g, g * round_((z - x) / y)),
    Domain(REAL, NONZERO),
    in_ops=_mod,
    label="mod",
)
floor_divide = Op(
    "floor_divide",
    operator.floordiv,
    lambda g, z, x, y: (None, None),
    Domain(REAL, NONZERO),
    in_ops=_floor_divide,
    label="//",
)
