"""What every stage of the compiler makes of fifteen functions is what it made of them before.

After an intended change: run once with UPDATE_GOLDEN=1, read the difference, and explain it in the commit.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jit.examples import CASES
from jit.stages import stages

GOLDEN = Path(__file__).parent.parent / "golden" / "compiler"


@pytest.mark.parametrize("name", CASES)
def test_every_stage_is_the_golden_one(name: str) -> None:
    function, args = CASES[name]
    found = dict(stages(function, *args))
    folder = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for k, (stage, text) in enumerate(found.items()):
            (folder / f"{k}_{stage}.txt").write_text(text + "\n", encoding="utf-8")
    golden = {path.stem.split("_", 1)[1]: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
    assert {stage: text + "\n" for stage, text in found.items()} == golden
