"""Sums of products, the normal form in which the finder reads a program.

A sum may be written as a `dot`, as n-ary or binary additions, with minus signs, and nested; each is read as one list of
terms. A term is a sign and a product of two nodes, or a single node.
"""

from __future__ import annotations

from collections import Counter

from ...ops import TABLE
from ...ops.reduction import two_lists
from ..ir.lane_ops import lane_sum, spread
from ..ir.program import Input, Program, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from ..ir.program import Node

    Term: TypeAlias = tuple[float, tuple[int, ...]]
    """A term: its sign, and one node or the two factors of a product."""

__all__ = ["MUL", "Sums", "origins"]

ADD, SUB, MUL, NEG, SUM, DOT = (TABLE[name] for name in ("add", "sub", "mul", "neg", "sum", "dot"))
SIGNS = {ADD: (1.0, 1.0), SUB: (1.0, -1.0), NEG: (-1.0,)}


def origins(nodes: Sequence[Node]) -> list[int]:
    """The node outside of the lanes that each node spreads, or the node itself."""
    return [node.args[0] if isinstance(node, Step) and node.op is spread else i for i, node in enumerate(nodes)]


class Sums:
    """The sums in a program.

    ``origin`` are the nodes' `origins`. ``terms`` has the sums of two and more products by their nodes, ``over_lanes``
    for each sum over lanes the two factors or the one number that it sums; both name origins. ``inside`` are the steps
    that only those sums need.

    A partial sum that is used once belongs to the sum that uses it. A product belongs to every sum it is a term of.
    With `has_lone_products` one over lanes whose factors no other has is a product too, not a sum of single numbers.
    """

    def __init__(self, program: Program, *, has_lone_products: bool = False) -> None:
        self.nodes, self.axis_of = program.nodes, program.axis_of
        self.uses = self._uses(program)
        self.origin = origins(self.nodes)
        self.over_lanes: dict[int, tuple[int, ...]] = {}
        self._terms: dict[int, list[Term]] = {}
        self._swallowed: dict[int, list[int]] = {}  # by sum: the steps merged into it
        self._products: dict[int, int] = {}  # by sum: the number of products among its terms
        for i, node in enumerate(self.nodes):
            if isinstance(node, Step):
                self._read(i, node)
        if not has_lone_products:
            self._forget_lone_products()
        self.terms = {i: found for i, found in self._terms.items() if self._products[i] > 1}
        self.inside = self._needed_nowhere_else()

    def has_products_of(self, count: int) -> bool:
        """Whether there may be matrices: a cheap test before the search.

        A first matrix consists of inputs or multiplies a vector of inputs, so some sum has `count` different inputs, in
        half of its terms at least; or there are sums of products over lanes."""
        if any(len(factors) == 2 for factors in self.over_lanes.values()):
            return True
        for terms in self.terms.values():
            if len(terms) >= count:
                inputs = {a for _, factors in terms if len(factors) == 2 for a in factors if self._is_input(a)}
                if len(inputs) >= max(count, len(terms) / 2):
                    return True
        return False

    def _is_input(self, a: int) -> bool:
        return isinstance(self.nodes[a], Input)

    @staticmethod
    def _uses(program: Program) -> list[int]:
        uses = [0] * len(program.nodes)
        for a in [a for node in program.nodes if isinstance(node, Step) for a in node.args]:
            uses[a] += 1
        for i in [out.node for out in program.outputs] + [guard.node for guard in program.guards]:
            uses[i] += 1
        return uses

    def _read(self, i: int, node: Step) -> None:
        origin = self.origin
        if node.op is DOT:
            pairs = zip(*two_lists(node.args), strict=True)
            self._terms[i], self._swallowed[i] = [(1.0, (origin[a], origin[b])) for a, b in pairs], []
            self._products[i] = len(self._terms[i])
        elif node.op is SUM or node.op in SIGNS:
            args = list(zip(SIGNS.get(node.op) or (1.0,) * len(node.args), node.args, strict=True))
            fewer, more = sorted(map(self._products_in, node.args)) if node.op is SUB else (0, 0)
            if fewer == 0 and more > 1:  # z - y: y is no part of z
                self._terms[i], self._swallowed[i] = [(sign, (origin[a],)) for sign, a in args], []
                self._products[i] = 0
                return
            self._products[i] = sum(map(self._products_in, node.args))
            terms: list[Term] = []
            swallowed: list[int] = []
            if args and self._is_partial(args[0][1]) and args[0][0] > 0.0:  # a long chain is one list that grows
                terms, swallowed = self._terms.pop(args[0][1]), self._swallowed.pop(args[0][1])
                swallowed.append(args.pop(0)[1])
            for sign, a in args:
                self._add_term(terms, swallowed, sign, a)
            self._terms[i], self._swallowed[i] = terms, swallowed
        elif node.op is lane_sum:
            inner = self.nodes[node.args[0]]
            factors = node.args[:1]
            if isinstance(inner, Step) and inner.op is MUL and self.uses[node.args[0]] == 1:
                factors = inner.args
            is_along = all([self.axis_of[a] is not None and origin[a] == a for a in factors])
            self.over_lanes[i] = factors if is_along else node.args[:1]

    def _forget_lone_products(self) -> None:
        """Read sums over lanes of products whose factors no other one shares as sums of single numbers."""
        count = Counter([a for factors in self.over_lanes.values() if len(factors) == 2 for a in factors])
        for i, factors in self.over_lanes.items():
            if len(factors) == 2 and max(count[a] for a in factors) < 2:
                self.over_lanes[i] = self.nodes[i].args[:1]  # type: ignore[union-attr]  # a step

    def _products_in(self, a: int) -> int:
        """The number of products that node a adds to a sum: one if it is a product, those of a partial sum, else 0."""
        node = self.nodes[a]
        is_product = isinstance(node, Step) and node.op is MUL
        return 1 if is_product else self._products.get(a, 0) if self._is_partial(a) else 0

    def _is_partial(self, a: int) -> bool:
        return self.uses[a] == 1 and a in self._terms

    def _add_term(self, terms: list[Term], swallowed: list[int], sign: float, a: int) -> None:
        node = self.nodes[a]
        if self._is_partial(a):
            terms += [(sign * s, factors) for s, factors in self._terms.pop(a)]
            swallowed += [a, *self._swallowed.pop(a)]
        elif isinstance(node, Step) and node.op is MUL:
            terms.append((sign, (self.origin[node.args[0]], self.origin[node.args[1]])))
            swallowed.append(a)
        else:
            terms.append((sign, (self.origin[a],)))

    def _needed_nowhere_else(self) -> set[int]:
        """The steps swallowed by sums that nothing else uses."""
        left = list(self.uses)
        found = {self.nodes[i].args[0] for i, factors in self.over_lanes.items() if len(factors) == 2}  # type: ignore[union-attr]  # steps
        for i in self.terms:
            for user in (i, *self._swallowed[i]):
                node = self.nodes[user]
                assert isinstance(node, Step)
                if node.op is not MUL:
                    for a in node.args:
                        left[a] -= 1
        return found | {a for i in self.terms for a in self._swallowed[i] if left[a] == 0}
