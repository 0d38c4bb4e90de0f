import gc
import math
import random
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core.errors import AutogradError, NumberError, OutputError, StructureError
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Layer,
    Module,
    Neuron,
    Parameter,
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    evaluate,
    fit,
    half_mse,
    hinge,
    mse,
)
from nn.errors import DataError, DivergedError, LabelError, SettingError, SettingTypeError
from nn.training.history import progress_bar

LINE = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]


def line():
    return Neuron(1, "linear", init=lambda *_: 0.5)


def data_of(net):
    return [p.data for p in net.parameters()]


def fit_line(net=None, samples=LINE, **settings):
    net = line() if net is None else net
    return fit(net, *samples, **{"loss": half_mse, "optimizer": SGD(0.1), **settings})


def test_an_epoch_over_all_samples_is_one_step_of_gradient_descent():
    net = line()
    history = fit_line(net)
    error = [0.5 * x - y for x, y in zip([0, 1, 2, 3], LINE[1], strict=True)]
    assert history.loss == pytest.approx([sum(e * e for e in error) / 8], rel=1e-15, abs=0)
    weight, bias = data_of(net)
    assert weight == pytest.approx(0.5 - 0.1 * sum(e * x for e, x in zip(error, [0, 1, 2, 3], strict=True)) / 4)
    assert bias == pytest.approx(0.0 - 0.1 * sum(error) / 4)


def test_a_partial_last_minibatch_is_used_and_averaged_over_its_own_length():
    seen = []

    class Recorder(SGD):
        def update(self, numbers, gradient, state):
            seen.append(gradient.tolist())
            return numbers, state

    constant = [[1.0]] * 5, [2.0] * 5  # every sample has the same gradient, so every mean of some has it too
    for compile in (True, False):
        fit_line(samples=constant, optimizer=Recorder(0.1), batch_size=2, compile=compile)
    assert seen == [[-1.5, -1.5]] * 6


def test_the_loss_of_an_epoch_is_the_mean_over_samples_not_over_minibatches():
    class Standstill(SGD):
        def update(self, numbers, gradient, state):
            return numbers, state

    net = line()
    history = fit_line(net, optimizer=Standstill(0.1), batch_size=3, metric=mse)
    assert history.loss == pytest.approx([evaluate(net, *LINE, half_mse)], rel=1e-15, abs=0)
    assert history.metric == pytest.approx([evaluate(net, *LINE, mse)], rel=1e-15, abs=0)


def test_every_epoch_goes_through_all_samples_once_in_an_order_drawn_from_the_seed():
    def order(seed):
        seen = []

        def loss(output, target):
            seen.append(target)
            return half_mse(output, target)

        samples = [[0.0]] * 10, list(range(10))
        fit_line(samples=samples, loss=loss, batch_size=3, epochs=2, seed=seed, compile=False)
        return seen[-20:-10], seen[-10:]  # the ones before are tried out

    first, second = order(1)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert order(1) == (first, second) == order(random.Random(1))
    assert order(2) != (first, second)


def test_the_same_seeds_give_the_same_history():
    def run():
        net = MLP(1, [4, 1], "tanh", seed=3)
        return fit_line(net, batch_size=2, epochs=3, seed=4).loss

    assert run() == run()


def test_losses_and_metrics_are_recorded_per_epoch_for_training_and_validation():
    net = line()
    history = fit_line(net, epochs=3, metric=mse, validation=([[4.0]], [9.0]))
    assert history.validation_loss[-1] == 0.5 * (net([4.0]).data - 9.0) ** 2
    assert len(history.loss) == len(history.validation_loss) == 3
    assert history.metric == pytest.approx([2 * x for x in history.loss])
    assert history.validation_metric == pytest.approx([2 * x for x in history.validation_loss])
    assert history.loss == sorted(history.loss, reverse=True)
    assert repr(history).startswith("History(loss=[")
    assert repr(History()) == "History()"


