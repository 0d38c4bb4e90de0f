"""What one recorded operation costs, forward and backward, beside micrograd and HIPS autograd.

The expression is random and the same for all, a sum of terms of 100 operations. Each operation applies one of the
forms below, drawn with equal chances, to the last result and to one of the fifty before it. The forms are micrograd's
operators with a Value and with a number on the other side; micrograd composes some of them from others, which is part
of its cost.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

FORMS: dict[str, Callable[[Any, Any, float], Any]] = {
    "a + b": lambda a, b, c: a + b,
    "a - b": lambda a, b, c: a - b,
    "a * b": lambda a, b, c: a * b,
    "a / b": lambda a, b, c: a / b,
    "a + c": lambda a, b, c: a + c,
    "a - c": lambda a, b, c: a - c,
    "a * c": lambda a, b, c: a * c,
    "a / c": lambda a, b, c: a / c,
    "c - a": lambda a, b, c: c - a,
    "c / a": lambda a, b, c: c / a,
    "a ** 2": lambda a, b, c: a**2,
    "-a": lambda a, b, c: -a,
}
WINDOW, TERM = 50, 100

Step = tuple[Callable[[Any, Any, float], Any], int, float]


def program(size: int, forms: list[str], seed: int = 1) -> list[Step]:
    """`size` random steps whose values stay between 0.1 and 10 in magnitude, so that nothing over- or underflows."""
    rng = random.Random(seed)
    values = starting_values()
    steps: list[Step] = []
    while len(steps) < size:
        if len(steps) % TERM == 0:
            values = starting_values()
        form, back, constant = FORMS[rng.choice(forms)], rng.randrange(1, WINDOW), rng.uniform(0.5, 2.0)
        value = form(values[-1], values[-back], constant)
        if 0.1 < abs(value) < 10.0:
            steps.append((form, back, constant))
        elif abs(value) >= 10.0:
            steps.append((FORMS["a * c"], 1, 1.0 / values[-1]))
            value = 1.0
        else:
            steps.append((FORMS["a + c"], 1, 1.0 - values[-1]))
            value = 1.0
        values.append(value)
    return steps


def starting_values() -> list[float]:
    """The leaves."""
    rng = random.Random(0)
    return [rng.uniform(1.0, 2.0) for _ in range(WINDOW)]


def evaluate(steps: list[Step], leaves: list[Any]) -> Any:
    """The sum of the terms."""
    total: Any = 0.0
    for start in range(0, len(steps), TERM):
        recent = list(leaves)
        for form, back, constant in steps[start : start + TERM]:
            recent.append(form(recent[-1], recent[-back], constant))
        total = total + recent[-1]
    return total


def forward_and_backward(value_type: Callable[[float], Any], steps: list[Step]) -> Callable[[], Any]:
    """Record the expression and call its ``backward()``: what micrograd's users write."""

    def work() -> Any:
        root = evaluate(steps, [value_type(x) for x in starting_values()])
        root.backward()
        return root

    return work


def with_autograd(steps: list[Step]) -> Callable[[], Any]:
    """The same through HIPS autograd's `grad`."""
    import autograd

    gradient = autograd.grad(lambda leaves: evaluate(steps, list(leaves)))
    return lambda: gradient(starting_values())
