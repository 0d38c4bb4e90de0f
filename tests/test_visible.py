"""Nothing is hidden in a name, nor in a message."""

from __future__ import annotations

from hostile import NAMES, is_inert

from autograd_core.visible import LONGEST, readable, visible


def test_nothing_invisible_is_shown() -> None:
    assert visible("x\n\u202e\x00σ") == "x\\n\\u202e\\x00σ"


def test_what_is_visible_stays_as_it_is() -> None:
    for name in NAMES:
        shown = visible(name)
        assert is_inert(shown)
        assert "\n" not in shown
        assert visible(shown) == shown
        assert shown == name or not name.isprintable()


def test_messages_keep_their_lines_and_nothing_else_that_a_terminal_obeys() -> None:
    for name in NAMES:
        message = readable(f"one\n{name[:100]}\nthree")
        assert is_inert(message)
        assert message.count("\n") == 2 + name[:100].count("\n")


def test_of_a_long_message_the_beginning_is_shown() -> None:
    assert readable("x" * LONGEST) == "x" * LONGEST
    assert readable("x" * 300_000).endswith("xxx... (300,000 characters)")
    assert len(readable("x" * 300_000)) <= LONGEST
