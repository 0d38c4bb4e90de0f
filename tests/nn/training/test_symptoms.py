import warnings

import numpy as np
import pytest

import autograd_core as ag
from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    Module,
    Neuron,
    Parameter,
    binary_cross_entropy,
    cross_entropy,
    fit,
    half_mse,
    hinge,
    mse,
)

X, Y = [[-1.0], [0.0], [1.0], [2.0]], [1.0, -1.0, 0.5, 2.0]


def trained(net, X=X, Y=Y, **settings):  # noqa: N803  # as in scikit-learn
    return fit(net, X, Y, **{"loss": half_mse, "optimizer": SGD(0.01), "epochs": 2, **settings})


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(
    "settings",
    [
        {"X": [[1e17 * x[0]] for x in X]},
        {"Y": [1e18 * y for y in Y]},
        {"optimizer": SGD(100.0), "epochs": 9},
        {"optimizer": SGD(3.0), "epochs": 40, "batch_size": 2},
    ],
)
def test_a_loss_beyond_all_reason_is_not_passed_over_in_silence(settings, compile):
    with pytest.warns(RuntimeWarning, match=r"training ended with a loss of .*e\+\d\d; the first one seen was.*rate"):
        history = trained(Neuron(1, "linear", init=lambda *_: 1.0), compile=compile, **settings)
    assert history.loss[-1] > 1e6


def dead(*shape, activation="relu", bias=-100.0):
    net = MLP(1, shape, activation, seed=1)
    for neuron in net.layers[0].neurons:
        neuron.b.data = bias
    return net


class Own(Module):
    def __init__(self):
        self.first, self.last = Layer(1, 3, "linear", seed=1), Layer(3, 1, "linear", seed=1)
        for neuron in self.first.neurons:
            neuron.b.data = -50.0

    def parameters(self):
        return self.first.parameters() + self.last.parameters()

    def __call__(self, x):
        return self.last([ag.relu(z) for z in self.first(x)])


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: dead(3, 1), "relu"),
        (lambda: dead(3, 3, 1), "relu"),
        (lambda: dead(3, 2), "relu"),
        (lambda: dead(1, activation=["relu"]), "relu"),
        (lambda: dead(3, 1, activation="relu6"), "relu6"),
        (lambda: dead(3, 1, activation="tanh"), "tanh"),
        (lambda: dead(3, 1, activation="sigmoid", bias=-1e4), "sigmoid"),
        (Own, "relu"),
    ],
)
def test_dead_neurons_are_not_passed_over_in_silence(make, says, compile):
    net = make()
    targets = [[y, y] for y in Y] if isinstance(net(X[0]), list) else Y
    with pytest.warns(RuntimeWarning, match=rf"the same output for all samples: .*{says} \(dead neurons\)") as caught:
        trained(net, Y=targets, compile=compile)
    assert len(caught) == 1


LEAVES_THE_GRAPH = {  # the activations; of the 13 parameters, how many the loss depends on, and the first other one
    "the number of a Value": (lambda z: z.data, 4, "layer 1/n1/w1"),
    "a constant": (lambda z: 1.0, 4, "layer 1/n1/w1"),
    "one neuron of three": ([ag.tanh, lambda z: z.data, ag.tanh], 10, "layer 1/n2/w1"),
    "NumPy's maximum, the other": (lambda z: np.maximum(z, 5.0), 4, "layer 1/n1/w1"),
}


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("name", LEAVES_THE_GRAPH)
def test_parameters_that_the_loss_does_not_depend_on_are_not_passed_over_in_silence(name, compile):
    activation, count, first = LEAVES_THE_GRAPH[name]
    net = MLP(2, [3, 1], [activation, "linear"], seed=1)
    before = [p.data for p in net.parameters()]
    with pytest.warns(RuntimeWarning) as caught:
        trained(net, X=[[x[0], 1.0] for x in X], compile=compile)
    said = [str(warning.message) for warning in caught]
    assert f"in the 4 samples tried the loss depends on {count} of 13 parameters only; {first} is the first" in said[0]
    assert all("with ops, without .data" in text for text in said)  # the second, if any, is of a number that changed
    assert sum(p.data != x for p, x in zip(net.parameters(), before, strict=True)) == count


class Table(Module):
    """A number for each x, of which a sample uses its own."""

    def __init__(self):
        self.numbers = [Parameter(0.1 * k, f"w{k}") for k in range(4)]

    def parameters(self):
        return self.numbers

    def __call__(self, x):
        return self.numbers[int(x[0]) + 1]


