"""Program: the steps of a traced function in static single assignment form (SSA), each the value of one op.

A program is one flat tuple of nodes, inputs before their users. A node is an `Input`, a `Constant` or a `Step`, and is
referred to by its position. Some nodes hold one number; those *along a lane axis* hold one number for every point
that a `vmap` maps over, and all points are computed alike.

A program has no derivatives: gradients were traced, and are steps like any other.
"""

from __future__ import annotations

import math

from ...errors import ProgramError
from ...op import Op
from ...visible import visible
from ..runtime.cached import cached_property
from .lane_ops import ENTERING, LEAVING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

__all__ = ["Builder", "Constant", "Guard", "Input", "Node", "Output", "Program", "Step"]


class Record:
    """A record: compared, hashed, shown and pickled by its constructor's arguments."""

    __slots__ = ()
    _names: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        code = cls.__init__.__code__
        cls._names = code.co_varnames[1 : code.co_argcount]

    def fields(self) -> tuple[Any, ...]:
        """The constructor's arguments, in order."""
        return tuple([getattr(self, name) for name in self._names])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.fields() == other.fields()

    def __hash__(self) -> int:
        return hash((type(self), self.fields()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.fields()))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.fields()


class Input(Record):
    """A number that is read at every call: element ``offset`` of array ``source``.

    Along lane axis ``axis`` point i reads element ``offset + i * stride``; the axis is None for a single number.
    """

    __slots__ = ("axis", "name", "offset", "source", "stride")

    def __init__(self, name: str, source: int, offset: int, stride: int = 0, axis: int | None = None) -> None:
        self.name, self.source, self.offset, self.stride, self.axis = name, source, offset, stride, axis


class Constant(Record):
    """A number known when the function was traced; compared bit by bit."""

    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value

    def fields(self) -> tuple[Any, ...]:
        """The number as a text that tells -0.0 from 0.0 and has nan equal itself."""
        return (self.value.hex(),)

    def __reduce__(self) -> tuple[Any, ...]:
        return Constant, (self.value,)


class Output(Record):
    """A number that is written at every call: that of ``node``, to element ``offset`` of array ``sink``.

    With a lane axis ``axis`` it is written for every point i, to ``offset + i * stride``, even if the node is a single
    number.
    """

    __slots__ = ("axis", "node", "offset", "sink", "stride")

    def __init__(self, node: int, sink: int, offset: int, stride: int = 0, axis: int | None = None) -> None:
        self.node, self.sink, self.offset, self.stride, self.axis = node, sink, offset, stride, axis


class Step(Record):
    """The value of ``op`` at earlier nodes; ``name`` is the user's own label for it, if there is one."""

    __slots__ = ("args", "name", "op")

    def __init__(self, op: Op, args: tuple[int, ...], name: str | None = None) -> None:
        self.op, self.args, self.name = op, args, name

    # As for all records, but in a fifth of the time: programs consist of steps.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Step):
            return False
        return self.op is other.op and self.args == other.args and self.name == other.name

    def __hash__(self) -> int:
        return hash((self.op, self.args))


class Guard(Record):
    """A comparison that decided a branch in the trace: the program is only valid where ``node`` is as ``expected``.

    ``place`` is the source line of the branch, as text.
    """

    __slots__ = ("expected", "node", "place")

    def __init__(self, node: int, expected: bool, place: str) -> None:
        self.node, self.expected, self.place = node, expected, visible(place)


Node: TypeAlias = "Input | Constant | Step"


