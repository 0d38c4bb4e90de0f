"""grad_table and build_grad: what they compute, how much work they do, and what they refuse."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.backprop import build_grad
from autograd_core.domain import REAL, Domain
from autograd_core.errors import CyclicGraphError, NumberError, OpError, RuleError
from autograd_core.graph import ancestors, consumers, descendants
from autograd_core.op import quiet
from autograd_core.ops import TABLE


def random_graph(seed: int, size: int = 200) -> tuple[list[Value], list[Value]]:
    """Leaves and nodes; two- and n-input ops, constants, repeated inputs."""
    random = Random(seed)
    leaves = [Value(random.uniform(0.5, 1.5)) for _ in range(5)]
    nodes = list(leaves)
    for _ in range(size):
        x, y = random.choice(nodes), random.choice(nodes)
        nodes.append(
            random.choice(
                [
                    lambda x=x, y=y: x * y * 0.5,
                    lambda x=x, y=y: x + y,
                    lambda x=x: ag.sin(x),
                    lambda x=x: x * x,
                    lambda x=x, y=y: ag.mean([x, y, 1.0, x]),
                ]
            )()
        )
    return leaves, nodes


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_one_rule_evaluation_per_op_node_and_one_table_addition_per_edge_of_g_prime(
    seed: int, create_graph: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves, nodes = random_graph(seed)
    root, targets = ag.sum(nodes[-30:]), leaves[:2]
    order = ancestors(root)
    pruned = descendants(targets, order)
    op_nodes = [node for node in pruned if node.inputs]
    edges = sum(x in pruned for node in op_nodes for x in node.inputs if isinstance(x, Value))
    assert 50 < len(pruned) < len(order)  # there is something to do, and something to prune

    evaluations: Counter[str] = Counter()
    for op in {node.op for node in order if node.inputs}:

        def counted(*args: object, rule: object = op.bprop, name: str = op.name) -> object:
            evaluations[name] += 1
            return rule(*args)

        monkeypatch.setattr(op, "bprop", counted)

    class CountingTable(dict):  # type: ignore[type-arg]  # a grad_table that counts what is written to it
        stores = 0

        def __setitem__(self, node: object, gradient: object) -> None:
            self.stores += 1
            super().__setitem__(node, gradient)

    table = CountingTable(pruned)
    with quiet():
        build_grad(root, table, create_graph)
    assert evaluations == Counter(node.op.name for node in op_nodes)
    assert table.stores == edges + 1  # one per edge, and grad_table[z] = 1


def test_the_graph_of_a_gradient_is_linear_in_the_graph() -> None:
    leaves, nodes = random_graph(1, 2_000)
    order = ancestors(nodes[-1])
    edges = sum(len(node.inputs) for node in order)
    table = ag.backprop(nodes[-1], leaves, create_graph=True)
    assert len(ancestors(*table.values())) <= 5 * (len(order) + edges)


def test_the_table_agrees_with_the_recursive_build_grad_of_the_book() -> None:
    """Seed text and Goodfellow et al., algorithm 6.6, word for word: recursion from a target through its consumers."""
    leaves, nodes = random_graph(3, 60)
    root = nodes[-1]
    order = ancestors(root)
    pruned = descendants(leaves, order)
    consumers_in_g_prime = consumers(pruned)
    grad_table = {root: 1.0}

    def build_grad(v: Value) -> float:
        if v in grad_table:
            return grad_table[v]
        total = 0.0
        for c in dict.fromkeys(consumers_in_g_prime[v]):
            d = build_grad(c)
            entries = c.op.bprop(d, c.data, *[x.data if isinstance(x, Value) else x for x in c.inputs])
            total += sum(e for x, e in zip(c.inputs, entries, strict=True) if x is v)
        grad_table[v] = total
        return total

    table = ag.backprop(root, leaves)
    for leaf in leaves:
        if leaf in pruned and leaf in order:
            assert table[leaf] == pytest.approx(build_grad(leaf), rel=1e-12)


def test_the_table_remembers_root_targets_and_every_node_of_g_prime() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    u = x * y
    z = u + ag.sin(y)
    table = ag.backprop(z, [x])
    assert table.root is z
    assert table.targets == (x,)
    assert list(table.entries.items()) == [(x, 3.0), (u, 1.0), (z, 1.0)]
    assert repr(table) == "GradTable(x: 3.0)"
    assert len(table) == 1


def test_targets_may_be_inner_nodes_repeated_or_the_root_itself() -> None:
    x = Value(2.0)
    u = x * x
    z = u * 3
    assert ag.backprop(z, [u, u, x, z]).targets == (u, x, z)
    assert [ag.backprop(z, [u, x, z])[t] for t in (u, x, z)] == [3.0, 12.0, 1.0]


@pytest.mark.parametrize(
    "call", [lambda: ag.backprop(2.0, []), lambda: ag.backprop(Value(1.0), [2.0]), lambda: ag.backprop(Value(1.0), 2.0)]
)
def test_only_values_can_be_differentiated(call: object) -> None:
    with pytest.raises(NumberError, match=r"2\.0 of type float"):
        call()


def test_a_cycle_made_by_hand_is_refused() -> None:
    x = Value(1.0, name="x")
    y = x * 2
    z = y + 1
    y.inputs = (z, 2.0)
    for call in (z.backward, lambda: ag.backprop(z, x)):
        with pytest.raises(CyclicGraphError, match="its own ancestor"):
            call()


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    ("rule", "given"),
    [
        (lambda g, z, x, y: (g,), "1 entries for 2 inputs"),
        (lambda g, z, x, y: (g, g, g), "3 entries for 2 inputs"),
        (lambda g, z, x, y: g, "returned .* for 2 inputs"),
        (lambda g, z, x, y: None, "None for 2 inputs"),
    ],
)
def test_a_rule_with_the_wrong_number_of_entries_is_refused(rule: object, given: str, create_graph: bool) -> None:
    op = Op("mine", lambda x, y: x + y, rule, Domain(REAL, REAL))
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(RuleError, match=given) as caught:
        ag.backprop(op(x, y), x, create_graph=create_graph)
    assert isinstance(caught.value, TypeError)


def test_an_error_inside_a_users_rule_comes_out_as_it_is() -> None:
    op = Op("mine", lambda x: x, lambda g, z, x: {}["oops"], REAL)
    x = Value(1.0)
    with pytest.raises(KeyError, match="oops"):
        ag.backprop(op(x), x)


def test_a_users_op_works_everywhere() -> None:
    cube = Op("cube", lambda x: x * x * x, lambda g, z, x: (3 * g * x * x,), REAL)
    assert cube(2.0) == 8.0
    assert ag.grad(cube)(2.0) == 12.0
    assert ag.grad(ag.grad(ag.grad(cube)))(2.0) == 6.0
    assert ag.hessian(lambda v: cube(v[0]) * v[1])([2.0, 3.0]) == [[36.0, 12.0], [12.0, 0.0]]
    assert ag.check_op(cube, 0.7)


def test_a_users_op_may_take_any_number_of_inputs() -> None:
    total = Op("total", lambda *xs: math.fsum(xs), lambda g, z, *xs: [g] * len(xs), REAL)
    x = Value(1.0)
    z = total(x, 2, x)
    assert (z.data, z.inputs[1]) == (4.0, 2.0)
    assert ag.backprop(z, x)[x] == 2.0


@pytest.mark.parametrize("result", [None, "3", 2j, True])
def test_a_users_op_must_compute_a_number(result: object) -> None:
    op = Op("mine", lambda x: result, lambda g, z, x: (g,), REAL)
    with pytest.raises(OpError, match="forward function of op 'mine' must return a number"):
        op(Value(1.0))


def test_what_a_users_op_computes_becomes_a_float() -> None:
    import numpy as np

    for result in (2, np.float32(2), np.float64(2)):
        z = Op("mine", lambda x, result=result: result, lambda g, z, x: (g,), REAL)(Value(1.0))
        assert type(z.data) is float


MUTATIONS = {
    "sign flipped": lambda entries, g: [None if e is None else -e for e in entries],
    "factor dropped": lambda entries, g: [None if e is None else g for e in entries],
    "factor two": lambda entries, g: [None if e is None else 2.0 * e for e in entries],
    "inputs swapped": lambda entries, g: list(entries)[::-1],
    "gradient lost": lambda entries, g: [None for _ in entries],
    "gradient invented": lambda entries, g: [g if e is None else e for e in entries],
}


@pytest.mark.parametrize("op", TABLE.values(), ids=str)
def test_breaking_any_rule_is_noticed_by_the_tests_of_the_rules(op: Op, monkeypatch: pytest.MonkeyPatch) -> None:
    from test_ops import assert_rule_agrees, points, variables

    if op.name == "stop_gradient":
        broken = Op("stop_gradient", op.forward, lambda g, z, x: (g,), REAL)
        assert ag.grad(lambda x: x * broken(x))(3.0) != ag.grad(lambda x: x * ag.stop_gradient(x))(3.0)
        return
    rule = op.bprop
    for mutate in MUTATIONS.values():
        monkeypatch.setattr(op, "bprop", lambda g, z, *x, mutate=mutate: mutate(rule(g, z, *x), g))
        if all(
            _entries_at(op, p, variables(op, p)) == _entries_at(op, p, variables(op, p), rule) for p in points(op, 3)
        ):
            continue  # the mutant is the rule itself: add's factors are 1, and swapping its inputs changes nothing
        with pytest.raises(AssertionError):
            assert_rule_agrees(op, orders=(1,))  # if it does not raise: the broken rule went unnoticed


def _entries_at(op: Op, point: tuple[float, ...], positions: list[int], rule: object = None) -> list[float]:
    entries = (rule or op.bprop)(1.0, op.evaluate(point, point), *point)
    return [float(entries[i] or 0.0) for i in positions]


def test_a_rule_on_plain_floats_follows_ieee_in_a_graph_too() -> None:
    """The gradient 1.0 that starts at the root and the constant 0.0 are plain floats, which Python will not divide."""
    from autograd_core.op import quiet

    x = Value(1.0)
    with quiet():
        z = x / 0.0
    assert ag.backprop(z, [x])[x] == math.inf
    assert ag.backprop(z, [x], create_graph=True)[x].data == math.inf
