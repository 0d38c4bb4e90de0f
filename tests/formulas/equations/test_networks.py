"""The equations of whole networks: a golden page for each, and every line of it evaluated to the engine's gradient."""

from __future__ import annotations

import re
from inspect import signature
from typing import Any

import numpy as np
import pytest
from formulas.equations.reader import check_that_they_define_what_comes_out, known_arrays, values
from goldens import assert_golden

import autograd_core as ag
from autograd_core import domain
from nn import MLP, binary_cross_entropy, cross_entropy, half_mse, hinge, mse
from nn.training.steps import BatchStep

bump = ag.Op("bump", lambda x: ag.exp(-x * x), lambda g, z, x: (-2.0 * g * x * z,), domain.REAL)
bent = ag.Op("bent", lambda x: ag.where(x < 0.0, 0.5 * x, x * x), lambda g, z, x: (ag.where(x < 0.0, 0.5 * g, 2.0 * g * x),), domain.REAL)  # fmt: skip

X, Y, ONE_HOT = [0.1, -0.2, 0.3], [0.0, 1.0], [0.0, 1.0, 0.0]
rng = np.random.default_rng(0)
ROWS, TARGETS, ROWS_OF_ONES = rng.normal(size=(5, 3)), rng.random((5, 2)), np.eye(3)[[0, 1, 2, 1, 0]]
LABELS = np.array([0.0, 2.0, 1.0, 1.0, 0.0])


def softmax_by_hand(z: Any, y: Any) -> Any:
    powers = [ag.exp(z_j) for z_j in z]
    total = ag.sum(powers)
    return -ag.sum([t * ag.log(e / total) for e, t in zip(powers, y, strict=True)])


def shifted_softmax(z: Any, y: Any) -> Any:
    powers = [ag.exp(z_j - z[0]) for z_j in z]
    return ag.log(ag.sum(powers)) - ag.sum([t * (z_j - z[0]) for z_j, t in zip(z, y, strict=True)])


def from_log_softmax(z: Any, y: Any) -> Any:
    return -ag.dot(ag.log_softmax(z), y)


def written_out(a: Any, y: Any) -> Any:
    outputs = a if isinstance(a, list) else [a]
    return -ag.sum([t * ag.log(p) + (1.0 - t) * ag.log(1.0 - p) for p, t in zip(outputs, y, strict=True)])


def net(sizes: list[int], activations: list[Any]) -> MLP:
    return MLP(3, sizes, activations, seed=3)


def with_penalty(network: MLP, loss: Any) -> Any:
    return lambda output, y: loss(output, y) + 0.01 * ag.sum([p * p for p in network.parameters()])


