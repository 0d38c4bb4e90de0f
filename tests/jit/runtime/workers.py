"""What processes and threads are given to do: functions of all kinds, each with NumPy's own answer beside it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd_core as ag
from nn import MLP

RNG = np.random.default_rng(3)
LONG = RNG.normal(size=250_000)  # enough for several blocks of points, and so for several threads
ROWS, WIDE_ROWS = RNG.normal(size=(9001, 6)), RNG.normal(size=(9001, 64))
NET = MLP(6, [12, 9, 2], ["tanh", "tanh", "identity"], seed=0)
WIDE = MLP(64, [64, 2], ["tanh", "identity"], seed=0)  # blocks of 4096 points make a product for BLAS


def _branching(x: Any, y: Any) -> Any:
    return [ag.sin(x) * y + x, x * y] if x > 0.0 else [x - y, ag.exp(x)]


single = ag.jit(_branching)
batch = ag.jit(ag.vmap(lambda x: ag.tanh(x) * x + 1.0), threads=2)
rows = ag.jit(ag.vmap(NET), threads=2)
wide = ag.jit(ag.vmap(WIDE), threads=2)
total = ag.jit(lambda xs, k: ag.sum(ag.vmap(lambda x: ag.cos(x * k))(xs)), threads=2)


def fresh(k: float) -> Any:
    """A function that nobody has compiled before."""
    return ag.jit(lambda x: ag.sin(x * k) + x * (k + 1.0))


def require(found: Any, expected: Any) -> None:
    if not np.allclose(found, expected, rtol=1e-11, atol=1e-12):
        raise AssertionError(f"found {found!r:.200}, expected {expected!r:.200}")


def check_single(seed: int) -> None:
    x, y = 0.1 + seed % 7, 0.3 * (seed % 5)
    require(single(x, y), [math.sin(x) * y + x, x * y])
    require(single(-x, y), [-x - y, math.exp(-x)])


def check_batch(seed: int) -> None:
    xs = LONG + seed % 3
    require(batch(xs), np.tanh(xs) * xs + 1.0)


def through(net: MLP, xs: Any) -> Any:
    """A network's outputs by NumPy, without BLAS: NumPy itself hangs if one thread forks while another is in there."""
    for layer in net.layers:
        w = np.array([[p.data for p in neuron.w] for neuron in layer.neurons])
        xs = np.einsum("ni,oi->no", xs, w) + np.array([neuron.b.data for neuron in layer.neurons])
        xs = np.tanh(xs) if layer is not net.layers[-1] else xs
    return xs


def check_rows(seed: int) -> None:
    xs = np.roll(ROWS, seed, axis=0)
    require(rows(xs), through(NET, xs))


WIDE_EXPECTED = through(WIDE, WIDE_ROWS)


def check_wide(seed: int) -> None:
    require(wide(np.roll(WIDE_ROWS, seed, axis=0)), np.roll(WIDE_EXPECTED, seed, axis=0))


def check_total(seed: int) -> None:
    require(total(LONG, float(seed % 11)), np.cos(LONG * (seed % 11)).sum())


def check_fresh(seed: int) -> None:
    k = 1.0 + seed / 1024.0
    f = fresh(k)
    for x in (0.5, 0.5, 2.0):
        require(f(x), math.sin(x * k) + x * (k + 1.0))


CHECKS = (check_single, check_batch, check_rows, check_wide, check_total, check_fresh)


def check_all(seed: int) -> int:
    """All of them; `seed` again, if all is right."""
    for check in CHECKS:
        check(seed)
    return seed


def check_one(seed: int) -> int:
    """One of them, another one for each seed."""
    CHECKS[seed % len(CHECKS)](seed)
    return seed


def call(function: Any, x: float) -> float:
    """A compiled function that came through a pickle, at a number."""
    function(x)
    return float(function(x))
