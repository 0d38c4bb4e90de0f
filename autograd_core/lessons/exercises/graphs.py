"""Lesson 1: computational graphs and the grad_table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_core as ag

from ..verdicts import ROUNDED, Finding, judged, judged_function, right, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3", "exercise_4"]


def exercise_1(x: Any, y: Any) -> Finding:
    """x and y at which ∂z/∂x = 0, for z = x y + sin x."""
    slope = ag.grad(lambda x: x * y + ag.sin(x))(float(x))
    if abs(slope) < ROUNDED:
        return right(("y = -cos x, so it lies between -1 and 1", "y = -cos x liegt zwischen -1 und 1"))
    if abs(y - ag.cos(float(x))) < ROUNDED:
        return wrong(
            ("y + cos x has to be 0: y is -cos x, not cos x", "y + cos x soll 0 sein: y ist -cos x, nicht cos x")
        )
    return wrong((f"∂z/∂x is {slope:.4g} there", f"∂z/∂x ist dort {slope:.4g}"))


def exercise_2(edges: Any, entries: Any) -> Finding:
    """The edges from x to x * x at x = 2, and the entries that the table adds up."""
    x = ag.Value(2.0)
    square = x * x
    each = [float(rate) for rate in square.op.bprop(1.0, square.data, *(v.data for v in square.inputs))]
    return judged(
        {"edges": edges, "entries": entries},
        {"edges": len(square.inputs), "entries": each},
        [
            (
                {"edges": 1, "entries": [sum(each)]},
                (
                    "paths counts parallel edges as one, the picture shows each: one edge per input position",
                    "paths zählt parallele Kanten als eine, das Bild zeigt jede: eine Kante je Stelle des Eingangs",
                ),
            ),
            (
                {"edges": len(each), "entries": [sum(each)]},
                (
                    "that is their sum already; give one entry per edge",
                    "das ist schon die Summe; gefragt ist ein Eintrag je Kante",
                ),
            ),
            (
                {"edges": len(each), "entries": [rate / len(each) for rate in each]},
                ("contributions are added, not averaged", "Beiträge werden addiert, nicht gemittelt"),
            ),
        ],
        because=(
            "2 + 2 = 4 = 2x: each position of x is an edge",
            "2 + 2 = 4 = 2x: jede Stelle, an der x steht, ist eine Kante",
        ),
    )


def exercise_3(dz_dx: Callable[..., Any]) -> Finding:
    """∂z/∂x as a function of x and y, for z = (x + y)(x - y)."""
    return judged_function(
        dz_dx,
        ag.grad(lambda x, y: (x + y) * (x - y)),
        lambda rng: (rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0)),
        [
            (
                lambda x, y: 1.0,
                ("the product rule is u'v + uv', not u'v'", "die Produktregel ist u'v + uv', nicht u'v'"),
            ),
            (
                lambda x, y: x - y,
                ("that is u'v; the term uv' is missing", "das ist u'v; der Term uv' fehlt"),
            ),
            (
                lambda x, y: x + y,
                ("that is uv'; the term u'v is missing", "das ist uv'; der Term u'v fehlt"),
            ),
            (
                lambda x, y: 2 * x - 2 * y,
                ("y is held fixed: -y² does not change with x", "y wird festgehalten: -y² ändert sich mit x nicht"),
            ),
            (lambda x, y: -2 * x, ("the sign", "das Vorzeichen")),
        ],
        because=("z = x² - y², so ∂z/∂x = 2x", "z = x² - y², also ∂z/∂x = 2x"),
    )


def exercise_4(larger: Any) -> Finding:
    """The larger contribution to ∂z/∂x at x = 2, y = 3, for z = x y + sin x."""
    x = ag.Value(2.0)
    larger_one, smaller_one = [path.rate for path in ag.paths(x * 3.0 + ag.sin(x), x).largest(2)]
    return judged(
        larger,
        larger_one,
        [
            (
                smaller_one,
                ("that is the sine's contribution, the smaller one", "das ist der Beitrag des Sinus, der kleinere"),
            ),
            (
                larger_one + smaller_one,
                ("that is the whole derivative, the sum of both", "das ist die ganze Ableitung, die Summe beider"),
            ),
        ],
        because=("it comes from the product, and is y", "er kommt vom Produkt und ist y"),
    )
