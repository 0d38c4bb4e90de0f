"""Several threads build and differentiate their own graphs at once, sharing only the leaves they read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import DomainError


def test_eight_threads_differentiate_at_once() -> None:
    shared = Value(0.5)

    def work(seed: int) -> list[float]:
        results = []
        for k in range(60):
            x = Value(1.0 + seed + k)
            z = x
            for _ in range(50):
                z = ag.sin(z) * shared + x
            leaf = Value(0.0)
            leaf.data = 1.0  # advances the clock under the other threads' feet
            results.append(ag.backprop(z * leaf, x)[x])
            assert ag.backprop(ag.sqrt(x * 0.0), x, create_graph=True)[x].data != 0.0  # quiet inside ...
            with pytest.raises(DomainError):  # ... and loud outside, in every thread
                ag.log(x * 0.0)
        return results

    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(work, range(8)))
    assert at_once == [work(seed) for seed in range(8)]
