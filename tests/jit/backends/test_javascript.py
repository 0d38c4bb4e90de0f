"""Programs as JavaScript text: what a function may be called, what it returns, and what is refused by name."""

from __future__ import annotations

import json
import math
import subprocess
from random import Random
from typing import Any

import numpy as np
import pytest
from hostile import NAMES, ran
from jit.support import eager, is_same

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit.backends.source import javascript

PROGRAM = ag.jit(lambda x: ag.exp(x * x), backend="python").program(2.0)


def at_points(node: str, source: str, name: str, points: list[tuple[float, ...]], results: int) -> list[Any]:
    """What the function returns and writes at each of these points; numbers go as text, in one process."""
    script = f"""{source}
    const number = (text) => Number(text.replace("inf", "Infinity"));
    const shown = (x) => Object.is(x, -0) ? "-0.0" : String(x).replace("Infinity", "inf");
    console.log(JSON.stringify({json.dumps([list(map(repr, point)) for point in points])}.map((point) => {{
        const sink = new Array({results}).fill(7);
        return [{name}([point.map(number), []], [], [sink], null), sink.map(shown)];
    }})));"""
    done = subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True)
    return [(holds, list(map(float, numbers))) for holds, numbers in json.loads(done.stdout)]


@pytest.mark.parametrize("name", ["", "1f", "a-b", "f()", "größe", "class", "await", "eval", "f\n", "Math", "Infinity"])
def test_a_name_that_no_function_has_is_refused(name: str) -> None:
    with pytest.raises(ProgramError, match="a JavaScript function cannot be called"):
        javascript.text(PROGRAM, name)


@pytest.mark.parametrize("name", ["f", "run", "v0", "sources", "exp", "double", "undefined_", "_"])
def test_any_other_name_is_that_of_a_function(node: str, name: str) -> None:
    source = f"{{{javascript.text(PROGRAM, name)};globalThis.g = {name};}}"
    assert at_points(node, source, "g", [(2.0,)], 1)[0][0] is True


def test_it_returns_false_where_a_guard_does_not_hold(node: str) -> None:
    program = ag.jit(lambda x: ag.log(x) if x > 1.0 else x - 1.0, backend="python").program(2.0)
    points = [(3.0,), (0.5,), (math.nan,), (math.inf,)]
    found = at_points(node, javascript.text(program, "f"), "f", points, 1)
    assert [holds for holds, _ in found] == [True, False, False, True]
    assert found[0][1] == pytest.approx([math.log(3.0)], rel=1e-15)
    assert found[1][1] == [7.0]


FUNCTIONS = {
    "erf": (-7.0, 7.0), "erfc": (-7.0, 27.0), "gamma": (-20.0, 171.0), "lgamma": (0.0, 400.0), "digamma": (0.0, 400.0),
    "erfinv": (-1.0, 1.0), "norm_ppf": (0.0, 1.0), "log_norm_cdf": (-60.0, 9.0), "log1p": (-1.0, 3.0), "expm1": (-1.0, 1.0),
}  # fmt: skip
"""The functions of one number whose JavaScript is ours, or delicate, and where to ask for them."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_javascript_lacks_is_what_the_op_gives(node: str, name: str) -> None:
    op, random = ag.TABLE[name], Random(name)
    low, high = FUNCTIONS[name]
    points = [(random.uniform(low, high),) for _ in range(500)]
    points += [(low + 10.0 ** random.uniform(-15.0, 0.0) * (high - low),) for _ in range(200)]
    program = ag.jit(op, backend="python").program(0.5)
    for (x,), (_, (found,)) in zip(points, at_points(node, javascript.text(program, "f"), "f", points, 1), strict=True):
        assert is_same(found, eager(op.evaluate, (x,), (x,)), 1e-13, 1e-15), x


@pytest.mark.parametrize("op", [ag.sinc_derivative, ag.polygamma], ids=str)
@pytest.mark.parametrize("order", [0.0, 1.0, 2.0, 5.0])
def test_the_derivatives_of_sinc_and_digamma(node: str, op: Any, order: float) -> None:
    random = Random(order)
    points = [(random.uniform(0.01, 1.0) * 10.0 ** random.randint(0, 2),) for _ in range(300)]
    program = ag.jit(lambda x: op(order, x), backend="python").program(0.5)
    for (x,), (_, (found,)) in zip(points, at_points(node, javascript.text(program, "f"), "f", points, 1), strict=True):
        assert is_same(found, op(order, x), 1e-12, 1e-13), x


def test_fma_rounds_once(node: str) -> None:
    random = Random(1)
    points = []
    for _ in range(300):
        x, y = random.uniform(-9.0, 9.0), random.uniform(-9.0, 9.0)
        points.append((x, y, -x * y))  # leaves what the product lost
    found = at_points(node, javascript.text(ag.jit(ag.fma).program(1.0, 2.0, 3.0), "f"), "f", points, 1)
    assert [numbers for _, (numbers,) in found] == [ag.fma(*point) for point in points]
    assert sum(number != 0.0 for _, (number,) in found) > 250


@pytest.mark.parametrize("op", [ag.betaln, ag.beta], ids=str)
def test_an_op_that_python_alone_can_compute_is_refused_by_name(op: Any) -> None:
    with pytest.raises(ProgramError, match=f"JavaScript has no function for the op '{op.name}'"):
        javascript.text(ag.jit(lambda x: op(2.0, x)).program(2.5))


def test_what_node_does_not_run_is_an_error_and_the_next_program_runs(node: str) -> None:
    executable = javascript.compile(PROGRAM)
    source, executable.source = executable.source, "function run() { throw new Error('no'); }"
    sinks = [np.empty(1)]
    with pytest.raises(ProgramError, match="node did not run the program:\nError: no"):
        executable.run([np.array([2.0])], [], sinks, None, 1)
    executable.source = source
    assert executable.run([np.array([2.0])], [], sinks, None, 1)
    assert sinks[0] == pytest.approx(math.exp(4.0), rel=1e-15)


def test_names_are_comments_that_end_neither_a_line_nor_a_script_element(node: str) -> None:
    def f(x: Any) -> Any:
        for name in NAMES:
            x = ag.sin(x) + 1.0
            x.name = name
        return x

    source = javascript.text(ag.jit(f, backend="python").program(0.5), "f")
    ((holds, found),) = at_points(node, source, "f", [(0.5,)], 1)
    assert holds
    assert found == pytest.approx([f(ag.Value(0.5)).data], rel=1e-12)
    assert not ran()
    assert "</script" not in source
    assert "<!--" not in source
