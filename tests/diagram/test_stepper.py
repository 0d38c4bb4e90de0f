"""The stepper: its events against the engine, its page in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from diagram.browser import Browser
from goldens import assert_golden

import autograd_core as ag
from autograd_core import Value
from autograd_core.diagram.notebook import TABLE_HEADER
from autograd_core.diagram.stepper.events import ADD, CODE, FORWARD, START, STORE, ZERO, events
from autograd_core.errors import DiagramError, DiagramFileError, NumberError, StaleGraphError
from autograd_core.formulas.notation.letters import name
from autograd_core.graph import ancestors, consumers, descendants
from autograd_core.names import names_of
from nn import MLP, half_mse


def expression() -> tuple[Value, list[Value]]:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = x * y + ag.sin(x)
    z.name = "z"
    return z, [x, y]


def random_graph(seed: int) -> tuple[Value, list[Value]]:
    rng = Random(seed)
    leaves = [Value(rng.uniform(-1.0, 1.0), name=f"x{k}") for k in range(3)]
    nodes = list(leaves)
    for _ in range(15):
        a, b = rng.choice(nodes), rng.choice(nodes[-5:])
        nodes.append(rng.choice([a * b, a + b, ag.tanh(b), b * b, ag.dot([a, b], [b, 0.5])]))
    return nodes[-1], leaves


def entries(z: Value, targets: list[Value]) -> list[tuple[Value, float]]:
    """What enters the table, in this order."""
    return [(event.v, event.g) for event in events(z, targets) if event.line in (START, STORE)]


@pytest.mark.parametrize("seed", range(30))
def test_the_table_fills_with_the_engines_gradients(seed: int) -> None:
    z, leaves = random_graph(seed)
    table = ag.backprop(z, leaves).entries
    found = entries(z, leaves)
    assert len({node for node, _ in found}) == len(found)
    for node, gradient in found:
        assert gradient == pytest.approx(table.get(node, 0.0), rel=1e-12, abs=1e-15)
    assert {node for node, _ in found} >= set(leaves) & set(ancestors(z))
    seen: set[Value] = set()
    users = consumers(descendants(leaves, ancestors(z)))
    for node, _ in found:  # consumers first
        assert seen.issuperset(users.get(node, []))
        seen.add(node)


def test_behind_a_blocked_node_nothing_arrives_that_could_be_multiplied_with_infinity() -> None:
    x = Value(0.0, name="x")
    z = ag.relu(2.0 * ag.sqrt(x) - 1.0) + x
    assert [g for node, g in entries(z, [x]) if node is x] == [1.0]
    assert ag.backprop(z, [x])[x] == 1.0


def test_one_addition_for_every_edge_and_one_forward_step_for_every_op() -> None:
    z, leaves = random_graph(3)
    every = list(events(z, leaves))
    between = descendants(leaves, ancestors(z))
    edges = {(node, x) for node in between for x in node.inputs if isinstance(x, Value) and x in between}
    reached = {node for node, _ in entries(z, leaves)}
    assert sum(event.line == ADD for event in every) == len({(c, x) for c, x in edges if x in reached})
    assert [event.v for event in every if event.line == FORWARD] == [node for node in ancestors(z) if node.inputs]


def test_a_deep_graph_needs_no_deep_recursion() -> None:
    z = x = Value(1.0)
    for _ in range(20_000):
        z = z + 1e-6
    assert entries(z, [x])[-1] == (x, 1.0)


def test_the_page_is_the_golden_file() -> None:
    """Without the picture, which another renderer lays out a little differently, and without the parts that are files
    of their own. After an intended change: look at the page."""
    page = ag.step(*expression()).html
    for start, end in (("<svg", "</svg>"), ("<style>", "</style>"), ("<script>", "</script>")):
        page = re.sub(f"{start}.*?{end}", f"{start}{end}", page, flags=re.DOTALL)
    assert_golden({"step.html": page})


def network() -> tuple[Value, list[Value]]:
    """Some 200 values."""
    net = MLP(3, [7, 7, 1], "tanh", seed=1)
    cost = half_mse(net([Value(0.1 * k, name=f"x{k}") for k in (1, 2, 3)]), 1.0)
    assert 130 <= len(ancestors(cost)) <= 250
    return cost, net.parameters()


def test_a_page_is_one_file_without_a_network() -> None:
    page = ag.step(*network()).html
    assert len(page.encode()) < 1_000_000
    assert not re.search(
        r"""(src|href)=["']|url\(|@import|fetch\(|XMLHttp""", re.sub(r"<svg.*</svg>", "", page, flags=re.DOTALL)
    )


