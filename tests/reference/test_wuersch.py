"""C. Würsch, *Applied Neural Networks* (OST): notebook 4.3 on automatic differentiation, and equation (53) of 4.2."""

import math

import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import ancestors, consumers
from nn import MLP


def test_the_first_example():
    x, y, z = Value(1.0), Value(2.0), Value(3.0)
    f = (2 * x + y) * z
    gradient = ag.backprop(f, [x, y, z])
    assert f.data == 12.0
    assert [gradient[v] for v in (x, y, z)] == [6.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("at", "value", "derivative", "digits"),
    [(1000.0, 23.178007083571295, 11.926922952255467, 14), (1.0, 23.489694829, 11.624510248, 9)],
)
def test_the_second_example(at, value, derivative, digits):
    x = Value(at)
    f = 10 * ag.exp(ag.sin(x)) + ag.cos(x) ** 2
    f.backward()
    assert f.data == pytest.approx(value, rel=0, abs=10**-digits * 1.5)
    assert x.grad == pytest.approx(derivative, rel=0, abs=10**-digits * 1.5)
    by_hand = 10 * math.exp(math.sin(at)) * math.cos(at) - 2 * math.cos(at) * math.sin(at)
    assert x.grad == pytest.approx(by_hand, rel=1e-14, abs=0)


def number_of_paths(root):
    """From each node to `root`: 1 from the root itself, else the sum over the consumers. One addition per edge."""
    above = consumers(ancestors(root))
    paths = {root: 1}
    for node in reversed(above):
        if node is not root:
            paths[node] = sum(paths[consumer] for consumer in above[node])
    return paths


@pytest.mark.parametrize(
    ("nin", "nouts", "from_one_weight"), [(2, [2, 2], 2), (784, [30, 10], 10), (784, [30, 30, 30, 10], 9_000)]
)
def test_the_paths_of_equation_53_are_many_and_are_summed_without_walking_them(nin, nouts, from_one_weight):
    """Equation (53) has one product per path from a weight to the cost; back-propagation one addition per edge."""
    net = MLP(nin, nouts, ["sigmoid"] * len(nouts), init=lambda *_: 0.01)
    outputs = net([0.5] * nin)
    cost = 0.5 * ag.sum([ag.square(a - 1.0) for a in outputs])
    paths = number_of_paths(cost)
    first_layer = [w for n in net.layers[0].neurons for w in n.w]
    assert {paths[w] for w in first_layer} == {from_one_weight}
    if len(nouts) == 4:
        assert sum(paths[w] for w in first_layer) == 211_680_000
        assert sum(len(n.w) for layer in net.layers for n in layer.neurons) == 25_620


def test_equation_53_written_out_is_the_gradient():
    """The sum over both paths of a 2-2-2 network from the first weight to the cost, factor by factor."""
    net = MLP(2, [2, 2], ["sigmoid", "sigmoid"], init="normal", seed=5)
    x, y = [0.3, -0.8], [1.0, 0.0]
    hidden, output = net.layers
    a1 = [a.data for a in hidden(x)]
    outputs = output([*a1])
    a2 = [a.data for a in outputs]
    expected = sum(
        (a2[m] - y[m]) * (a2[m] * (1 - a2[m]) * output.neurons[m].w[0].data) * (a1[0] * (1 - a1[0]) * x[0])
        for m in (0, 1)  # ∂C/∂a_m · ∂a_m/∂a_0 · ∂a_0/∂w
    )
    cost = 0.5 * ag.sum([ag.square(a - t) for a, t in zip(net(x), y, strict=True)])
    w = hidden.neurons[0].w[0]
    assert ag.backprop(cost, [w])[w] == pytest.approx(expected, rel=1e-13, abs=0)
