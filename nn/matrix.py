"""The lectures' matrix form of the forward and backward run, in NumPy: a second implementation to hold against.

It uses nothing of the engine: activations and their derivatives are stated here once more, on arrays, so that an
agreement between the two is a statement about both. Two notations of the same computation are given:

- Several samples as columns, equations (1) to (8) of C. Yıldız, *NN06 - Backpropagation* (HSBI/TDU): `forward`,
  `backward`, `update`. m is the number of samples, l counts the layers from 1.
- One sample, equations (BP1) to (BP4) of C. Würsch, *Backpropagation - the mathematical way* (OST), after chapter 2 of
  M. Nielsen, *Neural Networks and Deep Learning*: `backpropagation`.

**Whose 1/m?** The first lecture follows Andrew Ng's convention: dA and dZ are derivatives of each sample's own loss,
and only dW (4) and db (5) carry the 1/m of J = (1/m) Σ L⁽ⁱ⁾. So although (3) and (6) are introduced as ∂J/∂Z and
∂J/∂A, they are m times that. A graph of scalars whose root is J = mean(losses) has no such choice and gives dZ/m.

**Misprints** in the second text, for readers who compare: equation (30) ends in [1 - σ'(z)] where [1 - σ(z)] is meant,
and between (43) and (45) the result (45) is printed where (44) belongs, ∂z_k/∂z_j = w_kj σ'(z_j).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import SettingError, StructureError

__all__ = ["ACTIVATIONS", "Dense", "Gradients", "backpropagation", "backward", "forward", "update"]

Array = NDArray[np.float64]


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))  # never overflows
    return np.where(z >= 0.0, 1.0, e) / (1.0 + e)


def _sigmoid_prime(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / (1.0 + e) ** 2  # σ (1 - σ), without the subtraction that rounds to 0 for large z


def _sech_squared(z: Array) -> Array:
    e = np.exp(-2.0 * np.abs(z))
    return 4.0 * e / (1.0 + e) ** 2  # 1 - tanh², likewise


ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "linear": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0.0).astype(float)),
    "sigmoid": (_sigmoid, _sigmoid_prime),
    "tanh": (np.tanh, _sech_squared),
    "softplus": (lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), _sigmoid),
}
"""g and g' by name; relu'(0) = 0."""


class Dense:
    """One layer: the weight matrix W, row j for neuron j; the biases b as a column; the activation's name.

    >>> Dense([[1.0, 2.0]], [0.5], "sigmoid").W.shape
    (1, 2)

    Raises `StructureError` when W and b do not fit, `SettingError` for an activation that is not in `ACTIVATIONS`.
    """

    def __init__(self, W: Any, b: Any, activation: str) -> None:
        self.W: Array = np.array(W, dtype=float, ndmin=2)
        self.b: Array = np.array(b, dtype=float).reshape(-1, 1)
        if len(self.W) != len(self.b):
            raise StructureError(f"W has {len(self.W)} rows, b {len(self.b)} entries; both count the layer's neurons")
        if activation not in ACTIVATIONS:
            raise SettingError(f"unknown activation {activation!r}; expected one of {', '.join(ACTIVATIONS)}")
        self.activation = activation

    def g(self, Z: Array) -> Array:
        """The activation, on each entry."""
        return ACTIVATIONS[self.activation][0](Z)

    def g_prime(self, Z: Array) -> Array:
        """The activation's derivative, on each entry."""
        return ACTIVATIONS[self.activation][1](Z)

    def __repr__(self) -> str:
        return f"Dense({self.W.tolist()}, {self.b.ravel().tolist()}, {self.activation!r})"


class Gradients:
    """The gradients of one layer as `backward` finds them: its dZ, dW and db, and dA of the layer before."""

    def __init__(self, dZ: Array, dW: Array, db: Array, dA_before: Array) -> None:
        self.dZ, self.dW, self.db, self.dA_before = dZ, dW, db, dA_before


def forward(layers: Sequence[Dense], X: Any) -> tuple[list[Array], list[Array]]:
    """The forward run: ([Z¹, ..., Zᴸ], [A⁰, A¹, ..., Aᴸ]) with A⁰ = X, whose columns are the samples.

    (1)  Zˡ = Wˡ Aˡ⁻¹ + bˡ
    (2)  Aˡ = g(Zˡ)

    >>> forward([Dense([[1.0, 2.0]], [0.5], "relu")], [[1.0, -1.0], [1.0, -1.0]])[1][-1].tolist()
    [[3.5, 0.0]]

    Raises `StructureError` when X does not have one row per input.
    """
    A: Array = np.array(X, dtype=float, ndmin=2)
    if len(A) != (inputs := layers[0].W.shape[1]):
        raise StructureError(f"X has {len(A)} rows, the first layer {inputs} inputs; samples are X's columns")
    Zs: list[Array] = []
    As = [A]
    for layer in layers:
        Z = layer.W @ As[-1] + layer.b  # (1)
        Zs.append(Z)
        As.append(layer.g(Z))  # (2)
    return Zs, As


