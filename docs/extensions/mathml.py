"""Formulas as MathML, which browsers draw themselves: no script, no font, nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>(&#x0203[23];)</mi></msup>")


def mathml(latex: str, display: str) -> str:
    """The formula; primes as they are, since a font's prime is small and raised already."""
    return PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', convert(latex, display=display))


def inline(translator: Any, node: Any) -> None:
    """``$...$``."""
    translator.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def display(translator: Any, node: Any) -> None:
    """``$$...$$`` and environments."""
    translator.body.append(f'<div class="math">{mathml(numbered(node.astext()), "block")}</div>')
    raise SkipNode


def numbered(latex: str) -> str:
    """The same, with the tags that are written in it behind its lines, and no other numbers."""
    latex = re.sub(r"\\tag\{([^}]*)\}", r"\\qquad (\\text{\1})", latex.replace(r"\notag", ""))
    return re.sub(r"(\\(?:begin|end)\{align)\}", r"\1*}", latex)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's hook."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
