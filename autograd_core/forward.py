"""The ``forward`` of an op that is written in ops: as a graph, which machines compute, and as a function of floats made
from that graph, as fast as if it had been written by hand.

    silu     lambda x: where(sigmoid(x) == 0.0, copysign(0.0, x), x * sigmoid(x))
    written  lambda x: copysign(0.0, x) if sigmoid(x) == 0.0 else x * sigmoid(x)    with floats' copysign and sigmoid

A forward that leaves the graph (``math.sin``) or branches (``if x > 0.0``) is a function of floats alone.
"""

from __future__ import annotations

from math import isclose
from operator import and_, or_, xor

from .errors import OpError
from .graph import ancestors, outline
from .op import Op, quiet
from .ops.arithmetic import abs_, add, div, mul, neg, sub
from .ops.selection import equal, less, less_equal, where
from .tracing import Undecided, state
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random
    from typing import Any, NoReturn

    from .value import Number

__all__ = ["OPERATORS", "OpenCondition", "graph_of", "on_floats", "why_called_back"]

OPERATORS: dict[Op, str] = {
    add: "{} + {}", sub: "{} - {}", mul: "{} * {}", div: "{} / {}", neg: "-{}", abs_: "abs({})",
    where: "{1} if {0} else {2}",
}  # fmt: skip
TRUTHS: dict[Op, str] = {less: "{} < {}", less_equal: "{} <= {}", equal: "{} == {}"}
"""Comparisons as Python writes them; they are 1.0 or 0.0 where they are no conditions."""


class NotInOpsError(Exception):
    """A forward is not written in ops; the message says why."""


