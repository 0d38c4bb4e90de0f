"""What each style says, against the engine's numbers; whole texts are golden files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from goldens import assert_golden

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.diagram import Flow, Style, Theme
from autograd_core.diagram.dot import DIRECTIONS
from autograd_core.diagram.styles import STYLES, bound
from autograd_core.diagram.themes import THEMES
from autograd_core.errors import DiagramError
from nn import MLP, half_mse


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
    """After an intended change: look at the pictures."""
    assert_golden({f"{name}.dot": GOLDENS[name]().source})


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


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style.warnings is not Style.warnings])
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
    lines = [*bound(STYLES[style](), [w], {w: 0.0}, THEMES["light"], {w: "w"}).lines(w), "no path to z"]
    assert "\\n".join(lines) in line
    assert style != "values" or lines == ["data 1", "grad 0", "no path to z"]
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
        ({"direction": "up"}, "'right', 'down'"),
        ({"style": "circut"}, "did you mean 'circuit'"),
        ({"theme": "drak"}, "did you mean 'dark'"),
        ({"direction": "donw"}, "did you mean 'down'"),
    ],
)
def test_unknown_styles_and_themes_are_refused(setting: dict[str, object], says: str) -> None:
    with pytest.raises(DiagramError, match=says):
        draw(Value(1.0), **setting)


class Bare(Style):
    def lines(self, node: Value) -> list[str]:
        return [f"{node.data:.3f} here"]


class Digits(Style):
    def __init__(self, digits: int) -> None:
        self.digits = digits

    def lines(self, node: Value) -> list[str]:
        return [f"{node.data:.{self.digits}f} here"]


@dataclass(frozen=True)
class Field(Digits):
    digits: int


def square() -> Value:
    x = Value(2.0, name="x")
    return x * x


@pytest.mark.parametrize(
    ("style", "shown"),
    [(Bare, "2.000"), (Bare(), "2.000"), (Digits(1), "2.0"), (Digits(digits=2), "2.00"), (Field(4), "2.0000")],
)
def test_a_style_of_ones_own_is_a_class_or_an_object(style: object, shown: str) -> None:
    source = draw(square(), style=style).source
    assert f'label="x\\n{shown} here"' in source
    assert "grad –" not in source


def test_one_object_draws_many_pictures() -> None:
    style = Flow()
    first = draw(table(), style=style)
    x = Value(7.0, name="other")
    draw(ag.backprop(x * 2.0, [x]), style=style, theme="dark")
    assert vars(style) == {}
    assert first.source == draw(table(), style="flow").source


@pytest.mark.parametrize(
    ("style", "says"),
    [
        (int, "int is no subclass of autograd_core.diagram.Style: write class int(Style)"),
        (Digits, "Digits has settings, give style=Digits(...): missing a required argument: 'digits'"),
        (None, "there is no style None; choose one of"),
        (["values"], "or give an autograd_core.diagram.Style of your own, as style=MyStyle"),
        (Digits.lines, "or give an autograd_core.diagram.Style of your own, as style=MyStyle"),
        ("bare", "there is no style 'bare'; choose one of 'values', 'derivatives', 'flow', 'pruned', 'circuit'"),
    ],
)
def test_what_is_no_style_is_refused(style: object, says: str) -> None:
    with pytest.raises(DiagramError, match=re.escape(says)):
        draw(square(), style=style)


def with_(**members: object) -> type[Style]:
    """A subclass of Style that has these methods, each of which returns what is given, and settings."""
    return type("My", (Style,), {name: x if name[0] == "_" else (lambda *_, x=x: x) for name, x in members.items()})


A_LIST, A_DICT = (
    "must return a list of texts, got",
    "must return a dict of texts, as {'color': 'red', 'label': '3.0'}, got",
)


@pytest.mark.parametrize(
    ("method", "call", "wrong"),
    [
        *[(name, args, [None, "data", [3.0], 3]) for name, args in (("lines", "x"), ("warnings", "[...]"), ("about", "[...]"))],
        *[(name, args, [None, "red", {"label": 3.0}, {3: "red"}]) for name, args in (
            ("box", "a/x"), ("op", "z"), ("wire", "a/x, z, 0"), ("constant", "z, 1"), ("bundle", "[...]"),
        )],
        ("end", "z", ["red", {"label": 3.0}]),
        ("is_faint", "a/x", [None]),
    ],
)  # fmt: skip
def test_a_wrong_answer_names_the_method(method: str, call: str, wrong: list[object]) -> None:
    x, y = Value(2.0, name="a/x"), Value(2.0, name="a/y")
    folded = method in ("about", "bundle")
    for answer in wrong:
        diagram = draw((x + y) * 3.0, style=with_(**{method: answer}), unfold=not folded)
        with pytest.raises(DiagramError, match=rf"^My\.{method}\(.*\) must return .*, got ") as error:
            diagram.source  # noqa: B018
        assert str(error.value).endswith("; is a return missing?") == (answer is None)


def test_the_call_is_said_with_the_names_that_are_drawn() -> None:
    for style, says in (
        (with_(lines=None), "My.lines(x) must return a list of texts, got None; is a return missing?"),
        (with_(wire={"colour": "red"}), "My.wire(x, z, 0): Graphviz has no attribute 'colour' there; did you mean 'color'?"),
        (with_(op={"arrowhead": "dot"}), "My.op(z): Graphviz has no attribute 'arrowhead' there"),
        (with_(wire={"color": 3}), "My.wire(x, z, 0) must return a dict of texts, as {'color': 'red', 'label': '3.0'}, got {'color': 3}"),
    ):  # fmt: skip
        with pytest.raises(DiagramError) as error:
            draw(square(), style=style).source  # noqa: B018
        assert str(error.value) == says


@pytest.mark.parametrize(
    ("name", "meant"),
    [("line", "lines"), ("wires", "wire"), ("warning", "warnings"), ("is_feint", "is_faint"), ("bundles", "bundle"), ("amount", None), ("colour", None), ("_line", None)],
)  # fmt: skip
def test_a_misspelt_method_is_said(name: str, meant: str | None) -> None:
    style = type("My", (Style,), {name: lambda *_: []})
    if meant is None:
        return str(draw(square(), style=style).source) and None
    for given in (style, style()):
        with pytest.raises(DiagramError, match=rf"My\.{name} is no name of a Style, did you mean '{meant}'\? If"):
            draw(square(), style=given)


def test_a_setting_is_no_method() -> None:
    for members in ({"has_value_box": False}, {"end": "red"}):
        with pytest.raises(DiagramError, match=r"did you mean 'has_value_boxes'|My\.end must be a method, got 'red'"):
            draw(square(), style=type("My", (Style,), members))
    assert draw(square(), style=type("My", (Style,), {"line": "red"})).source == draw(square()).source


def test_a_style_decides_on_boxes_ops_and_constants() -> None:
    class Looks(Style):
        has_value_boxes = False

        def box(self, node: Value) -> dict[str, str]:
            return {"fillcolor": "gold", "label": f"{self.name(node)}!", "tooltip": "<tip>"}

        def op(self, node: Value) -> dict[str, str]:
            return {"shape": "hexagon", "label": f"{node.op.label}\n{self.name(node)} = {node.data}"}

        def constant(self, consumer: Value, position: int) -> dict[str, str]:
            return {"label": f"{self.name(consumer)} {position}", "shape": "circle"}

        def wire(self, x: Value, consumer: Value, position: int) -> dict[str, str]:
            return {"label": f"∂{self.name(consumer)}/∂{self.name(x)}"}

    x = Value(2.0, name="x")
    texts, source = shown_texts(draw((x + 1.0) * x, style=Looks))
    assert sorted(texts) == sorted(["x!", "+", "v1 = 3.0", "×", "z = 6.0", "v1 1", "∂v1/∂x", "∂z/∂v1", "∂z/∂x"])
    assert (source.count("hexagon"), source.count("shape=circle"), source.count("fillcolor=gold")) == (2, 1, 1)


def test_an_op_without_a_box_has_its_numbers_in_the_tooltip() -> None:
    tips = [
        x.get("{http://www.w3.org/1999/xlink}title") for x in svg_of(draw(table(), style="circuit")).iter(f"{SVG}a")
    ]
    assert "mul, v1: data 6.0, grad 1.0" in tips
    assert "mul, v4: data 9.0, grad not computed" in tips


SVG = "{http://www.w3.org/2000/svg}"


def svg_of(diagram: ag.Diagram) -> ElementTree.Element:
    return ElementTree.fromstring(diagram.picture("svg"))


def shown_texts(diagram: ag.Diagram) -> tuple[list[str], str]:
    """The texts of the picture as browsers show them, and the DOT text."""
    return ["".join(t.itertext()).strip() for t in svg_of(diagram).iter(f"{SVG}text")], diagram.source


HOSTILE = ["\\N", "&amp;", "a\\", "<3", "<b", "3>", "a<b>c", "{a|b}", "\\G\\E", '"', "]; x -> y [", " <3>", "\\n"]


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_style_stay_text(text: str, direction: str) -> None:
    everywhere = with_(
        lines=[text, "below"], about=[text], warnings=[text], op={"label": text}, constant={"label": text},
        wire={"label": text, "xlabel": text, "headlabel": text}, bundle={"label": text}, end={"label": text},
    )  # fmt: skip
    x, y = Value(2.0, name="a/x"), Value(2.0, name="a/y")
    z = (x + y) * 3.0
    for unfold in (True, False):
        texts, _ = shown_texts(draw(z, style=everywhere, direction=direction, unfold=unfold))
        boxes = 3 + unfold  # z, what is in a, and the warning below
        assert texts.count(text.strip()) >= boxes
        assert [
            t for t in texts if t not in (text.strip(), "below", "a", "z", "x", "y", "v1", "2 values", "data 2 … 2")
        ] == []


def test_a_label_in_angle_brackets_is_html_and_a_long_line_is_cut_off() -> None:
    texts, _ = shown_texts(draw(square(), style=with_(wire={"label": "<<b>bold</b>>"}, lines=["d" * 61, "two\nlines"])))
    assert texts.count("bold") == texts.count("two") == texts.count("lines") == 2
    assert texts.count("d" * 59 + "…") == 2


@pytest.mark.parametrize("style", STYLES)
def test_all_labels_of_edges_are_in_one_type(style: str) -> None:
    """And a style's own, which says nothing about it."""
    for given in (style, with_(wire={"label": "here"}, end={"label": "there"})):
        picture = svg_of(draw(table(), style=given))
        family = picture.get("font-family")
        fonts = {(t.get("font-family", family), t.get("font-size")) for t in picture.iter(f"{SVG}text")}
        assert {family for family, _ in fonts} == {"Helvetica,sans-Serif"}
        assert {size for _, size in fonts} <= {"10.00", "11.00"}


