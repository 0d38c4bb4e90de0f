"""C. Yıldız, *NN06 - Backpropagation* (HSBI/TDU): the lecture's worked example and its exercise sheet.

Page 2 of the example prints -2.7 where -0.27 is meant, throughout, and loses the sign of dW1[0,2]; page 3 has both
right, and so do these tests.
"""

# ruff: noqa: N806  # matrices have capital letters, as in the lecture

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core import Value
from nn import MLP, SGD, Module, Parameter, fit, half_mse, matrix


def printed(x):
    return pytest.approx(x, rel=0, abs=0.5000001e-9)


X, Y = (1.0, 1.0, -1.0), 1.0
W1, B1 = [[-1.0, 1.0, 0.0], [-1.0, 0.0, 0.0]], [1.0, 0.0]
W2, B2 = [[1.0, 0.0]], [0.0]


def binary_cross_entropy(a, y):
    """L = -(y log a + (1 - y) log(1 - a)), as the lecture writes it."""
    return -(y * ag.log(a) + (1.0 - y) * ag.log(1.0 - a))


def example_net():
    net = MLP(3, [2, 1], activation=["relu", "sigmoid"])
    for layer, W, b in zip(net.layers, (W1, W2), (B1, B2), strict=True):
        for neuron, row, bias in zip(layer.neurons, W, b, strict=True):
            neuron.b.data = bias
            for w, number in zip(neuron.w, row, strict=True):
                w.data = number
    return net


def test_the_example_on_the_engine():
    net = example_net()
    hidden, output = net.layers
    z2 = output.z(hidden(X))
    [a2] = output.activate(z2)
    loss = binary_cross_entropy(a2, Y)
    assert a2.data == printed(0.731058579)
    assert loss.data == printed(0.313261688)

    gradient = ag.backprop(loss, [a2, *z2, *net.parameters()])
    assert gradient[a2] == printed(-1.367879441)
    assert gradient[z2[0]] == printed(-0.268941421)
    assert [gradient[w] for w in output.neurons[0].w] == [printed(-0.268941421), 0.0]
    assert [gradient[w] for w in hidden.neurons[0].w] == [
        *(printed(-0.268941421), printed(-0.268941421), printed(0.268941421)),
    ]
    assert [gradient[w] for w in hidden.neurons[1].w] == [0.0, 0.0, 0.0]

    loss.backward()
    SGD(0.1).step(net.parameters())
    assert [w.data for w in hidden.neurons[0].w] == [printed(-0.973105858), printed(1.026894142), printed(-0.026894142)]
    assert [w.data for w in hidden.neurons[1].w] == W1[1]
    assert [n.b.data for n in hidden.neurons] == [printed(1.026894142), 0.0]
    assert [w.data for w in output.neurons[0].w] == [printed(1.026894142), 0.0]
    assert output.neurons[0].b.data == printed(0.026894142)


def test_fit_takes_the_examples_step():
    net = example_net()
    net.layers[1].neurons[0].activation = MLP(1, [1]).layers[0].neurons[0].activation  # its sigmoid is in the loss
    history = fit(net, [X], [Y], loss=nn.binary_cross_entropy, optimizer=SGD(0.1))
    assert history.loss == [printed(0.313261688)]
    hidden, output = net.layers
    assert [w.data for w in hidden.neurons[0].w] == [printed(-0.973105858), printed(1.026894142), printed(-0.026894142)]
    assert [n.b.data for n in hidden.neurons] == [printed(1.026894142), 0.0]
    assert [w.data for w in output.neurons[0].w] == [printed(1.026894142), 0.0]
    assert output.neurons[0].b.data == printed(0.026894142)


def test_the_example_in_matrix_form():
    layers = [matrix.Dense(W1, B1, "relu"), matrix.Dense(W2, B2, "sigmoid")]
    Zs, As = matrix.forward(layers, np.array([X]).T)
    dA2 = -Y / As[-1] + (1.0 - Y) / (1.0 - As[-1])
    first, second = matrix.backward(layers, Zs, As, dA2)
    assert dA2.item() == printed(-1.367879441)
    assert second.dZ.item() == printed(-0.268941421)
    assert second.dW.tolist() == [[printed(-0.268941421), 0.0]]
    assert first.dW.tolist() == [[printed(-0.268941421), printed(-0.268941421), printed(0.268941421)], [0.0, 0.0, 0.0]]
    new, _ = matrix.update(layers, [first, second], 0.1)
    assert new.W[0].tolist() == [printed(-0.973105858), printed(1.026894142), printed(-0.026894142)]
    assert new.b[0].item() == printed(1.026894142)


def test_the_exercise_with_a_skip_edge():
    """Sheet NN.Backprop.02: h = σ(b_h + w_xh x), y = σ(b_y + w_hy h + w_xy x); the input reaches y on two ways."""
    x, target = 0.0, 0.5
    w_xh, b_h = Value(-1.0, "w_xh"), Value(1.0, "b_h")
    w_hy, w_xy, b_y = Value(1.0, "w_hy"), Value(2.0, "w_xy"), Value(-2.0, "b_y")
    h = ag.sigmoid(w_xh * x + b_h)
    y = ag.sigmoid(w_hy * h + w_xy * x + b_y)
    error = half_mse(y, target)
    assert (h.data, y.data) == (printed(0.731058579), printed(0.219438517))
    assert error.data == printed(0.039357373)

    error.backward()
    assert (w_hy.grad, b_y.grad, b_h.grad) == (printed(-0.035131784), printed(-0.048056045), printed(-0.009448392))
    assert (w_xh.grad, w_xy.grad) == (0.0, 0.0)

    SGD(0.01).step([w_xh, b_h, w_hy, w_xy, b_y])
    assert (w_hy.data, b_y.data, b_h.data) == (printed(1.000351318), printed(-1.999519440), printed(1.000094484))
    assert (w_xh.data, w_xy.data) == (-1.0, 2.0)


class SkipEdge(Module):
    """The sheet's network as a module of one's own."""

    def __init__(self):
        self.w_xh, self.b_h = Parameter(-1.0, "w_xh"), Parameter(1.0, "b_h")
        self.w_hy, self.w_xy, self.b_y = Parameter(1.0, "w_hy"), Parameter(2.0, "w_xy"), Parameter(-2.0, "b_y")

    def parameters(self):
        return [self.w_xh, self.b_h, self.w_hy, self.w_xy, self.b_y]

    def __call__(self, x):
        h = ag.sigmoid(self.w_xh * x[0] + self.b_h)
        return ag.sigmoid(self.w_hy * h + self.w_xy * x[0] + self.b_y)


def test_fit_takes_the_step_of_the_exercise_with_a_skip_edge():
    net = SkipEdge()
    history = fit(net, [0.0], [0.5], loss=half_mse, optimizer=SGD(0.01))
    assert history.loss == [printed(0.039357373)]
    moved = (net.w_hy.data, net.b_y.data, net.b_h.data)
    assert moved == (printed(1.000351318), printed(-1.999519440), printed(1.000094484))
    assert (net.w_xh.data, net.w_xy.data) == (-1.0, 2.0)
