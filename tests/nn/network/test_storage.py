import json
import math
import os

import pytest

import autograd_core as ag
from nn import MLP, Layer, Module, Neuron, Parameter, load, save
from nn.errors import AutogradError, CheckpointError, SettingTypeError, StorageError


class Own(Module):
    def __init__(self, count):
        self.ps = [Parameter(0.1 * i, f"p{i}") for i in range(count)]

    def parameters(self):
        return self.ps


def data_of(net):
    return [p.data for p in net.parameters()]


NETS = [
    MLP(2, [3, 1], "tanh", seed=1),
    MLP(1, [1], seed=2),
    MLP(3, [2, 4, 2], ["relu", ["sigmoid", "tanh", "softplus", "linear"], "gelu"], init="normal", seed=3),
]


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_a_saved_network_comes_back_to_the_last_bit(net, tmp_path):
    save(net, tmp_path / "net.json")
    again = load(tmp_path / "net.json")
    assert repr(again) == repr(net)
    assert [(p.name, p.data) for p in again.parameters()] == [(p.name, p.data) for p in net.parameters()]
    x = [0.3] * net.layers[0].nin
    assert repr(again(x)) == repr(net(x))


def test_numbers_at_the_edges_come_back(tmp_path):
    net = Own(6)
    numbers = [-0.0, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3.0, -1e-300]
    for p, number in zip(net.parameters(), numbers, strict=True):
        p.data = number
    save(net, tmp_path / "net.json")
    again = load(tmp_path / "net.json", Own(6))
    assert [math.copysign(1.0, x) for x in data_of(again)] == [math.copysign(1.0, x) for x in numbers]
    assert data_of(again) == numbers


@pytest.mark.parametrize(
    "net", [Own(3), Layer(2, 2, seed=1), Neuron(2, seed=1), MLP(1, [1], [lambda z: z * z], seed=1)]
)
def test_a_network_of_your_own_is_loaded_into_one_that_you_built(net, tmp_path):
    save(net, tmp_path / "net.json")
    with pytest.raises(
        CheckpointError, match=r"network of your own: build that network and pass it, load\('.*', net\)"
    ):
        load(tmp_path / "net.json")
    expected = data_of(net)
    for p in net.parameters():
        p.data = 0.0
    assert load(tmp_path / "net.json", net) is net
    assert data_of(net) == expected


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (
            MLP(2, [4, 1], seed=0),
            r"it has 13 parameters, this network 17; the first that differs is 'layer 2/n1/w1', not 'layer 1/n4/w1'",
        ),
        (MLP(2, [3, 2], seed=0), "it has 13 parameters, this network 17$"),
        (Own(13), "the first that differs is 'layer 1/n1/w1', not 'p0'"),
    ],
)
def test_a_file_of_another_network_says_what_differs_and_changes_nothing(net, says, tmp_path):
    save(MLP(2, [3, 1], seed=1), tmp_path / "net.json")
    before = data_of(net)
    with pytest.raises(CheckpointError, match=says):
        load(tmp_path / "net.json", net)
    assert data_of(net) == before


def altered(**members):
    """The text of a file with some members changed."""
    document = {
        "format": "autograd_core.nn",
        "version": 1,
        "network": {"kind": "MLP", "nin": 1, "nouts": [1], "activations": [["linear"]]},
        "parameters": [["layer 1/n1/w1", 0.5], ["layer 1/n1/b", 0.25]],
        "training": None,
    }
    return json.dumps({**document, **members})


def network(**settings):
    return altered(network={"kind": "MLP", "nin": 1, "nouts": [1], "activations": [["linear"]], **settings})


