"""The classic drawing of a network: circles in columns, and a line for every weight.

Lines are blue and solid where the weight is positive, orange and dashed where it is negative, and as wide as it is
large; grey and dotted where it is 0 or nan. The frame of a circle has the colour of its bias. Of a layer of many
neurons the first and the last are drawn.
"""

from __future__ import annotations

import math

from autograd_core.visible import visible

from ..errors import SettingError, SettingTypeError
from .figures import figure_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


__all__ = ["sketch"]

LOOKS = (("#0072B2", "solid"), ("#D55E00", "dashed"), ("#777777", "dotted"))
MOST_SHOWN = 12
"""Neurons of a layer that are drawn; of more the first half and the last."""
WIDEST, FEW = 3.0, 20  # points, for so many lines; more of them are thinner
RADIUS, APART = 0.32, 3.0
LONGEST = 6  # letters in a circle
LONGEST_NAME = 24  # letters beside one, as in a diagram's box


def sketch(net: Any, inputs: Sequence[str] | None = None) -> Any:
    """A matplotlib figure of the network's layers, its weights as lines.

    inputs: what the inputs are called; by default x1, x2, ....

    >>> from nn import MLP
    >>> len(sketch(MLP(2, [3, 1], seed=1)).axes)
    1

    Raises `MissingPackageError` without matplotlib, `SettingError` for another number of names, `SettingTypeError` (a
    TypeError) for what is no list of names.
    """
    if not hasattr(net, "layers"):
        raise SettingTypeError(f"sketch takes an MLP, got {net!r:.60} of type {type(net).__name__}")
    if inputs is not None and not (isinstance(inputs, (list, tuple)) and all([isinstance(x, str) for x in inputs])):
        raise SettingTypeError(f"inputs must be a list of names, got {inputs!r:.60} of type {type(inputs).__name__}")
    if inputs is not None and len(inputs) != net.layers[0].nin:
        raise SettingError(f"the network has {net.layers[0].nin} inputs, {len(inputs)} names for them were given")
    sizes = [net.layers[0].nin, *[len(layer.neurons) for layer in net.layers]]
    shown = [_shown(size) for size in sizes]
    figure = figure_of(1.6 + 2.0 * len(net.layers), 0.8 + 0.62 * max(map(len, shown)))
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    axes.axis("off")
    places = [_places(k, indices) for k, indices in enumerate(shown)]
    inputs = [f"x{i}" for i in range(1, sizes[0] + 1)] if inputs is None else [_cut(x, LONGEST_NAME) for x in inputs]
    _add_weights(axes, net, places)
    _add_neurons(axes, net, places, inputs)
    for k, size in enumerate(sizes):
        name = "inputs" if k == 0 else f"layer {k}"
        axes.text(APART * k, 0.5 * max(map(len, shown)) + 0.6, f"{name}\n{size}", ha="center", va="bottom", fontsize=9)
    axes.margins(0.05)
    return figure


def _shown(size: int) -> list[int | None]:
    """Which neurons of a layer are drawn; None stands for those between."""
    if size <= MOST_SHOWN:
        return list(range(size))
    half = MOST_SHOWN // 2
    return [*range(half), None, *range(size - half + 1, size)]


def _places(layer: int, indices: Sequence[int | None]) -> dict[int | None, tuple[float, float]]:
    """Where they are: from top to bottom, centred."""
    top = 0.5 * (len(indices) - 1)
    return {index: (APART * layer, top - row) for row, index in enumerate(indices)}


def _add_weights(axes: Any, net: Any, places: Sequence[dict[int | None, tuple[float, float]]]) -> None:
    from matplotlib.collections import LineCollection

    for k, layer in enumerate(net.layers):
        sizes = [abs(w.data) for neuron in layer.neurons for w in neuron.w]
        largest = max(filter(math.isfinite, sizes), default=0.0) or 1.0
        widest = WIDEST * min(1.0, (FEW / (len(places[k]) * len(places[k + 1]))) ** 0.5)
        bundles: dict[Any, tuple[list[Any], list[float]]] = {look: ([], []) for look in LOOKS}
        for j, to in places[k + 1].items():
            for i, start in places[k].items():
                if i is not None and j is not None:
                    weight = layer.neurons[j].w[i].data
                    lines, widths = bundles[_look(weight)]
                    lines.append([start, to])
                    widths.append(0.2 + widest * min(1.0, abs(weight) / largest))
        for (colour, style), (lines, widths) in bundles.items():
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=widths, linestyles=style, zorder=1))


def _look(weight: float) -> tuple[str, str]:
    """Colour and style of a line, or of a circle for its bias; 0 and nan have no sign."""
    return LOOKS[0 if weight > 0.0 else 1 if weight < 0.0 else 2]


def _add_neurons(
    axes: Any, net: Any, places: Sequence[dict[int | None, tuple[float, float]]], inputs: Sequence[str]
) -> None:
    from matplotlib.patches import Circle

    has_long = any([len(name) > LONGEST for name in inputs])
    for k, column in enumerate(places):
        for index, (x, y) in column.items():
            if index is None:
                axes.text(x, y, "⋮", ha="center", va="center", fontsize=14)
                continue
            bias = net.layers[k - 1].neurons[index].b.data if k else 0.0
            colour, style = _look(bias)
            look = {"edgecolor": colour, "linestyle": "dashed" if style == "dashed" else "solid"}
            circle = Circle((x, y), RADIUS, facecolor="white", linewidth=1.5, zorder=2, **look)
            axes.add_patch(circle)
            text = inputs[index] if k == 0 else _label(net.layers[k - 1].neurons[index].activation)
            place = {"x": x - 1.3 * RADIUS, "ha": "right"} if k == 0 and has_long else {"x": x, "ha": "center"}
            axes.text(y=y, s=text, va="center", fontsize=7.5, zorder=3, parse_math=False, **place)


def _label(activation: Any) -> str:
    """A few letters for an activation."""
    return _cut(getattr(activation, "label", None) or getattr(activation, "__name__", "g"), LONGEST)


def _cut(text: object, longest: int) -> str:
    shown = visible(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