def test_boxes_have_room_for_gradients_that_no_tooltip_tells() -> None:
    svg = ag.step(*expression()).html.partition("<svg")[2].partition("</svg>")[0]
    assert "grad 2.584" in svg
    assert svg.count("grad not computed") == 5


def data_of(page: str) -> Any:
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])


HOSTILE = [
    "</script><script>alert(1)</script>",
    '"',
    "\\",
    "\n",
    "&amp;",
    "<!--",
    "\u202egnp",
    "$&",
    "`${1}`",
    "__proto__",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    x = Value(2.0, name=name)
    page = ag.step(x * x).html
    assert page.count("<script") == 2
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    assert data_of(page)["names"] == [visible, "z"]


def test_a_formula_of_more_than_120_letters_is_cut_off() -> None:
    wide = ag.sum([Value(1.0, name=f"x_{k}") for k in range(10, 40)])
    narrow = ag.sum([Value(1.0, name=f"x_{k}") for k in range(10, 25)])
    cut, whole = (data_of(ag.step(z).html)["formulas"][-1] for z in (wide, narrow))
    assert (len(cut), cut[-1]) == (121, "…")
    assert len(whole) > 100
    assert "…" not in whole


def test_both_languages_say_the_same_things() -> None:
    texts = data_of(ag.step(*expression()).html)["texts"]
    assert texts["en"].keys() == texts["de"].keys()
    for key, text in texts["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", texts["de"][key])), key


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ag.step(1.0), NumberError, "step takes a Value"),
        (lambda: ag.step(Value(1.0), [2.0]), NumberError, "step takes a Value"),
        (lambda: ag.step(Value(1.0), 1.0), NumberError, "step takes a Value"),
        (lambda: ag.step(Value(1.0), ag.sin), NumberError, "step takes a Value"),
        (lambda: ag.step(Value(1.0)).save("step.svg"), DiagramError, r"end 'step.svg' in \.html"),
        (lambda: ag.step(Value(1.0), language="fr"), DiagramError, "'de'"),
        (lambda: ag.step(ag.sum([Value(1.0) for _ in range(600)])), DiagramError, "601 values, more than the 500"),
        (lambda: ag.step(*expression()).save("/nowhere/at/all.html"), DiagramFileError, "cannot write"),
    ],
)
def test_what_cannot_be_stepped_through_is_refused(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()


def test_a_stale_graph_is_refused() -> None:
    z, (x, _) = expression()
    x.data = 5.0
    with pytest.raises(StaleGraphError):
        ag.step(z)


def test_it_shows_itself_in_a_notebook() -> None:
    stepper = ag.step(*expression())
    assert stepper._repr_html_().startswith("<iframe srcdoc=")
    assert repr(stepper).startswith("<Stepper of 5 values")


# In a browser


def table_of(browser: Browser) -> list[tuple[str, float]]:
    rows = browser.evaluate(
        "[...document.querySelectorAll('#table tr')].map(row => [row.children[0].textContent, row.children[2].title])"
    )
    return [(name, float(number)) for name, number in rows]


def test_the_table_has_the_values_too_and_its_columns_are_named(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    browser.evaluate("go(data.events.length)")
    assert browser.evaluate("[...document.querySelectorAll('th')].map(th => th.textContent)") == list(TABLE_HEADER)
    names = {name(text).text: node for node, text in names_of(dict.fromkeys(ancestors(z)), z).items()}
    rows = browser.evaluate(
        "[...document.querySelectorAll('#table tr')].map(row => [...row.children].map(td => td.title))"
    )
    texts = browser.evaluate("[...document.querySelectorAll('#table td:first-child')].map(td => td.textContent)")
    assert [float(row[1]) for row in rows] == [names[text].data for text in texts]


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1280, 720), (1024, 768)])
@pytest.mark.parametrize("is_lecture", [False, True])
@pytest.mark.parametrize("make", [expression, network])
def test_the_entry_and_the_line_that_made_it_are_in_view(  # noqa: PLR0917  # by pytest's names
    browser: Browser, tmp_path: Path, make: Any, width: int, height: int, is_lecture: bool
) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    try:
        browser.open(ag.step(*make()).save(tmp_path / "step.html"))
        browser.evaluate(f"lecture({str(is_lecture).lower()}), go(data.events.length)")
        for selector in ("#table tr:last-child", "#code .now", "#says", "#stack"):
            top, bottom = browser.evaluate(
                f"(({{ top, bottom }}) => [top, bottom])(document.querySelector({selector!r}).getBoundingClientRect())"
            )
            assert 0 <= top < bottom <= height, selector
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")


