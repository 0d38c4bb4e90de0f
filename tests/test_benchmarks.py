"""The benchmarks as a command: what it prints, and the pages of numbers that it writes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import benchmarks.__main__ as command

ROW = ("what", "1 ns", "a peer 2 ns", "2.0 x", "")


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(command, "NUMBERS", tmp_path)
    monkeypatch.setitem(command.BENCHMARKS, "growth", lambda: iter([ROW]))
    return tmp_path


def test_a_table_is_printed(numbers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["growth"])
    assert "| what | 1 ns | a peer 2 ns | 2.0 x |  |" in capsys.readouterr().out.splitlines()
    assert not list(numbers.iterdir())


def test_a_page_says_when_and_where_and_with_what_its_table_was_measured(numbers: Path) -> None:
    command.main(["growth", "--write"])
    where, _, head, _, *rows = (numbers / "growth.md").read_text(encoding="utf-8").splitlines()
    assert where.startswith(time.strftime("%Y-"))
    assert re.search(r"Python \d+\.\d+\.\d+, \w+", where)
    assert head.startswith("| what | ours |")
    assert rows == ["| what | 1 ns | a peer 2 ns | 2.0 x |  |"]


def test_a_benchmark_that_fails_leaves_the_page_as_it_was(numbers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> object:
        yield ROW
        raise ArithmeticError("the results differ")

    (numbers / "growth.md").write_text("as before")
    monkeypatch.setitem(command.BENCHMARKS, "growth", fails)
    with pytest.raises(ArithmeticError):
        command.main(["growth", "--write"])
    assert (numbers / "growth.md").read_text() == "as before"


def test_every_benchmark_has_its_page_and_every_page_its_benchmark() -> None:
    assert {path.stem for path in command.NUMBERS.glob("*.md")} == set(command.BENCHMARKS)
    shown = re.findall(r"\{include\} numbers/(\w+)\.md", (command.NUMBERS.parent / "numbers.md").read_text("utf-8"))
    assert sorted(shown) == sorted(command.BENCHMARKS)
