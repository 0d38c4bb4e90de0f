"""Who contributed what to a gradient."""

from __future__ import annotations

import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.diagram.stepper.events import events
from autograd_core.errors import NoGradientError, NumberError, StaleGraphError
from nn import MLP, half_mse


def test_contributions_add_up_to_the_gradient_everywhere_in_a_network() -> None:
    net = MLP(3, [4, 3, 2], "tanh", seed=2)
    inputs = [Value(0.1 * k, name=f"x{k}") for k in (1, 2, 3)]
    cost = half_mse(net(inputs), [1.0, -1.0])
    table = ag.backprop(cost, [*inputs, *net.parameters()])
    for node, gradient in table.entries.items():
        parts = ag.explain(table, node).contributions()
        if node is cost:
            assert parts == []
            continue
        assert sum(part.amount for part in parts) == pytest.approx(gradient, rel=1e-12, abs=1e-15)
        assert sum(abs(part.share) for part in parts) == pytest.approx(1.0)
        assert [abs(part.amount) for part in parts] == sorted([abs(part.amount) for part in parts], reverse=True)
        for part in parts:
            assert part.gradient == table.entries[part.consumer]
            assert part.amount == part.gradient * part.rate


def test_contributions_that_cancel_keep_their_shares() -> None:
    x = Value(2.0, name="x")
    table = ag.backprop(x * 3 - x * 3, [x])
    shares = [part.share for part in ag.explain(table, x).contributions()]
    assert table[x] == 0.0
    assert sorted(shares) == [-0.5, 0.5]


def test_the_same_input_twice_is_one_contribution() -> None:
    x = Value(3.0, name="x")
    (part,) = ag.explain(ag.backprop(x * x, [x]), x).contributions()
    assert (part.rate, part.amount, part.share) == (6.0, 6.0, 1.0)


def test_consumers_outside_the_pruned_graph_count_for_nothing() -> None:
    x = Value(3.0, name="x")
    unused = x * 5
    (part,) = ag.explain(ag.backprop(x * 2, [x]), x).contributions()
    assert part.rate == 2.0
    assert unused.data == 15.0


def test_an_inner_node_can_be_asked_for_and_a_table_of_graphs() -> None:
    x = Value(0.5, name="x")
    u = ag.sin(x)
    u.name = "u"
    for create_graph in (False, True):
        table = ag.backprop(u * u, [x], create_graph=create_graph)
        assert repr(ag.explain(table, u)).startswith("u  gradient 0.958851\n└─ +100.0%")


def test_what_z_does_not_depend_on_is_explained() -> None:
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    table = ag.backprop(x * 2, [x, y])
    assert repr(ag.explain(table, y)).endswith("z does not depend on y: the gradient is 0")
    assert ag.explain(table, y).contributions() == []
    with pytest.raises(NoGradientError, match="not among the targets"):
        ag.explain(ag.backprop(x * y, [x]), y)


def test_a_large_graph_is_cut_off() -> None:
    x = Value(1.0, name="x")
    z = ag.sum([ag.sin(x * (1.0 + 0.01 * k)) for k in range(200)])
    text = repr(ag.explain(ag.backprop(z, [x]), x))
    assert "... and more" in text
    assert len(text.splitlines()) < 150
    for _ in range(20_000):
        z = z + 1e-9
    assert len(repr(ag.explain(ag.backprop(z, [x]), x))) < 50_000


def test_what_sent_less_than_a_thousandth_is_not_followed() -> None:
    def lines(small: float) -> int:
        x = Value(1.0, name="x")
        z = x + ag.sin(ag.exp(x * small))
        return len(repr(ag.explain(ag.backprop(z, [x]), x)).splitlines())

    assert lines(0.01) == lines(0.002) > lines(0.001) == lines(1e-6)


def test_the_picture_has_only_what_lies_between() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    table = ag.backprop(x * y - ag.exp(y), [x])
    source = ag.explain(table, x).diagram().source
    assert 'label="x\\n' in source
    assert "exp" not in source
    assert ag.explain(table, x)._repr_svg_().lstrip().startswith("<?xml")


@pytest.mark.parametrize("given", [Value(1.0, name="stranger"), 3.0, "x"])
def test_only_what_lies_between_has_contributions(given: object) -> None:
    x = Value(2.0, name="x")
    explanation = ag.explain(ag.backprop(ag.sin(x) * x, [x]), x)
    with pytest.raises(NoGradientError, match=r"is not between Value .* and the root; explain\(table, node\)"):
        explanation.contributions(given)


