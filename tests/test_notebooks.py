"""The lessons: all run from top to bottom, and are committed with what they show."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from marks import slow
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def texts(notebook: Any) -> list[str]:
    """What each cell says, without what differs from run to run (addresses, files of cells, times) and without what
    stands behind a picture: a history has all its digits."""
    found = []
    for cell in notebook.cells:
        parts = [
            output.get("text") or output.get("data", {}).get("text/plain", "")
            for output in cell.get("outputs", [])
            if "image/svg+xml" not in output.get("data", {})
        ]
        found.append(re.sub(r"0x[0-9a-f]+|\d{6,}\.py|\d+(\.\d+)? (s|ms|µs|ns)\b", "...", "".join(parts)))
    return found


def labels(notebook: Any) -> list[list[str]]:
    """What stands in each picture of a graph; renderers differ in where it stands. Matplotlib writes no text."""
    pictures = [
        output.data["image/svg+xml"] for output in outputs(notebook) if "image/svg+xml" in output.get("data", {})
    ]
    return [sorted(re.findall(r"<text[^>]*>(.*?)</text>", picture)) for picture in pictures]


def pages(notebook: Any) -> list[str]:
    """Tables and pages, without pictures and what differs from run to run, as in `texts`."""
    found = [output.data["text/html"] for output in outputs(notebook) if "text/html" in output.get("data", {})]
    return [re.sub(r"&lt;svg.*?&lt;/svg&gt;", "", page, flags=re.DOTALL) for page in found]


def test_there_are_lessons() -> None:
    assert LESSONS


@pytest.mark.parametrize(
    "path", slow(LESSONS, but=[ROOT / "notebooks" / "003_graphs_and_grad_table.ipynb"]), ids=lambda path: path.stem
)
def test_a_lesson_runs_from_top_to_bottom_and_shows_what_is_committed(path: Path, tmp_path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    again = nbformat.read(path, as_version=4)
    NotebookClient(again, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert texts(again) == texts(committed)
    assert labels(again) == labels(committed)
    assert pages(again) == pages(committed)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_committed_with_a_picture_and_without_the_machine_that_ran_it(path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    kinds = [kind for output in outputs(committed) for kind in output.get("data", {})]
    assert {"image/svg+xml", "image/png"} & set(kinds), "a lesson has a picture"
    assert not any(output.output_type == "error" for output in outputs(committed))
    assert path.stat().st_size < 1_500_000
    assert not any("execution" in cell.metadata for cell in committed.cells), "its times; see CONTRIBUTING"
    assert committed.metadata.language_info == {"name": "python"}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_picture_is_seen_before_anybody_trusts_the_notebook(path: Path) -> None:
    """An untrusted notebook, as in a fresh clone, shows no SVG, and a printed one has none."""
    pictures = [
        output.data
        for output in outputs(nbformat.read(path, as_version=4))
        if "image/svg+xml" in output.get("data", {})
    ]
    for data in pictures:
        assert len(data["image/png"]) <= 150_000
        with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
            assert max(image.size) <= 1_600


def test_every_lesson_has_its_place_in_the_order() -> None:
    index = (ROOT / "docs" / "learn" / "index.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[.+\]\(\.\./\.\./notebooks/(\w+)\.ipynb\) \| .+ \|$", index, re.MULTILINE)
    toctree = index.split("```{toctree}\n:hidden:\n\n")[1].removesuffix("```\n").split()
    assert rows == toctree
    assert sorted(rows) == [path.stem for path in LESSONS]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_begins_with_its_title_and_says_what_to_expect(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source) > 100
