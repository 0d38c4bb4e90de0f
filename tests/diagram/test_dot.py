"""The DOT text: what is shown, what is never shown, and that names stay text. Whole texts are golden files."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from goldens import assert_golden

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.errors import DiagramError, NumberError
from nn import MLP, Neuron, half_mse


def expression() -> Value:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    return x * y + ag.sin(x)


def differentiated() -> Value:
    z = expression()
    z.backward()
    return z


def neuron() -> Value:
    weights = iter([0.5, -0.25])
    z = (Neuron(2, "tanh", init=lambda rng, nin, nout: next(weights))([Value(1.0, name="x"), 0.5]) - 1) ** 2
    z.backward()
    return z


@pytest.mark.parametrize("make", [expression, differentiated, neuron], ids=lambda f: f.__name__)
def test_the_text_is_the_golden_file(make: object) -> None:
    """After an intended change: look at the pictures."""
    assert_golden({f"{make.__name__}.dot": draw(make()).source})


def test_a_gradient_not_computed_is_a_dash_and_never_zero() -> None:
    assert "grad –" in draw(expression()).source
    assert "grad 0" not in draw(expression()).source
    z = expression()
    z.backward()
    assert "grad –" not in draw(z).source
    z.inputs[0].inputs[0].zero_grad()
    assert draw(z).source.count("grad –") == 1


def test_a_grad_table_is_drawn_with_its_own_gradients() -> None:
    z = expression()
    x = z.inputs[0].inputs[0]
    source = draw(ag.backprop(z, [x])).source
    assert "x\\ndata 2\\ngrad 2.584" in source
    assert "y\\ndata 3\\ngrad –" in source  # outside G'
    assert draw(ag.backprop(z, [x], create_graph=True)).source.count("grad 2.584") == 1


def test_constants_leaves_parameters_and_the_root_look_different() -> None:
    lines = draw(neuron()).source.splitlines()
    looks = {
        next(line.split("[", 1)[1] for line in lines if mark in line): mark
        for mark in ('label="w1\\n', 'label="x\\n', "label=0.5", 'label="z\\n')
    }
    styles = {
        tuple(part for part in look.split() if part.startswith(("fillcolor", "style", "peripheries"))) for look in looks
    }
    assert len(styles) == 4
    assert sum("penwidth=2.5" in line for line in lines) == 1


def test_only_the_root_is_emphasised_whatever_the_other_numbers_are() -> None:
    x = Value(1.0)
    lines = [line for line in draw(x * 5.0 / 5.0).source.splitlines() if "penwidth" in line]
    assert [line.split()[0] for line in lines] == ["v2"]


def test_the_first_input_stands_above_the_second() -> None:
    a, b = Value(1.0, name="a"), Value(2.0, name="b")
    picture = ElementTree.fromstring(draw([b * 2, a - b]).picture("svg"))
    height = {t.text: float(t.get("y")) for t in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert height["a"] < height["b"]


@pytest.mark.parametrize("direction", ["right", "down"])
def test_inputs_of_a_neuron_stand_in_their_order(direction: str) -> None:
    weights = [Value(1.0, name=f"layer 1/n1/w{k}") for k in range(1, 5)]
    z = ag.dot(weights, [0.1, 0.2, 0.3, 0.4])
    z.name = "layer 1/n1/z"
    picture = ElementTree.fromstring(draw(z, direction=direction, unfold=True).picture("svg"))
    axis = "y" if direction == "right" else "x"
    place = {t.text: float(t.get(axis)) for t in picture.iter("{http://www.w3.org/2000/svg}text")}
    names = ["w_11^(1)", "w_12^(1)", "w_13^(1)", "w_14^(1)", "0.1", "0.2", "0.3", "0.4"]
    assert sorted(names, key=place.__getitem__) == names


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("kind", [float, Value])
@pytest.mark.parametrize(
    ("sizes", "unfold", "count"), [((3, 7, 7, 1), ["layer 1"], 7), ((4, 6, 3), ["layer 2"], 3), ((2, 3), True, 3)]
)
def test_neurons_stand_in_their_order(
    sizes: tuple[int, ...], unfold: list[str] | bool, count: int, kind: type, direction: str
) -> None:
    net = MLP(sizes[0], sizes[1:], "sigmoid", seed=1)
    cost = half_mse(net([kind(0.5) for _ in range(sizes[0])]), [0.0] * sizes[-1] if sizes[-1] > 1 else 0.0)
    svg = ElementTree.fromstring(draw(cost, unfold=unfold, direction=direction).picture("svg"))
    axis = "y" if direction == "right" else "x"
    place = {t.text: float(t.get(axis)) for t in svg.iter("{http://www.w3.org/2000/svg}text")}
    names = [f"n{k}" for k in range(1, count + 1)]
    assert sorted(names, key=place.__getitem__) == names


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("kind", [float, Value])
@pytest.mark.parametrize("unfold", [[], ["layer 1"], ["layer 2"], True], ids=str)
def test_what_is_done_with_outputs_stands_in_their_order(unfold: list[str] | bool, kind: type, direction: str) -> None:
    outputs = MLP(2, [3, 4], "sigmoid", seed=1)([Value(0.5), Value(-1.0)])
    errors = [a - kind(k) for k, a in enumerate(outputs)]
    for k, e in enumerate(errors):
        e.name = f"e{k}"
    svg = ElementTree.fromstring(draw(ag.norm(errors), unfold=unfold, direction=direction).picture("svg"))
    axis = "y" if direction == "right" else "x"
    place = {t.text: float(t.get(axis)) for t in svg.iter("{http://www.w3.org/2000/svg}text")}
    names = ["e0", "e1", "e2", "e3"]
    assert sorted(names, key=place.__getitem__) == names


@pytest.mark.parametrize("name", ["\\N", "C:\\temp", "\\", "\\\\G"])
def test_backslashes_survive_in_tooltips(name: str) -> None:
    picture = ElementTree.fromstring(draw(Value(1.0, name=name)).picture("svg"))
    link = next(picture.iter("{http://www.w3.org/2000/svg}a"))
    assert link.get("{http://www.w3.org/1999/xlink}title").startswith(f"{name}: data 1.0")


@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_constant_stands_where_it_was_written(direction: str) -> None:
    """Above or left of the other operand, or below or right of it: a / 300 is not 300 / a."""
    for make, first, second in (
        (lambda a: a / 300, "a", "300"),
        (lambda a: 300 / a, "300", "a"),
        (lambda a: a - 1, "a", "1"),
    ):
        picture = ElementTree.fromstring(draw(make(Value(1.0, name="a")), direction=direction).picture("svg"))
        texts = {t.text: t for t in picture.iter("{http://www.w3.org/2000/svg}text")}
        axis = "y" if direction == "right" else "x"
        assert float(texts[first].get(axis)) < float(texts[second].get(axis))


def test_the_same_input_twice_has_two_edges_and_each_use_of_a_constant_its_own_box() -> None:
    x = Value(2.0)
    assert draw(x * x).source.count("v0 -> op1") == 2
    assert draw(x + 1 + 1).source.count("label=1 ") == 2


def test_names_of_more_than_24_letters_are_cut_in_boxes_and_whole_in_tooltips() -> None:
    source = draw(Value(1.0, name="a" * 24) * Value(2.0, name="b" * 25)).source
    assert f'label="{"a" * 24}\\n' in source
    assert f'label="{"b" * 23}…\\n' in source
    assert f'tooltip="{"b" * 25}: data' in source


def test_equal_graphs_give_equal_texts() -> None:
    assert draw(expression()).source == draw(expression()).source
    assert draw([x := Value(1.0), x * 2]).source.count("penwidth") == 2


@pytest.mark.parametrize(
    "name",
    ['"', '"];v9 [label="x"', "<b>bold</b>", "<", "&amp;", "&#39;", "\\", "\\N", "\\n", "a\nb", "{a|b}", "]; }", "\u202egnp.exe", "\x00", "—σ'²", "x" * 500],
)  # fmt: skip
def test_hostile_names_stay_text(name: str) -> None:
    picture = draw(Value(1.0, name=name) * 2).picture("svg")
    texts = [t.text for t in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    shown = texts[0] if len(visible) <= 24 else texts[0].rstrip("…")
    assert visible.startswith(shown)
    assert len(texts) == 8  # name, data, grad; 2; ×; z, data, grad


@pytest.mark.parametrize("given", [2.0, "z", None, [], [1.0], {}])
def test_only_graphs_can_be_drawn(given: object) -> None:
    with pytest.raises(NumberError, match="draw takes a Value, a list of Values, a GradTable or a Path"):
        draw(given)


STRANGER = Value(1.0, name="stranger")


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        *[("max_nodes", given) for given in ("10", None, float("nan"), 0, True)],
        *[("only", given) for given in ([], [STRANGER], [1], "x", STRANGER, 3)],
        *[("direction", given) for given in ([], None, 3)],
        *[("unfold", given) for given in (1, 2.5, STRANGER, [1])],
    ],
)
def test_settings_that_make_no_sense_are_refused(setting: str, given: object) -> None:
    says = {
        "direction": "there is no direction",
        "max_nodes": "must be a whole number",
        "only": "only takes a list of Values of the graph",
    }
    with pytest.raises(DiagramError, match=says.get(setting, "unfold")):
        draw(expression(), **{setting: given})


def test_only_some_nodes_are_drawn() -> None:
    z = expression()
    assert repr(draw(z, only=z.inputs)) == "<Diagram of 2 values and 2 ops>"


@pytest.mark.parametrize("style", ["values", "pruned"])
def test_numbers_of_before_a_leaf_changed_are_said_to_be_old(style: str) -> None:
    x = Value(2.0, name="x")
    z = ag.sin(x) * x
    assert "changed" not in draw(z, style=style).source
    x.data = 3.0
    source = draw(z, style=style).source
    assert '"x has changed since v1 was computed: compute the expression again"' in source
    draw(z, style=style).picture("svg")
