"""Lesson 2: chain rules, and logistic regression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_core as ag

from ..verdicts import Finding, judged, judged_function, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3"]


def exercise_1(z: Any, slope: Any) -> Finding:
    """Where g' is largest, and how large it is there."""
    return judged(
        {"z": z, "slope": slope},
        {"z": 0.0, "slope": ag.grad(ag.sigmoid)(0.0)},
        [
            (
                {"z": 0.0, "slope": ag.sigmoid(0.0)},
                (
                    f"{ag.sigmoid(0.0)} is the value g(0), the slope g'(0) is asked for",
                    f"{ag.sigmoid(0.0)} ist der Wert g(0), gefragt ist die Steigung g'(0)",
                ),
            ),
            (
                {"z": 0.5, "slope": ag.grad(ag.sigmoid)(0.0)},
                ("g, not z, is 0.5 there", "g ist dort 0.5, nicht z"),
            ),
        ],
        because=(
            "g (1 - g) is largest where both factors are the same",
            "g (1 - g) ist am größten, wo beide Faktoren gleich sind",
        ),
    )


def exercise_2(df_dt: Callable[..., Any]) -> Finding:
    """df/dt as a function of t, for f = x² + y² on the circle x = cos t, y = sin t."""
    return judged_function(
        df_dt,
        ag.grad(lambda t: ag.cos(t) ** 2 + ag.sin(t) ** 2),
        lambda rng: (rng.uniform(0.2, 1.4),),
        [
            (
                lambda t: 2 * ag.cos(t) + 2 * ag.sin(t),
                ("the inner derivatives dx/dt and dy/dt are missing", "die inneren Ableitungen dx/dt und dy/dt fehlen"),
            ),
            (
                lambda t: 4 * ag.sin(t) * ag.cos(t),
                (
                    "the sign of dx/dt: the cosine's derivative is -sin t",
                    "das Vorzeichen von dx/dt: der Kosinus hat die Ableitung -sin t",
                ),
            ),
            (
                lambda t: 1.0,
                (
                    "1 is the value of f, and how f changes is asked for",
                    "1 ist der Wert von f; gefragt ist, wie f sich ändert",
                ),
            ),
        ],
        because=(
            "f is 1 all around the circle, so it does not change",
            "f ist auf dem ganzen Kreis 1 und ändert sich nicht",
        ),
    )


def exercise_3(neuron: Any, curved: Any, X: Any, different: Any) -> Finding:  # noqa: N803
    """The number of samples that two networks with one output judge differently."""
    if len(curved.layers) < 2:
        return wrong(("curved has no hidden layer", "curved hat keine verdeckte Schicht"))
    scores = [(neuron(x).data, curved(x).data) for x in X]
    if len({score > 0.0 for _, score in scores}) == 1:
        return wrong(
            (
                "curved gives every flower the same kind: is it trained?",
                "curved hält alle Blumen für gleich: ist es trainiert?",
            )
        )
    count = sum((one > 0.0) != (other > 0.0) for one, other in scores)
    return judged(
        different,
        count,
        [
            (len(X) - count, ("so many are judged alike", "so viele werden gleich beurteilt")),
            (
                count / len(X),
                ("that is a share; their number is asked for", "das ist ein Anteil; gefragt ist die Anzahl"),
            ),
        ],
        because=(
            "the kinds lie on two sides of a line, and more than a line would gain next to nothing",
            "die Arten liegen zu beiden Seiten einer Geraden; mehr als eine Gerade brächte fast nichts",
        ),
    )
