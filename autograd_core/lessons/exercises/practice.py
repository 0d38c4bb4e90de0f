"""Lesson 7: Greeks, and a calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_core as ag

from ..verdicts import Finding, judged, judged_function
from .higher import steps_of

__all__ = ["exercise_1", "exercise_2", "exercise_3"]

# ruff: noqa: N803  # the letters of finance


def call(S: Any, K: Any, sigma: Any, r: Any, T: Any) -> Any:
    """The Black-Scholes price of a European call, as the lesson has it."""
    spread = sigma * ag.sqrt(T)
    d1 = (ag.log(S / K) + (r + sigma * sigma / 2) * T) / spread
    return S * ag.norm_cdf(d1) - K * ag.exp(-r * T) * ag.norm_cdf(d1 - spread)


def exercise_1(vanna: Callable[..., Any]) -> Finding:
    """∂²C/∂S ∂σ, of S, K, σ, r, T."""
    delta = ag.grad(call)
    by_engine = ag.grad(delta, argnums=2)
    return judged_function(
        vanna,
        by_engine,
        lambda rng: (100.0, rng.uniform(85.0, 115.0), rng.uniform(0.1, 0.4), 0.02, rng.uniform(0.3, 2.0)),
        [
            (lambda *at: -by_engine(*at), ("the sign", "das Vorzeichen")),
            (
                ag.grad(call, argnums=2),
                (
                    "that is vega, ∂C/∂σ; one more derivative, with respect to S",
                    "das ist Vega, ∂C/∂σ; es fehlt die Ableitung nach S",
                ),
            ),
            (ag.grad(delta), ("that is gamma, ∂²C/∂S²", "das ist Gamma, ∂²C/∂S²")),
            (ag.grad(ag.grad(call, argnums=2), argnums=2), ("that is volga, ∂²C/∂σ²", "das ist Volga, ∂²C/∂σ²")),
            (
                lambda *at: by_engine(*at) / 100,
                (
                    "that is per percent of volatility; leave out the 1/100",
                    "das ist je Prozent Volatilität; ohne 1/100",
                ),
            ),
        ],
        because=(
            "the order does not matter: delta by σ, or vega by S",
            "auf die Reihenfolge kommt es nicht an: Delta nach σ oder Vega nach S",
        ),
    )


def exercise_2(C: Any, shared: Any) -> Finding:
    """The number of intermediate results in the graph of C that are used more than once."""
    nodes = ag.graph.ancestors(C)
    uses = {node: len(users) for node, users in ag.graph.consumers(nodes).items()}
    inner = sum(uses.get(node, 0) > 1 for node in nodes if node.inputs)
    inputs = sum(uses.get(node, 0) > 1 for node in nodes if not node.inputs)
    return judged(
        shared,
        inner,
        [
            (
                inner + inputs,
                (
                    "inputs are counted too; intermediate results are computed",
                    "da sind Eingänge mitgezählt; Zwischenergebnisse sind berechnet",
                ),
            )
        ],
        because=("at each of them the chain rule adds up", "an jedem von ihnen addiert die Kettenregel"),
    )


def exercise_3(more: Any) -> Finding:
    """How many more steps the compiled delta has than the compiled price."""
    at = (100.0, 105.0, 0.2, 0.03, 0.5)
    price, delta = (steps_of(ag.jit(f).program(*at)) for f in (call, ag.grad(call)))
    return judged(
        more,
        delta - price,
        [
            (
                delta,
                (
                    "that is all of delta's steps; those of the price have to be subtracted",
                    "das sind alle Schritte von Delta; die des Preises sind abzuziehen",
                ),
            ),
            (price - delta, ("the other way round", "umgekehrt")),
        ],
        because=(
            "the derivative of a price costs little beside the price",
            "die Ableitung eines Preises kostet neben dem Preis wenig",
        ),
    )