HOSTILE = {
    "nothing": ("", "damaged, or no JSON"),
    "a pickle": ("\x80\x04K\x01.", "damaged, or no JSON"),
    "cut off": (altered()[:-20], "damaged, or no JSON"),
    "a list": ("[]", "does not say that its format is"),
    "deeply nested": ("[" * 100_000, "damaged, or no JSON"),
    "a huge integer": ('{"format": ' + "9" * 10_000 + "}", "damaged, or no JSON"),
    "another format": (altered(format="onnx"), "does not say that its format is"),
    "another version": (altered(version=2), "has version 2; this program reads version 1"),
    "a version of text": (altered(version="1" * 100), "has version '1"),
    "a member too many": (altered(extra=1), "it has the members"),
    "no parameters": (altered(parameters=None), "its parameters are no list"),
    "a parameter of nan": (altered(parameters=[["w", math.nan]]), r"parameter 0 is \['w', nan\]"),
    "a parameter of inf": (altered(parameters=[["w", math.inf]]), "expected a name and a finite number"),
    "a parameter beyond floats": (altered(parameters=[["w", 10**400]]), "expected a name and a finite number"),
    "a parameter of text": (altered(parameters=[["w", "__import__('os')"]]), "expected a name and a finite number"),
    "a parameter of truth": (altered(parameters=[["w", True]]), "expected a name and a finite number"),
    "a parameter without a name": (altered(parameters=[[1, 1.0]]), "expected a name and a finite number"),
    "a billion neurons": (network(nouts=[10**9]), "its network and its parameters do not fit"),
    "negative neurons": (network(nouts=[-1]), "its network and its parameters do not fit"),
    "neurons of text": (network(nouts="ab"), "damaged"),
    "an unknown activation": (network(activations=[["os.system"]]), "cannot be built.*unknown activation"),
    "too few activations": (network(activations=[]), "cannot be built"),
    "an activation for nobody": (network(activations=[["linear", "linear"]]), "cannot be built"),
    "another kind": (network(kind="CNN"), "do not fit"),
    "a network of text": (altered(network="MLP"), "cannot be built"),
    "a network without sizes": (altered(network={}), "cannot be built"),
    "a version of everything": (altered(version=["x" * 100_000] * 3), "has version"),
    "members of everything": (altered(**{"x" * 100_000: 1}), "it has the members"),
    "a member twice": (altered()[:-1] + ', "version": 1}', "two of the members .* have the same name"),
    "a member of the network twice": (
        altered().replace('"nin": 1', '"nin": 2, "nin": 1'),
        "two of the members .* have the same name",
    ),
    "activations of truth": (network(nouts=[2, 1], activations=[True, True]), "do not fit"),
    "an activation of truth": (network(activations=[True]), "cannot be built.*activation must be a name"),
    "an activation of numbers": (network(activations=[[1.5]]), "cannot be built.*activation must be a name"),
    "an activation of lists": (network(activations=[[["linear"]]]), "cannot be built.*activation must be a name"),
    "activations of nothing": (network(activations=None), "do not fit"),
    "an activation of text": (network(activations="linear"), "do not fit"),
    "an activation of objects": (network(activations={"linear": 1}), "do not fit"),
    "an activation without end": (network(activations=["x" * 100_000]), "cannot be built.*unknown activation"),
    "neurons of truth": (network(nin=True), "do not fit"),
    "neurons of nothing": (network(nouts=None), "cannot be built"),
    "neurons of objects": (network(nouts=[{}]), "do not fit"),
    "neurons beyond counting": (network(nin=10**4000), "do not fit"),
    "a sum beyond floats": (altered(parameters=[["layer 1/n1/w1", 2**1024], ["layer 1/n1/b", 0]]), "a finite number"),
    "a parameter of a list": (altered(parameters=[["w", [1.0]]]), "expected a name and a finite number"),
    "a parameter without an end": (altered(parameters=[["w" * 100_000, None]]), "expected a name and a finite number"),
    "a parameter of three": (altered(parameters=[["w", 1.0, 2.0]]), "expected a name and a finite number"),
    "parameters of text": (altered(parameters="abc"), "its parameters are no list"),
    "parameters in an object": (altered(parameters={"w": 1.0}), "its parameters are no list"),
    "a byte order and no text": ("\xff\xfe\x00", "damaged, or no JSON"),
    "zeros": ("\0" * 1000, "damaged, or no JSON"),
    "deeply nested objects": ('{"a":' * 100_000, "damaged, or no JSON"),
    "another layer's names": (altered(parameters=[["a", 0.5], ["b", 0.25]]), "the first that differs is 'a'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_damaged_and_hostile_files_are_refused_by_name(name, tmp_path):
    text, says = HOSTILE[name]
    path = tmp_path / "net.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CheckpointError, match=says) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) <= 2_000
    assert isinstance(caught.value, AutogradError)
    assert isinstance(caught.value, ValueError)


def test_the_file_that_the_hostile_ones_are_made_from_is_a_sound_one(tmp_path):
    (tmp_path / "net.json").write_text(altered())
    assert data_of(load(tmp_path / "net.json")) == [0.5, 0.25]
    (tmp_path / "net.json").write_text(altered(parameters=[["layer 1/n1/w1", 2], ["layer 1/n1/b", 0]]))
    assert data_of(load(tmp_path / "net.json")) == [2.0, 0.0]


def test_random_damage_never_gets_through_as_anything_but_our_own_errors(tmp_path):
    import random

    path = tmp_path / "net.json"
    save(MLP(2, [2, 1], seed=1), path)
    whole = path.read_bytes()
    rng = random.Random(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(bytes(damaged[: rng.randint(1, len(damaged))] if rng.random() < 0.3 else damaged))
        try:
            load(path)
        except CheckpointError:
            refused += 1
    assert refused > 100  # a digit may become another digit


def test_the_same_parameters_with_other_activations_are_another_network(tmp_path):
    save(MLP(1, [3, 1], "tanh", seed=1), tmp_path / "net.json")
    with pytest.raises(
        CheckpointError, match="its activations are tanh, linear, those of this network sigmoid, linear"
    ):
        load(tmp_path / "net.json", MLP(1, [3, 1], "sigmoid", seed=1))


def test_a_network_that_could_not_be_loaded_is_not_written(tmp_path):
    net = Own(2)
    save(net, tmp_path / "net.json")
    before = (tmp_path / "net.json").read_bytes()
    net.ps[1].data = math.nan
    with pytest.raises(CheckpointError, match="parameter 'p1' is nan; only finite numbers are written"):
        save(net, tmp_path / "net.json")
    assert (tmp_path / "net.json").read_bytes() == before


def test_a_shared_parameter_is_kept_once(tmp_path):
    class Shared(Own):
        def parameters(self):
            return [*self.ps, *self.ps]

    save(Shared(2), tmp_path / "net.json")
    assert len(json.loads((tmp_path / "net.json").read_text())["parameters"]) == 2
    net = Shared(2)
    net.ps[1].data = 9.0
    assert data_of(load(tmp_path / "net.json", net)) == [0.0, 0.1, 0.0, 0.1]


def test_a_missing_file_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="cannot read a network from"):
        load(tmp_path / "none.json")
    with pytest.raises(StorageError, match="cannot write"):
        save(Own(1), tmp_path / "nowhere" / "net.json")


def of(*ps):
    net = Own(0)
    net.ps = list(ps)
    return net


UNKEPT = {
    "one that is computed": (of(Parameter(1.0, "a"), Parameter(2.0, "b") * 3.0), "parameter 1, Value.* is computed by 'mul'"),
    "one that a product has replaced": (
        of(ag.sin(Parameter(1.0, "a")), Parameter(2.0, "b")),
        r"parameter 0, .* computed by 'sin', so no file can give it back: let parameters\(\) list the leaves",
    ),
    "a number": (of(1.0), "parameter 0 is 1.0; only Values are kept in files"),
    "a text": (of("w"), "parameter 0 is 'w'; only Values are kept in files"),
    "nothing": (of(None), "parameter 0 is None; only Values are kept in files"),
    "one of nan": (of(Parameter(math.nan, "a")), "parameter 'a' is nan; only finite numbers"),
    "one of inf": (of(Parameter(1.0), Parameter(-math.inf, "a")), "parameter 'a' is -inf; only finite numbers"),
    "one that is called by a number": (of(Parameter(1.0, 5)), "parameter 0 has the name 5; only texts"),
    "one that is called by a list": (of(Parameter(1.0, ["w"])), r"parameter 0 has the name \['w'\]; only texts"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNKEPT)
def test_what_load_would_refuse_is_not_saved_and_nothing_changes(what, tmp_path):
    net, says = UNKEPT[what]
    path = tmp_path / "net.json"
    path.write_text("old")
    with pytest.raises(CheckpointError, match=says):
        save(net, path)
    assert path.read_text() == "old"
    if "finite" not in says:
        save(Own(len(net.ps)), path)
        with pytest.raises(CheckpointError, match=says):
            load(path, net)


@pytest.mark.parametrize("net", [None, 5, "net", [], MLP])
def test_what_is_no_network_is_neither_saved_nor_loaded_into(net, tmp_path):
    path = tmp_path / "net.json"
    if net is not MLP:  # a class has the method, but no network
        with pytest.raises(SettingTypeError, match="expected a network, which lists its parameters"):
            save(net, path)
        assert not path.exists()
    save(Own(2), path)
    if net not in (None, MLP):
        with pytest.raises(SettingTypeError, match="expected a network, which lists its parameters"):
            load(path, net)


@pytest.mark.parametrize("path", [None, 5, 1.5, b"net.json", ["net.json"], "a\0b"])
def test_what_is_no_path_is_a_storage_error(path):
    with pytest.raises(StorageError, match="cannot read a network from"):
        load(path)
    with pytest.raises(StorageError, match="cannot read a network from"):
        load(path, Own(1))
    with pytest.raises(StorageError, match="cannot write"):
        save(Own(1), path)


def renamed():
    net = MLP(1, [2, 1], seed=1)
    net.layers[0].neurons[0].w[0].name = "w"
    return net


def tied():
    net = MLP(1, [2, 1], seed=1)
    net.layers[0].neurons[1].w = net.layers[0].neurons[0].w
    return net


def pruned():
    net = MLP(2, [2, 1], seed=1)
    del net.layers[0].neurons[0]
    return net


def widened():
    net = MLP(1, [2, 1], seed=1)
    net.layers[0].neurons.append(Neuron(1, seed=1))
    return net


def replaced():
    net = MLP(1, [2, 1], seed=1)
    net.layers[0] = Own(2)
    return net


def emptied():
    net = MLP(1, [2, 1], seed=1)
    net.layers = []
    return net


class OwnNeuron(Neuron):
    def __call__(self, x):
        return super().__call__(x) * 2.0


def mixed():
    net = MLP(1, [2, 1], seed=1)
    neuron = OwnNeuron(1, seed=1, name="layer 1/n1")
    net.layers[0].neurons[0] = neuron
    return net


def odd():
    net = MLP(1, [1], seed=1)
    net.layers[0].neurons[0].activation = ag.add
    return net


@pytest.mark.parametrize("make", [renamed, tied, pruned, widened, replaced, emptied, mixed, odd])
def test_a_perceptron_that_was_changed_is_a_network_of_your_own(make, tmp_path):
    """`load` could not build it again, or would build another one without a word."""
    path, net = tmp_path / "net.json", make()
    save(net, path)
    with pytest.raises(CheckpointError, match="is of a network of your own: build that network and pass it"):
        load(path)
    expected = data_of(net)
    for p in net.parameters():
        p.data = 0.0
    assert data_of(load(path, net)) == expected


def test_parameters_of_other_kinds_come_back(tmp_path):
    net = of(ag.Value(0.5, "a"), Parameter(2, None), Parameter(0.25, ""), Parameter(0.1, "\ud83d\ude00"))
    save(net, tmp_path / "net.json")
    expected = data_of(net)
    for p in net.parameters():
        p.data = 9.0
    assert data_of(load(tmp_path / "net.json", net)) == expected


def test_a_network_that_does_not_fit_in_the_middle_is_not_changed(tmp_path):
    save(Own(3), tmp_path / "net.json")
    net = of(Parameter(7.0, "p0"), Parameter(8.0, "p1"), Parameter(3.0, "p2") * 1.0)
    net.ps[2].name = "p2"
    with pytest.raises(CheckpointError, match=r"parameter 2, .* is computed by 'mul'"):
        load(tmp_path / "net.json", net)
    assert [p.data for p in net.ps] == [7.0, 8.0, 3.0]


@pytest.mark.parametrize("activations", [[True, True], [[True], [True]], 5, None, [["\x1b[2J\n"]], ["x" * 10_000]])
def test_activations_that_are_none_differ_from_those_of_a_network(activations, tmp_path):
    (tmp_path / "net.json").write_text(network(activations=activations))
    with pytest.raises(CheckpointError, match="is of another network: its activations are") as caught:
        load(tmp_path / "net.json", MLP(1, [1], seed=1))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names, which Windows does not have")
def test_devices_and_pipes_hold_no_network(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", "/dev/urandom", tmp_path / "pipe"):
        with pytest.raises(StorageError, match="it is no ordinary file"):
            load(path)
        with pytest.raises(StorageError, match="it is no ordinary file"):
            save(Own(1), path)
