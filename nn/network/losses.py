"""Losses of one sample: ``loss(output, target)`` is a number to make small; `nn.fit` averages it over samples.

The output is what a network returns: a Value, or a list of them. Plain numbers are accepted everywhere too, so that a
loss can be tried out by hand.
"""

from __future__ import annotations

import warnings
from contextvars import ContextVar
from typing import Any

import autograd_core as ag
from autograd_core import Value

from ..checks import advice_on, as_list, integer
from ..errors import LabelError, SettingTypeError, StructureError
from ..metrics import PROBABILITIES, Measure

__all__ = ["binary_cross_entropy", "cross_entropy", "half_mse", "hinge", "mse", "unchecked"]


def mse(output: Any, target: Any) -> Any:
    """The mean squared error (1/k) Σⱼ (aⱼ - yⱼ)² over the k outputs of one sample, as in scikit-learn and torch.

    >>> mse([1.0, 2.0], [0.0, 0.0])
    2.5

    Raises `StructureError` when output and target differ in length.
    """
    differences = [ag.sub(a, y) for a, y in _paired("mse", output, target)]
    return ag.dot(differences, differences) / len(differences)


def half_mse(output: Any, target: Any) -> Any:
    """The lectures' quadratic cost of one sample, C = ½ ‖y - a‖² = ½ Σⱼ (yⱼ - aⱼ)²: Nielsen's equation (27).

    Its mean over n samples is 1/(2n) Σ ‖y - a‖², their equations (6) and (26). The derivative is output minus target,
    ∂C/∂aⱼ = aⱼ - yⱼ. (L. S. Brunschier's seminar summary gives J = ½ (X - y)² the derivative y - X; its sign is a
    slip.)

    >>> half_mse([1.0, 2.0], [0.0, 0.0])
    2.5
    >>> a = ag.Value(3.0)
    >>> half_mse(a, 1.0).backward(); a.grad
    2.0

    Raises `StructureError` when output and target differ in length.
    """
    differences = [ag.sub(a, y) for a, y in _paired("half_mse", output, target)]
    return 0.5 * ag.dot(differences, differences)


def binary_cross_entropy(logit: Any, target: Any) -> Any:
    """-y log p - (1 - y) log(1 - p), where p = sigmoid(logit): for networks whose last layer is linear.

    The target y is 1 or 0, or a probability in between. Computed as y softplus(-x) + (1 - y) softplus(x), which loses
    nothing in either tail; its derivative is p - y. Of several outputs the losses are added, Nielsen's equation (63).

    >>> binary_cross_entropy(0.0, 1)                 # log 2
    0.6931471805599453
    >>> binary_cross_entropy(100.0, 1)
    3.720075976020836e-44

    Raises `LabelError` for a target outside 0 to 1, `StructureError` when outputs and targets differ in number.
    """
    pairs = _paired("binary_cross_entropy", logit, target)
    _warn_of_probabilities("binary_cross_entropy", [x for x, _ in pairs])
    for _, y in pairs:
        if _is_to_check(y) and not 0.0 <= y <= 1.0:
            hint = "; for targets -1 and 1 use hinge, or (y + 1) / 2" if y == -1.0 else ""
            hint = "; labels 1 and 2 become 0 and 1 by y - 1" if y == 2.0 else hint
            raise LabelError(f"target {y!r:.40}; binary_cross_entropy expects 0, 1 or a probability in between{hint}")
    return _total([y * ag.softplus(-x) + (1.0 - y) * ag.softplus(x) for x, y in pairs])


def hinge(score: Any, label: Any) -> Any:
    """max(0, 1 - y s): the maximum margin loss for a score s and a label y that is -1 or 1.

    Of several scores the losses are added. At the edge, y s = 1, the derivative is 0.

    >>> hinge(0.25, 1), hinge(0.25, -1), hinge(2.0, 1)
    (0.75, 1.25, 0.0)

    Raises `LabelError` for another label, `StructureError` when scores and labels differ in number.
    """
    pairs = _paired("hinge", score, label)
    _warn_of_probabilities("hinge", [s for s, _ in pairs])
    for _, y in pairs:
        if _is_to_check(y) and (abs(y) != 1.0 if isinstance(y, Value) else y not in (-1.0, 1.0)):  # one guard for both
            raise LabelError(f"label {y!r:.40}; hinge expects -1 or 1. Labels 0 and 1 become these by 2 * y - 1")
    return _total([ag.relu(1.0 - y * s) for s, y in pairs])


