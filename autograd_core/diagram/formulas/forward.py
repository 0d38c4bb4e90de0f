"""The forward pass written out: every node from its inputs."""

from __future__ import annotations

from ...ops import TABLE
from .algebra import verbatim
from .lines import Line
from .reading import operand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...value import Value
    from .algebra import Expression
    from .terms import Terms

__all__ = ["forward"]

IDENTITY = TABLE["identity"]


def forward(terms: Terms) -> list[Line]:
    """A line for every node that was computed; if there is only a leaf, what it is."""
    z = terms.z
    if not z.inputs:
        return [Line(terms.names[z], [terms.figures.written(z.data)], z.data)]
    return [_line(terms, node) for node in terms.order if node.inputs]


def _line(terms: Terms, node: Value) -> Line:
    formula, numbers = (_stated(terms, node, known) for known in (terms.symbols, terms.numbers))
    return terms.line(terms.names[node], [formula], numbers, terms.figures.of(node), node.data)


def _stated(terms: Terms, node: Value, known: Mapping[Value, Expression]) -> Expression:
    """What is done, even if it changes nothing: 1 x."""
    args = [operand(x, known) for x in node.inputs]
    stated = terms.stated(node, node.op, args)
    return verbatim(node.op, args) if stated in args and node.op is not IDENTITY else stated
