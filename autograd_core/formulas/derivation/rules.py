"""Local derivatives as expressions: the ops' own rules, applied to symbols, at one point.

A rule is written for floats. Here it reads as mathematics has it at this point: comparisons are decided, σ(-x) is
1 - σ(x), and a node is called by its name. Where inf or nan occur nothing is simplified, as 0 x need not be 0 then.
"""

from __future__ import annotations

import math

from ...backprop import rule_entries
from ...op import Op, quiet
from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ...value import Value, data_of
from ..algebra.expressions import LAST, ONE, ZERO, Expression, Figure, Group, Prime, Symbol, of_atom
from ..algebra.normal_form import (
    NAMED,
    apply,
    constant,
    has_infinite,
    is_infinite,
    plus,
    raised,
    renamed,
    simple_fraction,
    times,
    verbatim,
)
from ..notation.operations import has_prime, standard_name
from ..notation.written import Written
from .reading import expression_of, operand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from ..algebra.expressions import Atom

__all__ = ["Rules", "Sent", "together"]

NEG, POW = TABLE["neg"], TABLE["pow"]
DUST = 1e-15
"""Relative rounding error of an exponent like n - 1 in a rule, which its formula leaves out."""
OF_TWO = {TABLE["norm"]: TABLE["hypot"], TABLE["logsumexp"]: TABLE["logaddexp"]}
OTHERS = Symbol(Written("...", r"\ldots"), LAST)
"""Stands for all inputs of an n-ary op but one."""


class Sent(dict[Value, "dict[Value, list[Any]]"]):
    """A table, filled when asked, of what each node's rule sends to its inputs when the gradient 1 arrives."""

    def __missing__(self, node: Value) -> dict[Value, list[Any]]:
        with quiet():
            entries = rule_entries(node, 1.0) if not has_constant_base(node) else _with_base_in_the_open(node)
        self[node] = sent = dict[Value, "list[Any]"]()
        for x, entry in zip(node.inputs, entries, strict=True):
            if isinstance(x, Value) and entry is not None:
                sent.setdefault(x, []).append(entry)
        return sent


