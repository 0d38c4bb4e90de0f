"""Learning curves, fitted curves, decision boundaries, and figures for `nn.learning`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..data.samples import as_samples
from ..errors import DataError, LabelError, StructureError
from ..metrics import accuracy, are_logits, judge, outputs_of, predict
from .figures import BLUE, GREY, RED, figure_of, names_of_inputs

__all__ = ["bars", "curve_fit", "decision_boundary", "grid_of_scores", "learning_curve", "predicted_and_actual"]

MARKERS = "os^Dv"  # of classes, which are told apart without colour, too


def learning_curve(history: Any) -> Any:
    """Losses of a `History` over the epochs, logarithmic if they are all positive, and beside them the metrics.

    Raises `DataError` for a history without epochs, `MissingPackageError` without matplotlib.
    """
    if not history.loss:
        raise DataError("the history is empty; there is nothing to draw before the first epoch")
    figure = figure_of(9.0 if history.metric else 5.5, 3.6)
    epochs = range(1, len(history.loss) + 1)
    panels = [("loss", history.loss, history.validation_loss)]
    panels += [(history.metric_name, history.metric, history.validation_metric)] if history.metric else []
    for k, (name, training, validation) in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), k, xlabel="epoch", ylabel=name)
        style = "o-" if len(epochs) < 30 else "-"
        axes.plot(epochs, training, style, color=BLUE, markersize=3, label="training")
        if validation:
            axes.plot(epochs, validation, style, color=RED, markersize=3, label="held out")
            axes.legend(frameon=False)
        if k == 1 and min([*training, *validation]) > 0.0:
            axes.set_yscale("log")
    return figure


def curve_fit(net: Any, X: Any, y: Any) -> Any:
    """Data and fitted curve of a network with one input and one output; beside them the activation curves of its hidden
    neurons, which the last layer combines.

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
    axes = figure.add_subplot(1, 2, 1, xlabel="x", ylabel="y")
    axes.plot(data, samples.targets, "o", color=GREY, markersize=3, label="data")
    axes.plot(xs, [net([x]).data for x in xs], color=RED, label="network")
    axes.legend(frameon=False)
    hidden = figure.add_subplot(1, 2, 2, xlabel="x", ylabel="activation of the last hidden layer")
    curves = []
    for x in xs:
        a: Any = [x]
        for layer in net.layers[:-1]:
            a = layer.activate(layer.z(a))
        curves.append([value.data for value in a])
    for k, curve in enumerate(zip(*curves, strict=True), 1):
        hidden.plot(xs, curve, label=f"neuron {k}")
    if len(curves[0]) <= 8:
        hidden.legend(frameon=False)
    return figure


