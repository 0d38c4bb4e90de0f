"""Timing that a noisy machine cannot bend: contenders take turns, and what counts is the median of their ratios."""

from __future__ import annotations

import gc
import platform
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any


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
