import copy
import math
import pickle

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import AutogradError, NumberError, OutputError, StructureError
from nn import MLP, Layer, Module, Neuron, Parameter
from nn.errors import SettingError, SettingTypeError


def test_a_neuron_is_one_dot_plus_bias_and_activation():
    neuron = Neuron(3, "tanh", seed=1)
    a = neuron([1.0, 2.0, 3.0])
    [z] = a.inputs
    weighted, bias = z.inputs
    assert (str(a.op), str(z.op), str(weighted.op)) == ("tanh", "add", "dot")
    assert bias is neuron.b
    assert weighted.inputs == (*neuron.w, 1.0, 2.0, 3.0)


def test_the_pre_activation_z_is_reachable():
    neuron = Neuron(2, "sigmoid", seed=1)
    x = [0.5, -2.0]
    z = neuron.z(x)
    assert z.data == pytest.approx(neuron.w[0].data * 0.5 - neuron.w[1].data * 2.0 + neuron.b.data, rel=1e-15, abs=0)
    assert neuron.activation(z).data == neuron(x).data
    layer = Layer(2, 3, "sigmoid", seed=1)
    assert [a.data for a in layer.activate(layer.z(x))] == [a.data for a in layer(x)]


def test_one_output_comes_back_as_a_value_several_as_a_list():
    assert isinstance(MLP(2, [3, 1], seed=0)([1.0, 2.0]), Value)
    outputs = MLP(2, [3, 2], seed=0)([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 2


def test_hidden_layers_are_activated_and_the_last_is_linear():
    net = MLP(2, [4, 3, 1], activation="relu", seed=0)
    assert repr(net) == "MLP of Layer(2, 4, relu), Layer(4, 3, relu), Layer(3, 1, linear)"


def test_a_list_sets_every_layer_and_a_list_in_it_every_neuron():
    net = MLP(2, [2, 1], activation=[["tanh", ag.sin], "sigmoid"])
    assert repr(net) == "MLP of Layer(2, 2, tanh/sin), Layer(2, 1, sigmoid)"
    assert str(net([1.0, 2.0]).op) == "sigmoid"


def test_an_activation_may_be_any_function_of_z():
    def swish(z):
        return z * ag.sigmoid(z)

    neuron = Neuron(1, swish, init=lambda *_: 2.0)
    assert neuron([3.0]).data == pytest.approx(6.0 / (1.0 + math.exp(-6.0)), rel=1e-15, abs=0)
    assert "swish" in repr(neuron)


@pytest.mark.parametrize("activation", ["linear", "identity", ag.identity])
def test_the_identity_records_no_node(activation):
    assert str(Neuron(1, activation, seed=0)([2.0]).op) == "add"


@pytest.mark.parametrize("name", [op.name for op in ag.TABLE.values() if len(op.input_names) == 1 and not op.is_nary])
def test_every_op_of_one_input_is_an_activation(name):
    assert Neuron(1, name, seed=0).activation in (ag.TABLE[name], Neuron(1, "linear").activation)


def test_a_leaky_relu_keeps_its_default_slope():
    assert Neuron(1, "leaky_relu", init=lambda *_: -1.0)([3.0]).data == pytest.approx(-0.03)


def test_parameters_come_in_micrograds_order_with_their_paths_as_names():
    net = MLP(2, [2, 1], seed=0)
    assert [p.name for p in net.parameters()] == [
        *("layer 1/n1/w1", "layer 1/n1/w2", "layer 1/n1/b"),
        *("layer 1/n2/w1", "layer 1/n2/w2", "layer 1/n2/b"),
        *("layer 2/n1/w1", "layer 2/n1/w2", "layer 2/n1/b"),
    ]
    assert [p.name for p in Neuron(2, seed=0).parameters()] == ["w1", "w2", "b"]
    assert [p.name for p in Layer(1, 2, seed=0).parameters()] == ["n1/w1", "n1/b", "n2/w1", "n2/b"]


def test_parameters_are_recognisable_leaves():
    p = Neuron(1, seed=0).b
    assert isinstance(p, Parameter)
    assert isinstance(p, Value)
    assert p.is_parameter
    assert not Value(1.0).is_parameter
    assert not hasattr(p, "__dict__")


def test_zero_grad_forgets_all_gradients():
    net = MLP(2, [3, 1], "tanh", seed=0)
    net([1.0, 2.0]).backward()
    assert all(p.has_grad for p in net.parameters())
    net.zero_grad()
    assert not any(p.has_grad or p.grad for p in net.parameters())


def test_values_as_inputs_get_gradients_too():
    x = [Value(1.0), 2, np.float32(3.0)]
    net = MLP(3, [2, 1], "tanh", seed=0)
    net(x).backward()
    assert x[0].grad == pytest.approx(
        sum(
            net.layers[1].neurons[0].w[j].data * n.w[0].data * (1 - math.tanh(n.z([1.0, 2.0, 3.0]).data) ** 2)
            for j, n in enumerate(net.layers[0].neurons)
        ),
        rel=1e-14,
        abs=0,
    )


@pytest.mark.parametrize("x", [[1.0, 2.0], (1, 2), np.array([1.0, 2.0]), np.array([1, 2]), iter([1.0, 2.0])])
def test_inputs_may_come_in_any_sequence(x):
    net = MLP(2, [3, 1], seed=0)
    assert net(x).data == net([1.0, 2.0]).data


def test_one_input_may_come_bare_and_layers_of_one_neuron_may_follow_each_other():
    net = MLP(1, [1, 1, 1], "tanh", seed=0)
    for x in (0.5, np.float64(0.5), np.array(0.5), np.float32(0.5)):
        assert net(x).data == net([0.5]).data
    assert net(Value(0.5)).data == net([0.5]).data


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], [], 1.0])
def test_a_wrong_number_of_inputs_is_refused(x):
    with pytest.raises(StructureError, match="expected 2 inputs, got"):
        MLP(2, [1])(x)
    with pytest.raises(StructureError, match="expected 2 inputs, got"):
        Layer(2, 3).z(x)


