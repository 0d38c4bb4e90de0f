"""The listing of a program in a notebook: guards are marked, a long text is folded and cut."""

from __future__ import annotations

from html import escape

__all__ = ["listing"]

FEW_LINES, MOST_LINES = 40, 400
"""Lines above which a text, longer than a screen, is folded, and above which only its first and last are shown."""
GUARD = "border-left: 4px solid #D55E00; padding-left: 0.3em"


def listing(text: str, summary: str) -> str:
    """The HTML of a program's text; `summary` is the heading of a folded one."""
    lines = text.splitlines()
    count = len(lines)
    if count > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f"  ... {count - 2 * half:,} more lines; print(program) shows all", *lines[-half:]]
    marked = [f'<span style="{GUARD}">{escape(s)}</span>' if s.startswith("  guard ") else escape(s) for s in lines]
    html = f"<pre>{chr(10).join(marked)}</pre>"
    return html if count <= FEW_LINES else f"<details><summary>{summary}</summary>{html}</details>"
