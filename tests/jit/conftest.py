"""Tests of the compiler run with checked passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jit.support import checked_passes


@pytest.fixture(autouse=True)
def _checked_passes() -> Iterator[None]:
    with checked_passes():
        yield