def backward(layers: Sequence[Dense], Zs: Sequence[Array], As: Sequence[Array], dA: Any) -> list[Gradients]:
    """The backward run over what `forward` returned, from dA = ∂L⁽ⁱ⁾/∂Aᴸ, a column for each sample.

    (3)  dZˡ   = dAˡ * g'(Zˡ)            of each sample's own loss, see the module's text
    (4)  dWˡ   = 1/m dZˡ Aˡ⁻¹ᵀ           of the mean loss J
    (5)  dbˡ   = 1/m Σᵢ dZˡ⁽ⁱ⁾           of the mean loss J
    (6)  dAˡ⁻¹ = Wˡᵀ dZˡ                 of each sample's own loss

    For ½ ‖y - a‖² of each sample dA is A - Y. For a cross-entropy of logits (a linear last layer) it is softmax - Y.

    >>> layers = [Dense([[2.0]], [0.0], "linear")]
    >>> Zs, As = forward(layers, [[1.0, 3.0]])
    >>> [gradients] = backward(layers, Zs, As, As[-1] - [[0.0, 0.0]])
    >>> gradients.dW.tolist(), gradients.db.tolist()          # (2·1 + 6·3) / 2 and (2 + 6) / 2
    ([[10.0]], [[4.0]])
    """
    dA = np.array(dA, dtype=float, ndmin=2)
    m = dA.shape[1]
    gradients = []
    for k in reversed(range(len(layers))):
        dZ = dA * layers[k].g_prime(Zs[k])  # (3)
        dW = dZ @ As[k].T / m  # (4); As[k] is the output of the layer before
        db = dZ.sum(axis=1, keepdims=True) / m  # (5)
        dA = layers[k].W.T @ dZ  # (6)
        gradients.append(Gradients(dZ, dW, db, dA))
    return gradients[::-1]


def update(layers: Sequence[Dense], gradients: Sequence[Gradients], learning_rate: float) -> list[Dense]:
    """New layers after one step of gradient descent; the old ones stay as they are.

    (7)  Wˡ = Wˡ - α dWˡ
    (8)  bˡ = bˡ - α dbˡ
    """
    return [
        Dense(layer.W - learning_rate * d.dW, layer.b - learning_rate * d.db, layer.activation)
        for layer, d in zip(layers, gradients, strict=True)
    ]


def backpropagation(
    layers: Sequence[Dense], x: Any, gradient_of_cost: Callable[[Array], Any]
) -> tuple[list[Array], list[Array], list[Array]]:
    """Nielsen's algorithm for one sample x: ([δ¹, ..., δᴸ], [∂C/∂b ...], [∂C/∂w ...]).

    (BP1)  δᴸ = ∇ₐC ⊙ σ'(zᴸ)                    `gradient_of_cost` maps aᴸ to ∇ₐC; for ½ ‖y - a‖² it is aᴸ - y
    (BP2)  δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ'(zˡ)
    (BP3)  ∂C/∂bˡⱼ  = δˡⱼ
    (BP4)  ∂C/∂wˡⱼₖ = aˡ⁻¹ₖ δˡⱼ

    Nielsen counts the inputs as layer 1; here as everywhere in this module layer 1 is the first with weights.

    >>> layers = [Dense([[1.0]], [0.0], "linear"), Dense([[3.0]], [0.0], "linear")]
    >>> deltas, _, nabla_w = backpropagation(layers, [2.0], lambda a: a - 5.0)
    >>> [d.item() for d in deltas], [w.item() for w in nabla_w]
    ([3.0, 1.0], [6.0, 2.0])
    """
    Zs, As = forward(layers, np.array(x, dtype=float).reshape(-1, 1))
    nabla_a = np.array(gradient_of_cost(As[-1]), dtype=float).reshape(-1, 1)
    deltas = [nabla_a * layers[-1].g_prime(Zs[-1])]  # (BP1)
    for k in reversed(range(len(layers) - 1)):
        deltas.insert(0, (layers[k + 1].W.T @ deltas[0]) * layers[k].g_prime(Zs[k]))  # (BP2)
    nabla_b = deltas  # (BP3)
    nabla_w = [delta @ As[k].T for k, delta in enumerate(deltas)]  # (BP4)
    return deltas, nabla_b, nabla_w
