"""Where things stand, as Chromium measures it: no text outside its box or under a line, inputs in their order."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from diagram.browser import Browser

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.diagram.styles import STYLES
from nn import MLP, cross_entropy, half_mse

pytestmark = pytest.mark.slow

MEASURE = r"""
(() => {
  const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const svg = document.querySelector("svg"), around = box(svg);
  const inside = [], labels = [], lines = [], places = {};
  for (const g of svg.querySelectorAll("g.node")) {
    const shapes = [...g.querySelectorAll("polygon, ellipse, path")], texts = [...g.querySelectorAll("text")];
    if (!shapes.length || !texts.length) continue;
    const frame = box(g.querySelector("polygon, ellipse, path"));
    for (const t of texts) inside.push([t.textContent, box(t), frame]);
    (places[texts[0].textContent] ??= []).push([frame, g.querySelector("polygon")?.getAttribute("stroke-width")]);
  }
  for (const g of svg.querySelectorAll("g.cluster"))
    (places[g.querySelector("text").textContent] ??= []).push([box(g.querySelector("path, polygon")), null]);
  for (const g of svg.querySelectorAll("g.edge")) {
    const path = g.querySelector("path"), matrix = path.getScreenCTM(), count = Math.ceil(path.getTotalLength());
    const points = [...Array(count + 1).keys()].map(k => path.getPointAtLength(k).matrixTransform(matrix));
    lines.push(points.map(p => [p.x, p.y]));
    for (const t of g.querySelectorAll("text")) labels.push([t.textContent, box(t), lines.length - 1]);
  }
  return JSON.stringify({around, inside, labels, lines, places});
})()
"""


def network(*sizes: int, loss: Any = half_mse) -> Value:
    net = MLP(sizes[0], sizes[1:], "sigmoid", seed=1)
    x = [Value(0.1 * k, name=f"x_{k}") for k in range(1, sizes[0] + 1)]
    target: Any = 1 if loss is cross_entropy else [1.0] + [0.0] * (sizes[-1] - 1) if sizes[-1] > 1 else 1.0
    cost: Value = loss(net(x), target)
    cost.backward()
    return cost


def expression(count: int = 10) -> Value:
    values = [Value(1.0 + 0.1 * k, name=f"x_{k}") for k in range(1, 4)]
    while len(values) < count:
        values.append(ag.sin(values[-1]) * values[-3] + values[-2] / 3.0)
    values[-1].backward()
    return values[-1]


def long_names() -> Value:
    x, y = Value(-1.23456e-7, name="W" * 24), Value(2.0, name="Größe der Veränderlichen")
    z = x * y
    z.name = "переменная величина"
    z.backward()
    return z


PICTURES = {
    **{f"2-3-2 {style}": (lambda style=style: draw(network(2, 3, 2), style=style)) for style in STYLES},
    **{f"3-4-2 {style}": (lambda style=style: draw(network(3, 4, 2), style=style)) for style in STYLES},
    "2-3-2 cross-entropy": lambda: draw(network(2, 3, 2, loss=cross_entropy)),
    "3-4-2 layers": lambda: draw(network(3, 4, 2), unfold=["layer 1", "layer 2"]),
    "2-16-16-1 folded": lambda: draw(network(2, 16, 16, 1)),
    "2-16-16-1 layers": lambda: draw(network(2, 16, 16, 1), unfold=["layer 1", "layer 2", "layer 3"]),
    "long names": lambda: draw(long_names()),
    **{f"expression {style}": (lambda style=style: draw(expression(), style=style)) for style in STYLES},
}


def measured(browser: Browser, picture: str, tmp_path: Path, width: int = 3000) -> dict[str, Any]:
    """Boxes of everything in the picture, which stands in a cell of so many pixels."""
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><div style='width:{width}px'>{picture}</div>", encoding="utf-8")
    browser.open(page)
    return json.loads(browser.evaluate(MEASURE))


@pytest.mark.parametrize("name", PICTURES)
def test_texts_are_inside_their_boxes(browser: Browser, tmp_path: Path, name: str) -> None:
    found = measured(browser, PICTURES[name]()._repr_svg_(), tmp_path)
    assert found["inside"]
    for text, (left, top, right, bottom), frame in found["inside"]:
        if len(text) > 1:  # an op's letter may be as high as its ellipse
            assert frame[0] <= left, text
            assert right <= frame[2], text
            assert frame[1] - 2 <= top, text
            assert bottom <= frame[3] + 2, text


@pytest.mark.parametrize("name", PICTURES)
def test_no_label_lies_under_its_line(browser: Browser, tmp_path: Path, name: str) -> None:
    """A text's box has room above and below the digits, of which a line may touch a quarter."""
    found = measured(browser, PICTURES[name]()._repr_svg_(), tmp_path)
    for text, (left, top, right, bottom), own in found["labels"]:
        margin = (bottom - top) / 4
        for x, y in found["lines"][own]:
            assert not (left < x < right and top + margin < y < bottom - margin), text


