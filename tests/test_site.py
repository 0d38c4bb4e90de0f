"""The built site in a real browser: nothing from elsewhere, nothing cut off, search without a network.

It is built by ``python -m sphinx -W -n docs build/docs``; where it is not, these tests are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from diagram.browser import Browser

SITE = Path(__file__).parent.parent / "build" / "docs"
PAGES = sorted(str(page.relative_to(SITE)) for page in SITE.rglob("*.html"))
LOADED = re.compile(
    r"<(?:script|img|iframe)\b[^>]*\bsrc=\"(?P<source>[^\"]*)\"|<link\b[^>]*\bhref=\"(?P<link>[^\"]*)\""
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGES, reason="the documentation is not built: python -m sphinx -W -n docs build/docs"),
]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    found = Browser(chromium)
    yield found
    found.close()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_nothing_from_elsewhere(page: str) -> None:
    for loaded in LOADED.finditer((SITE / page).read_text(encoding="utf-8")):
        assert not re.match(r"(\w+:)?//", loaded["source"] or loaded["link"] or ""), loaded[0]


def test_pages_fit_on_desktops_and_phones_in_light_and_dark(browser: Browser) -> None:
    for page in PAGES:
        browser.open(SITE / page)
        for width, scheme in ((1440, "light"), (1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
            browser.call("Emulation.setDeviceMetricsOverride", **size)
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page, width)
            paper = browser.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            assert (sum(paper) > 382) == (scheme == "light"), (page, scheme)
        assert [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))] == [], page
        assert browser.errors == [], page


def test_the_search_finds_names_and_words_without_a_network(browser: Browser) -> None:
    for word in ("logsumexp", "guard", "checkpoint"):
        browser.call("Page.navigate", url=f"{(SITE / 'search.html').as_uri()}?q={word}")
        found = "new Promise(done => { const look = () => document.querySelectorAll('#search-results li a').length"
        assert browser.evaluate(f"{found} ? done(true) : setTimeout(look, 20); look(); }})"), word