@pytest.mark.parametrize("given", [(1.0, Value(1.0)), (None, None), (Value(1.0), Value(1.0))])
def test_only_tables_can_be_explained(given: tuple[object, object]) -> None:
    with pytest.raises(NumberError, match="explain takes a GradTable and a Value"):
        ag.explain(*given)


def test_all_views_of_a_table_call_a_node_the_same() -> None:
    x, y, q = Value(2.0, name="x"), Value(3.0, name="y"), Value(1.0, name="z")
    table = ag.backprop(x * y, [x, q])
    assert "from f  ×" in repr(ag.explain(table, x))
    assert repr(ag.explain(table, q)) == "f does not depend on z: the gradient is 0"
    assert str(ag.tree(table)).startswith("f  ×")
    assert "no path to f" in ag.draw(table).source


def test_what_does_not_matter_has_a_picture_too() -> None:
    x, w = Value(2.0, name="x"), Value(1.0, name="w")
    explanation = ag.explain(ag.backprop(x * x, [x, w]), w)
    assert "no path to z" in explanation.diagram().source
    assert "<svg" in explanation._repr_svg_()


def test_what_was_made_before_a_leaf_changed_says_so_and_raises_nothing_in_a_notebook() -> None:
    x = Value(2.0, name="x")
    z = x * x
    explanation, stepper = ag.explain(ag.backprop(z, [x]), x), ag.step(z)
    assert "changed" not in repr(explanation) + repr(stepper)
    x.data = 7.0
    for made in (explanation, stepper):
        assert "x has changed since z was computed" in repr(made)
    assert explanation._repr_svg_() is None
    assert stepper._repr_html_() is None


def test_a_stale_graph_is_refused_also_by_what_was_made_before() -> None:
    y = Value(2.0, name="y")
    z = ag.sin(y) * y
    table, stepper = ag.backprop(z, [y]), ag.step(z)
    y.data = 5.0
    for show in (lambda: ag.explain(table, y), lambda: ag.draw(table, style="flow"), lambda: stepper.html):
        with pytest.raises(StaleGraphError):
            show()


def test_an_infinite_contribution_is_all_there_is() -> None:
    t, y = Value(0.0, name="t"), Value(3.0, name="y")
    for z, shares in (
        (ag.sqrt(t) * y, [1.0]),
        (ag.sqrt(t) + t, [1.0, 0.0]),
        (ag.sqrt(t) + t - ag.cbrt(t), [0.5, -0.5, 0.0]),
    ):
        with ag.op.quiet():
            parts = ag.explain(ag.backprop(z, [t]), t).contributions()
        assert [part.share for part in parts] == shares


def test_a_gradient_that_is_no_number_is_traced_to_where_it_comes_from() -> None:
    x, y = Value(0.0, name="x"), Value(2.0, name="y")
    with ag.op.quiet():
        explanation = ag.explain(ag.backprop(x * y + ag.sqrt(x) * ag.sqrt(x), [x]), x)
    assert [part.share for part in explanation.contributions()] == [0.5, 0.5, 0.0]
    assert repr(explanation).splitlines() == [
        "x  gradient nan",
        "├─ +50.0%  nan = 0 · inf  from v2  √",
        "│  └─ +0.0%  0 = 1 · 0  from v4  ×",
        "├─ +50.0%  nan = 0 · inf  from v3  √",
        "│  └─ +0.0%  0 = 1 · 0  from v4  ×",
        "└─ +0.0%  2 = 1 · 2  from v1  ×",
    ]


def test_the_side_not_taken_contributes_nothing_also_where_its_derivative_is_infinite() -> None:
    x = Value(0.0, name="x")
    z = ag.where(x > 0.0, ag.sqrt(x), x)
    table = ag.backprop(z, [x])
    assert table[x] == 1.0
    assert [(part.amount, part.share) for part in ag.explain(table, x).contributions()] == [(1.0, 1.0)]
    assert (ag.paths(z, x).sum, ag.paths(z, x).count) == (1.0, 1)
    assert [event.g for event in events(z, [x])][-1] == 1.0
    assert "nan" not in ag.draw(table, style="flow").source