class OpenCondition(Undecided):
    """A comparison of what stands for any number: it may choose, by `where`, but is neither true nor false.

    ``&``, ``|``, ``^`` and ``~`` (which is `not` here) make further ones.
    """

    __slots__ = ("negated", "node")
    bools: Any = (bool,)
    """The types of truths that may stand beside a condition."""

    def __init__(self, node: Value, negated: bool = False) -> None:
        self.node, self.negated = node, negated

    def of(self, node: Value, negated: bool = False) -> OpenCondition:
        """A condition of the same kind."""
        return OpenCondition(node, negated)

    def __bool__(self) -> bool:
        raise NotInOpsError("it asks for the truth of a comparison; choose with where(condition, a, b)")

    def chosen(self, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """The inputs of a `where` that gives `a` where the condition holds, else `b`."""
        return (self.node, b, a) if self.negated else (self.node, a, b)

    def value(self) -> Value:
        """The node that is 1.0 where the condition holds, else 0.0."""
        return 1.0 - self.node if self.negated else self.node

    def _combined(self, operation: Callable[[Any, Any], Any], other: Any, node: Callable[[Any], Any]) -> Any:
        if isinstance(other, OpenCondition):
            return self.of(node(other.value()))
        return self.of(node(float(other))) if isinstance(other, self.bools) else operation(bool(self), other)

    def __and__(self, other: Any) -> Any:
        return self._combined(and_, other, lambda truth: where(self, truth, 0.0))

    def __or__(self, other: Any) -> Any:
        return self._combined(or_, other, lambda truth: where(self, 1.0, truth))

    def __xor__(self, other: Any) -> Any:
        return self._combined(xor, other, lambda truth: where(self, 1.0 - truth, truth))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> OpenCondition:
        return self.of(self.node, not self.negated)


class Recorder:
    """The tracer of a forward: see `autograd_core.tracing.Tracer`."""

    def __init__(self) -> None:
        self.born: set[Value] = set()
        self.plain: set[Value] = set()

    def compare(self, op: Op, x: Any, y: Any, negated: bool = False) -> OpenCondition:
        """A comparison as a node."""
        return OpenCondition(op(x, y), negated)

    def choose(self, condition: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """The inputs of a `where`."""
        return condition.chosen(a, b) if isinstance(condition, OpenCondition) else (condition, a, b)

    def reduced(self, name: str, x: Any) -> None:
        """None: a sum or mean is one of numbers."""

    def is_plain(self, x: Value) -> bool:
        """True: a leaf stands for any number, one of a constant too."""
        return True

    def shown(self, x: Value) -> NoReturn:
        """Refused: the text of any number."""
        raise NotInOpsError("it asks for the text of a number")

    def __getattr__(self, name: str) -> NoReturn:
        raise NotInOpsError("it differentiates, or needs a number itself")


def recorded(forward: Callable[..., Any], args: Sequence[Number]) -> Any:
    """The result of `forward` on Values that stand for any numbers. Raises whatever `forward` raises there."""
    outer = state.tracer
    with quiet():
        try:
            state.tracer = Recorder()
            return forward(*args)
        finally:
            state.tracer = outer


def on_floats(forward: Callable[..., float], count: int) -> Callable[..., float]:
    """`forward` for `count` floats: written out if it is written in several ops, else itself.

    >>> from autograd_core.ops.exponential import exp
    >>> on_floats(lambda x: exp(-x) + 1.0, 1)(0.0)
    2.0
    """
    leaves = [Value(1.0) for _ in range(count)]
    try:
        root = recorded(forward, leaves)
    except Exception:  # whatever a function of floats does with Values
        return forward
    if not isinstance(root, Value) or sum([bool(node.inputs) for node in ancestors(root)]) < 2:
        return forward
    text, names = _written(leaves, root)
    exec(text, names)  # our own text: numbers, and the names of our making
    found: Callable[..., float] = names["value"]
    found.__wrapped__ = forward  # type: ignore[attr-defined]  # as functools.wraps has it
    return found


def graph_of(op: Op, constants: Sequence[float | None]) -> tuple[list[Value], Value] | None:
    """The value of an op as a graph at these constants: leaves in place of the others (None), and the root. None for
    an op whose forward is not written in ops.

    A forward is written in ops if it makes the same steps at two points of the domain, and the very numbers that it
    makes of floats; ``in_ops`` need only make nearly the same numbers. A forward with an ``ieee`` beside it is not: the
    steps would know nothing of that.
    """
    try:
        return _graph(op, constants)
    except NotInOpsError:
        return None


def why_called_back(op: Op) -> str:
    """The reason why machines call an op back, as the end of a sentence; "" for one whose value they compute."""
    given: list[float | None] = [None, None]
    try:
        if not op.is_nary:
            sample = op.domain.sample(_random(0))
            given = [
                op.defaults.get(name, x) if name in op.constants else None
                for name, x in zip(op.input_names, sample, strict=True)
            ]
        _graph(op, given)
    except (NotInOpsError, OpError) as error:  # the latter for a domain in which no point was found
        return str(error)
    return ""


def _graph(op: Op, constants: Sequence[float | None]) -> tuple[list[Value], Value]:
    """The graph of `graph_of`, or `NotInOpsError`."""
    name, forward, is_same = "forward", getattr(op.forward, "__wrapped__", op.forward), _is_same
    if op.in_ops is not None:
        name, forward, is_same = "in_ops", op.in_ops, _is_near
    elif op.ieee is not None:
        raise NotInOpsError("it has an ieee beside its forward")
    found, outlines = [], []
    for point in _points(op, constants):
        args = [Value(x) if c is None else c for c, x in zip(constants, point, strict=True)]
        try:
            root = recorded(forward, args)
            with quiet():
                expected = op.evaluate(point, point)
        except NotInOpsError:
            raise
        except Exception as error:  # whatever a function of floats does with Values
            raise NotInOpsError(f"its {name} does not take Values: {str(error).partition(': ')[0]}") from None
        leaves = [x for x in args if isinstance(x, Value)]
        known = set(leaves)  # by identity: lists ask for equal numbers
        if op.in_ops is not None and type(root) is float:  # x ** 0 is 1, whatever x is
            known.add(root := Value(root))
        if not isinstance(root, Value):
            raise NotInOpsError(f"its {name} makes no Value of Values")
        if not is_same(root._data, expected):
            raise NotInOpsError(f"its {name} makes {root._data!r} of Values and {expected!r} of floats at {point}")
        if any([node.op is op if node.inputs else node not in known for node in ancestors(root)]):
            raise NotInOpsError(f"its {name} uses the op itself, or a Value of its own")
        if op.in_ops is not None:
            return leaves, root
        found.append((leaves, root))
        outlines.append(outline([root], {leaf: ("input", i) for i, leaf in enumerate(leaves)}))
    if outlines[0] != outlines[1]:
        raise NotInOpsError(f"its {name} makes other steps at other points; choose with where(condition, a, b)")
    return found[0]


def _random(seed: int) -> Random:
    from random import Random  # which takes two thousandths of a second to load

    return Random(seed)


def _points(op: Op, constants: Sequence[float | None]) -> Iterator[tuple[float, ...]]:
    """Two points of the domain, with the constants."""
    for seed in range(2):
        random = _random(seed)
        try:
            yield op.domain.sample(random, given=constants)
        except OpError as error:
            if op.in_ops is None:
                raise NotInOpsError(str(error)) from None
            yield tuple([op.domain.interval(i).sample(random) if c is None else c for i, c in enumerate(constants)])


def _is_same(x: float, y: float) -> bool:
    """Whether two floats are equal to the last bit; nan equals nan."""
    return x.hex() == y.hex()


def _is_near(x: float, y: float) -> bool:
    """Whether two numbers are equal up to rounding."""
    return isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or (x != x and y != y)


def _written(leaves: Sequence[Value], root: Value) -> tuple[str, dict[str, Any]]:
    """The text of a function of the leaves that computes the root, and the names that it uses."""
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
            if uses.get(node) == 1:
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


def _shown(op: Op) -> str:
    """The ``repr`` of an op: ``<Op sin>``; of a user's own also whether machines call it back, and why."""
    if op.module.startswith(__package__):
        return f"<Op {op.name}>"
    reason = why_called_back(op)
    return f"<Op {op.name}, called back by machines: {reason}>" if reason else f"<Op {op.name}, written in ops>"


for _name, _hook in (("written_out", staticmethod(on_floats)), ("__repr__", _shown)):
    setattr(Op, _name, _hook)
