"""The explanation of a gradient: which consumers sent how much of it, and why they had that to send.

The gradient of x is Σ G·∂c/∂x over its consumers c in G', G being the gradient of c: each summand is what one
consumer contributed. `explain` shows the summands, and for each consumer where its own G comes from.
"""

from __future__ import annotations

import math

from .backprop import GradTable, rates_of
from .diagram import Diagram, draw
from .errors import NoGradientError, NumberError
from .forms import Pictured
from .graph import ancestors, blocking, check_fresh, consumers, descendants, reached
from .names import names_of, old_numbers
from .paths import as_product, blocked_by
from .value import Value, data_of, describe, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Contribution", "Explanation", "explain"]

MOST_LINES = 100  # of the tree; `explain` of a consumer goes on from there
LEAST_SHARE = 0.001  # of all that arrived; what is smaller is not followed further


class Contribution:
    """The contribution of one consumer: ``amount`` = its own ``gradient`` times the ``rate`` ∂consumer/∂node.

    ``share`` is the amount over the sum of the magnitudes of all that arrived at the node: shares have signs, and their
    magnitudes add up to 1, also where positive and negative contributions cancel. Beside an infinite amount no other
    has a share, and beside NaN nothing else has.
    """

    def __init__(self, consumer: Value, gradient: float, rate: float, share: float) -> None:
        self.consumer, self.gradient, self.rate, self.share = consumer, gradient, rate, share
        self.amount = gradient * rate

    def text(self, consumer: str) -> str:
        """The contribution in one line, with the consumer's name."""
        amount, factors = f"{self.amount:.4g}", [f"{self.gradient:.4g}", f"{self.rate:.4g}"]
        return f"{self.share:+.1%}  {as_product(amount, factors)}  from {consumer}"

    def __repr__(self) -> str:
        return self.text(describe(self.consumer))


def _shares(amounts: Sequence[float]) -> list[float]:
    """The amounts, each over the sum of all magnitudes."""
    if any(map(math.isnan, amounts)):
        amounts = [float(math.isnan(amount)) for amount in amounts]
    elif any(map(math.isinf, amounts)):
        amounts = [math.copysign(1.0, amount) if math.isinf(amount) else 0.0 * amount for amount in amounts]
    total = sum(map(abs, amounts))
    return [amount / total if total else 0.0 for amount in amounts]


class Explanation(Pictured):
    """The origin of the gradient of ``node``; prints as a tree, shows itself as a coloured graph in a notebook."""

    def __init__(self, table: GradTable, node: Value) -> None:
        self.table, self.node = table, node
        order = ancestors(table.root)
        check_fresh(order)
        self.order = descendants([node], order) if node in order else {}
        users = consumers(self.order)
        self._consumers = {x: list(dict.fromkeys(users[x])) for x in self.order}
        self._rates = {c: rates_of(c) for c in self.order if c is not node}
        self._reached = reached(table.root, node, self.order, self._rates)  # nothing times infinity is nothing

    @property
    def gradient(self) -> float:
        """The gradient that is explained."""
        return data_of(self.table.entries.get(self.node) or 0.0)

    def contributions(self, node: Value | None = None) -> list[Contribution]:
        """The contributions of a node's consumers, the largest first; by default of the node that is explained.

        Empty for the root: its gradient is 1 by definition.

        Raises `NoGradientError` (a KeyError) for a node that is not between the one that is explained and the root.
        """
        node = self.node if node is None else node
        if node is not self.node and not (isinstance(node, Value) and node in self.order):
            given = describe(node) if isinstance(node, Value) else repr(node)
            raise NoGradientError(
                f"{given:.60} is not between {describe(self.node)} and the root; explain(table, node) explains others"
            )
        sent = [
            (consumer, data_of(self.table.entries[consumer]), self._rates[consumer][node])
            for consumer in self._consumers.get(node, [])
            if consumer in self._reached and node in self._rates[consumer]
        ]
        shares = _shares([gradient * rate for _, gradient, rate in sent])
        parts = [Contribution(*one, share) for one, share in zip(sent, shares, strict=True)]
        return sorted(parts, key=lambda part: (-abs(part.share), -abs(part.amount)))

    def diagram(self) -> Diagram:
        """The graph between the node and the root, edges as wide and dark as what they carried."""
        return draw(self.table, style="flow", only=self.order or [self.node])

    def _picture(self) -> Diagram:
        return self.diagram()

    def __repr__(self) -> str:
        above = ancestors(self.table.root)
        names = names_of(above | dict.fromkeys([*self.table.targets, self.node]), self.table.root)
        return "\n".join([*self._lines(names), *old_numbers(above, names)])

    def _lines(self, names: dict[Value, str]) -> list[str]:
        if not self.order:
            return [f"{names[self.table.root]} does not depend on {names[self.node]}: the gradient is 0"]
        lines = [f"{names[self.node]}  gradient {self.gradient:.6g}"]
        if self.node not in self._reached:
            return [f"{lines[0]}: {blocked_by(names, blocking(self.order, self._reached, self._rates))}"]
        seen: set[Value] = set()
        todo = [(part, "", k == 0) for k, part in enumerate(reversed(self.contributions()))]
        while todo:
            part, front, is_last = todo.pop()
            if len(lines) > MOST_LINES:
                lines.append("... and more; explain(table, node) of a consumer goes on from there")
                break
            again = part.consumer in seen
            text = part.text(f"{names[part.consumer]}  {part.consumer.op.label}")
            lines.append(f"{front}{'└─' if is_last else '├─'} {text}{'  ↑' if again else ''}")
            if again or abs(part.share) < LEAST_SHARE:
                continue
            seen.add(part.consumer)
            below = front + ("   " if is_last else "│  ")
            todo += [(p, below, k == 0) for k, p in enumerate(reversed(self.contributions(part.consumer)))]
        return lines


def explain(table: GradTable, x: Value) -> Explanation:
    """The explanation of the gradient of `x` in a grad_table: what its consumers contributed, and why they had that.

    >>> from autograd_core import Value, backprop
    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> explain(backprop(x * y - 4 * x, [x]), x)
    x  gradient -1
    ├─ -57.1%  -4 = -1 · 4  from v2  ×
    │  └─ -100.0%  -1 = 1 · -1  from z  −
    └─ +42.9%  3 = 1 · 3  from v1  ×
       └─ +100.0%  1 = 1 · 1  from z  −  ↑

    Raises `NumberError` (a TypeError) for anything else, `NoGradientError` (a KeyError) for a node whose gradient the
    table does not have, though its root depends on it, `StaleGraphError` after a leaf has changed.
    """
    x = element_of(x)
    if not isinstance(table, GradTable) or not isinstance(x, Value):
        raise NumberError(f"explain takes a GradTable and a Value, got {table!r:.60} and {x!r:.60}")
    found = Explanation(table, x)
    if found.order and x not in table.entries:
        table[x]  # says what to do
    return found
