"""Scan is the loop it stands for, whoever runs it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS
from marks import slow

import autograd_core as ag
from autograd_core import RowBatches, Value
from autograd_core.errors import StructureError
from nn import MLP, half_mse, hinge

RNG = np.random.default_rng(0)


def by_loop(f: Any, carry: Any, *batches: Any) -> tuple[Any, list[Any]]:
    """What scan stands for."""
    outputs = []
    for entry in zip(*batches, strict=True):
        carry, output = f(carry, *entry)
        outputs.append(output)
    return carry, outputs


def descent(net: Any, loss: Any, rate: float = 0.1) -> Any:
    """A step of gradient descent on a batch; the cost and the outputs come out."""
    parameters = net.parameters()

    def step(share: Any, rows: Any, targets: Any) -> Any:
        def one(x: Any, y: Any) -> Any:
            output = net(x)
            return loss(output, y), output

        losses, outputs = ag.vmap(one)(rows, targets)
        cost = share * losses.sum()
        table = ag.backprop(cost, parameters)
        gradient = np.array([table[p] for p in parameters])
        moved = ag.vmap(lambda p, g: p - rate * g)(np.array(parameters), gradient)
        return moved, {"cost": cost, "outputs": outputs}

    return step


NETS = {
    "sigmoid": (lambda: MLP(20, [15, 4], ["sigmoid", "sigmoid"], seed=0), half_mse, 4),
    "relu": (lambda: MLP(20, [15, 16, 1], "relu", seed=0), hinge, 1),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("count", slow([1, 2, 5], but=[2]))
def test_gradient_descent_in_one_piece_of_machine_code(name: str, count: int) -> None:
    make, loss, outputs = NETS[name]
    net = make()
    numbers = np.array([p.data for p in net.parameters()])
    rows, targets = RNG.normal(size=(count, 6, 20)), np.sign(RNG.normal(size=(count, 6, outputs)))
    f = ag.jit(descent(net, loss), leaves=net.parameters())
    carry, found = f.scan(numbers, np.full(count, 1.0 / 6.0), rows, targets)
    (path,) = next(iter(f.kinds.values())).known
    assert path.executable.plan.has_products
    expected, steps = by_loop(f, numbers, np.full(count, 1.0 / 6.0), rows, targets)
    assert np.array_equal(carry, expected)
    assert np.array_equal(found["cost"], [step["cost"] for step in steps])
    assert np.array_equal(found["outputs"], [step["outputs"] for step in steps])
    one_by_one = ag.jit(descent(net, loss), backend="python", leaves=net.parameters())
    slowly = by_loop(one_by_one, numbers, np.full(count, 1.0 / 6.0), rows, targets)[0]
    assert np.abs(carry - slowly).max() <= 1e-12 * np.abs(slowly).max()


@pytest.mark.parametrize("backend", BACKENDS)
def test_scalar_programs_scan_too(backend: str) -> None:
    def step(state: Any, force: Any) -> Any:
        position, speed = state
        speed = speed + 0.1 * (force - position)
        return np.array([position + 0.1 * speed, speed]), position * speed

    carry, outputs = ag.jit(step, backend=backend).scan([1.0, 0.0], [0.0, 0.5, 1.0])
    expected, products = by_loop(lambda s, f: step(s, f), np.array([1.0, 0.0]), [0.0, 0.5, 1.0])
    assert carry.tolist() == pytest.approx(expected.tolist(), rel=1e-15)
    assert outputs.tolist() == pytest.approx(products, rel=1e-15)


def test_a_carry_in_several_arrays_is_one_array_again() -> None:
    w, v = [[Value(0.1 * i + j) for i in range(20)] for j in range(2)]
    f = ag.jit(lambda x: ((np.array(w) + x, np.array(v) * x), ag.dot(w, v)), leaves=[*w, *v])
    start = np.array([p.data for p in (*w, *v)])
    carry, outputs = f.scan(start, [1.0, 2.0])
    assert carry.tolist() == pytest.approx([*(start[:20] + 3.0), *(start[20:] * 2.0)])
    assert outputs[1] == pytest.approx(np.dot(start[:20] + 1.0, start[20:]))


def test_a_branch_taken_on_the_way_is_the_loops_business() -> None:
    w = [Value(float(k)) for k in range(100)]

    def step(x: Any) -> Any:
        total = ag.dot(w, w)
        if total > x:
            return np.array(w) * 0.5, total
        return np.array(w) * 2.0, total

    f = ag.jit(step, leaves=w)
    start = np.arange(100.0)
    limits = np.array([1e5, 1e5, 1e5, 1e6, 1e4])
    carry, totals = f.scan(start, limits)
    expected, sums = start, []
    for limit in limits:
        sums.append(float(expected @ expected))
        expected = expected * (0.5 if sums[-1] > limit else 2.0)
    assert carry.tolist() == expected.tolist()
    assert totals.tolist() == pytest.approx(sums)


def test_what_opened_gates_would_spoil_is_done_again_exactly() -> None:
    net = MLP(20, [15, 16, 1], "relu", seed=0)
    parameters = net.parameters()
    for neuron in net.layers[0].neurons:
        neuron.b.data = -1e9  # all dead
    numbers = np.array([p.data for p in parameters])
    rows, targets = np.full((2, 6, 20), np.inf), np.ones((2, 6, 1))
    rows[1] = 1.0
    f = ag.jit(descent(net, hinge), leaves=parameters)
    exact = ag.jit(descent(net, hinge), backend="python", leaves=parameters)
    shares = np.full(2, 1.0 / 6.0)
    carry, found = f.scan(numbers, shares, rows, targets)
    expected, steps = by_loop(exact, numbers, shares, rows, targets)
    assert np.array_equal(np.isfinite(carry), np.isfinite(expected))
    assert np.array_equal(np.isnan(found["cost"]), np.isnan([step["cost"] for step in steps]))


def test_bad_scans_say_what_is_wrong() -> None:
    f = ag.jit(lambda c, x: (c + x, c))
    for batches in [(), ([1.0], [1.0, 2.0]), ([],)]:
        with pytest.raises(StructureError, match="batches of one common length, at least 1; got"):
            f.scan(0.0, *batches)
    for wrong in (lambda c, x: c + x, lambda c, x: (np.array([c, x]), c), lambda c, x: (c, x, x)):
        with pytest.raises(StructureError, match=r"returns \(carry, output\), with 1 numbers in the carry"):
            ag.jit(wrong).scan(0.0, [1.0, 2.0])


@pytest.mark.parametrize("columns", slow([3, 300], only=[300]))
@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_at_positions_are_taken_when_they_are_needed(backend: str, columns: int) -> None:
    net = MLP(columns, [12, 2], "tanh", seed=0)
    rows, targets = RNG.normal(size=(20, columns)), RNG.normal(size=(20, 2))
    positions = RNG.integers(0, 20, (7, 4))
    numbers = np.array([p.data for p in net.parameters()])
    shares = np.full(7, 0.25)
    f = ag.jit(descent(net, half_mse), backend=backend, leaves=net.parameters())
    carry, found = f.scan(numbers, shares, RowBatches(rows, positions), RowBatches(targets, positions))
    expected, together = f.scan(numbers, shares, rows[positions], targets[positions])
    assert np.array_equal(carry, expected)
    assert np.array_equal(found["outputs"], together["outputs"])


@pytest.mark.parametrize("positions", [[[0, 3]], [[-1]], [[0.5]], 1])
def test_positions_outside_the_rows_are_refused(positions: Any) -> None:
    with pytest.raises(StructureError, match="positions must"):
        RowBatches(np.ones((3, 2)), np.array(positions))


def by_machine_and_by_python(step: Any, parameters: list[Value], count: int) -> tuple[Any, Any]:
    """What `count` steps on products of matrices give besides the same carry."""
    given = np.array([p.data for p in parameters]), RNG.normal(size=(count, 7, 6)), RNG.normal(size=(count, 7, 2))
    f = ag.jit(step, leaves=parameters)
    carry, found = f.scan(*given)
    (path,) = next(iter(f.kinds.values())).known
    assert path.executable.plan.has_products
    expected_carry, expected = ag.jit(step, backend="python", leaves=parameters).scan(*given)
    assert np.allclose(carry, expected_carry, rtol=1e-12)
    return found, expected


def test_outputs_may_be_nested_in_any_way() -> None:
    net = MLP(6, [8, 2], "tanh", seed=0)
    parameters = net.parameters()

    def step(rows: Any, targets: Any) -> Any:
        outputs = ag.vmap(net)(rows)
        cost = ag.vmap(half_mse)(outputs, targets).mean()
        gradient = [ag.backprop(cost, parameters)[p] for p in parameters]
        moved = np.array([p - 0.1 * g for p, g in zip(parameters, gradient, strict=True)])
        return moved, {"lists": [gradient[:3], gradient[3:6]], "pair": (cost, [cost * 2.0]), "rows": outputs}

    found, expected = by_machine_and_by_python(step, parameters, 5)
    for a, b in zip(
        (found["lists"], *found["pair"], found["rows"]),
        (expected["lists"], *expected["pair"], expected["rows"]),
        strict=True,
    ):
        assert a.shape == b.shape
        assert np.allclose(a, b, rtol=1e-11)


def test_the_numbers_of_points_are_there_in_every_run() -> None:
    """The gradient of one sample's loss: where the number of the sample is that one."""
    net = MLP(6, [5, 2], "tanh", seed=3)
    parameters = net.parameters()

    def step(rows: Any, targets: Any) -> Any:
        losses = ag.vmap(lambda x, y: half_mse(net(x), y))(rows, targets)
        table = ag.backprop(losses[2] + 0.5 * losses.sum(), parameters)
        return np.array([p - 0.1 * table[p] for p in parameters]), losses[2]

    found, expected = by_machine_and_by_python(step, parameters, 4)
    assert np.allclose(found, expected, rtol=1e-12)
