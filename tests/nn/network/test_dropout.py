import copy
import pickle
import warnings

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
import nn.training.descent
from autograd_core.errors import StructureError, TracingError
from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    Layer,
    Module,
    accuracy,
    cross_entropy,
    dropping,
    evaluate,
    fit,
    half_mse,
    load,
    save,
)
from nn.errors import CheckpointError, SettingError, SettingTypeError
from nn.network.dropout import given, masks
from nn.training.descent import Descent

rng = np.random.default_rng(7)
X = rng.normal(size=(23, 3))
LABELS = rng.integers(0, 3, 23)


def network(dropout=0.5):
    return MLP(3, [6, 5, 3], "tanh", seed=1, dropout=dropout)


class Own(Module):
    """A network of one's own, which drops inputs too."""

    def __init__(self):
        self.first, self.last = Layer(3, 5, "tanh", seed=1), Layer(5, 3, "linear", seed=2)
        self.little, self.much = Dropout(0.2), Dropout(0.5)

    def parameters(self):
        return self.first.parameters() + self.last.parameters()

    def __call__(self, x):
        return self.last(self.much(self.first(self.little(x))))


def trained(net, **settings):
    given = {"loss": cross_entropy, "optimizer": Adam(0.02), "batch_size": 5, "epochs": 4, "seed": 3, **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit(net, X, LABELS, metric=accuracy, **given)
    return [p.data for p in net.parameters()], history.loss, history.metric


def test_outside_of_training_nothing_is_dropped():
    for x in ([1.0, 2.0], [ag.Value(1.0)], np.array([1.0, 2.0]), ag.Value(2.0), 3.0):
        assert Dropout(0.9)(x) is x
    assert [a.data for a in network(0.5)(X[0])] == [a.data for a in network(0.0)(X[0])]
    assert evaluate(network(0.5), X, LABELS, cross_entropy) == evaluate(network(0.0), X, LABELS, cross_entropy)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_while_training_a_share_is_dropped_and_the_mean_stays(rate):
    with dropping(seed=1):
        kept = Dropout(rate)([1.0] * 10_000)
    assert set(kept) == {0.0, 1.0 / (1.0 - rate)}
    assert kept.count(0.0) == pytest.approx(rate * 10_000, abs=200)
    drawn = masks([rate] * 100, 100, 5, 2)
    assert (drawn == 0.0).mean() == pytest.approx(rate, abs=0.02)
    assert drawn.mean() == pytest.approx(1.0, abs=0.2)
    assert (masks([rate] * 100, 100, 5, 3) != drawn).any()


def test_a_loop_of_ones_own_drops_what_its_seed_says_and_gradients_stay_away():
    drop, x = Dropout(0.5), [ag.Value(1.0) for _ in range(8)]
    with dropping(seed=4):
        first = drop(x)
        assert [a.data for a in drop(x)] != [a.data for a in first]
    with dropping(seed=4):
        assert [a.data for a in drop(x)] == [a.data for a in first]
    table = ag.backprop(ag.sum(first), x)
    assert [table[v] for v in x] == [a.data for a in first]
    assert drop(x) is x
    with dropping(seed=1):
        assert isinstance(drop(x[0]), ag.Value)


@pytest.mark.parametrize("make", [network, Own])
@pytest.mark.parametrize("batch_size", slow([1, 5, 23], but=[23]))
def test_the_compiled_step_drops_what_the_plain_loop_drops(make, batch_size):
    found = trained(make(), batch_size=batch_size), trained(make(), batch_size=batch_size, compile=False)
    for a, b in zip(*found, strict=True):
        assert a == pytest.approx(b, rel=1e-10)
    assert found[0][1] != trained(network(0.0), batch_size=batch_size)[1]


class Two(Own):
    """With as many numbers behind one `Dropout` as behind the other."""

    def __init__(self):
        self.first, self.last = Layer(3, 5, "tanh", seed=1), Layer(5, 3, "linear", seed=2)
        self.little, self.much = Dropout(0.2), Dropout(0.5)

    def __call__(self, x):
        return self.last(self.little(self.much(self.first(x))))


def halved(net):
    net.dropout.rate /= 2.0


def from_zero_and_back(net):
    net.dropout.rate = 0.5 - net.dropout.rate


def one_of_two(net):
    net.little.rate, net.much.rate = net.much.rate, 0.0


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (network, halved),
        (lambda: network(0.0), from_zero_and_back),
        (network, from_zero_and_back),
        (Own, one_of_two),
        (Two, one_of_two),
    ],
)
@pytest.mark.parametrize("batch_size", slow([5, 23], only=[5]))
def test_a_rate_that_is_changed_between_epochs_is_the_rate_from_then_on(make, change, batch_size):
    def run(change, **settings):
        net = make()
        return trained(net, batch_size=batch_size, on_epoch=lambda _: change(net), **settings)

    found = run(change)
    for a, b in zip(found, run(change, compile=False), strict=True):
        assert a == pytest.approx(b, rel=1e-10)
    unchanged = run(lambda net: None)
    assert found[1][0] == unchanged[1][0]
    assert found[1][1] != unchanged[1][1]


