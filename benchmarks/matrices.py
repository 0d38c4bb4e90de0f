"""Nielsen's [784, 30, 10] on MNIST: an epoch of 50,000 images in minibatches of 10, in double precision.

Ours is `nn.fit` on a network of scalar Values. Beside it: Nielsen's class as his first chapter prints it (one sample
after the other, NumPy), torch with modules and tensors on one thread and on all, and JAX with the whole epoch as one
compiled `lax.scan` that takes the samples in a drawn order, as all others do. Data are drawn at random, in MNIST's
shapes: times do not depend on what the images show.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from .measure import Row, ratio

IMAGES, PIXELS, CLASSES, BATCH, ETA = 50_000, 784, 10, 10, 3.0
ROUNDS = 5


def rows() -> Iterator[Row]:
    """All rows."""
    data = images()
    start = time.perf_counter()
    ours = Ours(30, data)
    ours.epoch()
    first = time.perf_counter() - start
    peers: dict[str, Callable[[], None]] = {"Nielsen's class": nielsen(data)}
    missing = {}
    for name, make in (("torch, 1 thread", torch_on(1)), ("torch, all threads", torch_on(None)), ("JAX", jax_scan)):
        try:
            peers[name] = make(data)
        except ImportError as error:
            missing[name] = str(error)
    times = in_turns({"ours": ours.epoch, **peers})
    mine = statistics.median(times["ours"])
    what = f"an epoch of [784, 30, 10], {IMAGES:,} images, minibatch {BATCH}"
    threads = [name for name in peers if name.startswith("torch")]
    best = min(threads, key=lambda name: statistics.median(times[name]), default=None)
    for name, asked in (("Nielsen's class", "10 x"), (best, "4 x"), ("JAX", "0.91 x")):
        if name in times:
            yield (
                what,
                f"{mine:.2f} s",
                f"{name} {statistics.median(times[name]):.2f} s",
                f"{ratio(times[name], times['ours']):.1f} x",
                asked,
            )
    for name, why in missing.items():
        yield what, f"{mine:.2f} s", f"{name}: not here ({why})", "", ""
    yield (
        "tracing, finding the matrices and compiling, [784, 30, 10]: the first epoch beyond the others",
        f"{first - mine:.1f} s",
        "",
        "",
        "5 s",
    )
    yield from growth(ours, data)


def growth(ours: Ours, data: Any) -> Iterator[Row]:
    """[784, 100, 10] against [784, 30, 10]: time, and multiplications."""
    large = Ours(100, data)
    large.epoch()
    times = in_turns({"large": large.epoch, "small": ours.epoch})
    by_time = statistics.median(a / b for a, b in zip(times["large"], times["small"], strict=True))
    by_work = large.multiplications / ours.multiplications
    yield (
        "time of an epoch, [784, 100, 10] against [784, 30, 10]",
        f"{by_time:.2f} x",
        f"multiplications {by_work:.2f} x",
        f"{by_work / by_time:.2f} x",
        "1 x",
    )


def images() -> tuple[Any, Any]:
    """Rows of numbers between 0 and 1, and one-hot classes."""
    rng = np.random.default_rng(0)
    return rng.random((IMAGES, PIXELS)), np.eye(CLASSES)[rng.integers(0, CLASSES, IMAGES)]


def in_turns(contenders: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Seconds of each in every round."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            gc.collect()
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return times


class Ours:
    """`fit`, an epoch whenever it is asked for: the run stands still in between."""

    def __init__(self, hidden: int, data: Any) -> None:
        from nn import MLP, SGD, half_mse
        from nn.data.samples import as_samples
        from nn.training.run import Run

        net = MLP(PIXELS, [hidden, CLASSES], ["sigmoid", "sigmoid"], init="normal", seed=0)
        self.run = Run(
            net,
            as_samples(*data),
            loss=half_mse,
            optimizer=SGD(ETA),
            batch_size=BATCH,
            rng=random.Random(0),
        )
        self.multiplications = 2 * hidden * PIXELS + 3 * hidden * CLASSES  # of a sample; δ is not passed to the pixels

    def epoch(self) -> None:
        """One more epoch."""
        self.run.train(self.run.state.epoch + 1, lambda text, steps=1: None)


def nielsen(data: Any) -> Callable[[], None]:
    """What the class of *Neural Networks and Deep Learning*, chapter 1, does, step for step: sample after sample."""
    rng = np.random.default_rng(0)
    sizes = [PIXELS, 30, CLASSES]
    pairs = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(*data, strict=True)]
    weights = [rng.standard_normal((n, m)) for m, n in pairwise(sizes)]
    biases = [rng.standard_normal((n, 1)) for n in sizes[1:]]

    def sigmoid(z: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-z))

    def backprop(x: Any, y: Any) -> tuple[list[Any], list[Any]]:
        zs, activations = [], [x]
        for w, b in zip(weights, biases, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = (activations[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
        of_biases, of_weights = [delta], [np.dot(delta, activations[-2].transpose())]
        for layer in range(2, len(sizes)):
            slope = sigmoid(zs[-layer]) * (1 - sigmoid(zs[-layer]))
            delta = np.dot(weights[-layer + 1].transpose(), delta) * slope
            of_biases.insert(0, delta)
            of_weights.insert(0, np.dot(delta, activations[-layer - 1].transpose()))
        return of_biases, of_weights

    def epoch() -> None:
        random.shuffle(pairs)
        for k in range(0, IMAGES, BATCH):
            batch = pairs[k : k + BATCH]
            sum_b, sum_w = [np.zeros(b.shape) for b in biases], [np.zeros(w.shape) for w in weights]
            for x, y in batch:
                of_b, of_w = backprop(x, y)
                sum_b = [total + g for total, g in zip(sum_b, of_b, strict=True)]
                sum_w = [total + g for total, g in zip(sum_w, of_w, strict=True)]
            weights[:] = [w - (ETA / len(batch)) * g for w, g in zip(weights, sum_w, strict=True)]
            biases[:] = [b - (ETA / len(batch)) * g for b, g in zip(biases, sum_b, strict=True)]

    return epoch


def torch_on(threads: int | None) -> Callable[[Any], Callable[[], None]]:
    """torch with so many threads; None: as many as it takes by itself."""

    def make(data: Any) -> Callable[[], None]:
        import torch

        own = torch.get_num_threads()
        layers = torch.nn.Linear(PIXELS, 30), torch.nn.Sigmoid(), torch.nn.Linear(30, CLASSES), torch.nn.Sigmoid()
        model = torch.nn.Sequential(*layers).double()
        inputs, targets = map(torch.tensor, data)
        optimizer = torch.optim.SGD(model.parameters(), lr=ETA)

        def epoch() -> None:
            torch.set_num_threads(threads or own)
            for positions in torch.randperm(IMAGES).split(BATCH):
                loss = 0.5 * ((model(inputs[positions]) - targets[positions]) ** 2).sum() / len(positions)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            torch.set_num_threads(own)

        return epoch

    return make


def jax_scan(data: Any) -> Callable[[], None]:
    """JAX, the whole epoch compiled as one scan."""
    import jax

    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)
    inputs, targets = map(jax.numpy.asarray, data)
    sizes = [PIXELS, 30, CLASSES]
    start = [(rng.standard_normal((n, m)), rng.standard_normal(n)) for m, n in pairwise(sizes)]

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        for w, b in parameters:
            x = jax.nn.sigmoid(x @ w.T + b)
        return 0.5 * ((x - y) ** 2).sum() / BATCH

    def run(parameters: Any, inputs: Any, targets: Any, order: Any) -> Any:
        def step(parameters: Any, positions: Any) -> Any:
            loss, gradient = jax.value_and_grad(cost)(parameters, inputs[positions], targets[positions])
            return jax.tree.map(lambda p, g: p - ETA * g, parameters, gradient), loss

        return jax.lax.scan(step, parameters, order)

    compiled = jax.jit(run)
    state = [compiled(start, inputs, targets, rng.permutation(IMAGES).reshape(-1, BATCH))[0]]

    def epoch() -> None:
        state[0], losses = compiled(state[0], inputs, targets, rng.permutation(IMAGES).reshape(-1, BATCH))
        losses.block_until_ready()

    return epoch