def test_validation_data_are_not_learned_from():
    with_validation, without = line(), line()
    fit_line(with_validation, epochs=2, seed=0, validation=([[4.0]], [-100.0]))
    fit_line(without, epochs=2, seed=0)
    assert data_of(with_validation) == data_of(without)


def test_what_was_not_asked_for_stays_empty():
    history = fit_line()
    assert (history.metric, history.validation_loss, history.validation_metric) == ([], [], [])


def test_on_epoch_sees_the_history_grow():
    lengths = []
    fit_line(epochs=3, on_epoch=lambda history: lengths.append(len(history.loss)))
    assert lengths == [1, 2, 3]


@pytest.mark.parametrize("convert", [list, tuple, np.array, lambda x: np.array(x, dtype=np.float32)])
def test_data_come_as_lists_tuples_or_arrays(convert):
    net = line()
    fit_line(net, (convert(LINE[0]), convert(LINE[1])), epochs=2, seed=0)
    expected = line()
    fit_line(expected, epochs=2, seed=0)
    assert data_of(net) == data_of(expected)


def test_samples_of_one_input_may_be_bare_numbers():
    net, expected = line(), line()
    fit_line(net, ([0, 1, 2, 3], [1, 3, 5, 7]))
    fit_line(expected)
    assert data_of(net) == data_of(expected)


def test_labels_from_numpy_stay_integers():
    net = MLP(2, [2], seed=0)
    history = fit(net, np.eye(2), np.array([0, 1]), loss=cross_entropy, optimizer=SGD(1.0), metric=accuracy, epochs=50)
    assert history.metric[-1] == 1.0


def test_a_network_of_your_own_is_trained():
    class Line(Module):
        def __init__(self):
            self.slope = Parameter(0.0)

        def parameters(self):
            return [self.slope]

        def __call__(self, x):
            return self.slope * x[0]

    net = Line()
    fit_line(net, ([[1.0], [2.0]], [3.0, 6.0]), epochs=100)
    assert net.slope.data == pytest.approx(3.0)


def bad(X=LINE[0], Y=LINE[1], **settings):  # noqa: N803  # as in scikit-learn
    return (X, Y), settings


