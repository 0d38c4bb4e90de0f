"""The lectures on learning, in numbers and pictures: errors, saturation, the demon.

Equations are those of C. Würsch, *Backpropagation - the mathematical way* (OST), after chapter 2 of M. Nielsen, *Neural
Networks and Deep Learning*. Layers and neurons are counted from 1, as there.
"""

from __future__ import annotations

import math
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import DomainError

from .checks import as_list, positive_integer
from .data.samples import as_samples
from .errors import SettingError
from .metrics import Measure
from .network.activations import as_function, linear
from .network.layers import MLP, Neuron
from .pictures.curves import bars, predicted_and_actual
from .pictures.figures import saved

__all__ = [
    "Backpropagation", "Change", "Demon", "Speeds", "backpropagate", "change_of_weight", "linearised", "modified",
    "speeds",
]  # fmt: skip


@dataclass
class Backpropagation:
    """One sample through a network, forwards and backwards: lists with one entry per layer.

    ``a`` are the activations, the inputs first; ``z`` the pre-activations; ``slope`` each neuron's g'(z); ``delta``
    the errors δ = ∂C/∂z, equation (29); ``cost`` is C. The gradient by a weight is a_in δ_out, (BP4), by a bias
    δ, (BP3).
    """

    a: list[list[float]]
    z: list[list[float]]
    slope: list[list[float]]
    delta: list[list[float]]
    cost: float

    def weights(self, layer: int) -> list[list[float]]:
        """∂C/∂w of a layer, a row per neuron: (BP4), ∂C/∂wⱼₖ = aₖ δⱼ."""
        return [[a * d for a in self.a[layer - 1]] for d in self.delta[layer - 1]]


def backpropagate(net: MLP, x: Any, y: Any, loss: Measure) -> Backpropagation:
    """The errors of all neurons by the lectures' equations, layer by layer from the last:

        δ_L = ∂C/∂a ⊙ g'(z_L)                 (BP1)
        δ_l = (Wᵀ δ_{l+1}) ⊙ g'(z_l)          (BP2)

    Each neuron has its own g, which answers the lecture's two exercises: another g has another g' and nothing else
    changes (see `modified`); where all neurons are linear, g' is 1 (see `linearised`).

    >>> from nn import MLP, half_mse
    >>> net = MLP(2, [3, 1], "sigmoid", seed=1)
    >>> by_hand = backpropagate(net, [0.5, -1.0], 1.0, half_mse)
    >>> half_mse(net([0.5, -1.0]), 1.0).backward()
    >>> abs(by_hand.weights(1)[0][0] - net.layers[0].neurons[0].w[0].grad) < 1e-15
    True
    """
    activations, zs, slopes = [[float(v) for v in as_list(x)]], [], []
    for layer in net.layers:
        z = [float(value.data) for value in layer.z(activations[-1])]
        pairs = [ag.value_and_grad(neuron.activation)(z_j) for neuron, z_j in zip(layer.neurons, z, strict=True)]
        zs.append(z)
        activations.append([float(a) for a, _ in pairs])
        slopes.append([float(slope) for _, slope in pairs])
    outputs = list(map(Value, activations[-1]))
    cost = loss(outputs[0] if len(outputs) == 1 else outputs, y)
    table = ag.backprop(cost, outputs)
    arriving = [float(table[a]) for a in outputs]  # ∂C/∂a
    deltas: list[list[float]] = []
    for layer, slope in zip(reversed(net.layers), reversed(slopes), strict=True):
        delta = [g * s for g, s in zip(arriving, slope, strict=True)]
        deltas.insert(0, delta)
        arriving = [
            sum(neuron.w[k].data * d for neuron, d in zip(layer.neurons, delta, strict=True)) for k in range(layer.nin)
        ]
    return Backpropagation(activations, zs, slopes, deltas, float(cost.data))


