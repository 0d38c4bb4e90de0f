"""The conventions at kinks, read from the table in the documentation: one row, one test."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import autograd_core as ag

PAGE = Path(__file__).parent.parent / "docs" / "explain" / "kinks.md"
ROW = re.compile(r"^\| `(?P<expression>[^`]+)` \| (?P<at>[^|]+) \| (?P<ours>[^|]+) \|", re.MULTILINE)


def rows() -> list[tuple[str, dict[str, float], list[float]]]:
    section = PAGE.read_text(encoding="utf-8").split("## Conventions")[1]
    found = []
    for row in ROW.finditer(section):
        at = dict(part.split(" = ") for part in row["at"].strip().split(", "))
        found.append(
            (
                row["expression"],
                {n: float(v) for n, v in at.items()},
                [float(g) for g in row["ours"].strip(" ()").split(", ")],
            )
        )
    return found


@pytest.mark.parametrize(("expression", "at", "gradient"), rows())
def test_convention_at_the_kink(expression: str, at: dict[str, float], gradient: list[float]) -> None:
    function = eval(f"lambda {', '.join(at)}: {expression}", vars(ag))  # our own page
    assert list(ag.grad(function, argnums=range(len(at)))(*at.values())) == gradient
    report = ag.check_grad(function, *at.values(), orders=(1,))
    assert report.kinks
    assert report


def test_every_op_with_a_kink_has_a_row() -> None:
    text = " ".join(expression for expression, _, _ in rows())
    for name in ("relu", "relu6", "leaky_relu", "elu", "selu", "hardtanh", "hard_sigmoid", "abs", "maximum", "minimum",
                 "max", "min", "clip", "hypot", "norm", "atan2", "sign", "floor", "ceil", "round", "trunc", "copysign", "where"):  # fmt: skip
        assert re.search(rf"\b{name}\(", text), name


def test_of_nan_the_gates_let_nothing_through() -> None:
    for f in (ag.relu, ag.relu6, ag.hardtanh, lambda x: ag.clip(x, 0.0, 1.0), lambda x: ag.maximum(x, 0.0), ag.max):
        assert ag.grad(f)(math.nan) == 0.0
