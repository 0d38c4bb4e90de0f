import sys

import pandas
import pytest
from PIL import Image

from nn import MLP, SGD, History, accuracy, fit, half_mse, hinge, iris, moons, sine
from nn.errors import DataError, MissingPackageError, SettingError, SettingTypeError, StorageError, StructureError
from nn.learning import Demon, speeds
from nn.pictures import curve_fit, decision_boundary, figure_of, grid_of_scores


def history(metric=None, validation=None):
    X, y = moons(20)  # noqa: N806  # as in scikit-learn
    net = MLP(2, [3, 1], "tanh", seed=1)
    return fit(net, X, y, loss=hinge, optimizer=SGD(0.1), epochs=5, metric=metric, validation=validation)


def lines(axes):
    return {line.get_label(): list(line.get_ydata()) for line in axes.lines}


def test_a_history_draws_its_losses_and_metrics():
    seen = history(accuracy, moons(10, seed=2))
    figure = seen.plot()
    losses, metrics = figure.axes
    assert lines(losses) == {"training": seen.loss, "held out": seen.validation_loss}
    assert lines(metrics) == {"training": seen.metric, "held out": seen.validation_metric}
    assert losses.get_yscale() == "log"
    assert losses.get_xlabel() == "epoch"


def test_without_a_metric_there_is_one_panel_and_a_loss_of_zero_has_no_logarithm():
    seen = history()
    assert len(seen.plot().axes) == 1
    seen.loss[2] = 0.0
    assert seen.plot().axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_picture_is_written_as_its_suffix_says(suffix, tmp_path):
    path = tmp_path / f"curve.{suffix}"
    history().plot(path)
    begin = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(begin)
    if suffix == "png":
        with Image.open(path) as picture:
            assert picture.size[0] > 300


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(SettingError, match=r"cannot draw .*curve.xyz: the suffix must be one of .*png"):
        history().plot(tmp_path / "curve.xyz")
    with pytest.raises(StorageError, match="no such file"):
        history().plot(tmp_path / "nowhere" / "curve.svg")
    with pytest.raises(DataError, match="the history is empty"):
        History().plot()


def test_a_notebook_shows_the_curves_the_same_way_every_time():
    seen = history()
    assert seen._repr_svg_().count("<svg") == 1
    assert seen._repr_svg_() == seen._repr_svg_()
    assert History()._repr_svg_() is None


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    seen = history()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-core\[train\]'"):
        seen.plot()
    assert seen._repr_svg_() is None


def test_a_fit_shows_data_curve_and_the_activation_of_every_hidden_neuron():
    net = MLP(1, [3, 1], "sigmoid", seed=2)
    X, y = sine(30)  # noqa: N806  # as in scikit-learn
    fitted, hidden = curve_fit(net, X, y).axes
    assert lines(fitted)["data"] == y
    xs = fitted.lines[1].get_xdata()
    assert lines(fitted)["network"] == [net([x]).data for x in xs]
    assert list(lines(hidden)) == ["neuron 1", "neuron 2", "neuron 3"]
    first = net.layers[0].neurons[0]
    assert lines(hidden)["neuron 1"] == pytest.approx([first([x]).data for x in xs], rel=1e-14, abs=0)


def test_a_fit_needs_one_input_and_one_output():
    for net in (MLP(2, [3, 1]), MLP(1, [3, 2]), MLP(1, [1])):
        with pytest.raises(StructureError, match="one input, hidden neurons and one output"):
            curve_fit(net, [0.0, 1.0], [0.0, 1.0])


def test_a_boundary_lies_where_the_score_changes_its_sign():
    X, y = moons()  # noqa: N806  # as in scikit-learn
    net = MLP(2, [8, 1], "tanh", init="xavier", seed=1)
    fit(net, X, y, loss=hinge, optimizer=SGD(0.3, 0.9), epochs=400)
    first, second, scores = grid_of_scores(net, X, y, points=30)
    assert scores[4, 7] == pytest.approx(net([first[7], second[4]]).data, rel=1e-12, abs=1e-14)
    assert first[0] < min(row[0] for row in X) < max(row[0] for row in X) < first[-1]
    assert decision_boundary(net, X, y).axes[0].get_xlabel() == "x1"