def test_a_neuron_refuses_a_wrong_number_of_inputs():
    with pytest.raises(StructureError, match="2 and 3"):
        Neuron(2)([1.0, 2.0, 3.0])


@pytest.mark.parametrize("x", [["a", 1.0], [None, 1.0], [True, 1.0], [1j, 1.0], [np.zeros(2), 1.0], None])
def test_inputs_that_are_no_numbers_are_refused(x):
    with pytest.raises(NumberError):
        MLP(2, [1])(x)


def test_activating_a_wrong_number_of_pre_activations_is_refused():
    with pytest.raises(StructureError, match="3 neurons, got 1 pre-activations"):
        Layer(2, 3).activate([Value(1.0)])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP(2, []), "nouts is empty"),
        (lambda: MLP(2, [3, 0, 1]), r"nouts\[1\] must be at least 1, got 0"),
        (lambda: MLP(0, [1]), "nin must be at least 1, got 0"),
        (lambda: Layer(2, 0), "nout must be at least 1, got 0"),
        (lambda: Layer(2, -1), "nout must be at least 1, got -1"),
        (lambda: Neuron(0), "nin must be at least 1, got 0"),
        (lambda: MLP(2, [3, 1], activation=["relu"]), "1 activations for 2 layers"),
        (lambda: Layer(2, 3, activation=["relu", "tanh"]), "2 activations for 3 neurons"),
        (lambda: Neuron(2, "rellu"), r"unknown activation 'rellu'; did you mean 'relu'"),
        (lambda: Neuron(2, "maximum"), "unknown activation 'maximum'"),
        (lambda: Neuron(2, "qqq"), "expected an op of one input"),
        (lambda: MLP(2, [3], ["softmax"]), "leave the last one linear and use `cross_entropy`"),
    ],
)
def test_settings_without_a_meaning_are_refused(build, message):
    with pytest.raises(SettingError, match=message) as caught:
        build()
    assert isinstance(caught.value, AutogradError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP(2, 1), r"nouts must list the layers' sizes, such as \[16, 16, 1\], got 1"),
        (lambda: MLP(2, "16"), "nouts must list"),
        (lambda: MLP(2, [1.5]), r"nouts\[0\] must be an integer, got 1.5 of type float"),
        (lambda: Neuron(True), "nin must be an integer, got True of type bool"),
        (lambda: Layer("2", 1), "nin must be an integer"),
        (lambda: Neuron(2, activation=3), "activation must be a name or a function, got 3"),
        (lambda: Neuron(2, activation=None), "activation must be a name or a function, got None"),
    ],
)
def test_settings_of_the_wrong_kind_are_type_errors(build, message):
    with pytest.raises(SettingTypeError, match=message) as caught:
        build()
    assert isinstance(caught.value, TypeError)


