"""Back-propagation: a grad_table filled from the root down.

Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 6.5, algorithms 6.5 and 6.6. Given the targets
T and the root z, only G' matters: the nodes that are ancestors of z and descendants of T. Their gradients are
built in the order "consumers first", so that when a node's turn comes, everything that arrives there has arrived.

The book's `build_grad` recurses from a target through its consumers and remembers what it has built; walking
G' backwards does the same work in the same number of steps without a call stack: **one rule evaluation per op
node of G' and one table addition per edge of G'.** (L. S. Brunschier's seminar summary says that a node takes the
"sum or average" of what its consumers send; only the sum is the derivative.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .errors import NoGradientError, NumberError, RuleError
from .graph import ancestors, check_fresh, descendants
from .op import quiet
from .tracing import state
from .value import Entry, Number, Value, as_value, describe, element_of
from .visible import lecture_name, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["GradTable", "backprop", "backward", "build_grad", "rates_of"]


class GradTable(Mapping[Value, "Any"]):
    """dz/dt for every target t: what `backprop` returns.

    ``table[t]`` is a float, or a Value when the table was built with ``create_graph=True``; 0.0 where z does not
    depend on t. The table remembers its ``root`` z, its ``targets`` T, and as ``entries`` the gradient of every
    node of G', inputs first.

    Raises `NoGradientError` (a KeyError) for a node that was not among the targets.
    """

    def __init__(self, root: Value, targets: Sequence[Value], entries: dict[Value, Any], create_graph: bool):
        self.root = root
        self.targets = tuple(dict.fromkeys(targets))
        self.entries = entries
        gradients = {t: entries.get(t, 0.0) for t in self.targets}
        if state.tracer is not None:
            gradients = {t: state.tracer.settled(g) for t, g in gradients.items()}
        self._gradients = {t: as_value(g) for t, g in gradients.items()} if create_graph else gradients

    def __getitem__(self, target: Value) -> Any:
        try:
            return self._gradients[element_of(target)]
        except (KeyError, TypeError):
            raise NoGradientError(self._no_gradient(target)) from None

    def _no_gradient(self, target: object) -> str:
        asked = ", ".join(describe(t) for t in self.targets[:5]) + (", ..." if len(self.targets) > 5 else "")
        if isinstance(target, Value):
            return (
                f"no gradient for {describe(target)}: it was not among the targets ({asked or 'none'}). "
                "Name it in backprop(z, targets)"
            )
        named = [i for i, t in enumerate(self.targets) if isinstance(target, str) and t.name == target]
        advice = f"; or table[table.targets[{named[0]}]], which has that name" if named else ""
        return (
            f"got {target!r:.60} of type {type(target).__name__} as a key, but names, numbers and positions are no "
            f"keys of this table: write table[x] with the Value x itself{advice}. Its targets: {asked or 'none'}"
        )

    def __contains__(self, target: object) -> bool:
        return isinstance(target, Value) and target in self._gradients

    def __iter__(self) -> Iterator[Value]:
        return iter(self._gradients)

    def __len__(self) -> int:
        return len(self._gradients)

    def __repr__(self) -> str:
        shown = [f"{lecture_name(visible(t.name or f't{i}'))}: {g!r}" for i, (t, g) in enumerate(self.items()) if i < 8]
        return f"GradTable({', '.join(shown)}{', ...' if len(self) > 8 else ''})"


def backprop(root: Value, targets: Value | Iterable[Value], create_graph: bool = False) -> GradTable:
    """The derivatives of `root` with respect to `targets`, as a `GradTable`; writes nothing to the nodes.

    With ``create_graph=True`` the derivatives are Values whose graphs lead back to the targets, so that they can
    be differentiated again.

    >>> x, y = Value(2.0), Value(3.0)
    >>> backprop(x * y + x, [x, y])[x]
    4.0
    >>> dx = backprop(x * x * x, [x], create_graph=True)[x]
    >>> backprop(dx, [x])[x]                      # d²(x³)/dx² = 6x
    12.0

    Raises `StaleGraphError` when a leaf changed since its graph was recorded, `CyclicGraphError` for a graph made
    by hand, `RuleError` when an op's rule returns the wrong number of entries.
    """
    root, targets = element_of(root), element_of(targets)
    targets = [element_of(t) for t in targets] if isinstance(targets, Iterable) else [targets]
    for node in (root, *targets):
        if not isinstance(node, Value):
            raise NumberError(
                f"backprop takes a Value and a list of Values, got {node!r:.60} of type {type(node).__name__}; "
                "a plain number depends on nothing"
            )
    order = ancestors(root)
    check_fresh(order)
    needed = descendants(targets, order)
    if create_graph or state.tracer is not None:  # what is traced must stay a graph
        with quiet():
            table = GradTable(root, targets, build_grad(root, needed, True), True)
        if not create_graph and state.tracer is not None:
            state.tracer.plain.update(table.values())
        return table
    return GradTable(root, targets, build_grad(root, needed), create_graph)


def backward(root: Value) -> None:
    """micrograd's habit: differentiate with respect to everything and leave the results in ``.grad``.

    Inner nodes get their ``.grad`` set; leaves get it added to, until `zero_grad`.
    """
    if state.tracer is not None:
        state.tracer.refuse_leaving("call backward() on", root)
    order = ancestors(root)
    check_fresh(order)
    for node, gradient in build_grad(root, order).items():
        if node.inputs or node._grad is None:
            node._grad = gradient
        else:
            node._grad += gradient


def build_grad(
    root: Value, table: dict[Value, Any], create_graph: bool = False, arriving: Number = 1.0
) -> dict[Value, Any]:
    """Fill the grad_table: its keys are the nodes of G', inputs first, and its values None, "nothing has arrived".

    1.0 = dz/dz arrives at the root, or the gradient of what was computed from it elsewhere.
    A node that no path reaches gets no rule evaluation and ends as 0.0: nothing times infinity is nothing.
    """
    if root in table:
        table[root] = arriving
    for node, gradient in reversed(table.items()):
        inputs = node.inputs
        if gradient is None:
            table[node] = 0.0
        elif len(inputs) == 2 and not create_graph:  # the general case below, unrolled: here the time goes
            x, y = inputs
            try:
                to_x, to_y = node.op.bprop(
                    gradient, node._data, x if type(x) is float else x._data, y if type(y) is float else y._data
                )
            except (ArithmeticError, ValueError, TypeError):
                to_x, to_y = float_entries(node, gradient)
            if to_x is not None and type(x) is not float and x in table:
                so_far = table[x]
                table[x] = to_x if so_far is None else so_far + to_x
            if to_y is not None and type(y) is not float and y in table:
                so_far = table[y]
                table[y] = to_y if so_far is None else so_far + to_y
        elif inputs:
            entries = graph_entries(node, gradient) if create_graph else float_entries(node, gradient)
            for x, entry in zip(inputs, entries, strict=True):
                if entry is not None and type(x) is not float and x in table:
                    so_far = table[x]
                    table[x] = entry if so_far is None else so_far + entry
    return table


def float_entries(node: Value, gradient: float) -> Sequence[Entry]:
    """The entries of the rule of `node`, one per input, for the gradient that arrived: one evaluation, on floats."""
    data = [x if type(x) is float else x._data for x in node.inputs]
    try:
        return _checked(node, node.op.bprop(gradient, node._data, *data))
    except (ArithmeticError, ValueError):  # Python's floats refuse 1/0; Values inside rules follow IEEE
        fresh = [x if type(x) is float else Value(x._data) for x in node.inputs]
        with quiet():
            entries = _checked(node, node.op.bprop(Value(gradient), Value(node._data), *fresh))
        return [entry._data if isinstance(entry, Value) else entry for entry in entries]


def rates_of(node: Value) -> dict[Value, float]:
    """∂node/∂x for every Value x among a node's inputs; what several positions give is added up.

    An input to which nothing flows back, as on the side that `where` does not take, is not among them.

    >>> x, y = Value(3.0), Value(2.0)
    >>> rates_of(x * y)[x], rates_of(x * x)[x]
    (2.0, 6.0)
    """
    rates: dict[Value, float] = {}
    if any([isinstance(x, Value) for x in node.inputs]):
        for x, entry in zip(node.inputs, float_entries(node, 1.0), strict=True):
            if isinstance(x, Value) and entry is not None:
                rates[x] = rates.get(x, 0.0) + float(entry)
    return rates


def graph_entries(node: Value, gradient: Number) -> Sequence[Entry]:
    """The entries of the rule of `node` on Values, inside `quiet`: they are nodes of a graph."""
    return rule_entries(node, gradient) if state.tracer is None else state.tracer.entries(node, gradient)


def rule_entries(node: Value, gradient: Number) -> Sequence[Entry]:
    """One evaluation of the rule of `node` on Values."""
    try:
        return _checked(node, node.op.bprop(gradient, node, *node.inputs))
    except ArithmeticError:  # raised by two plain floats, as above
        return _checked(node, node.op.bprop(as_value(gradient), node, *node.inputs))


def _checked(node: Value, entries: Sequence[Entry]) -> Sequence[Entry]:
    if isinstance(entries, (tuple, list)) and len(entries) == len(node.inputs):
        return entries
    given = f"{len(entries)} entries" if isinstance(entries, (tuple, list)) else f"{entries!r:.40}"
    raise RuleError(
        f"the rule of op '{node.op}' returned {given} for {len(node.inputs)} inputs; it must return a tuple with one "
        "entry per input position, such as (g * y, g * x), with None where nothing flows back"
    )


setattr(Value, "backward", backward)  # noqa: B010  # where types are checked, Value has it already
