"""Metrics of one sample, ``metric(output, target)`` of plain numbers, and `evaluate`, their mean."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import autograd_core as ag
from autograd_core import Value

from .checks import advice_on, function
from .errors import LabelError, OutputError

Measure = Callable[[Any, Any], Any]
"""A loss or a metric: a number for the output and the target of one sample."""

__all__ = [
    "PROBABILITIES", "Accuracy", "Measure", "accuracy", "are_logits", "evaluate", "judge", "outputs_of", "predict",
    "sum_of", "sums_of",
]  # fmt: skip

PROBABILITIES = ("sigmoid", "hard_sigmoid", "norm_cdf")
"""Ops whose result lies between 0 and 1; `ag.softmax` consists of sigmoids."""

WORTH_COMPILING = 200  # samples: fewer are done before a compiler has started


def evaluate(net: Callable[[Any], Any], X: Any, Y: Any, measure: Measure) -> float:
    """The mean of ``measure(net(x), y)`` over the samples; for instance of `accuracy`, or of a loss.

    The measure gets plain numbers.

    >>> from nn import Neuron
    >>> neuron = Neuron(1, "linear", init=lambda rng, nin, nout: 1.0)
    >>> evaluate(neuron, [[-1.0], [2.0], [3.0], [4.0]], [-1, 1, 1, -1], accuracy)
    0.75

    Raises what `nn.fit` raises about data, and `LabelError` for targets that `accuracy` cannot judge by.
    """
    from .data.samples import as_samples

    function("measure", measure, "a function of (output, target), such as nn.accuracy")
    samples = as_samples(X, Y)
    outputs, first = outputs_of(net, samples), net(samples.rows[0].tolist())
    measure = judge(measure, first, samples.targets, lambda: are_logits(outputs, samples.targets, says=True))
    return sum_of(measure, outputs, samples.targets) / len(samples)


def predict(net: Callable[[Any], Any], X: Any) -> Any:
    """The outputs of a network for the samples X: an array with an entry for each, a row where there are several.

    >>> from nn import Neuron
    >>> predict(Neuron(1, "linear", init=lambda rng, nin, nout: 2.0), [[1.0], [2.0]])
    array([2., 4.])

    Raises what `nn.fit` raises about data.
    """
    import numpy as np

    from .data.samples import unlabelled

    return np.array(outputs_of(net, unlabelled(X)))


def outputs_of(net: Callable[[Any], Any], samples: Any) -> list[Any]:
    """The outputs for all samples, as plain numbers."""
    from .compiled import Mapped

    return Mapped(lambda x, _: net(x), compiles=len(samples) >= WORTH_COMPILING)(samples)


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
            largest = max(range(len(outputs)), key=outputs.__getitem__)
            return float(largest == _class_of(target, len(outputs)))
        return float((outputs[0] > self.threshold) == (_sign_of(target) > 0))

    def of_many(self, outputs: Any, targets: Any) -> Any:
        """The choices that are right, for arrays of outputs and targets that have been checked."""
        outputs, targets = outputs.reshape(len(outputs), -1), targets.reshape(len(targets), -1)
        if outputs.shape[1] == 1:
            is_right = (outputs[:, 0] > self.threshold) == (targets[:, 0] > 0)
        else:
            is_right = outputs.argmax(axis=1) == (targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0])
        return is_right & (outputs == outputs).all(axis=1)


def judge(metric: Measure, output: Any, targets: Sequence[Any], are_logits: Callable[[], bool]) -> Any:
    """`metric` for plain numbers of a network with such an output. For `accuracy` it is decided here by what, and an
    output that may be a logit, since the targets are 0 and 1, is one if ``are_logits()`` says so."""
    threshold = _threshold(output)
    if metric is not accuracy:
        return metric if threshold is None else lambda output, target: metric(_as_probabilities(output), target)
    kinds = {str(y): y for y in targets}.values()
    if _is_list(output) and len(output) > 1:
        for y in kinds:
            _class_of(y, len(output))
        return Accuracy(0.0)
    signs = {_sign_of(y) for y in kinds}
    if -1.0 in signs and (0.0 in signs or threshold is not None):
        raise _refused(
            -1, "of a single output expects 0 and 1, or -1 and 1 unless it is a sigmoid's; -1 becomes 0 by (y + 1) / 2"
        )
    if threshold is None:
        threshold = 0.0 if -1.0 in signs or are_logits() else 0.5
    return Accuracy(threshold)


def falls_below_zero(loss: Measure, output: Any, target: Any) -> bool:
    """Whether a loss wants less than an output of 0 for the target 0, as losses of logits and of scores do; `output`
    and `target` show whether they are lists."""
    from .compiled import refusal

    zero = [0.0] if _is_list(target) else 0
    outputs = [[x] if _is_list(output) else x for x in map(Value, (-1.0, 0.0))]
    try:
        return bool(loss(outputs[0], zero) < loss(outputs[1], zero))
    except Exception as error:  # whatever a loss of other targets may raise, but for mistakes of this library
        refusal(error)
        return False


def are_logits(outputs: Sequence[Any], targets: Sequence[Any], *, says: bool = False) -> bool:
    """Whether single outputs for the targets 0 and 1 are nearer to them as logits, by σ, than as estimates of them;
    where it is a close call and matters a warning may say so."""
    pairs = [(_single(o), _sign_of(y)) for o, y in zip(outputs, targets, strict=True)]
    plain, squashed = sum((o - y) ** 2 for o, y in pairs), sum((ag.sigmoid(o) - y) ** 2 for o, y in pairs)
    is_logit = bool(squashed < plain)
    if says and max(plain, squashed) < 2.0 * min(plain, squashed):
        taken = "logits, which decide at 0" if is_logit else "estimates of 0 and 1, which decide at 0.5"
        other = 0.5 if is_logit else 0
        right = [sum(map(Accuracy(threshold), outputs, targets)) for threshold in (0.0, 0.5)]
        if right[0] != right[1]:
            warnings.warn(
                f"accuracy: the outputs of the last layer, which is no sigmoid, were taken for {taken}; if that is "
                f"wrong measure by lambda output, target: (output > {other}) == (target > 0)",
                RuntimeWarning,
                stacklevel=5,  # whoever has called `evaluate`
            )
    return is_logit


def sums_of(measure: Measure, outputs: Any, samples: Any, positions: Any) -> list[float]:
    """The sum of ``measure(output, target)`` over each minibatch: `positions` has a row of samples for each of them,
    `outputs` are the network's in the same order, as it gives them for many, or a list of them."""
    count, size = positions.shape
    if isinstance(measure, Accuracy) and hasattr(outputs, "ndim"):
        right = measure.of_many(outputs, samples.target_numbers[positions.reshape(-1)])
        return [float(of_one) for of_one in right.reshape(count, size).sum(axis=1)]
    from .compiled import one_by_one

    outputs = outputs if isinstance(outputs, list) else one_by_one(outputs)
    return [sum_of(measure, outputs[k * size : (k + 1) * size], samples.targets_at(positions[k])) for k in range(count)]