def cross_entropy(logits: Any, label: Any) -> Any:
    """-log p of the right class, where p = softmax(logits): for networks whose last layer is linear.

    Computed as log Σⱼ exp(xⱼ - x_label). The term of the label itself is exp(0) = 1 exactly, so a loss of 1e-30 comes
    out as 1e-30, where x_label - log Σ exp(xⱼ) would have cancelled to 0. In nats: the logarithm is the natural one.

    >>> cross_entropy([0.0, 0.0], 1)                 # log 2
    0.6931471805599453
    >>> cross_entropy([100.0, 0.0], 0)
    3.720075976020836e-44

    While a function is compiled a label may be a Value; which class is right is then decided at every call.

    Raises `LabelError` for a label that is not one of 0, ..., len(logits) - 1, `StructureError` for fewer than two
    logits.
    """
    logits = as_list(logits)
    if len(logits) < 2:
        raise StructureError(f"cross_entropy needs one logit per class and at least two, got {len(logits)}")
    _warn_of_probabilities("cross_entropy", logits)
    expected = f"expected one of the {len(logits)} classes 0, ..., {len(logits) - 1}, as an integer"
    if isinstance(label, Value):
        if _is_to_check(label) and not (0.0 <= label <= len(logits) - 1.0 and ag.floor(label) == label):
            raise LabelError(f"label {label!r:.60}; {expected}")
        is_right = [ag.equal(label, float(j)) for j in range(len(logits))]
        chosen = ag.dot(is_right, logits)
        return ag.logsumexp([ag.where(right, 0.0, x - chosen) for right, x in zip(is_right, logits, strict=True)])
    try:
        label = integer("label", label)
    except SettingTypeError:
        kind = type(label).__name__
        raise LabelError(f"label {label!r:.60} of type {kind}; {expected}{_advice_on_label(label)}") from None
    if not 0 <= label < len(logits):
        advice = f"; labels 1, ..., {label} become these by y - 1" if label == len(logits) else ""
        raise LabelError(f"label {label}; {expected}{advice}")
    return ag.logsumexp([0.0 if j == label else x - logits[label] for j, x in enumerate(logits)])


def _advice_on_label(label: Any) -> str:
    if isinstance(label, str) or label is None:
        return advice_on(label)
    if hasattr(label, "__len__"):
        one_hot = "For a one-hot target give the position of its 1"
        return f". {one_hot if len(label) > 1 else 'A column of labels becomes a list of them by y.ravel()'}"
    return ". Labels in an array of floats become integers by y.astype(int)" if isinstance(label, float) else ""


def _warn_of_probabilities(loss: str, logits: list[Any]) -> None:
    """Say so where the last activation has done already what the loss does itself."""
    if any(map(_is_probability, logits)):
        warnings.warn(
            f"{loss} is computed from a linear output, and contains the sigmoid or softmax that it needs; this output "
            "comes out of one already, so little is learned. Leave the last layer linear, or use mse",
            RuntimeWarning,
            stacklevel=3,
        )


def _is_probability(x: Any) -> bool:
    if not isinstance(x, Value) or not x.inputs:
        return False
    if x.op is not ag.div:
        return x.op.name in PROBABILITIES
    above, below = x.inputs  # eᶻ / Σ eᶻ, or 1 / (1 + e⁻ᶻ)
    inside = below.inputs if type(above) is float and isinstance(below, Value) else (above,)
    return any(isinstance(part, Value) and part.op is ag.exp for part in inside)


_has_checked = ContextVar("_has_checked", default=False)


def unchecked(loss: Measure, output: Any, target: Any) -> Any:
    """The loss for a target that has been checked: while `fit` compiles, a check would be made at every step."""
    before = _has_checked.set(True)
    try:
        return loss(output, target)
    finally:
        _has_checked.reset(before)


def _is_to_check(target: Any) -> bool:
    """Whether to look at a target, which takes a guard while a function is compiled."""
    return not (_has_checked.get() and isinstance(target, Value))


def _total(terms: list[Any]) -> Any:
    return terms[0] if len(terms) == 1 else ag.sum(terms)


def _paired(loss: str, output: Any, target: Any) -> list[tuple[Any, Any]]:
    outputs, targets = as_list(output), as_list(target)
    if any(isinstance(x, (list, tuple)) for x in (*outputs, *targets)):
        average = f"ag.mean([{loss}(net(x), y) for x, y in zip(X, Y)])"
        raise StructureError(f"{loss} is of one sample, got lists of several; average over them, {average}")
    if len(outputs) != len(targets) or not outputs:
        raise StructureError(
            f"{loss} of {len(outputs)} output{'s' * (len(outputs) != 1)} and {len(targets)} "
            f"target{'s' * (len(targets) != 1)}; expected as many targets as outputs, and at least one"
        )
    return list(zip(outputs, targets, strict=True))
