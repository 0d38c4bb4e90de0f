"""The writer of programs as text, which Python and C share: the lines in order, by the phases of `plan.loops`.

A subclass says how its language writes a line.
"""

from __future__ import annotations

import math

from ...ir.lane_ops import collect, lane_index, pick, place, spread
from ...ir.program import Constant, Input, Program, Step
from ...plan.loops import phases

__all__ = ["SourceWriter", "as_comment", "as_identifier"]


def as_comment(text: object) -> str:
    r"""`text` for a line comment, safe in Python and in C: it neither ends the line nor continues it on the next.

    A text with unprintable characters, or with some that the C preprocessor interprets, becomes a quoted literal.

    >>> print(as_comment("w_11"), as_comment("w\\"), as_comment("w\n"))
    w_11 'w\\' 'w\n'
    """
    shown = str(text)
    return shown if shown.isprintable() and "\\" not in shown and "??" not in shown else repr(shown)


def as_identifier(text: str) -> str:
    """`text` for the end of an identifier: ASCII's letters and digits, anything else an underscore.

    Python's own notion of letters is wider, but its parser replaces some of them by others.

    >>> as_identifier("square root ²")
    'square_root__'
    """
    return "".join([c if c.isascii() and c.isalnum() else "_" for c in text])


class SourceWriter:
    """The writer of one function's body, line by line."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.used = {a for node in program.nodes if isinstance(node, Step) for a in node.args}
        self.used |= {out.node for out in program.outputs} | {guard.node for guard in program.guards}
        self.depth = 1
        self.names = [
            self.number(node.value) if isinstance(node, Constant) else f"v{i}" for i, node in enumerate(program.nodes)
        ]

    # The syntax of a language

    comment = "#"

    def number(self, value: float) -> str:
        """The literal of a number."""
        text = repr(value) if math.isfinite(value) else self.special(value)
        return f"({text})" if text.startswith("-") else text

    def special(self, value: float) -> str:
        """The literal of inf, -inf or nan."""
        raise NotImplementedError

    def assign(self, name: str, expression: str) -> str:
        """The line that assigns an expression to a name, once."""
        raise NotImplementedError

    def element(self, array: str, number: int, index: str) -> str:
        """The expression of element `index` of array `number` among the sources or sinks."""
        raise NotImplementedError

    def call(self, node: Step, args: list[str]) -> str:
        """The expression of a step's op."""
        raise NotImplementedError

    def open_loop(self, axis: int, kept: list[str], totals: list[str], has_guards: bool) -> None:
        """Write the lines that open a loop over points: its sums, its kept numbers, its guards' results, its head."""
        raise NotImplementedError

    def close_loop(self) -> None:
        """Write the line that ends a loop, if the language has one."""

    def add_to(self, total: str, name: str) -> str:
        """The line that adds a point's number to a sum."""
        raise NotImplementedError

    def keep(self, name: str) -> str:
        """The line that keeps a point's number for later phases."""
        raise NotImplementedError

    def choose(self, condition: str, yes: str, no: str) -> str:
        """The expression `yes` where the condition is true, else `no`."""
        raise NotImplementedError

    def fail(self, name: str, expected: bool, place: str) -> str:
        """The line that leaves the function where a guard on a single number does not hold."""
        raise NotImplementedError

    def miss(self, name: str, expected: bool, skips: bool) -> str:
        """The line that notes that a guard does not hold at this point, and goes on to the next point if it `skips`."""
        raise NotImplementedError

    # The order of the lines

    def write(self, line: str) -> None:
        """Append a line, indented."""
        self.lines.append("    " * self.depth + line)

    def body(self) -> None:
        """Write the whole body, phase by phase, then the outputs that are single numbers."""
        program = self.program
        is_guarded = False
        for phase in phases(program):
            for i in phase.nodes:
                self.node(i)
            for axis, loop in phase.loops.items():
                totals = [self.names[i] for i in loop.sums]
                self.lists(loop.nodes)
                self.open_loop(axis, [self.names[i] for i in loop.kept], totals, bool(loop.guards) and not is_guarded)
                is_guarded |= bool(loop.guards)  # later loops only set zeros
                self.depth += 1
                expected: dict[int, list[bool]] = {}
                for guard in [program.guards[k] for k in loop.guards]:
                    expected.setdefault(guard.node, []).append(guard.expected)
                skips = not (loop.sums or loop.kept)
                for i in loop.nodes:
                    self.node(i)
                    for truth in expected.get(i, ()):
                        self.write(self.miss(self.names[i], truth, skips))
                for i in loop.sums:
                    node = program.nodes[i]
                    assert isinstance(node, Step)
                    self.write(self.add_to(self.names[i], self.names[node.args[0]]))
                for i in loop.kept:
                    self.write(self.keep(self.names[i]))
                for k in loop.outputs:
                    self.output(k)
                self.depth -= 1
                self.close_loop()
                for i in loop.sums:
                    self.guards(i)
        for k, output in enumerate(program.outputs):
            if output.axis is None:
                self.output(k)

    def lists(self, nodes: list[int]) -> None:
        """Write the arrays that `collect` steps of a loop read, a number for each point."""
        for i in nodes:
            node = self.program.nodes[i]
            if isinstance(node, Step) and node.op is collect:
                self.write(self.listed(f"all_{self.names[i]}", [self.names[a] for a in node.args[:-1]]))

    def node(self, i: int) -> None:
        """Write the line that computes node i, and those of the guards on it."""
        node, name = self.program.nodes[i], self.names[i]
        if isinstance(node, Constant) or i not in self.used:
            return
        label = f"  {self.comment} {as_comment(node.name)}" if node.name else ""
        self.write(self.assign(name, self.expression(node, name)) + label)
        if self.program.axis_of[i] is None:
            self.guards(i)

    def guards(self, i: int) -> None:
        """Write the lines of the guards on node i, a single number."""
        for guard in self.program.guards:
            if guard.node == i:
                self.write(self.fail(self.names[i], guard.expected, guard.place))

    def expression(self, node: Input | Step, name: str) -> str:
        """The expression of a node in the names of earlier ones; `name` is its own."""
        if isinstance(node, Input):
            return self.element("sources", node.source, self._index(node.offset, node.stride, node.axis is not None))
        args = [self.names[a] for a in node.args]
        if node.op is spread:
            return args[0]
        if node.op is collect:
            return f"all_{name}[i]"
        if node.op is lane_index:
            return self.index()
        if node.op is place:
            return self.choose(f"i == {int(self.program.constant(node.args[1]))}", args[0], self.number(0.0))
        if node.op is pick and isinstance(self.program.nodes[node.args[0]], Constant):
            return args[0]
        if node.op is pick:
            return f"all_{args[0]}[{int(self.program.constant(node.args[1]))}]"
        return self.call(node, args)

    def index(self) -> str:
        """The expression of the point's number as a float."""
        raise NotImplementedError

    def listed(self, name: str, numbers: list[str]) -> str:
        """The line of an array of numbers, one for each point."""
        raise NotImplementedError

    def output(self, k: int) -> None:
        """Write the line of output k."""
        output = self.program.outputs[k]
        at = self.element("sinks", output.sink, self._index(output.offset, output.stride, output.axis is not None))
        self.write(self.store(at, self.names[output.node]))

    def store(self, at: str, name: str) -> str:
        """The line that stores a number in a sink."""
        raise NotImplementedError

    @staticmethod
    def _index(offset: int, stride: int, along: bool) -> str:
        return f"{offset} + {stride} * i" if along else str(offset)
