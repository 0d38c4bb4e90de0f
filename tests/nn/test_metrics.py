"""`accuracy` looks at the last activation and at the targets, and refuses what fits neither."""

import warnings

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core.errors import OutputError
from nn import (
    MLP,
    SGD,
    Adam,
    Module,
    Neuron,
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    evaluate,
    fit,
    half_mse,
    hinge,
    mse,
)
from nn.errors import LabelError
from nn.metrics import Accuracy

X = [[-2.0], [-1.0], [0.2], [0.3], [1.0], [2.0]] * 40  # enough for `evaluate` to compile
FEW = X[:6]


def straight(activation="linear"):
    """A neuron whose pre-activation is its input."""
    return Neuron(1, activation, init=lambda *_: 1.0)


def as_given(kind, ys):
    return {
        "list": lambda: list(ys),
        "floats": lambda: [float(y) for y in ys],
        "array": lambda: np.array(ys),
        "column": lambda: np.array(ys)[:, None],
        "lists of one": lambda: [[y] for y in ys],
        "bools": lambda: [bool(y > 0) for y in ys],
    }[kind]()


KINDS = ["list", "floats", "array", "column", "lists of one"]


@pytest.mark.parametrize("kind", [*KINDS, "bools"])
@pytest.mark.parametrize("count", [6, 240])
def test_a_sigmoid_decides_at_one_half(kind, count):
    ys = [0, 0, 1, 0, 1, 1] * (count // 6)
    assert evaluate(straight("sigmoid"), X[:count], as_given(kind, ys), accuracy) == 5 / 6
    assert evaluate(straight("sigmoid"), X[:count], as_given(kind, [1 - y for y in ys]), accuracy) == pytest.approx(
        1 / 6
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["linear", "tanh", "softsign"])
def test_targets_of_both_signs_are_decided_by_the_sign(kind, activation):
    assert evaluate(straight(activation), FEW, as_given(kind, [-1, -1, 1, -1, 1, 1]), accuracy) == 5 / 6


@pytest.mark.parametrize("kind", [*KINDS, "bools"])
@pytest.mark.parametrize("activation", ["linear", "relu", "leaky_relu"])
def test_estimates_of_0_and_1_are_decided_at_one_half(kind, activation):
    net = straight(activation)
    near = [[0.02], [0.98], [1.1], [-0.1], [0.3], [0.7]]
    assert evaluate(net, near, as_given(kind, [0, 1, 1, 0, 0, 1]), accuracy) == 1.0
    assert evaluate(net, near, as_given(kind, [0, 1, 1, 0, 1, 1]), accuracy) == 5 / 6


@pytest.mark.parametrize("kind", [*KINDS, "bools"])
def test_logits_are_decided_at_zero(kind):
    logits = [[-4.0], [5.0], [0.3], [-0.2], [3.0], [-2.0]]
    assert evaluate(straight(), logits, as_given(kind, [0, 1, 1, 0, 1, 0]), accuracy) == 1.0


def test_a_close_call_between_logits_and_estimates_says_what_was_decided():
    with pytest.warns(RuntimeWarning, match=r"taken for estimates of 0 and 1.*lambda output, target: \(output > 0\)"):
        evaluate(straight(), [[0.45], [0.4], [0.55], [0.6]], [0, 0, 1, 1], accuracy)
    with pytest.warns(RuntimeWarning, match=r"taken for logits.*\(output > 0.5\)"):
        evaluate(straight(), [[-0.2], [0.3]], [0, 1], accuracy)


XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("loss", "last"),
    [
        (half_mse, "linear"),
        (mse, "linear"),
        (lambda a, y: (a - y) ** 2, "linear"),
        (half_mse, "sigmoid"),
        (binary_cross_entropy, "linear"),
        (lambda a, y: ag.softplus(-a) if y is True else binary_cross_entropy(a, y), "linear"),
        (lambda a, y: hinge(a, 2 * y - 1), "linear"),
    ],
)
@pytest.mark.parametrize("compile", slow([True, False], only=[False]))
def test_exclusive_or_once_learned_is_recognised(loss, last, compile):
    net = MLP(2, [8, 1], ["tanh", last], seed=1)
    history = fit(
        net, *XOR, loss=loss, optimizer=Adam(0.1), epochs=200, metric=accuracy, validation=XOR, compile=compile
    )
    assert history.metric[-1] == history.validation_metric[-1] == 1.0
    assert evaluate(net, *XOR, accuracy) == 1.0


