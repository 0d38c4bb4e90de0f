"""What is slow by nature: large sizes, other programs, products of every op with every backend.

The plain run leaves out what is marked ``slow``; ``python -m pytest -m slow`` runs it, as the gate does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest


def slow(values: Collection[Any], *, only: Collection[Any] | None = None, but: Collection[Any] = ()) -> list[Any]:
    """The values as parameters of a test, of which some are marked slow: `only` these, or all `but` those."""
    assert all(value in values for value in only or but), "what is named is among the values"

    def is_slow(value: Any) -> bool:
        return value in only if only is not None else value not in but

    return [pytest.param(value, marks=pytest.mark.slow) if is_slow(value) else value for value in values]
