"""Programs of ours, compiled by others, so that all compute the same graph at the same points.

A program here is the value and the gradient of a function of one array, mapped over the rows of an array of points.
Nobody copies: peers read the points where they are, and write into arrays of their own.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .measure import Work

FLAGS = ["-O3", "-march=native", "-shared", "-fPIC"]


def by_gcc(program: Any, points: Any) -> Work:
    """Our C text as ``gcc -O3 -march=native`` compiles it. Raises `FileNotFoundError` where there is no gcc."""
    import numpy as np

    from autograd_core.jit.trace.tracer import FIRST_ARRAY

    run = compiled_by_gcc(program)
    count, size = points.shape
    value, gradient = np.empty(count), np.empty((count, size))
    sources = (ctypes.c_void_p * (FIRST_ARRAY + 1))(*[None] * FIRST_ARRAY, points.ctypes.data)
    sinks = (ctypes.c_void_p * 3)(None, value.ctypes.data, gradient.ctypes.data)  # the first is for single numbers
    lengths = (ctypes.c_long * 1)(count)

    def work() -> Any:
        run(sources, lengths, sinks, None)
        return value, gradient

    return work


def compiled_by_gcc(program: Any) -> Any:
    """The C function of `program`."""
    from autograd_core.jit.backends.source import c

    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "program.c"), Path(folder, "program.so")
        source.write_text(c.text(program))
        subprocess.run(["gcc", *FLAGS, "-o", library, source, "-lm"], check=True)
        return ctypes.CDLL(str(library)).run


def by_casadi(program: Any, points: Any) -> Work:
    """CasADi's ``map``, called through its buffers, which is its fastest way."""
    import numpy as np

    function = casadi_function(program).map(len(points))
    results = np.empty((len(points), len(program.outputs)))
    buffer, call = function.buffer()
    buffer.set_arg(0, memoryview(points))
    buffer.set_res(0, memoryview(results))

    def work(alive: Any = (function, buffer)) -> Any:  # the call itself does not keep them alive
        call()
        return results[:, 0], results[:, 1:]

    return work


def casadi_function(program: Any) -> Any:
    """One point of `program`, step by step in CasADi's symbols, as machines get it: without ops of our own."""
    import casadi

    from autograd_core.jit.ir.program import Constant, Input
    from autograd_core.jit.passes.lower import lower

    functions: dict[str, Callable[..., Any]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "abs": casadi.fabs,
        "spread": lambda a, axis: a,
    }
    program = lower(program)
    x = casadi.SX.sym("x", len(program.inputs))
    values: list[Any] = []
    for node in program.nodes:
        if isinstance(node, Constant):
            values.append(casadi.SX(node.value))
        elif isinstance(node, Input):
            values.append(x[node.offset])
        else:
            function = functions.get(node.op.name) or getattr(casadi, node.op.name)
            values.append(function(*[values[a] for a in node.args]))
    return casadi.Function("f", [x], [casadi.vertcat(*[values[out.node] for out in program.outputs])])
