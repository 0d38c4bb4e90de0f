"""Invisible characters written out: no text hides a line break, moves a terminal's cursor or turns the writing round.

Whatever came from outside (a name, a path, a file) goes through here before it is shown; a name that tells a place in a
network is shown as lectures write it.
"""

from __future__ import annotations

__all__ = ["Text", "lecture_name", "readable", "visible"]

LONGEST = 2_000
"""Most characters of a message; nobody reads a longer one."""

IN_A_NETWORK = r"\w+ (\d+)/[^\W\d_]+(\d+)/([^\W\d_]+)(\d*)"


def lecture_name(name: str) -> str:
    """What lectures call a parameter or a number of a network; any other name as it is.

    >>> lecture_name("layer 1/n3/w5"), lecture_name("layer 2/n12/w3"), lecture_name("eta")
    ('w_35^(1)', 'w_12_3^(2)', 'eta')
    """
    if "/" not in name:
        return name
    import re

    place = re.fullmatch(IN_A_NETWORK, name)
    if place is None:
        return name
    layer, unit, letter, k = place.groups()
    between = "_" if k and len(unit + k) > 2 else ""
    return f"{letter}_{unit}{between}{k}^({layer})"


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
