"""Formulas of the pages as MathML; see `autograd_core.lessons.mathml`."""

from __future__ import annotations

from typing import Any

from docutils.nodes import SkipNode

from autograd_core.lessons.mathml import mathml, numbered


def inline(translator: Any, node: Any) -> None:
    """``$...$``."""
    translator.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def display(translator: Any, node: Any) -> None:
    """``$$...$$`` and environments."""
    translator.body.append(f'<div class="math">{mathml(numbered(node.astext()), "block")}</div>')
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's hook."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