def decision_boundary(net: Any, X: Any, y: Any, *, inputs: Sequence[str] | None = None) -> Any:
    """The regions in which a network with two inputs decides for each class, and the samples.

    net: the network, or an estimator of `nn.sklearn` that has learned it. y: classes, as numbers or as texts.
    inputs: what the inputs are called; by default as the columns of a table, else x1 and x2.

    >>> from nn import MLP, moons
    >>> figure = decision_boundary(MLP(2, [4, 1], seed=1), *moons(), inputs=["length", "width"])
    >>> figure.axes[0].get_xlabel()
    'length'

    Raises `StructureError` for samples that have not two numbers, `SettingError` for another number of names,
    `SettingTypeError` (a TypeError) for what is no list of names, and what `nn.fit` raises about data.
    """
    columns = [str(name) for name in getattr(X, "columns", ())]
    net, kinds_of_y = getattr(net, "net_", net), np.ravel(np.array(y, dtype=object))
    names_of_y = sorted(set(kinds_of_y)) if all([isinstance(kind, str) for kind in kinds_of_y]) else []
    samples = as_samples(X, [names_of_y.index(kind) for kind in kinds_of_y] if names_of_y else y)
    from matplotlib import colormaps

    first, second, scores = grid_of_scores(net, samples.rows, samples.targets)
    if scores.dtype.kind == "f":
        with suppress(LabelError):  # targets that are no classes have no boundary but that of signs
            outputs, output = outputs_of(net, samples), net(samples.rows[0].tolist())
            rule = judge(accuracy, output, samples.targets, lambda: are_logits(outputs, samples.targets))
            scores = scores - rule.threshold
        levels = [min(float(scores.min()), -1e-9), 0.0, max(float(scores.max()), 1e-9)]
    else:
        levels = [k - 0.5 for k in range(scores.min(), scores.max() + 2)]
    figure = figure_of(5.0, 4.2)
    names = names_of_inputs(columns or None if inputs is None else inputs, 2)
    axes = figure.add_subplot(xlabel=names[0], ylabel=names[1])
    axes.contourf(first, second, scores, levels=levels, cmap="RdYlBu", alpha=0.5)
    classes = np.array([t.index(max(t)) if isinstance(t, list) else t for t in samples.targets])
    kinds = np.unique(classes)
    for k, kind in enumerate(kinds):
        rows = samples.rows[classes == kind]
        look = {"marker": MARKERS[k % len(MARKERS)], "s": 18, "edgecolors": "black", "linewidths": 0.4}
        axes.scatter(
            *rows.T,
            color=colormaps["RdYlBu"](k / max(1, len(kinds) - 1)),
            label=f"y = {names_of_y[kind] if names_of_y else f'{kind:g}'}",
            **look,
        )
    axes.legend(frameon=True)
    return figure


def grid_of_scores(net: Any, X: Any, y: Any, points: int = 120) -> tuple[Any, Any, Any]:
    """The network on a grid around the samples: x1 along the grid, x2 along it, and rows of scores.

    With one output the score is that, and its sign decides; with several it is the class of the largest.

    Raises `StructureError` for samples that have not two numbers.
    """
    rows = as_samples(X, y).rows
    if rows.shape[1] != 2:
        raise StructureError(f"a boundary in the plane needs samples of two numbers, got {rows.shape[1]}")
    margin = 0.1 * (rows.max(axis=0) - rows.min(axis=0)) + 1e-9
    first, second = np.linspace(rows.min(axis=0) - margin, rows.max(axis=0) + margin, points).T
    outputs = predict(net, [[a, b] for b in second for a in first]).reshape(points * points, -1)
    scores = outputs[:, 0] if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    return first, second, scores.reshape(points, points)


def bars(rows: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> Any:
    """A panel per row of (what, numbers by layer and neuron), a group of bars per layer."""
    figure = figure_of(9.0, 2.6 * len(rows))
    for k, (what, layers) in enumerate(rows, 1):
        axes = figure.add_subplot(len(rows), 1, k, ylabel=what)
        start, ticks = 0, []
        for layer, numbers in enumerate(layers, 1):
            axes.bar(range(start, start + len(numbers)), numbers, color=BLUE if layer % 2 else RED)
            ticks.append((start + (len(numbers) - 1) / 2, f"layer {layer}"))
            start += len(numbers) + 1
        axes.set_xticks([at for at, _ in ticks], [name for _, name in ticks])
        if not any([number > 0.0 for numbers in layers for number in numbers]):
            axes.set_ylim(0.0, 1.0)
            axes.text(0.5, 0.5, "0 for every neuron", transform=axes.transAxes, ha="center", va="center", color=GREY)
    return figure


def predicted_and_actual(steps: Sequence[float], predicted: Sequence[float], actual: Sequence[float], what: str) -> Any:
    """The change of the cost over a change of `what`: the tangent that the derivative gives, and the curve."""
    figure = figure_of(5.5, 3.6)
    axes = figure.add_subplot(xlabel=what, ylabel="change of the cost")
    axes.plot(steps, actual, color=BLUE, label="actual ΔC")
    axes.plot(steps, predicted, "--", color=RED, label="predicted")
    axes.axhline(0.0, color=GREY, linewidth=0.6)
    axes.legend(frameon=False)
    return figure
