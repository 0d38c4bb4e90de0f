"""One point per call: what calling a compiled function costs, with Rosenbrock's function of 10 variables.

A NumPy array goes in; we and numba return a number and a NumPy array, JAX and CasADi arrays of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from .measure import Row, Work, side_by_side

N, CALLS, ROUNDS = 10, 1_000, 21


def rosenbrock(x: Any) -> Any:
    """Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)², number by number."""
    total: Any = 0.0
    for a, b in itertools.pairwise([x[i] for i in range(N)]):
        total = total + 100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2
    return total


def rows() -> Iterator[Row]:
    """Value and gradient beside JAX, CasADi and a derivative written by hand."""
    import numpy as np

    x = np.linspace(-1.0, 1.0, N)
    peers: dict[str, Callable[[Any], Work]] = {
        "ours": ours,
        "JAX jit": by_jax,
        "CasADi call": by_casadi,
        "CasADi, its raw buffers": by_casadi_buffers,
        "numba, written by hand": by_hand,
    }
    makers = {name: lambda make=make: make(x) for name, make in peers.items()}
    asked = {"JAX jit": "4 x", "CasADi call": "5 x", "numba, written by hand": "0.1 x"}
    what = f"Rosenbrock-{N} value + gradient at one point, one core"
    yield from side_by_side(what, makers, lambda s: f"{s * 1e6:.2f} µs", asked, ROUNDS, calls=CALLS)


def ours(x: Any) -> Work:
    """This engine."""
    import autograd_core as ag

    f = ag.jit(ag.value_and_grad(rosenbrock))
    return lambda: f(x)


def by_jax(x: Any) -> Work:
    """JAX, with whole arrays as it likes them."""
    import jax

    jax.config.update("jax_enable_x64", True)
    f = jax.jit(jax.value_and_grad(lambda x: jax.numpy.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)))
    return lambda: jax.block_until_ready(f(x))


def casadi_function() -> Any:
    """CasADi's function of x: value and gradient."""
    import casadi

    x = casadi.SX.sym("x", N)
    value = rosenbrock(x)
    return casadi.Function("f", [x], [value, casadi.gradient(value, x)])


def by_casadi(x: Any) -> Work:
    """CasADi, called as a function."""
    f = casadi_function()
    return lambda: f(x)


def by_casadi_buffers(x: Any) -> Work:
    """CasADi on fixed arrays that the caller fills and reads, without any conversion."""
    import numpy as np

    f = casadi_function()
    buffer, call = f.buffer()
    value, gradient = np.empty(1), np.empty((N, 1))
    buffer.set_arg(0, memoryview(x))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))

    def work(alive: Any = (f, buffer)) -> Any:  # the call itself does not keep them alive
        call()
        return value, gradient

    return work


def by_hand(x: Any) -> Work:
    """The derivative as one would write it, compiled by numba."""
    import numba
    import numpy as np

    @numba.njit  # type: ignore[untyped-decorator]  # numba has no types
    def value_and_gradient(x: Any) -> Any:
        value, gradient = 0.0, np.zeros(x.size)
        for i in range(x.size - 1):
            residual, rest = x[i + 1] - x[i] * x[i], 1.0 - x[i]
            value += 100.0 * residual * residual + rest * rest
            gradient[i] -= 400.0 * residual * x[i] + 2.0 * rest
            gradient[i + 1] += 200.0 * residual
        return value, gradient

    return lambda: value_and_gradient(x)
