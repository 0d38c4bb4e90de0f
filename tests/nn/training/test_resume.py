import json
import math
import random
import re
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest
from marks import slow

import nn.training.checkpoints
import nn.training.descent
from nn import MLP, SGD, Adam, Checkpoint, accuracy, cross_entropy, fit, half_mse, mse
from nn.errors import CheckpointError, DivergedError, SettingError, SettingTypeError, StorageError
from nn.schedules import Linear
from nn.training.descent import Descent

rng = random.Random(0)
SAMPLES = [[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(23)], [rng.randrange(3) for _ in range(23)]


def network():
    return MLP(3, [4, 3], "tanh", seed=1)


def settings(**changed):
    return {
        "loss": cross_entropy,
        "optimizer": Adam(0.01),
        "batch_size": 5,
        "seed": 3,
        "metric": accuracy,
        **changed,
    }


def state_of(net, history):
    return [[p.data for p in net.parameters()], history.loss, history.metric, history.validation_loss]


def stopped_after(steps, path, **changed):
    """A training that is interrupted by Ctrl-C after so many minibatches."""
    given = settings(**changed)
    of, name = (type(given["optimizer"]), "update") if given.get("compile") is False else (Descent, "__call__")
    own, count = getattr(of, name), [0]

    def interrupted(*args):
        count[0] += 1
        if count[0] > steps:
            raise KeyboardInterrupt
        return own(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of, name, interrupted)
        patch.setattr(nn.training.descent, "MOST_STEPS", 1)
        with pytest.raises(KeyboardInterrupt):
            fit(network(), *SAMPLES, **given, epochs=4, checkpoint=path)


OPTIMIZERS = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.05, momentum=0.9),
    "Adam": lambda: Adam(0.02),
    "schedule": lambda: SGD(Linear(0.5, 0.1, 15)),
}


@cache
def uninterrupted(name):
    net = network()
    history = fit(net, *SAMPLES, **settings(optimizer=OPTIMIZERS[name]()), validation=SAMPLES, epochs=4)
    return state_of(net, history)


@pytest.mark.parametrize("steps", slow([0, 1, 5, 7, 19], but=[0, 7]))
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_resumed_training_ends_where_the_uninterrupted_one_ends(name, steps, tmp_path):
    path = tmp_path / "run.json"
    stopped_after(steps, path, optimizer=OPTIMIZERS[name](), validation=SAMPLES)
    net = network()
    resumed = fit(
        net,
        *SAMPLES,
        **settings(optimizer=OPTIMIZERS[name](), seed=99),
        validation=SAMPLES,
        epochs=4,
        checkpoint=path,
        resume=True,
    )
    assert state_of(net, resumed) == uninterrupted(name)


def test_the_plain_loop_resumes_too(tmp_path):
    expected, net, path = network(), network(), tmp_path / "run.json"
    history = fit(expected, *SAMPLES, **settings(), epochs=4, compile=False)
    stopped_after(7, path, compile=False)
    resumed = fit(net, *SAMPLES, **settings(), epochs=4, checkpoint=path, resume=True, compile=False)
    assert state_of(net, resumed) == state_of(expected, history)


def test_what_a_callback_has_changed_is_told_when_the_training_is_resumed(tmp_path):
    def annealed(optimizer):
        return lambda history: setattr(optimizer, "learning_rate", 0.1 * 0.5 ** len(history.loss))

    for epochs, resumes in ((2, False), (4, True)):
        optimizer = SGD(0.1)  # a process of its own begins with it again
        given = settings(optimizer=optimizer, on_epoch=annealed(optimizer), checkpoint=tmp_path / "run.json")
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            fit(network(), *SAMPLES, **given, epochs=epochs, resume=resumes)
        told = [str(w.message) for w in said if "resumed from" in str(w.message)]
        assert len(told) == resumes
        assert all("the optimizer has numbers that changed while it trained" in text for text in told)