class Rules:
    """Local derivatives in terms of the nodes' symbols or numbers; simplified if `is_simple`."""

    def __init__(self, sent: Sent, is_simple: bool) -> None:
        self.sent, self.is_simple = sent, is_simple
        self._definitions: dict[Atom, Atom] = {}

    def simple(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """An op applied to expressions: simplified if the rules are, else verbatim."""
        if not self.is_simple and standard_name(op) in ("mul", "prod"):
            return self.times(args)
        return (apply if self.is_simple else verbatim)(op, args)

    def decided(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """An op inside a rule: comparisons are decided at this point, and x + inf is inf."""
        if op in COMPARISONS:
            return constant(node.data)
        simple = renamed(
            self._plainly(node, op, args) if self.is_simple else self.simple(node, op, args), self._definitions
        )
        return constant(node.data) if any(map(is_infinite, args)) and has_infinite(simple) else simple

    def _plainly(self, node: Value, op: Op, args: Sequence[Expression]) -> Expression:
        """An op inside a rule without the care that rounding asks for: σ(-x) is 1 - σ(x), 1 / cosh² is 1 - tanh²."""
        first, *others = node.inputs
        match standard_name(op):
            case "sigmoid" if isinstance(first, Value) and first.op is NEG:
                return plus([(1, ONE), (-1, apply(op, [plus([(-1, args[0])])]))])
            case "sech_squared":
                return plus([(1, ONE), (-1, raised(apply(TABLE["tanh"], args), 2))])
            case "unit" if not any(map(data_of, node.inputs)):
                return ZERO
            case "unit":
                return times([args[0], raised(apply(TABLE["hypot"], args), -1)])
            case "power" if math.isclose(others[0], exponent := float(simple_fraction(others[0])), rel_tol=DUST):
                return apply(op, [args[0], constant(exponent)])
        return apply(op, args)

    def times(self, parts: Sequence[Expression]) -> Expression:
        """The product of the parts that are not 1."""
        factors = [part for part in parts if part != ONE]
        return times(factors) if self.is_simple or len(factors) < 2 else verbatim(TABLE["prod"], factors)

    def chained(self, outer: Expression, inner: Expression) -> Expression:
        """The product of the chain rule, outer times inner, as a lecture leaves it: ln'(u) (2 x), not 2 ln'(u) x."""
        return self.times([_as_factor(outer), together(inner)]) if self.is_simple else self.times([outer, inner])

    def plus(self, parts: Sequence[Expression]) -> Expression:
        """The sum of the parts."""
        is_simple = self.is_simple or len(parts) < 2
        return plus([(1, part) for part in parts]) if is_simple else verbatim(TABLE["sum"], parts)

    def define(self, ends: Mapping[Value, Expression], known: Mapping[Value, Expression]) -> None:
        """Let rules call nodes by their names, or numbers: a rule that computes σ(z) again says a.

        ``ends`` are those of the nodes, ``known`` the expressions of their inputs.
        """
        for node, end in ends.items():
            args = [operand(x, known) for x in node.inputs]
            atom = self.simple(node, node.op, args).atom if args else None
            if atom is not None and not isinstance(atom, Symbol | Figure) and end.atom is not None:
                self._definitions[atom] = end.atom

    def primed(self, node: Value, x: Value, known: Mapping[Value, Expression]) -> Expression | None:
        """The derivative as f'(x), if the node is a function f of x whose derivative is written so; else None."""
        return of_atom(Prime(node.op, expression_of(x, known, self.simple))) if has_prime(node.op) else None

    def local(self, node: Value, x: Value, known: Mapping[Value, Expression]) -> Expression:
        """The local derivative ∂node/∂x by the op's rule."""
        return self.plus(
            [
                self._with_others_at_once(node, x, entry, known) or expression_of(entry, known, self.decided)
                if isinstance(entry, Value)
                else constant(entry + 0.0)
                for entry in self.sent[node][x]
            ]
        )

    def _with_others_at_once(
        self, node: Value, x: Value, entry: Value, known: Mapping[Value, Expression]
    ) -> Expression | None:
        """The rate of f(x, y, ...) = g(x, f(y, ...)) with f(y, ...) as one unknown, if x and the node suffice for it.

        Else the rates of n inputs, each of which goes through all others, took n² steps.
        """
        others = _first(entry, OF_TWO[node.op], known) if node.op in OF_TWO and self.is_simple else None
        if others is None or not known.keys() >= {node, x}:
            return None
        ends = {x: known[x], others: verbatim(node.op, [of_atom(OTHERS)])}
        whole, name = apply(others.op, [ends[x], ends[others]]).atom, known[node].atom
        if whole is None or name is None:
            return None
        self._definitions[whole] = name
        rate = expression_of(entry, ends, self.decided)
        return None if OTHERS.written in rate.symbols() else rate


def together(expression: Expression) -> Expression:
    """A factor that keeps its constants, in brackets: 2 x and 1 / x; a product without constants stays as it is."""
    match expression.terms:
        case ((factors, x),) if abs(x) != 1 or any(map(_is_apart, factors)):
            return of_atom(Group(expression))
    return expression


def _is_apart(factor: tuple[Atom, int]) -> bool:
    """Whether a product would move the factor: π and e to its front, and what is divided by below its line."""
    atom, exponent = factor
    return exponent < 0 or atom in NAMED


def _as_factor(outer: Expression) -> Expression:
    """The first factor of a product: a fraction stays one, its minus in front."""
    match outer.terms:
        case ((factors, x),) if any([k < 0 for _, k in factors]):
            return Expression(((((Group(Expression(((factors, abs(x)),))), 1),), 1 if x > 0 else -1),))
    return outer


def has_constant_base(node: Value) -> bool:
    """Whether a node is aˣ with a plain number a, whose rule has ln a."""
    return node.op is POW and not isinstance(node.inputs[0], Value) and node.inputs[0] not in (1.0, math.e)


def _with_base_in_the_open(node: Value) -> Sequence[Any]:
    """The entries of the rule of aˣ, in which ln a stands as it is, not as the float that it comes to."""
    base, exponent = node.inputs
    entries: Sequence[Any] = node.op.bprop(1.0, node, Value(base), exponent)
    return entries


def _first(root: Value, op: Op, known: Collection[Value]) -> Value | None:
    """The first node of an op among those that a rule has recorded on top of the known ones."""
    todo: list[Any] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, Value) and node not in known:
            if node.op is op:
                return node
            todo += reversed(node.inputs)
    return None
