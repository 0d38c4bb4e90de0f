"""Ops of any number of inputs. Each is one node, however many there are: what a neuron or a loss is made of.

Called with an iterable of numbers, ``ag.sum([x, y, 2.0])``, or with the numbers themselves, ``ag.max(x, y)``.
"""

from __future__ import annotations

import builtins
import math
import operator
import sys
from functools import reduce
from itertools import accumulate

from ..domain import EXTENDED, Domain
from ..errors import OpError, StructureError
from ..op import Op, elements, several
from ..tracing import state
from ..value import Entry, Number, as_inputs
from .arithmetic import abs_, hypot, sqrt, unit
from .exponential import exp, log1p, log_sigmoid, logaddexp, sigmoid
from .selection import equal, gate, less, maximum, minimum, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")

MANY = Domain(EXTENDED)

_total: Callable[..., Any] = builtins.sum
"""The sum from left to right, rounded at every step, as machines add; from Python 3.12 on `sum` makes up for that."""
if sys.version_info >= (3, 12):

    def _total(numbers: Iterable[Any], start: Any = 0) -> Any:
        return reduce(operator.add, numbers, start)


def _mapped(name: str, args: tuple[Any, ...]) -> tuple[Number, ...]:
    """The numbers to reduce; of what `vmap` returned while a function is traced, the one number that they come to."""
    whole = state.tracer.reduced(name, args[0]) if state.tracer is not None and len(args) == 1 else None
    return several(*args) if whole is None else (whole,)


def _at_least_one(name: str) -> Callable[..., tuple[Number, ...]]:
    def pack(*args: Any) -> tuple[Number, ...]:
        numbers = _mapped(name, args) if name == "mean" else several(*args)
        if not numbers:
            raise StructureError(f"{name} of no numbers is not defined; give at least one")
        return numbers

    return pack


def _pairs(left: Any, right: Any) -> tuple[Number, ...]:
    shapes = [tuple(getattr(x, "shape", ())) for x in (left, right)]
    if any([len(shape) > 1 for shape in shapes]):
        raise OpError(
            f"dot takes two sequences of numbers, got arrays of shape {shapes[0]} and {shapes[1]}; a product of "
            "matrices is A @ B, and the sum of all products of elements (A * B).sum()"
        )
    try:
        left, right = elements(left), elements(right)
    except TypeError:
        raise OpError(f"dot takes two sequences of numbers, got dot({left!r:.40}, {right!r:.40})") from None
    if len(left) != len(right):
        raise StructureError(f"dot of {len(left)} and {len(right)} numbers; both sequences need the same length")
    return as_inputs(left + right)


