"""Sums over paths against the engine and against walking every path; counts against closed forms."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.backprop import rates_of
from autograd_core.errors import NumberError, OpError, StaleGraphError
from nn import MLP, half_mse


def doubling(steps: int) -> tuple[Value, Value]:
    """With two ways at every step."""
    z = x = Value(0.5, name="x")
    for _ in range(steps):
        z = ag.sin(z) * z
    return z, x


@pytest.mark.parametrize("steps", [1, 3, 40, 49, 50, 3_000])
def test_a_count_that_nobody_reads_is_told_by_its_first_digits(steps: int) -> None:
    found = ag.paths(*doubling(steps))
    assert found.count == 2**steps
    digits = str(2**steps)
    rounded = f"about {round(int(digits[:6]) / 1e5, 2):.2f}e+{len(digits) - 1}" if steps > 49 else f"{2**steps:,}"
    assert repr(found).startswith(f"{rounded} paths from x to z over {3 * steps:,} edges")


def test_counting_keeps_only_the_long_numbers_that_are_still_needed() -> None:
    found = ag.paths(*doubling(20_000))  # whose counts have 25 MB of digits
    tracemalloc.start()
    assert found.count == 2**20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6


@pytest.mark.parametrize(("steps", "says"), [(15, None), (16, "(2 more)"), (40, "(26 more)")])
def test_a_path_of_more_than_16_nodes_is_shown_by_its_ends(steps: int, says: str | None) -> None:
    z = x = Value(1.0, name="x")
    for _ in range(steps):
        z = ag.sin(z)
    text = repr(ag.paths(z, x).largest(1)[0])
    assert text.count("→") == min(steps, 15)
    assert (says in text) if says else ("more" not in text)


def random_graph(seed: int) -> tuple[Value, list[Value]]:
    """Some leaves, and a node computed from them by twenty random ops."""
    rng = Random(seed)
    leaves = [Value(rng.uniform(-1.5, 1.5)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(20):
        a, b = rng.choice(nodes), rng.choice(nodes[-6:])
        op = rng.choice(
            [
                lambda a, b: a * b,
                lambda a, b: a + b,
                lambda a, b: a - b,
                lambda a, b: ag.sin(a) * 0.5,
                lambda a, b: ag.tanh(b),
                lambda a, b: b * b,
                lambda a, b: ag.dot([a, b], [b, a]),
            ]
        )
        nodes.append(op(a, b))
    return ag.sum(nodes[-4:]), leaves


def walked(z: Value, x: Value) -> list[float]:
    """The rate factor of every path, by following all of them."""
    if z is x:
        return [1.0]
    return [rate * rest for a, rate in rates_of(z).items() if z.inputs for rest in walked(a, x)]


@pytest.mark.parametrize("seed", range(40))
def test_the_sum_over_paths_is_the_gradient(seed: int) -> None:
    z, leaves = random_graph(seed)
    table = ag.backprop(z, leaves)
    for x in leaves:
        found = ag.paths(z, x)
        every = walked(z, x)
        scale = max([abs(rate) for rate in every], default=0.0) or 1.0
        assert found.count == len(every)
        assert found.sum == pytest.approx(table[x], rel=1e-12, abs=1e-12 * scale)
        if every:
            largest = found.largest(found.count)
            rates = [path.rate for path in largest]
            assert sorted(rates) == pytest.approx(sorted(every), rel=1e-12, abs=1e-300)
            assert math.fsum(rates) == pytest.approx(table[x], rel=1e-12, abs=1e-12 * scale)
            sizes = [abs(rate) for rate in rates]
            assert all(a >= b * (1 - 1e-12) for a, b in itertools.pairwise(sizes))
            first = found.largest(3)
            assert [path.rate for path in first] == pytest.approx(rates[:3], rel=1e-12)


def test_a_path_leads_from_x_to_z_along_edges() -> None:
    z, leaves = random_graph(7)
    for path in ag.paths(z, leaves[0]).largest(20):
        assert path.nodes[0] is leaves[0]
        assert path.nodes[-1] is z
        for (a, b), rate in zip(itertools.pairwise(path.nodes), path.rates, strict=True):
            assert rates_of(b)[a] == rate


@pytest.mark.parametrize(
    ("layers", "count", "edges"),
    [
        ([2, 2, 2], 2, None),
        ([784, 30, 10], 10, None),
        pytest.param([784, 30, 30, 30, 10], 9_000, 25_620, marks=pytest.mark.slow),
    ],
)
def test_the_paths_of_a_first_layers_weight(layers: list[int], count: int, edges: int | None) -> None:
    """Eq. (53): one path for every choice of neurons behind the first. The edges are those between neurons."""
    net = MLP(layers[0], layers[1:], ["sigmoid"] * (len(layers) - 1), seed=1)
    cost = half_mse(net([0.5] * layers[0]), [0.0] * layers[-1])
    found = ag.paths(cost, net.layers[0].neurons[0].w[0])
    assert found.count == count
    if edges is not None:
        assert sum(a * b for a, b in itertools.pairwise(layers)) == edges
        assert found.edges < edges / 10
        weights = sum(ag.paths(cost, w).count for w in [net.layers[0].neurons[0].w[0]]) * layers[0] * layers[1]
        assert weights == 784 * 30 * 9_000  # 2.1e8 over all weights of the first layer


def test_more_paths_than_can_be_enumerated() -> None:
    x = Value(1.0)
    z = x
    for _ in range(1_000):
        a, b = z * 0.5, z * 0.25
        z = a + b
    found = ag.paths(z, x)
    assert found.count == 2**1000
    assert found.edges == 4_000
    assert found.sum == pytest.approx(0.75**1000, rel=1e-12)
    best, second = found.largest(2)
    assert best.rate == 0.5**1000
    assert second.rate == 0.5**999 * 0.25
    text = repr(found)
    assert text.startswith("about 1.07e+301 paths from x1 to z ")
    assert "and about 1.07e+301 smaller ones" in text
    assert len(text) < 3_000  # long paths are shown by their ends


EQUAL = {
    "equal": lambda u: ag.sin(u) + ag.sin(u),
    "equal but for rounding": lambda u: 0.3 * (0.7 * u) + 0.7 * (0.3 * u),
    "zero": lambda u: ag.cos(u) * 0.0 + ag.sin(u) * 0.0,
    "nan": lambda u: u * math.nan + u * math.nan,
}


@pytest.mark.parametrize("case", EQUAL)
def test_of_paths_that_are_equal_some_are_found_without_looking_at_all(case: str) -> None:
    z = x = Value(0.5, name="x")
    for _ in range(100):
        z = EQUAL[case](z)
    found = ag.paths(z, x)
    assert found.count == 2**100
    rates = [path.rate for path in found.largest(7)]
    assert rates == pytest.approx([rates[0]] * 7, rel=1e-12, nan_ok=True)
    assert len({path.nodes for path in found.largest(7)}) == 7


@pytest.mark.parametrize(
    ("make", "blocks"),
    [
        (lambda q, x: ag.relu(q) * x, "v1 (relu)"),
        (lambda q, x: ag.floor(q) + ag.sign(q) * x, "v1 (floor), v2 (sign)"),
        (lambda q, x: ag.sin(ag.sum([ag.relu(q * k) for k in range(1, 9)])) * x, "v2 (relu), v4 (relu), v6 (relu), v8 (relu), v10 (relu), ..."),
    ],
)  # fmt: skip
def test_where_every_path_is_blocked_that_is_said(make: Any, blocks: str) -> None:
    q, x = Value(-1.0, name="q"), Value(2.0, name="x")
    found = ag.paths(make(q, x), q)
    assert (found.count, found.edges, found.sum, found.largest(1)) == (0, 0, 0.0, [])
    reason = f"nothing flows back through {blocks}"
    assert repr(found) == f"no path from q to z: {reason}, so the derivative is 0"
    assert repr(ag.explain(ag.backprop(found.z, [q]), q)) == f"q  gradient 0: {reason}"


@pytest.mark.slow
def test_counts_of_any_size_are_printed() -> None:
    z = x = Value(1.0, name="x")
    for k in range(20_000):
        z = (z + z * 1e-9) * 0.999
        if k == 51:
            assert repr(ag.paths(z, x)).startswith("about 4.50e+15 paths")  # 2^52
    assert repr(ag.paths(z, x)).startswith("about 3.98e+6020 paths")  # 2^20,000


@pytest.mark.slow
def test_a_chain_of_many_nodes() -> None:
    z = x = Value(1.0)
    for _ in range(100_000):
        z = z + 1e-6
    found = ag.paths(z, x)
    assert (found.count, found.sum, found.edges) == (1, 1.0, 100_000)
    (path,) = found.largest()
    assert len(path.nodes) == 100_001
    assert path.rate == 1.0


def test_what_z_does_not_depend_on_is_explained() -> None:
    z, x = Value(2.0, name="a") * 3, Value(1.0, name="x")
    found = ag.paths(z, x)
    assert (found.count, found.sum, found.largest(), found.edges) == (0, 0.0, [], 0)
    assert "does not depend on x, so" in repr(found)
    assert repr(ag.paths(x, x)).startswith(
        "1 path from x to x over 0 edges; the sum of the rate factors, the derivative, is 1"
    )


def test_zero_and_infinite_rates() -> None:
    x = Value(0.0, name="x")
    z = ag.sqrt(x) * 0.0 + x
    found = ag.paths(z, x)
    assert found.count == 2
    assert [path.rate for path in found.largest(2)][1] == 1.0  # 0 · ∞ is nan and comes first
    assert math.isnan(found.sum)
    assert ag.paths(x * 0.0 + x, x).largest(2)[1].rate == 0.0


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True])
def test_counts_that_are_none_are_refused(count: object) -> None:
    x = Value(1.0)
    with pytest.raises(OpError, match="count must be a positive integer"):
        ag.paths(x * 2, x).largest(count)
    assert len(ag.paths(x * 2, x).largest(np.int64(3))) == 1


def test_only_values_have_paths_and_only_fresh_ones() -> None:
    x = Value(1.0)
    z = x * 2
    for given in ((z, 1.0), ("z", x), ([z], x)):
        with pytest.raises(NumberError, match="paths takes two Values"):
            ag.paths(*given)
    x.data = 2.0
    with pytest.raises(StaleGraphError):
        ag.paths(z, x)
