"""The colours of pictures, by what they are for.

Tints of Okabe and Ito's palette, which colour-blind readers can tell apart. No meaning is carried by colour alone:
leaves, parameters, constants and roots also differ in their outlines, directions in place, signs in dashes, so that a
picture survives a black-and-white printer.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DiagramError
from ..settings import one_of

__all__ = ["COLOURS", "THEMES", "Theme", "theme_of"]


class Theme(NamedTuple):
    """Colours, as Graphviz writes them: "#D55E00", "ivory"; pairs are filling and outline. Those of "light" by default.

    >>> from autograd_core import Value, draw
    >>> from autograd_core.diagram import Theme
    >>> "bgcolor=ivory" in draw(Value(2.0) * 3.0, theme=Theme(paper="ivory")).source
    True
    """

    paper: str = "white"
    """The ground, and the filling of computed values."""
    ink: str = "black"
    """Texts, and the outline of computed values."""
    line: str = "#555555"
    """Edges."""
    leaf: tuple[str, str] = ("#D9EEF9", "#0072B2")
    """Leaves."""
    parameter: tuple[str, str] = ("#FCE8C8", "#D55E00")
    """Leaves that are parameters of a network."""
    constant: tuple[str, str] = ("#F2F2F2", "#777777")
    """Numbers that are no Values."""
    op: tuple[str, str] = ("#E6E6E6", "#777777")
    """Ops."""
    cluster: tuple[str, str] = ("#F7F7F7", "#999999")
    """Frames, and the boxes of what is folded."""
    forward: str = "#0072B2"
    """Values on the edges of "circuit"."""
    backward: str = "#D55E00"
    """Gradients and derivatives on edges."""
    positive: str = "#0072B2"
    """Edges of "flow" through which something positive came back."""
    negative: str = "#D55E00"
    """Edges of "flow" through which something negative came back."""
    mark: str = "#009E73"
    """A path that is shown."""
    faint: str = "#B0B0B0"
    """What steps back."""
    dark: Theme | None = None
    """The theme for dark pages, if the picture follows the page that it is on (an SVG does; others are light)."""


THEMES = {
    "light": Theme(),
    "dark": Theme(
        paper="#1E1E1E",
        ink="#F0F0F0",
        line="#A0A0A0",
        leaf=("#123A52", "#56B4E9"),
        parameter=("#54300F", "#E69F00"),
        constant=("#333333", "#999999"),
        op=("#444444", "#AAAAAA"),
        cluster=("#272727", "#808080"),
        forward="#56B4E9",
        backward="#E69F00",
        positive="#56B4E9",
        negative="#E69F00",
        mark="#2CC09A",
        faint="#606060",
    ),
}
THEMES["auto"] = Theme(dark=THEMES["dark"])
COLOURS = [name for name in Theme._fields if name != "dark"]


def theme_of(theme: object) -> Theme:
    """The theme of that name, or one of one's own; raises `DiagramError` for anything else."""
    if not isinstance(theme, Theme):
        return THEMES[one_of("theme", theme, THEMES, "a Theme, as autograd_core.diagram.Theme(paper='ivory')")]
    for name in COLOURS:
        given, like = getattr(theme, name), getattr(THEMES["light"], name)
        colours, count = (given, 2) if isinstance(like, tuple) else ((given,), 1)
        if not (isinstance(colours, tuple) and len(colours) == count and all([isinstance(x, str) for x in colours])):
            raise DiagramError(f"{name} of a Theme must be as {like!r}, got {given!r:.60}")
    if theme.dark is not None:
        if not isinstance(theme.dark, Theme) or theme.dark.dark is not None:
            raise DiagramError(f"dark of a Theme must be a Theme that has no dark one itself, got {theme.dark!r:.60}")
        theme_of(theme.dark)
    return theme
