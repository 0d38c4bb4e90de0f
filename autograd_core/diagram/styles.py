"""Styles: the texts and looks of boxes and edges, by which a picture says more about a graph than its structure.

    values        name, data and gradient in every box
    derivatives   the same, and on every edge the derivative of the value behind it by the one in front
    flow          edges as wide as the gradient that came back through them; blue if it was positive, orange and
                  dashed if it was negative, dotted if it is nan; a bundle as its largest, grey if the signs differ
    pruned        what the gradient of the targets did not need (outside G') is faint
    circuit       ops as circles; on every wire the value above and the gradient below, as lectures draw it

A style reads numbers and decides on attributes; which boxes and edges there are is the business of
`autograd_core.diagram.dot`.
"""

from __future__ import annotations

import math

from ..backprop import float_entries
from ..errors import DiagramError
from ..graph import check_fresh
from ..value import Value, data_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from .themes import Theme

    Wire: TypeAlias = tuple[Value, Value, int]
    """An input, its consumer, and the input's position there."""

__all__ = ["LETTERS", "STYLES", "Style", "gradient_of", "padded", "shown", "style_of"]

NOT_COMPUTED = "–"


class Style:
    """The style "values", and the base of all others, a user's too: ``draw(z, style=MyStyle)``.

    >>> from autograd_core import Value, draw
    >>> class Named(Style):
    ...     def lines(self, node):
    ...         return []
    >>> x = Value(2.0, name="x")
    >>> "label=x " in draw(x * x, style=Named).source      # and no numbers below the name
    True
    """

    has_value_boxes = True

    def __init__(self, order: Iterable[Value], gradients: Mapping[Value, Any] | None, theme: Theme) -> None:
        self.gradients, self.theme = gradients, theme
        self.prepare(list(order))

    def prepare(self, order: list[Value]) -> None:
        """Look at the whole graph once."""

    def gradient(self, node: Value) -> Any:
        """The gradient to show for a value; None if it was not computed."""
        return gradient_of(node, self.gradients)

    def lines(self, node: Value) -> list[str]:
        """The lines in a box below the name."""
        return [f"data {shown(node.data)}", f"grad {shown(self.gradient(node))}"]

    def is_faint(self, node: Value) -> bool:
        """Whether a value, its op and its constants are to step back."""
        return False

    def warnings(self, order: Iterable[Value]) -> list[str]:
        """Texts below the picture, about what it lacks to say something."""
        return []

    def end(self, root: Value) -> dict[str, str] | None:
        """Attributes of an edge that leaves a root, where there is one."""
        return None

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        """Attributes of the edge from an input to the op that uses it at that position."""
        return {}

    def bundle(self, wires: Sequence[Wire]) -> dict[str, str]:
        """Attributes of the one edge that stands for several wires, to or from a folded cluster."""
        return {}

    def about(self, nodes: Sequence[Value]) -> list[str]:
        """Further lines in the box of a folded cluster, about its values."""
        return []


class Derivatives(Style):
    """The style "derivatives": ∂consumer/∂x on every edge."""

    def prepare(self, order: list[Value]) -> None:
        check_fresh(order)
        self._entries = {node: float_entries(node, 1.0) for node in order if node.inputs}

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        rate = data_of(self._entries[consumer][position] or 0.0)
        return {**LETTERS, "label": shown(rate), "fontcolor": self.theme.backward}


class Flow(Style):
    """The style "flow": what came back through every edge, the consumer's gradient times ∂consumer/∂x."""

    def prepare(self, order: list[Value]) -> None:
        check_fresh(order)
        self._sent: dict[Value, Sequence[Any]] = {}
        reached: set[Value] = set()
        for node in reversed(order):
            gradient = self.gradient(node)
            arrived = 0.0 if gradient is None else data_of(gradient)
            if node.inputs and (arrived or node in reached):  # where nothing arrived nothing is sent, even at rate inf
                self._sent[node] = float_entries(node, arrived)
                reached |= {x for x, entry in zip(node.inputs, self._sent[node], strict=True) if entry is not None}
        amounts = [self.amount(node, k) for node in self._sent for k in range(len(node.inputs))]
        sizes = [abs(amount) for amount in amounts if amount is not None and math.isfinite(amount)]
        self._largest = max(sizes, default=0.0) or 1.0

    def amount(self, consumer: Value, position: int) -> float | None:
        """The amount that came back through an edge; None if the gradient at one of its ends was not computed."""
        x = consumer.inputs[position]
        if not isinstance(x, Value) or self.gradient(consumer) is None or self.gradient(x) is None:
            return None
        return data_of(self._sent[consumer][position] or 0.0) if consumer in self._sent else 0.0

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        amount = self.amount(consumer, position)
        if amount is None:
            return self._nothing()
        return {**LETTERS, **self._line(amount), "label": _beside(shown(amount), self._width(amount))}

    def bundle(self, wires: Sequence[Wire]) -> dict[str, str]:
        amounts = [amount for _, node, k in wires if (amount := self.amount(node, k)) is not None]
        if not amounts:
            return self._nothing()
        look = self._line(max(amounts, key=self._width))
        is_mixed = min(amounts) < 0.0 < max(amounts)
        return {"color": self.theme.line, "penwidth": look["penwidth"]} if is_mixed else look

    def _nothing(self) -> dict[str, str]:
        return {"color": self.theme.faint, "style": "dotted"}

    def _width(self, amount: float) -> float:
        """The width of an edge in points, from 0.5 to 6."""
        return 0.5 + 5.5 * (min(abs(amount) / self._largest, 1.0) if math.isfinite(amount) else 1.0)

    def _line(self, amount: float) -> dict[str, str]:
        width = {"penwidth": f"{self._width(amount):.3g}"}
        if math.isnan(amount):
            return {"color": self.theme.ink, "style": "dotted", **width}
        is_small = abs(amount) < NEGLIGIBLE * self._largest
        colour = self.theme.faint if is_small else self.theme.negative if amount < 0.0 else self.theme.positive
        return {"color": colour, **({"style": "dashed"} if amount < 0.0 else {}), **width}

    def warnings(self, order: Iterable[Value]) -> list[str]:
        return _without_gradients(self, order)