PENALISED = net([4, 2], ["relu", "linear"])
ONE_SAMPLE: dict[str, tuple[MLP, Any, Any]] = {
    "relu": (net([4, 2], ["relu", "sigmoid"]), half_mse, Y),
    "leaky_relu": (net([4, 2], ["leaky_relu", "leaky_relu"]), half_mse, Y),
    "elu": (net([4, 2], ["elu", "linear"]), half_mse, Y),
    "silu": (net([4, 2], ["silu", "tanh"]), half_mse, Y),
    "hardtanh": (net([4, 2], ["hardtanh", "hardtanh"]), half_mse, Y),
    "identity": (net([4, 2], ["identity", "identity"]), half_mse, Y),
    "own": (net([4, 2], [bump, bent]), half_mse, Y),
    "one_output": (net([4, 1], ["relu", "sigmoid"]), half_mse, [1.0]),
    "one_hidden": (net([1, 2], ["relu", "sigmoid"]), half_mse, Y),
    "one_of_each": (net([1, 1], ["relu", "sigmoid"]), half_mse, [1.0]),
    "three_layers": (net([4, 3, 2], ["relu", "tanh", "sigmoid"]), half_mse, Y),
    "mean_of_outputs": (net([4, 3], ["relu", "linear"]), mse, ONE_HOT),
    "penalty": (PENALISED, with_penalty(PENALISED, half_mse), Y),
    "hinge": (net([4, 1], ["relu", "linear"]), hinge, [1.0]),
    "hinge_of_scores": (net([4, 2], ["selu", "linear"]), hinge, [1.0, -1.0]),
    "hinge_leaky": (net([4, 1], ["leaky_relu", "linear"]), hinge, [-1.0]),
    "two_classes": (net([4, 2], ["relu", "linear"]), cross_entropy, 0),
    "one_input_neuron": (net([1, 3, 1], ["relu", "tanh", "linear"]), half_mse, [0.3]),
    "cross_entropy": (net([4, 3], ["relu", "linear"]), cross_entropy, 1),
    "many_classes": (net([4, 35], ["relu", "linear"]), cross_entropy, 33),
    "softmax_by_hand": (net([4, 3], ["relu", "linear"]), softmax_by_hand, ONE_HOT),
    "shifted_softmax": (net([4, 3], ["relu", "linear"]), shifted_softmax, ONE_HOT),
    "log_softmax": (net([4, 3], ["relu", "linear"]), from_log_softmax, ONE_HOT),
    "binary_cross_entropy": (net([4, 1], ["relu", "linear"]), binary_cross_entropy, [1.0]),
    "binary_written_out": (net([4, 2], ["relu", "sigmoid"]), written_out, Y),
}
SAMPLES: dict[str, tuple[MLP, Any, Any]] = {
    "relu": (net([4, 2], ["relu", "sigmoid"]), half_mse, TARGETS),
    "one_output": (net([4, 1], ["relu", "sigmoid"]), half_mse, TARGETS[:, :1]),
    "mean_of_outputs": (net([4, 3], ["leaky_relu", "linear"]), mse, ROWS_OF_ONES),
    "softmax_by_hand": (net([4, 3], ["relu", "linear"]), softmax_by_hand, ROWS_OF_ONES),
    "binary_cross_entropy": (net([4, 2], ["relu", "linear"]), binary_cross_entropy, np.round(TARGETS)),
    "labels": (net([4, 3], ["relu", "linear"]), cross_entropy, LABELS),
}
NARROW = [(1, 3, 1), (3, 1, 1), (3, 1, 2), (1, 1), (1, 2), (2, 3, 1)]
"""Layers of one neuron, inputs of one number, as in a fit of the sine."""


def gradient(parameters: Any, cost: Any) -> list[Any]:
    table = ag.backprop(cost, parameters)
    return [table[p] for p in parameters]


def mean_of(network: MLP, loss: Any, rows: Any, targets: Any) -> Any:
    return ag.mean([loss(network(x), y) for x, y in zip(rows, targets, strict=True)])


def mazur(x1: Any, x2: Any, w: Any, b: Any, y1: Any, y2: Any) -> Any:  # noqa: PLR0917  # as one writes it
    h = [ag.sigmoid(w[0] * x1 + w[1] * x2 + b[0]), ag.sigmoid(w[2] * x1 + w[3] * x2 + b[0])]
    o = [ag.sigmoid(w[4] * h[0] + w[5] * h[1] + b[1]), ag.sigmoid(w[6] * h[0] + w[7] * h[1] + b[1])]
    return 0.5 * (y1 - o[0]) ** 2 + 0.5 * (y2 - o[1]) ** 2


def logistic(w: Any, b: Any, x: Any, y: Any) -> Any:
    p = ag.sigmoid(w[0] * x[0] + w[1] * x[1] + b)
    return -(y * ag.log(p) + (1 - y) * ag.log(1 - p))


def two_layers(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:  # noqa: PLR0917  # as above
    a1 = np.tanh(w1 @ x + b1)
    a2 = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
    return 0.5 * ((a2 - y) ** 2).sum()


BY_HAND: dict[Any, tuple[tuple[Any, ...], tuple[int, ...], set[str]]] = {
    mazur: (
        (0.05, 0.1, [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55], [0.35, 0.6], 0.01, 0.99),
        (2,),
        {"a0 = (x1, x2)", "y = (y1, y2)", "C = 0.5 * sum((y - a2)**2)", "delta2 = (a2 - y) * sigma'(z2)"}
        | {"dW2 = delta2 a1^T", "delta1 = (W2^T delta2) * sigma'(z1)", "dW1 = delta1 a0^T"},
    ),
    logistic: (
        ([0.1, 0.2], 0.3, [1.0, 2.0], 1.0),
        (0, 1),
        {"z1 = W1 a0 + b1", "p = sigma(z1)", "C = -y * log(p) - (1 - y) * log(1 - p)", "delta1 = p - y"}
        | {"db1 = delta1", "dW1 = delta1 a0^T"},
    ),
    two_layers: (
        (rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=2), [0.1, 0.2], Y),
        (0, 1, 2, 3),
        {"a1 = tanh(z1)", "z2 = W2 a1 + b2", "a2 = sigma(z2)", "delta2 = (a2 - y) * sigma'(z2)", "db2 = delta2"}
        | {"dW2 = delta2 a1^T", "delta1 = (W2^T delta2) * tanh'(z1)", "db1 = delta1", "dW1 = delta1 a0^T"},
    ),
}


