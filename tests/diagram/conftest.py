"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from diagram.browser import CHROMIUM, Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium, and these tests run")
    found = Browser()
    yield found
    found.close()