def test_a_state_that_the_optimizer_adds_on_the_way_is_resumed(tmp_path):
    class Growing(SGD):
        def rule(self, p, g, state, rate, steps):
            h = state.get("h", 0.0) + g * g
            return p - rate * g / (h**0.5 + 1e-8), {"h": h}

    path, given = tmp_path / "run.json", {**settings(), "compile": False}
    expected, net = network(), network()
    history = fit(expected, *SAMPLES, **{**given, "optimizer": Growing(0.1)}, epochs=4)
    fit(network(), *SAMPLES, **{**given, "optimizer": Growing(0.1)}, epochs=2, checkpoint=path)
    resumed = fit(net, *SAMPLES, **{**given, "optimizer": Growing(0.1)}, epochs=4, checkpoint=path, resume=True)
    assert state_of(net, resumed) == state_of(expected, history)


def test_a_count_among_what_the_optimizer_begins_with_is_resumed(tmp_path):
    class Counting(SGD):
        def start(self, numbers):
            return {"steps": 0, "calls": 0}

        def update(self, numbers, gradient, state):
            calls = state["calls"] + 1
            return numbers - 0.1 / calls * gradient, {"steps": state["steps"] + 1, "calls": calls}

    path, expected, net = tmp_path / "run.json", network(), network()
    history = fit(expected, *SAMPLES, **settings(optimizer=Counting(0.1)), epochs=4)
    fit(network(), *SAMPLES, **settings(optimizer=Counting(0.1)), epochs=2, checkpoint=path)
    resumed = fit(net, *SAMPLES, **settings(optimizer=Counting(0.1)), epochs=4, checkpoint=path, resume=True)
    assert state_of(net, resumed) == state_of(expected, history)


def test_a_finished_training_may_go_on_for_more_epochs(tmp_path):
    expected, net, path = network(), network(), tmp_path / "run.json"
    history = fit(expected, *SAMPLES, **settings(), epochs=5)
    fit(network(), *SAMPLES, **settings(), epochs=3, checkpoint=path)
    assert len(fit(network(), *SAMPLES, **settings(), epochs=3, checkpoint=path, resume=True).loss) == 3
    assert state_of(net, fit(net, *SAMPLES, **settings(), epochs=5, checkpoint=path, resume=True)) == state_of(
        expected, history
    )


def test_a_checkpoint_in_the_middle_of_an_epoch_is_written_when_it_is_due(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(nn.training.descent, "MOST_STEPS", 1)
    monkeypatch.setattr(
        nn.training.checkpoints, "write_document", lambda path, document: written.append(document["training"])
    )
    fit(network(), *SAMPLES, **settings(), epochs=2, checkpoint=tmp_path / "run.json", checkpoint_seconds=1e-9)
    assert [(t["epoch"], t["batch"]) for t in written] == [(0, k) for k in range(6)] + [(1, k) for k in range(1, 6)] + [
        (2, 0)
    ]


def test_training_that_is_there_already_is_not_overwritten(tmp_path):
    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match="is there already: resume=True goes on with it"):
        fit(network(), *SAMPLES, **settings(), checkpoint=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"batch_size": 6}, "batch_size was 5, now it is 6"),
        ({"optimizer": Adam(0.02)}, r"optimizer was Adam\(0.01, .*\), now it is Adam\(0.02"),
        ({"loss": lambda output, label: cross_entropy(output, label)}, "loss was cross_entropy, now it is .*lambda"),
        ({"penalty": 0.1}, r"penalty was None, now it is L2\(0.1\)"),
        ({"metric": None}, "metric was accuracy, now it is None"),
    ],
)
def test_a_checkpoint_of_another_training_says_what_differs(changed, says, tmp_path):
    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    net, before = network(), path.read_bytes()
    with pytest.raises(CheckpointError, match=f"is of another training: {says}"):
        fit(net, *SAMPLES, **settings(**changed), checkpoint=path, resume=True)
    assert [p.data for p in net.parameters()] == [p.data for p in network().parameters()]
    assert path.read_bytes() == before


