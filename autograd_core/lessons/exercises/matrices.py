"""Lesson 4: forwards and backwards in matrices."""

from __future__ import annotations

from typing import Any

import autograd_core as ag

from ..verdicts import EXACT, Finding, agree, judged, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3"]


def exercise_1(derivatives: Any, updated: Any) -> Finding:
    """The five derivatives of the sheet's network, and its parameters after a step with α = 0.01."""
    at = {"w_xh": -1.0, "b_h": 1.0, "w_hy": 1.0, "w_xy": 2.0, "b_y": -2.0}
    x, target, alpha = 0.0, 0.5, 0.01

    def cost(p: Any) -> Any:
        h = ag.sigmoid(p["w_xh"] * x + p["b_h"])
        return (ag.sigmoid(p["w_hy"] * h + p["w_xy"] * x + p["b_y"]) - target) ** 2 / 2

    by_engine = ag.grad(cost)(at)

    new_w_hy = at["w_hy"] - alpha * by_engine["w_hy"]
    sequential = {**by_engine, "b_h": by_engine["b_h"] * new_w_hy / at["w_hy"]}
    in_sequence = {name: -alpha * slope for name, slope in sequential.items()}
    old_weights = (
        "b_h is reached through w_hy, with which the forward pass was made: go backwards first, then update all",
        "zu b_h führt w_hy, mit dem der Vorwärtslauf gemacht wurde: erst ganz zurück, dann alle aktualisieren",
    )

    def answer(factor: float = 1.0, rate: float = -alpha) -> Any:
        return {
            "derivatives": {name: factor * slope for name, slope in by_engine.items()},
            "updated": {name: rate * slope for name, slope in by_engine.items()},
        }

    return judged(
        {"derivatives": derivatives, "updated": {name: updated[name] - number for name, number in at.items()}},
        answer(),
        [
            (
                answer(-1.0, alpha),
                (
                    "the sign: (y - 0.5) comes from the square, not (0.5 - y)",
                    "das Vorzeichen: aus dem Quadrat kommt (y - 0.5), nicht (0.5 - y)",
                ),
            ),
            (
                answer(-1.0),
                ("the derivatives have the wrong sign", "die Ableitungen haben das falsche Vorzeichen"),
            ),
            (
                answer(rate=alpha),
                ("the step leads uphill: it is p - α ∂E/∂p", "der Schritt führt bergauf: er ist p - α ∂E/∂p"),
            ),
            ({**answer(), "updated": in_sequence}, old_weights),
            ({"derivatives": sequential, "updated": in_sequence}, old_weights),
            (answer(rate=-1.0), ("the step lacks α", "dem Schritt fehlt α")),
            (
                answer(2.0, -2 * alpha),
                ("the half in E = ½ (y - 0.5)² is missing", "das Halbe in E = ½ (y - 0.5)² fehlt"),
            ),
        ],
        because=(
            "where x = 0 comes in, the weights' derivatives are 0: (4) multiplies with it",
            "wo x = 0 hineingeht, sind die Ableitungen nach den Gewichten 0: (4) multipliziert damit",
        ),
    )


def exercise_2(small: Any, deeper: Any, added: Any) -> Finding:
    """The number of equations that one more hidden layer adds."""
    if len(deeper.layers) != len(small.layers) + 1:
        return wrong(("deeper has not one layer more than small", "deeper hat nicht eine Schicht mehr als small"))
    before, after = map(_equations, (small, deeper))
    return judged(
        added,
        after - before,
        [
            (
                2,
                (
                    "those are the forward ones; backwards there are more",
                    "das sind die des Vorwärtslaufs; rückwärts sind es mehr",
                ),
            ),
            (
                3,
                (
                    "those are the backward ones; forwards there are more",
                    "das sind die des Rückwärtslaufs; vorwärts sind es mehr",
                ),
            ),
            (after, ("that is all of them; what is new is asked for", "das sind alle; gefragt ist, welche neu sind")),
        ],
        because=("z, a, δ, db and dW of the new layer", "z, a, δ, db und dW der neuen Schicht"),
    )


def _equations(net: Any) -> int:
    """How many equations the gradient of half the squared error has."""
    inputs, outputs = net.layers[0].nin, len(net.layers[-1].neurons)

    def gradient(x: Any, y: Any) -> Any:
        cost = ag.sum([(a - t) ** 2 for a, t in zip(net(x), y, strict=True)]) / 2.0
        table = ag.backprop(cost, net.parameters())
        return [table[p] for p in net.parameters()]

    shown = str(ag.jit(gradient).program([0.1] * inputs, [0.0] * outputs).equations())
    return sum(" = " in line for line in shown.splitlines())


def exercise_3(model: Any, samples: Any, targets: Any, with_sum: Any) -> Finding:
    """Which of the three comparisons hold when the cost is the sum over the samples."""
    first, last = model.layers
    weights = [w for neuron in first.neurons for w in neuron.w]
    pre = [first.z([float(number) for number in sample]) for sample in zip(*samples, strict=True)]
    costs = [(last(first.activate(z)) - float(y)) ** 2 / 2 for z, y in zip(pre, targets[0], strict=True)]
    m = len(costs)
    own = [ag.backprop(cost, [*weights, *z]) for cost, z in zip(costs, pre, strict=True)]
    dW_lecture = [sum(table[w] for table in own) / m for w in weights]  # noqa: N806
    dZ_lecture = [table[number] for table, z in zip(own, pre, strict=True) for number in z]  # noqa: N806

    def comparisons(cost: Any) -> list[bool]:
        table = ag.backprop(cost, [*weights, *(number for z in pre for number in z)])
        dZ = [table[number] for z in pre for number in z]  # noqa: N806
        return [
            agree([table[w] for w in weights], dW_lecture, EXACT),
            agree(dZ, dZ_lecture, EXACT),
            agree(dZ, [number / m for number in dZ_lecture], EXACT),
        ]

    return judged(
        with_sum,
        comparisons(ag.sum(costs)),
        [
            (
                comparisons(ag.mean(costs)),
                ("that is how it is with the mean", "so ist es mit dem Mittelwert"),
            ),
            (
                [True, True, False],
                (
                    "dW in (4) carries 1/m; the sum's is m times as large",
                    "dW in (4) enthält 1/m; das der Summe ist m-mal so groß",
                ),
            ),
        ],
        because=(
            "the sum takes each sample's own loss as it is, so dZ is that of (3)",
            "die Summe nimmt jeden Verlust, wie er ist; dZ ist dann das von (3)",
        ),
    )
