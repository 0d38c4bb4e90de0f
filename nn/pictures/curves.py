"""Figures of networks and of training, by matplotlib, which is loaded when one is asked for.

They are plain `matplotlib.figure.Figure` objects: no window opens and no global state is touched.
"""

# ruff: noqa: N803  # X is what scikit-learn's users call it

from __future__ import annotations

from contextlib import suppress

import numpy as np

from ..data.samples import as_samples
from ..errors import LabelError, StructureError
from ..metrics import decided, errors_of
from ..training.history import learning_curve
from ..training.steps import Mapped
from .figures import BLUE, GREY, RED, as_svg, figure_of, saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..network.layers import MLP, Module

__all__ = ["as_svg", "curve_fit", "decision_boundary", "figure_of", "grid_of_scores", "learning_curve", "saved"]

MARKERS = "os^Dv"  # of classes, which are told apart without colour, too


def curve_fit(net: MLP, X: Any, y: Any) -> Any:
    """What a network with one input and one output has learned: data and fitted curve; beside them the activation
    curves of its hidden neurons, which the last layer combines.

    >>> from nn import MLP, sine
    >>> figure = curve_fit(MLP(1, [3, 1], "sigmoid", seed=1), *sine())
    >>> len(figure.axes)
    2

    Raises `StructureError` for networks of another shape, and what `nn.fit` raises about data.
    """
    samples = as_samples(X, y)
    data = samples.rows[:, 0]
    xs = np.linspace(data.min(), data.max(), 300).tolist()
    if net.layers[0].nin != 1 or len(net.layers) < 2 or len(net.layers[-1].neurons) != 1:
        raise StructureError(f"a curve needs a network with one input, hidden neurons and one output, got {net!r}")
    figure = figure_of(9.0, 3.6)
    axes = figure.add_subplot(1, 2, 1)
    axes.plot(data, samples.targets, "o", color=GREY, markersize=3, label="data")
    axes.plot(xs, [net([x]).data for x in xs], color=RED, label="network")
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    axes.legend(frameon=False)
    hidden = figure.add_subplot(1, 2, 2)
    curves = [_hidden_outputs(net, x) for x in xs]
    for k in range(len(curves[0])):
        hidden.plot(xs, [curve[k] for curve in curves], label=f"neuron {k + 1}")
    hidden.set_xlabel("x")
    hidden.set_ylabel("activation of the last hidden layer")
    if len(curves[0]) <= 8:
        hidden.legend(frameon=False)
    return figure


def decision_boundary(net: Module, X: Any, y: Any) -> Any:
    """Where a network with two inputs decides for which class: its regions, and the samples.

    >>> from nn import MLP, moons
    >>> figure = decision_boundary(MLP(2, [4, 1], seed=1), *moons())

    Raises `StructureError` for samples that have not two numbers, and what `nn.fit` raises about data.
    """
    samples = as_samples(X, y)
    from matplotlib import colormaps

    first, second, scores = grid_of_scores(net, samples.rows, samples.targets)
    if scores.dtype.kind == "f":
        with suppress(LabelError):  # targets that are no classes have no boundary but that of signs
            outputs = Mapped(lambda x, _: net(x), compiles=True)(samples)
            plain, squashed = errors_of(outputs, samples.targets)
            output = net(samples.rows[0].tolist())
            scores = scores - decided(output, samples.targets, lambda _: squashed < plain).threshold
    figure = figure_of(5.0, 4.2)
    axes = figure.add_subplot()
    axes.contourf(first, second, scores, levels=_levels(scores), cmap="RdYlBu", alpha=0.5)
    classes = np.array([t.index(max(t)) if isinstance(t, list) else t for t in samples.targets])
    kinds = np.unique(classes)
    for k, kind in enumerate(kinds):
        rows = samples.rows[classes == kind]
        look = {"marker": MARKERS[k % len(MARKERS)], "s": 18, "edgecolors": "black", "linewidths": 0.4}
        axes.scatter(*rows.T, color=colormaps["RdYlBu"](k / max(1, len(kinds) - 1)), label=f"y = {kind:g}", **look)
    axes.legend(frameon=True)
    axes.set_xlabel("x1")
    axes.set_ylabel("x2")
    return figure


def grid_of_scores(net: Module, X: Any, y: Any, points: int = 120) -> tuple[Any, Any, Any]:
    """The network on a grid around the samples: x1 along the grid, x2 along it, and rows of scores.

    With one output the score is that, and its sign decides; with several it is the class of the largest.

    Raises `StructureError` for samples that have not two numbers.
    """
    rows = as_samples(X, y).rows
    if rows.shape[1] != 2:
        raise StructureError(f"a boundary in the plane needs samples of two numbers, got {rows.shape[1]}")
    margin = 0.1 * (rows.max(axis=0) - rows.min(axis=0)) + 1e-9
    first, second = np.linspace(rows.min(axis=0) - margin, rows.max(axis=0) + margin, points).T
    grid = as_samples([[a, b] for b in second for a in first], [0] * points**2)
    outputs = np.array(Mapped(lambda x, _: net(x), compiles=True)(grid)).reshape(points * points, -1)
    scores = outputs[:, 0] if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    return first, second, scores.reshape(points, points)


def _hidden_outputs(net: MLP, x: float) -> Sequence[float]:
    a: Any = [x]
    for layer in net.layers[:-1]:
        a = layer.activate(layer.z(a))
    return [value.data for value in a]


def _levels(scores: Any) -> list[float]:
    """Where colours change: at 0 for scores, between whole numbers for classes."""
    low, high = float(scores.min()), float(scores.max())
    if scores.dtype.kind == "f":
        return [min(low, -1e-9), 0.0, max(high, 1e-9)]
    return [k - 0.5 for k in range(int(low), int(high) + 2)]


def bars(rows: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> Any:
    """A panel per row of (what, numbers by layer and neuron), a group of bars per layer."""
    figure = figure_of(9.0, 2.6 * len(rows))
    for k, (what, layers) in enumerate(rows, 1):
        axes = figure.add_subplot(len(rows), 1, k)
        start, ticks = 0, []
        for layer, numbers in enumerate(layers, 1):
            axes.bar(range(start, start + len(numbers)), numbers, color=BLUE if layer % 2 else RED)
            ticks.append((start + (len(numbers) - 1) / 2, f"layer {layer}"))
            start += len(numbers) + 1
        axes.set_xticks([at for at, _ in ticks], [name for _, name in ticks])
        axes.set_ylabel(what)
    return figure


def predicted_and_actual(steps: Sequence[float], predicted: Sequence[float], actual: Sequence[float], what: str) -> Any:
    """The change of the cost over a change of `what`: the tangent that the derivative gives, and the curve."""
    figure = figure_of(5.5, 3.6)
    axes = figure.add_subplot()
    axes.plot(steps, actual, color=BLUE, label="actual ΔC")
    axes.plot(steps, predicted, "--", color=RED, label="predicted")
    axes.axhline(0.0, color=GREY, linewidth=0.6)
    axes.set_xlabel(what)
    axes.set_ylabel("change of the cost")
    axes.legend(frameon=False)
    return figure
