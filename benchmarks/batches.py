"""Value and gradient of a random expression at many points: beside CasADi and gcc, beside JAX, and on two threads.

JAX has a process of its own, in which it takes turns with us and which has a time limit: its compiler needs half a
minute for these expressions, and longer than anybody would wait for larger ones. How fast its code is depends on the
expression more than on anything else, so several are drawn.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import expressions, peers
from .measure import Row, Work, one_core, ratio, side_by_side, taking_turns

POINTS, ROUNDS = 40_000, 5
SIZES = {"mixed": 970, "arithmetic": 960}  # operations: some 3,000 steps with the gradient
FORMS = {"mixed": expressions.MIXED, "arithmetic": expressions.ARITHMETIC}
JAX_SMALL, JAX_LIMIT = (150, 450), 300  # operations, a third of the steps; seconds
JAX_SEEDS = (1, 3, 4, 6, 7)  # the first ones whose expressions are finite at all points


def compiled(size: int, forms: list[str], seed: int = 1, threads: int | None = None) -> Any:
    """Value and gradient of a random expression, for a batch of points."""
    import autograd_core as ag

    terms = expressions.expression(size, forms, seed)
    return ag.jit(ag.vmap(ag.value_and_grad(lambda x: expressions.evaluate(terms, x, ag))), threads=threads)


def random_expressions() -> Iterator[Row]:
    """One core, beside CasADi and gcc with functions among the operations and without, then beside JAX."""
    from autograd_core.jit.backends.llvm.target import vector_width

    casadi_asked = "10 x" if vector_width() == 8 else "6 x"
    yield from beside_compilers("mixed", {"CasADi map": casadi_asked, "gcc -O3 -march=native": "6 x"})
    yield from beside_compilers("arithmetic", {})
    yield from beside_jax()


def beside_compilers(kind: str, asked: dict[str, str]) -> Iterator[Row]:
    """Ours beside CasADi and gcc."""
    x = expressions.points(POINTS)
    f = compiled(SIZES[kind], FORMS[kind])
    program = f.program(x)
    makers: dict[str, Callable[[], Work]] = {
        "ours": lambda: lambda: f(x),
        "CasADi map": lambda: peers.by_casadi(program, x),
        "gcc -O3 -march=native": lambda: peers.by_gcc(program, x),
    }
    yield from side_by_side(description(program), makers, per_step_and_point(program), asked, ROUNDS)


def description(program: Any) -> str:
    """What is computed: how many steps, and which part of them calls a function."""
    calls = sum(step.op.name not in NO_FUNCTIONS for step in program.steps)
    functions = f"{100 * calls / len(program.steps):.0f} % of them functions" if calls else "arithmetic only"
    return (
        f"value + gradient, {len(program.steps):,} steps, {functions}, {POINTS:,} points, per step and point, one core"
    )


NO_FUNCTIONS = {"add", "sub", "mul", "div", "neg", "sqrt", "spread"}


def per_step_and_point(program: Any) -> Callable[[float], str]:
    """Writes the seconds of a call."""
    return lambda s: f"{s / len(program.steps) / POINTS * 1e9:.3g} ns"


def beside_jax() -> Iterator[Row]:
    """Small expressions, large ones, and the median of the large ones."""
    for size in JAX_SMALL:
        yield race(size, 1)
    large = [race(SIZES["mixed"], seed) for seed in JAX_SEEDS]
    yield from large
    finished = [float(better.split()[0]) for _, _, _, better, _ in large if better]
    median = f"{statistics.median(finished):.2f} x" if finished else ""
    yield f"the median of these {len(finished)} expressions", "", "JAX", median, "30 x, where JAX finishes"


def race(size: int, seed: int) -> Row:
    """What `race_with_jax` finds in a process of its own, or that it did not come to an end."""
    command = [sys.executable, "-m", f"{__package__}.batches", str(size), str(seed)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=JAX_LIMIT)
    except subprocess.TimeoutExpired:
        what = f"value + gradient, {size:,} operations, {POINTS:,} points, expression {seed}"
        return what, "", f"JAX: no answer in {JAX_LIMIT} s", "", ""
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    what, ours, theirs, better, asked = json.loads(done.stdout)
    return what, ours, theirs, better, asked


def race_with_jax(size: int, seed: int) -> Row:
    """Ours and JAX's jit(vmap(value_and_grad)) of the same Python function, on one core."""
    x = expressions.points(POINTS)
    with one_core():
        f = compiled(size, expressions.MIXED, seed)
        program = f.program(x)
        makers: dict[str, Callable[[], Work]] = {"ours": lambda: lambda: f(x), "JAX": lambda: by_jax(size, seed, x)}
        what = f"{description(program)}, expression {seed}"
        (row,) = side_by_side(what, makers, per_step_and_point(program), {}, ROUNDS)
    return row


def by_jax(size: int, seed: int, x: Any) -> Work:
    """JAX's call, in double precision."""
    import jax

    jax.config.update("jax_enable_x64", True)
    terms = expressions.expression(size, expressions.MIXED, seed)
    f = jax.jit(jax.vmap(jax.value_and_grad(lambda x: expressions.evaluate(terms, x, jax.numpy))))
    return lambda: jax.block_until_ready(f(x))


def two_threads() -> Iterator[Row]:
    """Two threads against one, and what the machine gives to two threads that hash at that moment."""
    import numpy as np

    x = expressions.points(POINTS)
    one, two = (compiled(SIZES["mixed"], expressions.MIXED, threads=n) for n in (1, 2))
    data = bytes(40_000_000)
    for _ in range(2):
        same = all(np.array_equal(a, b) for a, b in zip(one(x), two(x), strict=True))
    with ThreadPoolExecutor(2) as pool:

        def digest(_: int = 0) -> bytes:
            return hashlib.sha256(data).digest()

        works: dict[str, Work] = {
            "one": lambda: one(x),
            "two": lambda: two(x),
            "sha one": lambda: [digest(), digest()],
            "sha two": lambda: list(pool.map(digest, range(2))),
        }
        times = taking_turns(works, 31)
    steps = len(one.program(x).steps)
    yield (
        f"two threads against one, {steps:,} steps, {POINTS:,} points; results {'bit-equal' if same else 'DIFFER'}",
        f"{statistics.median(times['two']) * 1e3:.1f} ms",
        f"one thread {statistics.median(times['one']) * 1e3:.1f} ms; the machine gives sha256 "
        f"{ratio(times['sha one'], times['sha two']):.2f} x",
        f"{ratio(times['one'], times['two']):.2f} x",
        "1.7 x",
    )


if __name__ == "__main__":
    print(json.dumps(race_with_jax(*map(int, sys.argv[1:]))))