def test_sizes_may_be_numpy_integers():
    assert len(MLP(np.int64(2), np.array([3, 1])).parameters()) == 13


def test_networks_pickle_and_copy_with_their_parameters_apart():
    net = MLP(2, [3, 1], ["tanh", "sigmoid"], seed=0)
    for twin in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert twin([1.0, 2.0]).data == net([1.0, 2.0]).data
        assert all(isinstance(p, Parameter) for p in twin.parameters())
        assert [p.name for p in twin.parameters()] == [p.name for p in net.parameters()]
        twin.parameters()[0].data += 1.0
        assert twin.parameters()[0].data != net.parameters()[0].data


def test_a_network_of_your_own_only_needs_parameters_and_a_call():
    class Line(Module):
        def __init__(self):
            self.slope = Parameter(2.0, "slope")

        def parameters(self):
            return [self.slope]

        def __call__(self, x):
            return self.slope * x

    line = Line()
    line(3.0).backward()
    assert line.slope.grad == 3.0
    line.zero_grad()
    assert not line.slope.has_grad
    with pytest.raises(NotImplementedError, match="Module does not say what it computes"):
        Module()(1.0)
    assert Module().parameters() == []


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("swish", "silu"),
        ("Swish", "silu"),
        ("SiLU", "silu"),
        ("logistic", "sigmoid"),
        ("expit", "sigmoid"),
        ("sigma", "sigmoid"),
        ("σ", "sigmoid"),
        ("Sigmoid()", "sigmoid"),
        ("log-sigmoid", "log_sigmoid"),
        ("tansig", "tanh"),
        ("hyperbolic tangent", "tanh"),
        ("ReLU", "relu"),
        ("rectifier", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("lrelu", "leaky_relu"),
        ("hard-sigmoid", "hard_sigmoid"),
        ("purelin", "linear"),
        ("none", "linear"),
    ],
)
def test_activations_that_are_called_otherwise_elsewhere_are_known(name, known):
    with pytest.raises(SettingError, match=rf"here it is called '{known}'"):
        Neuron(2, name)
    Neuron(2, known)


@pytest.mark.parametrize("name", ["heaviside", "step", "Hard_Lim", "perceptron"])
def test_a_step_is_no_activation_that_learns(name):
    with pytest.raises(SettingError, match="slope 0"):
        Neuron(2, name)


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        (lambda z: [z], "list"),
        (lambda z: np.where(z > 0, z, 0.0), "ndarray"),
        (lambda z: None, "NoneType"),
        (lambda z: "z", "str"),
    ],
)
def test_an_activation_returns_one_number(activation, kind):
    for net in (Neuron(2, activation), Layer(2, 3, activation), MLP(2, [6, 1], activation), MLP(2, [1], [activation])):
        with pytest.raises(OutputError, match=rf"activation <lambda> must return one number for one z, got .* {kind}"):
            net([1.0, 2.0])
    with pytest.raises(SettingTypeError, match=r"activation must be a name or a function.*call the class: Value"):
        Neuron(2, Value)
