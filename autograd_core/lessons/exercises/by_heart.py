"""Lesson 3: a small network by heart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import autograd_core as ag

from ..verdicts import Finding, judged, judged_function, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3"]

sigmoid_prime = ag.grad(ag.sigmoid)


def exercise_1(two: Any, six: Any, X: Any, y: Any, costs: Any) -> Finding:  # noqa: N803
    """The costs, half the mean squared error, of networks with two and six hidden neurons."""
    for net, width in (two, 2), (six, 6):
        if (found := len(net.layers[0].neurons)) != width:
            return wrong(
                (
                    f"the network for {width} hidden neurons has {found}",
                    f"das Netz für {width} verdeckte Neuronen hat {found}",
                )
            )
    squares = [sum((net(x).data - target) ** 2 for x, target in zip(X, y, strict=True)) for net in (two, six)]
    right = [total / (2 * len(y)) for total in squares]
    return judged(
        costs,
        right,
        [
            (
                [total / 2 for total in squares],
                ("that is the sum over the samples: 1/n is missing", "das ist die Summe über die Daten: 1/n fehlt"),
            ),
            (
                [total / len(y) for total in squares],
                (
                    "that is the mean squared error: the half is missing",
                    "das ist der mittlere quadratische Fehler: das Halbe fehlt",
                ),
            ),
            (right[::-1], ("the two are in the other order", "die beiden stehen in der anderen Reihenfolge")),
        ],
        because=(
            "two curves cannot be put together to a whole sine, six can, and begin to follow the noise",
            "zwei Kurven ergeben zusammen keinen ganzen Sinus, sechs schon, und sie folgen bald auch dem Rauschen",
        ),
    )


def exercise_2(changed: Any, derivations: Any) -> Finding:
    """The names of the weights whose formulas change with the activation: those that need a z."""
    needs_z = {name for name, found in derivations.items() if any(needed.startswith("z_") for needed in found.needs)}
    inner = {name for name in needs_z if name.endswith("(1)")}
    slips = [
        (
            set(derivations),
            (
                "the one for w_10^(2) needs only y and ŷ: no activation stands in it",
                "die für w_10^(2) braucht nur y und ŷ: darin steht keine Aktivierung",
            ),
        ),
        (
            inner,
            (
                "in the second layer g itself stands, where it is g' in the first",
                "in der zweiten Schicht steht g selbst, wie in der ersten g'",
            ),
        ),
        (
            needs_z - inner,
            (
                "in the first layer g' stands, where it is g in the second",
                "in der ersten Schicht steht g', wie in der zweiten g",
            ),
        ),
    ]
    return judged(
        changed,
        needs_z,
        slips,
        because=(
            "all that need a z: they contain g(z) or g'(z)",
            "alle, die ein z brauchen: in ihnen steht g(z) oder g'(z)",
        ),
    )


def exercise_3(dJ_dw: Callable[..., Any]) -> Finding:  # noqa: N803
    """∂J/∂w_21^(1), of lists of y, ŷ, z_2^(1) and x, one entry per observation, and of w_12^(2)."""

    def by_engine(
        y: Sequence[float], prediction: Sequence[float], w: float, z: Sequence[float], x: Sequence[float]
    ) -> Any:
        weight = ag.Value(0.0)  # what is added to w_21^(1)
        outputs = [
            out + w * (ag.sigmoid(pre + weight * at) - ag.sigmoid(pre))
            for out, pre, at in zip(prediction, z, x, strict=True)
        ]
        cost = ag.sum([(target - out) ** 2 for target, out in zip(y, outputs, strict=True)]) / (2 * len(y))
        return ag.backprop(cost, [weight])[weight]

    def by_formula(
        *,
        sign: float = -1.0,
        slope: Callable[[float], Any] = sigmoid_prime,
        has_w: bool = True,
        has_x: bool = True,
        has_mean: bool = True,
        factor: float = 1.0,
    ) -> Callable[..., Any]:
        def formula(
            y: Sequence[float], prediction: Sequence[float], w: float, z: Sequence[float], x: Sequence[float]
        ) -> float:
            terms = [
                (target - out) * slope(pre) * (at if has_x else 1.0)
                for target, out, pre, at in zip(y, prediction, z, x, strict=True)
            ]
            return float(sign * factor * (w if has_w else 1.0) * sum(terms) / (len(y) if has_mean else 1))

        return formula

    def draw(rng: Random) -> Sequence[Any]:
        y, prediction, z, x = ([rng.uniform(-2.0, 2.0) for _ in range(3)] for _ in range(4))
        return y, prediction, rng.uniform(0.5, 2.0), z, x

    return judged_function(
        dJ_dw,
        by_engine,
        draw,
        [
            (
                by_formula(sign=1.0),
                ("the sign: the inner derivative of y - ŷ is -1", "das Vorzeichen: y - ŷ hat die innere Ableitung -1"),
            ),
            (by_formula(slope=ag.sigmoid), ("g(z) stands where g'(z) belongs", "g(z) steht, wo g'(z) hingehört")),
            (by_formula(has_mean=False), ("1/n is missing", "1/n fehlt")),
            (by_formula(has_x=False), ("the innermost derivative is missing, x", "die innerste Ableitung fehlt, x")),
            (
                by_formula(has_w=False),
                (
                    "the weight w_12^(2), through which z_2 acts, is missing",
                    "das Gewicht w_12^(2), durch das z_2 wirkt, fehlt",
                ),
            ),
            (
                by_formula(factor=2.0),
                ("the 2 of the square cancels with 1/(2n)", "die 2 des Quadrats kürzt sich mit 1/(2n)"),
            ),
            (
                by_formula(factor=0.5),
                ("the 2 of the square cancels with 1/(2n)", "die 2 des Quadrats kürzt sich mit 1/(2n)"),
            ),
        ],
        because=(
            "-1/n Σ (y - ŷ) w g'(z) x, four factors of the chain rule",
            "-1/n Σ (y - ŷ) w g'(z) x, vier Faktoren der Kettenregel",
        ),
    )
