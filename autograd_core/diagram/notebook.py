"""Display hooks of a notebook: small graphs are shown as pictures, grad_tables as tables.

The engine knows nothing of pictures, so its classes get these methods here."""

from __future__ import annotations

from ..backprop import GradTable
from ..graph import ancestors
from ..names import names_of, old_numbers
from ..value import Value, data_of
from .diagram import draw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..forms import Forms

__all__ = ["TABLE_HEADER", "picture_of", "pictures_of", "table_of"]

TABLE_HEADER = ("node", "value", "gradient")
"""What stands above the columns of a grad_table, wherever one is printed."""

MOST_NODES = 30
"""Values of a graph that is shown as a picture; a larger one is shown as a number, until somebody draws it."""
MOST_ROWS = 50
"""Rows of a table that are shown; the others are counted."""


def picture_of(z: Value) -> str | None:
    """The graph of `z` as SVG, if it is small; None leaves it to the text."""
    return pictures_of(z)[0].get("image/svg+xml")


def pictures_of(z: Value, include: Any = None, exclude: Any = None) -> Forms:
    """The picture of the graph of `z` in the forms that notebooks show, if it is small; else nothing, as the text."""
    return draw(z)._repr_mimebundle_(include, exclude) if 1 < len(ancestors(z)) <= MOST_NODES else ({}, {})


def table_of(table: GradTable) -> str:
    """Targets, their values and gradients as an HTML table."""
    from html import escape

    order = dict.fromkeys([*ancestors(table.root), *table.targets])
    names = names_of(order, table.root)
    cells = [(names[t], f"{t.data:.6g}", f"{data_of(table[t]):.6g}") for t in table.targets[:MOST_ROWS]]
    rows = ["".join([f"<td>{escape(cell)}</td>" for cell in row]) for row in cells]
    node, value, gradient = TABLE_HEADER
    derivative = f"∂{escape(names[table.root])}/∂x"
    head = f'<th>{node}</th><th>{value}</th><th title="{derivative}">{gradient}</th>'
    more = len(table.targets) - MOST_ROWS
    rows += [f"<td colspan=3>and {more:,} more</td>"] if more > 0 else []
    rows += [f"<td colspan=3>{escape(line)}</td>" for line in old_numbers(order, names)]
    return f"<table><tr>{head}</tr>{''.join([f'<tr>{row}</tr>' for row in rows])}</table>"


for _kind, _name, _shown in (
    (Value, "_repr_svg_", picture_of),
    (Value, "_repr_mimebundle_", pictures_of),
    (GradTable, "_repr_html_", table_of),
):
    setattr(_kind, _name, _shown)
