"""What the pages share: one file each, in English and German, light and dark, on screens of any width and on paper.

common.html             what is around the body
common.css, common.js   looks; language, numbers, zoom, deep links
texts.json              their texts
names                   what pages call the nodes of a graph

A page is a folder with ``page.html``, its body, ``page.css``, ``page.js`` and ``texts.json``; `assembled` puts it
together.
"""

from __future__ import annotations

import json
from pathlib import Path

from ...settings import LANGUAGES, one_of
from ..template import as_json, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["assembled", "checked_language"]

COMMON = Path(__file__).parent


def checked_language(language: str | None) -> str | None:
    """The language a page begins in; None is that of the reader's browser. Raises `DiagramError` for any other."""
    return None if language is None else one_of("language", language, LANGUAGES, "None for the browser's")


def assembled(folder: Path, data: Mapping[str, Any], parts: Mapping[str, str], colours: str = "") -> str:
    """The page in `folder`, as one text that needs no network.

    It has the shared and its own looks, with rules for the `colours` of what is drawn, `data` and the texts, and the
    shared and its own program; `parts` are the marks in its body.
    """
    texts = [json.loads(_read(place / "texts.json")) for place in (COMMON, folder)]
    in_languages = {language: {**texts[0][language], **texts[1][language]} for language in LANGUAGES}
    frame, body = _read(COMMON / "common.html"), _read(folder / "page.html")
    both = {name: [_read(COMMON / f"common.{name}"), _read(folder / f"page.{name}")] for name in ("css", "js")}
    marks = {
        "/*STYLE*/": "\n".join([*both["css"], *[colours] * bool(colours)]),
        **parts,
        "/*DATA*/": as_json({**data, "texts": in_languages}),
        "/*SCRIPT*/": "\n".join(both["js"]),
    }
    return filled(frame.replace("<!--BODY-->\n", body), marks)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