def test_the_key_p_asks_first(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.step(*expression()).save(tmp_path / "step.html"))
    for is_on in (True, False):
        browser.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', bubbles: true }))")
        assert browser.evaluate("$('predict').checked") is is_on


def says(browser: Browser) -> str:
    text: str = browser.evaluate("document.getElementById('says').textContent")
    return text


@pytest.mark.parametrize(
    "make", [expression, network, lambda: random_graph(5)], ids=["expression", "network", "random"]
)
def test_after_k_steps_the_table_has_the_engines_first_entries(browser: Browser, tmp_path: Path, make: Any) -> None:
    z, targets = make()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    table = ag.backprop(z, targets).entries
    names = {node: name(text).text for node, text in names_of(dict.fromkeys([*ancestors(z), *targets]), z).items()}
    every = list(events(z, targets))
    stops = range(len(every) + 1) if len(every) < 100 else sorted(Random(0).sample(range(len(every) + 1), 60))
    for k in stops:
        browser.evaluate(f"go({k})")
        expected = [event.v for event in every[:k] if event.line in (START, STORE)]
        found = table_of(browser)
        assert [name for name, _ in found] == [names[node] for node in expected]
        assert [number for _, number in found] == pytest.approx([table.get(node, 0.0) for node in expected], rel=1e-12)
        if k:
            line = browser.evaluate("[...document.querySelectorAll('#code span')].findIndex(s => s.matches('.now'))")
            assert line == every[k - 1].line
    assert browser.errors == []
    assert [url[:5] for url in browser.requests] == ["file:"]


