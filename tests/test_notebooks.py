"""The lessons: all run from top to bottom, and are committed with what they show; so do the solutions of their exercises."""

from __future__ import annotations

import ast
import base64
import io
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from lessons import LESSONS, NOTEBOOKS, executed, named
from marks import slow
from PIL import Image

ROOT = Path(__file__).parent.parent
FIRST = [path for path in LESSONS if path.stem == "1_graphs_and_grad_table"]
"""In each language."""

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=named)
every_run = pytest.mark.parametrize("path", slow(LESSONS, but=FIRST), ids=named)


def solutions(notebook: Any) -> list[str]:
    """The code of the folded solutions."""
    folded = [cell.source for cell in notebook.cells if cell.source.startswith("<details>")]
    return [re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0] for text in folded]


@cache
def run(path: Path) -> tuple[Any, list[str]]:
    """A lesson as it is after a run, and what the checks say of its solutions, which are run behind it."""
    lesson = nbformat.read(path, as_version=4)
    count = len(lesson.cells)
    lesson.cells += map(nbformat.v4.new_code_cell, solutions(lesson))
    with TemporaryDirectory() as folder:
        executed(lesson, folder)
    said = [cell.outputs[-1].data["text/plain"] for cell in lesson.cells[count:]]
    lesson.cells = lesson.cells[:count]
    return lesson, said


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


@every_run
def test_a_lesson_runs_from_top_to_bottom_and_shows_what_is_committed(path: Path) -> None:
    committed, again = nbformat.read(path, as_version=4), run(path)[0]
    assert texts(again) == texts(committed)
    assert labels(again) == labels(committed)
    assert pages(again) == pages(committed)


@every_run
def test_the_solutions_are_right(path: Path) -> None:
    said = run(path)[1]
    assert len(said) >= 3
    assert [text for text in said if not text.startswith(("Right: ", "Richtig: "))] == []


@every_lesson
def test_a_lesson_is_committed_with_a_picture_and_without_the_machine_that_ran_it(path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    kinds = [kind for output in outputs(committed) for kind in output.get("data", {})]
    assert {"image/svg+xml", "image/png"} & set(kinds), "a lesson has a picture"
    assert not any(output.output_type == "error" for output in outputs(committed))
    assert path.stat().st_size < 1_500_000
    assert not any("execution" in cell.metadata for cell in committed.cells), "its times; see CONTRIBUTING"
    assert committed.metadata.language_info == {"name": "python"}


@every_lesson
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
    rows = re.findall(r"^\| \[.+\]\(\.\./\.\./notebooks/([\w/]+)\.ipynb\) \| .+ \|$", index, re.MULTILINE)
    toctree = index.split("```{toctree}\n:hidden:\n\n")[1].removesuffix("```\n").split()
    assert rows == toctree
    assert sorted(rows) == [named(path) for path in LESSONS]
    assert rows == sorted(rows, key=lambda name: (name.startswith("de/"), name)), "as in the names of the files"


@every_lesson
def test_a_lesson_begins_with_its_title_and_says_what_to_expect(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source) > 100


def exercises(notebook: Any) -> list[list[Any]]:
    """Each exercise's cells: what is asked, the answer, the solution."""
    starts = [k for k, cell in enumerate(notebook.cells) if re.match(r"\*\*(Exercise|Aufgabe) \d", cell.source)]
    return [notebook.cells[k : k + 3] for k in starts]


def test_there_are_25_exercises_and_18_of_them_in_german() -> None:
    counts = {named(path): len(exercises(nbformat.read(path, as_version=4))) for path in LESSONS}
    assert sum(count for name, count in counts.items() if "/" not in name) == 25
    assert {name: count for name, count in counts.items() if "/" in name} == {
        f"de/{name}": counts[name] for name in sorted(counts)[:5]
    }


@every_lesson
def test_an_exercise_has_a_check_and_a_folded_solution(path: Path) -> None:
    for number, (asked, answer, solution) in enumerate(exercises(nbformat.read(path, as_version=4)), 1):
        assert re.match(rf"\*\*(Exercise|Aufgabe) {number}\.\*\* ", asked.source)
        assert f"\ncheck({number}, " in f"\n{answer.source}"
        (said,) = answer.outputs
        assert re.match(
            rf"(Exercise {number}: not answered yet|Aufgabe {number}: noch offen)\.", said.data["text/plain"]
        )
        assert re.match(r"<details>\n<summary>(Solution|Lösung)</summary>\n\n", solution.source)
        assert solution.source.endswith("\n\n</details>")


@every_lesson
def test_a_lesson_is_a_lecture(path: Path) -> None:
    """What `nbconvert --to slides` makes of it: a section begins a slide, answers are left out, solutions are notes."""
    lesson = nbformat.read(path, as_version=4)
    types = [cell.metadata.slideshow.slide_type for cell in lesson.cells]
    assert types[0] == "slide"
    assert set(types) == {"slide", "subslide", "fragment", "notes", "skip"}
    for cell, kind in zip(lesson.cells, types, strict=True):
        assert (kind == "slide") == (cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))), (
            cell.source
        )
    for asked, answer, solution in exercises(lesson):
        assert [cell.metadata.slideshow.slide_type for cell in (asked, answer, solution)] == [
            "subslide",
            "skip",
            "notes",
        ]