def sum_of(measure: Measure, outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The sum of ``measure(output, target)`` over samples. Raises `OutputError` where that is no number."""
    found = [measure(output, target) for output, target in zip(outputs, targets, strict=True)]
    try:
        return float(sum(found))
    except TypeError:
        wrong = next((x for x in found if not hasattr(x, "__float__")), found[0])
        hint = "; is a return missing?" if wrong is None else ""
        raise OutputError(f"a metric must return one number for each sample, got {wrong!r:.60}{hint}") from None


def _class_of(target: Any, classes: int) -> int:
    """The class that a target names, of so many."""
    target = _single(target)
    if not _is_list(target):
        if target not in range(classes):
            hint = advice_on(target) or f"; labels 1, ..., {classes} become these by y - 1"
            raise _refused(
                target, f"of {classes} outputs expects a class 0, ..., {classes - 1} or a one-hot list{hint}"
            )
        return int(target)
    numbers = [float(y) for y in target]
    largest, rest = max(numbers, default=0.0), sorted(numbers)[:-1]
    is_one_hot = largest == 1.0 and (not any(rest) or set(rest) == {-1.0})
    is_distribution = min(numbers, default=-1.0) >= 0.0 and abs(sum(numbers) - 1.0) < 1e-6
    if len(numbers) != classes or numbers.count(largest) > 1 or not (is_one_hot or is_distribution):
        raise _refused(
            target, f"of {classes} outputs expects {classes} numbers with one 1 among zeros, or a class as an integer"
        )
    return numbers.index(largest)


def _sign_of(target: Any) -> float:
    """The target of a single output: 1, 0 or -1."""
    target = _single(target)
    if _is_list(target) or target not in (-1, 0, 1):
        hint = advice_on(target) or ", as Y = [int(y == first) for y in Y] gives them"
        raise _refused(target, f"of a single output expects 0 and 1, or -1 and 1{hint}")
    return float(target)


def _refused(target: Any, expected: str) -> LabelError:
    return LabelError(f"target {target!r:.60}; accuracy {expected}. What is no choice between classes is judged by mse")


def _threshold(output: Any) -> float | None:
    """The threshold of a single output if the activation that computed it tells."""
    single = _single(output)
    is_sigmoid = isinstance(single, Value) and single.inputs and single.op.name in PROBABILITIES
    return 0.5 if is_sigmoid or isinstance(single, Probability) else None


def _as_probabilities(output: Any) -> Any:
    return list(map(Probability, output)) if _is_list(output) else Probability(output)


def _single(x: Any) -> Any:
    return x[0] if _is_list(x) and len(x) == 1 else x


def _is_list(x: Any) -> bool:
    return hasattr(x, "__len__") and not isinstance(x, str)
