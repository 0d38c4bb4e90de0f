"""Pictures of graphs: `draw` makes a `Diagram` that shows itself in a notebook and saves itself by suffix."""

from .derive import derive, latex
from .diagram import Diagram, draw
from .stepper import step
from .tree import tree

__all__ = ["Diagram", "derive", "draw", "latex", "step", "tree"]
