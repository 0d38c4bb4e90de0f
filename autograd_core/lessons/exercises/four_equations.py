"""Lesson 5: back-propagation in four equations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import autograd_core as ag

from ..verdicts import Finding, judged, judged_function, right, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3", "exercise_4", "exercise_5"]


def exercise_1(network: Any, X: Any, labels: Any, pair: Any) -> Finding:  # noqa: N803
    """The digit that is most often taken for another, and that other one."""
    confused: Counter[tuple[int, int]] = Counter()
    for x, label in zip(X, labels, strict=True):
        outputs = [output.data for output in network(x)]
        if (taken_for := outputs.index(max(outputs))) != label:
            confused[int(label), taken_for] += 1
    if not confused:
        return wrong(
            ("this network makes no mistakes on these images", "dieses Netz macht auf diesen Bildern keine Fehler")
        )
    most = max(confused.values())
    digit, other = (int(number) for number in pair)
    times = confused[digit, other]
    if times == most:
        return right(
            (
                f"{digit} is taken for {other} in {times} of the images",
                f"{digit} wird in {times} der Bilder für {other} gehalten",
            )
        )
    if confused[other, digit] == most:
        return wrong(
            (
                "the other way round: first the digit, then what it is taken for",
                "umgekehrt: erst die Ziffer, dann wofür sie gehalten wird",
            )
        )
    return wrong(
        (
            f"{digit} is taken for {other} in {times} of the images, another pair is confused in {most}",
            f"{digit} wird in {times} der Bilder für {other} gehalten, ein anderes Paar in {most} verwechselt",
        )
    )


def exercise_2(scaled: Any, X: Any, share: Any) -> Finding:  # noqa: N803
    """The share of saturated neurons in the first layer of a network before training, initialised with "scaled"."""
    layer = scaled.layers[0]
    weights = [w.data for neuron in layer.neurons for w in neuron.w]
    spread = sum(w * w for w in weights) / len(weights) * layer.nin
    if not 0.5 < spread < 2.0:
        return wrong(
            (
                f'n_in w² is {spread:.3g} in the mean, with init="scaled" about 1: is the network fresh, and made so?',
                f'n_in w² ist im Mittel {spread:.3g}, mit init="scaled" etwa 1: ist das Netz neu, und so gemacht?',
            )
        )
    slope = ag.grad(ag.sigmoid)
    slopes = [slope(z.data) for x in X for z in layer.z(x)]
    saturated = sum(s < slope(0.0) / 20 for s in slopes) / len(slopes)
    return judged(
        share,
        saturated,
        [
            (100 * saturated, ("a share lies between 0 and 1", "ein Anteil liegt zwischen 0 und 1")),
            (
                1 - saturated,
                ("that is the share of those that are not saturated", "das ist der Anteil der nicht gesättigten"),
            ),
        ],
        because=(
            "smaller weights, smaller z, larger σ'(z): learning begins at once",
            "kleinere Gewichte, kleinere z, größere σ'(z): das Lernen beginnt sofort",
        ),
    )


def exercise_3(net: Any, x: Any, y: Any, off: Any) -> Finding:
    """By how much the demon's prediction is off on output neuron 1 for Δz = 0.1, in parts of the actual change."""
    dz = 0.1
    *hidden, last = net.layers
    a = x
    for layer in hidden:
        a = layer(a)
    inputs = [ag.Value(z.data) for z in last.z(a)]

    def cost(z: Any) -> Any:
        return ag.sum([(out - target) ** 2 for out, target in zip(last.activate(z), y, strict=True)]) / 2.0

    before = cost(inputs)
    predicted = ag.backprop(before, [inputs[0]])[inputs[0]] * dz
    moved = [inputs[0].data + dz, *(z.data for z in inputs[1:])]
    actual = float(cost([ag.Value(z) for z in moved]).data - before.data)
    expected = abs(predicted - actual) / abs(actual)
    return judged(
        off,
        expected,
        [
            (
                abs(predicted - actual),
                (
                    "that is off by so much; divide by the actual change",
                    "um so viel ist es daneben; noch durch die tatsächliche Änderung teilen",
                ),
            ),
            (
                abs(predicted - actual) / abs(predicted),
                (
                    "divide by the actual change, not by the predicted one",
                    "teilen durch die tatsächliche Änderung, nicht die vorhergesagte",
                ),
            ),
            (
                100 * expected,
                ("as a fraction, not in percent", "als Bruchteil, nicht in Prozent"),
            ),
        ],
        because=(
            "the prediction is a tangent: how good it is depends on the curvature, and so on the neuron",
            "die Vorhersage ist eine Tangente: wie gut sie ist, hängt von der Krümmung ab, also vom Neuron",
        ),
    )


