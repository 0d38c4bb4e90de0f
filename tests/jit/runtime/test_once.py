"""Machine code is made once, also where threads want it at the same moment."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd_core.jit.runtime.once import once


def test_threads_get_the_same_thing() -> None:
    made = []
    barrier = threading.Barrier(8)

    @once
    def make(n: int) -> object:
        time.sleep(0.01)  # long enough for all others to ask
        made.append(n)
        return object()

    def ask(n: int) -> object:
        barrier.wait()
        return make(n)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, [0, 1] * 4))
    assert sorted(made) == [0, 1]
    assert len(set(map(id, found))) == 2


def test_a_failure_is_not_kept() -> None:
    attempts = []

    @once
    def make() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("the first time")
        return 7

    with pytest.raises(ValueError, match="first"):
        make()
    assert make() == make() == 7
    assert len(attempts) == 2