@pytest.mark.parametrize("loss", [half_mse, binary_cross_entropy])
def test_compiled_and_plain_training_judge_alike_all_the_way(loss):
    found = []
    for compile in (True, False):
        net = MLP(2, [4, 1], "tanh", seed=3)
        history = fit(net, *XOR, loss=loss, optimizer=SGD(0.5), epochs=60, metric=accuracy, compile=compile)
        found.append(history.metric)
    assert found[0] == found[1]


THREE = [[0.0, 2.0, 1.0], [3.0, 2.0, 1.0], [0.0, 2.0, 4.0]]


class Straight(Module):
    """A network whose outputs are its inputs."""

    def __call__(self, x):
        return [1.0 * ag.Value(v) if isinstance(v, float) else v for v in x]


@pytest.mark.parametrize(
    "labels",
    [
        [1, 0, 1],
        [1.0, 0.0, 1.0],
        np.array([1, 0, 1]),
        np.array([[1], [0], [1]]),
        [[1.0], [0.0], [1.0]],
        [[0, 1, 0], [1, 0, 0], [0, 1, 0]],
        np.eye(3)[[1, 0, 1]],
        2.0 * np.eye(3)[[1, 0, 1]] - 1.0,
        [[0.1, 0.8, 0.1], [0.6, 0.2, 0.2], [0.2, 0.7, 0.1]],
    ],
)
def test_several_outputs_choose_the_largest_however_labels_are_given(labels):
    assert evaluate(Straight(), THREE, labels, accuracy) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([1, 2, 3], r"target 3; accuracy of 3 outputs expects a class 0, \.\.\., 2.*by y - 1"),
        ([-1, 1, 1], "target -1"),
        ([0.5, 1.0, 2.0], "target 0.5"),
        (["a", "b", "a"], r"names = sorted\(set\(Y\)\)"),
        ([[1, 1, 0], [0, 1, 0], [1, 0, 0]], "with one 1 among zeros"),
        ([[0, 0, 0], [0, 1, 0], [1, 0, 0]], "with one 1 among zeros"),
        ([[0.5, 0.5, 0.0], [0, 1, 0], [1, 0, 0]], "with one 1 among zeros"),
        ([[1, 0], [0, 1], [1, 0]], "expects 3 numbers"),
        ([[1.5, 0.2, -3.0], [0, 1, 0], [1, 0, 0]], "judged by mse"),
    ],
)
def test_targets_that_name_no_class_are_refused(labels, says):
    with pytest.raises(LabelError, match=says):
        evaluate(Straight(), THREE, labels, accuracy)


@pytest.mark.parametrize(
    ("net", "targets", "says"),
    [
        (straight(), [1, 2, 1, 2, 1, 2], "target 2; accuracy of a single output expects 0 and 1, or -1 and 1"),
        (straight(), [0.3, 1.7, 0.2, 0.0, 1.0, 1.0], "target 0.3"),
        (straight(), ["no", "yes"] * 3, "names = sorted"),
        (straight(), [[1, 0]] * 6, "single output"),
        (straight(), [-1, 0, 1, 1, 1, 1], r"-1 becomes 0"),
        (straight("sigmoid"), [-1, 1, 1, 1, 1, 1], r"-1 becomes 0 by \(y \+ 1\) / 2"),
        (straight(), [None] * 6, "target None"),
    ],
)
def test_targets_that_a_single_output_cannot_hit_are_refused(net, targets, says):
    with pytest.raises(LabelError, match=says):
        evaluate(net, FEW, targets, accuracy)


def test_training_refuses_such_targets_before_anything_changes():
    net = straight()
    for validation in (None, (FEW, [1.0, 2.0, 3.0, 0.0, 0.0, 0.0])):
        ys = [0.0, 1.0, 2.0, 0.0, 1.0, 1.0] if validation is None else [0.0, 1.0] * 3
        with pytest.raises(LabelError, match="expects 0 and 1"):
            fit(net, FEW, ys, loss=half_mse, optimizer=SGD(0.1), metric=accuracy, validation=validation)
    assert [p.data for p in net.parameters()] == [1.0, 0.0]


