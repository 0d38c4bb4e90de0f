"""Names of the nodes of a graph, for people: no two nodes are called alike, and each the same wherever it is shown.

A node keeps the name that it was given; one that tells a place in a network is written as lectures do, w_35^(1). A node
without one, or with spaces only, is numbered among the nameless in topological order: leaves x1, x2, ... (c1, c2, ...
beside a given x1), computed nodes v1, v2, ..., and the root is z, or f beside a given z.
A number is skipped if its name is taken, or if formulas write a name that is taken alike, as v_1 for v1.
"""

from __future__ import annotations

import unicodedata
from itertools import count

from .graph import changed
from .visible import lecture_name, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .value import Value

__all__ = ["names_of", "old_numbers"]

OF_ROOTS = ("z", "f", "y")


def names_of(order: Iterable[Value], root: Value | None = None) -> dict[Value, str]:
    """A name for every node of `order`, which has inputs before their consumers; no two look alike.

    root: the node that the others were computed for, if it is one.

    >>> from autograd_core import Value, sin
    >>> from autograd_core.graph import ancestors
    >>> x = Value(2.0, name="x")
    >>> z = sin(x * Value(3.0))
    >>> list(names_of(ancestors(z), z).values())
    ['x', 'x1', 'v1', 'z']
    """
    nodes = list(order)
    own = {node: lecture_name(visible(node.name)) for node in nodes if node.name and str(node.name).strip(" ")}
    taken = {*own.values(), *map(_without_marks, own.values())}
    given: set[str] = set()
    leaf = "c" if any([name[:1] == "x" and name[1:].isdecimal() for name in taken]) else "x"
    numbers = {leaf: count(1), "v": count(1)}
    again: dict[str, count[int]] = {}
    names = {}
    for node in nodes:
        if node is root and node not in own and (free := [name for name in OF_ROOTS if name not in taken]):
            name = free[0]
        elif node not in own:
            letter = "v" if node.inputs else leaf
            name = next(name for k in numbers[letter] if (name := f"{letter}{k}") not in taken)
        elif own[node] in given:
            others = again.setdefault(own[node], count(2))
            name = next(name for k in others if (name := f"{own[node]} ({k})") not in taken)
            taken.add(name)
        else:
            name = own[node]
        given.add(name)
        names[node] = name
    return names


def _without_marks(name: str) -> str:
    """The letters and digits of a name: v1 for v_1, v[1] and v₁."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name)))


def old_numbers(order: Iterable[Value], names: Mapping[Value, str]) -> list[str]:
    """A line of warning, if a leaf has changed since the graph was computed."""
    found = changed(order)
    if found is None:
        return []
    x, node = found
    return [f"{names[x]} has changed since {names[node]} was computed: compute the expression again"]