def exercise_4(delta: Callable[..., Any]) -> Finding:
    """δ^L as a list, of the list z^L and the number k of the right output, for cross-entropy behind a softmax."""

    def by_engine(z: Sequence[float], k: int) -> Any:
        return ag.grad(lambda z: ag.logsumexp(z) - z[k])(list(z))

    def softmax(z: Sequence[float]) -> list[float]:
        return [ag.exp(number) / sum(map(ag.exp, z)) for number in z]

    def less_one(p: Sequence[float], k: int) -> list[float]:
        return [number - (j == k) for j, number in enumerate(p)]

    def draw(rng: Random) -> Sequence[Any]:
        return [rng.uniform(0.2, 2.0) for _ in range(4)], rng.randrange(4)

    return judged_function(
        delta,
        by_engine,
        draw,
        [
            (
                lambda z, k: less_one([number / sum(z) for number in z], k),
                (
                    "z / sum(z) is no softmax: the exponential is missing",
                    "z / sum(z) ist keine Softmax: die Exponentialfunktion fehlt",
                ),
            ),
            (
                lambda z, k: [-number for number in by_engine(z, k)],
                ("the sign: prediction minus truth", "das Vorzeichen: Vorhersage minus Wahrheit"),
            ),
            (
                lambda z, k: softmax(z),
                ("the 1 of the right output is not subtracted", "die 1 des richtigen Ausgangs ist nicht abgezogen"),
            ),
            (
                lambda z, k: [d * p * (1 - p) for d, p in zip(by_engine(z, k), softmax(z), strict=True)],
                (
                    "no σ'(z) is left: it cancels with the logarithm's derivative",
                    "σ'(z) bleibt nicht: es kürzt sich mit der Ableitung des Logarithmus",
                ),
            ),
            (
                lambda z, k: [1 / (1 + ag.exp(-number)) - (j == k) for j, number in enumerate(z)],
                (
                    "that is the sigmoid of each; softmax divides by the sum of all",
                    "das ist die Sigmoid von jedem; die Softmax teilt durch die Summe aller",
                ),
            ),
        ],
        because=("only (BP1) changes, to softmax(z) - y", "nur (BP1) ändert sich, zu softmax(z) - y"),
    )


def exercise_5(dC_db: Callable[..., Any], dC_dw: Callable[..., Any]) -> Finding:  # noqa: N803
    """The derivatives by the biases and, a row per neuron, by the weights, of the lists a (what comes in) and δ."""

    def by_engine(a: Sequence[float], delta: Sequence[float]) -> list[Any]:
        def cost(b: Any, w: Any) -> Any:
            z = [ag.dot(row, list(a)) + bias for row, bias in zip(w, b, strict=True)]
            return ag.dot(list(delta), z)  # so that ∂C/∂z is δ

        return list(ag.grad(cost, argnums=(0, 1))([0.0] * len(delta), [[0.0] * len(a) for _ in delta]))

    def draw(rng: Random) -> Sequence[Any]:
        return [rng.uniform(0.1, 1.0) for _ in range(3)], [rng.uniform(-1.0, -0.1) for _ in range(2)]

    return judged_function(
        lambda a, delta: [dC_db(a, delta), dC_dw(a, delta)],
        by_engine,
        draw,
        [
            (
                lambda a, delta: [[1.0] * len(delta), by_engine(a, delta)[1]],
                ("∂z/∂b is 1, and ∂C/∂z still multiplies it", "∂z/∂b ist 1, und ∂C/∂z kommt noch als Faktor dazu"),
            ),
            (
                lambda a, delta: [list(delta), [[number * d for d in delta] for number in a]],
                (
                    "transposed: a row belongs to a neuron j, a column to an input k",
                    "transponiert: eine Zeile gehört zu einem Neuron j, eine Spalte zu einem Eingang k",
                ),
            ),
            (
                lambda a, delta: [list(delta), [list(a) for _ in delta]],
                ("∂z/∂w is a, and ∂C/∂z still multiplies it", "∂z/∂w ist a, und ∂C/∂z kommt noch als Faktor dazu"),
            ),
        ],
        because=("both are the chain rule through z = w a + b", "beides ist die Kettenregel durch z = w a + b"),
    )
