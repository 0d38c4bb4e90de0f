"""A derivative as the sum over paths: how many there are, which matter most, and what they add up to.

M. A. Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2, equation (53): every edge of the graph has a rate
factor, the derivative of a node by one of its inputs; that of a path is the product of its edges'; and ∂z/∂x is the
sum over all paths from x to z. There may be more paths than atoms, so none of this enumerates them: counts, sums and
the search for the largest go through the edges once. There is no edge where a rule sends nothing back, as at relu(-1).
"""

from __future__ import annotations

import heapq
import math
import operator
from functools import partial, reduce
from itertools import chain

from .backprop import rates_of
from .errors import NumberError, OpError
from .graph import ancestors, blocking, check_fresh, descendants, leading, reached, sweep
from .names import names_of
from .value import Value, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal
    from typing import Any

__all__ = ["Path", "Paths", "paths"]

SHOWN = 5  # of the largest paths, or of the nodes that block all
LONGEST = 16  # nodes of a path in one line
MOST_COUNTED = 10**15  # a larger count is shown rounded: nobody reads more digits


def as_product(number: str, factors: Sequence[str]) -> str:
    """A number and its factors, all of them rounded: with ≈ where that makes a difference.

    >>> as_product("0.6", ["2", "0.3"]), as_product("0.333333", ["0.3333"])
    ('0.6 = 2 · 0.3', '0.333333 ≈ 0.3333')
    """
    product, rounded = float(number), math.prod(map(float, factors))
    is_equal = math.isclose(product, rounded, rel_tol=1e-12) or math.isnan(product)
    return f"{number} {'=' if is_equal else '≈'} {_ends(' · ', factors) or '1'}"


class Path:
    """One way from x to z: its ``nodes``, x first, and the rate factors of the edges between them."""

    def __init__(self, nodes: Sequence[Value], rates: Sequence[float]) -> None:
        self.nodes, self.rates = tuple(nodes), tuple(rates)

    @property
    def rate(self) -> float:
        """The path's own rate factor, the product of its edges'."""
        return math.prod(self.rates)

    def text(self, names: dict[Value, str]) -> str:
        """The path in one line; a long one by its ends."""
        way = _ends(" → ", [names[node] for node in self.nodes])
        return f"{as_product(f'{self.rate:.6g}', [f'{rate:.4g}' for rate in self.rates])}   {way}"

    def __repr__(self) -> str:
        return f"Path({self.text(names_of(ancestors(self.nodes[-1]), self.nodes[-1]))})"


class _Way:
    """One way from z to a node: its ``magnitude``, the last ``edge``, as the node above and the rate, and the way
    ``before`` that."""

    __slots__ = ("before", "edge", "magnitude")

    def __init__(self, magnitude: float, edge: tuple[Value, float] | None = None, before: _Way | None = None) -> None:
        self.magnitude, self.edge, self.before = magnitude, edge, before


