"""Rules of calculus as they are mistaken: what somebody may write for the derivative of one op.

A row of `MISTAKEN` is a kind of slip and the derivative that it gives; z, u and v are the values of the node and of its
first two inputs, du and dv the derivatives of these, right is the derivative that is right.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ...backprop import rates_of
from ...op import quiet
from ...value import Value
from ..notation.operations import is_arithmetic
from .points import op_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from .points import Point

    Tangents: TypeAlias = Mapping[Value, float]
    Altered: TypeAlias = Callable[[Point, Tangents], float]
    """∂node/∂x as an altered rule gives it, from the ∂input/∂x."""

__all__ = ["alternatives", "over", "summed"]


class At(NamedTuple):
    """A node at a point, with what stands in its rule."""

    z: float
    u: float
    v: float
    du: float
    dv: float
    right: float


def over(a: float, b: float) -> float:
    """The quotient a / b, or nan."""
    return a / b if b else math.nan


def power(u: float, n: float) -> float:
    """The power uⁿ, or nan."""
    try:
        found = u**n
    except (ArithmeticError, ValueError):
        return math.nan
    return found if isinstance(found, float) else math.nan


MISTAKEN: dict[str, list[tuple[str, Callable[[At], float]]]] = {
    "mul": [
        ("product of derivatives", lambda a: a.du * a.dv if a.du and a.dv else math.nan),
        ("power rule", lambda a: a.u * a.du),
        ("factor", lambda a: a.du + a.dv),
        ("factor", lambda a: over(a.du + a.dv, a.v if a.du else a.u)),
        ("factor twice", lambda a: a.right * (a.u if not a.du else a.v)),
        ("constant", lambda a: a.du + a.u if not a.du else a.dv + a.v),
    ],
    "div": [
        ("quotient turned round", lambda a: (a.u * a.dv - a.du * a.v) / a.v**2 if a.dv else math.nan),
        ("quotient of derivatives", lambda a: over(a.du, a.dv)),
        ("quotient of derivatives", lambda a: over(a.u, a.dv)),
        ("denominator squared", lambda a: (a.du * a.v - a.u * a.dv) / a.v if a.dv else math.nan),
        ("denominator squared", lambda a: a.du * a.v - a.u * a.dv if a.dv else math.nan),
        ("quotient rule", lambda a: (a.du * a.v + a.u * a.dv) / a.v**2 if a.dv else math.nan),
        ("quotient rule", lambda a: a.du * a.v + a.u * a.dv if a.dv else math.nan),
        ("factor", lambda a: a.du if not a.dv else math.nan),
        ("factor", lambda a: a.du * a.v if not a.dv else math.nan),
        ("factor twice", lambda a: a.right / a.v),
    ],
    "pow": [
        ("exponential rule", lambda a: a.z * a.dv),
        ("power rule on an exponential", lambda a: a.v * power(a.u, a.v - 1.0) * (a.dv + a.du)),
    ],
    "exp": [("power rule on an exponential", lambda a: a.u * math.exp(a.u - 1.0) * a.du)],
    "log": [
        ("base-10 logarithm", lambda a: over(a.du, a.u * math.log(10.0))),
        ("power rule", lambda a: -over(a.du, a.u**2)),
    ],
    "log10": [("base-10 logarithm", lambda a: over(a.du, a.u))],
    "log2": [("base-10 logarithm", lambda a: over(a.du, a.u))],
    "sigmoid": [
        ("sigma prime", lambda a: a.z * (1.0 - a.z * (1.0 - a.z)) * a.du),
        ("derivative of function", lambda a: (1.0 - a.z) * a.du),
        ("derivative of function", lambda a: (1.0 - a.z**2) * a.du),
        ("derivative of function", lambda a: a.u * (1.0 - a.u) * a.du),
    ],
    "tanh": [
        ("derivative of function", lambda a: (1.0 - a.z) * a.du),
        ("derivative of function", lambda a: (1.0 - a.u**2) * a.du),
        ("derivative of function", lambda a: a.z * (1.0 - a.z) * a.du),
        ("derivative of function", lambda a: (1.0 + a.z**2) * a.du),
    ],
    "tan": [
        ("derivative of function", lambda a: over(a.du, math.cos(a.u))),
        ("derivative of function", lambda a: (1.0 - a.z**2) * a.du),
    ],
    "sin": [("derivative of function", lambda a: math.sin(a.u) * a.du)],
    "cos": [("derivative of function", lambda a: math.cos(a.u) * a.du)],
    "add": [("constant", lambda a: a.right + a.u if not a.du else a.right + a.v)],
    "sub": [("constant", lambda a: a.right + a.u if not a.du else a.right - a.v)],
}
"""Mistaken rules by op; those that do not fit what varies give nan, or what another row gives."""

EXPONENTS = {"square": 2.0, "sqrt": 0.5, "cbrt": 1.0 / 3.0, "reciprocal": -1.0, "rsqrt": -0.5}
POWERS: list[Callable[[float, float], float]] = [
    lambda u, n: n * power(u, n),
    lambda u, n: power(u, n - 1.0),
    lambda u, n: n * power(u, n + 1.0),
    lambda u, n: (n - 1.0) * power(u, n - 1.0),
    lambda u, n: n * power(u, n - 2.0),
    lambda u, n: (n - 1.0) * power(u, n),
    power,
    lambda u, n: over(power(u, n + 1.0), n + 1.0),
]
"""What is taken for n uⁿ⁻¹."""


def alternatives(
    node: Value, x: Value, between: Collection[Value], consumers: Sequence[Value]
) -> Iterator[tuple[str, Altered]]:
    """The kinds of slips at a node with what they give for ∂node/∂x; ``between`` are the nodes that depend on x."""
    varying = list(dict.fromkeys([y for y in node.inputs if isinstance(y, Value) and y in between]))
    name = op_name(node)
    if len(consumers) > 1:
        yield "average", lambda p, t: _right(node, p, t) / len(consumers)
    for kind, rule in MISTAKEN.get(name, []):
        yield kind, _by(rule, node)
    exponent = node.inputs[1] if name == "power" else EXPONENTS.get(name)
    if isinstance(exponent, float):
        for form in POWERS:
            yield "power rule", _by(_of_power(form, exponent), node)
    for y in varying:
        yield from _of_input(node, y, x, len(varying) > 1)
    if node.op.is_unary and not is_arithmetic(node.op):
        yield "inner derivative inside", lambda p, t: _rate_at(node, t[varying[0]])
        yield "inner derivative inside", lambda p, t: _rate_at(node, t[varying[0]]) * t[varying[0]]
        yield "function for derivative", lambda p, t: p.value(node) * t[varying[0]]
        yield "function for derivative", lambda p, t: -p.value(node) * t[varying[0]]
    for y, other in _factors(node):
        if y in between and other.inputs and other.op.is_unary and not is_arithmetic(other.op):
            yield "derivative for function", _with_prime(node, y, other)
    for y in node.inputs:
        if isinstance(y, Value) and y not in between:
            yield "constant", _as_variable(node, y)


def _of_input(node: Value, y: Value, x: Value, is_one_of_several: bool) -> Iterator[tuple[str, Altered]]:
    """What goes wrong with the part of ∂node/∂x that comes through y: it changes by a multiple of its rate."""

    def changed(change: Callable[[float, float], float]) -> Altered:
        return lambda p, t: _right(node, p, t) + change(p.rates(node)[y], t[y])

    if is_one_of_several:
        parts = {"mul": "product rule", "prod": "product rule", "div": "quotient rule", "pow": "exponential rule"}
        yield "sign", changed(lambda rate, dy: -2.0 * rate * dy)
        yield parts.get(op_name(node), "summand"), changed(lambda rate, dy: -rate * dy)
    if y is not x:
        yield "inner derivative", changed(lambda rate, dy: rate * (1.0 - dy))
        yield "inner derivative twice", changed(lambda rate, dy: rate * dy * (dy - 1.0))
        yield "outer derivative", changed(lambda rate, dy: (1.0 - rate) * dy)


def _at(node: Value, point: Point, t: Tangents) -> At:
    u, v, *_ = *[(point.value(y), t.get(y, 0.0)) if isinstance(y, Value) else (y, 0.0) for y in node.inputs], (0.0, 0.0)
    return At(point.value(node), u[0], v[0], u[1], v[1], _right(node, point, t))


def _by(rule: Callable[[At], float], node: Value) -> Altered:
    return lambda p, t: rule(_at(node, p, t))


def _of_power(form: Callable[[float, float], float], n: float) -> Callable[[At], float]:
    return lambda a: form(a.u, n) * a.du


def _with_prime(node: Value, y: Value, f: Value) -> Altered:
    """∂node/∂x with f' where f is a factor beside y."""
    return lambda p, t: _right(node, p, t) + t[y] * (sum(p.rates(f).values()) - p.value(f))


def _as_variable(node: Value, y: Value) -> Altered:
    """∂node/∂x with the derivative by y added, which does not depend on x."""
    return lambda p, t: _right(node, p, t) + p.rates(node)[y]


def summed(rates: Mapping[Value, float], t: Tangents) -> float:
    """The sum of rates times the derivatives of the inputs that have one."""
    return math.fsum([rate * t[y] for y, rate in rates.items() if y in t and rate])


def _right(node: Value, point: Point, t: Tangents) -> float:
    return summed(point.rates(node), t)


def _factors(node: Value) -> Iterator[tuple[Value, Value]]:
    """The pairs of factors (y, other) of products: ∂node/∂y is the other one."""
    n = len(node.inputs)
    for k, y in enumerate(node.inputs) if op_name(node) in ("mul", "dot") else ():
        other = node.inputs[(k + n // 2) % n]
        if isinstance(y, Value) and isinstance(other, Value):
            yield y, other


def _rate_at(node: Value, u: float) -> float:
    """The derivative of the node's op at another number."""
    with quiet():
        x = Value(u)
        return rates_of(node.op(x)).get(x, 0.0)
