"""Runs the lessons, and stores what they show:

    python tests/lessons.py              all of them, in every language
    python tests/lessons.py 1 de/3       lesson 1, and lesson 3 in German

Outputs are stored without the times and the version of the machine that ran them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograd_core.lessons import notebooks

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LESSONS = [*notebooks("en"), *notebooks("de")]


def named(path: Path) -> str:
    """A lesson as it is called here: 1_graphs_and_grad_table, de/1_graphs_and_grad_table."""
    return path.relative_to(NOTEBOOKS).with_suffix("").as_posix()


def executed(lesson: Any, folder: str | Path) -> Any:
    """A lesson, run from top to bottom in a folder; what it shows replaces what it showed."""
    settings = {"timeout": 120, "record_timing": False, "coalesce_streams": True}
    NotebookClient(lesson, resources={"metadata": {"path": str(folder)}}, **settings).execute()
    lesson.metadata.language_info = {"name": "python"}
    return lesson


def main(numbers: list[str]) -> None:
    lessons = {named(path).partition("_")[0]: path for path in LESSONS}
    if foreign := set(numbers) - set(lessons):
        sys.exit(f"there is no lesson {foreign.pop()}; choose from {', '.join(lessons)}")
    for path in map(lessons.__getitem__, numbers or lessons):
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(nbformat.read(path, as_version=4), folder), path)
        print(f"{path.stat().st_size:>9,} bytes  {named(path)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