def test_with_several_outputs_a_boundary_separates_the_classes_of_the_largest():
    X, y = iris()  # noqa: N806  # as in scikit-learn
    lengths = [row[2:] for row in X]
    net = MLP(2, [5, 3], "tanh", seed=1)
    first, second, classes = grid_of_scores(net, lengths, y, points=15)
    outputs = [out.data for out in net([first[3], second[11]])]
    assert classes[11, 3] == outputs.index(max(outputs))
    decision_boundary(net, lengths, y)
    decision_boundary(net, lengths, [[float(kind == j) for j in range(3)] for kind in y])
    with pytest.raises(StructureError, match="150 samples in X, 3 targets in Y"):
        decision_boundary(net, lengths, [0, 1, 2])
    with pytest.raises(StructureError, match="samples of two numbers, got 4"):
        decision_boundary(net, X, y)


def test_speeds_and_demons_draw_themselves(tmp_path):
    net = MLP(2, [3, 1], "sigmoid", seed=1)
    X, y = moons(10)  # noqa: N806  # as in scikit-learn
    found = speeds(net, X, y, half_mse)
    heights = [bar.get_height() for bar in found.plot(tmp_path / "speeds.png").axes[1].patches]
    assert heights == pytest.approx([*found.error[0], *found.error[1]])
    demon = Demon(net, X[0], y[0], half_mse, layer=1, neuron=2)
    curves = lines(demon.plot(widest=1.0).axes[0])
    assert curves["actual ΔC"][50] == curves["predicted"][50] == 0.0
    assert curves["predicted"][75] == pytest.approx(0.5 * demon.delta)


def test_no_window_is_opened_and_pyplot_stays_unloaded():
    import subprocess

    program = "from nn import *; import sys; h = History(); h.loss = [1.0]; h.plot(); print('matplotlib.pyplot' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_inputs_and_the_metric_have_their_names():
    net = MLP(2, [1], seed=1)
    X, y = [[0.0, 1.0], [2.0, 3.0]], [-1, 1]  # noqa: N806  # as in scikit-learn
    axes = decision_boundary(net, X, y, inputs=["petal length", "petal width"]).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("petal length", "petal width")
    axes = decision_boundary(net, pandas.DataFrame(X, columns=["age", "size"]), y).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("age", "size")
    with pytest.raises(SettingError, match="2 inputs, 1 names"):
        decision_boundary(net, X, y, inputs=["age"])
    with pytest.raises(SettingTypeError, match="inputs must be a list of names"):
        decision_boundary(net, X, y, inputs="xy")
    for metric, name in ((accuracy, "accuracy"), (lambda output, target: 1.0, "metric")):
        seen = fit(net, X, y, loss=half_mse, optimizer=SGD(0.1), epochs=2, metric=metric)
        assert seen.plot().axes[1].get_ylabel() == name


def test_a_panel_without_bars_says_so():
    net = MLP(1, [2, 1], "sigmoid", seed=1)
    saturated, error = speeds(net, [[-1.0], [1.0]], [0.0, 1.0], half_mse).plot().axes
    assert [text.get_text() for text in saturated.texts] == ["0 for every neuron"]
    assert list(error.texts) == []


def test_a_notebook_is_handed_a_png_too():
    for shown in (history(), MLP(2, [3, 1], seed=1), figure_of(3.0, 2.0)):
        data, how = shown._repr_mimebundle_()
        assert list(data) == ["image/svg+xml", "image/png", "text/plain"]
        assert how["image/png"]["width"] > 200
        assert "application/pdf" in shown._repr_mimebundle_(include=["application/pdf"])[0]


def test_a_boundary_of_an_estimator_has_the_names_of_its_classes_and_columns():
    pandas = pytest.importorskip("pandas")
    from nn.sklearn import MLPClassifier

    table = pandas.DataFrame([[0.0, 0.1], [0.9, 1.0], [0.2, 0.0], [1.0, 0.8]], columns=["age", "size"])
    kinds = pandas.Series(["cat", "dog", "cat", "dog"])
    model = MLPClassifier((3,), "tanh", max_iter=3, random_state=0).fit(table, kinds)
    axes = decision_boundary(model, table, kinds, inputs=table.columns).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["y = cat", "y = dog"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("age", "size")
