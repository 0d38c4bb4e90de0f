"""Golden files: texts that stay as they are until a commit says why they change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
MOST_LINES = 40
"""Of a difference, that are shown."""


def assert_golden(texts: Mapping[str, str], folder: str | None = None) -> None:
    """The texts are those of the golden files of these names; in a `folder` there are no others.

    With UPDATE_GOLDEN in the environment they are written.
    """
    root = GOLDEN / (folder or "")
    others = {path.name for path in root.glob("*") if folder} - texts.keys()
    if os.environ.get("UPDATE_GOLDEN"):
        root.mkdir(parents=True, exist_ok=True)
        for name in others:
            (root / name).unlink()
        for name, text in texts.items():
            (root / name).write_text(text, encoding="utf-8")
        return
    differing = [
        *(part for name, text in texts.items() for part in differences(root / name, text)),
        *(f"{root / name}: not among the texts any more" for name in sorted(others)),
    ]
    if differing:
        test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
        differing.append(
            f"If this is intended: UPDATE_GOLDEN=1 python -m pytest {test}, read the difference, say why in the commit"
        )
        pytest.fail("\n\n".join(differing), pytrace=False)


def differences(path: Path, text: str) -> Iterator[str]:
    """How a text differs from its golden file, if it does."""
    if not path.exists():
        yield f"{path}: no such golden file yet, found\n{text.rstrip()}"
    elif text != (golden := path.read_text(encoding="utf-8")):
        lines = unified_diff(golden.splitlines(), text.splitlines(), "golden", "found", lineterm="")
        yield "\n".join([f"{path}:", *islice(lines, MOST_LINES)])