@dataclass
class Speeds:
    """The speed at which each neuron learns, over many samples, as `speeds` returns it.

    Lists with a row per layer and a number per neuron: ``slope`` is the mean of |g'(z)|; ``saturated`` the share of
    samples at which |g'(z)| is below a twentieth of the largest slope that g has on -5 to 5; ``error`` the mean of
    |δ|, Nielsen's measure of how fast a neuron learns; ``input`` (a number per input of the layer) the mean of |a_in|.
    A weight's gradient is a_in δ_out, (BP4): it learns slowly where its input is near 0 or its neuron is saturated.
    """

    slope: list[list[float]]
    saturated: list[list[float]]
    error: list[list[float]]
    input: list[list[float]]

    def __str__(self) -> str:
        lines = ["layer neuron   mean |g'(z)|   saturated   mean |delta|"]
        for k, row in enumerate(zip(self.slope, self.saturated, self.error, strict=True), 1):
            lines += [
                f"{k:5} {j:6} {slope:14.4g} {share:11.0%} {error:14.4g}"
                for j, (slope, share, error) in enumerate(zip(*row, strict=True), 1)
            ]
        return "\n".join(lines)

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """Share of saturation and speed of learning of every neuron, layer by layer, as a matplotlib figure."""
        rows = [("saturated share of samples", self.saturated), ("mean |δ|", self.error)]
        return saved(bars(rows), path)


def speeds(net: MLP, X: Any, Y: Any, loss: Measure) -> Speeds:
    """Saturation and speed of learning of every neuron: the remarks after (BP4), measured.

    >>> from nn import MLP, half_mse
    >>> net = MLP(1, [2, 1], "sigmoid", init=lambda rng, nin, nout: 40.0)     # far too large
    >>> found = speeds(net, [[-1.0], [1.0]], [0.0, 1.0], half_mse)
    >>> found.saturated
    [[1.0, 1.0], [0.0]]

    Raises what `nn.fit` raises about data.
    """
    samples = as_samples(X, Y)
    runs = [backpropagate(net, x, y, loss) for x, y in zip(samples.rows.tolist(), samples.targets, strict=True)]
    found = Speeds([], [], [], [])
    for k, layer in enumerate(net.layers):
        steepest = [_steepest_slope(neuron) for neuron in layer.neurons]
        slope, delta, a = (np.abs([getattr(run, name)[k] for run in runs]) for name in ("slope", "delta", "a"))
        found.slope.append(slope.mean(axis=0).tolist())
        found.saturated.append((slope < 0.05 * np.array(steepest)).mean(axis=0).tolist())
        found.error.append(delta.mean(axis=0).tolist())
        found.input.append(a.mean(axis=0).tolist())
    return found


@dataclass
class Change:
    """A change of the cost: as the derivative ``predicted`` it, and the ``actual`` one."""

    predicted: float
    actual: float

    def __repr__(self) -> str:
        return f"Change(predicted={self.predicted:.6g}, actual={self.actual:.6g})"