@pytest.mark.parametrize("name", [name for name in PICTURES if re.match(r"\d", name)])
def test_a_network_reads_from_left_to_right_and_from_top_to_bottom(browser: Browser, tmp_path: Path, name: str) -> None:
    places = measured(browser, PICTURES[name]()._repr_svg_(), tmp_path)["places"]
    inputs = [frame for k in range(1, 9) for frame, _ in places.get(f"x_{k}", [])]
    layers = [frame for k in range(1, 9) for frame, _ in places.get(f"layer {k}", [])]
    assert len(inputs) >= 2
    assert len(layers) >= 2
    assert max(right for _, _, right, _ in inputs) <= layers[0][0]
    for (_, _, right, _), (left, *_) in pairwise(layers):
        assert right <= left
    for above, below in pairwise(inputs):
        assert above[3] <= below[1]
    for left, top, right, bottom in layers:
        inside = [
            frame for k in range(1, 17) for frame, _ in places.get(f"n{k}", [])
            if left <= frame[0] and frame[2] <= right and top <= frame[1] and frame[3] <= bottom
        ]  # fmt: skip
        for above, below in pairwise(inside):
            assert above[3] <= below[1]


@pytest.mark.parametrize("width", [390, 860, 1800])
@pytest.mark.parametrize("name", ["2-3-2 values", "2-16-16-1 folded", "expression values"])
def test_the_result_is_in_view_however_narrow_the_cell(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    found = measured(browser, PICTURES[name]()._repr_svg_(), tmp_path, width)
    left, top, right, bottom = found["around"]
    assert right - left <= width
    roots = [frame for places in found["places"].values() for frame, line in places if line == "2.5"]
    assert len(roots) == 1
    for frame in roots:
        assert left <= frame[0]
        assert frame[2] <= right <= 8 + width
        assert top <= frame[1]
        assert frame[3] <= bottom


@pytest.mark.parametrize(
    ("page", "system", "is_dark"),
    [
        ("<html><body>{}", "dark", False),  # such a page is white, whatever the reader's system wishes
        ("<html style='color-scheme:dark'><body>{}", "light", True),
        ("<html style='color-scheme:light dark'><body>{}", "dark", True),
        ("<html><body data-jp-theme-light=false>{}", "light", True),
        ("<html style='color-scheme:dark'><body data-jp-theme-light=true>{}", "dark", False),
        ("<html><body class=vscode-dark>{}", "light", True),
        ("<html><body data-theme=light>{}", "dark", False),
        ("{}", "dark", True),  # the file itself
        ("{}", "light", False),
    ],
)
def test_a_picture_is_light_or_dark_as_its_page(
    browser: Browser, tmp_path: Path, page: str, system: str, is_dark: bool
) -> None:
    svg = draw(expression()).picture("svg").decode()
    file = tmp_path / ("page.svg" if page == "{}" else "page.html")
    file.write_text(page.replace("{}", svg), encoding="utf-8")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": system}])
    browser.open(file)
    paper, ink = browser.evaluate(
        "['svg polygon', 'svg text'].map(part => getComputedStyle(document.querySelector(part)).fill)"
    )
    assert (paper, ink) == (
        ("rgb(30, 30, 30)", "rgb(240, 240, 240)") if is_dark else ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    )
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_a_picture_that_is_light_stays_so_beside_one_that_adapts(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    pictures = "".join([draw(expression(), theme=theme)._repr_svg_() for theme in ("light", "auto", "dark")])
    page.write_text(f"<html style='color-scheme:dark'><body>{pictures}", encoding="utf-8")
    browser.open(page)
    papers = browser.evaluate(
        "[...document.querySelectorAll('svg')].map(s => getComputedStyle(s.querySelector('polygon')).fill)"
    )
    assert papers == ["rgb(255, 255, 255)", "rgb(30, 30, 30)", "rgb(30, 30, 30)"]


def test_a_tall_picture_scrolls_in_its_cell(browser: Browser, tmp_path: Path) -> None:
    z = Value(1.0, name="x")
    for _ in range(40):
        z = ag.sin(z)
    measured(browser, draw(z, direction="down")._repr_svg_(), tmp_path, 800)
    height, whole, window = browser.evaluate(
        "[document.querySelector('div').clientHeight, document.querySelector('div').scrollHeight, innerHeight]"
    )
    assert height < window < whole
