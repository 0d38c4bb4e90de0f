"""Stanford's cs231n, notes on backpropagation."""

import pytest

import autograd_core as ag
from autograd_core import Value
from nn import Neuron


def printed(x):
    return pytest.approx(x, rel=0, abs=0.5000001e-9)


def test_the_simple_expression():
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    f = (x + y) * z
    f.backward()
    assert (f.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)


def test_the_sigmoid_neuron():
    neuron = Neuron(2, "sigmoid")
    for p, data in zip(neuron.parameters(), (2.0, -3.0, -3.0), strict=True):
        p.data = data
    x = [Value(-1.0), Value(-2.0)]
    f = neuron(x)
    gradient = ag.backprop(f, [*neuron.parameters(), *x])
    assert f.data == printed(0.731058579)
    assert [gradient[v] for v in x] == [printed(0.393223866), printed(-0.589835800)]
    assert [gradient[p] for p in neuron.parameters()] == [
        printed(-0.196611933),
        printed(-0.393223866),
        printed(0.196611933),
    ]
