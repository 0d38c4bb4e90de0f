"""Rows and blocks of LaTeX: nothing is lost where a formula is broken, and only what can be broken is."""

from __future__ import annotations

import re
from random import Random

import pytest
from formulas.derivation.test_derive import random_expression, symbols
from formulas.readers import Latex
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.formulas.notation.rows import MOST_ROWS, aligned, rows_of
from autograd_core.graph import ancestors


def joined(rows: list[str]) -> str:
    """What the rows say in one line."""
    text = " ".join(row.replace("&", "").replace(r"\quad ", "") for row in rows)
    return " ".join(text.replace(r"\bigl", r"\left").replace(r"\bigr", r"\right").split())


@pytest.mark.parametrize("seed", slow(range(0, 200, 4), but=range(0, 200, 20)))
def test_rows_say_what_the_steps_said(seed: int) -> None:
    z, leaves = random_expression(seed)
    x = next(leaf for leaf in leaves if leaf in ancestors(z))
    for line in ag.derive(z, x).lines:
        rows = line.rows
        for row in rows:
            assert row.count("{") == row.count("}")
            assert row.count("&") == 1
        assert rows[0].startswith((f"{line.left.latex} &", f"&{line.left.latex}"))
    _, latexes = symbols(z, x)
    for line in ag.derive(z, x, digits=None).lines:
        for _, step in line.steps:
            latex = step.latex.partition(r" \quad (\text{as ")[0]
            said = joined(rows_of("z", [f"= {latex}"])).removeprefix("z =")
            assert Latex(said, latexes).value() == pytest.approx(line.value, rel=1e-9, abs=1e-9)


def test_what_is_wider_than_a_row_is_written_with_brackets() -> None:
    leaves = [Value(0.01 * k + 0.3, name=f"x_{k}") for k in range(1, 31)]
    w, total = Value(2.0, name="w"), ag.sum(leaves)
    names = {f"x_{{{k}}}": leaf.data for k, leaf in enumerate(leaves, 1)} | {"w": 2.0}
    for z, begin in (
        (w / total, r"w / \bigl("),
        (total / w, r"\frac{1}{w} \cdot \bigl("),
        (ag.sin(total / ag.sum([leaf + w for leaf in leaves[3:]])), r"\sin\bigl(\bigl("),
        (w * ag.sqrt(total), r"w \cdot \bigl("),
        (1 / ag.cbrt(total), r"1 / \bigl(\operatorname{cbrt}\bigl("),
        (ag.sqrt(total) ** 3, r"\bigl(x_{1}"),
        (ag.cbrt(-total) * w, r"\operatorname{cbrt}\bigl("),
        (ag.exp(ag.sqrt(total) / total), r"\exp\bigl(1 / \bigl(\bigl("),
        (ag.exp(-total), r"\exp\bigl(-x_{1}"),
        (ag.max(leaves), r"\max\bigl(x_{1}, "),
        (abs(total), r"\bigl|x_{1}"),
        (ag.floor(total), r"\bigl\lfloor x_{1}"),
        (ag.sqrt(ag.max(leaves) ** 2) * w, r"\bigl(\bigl(\max\bigl("),
        (ag.sqrt(2 * ag.max(leaves)), r"\bigl(2 \cdot \max\bigl("),
        (ag.exp(ag.max(leaves) / 3), r"\exp\bigl("),
        (ag.softmax(leaves)[2], r"e^{x_{3}} / \bigl("),
    ):
        rows = rows_of("z", [f"= {ag.latex(z)}"])
        assert len(rows) > 1
        assert rows[0].startswith(f"z &= {begin}")
        assert Latex(joined(rows).removeprefix("z ="), names).value() == pytest.approx(z.data, rel=1e-12)


def test_a_row_begins_with_the_sign_that_holds_least_together() -> None:
    product = r" \cdot ".join([f"x_{{{k}}}" for k in range(10)])
    rows = rows_of("z", ["= " + " + ".join([product] * 6)])
    assert len(rows) > 3
    assert all(row.startswith(r"&\quad + x_{0}") for row in rows[1:])


def test_brackets_around_a_break_are_no_pair_that_latex_would_miss() -> None:
    inside = " + ".join([f"x_{{{k}}}" for k in range(40)])
    rows = rows_of("z", [rf"= 2 \cdot \left({inside}\right) \cdot \left(a + b\right)"])
    assert rows[0].count(r"\bigl(") == 1
    assert rows[-1].count(r"\bigr)") == 1
    assert rows[-1].endswith(r"\left(a + b\right)")


def test_blocks_have_few_rows_and_lines_stay_whole_if_they_can() -> None:
    rng = Random(1)
    lines = [[f"a_{k} &= {i}" for i in range(rng.randint(1, 2 * MOST_ROWS))] for k in range(40)]
    text = aligned(lines)
    blocks = re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", text, re.DOTALL)
    found = [block.split(" \\\\\n") for block in blocks]
    assert [row for block in found for row in block] == [row for line in lines for row in line]
    assert max(map(len, found)) <= MOST_ROWS
    for line in lines:
        if len(line) <= MOST_ROWS:
            assert any(set(line) <= set(block) for block in found)


@pytest.mark.slow
def test_a_derivation_of_thousands_of_terms_is_laid_out() -> None:
    leaves = [Value(0.5 + k, name=f"x_{k}") for k in range(3_000)]
    latex = ag.derive(ag.sum(leaves), leaves[0]).latex
    assert latex.count("x_{") == 3_001
    assert latex.count(r"\begin{align*}") > 50
