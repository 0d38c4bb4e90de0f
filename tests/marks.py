"""What is slow by nature: large sizes, other programs, products of every op with every backend.

The plain run leaves out what is marked ``slow``; ``python -m pytest -m slow`` runs it, as the gate does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest


def slow(values: Collection[Any], but: Collection[Any] = ()) -> list[Any]:
    """The values as parameters of a test, all but a few of them marked slow."""
    assert all(value in values for value in but), "each exception is one of the values"
    return [value if value in but else pytest.param(value, marks=pytest.mark.slow) for value in values]
