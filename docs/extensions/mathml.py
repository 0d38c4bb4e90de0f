"""Formulas as MathML, which browsers draw themselves: no script, no font, nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(translator: Any, node: Any) -> None:
    """``$...$``."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def display(translator: Any, node: Any) -> None:
    """``$$...$$`` and environments."""
    translator.body.append(f'<div class="math">{convert(numbered(node.astext()), display="block")}</div>')
    raise SkipNode


def numbered(latex: str) -> str:
    """The same, with the tags that are written in it behind its lines, and no other numbers."""
    latex = re.sub(r"\\tag\{([^}]*)\}", r"\\qquad (\\text{\1})", latex.replace(r"\notag", ""))
    return re.sub(r"(\\(?:begin|end)\{align)\}", r"\1*}", latex)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's hook."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
