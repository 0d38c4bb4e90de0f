"""What is built from the sources: a source distribution that holds all that git tracks, and a wheel that runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from lessons import NOTEBOOKS

ROOT = Path(__file__).parent.parent
BUILD = "import sys; from setuptools import build_meta; build_meta.build_{}(sys.argv[1])"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """The files that git tracks."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    shown = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in shown.split("\0") if name and (ROOT / name).exists()}


def built(kind: str, source: Path) -> Path:
    """The one distribution of that kind, made without a network."""
    found = source / "dist"
    subprocess.run([sys.executable, "-c", BUILD.format(kind), str(found)], cwd=source, capture_output=True, check=True)
    (path,) = found.iterdir()
    return path


@pytest.fixture(scope="module")
def unpacked(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source distribution, built in a copy of the files and unpacked."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    with tarfile.open(built("sdist", folder)) as file:
        file.extractall(folder / "unpacked", filter="data")
    (found,) = (folder / "unpacked").iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(unpacked: Path) -> Path:
    """A wheel, built from the source distribution."""
    return built("wheel", unpacked)


def test_the_source_distribution_holds_what_git_tracks(unpacked: Path, tracked: set[str]) -> None:
    found = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    made = {name for name in found if name.startswith(("autograd_core.egg-info/", "dist/", "build/"))}
    assert found - made == tracked | {"PKG-INFO", "setup.cfg"}


def test_the_wheel_holds_the_packages(wheel: Path, tracked: set[str]) -> None:
    found = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    packages = {name for name in tracked if name.startswith(("autograd_core/", "nn/"))}
    assert found == packages | {f"autograd_core/{name}" for name in tracked if name.startswith("notebooks/")}


def test_the_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    expression = ["x*y + sin(x)", "x=2", "y=3"]
    for command in (["grad"], ["step", "-o", "step.html"], ["draw", "-o", "graph.html"], ["lessons", "copies"]):
        arguments = [command[0], *(expression if command[0] != "lessons" else []), *command[1:]]
        subprocess.run([sys.executable, "-m", "autograd_core", *arguments], cwd=tmp_path, env=environment, check=True)
    code = "import autograd_core, nn; print(autograd_core.__file__, nn.__file__)"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == [str(tmp_path / "site" / name / "__init__.py") for name in ("autograd_core", "nn")]
    assert "<script" in (tmp_path / "step.html").read_text(encoding="utf-8")
    assert "<script" in (tmp_path / "graph.html").read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "copies").iterdir()} == {path.name for path in NOTEBOOKS.glob("*.ipynb")}