@pytest.mark.parametrize(
    ("case", "error", "message"),
    [
        (bad(X=[[0.0], [1.0], [math.nan], [3.0]]), DataError, r"X\[2\]\[0\] is nan"),
        (bad(X=np.array([[0.0, 1.0], [2.0, math.inf]]), Y=[1.0, 2.0]), DataError, r"X\[1\]\[1\] is inf"),
        (bad(Y=[1.0, -math.inf, 2.0, 3.0]), DataError, r"Y\[1\] is -inf"),
        (bad(Y=[[1.0], [1.0, math.nan], [1.0], [1.0]]), DataError, r"Y\[1\]\[1\] is nan"),
        (bad(X=[], Y=[]), DataError, "empty"),
        (bad(X=[[0.0], [1.0]]), StructureError, "2 samples in X, 4 targets in Y"),
        (bad(X=[[0.0], [1.0, 2.0], [1.0], [1.0]]), StructureError, r"X\[1\] has 2 numbers, X\[0\] has 1"),
        (bad(X=[[0.0], ["a"], [1.0], [1.0]]), NumberError, r"X\[1\]\[0\]: expected a number, got 'a'"),
        (bad(X=[[0.0], [None], [1.0], [1.0]]), NumberError, r"X\[1\]\[0\]"),
        (bad(X=3.0), StructureError, "X must be a list, tuple or array"),
        (bad(Y="abcd"), StructureError, "Y must be a list, tuple or array"),
        (bad(X=[[0.0, 1.0]] * 4), StructureError, "2"),
        (bad(validation=([[math.nan]], [0.0])), DataError, r"X\[0\]\[0\] is nan"),
        (bad(validation=([[1.0]], [])), StructureError, "1 samples in X, 0 targets in Y"),
        (
            bad(validation=([[1.0, 2.0]], [0.0])),
            StructureError,
            "validation samples have 2 numbers, training samples 1",
        ),
        (bad(validation=[[1.0]]), SettingTypeError, r"validation must be a pair \(X, Y\)"),
        (bad(loss="mse"), SettingTypeError, r"loss must be a function of \(output, target\), .* got 'mse'"),
        (bad(optimizer=0.1), SettingTypeError, r"optimizer must be one such as SGD\(0.1\) or Adam\(\), got 0.1"),
        (bad(optimizer=SGD), SettingTypeError, "optimizer must be one such as"),
        (bad(penalty=-1.0), SettingError, "penalty must be positive and finite"),
        (bad(penalty="l2"), SettingTypeError, "penalty must be a number"),
        (bad(X=np.zeros((4, 2, 2))), StructureError, r"X has 3 axes, \(4, 2, 2\); .* X.reshape\(len\(X\), -1\)"),
        (bad(resume=True), SettingError, "resume=True needs the checkpoint"),
        (bad(checkpoint="x.json", checkpoint_seconds=0.0), SettingError, "checkpoint_seconds must be positive"),
        (bad(loss=hinge), LabelError, r"label 3\.0; hinge expects -1 or 1"),
        (bad(batch_size=0), SettingError, "batch_size must be at least 1, got 0"),
        (bad(batch_size=-2), SettingError, "batch_size must be at least 1, got -2"),
        (bad(batch_size=5), SettingError, "batch_size is 5, but there are 4 samples"),
        (bad(batch_size=2.0), SettingTypeError, "batch_size must be an integer, got 2.0"),
        (bad(epochs=0), SettingError, "epochs must be at least 1, got 0"),
        (bad(epochs=True), SettingTypeError, "epochs must be an integer"),
        (bad(seed=0.5), SettingTypeError, "seed"),
        (bad(loss=cross_entropy), StructureError, "at least two"),
        (bad(loss=lambda output, target: output.data), OutputError, "depends on no parameter"),
    ],
)
def test_bad_data_and_settings_are_refused_before_anything_changes(case, error, message):
    samples, settings = case
    net = line()
    with pytest.raises(error, match=message) as caught:
        fit_line(net, samples, **settings)
    assert isinstance(caught.value, AutogradError)
    assert data_of(net) == [0.5, 0.0]


def test_labels_outside_the_classes_are_refused():
    with pytest.raises(LabelError, match="label 2; expected one of the 2 classes"):
        fit(MLP(1, [2]), [[0.0]], [2], loss=cross_entropy, optimizer=SGD(0.1))


def test_something_without_parameters_cannot_be_trained():
    with pytest.raises(SettingError, match="no parameters"):
        fit_line(Module())


def test_a_diverging_run_stops_with_finite_parameters():
    net = line()
    with pytest.raises(DivergedError, match=r"the loss became (inf|nan) in epoch \d+.* learning rate") as caught:
        fit_line(net, loss=lambda a, y: (a - y) ** 4, optimizer=SGD(10.0), epochs=100)
    assert isinstance(caught.value, ArithmeticError)
    assert all(map(math.isfinite, data_of(net)))


@pytest.mark.parametrize("outside", [lambda a: 0.0 * ag.sin(a * 1e300), lambda a: 0.0 * ag.sqrt(1e6 - a)])
@pytest.mark.parametrize(
    ("compile", "complaint"),
    [(True, "the loss became nan in epoch"), (False, r"in epoch \d (sin|sqrt): x = .* is outside the domain")],
)
def test_a_run_that_leaves_a_domain_stops_where_the_loss_was_finite(
    outside: Callable[[Any], Any], compile: bool, complaint: str
) -> None:
    net = line()
    with pytest.raises(DivergedError, match=f"{complaint}.* back at the last ones"):
        fit_line(net, loss=lambda a, y: (a - y) ** 4 + outside(a), optimizer=SGD(10.0), epochs=100, compile=compile)
    assert math.isfinite(sum([(net(x).data - y) ** 4 for x, y in zip(*LINE, strict=True)]))


