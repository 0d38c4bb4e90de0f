"""Likely slips: derivations with one rule altered, at one node or at all of its kind.

Nothing here knows texts. A candidate is a number at each point; the slip is the first candidate that agrees with the
answer at every point. Altering one rule changes ∂z/∂x by ∂z/∂node times what it changes at the node, so that a
candidate costs one product.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import partial
from typing import NamedTuple

from ...graph import ancestors, consumers, descendants
from ...value import Value
from .altered import alternatives, over, summed
from .points import Point, op_name
from .rewritings import rewritings, taken_for
from .sheets import DerivativeOf, Moved, ValueOf
from .verdicts import SLIPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from .altered import Altered

    Formula: TypeAlias = Callable[[Point], float]

__all__ = ["Slip", "candidates", "truth"]

MOST_NODES = 150
"""Nodes between z and x up to which every rule is altered; a lecture's examples have fewer."""
SIMPLE = sorted({a / b for a in (1, 2, 3, 4, 5, 6, 10, 100) for b in (1, 2, 3, 4, 5, 6, 10, 100)} - {1.0}, key=abs)
"""Factors that are forgotten, or put in twice."""
OF_ALGEBRA = ("sign", "factor")
"""Kinds that are likely where an expression was only written in another form."""
LIKELIHOOD = defaultdict(lambda: len(SLIPS["en"]), {kind: k for k, kind in enumerate(SLIPS["en"])})
"""The order in which slips are looked for, that of their table; combinations of several come last."""


class Slip(NamedTuple):
    """A slip by its kind, the node whose rule it is about, and a factor if it is about one."""

    kind: str
    node: Value | None = None
    factor: float | None = None


def truth(subject: DerivativeOf | ValueOf | Moved, z: Value, parameters: Sequence[Value], rate: float) -> Formula:
    """What a line speaks of, at a point."""
    match subject:
        case DerivativeOf(above, below):
            return lambda point: point.derivative(above, below)
        case ValueOf(node):
            return lambda point: point.value(node)
        case Moved(node) if not node.inputs:
            return lambda point: point.value(node) - rate * point.derivative(z, node)
        case Moved(node):
            return lambda point: Point(point.order, point.moved(parameters, z, rate)).value(node)
    raise AssertionError(subject)


def candidates(
    subject: DerivativeOf | ValueOf | Moved,
    z: Value,
    parameters: Sequence[Value],
    earlier: Sequence[Value],
    rate: float | None,
    *,
    is_algebra: bool,
) -> list[tuple[Slip, Formula]]:
    """Slips and what they come to, the likeliest first.

    ``earlier`` are the parameters of the lines above. ``is_algebra`` says that a right expression stands in front of
    the wrong one, so that signs and factors are likelier than rules.
    """
    found = sorted(_candidates(subject, z, parameters, earlier, rate), key=lambda one: LIKELIHOOD[one[0].kind])
    if is_algebra:
        found.sort(key=lambda one: one[0].node is not None or one[0].kind not in OF_ALGEBRA)
    return found


def _candidates(
    subject: DerivativeOf | ValueOf | Moved,
    z: Value,
    parameters: Sequence[Value],
    earlier: Sequence[Value],
    rate: float | None,
) -> Iterator[tuple[Slip, Formula]]:
    known = 1.0 if rate is None else rate
    right = truth(subject, z, parameters, known)
    yield Slip("sign"), lambda point: -right(point)
    match subject:
        case DerivativeOf(above, below):
            yield Slip("not differentiated"), lambda point: point.value(above)
            yield from _sequential(above, below, parameters, earlier, rate)
            yield from _of_derivative(above, below, z)
        case Moved(node) if not node.inputs:
            yield from _of_step(z, node, parameters, earlier, known)
        case Moved(node):
            yield from _of_moved(z, node, parameters, known)
    for kind, change in rewritings():
        yield Slip(kind), _rewritten(right, change)
    counts = {len(node.inputs) for node in ancestors(z) if op_name(node) in ("mean", "sum")} - {1}
    yield from [(Slip("mean", None, factor), _times(factor, right)) for m in counts for factor in (float(m), 1.0 / m)]
    yield from [(Slip("factor", None, factor), _times(factor, right)) for size in SIMPLE for factor in (size, -size)]


def _times(factor: float, right: Formula) -> Formula:
    return lambda point: factor * right(point)


def _rewritten(right: Formula, change: Collection[str]) -> Formula:
    """A formula of another function, rightly differentiated; nan where nothing is taken for another."""

    def formula(point: Point) -> float:
        changed: list[Value] = []
        other = Point(point.order, point.leaves, lambda node, at: taken_for(node, at, change, changed))
        return right(other) if changed else math.nan

    return formula


def _sequential(
    z: Value, x: Value, parameters: Sequence[Value], earlier: Sequence[Value], rate: float | None
) -> Iterator[tuple[Slip, Formula]]:
    """∂z/∂x when other parameters have been moved already: in the backward pass alone, or in both."""
    if rate is None:
        return
    for some in (earlier, parameters):
        moved = [p for p in some if p is not x]
        for is_again in (False, True) if moved else ():
            yield Slip("sequential update", x), partial(_late, z, x, moved, rate, is_again=is_again)


