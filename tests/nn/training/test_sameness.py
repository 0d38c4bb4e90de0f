"""A training is resumed with the same functions, not with others of the same name."""

import functools
import random
import subprocess
import sys
import warnings

import pytest

import autograd_core as ag
from nn import SGD, Neuron, accuracy, fit, half_mse, mse
from nn.errors import CheckpointError
from nn.schedules import Linear

X, Y = [[0.0], [1.0], [2.0], [3.0]], [1, 0, 1, 0]
SCALE = 2.0


def run(path, epochs, resume=False, **settings):
    given = {"loss": half_mse, "optimizer": SGD(0.01), "seed": 1, **settings}
    net = Neuron(1, "linear", init=lambda *_: 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return fit(net, X, Y, batch_size=2, epochs=epochs, checkpoint=path, resume=resume, **given)


def scaled(by):
    return lambda a, y: by * (a - y) ** 2


def with_default(by):
    return lambda a, y, by=by: by * (a - y) ** 2


def falling(rate):
    return lambda k: rate / (k + 1)


def listed(by):
    numbers = [by]
    return lambda a, y: numbers[0] * (a - y) ** 2


class Scaled:
    def __init__(self, by):
        self.by = by

    def __call__(self, a, y):
        return self.by * (a - y) ** 2


def helped(helper):
    return lambda a, y: helper(a) * 0.0 + (a - y) ** 2


class Nesterov(SGD):
    def rule(self, p, g, state, rate, steps):
        return p - 2.0 * rate * g, {}


def other_rule():
    class Nesterov(SGD):
        def rule(self, p, g, state, rate, steps):
            return p - 3.0 * rate * g, {}

    Nesterov.__qualname__ = "Nesterov"
    return Nesterov


DIFFERENT = {
    "code": ("loss", lambda: lambda a, y: (a - y) ** 2, lambda: lambda a, y: abs(a - y)),
    "a constant": ("loss", lambda: lambda a, y: 2.0 * (a - y) ** 2, lambda: lambda a, y: 3.0 * (a - y) ** 2),
    "a value outside": ("loss", lambda: scaled(2.0), lambda: scaled(3.0)),
    "a default": ("loss", lambda: with_default(2.0), lambda: with_default(3.0)),
    "a partial's argument": (
        "loss",
        lambda: functools.partial(lambda k, a, y: k * (a - y) ** 2, 2.0),
        lambda: functools.partial(lambda k, a, y: k * (a - y) ** 2, 3.0),
    ),
    "a function inside": ("loss", lambda: helped(lambda a: a), lambda: helped(lambda a: -a)),
    "the penalty": ("penalty", lambda: lambda ps: 0.1 * ag.dot(ps, ps), lambda: lambda ps: 0.2 * ag.dot(ps, ps)),
    "the metric": ("metric", lambda: lambda a, y: abs(a - y), lambda: lambda a, y: (a - y) ** 2),
    "the rate": ("optimizer", lambda: SGD(lambda k: 0.1), lambda: SGD(lambda k: 0.05)),
    "the rate's value outside": (
        "optimizer",
        lambda: SGD(falling(0.1)),
        lambda: SGD(falling(0.2)),
    ),
    "the rule": ("optimizer", lambda: Nesterov(0.01), lambda: other_rule()(0.01)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_another_function_of_the_same_name_is_refused(name, tmp_path):
    what, make, make_other = DIFFERENT[name]
    run(tmp_path / "run.json", 1, **{what: make()})
    with pytest.raises(CheckpointError, match=rf"another training: {what}.*(its code or a number|was .*, now it is)"):
        run(tmp_path / "run.json", 2, resume=True, **{what: make_other()})
    assert len(run(tmp_path / "run.json", 2, resume=True, **{what: make()}).loss) == 2


def test_a_global_number_that_a_loss_uses_counts(tmp_path, monkeypatch):
    def loss(a, y):
        return SCALE * (a - y) ** 2

    run(tmp_path / "run.json", 1, loss=loss)
    with monkeypatch.context() as patch:
        patch.setitem(globals(), "SCALE", 5.0)
        with pytest.raises(CheckpointError, match="loss is still called"):
            run(tmp_path / "run.json", 2, resume=True, loss=loss)
    run(tmp_path / "run.json", 2, resume=True, loss=loss)


def test_who_wants_another_rate_is_told_how_to_go_on(tmp_path):
    for before, now in ((SGD(0.01), SGD(0.1)), (SGD(lambda k: 0.1), SGD(lambda k: 0.2))):
        path = tmp_path / f"{type(before.learning_rate).__name__}.json"
        run(path, 1, optimizer=before)
        with pytest.raises(CheckpointError, match=r"to go on at another rate load the network, nn.load\('.*json'\)"):
            run(path, 2, resume=True, optimizer=now)


def test_what_cannot_be_compared_is_named(tmp_path):
    class Slotted:
        __slots__ = ()

    def using(something):
        return lambda a, y: (a - y) ** 2 if something is not None else half_mse(a, y)

    for k, (make, says) in enumerate(
        [
            (lambda: using(random.Random(1)), "Random, which cannot be compared"),
            (lambda: using(Slotted()), "Slotted, which cannot be compared"),
            (lambda: using(iter([1])), "list_iterator, which cannot be compared"),
        ]
    ):
        run(tmp_path / f"{k}.json", 1, loss=make())
        with pytest.raises(RuntimeWarning, match=f"the loss uses {says}; make sure that it is as it was"):
            run(tmp_path / f"{k}.json", 2, resume=True, loss=make())


MUTABLE = {
    "an attribute": Scaled,
    "a Value": lambda by: scaled(ag.Value(by)),
    "a list": listed,
}


@pytest.mark.parametrize("name", MUTABLE)
def test_lists_attributes_and_values_are_compared_too(name, tmp_path):
    run(tmp_path / "run.json", 1, loss=MUTABLE[name](2.0))
    run(tmp_path / "run.json", 2, resume=True, loss=MUTABLE[name](2.0))
    with pytest.raises(CheckpointError, match="loss is still called"):
        run(tmp_path / "run.json", 3, resume=True, loss=MUTABLE[name](3.0))


def test_what_training_itself_has_changed_is_allowed_with_a_warning(tmp_path):
    loss = scaled(ag.Value(2.0))

    def anneal(history):
        loss.__closure__[0].cell_contents.data *= 0.5

    run(tmp_path / "run.json", 3, loss=loss, on_epoch=anneal)
    with pytest.raises(RuntimeWarning, match="that changed while it trained, and now hold other numbers"):
        run(tmp_path / "run.json", 4, resume=True, loss=scaled(ag.Value(1.0)))
    run(tmp_path / "run.json", 4, resume=True, loss=scaled(ag.Value(2.0)))


def test_a_file_of_another_python_is_not_compared_but_named(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("nn.training.checkpoints.PYTHON", "3.0")
        run(tmp_path / "run.json", 1, loss=lambda a, y: 1.0 * (a - y) ** 2)
    with pytest.raises(RuntimeWarning, match="the loss cannot be compared with what another version wrote"):
        run(tmp_path / "run.json", 2, resume=True, loss=lambda a, y: 2.0 * (a - y) ** 2)


def test_the_same_functions_are_the_same_in_every_process_and_after_use(tmp_path):
    for settings in (
        {"loss": mse, "metric": accuracy},
        {"loss": scaled(2.0), "optimizer": SGD(Linear(0.1, 0.01, 9))},
        {"loss": functools.partial(lambda k, a, y: k * (a - y) ** 2, 2.0)},
        {"optimizer": Nesterov(0.01)},
    ):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        for epochs in (1, 2, 3):
            run(path, epochs, resume=epochs > 1, **settings)
    program = (
        "from nn.training.sameness import Sameness; k = 2.0; w = {'a', 'b', 'c'}\n"
        "f = lambda a, y, w=frozenset('abc'): k * (a - y) if a in {'x', 'y', 'z'} else helper(a)\n"
        "def helper(a): return a\n"
        "print(Sameness(f).code)"
    )
    codes = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(codes) == 1
