"""What a network is judged by, one sample at a time: ``metric(output, target)`` of plain numbers."""

# ruff: noqa: N803  # X and Y are what scikit-learn's users call them

from __future__ import annotations

import warnings

import autograd_core as ag
from autograd_core import Value

from .checks import advice_on
from .errors import LabelError, OutputError
from .network.losses import PROBABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .data.samples import Samples
    from .network.module import Module

__all__ = ["Accuracy", "accuracy", "evaluate"]

WORTH_COMPILING = 200  # samples: fewer are done before a compiler has started


def accuracy(output: Any, target: Any) -> float:
    """1.0 if the network's choice for one sample is right, else 0.0: a metric for `fit` and `evaluate`.

    Several outputs choose the class of the largest; the target is that class as an integer from 0 on, or a list with
    its largest number there (one-hot). A single output decides between 1 and the rest, which is 0 or -1. In `fit` and
    `evaluate` it does so at 0.5 if the last activation is a sigmoid, at 0 if the targets are -1 and 1; a linear output
    with targets 0 and 1 decides at 0 if it is a logit, that is if the loss for 0 falls further below 0, else at 0.5.
    Called by hand with a plain number it decides by its sign.

    >>> accuracy([0.1, 2.0, 0.3], 1), accuracy([0.1, 2.0], [1, 0]), accuracy(-0.3, -1)
    (1.0, 0.0, 1.0)

    Raises `LabelError` for a target that is none of these.
    """
    return Accuracy(_threshold(output) or 0.0)(output, target)


class Probability(float):
    """An output of a sigmoid as a metric gets it: `accuracy`, inside of whatever metric, decides at 0.5 by it."""

    __slots__ = ()


def judging(measure: Callable[[Any, Any], Any], output: Any) -> Callable[[Any, Any], Any]:
    """`measure` for plain numbers of a network with such an output."""
    if _threshold(output) is None:
        return measure

    def judged(output: Any, target: Any) -> Any:
        return measure(list(map(Probability, output)) if _is_list(output) else Probability(output), target)

    return judged


