"""The page on which clusters unfold: its pictures against `draw`, its clicks in a real browser."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from gzip import decompress
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from diagram.browser import Browser
from marks import slow

from autograd_core import Value, draw
from autograd_core.diagram.unfolding import MOST_BOXES, MOST_PICTURES
from autograd_core.errors import DiagramError, DiagramFileError
from nn import MLP, half_mse


def network(*sizes: int) -> Value:
    net = MLP(sizes[0], sizes[1:], "sigmoid", seed=1)
    cost = half_mse(net([0.5] * sizes[0]), [0.0] * sizes[-1] if sizes[-1] > 1 else 0.0)
    cost.backward()
    return cost


def states_of(page: Path) -> list[Any]:
    text = page.read_text(encoding="utf-8")
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)[1]
    found = json.loads(data)
    svgs = [text[text.index("<svg") : text.index("</svg>") + 6], *json.loads(decompress(b64decode(found["pictures"])))]
    return [{**state, "svg": svg} for state, svg in zip(found["states"], svgs, strict=True)]


def texts_of(svg: str) -> list[str]:
    picture = ElementTree.fromstring(svg.replace("&#45;", "-"))
    return sorted(t.text for t in picture.iter("{http://www.w3.org/2000/svg}text"))


def test_all_ways_to_fold_a_small_network(tmp_path: Path) -> None:
    cost = network(2, 3, 1)
    states = states_of(draw(cost).save(tmp_path / "net.html"))
    # layer 1 is folded, or open with each of three neurons open or not; layer 2 likewise, with one
    assert len(states) == (1 + 2**3) * (1 + 2)
    for state in states:
        assert texts_of(state["svg"]) == texts_of(draw(cost, unfold=state["open"]).picture("svg").decode())
        assert all(f'id="{place}"' in state["svg"] for place in state["clicks"])
        assert all(0 <= target < len(states) for target in state["clicks"].values())


def test_folding_one_part_leaves_the_parts_beside_it_open(tmp_path: Path) -> None:
    states = states_of(draw(network(2, 3, 1)).save(tmp_path / "net.html"))
    opened = {tuple(state["open"]): state for state in states}
    both = opened["layer 1/n1", "layer 1/n2"]
    folded = {tuple(states[target]["open"]) for target in both["clicks"].values()}
    assert {(), ("layer 1/n1",), ("layer 1/n2",)} <= folded
    alone = opened["layer 1/n1",]
    assert {(), ("layer 1",)} <= {tuple(states[target]["open"]) for target in alone["clicks"].values()}


def test_the_first_picture_is_what_was_drawn(tmp_path: Path) -> None:
    cost = network(2, 3, 1)
    for unfold in (None, [], ["layer 1"], ["layer 1/n2", "layer 2"]):
        first = states_of(draw(cost, unfold=unfold).save(tmp_path / "net.html"))[0]
        assert texts_of(first["svg"]) == texts_of(draw(cost, unfold=unfold).picture("svg").decode())


@pytest.mark.slow
def test_of_a_large_network_every_neuron_can_be_opened_but_not_every_weight(tmp_path: Path) -> None:
    states = states_of(draw(network(220, 20, 5)).save(tmp_path / "net.html"))
    assert len(states) == MOST_PICTURES
    alone = {state["open"][0] for state in states if len(state["open"]) == 1}
    neurons = {f"layer {layer}/n{k}" for layer, count in ((1, 20), (2, 5)) for k in range(1, count + 1)}
    assert alone >= {"layer 1", "layer 2"} | neurons
    assert not any("220" in place for place in alone)  # 220 weights are more than MOST_BOXES
    assert all(state["svg"].count('class="node"') < 2 * MOST_BOXES for state in states)


@pytest.mark.parametrize("sizes", slow([(2, 3, 1), (220, 20, 5), (220, 5, 20)], but=[(2, 3, 1)]))
def test_every_frame_folds(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    for state in states_of(draw(network(*sizes), unfold=[]).save(tmp_path / "net.html")):
        frames = re.findall(r'id="(cluster_\d+)"', state["svg"])
        assert set(frames) <= set(state["clicks"])


def test_an_expression_without_clusters_is_one_picture(tmp_path: Path) -> None:
    x = Value(2.0, name="x")
    (state,) = states_of(draw(x * x).save(tmp_path / "z.html"))
    assert state["clicks"] == {}


def test_it_is_whole_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(DiagramFileError, match="cannot write"):
        draw(network(2, 3, 1)).save(tmp_path / "no" / "net.html")
    with pytest.raises(DiagramError, match="more than the 10 that are laid out"):
        draw(network(2, 3, 1), max_nodes=10).save(tmp_path / "net.html")
    assert list(tmp_path.iterdir()) == []


# In a browser


def shown(browser: Browser) -> list[str]:
    return sorted(browser.evaluate("[...document.querySelectorAll('#picture text')].map(t => t.textContent)"))


def opened(browser: Browser) -> list[str]:
    text = browser.evaluate("document.getElementById('open').textContent")
    return [] if text == "–" else text.split(", ")


def test_clicks_lead_where_unfold_does(browser: Browser, tmp_path: Path) -> None:
    cost = network(3, 4, 2, 1)
    browser.open(draw(cost, unfold=[]).save(tmp_path / "net.html"))
    rng = Random(0)
    seen = set()
    for _ in range(15):
        place = rng.choice(browser.evaluate("[...document.querySelectorAll('.click')].map(part => part.id)"))
        before = opened(browser)
        browser.evaluate(
            "new Promise(done => { window.addEventListener('hashchange', () => done(), { once: true });"
            f" document.querySelector('#{place} :is(polygon, path)').dispatchEvent("
            " new MouseEvent('click', { bubbles: true })); })"
        )
        after = opened(browser)
        assert after != before
        assert shown(browser) == texts_of(draw(cost, unfold=after).picture("svg").decode())
        seen.add(tuple(after))
    assert len(seen) > 7
    assert browser.errors == []
    assert [url[:5] for url in browser.requests] == ["file:"]


def test_mouse_keyboard_and_the_way_back(browser: Browser, tmp_path: Path) -> None:
    browser.open(draw(network(40, 20, 5)).save(tmp_path / "net.html"))
    whole = shown(browser)
    assert opened(browser) == []
    browser.evaluate("document.getElementById('f0').scrollIntoView()")
    browser.click("#f0")
    settled(browser, lambda: opened(browser) == ["layer 2"])
    browser.press("Escape")
    settled(browser, lambda: shown(browser) == whole)
    browser.evaluate("document.getElementById('f1').focus()")
    browser.press("Enter")
    settled(browser, lambda: opened(browser) == ["layer 1"])
    browser.evaluate("history.back()")
    settled(browser, lambda: shown(browser) == whole)
    assert browser.errors == []


def test_who_opens_with_the_keyboard_goes_on_where_it_was(browser: Browser, tmp_path: Path) -> None:
    browser.open(draw(network(2, 3, 1), unfold=[]).save(tmp_path / "net.html"))
    here = "['role', 'aria-label', 'aria-expanded'].map(key => document.activeElement.getAttribute(key))"
    browser.evaluate("document.querySelector('[aria-label=\"layer 1\"]').focus()")
    for is_open in ("false", "true", "false"):
        settled(browser, lambda is_open=is_open: browser.evaluate(here) == ["button", "layer 1", is_open])
        browser.press("Enter")
    settled(browser, lambda: opened(browser) == ["layer 1"])


def test_a_box_that_no_click_opens_does_not_look_like_one(browser: Browser, tmp_path: Path) -> None:
    browser.open(draw(network(220, 20, 5)).save(tmp_path / "net.html"))
    edges = (
        "data.states.flatMap((_, k) => { history.replaceState(null, '', `#state=${k}`); show();"
        " return [...document.querySelectorAll('.node:has(polyline)')].map(node =>"
        " [node.matches('.click'), node.querySelector('polyline').getClientRects().length > 0]); })"
    )
    browser.evaluate("ready")
    found = set(map(tuple, browser.evaluate(edges)))
    assert found == {(False, False), (True, True)}
    assert browser.evaluate("document.getElementById('part').hidden") is False
    browser.open(draw(network(2, 3, 1)).save(tmp_path / "net.html"))
    assert browser.evaluate("document.getElementById('part').hidden") is True


def settled(browser: Browser, holds: Any) -> None:
    """A click changes the address, which changes the page; after that the condition holds."""
    for _ in range(250):
        if holds():
            return
        browser.evaluate("new Promise(done => setTimeout(done, 20))")
    raise AssertionError((opened(browser), shown(browser)))


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", '"', "\\", "&amp;", "<b>", "\u202egnp", "${1}"])
def test_hostile_names_run_nothing(browser: Browser, tmp_path: Path, name: str) -> None:
    w, v = Value(1.0, name=f"{name}/w"), Value(2.0, name=f"{name}/v")
    path = draw(w * v, unfold=[]).save(tmp_path / "net.html")
    assert path.read_text(encoding="utf-8").count("<script") == 2
    browser.open(path)
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name.partition("/")[0])
    assert any(visible in text for text in shown(browser)), shown(browser)
    assert browser.errors == []
