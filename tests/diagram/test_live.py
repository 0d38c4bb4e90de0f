"""The live page: its programs, ways and layout; in a real browser its numbers against the engine's."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from diagram.browser import Browser
from hostile import NAMES

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import AutogradError, DiagramError, DomainError, NumberError, OpError, ProgramError
from autograd_core.live.layout import layout
from autograd_core.live.variables import Variables
from autograd_core.live.ways import MOST_WAYS, ways_of
from nn import MLP, half_mse

MANY_OPS: dict[str, Callable[[Any, Any], Any]] = {
    "arithmetic": lambda x, y: (x + y) * (x - y) / (1.0 + x * x) - x / (2.0 + y * y) + (-x) ** 3 + abs(y) ** 1.5,
    "exponential": lambda x, y: ag.exp(-x) + ag.expm1(y) + ag.log(1.0 + x * x) + ag.log1p(y * y) + ag.logaddexp(x, y),
    "trigonometric": lambda x, y: ag.sin(x) * ag.cos(y) + ag.tan(0.3 * x) + ag.atan2(x, y + 9.0) + ag.asin(x / 9.0) + ag.sinc(y),
    "hyperbolic": lambda x, y: ag.tanh(x) + ag.sinh(0.3 * y) + ag.cosh(0.3 * x) + ag.asinh(y) + ag.atanh(0.1 * x),
    "activations": lambda x, y: ag.relu(x) + ag.gelu(y) + ag.silu(x) * ag.mish(y) + ag.softplus(x) + ag.elu(y) + ag.selu(x) + ag.leaky_relu(y),
    "special": lambda x, y: ag.erf(x) + ag.erfc(y) + ag.lgamma(abs(x) + 0.5) + ag.gamma(0.3 * y + 3.0) + ag.norm_cdf(x) + ag.norm_ppf(0.4 + 0.05 * y),
    "choices": lambda x, y: ag.maximum(x, y) + ag.where(x < y, x * x, ag.sin(y)) + ag.clip(x, -1.0, 1.0) + ag.floor(x) * y + x % 1.5,
    "of many": lambda x, y: ag.logsumexp(x, y, 1.0) + ag.norm(x, y, 2.0) + ag.prod(x, y, x) + ag.dot([x, y], [y, y]) + ag.mean(x, y, 3.0),
    "powers": lambda x, y: (x * x + 0.5) ** y + ag.cbrt(x) + ag.sqrt(y * y + 1.0) + ag.hypot(x, y) + ag.rsqrt(1.0 + x * x),
    "its own derivative": lambda x, y: ag.grad(lambda u: ag.sin(u) * y * u)(x),
}  # fmt: skip


def branches(x: Any, y: Any) -> Any:
    if x > 0.0:
        return ag.log(x) * y if y > 1.0 else x * y
    for _ in range(3):
        if x < -1.0:
            x = x + 0.5 * y * y
    return ag.sin(x) - y


def data_of(page: str) -> Any:
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])


def on_the_page(browser: Browser, points: list[Any]) -> list[Any]:
    """At each point of sources: the root's value, and the gradients of the page's leaves (0 for one that is unused)."""
    text = json.dumps(points)
    found: list[Any] = browser.evaluate(f"""{text}.map((point) => {{
        point.forEach((numbers, k) => numbers.forEach((x, i) => {{ sources[k][i] = x; }}));
        show();
        const way = data.ways[current], [values, gradients] = sinks[current];
        return [values[way.root], data.leaves.map((_, k) => {{
            const node = way.nodes.findIndex((n) => n.leaf === k);
            return node < 0 ? 0 : gradients[node];
        }})];
    }})""")
    return found


@pytest.mark.parametrize("name", [*MANY_OPS, "branches"])
def test_its_numbers_are_the_engines(browser: Browser, tmp_path: Path, name: str) -> None:
    f, random = MANY_OPS.get(name, branches), Random(name)
    browser.open(ag.live(f, x=0.6, y=1.3).save(tmp_path / "live.html"))
    points = [(random.uniform(-3.0, 3.0), random.uniform(-3.0, 3.0)) for _ in range(200)]
    for point, (value, gradient) in zip(points, on_the_page(browser, [[point] for point in points]), strict=True):
        assert value == pytest.approx(f(*point), rel=1e-12, abs=1e-12), point
        assert gradient == pytest.approx(ag.grad(f, argnums=(0, 1))(*point), rel=1e-12, abs=1e-12), point
    assert browser.errors == []


def test_a_networks_numbers_are_the_engines(browser: Browser, tmp_path: Path) -> None:
    net = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    page = ag.live(net, [0.5, -0.3])
    assert len(page.html.encode()) < 300_000
    browser.open(page.save(tmp_path / "live.html"))
    named = {x["name"]: x["source"] for x in browser.evaluate("data.leaves")}
    assert named["w_21^(1)"][0] == 1
    assert len(named) == 2 + len(net.parameters())
    order = sorted(page.parameters, key=lambda p: page._source[p][1])
    random, numbers = Random(1), []
    for _ in range(20):
        for p in net.parameters():
            p.data = random.uniform(-1.0, 1.0)
        x = [Value(random.uniform(-2.0, 2.0)) for _ in range(2)]
        z = net(x)
        table = ag.backprop(z, [*x, *page.parameters])
        numbers.append(([[v.data for v in x], [p.data for p in order]], z.data, list(table.values())))
    for (_, value, gradient), found in zip(numbers, on_the_page(browser, [n[0] for n in numbers]), strict=True):
        assert found[0] == pytest.approx(value, rel=1e-12)
        assert found[1] == pytest.approx(gradient, rel=1e-11, abs=1e-13)
    assert browser.evaluate("$('axis').value") == "plane"
    assert len(browser.evaluate("document.querySelector('#curve .boundary').getAttribute('d')")) > 100


def test_what_flows_is_what_the_gradient_is_made_of(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(lambda x, y: x * y + ag.sin(x) - x * x, x=2.0, y=3.0).save(tmp_path / "live.html"))
    for _ in range(3):
        found = browser.evaluate("""(() => { const way = data.ways[0], [, gradients, flows] = sinks[0];
            return way.boxes.map(([node]) => [gradients[node], way.wires.filter((wire) => wire.from === node)
                .reduce((sum, wire) => sum + wire.flows.reduce((s, f) => s + flows[f], 0), 0), node === way.root]); })()""")
        assert all(gradient == pytest.approx(sent) for gradient, sent, is_root in found if not is_root)
        browser.evaluate("set(data.leaves[0], Math.random()), new Promise(done => requestAnimationFrame(done))")


def box(browser: Browser, name: str) -> list[str]:
    found: list[str] = browser.evaluate(
        "(drawn.boxes.find(({ node }) => data.ways[drawn.way].nodes[node].name === "
        f"{name!r}) || {{ lines: [] }}).lines.map(line => line.data)"
    )
    return found


def settled(browser: Browser) -> None:
    browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_everything_follows_a_drag_a_slider_a_key_and_a_number(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(lambda x, y: x * y, x=2.0, y=3.0).save(tmp_path / "live.html"))
    assert box(browser, "z") == ["data 6", "grad 1"]
    ways = {
        "slider": "$('x0').value = 1, $('x0').dispatchEvent(new Event('input'))",
        "number": "(part => { part.value = 0.5; part.dispatchEvent(new Event('input')); })(document.querySelector('input[type=number]'))",
    }
    for way, x in (("slider", 1.0), ("number", 0.5)):
        browser.evaluate(ways[way])
        settled(browser)
        assert box(browser, "z") == [f"data {3.0 * x:g}", "grad 1"]
        assert box(browser, "y") == ["data 3", f"grad {x:g}"]
    browser.evaluate("document.querySelector('#drawing .leaf').focus()")
    browser.press("ArrowRight")
    settled(browser)
    moved = browser.evaluate("at(data.leaves[0])")
    assert moved > 0.5
    assert browser.evaluate("document.querySelector('#drawing .leaf').getAttribute('aria-valuenow')") == str(moved)
    x, y = browser.evaluate(
        "(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector('#drawing .leaf').getBoundingClientRect())"
    )
    for kind, dx, buttons in (("mousePressed", 0, 1), ("mouseMoved", 40, 1), ("mouseReleased", 40, 0)):
        browser.call("Input.dispatchMouseEvent", type=kind, x=x + dx, y=y, button="left", buttons=buttons, clickCount=1)
    settled(browser)
    assert browser.evaluate("at(data.leaves[0])") > moved + 0.3
    browser.evaluate("$('reset').click()")
    assert box(browser, "z") == ["data 6", "grad 1"]
    assert browser.errors == []


def test_a_weight_is_chosen_by_its_edge_or_in_the_list(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(MLP(2, [2, 1], "tanh", seed=1), [0.5, -0.3]).save(tmp_path / "live.html"))
    browser.evaluate("document.querySelector('#drawing .weighted').dispatchEvent(new MouseEvent('click'))")
    name = browser.evaluate("$('chosen').querySelector('label').textContent")
    assert name.startswith("w_")
    before = box(browser, "z_1^(2)")
    browser.evaluate(
        "(part => { part.value = -2.5; part.dispatchEvent(new Event('input')); })($('chosen').querySelector('input'))"
    )
    settled(browser)
    assert box(browser, "z_1^(2)") != before
    browser.evaluate("$('which').value = data.leaves.findIndex(x => x.name === 'b_1^(2)'), $('which').onchange()")
    assert browser.evaluate("$('chosen').querySelector('output').textContent") == "∂z_1^(2)/∂b_1^(2) = 1"


@pytest.mark.parametrize(
    ("f", "x", "says"),
    [
        (lambda x: ag.log(x), -1.0, "Outside the domain: z = log(x) needs x > 0, and x is -1."),
        (lambda x: 1.0 / x, 0.0, "Outside the domain: z = 1 / x needs x ≠ 0, and x is 0."),
        (lambda x: ag.sqrt(x - 1.0) * 2.0, 0.5, "Outside the domain: v2 = sqrt(v1) needs v1 ≥ 0, and v1 is -0.5."),
        (lambda x: ag.gamma(x), -2.0, "Outside the domain: z = gamma(x) needs x is not 0, -1, -2, ..., and x is -2."),
        (lambda x: ag.exp(x * 100.0), 9.0, "Too large for a number: z = exp(v1)."),
        (lambda x: ag.where(x > 0.0, ag.log(x), 0.0), -1.0, "needs x > 0, and x is -1."),
    ],
)
def test_outside_a_domain_it_says_so(browser: Browser, tmp_path: Path, f: Any, x: float, says: str) -> None:
    browser.open(ag.live(f, x=2.0).save(tmp_path / "live.html"))
    on_the_page(browser, [[[x]]])
    assert says in browser.evaluate("$('says').textContent")
    assert "NaN" not in browser.evaluate("document.body.innerText + $('drawing').textContent")
    assert browser.evaluate("document.querySelectorAll('#drawing .wrong').length") == 1
    on_the_page(browser, [[[2.0]]])
    assert browser.evaluate("$('says').textContent").startswith("Drag an input")
    assert browser.errors == []


def test_outside_a_domain_what_does_not_depend_on_it_is_still_there(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(lambda x, y: ag.log(x) * y + ag.sqrt(y), x=1.0, y=3.0).save(tmp_path / "live.html"))
    on_the_page(browser, [[[1.0, -4.0]]])
    found = {name: box(browser, name)[0] for name in ("x", "y", "v1", "v2", "v3", "z")}
    assert found == {"x": "data 1", "y": "data -4", "v1": "data 0", "v2": "data 0", "v3": "data –", "z": "data –"}


def test_the_page_has_the_expression_of_the_way_it_is_on(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(branches, x=0.6, y=1.3).save(tmp_path / "live.html"))
    titles = []
    for point in ((0.6, 1.3), (0.6, 0.3), (-0.5, 0.3)):
        on_the_page(browser, [[point]])
        titles.append(browser.evaluate("$('formula').textContent"))
    assert titles == ["z = log(x) * y", "z = x * y", "z = sin(x) - y"]


def test_a_neurons_sum_is_told_in_the_box_of_its_z_and_the_page_names_the_network(
    browser: Browser, tmp_path: Path
) -> None:
    net = MLP(2, [3, 1], "tanh", seed=1)
    browser.open(ag.live(net, [0.5, -1.0]).save(tmp_path / "live.html"))
    assert browser.evaluate("$('formula').textContent") == f"z_1^(2): {net!r}"
    names = browser.evaluate("drawn.boxes.map(({ node }) => data.ways[0].nodes[node].name)")
    hidden = [f"{letter}_{k}^(1)" for letter in "za" for k in (1, 2, 3)]
    assert sorted(names) == sorted(["x_1", "x_2", *hidden, "z_1^(2)"])
    wires = browser.evaluate(
        "drawn.wires.map(({ wire }) => [wire.from, wire.to].map(node => data.ways[0].nodes[node].name).join(' '))"
    )
    expected = [f"x_{i} z_{k}^(1)" for i in (1, 2) for k in (1, 2, 3)]
    expected += [way for k in (1, 2, 3) for way in (f"z_{k}^(1) a_{k}^(1)", f"a_{k}^(1) z_1^(2)")]
    assert sorted(wires) == sorted(expected)


def test_labels_of_edges_that_cross_do_not_meet(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(MLP(2, [2, 1], "tanh", seed=1), [0.5, -1.0]).save(tmp_path / "live.html"))
    boxes = browser.evaluate(
        "[...document.querySelectorAll('text.flow')].map(t => t.getBBox()).map(b => [b.x, b.y, b.width, b.height])"
    )
    assert len(boxes) == 8
    for (x, y, w, h), (u, v, a, b) in combinations(boxes, 2):
        assert x + w <= u or u + a <= x or y + 0.7 * h <= v or v + 0.7 * b <= y  # letters are not as high as their line


def test_a_function_without_numbers_to_begin_at_is_told_what_to_write() -> None:
    for f in (MLP(2, [1]), lambda x, y: x * y):
        with pytest.raises(DiagramError, match=r"no numbers to begin at: .* live\(net, \[0.5, -1.0\]\)"):
            ag.live(f)


def test_a_condition_on_two_inputs_names_them(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(lambda base, n: base**n, base=2.0, n=3.0).save(tmp_path / "live.html"))
    on_the_page(browser, [[[-0.7, 0.5]]])
    says = "Outside the domain: z = base**n needs base > 0, or base = 0 with n ≥ 0, or base < 0 with an integer n."
    assert browser.evaluate("$('says').textContent") == says


@pytest.mark.parametrize(
    ("f", "count"), [(lambda x: 3.0, 1), (lambda x: x, 1), (lambda x: [ag.exp(x) * 2.0], 3), (ag.jit(ag.sin), 2)]
)
def test_small_functions_are_live_too(browser: Browser, tmp_path: Path, f: Any, count: int) -> None:
    browser.open(ag.live(f, 1.0).save(tmp_path / "live.html"))
    on_the_page(browser, [[[-0.7]]])
    assert browser.evaluate("drawn.boxes.length") == count
    assert browser.errors == []


def test_where_the_gradient_is_infinite_it_says_so(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.live(ag.sqrt, 1.0).save(tmp_path / "live.html"))
    on_the_page(browser, [[[0.0]]])
    assert browser.evaluate("$('says').textContent") == "The gradient is not defined here, or infinite."
    assert box(browser, "x1") == ["data 0", "grad ∞"]


def test_a_way_that_raises_has_no_program_and_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    def f(x: Any) -> Any:
        if x < 0.0:
            raise ValueError("no negative numbers")
        return x * x

    browser.open(ag.live(f, x=1.0).save(tmp_path / "live.html"))
    browser.evaluate("put(data.leaves[0], -1), show()")
    assert "no program" in browser.evaluate("$('says').textContent")
    assert box(browser, "z") == ["data –", "grad –"]
    assert browser.errors == []


# Without a browser


def test_every_way_through_the_branches_is_found() -> None:
    ways, captured = ways_of(Variables(branches, (), {"x": 0.6, "y": 1.3}))
    assert sorted(tuple(way.outcomes) for way in ways) == [
        (False, False),
        (False, True, False),
        (False, True, True, False),
        (False, True, True, True),
        (True, False),
        (True, True),
    ]
    assert captured == []


def test_a_loop_without_an_end_is_given_up_where_its_numbers_do_not_take_it() -> None:
    def halved(x: Any) -> Any:
        while not abs(x) < 1.0:
            x = x / 2.0
        return x

    ways, _ = ways_of(Variables(halved, (3.0,), {}))
    assert len(ways) == MOST_WAYS
    assert ways[0].outcomes == [False, False, True]
    with pytest.raises(AutogradError, match="asks for more than 200 comparisons"):
        ag.live(lambda x: sum(x if x > k else 0.0 for k in range(300)), x=1.0)


def test_arguments_are_inputs_by_their_names() -> None:
    def names(*args: Any, **named: Any) -> list[str]:
        page = data_of(ag.live(*args, **named).html)
        return [leaf["name"] for leaf in page["leaves"]]

    w = Value(0.5, name="w")
    assert names(lambda a, b: a * b, 1.0, 2) == ["a", "b"]
    assert names(lambda *xs: ag.sum(list(xs)), 1.0, 2.0) == ["x1", "x2"]
    assert names(lambda p: p["k"] * p["m"][0] * p["m"][1], {"k": 1.0, "m": (2.0, 3.0)}) == ["p_1", "p_2", "p_3"]
    assert names(lambda v: v @ v, np.array([1.0, 2.0])) == ["v_1", "v_2"]
    assert names(lambda x, how: x * w if how == "w" else x, x=2.0, how="w") == ["x", "w"]
    assert names(w * w + 1.0) == ["w"]
    assert names(lambda x: MLP(2, [1], seed=1)([x, 1.0]), x=1.0)[0] == "x"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ag.live(3.0), OpError, "live takes a function"),
        (lambda: ag.live(lambda x: [x, x], x=1.0), NumberError, "this one returns 2"),
        (lambda: ag.live(lambda x: None, x=1.0), NumberError, "is a return missing"),
        (lambda: ag.live(lambda: Value(2.0) * 2.0), DiagramError, "nothing to drag"),
        (lambda: ag.live(ag.log, -1.0), DomainError, "log"),
        (lambda: ag.live(ag.sin, 1.0, language="fr"), DiagramError, "'de'"),
        (lambda: ag.live(ag.sin, 1.0).save("live.svg"), DiagramError, "end 'live.svg' in .html"),
        (lambda: ag.live(lambda x: ag.beta(2.0, x), x=1.0).html, ProgramError, "no function for the op 'beta'"),
        (lambda: ag.live(lambda x: ag.sum([x * k for k in range(2000)]), x=1.0), DiagramError, "more than the 1,000"),
        (lambda: ag.live(Value(1.0) * 2.0, x=1.0), DiagramError, "live(z)"),
        (lambda: ag.live(lambda rate: rate, rate=math.inf), DiagramError, "a finite number; rate is inf"),
    ],
)  # fmt: skip
def test_what_cannot_be_live_is_refused(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)):
        call()


@pytest.mark.parametrize("name", NAMES[::7])
def test_hostile_names_stay_text(name: str) -> None:
    page = ag.live(Value(2.0, name=name) * 3.0).html
    assert page.count("</script") == 3
    assert data_of(page)["leaves"][0]["value"] == 2.0


def test_a_page_is_one_file_without_a_network(browser: Browser, tmp_path: Path) -> None:
    page = ag.live(lambda x, y: x * y + ag.erf(x), x=2.0, y=3.0)
    assert repr(page) == '<LivePage of 5 values and 2 inputs: .save("live.html") makes the page>'
    browser.open(page.save(tmp_path / "live.html"))
    assert [url[:5] for url in browser.requests] == ["file:"]
    assert page._repr_html_().startswith("<iframe srcdoc=")


@pytest.mark.parametrize("seed", range(20))
def test_a_layout_leads_from_left_to_right_and_nothing_covers_anything(seed: int) -> None:
    random = Random(seed)
    nodes = list(range(25))
    edges = [(a, b) for b in nodes[4:] for a in random.sample(range(b), random.randint(1, 3))]
    found = layout(nodes, edges)
    taken: dict[int, list[tuple[float, float]]] = {}
    for layer, row in found.place.values():
        taken.setdefault(layer, []).append((row, 0.5))
    for (a, b), passes in found.passes.items():
        layers = [found.place[a][0], *[layer for layer, _ in passes], found.place[b][0]]
        assert layers == list(range(layers[0], layers[-1] + 1))
        for layer, row in passes:
            taken[layer].append((row, 0.25))
    for rows in taken.values():
        ordered = sorted(rows)
        for (a, room), (b, other) in pairwise(ordered):
            assert b - a >= room + other - 1e-9


def test_inputs_stand_in_their_order() -> None:
    found = layout(["a", "b", "c", "z"], [("c", "z"), ("a", "z"), ("b", "z")])
    assert [found.place[x] for x in "abc"] == [(0, -1.0), (0, 0.0), (0, 1.0)]


def test_half_mse_of_a_network_is_live() -> None:
    net = MLP(2, [3, 1], "sigmoid", seed=0)
    page = ag.live(lambda x1, x2: half_mse(net([x1, x2]), 1.0), x1=0.2, x2=0.4)
    assert [x.name for x in page.inputs] == ["x1", "x2"]
    assert math.isfinite(page.ways[0].root.data)