def test_data_outside_the_domain_of_an_op_end_it_at_its_line() -> None:
    with pytest.raises(ag.errors.DomainError, match=r"log: x = -1\.0"):
        fit_line(Neuron(1, "linear", seed=0), ([[1.0]], [-1.0]), loss=lambda a, y: a * ag.log(y), compile=False)


def test_a_step_to_nan_is_taken_back_though_the_loss_was_finite():
    net = Neuron(1, "linear", init=lambda *_: 2.0)
    with pytest.raises(
        DivergedError, match=r"not finite in epoch 1; the first parameter that is not finite is nan, at w1"
    ):
        fit_line(net, ([[1.0]], [2.0]), loss=lambda a, y: ag.sqrt(ag.square(a - y)))  # √ has no slope at 0
    assert data_of(net) == [2.0, 0.0]


def test_an_interrupted_step_is_taken_back():
    class Interrupted(SGD):
        def update(self, numbers, gradient, state):
            super().update(numbers, gradient, state)
            raise KeyboardInterrupt

    net = line()
    with pytest.raises(KeyboardInterrupt):
        fit_line(net, optimizer=Interrupted(0.1))
    assert data_of(net) == [0.5, 0.0]


def test_an_interruption_leaves_the_parameters_of_the_last_whole_step():
    after_first_epoch = line()
    fit_line(after_first_epoch, epochs=1)
    losses = []

    def loss(output, target):
        losses.append(output)
        if len(losses) == 4 + 7 + 1:  # four are tried out
            raise KeyboardInterrupt
        return half_mse(output, target)

    net = line()
    with pytest.raises(KeyboardInterrupt):
        fit_line(net, loss=loss, epochs=3, compile=False)
    assert data_of(net) == pytest.approx(data_of(after_first_epoch), rel=1e-14, abs=0)
    assert fit_line(net).loss  # and training may go on


def test_evaluate_is_the_mean_of_a_measure():
    assert evaluate(line(), *LINE, mse) == pytest.approx((1.0 + 2.5**2 + 16.0 + 5.5**2) / 4)
    with pytest.raises(DataError, match="empty"):
        evaluate(line(), [], [], mse)


def test_accuracy_of_classes_and_of_signs():
    assert accuracy([ag.Value(0.1), ag.Value(0.7), ag.Value(0.2)], 1) == 1.0
    assert accuracy([0.1, 0.7, 0.2], np.int64(2)) == 0.0
    assert accuracy([0.1, 0.7, 0.2], [0, 0, 1]) == 0.0
    assert accuracy([0.1, 0.7, 0.2], np.array([0, 1, 0])) == 1.0
    assert [accuracy(ag.Value(0.3), y) for y in (1, 0, -1)] == [1.0, 0.0, 0.0]
    assert [accuracy(-0.3, y) for y in (1, 0, -1)] == [0.0, 1.0, 1.0]
    assert [accuracy(-0.3, y) for y in ([1], [0.0], np.array([-1]))] == [0.0, 1.0, 1.0]


def test_the_progress_bar_shows_epoch_and_loss_when_asked(capsys):
    fit_line(epochs=2, batch_size=2, progress=True)
    shown = capsys.readouterr().out
    assert "epoch 2/2, loss" in shown
    assert "4/4" in shown


