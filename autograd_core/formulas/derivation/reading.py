"""Graphs read as expressions: a node in terms of the nodes where formulas end, and how long that formula is."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from ...graph import consumers
from ...op import Op
from ...ops import TABLE
from ...paths import about
from ...value import Value
from ..algebra.expressions import Expression
from ..algebra.normal_form import constant
from ..notation.operations import standard_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Form: TypeAlias = Callable[[Value, Op, Sequence[Expression]], Expression]
    """How a node is written with an op and the expressions of its inputs; a chain of one op comes as an n-ary one."""

__all__ = ["ends_of", "expression_of", "operand", "unfolded_depth", "unfolded_size"]

ONE = Decimal(1)
OF_MANY = {"add": "sum", "mul": "prod", "logaddexp": "logsumexp", "hypot": "norm"}


def expression_of(
    root: Value,
    symbols: Mapping[Value, Expression],
    form: Form,
) -> Expression:
    """The expression of `root` in terms of the nodes that have symbols; `form` writes the others with their inputs.

    A chain a + (b + (c + ...)) is put together at once, as an n-ary sum, and so are products: else it took n² steps.
    """
    order = _above(root, symbols)
    users = consumers(dict.fromkeys(order))
    written: dict[Value, Expression] = {}
    chains: dict[Value, deque[Expression]] = {}  # of nodes whose only consumer goes on with the same op
    for node in order:
        if node in symbols:
            written[node] = symbols[node]
        elif not node.inputs:  # a rule may make a Value of a number
            written[node] = constant(node.data)
        elif standard_name(node.op) not in OF_MANY:
            written[node] = form(node, node.op, [operand(x, written) for x in node.inputs])
        else:
            parts = deque[Expression]()
            for x in node.inputs:
                parts = _joined(parts, chains.pop(x) if isinstance(x, Value) and x in chains else [operand(x, written)])
            if [user.op for user in users[node]] == [node.op]:
                chains[node] = parts
            else:
                op = node.op if len(parts) == 2 else TABLE[OF_MANY[node.op.name]]
                written[node] = form(node, op, parts)
    return written[root]


def ends_of(order: Iterable[Value], node: Value | None = None) -> list[Value]:
    """The nodes at which the formula of `node`, or every formula, ends: leaves and nodes that were given a name."""
    return [other for other in order if other is not node and (other.name or not other.inputs)]


def _joined(a: deque[Expression], b: Sequence[Expression]) -> deque[Expression]:
    """Two sequences as one; only the shorter one is copied."""
    if len(a) < len(b) and isinstance(b, deque):
        b.extendleft(reversed(a))
        return b
    a.extend(b)
    return a


def unfolded_size(root: Value, symbols: Collection[Value]) -> Decimal:
    """The parts of the formula of `root`, to 28 digits: a node that is used twice counts twice, all the way up."""
    sizes: dict[Value, Decimal] = {}
    with about():
        for node in _above(root, symbols):
            inputs = () if node in symbols else node.inputs
            sizes[node] = ONE + sum([sizes[x] if isinstance(x, Value) else ONE for x in inputs])
    return sizes[root]


def unfolded_depth(root: Value, symbols: Collection[Value]) -> int:
    """The levels of brackets that the formula of `root` may have."""
    depths: dict[Value, int] = {}
    for node in _above(root, symbols):
        inputs = () if node in symbols else node.inputs
        depths[node] = 1 + max([depths[x] for x in inputs if isinstance(x, Value)], default=0)
    return depths[root]


def _above(root: Value, symbols: Collection[Value]) -> list[Value]:
    """The root and the nodes that it was computed from, inputs first, down to the symbols."""
    order: dict[Value, None] = {}
    todo = [(root, False)]
    while todo:
        node, is_ready = todo.pop()
        if node in order:
            continue
        if is_ready or node in symbols:
            order[node] = None
            continue
        todo.append((node, True))
        todo += [(x, False) for x in reversed(node.inputs) if isinstance(x, Value) and x not in order]
    return list(order)


def operand(x: float | Value, known: Mapping[Value, Expression]) -> Expression:
    """The expression of a node's input: the known one of a Value, else a constant."""
    return known[x] if isinstance(x, Value) else constant(x)