class Paths:
    """The paths from x to z, as a set that is never enumerated.

    >>> x = Value(2.0, name="x")
    >>> u = x * x
    >>> found = paths(u * x + u, x)
    >>> found.count, found.sum                     # d(x³ + x²)/dx = 3x² + 2x
    (3, 16.0)
    >>> [path.rate for path in found.largest(3)]
    [8.0, 4.0, 4.0]
    """

    def __init__(self, z: Value, x: Value) -> None:
        self.z, self.x = z, x
        order = ancestors(z)
        check_fresh(order)
        self._dependent = descendants([x], order) if x in order else {}
        self._rates = {node: rates_of(node) for node in self._dependent if node is not x}
        self._reached = reached(z, x, self._dependent, self._rates)
        self._between = leading(x, self._dependent, self._reached, self._rates)

    def _edges(self, node: Value) -> Iterator[tuple[Value, float]]:
        """The inputs of a node that paths come from, with the rate factors."""
        for source, rate in self._rates.get(node, {}).items():
            if source in self._between:
                yield source, rate

    @property
    def count(self) -> int:
        """The number of paths, exactly. Several positions of the same input, as in x * x, are one edge."""
        exact: int = self._counted(1)
        return exact

    def _counted(self, one: Any) -> Any:
        """The count in multiples of `one`, whose type says how exact it is."""
        return self._arrived(one, lambda count, _: count, sum, 0)

    def _arrived(
        self, one: Any, times: Callable[[Any, Any], Any], plus: Callable[[list[Any]], Any], nothing: Any
    ) -> Any:
        """The total that arrives at x, by `autograd_core.graph.sweep`; a rate comes with the node that sends."""
        order = reversed(self._between)
        for node, total in sweep(order, self.z, one=one, times=times, plus=plus, sent=self._sent):
            if node is self.x:
                return total
        return nothing

    def _sent(self, node: Value) -> Iterator[tuple[Value, tuple[Value, float]]]:
        return ((source, (node, rate)) for source, rate in self._edges(node))

    @property
    def edges(self) -> int:
        """The number of edges that the paths share: back-propagation goes through these instead."""
        return sum([1 for node in self._between for _ in self._edges(node)])

    @property
    def sum(self) -> float:
        """The sum of the paths' rate factors, which is ∂z/∂x."""
        in_order = partial(reduce, operator.add)  # as the engine adds; from Python 3.12 on sum() compensates rounding
        total: float = self._arrived(1.0, lambda rate, edge: rate * edge[1], in_order, 0.0)
        return total

    def largest(self, count: int = SHOWN) -> list[Path]:
        """The `count` paths with the largest rate factors by magnitude, in that order; all, if there are no more.

        Dynamic programming: from z down, every node keeps the `count` largest ways to it, each made of one to a
        consumer. The work is the number of edges times `count`.

        Raises `OpError` for a count that is no positive integer.
        """
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1:
            raise OpError(f"count must be a positive integer, got {count!r}")

        def extended(ways: list[_Way], edge: tuple[Value, float]) -> list[_Way]:
            magnitude = _magnitude(edge[1])
            return [_Way(_product(way.magnitude, magnitude), edge, way) for way in ways]

        def largest_of(parts: list[list[_Way]]) -> list[_Way]:
            return heapq.nlargest(count, chain(*parts), key=lambda way: way.magnitude)

        ways: list[_Way] = self._arrived([_Way(0.0)], extended, largest_of, [])
        return [self._path(way) for way in ways]

    def _path(self, way: _Way) -> Path:
        nodes, rates = [self.x], list[float]()
        while way.edge is not None and way.before is not None:
            node, rate = way.edge
            nodes.append(node)
            rates.append(rate)
            way = way.before
        return Path(nodes, rates)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.largest(SHOWN))

    def __repr__(self) -> str:
        from decimal import Decimal

        names = names_of(ancestors(self.z) | {self.x: None}, self.z)
        if not self._dependent:
            return f"no path: {names[self.z]} does not depend on {names[self.x]}, so the derivative is 0"
        if not self._between:
            blocked = blocked_by(names, blocking(self._dependent, self._reached, self._rates))
            return f"no path from {names[self.x]} to {names[self.z]}: {blocked}, so the derivative is 0"
        shown = self.largest()
        with about():
            count = self._counted(Decimal(1))
            hidden = count - len(shown)
        ways = f"{counted(count)} path{'s' if count != 1 else ''} from {names[self.x]} to {names[self.z]}"
        total = f"the sum of the rate factors, the derivative, is {self.sum:.6g}"
        lines = [f"{ways} over {self.edges:,} edge{'s' if self.edges != 1 else ''}; {total}"]
        lines += [f"  {path.text(names)}" for path in shown]
        if hidden:
            lines.append(f"  and {counted(hidden)} smaller ones")
        return "\n".join(lines)


def paths(z: Value, x: Value) -> Paths:
    """The paths from `x` to `z`: their ``count``, their ``sum``, which is ∂z/∂x, and the ``largest(k)`` of them.

    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> paths(x * y + x, x)
    2 paths from x to z over 3 edges; the sum of the rate factors, the derivative, is 4
      3 = 3 · 1   x → v1 → z
      1 = 1   x → z

    Raises `NumberError` (a TypeError) for what is no Value, `StaleGraphError` after a leaf has changed.
    """
    z, x = map(element_of, (z, x))
    for node in (z, x):
        if not isinstance(node, Value):
            raise NumberError(f"paths takes two Values, got {node!r:.60} of type {type(node).__name__}")
    return Paths(z, x)


def blocked_by(names: Mapping[Value, str], blocks: Sequence[Value]) -> str:
    """The nodes through which nothing flows back, as relu of a negative number or a floor, in words."""
    shown = [f"{names[node]} ({node.op})" for node in blocks[:SHOWN]]
    return f"nothing flows back through {', '.join(shown)}{', ...' * (len(blocks) > SHOWN)}"


def about() -> AbstractContextManager[object]:
    """A context in which Decimals are added up without overflow; exactly, up to 28 digits."""
    from decimal import MAX_EMAX, localcontext

    return localcontext(prec=28, Emax=MAX_EMAX)


def counted(count: Decimal) -> str:
    """A count with all its digits, as long as somebody would read them.

    >>> from decimal import Decimal
    >>> counted(Decimal(12_345)), counted(Decimal(10) ** 400)
    ('12,345', 'about 1.00e+400')
    """
    return f"{int(count):,}" if count < MOST_COUNTED else f"about {count:.2e}"


def _ends(between: str, parts: Sequence[str]) -> str:
    if len(parts) > LONGEST:
        parts = [*parts[: LONGEST // 2], f"({len(parts) - LONGEST + 1:,} more)", *parts[-(LONGEST // 2) + 1 :]]
    return between.join(parts)


def _magnitude(rate: float) -> float:
    """The logarithm of a magnitude, so that long products neither vanish nor overflow; nan counts as infinite."""
    if math.isnan(rate):
        return math.inf
    return math.log(abs(rate)) if rate else -math.inf


def _product(a: float, b: float) -> float:
    """The product of two magnitudes as the sum of their logarithms; zero times infinity is nan."""
    total = a + b
    return math.inf if math.isnan(total) else total
