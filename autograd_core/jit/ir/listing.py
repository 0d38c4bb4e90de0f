"""The text of a program in a notebook: guards marked, long ones folded and cut."""

from __future__ import annotations

from html import escape

__all__ = ["listing"]

FEW_LINES, MOST_LINES = 40, 400
"""A text of more lines is folded; of more than that the first and the last are shown."""
GUARD = "border-left: 4px solid #D55E00; padding-left: 0.3em"


def listing(text: str, summary: str) -> str:
    """HTML of a program's text; `summary` is what is seen of a folded one."""
    lines = text.splitlines()
    count = len(lines)
    if count > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f"  ... {count - 2 * half:,} more lines; print(program) shows all", *lines[-half:]]
    marked = [f'<span style="{GUARD}">{escape(s)}</span>' if s.startswith("  guard ") else escape(s) for s in lines]
    html = f"<pre>{chr(10).join(marked)}</pre>"
    return html if count <= FEW_LINES else f"<details><summary>{summary}</summary>{html}</details>"
