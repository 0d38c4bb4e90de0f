"""Templates of web pages: marks in a text are replaced by parts, and data cannot end the element it is in."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["as_json", "filled"]


def filled(page: str, parts: Mapping[str, str]) -> str:
    """`page` with every mark replaced by its part, in the order of `parts`; a mark inside a part stays.

    >>> filled("<p>A</p><b>B</b>", {"A": "B", "B": "A"})
    '<p>B</p><b>A</b>'
    """
    done = []
    for mark, part in parts.items():
        before, _, page = page.partition(mark)
        done += [before, part]
    return "".join([*done, page])


def as_json(data: Any) -> str:
    r"""`data` for a script element of a page.

    >>> as_json(["</script>"])
    '["\\u003c/script>"]'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
