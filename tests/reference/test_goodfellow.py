"""Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 6.5, as summarised by L. S. Brunschier, and the
article by Prakash Jay that the summary cites.

Slips in the summary: the derivative of J = ½ (X - y)² by X is X - y, not y - X; and the gradients that arrive from
several consumers are summed. "Or averaged" is wrong, as the tests of sums below show.
"""

import math

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from nn import MLP, SGD, cross_entropy, fit, half_mse


def derivative(f, at):
    x = Value(at)
    return ag.backprop(f(x), [x])[x]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x * x, 6.0),
        (lambda x: x / x, 0.0),
        (lambda x: x**x, 27.0 * (math.log(3.0) + 1.0)),
        (lambda x: x - x, 0.0),
        (lambda x: x + x, 2.0),
        (lambda x: ag.dot([x, x], [x, x]), 12.0),
    ],
)
def test_a_rule_pretends_that_its_inputs_are_distinct_and_the_table_adds(f, expected):
    assert derivative(f, 3.0) == pytest.approx(expected, rel=1e-15, abs=0)


def test_the_rule_of_mul_returns_x_twice_for_x_times_x():
    assert ag.mul.bprop(1.0, 9.0, 3.0, 3.0) == (3.0, 3.0)


def test_gradients_from_several_consumers_are_summed_not_averaged():
    x = Value(2.0)
    z = ag.sin(x) + ag.exp(x) + 5.0 * x
    dx = ag.backprop(z, [x])[x]
    total = math.cos(2.0) + math.exp(2.0) + 5.0
    assert dx == pytest.approx(total, rel=1e-15, abs=0)
    assert dx != pytest.approx(total / 3.0, rel=0.1)


def test_the_derivative_of_the_quadratic_cost_is_prediction_minus_target():
    prediction = Value(0.8)
    assert ag.backprop(half_mse(prediction, 1.0), [prediction])[prediction] == pytest.approx(
        0.8 - 1.0, rel=1e-15, abs=0
    )


# The article's network: 3-3-3-3, relu, sigmoid, softmax; all biases 1; the matrices act on row vectors.
X, LABEL = [0.1, 0.2, 0.7], 0
MATRICES = [
    [[0.1, 0.2, 0.3], [0.3, 0.2, 0.7], [0.4, 0.3, 0.9]],
    [[0.2, 0.3, 0.5], [0.3, 0.5, 0.7], [0.6, 0.4, 0.8]],
    [[0.1, 0.4, 0.8], [0.3, 0.7, 0.2], [0.5, 0.2, 0.9]],
]


def articles_net():
    net = MLP(3, [3, 3, 3], activation=["relu", "sigmoid", "linear"])
    for layer, matrix in zip(net.layers, MATRICES, strict=True):
        for j, neuron in enumerate(layer.neurons):
            neuron.b.data = 1.0
            for w, row in zip(neuron.w, matrix, strict=True):
                w.data = row[j]
    return net


@pytest.fixture
def logits():
    return articles_net()(X)


def test_fit_starts_at_the_articles_corrected_loss_and_lowers_it():
    history = fit(articles_net(), [X], [LABEL], loss=cross_entropy, optimizer=SGD(0.01), epochs=2)
    assert history.loss[0] == pytest.approx(1.617233750, rel=0, abs=0.5000001e-9)
    assert history.loss[1] < history.loss[0]


def test_the_articles_softmax_and_loss_corrected(logits):
    p = [x.data for x in ag.softmax(logits)]
    assert p == pytest.approx([0.198446894, 0.285355530, 0.516197575], rel=0, abs=0.5000001e-9)
    assert cross_entropy(logits, LABEL).data == pytest.approx(1.617233750, rel=0, abs=0.5000001e-9)


def test_the_articles_softmax_as_published_is_z_over_the_sum_of_z(logits):
    """It prints (0.2698, 0.3223, 0.4078). No exponential was taken; the last digits suffer from earlier rounding."""
    z = np.array([x.data for x in logits])
    assert (z / z.sum()).tolist() == pytest.approx([0.26979, 0.32228, 0.40793], rel=0, abs=0.5000001e-5)
    assert (z / z.sum()).tolist() == pytest.approx([0.2698, 0.3223, 0.4078], rel=0, abs=2e-4)


def test_the_articles_loss_as_published_is_binary_and_in_base_ten(logits):
    """Its 0.965 is the per-class binary cross-entropy, with the decimal logarithm, of its own percentages."""
    z = np.array([x.data for x in logits])
    q, y = z / z.sum(), np.array([1.0, 0.0, 0.0])
    assert -(y * np.log10(q) + (1 - y) * np.log10(1 - q)).sum() == pytest.approx(0.965, abs=1e-3)
