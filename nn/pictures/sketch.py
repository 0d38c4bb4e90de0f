"""The classic drawing of a network: circles in columns, and a line for every weight.

Lines are blue and solid where the weight is positive, orange and dashed where it is negative, and as wide as it is
large; grey and dotted where it is 0 or nan. The frame of a circle has the colour of its bias. Of a layer of many
neurons the first and the last are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..checks import shown
from ..errors import SettingTypeError
from .figures import figure_of, names_of_inputs

__all__ = ["sketch"]

LOOKS = (("#0072B2", "solid"), ("#D55E00", "dashed"), ("#777777", "dotted"))
MOST_SHOWN = 12
"""Neurons of a layer that are drawn; of more the first half and the last."""
WIDEST, FEW = 3.0, 20  # points, for so many lines; more of them are thinner
RADIUS, APART = 0.32, 3.0
LONGEST = 6  # letters in a circle
LONGEST_NAME = 24  # letters beside one, as in a diagram's box

Places = dict[int | None, tuple[float, float]]
"""Places of a layer's neurons on the drawing; None stands for those between."""


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
    nin = net.layers[0].nin
    names = [_cut(x, LONGEST_NAME) for x in names_of_inputs(inputs, nin)]
    sizes = [nin, *[len(layer.neurons) for layer in net.layers]]
    places = [_places(k, size) for k, size in enumerate(sizes)]
    highest = max(map(len, places))
    figure = figure_of(1.6 + 2.0 * len(net.layers), 0.8 + 0.62 * highest)
    axes = figure.add_subplot(aspect="equal")
    axes.axis("off")
    for layer, before, here in zip(net.layers, places, places[1:], strict=False):
        _add_weights(axes, layer, before, here)
    _add_column(axes, places[0], names, [0.0] * nin, beside=any([len(name) > LONGEST for name in names]))
    for layer, here in zip(net.layers, places[1:], strict=True):
        activations, biases = zip(*[(n.activation, n.b.data) for n in layer.neurons], strict=True)
        labels = [getattr(g, "label", None) or getattr(g, "__name__", "g") for g in activations]
        _add_column(axes, here, [_cut(label, LONGEST) for label in labels], biases)
    for k, size in enumerate(sizes):
        name = "inputs" if k == 0 else f"layer {k}"
        axes.text(APART * k, 0.5 * highest + 0.6, f"{name}\n{size}", ha="center", va="bottom", fontsize=9)
    axes.margins(0.05)
    return figure


def _places(layer: int, size: int) -> Places:
    """The places of a layer's neurons, from top to bottom, centred."""
    half = MOST_SHOWN // 2
    indices = range(size) if size <= MOST_SHOWN else [*range(half), None, *range(size - half + 1, size)]
    return {index: (APART * layer, 0.5 * (len(indices) - 1) - row) for row, index in enumerate(indices)}


def _add_weights(axes: Any, layer: Any, before: Places, here: Places) -> None:
    from matplotlib.collections import LineCollection

    largest = max(filter(math.isfinite, [abs(w.data) for neuron in layer.neurons for w in neuron.w]), default=0.0)
    widest = WIDEST * min(1.0, (FEW / (len(before) * len(here))) ** 0.5)
    bundles: dict[Any, tuple[list[Any], list[float]]] = {look: ([], []) for look in LOOKS}
    for j, to in here.items():
        for i, start in before.items():
            if i is not None and j is not None:
                weight = layer.neurons[j].w[i].data
                lines, widths = bundles[_look(weight)]
                lines.append([start, to])
                widths.append(0.2 + widest * min(1.0, abs(weight) / (largest or 1.0)))
    for (colour, style), (lines, widths) in bundles.items():
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=widths, linestyles=style, zorder=1))


def _look(weight: float) -> tuple[str, str]:
    """Colour and style of a line, or of a circle for its bias; 0 and nan have no sign."""
    return LOOKS[0 if weight > 0.0 else 1 if weight < 0.0 else 2]


def _add_column(axes: Any, places: Places, texts: Sequence[str], biases: Sequence[float], beside: bool = False) -> None:
    """A circle for each neuron, with its text inside or beside it."""
    from matplotlib.patches import Circle

    for index, (x, y) in places.items():
        if index is None:
            axes.text(x, y, "⋮", ha="center", va="center", fontsize=14)
            continue
        colour, style = _look(biases[index])
        look = {"edgecolor": colour, "linestyle": "dashed" if style == "dashed" else "solid"}
        axes.add_patch(Circle((x, y), RADIUS, facecolor="white", linewidth=1.5, zorder=2, **look))
        place = {"x": x - 1.3 * RADIUS, "ha": "right"} if beside else {"x": x, "ha": "center"}
        axes.text(y=y, s=texts[index], va="center", fontsize=7.5, zorder=3, parse_math=False, **place)


def _cut(text: object, longest: int) -> str:
    name = shown(text)
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
