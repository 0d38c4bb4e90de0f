"""The forward pass written out: every node from its inputs."""

from __future__ import annotations

from ...ops import TABLE
from ..algebra.normal_form import verbatim
from .reading import operand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...value import Value
    from ..algebra.expressions import Expression
    from .lines import Line
    from .reading import Form
    from .steps import Ways
    from .terms import Terms

__all__ = ["forward", "ways_of"]

IDENTITY = TABLE["identity"]


def forward(terms: Terms) -> list[Line]:
    """A line for every computed node; for a graph that is a leaf, the line of its number."""
    if not terms.z.inputs:
        return [terms.steps.line(terms.names[terms.z], terms.z.data, [])]
    return [terms.steps.line(terms.names[node], node.data, ways_of(terms, node)) for node in terms.order if node.inputs]


def ways_of(terms: Terms, node: Value) -> Ways:
    """The steps of a node's line, in names and in numbers, in every form."""
    return ([_stated(node, form, known) for known in (terms.symbols, terms.numbers)] for form in terms.forms)


def _stated(node: Value, form: Form, known: Mapping[Value, Expression]) -> Expression:
    """An op applied to its inputs, verbatim where simplifying would leave one of them: 1 x."""
    args = [operand(x, known) for x in node.inputs]
    stated = form(node, node.op, args)
    return verbatim(node.op, args) if stated in args and node.op is not IDENTITY else stated
