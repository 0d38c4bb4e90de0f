"""The numbers of a graph, which stand for themselves in formulas, and with how many digits they are shown."""

from __future__ import annotations

import math

from ...notation.operations import number, standard_name
from .algebra import Atom, of_atom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...value import Value
    from .algebra import Expression

__all__ = ["cut", "figure", "is_figure", "knows_minus_zero", "value_of"]

FIRST_FIGURE = -2  # and the next ones below are the tags of numbers
SIGNED = {"atan2", "copysign", "sqrt", "rsqrt"}


def figure(x: float, place: int) -> Expression:
    """A number with all its digits. Those of different nodes, in different places, are different."""
    return of_atom(Atom(number(x), None, (), FIRST_FIGURE - place))


def is_figure(atom: Atom) -> bool:
    """Whether it is the number of a node."""
    return atom.tag <= FIRST_FIGURE


def value_of(figure: Atom) -> float:
    """The number that it is."""
    assert figure.symbol is not None
    return float(figure.symbol.text)


def cut(x: float, digits: int | None) -> float:
    """A number with only so many digits, if they are limited."""
    return x if digits is None else float(f"{x:.{digits}g}")


def knows_minus_zero(nodes: Iterable[Value]) -> bool:
    """Whether it matters somewhere among the nodes that 0 is -0."""
    computed = [node for node in nodes if node.inputs]
    return any([standard_name(node.op) in SIGNED or not math.isfinite(node.data) for node in computed])
