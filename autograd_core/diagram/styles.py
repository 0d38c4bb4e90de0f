"""Styles: the texts and looks of boxes and edges, by which a picture says more about a graph than its structure.

A style reads numbers and decides on attributes; which boxes and edges there are is the business of
`autograd_core.diagram.dot`.
"""

from __future__ import annotations

import math
from copy import copy

from ..backprop import float_entries
from ..errors import DiagramError
from ..graph import check_fresh
from ..settings import one_of
from ..value import Value, data_of
from .texts import padded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from .themes import Theme

    Wire: TypeAlias = tuple[Value, Value, int]
    """An input, its consumer, and the input's position there."""

__all__ = ["STYLES", "Style", "bound", "gradient_of", "shown", "style_of"]

NOT_COMPUTED = "–"


class Style:
    """The style "values", and the base of all others, a user's too: ``draw(z, style=MyStyle)``.

    Texts are shown as they are, lines of more than 60 letters cut off. Attributes are Graphviz's, and all of them
    texts. They override the picture's own, except those of a root, of a marked path and of what is faint.

    >>> from autograd_core import Value, draw
    >>> from autograd_core.diagram import Style
    >>> class Named(Style):
    ...     def lines(self, node):
    ...         return []
    >>> x = Value(2.0, name="x")
    >>> "label=x " in draw(x * x, style=Named).source      # and no numbers below the name
    True

    Settings are those of the class: ``draw(z, style=MyStyle(digits=3))`` after ``def __init__(self, digits)``. A
    picture is drawn by a copy, which has its ``theme`` and can answer `gradient` and `name`.

    A method that returns what it should not is a `DiagramError`, which says so.
    """

    has_value_boxes = True
    """Whether computed values have boxes; if not, edges lead from op to op, and an op's tooltip has the numbers."""

    gradients: Mapping[Value, Any] | None
    theme: Theme
    _names: Mapping[Value, str]

    def prepare(self, order: list[Value]) -> None:
        """Look at the whole graph once, inputs before their consumers."""

    def name(self, node: Value) -> str:
        """The name by which a value is drawn, "v1" for one without a name of its own."""
        return self._names[node]

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
        """What the picture lacks to say something; the first text stands below it."""
        return []

    def box(self, node: Value) -> dict[str, str]:
        """Attributes of a value's box; a "label" replaces its name and lines."""
        return {}

    def op(self, node: Value) -> dict[str, str]:
        """Attributes of the op that computes a value, as {"shape": "box", "label": f"{node.op.label} {node.data}"}."""
        return {}

    def constant(self, consumer: Value, position: int) -> dict[str, str]:
        """Attributes of the box of a constant: the input at that position of an op, the first if many are one box."""
        return {}

    def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
        """Attributes of the edge from an input to the op that uses it at that position.

        A label that begins with "<" and ends with ">" is one of Graphviz's HTML-like ones, here and everywhere.
        """
        return {}

    def end(self, root: Value) -> dict[str, str] | None:
        """Attributes of an arrow that leaves a root and leads to its name, {} for a plain one; None for no arrow."""
        return None

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
        return {"label": shown(rate), "fontcolor": self.theme.backward}


class Flow(Style):
    """The style "flow": what came back through every edge, the consumer's gradient times ∂consumer/∂x.

    Edges are as wide as it was large: blue if it was positive, orange and dashed if it was negative, dotted if it is
    nan. A bundle is as wide as its largest, grey if the signs differ.
    """

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
        return {**self._line(amount), "label": _beside(shown(amount), self._width(amount))}

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
        return {"label": self._both(x.data, self.amount(consumer, position))}

    def bundle(self, wires: Sequence[Wire]) -> dict[str, str]:
        return {}

    def end(self, root: Value) -> dict[str, str]:
        """Attributes of the edge that leaves a root."""
        return {"label": self._both(root.data, self.gradient(root))}

    def _both(self, data: float, gradient: Any) -> str:
        forward = f'<font color="{self.theme.forward}">{shown(data)}</font>'
        return padded(f'{forward}<br/><font color="{self.theme.backward}">{shown(gradient)}</font>', 0)


def _without_gradients(style: Style, order: Iterable[Value]) -> list[str]:
    has_some = any([style.gradient(node) is not None for node in order])
    return [] if has_some else ["there are no gradients yet: run z.backward(), or draw backprop(z, targets)"]


def _beside(text: str, width: float) -> str:
    """The label of a line of that width, with room: Graphviz puts it where only a thin line would not touch it."""
    room = round(width / 2.0)
    return padded(text, room) if room else text


NEGLIGIBLE = 1e-3  # of the largest amount; less is drawn faint

STYLES: dict[str, type[Style]] = {
    "values": Style,
    "derivatives": Derivatives,
    "flow": Flow,
    "pruned": Pruned,
    "circuit": Circuit,
}


def style_of(style: object) -> Style:
    """The style of that name, or one of one's own, a class or an object; raises `DiagramError` for anything else."""
    if isinstance(style, Style):
        _check_names(style)
        return style
    if not isinstance(style, type):
        return STYLES[one_of("style", style, STYLES, "an autograd_core.diagram.Style of your own, as style=MyStyle")]()
    if not issubclass(style, Style):
        raise DiagramError(
            f"{style.__name__} is no subclass of autograd_core.diagram.Style: write class {style.__name__}(Style)"
        )
    from inspect import signature

    try:
        signature(style).bind()
    except TypeError as error:
        raise DiagramError(f"{style.__name__} has settings, give style={style.__name__}(...): {error}") from None
    return style_of(style())


def _check_names(style: Style) -> None:
    """Refuse misprints of `Style`'s names, which would never be asked, and settings that are called as methods."""
    from inspect import getattr_static

    from ..synonyms import close

    public = {name: callable(x) for name, x in vars(Style).items() if name[:1] != "_"}
    for name in [name for name in dir(style) if name[:1] != "_"]:
        x = getattr_static(style, name)
        is_method = callable(getattr(x, "__func__", x))
        similar = close(name, public, 0.8)
        if similar == name and public[name] and not is_method:
            raise DiagramError(f"{type(style).__name__}.{name} must be a method, got {x!r:.40}; rename a setting")
        if similar and name not in public and is_method == public[similar]:
            raise DiagramError(
                f"{type(style).__name__}.{name} is no name of a Style, did you mean {similar!r}? If it is your own, "
                "begin it with an underscore"
            )


def bound(
    style: Style,
    order: Iterable[Value],
    gradients: Mapping[Value, Any] | None,
    theme: Theme,
    names: Mapping[Value, str],
) -> Style:
    """A copy of the style that knows the graph of a picture: one style may draw many."""
    copied = copy(style)
    vars(copied).update(gradients=gradients, theme=theme, _names=names)
    copied.prepare(list(order))
    return copied


def gradient_of(node: Value, gradients: Mapping[Value, Any] | None) -> Any:
    """The gradient in a table if one is shown, else what `backward` left; None if it was not computed."""
    if gradients is not None:
        return gradients.get(node)
    return node.grad if node.has_grad else None


def shown(number: Any) -> str:
    """A number in a picture, zero without a sign; a dash, never 0, for one that was not computed."""
    return NOT_COMPUTED if number is None else format(number or 0.0, ".4g")
