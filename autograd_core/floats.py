"""The value of an op on floats, written out where its ``forward`` is written in ops.

Such a forward says once what the op is: of Values it makes the graph that machines compute, and of floats it would make
the number, one call an op. What is run on floats instead is that graph as one expression of Python, which is as fast as
if it had been written by hand.

    silu     lambda x: where(sigmoid(x) == 0.0, copysign(0.0, x), x * sigmoid(x))
    written  lambda x: copysign(0.0, x) if sigmoid(x) == 0.0 else x * sigmoid(x)    with floats' copysign and sigmoid
"""

from __future__ import annotations

from .graph import ancestors
from .op import Op, quiet
from .ops.arithmetic import abs_, add, div, mul, neg, sub
from .ops.selection import equal, less, less_equal, where
from .tracing import Undecided, state
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

__all__ = ["OPERATORS", "on_floats"]

OPERATORS: dict[Op, str] = {
    add: "{} + {}", sub: "{} - {}", mul: "{} * {}", div: "{} / {}", neg: "-{}", abs_: "abs({})",
    where: "{1} if {0} else {2}",
}  # fmt: skip
TRUTHS: dict[Op, str] = {less: "{} < {}", less_equal: "{} <= {}", equal: "{} == {}"}
"""Ops that Python has itself; the truths are numbers where they are no conditions."""


class NotInOpsError(Exception):
    """A forward that asks for a truth, or for anything else that only numbers have."""


class Condition(Undecided):
    """A comparison of what stands for any number: it may choose, by `where`, but is neither true nor false."""

    __slots__ = ("negated", "node")

    def __init__(self, node: Value, negated: bool) -> None:
        self.node, self.negated = node, negated

    def __bool__(self) -> NoReturn:
        raise NotInOpsError


class Recorder:
    """The tracer of a forward: see `autograd_core.tracing.Tracer`."""

    def __init__(self) -> None:
        self.born: set[Value] = set()
        self.plain: set[Value] = set()

    def compare(self, op: Op, x: Any, y: Any, negated: bool = False) -> Condition:
        """A comparison as a node."""
        return Condition(op(x, y), negated)

    def choose(self, condition: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """The inputs of a `where`."""
        if not isinstance(condition, Condition):
            return condition, a, b
        return (condition.node, b, a) if condition.negated else (condition.node, a, b)

    def __getattr__(self, name: str) -> NoReturn:
        raise NotInOpsError(name)


def graph_of(forward: Callable[..., Any], count: int) -> tuple[list[Value], Any]:
    """Leaves, and what `forward` makes of them. Raises whatever it raises of Values."""
    leaves = [Value(1.0) for _ in range(count)]
    outer = state.tracer
    with quiet():
        try:
            state.tracer = Recorder()
            return leaves, forward(*leaves)
        finally:
            state.tracer = outer


def on_floats(forward: Callable[..., float], count: int) -> Callable[..., float]:
    """`forward` for `count` floats: written out if it is written in ops, else itself.

    >>> from autograd_core.ops.exponential import exp
    >>> on_floats(lambda x: exp(-x) + 1.0, 1)(0.0)
    2.0
    """
    try:
        leaves, root = graph_of(forward, count)
    except Exception:  # whatever a function of floats does with Values
        return forward
    if not isinstance(root, Value):
        return forward
    text, names = _written(leaves, root)
    exec(text, names)  # our own text: numbers, and the names of our making
    found: Callable[..., float] = names["value"]
    found.__wrapped__ = forward  # type: ignore[attr-defined]  # as functools.wraps has it
    return found


def _written(leaves: Sequence[Value], root: Value) -> tuple[str, dict[str, Any]]:
    """The text of a function, and what it calls."""
    order = [node for node in ancestors(root) if node.inputs]
    uses: dict[Value, int] = {}
    for x in [x for node in order for x in node.inputs if isinstance(x, Value)]:
        uses[x] = uses.get(x, 0) + 1
    texts = {leaf: f"x{i}" for i, leaf in enumerate(leaves)}
    names: dict[str, Any] = {"inf": float("inf"), "nan": float("nan")}
    lines: list[str] = []
    truths: dict[Any, str] = {}
    for node in order:
        args = [texts[x] if isinstance(x, Value) else _literal(x) for x in node.inputs]
        if node.op is where:
            args[0] = truths.get(node.inputs[0], args[0])
        if node.op in OPERATORS:
            text = f"({OPERATORS[node.op].format(*args)})"
        elif node.op in TRUTHS:
            truth = TRUTHS[node.op].format(*args)
            text = f"(1.0 if {truth} else 0.0)"
            if uses[node] == 1:
                truths[node] = truth
        else:
            name = f"op{len(names)}"
            names[name] = node.op.forward
            text = f"{name}({', '.join(args)})"
        if uses.get(node, 0) > 1:
            lines.append(f"    v{len(lines)} = {text}\n")
            text = f"v{len(lines) - 1}"
        texts[node] = text
    parameters = ", ".join(f"x{i}" for i in range(len(leaves)))
    return f"def value({parameters}):\n{''.join(lines)}    return {texts[root]}\n", names


def _literal(x: float) -> str:
    return f"({x!r})" if x < 0.0 or str(x)[0] == "-" else repr(x)


setattr(Op, "written_out", staticmethod(on_floats))  # noqa: B010  # the module of ops knows none
