"""The engine against the lectures' matrix form: two implementations that share no formula."""

# ruff: noqa: N803, N806  # matrices have capital letters, as in the lectures

import ast
import itertools
import random
from pathlib import Path

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import StructureError
from nn import MLP, SGD, cross_entropy, half_mse, matrix
from nn.errors import SettingError

NETS = [  # inputs, layers, activations, samples
    (1, [1], ["linear"], 1),
    (3, [1], ["sigmoid"], 4),
    (2, [3, 2], ["sigmoid", "sigmoid"], 1),
    (2, [3, 2], ["tanh", "linear"], 5),
    (4, [5, 3, 2], ["relu", "relu", "sigmoid"], 7),
    (1, [3, 1], ["sigmoid", "linear"], 20),
    (3, [2, 4, 3, 2], ["softplus", "tanh", "relu", "linear"], 6),
    (6, [4, 4, 4, 4, 4, 3], ["tanh", "sigmoid", "softplus", "tanh", "sigmoid", "linear"], 3),
]
INITS = ["uniform", "normal", "xavier", "he"]


def dense_layers(net, activations):
    """The matrices of a network of scalars."""
    return [
        matrix.Dense([[w.data for w in n.w] for n in layer.neurons], [n.b.data for n in layer.neurons], g)
        for layer, g in zip(net.layers, activations, strict=True)
    ]


def as_matrices(net, of_parameter):
    """(weight matrix, bias column) of each layer, with a number for each parameter."""
    return [
        (
            np.array([[of_parameter(w) for w in n.w] for n in layer.neurons]),
            np.array([[of_parameter(n.b)] for n in layer.neurons]),
        )
        for layer in net.layers
    ]


def columns(rng, rows, count):
    return np.array([[rng.gauss(0.0, 1.0) for _ in range(count)] for _ in range(rows)])


def case(shape, init, seed):
    nin, nouts, activations, m = shape
    rng = random.Random(seed)
    net = MLP(nin, nouts, activations, init=init, seed=rng)
    for p in net.parameters():  # so that biases count, too
        p.data += rng.gauss(0.0, 0.1)
    return net, dense_layers(net, activations), columns(rng, nin, m), columns(rng, nouts[-1], m)


def outputs_of(net, X):
    outputs = [net(x) for x in X.T]
    return [output if isinstance(output, list) else [output] for output in outputs]


def close(actual, expected):
    """To 1e-12 of the largest entry: what is small because large terms cancel cannot be closer."""
    return np.allclose(actual, expected, rtol=1e-12, atol=1e-12 * np.max(np.abs(expected)))


@pytest.mark.parametrize(("seed", "shape", "init"), [(k, *c) for k, c in enumerate(itertools.product(NETS, INITS))])
def test_gradients_of_the_mean_quadratic_loss_are_equations_1_to_6(seed, shape, init):
    net, layers, X, Y = case(shape, init, seed)
    Zs, As = matrix.forward(layers, X)
    gradients = matrix.backward(layers, Zs, As, As[-1] - Y)

    outputs = outputs_of(net, X)
    J = ag.mean([half_mse(output, y) for output, y in zip(outputs, Y.T, strict=True)])
    J.backward()

    assert close([[a.data for a in output] for output in outputs], As[-1].T)
    assert J.data == pytest.approx(((As[-1] - Y) ** 2).sum() / (2 * X.shape[1]), rel=1e-12, abs=0)
    for (dW, db), expected in zip(as_matrices(net, lambda p: p.grad), gradients, strict=True):
        assert close(dW, expected.dW)
        assert close(db, expected.db)


@pytest.mark.parametrize("seed", range(4))
def test_gradients_of_cross_entropy_start_from_softmax_minus_one_hot(seed):
    net, layers, X, _ = case((4, [5, 3], ["tanh", "linear"], 6), "xavier", seed)
    labels = [i % 3 for i in range(6)]
    Zs, As = matrix.forward(layers, X)
    softmax = np.exp(As[-1]) / np.exp(As[-1]).sum(axis=0)
    gradients = matrix.backward(layers, Zs, As, softmax - np.eye(3)[:, labels])

    ag.mean([cross_entropy(output, y) for output, y in zip(outputs_of(net, X), labels, strict=True)]).backward()
    for (dW, db), expected in zip(as_matrices(net, lambda p: p.grad), gradients, strict=True):
        assert close(dW, expected.dW)
        assert close(db, expected.db)