class Demon:
    """The lecture's demon: it sits on neuron `neuron` of layer `layer` and adds Δz to its weighted input z.

    The neuron then puts out g(z + Δz), and the cost changes by about ∂C/∂z Δz, which is why δ = ∂C/∂z, equation (29),
    is called the neuron's error. For small Δz the prediction is good; its error falls with Δz².

    >>> from nn import MLP, half_mse
    >>> demon = Demon(MLP(2, [3, 1], "sigmoid", seed=1), [0.5, -1.0], 1.0, half_mse, layer=1, neuron=2)
    >>> small, tiny = demon.change(0.1), demon.change(0.01)
    >>> abs(small.actual - small.predicted) > 50 * abs(tiny.actual - tiny.predicted)
    True

    Raises `SettingError` for a layer or neuron that is not there.
    """

    def __init__(self, net: MLP, x: Any, y: Any, loss: Measure, *, layer: int, neuron: int) -> None:
        _require_neuron(net, layer, neuron)
        self.net, self.x, self.y, self.loss, self.layer, self.neuron = net, x, y, loss, layer, neuron
        run = backpropagate(net, x, y, loss)
        self.cost, self.delta = run.cost, float(run.delta[layer - 1][neuron - 1])

    def change(self, dz: float) -> Change:
        """The predicted and the actual change of the cost for Δz."""
        a: Any = self.x
        for k, layer in enumerate(self.net.layers, 1):
            z = layer.z(a)
            if k == self.layer:
                z[self.neuron - 1] = z[self.neuron - 1] + dz
            a = layer.activate(z)
        cost = self.loss(a[0] if len(a) == 1 else a, self.y)
        return Change(self.delta * dz, float(cost.data) - self.cost)

    def plot(self, path: str | PathLike[str] | None = None, widest: float = 2.0) -> Any:
        """Predicted and actual change for Δz from -`widest` to `widest`, as a matplotlib figure."""
        steps = [widest * k / 50 for k in range(-50, 51)]
        predicted, actual = zip(*[(c.predicted, c.actual) for c in map(self.change, steps)], strict=True)
        return saved(predicted_and_actual(steps, predicted, actual, "Δz"), path)


def change_of_weight(net: MLP, x: Any, y: Any, loss: Measure, *, parameter: Value, dw: float) -> Change:
    """The change of the cost with one weight or bias, ΔC ≈ ∂C/∂w Δw, equation (47); the weight is put back.

    >>> from nn import MLP, half_mse
    >>> net = MLP(2, [3, 1], "sigmoid", seed=1)
    >>> change = change_of_weight(net, [0.5, -1.0], 1.0, half_mse, parameter=net.parameters()[0], dw=1e-4)
    >>> abs(change.predicted - change.actual) < 1e-7
    True
    """
    cost = loss(net(x), y)
    slope = ag.backprop(cost, [parameter])[parameter]
    before = parameter.data
    try:
        parameter.data = before + dw
        after = loss(net(x), y).data
    finally:
        parameter.data = before
    return Change(float(slope) * dw, float(after) - float(cost.data))


def modified(net: MLP, layer: int, neuron: int, activation: Any) -> MLP:
    """The same network with another activation at one neuron; the parameters are copies.

    >>> from nn import MLP
    >>> modified(MLP(2, [3, 1], "sigmoid", seed=1), 1, 2, "relu")
    MLP of Layer(2, 3, sigmoid/relu), Layer(3, 1, linear)

    Raises `SettingError` for a layer or neuron that is not there, and for an unknown activation.
    """
    _require_neuron(net, layer, neuron)
    changed = deepcopy(net)
    changed.layers[layer - 1].neurons[neuron - 1].activation = as_function(activation)
    return changed


def linearised(net: MLP) -> MLP:
    """The same network with g(z) = z everywhere; the parameters are copies.

    >>> from nn import MLP
    >>> linearised(MLP(2, [3, 1], "sigmoid", seed=1))
    MLP of Layer(2, 3, linear), Layer(3, 1, linear)
    """
    changed = deepcopy(net)
    for neuron in [neuron for layer in changed.layers for neuron in layer.neurons]:
        neuron.activation = linear
    return changed


def _require_neuron(net: MLP, layer: int, neuron: int) -> None:
    positive_integer("layer", layer)
    if layer > len(net.layers):
        raise SettingError(f"layer {layer} of {len(net.layers)}; layers are counted from 1")
    count = len(net.layers[layer - 1].neurons)
    if positive_integer("neuron", neuron) > count:
        raise SettingError(f"neuron {neuron} of the {count} in layer {layer}; neurons are counted from 1")


def _steepest_slope(neuron: Neuron) -> float:
    """The largest slope on -5 to 5, where the activation has one."""
    slopes = [0.0]
    for k in range(-50, 51):
        with suppress(DomainError):
            slopes.append(abs(float(ag.grad(neuron.activation)(k / 10.0))))
    return max(filter(math.isfinite, slopes))
