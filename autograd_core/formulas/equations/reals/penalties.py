"""Penalties apart: what depends on weights alone, as 0.01 Σ w² and its derivative 0.02 w, is a term of its own.

The planner puts all products of a sum together; of a cost with a penalty and of its gradient equations say which part
is of the samples, δ aᵀ, and which is the penalty's.
"""

from __future__ import annotations

from collections import Counter

from ....domain import EXTENDED, Domain
from ....jit.ir.program import Builder, Constant, Input, Program, Step, is_constant, moved, renumbered
from ....jit.trace.tracer import CAPTURED
from ....op import Op
from ....ops import TABLE
from .steps import chained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["is_parameter", "penalised", "terms_of", "uses_of", "with_penalties_apart"]

ADD, MUL, DIV = (TABLE[name] for name in ("add", "mul", "div"))
SQUARE, POWERS = TABLE["square"], (TABLE["power"], TABLE["pow"])
ADDING = (ADD, TABLE["sum"])
penalised = Op("penalised", lambda x, penalty: x + penalty, lambda g, z, x, penalty: (g, g), Domain(EXTENDED, EXTENDED))
"""The sum of what is of the samples and of what is of the weights alone."""


def is_parameter(node: object) -> bool:
    """Whether a node is a Value from outside of the function, as the weights of a network are, or a leaf of `jit`,
    which comes with the call; those of a network have a path for a name, which no argument has."""
    return isinstance(node, Input) and (node.source == CAPTURED or "/" in (node.name or ""))


def with_penalties_apart(program: Program) -> Program:
    """The program with `penalised` for the results that add a penalty, and squares of weights as products."""
    penalties = _Penalties(program)
    splits = penalties.splits()
    if not splits:
        return program
    builder, at = Builder(), list[int]()
    for i, node in enumerate(program.nodes):
        if i in splits:
            parts = [[at[a] for a in terms] for terms in splits[i]]
            x, penalty = (chained(builder, ADD, part) for part in parts)
            at.append(builder.add(Step(penalised, (x, penalty))))
        elif isinstance(node, Step) and penalties.is_square(node):
            at.append(builder.add(Step(MUL, (at[node.args[0]], at[node.args[0]]))))
        else:
            at.append(builder.add(renumbered(node, at)))
    return moved(program, builder, at)


class _Penalties:
    """``of`` says of each node whether it is computed from weights alone, maybe times a number that is given."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.of: list[bool] = []
        self._is_number: list[bool] = []  # computed from constants and single inputs, and from no weights
        for node in program.nodes:
            if isinstance(node, Step):
                self.of.append(self._is_of_weights(node))
                self._is_number.append(all([self._is_number[a] for a in node.args]))
            else:
                self.of.append(is_parameter(node))
                self._is_number.append(not is_parameter(node) and getattr(node, "axis", None) is None)

    def _is_of_weights(self, node: Step) -> bool:
        kinds = [self.of[a] or isinstance(self.program.nodes[a], Constant) for a in node.args]
        if all(kinds):
            return any([self.of[a] for a in node.args])
        a, *rest = node.args
        if len(rest) != 1 or node.op not in (MUL, DIV):
            return False
        (b,) = rest
        return (self.of[a] and self._is_number[b]) or (node.op is MUL and self.of[b] and self._is_number[a])

    def is_square(self, node: Step) -> bool:
        """Whether a step is the square of a weight."""
        if not is_parameter(self.program.nodes[node.args[0]]):
            return False
        return node.op is SQUARE or (node.op in POWERS and is_constant(self.program.nodes, node.args[1], 2.0))

    def splits(self) -> dict[int, tuple[list[int], list[int]]]:
        """The results that add a penalty: the terms of the samples, and the penalty's."""
        nodes, uses, found = self.program.nodes, uses_of(self.program), {}
        for i in {out.node: None for out in self.program.outputs}:
            terms = list(terms_of(self.program, i, uses))
            of_weights = [a for a in terms if self.of[a]]
            others = [a for a in terms if not self.of[a]]
            is_penalty = of_weights and all([isinstance(nodes[a], Step) for a in of_weights])
            if is_penalty and any([isinstance(nodes[a], Step) for a in others]):
                found[i] = others, of_weights
        return found


def uses_of(program: Program) -> Mapping[int, int]:
    """How often each node is used by others."""
    return Counter([a for node in program.steps for a in node.args])


def terms_of(program: Program, i: int, uses: Mapping[int, int]) -> Iterator[int]:
    """The terms of a sum; a partial sum that is used once belongs to it."""
    todo, is_first = [i], True
    while todo:
        a = todo.pop()
        node = program.nodes[a]
        if isinstance(node, Step) and node.op in ADDING and (is_first or uses[a] == 1):
            todo += node.args[::-1]
        else:
            yield a
        is_first = False
