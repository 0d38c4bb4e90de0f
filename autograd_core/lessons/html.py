r"""Notebooks as HTML pages whose formulas need no network: ``jupyter nbconvert --to html_offline lesson.ipynb``.

Pages as nbconvert makes them leave formulas to MathJax, a script that is fetched whenever the page is looked at. Here
they are MathML. JupyterLab lists the exporter under File, Save and Export Notebook As. It looks for formulas where
MathJax does: in texts, between dollars and in environments, never in code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import MissingPackageError
from .mathml import mathml, numbered

try:
    from bs4 import BeautifulSoup
    from nbconvert import HTMLExporter
except ImportError:
    raise MissingPackageError(
        "notebooks become pages by nbconvert: pip install nbconvert, or 'autograd-core[notebooks]'"
    ) from None

__all__ = ["OfflineHTML", "page", "with_mathml"]

BLOCK = (
    r"\$\$(?P<dollars>.+?)\$\$|\\\[(?P<brackets>.+?)\\\]|(?P<whole>\\begin\{(?P<name>\w+\*?)\}.+?\\end\{(?P=name)\})"
)
INLINE = r"(?<!\\)\$(?P<dollar>[^$]+?)(?<!\\)\$|\\\((?P<round>.+?)\\\)"
FORMULA = re.compile(f"{BLOCK}|{INLINE}", re.DOTALL)
FETCHING = re.compile(r"MathJax|\bhttps?://\S+\.m?js\b")
CODE = ("code", "pre", "script", "style", "textarea", "svg", "math")
STYLE = "math[display=block] { margin: 0.6em 0; padding: 0.3em 0; overflow: auto hidden; max-width: 100%; }"


class OfflineHTML(HTMLExporter):  # type: ignore[misc, unused-ignore]  # nbconvert says nothing of its types
    """nbconvert's HTML with formulas as MathML; it fetches nothing but what outputs ask for."""

    export_from_notebook = "HTML, formulas without a network"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """The page, and nbconvert's resources."""
        html, resources = super().from_notebook_node(nb, resources, **kw)
        return with_mathml(html), resources


def page(notebook: Path, language: str = "en") -> str:
    """The page of a notebook with the outputs that it has."""
    exporter: Any = OfflineHTML  # nbconvert's classes are made by functions without types
    return str(exporter(language_code=language).from_filename(str(notebook))[0])


def with_mathml(html: str) -> str:
    r"""A page with its formulas as MathML, without the scripts that its head would fetch; outputs keep theirs.

    >>> text = with_mathml("<p>where <b>$x$</b> is <code>$x$</code></p>")
    >>> "<b><math" in text, "<code>$x$</code>" in text
    (True, True)
    """
    soup = BeautifulSoup(html, "html.parser")
    for script in soup.select("head script"):
        if FETCHING.search(f"{script.get('src', '')} {script.string}"):
            script.decompose()
    for text in soup.find_all(string=FORMULA):
        if text.find_parent(CODE) is None:
            text.replace_with(BeautifulSoup(_drawn(str(text)), "html.parser"))
    if soup.head is not None:
        style = soup.new_tag("style")
        style.string = STYLE
        soup.head.append(style)
    return str(soup)


def _drawn(text: str) -> str:
    """A text as HTML, with its formulas drawn."""
    parts, end = [], 0
    for found in FORMULA.finditer(text):
        parts += [_escaped(text[end : found.start()]), _formula(found)]
        end = found.end()
    return "".join([*parts, _escaped(text[end:])])


def _formula(found: re.Match[str]) -> str:
    """A formula, drawn; what is no LaTeX, such as one still being written, stays as it is."""
    block = found["dollars"] or found["brackets"] or found["whole"]
    try:
        return mathml(numbered(block), "block") if block else mathml(found["dollar"] or found["round"], "inline")
    except MissingPackageError:
        raise
    except Exception:  # latex2mathml has many, without a common base
        return _escaped(found[0])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
