"""What it costs to compile, per step of the program: every time a program that has not been seen before.

The first call of a function traces it (runs it on Values, differentiates, simplifies), has the backend compile the
program, and runs it at a few points. The backend's part is timed by a clock around it. Every first call has a process
of its own, warmed up by another program: what earlier ones leave behind slows the garbage collector down.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from . import batches, expressions, peers
from .measure import Row, seconds

SIZES, ROUNDS = {1_000: 320, 10_000: 3_200, 100_000: 32_000}, 3  # steps: operations
GCC_SIZE = 1_000


def rows() -> Iterator[Row]:
    """Microseconds per step in small, middle and large programs."""
    compiling: dict[int, list[float]] = {size: [] for size in SIZES}
    tracing: dict[int, list[float]] = {size: [] for size in SIZES}
    seeds = itertools.count(100)
    for _ in range(ROUNDS):
        for size, operations in SIZES.items():
            steps, whole, backend = in_its_own_process(operations, next(seeds))
            compiling[size].append(backend / steps)
            tracing[size].append((whole - backend) / steps)
    gcc = beside_gcc(new(SIZES[GCC_SIZE], next(seeds)).program(expressions.points(16)))
    for size in SIZES:
        yield (
            f"compile time per step, programs of about {size:,} steps; tracing before it "
            f"{statistics.median(tracing[size]) * 1e6:.0f} µs",
            f"{statistics.median(compiling[size]) * 1e6:.1f} µs",
            gcc if size == GCC_SIZE else "",
            "",
            "≤ 60 µs",
        )
    growth = statistics.median(a / b for a, b in zip(compiling[100_000], compiling[10_000], strict=True))
    yield "compile time per step, 100,000 steps against 10,000", f"{growth:.2f} x", "", "", "≤ 1.5 x"


def new(operations: int, seed: int) -> Any:
    """A function that has not been called yet."""
    return batches.compiled(operations, expressions.MIXED, seed)


def in_its_own_process(operations: int, seed: int) -> tuple[int, float, float]:
    """`first_call` in a fresh interpreter."""
    command = [sys.executable, "-m", f"{__package__}.compile_time", str(operations), str(seed)]
    steps, whole, backend = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return steps, whole, backend


def first_call(operations: int, seed: int) -> tuple[int, float, float]:
    """The steps of a new program, the seconds of the first call that made it, and those of them in the backend."""
    from autograd_core.jit.backends.llvm import executable as llvm

    compile, spent = llvm.compile, []

    def timed(program: Any) -> Any:
        start = time.perf_counter()
        executable = compile(program)
        spent.append(time.perf_counter() - start)
        return executable

    x = expressions.points(16)
    new(expressions.TERM, seed)(x)
    f = new(operations, seed)
    with mock.patch.object(llvm, "compile", timed):
        whole = seconds(lambda: f(x))
    return len(f.program(x).steps), whole, sum(spent)


def beside_gcc(program: Any) -> str:
    """What gcc takes for the same program."""
    try:
        elapsed = seconds(lambda: peers.compiled_by_gcc(program))
    except FileNotFoundError as error:
        return f"gcc: not here ({error})"
    return f"gcc -O3 {elapsed / len(program.steps) * 1e6:.0f} µs"


if __name__ == "__main__":
    print(json.dumps(first_call(int(sys.argv[1]), int(sys.argv[2]))))
