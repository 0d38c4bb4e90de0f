"""Training: micrograd's moons by hand and by `nn.fit`, and the digits beside torch.

All start from the same weights. `fit` runs in interpreters of its own, so that what it compiles has not been compiled
before; its clock starts when data and network are there and stops when the history is.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from . import moons
from .measure import Row, ratio

EPOCHS, BATCH, ETA = 20, 10, 0.3
FRESH = 3  # interpreters that run `fit` on the moons, spread over micrograd's run


def rows() -> Iterator[Row]:
    """All rows."""
    yield from moons_demo()
    yield from digits()


def moons_demo() -> Iterator[Row]:
    """micrograd's own demo, in blocks of steps that take turns; each side pays for collecting its own garbage."""
    steps = {"ours": moons.our_step(), "micrograd": moons.micrograd_step()}
    losses: dict[str, list[float]] = {name: [] for name in steps}
    times: dict[str, list[float]] = {name: [] for name in steps}
    fitted = []
    for block in range(0, moons.STEPS, moons.BLOCK):
        if len(fitted) < FRESH and block >= len(fitted) * moons.STEPS // FRESH:
            fitted.append(in_a_fresh_interpreter("fit_moons"))
        for name, step in steps.items():
            start = time.perf_counter()
            losses[name] += [step(k) for k in range(block, block + moons.BLOCK)]
            gc.collect()
            times[name].append(time.perf_counter() - start)
    largest = max(losses["micrograd"])
    micrograd = f"micrograd {sum(times['micrograd']):.1f} s"
    yield (
        f"moons demo, {moons.STEPS} steps by hand; {agreement(losses['ours'], losses['micrograd'], largest)}",
        f"{sum(times['ours']):.1f} s",
        micrograd,
        f"{ratio(times['micrograd'], times['ours']):.1f} x",
        "20 x, 1e-12",
    )
    seconds = statistics.median(run["seconds"] for run in fitted)
    yield (
        f"moons demo by `fit`, tracing and compilation included; "
        f"{agreement(fitted[0]['losses'], losses['micrograd'], largest)}",
        f"{seconds:.2f} s",
        micrograd,
        f"{sum(times['micrograd']) / seconds:.0f} x",
        "200 x, 1e-12",
    )


def agreement(ours: list[float], theirs: list[float], largest: float) -> str:
    """How far two lists of losses are apart, relative to the largest."""
    apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / largest
    return f"losses agree to {apart:.0e} of the largest"


def digits() -> Iterator[Row]:
    """20 epochs of scikit-learn's digits after a first one that compiles; torch trains the same network likewise."""
    runs = [in_a_fresh_interpreter("fit_digits") for _ in range(3)]
    ours = sorted(runs, key=lambda run: run["seconds"])[1]
    what = f"digits, [64, 16, 10], {EPOCHS} epochs of 1,437 in minibatches of {BATCH}"
    detail = f"{what}; compilation before it {ours['compilation']:.1f} s"
    try:
        theirs = [by_torch() for _ in range(3)]
    except ImportError as error:
        yield detail, f"{ours['seconds']:.2f} s", f"torch: not here ({error})", "", "2 s"
        return
    times = [run["seconds"] for run in theirs]
    same = agreement(ours["losses"], theirs[0]["losses"], max(ours["losses"]))
    yield (
        f"{detail}; {same}",
        f"{ours['seconds']:.2f} s",
        f"torch {statistics.median(times):.2f} s",
        f"{statistics.median(times) / ours['seconds']:.1f} x",
        "2 s",
    )


def in_a_fresh_interpreter(name: str) -> Any:
    """What one of the functions below returns there."""
    command = [sys.executable, "-m", f"{__package__}.training", name]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def fit_moons() -> dict[str, Any]:
    """100 steps as a user of `fit` would write them."""
    from nn import MLP, SGD, fit, hinge

    inputs, labels = moons.points()
    net = MLP(2, [16, 16, 1], activation="relu", init="uniform", seed=1337)
    optimizer = SGD(lambda k: 1.0 - 0.9 * k / moons.STEPS)
    start = time.perf_counter()
    history = fit(net, inputs, labels, loss=hinge, penalty=1e-4, optimizer=optimizer, epochs=moons.STEPS)
    return {"seconds": time.perf_counter() - start, "losses": history.loss}


def fit_digits() -> dict[str, Any]:
    """21 epochs, the first of which compiles."""
    from nn import SGD, cross_entropy, fit

    net, inputs, labels = digits_network()
    history = fit(
        net,
        inputs,
        labels,
        loss=cross_entropy,
        optimizer=SGD(ETA),
        batch_size=BATCH,
        epochs=EPOCHS + 1,
        seed=0,
    )
    seconds = sum(history.seconds[1:])
    return {"seconds": seconds, "compilation": history.seconds[0] - seconds / EPOCHS, "losses": history.loss}


def digits_network() -> tuple[Any, Any, Any]:
    """The network before training, and its data."""
    from nn import MLP
    from nn import digits as handwritten

    (inputs, labels), _ = handwritten()
    return MLP(64, [16, 10], "tanh", init="xavier", seed=0), inputs, labels


def by_torch() -> dict[str, Any]:
    """The same training with torch's tensors in double precision, a minibatch a matrix, on one thread: here the
    fastest. The order of the samples is drawn as `fit` draws it."""
    import random

    import torch

    from nn.training.run import drawn_order

    torch.set_num_threads(1)
    net, inputs, labels = digits_network()
    model = torch.nn.Sequential(torch.nn.Linear(64, 16), torch.nn.Tanh(), torch.nn.Linear(16, 10)).double()
    with torch.no_grad():
        for layer, theirs in zip(net.layers, (model[0], model[2]), strict=True):
            theirs.weight.copy_(torch.tensor([[w.data for w in neuron.w] for neuron in layer.neurons]))
            theirs.bias.copy_(torch.tensor([neuron.b.data for neuron in layer.neurons]))
    rows, classes = torch.tensor(inputs, dtype=torch.float64), torch.tensor(labels)
    optimizer, rng, losses, times = torch.optim.SGD(model.parameters(), lr=ETA), random.Random(0), [], []
    for _ in range(EPOCHS + 1):
        start = time.perf_counter()
        positions, total = torch.tensor(drawn_order(rng, len(rows))), 0.0
        for batch in positions.split(BATCH):
            loss = torch.nn.functional.cross_entropy(model(rows[batch]), classes[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(rows))
        times.append(time.perf_counter() - start)
    return {"seconds": sum(times[1:]), "losses": losses}


if __name__ == "__main__":
    print(json.dumps({"fit_moons": fit_moons, "fit_digits": fit_digits}[sys.argv[1]]()))
