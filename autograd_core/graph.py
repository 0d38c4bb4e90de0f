"""Walks over a graph: topological order, ancestors and descendants, and the sweep of the chain rule.

A graph is given by its root, the node that everything else was computed for. All walks are loops, never
recursions: chains of a million nodes are ordinary.
"""

from __future__ import annotations

from itertools import islice

from .errors import CyclicGraphError, StaleGraphError
from .value import Value, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any, TypeAlias, TypeVar

    Outline: TypeAlias = list[tuple[Any, ...]]
    T = TypeVar("T")
    R = TypeVar("R")
    Sent: TypeAlias = Mapping[Value, Collection[Value]]
    """The inputs that a node's rule sends something to: none of relu at -1."""

__all__ = [
    "ancestors",
    "blocking",
    "changed",
    "check_fresh",
    "consumers",
    "descendants",
    "inputs_of",
    "leading",
    "new_ancestors",
    "outline",
    "reached",
    "sweep",
]


def inputs_of(node: Value) -> list[Value]:
    """The Values among a node's inputs, once per position; plain numbers are constants, not nodes."""
    return [x for x in node.inputs if isinstance(x, Value)]


def ancestors(*roots: Value) -> dict[Value, None]:
    """The roots and every node they were computed from, in topological order: inputs before their consumers.

    Depth-first search with a path of (node, inputs still to visit) in place of recursion; linear in nodes and
    edges. The result is a dict for its order and its fast ``in``.

    >>> x = Value(2.0); y = x * x
    >>> list(ancestors(y)) == [x, y]
    True

    Raises `CyclicGraphError` when a node is its own ancestor.
    """
    order: dict[Value, None] = {}
    for root in roots:
        if root not in order:
            _visit(root, order)
    return order


def new_ancestors(root: Value, known: dict[Value, Any]) -> list[Value]:
    """The root and its ancestors that are not `known` yet, inputs first; from now on they are, as None.

    Whoever asks again and again about a growing graph sees every node once.

    >>> x = Value(2.0); known = {x: "seen"}
    >>> y = x * x
    >>> new_ancestors(y, known) == [y]
    True
    """
    if root in known:
        return []
    before = len(known)
    _visit(root, known)
    return list(islice(reversed(known), len(known) - before))[::-1]


def _visit(root: Value, order: dict[Value, Any]) -> None:
    path: list[Any] = []  # node, its inputs still to visit, node, ...: flat, because pairs would cost a quarter more
    longest = 1_000
    node, pending = root, iter(root.inputs)
    while True:
        for x in pending:
            if type(x) is not float and x not in order:
                inputs = x.inputs
                if inputs:
                    path.append(node)
                    path.append(pending)
                    node, pending = x, iter(inputs)
                    break
                order[x] = None
        else:
            order[node] = None
            if not path:
                return
            pending = path.pop()
            node = path.pop()
        if len(path) > longest:  # on a cycle the path grows for ever
            _refuse_cycle(path[::2])
            longest *= 2


def _refuse_cycle(path: list[Value]) -> None:
    seen: set[Value] = set()
    for node in path:
        if node in seen:
            raise CyclicGraphError(
                f"{describe(node)} is its own ancestor, so it has no derivative. Somebody assigned `inputs` by hand; "
                "build expressions with ops, they cannot make a cycle"
            )
        seen.add(node)


def descendants(targets: Iterable[Value], order: Iterable[Value]) -> dict[Value, None]:
    """The nodes of `order` (inputs first) that are among `targets` or were computed from one.

    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y; w = z + y
    >>> list(descendants([x], ancestors(w))) == [x, z, w]
    True
    """
    found = dict.fromkeys(targets)
    for node in order:
        for x in node.inputs:
            if type(x) is not float and x in found:
                found[node] = None
                break
    return {node: None for node in order if node in found}


def consumers(order: Iterable[Value]) -> dict[Value, list[Value]]:
    """For every node of `order` the nodes of it that use it as an input, once per use.

    >>> x = Value(2.0); y = x * x
    >>> consumers(ancestors(y))[x] == [y, y]
    True
    """
    found: dict[Value, list[Value]] = {node: [] for node in order}
    for node in found:
        for x in inputs_of(node):
            if x in found:
                found[x].append(node)
    return found


