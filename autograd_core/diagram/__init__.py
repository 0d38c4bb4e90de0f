"""Graphs to look at: as pictures, as text, as formulas, as pages.

diagram    the picture as an object: clusters (what is folded), styles and themes, dot (the text), render, pdf
unfolding  a page on which clusters open by clicks;  stepper   a page that goes through both passes
formulas   derivations and LaTeX;  tree   text for a terminal;  notebook   how objects show themselves
"""

from . import notebook as notebook
from .diagram import Diagram, draw
from .formulas import derive, latex
from .stepper import step
from .styles import Style
from .tree import tree

__all__ = ["Diagram", "Style", "derive", "draw", "latex", "step", "tree"]
