"""The javascript backend: a program as a JavaScript function, to take a derivative to a web page or to a server.

    for (let i = 0; i < lengths[0]; ++i) {
        const v0 = sources[2][0 + 1 * i];  // x[:]
        const v1 = -v0;
        const v2 = Math.exp(v1);
        sinks[1][0 + 1 * i] = v2;
    }

`text` gives the source, which needs nothing else: functions that JavaScript lacks (erf, gamma, ...) are declared in
front, from ``functions.js``. To run it here too, for tests, a process of node takes numbers and gives results.
"""

from __future__ import annotations

import atexit
import base64
import json
import math
import os
import re
import shutil
import subprocess
import threading
from functools import cache
from pathlib import Path

import numpy as np

from ....errors import MissingPackageError, ProgramError
from ....ops.special import polygamma
from ....ops.trigonometric import sinc_derivative
from ...ir.primitives import PRIMITIVES, SciPyFunction
from ...passes.lower import lower
from .writer import BraceWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from ....op import Op
    from ...ir.program import Program

__all__ = ["JavaScriptExecutable", "compile", "text", "texts"]

COMPILES_AT_ONCE = True
"""Compile programs when they are traced, not when they are first run, as ops that JavaScript lacks are refused then."""

_OF_MATH = (
    "sqrt floor ceil trunc exp expm1 log log2 log10 log1p cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh "
    "atanh atan2 hypot"
)
OF_MATH = frozenset(_OF_MATH.split())
"""Functions of C that are functions of JavaScript's Math by the same name, special values included."""

OF_OPS = frozenset([sinc_derivative, polygamma])
"""Ops that Python alone computes, whose JavaScript is declared too: the derivatives of sinc and digamma."""

_WORDS = (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null package private protected "
    "public return static super switch this throw true try typeof var void while with yield "
    "Infinity Math NaN Number Object undefined"
)
RESERVED = frozenset(_WORDS.split())
"""Words that name no function, in strict mode or in a module, and what the text itself calls by these names."""


def text(program: Program, name: str = "run") -> str:
    """`program` as a JavaScript function called `name`, of ECMAScript 2015 or later.

    The function reads ``sources[k][...]`` and writes ``sinks[k][...]``, arrays of numbers; ``lengths[k]`` are the
    numbers of points of lane axis k. It returns false where a guard on a single number does not hold (the sinks are
    then not to be used), true otherwise, and for guards along lanes sets ``holds[i]`` to 1 or 0.

    Raises `ProgramError` naming an op for which JavaScript has no function, and for a name that a function cannot have.
    """
    writer = JavaScriptWriter(program)
    writer.require_name(name)
    writer.body()
    return _function(name, writer, ['"use strict";', *declarations(writer.called)])


def texts(programs: Mapping[str, Program]) -> str:
    """Several programs as one expression, an object of functions by name, which share what JavaScript lacks.

    The functions are those of `text`, and it raises the same errors.
    """
    called: set[str] = set()
    functions = []
    for name, program in programs.items():
        writer = JavaScriptWriter(program)
        writer.require_name(name)
        writer.body()
        called |= writer.called
        functions.append(_function(name, writer, []))
    front = ["(() => {", '"use strict";', *declarations(called)]
    return "\n".join([*front, *functions, f"return {{ {', '.join(programs)} }};", "})()"])


def _function(name: str, writer: JavaScriptWriter, front: Sequence[str]) -> str:
    indented = [f"    {line}" for line in front]
    return "\n".join([f"function {name}(sources, lengths, sinks, holds) {{", *indented, *writer.lines, "}", ""])


class JavaScriptWriter(BraceWriter):
    """The writer of JavaScript. ``called`` are the names of functions of `declarations` that the text calls."""

    language = "JavaScript"
    constant, variable, integer = "const ", "let ", "let "

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.called: set[str] = set()

    def is_taken(self, name: str) -> bool:
        return name in RESERVED

    def comment(self, text: str) -> str:
        """A comment that does not end the script element of a page."""
        return re.sub("<(?=[/!])", r"<\\", super().comment(text))

    def special(self, value: float) -> str:
        return "NaN" if math.isnan(value) else "Infinity" if value > 0.0 else "-Infinity"

    def index(self) -> str:
        return "i"

    def function(self, name: str) -> str:
        if name in OF_MATH:
            return f"Math.{name}"
        if name not in _declared():
            return ""
        self.called.add(name)
        return name

    def call(self, op: Op, args: list[str]) -> str:
        primitive = PRIMITIVES.get(op)
        name = op.name if op in OF_OPS else ""
        if primitive is not None and isinstance(primitive.code, SciPyFunction):
            name = primitive.code.name
        return f"{self.function(name)}({', '.join(args)})" if name else super().call(op, args)

    def listed(self, name: str, numbers: list[str]) -> str:
        return f"{self.constant}{name} = [{', '.join(numbers)}]"

    def open_list(self, name: str, axis: int) -> None:
        self.do(f"{self.constant}all_{name} = []")

    def keep(self, name: str) -> str:
        return f"all_{name}.push({name})"

    def leave(self, holds: bool) -> list[str]:
        return [f"return {str(holds).lower()}"]


