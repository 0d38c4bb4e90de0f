"""Timing that a noisy machine cannot bend: contenders take turns, and what counts is the median of their ratios."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

Row = tuple[str, str, str, str, str]  # what, ours, the peer's, how many times better, required
Work = Callable[[], Any]


def seconds(work: Callable[[], Any]) -> float:
    """One run of `work`, garbage collected before, its result freed after the clock has stopped."""
    gc.collect()
    start = time.perf_counter()
    result = work()
    elapsed = time.perf_counter() - start
    del result
    return elapsed


def taking_turns(contenders: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds per contender and round; every round runs each of them once."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            times[name].append(seconds(work))
    return times


def ratio(slower: list[float], faster: list[float]) -> float:
    """The median over the rounds of how many times faster `faster` was."""
    return statistics.median(a / b for a, b in zip(slower, faster, strict=True))


def repeated(work: Work, times: int) -> Work:
    """`work`, so many times."""

    def many() -> None:
        for _ in range(times):
            work()

    return many if times > 1 else work


def apart(one: Sequence[Any], other: Sequence[Any]) -> float:
    """The largest difference between two lists of arrays, each relative to the largest number of its array."""
    import numpy as np

    pairs = [(np.asarray(a).reshape(-1), np.asarray(b).reshape(-1)) for a, b in zip(one, other, strict=True)]
    return max(float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in pairs)


def side_by_side(
    what: str,
    makers: dict[str, Callable[[], Work]],
    show: Callable[[float], str],
    asked: dict[str, str],
    rounds: int,
    *,
    calls: int = 1,
) -> Iterator[Row]:
    """A row per peer. The first of the `makers` is ours; a peer that cannot be made here is named as missing.

    All results, lists of arrays, must agree before anybody is timed. `show` writes the seconds of one call.

    Raises `ArithmeticError` where they do not agree.
    """
    works, missing = _made(makers)
    mine, *_ = works
    results = {name: [work() for _ in range(3)][-1] for name, work in works.items()}  # thrice: everybody is warm
    differences = {name: apart(result, results[mine]) for name, result in results.items()}
    if not all(difference < SAME for difference in differences.values()):
        raise ArithmeticError(f"{what}: the results differ by {differences}")
    del results
    times = taking_turns({name: repeated(work, calls) for name, work in works.items()}, rounds)
    median = {name: show(statistics.median(some) / calls) for name, some in times.items()}
    for peer in list(makers)[1:]:
        required = asked.get(peer, "")
        if peer in missing:
            yield what, median[mine], f"{peer}: {missing[peer]}", "", required
        else:
            same = f"{what}; agree to {differences[peer]:.0e}"
            yield same, median[mine], f"{peer} {median[peer]}", f"{ratio(times[peer], times[mine]):.2f} x", required


SAME = 1e-10


def _made(makers: dict[str, Callable[[], Work]]) -> tuple[dict[str, Work], dict[str, str]]:
    """What can be made here, and why the rest cannot."""
    works: dict[str, Work] = {}
    missing: dict[str, str] = {}
    for name, make in makers.items():
        try:
            works[name] = make()
        except (ImportError, FileNotFoundError) as error:
            missing[name] = f"not here ({error})"
    return works, missing


@contextmanager
def one_core() -> Iterator[None]:
    """Bind this thread, and those that it starts, to one core where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def bytes_held(work: Callable[[], Any]) -> int:
    """The bytes that the result of `work` keeps alive."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = work()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del result
    return held


def with_deep_stack(work: Callable[[], None]) -> None:
    """Run `work` in a thread whose stack bears micrograd's recursion."""
    sys.setrecursionlimit(10**7)
    threading.stack_size(512 * 2**20)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def machine() -> str:
    """The processor and the interpreter."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = f"{names[0]}, {len(names)} cores" if names else model
    return f"{model}; {platform.python_implementation()} {platform.python_version()}, {platform.system()}"


def versions() -> str:
    """The libraries that have been loaded so far, each with its version, behind a semicolon."""
    libraries = ("numpy", "llvmlite", "scipy", "autograd", "casadi", "jax", "micrograd", "numba", "torch")
    loaded = [f"{name} {version(name)}" for name in libraries if name in sys.modules]
    return f"; {', '.join(loaded)}" if loaded else ""
