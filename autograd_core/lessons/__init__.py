"""The lessons: notebooks that come with the package, and checks for their exercises.

verdicts   what is said about an answer, and how it is found
exercises  what is right in each exercise, and which mistakes are known: a file per lesson
html       notebooks as HTML pages whose formulas need no network
mathml     LaTeX as MathML, which browsers draw themselves

The notebooks stand in ``notebooks``, at the root of the repository; an installed package has them inside.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import LessonError
from .exercises import Check
from .verdicts import Feedback

__all__ = ["Check", "Feedback", "copy", "notebooks"]

LANGUAGES = {"en": ".", "de": "de"}
"""Folders below that of the notebooks; in German there are the lessons on lecture texts, which are German."""


def notebooks(language: str = "en") -> list[Path]:
    """The lessons in a language, in the order in which they build on each other.

    >>> [path.stem for path in notebooks("de")][:2]
    ['1_graphs_and_grad_table', '2_chain_rules_and_logistic_regression']

    Raises `LessonError` for another language, and where the notebooks are missing.
    """
    if language not in LANGUAGES:
        raise LessonError(f"there are no lessons in {language!r:.40}; choose from {', '.join(LANGUAGES)}")
    package = Path(__file__).parent.parent
    folders = [place / "notebooks" / LANGUAGES[language] for place in (package, package.parent)]
    found = next((paths for folder in folders if (paths := sorted(folder.glob("[0-9]_*.ipynb")))), None)
    if found is None:
        raise LessonError(
            f"the notebooks are not in {package / 'notebooks'}, where an installation has them: install again"
        )
    return found


def copy(directory: str | Path, language: str = "en", *, as_html: bool = False, overwrite: bool = False) -> list[Path]:
    """Put the lessons into a directory, which is made if it is not there, and return where they stand now.

    as_html: pages to read in place of notebooks to work in; needs nbconvert and latex2mathml.

    Raises `LessonError`, before anything is written, for files that are there already, unless `overwrite` is true.
    """
    lessons = notebooks(language)
    to = [Path(directory, lesson.name).with_suffix(".html" if as_html else ".ipynb") for lesson in lessons]
    if not overwrite and (there := [path for path in to if path.exists()]):
        more = f" and {len(there) - 1} more" if there[1:] else ""
        raise LessonError(
            f"{there[0]}{more} would be overwritten; choose another directory, or say --force (overwrite=True)"
        )
    if as_html:
        from .html import page

        texts = [page(lesson, language) for lesson in lessons]
    else:
        texts = [lesson.read_text(encoding="utf-8") for lesson in lessons]
    Path(directory).mkdir(parents=True, exist_ok=True)
    for path, text in zip(to, texts, strict=True):
        path.write_text(text, encoding="utf-8", newline="\n")
    return to