def declarations(called: Iterable[str]) -> list[str]:
    """The lines that declare the functions of these names, and those that they call."""
    declared, wanted = _declared(), set(called)
    todo = list(wanted)
    while todo:
        more = set(re.findall(r"\w+", declared[todo.pop()])) & declared.keys() - wanted
        wanted |= more
        todo += more
    return [line for name, block in declared.items() if name in wanted for line in block.splitlines()]


@cache
def _declared() -> dict[str, str]:
    """The declarations of ``functions.js``, separated by empty lines, by name."""
    blocks = Path(__file__).with_name("functions.js").read_text(encoding="utf-8").strip().split("\n\n")[1:]
    return {re.findall(r"^(?:function|const) (\w+)", block, re.MULTILINE)[0]: block for block in blocks}


def compile(program: Program) -> JavaScriptExecutable:
    """The executable of `program`, which node runs."""
    return JavaScriptExecutable(program)


class JavaScriptExecutable:
    """The JavaScript ``source``; numbers go to a process of node and back, which is for tests and not for speed."""

    def __init__(self, program: Program) -> None:
        self.source = text(program)
        if shutil.which("node") is None:
            raise MissingPackageError(
                "the javascript backend runs programs by node, and there is none; use 'llvm', or take the text alone "
                "from autograd_core.jit.backends.source.javascript.text(program)"
            )
        self.program = program

    def explained(self) -> list[tuple[str, str]]:
        """The lowered program and the JavaScript source."""
        return [("lower", str(lower(self.program))), ("javascript", self.source)]

    def run(
        self, sources: Sequence[Any], lengths: Sequence[int], sinks: Sequence[Any], holds: Any, threads: int
    ) -> bool:
        """Run the program in node; see `autograd_core.jit.backends.Executable`."""
        written = [*sinks, *([] if holds is None else [holds])]
        asked = [self.source, _encoded(sources), list(lengths), _encoded(written), len(sinks)]
        result, *texts = _node(os.getpid()).answer(asked)
        for array, found in zip(written, texts, strict=True):
            array[...] = np.frombuffer(base64.b64decode(found), "<f8").reshape(array.shape)
        return bool(result)


def _encoded(arrays: Sequence[Any]) -> list[str]:
    """The numbers bit by bit: JSON has no inf, no nan and no -0.0."""
    return [base64.b64encode(np.ascontiguousarray(a, "<f8").tobytes()).decode("ascii") for a in arrays]


class NodeProcess:
    """A process of node that runs one program after the other, a line of JSON for each, until Python ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            ["node", "-e", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        atexit.register(self.close)

    def answer(self, asked: Any) -> Any:
        """The answer to a line; raises `ProgramError` for a text that node does not run."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        found = json.loads(line or '"node has ended"')
        if isinstance(found, str):
            raise ProgramError(f"node did not run the program:\n{found:.2000}")
        return found

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@cache
def _node(process: int) -> NodeProcess:
    """The node of a process of Python: a forked one must not speak through its parent's pipes."""
    return NodeProcess()


SERVER = """
const decoded = (text) => new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const encoded = (array) => Buffer.from(array.buffer).toString("base64");
const programs = new Map();
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    let answer;
    try {
        const [source, sources, lengths, sinks, count] = JSON.parse(line), written = sinks.map(decoded);
        if (!programs.has(source)) programs.set(source, new Function(`${source}; return run;`)());
        const run = programs.get(source);
        answer = [run(sources.map(decoded), lengths, written.slice(0, count), written[count]), ...written.map(encoded)];
    } catch (error) {
        answer = String(error.stack);
    }
    process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""
