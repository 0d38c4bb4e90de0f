"""A hundred random programs; `python tests/jit/fuzz.py` runs as many as asked for."""

from __future__ import annotations

import pytest
from jit import fuzz


@pytest.mark.parametrize("start", range(0, 100, 10))
def test_random_programs_agree_on_all_backends(start: int) -> None:
    found: list[str] = []
    bad = fuzz.run(10, 1_000_000 + start, found.append)
    assert bad == 0, "\n".join(found)


def test_a_program_is_repeatable_from_its_seed() -> None:
    assert fuzz.compare(5) == fuzz.compare(5)
    assert fuzz.compare(5)[0] != fuzz.compare(6)[0]


def test_a_difference_is_noticed() -> None:
    nan, inf = float("nan"), float("inf")
    assert fuzz.agree(1.0, 1.0, [], [])
    assert not fuzz.agree(1.0 + 1e-14, 1.0, [1.0, 1.0], [1.0])
    assert fuzz.agree(1.0 + 1e-14, 1.0, [1.0 + 3e-15], [1.0])
    assert fuzz.agree(1.0 + 1e-14, 1.0, [1.0], [nan, 1.0 + 3e-15])
    assert not fuzz.agree(nan, 1.0, [1.0, 2.0], [nan])
    assert not fuzz.agree(inf, -inf, [-inf], [inf])
    assert fuzz.agree(inf, 1.7e308, [inf, 1.7e308], [])
