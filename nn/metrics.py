"""What a network is judged by, one sample at a time: ``metric(output, target)`` of plain numbers."""

# ruff: noqa: N803  # X and Y are what scikit-learn's users call them

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .layers import Module
    from .samples import Samples

__all__ = ["accuracy", "evaluate"]

WORTH_COMPILING = 200  # samples: fewer are done before a compiler has started


def accuracy(output: Any, target: Any) -> float:
    """1.0 if the network's choice for one sample is right, else 0.0: a metric for `fit` and `evaluate`.

    Several outputs choose the class of the largest; the target is that class as an integer, or a list with its
    largest number there (one-hot). A single output is a score and chooses by its sign; the target then is 1 for
    positive, and 0 or -1 for the rest.

    >>> accuracy([0.1, 2.0, 0.3], 1), accuracy([0.1, 2.0], [1, 0]), accuracy(-0.3, -1)
    (1.0, 0.0, 1.0)
    """
    if _is_list(output) and len(output) == 1:
        output = output[0]
    if _is_list(output):
        return float(_position_of_largest(output) == (_position_of_largest(target) if _is_list(target) else target))
    sign = target[0] if _is_list(target) and len(target) == 1 else target
    return float((output > 0) == (sign > 0))


def evaluate(net: Module, X: Any, Y: Any, measure: Callable[[Any, Any], Any]) -> float:
    """The mean of ``measure(net(x), y)`` over the samples; for instance of `accuracy`, or of a loss.

    The measure gets plain numbers.

    >>> from nn import Neuron
    >>> neuron = Neuron(1, "linear", init=lambda rng, nin, nout: 1.0)
    >>> evaluate(neuron, [[-1.0], [2.0], [3.0], [4.0]], [-1, 1, 1, -1], accuracy)
    0.75

    Raises what `nn.fit` raises about data.
    """
    from .samples import as_samples
    from .steps import Mapped

    samples = as_samples(X, Y)
    outputs = Mapped(lambda x, y: net(x), compiles=len(samples) >= WORTH_COMPILING)(samples)
    return sum_of(measure, outputs, samples.targets) / len(samples)


def sum_of(measure: Callable[[Any, Any], Any], outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The sum of ``measure(output, target)`` over samples."""
    return float(sum([measure(output, target) for output, target in zip(outputs, targets, strict=True)]))


def sums_of(measure: Callable[[Any, Any], Any], outputs: Any, samples: Samples, positions: Any) -> list[float]:
    """The sum of ``measure(output, target)`` over each minibatch: `positions` has a row of samples for each of them,
    `outputs` are the network's as it gives them for many, in the same order."""
    from .steps import one_by_one

    count, size = positions.shape
    if measure is accuracy and getattr(outputs, "ndim", 0) == 2 and outputs.shape[1] > 1:
        targets = samples.target_numbers[positions.reshape(-1)]
        right = outputs.argmax(axis=1) == (targets.argmax(axis=1) if targets.ndim == 2 else targets)
        return [float(of_one) for of_one in right.reshape(count, size).sum(axis=1)]
    singles = one_by_one(outputs)
    return [sum_of(measure, singles[k * size : (k + 1) * size], samples.targets_at(positions[k])) for k in range(count)]


def _is_list(x: Any) -> bool:
    return hasattr(x, "__len__")


def _position_of_largest(numbers: Sequence[Any]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)