def two_lists(xs: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """The lists that an op like `dot` was given, out of its flat inputs."""
    half = len(xs) // 2
    return xs[:half], xs[half:]


def _dot(*xs: Any) -> Any:
    return _total(map(operator.mul, *two_lists(xs)), 0.0)


def _dot_rule(g: Number, z: Number, *xs: Number) -> list[Number]:
    left, right = two_lists(xs)
    return [g * x for x in (*right, *left)]


def _all_others(combine: Callable[[Any, Any], Any], xs: Sequence[Any], nothing: float) -> list[Any]:
    """For each element the reduction of all others, from the left combined with from the right.

    Nothing is divided out or subtracted again, so neither zeros nor one dominant element do harm.
    """
    before = accumulate(xs[:-1], combine, initial=nothing)
    after = list(accumulate(xs[:0:-1], combine, initial=nothing))
    return [combine(b, a) for b, a in zip(before, reversed(after), strict=True)]


def _prod_rule(g: Any, z: Any, *xs: Any) -> list[Entry]:
    return [g * others for others in _all_others(operator.mul, xs, 1.0)]


def _mean_rule(g: Number, z: Number, *xs: Number) -> list[Entry]:
    share = g / float(len(xs))
    return [share] * len(xs)


def _norm_rule(g: Number, z: Number, *xs: Number) -> list[Entry]:
    return [g * unit(x, others) for x, others in zip(xs, _all_others(hypot, xs, 0.0), strict=True)]


def _logsumexp(*xs: float) -> float:
    largest = builtins.max(xs)
    if not math.isfinite(largest) or any(x != x for x in xs):
        return math.nan if any(x != x for x in xs) else largest
    others = list(xs)
    others.remove(largest)
    return largest + math.log1p(_total([math.exp(x - largest) for x in others]))


def _running_logsumexp(*xs: Any) -> Any:
    """The largest so far, and the sum of the others' exponentials relative to it."""
    largest, others = xs[0], 0.0
    for x in xs[1:]:
        rises = less(largest, x)
        e = exp(-where(equal(x, largest), 0.0, abs_(x - largest)))
        others = where(rises, (others + 1.0) * e, others + e)
        largest = where(rises, x, largest)
    return where(equal(abs_(largest), math.inf), largest + 0.0 * others, largest + log1p(others))


def _scaled_norm(*xs: Any) -> Any:
    if not xs:
        return 0.0
    sizes = [abs_(x) for x in xs]
    largest = reduce(lambda a, b: where(less(a, b), b, a), sizes)
    scale = where(equal(largest, 0.0), 1.0, largest)
    total = reduce(operator.add, [(s / scale) * (s / scale) for s in sizes])
    infinite = reduce(lambda a, b: where(equal(b, math.inf), 1.0, a), sizes, 0.0)
    return where(infinite, math.inf, scale * sqrt(total))


def _share_among_extremes(g: Number, z: Number, *xs: Number) -> list[Entry]:
    share = g / _total([equal(x, z) for x in xs])
    return [gate(x == z, share) for x in xs]


def _unless_nan(choose: Callable[..., float]) -> Callable[..., float]:
    return lambda *xs: math.nan if any(x != x for x in xs) else choose(xs)


sum = Op(
    "sum",
    lambda *xs: _total(xs, 0.0),
    lambda g, z, *xs: [g] * len(xs),
    MANY,
    label="Σ",
    pack=lambda *xs: _mapped("sum", xs),
)
prod = Op("prod", lambda *xs: math.prod(xs, start=1.0), _prod_rule, MANY, label="Π")
dot = Op("dot", _dot, _dot_rule, MANY, pack=_pairs)
mean = Op("mean", lambda *xs: _total(xs, 0.0) / float(len(xs)), _mean_rule, MANY, pack=_at_least_one("mean"))
norm = Op("norm", math.hypot, _norm_rule, MANY, in_ops=_scaled_norm, label="‖x‖")
logsumexp = Op(
    "logsumexp",
    _logsumexp,
    lambda g, z, *xs: [g * p for p in softmax(xs)],
    MANY,
    in_ops=_running_logsumexp,
    pack=_at_least_one("logsumexp"),
)
max = Op(
    "max",
    _unless_nan(builtins.max),
    _share_among_extremes,
    MANY,
    in_ops=lambda *xs: reduce(maximum, xs),
    pack=_at_least_one("max"),
)
min = Op(
    "min",
    _unless_nan(builtins.min),
    _share_among_extremes,
    MANY,
    in_ops=lambda *xs: reduce(minimum, xs),
    pack=_at_least_one("min"),
)


def log_softmax(xs: Iterable[Number]) -> list[Any]:
    """[log pᵢ] with pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), as log σ(xᵢ - log Σ exp of the others).

    No exponential of a large number is taken, and a probability close to 1 keeps its distance from 1.

    >>> log_softmax([0.0, 0.0])
    [-0.6931471805599453, -0.6931471805599453]
    """
    return [log_sigmoid(x) for x in _log_odds(_at_least_one("log_softmax")(xs))]


def softmax(xs: Iterable[Number]) -> list[Any]:
    """[pᵢ] with pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), as σ(xᵢ - log Σ exp of the others).

    >>> softmax([0.0, 1000.0])
    [0.0, 1.0]
    """
    return [sigmoid(x) for x in _log_odds(_at_least_one("softmax")(xs))]


def _log_odds(xs: Sequence[Number]) -> list[Any]:
    """log(pᵢ / (1 - pᵢ)): each x less the logarithm of the sum of the others' exponentials."""
    return [x - others for x, others in zip(xs, _all_others(logaddexp, xs, -math.inf), strict=True)]
