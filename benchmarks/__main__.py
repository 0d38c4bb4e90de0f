"""All benchmarks, one command: ``python -m benchmarks``; the names of some to run only those.

Peers run in the same process, in turns; figures are medians over the rounds and ratios are medians of the rounds'
ratios. The cyclic garbage collector is on unless a row says otherwise.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import compiled, gradients, growth, matrices, pictures, recording, startup, training
from .measure import Row, bytes_held, machine, ratio, taking_turns, versions, with_deep_stack

NUMBERS = Path(__file__).parent.parent / "docs" / "numbers"
HEAD = "| what | ours | beside | better by | asked for |\n|---|---|---|---|---|"


def recorded_operation() -> Iterator[Row]:
    """Time and memory of one operation."""
    from micrograd.engine import Value as Micrograd

    from autograd_core import Value

    for size, rounds in ((1_000, 31), (10_000, 15), (100_000, 5)):
        for what, forms in (("all operators", list(recording.FORMS)), ("a + b, a * b only", ["a + b", "a * b"])):
            steps = recording.program(size, forms)
            contenders = {
                "ours": recording.forward_and_backward(Value, steps),
                "micrograd": recording.forward_and_backward(Micrograd, steps),
            }
            if size == 1_000:
                contenders["HIPS autograd"] = recording.with_autograd(steps)
            times = taking_turns(contenders, rounds)
            mine = statistics.median(times["ours"]) / size
            for peer in list(contenders)[1:]:
                yield (
                    f"one operation, forward + backward, {size:,} of them, {what}",
                    f"{mine * 1e9:,.0f} ns",
                    f"{peer} {statistics.median(times[peer]) / size * 1e9:,.0f} ns",
                    f"{ratio(times[peer], times['ours']):.1f} x",
                    "4 x" if peer == "micrograd" and what == "all operators" and size == 10_000 else "",
                )
    steps = recording.program(10_000, list(recording.FORMS))
    theirs = bytes_held(recording.forward_and_backward(Micrograd, steps)) / 10_000
    leaves = recording.starting_values()
    recorded = bytes_held(lambda: recording.evaluate(steps, [Value(x) for x in leaves])) / 10_000
    differentiated = bytes_held(recording.forward_and_backward(Value, steps)) / 10_000
    yield "one operation, memory, recorded", f"{recorded:.0f} bytes", "", "", "200 bytes"
    yield (
        "one operation, memory, with gradients",
        f"{differentiated:.0f} bytes",
        f"micrograd {theirs:.0f} bytes",
        f"{theirs / differentiated:.1f} x",
        "",
    )


def import_time() -> Iterator[Row]:
    """Imports beyond bare Python."""
    statements = {"": "pass", **{peer: f"import {peer}" for peer in startup.PEERS}}
    times = taking_turns({name: startup.interpreter(s) for name, s in statements.items()}, 15)
    for peer in startup.PEERS:
        beyond = statistics.median(a - b for a, b in zip(times[peer], times[""], strict=True))
        yield f"import {peer}", f"{beyond * 1e3:.0f} ms", "", "", "40 ms" if peer == "autograd_core" else ""


def growth_with_size() -> Iterator[Row]:
    """Cost per operation in small and large graphs."""
    for collector, limit in (("off", "1.5 x"), ("on", "2.2 x")):
        if collector == "off":
            gc.disable()
        times = taking_turns({"large": growth.chain(growth.LARGE), "small": growth.chain(growth.SMALL)}, 5)
        gc.enable()
        per_operation = {name: statistics.median(t) for name, t in times.items()}
        factor = (per_operation["large"] / growth.LARGE) / (per_operation["small"] / growth.SMALL)
        yield (
            f"cost per operation, 10⁶ nodes against 10⁴, collector {collector}",
            f"{factor:.2f} x",
            "",
            "",
            f"≤ {limit}",
        )


def cheap_gradients() -> Iterator[Row]:
    """Gradient against function."""
    function, both = gradients.operation_counts()
    yield f"operations of f and ∇f against f, Rosenbrock-{gradients.N}", f"{both / function:.2f} x", "", "", "≤ 5 x"
    times = taking_turns({"floats": gradients.on_floats, "gradient": gradients.with_gradient}, 31)
    yield (
        f"time of f and ∇f against f on floats, Rosenbrock-{gradients.N}",
        f"{ratio(times['gradient'], times['floats']):.0f} x",
        "",
        "",
        "",
    )


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "recording": recorded_operation,
    "training": training.rows,
    "import": import_time,
    "growth": growth_with_size,
    "gradients": cheap_gradients,
    "compiled": compiled.rows,
    "matrices": matrices.rows,
    "pictures": pictures.rows,
}


def line(row: Row) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(row)} |"


def main(argv: list[str] | None = None) -> None:
    """Run the chosen benchmarks and print their rows as a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument(
        "--write", action="store_true", help="put what each of them found into docs/numbers/NAME.md, with the date"
    )
    arguments = parser.parse_args(argv)
    names = arguments.names or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(machine(), "\n")
    print(HEAD)
    for name in names:
        rows = []
        for row in BENCHMARKS[name]():
            print(line(row), flush=True)
            rows.append(line(row))
        if arguments.write:
            where = f"{time.strftime('%Y-%m-%d')}, {machine()}{versions()}"
            (NUMBERS / f"{name}.md").write_text("\n".join([where, "", HEAD, *rows, ""]), encoding="utf-8")


if __name__ == "__main__":
    with_deep_stack(main)