def _late(z: Value, x: Value, moved: Sequence[Value], rate: float, point: Point, *, is_again: bool) -> float:
    """∂z/∂x after some parameters have moved; `is_again` says that the forward pass was gone through again."""
    leaves = point.moved(moved, z, rate)
    return Point(point.order, leaves).derivative(z, x) if is_again else point.with_weights(z, x, leaves)


def _of_step(
    z: Value, x: Value, parameters: Sequence[Value], earlier: Sequence[Value], rate: float
) -> Iterator[tuple[Slip, Formula]]:
    """A step whose gradient, sign or learning rate is not right."""

    def stepped(gradient: Formula) -> Formula:
        return lambda point: point.value(x) - rate * gradient(point)

    yield Slip("sign", x), stepped(lambda point: -point.derivative(z, x))
    yield Slip("learning rate", x), stepped(lambda point: point.derivative(z, x) / rate)
    yield Slip("no step", x), lambda point: point.value(x)
    for slip, gradient in _candidates(DerivativeOf(z, x), z, parameters, earlier, rate):
        yield slip, stepped(gradient)


def _of_moved(z: Value, node: Value, parameters: Sequence[Value], rate: float) -> Iterator[tuple[Slip, Formula]]:
    """A value after one step in which parameters nearer to z were moved before the gradients of the others."""
    distances = _distances(z)

    def formula(point: Point, is_again: bool) -> float:
        moved = dict(point.leaves)
        for p in parameters:
            nearer = [q for q in parameters if distances[q] < distances[p]]
            moved[p] = point.value(p) - rate * _late(z, p, nearer, rate, point, is_again=is_again)
        return Point(point.order, moved).value(node)

    yield Slip("sequential update"), lambda point: formula(point, False)
    yield Slip("sequential update"), lambda point: formula(point, True)
    yield Slip("no step"), lambda point: point.value(node)
    yield Slip("sign"), lambda point: Point(point.order, point.moved(parameters, z, -rate)).value(node)


def _distances(z: Value) -> dict[Value, int]:
    """How many steps each node lies below z, along the longest path."""
    distances: dict[Value, int] = {}
    for node in reversed(ancestors(z)):
        distances.setdefault(node, 0)
        for x in node.inputs:
            if isinstance(x, Value):
                distances[x] = max(distances.get(x, 0), distances[node] + 1)
    return distances


def _of_derivative(above: Value, below: Value, z: Value) -> Iterator[tuple[Slip, Formula]]:
    """∂above/∂below with one rule altered; then times, or over, a quantity that has been put in or left out."""
    between = list(descendants([below], ancestors(above)))
    _, *computed = between or [below]
    if len(computed) > MOST_NODES:
        return
    known: dict[Point, dict[Value, float]] = {}

    def tangents(point: Point) -> dict[Value, float]:
        if point not in known:
            known[point] = _tangents(point, between, {})
        return known[point]

    def with_one(node: Value, altered: Altered) -> Formula:
        return lambda p: tangents(p)[above] + p.derivative(above, node) * (altered(p, tangents(p)) - tangents(p)[node])

    def with_all(nodes: Mapping[Value, Altered]) -> Formula:
        return lambda p: _tangents(p, between, nodes)[above]

    def without(quantity: Formula) -> Formula:
        return lambda p: over(tangents(p)[above], quantity(p))

    def having(quantity: Formula) -> Formula:
        return lambda p: tangents(p)[above] * quantity(p)

    users = consumers(dict.fromkeys(between))
    if len(users[below]) > 1:
        yield Slip("average", below), lambda p: tangents(p)[above] / len(users[below])
    alike: dict[tuple[str, str, int], dict[Value, Altered]] = {}
    for node in computed:
        for k, (kind, altered) in enumerate(alternatives(node, below, set(between), users.get(node, ()))):
            alike.setdefault((kind, node.op.name, k), {})[node] = altered
            yield Slip(kind, node), with_one(node, altered)
    for (kind, _, _), nodes in alike.items():
        if len(nodes) > 1:
            yield Slip(kind, next(iter(nodes))), with_all(nodes)
    values = {node: partial(Point.value, node=node) for node in ancestors(above)}
    gradients = {node: partial(Point.derivative, above=z, below=node) for node in ancestors(z)}
    for kind, quantities in (("factor", values), ("derivative", gradients)):
        for node, quantity in quantities.items():
            if kind == "factor" or (node is not z and node is not below):
                yield Slip(f"{kind} missing", node), without(quantity)
                yield Slip(f"{kind} too much", node), having(quantity)


def _tangents(point: Point, between: Sequence[Value], altered: Mapping[Value, Altered]) -> dict[Value, float]:
    """∂node/∂x for the nodes between x, the first, and z, where some rules are altered."""
    x, *computed = between
    t = {x: 1.0}
    for node in computed:
        t[node] = altered[node](point, t) if node in altered else summed(point.rates(node), t)
    return t