def test_a_checkpoint_of_other_activations_or_other_validation_is_refused(tmp_path):
    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    with pytest.raises(CheckpointError, match="its activations are tanh, linear, those of this network relu, linear"):
        fit(MLP(3, [4, 3], "relu", seed=1), *SAMPLES, **settings(), checkpoint=path, resume=True)
    with pytest.raises(CheckpointError, match="validation was None, now it is 23 samples"):
        fit(network(), *SAMPLES, **settings(), checkpoint=path, resume=True, validation=SAMPLES)


def test_ctrl_c_in_a_callback_is_made_up_for_when_the_run_goes_on(tmp_path):
    def run(net, interrupted_at=None, **more):
        def halve(history):
            if len(history.loss) == interrupted_at:
                raise KeyboardInterrupt
            for p in net.parameters():
                p.data *= 0.5

        return fit(net, *SAMPLES, **settings(), epochs=4, on_epoch=halve, **more)

    expected, net, path = network(), network(), tmp_path / "run.json"
    history = run(expected)
    with pytest.raises(KeyboardInterrupt):
        run(network(), interrupted_at=2, checkpoint=path)
    assert state_of(net, run(net, checkpoint=path, resume=True)) == state_of(expected, history)


def test_a_checkpoint_of_other_data_or_another_network_is_refused(tmp_path):
    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    other = [row[::-1] for row in SAMPLES[0]], SAMPLES[1]
    with pytest.raises(CheckpointError, match=r"samples was 23 samples, \w+, now it is 23 samples"):
        fit(network(), *other, **settings(), checkpoint=path, resume=True)
    with pytest.raises(CheckpointError, match="it has 31 parameters, this network 38"):
        fit(MLP(3, [5, 3], seed=1), *SAMPLES, **settings(), checkpoint=path, resume=True)


def test_the_data_may_come_as_a_list_one_time_and_as_an_array_another_time(tmp_path):
    import numpy as np

    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    fit(network(), np.array(SAMPLES[0]), np.array(SAMPLES[1]), **settings(), epochs=2, checkpoint=path, resume=True)


