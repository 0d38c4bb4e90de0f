"""A graph as indented text for a terminal: what was computed from what, values and gradients in columns.

A node that is used twice is written out where it is met first; later its name with an arrow refers to it.
"""

from __future__ import annotations

from ..backprop import GradTable
from ..errors import NumberError
from ..graph import ancestors
from ..names import names_of, old_numbers
from ..settings import whole
from ..value import Value, data_of, element_of
from ..visible import Text
from .styles import gradient_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..value import Number

__all__ = ["tree"]

MOST_LINES = 1_000  # by default; nobody reads more in a terminal
AGAIN = "↑"
DEEPEST = 40  # levels; beyond, a line would be all indentation
WIDEST = 60  # letters of a column; the numbers of a longer name stand further right


def tree(z: Value | GradTable, *, max_lines: int = MOST_LINES) -> Text:
    """The graph above `z` as indented text: names and ops, values, and gradients where there are any.

    Gradients are those that ``z.backward()`` left, or a grad_table's own.

    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> z = x * y + x
    >>> z.backward()
    >>> tree(z)
    z  +      8  1
    ├─ v1  ×  6  1
    │  ├─ x   2  4
    │  └─ y   3  2
    └─ x ↑

    A target of the table that its root does not depend on stands below, with its gradient 0.

    Raises `NumberError` (a TypeError) for anything else, `DiagramError` for what is no number of lines.
    """
    root = z.root if isinstance(z, GradTable) else element_of(z)
    if not isinstance(root, Value):
        raise NumberError(f"tree takes a Value or a GradTable, got {z!r:.60} of type {type(z).__name__}")
    order = ancestors(root)
    apart = [target for target in z.targets if target not in order] if isinstance(z, GradTable) else []
    names = names_of([*order, *apart], root)
    rows, cut = _rows(root, names, z.entries if isinstance(z, GradTable) else None, whole("max_lines", max_lines))
    rows += [(f"{names[target]}  no path to {names[root]}", f"{target.data:.4g}", "0") for target in apart]
    widths = [min(max(len(row[k]) for row in rows), WIDEST) for k in range(3)]
    lines = ["  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2])]) for row in rows]
    if cut:
        lines.append(f"... {cut}, of {len(order):,} values: tree(z, max_lines=...), or the tree of an inner node")
    lines += old_numbers(order, names)
    return Text("\n".join([line.rstrip() for line in lines]))


def _rows(
    root: Value, names: Mapping[Value, str], gradients: Mapping[Value, Any] | None, most: int
) -> tuple[list[tuple[str, str, str]], str]:
    """Name, data and gradient of each line, and the reason why the tree was cut off, if it was."""
    rows: list[tuple[str, str, str]] = []
    written: set[Value] = set()
    todo: list[tuple[Number, str, str, int]] = [(root, "", "", 0)]  # what, in front of it, below it, level
    cut = ""
    while todo:
        x, front, below, level = todo.pop()
        if len(rows) == most:
            return rows, f"cut off after {most:,} line{'s' * (most > 1)}"
        if not isinstance(x, Value):
            rows.append((f"{front}{x:.4g}", "", ""))
            continue
        name = names[x]
        if x in written:
            rows.append((f"{front}{name} {AGAIN}", "", ""))
            continue
        is_too_deep = level == DEEPEST and bool(x.inputs)
        op = f"  {x.op.label}{'  ...' if is_too_deep else ''}" if x.inputs else ""
        rows.append((f"{front}{name}{op}", f"{x.data:.4g}", _gradient(x, gradients)))
        if is_too_deep:
            cut = f"cut off after {DEEPEST} levels"
            continue
        written.add(x)
        last = len(x.inputs) - 1
        for k in range(last, -1, -1):
            branch, line = ("└─ ", "   ") if k == last else ("├─ ", "│  ")
            todo.append((x.inputs[k], below + branch, below + line, level + 1))
    return rows, cut


def _gradient(x: Value, gradients: Mapping[Value, Any] | None) -> str:
    gradient = gradient_of(x, gradients)
    return "" if gradient is None else f"{data_of(gradient):.4g}"
