"""Derivatives recognised: what an op's own rule computes from g and z becomes g f'(z).

The rule is traced once for each op, as it is for a gradient, and the program that this gives is looked for in the
given one, step by step: g may be anything, z is an input of that op, and all steps in between must agree. So an op of
the user's own is recognised like ours, and no f'(z) is written that the program does not compute.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from ....domain import EXTENDED
from ....jit.ir.lane_ops import ENTERING, LEAVING
from ....jit.ir.program import Builder, Constant, Input, Step, moved, renumbered
from ....op import Op
from ....ops import TABLE
from ....ops.selection import COMPARISONS
from ...notation.operations import is_called
from .gates import move_gates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from ....jit.ir.program import Node, Program

    Bound: TypeAlias = dict[int, int]
    """The nodes of a program that stand for nodes of a rule."""

__all__ = ["Derivative", "derivative_of", "name_derivatives"]

ADD, MUL = TABLE["add"], TABLE["mul"]
NO_FUNCTIONS = (
    COMPARISONS | ENTERING | LEAVING | {TABLE[name] for name in ("neg", "identity", "stop_gradient", "where")}
)


class Derivative(Op):
    """The op f' of an op f, its derivative by its first input: ``of`` is f."""

    def __init__(self, of: Op) -> None:
        from ....transforms import grad

        self.of = of
        super().__init__(f"{of.name}'", grad(of), lambda g, z, *xs: [None] * len(xs), EXTENDED)


@lru_cache(maxsize=256)
def derivative_of(of: Op) -> Derivative:
    """The op f' of an op f."""
    return Derivative(of)


def name_derivatives(program: Program) -> Program:
    """The program with g f'(z) in place of what the rule of an op f in it computes."""
    finder = _RuleFinder(program)
    builder, at = Builder(), list[int]()
    for i, node in enumerate(program.nodes):
        found = finder.at(i)
        if found is None:
            at.append(builder.add(renumbered(node, at)))
        else:
            g, op, args = found
            prime = builder.add(Step(derivative_of(op), tuple([at[a] for a in args])))
            at.append(builder.add(Step(MUL, (at[g], prime))))
    return moved(program, builder, at)


class _Rule:
    """The rule of ``op`` at some constants: ``nodes`` that compute the last one of them from ``g`` and ``x``.

    ``is_alone`` says whether nothing is computed but a product of g, x and the op's own value, as for exp: then it
    looks like any product with these.
    """

    def __init__(self, op: Op, program: Program) -> None:
        self.nodes = program.nodes
        self.root = program.outputs[0].node
        inputs = {node.offset: i for i, node in enumerate(self.nodes) if isinstance(node, Input)}
        self.g, self.x = inputs[0], inputs[1]
        of_g = {self.g}
        for i, node in enumerate(self.nodes):
            if isinstance(node, Step) and not of_g.isdisjoint(node.args):
                of_g.add(i)
        self.depends_on_g = self.root in of_g and self.root != self.g
        others = [node for i, node in enumerate(self.nodes) if isinstance(node, Step) and i not in of_g]
        self.is_alone = all([node.op is op for node in others])
        self.uses_of_g = sum([node.args.count(self.g) for node in self.nodes if isinstance(node, Step)])


@lru_cache(maxsize=256)
def _rule(op: Op, constants: tuple[float, ...]) -> _Rule | None:
    """The traced rule of an op whose other inputs are constants; None if it does not depend on g and x."""
    from ....jit.passes import optimised
    from ....jit.trace.tracer import Trace
    from ....transforms import grad
    from ....value import Value

    g, x = Value(0.5, name="g"), Value(0.5, name="x")
    trace = Trace({g: Input("g", 0, 0), x: Input("x", 0, 1)}, [])
    result = trace.record(grad(lambda x: g * op(x, *constants)), x)
    if not isinstance(result, Value):
        return None
    program = move_gates(optimised(trace.program([(result, 0, 0, 0, None)])))
    rule = _Rule(op, program)
    return rule if rule.depends_on_g else None


class _RuleFinder:
    """The search for rules in a program."""

    def __init__(self, program: Program) -> None:
        self.nodes = program.nodes
        self.rules: dict[Op, dict[tuple[Op, tuple[int, ...]], _Rule]] = {}  # by the op of the rule's last step
        self.known: set[tuple[Op, tuple[int, ...]]] = set()
        self.uses = Counter([a for node in self.nodes if isinstance(node, Step) for a in node.args])
        self.uses.update([out.node for out in program.outputs])
        for node in self.nodes:
            if isinstance(node, Step) and _is_function(node.op):
                self._add(node)

    def _add(self, node: Step) -> None:
        constants = [x.value for a in node.args[1:] if isinstance(x := self.nodes[a], Constant)]
        is_of_one = len(constants) == len(node.args) - 1 and not isinstance(self.nodes[node.args[0]], Constant)
        if not is_of_one:
            return
        self.known.add((node.op, node.args))
        rule = _rule(node.op, tuple(constants))
        if rule is not None:
            last = rule.nodes[rule.root]
            assert isinstance(last, Step)
            self.rules.setdefault(last.op, {})[node.op, node.args[1:]] = rule

    def at(self, i: int) -> tuple[int, Op, tuple[int, ...]] | None:
        """The gradient g, the op f and the inputs of f, if node i is g f'(z)."""
        node = self.nodes[i]
        for (op, constants), rule in self.rules.get(node.op, {}).items() if isinstance(node, Step) else ():
            for bound in self._matches(rule.nodes, rule.root, i, {}):
                args = (bound.get(rule.x, -1), *constants)
                g = bound[rule.g]
                if (op, args) in self.known and not (rule.is_alone and self.uses[g] > rule.uses_of_g):
                    return g, op, args
        return None

    def _matches(self, rule: Sequence[Node], k: int, i: int, bound: Bound) -> Iterator[Bound]:
        """The ways in which node i is what node k of a rule says."""
        wanted, node = rule[k], self.nodes[i]
        if k in bound:
            if bound[k] == i:
                yield bound
        elif isinstance(wanted, Input) or wanted == node:
            yield bound | {k: i}
        elif isinstance(wanted, Step) and isinstance(node, Step) and wanted.op is node.op:
            orders = [node.args, node.args[::-1]] if node.op in (ADD, MUL) else [node.args]
            for args in orders if len(node.args) == len(wanted.args) else ():
                yield from self._all_match(rule, list(zip(wanted.args, args, strict=True)), bound | {k: i})

    def _all_match(self, rule: Sequence[Node], pairs: Sequence[tuple[int, int]], bound: Bound) -> Iterator[Bound]:
        if not pairs:
            yield bound
            return
        (k, i), *others = pairs
        for found in self._matches(rule, k, i, bound):
            yield from self._all_match(rule, others, found)


def _is_function(op: Op) -> bool:
    """Whether an op's derivative is written f'(z)."""
    return op not in NO_FUNCTIONS and (op.is_unary or (is_called(op) and not op.is_nary))