def test_a_theme_of_ones_own_colours_the_picture() -> None:
    theme = Theme(paper="ivory", ink="navy", leaf=("gold", "red"), op=("white", "green"))
    source = draw(table(), theme=theme).source
    for part in ("bgcolor=ivory", "fontcolor=navy", "color=red fillcolor=gold", "color=green fillcolor=white"):
        assert part in source
    assert draw(table(), theme=Theme()).source == draw(table()).source


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"leaf": "red"}, r"leaf of a Theme must be as \('#D9EEF9', '#0072B2'\), got 'red'"),
        ({"op": ("red",)}, r"op of a Theme must be as .*, got \('red',\)"),
        ({"paper": None}, "paper of a Theme must be as 'white', got None"),
        ({"ink": ("red", "blue")}, "ink of a Theme must be as 'black'"),
    ],
)
def test_a_theme_that_makes_no_sense_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(DiagramError, match=says):
        draw(square(), theme=Theme(**change))


@pytest.mark.parametrize("known", [STYLES, THEMES, DIRECTIONS], ids=["styles", "themes", "directions"])
def test_pages_and_docstrings_tell_of_all(known: dict[str, object]) -> None:
    for text in (draw.__doc__, (Path(__file__).parents[2] / "docs/howto/look.md").read_text(encoding="utf-8")):
        assert [name for name in known if f'"{name}"' not in text and f"`{name}`" not in text] == []
