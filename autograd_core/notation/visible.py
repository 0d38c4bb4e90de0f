"""What cannot be seen, written out: no name hides a line break, or turns the direction of writing."""

from __future__ import annotations

__all__ = ["visible"]


def visible(text: str) -> str:
    r"""`text` with everything that cannot be seen written out: line breaks, marks that turn the direction of writing.

    >>> visible("a\nb\u202e")
    'a\\nb\\u202e'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
