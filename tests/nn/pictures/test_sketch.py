"""The classic drawing of a network: lines say which sign and size a weight has."""

import math

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from nn import MLP
from nn.errors import SettingError, SettingTypeError
from nn.pictures.sketch import LOOKS, MOST_SHOWN, sketch

POSITIVE, NEGATIVE, PLAIN = (colour.upper() for colour, _ in LOOKS)


def lines(figure):
    """(colour, dashed, number of lines, widths) of each bundle."""
    return [
        (
            to_hex(bundle.get_colors()[0]).upper(),
            bundle.get_linestyles()[0][1] is not None,
            len(bundle.get_segments()),
            bundle.get_linewidths(),
        )
        for bundle in figure.axes[0].collections
        if isinstance(bundle, LineCollection) and len(bundle.get_segments())
    ]


def circles(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]


def test_every_weight_is_a_line_of_its_sign_and_size():
    net = MLP(2, [3, 1], "tanh", seed=1)
    found = lines(net.sketch())
    weights = [w.data for layer in net.layers for neuron in layer.neurons for w in neuron.w]
    assert sum(count for colour, _, count, _ in found if colour == POSITIVE) == sum(w > 0 for w in weights)
    assert sum(count for colour, dashed, count, _ in found if colour == NEGATIVE and dashed) == sum(
        w < 0 for w in weights
    )
    first = sorted(abs(w.data) for neuron in net.layers[0].neurons for w in neuron.w)
    widths = sorted(np.concatenate([widths for _, _, _, widths in found[:2]]))
    assert np.corrcoef(first, widths)[0, 1] == pytest.approx(1.0)


def test_a_circle_for_every_neuron_its_frame_says_the_sign_of_the_bias():
    net = MLP(1, [3], ["relu"], seed=1)
    for neuron, bias in zip(net.layers[0].neurons, (1.0, 0.0, -1.0), strict=True):
        neuron.b.data = bias
    found = circles(net.sketch())
    assert [to_hex(circle.get_edgecolor()).upper() for circle in found] == [PLAIN, POSITIVE, PLAIN, NEGATIVE]


def test_many_neurons_are_shown_by_the_first_and_the_last():
    figure = MLP(784, [30, 10], "sigmoid", seed=1).sketch()
    assert len(circles(figure)) == 2 * (MOST_SHOWN - 1) + 10
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("⋮") == 2
    assert {"x1", "x784", "layer 1\n30", "inputs\n784", "σ", "linear"} <= set(texts)


@pytest.mark.parametrize(("weights", "width"), [([0.0, 0.0], 0.2), ([math.nan, math.nan], 3.2)])
def test_weights_without_a_sign_are_grey(weights, width):
    net = MLP(2, [1], seed=1)
    for w, given in zip(net.layers[0].neurons[0].w, weights, strict=True):
        w.data = given
    ((colour, dashed, count, widths),) = lines(net.sketch())
    assert (colour, dashed, count) == (PLAIN, True, 2)
    assert list(widths) == [width, width]


def test_an_infinite_weight_does_not_hide_the_others():
    net = MLP(2, [1], seed=1)
    for w, given in zip(net.layers[0].neurons[0].w, [math.inf, 1.0], strict=True):
        w.data = given
    ((colour, _, _, widths),) = lines(net.sketch())
    assert colour == POSITIVE
    assert list(widths) == [3.2, 3.2]


def test_long_names_of_inputs_stand_beside_their_circles() -> None:
    def aligned(*names: str) -> set[str]:
        (axes,) = MLP(2, [1], seed=1).sketch(inputs=list(names)).axes
        return {text.get_horizontalalignment() for text in axes.texts if text.get_text() in names}

    assert aligned("age", "height") == {"center"}
    assert aligned("age", "height in cm") == {"right"}


def test_inputs_may_have_names():
    figure = MLP(2, [1], seed=1).sketch(inputs=["age", "height"])
    assert {"age", "height"} <= {text.get_text() for text in figure.axes[0].texts}


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_it_is_saved_and_shows_itself(tmp_path, suffix):
    net = MLP(2, [3, 1], seed=1)
    path = tmp_path / f"net.{suffix}"
    net.sketch(path)
    assert path.stat().st_size > 1_000
    assert "<svg" in net._repr_svg_()
    assert net._repr_svg_() == net._repr_svg_()


def test_what_is_wrong_is_said(tmp_path):
    net = MLP(2, [3, 1], seed=1)
    with pytest.raises(SettingError, match="suffix must be one of"):
        net.sketch(tmp_path / "net.bmp2")
    with pytest.raises(SettingError, match="2 inputs, 1 names"):
        net.sketch(inputs=["age"])
    with pytest.raises(SettingTypeError, match="sketch takes an MLP, got None"):
        sketch(None)
    net.sketch(tmp_path / "dollars.png", inputs=["$\\frac{$", "a$$b"]).savefig(tmp_path / "again.png")
    for path in tmp_path.iterdir():
        path.unlink()
    for given in (5, "ab", [1, 2], {"a": 1, "b": 2}, {"a", "b"}):
        with pytest.raises(SettingTypeError, match="inputs must be a list of names"):
            net.sketch(inputs=given)
    with pytest.raises(SettingTypeError, match=r"a file needs a name such as 'net.svg', got 5"):
        net.sketch(5)
    assert list(tmp_path.iterdir()) == []
