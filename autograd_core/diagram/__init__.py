"""Graphs to look at: as pictures, as text, as pages.

diagram    the picture as an object: clusters (what is folded), styles and themes, dot (the text), render, pdf
unfolding  a page on which clusters open by clicks
stepper    a page that goes through both passes
tree       text for a terminal
notebook   display hooks of Values and grad_tables
"""

from . import notebook as notebook
from .diagram import Diagram, draw
from .stepper import step
from .styles import Style
from .tree import tree

__all__ = ["Diagram", "Style", "draw", "step", "tree"]
