"""Random expressions, the same for everybody: a sum of terms of 60 operations on recent values.

Each operation is drawn with equal chances from a list of forms and applied to the last value and to an earlier one of
its term. A value that leaves a moderate range at one of 64 probe points is squeezed back, so that nothing is
ill-conditioned. ``evaluate`` takes the numbers of any library together with the module that has its sin, exp, ...
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Sequence
from typing import Any

INPUTS, TERM = 10, 60
LOWEST, HIGHEST = 0.4, 1.9  # of the inputs

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: b / a,
}
ARITHMETIC = ["+", "-", "*", "+", "-", "*", "*", "/"]
MIXED = [*ARITHMETIC, *ARITHMETIC, "sin", "cos", "exp", "log", "tanh", "sqrt"]
SQUEEZE = "a/4 + c"

Operation = tuple[str, int, int, float]  # what, position of its first and of its second operand in the term, constant


def expression(size: int, forms: Sequence[str], seed: int = 1) -> list[list[Operation]]:
    """The terms of a random expression of `size` operations."""
    import numpy as np

    rng = random.Random(seed)
    probes = list(np.random.default_rng(0).uniform(LOWEST, HIGHEST, (INPUTS, 64)))
    return [_term(rng, min(TERM, size - start), forms, probes) for start in range(0, size, TERM)]


def _term(rng: random.Random, length: int, forms: Sequence[str], probes: list[Any]) -> list[Operation]:
    import numpy as np

    operations: list[Operation] = []
    values = list(probes)
    while len(operations) < length:
        last = len(values) - 1
        operation = (rng.choice(forms), last, rng.randrange(last), 0.0)
        with np.errstate(all="ignore"):
            value = apply(operation, values, np)
        if not np.all((np.abs(value) > 0.05) & (np.abs(value) < 4.0)):
            operation = (SQUEEZE, last, last, round(rng.uniform(1.2, 1.8), 3))
            value = apply(operation, values, np)
        operations.append(operation)
        values.append(value)
    return operations


def apply(operation: Operation, values: Sequence[Any], module: Any) -> Any:
    """The value of one operation on the values of its term so far."""
    what, first, second, constant = operation
    if what in OPERATORS:
        return OPERATORS[what](values[first], values[second])
    if what == SQUEEZE:
        return values[first] * 0.25 + constant
    return getattr(module, what)(values[first])


def evaluate(terms: list[list[Operation]], inputs: Sequence[Any], module: Any) -> Any:
    """The sum of the terms."""
    total: Any = 0.0
    for term in terms:
        values = [inputs[i] for i in range(INPUTS)]
        for operation in term:
            values.append(apply(operation, values, module))
        total = total + values[-1]
    return total


def points(count: int) -> Any:
    """That many points, a row each."""
    import numpy as np

    return np.random.default_rng(1).uniform(LOWEST, HIGHEST, (count, INPUTS))
