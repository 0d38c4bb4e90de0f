import math

import mpmath
import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import NumberError, StructureError
from nn import binary_cross_entropy, cross_entropy, half_mse, hinge, mse
from nn.errors import LabelError


def values(*numbers):
    return [Value(x) for x in numbers]


def gradient(loss, outputs):
    table = ag.backprop(loss, outputs)
    return [table[x] for x in outputs]


def test_mse_is_the_mean_over_the_outputs():
    outputs = values(1.0, -2.0, 0.5)
    loss = mse(outputs, [0.0, 1.0, 0.5])
    assert loss.data == pytest.approx((1.0 + 9.0 + 0.0) / 3.0, rel=1e-15, abs=0)
    assert gradient(loss, outputs) == pytest.approx([2.0 / 3.0, -2.0, 0.0], rel=1e-15, abs=0)


def test_half_mse_is_the_lectures_sum_and_its_derivative_is_output_minus_target():
    outputs = values(1.0, -2.0, 0.5)
    loss = half_mse(outputs, [0.0, 1.0, 0.5])
    assert loss.data == 5.0
    assert gradient(loss, outputs) == [1.0, -3.0, 0.0]


@pytest.mark.parametrize("loss", [mse, half_mse])
def test_one_output_and_one_target_may_come_bare(loss):
    for target in (1, 1.0, np.float64(1.0), [1.0], np.array([1.0])):
        assert loss(Value(3.0), target).data == loss([3.0], [1.0])


@pytest.mark.parametrize("loss", [mse, half_mse])
@pytest.mark.parametrize(("output", "target"), [([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0]), ([1.0, 2.0], 1.0), ([], [])])
def test_outputs_and_targets_of_different_length_are_refused(loss, output, target):
    with pytest.raises(StructureError, match=f"{loss.__name__} of {len(output)} output"):
        loss(output, target)


@pytest.mark.parametrize("target", ["a", None, True, [None]])
def test_a_target_that_is_no_number_is_refused(target):
    with pytest.raises(NumberError):
        mse([Value(1.0)], target)


def test_cross_entropy_is_minus_log_softmax_and_its_gradient_softmax_minus_one_hot():
    logits = values(0.3, -1.2, 2.0)
    p = np.exp([0.3, -1.2, 2.0]) / np.exp([0.3, -1.2, 2.0]).sum()
    loss = cross_entropy(logits, 1)
    assert loss.data == pytest.approx(-math.log(p[1]), rel=1e-15, abs=0)
    assert gradient(loss, logits) == pytest.approx(list(p - [0, 1, 0]), rel=1e-14, abs=0)


@pytest.mark.parametrize("label", [0, 1, 2])
@pytest.mark.parametrize("margin", [0.0, 1.0, 20.0, 37.0, 100.0, 700.0, -30.0, -800.0])
def test_cross_entropy_cancels_nothing_in_the_tails(margin, label):
    logits = values(0.0, -1.0)
    logits.insert(label, Value(margin))
    loss = cross_entropy(logits, label)
    with mpmath.workdps(400):
        total = mpmath.exp(margin) + 1 + mpmath.exp(-1)
        expected = mpmath.log(total / mpmath.exp(margin))
        derivative = mpmath.exp(margin) / total - 1
        assert loss.data == pytest.approx(float(expected), rel=1e-13, abs=0)
        assert gradient(loss, logits)[label] == pytest.approx(float(derivative), rel=1e-13, abs=0)


def test_cross_entropy_accepts_lists_tuples_arrays_and_numpy_labels():
    expected = cross_entropy([1.0, 2.0], 1)
    assert cross_entropy((1, 2), np.int64(1)) == expected
    assert cross_entropy(np.array([1.0, 2.0]), np.uint8(1)) == expected
    assert cross_entropy(np.array(values(1.0, 2.0)), 1).data == expected


@pytest.mark.parametrize("label", [3, -1, 10**30])
def test_labels_outside_the_classes_are_refused_by_name(label):
    with pytest.raises(LabelError, match=rf"label {label}; expected one of the 3 classes 0, \.\.\., 2") as caught:
        cross_entropy(values(1.0, 2.0, 3.0), label)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("label", [1.0, "1", None, True, [0, 1, 0]])
def test_labels_that_are_no_integers_are_refused(label):
    with pytest.raises(LabelError, match="as an integer"):
        cross_entropy(values(1.0, 2.0, 3.0), label)


def test_a_one_hot_label_gets_a_hint():
    with pytest.raises(LabelError, match="give the position of its 1"):
        cross_entropy(values(1.0, 2.0), np.array([0.0, 1.0]))


@pytest.mark.parametrize("logits", [1.0, [1.0], []])
def test_cross_entropy_needs_two_logits(logits):
    with pytest.raises(StructureError, match="at least two"):
        cross_entropy(logits, 0)


