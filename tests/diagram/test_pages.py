"""What all pages keep to: no errors, a phone's width, the keyboard, names for screen readers, light and dark, paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from diagram.browser import Browser

import autograd_core as ag
from autograd_core import Value
from autograd_core.diagram import themes
from autograd_core.diagram.svg import adapting
from autograd_core.diagram.themes import THEMES
from nn import MLP, half_mse


def network() -> tuple[MLP, Value]:
    net = MLP(2, [3, 2, 1], "sigmoid", seed=1)
    cost = half_mse(net([Value(0.5, name="x1"), Value(-0.3, name="x2")]), 1.0)
    cost.backward()
    return net, cost


def function(x: Any, y: Any) -> Any:
    return x * y + ag.log(x) if x > 0.0 else y


PAGES: dict[str, Callable[[Path], Path]] = {
    "stepper": lambda path: ag.step(network()[1]).save(path),
    "unfolding": lambda path: ag.draw(network()[1], unfold=[]).save(path),
    "live function": lambda path: ag.live(function, x=2.0, y=3.0).save(path),
    "live network": lambda path: ag.live(network()[0], [0.5, -0.3]).save(path),
}


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return PAGES[request.param](tmp_path_factory.mktemp("pages") / "page.html")


@pytest.fixture(autouse=True)
def as_it_was(browser: Browser) -> Iterator[None]:
    yield
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    assert browser.errors == []


def wide(browser: Browser, page: Path, width: int) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
    browser.open(page)


@pytest.mark.parametrize("width", [390, 768, 1366])
def test_nothing_hangs_over_the_side(browser: Browser, page: Path, width: int) -> None:
    wide(browser, page, width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_whatever_can_be_used_is_reached_by_tab_and_has_a_name(browser: Browser, page: Path) -> None:
    wide(browser, page, 1366)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "slider", "textbox", "spinbutton", "combobox", "checkbox", "group"}
    used = [
        node
        for node in nodes
        if node.get("role", {}).get("value") in roles
        and any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", ()))
    ]
    assert len(used) > 4
    assert [node for node in used if not node.get("name", {}).get("value")] == []
    seen = browser.evaluate(
        "[...document.querySelectorAll('button, input, select, summary, [role=slider], [role=button], .zoomed')]"
        ".filter(part => part.checkVisibility() && part.tabIndex < 0).map(part => part.outerHTML.slice(0, 80))"
    )
    assert seen == []


def test_it_speaks_the_browsers_language_or_that_of_the_link(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.evaluate("document.documentElement.lang") == "en"
    english = browser.evaluate("document.title")
    browser.evaluate("$('language').click()")
    german = browser.evaluate("document.title")
    assert browser.evaluate("[document.documentElement.lang, location.hash]") == ["de", "#lang=de"]
    assert german != english
    agent = browser.evaluate("navigator.userAgent")
    browser.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="de-AT,en")
    browser.open(page)
    assert browser.evaluate("document.title") == german
    browser.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="en-US,en")
    changed = "new Promise(done => addEventListener('hashchange', () => setTimeout(done), { once: true }))"
    browser.evaluate(f"location.hash = 'lang=en', {changed}")
    assert browser.evaluate("document.title") == english


def test_both_languages_say_the_same_things(browser: Browser, page: Path) -> None:
    browser.open(page)
    placeholders = "Object.entries(data.texts.%s).map(([key, text]) => [key, (text.match(/\\{\\w+\\}/g) || []).sort()])"
    assert browser.evaluate(placeholders % "en") == browser.evaluate(placeholders % "de")


COLOURS = """[...document.querySelectorAll('body, h1, svg text, svg .node polygon, #drawing rect')]
    .filter(part => part.checkVisibility()).flatMap(part => {
        const style = getComputedStyle(part);
        if (style.fill === 'none') return [];
        return part.closest('svg') ? style.fill : part.tagName === 'BODY' ? style.backgroundColor : style.color; })"""


def test_it_follows_the_readers_light_and_dark(browser: Browser, page: Path) -> None:
    found = {}
    for scheme in ("light", "dark"):
        browser.call(
            "Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        browser.open(page)
        found[scheme] = browser.evaluate(COLOURS)
    assert len(found["light"]) == len(found["dark"]) > 5
    assert [light for light, dark in zip(found["light"], found["dark"], strict=True) if light == dark] == []
    browser.call(
        "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    browser.open(page)
    assert browser.evaluate(COLOURS)[0] in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_on_paper_nothing_is_cut_off(browser: Browser, page: Path) -> None:
    wide(browser, page, 700)
    browser.call("Emulation.setEmulatedMedia", media="print")
    frames = browser.evaluate(
        "[...document.querySelectorAll('.zoomed, pre, #entries')].map(part => [part.scrollWidth - part.clientWidth,"
        " part.scrollHeight - part.clientHeight])"
    )
    assert frames
    assert max(map(max, frames)) <= 1
    assert (
        browser.evaluate("[...document.querySelectorAll('button')].filter(part => part.checkVisibility()).length") == 0
    )


def test_wheel_buttons_and_keys_change_the_size_of_the_picture(browser: Browser, page: Path) -> None:
    wide(browser, page, 1366)
    browser.evaluate("zoom.frame.scrollIntoView()")
    width = "zoom.svg.getBoundingClientRect().width"

    def changes(do: Callable[[], object], is_larger: bool) -> None:
        before = browser.evaluate(width)
        do()
        browser.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")
        assert (browser.evaluate(width) > before) == is_larger
        assert browser.evaluate(width) != before

    def wheel(dy: int) -> None:
        x, y = browser.evaluate(
            "(r => [r.x + r.width / 2, r.y + Math.min(r.height, 300) / 2])(zoom.frame.getBoundingClientRect())"
        )
        browser.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=dy)

    def key(text: str) -> None:
        browser.evaluate(f"zoom.frame.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{text}', bubbles: true }}))")

    changes(lambda: key("+"), True)
    changes(lambda: key("-"), False)
    changes(lambda: wheel(-100), True)
    changes(lambda: wheel(100), False)
    changes(lambda: browser.evaluate("document.querySelector('[data-title=zoom_in]').click()"), True)
    changes(lambda: browser.evaluate("document.querySelector('[data-title=zoom_out]').click()"), False)
    browser.evaluate("zoom.set(4)")
    key("0")
    inside = "(f => [f.scrollWidth - f.clientWidth, f.scrollHeight - f.clientHeight])(zoom.frame)"
    assert max(browser.evaluate(inside)) <= 1


@pytest.mark.parametrize("shown", [lambda: ag.step(network()[1]), lambda: ag.live(function, x=2.0, y=3.0)])
def test_it_works_in_the_frame_of_a_notebook(browser: Browser, tmp_path: Path, shown: Callable[[], Any]) -> None:
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html><body>{shown()._repr_html_()}", encoding="utf-8")
    browser.open(tmp_path / "notebook.html")
    inside = "document.querySelector('iframe').contentWindow"
    browser.evaluate(f"{inside}.document.getElementById('language').click()")
    assert browser.evaluate(f"{inside}.document.documentElement.lang") == "de"
    browser.evaluate(f"({inside}.document.getElementById('next') || {inside}.document.getElementById('reset')).click()")


def test_the_dark_rules_know_every_colour_of_the_light_theme() -> None:
    colours: dict[str, set[str]] = {}
    for name in themes.COLOURS:
        light, dark = getattr(THEMES["light"], name), getattr(THEMES["dark"], name)
        for a, b in zip(*[x if isinstance(x, tuple) else (x,) for x in (light, dark)], strict=True):
            colours.setdefault(a.lower(), set()).add(b)
    text = "".join(adapting(THEMES["auto"], "svg"))
    for part in ("fill", "stroke"):
        rules = dict(re.findall(rf'svg \[{part}="(\S+)"\]{{{part}:light-dark\(\1,(\S+)\)}}', text))
        assert rules.keys() == colours.keys()
        assert all(rules[light] in colours[light] for light in rules)
