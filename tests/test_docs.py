"""The documentation: every snippet is executed, every link leads somewhere, every public name is described."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.parse import urlparse

import pytest

import autograd_core as ag
import nn
from autograd_core.cli import main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "autograd_core" / "jit" / "README.md"),
    *(page for page in sorted(DOCS.rglob("*.md")) if page.parent.name != "work" or page.stem == "index"),
]
FENCE = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)|src(?:set)?=\"(?P<source>[^\"]+)\"")
SET_UP = re.compile(
    r"\S*python3? -m (venv|pip|pytest|autograd_core|nn)\b|\. \.venv/bin/activate$"
)  # `.ci/run` executes those


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def fences(page: Path) -> Iterator[tuple[str, str]]:
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield fence["language"].strip(), fence["text"]


def text_of(page: Path) -> str:
    """A page without its snippets."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_snippet_is_one_that_is_executed(page: Path) -> None:
    for language, text in fences(page):
        if language == "python":
            assert text.startswith(">>> "), text  # by doctest, which reads all pages
        elif language == "sh":
            assert all(line.startswith("python -m autograd_core ") or SET_UP.match(line) for line in text.splitlines())
        elif language == "c":
            assert page.name == "c.md"
        else:
            assert language in ("", "text") or language.startswith("{"), text
            assert ">>> " not in text


def test_docstrings_of_one_folder_are_tested_alone() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "autograd_core/jit/__init__.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout


COMMANDS = [line for page in PAGES for language, text in fences(page) if language == "sh" for line in text.splitlines()]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("python -m autograd_core ")])
def test_a_command_of_the_documentation_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = re.findall(r'"[^"]*"|\S+', line)
    assert main([word.strip('"') for word in words[3:]]) == 0
    assert [path.name for path in tmp_path.iterdir()] == words[words.index("-o") + 1 :] if "-o" in words else True


def test_the_c_program_prints_what_its_page_says(c_compiler: str, tmp_path: Path) -> None:
    page = DOCS / "howto" / "c.md"
    blocks = dict(fences(page))
    function = blocks["python"].split('"f_and_df"))\n')[1].replace("<BLANKLINE>", "")
    (tmp_path / "main.c").write_text(function + blocks["c"])
    command = next(span for span in re.findall(r"`([^`\n]+)`", page.read_text("utf-8")) if span.startswith("cc "))
    subprocess.run([c_compiler, *command.split()[1:]], cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "a.out"], capture_output=True, text=True, check=True).stdout
    assert printed == blocks["text"]


def anchors(page: Path) -> set[str]:
    """What a link to a heading ends in, as code hosts and the site make it."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for found in LINK.finditer(text_of(page)):
        target = found["target"] or found["source"]
        if re.match(r"\w+:", target):
            assert urlparse(target).scheme == "https", target
            assert "." in urlparse(target).netloc, target
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        assert to.exists(), target
        assert not anchor or anchor in anchors(to), target


PATHS = {
    str(path.relative_to(ROOT))
    for room in (".ci", "autograd_core", "benchmarks", "docs", "nn", "notebooks", "tests")
    for path in (ROOT / room, *(ROOT / room).rglob("*"))
}
MADE = (".venv/", "build/")
"""Where the commands of the pages put what they make."""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    """From the root, or as a room is called: `jit/passes`."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for path in re.findall(r"`([\w.-]+/[\w./-]*)`", text):
        is_there = any(f"/{found}".endswith(f"/{path.rstrip('/')}") for found in PATHS)
        assert is_there or path.startswith(MADE), path


def public(module: ModuleType) -> set[str]:
    """The names of a module that are for users: those that it lists, else those that it defines."""
    own = {n for n, x in vars(module).items() if getattr(x, "__module__", None) == module.__name__ and n[0] != "_"}
    return set(getattr(module, "__all__", own))


def described(folder: Path) -> set[str]:
    """Full names of what the pages of the reference describe."""
    found = set()
    for page in sorted(folder.glob("*.md")):
        module = ""
        for language, text in fences(page):
            if language.startswith("{ops}"):
                found |= {f"autograd_core.{line.split(':')[0]}" for line in text.splitlines()}
            for directive, name, options in re.findall(r"^\.\. ([\w:]+):: (\S+)\n((?:   .*\n)*)", text, re.MULTILINE):
                members = re.search(r":members:(.*)", options)
                if directive == "currentmodule":
                    module = name
                elif directive == "automodule":
                    module = name
                    if members:
                        listed = {member.strip() for member in members[1].split(",") if member.strip()}
                        found |= {f"{name}.{member}" for member in listed or public(import_module(name))}
                else:
                    found.add(name if name.startswith(("autograd_core.", "nn.")) else f"{module}.{name}")
    return found


MODULES = (
    *("autograd_core", "autograd_core.errors", "autograd_core.domain", "autograd_core.files", "autograd_core.forms"),
    *("autograd_core.graph", "autograd_core.lessons"),
    *("nn", "nn.errors", "nn.learning", "nn.matrix", "nn.pictures", "nn.schedules", "nn.sklearn"),
)


@pytest.mark.parametrize("module", MODULES)
def test_the_reference_describes_every_public_name(module: str) -> None:
    names = {f"{module}.{name}" for name in public(import_module(module))}
    assert names - described(DOCS / "reference") == set(MODULES) & names


def test_what_the_reference_describes_is_there() -> None:
    found = described(DOCS / "reference")
    assert len(found) > 200
    for name in found:
        parts = name.split(".")
        inside = next(k for k in range(len(parts), 0, -1) if is_module(".".join(parts[:k])))
        it: object = import_module(".".join(parts[:inside]))
        for part in parts[inside:]:
            it = getattr(it, part)


def is_module(name: str) -> bool:
    try:
        import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def test_modules_that_are_named_in_the_packages_are_in_the_reference() -> None:
    assert {f"autograd_core.{n}" for n in ag.__all__ if isinstance(getattr(ag, n), ModuleType)} <= set(MODULES)
    for name in ("learning", "matrix", "pictures", "schedules", "sklearn"):
        assert getattr(nn, name).__name__ in MODULES


def pictures() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    try:
        return import_module("pictures")
    finally:
        sys.path.remove(str(DOCS))


def texts(svg: str) -> list[str]:
    """What stands in a picture, and how often each mark was set; renderers differ in where."""
    return [*sorted(re.findall(r"<text[^>]*>(.*?)</text>", svg)), str(svg.count("<use "))]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pictures_are_what_the_library_draws(theme: str) -> None:
    drawn = pictures().PICTURES
    assert {path.name for path in (DOCS / "pictures").iterdir()} == {
        f"{n}-{t}.svg" for n in drawn for t in ("light", "dark")
    }
    for name, draw in drawn.items():
        kept = (DOCS / "pictures" / f"{name}-{theme}.svg").read_text(encoding="utf-8")
        assert texts(draw(theme)) == texts(kept), name