def test_nothing_is_printed_and_rich_is_not_loaded_where_nobody_watches(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.progress", None)  # importing it would fail now
    fit_line(epochs=2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_progress_bar(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with progress_bar(2) as advance:
        advance("first")
        advance("second")
    assert "second" in capsys.readouterr().out


def test_a_notebook_gets_a_bar_without_ipywidgets():
    from nbclient import NotebookClient
    from nbformat import v4

    code = """
        import sys, warnings
        sys.modules["ipywidgets"] = None  # importing it fails now
        warnings.simplefilter("error")
        from nn import SGD, MLP, fit, mse
        history = fit(MLP(1, [1]), [0, 1, 2], [0, 1, 2], loss=mse, optimizer=SGD(0.1), epochs=3, progress=True)
    """
    notebook = v4.new_notebook(cells=[v4.new_code_cell(dedent(code))])
    [output] = NotebookClient(notebook).execute().cells[0].outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"].startswith("3/3 epoch 3/3, loss")
    assert '<progress max="3" value="3">' in output.data["text/html"]


# Compiled and not


LOSSES = {
    "mse": (mse, [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),
    "half_mse": (half_mse, [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),
    "cross_entropy": (cross_entropy, [0, 1, 1]),
    "binary_cross_entropy": (binary_cross_entropy, [[1, 0], [0, 1], [1, 1]]),
    "hinge": (hinge, [[1, -1], [-1, 1], [1, 1]]),
}


@pytest.mark.parametrize("activation", slow(["relu", "tanh", "sigmoid", "softplus"], but=["tanh"]))
@pytest.mark.parametrize("name", LOSSES)
def test_the_compiled_step_trains_as_the_plain_loop_does(name, activation):
    loss, targets = LOSSES[name]
    rng = random.Random(5)
    rows = [[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(11)]
    samples = rows, (targets * 4)[:11]
    found = []
    for compile in (True, False):
        net = MLP(3, [4, 2], activation, seed=2)
        history = fit(
            net,
            *samples,
            loss=loss,
            optimizer=SGD(0.1, 0.5),
            penalty=0.01,
            batch_size=4,
            epochs=3,
            seed=1,
            compile=compile,
            validation=samples,
        )
        found.append([*data_of(net), *history.loss, *history.validation_loss])
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-13)


def test_labels_outside_the_classes_are_found_before_training_wherever_they_stand():
    net = MLP(1, [3], seed=0)
    before = data_of(net)
    with pytest.raises(LabelError, match="label 3; expected one of the 3 classes"):
        fit(net, [[0.0]] * 50, [0] * 49 + [3], loss=cross_entropy, optimizer=SGD(0.1))
    assert data_of(net) == before


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (hinge, [[1], [-1], [7], [1]]),
        (hinge, [1.0, -1.0, 0.0, 1.0]),
        (binary_cross_entropy, np.array([[1], [0], [2], [0]])),
        (cross_entropy, [0, 1, 5, 1]),
    ],
)
@pytest.mark.parametrize("where", ["training", "validation"])
def test_no_target_is_so_hidden_that_it_is_not_checked(where, loss, targets):
    net = MLP(1, [2 if loss is cross_entropy else 1], seed=0)
    before, good = data_of(net), [targets[0]] * 4
    validation = (LINE[0], targets) if where == "validation" else None
    with pytest.raises(LabelError):
        fit(
            net, LINE[0], targets if where == "training" else good, loss=loss, optimizer=SGD(0.1), validation=validation
        )
    assert data_of(net) == before


class Own:
    """What is given instead of an object of it."""


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"metric": "accuracy"}, "metric must be a function"),
        ({"on_epoch": True}, "on_epoch must be a function"),
        ({"checkpoint": 77}, "checkpoint must be a path"),
        ({"loss": Own}, r"loss must be a function .*class .*; call the class: Own\(...\)"),
        ({"metric": Own}, r"metric must be a function or None.*; call the class: Own\(...\)"),
        ({"on_epoch": Own}, r"on_epoch must be a function or None.*; call the class: Own\(...\)"),
        ({"penalty": Own}, r"penalty must be a number or a function.*; call the class: Own\(...\)"),
        ({"optimizer": SGD}, r"optimizer must be one such as SGD\(0.1\) or Adam\(\), got .*; call the class"),
        ({"optimizer": "adam"}, r"optimizer must be one such as SGD\(0.1\) or Adam\(\), got 'adam'; call the class"),
    ],
)
def test_settings_of_another_kind_are_refused_at_once(settings, says):
    net = line()
    with pytest.raises(SettingTypeError, match=says):
        fit_line(net, **settings)
    for other in (MLP, [net], None):
        with pytest.raises(SettingTypeError, match="net must be a network"):
            fit(other, *LINE, loss=half_mse, optimizer=SGD(0.1))
    assert data_of(net) == [0.5, 0.0]


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda a, y: ag.Value(2.0), "the loss depends on no parameter"),
        (lambda a, y: ag.Value(a.data - y) ** 2, "the loss depends on no parameter"),
        (lambda a, y: None, "it returned None; is a return missing"),
        (lambda a, y: [a - y], "add up several with ag.sum"),
    ],
)
def test_a_loss_that_nothing_can_be_learned_from_is_refused(loss, says):
    with pytest.raises(OutputError, match=says):
        fit_line(loss=loss)


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(
    "penalty", [lambda ps: sum(p.data**2 for p in ps), lambda ps: None, lambda ps: [p * p for p in ps]]
)
def test_a_penalty_that_nothing_can_be_learned_from_is_refused(penalty, compile):
    net = line()
    with pytest.raises(OutputError, match=r"the penalty must be one number, a Value, .* with ops, without \.data"):
        fit_line(net, penalty=penalty, compile=compile)
    assert data_of(net) == [0.5, 0.0]
    fit_line(net, penalty=lambda ps: 0.0, compile=compile)


