"""A graph as indented text."""

from __future__ import annotations

import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import DiagramError, NumberError


def expression() -> Value:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    return x * y + ag.sin(x) - 3 * x**2


def test_values_and_gradients_are_aligned_and_shared_nodes_are_referred_to() -> None:
    z = expression()
    z.backward()
    assert str(ag.tree(z)) == (
        "z  −           -5.091       1\n"
        "├─ v3  +        6.909       1\n"
        "│  ├─ v1  ×         6       1\n"
        "│  │  ├─ x          2  -9.416\n"
        "│  │  └─ y          3       2\n"
        "│  └─ v2  sin  0.9093       1\n"
        "│     └─ x ↑\n"
        "└─ v5  ×           12      -1\n"
        "   ├─ 3\n"
        "   └─ v4  xⁿ        4      -3\n"
        "      ├─ x ↑\n"
        "      └─ 2"
    )


def test_without_gradients_there_is_no_column_of_them() -> None:
    assert str(ag.tree(Value(2.0, name="x") * 3)) == "z  ×  6\n├─ x  2\n└─ 3"


def test_a_table_is_shown_with_its_own_gradients() -> None:
    z = expression()
    x = z.inputs[0].inputs[0].inputs[0]
    lines = str(ag.tree(ag.backprop(z, [x]))).splitlines()
    assert lines[3].endswith("-9.416")
    assert lines[4].endswith("3")  # y was not asked for
    assert str(ag.tree(ag.backprop(z, [x], create_graph=True))) == str(ag.tree(ag.backprop(z, [x])))


def test_a_tables_target_that_is_not_in_the_graph_stands_below() -> None:
    x, y, w = Value(2.0, name="x"), Value(3.0, name="y"), Value(5.0, name="w")
    assert str(ag.tree(ag.backprop(x * y, [w, x]))).splitlines() == [
        "z  ×             6  1",
        "├─ x             2  3",
        "└─ y             3",
        "w  no path to z  5  0",
    ]


def test_it_shows_itself_at_the_prompt() -> None:
    assert repr(ag.tree(Value(1.0, name="x"))) == "x  1"


@pytest.mark.parametrize("name", ["a\nb", "\u202egnp", "x" * 100, "<b>", "\x1b[31m"])
def test_hostile_names_stay_on_their_line(name: str) -> None:
    text = str(ag.tree(Value(1.0, name=name) * 2))
    assert len(text.splitlines()) == 3
    assert all(c.isprintable() for c in text.replace("\n", ""))


@pytest.mark.slow
def test_a_long_chain_is_cut_off_and_says_so() -> None:
    z = Value(1.0)
    for _ in range(100_000):
        z = z + 1e-6
    text = str(ag.tree(z))
    assert "of 100,001 values: tree(z, max_lines=...)" in text
    assert len(text) < 100_000
    lines = str(ag.tree(z, max_lines=7)).splitlines()
    assert len(lines) == 8
    assert lines[-1].startswith("... cut off after 7 lines, of 100,001 values")
    assert str(ag.tree(z)).splitlines()[-1].startswith("... cut off after 40 levels, of 100,001 values")
    assert "after 1 line," in str(ag.tree(z, max_lines=1))


@pytest.mark.parametrize(("leaves", "lines"), [(999, 1000), (1000, 1001)])
def test_a_thousand_lines_are_shown(leaves: int, lines: int) -> None:
    text = str(ag.tree(ag.sum([Value(1.0) for _ in range(leaves)])))
    assert len(text.splitlines()) == lines
    assert ("cut off after 1,000 lines" in text) == (leaves == 1000)


@pytest.mark.parametrize("given", [0, -1, "10", 1.5, None, True])
def test_lines_are_counted_by_whole_numbers(given: object) -> None:
    with pytest.raises(DiagramError, match=r"max_lines must be a whole number of at least 1, got"):
        ag.tree(Value(1.0), max_lines=given)


def test_numbers_of_before_a_leaf_changed_are_said_to_be_old() -> None:
    x = Value(2.0, name="x")
    z = ag.sin(x) * x
    assert "changed" not in str(ag.tree(z))
    x.data = 3.0
    assert str(ag.tree(z)).splitlines()[-1] == "x has changed since v1 was computed: compute the expression again"


def test_a_long_name_does_not_push_the_numbers_away() -> None:
    long = Value(1.0, name="n" * 300)
    lines = str(ag.tree(long * Value(2.0, name="x"))).splitlines()
    assert max(len(line) for line in lines if "nnn" not in line) < 100
    columns = str(ag.tree(Value(1.0, name="n" * 50) * Value(2.0, name="x"))).splitlines()
    assert len({len(line) for line in columns}) == 1  # up to sixty letters they stay in line


@pytest.mark.parametrize("given", [1.0, None, "z", [Value(1.0)]])
def test_only_graphs_have_a_tree(given: object) -> None:
    with pytest.raises(NumberError, match="tree takes a Value or a GradTable"):
        ag.tree(given)
