"""The cheap gradient principle: what a gradient costs beside its function, counted in operations and in time.

Baur and Strassen (1983), Griewank: OPS(f, ∇f) ≤ 5 OPS(f), whatever the number of inputs.
"""

from __future__ import annotations

import itertools
from typing import Any

N = 100


def rosenbrock(x: list[Any]) -> Any:
    """Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²."""
    total: Any = 0.0
    for a, b in itertools.pairwise(x):
        total = total + 100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2
    return total


def operation_counts() -> tuple[int, int]:
    """Op nodes in the graph of f, and in that of f and its gradient together."""
    import autograd_core as ag
    from autograd_core.graph import ancestors

    x = [ag.Value(0.1 * (i % 7)) for i in range(N)]
    f = rosenbrock(x)
    table = ag.backprop(f, x, create_graph=True)
    return (
        sum(1 for node in ancestors(f) if node.inputs),
        sum(1 for node in ancestors(f, *table.values()) if node.inputs),
    )


def on_floats() -> float:
    """f alone, in plain Python floats."""
    return float(rosenbrock([0.1 * (i % 7) for i in range(N)]))


def with_gradient() -> Any:
    """f and its gradient through the engine."""
    import autograd_core as ag

    return ag.value_and_grad(rosenbrock)([0.1 * (i % 7) for i in range(N)])
