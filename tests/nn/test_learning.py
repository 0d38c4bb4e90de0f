import random

import pytest

import autograd_core as ag
from nn import MLP, cross_entropy, half_mse, mse
from nn.errors import SettingError, SettingTypeError
from nn.learning import Demon, backpropagate, change_of_weight, linearised, modified, speeds

rng = random.Random(4)
NETS = {
    "sigmoid": MLP(2, [3, 2], ["sigmoid", "sigmoid"], init="normal", seed=1),
    "deep": MLP(3, [4, 3, 4, 2], "tanh", init="xavier", seed=2),
    "one output": MLP(2, [3, 1], "softplus", seed=3),
    "mixed": MLP(2, [3, 2], [["relu", "tanh", "gelu"], "linear"], init="normal", seed=4),
    "one neuron modified": modified(MLP(2, [3, 2], ["sigmoid", "sigmoid"], init="normal", seed=5), 1, 2, ag.sin),
    "linear neurons": linearised(MLP(2, [3, 2], ["sigmoid", "sigmoid"], init="normal", seed=6)),
}


def sample(net):
    outputs = len(net.layers[-1].neurons)
    return [rng.gauss(0.0, 1.0) for _ in range(net.layers[0].nin)], [rng.random() for _ in range(outputs)]


@pytest.mark.parametrize("name", NETS)
def test_the_lectures_equations_give_the_gradients_of_the_graph(name):
    net = NETS[name]
    x, y = sample(net)
    run = backpropagate(net, x, y, half_mse)
    cost = half_mse(net(x), y)
    table = ag.backprop(cost, net.parameters())
    assert run.cost == pytest.approx(cost.data, rel=1e-14)
    for k, layer in enumerate(net.layers, 1):
        for neuron, delta, row in zip(layer.neurons, run.delta[k - 1], run.weights(k), strict=True):
            assert delta == pytest.approx(table[neuron.b], rel=1e-12, abs=1e-15)  # BP3
            assert row == pytest.approx([table[w] for w in neuron.w], rel=1e-12, abs=1e-15)  # BP4


def test_any_loss_will_do():
    net = MLP(2, [3, 3], "tanh", seed=1)
    run = backpropagate(net, [0.1, 0.2], 2, cross_entropy)
    table = ag.backprop(cross_entropy(net([0.1, 0.2]), 2), [net.layers[0].neurons[0].b])
    assert run.delta[0][0] == pytest.approx(table[net.layers[0].neurons[0].b], rel=1e-13)


def test_in_a_linear_network_the_slopes_are_one_and_the_errors_are_matrix_products():
    net = NETS["linear neurons"]
    x, y = sample(net)
    run = backpropagate(net, x, y, half_mse)
    assert run.slope == [[1.0] * 3, [1.0] * 2]
    last = [a - t for a, t in zip(run.a[-1], y, strict=True)]
    assert run.delta[1] == pytest.approx(last, rel=1e-14)
    weights = [[w.data for w in neuron.w] for neuron in net.layers[1].neurons]
    assert run.delta[0] == pytest.approx([sum(weights[j][k] * last[j] for j in range(2)) for k in range(3)], rel=1e-13)


def test_modified_and_linearised_networks_are_copies():
    net = MLP(2, [3, 1], "sigmoid", seed=1)
    for copy in (modified(net, 1, 1, "relu"), linearised(net)):
        assert [p.data for p in copy.parameters()] == [p.data for p in net.parameters()]
        copy.parameters()[0].data = 9.0
    assert net.parameters()[0].data != 9.0
    assert repr(net) == "MLP of Layer(2, 3, sigmoid), Layer(3, 1, linear)"


def test_the_demons_prediction_is_good_to_first_order():
    net = NETS["sigmoid"]
    x, y = sample(net)
    for layer, neuron in ((1, 1), (1, 3), (2, 2)):
        demon = Demon(net, x, y, half_mse, layer=layer, neuron=neuron)
        errors = [demon.change(dz).actual - demon.change(dz).predicted for dz in (0.02, 0.01)]
        assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
        assert demon.change(-0.1 * demon.delta).actual < 0.0  # a good demon helps


def test_the_demon_at_an_output_changes_the_cost_as_the_formula_says():
    net = MLP(1, [1], ["linear"], seed=1)
    demon = Demon(net, [2.0], 0.5, half_mse, layer=1, neuron=1)
    a = net([2.0]).data
    assert demon.delta == pytest.approx(a - 0.5)
    assert demon.change(0.3).actual == pytest.approx(0.5 * (a + 0.3 - 0.5) ** 2 - 0.5 * (a - 0.5) ** 2)


def test_a_change_of_a_weight_is_predicted_and_taken_back():
    net = NETS["deep"]
    x, y = sample(net)
    before = [p.data for p in net.parameters()]
    for p in net.parameters()[::7]:
        changes = [change_of_weight(net, x, y, mse, parameter=p, dw=dw) for dw in (1e-3, 1e-4)]
        assert changes[1].predicted == pytest.approx(changes[1].actual, rel=1e-2, abs=1e-9)
        assert "predicted=" in repr(changes[0])
    assert [p.data for p in net.parameters()] == before


def test_saturated_neurons_are_found_and_learn_slowly():
    net = MLP(1, [2, 1], "sigmoid", init=lambda *_: 1.0, seed=0)
    net.layers[0].neurons[0].b.data = 30.0
    X, y = [[-1.0], [0.0], [1.0]], [0.0, 0.5, 0.2]  # noqa: N806  # as in scikit-learn
    found = speeds(net, X, y, half_mse)
    assert found.saturated == [[1.0, 0.0], [0.0]]
    assert found.error[0][0] < 1e-9 < found.error[0][1]
    assert found.slope[1] == [1.0]
    assert found.input[0] == pytest.approx([2.0 / 3.0])
    assert str(found).splitlines()[1].split() == [
        "1",
        "1",
        f"{found.slope[0][0]:.4g}",
        "100%",
        f"{found.error[0][0]:.4g}",
    ]


def test_activations_with_a_domain_and_bare_inputs():
    net = modified(MLP(1, [2, 1], "sigmoid", init=lambda *_: 0.5, seed=0), 1, 1, "sqrt")
    assert speeds(net, [1.0, 2.0], [0.0, 1.0], half_mse).saturated[0] == [0.0, 0.0]
    assert backpropagate(net, 1.0, 0.0, half_mse).cost == backpropagate(net, [1.0], 0.0, half_mse).cost


def test_a_dead_relu_is_saturated():
    net = MLP(1, [2, 1], "relu", init=lambda *_: 1.0)
    net.layers[0].neurons[1].b.data = -100.0
    assert speeds(net, [[1.0], [2.0]], [0.0, 0.0], half_mse).saturated[0] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("layer", "neuron", "says"),
    [(3, 1, "layer 3 of 2"), (1, 4, "neuron 4 of the 3"), (0, 1, "at least 1"), (1, 0, "at least 1")],
)
def test_layers_and_neurons_that_are_not_there_are_refused(layer, neuron, says):
    net = MLP(2, [3, 1], "sigmoid", seed=1)
    with pytest.raises(SettingError, match=says):
        Demon(net, [0.0, 0.0], 0.0, half_mse, layer=layer, neuron=neuron)
    with pytest.raises(SettingError, match=says):
        modified(net, layer, neuron, "relu")
    with pytest.raises(SettingTypeError, match="must be an integer"):
        modified(net, 1.5, 1, "relu")
