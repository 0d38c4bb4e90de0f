"""Pictures of graphs: `draw` makes a `Diagram` that shows itself in a notebook and saves itself by suffix."""

from .diagram import Diagram, draw

__all__ = ["Diagram", "draw"]