class Pruned(Style):
    """The style "pruned": nodes and edges outside G' are faint."""

    def warnings(self, order: Iterable[Value]) -> list[str]:
        return _without_gradients(self, order)

    def is_faint(self, node: Value) -> bool:
        return self.gradient(node) is None

    def about(self, nodes: Sequence[Value]) -> list[str]:
        count = sum(map(self.is_faint, nodes))
        return [f"{count:,} of them outside G'"] if 0 < count < len(nodes) else []

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        is_needed = not (self.is_faint(x) or self.is_faint(consumer))
        return {"penwidth": "1.8"} if is_needed else {"color": self.theme.faint, "style": "dotted"}

    def bundle(self, wires: Sequence[Wire]) -> dict[str, str]:
        looks = [self.wire(*wire) for wire in wires]
        return next((look for look in looks if "penwidth" in look), looks[0])


class Circuit(Flow):
    """The style "circuit": ops and leaves, and on every wire the value that goes forward above what comes back."""

    has_value_boxes = False

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        return {**LETTERS, "label": self._both(x.data, self.amount(consumer, position))}

    def bundle(self, wires: Sequence[Wire]) -> dict[str, str]:
        return {}

    def end(self, root: Value) -> dict[str, str]:
        """Attributes of the edge that leaves a root."""
        return {**LETTERS, "label": self._both(root.data, self.gradient(root))}

    def _both(self, data: float, gradient: Any) -> str:
        forward = f'<font color="{self.theme.forward}">{shown(data)}</font>'
        return f'<{forward}<br/><font color="{self.theme.backward}">{shown(gradient)}</font>>'


def _without_gradients(style: Style, order: Iterable[Value]) -> list[str]:
    has_some = any([style.gradient(node) is not None for node in order])
    return [] if has_some else ["there are no gradients yet: run z.backward(), or draw backprop(z, targets)"]


def _beside(text: str, width: float) -> str:
    """The label of a line of that width, with room: Graphviz puts it where only a thin line would not touch it."""
    room = round(width / 2.0)
    return padded(text, room) if room else text


def padded(text: str, room: int) -> str:
    """A label with `room` points around it."""
    return f'<<table border="0" cellspacing="0" cellpadding="{room}"><tr><td>{text}</td></tr></table>>'


LETTERS = {"fontname": "Helvetica", "fontsize": "10"}
NEGLIGIBLE = 1e-3  # of the largest amount; less is drawn faint

STYLES: dict[str, type[Style]] = {
    "values": Style,
    "derivatives": Derivatives,
    "flow": Flow,
    "pruned": Pruned,
    "circuit": Circuit,
}


def style_of(style: object) -> type[Style]:
    """The style of that name, or a class of one's own; raises `DiagramError` for anything else."""
    if isinstance(style, type) and issubclass(style, Style):
        return style
    try:
        return STYLES[style]  # type: ignore[index]  # if it is no name there is none
    except (KeyError, TypeError):
        raise DiagramError(
            f"there is no style {style!r:.40}; choose one of {', '.join(map(repr, STYLES))}, or give a subclass of "
            "autograd_core.diagram.Style"
        ) from None


def gradient_of(node: Value, gradients: Mapping[Value, Any] | None) -> Any:
    """The gradient in a table if one is shown, else what `backward` left; None if it was not computed."""
    if gradients is not None:
        return gradients.get(node)
    return node.grad if node.has_grad else None


def shown(number: Any) -> str:
    """A number in a picture, zero without a sign; a dash, never 0, for one that was not computed."""
    return NOT_COMPUTED if number is None else format(number or 0.0, ".4g")
