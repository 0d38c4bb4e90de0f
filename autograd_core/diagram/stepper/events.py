"""The events of the stepper, one after the other: the forward pass, then build_grad as book and lecture write it.

Goodfellow, Bengio and Courville, *Deep Learning* (2016), algorithms 6.5 and 6.6, in the recursive form of L. S.
Brunschier's seminar summary; where that says "sum or average", only the sum is the derivative. The engine itself
(`autograd_core.backprop`) goes through the same graph without recursion and comes to the same numbers.
"""

from __future__ import annotations

from typing import NamedTuple

from ...backprop import rates_of
from ...graph import ancestors, consumers, descendants
from ...value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["CODE", "Event", "events"]

CODE = """\
for v in G: v.data = op(inputs(v))

grad_table[z] = 1
for v in T:
    build_grad(v)

def build_grad(v):
    if v in grad_table: return grad_table[v]
    g = 0
    for c in consumers(v):
        d = build_grad(c)
        g = g + d * bprop(c, v)
    grad_table[v] = g
    return g"""
FORWARD, START, CALL, KNOWN, ZERO, CONSUMER, RECURSE, ADD, STORE = 0, 2, 4, 7, 8, 9, 10, 11, 12
"""The lines of `CODE` at which something happens, counted from 0."""


class Event(NamedTuple):
    """One step: the ``line`` of the code, the node v, the consumer c, and the numbers that it is about.

    FORWARD computes v. ADD adds ``arriving`` times ``rate`` and comes to the sum ``g``; no rate, if nothing flows back
    from c to v, as through relu(-1). START and STORE enter ``g`` into the table.
    """

    line: int
    v: Value
    c: Value | None = None
    arriving: float = 0.0
    rate: float | None = 0.0
    g: float = 0.0


def events(z: Value, targets: Sequence[Value]) -> Iterator[Event]:
    """The steps of both passes, without recursion, however deep the graph is."""
    order = ancestors(z)
    for node in order:
        if node.inputs:
            yield Event(FORWARD, node)
    between = descendants(targets, order)
    users = {node: list(dict.fromkeys(uses)) for node, uses in consumers(between).items()}
    rates = {node: rates_of(node) for node in between}
    table, reached = {z: 1.0}, {z}  # nothing has arrived anywhere else, and nothing times infinity is nothing
    yield Event(START, z, g=1.0)
    for target in targets:
        yield Event(CALL, target)
        calls = [_Call(target)]
        while calls:
            call = calls[-1]
            v, pending = call.v, users.get(call.v, [])
            if not call.is_begun:
                call.is_begun = True
                if v in table:
                    yield Event(KNOWN, v, g=table[v])
                    calls.pop()
                    continue
                yield Event(ZERO, v)
            elif call.done:
                c = pending[call.done - 1]
                rate = rates[c].get(v) if c in reached else None
                if rate is not None:
                    call.g += table[c] * rate
                    reached.add(v)
                yield Event(ADD, v, c, table[c], rate, call.g)
            if call.done == len(pending):
                table[v] = call.g
                yield Event(STORE, v, g=call.g)
                calls.pop()
                continue
            c = pending[call.done]
            call.done += 1
            yield Event(CONSUMER, v, c, g=call.g)
            yield Event(RECURSE, v, c, g=call.g)
            calls.append(_Call(c))


class _Call:
    """A call of build_grad that has not returned: its g so far, and how many consumers have been asked."""

    def __init__(self, v: Value) -> None:
        self.v, self.g, self.done, self.is_begun = v, 0.0, 0, False
