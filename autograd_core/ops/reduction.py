"""Ops of any number of inputs. Each is one node, however many there are: what a neuron or a loss is made of.

Called with an iterable of numbers, ``ag.sum([x, y, 2.0])``, or with the numbers themselves, ``ag.max(x, y)``.
"""

from __future__ import annotations

import builtins
import math
import operator
from itertools import accumulate

from ..domain import EXTENDED, Domain
from ..errors import OpError, StructureError
from ..op import Op
from ..value import Entry, Number, Value, as_inputs, as_number
from .arithmetic import nonzero
from .exponential import exp
from .selection import equal, gate, gate_else

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MANY = Domain(EXTENDED)


def _several(*args: Any) -> tuple[Number, ...]:
    """``(x, y, z)`` or one iterable of numbers, as a flat tuple; arrays of any shape are read in C order."""
    if len(args) == 1 and not isinstance(args[0], (Value, float, int)):
        try:
            args = tuple(getattr(args[0], "flat", args[0]))
        except TypeError:
            as_number(args[0])
    return as_inputs(args)


def _at_least_one(name: str) -> Callable[..., tuple[Number, ...]]:
    def pack(*args: Any) -> tuple[Number, ...]:
        numbers = _several(*args)
        if not numbers:
            raise StructureError(f"{name} of no numbers is not defined; give at least one")
        return numbers

    return pack


def _pairs(left: Any, right: Any) -> tuple[Number, ...]:
    try:
        left, right = tuple(getattr(left, "flat", left)), tuple(getattr(right, "flat", right))
    except TypeError:
        raise OpError(f"dot takes two sequences of numbers, got dot({left!r:.40}, {right!r:.40})") from None
    if len(left) != len(right):
        raise StructureError(f"dot of {len(left)} and {len(right)} numbers; both sequences need the same length")
    return as_inputs(left + right)


def _dot(*xs: float) -> float:
    n = len(xs) // 2
    return float(builtins.sum(map(operator.mul, xs[:n], xs[n:])))


def _dot_rule(g: Number, z: Number, *xs: Number) -> list[Number]:
    n = len(xs) // 2
    return [g * x for x in xs[n:]] + [g * x for x in xs[:n]]


def _prod_rule(g: Any, z: Any, *xs: Any) -> list[Entry]:
    """The product of all others, from the left times from the right: no division, so zeros are harmless."""
    before = accumulate(xs[:-1], operator.mul, initial=g)
    after = list(accumulate(xs[:0:-1], operator.mul, initial=1.0))
    return [b * a for b, a in zip(before, reversed(after), strict=True)]


def _mean_rule(g: Number, z: Number, *xs: Number) -> list[Entry]:
    share = g / float(len(xs))
    return [share] * len(xs)


def _norm_rule(g: Number, z: Number, *xs: Number) -> list[Entry]:
    scale = nonzero(z)
    return [gate_else(z == 0.0, g * (x / scale)) for x in xs]


def _logsumexp(*xs: float) -> float:
    largest = builtins.max(xs)
    if not math.isfinite(largest) or any(x != x for x in xs):
        return math.nan if any(x != x for x in xs) else largest
    others = list(xs)
    others.remove(largest)
    return largest + math.log1p(builtins.sum([math.exp(x - largest) for x in others]))


def _share_among_extremes(g: Number, z: Number, *xs: Number) -> list[Entry]:
    share = g / builtins.sum([equal(x, z) for x in xs])
    return [gate(x == z, share) for x in xs]


def _unless_nan(choose: Callable[..., float]) -> Callable[..., float]:
    return lambda *xs: math.nan if any(x != x for x in xs) else choose(xs)


sum = Op("sum", lambda *xs: float(builtins.sum(xs)), lambda g, z, *xs: [g] * len(xs), MANY, label="Σ", pack=_several)
prod = Op("prod", lambda *xs: math.prod(xs), _prod_rule, MANY, label="Π", pack=_several)
dot = Op("dot", _dot, _dot_rule, MANY, pack=_pairs)
mean = Op("mean", lambda *xs: builtins.sum(xs) / len(xs), _mean_rule, MANY, pack=_at_least_one("mean"))
norm = Op("norm", math.hypot, _norm_rule, MANY, label="‖x‖", pack=_several)
logsumexp = Op(
    "logsumexp",
    _logsumexp,
    lambda g, z, *xs: [g * exp(x - z) for x in xs],
    MANY,
    pack=_at_least_one("logsumexp"),
)
max = Op("max", _unless_nan(builtins.max), _share_among_extremes, MANY, pack=_at_least_one("max"))
min = Op("min", _unless_nan(builtins.min), _share_among_extremes, MANY, pack=_at_least_one("min"))


def log_softmax(xs: Iterable[Number]) -> list[Any]:
    """[log pᵢ] with pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), as xᵢ - logsumexp(x): no exponential of a large number is taken.

    >>> log_softmax([0.0, 0.0])
    [-0.6931471805599453, -0.6931471805599453]
    """
    numbers = _at_least_one("log_softmax")(xs)
    total = logsumexp(numbers)
    return [x - total for x in numbers]


def softmax(xs: Iterable[Number]) -> list[Any]:
    """[pᵢ] with pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), as exp(log_softmax(x)).

    >>> softmax([0.0, 1000.0])
    [0.0, 1.0]
    """
    return [exp(x) for x in log_softmax(xs)]
