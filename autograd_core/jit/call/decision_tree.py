"""The decision tree of guards: finds the variant of a call among many.

Ways through a function that begin alike have the same guards up to the first with another outcome, so the guards of
all of them make a binary tree. A call descends by computing one comparison after the other, each with the steps it
needs and none twice, instead of trying program after program.
"""

from __future__ import annotations

from ...op import quiet
from ...ops.arithmetic import add, mul, sub
from ..ir.lane_ops import ENTERING, LEAVING
from ..ir.program import Builder, Constant, Input, Program, Step, renumbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...op import Op

__all__ = ["Decisions"]

NEVER_RAISES = frozenset({add, sub, mul})
"""Ops whose `forward` answers all floats, so that the tree calls it without the engine's checks."""


class Question:
    """An inner node of the tree: a comparison, the steps it needs beyond earlier ones, and the child by its outcome."""

    __slots__ = ("answers", "node", "steps")

    def __init__(self, node: int, steps: list[tuple[int, Callable[..., float], tuple[int, ...]]]) -> None:
        self.node, self.steps = node, steps
        self.answers: dict[bool, Any] = {}  # another question, or the leaf at the end of a way


class Decisions:
    """The tree of the guards of programs that begin alike; its leaves are their variants."""

    def __init__(self) -> None:
        self._builder = Builder()  # of all guards: equal steps are one
        self._constants: dict[int, float] = {}
        self._inputs: dict[int, Input] = {}
        self._root: Question | None = None

    @property
    def are_any(self) -> bool:
        """Whether the tree has a leaf."""
        return self._root is not None

    def add(self, program: Program, leaf: Any) -> bool:
        """Insert `leaf` below the guards of `program`; False if they depend on lanes, or differ from those known."""
        if not program.guards or any(_moves(node) for node in program.nodes):
            return False
        at: dict[int, int] = {}
        computed: set[int] = set()
        questions: list[tuple[int, bool, list[Any]]] = []
        for guard in program.guards:
            fresh = self._enter(program, guard.node, at, computed)
            questions.append((at[guard.node], guard.expected, fresh))
        return self._insert(questions, leaf)

    def _enter(self, program: Program, i: int, at: dict[int, int], computed: set[int]) -> list[Any]:
        """Add node i and its ancestors to the nodes of the tree; the steps among them that are not `computed` yet."""
        needed: set[int] = set()
        pending = [i]
        while pending:
            j = pending.pop()
            if j not in needed:
                needed.add(j)
                node = program.nodes[j]
                pending += node.args if isinstance(node, Step) else ()
        fresh = []
        for j in sorted(needed):
            node = program.nodes[j]
            if j not in at:
                at[j] = self._builder.add(renumbered(node, at))
                if isinstance(node, Constant):
                    self._constants[at[j]] = node.value
                elif isinstance(node, Input):
                    self._inputs[at[j]] = node
            if isinstance(node, Step) and at[j] not in computed:
                computed.add(at[j])
                fresh.append((at[j], _function_of(node.op), tuple([at[a] for a in node.args])))
        return fresh

    def _insert(self, questions: Sequence[tuple[int, bool, list[Any]]], leaf: Any) -> bool:
        first, _, fresh = questions[0]
        question = self._root = self._root or Question(first, fresh)
        for k, (node, expected, _) in enumerate(questions):
            if question.node != node:
                return False  # the function does not ask the same again: it depends on more than its arguments
            if k + 1 == len(questions):
                question.answers.setdefault(expected, leaf)
                return question.answers[expected] is leaf
            next_node, _, fresh = questions[k + 1]
            following = question.answers.setdefault(expected, Question(next_node, fresh))
            if not isinstance(following, Question):
                return False
            question = following
        return False

    def find(self, sources: Sequence[Any]) -> Any:
        """The leaf that the numbers in `sources` descend to, or None."""
        numbers = dict(self._constants)
        for i, place in self._inputs.items():
            numbers[i] = float(sources[place.source][place.offset])
        question: Any = self._root
        with quiet():
            while isinstance(question, Question):
                for target, function, args in question.steps:
                    numbers[target] = function(*[numbers[a] for a in args])
                question = question.answers.get(numbers[question.node] != 0.0)
        return question


def _moves(node: Any) -> bool:
    """Whether a node enters, leaves or is read along lanes, which are not decided one number at a time."""
    return (isinstance(node, Input) and node.axis is not None) or (
        isinstance(node, Step) and (node.op in ENTERING or node.op in LEAVING)
    )


def _function_of(op: Op) -> Callable[..., float]:
    return op.forward if op in NEVER_RAISES else lambda *data: op.evaluate(data, data)
