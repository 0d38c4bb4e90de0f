import math
import random
import statistics

import pytest

from nn import MLP, Layer, Neuron
from nn.errors import SettingError, SettingTypeError
from nn.network.initialization import SCHEMES, scheme


def weights_and_biases(layer):
    return [w.data for n in layer.neurons for w in n.w], [n.b.data for n in layer.neurons]


def test_uniform_is_micrograds_initialization_to_the_last_bit():
    import micrograd.nn

    random.seed(1337)
    theirs = micrograd.nn.MLP(2, [16, 16, 1])
    ours = MLP(2, [16, 16, 1], init="uniform", seed=1337)
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]


@pytest.mark.parametrize(
    ("init", "variance", "largest", "bias_variance"),
    [
        ("uniform", 1.0 / 3.0, 1.0, 0.0),
        ("normal", 1.0, math.inf, 1.0),
        ("xavier", 2.0 / (200 + 100), math.sqrt(6.0 / (200 + 100)), 0.0),
        ("he", 2.0 / 200, math.inf, 0.0),
        ("scaled", 1.0 / 200, math.inf, 1.0),
    ],
)
def test_schemes_draw_from_the_distribution_they_name(init, variance, largest, bias_variance):
    weights, biases = weights_and_biases(Layer(200, 100, init=init, seed=0))
    assert statistics.fmean(weights) == pytest.approx(0.0, abs=4 * math.sqrt(variance / 20_000))
    assert statistics.pvariance(weights) == pytest.approx(variance, rel=0.05)
    assert max(map(abs, weights)) <= largest
    assert statistics.pvariance(biases) == pytest.approx(bias_variance, rel=0.4)


def test_xavier_counts_the_neurons_of_the_layer():
    assert max(abs(w.data) for w in Neuron(2, init="xavier", nout=10_000, seed=0).w) < 0.03


def test_a_function_draws_the_weights_and_biases_start_at_zero():
    weights, biases = weights_and_biases(Layer(3, 2, init=lambda rng, nin, nout: 10.0 * nin + nout))
    assert weights == [32.0] * 6
    assert biases == [0.0] * 2


def test_a_pair_of_functions_draws_weights_and_biases():
    pair = (lambda rng, nin, nout: float(nin), lambda rng, nin, nout: -float(nout))
    assert weights_and_biases(Layer(3, 2, init=pair)) == ([3.0] * 6, [-2.0] * 2)
    assert [p.data for p in MLP(3, [2], init=SCHEMES["normal"], seed=1).parameters()] == [
        p.data for p in MLP(3, [2], init="normal", seed=1).parameters()
    ]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_weight_or_a_bias_that_is_not_finite_is_refused_where_it_is_drawn(number):
    def draw(rng, nin, nout):
        return number

    for init in (draw, (SCHEMES["he"][0], draw)):
        with pytest.raises(SettingError, match=f"init drew {number} for a layer of nin=2, nout=6; expected a finite"):
            MLP(2, [6, 1], init=init)


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    def data(seed):
        return [p.data for p in MLP(3, [4, 2], seed=seed).parameters()]

    assert data(5) == data(5) == data(random.Random(5))
    assert data(5) != data(6)
    assert data(None) != data(None)


def test_drawing_leaves_the_global_random_state_alone():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    MLP(3, [4, 2], seed=1)
    assert random.random() == expected


def test_unknown_schemes_are_refused_with_a_suggestion():
    with pytest.raises(SettingError, match=r"unknown init 'xavir'; expected one of .*did you mean 'xavier'\?"):
        scheme("xavir")
    with pytest.raises(SettingTypeError, match="init must be a name or a function"):
        Neuron(2, init=0.1)
    for init in ((0.1, SCHEMES["he"][0]), SCHEMES["he"] * 2, random.Random):
        with pytest.raises(SettingTypeError, match=r"init must be .* or a pair of them, for weights and biases"):
            Neuron(2, init=init)
    assert set(SCHEMES) == {"uniform", "normal", "scaled", "xavier", "he"}


@pytest.mark.parametrize("seed", [1.5, "one", True])
def test_a_seed_is_an_integer_or_a_generator(seed):
    with pytest.raises(SettingTypeError, match="seed"):
        Neuron(2, seed=seed)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("glorot", "xavier"),
        ("Glorot_uniform", "xavier"),
        ("kaiming_normal", "he"),
        ("he_normal", "he"),
        ("lecun", "scaled"),
    ],
)
def test_schemes_that_are_called_otherwise_elsewhere_are_known(name, known):
    with pytest.raises(SettingError, match=f"unknown init .*; here it is called '{known}'"):
        scheme(name)