def test_a_callback_may_end_training_and_keep_what_it_has_set():
    net = line()
    assert len(fit_line(net, epochs=9, on_epoch=lambda history: len(history.loss) == 3).loss) == 3

    def restore(history):
        net.b.data = 42.0
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fit_line(net, epochs=9, on_epoch=restore)
    assert net.b.data == 42.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda net: net.layers.append(Layer(1, 1, "tanh", seed=5)), r"7 before, 9 now"),
        (lambda net: net.layers[0].neurons[0].w.__setitem__(0, Parameter(0.0)), r"7 before, 7 now.*p.data = 0.0"),
    ],
)
def test_parameters_that_come_or_go_in_a_callback_end_training(change, says):
    def net_and_callback(answer):
        net = MLP(1, [2, 1], "tanh", seed=1)

        def on_epoch(history):
            if len(history.loss) == 2:
                change(net)
            return answer if len(history.loss) == 2 else None

        return net, on_epoch

    net, on_epoch = net_and_callback(None)
    with pytest.raises(StructureError, match=says):
        fit(net, *LINE, loss=half_mse, optimizer=SGD(0.1), epochs=4, on_epoch=on_epoch)
    net, on_epoch = net_and_callback(True)
    assert len(fit(net, *LINE, loss=half_mse, optimizer=SGD(0.1), epochs=4, on_epoch=on_epoch).loss) == 2


def test_a_history_takes_attributes_of_yours_and_follows_records_one_by_one():
    history = fit_line(epochs=4, on_epoch=lambda h: setattr(h, "best", min(h.loss)))
    assert history.best == min(history.loss)
    history = History()
    history.follow([{"loss": 1.0, "seconds": 0.1}])
    history.follow([{"loss": 1.0, "seconds": 0.1}, {"loss": 0.5, "validation_loss": 2.0, "seconds": 0.1}])
    assert (history.loss, history.validation_loss, history.seconds) == ([1.0, 0.5], [2.0], [0.1, 0.1])


def test_what_is_to_change_between_epochs_belongs_into_a_value():
    class Annealed(Module):
        def __init__(self):
            self.w, self.k = Parameter(0.5, "w"), ag.Value(1.0)

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return self.k * self.w * x[0]

    def halve(net):
        net.k.data *= 0.5

    nets = Annealed(), Annealed()
    for net, compile in zip(nets, (True, False), strict=True):
        fit_line(net, epochs=4, seed=0, on_epoch=lambda history, net=net: halve(net), compile=compile)
    assert nets[0].w.data == pytest.approx(nets[1].w.data, rel=1e-14)


