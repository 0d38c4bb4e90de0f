"""Graphs to look at: as pictures, as text, as pages.

diagram    the picture as an object: clusters (what is folded), styles, answers (what styles say, checked), themes,
           dot (the text), ordering (what stands in a row), texts (in it), render, svg (at home on a page), pdf
unfolding  a page on which clusters open by clicks
stepper    a page that goes through both passes
tree       text for a terminal
notebook   display hooks of Values and grad_tables
"""

from __future__ import annotations

from . import notebook as notebook
from .diagram import Diagram, draw
from .stepper import step
from .styles import Circuit, Derivatives, Flow, Pruned, Style
from .tree import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .themes import Theme

__all__ = [
    "Circuit",
    "Derivatives",
    "Diagram",
    "Flow",
    "Pruned",
    "Style",
    "Theme",
    "draw",
    "step",
    "tree",
]


def __getattr__(name: str) -> type[Theme]:
    """`Theme`, only when it is asked for: it needs `typing`, which the engine's import does without."""
    if name != "Theme":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .themes import Theme

    return Theme
