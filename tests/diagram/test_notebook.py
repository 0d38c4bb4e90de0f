"""How things show themselves in a notebook."""

from __future__ import annotations

import autograd_core as ag
from autograd_core import Value


def test_a_small_graph_shows_itself_a_large_one_is_a_number() -> None:
    x = Value(2.0, name="x")
    assert "<svg" in (x * x + 1)._repr_svg_()
    assert x._repr_svg_() is None
    z = x
    for _ in range(100):
        z = z + x
    assert z._repr_svg_() is None


def test_graphs_of_up_to_thirty_values_are_pictures() -> None:
    xs = [Value(float(k)) for k in range(30)]
    assert "<svg" in ag.sum(xs[:29])._repr_svg_()
    assert ag.sum(xs)._repr_svg_() is None


def test_a_grad_table_is_a_table() -> None:
    x, y, other = Value(2.0, name="<x>"), Value(3.0), Value(1.0, name="w")
    z = x * y
    z.name = "a & b"
    html = ag.backprop(z, [x, y, other])._repr_html_()
    assert html.count("<tr>") == 4
    assert "<td>&lt;x&gt;</td><td>2</td><td>3</td>" in html
    assert "<td>w</td><td>1</td><td>0</td>" in html
    assert "∂a &amp; b/∂x" in html
    assert ag.backprop(z, [x], create_graph=True)._repr_html_().count("<td>3</td>") == 1


def test_a_program_is_its_text_with_guards_marked() -> None:
    f = ag.jit(lambda x: x * x if x < 3.0 else x, backend="python")
    html = f.program(2.0)._repr_html_()
    assert html.startswith("<pre>program(x):")
    assert html.count("<span") == html.count("  guard v0 is True") == 1
    assert "v1 = mul(x, x)" in html


def test_a_long_program_is_folded_and_cut_off() -> None:
    def chain(x: Value, steps: int) -> Value:
        for _ in range(steps):
            x = ag.sin(x)
        return x

    folded = ag.jit(lambda x: chain(x, 60), backend="python").program(1.0)
    assert folded._repr_html_().startswith("<details><summary>program of 60 steps and 0 guards</summary><pre>")
    assert folded._repr_html_().count(" = sin(") == 60
    short = ag.jit(lambda x: chain(x, 36), backend="python").program(1.0)
    assert len(str(short).splitlines()) == 38
    assert short._repr_html_().startswith("<pre>")
    cut = ag.jit(lambda x: chain(x, 1000), backend="python").program(1.0)._repr_html_()
    assert cut.count(" = sin(") == 398  # without the first line and the last
    assert "602 more lines; print(program) shows all" in cut


def test_a_table_says_that_its_numbers_are_old() -> None:
    x = Value(2.0, name="x")
    table = ag.backprop(ag.sin(x) * x, [x])
    assert "changed" not in table._repr_html_()
    x.data = 3.0
    assert "x has changed since v1 was computed" in table._repr_html_()


def test_a_long_table_is_cut_off() -> None:
    xs = [Value(1.0, name=f"x_{k}") for k in range(60)]
    html = ag.backprop(ag.sum(xs), xs)._repr_html_()
    assert html.count("<tr>") == 52
    assert "and 10 more" in html
