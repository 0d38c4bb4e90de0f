"""Early stopping: `fit(..., patience=)` on the validation loss, and the parameters at which it was smallest."""

from functools import partial

import numpy as np
import pytest

from nn import MLP, Adam, Checkpoint, binary_cross_entropy, evaluate, fit, load
from nn.errors import CheckpointError, SettingError, SettingTypeError

rng = np.random.default_rng(0)


def noisy(count):
    rows = rng.normal(size=(count, 3))
    return rows, (rows[:, 0] + 0.8 * rng.normal(size=count) > 0.0).astype(int)


(X, Y), HELD_OUT = noisy(40), noisy(40)
PATIENCE = 5
settings = {"loss": binary_cross_entropy, "validation": HELD_OUT, "seed": 0}


def network(dropout=0.0):
    return MLP(3, [8, 1], "tanh", seed=1, dropout=dropout)


def numbers(net):
    return [p.data for p in net.parameters()]


learn = partial(fit, X=X, Y=Y, patience=PATIENCE, **settings)


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(("batch_size", "dropout"), [(None, 0.0), (7, 0.0), (7, 0.3)])
def test_training_ends_after_so_many_epochs_without_a_smaller_loss_and_gives_back_the_best(
    compile, batch_size, dropout
):
    net = network(dropout)
    history = learn(net, optimizer=Adam(0.05), epochs=200, batch_size=batch_size, compile=compile)
    losses = history.validation_loss
    best = int(np.argmin(losses))
    assert best > 0
    assert len(losses) == best + 1 + PATIENCE < 200
    assert evaluate(net, *HELD_OUT, binary_cross_entropy) == pytest.approx(losses[best], rel=1e-12)
    again = network(dropout)
    fit(again, X, Y, optimizer=Adam(0.05), epochs=best + 1, batch_size=batch_size, compile=compile, **settings)
    assert numbers(again) == numbers(net)


def test_after_all_epochs_and_after_a_callback_the_best_numbers_are_given_back_too():
    for epochs, on_epoch in ((40, None), (200, lambda history: len(history.loss) == 40)):
        net = network()
        losses = learn(net, optimizer=Adam(0.1), epochs=epochs, on_epoch=on_epoch, patience=100).validation_loss
        assert len(losses) == 40
        assert min(losses) < losses[-1]
        assert evaluate(net, *HELD_OUT, binary_cross_entropy) == pytest.approx(min(losses), rel=1e-12)


def test_ctrl_c_leaves_the_last_numbers_not_the_best():
    def interrupt(history):
        if len(history.loss) == 40:
            raise KeyboardInterrupt

    net, last = network(), network()
    with pytest.raises(KeyboardInterrupt):
        learn(net, optimizer=Adam(0.1), epochs=200, on_epoch=interrupt, patience=100)
    fit(last, X, Y, optimizer=Adam(0.1), epochs=40, **settings)
    assert numbers(net) == numbers(last)


def test_a_resumed_training_knows_the_best_of_before(tmp_path):
    whole = network()
    expected = learn(whole, optimizer=Adam(0.05), epochs=200)
    for first in (3, len(expected.loss) - 1, len(expected.loss)):
        file = tmp_path / f"{first}.json"
        learn(network(), optimizer=Adam(0.05), epochs=first, checkpoint=file)
        net = network()
        history = learn(net, optimizer=Adam(0.05), epochs=200, checkpoint=Checkpoint(file, resume=True))
        assert (history.validation_loss, numbers(net)) == (expected.validation_loss, numbers(whole))
    last = network()
    fit(last, X, Y, optimizer=Adam(0.05), epochs=len(expected.loss), **settings)
    assert numbers(load(file)) == numbers(last)  # which is gone on with


def test_a_checkpoint_whose_best_is_damaged_is_refused(tmp_path):
    file = tmp_path / "run.json"
    learn(network(), optimizer=Adam(0.05), epochs=3, checkpoint=file)
    text = file.read_text()
    start, end = text.index('"best": [') + len('"best": ['), text.rindex("]")
    for best in ("NaN, 1, [0.0]", "0.5, 1, [0.0]", "0.5, -1, []", "0.5"):
        file.write_text(text[:start] + best + text[end:])
        with pytest.raises(CheckpointError, match="damaged"):
            learn(network(), optimizer=Adam(0.05), epochs=5, checkpoint=Checkpoint(file, resume=True))


def test_patience_needs_something_to_judge_by_and_a_count():
    with pytest.raises(SettingError, match=r"patience needs .*validation=\(X, Y\)"):
        fit(network(), X, Y, loss=binary_cross_entropy, optimizer=Adam(), patience=3)
    for wrong in (0, -1):
        with pytest.raises(SettingError, match="patience must be at least 1"):
            learn(network(), optimizer=Adam(), patience=wrong)
    with pytest.raises(SettingTypeError, match="patience must be an integer"):
        learn(network(), optimizer=Adam(), patience=2.5)
    with pytest.raises(SettingTypeError, match="here it is patience"):
        fit(network(), X, Y, loss=binary_cross_entropy, optimizer=Adam(), early_stopping=True)