DAMAGE = {
    "no training": lambda d: d.update(training=None),
    "no settings": lambda d: d["training"].pop("settings"),
    "an epoch too many": lambda d: d["training"].update(epoch=7),
    "a negative epoch": lambda d: d["training"].update(epoch=-1),
    "half a batch": lambda d: d["training"].update(batch=0.5),
    "too many batches": lambda d: d["training"].update(batch=99),
    "no random state": lambda d: d["training"].update(random=None),
    "a short random state": lambda d: d["training"].update(random=[3, [1, 2], None]),
    "random text": lambda d: d["training"].update(random=[3, ["a"] * 625, None]),
    "a short mean": lambda d: d["training"]["optimizer"].update(mean=[0.0]),
    "a mean of nan": lambda d: d["training"]["optimizer"].update(mean=[math.nan] * 31),
    "a mean of text": lambda d: d["training"]["optimizer"].update(mean=["x"] * 31),
    "no steps": lambda d: d["training"]["optimizer"].pop("steps"),
    "records of text": lambda d: d["training"].update(records="abc"),
    "sums of text": lambda d: d["training"].update(sums=["abc"]),
    "training of text": lambda d: d.update(training="abc"),
    "too many sums": lambda d: d["training"].update(batch=2, sums=[1.0, 2.0, 3.0]),
    "too few sums": lambda d: d["training"].update(batch=2, sums=[]),
    "sums at the start": lambda d: d["training"].update(sums=[1.0, 2.0]),
    "a step beyond counting": lambda d: d["training"]["optimizer"].update(steps=10**400),
    "an empty record": lambda d: d["training"].update(records=[{}]),
    "a record of nan": lambda d: d["training"]["records"][0].update(loss=math.nan),
    "a record of inf": lambda d: d["training"]["records"][0].update(loss=math.inf),
    "a record of text": lambda d: d["training"]["records"][0].update(loss="0.5"),
    "a record of truth": lambda d: d["training"]["records"][0].update(loss=True),
    "a record of lists": lambda d: d["training"]["records"][0].update(loss=[0.5]),
    "a record beyond floats": lambda d: d["training"]["records"][0].update(loss=10**400),
    "a record of a metric of text": lambda d: d["training"]["records"][0].update(metric="0.5"),
    "a record without its metric": lambda d: d["training"]["records"][0].pop("metric"),
    "a record of a validation that was none": lambda d: d["training"]["records"][0].update(validation_loss=0.5),
    "a record of negative seconds": lambda d: d["training"]["records"][0].update(seconds=-5),
    "a record of nan seconds": lambda d: d["training"]["records"][0].update(seconds=math.nan),
    "a record of endless seconds": lambda d: d["training"]["records"][0].update(seconds=math.inf),
    "records in an object": lambda d: d["training"].update(records={"0": d["training"]["records"][0]}),
    "a record that is a list": lambda d: d["training"].update(records=[["loss", 0.5]]),
    "an epoch of truth": lambda d: d["training"].update(epoch=True),
    "sums that are numbers as text": lambda d: d["training"].update(batch=2, sums=["1.0", "2.0"]),
    "sums of nan": lambda d: d["training"].update(batch=2, sums=[math.nan, 2.0]),
    "sums of truth": lambda d: d["training"].update(batch=2, sums=[True, False]),
    "a mean of numbers as text": lambda d: d["training"]["optimizer"].update(mean=["1.0"] * 31),
    "a mean of truth": lambda d: d["training"]["optimizer"].update(mean=[True] * 31),
    "a mean of lists": lambda d: d["training"]["optimizer"].update(mean=[[1.0]] * 31),
    "a mean in an object": lambda d: d["training"]["optimizer"].update(mean={"0": 1.0}),
    "steps of truth": lambda d: d["training"]["optimizer"].update(steps=True),
    "an optimizer of nothing": lambda d: d["training"].update(optimizer=None),
    "good numbers of text": lambda d: d["training"].update(good=["1.0"] * 31),
    "good numbers of inf": lambda d: d["training"].update(good=[math.inf] * 31),
    "no good numbers": lambda d: d["training"].pop("good"),
    "another random version": lambda d: d["training"]["random"].__setitem__(0, 7),
    "a random position beyond the words": lambda d: d["training"]["random"][1].__setitem__(624, 10**6),
    "random words that are negative": lambda d: d["training"]["random"][1].__setitem__(0, -1),
    "random words that are too large": lambda d: d["training"]["random"][1].__setitem__(0, 2**70),
    "a random number of text": lambda d: d["training"]["random"].__setitem__(2, "0.5"),
    "a random number of nan": lambda d: d["training"]["random"].__setitem__(2, math.nan),
    "settings of text": lambda d: d["training"].update(settings="abc"),
    "settings of lists": lambda d: d["training"].update(settings=[]),
    "too few settings": lambda d: d["training"]["settings"].pop("metric"),
    "a record of something else": lambda d: d["training"]["records"][0].update(weight=1.0),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The text of a checkpoint."""
    path = tmp_path_factory.mktemp("sound") / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    return path.read_text()


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_checkpoint_is_refused_and_nothing_changes(name, sound, tmp_path):
    path, document = tmp_path / "run.json", json.loads(sound)
    DAMAGE[name](document)
    path.write_text(json.dumps(document))
    net, before, drawn = network(), path.read_bytes(), random.Random(5)
    with pytest.raises(CheckpointError, match=r"damaged|no training to resume"):
        fit(net, *SAMPLES, **settings(seed=drawn), epochs=2, checkpoint=path, resume=True)
    assert drawn.getstate() == random.Random(5).getstate()
    assert [p.data for p in net.parameters()] == [p.data for p in network().parameters()]
    assert path.read_bytes() == before


def test_a_checkpoint_that_cannot_be_written_is_found_before_training(tmp_path):
    with pytest.raises(StorageError, match="no such file or directory"):
        fit(network(), *SAMPLES, **settings(), checkpoint=tmp_path / "nowhere" / "run.json")


def test_a_disk_that_fills_up_ends_training_with_the_model_intact_and_the_last_checkpoint(tmp_path, monkeypatch):
    path, net, written = tmp_path / "run.json", network(), []
    write = nn.training.checkpoints.write_document

    def full(path, document):
        written.append(1)
        if len(written) == 4:
            raise StorageError("cannot write: no space left on device")
        write(path, document)

    monkeypatch.setattr(nn.training.descent, "MOST_STEPS", 1)
    monkeypatch.setattr(nn.training.checkpoints, "write_document", full)
    with pytest.raises(StorageError, match="no space left"):
        fit(net, *SAMPLES, **settings(), checkpoint=path, checkpoint_seconds=1e-9)
    assert json.loads(path.read_text())["training"]["batch"] == 2
    assert [p.data for p in net.parameters()] != [p.data for p in network().parameters()]


def test_a_diverged_training_can_be_looked_at_but_its_checkpoint_is_the_last_sound_one(tmp_path):
    path, net = tmp_path / "run.json", MLP(1, [1], seed=0)
    with pytest.raises(
        DivergedError, match=r"the loss became inf in epoch \d+; the largest parameter is .*, at layer 1/n1"
    ):
        fit(net, [[1.0], [2.0]], [0.0, 1.0], loss=mse, optimizer=SGD(1e3), epochs=500, checkpoint=path)
    assert all(math.isfinite(p.data) for p in net.parameters())
    assert json.loads(path.read_text())["training"]["epoch"] == 0


def test_a_checkpoint_is_a_network_too(tmp_path):
    from nn import load

    net = network()
    fit(net, *SAMPLES, **settings(), epochs=2, checkpoint=tmp_path / "run.json")
    assert [p.data for p in load(tmp_path / "run.json").parameters()] == [p.data for p in net.parameters()]


def test_full_batches_resume_without_an_order(tmp_path):
    path, expected, net = tmp_path / "run.json", MLP(3, [1], seed=0), MLP(3, [1], seed=0)
    samples = SAMPLES[0], [float(y) for y in SAMPLES[1]]
    history = fit(expected, *samples, loss=half_mse, optimizer=SGD(0.1, 0.5), epochs=9)
    fit(MLP(3, [1], seed=0), *samples, loss=half_mse, optimizer=SGD(0.1, 0.5), epochs=4, checkpoint=path)
    resumed = fit(net, *samples, loss=half_mse, optimizer=SGD(0.1, 0.5), epochs=9, checkpoint=path, resume=True)
    assert state_of(net, resumed) == state_of(expected, history)


@pytest.mark.slow
def test_killing_training_at_random_moments_changes_nothing():
    command = [sys.executable, str(Path(__file__).with_name("kill.py")), "--trials", "2", "--kills", "2"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.fullmatch(r"2 trials, [1-9]\d* kills: all end with the same bits\n", shown.stdout), shown.stderr


def test_what_was_held_out_and_metrics_may_have_been_no_numbers(tmp_path):
    path, net, expected = tmp_path / "run.json", network(), network()
    given = settings(metric=lambda output, label: math.nan, validation=SAMPLES)
    history = fit(expected, *SAMPLES, **given, epochs=3)
    fit(network(), *SAMPLES, **given, epochs=2, checkpoint=path)
    resumed = fit(net, *SAMPLES, **given, epochs=3, checkpoint=path, resume=True)
    assert repr(state_of(net, resumed)) == repr(state_of(expected, history))


def test_settings_of_another_training_are_told_in_few_words(tmp_path):
    path = tmp_path / "run.json"
    fit(network(), *SAMPLES, **settings(), checkpoint=path)
    document = json.loads(path.read_text())
    document["training"]["settings"].update(loss="\x1b[2J\n" * 100_000, metric=["x"] * 100_000)
    path.write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match="is of another training: loss was ") as caught:
        fit(network(), *SAMPLES, **settings(), checkpoint=path, resume=True)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 2_000


def test_a_run_that_was_written_before_nn_had_folders_goes_on(tmp_path):
    written = Path(__file__).with_name("run_before_folders.json").read_bytes()
    (tmp_path / "run.json").write_bytes(written)
    before = json.loads(written)["training"]["records"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit(network(), *SAMPLES, **settings(), epochs=3, checkpoint=tmp_path / "run.json", resume=True)
    assert history.loss[:2] == [record["loss"] for record in before]
    assert history.loss[2] < history.loss[1]


def test_a_checkpoint_says_all_that_the_older_arguments_say(tmp_path):
    found = []
    for name in ("older", "newer"):
        path = tmp_path / f"{name}.json"
        for epochs in (2, 4):
            resume, net = epochs == 4, network()
            older = {"checkpoint": path, "checkpoint_seconds": 5.0, "resume": resume}
            newer = {"checkpoint": Checkpoint(path, seconds=5.0, resume=resume)}
            history = fit(net, *SAMPLES, **settings(), epochs=epochs, **(older if name == "older" else newer))
        found.append(state_of(net, history))
    expected = network()
    assert found == [state_of(expected, fit(expected, *SAMPLES, **settings(), epochs=4))] * 2


def test_the_seconds_of_a_checkpoint_are_those_between_two_writings(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(nn.training.descent, "MOST_STEPS", 1)
    monkeypatch.setattr(nn.training.checkpoints, "write_document", lambda path, document: written.append(path))
    for seconds, times in ((1e-9, 1 + 5 + 1), (1e9, 2)):
        written.clear()
        fit(network(), *SAMPLES, **settings(), checkpoint=Checkpoint(tmp_path / "run.json", seconds))
        assert len(written) == times


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"checkpoint": Checkpoint("run.json"), "resume": True}, SettingError, r"resume beside a Checkpoint; .*Checkpoint\('run.json', seconds=10.0, resume=False\)"),
        ({"checkpoint": Checkpoint("run.json"), "checkpoint_seconds": 5.0, "resume": False}, SettingError, "checkpoint_seconds and resume beside a Checkpoint"),
        ({"resume": True}, SettingError, "resume=True needs the checkpoint to go on from"),
        ({"checkpoint": 5}, SettingTypeError, "checkpoint must be a path such as 'run.json', got 5"),
        ({"checkpoint": "run.json", "checkpoint_seconds": "5"}, SettingTypeError, "checkpoint_seconds must be a number"),
        ({"epoch": 3}, SettingTypeError, r"fit has no argument 'epoch'; did you mean 'epochs'"),
        ({"random_state": 3}, SettingTypeError, "no argument 'random_state'; here it is seed"),
        ({"verbose": 0}, SettingTypeError, "no argument 'verbose'; here it is progress"),
        ({"lr": 0.1}, SettingTypeError, r"no argument 'lr'; here it is optimizer=SGD\(0.1\)"),
        ({"florble": 0.1}, SettingTypeError, "no argument 'florble'$"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_each_other_or_nothing_are_refused(given, error, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = network()
    with pytest.raises(error, match=says) as caught:
        fit(net, *SAMPLES, **settings(), **given)
    assert isinstance(caught.value, TypeError) == (error is SettingTypeError)
    assert [p.data for p in net.parameters()] == [p.data for p in network().parameters()]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Checkpoint(None), "checkpoint must be a path"),
        (lambda: Checkpoint("run.json", 0.0), "seconds must be positive and finite"),
        (lambda: Checkpoint("run.json", "10"), "seconds must be a number"),
    ],
)
def test_a_checkpoint_without_a_meaning_is_refused(make, says):
    with pytest.raises(SettingError, match=says):
        make()


def test_a_resumed_checkpoint_must_be_there_and_a_new_one_must_not(tmp_path):
    path = tmp_path / "run.json"
    with pytest.raises(StorageError, match="no such file"):
        fit(network(), *SAMPLES, **settings(), checkpoint=Checkpoint(path, resume=True))
    fit(network(), *SAMPLES, **settings(), checkpoint=Checkpoint(path))
    with pytest.raises(CheckpointError, match="is there already: resume=True goes on with it"):
        fit(network(), *SAMPLES, **settings(), checkpoint=Checkpoint(path))
