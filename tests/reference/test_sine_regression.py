"""The 1-3-1 sigmoid network of the sine-regression slides, with all ten derivatives of the cost in closed form.

The slides' recap pages ("Was benötigen wir, um die Ableitungen zu rechnen?") print g'(z) in the second layer's
derivatives for w11 to w13, where the derivation on the pages before, and calculus, have g(z). The last test holds the
misprint against the engine.
"""

import math
import random

import pytest

import autograd_core as ag
from nn import MLP, SGD, fit, half_mse


def g(z):
    return 1.0 / (1.0 + math.exp(-z))


def g_prime(z):
    return g(z) * (1.0 - g(z))


def net_and_data(seed, n=25):
    rng = random.Random(seed)
    net = MLP(1, [3, 1], activation=["sigmoid", "linear"], init="normal", seed=rng)
    xs = [rng.uniform(-3.0, 3.0) for _ in range(n)]
    return net, xs, [3.0 * math.sin(x) + rng.gauss(0.0, 0.2) for x in xs]


def closed_forms(net, xs, ys, second_layer_factor=g):
    """∂J/∂w for J = 1/(2n) Σ (yᵢ - ŷᵢ)², the slide "Alle Ableitungen auf einen Blick": {name: derivative}."""
    n = len(xs)
    first = [(neuron.w[0].data, neuron.b.data) for neuron in net.layers[0].neurons]  # (w_k1, w_k0), k = 1, 2, 3
    second, bias = [w.data for w in net.layers[1].neurons[0].w], net.layers[1].neurons[0].b.data
    zs = [[w * x + b for w, b in first] for x in xs]
    error = [
        y - (bias + sum(v * g(z) for v, z in zip(second, z_i, strict=True))) for z_i, y in zip(zs, ys, strict=True)
    ]

    def mean(term):
        return math.fsum(e * term(z, x) for e, z, x in zip(error, zs, xs, strict=True)) / n

    derivatives = {"layer 2/n1/b": -mean(lambda z, x: 1.0)}
    for k in range(3):
        derivatives[f"layer 2/n1/w{k + 1}"] = -mean(lambda z, x, k=k: second_layer_factor(z[k]))
        derivatives[f"layer 1/n{k + 1}/b"] = -second[k] * mean(lambda z, x, k=k: g_prime(z[k]))
        derivatives[f"layer 1/n{k + 1}/w1"] = -second[k] * mean(lambda z, x, k=k: g_prime(z[k]) * x)
    return derivatives


def engine(net, xs, ys):
    cost = ag.mean([half_mse(net([x]), y) for x, y in zip(xs, ys, strict=True)])
    table = ag.backprop(cost, net.parameters())
    return {p.name: table[p] for p in net.parameters()}


@pytest.mark.parametrize("seed", range(20))
def test_all_ten_derivatives_match_their_closed_forms(seed):
    net, xs, ys = net_and_data(seed)
    derivatives = engine(net, xs, ys)
    assert len(derivatives) == 10
    assert derivatives == pytest.approx(closed_forms(net, xs, ys), rel=1e-13, abs=0)


def test_the_recap_slides_g_prime_in_the_second_layer_is_a_misprint():
    net, xs, ys = net_and_data(0)
    as_printed = closed_forms(net, xs, ys, second_layer_factor=g_prime)
    derivatives = engine(net, xs, ys)
    wrong = [name for name in derivatives if derivatives[name] != pytest.approx(as_printed[name], rel=1e-3)]
    assert wrong == ["layer 2/n1/w1", "layer 2/n1/w2", "layer 2/n1/w3"]


def test_three_sigmoids_learn_a_sine():
    xs = [i / 5.0 - 3.0 for i in range(31)]
    ys = [math.sin(x) for x in xs]
    net = MLP(1, [3, 1], activation=["sigmoid", "linear"], init="normal", seed=1)
    history = fit(net, xs, ys, loss=half_mse, optimizer=SGD(0.3), batch_size=5, epochs=150, seed=0)
    assert history.loss[-1] < 0.1 * history.loss[0]