class Program:
    """A program: ``nodes`` in topological order, ``outputs``, and the ``guards`` under which these are valid.

    ``axes`` is the number of lane axes. Programs are equal if all their parts are.

    Raises `ProgramError` for parts that do not fit each other.
    """

    if TYPE_CHECKING:

        def equations(self) -> Any:
            """See `autograd_core.formulas`, which attaches it."""

    def __init__(
        self, nodes: Iterable[Node], outputs: Iterable[Output], guards: Iterable[Guard] = (), axes: int = 0
    ) -> None:
        self.nodes = tuple(nodes)
        self.outputs = tuple(outputs)
        self.guards = tuple(guards)
        self.axes = axes
        self._validate()

    @classmethod
    def of_valid_parts(
        cls, nodes: Iterable[Node], outputs: Iterable[Output], guards: Iterable[Guard], axes: int
    ) -> Program:
        """A program that is not validated again, for passes, which start from a valid one."""
        program = object.__new__(cls)
        program.nodes, program.outputs, program.guards = tuple(nodes), tuple(outputs), tuple(guards)
        program.axes = axes
        return program

    def _validate(self) -> None:
        count = len(self.nodes)
        for i, node in enumerate(self.nodes):
            if not isinstance(node, Step):
                continue
            if node.args and (max(node.args) >= i or min(node.args) < 0):
                raise ProgramError(f"step {i}, {node.op}{node.args}, uses a node that does not come before it")
            if not node.op.is_nary and len(node.args) != len(node.op.input_names):
                raise ProgramError(f"step {i}: {node.op} takes {len(node.op.input_names)} inputs, got {len(node.args)}")
        for i in [out.node for out in self.outputs] + [guard.node for guard in self.guards]:
            if not 0 <= i < count:
                raise ProgramError(f"output {i} is not among the {count} nodes")
        axis_of = self.axis_of
        for out in self.outputs:
            if axis_of[out.node] not in (None, out.axis):
                raise ProgramError(f"node {out.node} runs along lane axis {axis_of[out.node]}, its output does not")
        for i, axis in enumerate(axis_of):
            if axis is not None:
                self._validate_axis(i, axis)

    def _validate_axis(self, i: int, axis: int) -> None:
        if not 0 <= axis < self.axes:
            raise ProgramError(f"node {i} runs along lane axis {axis}, but the program has {self.axes}")
        node = self.nodes[i]
        if isinstance(node, Step) and self.axes > 1:
            mixed = {self.axis_of[a] for a in node.args} - {None, axis}
            if mixed:
                raise ProgramError(f"step {i}: {node.op} mixes the lane axes {sorted(map(str, [*mixed, axis]))}")

    @cached_property
    def axis_of(self) -> tuple[int | None, ...]:
        """The lane axis along which each node holds its numbers; None for one number."""
        found: list[int | None] = []
        for node in self.nodes:
            axis = None
            if isinstance(node, Input):
                axis = node.axis
            elif isinstance(node, Step) and node.op in ENTERING:
                axis = int(self.constant(node.args[-1]))
            elif isinstance(node, Step) and node.op not in LEAVING and self.axes:
                for a in node.args:
                    if found[a] is not None:
                        axis = found[a]
                        break
            found.append(axis)
        return tuple(found)

    def constant(self, i: int) -> float:
        """The value of node i, which must be a constant."""
        node = self.nodes[i]
        if not isinstance(node, Constant):
            raise ProgramError(f"node {i} must be a constant, got {node!r:.60}")
        return node.value

    @property
    def inputs(self) -> list[Input]:
        """The inputs among the nodes."""
        return [node for node in self.nodes if isinstance(node, Input)]

    @property
    def steps(self) -> list[Step]:
        """The steps among the nodes."""
        return [node for node in self.nodes if isinstance(node, Step)]

    def _key(self) -> tuple[Any, ...]:
        return self.nodes, self.outputs, self.guards, self.axes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self._key() == other._key()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, self._key()

    @cached_property
    def names(self) -> list[str]:
        """The names of nodes in the text: labels, made unique by a number, or v0, v1, ...; literals of constants."""
        taken: dict[str, int] = {}
        names = []
        for node in self.nodes:
            if isinstance(node, Constant):
                names.append(repr(node.value))
                continue
            wanted = visible(node.name or "v")
            count = taken.get(wanted, 0)
            taken[wanted] = count + 1
            names.append(f"{wanted}{count}" if wanted == "v" else wanted if count == 0 else f"{wanted}'{count}")
        return names

    def text_of(self, i: int) -> str:
        """The right-hand side of node i in the text."""
        node = self.nodes[i]
        return f"{node.op}({', '.join(self.names[a] for a in node.args)})" if isinstance(node, Step) else self.names[i]

    def __str__(self) -> str:
        names = self.names
        lines = [f"program({', '.join(names[i] for i, n in enumerate(self.nodes) if isinstance(n, Input))}):"]
        asked: dict[int, list[Guard]] = {}
        for guard in self.guards:
            asked.setdefault(guard.node, []).append(guard)
        for i, node in enumerate(self.nodes):
            if isinstance(node, Step):
                along = "" if self.axis_of[i] is None else f"  along {self.axis_of[i]}"
                lines.append(f"  {names[i]} = {self.text_of(i)}{along}")
            lines.extend(f"  guard {names[i]} is {g.expected}  at {g.place}" for g in asked.get(i, ()))
        lines.append(f"  return {', '.join(names[out.node] for out in self.outputs)}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from .listing import listing

        return listing(str(self), f"program of {len(self.steps):,} steps and {len(self.guards):,} guards")


class Builder:
    """A builder of programs by value numbering: equal nodes get one position."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.position: dict[Any, int] = {}
        self._constants: dict[tuple[float, float], int] = {}  # by number and sign: faster than by the node

    def add(self, node: Node) -> int:
        """The position of `node`, or of an equal one."""
        key = (node.op, node.args) if isinstance(node, Step) else node
        position = self.position.setdefault(key, len(self.nodes))
        if position == len(self.nodes):
            self.nodes.append(node)
        elif isinstance(node, Step) and self.nodes[position].name is None:  # type: ignore[union-attr]  # a step too
            self.nodes[position] = node  # keeps the label
        return position

    def append(self, node: Node) -> int:
        """The position of a node that is known to differ from all others, and so is not looked up."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def constant(self, value: float) -> int:
        """The position of a constant."""
        key = value, math.copysign(1.0, value)
        position = self._constants.get(key)
        if position is None:
            position = self._constants[key] = self.add(Constant(value))
        return position


def rewrite(program: Program, replace: Callable[[Builder, Node], int]) -> Program:
    """`program` with every node replaced: `replace` adds it, its inputs at their new positions, to a new program."""
    builder = Builder()
    at: list[int] = []
    for node in program.nodes:
        at.append(replace(builder, renumbered(node, at)))
    return moved(program, builder, at)


def renumbered(node: Node, at: Sequence[int] | Mapping[int, int]) -> Node:
    """`node` with its inputs at their new positions."""
    if not isinstance(node, Step):
        return node
    args = tuple([at[a] for a in node.args])
    return node if args == node.args else Step(node.op, args, node.name)


def moved(program: Program, builder: Builder, at: Sequence[int]) -> Program:
    """The program whose nodes `builder` has, with node i of `program` at position at[i]."""
    return Program.of_valid_parts(
        builder.nodes,
        [Output(at[out.node], out.sink, out.offset, out.stride, out.axis) for out in program.outputs],
        [Guard(at[guard.node], guard.expected, guard.place) for guard in program.guards],
        program.axes,
    )


def is_constant(nodes: Sequence[Node], i: int, value: float) -> bool:
    """Whether node i is the constant `value`, the sign of zero included."""
    node = nodes[i]
    return (
        isinstance(node, Constant)
        and node.value == value
        and math.copysign(1.0, node.value) == math.copysign(1.0, value)
    )
