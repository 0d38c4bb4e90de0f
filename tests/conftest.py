"""Programs that not every machine has: tests ask for them as fixtures.

Without its program a test is skipped; with ``REQUIRE_PROGRAMS=1`` in the environment, as in the gate, it fails. What asks
for a browser or for LaTeX is marked slow, and so is what runs on a backend of `EXTERNAL`.
"""

from __future__ import annotations

import os
import shutil

import pytest
from jit.support import EXTERNAL

SLOW = {"chromium", "pdflatex"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW.intersection(getattr(item, "fixturenames", ())) or program_of(item):
            item.add_marker(pytest.mark.slow)


def program_of(item: pytest.Item) -> str | None:
    """The fixture of the program that runs the backend among the test's parameters, if that needs one."""
    callspec = getattr(item, "callspec", None)
    backend = None if callspec is None else callspec.params.get("backend")
    return EXTERNAL.get(backend) if isinstance(backend, str) else None


@pytest.fixture(autouse=True)
def program(request: pytest.FixtureRequest) -> None:
    if (name := program_of(request.node)) is not None:
        request.getfixturevalue(name)


def found(package: str, *names: str) -> str:
    """The path of the first of these programs that there is; one comes with that package of Debian's."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        end = pytest.fail if os.environ.get("REQUIRE_PROGRAMS") else pytest.skip
        end(f"no {names[0]} on this machine: apt-get install {package}, and this test runs")
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    return found("chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def pdflatex() -> str:
    return found("texlive-latex-base", "pdflatex")


@pytest.fixture(scope="session")
def c_compiler() -> str:
    return found("gcc", "cc", "gcc", "clang")


@pytest.fixture(scope="session")
def node() -> str:
    return found("nodejs", "node")
