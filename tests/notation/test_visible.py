"""Nothing is hidden in a name."""

from __future__ import annotations

from autograd_core.notation.visible import visible


def test_nothing_invisible_is_shown() -> None:
    assert visible("x\n\u202e\x00σ") == "x\\n\\u202e\\x00σ"