def test_the_third_lesson_shows_the_prediction_as_the_lecture_writes_it() -> None:
    lesson = nbformat.read(NOTEBOOKS / "3_sine_by_heart.ipynb", as_version=4)
    shown = [text for cell in lesson.cells for text in (cell.source, *map(str, cell.get("outputs", [])))]
    assert not [text for text in shown if "y_hat" in text or "yhat" in text]
    data = [output.get("data", {}) for output in outputs(lesson)]
    for kind, letter in (("text/plain", "ŷ = "), ("text/latex", r"\hat{y} &= "), ("image/svg+xml", ">ŷ</text>")):
        assert any(letter in found.get(kind, "") for found in data), kind


def without_words(code: str) -> str:
    """Code without what people read in it: comments, and texts in which a word stands."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:
            is_text = isinstance(node.value, str) and re.search(r"[^\W\d_]{2}", node.value)
            return ast.Constant("words") if is_text else node

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
            values = [self.visit(value) for value in node.values if not isinstance(value, ast.Constant)]
            return ast.JoinedStr(values)

        def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
            return ast.FormattedValue(self.visit(node.value), node.conversion, None)

    return ast.dump(Blank().visit(ast.parse(code)))


GERMAN = [path for path in LESSONS if path.parent.name == "de"]


@pytest.mark.parametrize("path", GERMAN, ids=named)
def test_a_german_lesson_is_the_english_one_but_for_words(path: Path) -> None:
    german, english = (nbformat.read(lesson, as_version=4) for lesson in (path, NOTEBOOKS / path.name))
    assert [cell.cell_type for cell in german.cells] == [cell.cell_type for cell in english.cells]
    for one, other in zip(german.cells, english.cells, strict=True):
        assert one.metadata == other.metadata
        if one.cell_type == "code":
            assert without_words(one.source) == without_words(other.source)
            assert numbers(one) == numbers(other)
        else:
            assert one.source != other.source
            assert sorted(formulas(one.source)) == sorted(formulas(other.source))
    assert [without_words(code) for code in solutions(german)] == [without_words(code) for code in solutions(english)]


def numbers(cell: Any) -> list[str]:
    """The numbers in what a cell shows as text."""
    shown = [output.get("text") or output.data.get("text/plain", "") for output in cell.outputs]
    return re.findall(r"\d[\d.,]*(?:e[+-]?\d+)?", "".join(shown))


def formulas(text: str) -> list[str]:
    """Displayed formulas, without the words in them."""
    return [re.sub(r"\\text\{[^}]*\}", "", found) for found in re.findall(r"\$\$.*?\$\$", text, re.DOTALL)]
