"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from diagram.browser import Browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    found = Browser(chromium)
    yield found
    found.close()
