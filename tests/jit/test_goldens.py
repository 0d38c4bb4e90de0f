"""What every stage of the compiler makes of fifteen functions is what it made of them before.

A golden file is named by its stage; in which order stages come, `explain` shows.
"""

from __future__ import annotations

from pathlib import Path

import goldens
import pytest
from goldens import assert_golden
from jit.examples import CASES
from jit.stages import stages


@pytest.mark.parametrize("name", CASES)
def test_every_stage_is_the_golden_one(name: str) -> None:
    function, args = CASES[name]
    assert_golden({f"{stage}.txt": f"{text}\n" for stage, text in stages(function, *args)}, f"compiler/{name}")


def test_a_difference_is_told_stage_by_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goldens, "GOLDEN", tmp_path)
    before = {"trace.txt": "v0 = sin(x)\n", "simplify.txt": "v0 = sin(x)\n", "plan.txt": "once\n"}
    with monkeypatch.context() as updating:
        updating.setenv("UPDATE_GOLDEN", "1")
        assert_golden(before, "case")
    monkeypatch.delenv("UPDATE_GOLDEN", raising=False)
    assert_golden(before, "case")
    after = {"trace.txt": "v0 = sin(x)\n", "simplify.txt": "v0 = cos(x)\n", "lower.txt": "v0 = sin(x)\n"}
    with pytest.raises(pytest.fail.Exception) as failure:
        assert_golden(after, "case")
    simplify, lower, plan, advice = str(failure.value).split("\n\n")
    assert simplify.splitlines()[-2:] == ["-v0 = sin(x)", "+v0 = cos(x)"]
    assert lower.startswith(f"{tmp_path / 'case' / 'lower.txt'}: no such golden file yet")
    assert plan == f"{tmp_path / 'case' / 'plan.txt'}: not among the texts any more"
    assert "UPDATE_GOLDEN=1 python -m pytest tests/jit/test_goldens.py, read the difference" in advice
