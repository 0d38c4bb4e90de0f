"""Lesson 6: higher derivatives, and compiled functions."""

from __future__ import annotations

from typing import Any

import autograd_core as ag

from ...jit.ir.program import Step
from ..verdicts import Finding, is_number, judged, wrong

__all__ = ["exercise_1", "exercise_2", "exercise_3", "exercise_4", "steps_of"]


def steps_of(program: Any) -> int:
    """The number of steps of a compiled program, without its inputs and constants."""
    return sum(isinstance(node, Step) for node in program.nodes)


def exercise_1(single: Any, together: Any, points: Any, factor: Any) -> Finding:
    """How many times faster all points together are than one by one, from the seconds of one point and of all."""
    if not all(is_number(number) and number > 0.0 for number in (single, together)):
        return wrong(("seconds are positive numbers", "Sekunden sind positive Zahlen"))
    return judged(
        factor,
        single * points / together,
        [
            (
                single / together,
                (
                    "single is the time of one point: all of them take as many times that",
                    "single ist die Zeit eines Punktes: alle brauchen ein Vielfaches davon",
                ),
            ),
            (
                together / (single * points),
                ("that is the inverse", "das ist der Kehrwert"),
            ),
        ],
        because=(
            "machine code has no Python between its steps, and works on several points at once",
            "Maschinencode hat kein Python zwischen seinen Schritten und rechnet mehrere Punkte zugleich",
        ),
    )


def exercise_2(derivative: Any) -> Finding:
    """The 10th derivative of x¹⁰."""
    found = {}
    f: Any = lambda x: x**10  # noqa: E731
    for order in range(1, 12):
        f = ag.grad(f)
        found[order] = f(1.0)
    return judged(
        derivative,
        found[10],
        [
            (found[11], ("that is the 11th, of a constant", "das ist die 11., die einer Konstanten")),
            (found[9], ("that is the 9th, at x = 1", "das ist die 9., bei x = 1")),
            (
                10.0**10,
                (
                    "each differentiation lowers the exponent: 10 · 9 · 8 ...",
                    "jede Ableitung verringert den Exponenten: 10 · 9 · 8 ...",
                ),
            ),
        ],
        because=("10! = 10 · 9 · ... · 1, wherever x is", "10! = 10 · 9 · ... · 1, wo x auch ist"),
    )


def exercise_3(hessian: Any) -> Finding:
    """The Hessian of x² y at (1, 2), as rows."""

    def f(p: Any) -> Any:
        return p[0] ** 2 * p[1]

    by_engine = [[float(x) for x in row] for row in ag.hessian(f)([1.0, 2.0])]
    return judged(
        hessian,
        by_engine,
        [
            (
                [float(x) for x in ag.grad(f)([1.0, 2.0])],
                (
                    "that is the gradient; the Hessian has two rows",
                    "das ist der Gradient; die Hesse-Matrix hat zwei Zeilen",
                ),
            ),
            (
                [[float(x) for x in row] for row in ag.hessian(f)([2.0, 1.0])],
                ("that is at (2, 1)", "das ist bei (2, 1)"),
            ),
            (
                [[by_engine[0][0], 0.0], [0.0, by_engine[1][1]]],
                ("the mixed derivatives are not 0", "die gemischten Ableitungen sind nicht 0"),
            ),
        ],
        because=(
            "symmetric: the order of differentiations does not matter",
            "symmetrisch: auf die Reihenfolge der Ableitungen kommt es nicht an",
        ),
    )


def exercise_4(steps: Any) -> Finding:
    """The number of steps in the compiled Hessian of Rosenbrock's function."""

    def rosenbrock(p: Any) -> Any:
        return 100 * (p[1] - p[0] ** 2) ** 2 + (1 - p[0]) ** 2

    program = ag.jit(ag.hessian(rosenbrock)).program([1.0, 1.0])
    count, lines = steps_of(program), len(str(program).splitlines())
    return judged(
        steps,
        count,
        [
            (
                lines,
                ("the first and the last line are no steps", "die erste und die letzte Zeile sind keine Schritte"),
            ),
            (
                lines - 1,
                ("the first and the last line are no steps", "die erste und die letzte Zeile sind keine Schritte"),
            ),
        ],
        because=(
            "shared results are computed once, and constants in advance",
            "gemeinsame Ergebnisse werden einmal berechnet, Konstanten im Voraus",
        ),
    )
