"""What nodes are called: each differently, always the same, and nothing invisible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograd_core import Value, jit, tree
from autograd_core.graph import ancestors
from autograd_core.names import names_of


@given(st.lists(st.sampled_from([None, "", "x", "x1", "v1", "v2", "x (2)", "w"]), min_size=1, max_size=12))
def test_no_two_nodes_are_called_alike(names: list[str | None]) -> None:
    z = Value(0.0, name=names[0])
    for name in names[1:]:
        z = z + Value(1.0, name=name)
        z.name = name
    order = ancestors(z)
    found = names_of(order)
    assert list(found) == list(order)
    assert len(set(found.values())) == len(order)
    assert found == names_of(order)
    for node, name in found.items():
        assert not node.name or name == node.name or name.startswith(f"{node.name} (")


def test_a_name_once_given_stays_with_the_first_that_has_it() -> None:
    x, other = Value(1.0, name="x"), Value(2.0, name="x")
    assert list(names_of(ancestors(x * other)).values()) == ["x", "x (2)", "v1"]


def test_nameless_leaves_do_not_go_on_with_given_names() -> None:
    for name in ("x1", "x_3", "x[2]"):
        assert set(names_of([Value(1.0, name=name), Value(2.0), Value(3.0)]).values()) == {name, "c1", "c2"}


def test_names_that_look_alike_are_told_apart() -> None:
    x, y = Value(1.0, name="a\nb"), Value(2.0, name="a\\nb")
    assert list(names_of(ancestors(x * y)).values()) == ["a\\nb", "a\\nb (2)", "v1"]


def test_many_equal_names_take_no_longer() -> None:
    names = names_of([Value(1.0, name="x") for _ in range(50_000)])  # in a minute, if each were counted from 2
    assert list(names.values())[-1] == "x (50000)"


def test_a_name_that_nobody_could_see_is_none() -> None:
    x, y = Value(1.0, name=" "), Value(2.0, name="   ")
    assert list(names_of([x, y], None).values()) == ["x1", "x2"]


def test_names_that_are_no_texts_are_shown_as_texts() -> None:
    x, y, z = Value(1.0, name=5), Value(2.0, name=("a", "\n")), Value(3.0, name=b"w")  # type: ignore[arg-type]  # names that are no texts are the case
    assert list(names_of([x, y, z]).values()) == ["5", "('a', '\\n')", "b'w'"]
    assert str(tree(x * y * z)).count("\n") == 4
    f = jit(lambda k: x * y * z * k)
    assert "(k, 5, ('a', '\\n'), b'w')" in str(f.program(2.0))
