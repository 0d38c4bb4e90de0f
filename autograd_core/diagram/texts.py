"""Texts as DOT shows them literally, and those that are HTML, which only edges and boxes of a style have."""

from __future__ import annotations

from ..visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["beside", "is_html", "lines_of", "literal", "padded", "shortened", "tip"]

LONGEST_NAME = 24  # letters in a box, which a longer name would make as wide as several; the tooltip has it whole
LONGEST_LINE = 60  # letters of a line that a style writes, so that no number of digits hides the rest of a picture


def literal(text: str) -> Any:
    r"""`text` as DOT shows it literally: no escapes, entities or HTML, and nothing invisible.

    >>> literal('<b>&amp;\\N\n</b>')
    '<b>&amp;amp;\\\\N\\\\n</b>'
    """
    import graphviz

    return graphviz.escape(visible(text).replace("&", "&amp;"))


def tip(text: str) -> Any:
    """Text for a tooltip: Graphviz takes backslashes away twice from it, and once from a label."""
    import graphviz

    return graphviz.nohtml(literal(text).replace("\\", "\\\\"))


def lines_of(texts: Iterable[str]) -> Any:
    r"""A label of literal texts, one below the other, long ones cut off; a line break is one in the label too.

    >>> lines_of(["a\nb", "<c>"])
    'a\\nb\\n<c>'
    """
    import graphviz

    return graphviz.nohtml(
        "\\n".join([literal(shortened(line, LONGEST_LINE)) for text in texts for line in text.split("\n")])
    )


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """`text`, cut off with an ellipsis if it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def is_html(label: str) -> bool:
    """Whether a label is one of Graphviz's HTML-like ones."""
    return label.startswith("<") and label.endswith(">")


def beside(label: str) -> Any:
    """A literal label with a little room in front of it, between a line that goes down and its text."""
    import graphviz

    return graphviz.nohtml(f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{label}")


def padded(text: str, room: int) -> str:
    """A label with `room` points around a text of HTML, and two more, by which it touches no line."""
    return f'<<table border="0" cellspacing="2" cellpadding="{room}"><tr><td>{text}</td></tr></table>>'