def test_every_sample_of_every_step_gets_a_mask_of_its_own():
    seen = []

    def loss(output, target):
        seen.append(tuple(a.data == 0.0 for a in output))
        return half_mse(output, [target] * 12)

    class Dropping(Module):
        layer, drop = Layer(3, 12, "linear", seed=1), Dropout(0.5)

        def parameters(self):
            return self.layer.parameters()

        def __call__(self, x):
            return self.drop(self.layer(x))

    for batch_size in (8, 23):
        seen.clear()
        fit(Dropping(), X, LABELS, loss=loss, optimizer=SGD(1e-3), batch_size=batch_size, epochs=3, compile=False)
        dropped = seen[-69:]  # before these the targets are tried out
        assert len(set(dropped)) > 60
        assert np.mean(dropped) == pytest.approx(0.5, abs=0.08)


def test_the_seed_decides_what_is_dropped():
    assert trained(network(), seed=3) == trained(network(), seed=3)
    assert trained(network(), seed=3, batch_size=23) != trained(network(), seed=4, batch_size=23)


@pytest.mark.parametrize("make", [network, Own])
@pytest.mark.parametrize("batch_size", [5, 23])
@pytest.mark.parametrize("steps", slow([0, 1, 2, 3], but=[1]))
def test_a_resumed_training_drops_what_the_uninterrupted_one_drops(make, batch_size, steps, tmp_path, monkeypatch):
    expected = trained(make(), batch_size=batch_size)
    own, count = Descent.__call__, [0]

    def interrupted(*args):
        count[0] += 1
        if count[0] > steps:
            raise KeyboardInterrupt
        return own(*args)

    with monkeypatch.context() as patch:
        patch.setattr(Descent, "__call__", interrupted)
        patch.setattr(nn.training.descent, "MOST_STEPS", 1)
        with pytest.raises(KeyboardInterrupt):
            trained(make(), batch_size=batch_size, checkpoint=tmp_path / "run.json")
    found = trained(make(), batch_size=batch_size, checkpoint=tmp_path / "run.json", resume=True, seed=99)
    assert found == expected


def test_training_without_dropout_draws_as_it_did_before():
    assert trained(network(0.0)) == trained(MLP(3, [6, 5, 3], "tanh", seed=1))


def test_a_network_with_dropout_is_saved_loaded_copied_and_shown(tmp_path):
    net = network(0.25)
    assert repr(net) == (
        "MLP of Layer(3, 6, tanh), Dropout(0.25), Layer(6, 5, tanh), Dropout(0.25), Layer(5, 3, linear)"
    )
    assert "Dropout" not in repr(network(0.0))
    save(net, tmp_path / "net.json")
    for twin in (load(tmp_path / "net.json"), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert repr(twin) == repr(net)
        with dropping(seed=1):
            expected = [a.data for a in net(X[0])]
        with dropping(seed=1):
            assert [a.data for a in twin(X[0])] == expected
    save(network(0.0), tmp_path / "other.json")
    assert "dropout" not in (tmp_path / "other.json").read_text()


def test_a_checkpoint_of_another_dropout_is_refused(tmp_path):
    trained(network(0.5), checkpoint=tmp_path / "run.json")
    with pytest.raises(CheckpointError, match=r"with dropout 0.5, those of this network tanh, tanh, linear"):
        trained(network(0.0), checkpoint=tmp_path / "run.json", resume=True)


@pytest.mark.parametrize("rate", [1.0, -0.1, 1.5, float("nan")])
def test_rates_without_a_meaning_are_refused(rate):
    for build in (Dropout, network):
        with pytest.raises(SettingError, match="rate must be at least 0 and below 1"):
            build(rate)
    drop = Dropout(0.5)
    with pytest.raises(SettingError, match="rate must be at least 0 and below 1"):
        drop.rate = rate
    assert drop.rate == 0.5
    with pytest.raises(SettingTypeError):
        Dropout("0.5")


def test_a_dropout_among_the_layers_sizes_says_where_it_belongs():
    with pytest.raises(SettingTypeError, match=r"MLP\(\.\.\., dropout=0.5\)"):
        MLP(2, [16, Dropout(0.5), 1])


def test_dropping_more_than_at_the_first_sample_is_refused():
    with given([1.0, 0.0]), pytest.raises(StructureError, match="as many numbers for every sample"):
        Dropout(0.5)([1.0, 2.0, 3.0])


@pytest.mark.slow
def test_dropout_keeps_a_network_from_learning_noise_by_heart():
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(size=(20, 5)), rng.integers(0, 2, 20)
    losses = []
    for dropout in (0.0, 0.6):
        net = MLP(5, [20, 2], "tanh", seed=1, dropout=dropout)
        fit(net, noise, labels, loss=cross_entropy, optimizer=Adam(0.02), epochs=200, seed=0)
        losses.append(evaluate(net, noise, labels, cross_entropy))
    assert 5.0 * losses[0] < losses[1]


def test_a_compiled_function_of_ones_own_does_not_repeat_one_mask():
    net, drop = network(), Dropout(0.5)
    for f, of in ((ag.jit(lambda x: net(x)), X[0]), (ag.jit(ag.vmap(net)), X), (ag.jit(drop), X[0])):
        with dropping(seed=1), pytest.raises(TracingError, match="would repeat one draw for ever"):
            f(of)
    assert [a.data for a in ag.jit(lambda x: net(x))(X[0])] == pytest.approx([a.data for a in net(X[0])])
