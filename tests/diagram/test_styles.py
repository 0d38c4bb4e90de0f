"""What each style says, against the engine's numbers; whole texts are golden files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.diagram.styles import STYLES, Style
from autograd_core.diagram.themes import THEMES
from autograd_core.errors import DiagramError
from nn import MLP, half_mse

GOLDEN = Path(__file__).parent.parent / "golden"


def table() -> ag.GradTable:
    """Of an expression, for one of its two leaves."""
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = x * y + ag.sin(x) - 3 * y
    z.name = "z"
    return ag.backprop(z, [x])


def mnist() -> Value:
    cost = half_mse(MLP(784, [30, 10], "sigmoid", seed=1)([0.5] * 784), [0.0] * 10)
    cost.backward()
    return cost


GOLDENS = {
    **{f"style_{style}": (lambda style=style: draw(table(), style=style)) for style in STYLES},
    "theme_dark": lambda: draw(table(), theme="dark"),
    "folded_mnist": lambda: draw(mnist()),
    "path": lambda: draw(path()),
}


def path() -> object:
    z = table().root
    return ag.paths(z, z.inputs[0].inputs[0].inputs[0]).largest(1)[0]


@pytest.mark.parametrize("name", GOLDENS)
def test_the_text_is_the_golden_file(name: str) -> None:
    """After an intended change: look at the pictures, then run once with UPDATE_GOLDEN=1."""
    golden = GOLDEN / f"{name}.dot"
    source = GOLDENS[name]().source
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(source, encoding="utf-8")
    assert source == golden.read_text(encoding="utf-8")


def edges(source: str) -> dict[tuple[str, str], str]:
    """The attributes of each edge, by its ends."""
    found = re.findall(r"^\s*(\w+) -> (\w+)(?: \[(.*)\])?$", source, re.MULTILINE)
    return {(tail, head): attributes for tail, head, attributes in found}


def test_local_derivatives_stand_on_the_edges() -> None:
    found = edges(draw(table(), style="derivatives").source)
    assert "label=3 " in found["v0", "op2"]  # ∂(x y)/∂x
    assert "label=2 " in found["v1", "op2"]
    assert "label=-0.4161 " in found["v0", "op3"]  # cos 2
    assert "label=-1 " in found["v5", "op6"]


def test_the_flow_is_as_wide_as_what_came_back() -> None:
    found = edges(draw(table(), style="flow").source)
    width = {
        ends: float(re.search(r"penwidth=([\d.]+)", text)[1]) for ends, text in found.items() if "penwidth" in text
    }
    assert width["v0", "op2"] == max(width.values()) == 6.0
    assert width["v0", "op3"] == pytest.approx(0.5 + 5.5 * 0.4161 / 3.0, abs=0.01)
    assert "dashed" in found["v0", "op3"]  # negative
    assert "dashed" not in found["v0", "op2"]
    assert "label" not in found["v1", "op5"]  # nothing was computed for y's other consumer


def test_nothing_flows_to_what_is_no_target() -> None:
    x, y, w = (Value(2.0, name=name) for name in "xyw")
    source = draw(ag.backprop(x * y - w * w, [x]), style="flow").source
    found = edges(source)
    nodes = dict(re.findall(r'(v\d+) \[label="(\w+)\\n', source))
    flowing = {nodes[tail] for (tail, _), look in found.items() if "penwidth" in look and tail in nodes}
    assert flowing == {"x", "v1"}


@pytest.mark.parametrize("style", ["flow", "pruned", "circuit"])
def test_a_picture_of_gradients_says_if_there_are_none(style: str) -> None:
    x = Value(2.0, name="x")
    z = x * x
    missing = "there are no gradients yet: run z.backward(), or draw backprop(z, targets)"
    assert missing in draw(z, style=style).source
    assert missing not in draw(z).source
    z.backward()
    assert missing not in draw(z, style=style).source


@pytest.mark.parametrize("scale", [0.0, 1e300, float("inf"), float("nan")])
def test_flows_of_any_size_can_be_drawn(scale: float) -> None:
    x = Value(1.0, name="x")
    z = x * scale + x
    for style in STYLES:
        draw(ag.backprop(z, [x]), style=style).picture("svg")


def test_a_picture_can_go_downwards() -> None:
    source = draw(table(), style="flow", direction="down").source
    assert "rankdir=TB" in source
    plain = edges(draw(table(), style="derivatives", direction="down").source)
    assert '"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}3"' in plain["v0", "op2"]  # beside the line
    assert draw(table(), direction="right").source == draw(table()).source


def test_the_label_of_a_wide_edge_stands_beside_it() -> None:
    found = edges(draw(table(), style="flow").source)
    widths = {ends: float(re.search(r"penwidth=([\d.]+)", text)[1]) for ends, text in found.items() if "pen" in text}
    assert max(widths.values()) > 4.0
    for ends, width in widths.items():
        room = re.search(r'cellpadding="(\d+)"', found[ends])
        assert int(room[1] if room else 0) == round(width / 2)


def test_a_marked_path_has_no_gaps() -> None:
    found = edges(draw(path()).source)
    marked = sorted(ends for ends, text in found.items() if "penwidth=3.5" in text)
    assert marked == sorted([("v0", "op2"), ("op2", "v2"), ("v2", "op4"), ("op4", "v4"), ("v4", "op6"), ("op6", "v6")])


def folded_network(targets_of: int | None = None) -> ag.GradTable:
    """Of 3-7-7-1, whose three layers are folded; the targets are the parameters of all layers, or of one."""
    net = MLP(3, [7, 7, 1], "tanh", seed=1)
    cost = half_mse(net([0.5, 0.2, -0.3]), 0.0)
    return ag.backprop(cost, (net if targets_of is None else net.layers[targets_of]).parameters())


def boxes(source: str) -> dict[str, str]:
    """The attributes of each folded cluster, by the first line of its box."""
    return {name: line for line in source.splitlines() for name in re.findall(r'f\d+ \[label="([^\\]+)', line)}


def test_a_path_is_marked_through_folded_clusters() -> None:
    found = folded_network()
    source = draw(ag.paths(found.root, found.targets[0]).largest(1)[0]).source
    assert all("penwidth=3.5" in boxes(source)[f"layer {k}"] for k in (1, 2, 3))
    bundled = [text for (_, head), text in edges(source).items() if head.startswith("f")]
    assert len(bundled) == 2
    assert all("penwidth=3.5" in text for text in bundled)


def test_what_is_folded_is_faint_if_nothing_in_it_is_needed() -> None:
    source = draw(folded_network(2), style="pruned").source
    assert {name for name, look in boxes(source).items() if "dotted" in look} == {"layer 1", "layer 2"}
    assert all("dotted" in text for (_, head), text in edges(source).items() if head.startswith("f"))
    source = draw(folded_network(0), style="pruned").source
    assert not [name for name, look in boxes(source).items() if "dotted" in look]
    assert "56 of them outside G'" in boxes(source)["layer 2"]  # its parameters; what was computed is needed


@pytest.mark.parametrize("style", ["values", "derivatives", "circuit"])
def test_only_flows_have_wide_bundles(style: str) -> None:
    source = draw(folded_network(), style=style).source
    widths = [re.search(r"penwidth=([\d.]+)", text) for (_, head), text in edges(source).items() if head[0] == "f"]
    assert [width[1] for width in widths] == ["2", "2"]


@pytest.mark.parametrize(
    ("rates", "colour", "width", "is_dashed"),
    [((2.0, 5.0), "positive", 6.0, False), ((-2.0, -5.0), "negative", 6.0, True), ((2.0, -5.0), "line", 6.0, False)],
)
def test_a_bundle_is_as_wide_as_the_largest_that_came_back_through_it(
    rates: tuple[float, float], colour: str, width: float, is_dashed: bool
) -> None:
    x, y = Value(1.0, name="left/x"), Value(1.0, name="left/y")
    p, q = rates[0] * x, rates[1] * y
    p.name, q.name = "right/p", "right/q"
    look = edges(draw(ag.backprop(p + q, [x, y]), style="flow", unfold=[]).source)["f0", "f1"]
    assert "label=2 " in look
    assert float(re.search(r"penwidth=([\d.]+)", look)[1]) == width
    assert f'color="{getattr(THEMES["light"], colour)}"' in look
    assert ("dashed" in look) == is_dashed


def test_a_flow_is_what_the_engine_sent() -> None:
    """Nothing at all behind a blocked node, be the derivative there infinite; nan where zero met infinity."""
    x, y = Value(0.0, name="x"), Value(0.0, name="y")
    found = ag.backprop(ag.sqrt(x) * 0.0 + ag.relu(ag.sqrt(y) - 1.0), [x, y])
    assert (str(found[x]), found[y]) == ("nan", 0.0)
    look = edges(draw(found, style="flow").source)
    to_root = {tail: text for (tail, _), text in look.items() if tail in ("v0", "v1")}
    ((_, of_x), (_, of_y)) = sorted(to_root.items())
    assert ">nan<" in of_x
    assert "dotted" in of_x
    assert "label=0 " in of_y
    assert "dashed" not in of_x + of_y


def test_a_zero_has_no_sign_in_a_picture_but_in_its_tooltip() -> None:
    source = draw(Value(-0.0, name="x")).source
    assert "data 0\\n" in source
    assert "data -0.0," in source


def test_what_the_targets_do_not_need_is_faint() -> None:
    lines = [line for line in draw(table(), style="pruned").source.splitlines() if "->" not in line]
    faint = {line.split()[0] for line in lines if "dotted" in line}
    assert faint == {"v1", "v5", "op5", "c5_0"}


@pytest.mark.parametrize("style", STYLES)
def test_a_target_that_the_root_does_not_depend_on_stands_apart(style: str) -> None:
    w = Value(1.0, name="w")
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    source = draw(ag.backprop(x * y, [x, w]), style=style).source
    (line,) = [line for line in source.splitlines() if "label=" in line and '"w\\n' in line]
    assert "data 1\\ngrad 0\\nno path to z" in line
    assert "dotted" not in line
    assert f"{line.split()[0]} ->" not in source
    assert source.count("no path") == 1


def test_a_circuit_has_both_numbers_on_every_wire() -> None:
    found = edges(draw(table(), style="circuit").source)
    assert found["v0", "op2"].count("<font") == 2
    assert re.search(r">2</font><br/>.*>3</font>", found["v0", "op2"])
    assert re.search(r">-2.091</font><br/>.*>1</font>", found["op6", "end6"])


@pytest.mark.parametrize("theme", THEMES)
def test_texts_stand_out_from_their_boxes(theme: str) -> None:
    """A contrast of 4.5 at least, as the accessibility guidelines (WCAG 2) ask for normal text."""

    def luminance(colour: str) -> float:
        names = {"white": "#FFFFFF", "black": "#000000"}
        digits = names.get(colour, colour).removeprefix("#")
        parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        low, high = sorted([luminance(a), luminance(b)])
        return (high + 0.05) / (low + 0.05)

    colours = THEMES[theme]
    for filling in (
        colours.paper,
        *(getattr(colours, kind)[0] for kind in ("leaf", "parameter", "constant", "op", "cluster")),
    ):
        assert contrast(colours.ink, filling) >= 4.5
    for ink in (colours.forward, colours.backward, colours.positive, colours.negative):
        assert contrast(ink, colours.paper) >= (4.5 if ink == colours.positive else 3.8)  # vermilion is what it is


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"style": "flows"}, "'flow'"),
        ({"theme": "sepia"}, "'dark'"),
        ({"style": None}, "choose one"),
        ({"theme": []}, "choose one"),
        ({"direction": "up"}, "right, down"),
    ],
)
def test_unknown_styles_and_themes_are_refused(setting: dict[str, object], says: str) -> None:
    with pytest.raises(DiagramError, match=says):
        draw(Value(1.0), **setting)


def test_a_style_of_ones_own_is_a_class() -> None:
    class Bare(Style):
        def lines(self, node: Value) -> list[str]:
            return [f"{node.data:.3f} here"]

    x = Value(2.0, name="x")
    source = draw(x * x, style=Bare).source
    assert "2.000 here" in source
    assert "grad –" not in source
    for style in (Bare([], None, None), int, "bare", None, ["values"]):
        with pytest.raises(DiagramError, match=r"there is no style .*subclass of autograd_core.diagram.Style"):
            draw(x * x, style=style)
