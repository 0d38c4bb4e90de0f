"""micrograd: its README example as exact fractions, its own test, and its moons demo, all 100 steps."""

import random
from fractions import Fraction

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from nn import MLP, SGD, accuracy, evaluate, fit, hinge


def readme_example(a, b):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def test_the_readme_example_gives_the_exact_fractions():
    a, b = Value(-4.0), Value(2.0)
    g = readme_example(a, b)
    g.backward()
    assert g.data == pytest.approx(float(Fraction(2421, 98)), rel=1e-15, abs=0)
    assert a.grad == pytest.approx(float(Fraction(47620, 343)), rel=1e-15, abs=0)
    assert b.grad == pytest.approx(float(Fraction(221433, 343)), rel=1e-15, abs=0)
    assert (f"{g:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


def sanity_check(x):
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def test_micrograds_sanity_check():
    x, theirs = Value(-4.0), micrograd.engine.Value(-4.0)
    y, expected = sanity_check(x), sanity_check(theirs)
    y.backward()
    expected.backward()
    assert (y.data, x.grad) == (expected.data, theirs.grad) == (-20.0, 46.0)


STEPS = 100


@pytest.fixture(scope="module")
def moons():
    from sklearn.datasets import make_moons

    np.random.seed(1337)
    points, classes = make_moons(n_samples=100, noise=0.1)
    return points.tolist(), (classes * 2 - 1).tolist()


def learning_rate(step):
    return 1.0 - 0.9 * step / STEPS


def max_margin_loss(net, points, classes):
    """The mean of relu(1 - y s) plus 1e-4 Σ p², and the share of points on the right side."""
    scores = [net(point) for point in points]
    hinge = ag.mean([ag.relu(1.0 - y * s) for s, y in zip(scores, classes, strict=True)])
    penalty = 1e-4 * ag.sum([p * p for p in net.parameters()])
    right = sum((s.data > 0) == (y > 0) for s, y in zip(scores, classes, strict=True))
    return hinge + penalty, right / len(points)


@pytest.fixture(scope="module")
def history(moons):
    """(loss, accuracy) before each step, on the engine."""
    net, optimizer = MLP(2, [16, 16, 1], activation="relu", init="uniform", seed=1337), SGD(1.0)
    seen = []
    for step in range(STEPS):
        loss, accuracy = max_margin_loss(net, *moons)
        net.zero_grad()
        loss.backward()
        optimizer.learning_rate = learning_rate(step)
        optimizer.step(net.parameters())
        seen.append((loss.data, accuracy))
    assert evaluate(net, *moons, lambda score, y: (score > 0) == (y > 0)) == 1.0
    return seen


def rolled_up(moons):
    """The same 100 steps once more, on whole matrices, sharing nothing with the engine: (loss, accuracy) of each."""
    generator = random.Random(1337)
    weights, biases = [], []
    for nin, nout in ((2, 16), (16, 16), (16, 1)):
        weights.append(np.array([[generator.uniform(-1, 1) for _ in range(nin)] for _ in range(nout)]))
        biases.append(np.zeros((nout, 1)))
    x, y = np.array(moons[0]).T, np.array(moons[1], dtype=float)
    seen = []
    for step in range(STEPS):
        activations = [x]
        for w, b in zip(weights, biases, strict=True):
            z = w @ activations[-1] + b
            activations.append(z if w is weights[-1] else np.maximum(z, 0.0))
        margin = 1.0 - y * activations[-1]
        penalty = 1e-4 * sum((p**2).sum() for p in weights + biases)
        seen.append((np.maximum(margin, 0.0).mean() + penalty, ((activations[-1] > 0) == (y > 0)).mean()))
        delta = np.where(margin > 0.0, -y, 0.0) / len(y)
        for k in (2, 1, 0):
            dw, db = delta @ activations[k].T, delta.sum(axis=1, keepdims=True)
            delta = (weights[k].T @ delta) * (activations[k] > 0.0)
            weights[k] = weights[k] - learning_rate(step) * (dw + 2e-4 * weights[k])
            biases[k] = biases[k] - learning_rate(step) * (db + 2e-4 * biases[k])
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "loss", "accuracy"),
    [(1, 1.7235905, 0.81), (10, 0.2450702, 0.91), (40, 0.0601601, 1.0), (50, 0.0987511, 0.96)],
)
def test_the_moons_demo_prints_the_published_losses(history, step, loss, accuracy):
    assert history[step] == (pytest.approx(loss, rel=0, abs=0.51e-7), accuracy)


@pytest.mark.slow
def test_the_moons_demo_starts_and_ends_at_the_published_losses(history):
    assert history[0] == (pytest.approx(0.8958441028683222, rel=1e-13, abs=0), 0.5)
    assert history[99] == (pytest.approx(0.010978370135492717, rel=1e-12, abs=0), 1.0)


@pytest.mark.slow
def test_the_moons_demo_is_right_about_every_point_first_at_step_40_and_for_good_from_70(history):
    accuracies = [accuracy for _, accuracy in history]
    assert accuracies.index(1.0) == 40
    assert accuracies[69] < 1.0
    assert set(accuracies[70:]) == {1.0}


@pytest.mark.slow
def test_all_100_losses_of_the_moons_demo_agree_with_an_independent_rewrite(history, moons):
    expected = rolled_up(moons)
    assert [loss for loss, _ in history] == pytest.approx([loss for loss, _ in expected], rel=1e-12, abs=0)
    assert [accuracy for _, accuracy in history] == [accuracy for _, accuracy in expected]


@pytest.mark.slow
@pytest.mark.parametrize("compile", [True, False])
def test_fit_goes_through_the_same_100_losses_compiled_or_not(moons, history, compile):
    epochs = 100 if compile else 15
    net, optimizer = MLP(2, [16, 16, 1], activation="relu", init="uniform", seed=1337), SGD(learning_rate)
    seen = fit(
        net, *moons, loss=hinge, penalty=1e-4, optimizer=optimizer, epochs=epochs, metric=accuracy, compile=compile
    )
    largest = max(loss for loss, _ in history)
    assert seen.loss == pytest.approx([loss for loss, _ in history[:epochs]], rel=0, abs=1e-12 * largest)
    assert seen.metric == [share for _, share in history[:epochs]]


def test_the_first_gradient_of_the_moons_demo_is_micrograds_own(moons):
    points, classes = moons[0][:10], moons[1][:10]
    net = MLP(2, [16, 16, 1], seed=1337)
    max_margin_loss(net, points, classes)[0].backward()

    random.seed(1337)
    theirs = micrograd.nn.MLP(2, [16, 16, 1])
    losses = [
        (1 + -y * theirs(list(map(micrograd.engine.Value, x)))).relu() for x, y in zip(points, classes, strict=True)
    ]
    (sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in theirs.parameters())).backward()

    assert [p.grad for p in net.parameters()] == pytest.approx([p.grad for p in theirs.parameters()], rel=1e-12, abs=0)
