"""The reference from what the code says of itself: docstrings in the house's format, and ops from their records.

A docstring becomes reStructuredText by three rules. `name` is a link where it is public and a literal where it is not.
A paragraph that begins with the name of a parameter and a colon describes it. What is indented, or stands in columns,
is shown as it stands. The rest is text.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils.nodes import Text, literal_block
from sphinx.util.docutils import SphinxDirective

import autograd_core
import autograd_core.jit.call.function  # attaches what programs say of themselves
from autograd_core import Op
from autograd_core.domain import EXTENDED

MODULES = (
    *("autograd_core", "autograd_core.errors", "autograd_core.domain", "autograd_core.files", "autograd_core.graph"),
    *("nn", "nn.errors", "nn.learning", "nn.matrix", "nn.pictures", "nn.schedules", "nn.sklearn"),
)
EVERYWHERE = {name: f"autograd_core.errors.{name}" for name in dir(autograd_core.errors) if name.endswith("Error")}


@cache
def links(module: str) -> dict[str, str]:
    """What a name in a docstring of `module` leads to: its own package first, then the errors."""
    package = module.partition(".")[0]
    found = dict(EVERYWHERE)
    for name in MODULES:
        if name.partition(".")[0] == package:
            members = import_module(name)
            own = [n for n, x in vars(members).items() if getattr(x, "__module__", name) == name and n[0] != "_"]
            public = getattr(members, "__all__", own)
            found |= {n: f"{name}.{n}" for n in public if name in ("autograd_core", "nn") or n not in found}
            found |= {f"{name}.{n}": f"{name}.{n}" for n in public}
    return found


def translated(lines: list[str], parameters: set[str], names: dict[str, str]) -> Iterator[str]:
    """The docstring `lines` as reStructuredText."""
    text = "\n".join(lines).replace("Parameters\n----------\n", "")
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        rows = paragraph.split("\n")
        if rows[0].startswith(">>>"):
            yield from rows
        elif rows[0].startswith("    ") or sum("  " in row.strip() for row in rows) > 1:
            yield from ["::", "", *("    " + row for row in rows)]
        else:
            is_parameter = False
            for row in rows:
                parameter = re.match(r"(\w+(?:, \w+)*): (?=\S)", row)
                if parameter and set(parameter[1].split(", ")) <= parameters:
                    is_parameter = True
                    yield ""
                    yield f"* **{parameter[1]}**: " + marked_up(row[parameter.end() :], names, parameters)
                else:
                    yield marked_up("  " + row.strip() if is_parameter else row, names, parameters)
        yield ""


def marked_up(row: str, names: dict[str, str], parameters: set[str]) -> str:
    """A line of text: `name` is a link or a literal; a bar is no substitution."""

    def name(found: re.Match[str]) -> str:
        it = found[1]
        return f"``{it}``" if it in parameters or it not in names else f":py:obj:`{it} <{names[it]}>`"

    parts = re.split(r"(``.*?``)", row)
    parts[::2] = [re.sub(r"`([^`]+)`", name, part.replace("|", r"\|")) for part in parts[::2]]
    return "".join(parts)


def process(*event: Any) -> None:
    """autodoc's hook, which gives the docstring's lines to be changed."""
    *_, name, it, _, lines = event
    try:
        parameters = set(inspect.signature(it).parameters)
    except (TypeError, ValueError):
        parameters = set()
    module = getattr(it, "__module__", None) or name.rsplit(".", 1)[0]
    lines[:] = translated(lines, parameters, links(module))


def records(family: str) -> dict[str, str]:
    """The text of each op's block in the module of that family, by the op's name."""
    path = Path(autograd_core.ops.__file__).parent / f"{family}.py"
    text = path.read_text(encoding="utf-8")
    return {
        node.value.args[0].value: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call)
        if getattr(node.value.func, "id", "") == "Op" and isinstance(node.value.args[0], ast.Constant)
    }


def domain(op: Op) -> str:
    """What `op` asks of its inputs, as a sentence, if it asks for anything."""
    sets = zip(op.input_names, op.domain.intervals, strict=False)
    asked = op.domain.text or ", ".join(s.describe(name) for name, s in sets if s is not EXTENDED)
    return f" Domain: {asked}." if asked else ""


class Ops(SphinxDirective):
    """``{ops} family``, and a line ``name: what it is`` for each public op of it: their records, in this order.

    An op of the family that has no line is an error, and a line without an op.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[Any]:
        """The entries of the reference."""
        [family] = self.arguments
        said = dict(line.split(": ", 1) for line in self.content if line)
        blocks = records(family)
        public = {n for n in autograd_core.__all__ if isinstance(getattr(autograd_core, n), Op)} & blocks.keys()
        if public != said.keys():
            raise self.error(f"ops {family}: described are not the public ones: {sorted(public ^ said.keys())}")
        text = []
        for name, what in said.items():
            op = getattr(autograd_core, name)
            inputs = [f"{n}={op.defaults[n]:g}" if n in op.defaults else n for n in op.input_names]
            inputs[-1] = "*" * op.is_nary + inputs[-1]
            text += [f"````{{py:function}} {name}({', '.join(inputs)})", what + domain(op), ""]
            text += ["```python", *blocks[name].split("\n"), "```", "````", ""]
        return self.parse_text_to_nodes("\n".join(text))


def end_with_text(app: Any, doctree: Any) -> None:
    """A snippet ends with its last line, not with the empty one that ends what it prints."""
    for block in doctree.findall(literal_block):
        block.rawsource = block.astext().rstrip("\n")
        block[:] = [Text(block.rawsource)]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's hook."""
    app.connect("doctree-read", end_with_text)
    app.connect("autodoc-process-docstring", process)
    app.add_directive("ops", Ops)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