def test_a_graph_of_the_mean_loss_has_dZ_over_m_where_the_lecture_has_dZ():  # noqa: N802
    """Equations (3) and (6) are called ∂J/∂Z and ∂J/∂A but belong to each sample's own loss: the 1/m is in (4), (5)."""
    net, layers, X, Y = case((3, [4, 2], ["tanh", "sigmoid"], 5), "normal", 1)
    Zs, As = matrix.forward(layers, X)
    lecture = matrix.backward(layers, Zs, As, As[-1] - Y)

    zs, losses = [], []
    for x, y in zip(X.T, Y.T, strict=True):
        z1 = net.layers[0].z(x)
        z2 = net.layers[1].z(net.layers[0].activate(z1))
        zs.append((z1, z2))
        losses.append(half_mse(net.layers[1].activate(z2), y))
    table = ag.backprop(ag.mean(losses), [z for pair in zs for layer in pair for z in layer])
    for k in (0, 1):
        dZ = np.array([[table[z] for z in pair[k]] for pair in zs]).T
        assert close(dZ, lecture[k].dZ / 5)


@pytest.mark.parametrize(("nin", "nouts", "activations", "_"), NETS)
def test_gradients_of_one_sample_are_bp1_to_bp4(nin, nouts, activations, _):
    net, layers, X, Y = case((nin, nouts, activations, 1), "normal", len(nouts))
    deltas, nabla_b, nabla_w = matrix.backpropagation(layers, X, lambda a: a - Y)

    zs, a = [], X[:, 0]
    for layer in net.layers:
        zs.append(layer.z(a))
        a = layer.activate(zs[-1])
    cost = half_mse(a, Y[:, 0])
    table = ag.backprop(cost, [z for layer in zs for z in layer] + net.parameters())
    for k, (dW, db) in enumerate(as_matrices(net, table.__getitem__)):
        assert close([[table[z]] for z in zs[k]], deltas[k])
        assert close(db, nabla_b[k])
        assert close(dW, nabla_w[k])


def test_bp1_to_bp4_of_each_sample_average_to_equations_4_and_5():
    _, layers, X, Y = case((3, [4, 2], ["sigmoid", "sigmoid"], 6), "normal", 2)
    Zs, As = matrix.forward(layers, X)
    gradients = matrix.backward(layers, Zs, As, As[-1] - Y)
    runs = [matrix.backpropagation(layers, x, lambda a, y=y: a - y[:, None]) for x, y in zip(X.T, Y.T, strict=True)]
    for k in (0, 1):
        assert close(np.mean([nabla_b[k] for _, nabla_b, _ in runs], axis=0), gradients[k].db)
        assert close(np.mean([nabla_w[k] for _, _, nabla_w in runs], axis=0), gradients[k].dW)


def test_fifty_steps_of_training_are_equations_7_and_8():
    net, layers, X, Y = case((2, [5, 1], ["tanh", "linear"], 8), "xavier", 3)
    optimizer = SGD(0.1)
    for _ in range(50):
        Zs, As = matrix.forward(layers, X)
        layers = matrix.update(layers, matrix.backward(layers, Zs, As, As[-1] - Y), 0.1)
        net.zero_grad()
        ag.mean([half_mse(output, y) for output, y in zip(outputs_of(net, X), Y.T, strict=True)]).backward()
        optimizer.step(net.parameters())
    for (W, b), layer in zip(as_matrices(net, lambda p: p.data), layers, strict=True):
        assert close(W, layer.W)
        assert close(b, layer.b)


def test_update_leaves_the_old_layers_alone():
    [layer] = layers = [matrix.Dense([[1.0]], [0.0], "linear")]
    Zs, As = matrix.forward(layers, [[1.0]])
    [updated] = matrix.update(layers, matrix.backward(layers, Zs, As, As[-1]), 0.5)
    assert (layer.W.item(), updated.W.item()) == (1.0, 0.5)


@pytest.mark.parametrize("name", matrix.ACTIVATIONS)
def test_the_derivatives_stated_here_are_derivatives(name):
    g, g_prime = matrix.ACTIVATIONS[name]
    z = np.array([-5.0, -1.3, -0.2, 0.4, 1.0, 3.0])
    assert np.allclose(g_prime(z), (g(z + 1e-6) - g(z - 1e-6)) / 2e-6, rtol=1e-7, atol=1e-9)
    assert np.all(np.isfinite(g(np.array([-1e3, 1e3]))))
    assert np.all(np.isfinite(g_prime(np.array([-1e3, 1e3]))))


def test_misfits_are_refused():
    with pytest.raises(StructureError, match="W has 2 rows, b 1 entries"):
        matrix.Dense([[1.0], [2.0]], [0.0], "relu")
    with pytest.raises(SettingError, match="unknown activation 'gelu'; expected one of linear, relu"):
        matrix.Dense([[1.0]], [0.0], "gelu")
    with pytest.raises(StructureError, match="X has 2 rows, the first layer 1 inputs"):
        matrix.forward([matrix.Dense([[1.0]], [0.0], "relu")], [[1.0], [2.0]])


def test_the_matrix_form_is_independent_of_the_engine():
    tree = ast.parse(Path(matrix.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"__future__", "collections.abc", "typing", "numpy", "numpy.typing", "errors"}
