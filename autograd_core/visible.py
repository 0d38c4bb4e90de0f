"""Invisible characters written out: no text hides a line break, moves a terminal's cursor or turns the writing round.

Whatever came from outside (a name, a path, a file) goes through here before it is shown.
"""

from __future__ import annotations

__all__ = ["Text", "readable", "visible"]

LONGEST = 2_000
"""Most characters of a message; nobody reads a longer one."""


def visible(text: object) -> str:
    r"""`text` on one line, with everything that cannot be seen written out.

    >>> visible("a\nb\u202e")
    'a\\nb\\u202e'
    """
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join([c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown])


def readable(message: str) -> str:
    r"""`message` as it is shown to people: its lines visible, and no more of it than anybody reads.

    >>> readable("a\n\x1b[2J")
    'a\n\\x1b[2J'
    """
    shown = "\n".join(map(visible, message.split("\n")))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 40]}... ({len(shown):,} characters)"


class Text(str):
    """A text that shows itself as it is, without quotes, at Python's prompt and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