def sweep(
    order: Iterable[Value],
    root: Value,
    *,
    one: T,
    times: Callable[[T, R], T],
    plus: Callable[[list[T]], T],
    sent: Callable[[Value], Iterable[tuple[Value, R]]],
) -> Iterator[tuple[Value, T]]:
    """The chain rule over whatever can be multiplied and added: each node of `order` and what arrives there.

    `one` arrives at the root. ``sent(node)`` are the nodes, later in `order`, to which a node sends something, and the
    rates; ``times`` makes of what arrived at the node and of a rate what arrives there, and ``plus`` adds up what did.
    Where nothing arrives nothing is sent on: nothing times infinity is nothing.

    From the root of a graph down to its inputs, with numbers, this is back-propagation, of which
    `autograd_core.backprop.build_grad` is the fast form; with True for one, it is who is reached at all; with 1 for
    every rate, the numbers of paths; with expressions, a derivative on paper.

    >>> x = Value(3.0); y = x * x; z = y + x
    >>> rates = {z: [(y, 1.0), (x, 1.0)], y: [(x, 3.0), (x, 3.0)], x: []}
    >>> order, sent = [z, y, x], rates.__getitem__
    >>> dict(sweep(order, z, one=1.0, times=lambda g, rate: g * rate, plus=sum, sent=sent))[x]
    7.0
    >>> dict(sweep(order, z, one=1, times=lambda count, _: count, plus=sum, sent=sent))[x]
    3
    """
    arrived = {root: [one]}
    for node in order:
        if node in arrived:
            total = plus(arrived.pop(node))  # which may be large, and is needed no more
            yield node, total
            for other, rate in sent(node):
                arrived.setdefault(other, []).append(times(total, rate))


def outline(roots: Iterable[Any], labels: Mapping[Value, Any]) -> Outline:
    """The graph above `roots`, a tuple ``(op, *inputs)`` for each node, inputs first, and at the end the roots.

    An input is a label out of `labels`, the position of its node, a number, or a Value that nothing computed. Such a
    Value is equal in two outlines if it is the same one, or, made anew each time, holds the same number.

    >>> x, w = Value(2.0), Value(3.0, name="w")
    >>> outline([x * w + 1.0], {x: "x"}) == outline([x * w + 1.0], {x: "x"})
    True
    >>> outline([x * w + 1.0], {x: "x"}) == outline([x * w + 2.0], {x: "x"})
    False
    """
    at: dict[Any, Any] = dict(labels)
    lines: Outline = []
    roots = list(roots)
    for node in ancestors(*[x for x in roots if isinstance(x, Value)]):
        if node.inputs and node not in at:
            at[node] = "node", len(lines)
            lines.append((node.op, *[at.get(x, x) for x in node.inputs]))
    return [*lines, ("results", *[at.get(x, x) if isinstance(x, Value) else x for x in roots])]


def reached(z: Value, x: Value, between: Iterable[Value], sent: Sent) -> set[Value]:
    """The nodes that something reaches on the way back from z to x; `between` are those from x to z, inputs first."""
    order = reversed(list(between))
    arrived = sweep(
        order,
        z,
        one=True,
        times=lambda here, _: here,
        plus=any,
        sent=lambda node: () if node is x else [(y, None) for y in sent[node]],
    )
    return {z, *(node for node, _ in arrived)}


def leading(x: Value, between: Iterable[Value], arrived: Collection[Value], sent: Sent) -> dict[Value, None]:
    """The nodes at which something arrives that goes on to x, x among them; empty if nothing comes to x."""
    found = {x: None} if x in arrived else {}
    for node in between:
        if node is not x and node in arrived and not found.keys().isdisjoint(sent[node]):
            found[node] = None
    return found


def blocking(between: Collection[Value], arrived: Collection[Value], sent: Sent) -> list[Value]:
    """The nodes at which what arrived ends, where nothing comes to x."""
    inside = set(between)
    return [node for node in between if node in arrived and inside.isdisjoint(sent[node])]


def changed(order: Iterable[Value]) -> tuple[Value, Value] | None:
    """A leaf that changed after a node that uses it was recorded, and that node; None if the graph is up to date."""
    nodes = [node for node in order if node.inputs]
    oldest = min([node._clock for node in nodes], default=0)
    if all([leaf._clock <= oldest for leaf in order if not leaf.inputs]):
        return None
    pairs = ((x, node) for node in nodes for x in inputs_of(node) if not x.inputs)  # `jit` puts newer nodes between
    return next(((x, node) for x, node in pairs if x._clock > node._clock), None)


def check_fresh(order: Iterable[Value]) -> None:
    """Raise `StaleGraphError` when a leaf changed after a node that uses it was recorded."""
    if (found := changed(order)) is not None:
        x, node = found
        raise StaleGraphError(
            f"{describe(x)} changed after '{node.op}' was computed from it: the graph holds values of "
            "before and after. Compute the expression again, then differentiate"
        )
