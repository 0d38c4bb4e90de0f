"""Black and Scholes: the price of a call and its first derivatives delta, vega, theta, rho and second one gamma.

Theta is the derivative by the time to expiry. The price is written once, for ours, torch, JAX and CasADi; all of them
differentiate it. A fifth version has the derivatives written by hand with torch's operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from .measure import Row, Work, side_by_side

OPTIONS, ROUNDS = 200_000, 15
RANGES = {
    "spot": (80.0, 120.0),
    "strike": (80.0, 120.0),
    "rate": (0.0, 0.05),
    "volatility": (0.1, 0.5),
    "time": (0.2, 2.0),
}


def call_price(module: Any, norm_cdf: Callable[[Any], Any]) -> Callable[..., Any]:
    """The price with the functions of that module."""

    def price(spot: Any, strike: Any, rate: Any, volatility: Any, time: Any) -> Any:
        deviation = volatility * module.sqrt(time)
        d1 = (module.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / deviation
        return spot * norm_cdf(d1) - strike * module.exp(-rate * time) * norm_cdf(d1 - deviation)

    return price


def with_greeks(library: Any, price: Callable[..., Any]) -> Callable[..., Any]:
    """Price, delta, gamma, vega, theta and rho through the library's ``grad`` and ``value_and_grad``."""
    by_spot = library.value_and_grad(library.grad(price))
    by_others = library.value_and_grad(price, argnums=(2, 3, 4))

    def greeks(*option: Any) -> Any:
        value, (rho, vega, theta) = by_others(*option)
        delta, gamma = by_spot(*option)
        return value, delta, gamma, vega, theta, rho

    return greeks


def options() -> list[Any]:
    """Spot, strike, rate, volatility and time, an array each."""
    import numpy as np

    rng = np.random.default_rng(0)
    return [rng.uniform(low, high, OPTIONS) for low, high in RANGES.values()]


def rows() -> Iterator[Row]:
    """Ours beside torch, CasADi and JAX."""
    arrays = options()
    peers: dict[str, Callable[[list[Any]], Work]] = {
        "ours": ours,
        "torch autograd": by_torch,
        "torch, Greeks written by hand": by_hand,
        "CasADi map": by_casadi,
        "JAX": by_jax,
    }
    makers = {name: lambda make=make: make(arrays) for name, make in peers.items()}
    what = f"Black-Scholes price, delta, gamma, vega, theta, rho; {OPTIONS:,} options, per option, one core"
    asked = {"torch autograd": "4 x", "CasADi map": "8 x"}
    yield from side_by_side(what, makers, lambda s: f"{s / OPTIONS * 1e9:.1f} ns", asked, ROUNDS)


def ours(arrays: list[Any]) -> Work:
    """jit(vmap(...)) of the plain function."""
    import autograd_core as ag

    f = ag.jit(ag.vmap(with_greeks(ag, call_price(ag, ag.norm_cdf))))
    return lambda: f(*arrays)


def by_jax(arrays: list[Any]) -> Work:
    """The same text with JAX."""
    import jax

    jax.config.update("jax_enable_x64", True)
    f = jax.jit(jax.vmap(with_greeks(jax, call_price(jax.numpy, jax.scipy.stats.norm.cdf))))
    return lambda: jax.block_until_ready(f(*arrays))


def by_torch(arrays: list[Any]) -> Work:
    """Torch on whole arrays: options do not mix, so the gradient of the prices' sum has that of each."""
    import torch

    torch.set_num_threads(1)
    price = call_price(torch, torch.special.ndtr)

    def work() -> Any:
        spot, strike, rate, volatility, time = (torch.from_numpy(a).requires_grad_() for a in arrays)
        value = price(spot, strike, rate, volatility, time)
        inputs = (spot, rate, volatility, time)
        delta, rho, vega, theta = torch.autograd.grad(value.sum(), inputs, create_graph=True)
        (gamma,) = torch.autograd.grad(delta.sum(), spot)
        return [result.detach() for result in (value, delta, gamma, vega, theta, rho)]

    return work


def by_hand(arrays: list[Any]) -> Work:
    """The textbook's formulas on torch's arrays."""
    import torch

    torch.set_num_threads(1)
    cdf = torch.special.ndtr

    def work() -> Any:
        spot, strike, rate, volatility, time = map(torch.from_numpy, arrays)
        root = torch.sqrt(time)
        deviation = volatility * root
        d1 = (torch.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / deviation
        delta, exercise = cdf(d1), cdf(d1 - deviation)
        discounted = strike * torch.exp(-rate * time)
        density = torch.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
        vega = spot * density * root
        return [
            spot * delta - discounted * exercise,
            delta,
            density / (spot * deviation),
            vega,
            0.5 * vega * volatility / time + rate * discounted * exercise,
            time * discounted * exercise,
        ]

    return work


def by_casadi(arrays: list[Any]) -> Work:
    """CasADi's derivatives, with common subexpressions shared, mapped over the options through its buffers."""
    import casadi
    import numpy as np

    symbols = [casadi.SX.sym(name) for name in RANGES]
    spot, _, rate, volatility, time = symbols
    value = call_price(casadi, lambda x: 0.5 * (1.0 + casadi.erf(x / math.sqrt(2.0))))(*symbols)
    delta = casadi.gradient(value, spot)
    others = [casadi.gradient(x, y) for x, y in ((delta, spot), (value, volatility), (value, time), (value, rate))]
    f = casadi.Function("f", symbols, [value, delta, *others], {"cse": True}).map(OPTIONS)
    buffer, call = f.buffer()
    results = [np.empty(OPTIONS) for _ in range(6)]
    for i, a in enumerate(arrays):
        buffer.set_arg(i, memoryview(a))
    for i, a in enumerate(results):
        buffer.set_res(i, memoryview(a))

    def work(alive: Any = (f, buffer)) -> Any:  # the call itself does not keep them alive
        call()
        return results

    return work