@pytest.mark.parametrize("f", BY_HAND)
def test_networks_written_by_hand_have_them_too(f: Any) -> None:
    args, by, expected = BY_HAND[f]
    program = ag.jit(ag.value_and_grad(f, argnums=by)).program(*args)
    lines = {line.split("  ")[0] for line in str(program.equations()).splitlines()}
    assert expected <= lines, program.equations()
    check_that_they_define_what_comes_out(program, known_arrays(program, dict(zip(signature(f).parameters, args, strict=True))))  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_what_is_shut_for_some_samples_only_has_equations_too(seed: int) -> None:
    """NumPy's maximum takes a side at each number, so no two samples need be computed alike."""
    rng = np.random.default_rng(seed)
    n, h, o, m = rng.integers(1, 4, 4)

    def cost(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
        return ((w2 @ np.maximum(0, w1 @ x + b1[:, None]) + b2[:, None]) ** 2).mean()

    sizes = {"w1": (h, n), "b1": (h,), "w2": (o, h), "b2": (o,), "x": (n, m)}
    given = {name: rng.normal(size=size) for name, size in sizes.items()}
    assert str(ag.jit(ag.grad(cost, argnums=(0, 1, 2, 3))).program(*given.values()).equations())


SHAPES = [(1, 1), (1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 1), (2, 2), (2, 3, 2), (2, 1, 2), (2, 3, 1, 1)]
COSTS: dict[Any, list[Any]] = {  # with targets of one output and of two
    **{loss: [1.0, [0.0, 1.0]] for loss in (mse, half_mse, binary_cross_entropy)},
    **{hinge: [-1.0, [1.0, -1.0]], cross_entropy: [None, 1]},
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("loss", COSTS)
def test_the_cost_and_its_gradient_have_the_lectures_names_for_each_shape(loss: Any, shape: tuple[int, ...]) -> None:
    y = COSTS[loss][shape[-1] - 1]
    given: dict[str, Any] = {"a0": X[: shape[0]], "y": y}
    for name in ("relu", "leaky_relu", "elu", "selu", "silu", "gelu", "tanh", "linear") if y is not None else ():
        network = MLP(shape[0], shape[1:], [*[name] * (len(shape) - 2), "linear"], seed=3)
        parameters = network.parameters()

        def f(x: Any, y: Any, network: MLP = network, parameters: Any = parameters) -> list[Any]:
            cost = loss(network(x), y)
            return [cost, *gradient(parameters, cost)]

        equations = ag.jit(f).program(*given.values()).equations()
        cost, *wanted = f(*given.values())
        found = check(equations, network, given, wanted)
        assert not re.search(r"\bu\d|where|less", str(equations)), equations
        assert found["C"] == pytest.approx(cost.data, rel=1e-9)
        assert [line.tag for line in equations].count("BP1") == 1


@pytest.mark.parametrize("shape", NARROW, ids=str)
def test_over_samples_narrow_networks_have_them_too(shape: tuple[int, ...]) -> None:
    network = MLP(shape[0], shape[1:], ["sigmoid"] * (len(shape) - 1), seed=3)
    parameters = network.parameters()
    rng = np.random.default_rng(0)
    rows, targets = rng.normal(size=(5, shape[0])), rng.random((5, shape[-1]))

    def f(rows: Any, targets: Any) -> list[Any]:
        return gradient(parameters, ag.vmap(lambda x, y: half_mse(network(x), y))(rows, targets).mean())

    equations = ag.jit(f).program(rows, targets).equations()
    check(equations, network, {"rows": rows, "targets": targets}, f(rows, targets))
    depth = len(shape) - 1
    tags = ["1", "2", "3", "4", "5"] * depth + ["6"] * (depth - 1)
    assert sorted(line.tag for line in equations if line.tag) == sorted(tags), equations


def over_samples(way: str, network: MLP, loss: Any, targets: Any) -> tuple[Any, dict[str, Any]]:
    """The program of the gradient of the mean, and what it is given."""
    parameters = network.parameters()
    if way == "vmap":
        f = ag.jit(
            lambda rows, targets: gradient(parameters, ag.vmap(lambda x, y: loss(network(x), y))(rows, targets).mean())
        )
        return f.program(ROWS, targets), {"rows": ROWS, "targets": targets}
    if way == "fit":
        step = BatchStep(network, loss, None)
        assert step._compiled is not None
        program = step._compiled.program(np.array([p.data for p in parameters]), float(len(ROWS)), ROWS, targets)
        return program, {"rows": ROWS, "targets": targets, "m": float(len(ROWS))}
    if loss is cross_entropy:  # labels are whole numbers in the text of the function
        f = ag.jit(lambda rows: gradient(parameters, mean_of(network, loss, rows, [0, 2, 1, 1, 0])))
        return f.program(ROWS), {"rows": ROWS}
    f = ag.jit(lambda rows, targets: gradient(parameters, mean_of(network, loss, rows, targets)))
    return f.program(ROWS, targets), {"rows": ROWS, "targets": targets}


def check(equations: Any, network: MLP, given: dict[str, Any], wanted: list[float]) -> dict[str, Any]:
    """The lines evaluate to the gradient, and none counts steps; all values."""
    text = str(equations)
    assert not re.search(r"single step|\bv\d|/n\d|\?", text), text
    columns = {f"{name}[:, {j}]": column for name, array in given.items() if np.ndim(array) == 2 for j, column in enumerate(np.array(array).T)}  # fmt: skip
    known = given | columns
    for k, layer in enumerate(network.layers, 1):
        known[f"W{k}"] = [[w.data for w in neuron.w] for neuron in layer.neurons]
        known[f"b{k}"] = [neuron.b.data for neuron in layer.neurons]
    found = values(text, known, bump, bent)
    gradients = dict(zip(network.parameters(), wanted, strict=True))
    for k, layer in enumerate(network.layers, 1):
        assert found[f"dW{k}"] == pytest.approx(
            np.array([[gradients[w] for w in n.w] for n in layer.neurons]), rel=1e-9
        )
        assert found[f"db{k}"][:, 0] == pytest.approx([gradients[n.b] for n in layer.neurons], rel=1e-9)
    return found


def test_networks_have_the_lectures_equations() -> None:
    pages = {}
    for name, (network, loss, y) in ONE_SAMPLE.items():
        parameters = network.parameters()
        if isinstance(y, int):
            program = ag.jit(lambda x: gradient(parameters, loss(network(x), y))).program(X)  # noqa: B023  # traced at once
        else:
            program = ag.jit(lambda x, y: gradient(parameters, loss(network(x), y))).program(X, y)  # noqa: B023  # as above
        equations = program.equations()
        pages[f"{name}.txt"] = f"{equations}\n\n{equations.latex}\n"
        check(equations, network, {"a0": X} | ({} if isinstance(y, int) else {"y": y}), gradient(parameters, loss(network(X), y)))  # fmt: skip
        assert not re.search(r"\bu\d", str(equations))
        assert [line.tag for line in equations if line.name.letter == "delta"] == ["BP1"] + ["BP2"] * (
            len(network.layers) - 1
        )
    for way in ("vmap", "loop"):
        for name, (network, loss, targets) in SAMPLES.items():
            program, given = over_samples(way, network, loss, targets)
            equations = program.equations()
            pages[f"{way}_{name}.txt"] = f"{equations}\n\n{equations.latex}\n"
            eager = mean_of(network, loss, ROWS, [int(y) for y in targets] if loss is cross_entropy else targets)
            check(equations, network, given, gradient(network.parameters(), eager))
            assert not re.search(r"\bu\d", str(equations))
            assert {"m = 5", "X = rows^T", "Z1 = W1 X + b1"} <= {
                line.split("  ")[0] for line in str(equations).splitlines()
            }
            assert sorted(line.tag for line in equations if line.tag in ("4", "5")) == ["4", "4", "5", "5"]
    assert_golden(pages, "equations")


def test_what_fit_compiles_has_them_too() -> None:
    pages = {}
    for name, (network, loss, targets) in SAMPLES.items():
        program, given = over_samples("fit", network, loss, targets)
        equations = program.equations()
        pages[f"{name}.txt"] = f"{equations}\n\n{equations.latex}\n"
        cost = mean_of(network, loss, ROWS, [int(y) for y in targets] if loss is cross_entropy else targets)
        found = check(equations, network, given, gradient(network.parameters(), cost))
        assert found["C"] == pytest.approx(cost.data, rel=1e-9)
        lines = {line.split("  ")[0] for line in str(equations).splitlines()}
        assert {"X = rows^T", "Z1 = W1 X + b1", "dW2 = 1/m * dZ2 A1^T", "db2 = 1/m * sum(dZ2)"} <= lines
    assert_golden(pages, "equations_of_fit")


PENALTIES: dict[str, Any] = {
    "of all": lambda network: 0.01 * ag.sum([p * p for p in network.parameters()]),
    "of weights": lambda network: (
        0.01 * ag.sum([w * w for layer in network.layers for n in layer.neurons for w in n.w])
    ),
    "squares": lambda network: 0.05 * ag.sum([w**2 for layer in network.layers for n in layer.neurons for w in n.w]),
}


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("name", ["relu", "one_output", "binary_cross_entropy"])
def test_a_penalty_is_a_term_of_the_cost_and_of_its_gradient(name: str, penalty: str) -> None:
    network, loss, targets = SAMPLES[name]
    parameters = network.parameters()

    def of_one(x: Any, y: Any) -> list[Any]:
        cost = loss(network(x), y) + PENALTIES[penalty](network)
        return [cost, *gradient(parameters, cost)]

    def mapped(rows: Any, targets: Any) -> list[Any]:
        cost = ag.vmap(lambda x, y: loss(network(x), y))(rows, targets).mean() + PENALTIES[penalty](network)
        return [cost, *gradient(parameters, cost)]

    def looped(rows: Any, targets: Any) -> list[Any]:
        cost = mean_of(network, loss, rows, targets) + PENALTIES[penalty](network)
        return [cost, *gradient(parameters, cost)]

    for f, given in (
        (of_one, {"a0": ROWS[0], "y": targets[0]}),
        (mapped, {"rows": ROWS, "targets": targets}),
        (looped, {"rows": ROWS, "targets": targets}),
    ):
        equations = ag.jit(f).program(*given.values()).equations()
        cost, *wanted = f(*given.values())
        given |= {f"targets[{i}, {j}]": y for (i, j), y in np.ndenumerate(targets)}
        found = check(equations, network, given, wanted)
        assert found["C"] == pytest.approx(cost.data, rel=1e-9)
        text = str(equations)
        assert {"norm(W1)**2" in text, "norm(W2)**2" in text} == {True}
        assert ("norm(b1)**2" in text) == (penalty == "of all")
        tags = {line.tag for line in equations}
        is_all_in_one = f is looped and name == "one_output"  # dA is part of dZ where W2 is a row in a loop
        assert tags >= ({"BP1", "BP2", "BP3", "BP4"} if f is of_one else set("1345" if is_all_in_one else "13456"))


def test_a_step_of_gradient_descent_is_written_with_the_gradient() -> None:
    network, loss, y = ONE_SAMPLE["relu"]

    def step(x: Any, y: Any) -> list[Any]:
        parameters = network.parameters()
        return [p - 0.1 * d for p, d in zip(parameters, gradient(parameters, loss(network(x), y)), strict=True)]

    lines = {line.split("  ")[0] for line in str(ag.jit(step).program(X, y).equations()).splitlines()}
    assert {"dW2 = delta2 a1^T", "u2 = W2 - 0.1 * dW2", "u1 = b2 - 0.1 * delta2", "u4 = W1 - 0.1 * dW1"} <= lines


def test_of_targets_that_are_no_distribution_p_minus_y_is_said_to_hold_under_a_condition() -> None:
    network, loss, _ = ONE_SAMPLE["softmax_by_hand"]
    parameters = network.parameters()
    f = ag.jit(lambda x, y: gradient(parameters, loss(network(x), y)))
    assert str(f.program(X, ONE_HOT).equations()).splitlines()[-1] == "provided that the elements of y add up to 1"
    assert r"\text{provided that the elements of y add up to 1}" in f.program(X, ONE_HOT).equations().latex
    g = ag.jit(lambda x: gradient(parameters, loss(network(x), ONE_HOT)))
    assert "provided" not in str(g.program(X).equations())


def test_an_error_that_is_no_cross_entropys_is_not_p_minus_y() -> None:
    def scaled(z: Any, y: Any) -> Any:
        return softmax_by_hand([1.001 * z_j for z_j in z], y)

    network = net([4, 3], ["relu", "linear"])
    for loss in (half_mse, scaled):
        program = ag.jit(lambda x, y: gradient(network.parameters(), loss(network(x), y))).program(X, ONE_HOT)  # noqa: B023  # traced at once
        assert "p - y" not in str(program.equations())