def test_an_optimizer_whose_state_overflows_ends_training():
    net = Neuron(1, "linear", init=lambda *_: 1.0)
    with pytest.raises(DivergedError, match="parameter that is not finite is inf, at w1"):
        fit_line(net, loss=lambda a, y: 1e160 * (a - y), optimizer=Adam(0.1), epochs=30)
    assert data_of(net) == [1.0, 0.0]


def test_numpy_scalars_are_checked_like_other_numbers():
    with pytest.raises(DataError, match=r"Y\[1\] is nan"):
        fit_line(samples=([[0.0], [1.0]], [np.float64(1.0), np.float64("nan")]))


def test_outputs_as_lists_of_one_and_as_arrays_are_judged_alike():
    class Wrapped(Module):
        def __init__(self, wrap):
            self.net, self.wrap = MLP(1, [1], seed=3), wrap

        def parameters(self):
            return self.net.parameters()

        def __call__(self, x):
            return self.wrap(self.net(x))

    X, y = [[0.1 * i - 2.0] for i in range(40)], [1 if i % 3 else -1 for i in range(40)]  # noqa: N806  # as in scikit-learn
    for count in (1, 6):  # 40 and 240 samples: by the plain loop, and compiled
        shares = {
            evaluate(Wrapped(wrap), X * count, y * count, accuracy)
            for wrap in (lambda v: v, lambda v: [v], lambda v: np.array([v]))
        }
        assert len(shares) == 1


def test_small_validation_sets_are_compiled_too():
    calls = []

    class Counting(Neuron):
        def __call__(self, x):
            calls.append(1)
            return super().__call__(x)

    fit_line(Counting(1, "linear", seed=0), epochs=400, validation=LINE)
    assert len(calls) < 20


def test_what_cannot_be_compiled_is_trained_by_the_plain_loop_which_says_why():
    def loss(output, target):
        error = output - target
        return error * error if error > 0.0 else 2.0 * error * error

    net, expected = line(), line()
    with pytest.warns(RuntimeWarning, match=r"without compilation.*select with ag.where"):
        fit_line(net, loss=loss, epochs=2, seed=0)
    fit_line(expected, loss=lambda a, y: ag.where(a > y, (a - y) ** 2, 2.0 * (a - y) ** 2), epochs=2, seed=0)
    assert data_of(net) == pytest.approx(data_of(expected), rel=1e-13, abs=0)


LOOKS_AT_LABELS = {
    "a dict with a default": lambda a, y: {1: 5.0}.get(y, 1.0) * half_mse(a, y),
    "a set": lambda a, y: (5.0 if y in {1, 2} else 1.0) * half_mse(a, y),
    "its kind": lambda a, y: half_mse(a, y) * (5.0 if isinstance(y, int) else 1.0),
    "its text": lambda a, y: half_mse(a, y) * (5.0 if str(y) == "1" else 1.0),
}


@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("name", LOOKS_AT_LABELS)
def test_a_loss_that_a_value_in_a_labels_place_would_mislead_is_not_compiled(name, validated):
    samples = [[0.5], [1.0], [2.0]], [0, 1, 2]
    twos = [[1.5], [3.0]], [2, 2]
    X, Y = twos if validated else samples  # noqa: N806  # as in scikit-learn
    settings = {"loss": LOOKS_AT_LABELS[name], "optimizer": SGD(0.01), "epochs": 3, "validation": samples, "seed": 0}
    expected, found = line(), line()
    history = fit(expected, X, Y, **settings, compile=False)
    with pytest.warns(RuntimeWarning, match=r"without compilation.*the loss makes .* of a Value with this number"):
        again = fit(found, X, Y, **settings)
    assert (again.loss, again.validation_loss) == (history.loss, history.validation_loss)
    assert data_of(found) == data_of(expected)


@pytest.mark.parametrize("loss", [mse, hinge, binary_cross_entropy, lambda a, y: (a - y) ** 2 * (1.0 + 4.0 * y)])
def test_a_loss_that_computes_with_labels_is_compiled_without_a_word(loss):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(line(), [[0.5], [1.0]], [1, 1], loss=loss, optimizer=SGD(0.01), epochs=3)
        fit(MLP(1, [3], seed=1), [[0.5], [1.0]], [1, 2], loss=cross_entropy, optimizer=SGD(0.01), epochs=3)