@pytest.mark.parametrize(
    ("make", "loss"),
    [
        (Table, half_mse),
        (lambda: MLP(1, [3, 1], lambda z: np.maximum(z, 0.0), seed=1), half_mse),
        (lambda: MLP(1, [3, 4], "tanh", seed=1), lambda a, y: (a[y] - 1.0) ** 2),
    ],
)
def test_parameters_that_some_samples_or_targets_use_are_all_right(make, loss):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(make(), Y=[0, 1, 2, 3], loss=loss, compile=False)


def test_sound_trainings_end_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(MLP(1, [8, 1], "relu", seed=1), epochs=50)
        trained(MLP(1, [8, 1], "tanh", seed=1), optimizer=Adam(0.1), epochs=200)
        trained(dead(3, 1, activation="leaky_relu"), optimizer=SGD(1e-6))
        trained(dead(3, 1), X=[[1.0]] * 4)  # all samples are the same
        trained(Neuron(1, "linear", init=lambda *_: 0.0), Y=[0.0] * 4)
        trained(Neuron(1, "linear", seed=1), Y=[1e6 * y for y in Y])  # prices


def by_hand(z):
    return 1.0 / (1.0 + ag.exp(-z))


class Softmax(Module):
    def __init__(self, of):
        self.layer, self.of = Layer(1, 2, "linear", seed=1), of

    def parameters(self):
        return self.layer.parameters()

    def __call__(self, x):
        return self.of(self.layer(x))


def softmax_by_hand(z):
    powers = [ag.exp(x) for x in z]
    return [x / ag.sum(powers) for x in powers]


@pytest.mark.parametrize(
    ("make", "loss", "targets"),
    [
        (lambda: Neuron(1, "sigmoid", seed=1), binary_cross_entropy, [0, 1, 0, 1]),
        (lambda: Neuron(1, "sigmoid", seed=1), lambda a, y: binary_cross_entropy(a, y) + 0.0, [0, 1, 0, 1]),
        (lambda: Neuron(1, by_hand, seed=1), binary_cross_entropy, [0, 1, 0, 1]),
        (lambda: Neuron(1, "hard_sigmoid", seed=1), binary_cross_entropy, [0, 1, 0, 1]),
        (lambda: Neuron(1, "sigmoid", seed=1), hinge, [-1, 1, -1, 1]),
        (lambda: MLP(1, [3, 2], ["relu", "sigmoid"], seed=1), cross_entropy, [0, 1, 0, 1]),
        (lambda: MLP(1, [3, 2], ["relu", "sigmoid"], seed=1), binary_cross_entropy, [[0, 1], [1, 1]] * 2),
        (lambda: Softmax(ag.softmax), cross_entropy, [0, 1, 0, 1]),
        (lambda: Softmax(softmax_by_hand), cross_entropy, [0, 1, 0, 1]),
    ],
)
def test_probabilities_under_a_loss_from_logits_are_not_passed_over_in_silence(make, loss, targets):
    with pytest.warns(RuntimeWarning, match="comes out of one already.*Leave the last layer linear"):
        trained(make(), Y=targets, loss=loss)
    net = make()
    with pytest.warns(RuntimeWarning, match="comes out of one already"):
        loss(net(X[0]), targets[0]).backward()


def test_logits_and_losses_of_probabilities_are_left_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(Neuron(1, "linear", seed=1), Y=[0, 1, 0, 1], loss=binary_cross_entropy)
        trained(Neuron(1, "sigmoid", seed=1), Y=[0, 1, 0, 1], loss=mse)
        trained(Softmax(ag.log_softmax), Y=[0, 1, 0, 1], loss=cross_entropy)
        trained(Neuron(1, "tanh", seed=1), Y=[-1, 1, -1, 1], loss=hinge)
        trained(Neuron(1, lambda z: z / 2.0, seed=1), Y=[0, 1, 0, 1], loss=binary_cross_entropy)
        binary_cross_entropy(0.5, 1)


YES = [True, np.True_, np.array(True), np.array([True]), np.float64(1.0) < 2.0]
NO = [None, False, np.False_, np.array(False), 1, 1.0, "yes", [True]]


@pytest.mark.parametrize("compile", [True, False])
def test_a_callback_ends_training_by_any_true_bool_and_by_nothing_else(compile):
    for answers, epochs in ((YES, 2), (NO, 5)):
        for answer in answers:
            history = trained(
                Neuron(1, "linear", seed=1),
                epochs=5,
                compile=compile,
                on_epoch=lambda history, answer=answer: answer if len(history.loss) == 2 else None,
            )
            assert len(history.loss) == epochs
