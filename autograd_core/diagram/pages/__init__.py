"""What the pages share: one file each, in English and German, light and dark, on screens of any width and on paper.

common.css, common.js   looks; language, numbers, zoom, deep links
texts.json              their texts
names                   what pages call the nodes of a graph

A page is a folder with ``page.html``, ``page.css``, ``page.js`` and ``texts.json``; `assembled` puts it together.
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


def assembled(folder: Path, data: Mapping[str, Any], parts: Mapping[str, str] | None = None) -> str:
    """The page in `folder`, as one text that needs no network.

    ``/*STYLE*/``, ``/*DATA*/`` and ``/*SCRIPT*/`` of its ``page.html`` are filled with the shared and its own looks,
    with `data` and the texts, and with the shared and its own program; `parts` are further
    marks, between the first two.
    """
    texts = [json.loads((place / "texts.json").read_text(encoding="utf-8")) for place in (COMMON, folder)]
    in_languages = {language: {**texts[0][language], **texts[1][language]} for language in LANGUAGES}
    both = {name: (COMMON / f"common.{name}", folder / f"page.{name}") for name in ("css", "js")}
    written = {name: "\n".join([path.read_text(encoding="utf-8") for path in paths]) for name, paths in both.items()}
    marks = {
        "/*STYLE*/": written["css"],
        **(parts or {}),
        "/*DATA*/": as_json({**data, "texts": in_languages}),
        "/*SCRIPT*/": written["js"],
    }
    return filled((folder / "page.html").read_text(encoding="utf-8"), marks)
