"""What a style answers, checked in one place: each error names the class and the method, and says what to return.

    MyStyle.lines(x) must return a list of texts, got None; is a return missing?

A style of one's own is Python, and what Graphviz does not know it ignores silently.
"""

from __future__ import annotations

import re

from ..errors import DiagramError
from ..synonyms import close
from ..value import Value
from .styles import Style
from .texts import is_html, lines_of, tip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["attributes", "texts", "truth"]

ALL = """
class color colorscheme comment fillcolor fontcolor fontname fontsize href id label nojustify penwidth style target
tooltip URL xlabel
"""
OF_BOXES = """
fixedsize gradientangle group height image imagepos imagescale labelloc margin ordering orientation peripheries rects
regular shape sides skew width
"""
OF_EDGES = """
arrowhead arrowsize arrowtail constraint decorate dir edgehref edgetarget edgetooltip edgeURL headclip headhref
headlabel headport headtarget headtooltip headURL labelangle labeldistance labelfloat labelfontcolor labelfontname
labelfontsize labelhref labeltarget labeltooltip labelURL lhead ltail minlen samehead sametail tailclip tailhref
taillabel tailport tailtarget tailtooltip tailURL weight
"""
KNOWN = {
    **dict.fromkeys(("box", "op", "constant"), f"{ALL} {OF_BOXES}".split()),
    **dict.fromkeys(("wire", "bundle", "end"), f"{ALL} {OF_EDGES}".split()),
}
"""The attributes that Graphviz's `dot` has (graphviz.org/doc/info/attrs.html) for what each method is about."""


NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


def texts(style: Style, method: str, *args: Any) -> list[str]:
    """The lines that a method of the style returns; raises `DiagramError` for anything else."""
    answer = getattr(style, method)(*args)
    if not (isinstance(answer, (list, tuple)) and all([isinstance(text, str) for text in answer])):
        raise _refused(style, method, args, "a list of texts", answer)
    return list(answer)


def truth(style: Style, method: str, *args: Any) -> bool:
    """Whether a method of the style says yes; raises `DiagramError` if it says nothing."""
    answer = getattr(style, method)(*args)
    if answer is None:
        raise _refused(style, method, args, "True or False", answer)
    return bool(answer)


def attributes(style: Style, method: str, *args: Any) -> dict[str, str]:
    """The attributes that a method of the style returns, its texts as DOT shows them literally.

    Raises `DiagramError` for anything else, and for what is no attribute of Graphviz's.
    """
    answer, known = getattr(style, method)(*args), KNOWN[method]
    if not (isinstance(answer, dict) and all([isinstance(part, str) for item in answer.items() for part in item])):
        raise _refused(style, method, args, "a dict of texts, as {'color': 'red', 'label': '3.0'}", answer)
    for name in answer:
        if name not in known:
            similar = close(name, known)
            hint = f"; did you mean {similar!r}?" if similar else ""
            raise DiagramError(f"{_call(style, method, args)}: Graphviz has no attribute {name!r:.40} there{hint}")
    if not NUMBER.fullmatch(answer.get("penwidth", "1")):
        raise _refused(style, method, args, "a penwidth in points, as '2.5'", answer["penwidth"])
    return {name: _literal(name, text) for name, text in answer.items()}


def _literal(name: str, text: str) -> Any:
    if name.endswith("tooltip"):
        return tip(text)
    return lines_of([text]) if name.endswith("label") and not is_html(text) else text


def _refused(style: Style, method: str, args: tuple[Any, ...], expected: str, answer: object) -> DiagramError:
    hint = "; is a return missing?" if answer is None else ""
    return DiagramError(f"{_call(style, method, args)} must return {expected}, got {answer!r:.60}{hint}")


def _call(style: Style, method: str, args: tuple[Any, ...]) -> str:
    shown = [style.name(x) if isinstance(x, Value) else str(x) if isinstance(x, int) else "[...]" for x in args]
    return f"{type(style).__name__}.{method}({', '.join(shown)})"
