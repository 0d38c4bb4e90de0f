"""Formulas as MathML, which browsers draw themselves: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(translator: Any, node: Any) -> None:
    """``$...$``."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def display(translator: Any, node: Any) -> None:
    """``$$...$$`` and environments."""
    translator.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's hook."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
