"""What it takes to look at a graph: pages and pictures of large ones, and how formulas and paths grow with it."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import ancestors, inputs_of
from nn import MLP, half_mse

from .measure import Row, taking_turns

SMALL, LARGE = 1_000, 30_000  # operations


def rows() -> Iterator[Row]:
    """Opening and drawing, then growth."""
    yield from _stepper()
    yield from _live()
    cost, count = _cost(784, 30, 10)
    yield (
        f"picture of a [784, 30, 10] network, {count:,} values, folded",
        f"{_median(lambda: ag.draw(cost).picture('svg'), 5):.2f} s",
        "",
        "",
        "3 s",
    )
    opened = _median(lambda: ag.draw(cost, unfold=["layer 1"]).picture("svg"), 5)
    yield "the same with the 30 neurons of layer 1", f"{opened:.2f} s", "", "", ""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "net.html")
        yield (
            "a page on which it unfolds by clicks",
            f"{_median(lambda: ag.draw(cost).save(page), 1):.1f} s, {page.stat().st_size / 1e6:.1f} MB",
            "",
            "",
            "",
        )
    for what, (graph, run) in GROWING.items():
        growth = f"{_growth(graph, run):.2f} x"
        yield f"{what}, per edge, {LARGE:,} operations against {SMALL:,}", growth, "", "", "linear"


def _stepper() -> Iterator[Row]:
    """Size of a page, and the time until a real browser has it ready."""
    cost, count = _cost(3, 9, 9, 1)
    with tempfile.TemporaryDirectory() as folder:
        page = ag.step(cost).save(Path(folder, "step.html"))
        yield f"stepper's page of {count} values, size", f"{page.stat().st_size / 1e6:.2f} MB", "", "", "1 MB"
        if (browser := _browser()) is not None:
            yield "until Chromium has opened it", f"{_median(lambda: browser.open(page), 9):.2f} s", "", "", "1 s"
            browser.close()


FRAMES = """(async () => {
    const frames = [];
    for (let k = 0; k < 120; ++k) {
        put(data.leaves[0], Math.sin(k / 10));
        const start = performance.now();
        show();
        document.body.getBoundingClientRect();
        frames.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
    }
    return frames.slice(20);
})()"""
"""Milliseconds that a page takes for each of a hundred moves of its first input, layout included."""


def _live() -> Iterator[Row]:
    """What a live page takes for a frame, and its size."""
    browser = _browser()
    cases = {
        "30 values": (ag.live(_thirty, x=0.5, y=0.9), "16 ms"),
        "a [2, 16, 16, 1] network": (ag.live(MLP(2, [16, 16, 1], "tanh", seed=1), [0.5, -0.3]), "50 ms"),
    }
    with tempfile.TemporaryDirectory() as folder:
        for what, (page, limit) in cases.items():
            path = page.save(Path(folder, "live.html"))
            yield f"live page of {what}, size", f"{path.stat().st_size / 1e6:.2f} MB", "", "", "0.3 MB"
            if browser is not None:
                browser.open(path)
                frame = statistics.median(browser.evaluate(FRAMES))
                yield "a frame of it while an input is dragged", f"{frame:.0f} ms", "", "", limit
    if browser is not None:
        browser.close()


def _thirty(x: Any, y: Any) -> Any:
    z = x
    for k in range(1, 14):
        z = ag.sin(z) * y if k % 2 else z + k
    return z * x + ag.tanh(y) * z + ag.exp(-z * z)


def _browser() -> Any:
    """A real browser, if there is one."""
    from tests.diagram.browser import Browser

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return None if found is None else Browser(found)


def _cost(*sizes: int) -> tuple[Value, int]:
    cost = half_mse(
        MLP(sizes[0], sizes[1:], "sigmoid", seed=1)([0.5] * sizes[0]), [0.0] * sizes[-1] if sizes[-1] > 1 else 0.0
    )
    return cost, len(ancestors(cost))


def _entangled(operations: int) -> tuple[Value, Value]:
    """A graph with more paths than can be counted one by one."""
    rng = Random(0)
    x = Value(0.5, name="x")
    nodes = [x]
    for _ in range(operations):
        a, b = rng.choice(nodes[-20:]), rng.choice(nodes[-20:])
        nodes.append(rng.choice((lambda a, b: a * b, lambda a, b: a + b, lambda a, _: ag.sin(a)))(a, b))
    return ag.sum(nodes), x


def _mixture(operations: int) -> tuple[Value, Value]:
    """One op of thousands, to all of which x matters."""
    x = Value(0.001, name="x")
    return ag.logsumexp([ag.sin(k * x) for k in range(1, operations // 2)]), x


def _recurrence(operations: int) -> tuple[Value, Value]:
    """States that have names, each a function of the one before."""
    w, state = Value(0.9, name="w"), Value(0.5, name="h_0")
    for k in range(1, operations // 2):
        state = ag.tanh(w * state)
        state.name = f"h_{k}"
    return state, w


def _written(z: Value, x: Value) -> str:
    return str(ag.derive(z, x))


GROWING: dict[str, tuple[Callable[[int], tuple[Value, Value]], Callable[[Value, Value], Any]]] = {
    "derive(z, x) and its text, random edges": (_entangled, _written),
    "derive(z, x) and its text, logsumexp of all": (_mixture, _written),
    "derive(z, x) and its text, a recurrence of named states": (_recurrence, _written),
    "paths(z, x).count, random edges": (_entangled, lambda z, x: ag.paths(z, x).count),
    "paths(z, x).sum, random edges": (_entangled, lambda z, x: ag.paths(z, x).sum),
}


def _median(work: Callable[[], Any], rounds: int) -> float:
    return statistics.median(taking_turns({"": work}, rounds)[""])


def _growth(graph: Callable[[int], tuple[Value, Value]], run: Callable[[Value, Value], Any]) -> float:
    per_edge = []
    for operations in (SMALL, LARGE):
        z, x = graph(operations)
        edges = sum([1 for node in ancestors(z) for _ in inputs_of(node)])
        per_edge.append(_median(lambda z=z, x=x: run(z, x), 3) / edges)
    return per_edge[1] / per_edge[0]
