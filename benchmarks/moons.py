"""micrograd's demo: 100 steps on 100 moons with MLP(2, [16, 16, 1]), maximum margin loss and L2.

Both sides start from the same weights and run the same full-batch gradient descent, learning rate 1 - 0.9 k/100.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

STEPS, BLOCK = 100, 10


def points() -> tuple[list[list[float]], list[int]]:
    """make_moons(100, noise=0.1) with the demo's seed, and labels -1 and 1."""
    import numpy as np
    from sklearn.datasets import make_moons

    np.random.seed(1337)  # the demo's own seeding
    inputs, labels = make_moons(n_samples=100, noise=0.1)
    return inputs.tolist(), [2 * int(label) - 1 for label in labels]


def micrograd_step() -> Callable[[int], float]:
    """One training step as the demo notebook has it; returns the loss."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    inputs, labels = points()
    random.seed(1337)
    model = MLP(2, [16, 16, 1])

    def step(k: int) -> float:
        scores = [model([Value(x) for x in row]) for row in inputs]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        total = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / STEPS) * p.grad
        return float(total.data)

    return step


def our_step() -> Callable[[int], float]:
    """The same step on this engine, as a user of `nn` would write it."""
    import autograd_core as ag
    from nn import MLP

    inputs, labels = points()
    model = MLP(2, [16, 16, 1], activation="relu", init="uniform", seed=1337)
    parameters = model.parameters()

    def step(k: int) -> float:
        losses: list[Any] = [ag.relu(1.0 - label * model(row)) for label, row in zip(labels, inputs, strict=True)]
        total = ag.mean(losses) + 1e-4 * ag.dot(parameters, parameters)
        model.zero_grad()
        total.backward()
        for p in parameters:
            p.data -= (1.0 - 0.9 * k / STEPS) * p.grad
        return float(total.data)

    return step