def test_targets_that_are_no_numbers_are_up_to_the_loss():
    net = Neuron(1, "linear", seed=0)
    with pytest.warns(RuntimeWarning, match="the targets are not numbers"):
        history = fit(
            net,
            [[0.0], [1.0]],
            ["low", "high"],
            loss=lambda a, y: half_mse(a, {"low": 1.0, "high": 3.0}[y]),
            optimizer=SGD(0.5),
            epochs=200,
        )
    assert history.loss[-1] < 1e-6


def test_an_error_in_the_loss_is_the_users_own_and_no_warning():
    calls = []

    def loss(output, target):
        calls.append(1)
        if len(calls) > 2:
            raise ZeroDivisionError("mine")
        return half_mse(output, target)

    with pytest.raises(ZeroDivisionError, match="mine"):
        fit_line(loss=loss)


def test_shared_parameters_and_several_outputs():
    class Twice(Module):
        def __init__(self):
            self.inner = Layer(2, 2, "tanh", seed=1)

        def parameters(self):
            return [*self.inner.parameters(), *self.inner.parameters()]

        def __call__(self, x):
            return self.inner(self.inner(x))

    nets = Twice(), Twice()
    for net, compile in zip(nets, (True, False), strict=True):
        fit(
            net,
            [[0.1, 0.2], [0.3, -0.4]],
            [[0.0, 0.5], [0.5, 0.0]],
            loss=mse,
            optimizer=SGD(0.1),
            epochs=3,
            compile=compile,
        )
    assert data_of(nets[0]) == pytest.approx(data_of(nets[1]), rel=1e-13, abs=0)


def test_a_callback_sees_the_parameters_of_its_epoch_and_may_change_them():
    net = line()
    seen = []

    def clip(history):
        seen.append(data_of(net))
        net.b.data = 0.25

    fit_line(net, epochs=3, on_epoch=clip, batch_size=2, seed=0)
    assert len({tuple(data) for data in seen}) == 3
    assert net.b.data == 0.25


def test_seconds_are_recorded_and_not_shown():
    history = fit_line(epochs=3)
    assert len(history.seconds) == 3
    assert min(history.seconds) > 0.0
    assert "seconds" not in repr(history)


def test_every_call_starts_the_optimizer_afresh():
    optimizer = Adam(0.1)
    first, second = line(), line()
    fit_line(first, optimizer=optimizer, epochs=3, seed=0)
    fit_line(second, optimizer=optimizer, epochs=3, seed=0)
    assert data_of(first) == data_of(second)


def test_a_penalty_is_part_of_the_loss_and_may_be_a_function():
    net = line()
    plain, with_l2 = fit_line(line()).loss[0], fit_line(line(), penalty=0.5).loss[0]
    assert with_l2 - plain == pytest.approx(0.5 * sum(x * x for x in data_of(net)))
    only_weight = fit_line(line(), penalty=lambda parameters: 3.0 * parameters[0]).loss[0]
    assert only_weight - plain == pytest.approx(3.0 * 0.5)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_epochs():
    net = MLP(2, [4, 1], "tanh", seed=0)
    X = [[0.1 * i, 1.0 - 0.1 * i] for i in range(8)]  # noqa: N806  # as in scikit-learn

    def grown(epochs):
        fit(net, X, list(range(8)), loss=half_mse, optimizer=SGD(1e-3), batch_size=4, epochs=2, seed=0)
        gc.collect()
        tracemalloc.start()
        fit(net, X, list(range(8)), loss=half_mse, optimizer=SGD(1e-3), batch_size=4, epochs=epochs, seed=0)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return held

    grown(5)
    assert grown(200) - grown(20) < 100_000  # two records and two numbers an epoch are some hundred bytes