@pytest.mark.parametrize("target", [0, 1, 0.25, 0.0, 1.0])
@pytest.mark.parametrize("x", [0.0, 1.0, -3.0, 40.0, -40.0, 700.0, -800.0])
def test_binary_cross_entropy_loses_nothing_in_the_tails(x, target):
    logit = Value(x)
    loss = binary_cross_entropy(logit, target)
    with mpmath.workdps(800):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        expected = -target * mpmath.log(p) - (1 - target) * mpmath.log(1 - p)
        assert loss.data == pytest.approx(float(expected), rel=1e-14, abs=0)
        assert gradient(loss, [logit]) == pytest.approx([float(p - target)], rel=1e-13, abs=1e-16)


def test_binary_cross_entropy_adds_up_several_outputs():
    assert binary_cross_entropy([0.3, -2.0], [1, 0]) == pytest.approx(
        binary_cross_entropy(0.3, 1) + binary_cross_entropy(-2.0, 0)
    )


@pytest.mark.parametrize("target", [-1, 1.5, -0.1, [2]])
def test_binary_cross_entropy_refuses_targets_that_are_no_probabilities(target):
    with pytest.raises(LabelError, match="expects 0, 1 or a probability"):
        binary_cross_entropy([Value(0.0)], target)
    if target == -1:
        with pytest.raises(LabelError, match="use hinge"):
            binary_cross_entropy(0.0, target)


def test_hinge_is_zero_beyond_the_margin_and_has_the_labels_slope_before_it():
    for label in (-1, 1):
        inside, at_edge, beyond = values(0.5 * label, 1.0 * label, 3.0 * label)
        assert [hinge(score, label).data for score in (inside, at_edge, beyond)] == [0.5, 0.0, 0.0]
        assert [gradient(hinge(score, label), [score])[0] for score in (inside, at_edge, beyond)] == [-label, 0.0, 0.0]
    assert hinge([0.5, -0.5], [1, 1]) == 2.0


@pytest.mark.parametrize("label", [0, 2, 0.5])
def test_hinge_refuses_other_labels(label):
    with pytest.raises(LabelError, match=r"hinge expects -1 or 1\. Labels 0 and 1 become these by"):
        hinge(Value(0.1), label)


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("margin", [0.0, 1.0, 37.0, 700.0, -800.0])
def test_cross_entropy_of_a_label_that_is_known_at_every_call_only(margin, backend):
    f = ag.jit(ag.value_and_grad(lambda logits, label: cross_entropy(logits, label)), backend=backend)
    for label in (0, 1, 2, 0, 1, 2):
        logits = [0.0, -1.0]
        logits.insert(label, margin)
        expected = ag.value_and_grad(lambda logits, label=label: cross_entropy(logits, label))(logits)
        found = f(logits, float(label))
        assert found[0] == pytest.approx(expected[0], rel=1e-13, abs=0)
        assert found[1] == pytest.approx(expected[1], rel=1e-13, abs=0)


Z = np.random.default_rng(0).normal(size=(4, 12))
LABELS = {
    "hinge": (hinge, np.array([1.0, -1.0, 1.0, -1.0]), (0.0, 2.0, 0.5)),
    "binary cross-entropy": (binary_cross_entropy, np.array([1.0, 0.0, 0.25, 1.0]), (-1.0, 1.5)),
    "cross-entropy": (cross_entropy, np.array([0, 11, 3, 3]), (12, -1, 2.5)),
}


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("name", LABELS)
def test_labels_are_checked_in_compiled_functions_too(name, backend):
    loss, labels, wrong = LABELS[name]
    outputs = Z if loss is cross_entropy else Z[:, 0]
    expected = [loss(list(o) if loss is cross_entropy else o, y.item()) for o, y in zip(outputs, labels, strict=True)]
    each, mean = (
        ag.jit(ag.vmap(loss), backend=backend),
        ag.jit(lambda o, y: ag.mean(ag.vmap(loss)(o, y)), backend=backend),
    )
    for _ in range(2):
        assert each(outputs, labels) == pytest.approx(expected, rel=1e-13)
        assert mean(outputs, labels) == pytest.approx(np.mean(expected), rel=1e-13)
    for y in wrong:
        given = np.array([*labels[:2], y, labels[3]])
        for f in (each, mean):
            with pytest.raises(LabelError, match="expect"):
                f(outputs, given)
        with pytest.raises(LabelError, match="expect"):
            loss(values(*outputs[0]) if loss is cross_entropy else Value(0.3), Value(float(y)))


def test_hinge_names_a_label_that_is_no_number():
    for score, label in ((0.3, None), ([0.3, 0.2], [1.0, "b"])):
        with pytest.raises(LabelError, match="hinge expects -1 or 1"):
            hinge(score, label)