def test_called_by_hand_it_sees_the_sigmoid_of_a_value_and_refuses_what_it_cannot_judge():
    half = ag.sigmoid(ag.Value(-0.5))
    assert accuracy(half, 0) == accuracy([half], [0]) == 1.0
    assert accuracy([0.1, 0.9], [1]) == accuracy([0.1, 0.9], np.array([1.0])) == 1.0
    for output, target in ((0.5, 2), (0.5, "a"), ([0.1, 0.9], "a"), ([0.1, 0.9], 2), ([0.1, 0.9], -1)):
        with pytest.raises(LabelError):
            accuracy(output, target)


def test_classes_in_a_column_are_judged_while_training_too():
    inputs, labels = np.eye(3), np.array([[0], [1], [2]])
    found = []
    for compile in (True, False):
        net = MLP(3, [3], seed=0)
        history = fit(
            net,
            inputs,
            labels,
            loss=lambda a, y: cross_entropy(a, y[0] if isinstance(y[0], ag.Value) else int(y[0])),
            optimizer=SGD(1.0),
            metric=accuracy,
            epochs=40,
            compile=compile,
        )
        found.append(history.metric)
    assert found[0] == found[1]
    assert found[0][-1] == 1.0


@pytest.mark.parametrize("wrong", [None, "0.5", [0.5, 0.5], np.zeros(2), 1j])
@pytest.mark.parametrize("compile", [True, False])
def test_a_metric_that_gives_no_number_is_named(wrong, compile):
    net = straight()
    with pytest.raises(OutputError, match="a metric must return one number for each sample, got"):
        fit(net, FEW, [1.0] * 6, loss=half_mse, optimizer=SGD(0.1), metric=lambda a, y: wrong, compile=compile)
    assert [p.data for p in net.parameters()] == [1.0, 0.0]
    with pytest.raises(OutputError, match="is a return missing" if wrong is None else "one number"):
        evaluate(net, FEW, [1.0] * 6, lambda a, y: wrong)


def test_a_metric_may_give_what_counts_as_a_number():
    for right in (True, np.True_, np.float32(1.0), np.array(1.0), 1):
        assert evaluate(straight(), FEW, [1.0] * 6, lambda a, y, right=right: right) == 1.0


def test_regions_in_the_plane_meet_where_accuracy_decides():
    from nn.pictures import decision_boundary

    points = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]] * 2
    for activation in ("sigmoid", "linear", "tanh"):
        net = Neuron(2, activation, init=lambda *_: 0.5)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure = decision_boundary(net, points, [0, 1, 0, 0] * 2)
        [regions] = [c for c in figure.axes[0].collections if hasattr(c, "levels")]
        low, middle, _ = regions.levels
        assert middle == 0.0
        assert low + 0.5 == pytest.approx(net([-0.1, -0.1]).data, abs=1e-6)


def percent(output, target):
    return 100.0 * accuracy(output, target)


@pytest.mark.parametrize("count", [40, 400])
def test_accuracy_inside_another_metric_knows_that_the_output_is_a_sigmoids(count):
    inputs = np.random.default_rng(0).normal(size=(count, 2))
    targets = [int(a > b) for a, b in inputs.tolist()]
    net = MLP(2, [1], ["sigmoid"], seed=0)
    for p, number in zip(net.parameters(), [2.0, -2.0, 0.0], strict=True):
        p.data = number
    assert evaluate(net, inputs, targets, accuracy) == 1.0
    assert evaluate(net, inputs, targets, percent) == 100.0
    for compiles in (True, False):
        settings = {"loss": mse, "optimizer": SGD(1e-9), "epochs": 2, "seed": 0, "compile": compiles}
        assert fit(net, inputs, targets, metric=percent, **settings).metric == [100.0, 100.0]


def test_an_output_that_is_no_number_is_never_right():
    nan = float("nan")
    for output, target in ((nan, 0), (nan, -1), ([nan, 1.0], 1), ([1.0, nan], 0), ([nan], 0)):
        assert accuracy(output, target) == 0.0
    rule = Accuracy(0.5)
    assert rule.of_many(np.array([[nan], [0.2]]), np.array([[0.0], [0.0]])).tolist() == [False, True]
    assert rule.of_many(np.array([[nan, 1.0], [0.2, 1.0]]), np.array([[1.0], [1.0]])).tolist() == [False, True]
