"""Gates where they belong: where(c, g x, 0) is where(c, g, 0) x, the x times the gated gradient g.

A trace gathers the conditions under which a gradient arrives and puts them around what is computed from it, where 0
times infinity does no harm. Here each condition goes back to its factor: to the one that most of the products behind
that condition share, δ in all δ xᵢ. A condition that holds wherever the rest is not zero anyway is left out.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce

from ....jit.ir.program import Builder, Constant, Program, Step, is_constant, moved, renumbered
from ....ops import TABLE
from ....ops.selection import COMPARISONS
from .steps import chained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Truths: TypeAlias = frozenset[int]

__all__ = ["move_gates"]

ADD, SUB, MUL, DIV, NEG = (TABLE[name] for name in ("add", "sub", "mul", "div", "neg"))
SUM, WHERE, EQUAL = (TABLE[name] for name in ("sum", "where", "equal"))
MOST_FACTORS = 100
"""Factors of a product among which that of a gate is looked for."""


def move_gates(program: Program) -> Program:
    """The program with each condition of a gate at the factor that it was made for."""
    gates = _Gates(program)
    return gates.moved() if gates.needed else program


class _Gates:
    """The gates of a program: ``needed`` has the conditions of each, ``factor_of`` the factor of each condition."""

    def __init__(self, program: Program) -> None:
        self.program, self.nodes = program, program.nodes
        self.either: dict[int, list[Truths]] = {}  # disjunctions, one of whose conjunctions holds
        self._truths: dict[int, Truths] = {}
        self.vanishes: list[Truths] = []  # for each node the conditions without which it is zero
        self.needed: dict[int, Truths] = {}
        for step in program.steps:
            if step.op is WHERE:
                self._truths_of(step.args[0])  # before any sum asks what follows
        for i, node in enumerate(self.nodes):
            self.vanishes.append(self._vanishes(i, node) if isinstance(node, Step) else frozenset())
        self.factor_of = self._found_factors()

    def _truths_of(self, c: int) -> Truths:
        """The conditions that all hold where node c is not zero."""
        if c not in self._truths:
            node = self.nodes[c]
            is_all = isinstance(node, Step) and node.op is MUL and all(map(self._is_truth, node.args))
            self._truths[c] = frozenset().union(*map(self._truths_of, node.args)) if is_all else frozenset((c,))  # type: ignore[union-attr]  # a step
            if opposites := self._opposites(c):
                self.either[c] = [self._truths_of(a) for a in opposites]
        return self._truths[c]

    def _is_truth(self, c: int) -> bool:
        node = self.nodes[c]
        if not isinstance(node, Step):
            return False
        if node.op is MUL:
            return all(map(self._is_truth, node.args))
        return node.op in COMPARISONS or self._negated(c) is not None

    def _negated(self, c: int) -> int | None:
        """The truth whose opposite node c is."""
        node = self.nodes[c]
        is_opposite = isinstance(node, Step) and node.op is SUB and is_constant(self.nodes, node.args[0], 1.0)
        return node.args[1] if is_opposite and self._is_truth(node.args[1]) else None  # type: ignore[union-attr]  # a step

    def _opposites(self, c: int) -> list[int]:
        """The truths of which one holds where c does: c is 1 - (1 - a)(1 - b)."""
        inner = self._negated(c)
        if inner is None:
            return []
        found = [self._negated(a) for a in sorted(self._truths_of(inner))]
        return [a for a in found if a is not None] if None not in found else []

    def _always_holds(self, c: int) -> bool:
        """Whether node c is the opposite of x = 0 and x = 1, and the like, which never hold together."""
        inner = self._negated(c)
        equal_to: dict[int, int] = {}
        for a in self._truths_of(inner) if inner is not None else ():
            node = self.nodes[a]
            is_to_constant = (
                isinstance(node, Step) and node.op is EQUAL and isinstance(self.nodes[node.args[1]], Constant)
            )
            if is_to_constant and equal_to.setdefault(*node.args) != node.args[1]:  # type: ignore[union-attr]  # a step
                return True
        return False

    def _closed(self, truths: Truths) -> Truths:
        """The truths, and the disjunctions that follow from them."""
        return truths.union([c for c, ways in self.either.items() if any(way <= truths for way in ways)])

    def _vanishes(self, i: int, node: Step) -> Truths:
        found = [self.vanishes[a] for a in node.args]
        if node.op is WHERE and self._is_zero(node.args[2]) and not isinstance(self.nodes[node.args[0]], Constant):
            wanted = self._truths_of(node.args[0])
            inside = self._closed(found[1])
            follow = {c for c in wanted if any(way <= wanted - {c} for way in self.either.get(c, []))}
            self.needed[i] = wanted - inside - follow - {c for c in wanted if self._always_holds(c)}
            return self._closed(wanted | inside)
        if node.op is MUL:
            return self._closed(found[0] | found[1])
        if node.op in (DIV, NEG):
            return found[0]
        if node.op is WHERE:
            return found[1] & found[2]
        if node.op in (ADD, SUB, SUM) and found:
            return reduce(frozenset.intersection, found)
        return frozenset()

    def _is_zero(self, a: int) -> bool:
        node = self.nodes[a]
        return isinstance(node, Constant) and node.value == 0.0

    def _found_factors(self) -> dict[int, int]:
        behind: dict[int, dict[int, None]] = {}  # by condition: what is gated by it
        for i, truths in self.needed.items():
            for c in truths:
                behind.setdefault(c, {})[self.nodes[i].args[1]] = None  # type: ignore[union-attr]  # a step
        found = {}
        for c, products in behind.items():
            count = Counter([factor for x in products for factor in self._factors(x)])
            found[c] = max(count, key=lambda factor: (count[factor], factor))  # the largest of the commonest
        return found

    def _factors(self, x: int) -> Iterable[int]:
        """A node and the factors that it is a product of, and their factors."""
        found, todo = dict[int, None](), [x]
        while todo and len(found) < MOST_FACTORS:
            a = todo.pop()
            if a not in found:
                found[a] = None
                todo += self._parts(a)
        return found

    def _parts(self, a: int) -> tuple[int, ...]:
        """The nodes to which node a is proportional."""
        node = self.nodes[a]
        if not isinstance(node, Step):
            return ()
        return node.args if node.op is MUL else node.args[:1] if node.op in (DIV, NEG) else ()

    def moved(self) -> Program:
        """The program with the gates at their factors."""
        builder = Builder()
        zero = builder.constant(0.0)
        at: list[int] = []
        for i, node in enumerate(self.nodes):
            if i in self.needed:
                at.append(self._gated(builder, at, zero, node.args[1], self.needed[i]))  # type: ignore[union-attr]  # a step
            else:
                at.append(builder.add(renumbered(node, at)))
        return moved(self.program, builder, at)

    def _gated(self, builder: Builder, at: list[int], zero: int, x: int, truths: Truths) -> int:
        """The position of node x with gates at its factors."""
        here, rest = set(truths), dict[int, set[int]]()
        for a in dict.fromkeys(self._parts(x)) if truths else ():
            among = self._factors(a)
            rest[a] = {c for c in here if self.factor_of[c] != x and self.factor_of[c] in among}
            here -= rest[a]
        inside = at[x]
        if any(rest.values()):
            node = self.nodes[x]
            args = [self._gated(builder, at, zero, a, frozenset(rest.get(a, ()))) for a in node.args]  # type: ignore[union-attr]  # a step
            inside = builder.add(Step(node.op, tuple(args), node.name))  # type: ignore[union-attr]  # a step
        if not here:
            return inside
        condition = chained(builder, MUL, sorted([at[c] for c in here]))
        return builder.add(Step(WHERE, (condition, inside, zero)))
