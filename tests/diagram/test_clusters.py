"""Clusters by the paths in names: what belongs where, what is folded, and what a large network opens as."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.diagram.clusters import MOST_LEVELS, Clusters, clusters_of
from autograd_core.errors import DiagramError
from autograd_core.graph import ancestors
from autograd_core.names import names_of
from nn import MLP, half_mse


def network(*sizes: int) -> Value:
    """The cost of a network for one sample, differentiated."""
    net = MLP(sizes[0], sizes[1:], "sigmoid", seed=1)
    cost = half_mse(net([0.5] * sizes[0]), [0.0] * sizes[-1] if sizes[-1] > 1 else 0.0)
    cost.backward()
    return cost


def test_a_networks_nodes_are_where_their_layer_and_neuron_are() -> None:
    cost = network(2, 3, 1)
    found = clusters_of(ancestors(cost))
    neurons = {("layer 1", "n1"), ("layer 1", "n2"), ("layer 1", "n3"), ("layer 2", "n1")}
    assert set(found.values()) == neurons | {()}
    for node, cluster in found.items():
        if node.name:
            assert node.name.split("/")[:-1] == list(cluster)
    # dot, z and a of a neuron of three parameters; a linear output has no op
    assert [sum(c == cluster for c in found.values()) for cluster in sorted(neurons)] == [6, 6, 6, 6]


def test_no_box_is_called_as_the_root_is() -> None:
    sides = []
    for side in ("left", "right"):
        sides.append(Value(2.0, name=f"{side}/x") * 3.0)
        sides[-1].name = f"{side}/z"
    total = sides[0] + sides[1]
    texts = texts_of(draw(total))
    assert texts.count("z") == 1
    assert {"left/z", "right/z"} <= set(texts)
    total.name = "C"
    assert texts_of(draw(total)).count("z") == 2


def test_what_is_in_a_network_is_called_as_in_lectures() -> None:
    texts = texts_of(draw(network(2, 3, 1)))
    assert {"w_11^(1)", "w_32^(1)", "b_2^(1)", "z_3^(1)", "a_1^(1)", "w_13^(2)", "z_1^(2)", "layer 1", "n2"} <= set(
        texts
    )


@pytest.mark.parametrize("name", ["x", "d/dx", "/x", "x/", "//", " / /x"])
def test_a_cluster_of_one_node_is_none(name: str) -> None:
    x = Value(2.0, name=name)
    assert set(clusters_of(ancestors(x * x)).values()) == {()}


def test_a_nameless_node_is_where_all_its_consumers_are() -> None:
    w, v = Value(2.0, name="a/w"), Value(3.0, name="a/b/v")
    inner = w * v
    out = inner + w
    out.name = "a/b/out"
    other = inner * 2
    other.name = "a/c/other"
    found = clusters_of(ancestors(out, other))
    assert found[inner] == ("a",)  # one consumer is in a/b, the other in a/c
    assert found[out] == ("a", "b")
    assert found[other] == ("a",)  # alone in a/c


def test_small_graphs_are_open_large_ones_folded_and_either_can_be_asked_for() -> None:
    small, large = network(2, 3, 1), network(20, 10, 10)
    assert "folded" not in repr(draw(small))
    assert "2 folded clusters" in repr(draw(small, unfold=[]))
    assert "2 folded clusters" in repr(draw(large))
    assert "11 folded clusters" in repr(draw(large, unfold=["layer 1"]))
    assert "11 folded clusters" in repr(draw(large, unfold=["layer 1/n3"]))  # its weights, 9 neighbours and layer 2
    assert "folded" not in repr(draw(large, unfold=True))


def texts_of(diagram: ag.Diagram) -> list[str]:
    picture = ElementTree.fromstring(diagram.picture("svg"))
    return [t.text for t in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_many_leaves_that_are_used_alike_are_one_box_with_their_ranges() -> None:
    net = MLP(100, [3, 1], "tanh", seed=1)
    x = [Value(0.01 * k) for k in range(100)]
    z = net(x)
    z.backward()
    texts = texts_of(draw(z, unfold=["layer 1/n2"]))
    weights = net.layers[0].neurons[1].w
    gradients = [w.grad for w in weights]
    assert texts[texts.index("w_21^(1) … w_2_100^(1)") + 1 :][:3] == [
        "100 parameters",
        f"data {min(w.data for w in weights):.4g} … {max(w.data for w in weights):.4g}",
        f"grad {min(gradients):.4g} … {max(gradients):.4g}",
    ]
    assert texts[texts.index("x1 … x100") + 1 :][:2] == ["100 values", "data 0 … 0.99"]
    assert "w_2_50^(1)" not in texts
    assert {"w_21^(1)", "w_2_50^(1)"} <= set(texts_of(draw(z, unfold=["layer 1/n2/w_21^(1) … w_2_100^(1)"])))
    assert "x50" in texts_of(draw(z, unfold=["x1 … x100"]))
    assert "300" in texts_of(draw(z))  # edges from the inputs into layer 1


def test_leaves_that_are_used_differently_stay_apart() -> None:
    xs = [Value(float(k)) for k in range(80)]
    z = ag.sum(xs[:40]) * ag.dot(xs[30:], [2.0] * 50)
    texts = texts_of(draw(z))
    assert {"x1 … x30", "x41 … x80", "x31", "x40"} <= set(texts)  # those that both use are only ten
    assert texts[texts.index("50 constants") + 1] == "2 … 2"


def test_a_small_graph_shows_every_leaf() -> None:
    assert {f"x{k}" for k in range(1, 31)} <= set(texts_of(draw(ag.sum([Value(1.0) for _ in range(30)]))))


def test_ranges_are_of_the_finite_numbers() -> None:
    odd = [float("nan"), float("inf"), float("-inf")]
    texts = texts_of(draw(ag.sum([Value(x) for x in [*odd * 30, 2.0, -1.0]])))
    assert "data -1 … 2" in texts
    texts = texts_of(draw(ag.sum([Value(x) for x in odd * 30])))
    assert not any("…" in text for text in texts if text.startswith("data"))


def test_many_neighbours_of_an_unfolded_cluster_are_one_box() -> None:
    cost = network(4, 30, 2)
    texts = texts_of(draw(cost, unfold=["layer 1/n3"]))
    assert {"n3", "others", "in 29 parts"} <= set(texts)
    assert "n4" not in texts
    texts = texts_of(draw(cost, unfold=["layer 1/n3", "layer 1/n5"]))
    assert {"n3", "n5", "in 28 parts"} <= set(texts)
    texts = texts_of(draw(cost, unfold=["layer 1", "layer 1/n3"]))  # their layer was asked for: all are there
    assert {f"n{k}" for k in range(1, 31)} <= set(texts)
    assert "others" not in texts


def test_edges_between_folded_clusters_carry_their_number() -> None:
    source = draw(network(784, 30, 10)).source
    assert "f1 -> f0 [label=300 " in source
    assert len([line for line in source.splitlines() if "->" in line and "style=invis" not in line]) < 60


def test_every_edge_is_counted_once_however_much_is_folded() -> None:
    cost = network(5, 4, 3)
    edges = sum(isinstance(x, Value) for node in ancestors(cost) for x in node.inputs)
    for unfold in ([], ["layer 1"], ["layer 1/n2"], ["layer 1", "layer 2/n3"], ["layer 2/n3"]):
        diagram = draw(cost, unfold=unfold)
        box = diagram._text.box
        inside = sum(
            box[x] is not None and box[x] == box[node] for node in box for x in node.inputs if isinstance(x, Value)
        )
        shown = 0
        for line in diagram.source.splitlines():
            tail, arrow, rest = line.strip().partition(" -> ")
            is_seen = bool(arrow) and "style=invis" not in rest
            if is_seen and not (tail.startswith("op") or tail.startswith("c")):  # not from an op to its value
                count = rest.partition("label=")[2].split(" ")[0].strip('"')
                shown += int(count.replace(",", "")) if count else 1
        assert shown == edges - inside


def test_a_network_of_ten_thousand_values_opens_as_a_few_boxes_and_unfolds() -> None:
    cost = network(300, 30, 10)
    assert len(ancestors(cost)) > 9_000
    picture = ElementTree.fromstring(draw(cost).picture("svg"))
    texts = [t.text for t in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"layer 1", "layer 2"} <= set(texts)
    unfolded = ElementTree.fromstring(draw(cost, unfold=["layer 1"]).picture("svg"))
    texts = [t.text for t in unfolded.iter("{http://www.w3.org/2000/svg}text")]
    assert {f"n{k}" for k in range(1, 31)} <= set(texts)


@pytest.mark.parametrize("unfold", [["layer 3"], ["layer1"], ["layer 1/n9"], [7], [""], ["n1"]])
def test_an_unknown_cluster_is_refused_with_those_there_are(unfold: object) -> None:
    with pytest.raises(DiagramError, match=r"no cluster .* to unfold; there are .*'layer 1"):
        draw(network(2, 3, 1), unfold=unfold)
    with pytest.raises(DiagramError, match="no two names in this graph share a path"):
        draw(Value(1.0) * 2, unfold=unfold)


def test_hostile_names_of_clusters_stay_text() -> None:
    for name in ('"];x', "<b>", "<b>/<i>", "&amp;", "a\nb", "\\N", "\u202e"):
        w, v = Value(1.0, name=f"{name}/w"), Value(2.0, name=f"{name}/v")
        visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
        for unfold in (True, []):
            picture = ElementTree.fromstring(draw(w * v, unfold=unfold).picture("svg"))
            assert visible.split("/")[0] in [t.text for t in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_deep_paths_and_deep_graphs() -> None:
    z = x = Value(1.0, name="/".join(["deep"] * 50) + "/x")
    for _ in range(1_000):
        z = z + x
        z.name = "/".join(["deep"] * 50) + "/z"
    assert len(Clusters(list(ancestors(z)), names_of(ancestors(z)), None).sizes) == 51
    draw(z).picture("svg")
    ag.tree(z)


def test_a_path_of_thousands_of_parts_is_cut() -> None:
    deep = "/".join([f"part {k}" for k in range(2_000)])
    x = Value(1.0, name=f"{deep}/x")
    z = x * Value(2.0, name=f"{deep}/y")
    assert max(map(len, clusters_of(ancestors(z)).values())) == MOST_LEVELS
    for unfold in (True, False):
        draw(z, unfold=unfold).picture("svg")