class Accuracy:
    """`accuracy` where a single output decides at `threshold`."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def __call__(self, output: Any, target: Any) -> float:
        """1.0 if the choice is right, else 0.0."""
        outputs = output if _is_list(output) else [output]
        if any(x != x for x in outputs):
            return 0.0  # nan chooses nothing
        if len(outputs) > 1:
            return float(_position_of_largest(outputs) == class_of(target, len(outputs)))
        return float((outputs[0] > self.threshold) == (sign_of(target) > 0))

    def of_many(self, outputs: Any, targets: Any) -> Any:
        """Which choices are right, for arrays of outputs and targets that have been checked."""
        outputs, targets = outputs.reshape(len(outputs), -1), targets.reshape(len(targets), -1)
        if outputs.shape[1] == 1:
            is_right = (outputs[:, 0] > self.threshold) == (targets[:, 0] > 0)
        else:
            is_right = outputs.argmax(axis=1) == (targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0])
        return is_right & (outputs == outputs).all(axis=1)


def class_of(target: Any, classes: int) -> int:
    """The class that a target names, of so many.

    Raises `LabelError` for what names none of them.
    """
    if _is_list(target) and len(target) == 1:
        target = target[0]
    if isinstance(target, str) or not _is_list(target):
        is_label = not isinstance(target, str) and target in range(classes)
        if not is_label:
            hint = advice_on(target) or f"; labels 1, ..., {classes} become these by y - 1"
            raise _refused(
                target, f"of {classes} outputs expects a class 0, ..., {classes - 1} or a one-hot list{hint}"
            )
        return int(target)
    numbers = [float(y) for y in target]
    largest = max(numbers, default=0.0)
    rest = sum(numbers) - largest
    is_one_hot = largest == 1.0 and rest in (0.0, 1.0 - len(numbers)) and {abs(y) for y in numbers} <= {0.0, 1.0}
    is_distribution = min(numbers, default=-1.0) >= 0.0 and abs(largest + rest - 1.0) < 1e-6
    if len(numbers) != classes or numbers.count(largest) > 1 or not (is_one_hot or is_distribution):
        raise _refused(
            target, f"of {classes} outputs expects {classes} numbers with one 1 among zeros, or a class as an integer"
        )
    return numbers.index(largest)


def sign_of(target: Any) -> float:
    """The target of a single output: 1, 0 or -1.

    Raises `LabelError` for what is none of these.
    """
    if _is_list(target) and len(target) == 1:
        target = target[0]
    if isinstance(target, str) or _is_list(target) or target not in (-1, 0, 1):
        hint = advice_on(target) or ", as Y = [int(y == first) for y in Y] gives them"
        raise _refused(target, f"of a single output expects 0 and 1, or -1 and 1{hint}")
    return float(target)


def _refused(target: Any, expected: str) -> LabelError:
    return LabelError(f"target {target!r:.60}; accuracy {expected}. What is no choice between classes is judged by mse")


def evaluate(net: Module, X: Any, Y: Any, measure: Callable[[Any, Any], Any]) -> float:
    """The mean of ``measure(net(x), y)`` over the samples; for instance of `accuracy`, or of a loss.

    The measure gets plain numbers.

    >>> from nn import Neuron
    >>> neuron = Neuron(1, "linear", init=lambda rng, nin, nout: 1.0)
    >>> evaluate(neuron, [[-1.0], [2.0], [3.0], [4.0]], [-1, 1, 1, -1], accuracy)
    0.75

    Raises what `nn.fit` raises about data, and `LabelError` for targets that `accuracy` cannot judge by.
    """
    from .data.samples import as_samples
    from .training.steps import Mapped

    samples = as_samples(X, Y)
    first: list[Any] = []

    def output_of(x: Any, _: Any) -> Any:
        output = net(x)
        if not first:
            first.append(output)
        return output

    outputs = Mapped(output_of, compiles=len(samples) >= WORTH_COMPILING)(samples)
    if measure is accuracy:
        measure = decided(first[0], samples.targets, lambda _: _are_logits(outputs, samples.targets))
    else:
        measure = judging(measure, first[0])
    return sum_of(measure, outputs, samples.targets) / len(samples)


def decided(output: Any, targets: Sequence[Any], are_logits: Callable[[Any], bool]) -> Accuracy:
    """How `accuracy` judges a network with such an output by these targets. Of an output that may be a logit, since
    the targets are 0 and 1, it is asked whether it is one.

    Raises `LabelError` for targets that name no class.
    """
    kinds = {str(y): y for y in targets}.values()
    if _is_list(output) and len(output) > 1:
        for y in kinds:
            class_of(y, len(output))
        return Accuracy(0.0)
    signs = {sign_of(y) for y in kinds}
    threshold = _threshold(output)
    if -1.0 in signs and (0.0 in signs or threshold is not None):
        raise _refused(
            -1, "of a single output expects 0 and 1, or -1 and 1 unless it is a sigmoid's; -1 becomes 0 by (y + 1) / 2"
        )
    if threshold is None:
        threshold = 0.0 if -1.0 in signs or are_logits(output) else 0.5
    return Accuracy(threshold)


def falls_below_zero(loss: Callable[[Any, Any], Any], output: Any, target: Any) -> bool:
    """Whether a loss wants less than an output of 0 for the target 0, as losses of logits and of scores do; `output`
    and `target` show whether they are lists."""

    def at(x: float) -> Any:
        return loss([Value(x)] if _is_list(output) else Value(x), [0.0] if _is_list(target) else 0)

    try:
        return bool(at(-1.0) < at(0.0))
    except Exception:  # a loss of other targets
        return False


def errors_of(outputs: Sequence[Any], targets: Sequence[Any]) -> tuple[float, float]:
    """The squared errors of single outputs for the targets 0 and 1: as estimates of them, and as logits, by σ."""
    pairs = [(o[0] if _is_list(o) else o, sign_of(y)) for o, y in zip(outputs, targets, strict=True)]
    return sum((o - y) ** 2 for o, y in pairs), sum((ag.sigmoid(o) - y) ** 2 for o, y in pairs)


def _are_logits(outputs: Sequence[Any], targets: Sequence[Any]) -> bool:
    """Which of the two explains the outputs better; where it is a close call and matters a warning says so."""
    plain, squashed = errors_of(outputs, targets)
    is_logit = squashed < plain
    rules = [Accuracy(0.0), Accuracy(0.5)]
    right = [sum(map(rule, outputs, targets)) for rule in rules]
    if max(plain, squashed) < 2.0 * min(plain, squashed) and right[0] != right[1]:
        taken, other = (
            ("logits, which decide at 0", 0.5) if is_logit else ("estimates of 0 and 1, which decide at 0.5", 0)
        )
        warnings.warn(
            f"accuracy: the outputs of the last layer, which is no sigmoid, were taken for {taken}; if that is wrong "
            f"measure by lambda output, target: (output > {other}) == (target > 0)",
            RuntimeWarning,
            stacklevel=5,  # whoever has called `evaluate`
        )
    return is_logit


def sum_of(measure: Callable[[Any, Any], Any], outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The sum of ``measure(output, target)`` over samples.

    Raises `OutputError` where that is no number.
    """
    found = [measure(output, target) for output, target in zip(outputs, targets, strict=True)]
    try:
        return float(sum(found))
    except TypeError:
        wrong = next((x for x in found if not hasattr(x, "__float__")), found[0])
        hint = "; is a return missing?" if wrong is None else ""
        raise OutputError(f"a metric must return one number for each sample, got {wrong!r:.60}{hint}") from None


def sums_of(measure: Callable[[Any, Any], Any], outputs: Any, samples: Samples, positions: Any) -> list[float]:
    """The sum of ``measure(output, target)`` over each minibatch: `positions` has a row of samples for each of them,
    `outputs` are the network's in the same order, as it gives them for many, or a list of them."""
    from .training.steps import one_by_one

    count, size = positions.shape
    if isinstance(measure, Accuracy) and hasattr(outputs, "ndim"):
        right = measure.of_many(outputs, samples.target_numbers[positions.reshape(-1)])
        return [float(of_one) for of_one in right.reshape(count, size).sum(axis=1)]
    singles = outputs if isinstance(outputs, list) else one_by_one(outputs)
    return [sum_of(measure, singles[k * size : (k + 1) * size], samples.targets_at(positions[k])) for k in range(count)]


def _threshold(output: Any) -> float | None:
    """Where a single output decides because of the activation that computed it."""
    single = output[0] if _is_list(output) and len(output) == 1 else output
    is_sigmoid = isinstance(single, Value) and single.inputs and single.op.name in PROBABILITIES
    return 0.5 if is_sigmoid or isinstance(single, Probability) else None


def _is_list(x: Any) -> bool:
    return hasattr(x, "__len__")


def _position_of_largest(numbers: Sequence[Any]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)