def test_keys_and_buttons(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    count = len(list(events(z, targets)))

    def position() -> int:
        return int(browser.evaluate("document.body.dataset.position"))

    for key, expected in (
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", count),
        ("ArrowRight", count),
        ("Home", 0),
    ):
        browser.press(key)
        assert position() == expected
    for button, expected in (("#next", 1), ("#next", 2), ("#back", 1), ("#last", count), ("#first", 0)):
        browser.click(button)
        assert position() == expected
    browser.evaluate("document.getElementById('speed').value = 6; document.activeElement.blur()")
    browser.press(" ")
    for _ in range(500):
        if position() == count:
            break
        browser.evaluate("new Promise(done => setTimeout(done, 20))")
    assert position() == count
    assert browser.evaluate("document.getElementById('play').textContent") == "▶"


@pytest.mark.parametrize("focused", ["next", "play", "language", "position", "predict", "picture"])
def test_space_plays_whatever_has_the_focus(browser: Browser, tmp_path: Path, focused: str) -> None:
    browser.open(ag.step(*expression()).save(tmp_path / "step.html"))
    browser.evaluate(f"document.getElementById('{focused}').focus()")
    browser.press(" ")
    assert browser.evaluate("document.activeElement.id") == focused
    assert browser.evaluate("document.body.dataset.position") == "0"
    assert browser.evaluate("document.getElementById('play').textContent") == "❚❚"
    assert browser.evaluate("document.documentElement.lang") == "en"
    browser.press(" ")
    assert browser.evaluate("document.getElementById('play').textContent") == "▶"


def test_a_key_that_is_held_down_does_not_start_and_stop(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.step(*expression()).save(tmp_path / "step.html"))
    for repeated in (False, True, True, True):
        browser.call("Input.dispatchKeyEvent", type="keyDown", key=" ", windowsVirtualKeyCode=32, autoRepeat=repeated)
    assert browser.evaluate("['textContent', 'title', 'ariaLabel'].map(part => $('play')[part])") == ["❚❚"] + 2 * [
        "pause"
    ]
    browser.click("#language")
    assert browser.evaluate("$('play').title") == "anhalten"
    browser.evaluate("stop()")
    assert browser.evaluate("['textContent', 'title'].map(part => $('play')[part])") == ["▶", "abspielen"]


@pytest.mark.parametrize("digits", [4, 6])
def test_numbers_look_as_in_the_boxes_that_were_measured(browser: Browser, tmp_path: Path, digits: int) -> None:
    rng = Random(digits)
    numbers = [0.0, -0.0, 1.0, 10.0, 100.0, 1e5, 1e6, 1e20, 1e21, 1e-4, 1e-5, 1e-200, 1e300, 123456789.0, 999999.5]
    numbers += [0.1, 0.30000000000000004, 99999.95, 5e-324, float("inf"), float("-inf"), float("nan")]
    numbers += [rng.uniform(-1.0, 1.0) * 10.0 ** rng.randint(-12, 24) for _ in range(200)]
    browser.open(ag.step(*expression()).save(tmp_path / "step.html"))
    found = browser.evaluate(f"{json.dumps(list(map(repr, numbers)))}.map(text => shown(text, {digits}))")
    assert found == [format(x or 0.0, f".{digits}g") for x in numbers]


def said_in(browser: Browser, z: Value, targets: list[Value], line: int) -> list[str]:
    """What is said at every step that is at this line of the code."""
    found = []
    for k, event in enumerate(events(z, targets), 1):
        if event.line == line:
            browser.evaluate(f"go({k})")
            found.append(says(browser))
    return found


def test_rounded_numbers_are_not_said_to_be_equal(browser: Browser, tmp_path: Path) -> None:
    x = Value(1.0, name="x")
    z = (x + 0.25) * (x / 3.0)
    browser.open(ag.step(z, [x]).save(tmp_path / "step.html"))
    assert said_in(browser, z, [x], FORWARD) == [
        "Forward: v1 = x + 0.25 = 1.25",
        "Forward: v2 = x / 3 ≈ 0.333333",
        "Forward: z = v1 * v2 ≈ 0.416667",
    ]
    assert said_in(browser, z, [x], ADD)[-1].startswith("v2 contributes d · ∂v2/∂x = 1.25 · 0.333333 ≈ 0.416667;")


def test_a_product_that_is_not_formed_is_not_shown(browser: Browser, tmp_path: Path) -> None:
    x = Value(-1.0, name="x")
    z = ag.sqrt(ag.relu(x))
    browser.open(ag.step(z, [x]).save(tmp_path / "step.html"))
    assert said_in(browser, z, [x], ADD) == [
        "z contributes d · ∂z/∂v1 = 1 · inf = inf; the sum so far is inf.",
        "Nothing flows back from v1 to x, so there is nothing to add; the sum so far is 0.",
    ]


def test_tooltips_know_what_the_boxes_know(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    tips = "[...document.querySelectorAll('svg [id^=v] a')].map(a => a.getAttribute('xlink:title'))"
    assert "v1: data ?, grad –" in browser.evaluate(tips)
    browser.press("End")
    table = ag.backprop(z, targets)
    assert f"x: data 2.0, grad {table[targets[0]]!r}" in browser.evaluate(tips)
    assert not browser.evaluate("document.querySelector('svg title')")


def test_names_from_right_to_left_turn_nothing_else(browser: Browser, tmp_path: Path) -> None:
    x, y = Value(2.0, name="שלום"), Value(3.0, name="العدد الأول")
    z = x * y
    browser.open(ag.step(z, [x, y]).save(tmp_path / "step.html"))
    alone = [f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" for text in ("שלום", '"العدد الأول"')]
    assert said_in(browser, z, [x, y], FORWARD) == [f"Forward: z = {' * '.join(alone)} = 6"]


def test_neurons_have_one_name_in_all_texts() -> None:
    data = data_of(ag.step(*network()).html)
    assert {"w_11^(1)", "z_7^(2)", "b_1^(3)"} <= set(data["names"])
    assert "tanh(z_7^(2))" in data["formulas"]
    assert not any("layer" in text for text in [*data["names"], *data["formulas"]])


def test_on_paper_nothing_is_cut_off(browser: Browser, tmp_path: Path) -> None:
    browser.open(ag.step(*network()).save(tmp_path / "step.html"))
    browser.press("End")
    browser.call("Emulation.setEmulatedMedia", media="print")
    for part in ("picture", "entries", "code"):
        found = browser.evaluate(
            f"['scrollWidth', 'clientWidth', 'scrollHeight', 'clientHeight'].map(s => $('{part}')[s])"
        )
        assert found[0] <= found[1] + 1
        assert found[2] <= found[3] + 1
    browser.call("Emulation.setEmulatedMedia", media="")


def test_what_a_step_is_about_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    z, targets = network()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    position = {node: i for i, node in enumerate(ancestors(z))}
    for k, event in list(enumerate(events(z, targets), 1))[::37]:
        browser.evaluate(f"go({k})")
        inside = (
            "(part, frame) => { const a = part.getBoundingClientRect(), b = frame.getBoundingClientRect();"
            " return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1; }"
        )
        assert browser.evaluate(f"({inside})($('v{position[event.v]}'), $('picture'))")
        assert browser.evaluate(f"(row => !row || ({inside})(row, $('entries')))(document.querySelector('tr.now'))")


def test_the_calls_that_wait_are_those_that_have_begun_and_not_returned(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    names, waiting = names_of(ancestors(z), z), []
    for k, event in enumerate(events(z, targets), 1):
        waiting += [f"build_grad({names[event.v]})"] * (event.line == ZERO)
        waiting = waiting[: len(waiting) - (event.line == STORE)]
        browser.evaluate(f"go({k})")
        assert browser.evaluate("document.getElementById('stack').textContent") == (" → ".join(waiting) or "–")
    assert waiting == []


def test_what_is_happening_is_said_and_shown(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    every = list(events(z, targets))
    assert says(browser) == "The leaves have their values. Nothing is computed yet."
    k = next(i for i, event in enumerate(every, 1) if event.line == ADD and event.c.op.name == "sin")
    browser.evaluate(f"go({k})")
    assert says(browser) == "v2 contributes d · ∂v2/∂x = 1 · (-0.416147) = -0.416147; the sum so far is 2.58385."
    browser.click("#language")
    assert says(browser) == "v2 trägt d · ∂v2/∂x = 1 · (-0.416147) = -0.416147 bei; die Summe ist bisher 2.58385."
    assert browser.evaluate("document.documentElement.lang") == "de"
    position = {node: i for i, node in enumerate(ancestors(z))}
    consumers_of_x = browser.evaluate("[...document.querySelectorAll('svg .consumer')].map(e => e.id).sort()")
    product, sine = (position[c] for c in (z.inputs[0], z.inputs[1]))
    assert consumers_of_x == sorted(f"{kind}{i}" for kind in ("op", "v") for i in (product, sine))
    marked = browser.evaluate(
        "['v', 'c', 'wire'].map(kind => [...document.querySelectorAll(`svg .${kind}`)].map(e => e.id))"
    )
    v2 = position[every[k - 1].c]
    assert [sorted(ids) for ids in marked] == [[f"v{position[targets[0]]}"], [f"op{v2}", f"v{v2}"], [f"e{v2}_0"]]
    assert "grad –" in browser.evaluate(f"document.getElementById('v{position[targets[0]]}').textContent")


def test_the_page_in_german_from_the_start_and_a_target_that_z_does_not_need(browser: Browser, tmp_path: Path) -> None:
    z, (x, _) = expression()
    other = 2.0 * Value(0.5, name="u")
    other.name = "w"
    browser.open(ag.step(z, [x, other], language="de").save(tmp_path / "step.html"))
    browser.press("End")
    assert says(browser) == "z hängt nicht von w ab: Es gibt keine Konsumenten, der Gradient bleibt 0."
    assert table_of(browser)[-1] == ("w", 0.0)
    assert browser.errors == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_run_nothing(browser: Browser, tmp_path: Path, name: str) -> None:
    x = Value(2.0, name=name)
    browser.open(ag.step(x * x).save(tmp_path / "step.html"))
    browser.press("End")
    assert browser.errors == []
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    assert table_of(browser)[-1][0] == visible
    assert len(CODE.splitlines()) == browser.evaluate("document.querySelectorAll('#code span').length")


def test_numbers_that_json_does_not_know(browser: Browser, tmp_path: Path) -> None:
    x = Value(0.0, name="x")
    browser.open(ag.step(ag.sqrt(x) + x).save(tmp_path / "step.html"))
    browser.press("End")
    assert browser.evaluate("document.querySelector('#table tr:last-child td:last-child').textContent") == "inf"
    said = []
    while browser.evaluate("document.querySelector('#back').disabled") is False and len(said) < 50:
        said.append(browser.evaluate("document.querySelector('#says').textContent"))
        browser.press("ArrowLeft")
    assert any("1 · inf = inf" in sentence for sentence in said)
    assert not any("NaN" in sentence for sentence in said)
    assert browser.errors == []


def test_a_grad_table_has_root_and_targets() -> None:
    x, y, w = (Value(2.0, name=name) for name in "xyw")
    table = ag.backprop(x * y, [x, w])
    assert ag.step(table).html == ag.step(table.root, [x, w]).html
    assert ag.step(table, [y]).html == ag.step(table.root, [y]).html != ag.step(table).html


def linked(browser: Browser, page: Path, wishes: str) -> None:
    """Open a page by a link with wishes."""
    browser.call("Page.navigate", url="about:blank")
    browser.call("Page.navigate", url=f"{page.as_uri()}#{wishes}")
    while browser.evaluate("document.readyState") != "complete":
        pass


def rules_shown(browser: Browser) -> list[str]:
    found: list[str] = browser.evaluate("[...document.querySelectorAll('#rule div')].map(part => part.textContent)")
    return found


def neuron() -> tuple[Value, list[Value]]:
    w, x = Value(-0.5, name="w"), Value(0.8, name="x")
    z = w * x
    z.name = "z"
    a = ag.sigmoid(z)
    a.name = "a"
    return a, [w, x]


def test_a_rule_stands_in_words_and_letters_and_then_in_numbers(browser: Browser, tmp_path: Path) -> None:
    a, (w, _) = neuron()
    browser.open(ag.step(a, [w]).save(tmp_path / "step.html"))
    shown = []
    for k, event in enumerate(events(a, [w]), 1):
        browser.evaluate(f"go({k})")
        assert bool(rules_shown(browser)) == (event.line == ADD)
        shown += rules_shown(browser)
    assert shown == [
        "derivative of σ: ∂a/∂z = sigmoid'(z) = a * (1 - a) ≈ 0.401312 * (1 - 0.401312) ≈ 0.240261",
        "product: the other factor: ∂z/∂w = x = 0.8",
    ]
    assert browser.evaluate("document.getElementById('expression').textContent") == "a = sigmoid(w * x)"


@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_of_the_rules_are_the_engines(seed: int) -> None:
    z, leaves = random_graph(seed)
    data = data_of(ag.step(z, leaves).html)
    position = {node: i for i, node in enumerate(ancestors(z))}
    found = 0
    for event in events(z, leaves):
        if event.line == ADD and event.rate is not None:
            number = re.split("[=≈]", data["rates"][f"{position[event.c]} {position[event.v]}"])[-1]
            assert float(number) == pytest.approx(event.rate, rel=1e-5)
            found += 1
    assert found > 3


def test_in_the_coarse_mode_a_step_is_a_node(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    linked(browser, ag.step(z, targets).save(tmp_path / "step.html"), "mode=coarse")
    said = []
    for _ in range(8):
        browser.press("ArrowRight")
        said.append(says(browser))
    assert said == [
        "Forward: v1 = x * y = 6",
        "Forward: v2 = sin(x) ≈ 0.909297",
        "Forward: z = v1 + v2 ≈ 6.9093",
        "Backward: ∂z/∂z = 1 is entered.",
        "∂z/∂v1 = ∂z/∂z · ∂z/∂v1 = 1 · 1 = 1",
        "∂z/∂v2 = ∂z/∂z · ∂z/∂v2 = 1 · 1 = 1",
        "∂z/∂x = ∂z/∂v1 · ∂v1/∂x + ∂z/∂v2 · ∂v2/∂x = 1 · 3 + 1 · (-0.416147) ≈ 2.58385",
        "∂z/∂y = ∂z/∂v1 · ∂v1/∂y = 1 · 2 = 2",
    ]
    assert browser.evaluate("document.getElementById('count').textContent") == "step 8 of 8"
    browser.press("ArrowLeft")
    assert says(browser) == said[-2]


def test_a_link_leads_to_a_step_a_language_and_a_mode(browser: Browser, tmp_path: Path) -> None:
    page = ag.step(*expression()).save(tmp_path / "step.html")
    linked(browser, page, "step=7&lang=de&mode=coarse")
    assert browser.evaluate("document.documentElement.lang") == "de"
    assert says(browser).startswith("∂z/∂x = ")
    browser.press("ArrowLeft")
    assert browser.evaluate("location.hash") == "#step=6&lang=de&mode=coarse"
    for wrong in ("step=-3", "step=x", "mode=&lang=fr", "%", "step=1e9"):
        linked(browser, page, wrong)
        browser.press("ArrowRight")
    assert browser.errors == []


def test_an_entry_is_predicted_first(browser: Browser, tmp_path: Path) -> None:
    z, targets = expression()
    linked(browser, ag.step(z, targets).save(tmp_path / "step.html"), "mode=coarse&step=6")
    browser.click("#predict")
    browser.press("ArrowRight")
    assert says(browser) == "∂z/∂x = ∂z/∂v1 · ∂v1/∂x + ∂z/∂v2 · ∂v2/∂x"
    assert "x" not in [name for name, _ in table_of(browser)]
    for answer, verdict in (("", "Not yet"), ("2.4", "Not yet"), ("-2.58", "Not yet"), ("2,58", "Right.")):
        browser.evaluate(f"$('answer').value = '{answer}'; $('question').requestSubmit()")
        shown = says(browser) + browser.evaluate("$('verdict').textContent")
        assert verdict in shown, answer
    assert table_of(browser)[-1][0] == "x"
    browser.press("ArrowRight")
    browser.click("#reveal")
    assert says(browser).startswith("∂z/∂y = ")
    assert browser.errors == []


def test_a_node_has_one_name_in_box_sentence_and_table(browser: Browser, tmp_path: Path) -> None:
    z, targets = network()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    names = data_of((tmp_path / "step.html").read_text(encoding="utf-8"))["names"]
    boxes = browser.evaluate(
        f"Array.from({{length: {len(names)}}}, (_, i) => document.querySelector(`#v${{i}} text`).textContent)"
    )
    assert boxes == names


@pytest.mark.parametrize(("is_lecture", "least"), [("false", 13.0), ("true", 20.0)])
def test_letters_are_large_enough(browser: Browser, tmp_path: Path, is_lecture: str, least: float) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=1366, height=768, deviceScaleFactor=1, mobile=False)
    z, targets = network()
    browser.open(ag.step(z, targets).save(tmp_path / "step.html"))
    browser.evaluate(f"lecture({is_lecture}); go(300)")
    sizes = browser.evaluate(
        "[...document.querySelectorAll('body *')].filter(part => part.checkVisibility() && [...part.childNodes].some("
        "node => node.nodeType === 3 && node.data.trim())).map(part => [parseFloat(getComputedStyle(part).fontSize)"
        " * (part.closest('svg') ? part.getScreenCTM().a : 1), part.textContent.slice(0, 20)])"
    )
    assert len(sizes) > 300
    assert [found for found in sizes if found[0] < least - 1e-3] == []
    browser.call("Emulation.clearDeviceMetricsOverride")
