"""The colours of pictures, by what they are for.

Tints of Okabe and Ito's palette, which colour-blind readers can tell apart. No meaning is carried by colour alone:
leaves, parameters, constants and roots also differ in their outlines, directions in place, signs in dashes, so that a
picture survives a black-and-white printer.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DiagramError

__all__ = ["Theme", "theme_named"]


class Theme(NamedTuple):
    """Colours: pairs are filling and outline."""

    paper: str
    ink: str
    line: str
    leaf: tuple[str, str]
    parameter: tuple[str, str]
    constant: tuple[str, str]
    op: tuple[str, str]
    cluster: tuple[str, str]
    forward: str
    backward: str
    positive: str
    negative: str
    mark: str
    faint: str


THEMES = {
    "light": Theme(
        paper="white",
        ink="black",
        line="#555555",
        leaf=("#D9EEF9", "#0072B2"),
        parameter=("#FCE8C8", "#D55E00"),
        constant=("#F2F2F2", "#777777"),
        op=("#E6E6E6", "#777777"),
        cluster=("#F7F7F7", "#999999"),
        forward="#0072B2",
        backward="#D55E00",
        positive="#0072B2",
        negative="#D55E00",
        mark="#009E73",
        faint="#B0B0B0",
    ),
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


def theme_named(name: str) -> Theme:
    """The theme of that name; raises `DiagramError` if there is none."""
    try:
        return THEMES[name]
    except (KeyError, TypeError):
        raise DiagramError(f"there is no theme {name!r:.40}; choose one of {', '.join(map(repr, THEMES))}") from None
