"""How engine objects show themselves in a notebook: small graphs as pictures, tables as tables, programs as text."""

from __future__ import annotations

from html import escape

from ..backprop import GradTable
from ..graph import ancestors
from ..names import names_of, old_numbers
from ..value import Value, data_of
from .diagram import draw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..jit.program import Program

__all__ = ["listing_of", "picture_of", "table_of"]

MOST_NODES = 30
"""A larger graph is a number, as long as nobody asks for its picture."""
MOST_ROWS = 50
FEW_LINES, MOST_LINES = 40, 400
"""A program of more lines is folded; of more than that the first and the last are shown."""
GUARD = "border-left: 4px solid #D55E00; padding-left: 0.3em"


def picture_of(z: Value) -> str | None:
    """The graph of `z` as SVG, if it is small; None leaves it to the text."""
    return draw(z)._repr_svg_() if 1 < len(ancestors(z)) <= MOST_NODES else None


def table_of(table: GradTable) -> str:
    """Targets, their values and gradients as an HTML table."""
    order = dict.fromkeys([*ancestors(table.root), *table.targets])
    names = names_of(order, table.root)
    cells = [(names[t], f"{t.data:.6g}", f"{data_of(table[t]):.6g}") for t in table.targets[:MOST_ROWS]]
    rows = ["".join([f"<td>{escape(cell)}</td>" for cell in row]) for row in cells]
    root = escape(names[table.root])
    head = f"<th>x</th><th>value</th><th>∂{root}/∂x</th>"
    more = len(table.targets) - MOST_ROWS
    rows += [f"<td colspan=3>and {more:,} more</td>"] if more > 0 else []
    rows += [f"<td colspan=3>{escape(line)}</td>" for line in old_numbers(order, names)]
    return f"<table><tr>{head}</tr>{''.join([f'<tr>{row}</tr>' for row in rows])}</table>"


def listing_of(program: Program) -> str:
    """The text of a program, with its guards marked; a long one is folded and cut."""
    lines = str(program).splitlines()
    count = len(lines)
    if count > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f"  ... {count - 2 * half:,} more lines; print(program) shows all", *lines[-half:]]
    marked = [f'<span style="{GUARD}">{escape(s)}</span>' if s.startswith("  guard ") else escape(s) for s in lines]
    text = f"<pre>{chr(10).join(marked)}</pre>"
    summary = f"<summary>program of {len(program.steps):,} steps and {len(program.guards):,} guards</summary>"
    return text if count <= FEW_LINES else f"<details>{summary}{text}</details>"
