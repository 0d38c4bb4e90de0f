"""The writer of programs as text of any language: the lines in order, by the phases of `plan.loops`.

A subclass says how its language writes a line. The expressions of ops come from `ir.primitives`; of those a language
states only what it calls the functions.
"""

from __future__ import annotations

import math

from ....errors import ProgramError
from ....forward import why_called_back
from ....ops.selection import COMPARISONS, where
from ....visible import visible
from ...ir.lane_ops import collect, lane_index, pick, place, spread
from ...ir.primitives import PRIMITIVES
from ...ir.program import Constant, Input, Output, Program, Step
from ...passes.lower import is_called_back, lower
from ...plan.loops import phases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....op import Op

__all__ = ["SourceWriter", "as_comment", "as_identifier", "refused"]


def as_comment(text: object) -> str:
    r"""`text` for a line comment, safe in Python and in C-like languages: it neither ends the line nor continues it.

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


def refused(language: str, op: Op, program: Program) -> ProgramError:
    """The error that a language has no function for an op to which `program` is lowered."""
    wholes = [f", which '{step.op.name}' is made of" for step in program.steps if _is_made_of(step, program, op)]
    reason = f" ({visible(why_called_back(op))})" if is_called_back(op) else ""
    return ProgramError(
        f"{language} has no function for the op '{op.name}'{''.join(wholes[:1])}{reason}; "
        "write it in terms of other ops"
    )


def _is_made_of(step: Step, program: Program, op: Op) -> bool:
    """Whether lowering a step of another op makes a step of `op`."""
    args = [program.nodes[a] for a in step.args]
    nodes = [x if isinstance(x, Constant) else Input("x", 0, i) for i, x in enumerate(args)]
    alone = Program.of_valid_parts(
        [*nodes, Step(step.op, tuple(range(len(args))))], [Output(len(args), 0, 0)], (), program.axes
    )
    return step.op is not op and op in [part.op for part in lower(alone).steps]


class SourceWriter:
    """The writer of one function's body, line by line.

    Class attributes are what begins a comment, what ends a statement (which methods return without it), what begins the
    declaration of a constant and of a variable, and whether the program is written in primitives.

    Raises `ProgramError` for what is no program, and naming an op for which the ``language`` has no function.
    """

    language: str
    comments = "#"
    end = constant = variable = ""
    lowers = True

    def __init__(self, given: Program) -> None:
        if not isinstance(given, Program):
            raise ProgramError(f"a program is needed, got {given!r:.60}; of a compiled function give f.program(*args)")
        self.given = given
        self.program = program = lower(given) if self.lowers else given
        self.lines: list[str] = []
        self.used = {a for node in program.nodes if isinstance(node, Step) for a in node.args}
        self.used |= {out.node for out in program.outputs} | {guard.node for guard in program.guards}
        self.depth = 1
        self.names = [
            self.number(node.value) if isinstance(node, Constant) else f"v{i}" for i, node in enumerate(program.nodes)
        ]

    # The syntax of a language: expressions

    def number(self, value: float) -> str:
        """The literal of a number."""
        text = repr(value) if math.isfinite(value) else self.special(value)
        return f"({text})" if text.startswith("-") else text

    def special(self, value: float) -> str:
        """The literal of inf, -inf or nan."""
        raise NotImplementedError

    def truth(self, name: str, expected: bool) -> str:
        """The condition that the number of a name is true, if that is `expected`, else that it is false."""
        return f"{name} {'!=' if expected else '=='} 0.0"

    def as_number(self, condition: str) -> str:
        """The expression that is 1.0 where the condition is true, else 0.0."""
        return self.choose(condition, self.number(1.0), self.number(0.0))

    def choose(self, condition: str, yes: str, no: str) -> str:
        """The expression `yes` where the condition is true, else `no`."""
        raise NotImplementedError

    def element(self, arrays: str, number: int, at: Input | Output) -> str:
        """The element of array `number` among the sources or sinks: a single number's, or this point's."""
        return f"{arrays}[{number}][{at.offset if at.axis is None else f'{at.offset} + {at.stride} * i'}]"

    def kept_at(self, name: str, point: int | None) -> str:
        """A point's number of a list of kept numbers; None for this point."""
        return f"all_{name}[{'i' if point is None else point}]"

    def is_point(self, k: int) -> str:
        """The condition that this is point k, of which the first is 0."""
        return f"i == {k}"

    def index(self) -> str:
        """The expression of the point's number as a float."""
        raise NotImplementedError

    def function(self, name: str) -> str:
        """What the language calls a function of C's <math.h>; empty if it has none, as `name` is where C has none."""
        raise NotImplementedError

    def call(self, op: Op, args: list[str]) -> str:
        """The expression of an op, from its row in the table of primitives."""
        primitive = PRIMITIVES.get(op)
        if op is where:
            return self.choose(self.truth(args[0], True), *args[1:])
        if primitive is not None and primitive.operator:
            text = primitive.operator.format(*args)
            return self.as_number(text) if op in COMPARISONS else text
        name = "" if primitive is None else self.function(primitive.function)
        if not name:
            raise refused(self.language, op, self.given)
        return f"{name}({', '.join(args)})"

    # The syntax of a language: statements

    def comment(self, text: str) -> str:
        """A comment for the end of a line."""
        return f"  {self.comments} {as_comment(text)}"

    def together(self, statements: Sequence[str]) -> str:
        """The statements on one line."""
        return " ".join([statement + self.end for statement in statements])

    def when(self, condition: str, statements: Sequence[str]) -> str:
        """The line that runs the statements where the condition is true."""
        raise NotImplementedError

    def leave(self, holds: bool) -> list[str]:
        """The statements that leave the function, which says whether all guards hold."""
        raise NotImplementedError

    def head(self, axis: int) -> str:
        """The line that opens a loop over points."""
        raise NotImplementedError

    def listed(self, name: str, numbers: list[str]) -> str:
        """The statement that makes a list of numbers, one for each point."""
        raise NotImplementedError

    def open_list(self, name: str, axis: int) -> None:
        """Write the lines that make a list for a number of every point."""
        raise NotImplementedError

    def keep(self, name: str) -> str:
        """The statement that keeps a point's number in its list."""
        raise NotImplementedError

    def open_loop(self, axis: int, kept: list[str], totals: list[str], has_guards: bool) -> None:
        """Write the lines that open a loop over points: its sums, its kept numbers, its head, its guards' results."""
        for name in totals:
            self.do(f"{self.variable}{name} = {self.number(0.0)}")
        for name in kept:
            self.open_list(name, axis)
        self.write(self.head(axis))
        self.depth += 1
        if has_guards:
            self.do("holds[i] = 1.0")

    def close_loop(self) -> None:
        """Write the line that ends a loop, if the language has one."""
        self.depth -= 1

    def is_taken(self, name: str) -> bool:
        """Whether the language or its library has the name, so that no function of ours can."""
        raise NotImplementedError

    def require_name(self, name: str) -> None:
        """Raise `ProgramError` for a name that a function cannot have."""
        if not name or name[0].isdecimal() or name != as_identifier(name) or self.is_taken(name):
            raise ProgramError(
                f"a {self.language} function cannot be called {name!r:.60}; take ASCII's letters, digits and "
                "underscores, and no name that the language or its library has"
            )

    # The order of the lines

    def write(self, line: str) -> None:
        """Append a line, indented."""
        self.lines.append("    " * self.depth + line)

    def do(self, statement: str, comment: str = "") -> None:
        """Append the line of one statement."""
        self.write(f"{statement}{self.end}{comment}")

    def body(self) -> None:
        """Write the whole body, phase by phase, then the outputs that are single numbers, and that all guards hold."""
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
                expected: dict[int, list[bool]] = {}
                for guard in [program.guards[k] for k in loop.guards]:
                    expected.setdefault(guard.node, []).append(guard.expected)
                missed = ["holds[i] = 0.0", *["continue"] * (not (loop.sums or loop.kept))]
                for i in loop.nodes:
                    self.node(i)
                    for truth in expected.get(i, ()):
                        self.write(self.when(self.truth(self.names[i], not truth), missed))
                for i in loop.sums:
                    node = program.nodes[i]
                    assert isinstance(node, Step)
                    self.do(f"{self.names[i]} += {self.names[node.args[0]]}")
                for i in loop.kept:
                    self.do(self.keep(self.names[i]))
                for k in loop.outputs:
                    self.output(k)
                self.close_loop()
                for i in loop.sums:
                    self.guards(i)
        for k, output in enumerate(program.outputs):
            if output.axis is None:
                self.output(k)
        self.write(self.together(self.leave(True)))

    def lists(self, nodes: list[int]) -> None:
        """Write the arrays that `collect` steps of a loop read, a number for each point."""
        for i in nodes:
            node = self.program.nodes[i]
            if isinstance(node, Step) and node.op is collect:
                self.do(self.listed(f"all_{self.names[i]}", [self.names[a] for a in node.args[:-1]]))

    def node(self, i: int) -> None:
        """Write the line that computes node i, and those of the guards on it."""
        node, name = self.program.nodes[i], self.names[i]
        if isinstance(node, Constant) or i not in self.used:
            return
        label = self.comment(node.name) if node.name else ""
        self.do(f"{self.constant}{name} = {self.expression(node, name)}", label)
        if self.program.axis_of[i] is None:
            self.guards(i)

    def guards(self, i: int) -> None:
        """Write the lines of the guards on node i, a single number."""
        for guard in self.program.guards:
            if guard.node == i:
                fails = self.truth(self.names[i], not guard.expected)
                self.write(self.when(fails, self.leave(False)) + self.comment(guard.place))

    def expression(self, node: Input | Step, name: str) -> str:
        """The expression of a node in the names of earlier ones; `name` is its own."""
        if isinstance(node, Input):
            return self.element("sources", node.source, node)
        args = [self.names[a] for a in node.args]
        if node.op is spread:
            return args[0]
        if node.op is collect:
            return self.kept_at(name, None)
        if node.op is lane_index:
            return self.index()
        if node.op is place:
            return self.choose(self.is_point(int(self.program.constant(node.args[1]))), args[0], self.number(0.0))
        if node.op is pick and isinstance(self.program.nodes[node.args[0]], Constant):
            return args[0]
        if node.op is pick:
            return self.kept_at(args[0], int(self.program.constant(node.args[1])))
        return self.call(node.op, args)

    def output(self, k: int) -> None:
        """Write the line of output k."""
        output = self.program.outputs[k]
        self.do(f"{self.element('sinks', output.sink, output)} = {self.names[output.node]}")


class BraceWriter(SourceWriter):
    """The writer of a language with braces and semicolons, as C has them."""

    comments = "//"
    end = ";"
    integer: str
    """What the declaration of a loop's counter begins with."""

    def choose(self, condition: str, yes: str, no: str) -> str:
        return f"{condition} ? {yes} : {no}"

    def when(self, condition: str, statements: Sequence[str]) -> str:
        return f"if ({condition}) {{ {self.together(statements)} }}"

    def head(self, axis: int) -> str:
        return f"for ({self.integer}i = 0; i < lengths[{axis}]; ++i) {{"

    def close_loop(self) -> None:
        super().close_loop()
        self.write("}")
