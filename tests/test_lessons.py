"""The lessons' package: what checks say to right and wrong answers, copies, pages without a network."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import lessons
from autograd_core.cli import main
from autograd_core.errors import LessonError
from autograd_core.lessons import Check
from autograd_core.lessons.exercises import LESSONS as MODULES
from autograd_core.lessons.html import page, with_mathml
from autograd_core.lessons.mathml import mathml
from nn import MLP

SIGMOID = MLP(2, [3, 2], ["sigmoid", "sigmoid"], init="normal", seed=3)
POINTS = [[0.1, 0.2], [0.4, -0.3], [-0.5, 0.9], [1.5, 1.1]]
LINE, CURVE = MLP(2, [1], seed=1), MLP(2, [4, 1], "tanh", seed=0)
TWO, SIX = (MLP(1, [width, 1], "sigmoid", seed=0) for width in (2, 6))
TEN = [[k / 10] for k in range(10)]
SINE = [math.sin(x) for (x,) in TEN]


def half_mean_squares(net: Any, factor: float = 0.5) -> float:
    return factor * sum((net(x).data - y) ** 2 for x, y in zip(TEN, SINE, strict=True)) / len(TEN)


def s(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def slope(z: float) -> float:
    return s(z) * (1 - s(z))


def dJ_dw(sign: float = -1.0, g: Callable[[float], float] = slope, *, mean: bool = True, at: bool = True) -> Any:
    def formula(y: Any, out: Any, w: float, z: Any, x: Any) -> float:
        terms = [(y[i] - out[i]) * g(z[i]) * (x[i] if at else 1.0) for i in range(len(y))]
        return sign * w * sum(terms) / (len(y) if mean else 1)

    return formula


H, OUT = s(1.0), s(s(1.0) - 2.0)  # the sheet's network, by hand
ERROR = (OUT - 0.5) * OUT * (1 - OUT)
SHEET = {"w_xh": 0.0, "b_h": ERROR * slope(1.0), "w_hy": ERROR * H, "w_xy": 0.0, "b_y": ERROR}
BEFORE = {"w_xh": -1.0, "b_h": 1.0, "w_hy": 1.0, "w_xy": 2.0, "b_y": -2.0}


def stepped(rate: float) -> dict[str, float]:
    return {name: BEFORE[name] - rate * SHEET[name] for name in BEFORE}


def in_sequence() -> dict[str, float]:
    """The weights of the output first, and then back through them."""
    w_hy = 1.0 - 0.01 * ERROR * H
    return {**stepped(0.01), "b_h": 1.0 - 0.01 * ERROR * w_hy * slope(1.0)}


def softmax(z: list[float]) -> list[float]:
    return [math.exp(number) / sum(map(math.exp, z)) for number in z]


def less_one(p: list[float], k: int) -> list[float]:
    return [number - (j == k) for j, number in enumerate(p)]


def normal(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def vega(S: float, K: float, sigma: float, r: float, T: float) -> float:
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    return S * normal(d1) * math.sqrt(T)


def vanna(S: float, K: float, sigma: float, r: float, T: float) -> float:
    """By the closed formula."""
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    return vega(S, K, sigma, r, T) / S * (1 - d1 / (sigma * math.sqrt(T)))


class Needs:
    """As much of a derivation as lesson 3 shows: what a formula needs."""

    def __init__(self, *needs: str) -> None:
        self.needs = needs


FORMULAS = {
    "w_10^(2)": Needs("n", "y[i]", "ŷ[i]"),
    "w_11^(2)": Needs("n", "y[i]", "ŷ[i]", "z_1^(1)[i]"),
    "w_10^(1)": Needs("n", "w_11^(2)", "y[i]", "ŷ[i]", "z_1^(1)[i]"),
}
ENOUGH = MLP(3, [2, 1], ["tanh", "sigmoid"], init="normal", seed=4)
COLUMNS, TARGETS = [[0.5, -1.0], [1.5, 0.2], [0.1, 0.9]], [[1.0, 0.0]]
SMALL, DEEPER = MLP(3, [4, 2], ["sigmoid"] * 2), MLP(3, [4, 3, 2], ["sigmoid"] * 3)
SCALED, NORMAL = (MLP(30, [20, 2], ["sigmoid"] * 2, init=init, seed=0) for init in ("scaled", "normal"))
ONES = [[1.0 - k / 30] * 30 for k in range(5)]
S_, K_, SIGMA, R_, T_ = (ag.Value(number) for number in (100.0, 105.0, 0.2, 0.03, 0.5))


def price() -> Any:
    from autograd_core.lessons.exercises.practice import call

    return call(S_, K_, SIGMA, R_, T_)


def saturated(net: Any, xs: Any) -> float:
    z = [
        neuron.b.data + sum(w.data * a for w, a in zip(neuron.w, x, strict=True))
        for x in xs
        for neuron in net.layers[0].neurons
    ]
    return sum(slope(number) < 0.0125 for number in z) / len(z)


def demon(relative_to: str) -> float:
    """How far the tangent is off at output neuron 1 of `SIGMOID`, by hand."""
    a = [s(n.b.data + n.w[0].data * 0.5 - n.w[1].data) for n in SIGMOID.layers[0].neurons]
    n = SIGMOID.layers[1].neurons[0]
    z = n.b.data + sum(w.data * x for w, x in zip(n.w, a, strict=True))
    predicted = (s(z) - 1.0) * slope(z) * 0.1
    actual = ((s(z + 0.1) - 1.0) ** 2 - (s(z) - 1.0) ** 2) / 2
    return abs(predicted - actual) / {"actual": abs(actual), "predicted": abs(predicted), "nothing": 1.0}[relative_to]


def digits_of(pairs: list[tuple[int, int]]) -> dict[str, Any]:
    """A network that says what it is told to, and what is right: pairs of label and answer."""
    answers = cycle([answer for _, answer in pairs])

    def network(x: Any) -> Any:
        answer = next(answers)
        return [ag.Value(float(k == answer)) for k in range(10)]

    return {"network": network, "X": [[0.0]] * len(pairs), "labels": [label for label, _ in pairs]}


PAIRS = [(8, 1), (8, 1), (1, 8), (3, 3), (9, 3)]
FLOWERS = {"neuron": LINE, "curved": CURVE, "X": POINTS}
DIFFERENT = sum((LINE(x).data > 0) != (CURVE(x).data > 0) for x in POINTS)
COSTS = {"two": TWO, "six": SIX, "X": TEN, "y": SINE}
DEMON = {"net": SIGMOID, "x": [0.5, -1.0], "y": [1.0, 0.0]}
SUMS = {"model": ENOUGH, "samples": COLUMNS, "targets": TARGETS}

CASES: dict[tuple[int, int], tuple[Callable[[], dict[str, Any]], list[tuple[Callable[[], dict[str, Any]], str]]]] = {}
"""By lesson and exercise: a right answer, and wrong ones with a part of what is said to them."""


def case(lesson: int, exercise: int, right: Any, *wrong: tuple[Any, str]) -> None:
    def lazy(answer: Any) -> Callable[[], dict[str, Any]]:
        return answer if callable(answer) else partial(dict, answer)

    CASES[lesson, exercise] = lazy(right), [(lazy(answer), said) for answer, said in wrong]


case(
    *(1, 1, {"x": 1.0, "y": -math.cos(1.0)}),
    ({"x": 1.0, "y": math.cos(1.0)}, "y is -cos x, not cos x"),
    ({"x": 2.0, "y": 3.0}, "∂z/∂x is 2.584 there"),
)
case(
    *(1, 2, {"edges": 2, "entries": [2, 2]}),
    ({"edges": 1, "entries": [4]}, "parallel edges"),
    ({"edges": 2, "entries": [4]}, "their sum"),
    ({"edges": 2, "entries": [1, 1]}, "not averaged"),
    ({"edges": 3, "entries": [2, 2]}, "edges: 3 is too large"),
    ({"edges": 2, "entries": [2, 2, 2]}, "entries: 2 entries are expected, got 3"),
)
case(
    *(1, 3, {"dz_dx": lambda x, y: 2 * x}),
    ({"dz_dx": lambda x, y: -2 * x}, "the sign"),
    ({"dz_dx": lambda x, y: x - y}, "the term uv' is missing"),
    ({"dz_dx": lambda x, y: 1.0}, "the product rule"),
    ({"dz_dx": lambda x, y: 2 * x - 2 * y}, "y is held fixed"),
    ({"dz_dx": lambda x, y: 3 * x}, "and the engine"),
    ({"dz_dx": lambda x: 2 * x}, "raises TypeError"),
    ({"dz_dx": 4.0}, "a function is expected, got 4.0"),
)
case(
    *(1, 4, {"larger": 3}),
    ({"larger": math.cos(2)}, "the smaller one"),
    ({"larger": 3 + math.cos(2)}, "the sum of both"),
    ({"larger": -3}, "the sign is not"),
    ({"larger": "the product"}, "a number is expected, got 'the product'"),
    ({"larger": True}, "a number is expected, got True"),
)
case(
    *(2, 1, {"z": 0, "slope": 0.25}),
    ({"z": 0, "slope": 0.5}, "the value g(0)"),
    ({"z": 0.5, "slope": 0.25}, "g, not z"),
    ({"z": 0, "slope": 1.0}, "slope: 1 is too large"),
)
case(
    *(2, 2, {"df_dt": lambda t: 0.0}),
    ({"df_dt": lambda t: 2 * math.cos(t) + 2 * math.sin(t)}, "dx/dt and dy/dt are missing"),
    ({"df_dt": lambda t: 4 * math.sin(t) * math.cos(t)}, "the sign of dx/dt"),
    ({"df_dt": lambda t: 1.0}, "the value of f"),
)
case(
    *(2, 3, {**FLOWERS, "different": DIFFERENT}),
    ({**FLOWERS, "different": len(POINTS) - DIFFERENT}, "judged alike"),
    ({**FLOWERS, "different": DIFFERENT / len(POINTS)}, "a share"),
    ({**FLOWERS, "curved": LINE, "different": 0}, "no hidden layer"),
    ({**FLOWERS, "X": POINTS[:1], "different": 0}, "is it trained?"),
)
case(
    *(3, 1, lambda: {**COSTS, "costs": [half_mean_squares(TWO), half_mean_squares(SIX)]}),
    (lambda: {**COSTS, "costs": [half_mean_squares(TWO, 5.0), half_mean_squares(SIX, 5.0)]}, "1/n is missing"),
    (lambda: {**COSTS, "costs": [half_mean_squares(TWO, 1.0), half_mean_squares(SIX, 1.0)]}, "the half is missing"),
    (lambda: {**COSTS, "costs": [half_mean_squares(SIX), half_mean_squares(TWO)]}, "the other order"),
    ({**COSTS, "two": SIX, "costs": [0.0, 0.0]}, "the network for 2 hidden neurons has 6"),
)
case(
    *(3, 2, {"derivations": FORMULAS, "changed": {"w_11^(2)", "w_10^(1)"}}),
    ({"derivations": FORMULAS, "changed": set(FORMULAS)}, "no activation stands in it"),
    ({"derivations": FORMULAS, "changed": {"w_10^(1)"}}, "in the second layer g itself"),
    ({"derivations": FORMULAS, "changed": {"w_11^(2)"}}, "in the first layer g'"),
    ({"derivations": FORMULAS, "changed": ["w_11^(2)"]}, "a set of names"),
    ({"derivations": FORMULAS, "changed": {"w_99"}}, "w_99 does not belong there"),
)
case(
    *(3, 3, {"dJ_dw": dJ_dw()}),
    ({"dJ_dw": dJ_dw(1.0)}, "the sign"),
    ({"dJ_dw": dJ_dw(g=s)}, "g(z) stands where g'(z) belongs"),
    ({"dJ_dw": dJ_dw(mean=False)}, "1/n is missing"),
    ({"dJ_dw": dJ_dw(at=False)}, "the innermost derivative is missing"),
    ({"dJ_dw": dJ_dw(-2.0)}, "the 2 of the square"),
)
case(
    *(4, 1, {"derivatives": SHEET, "updated": stepped(0.01)}),
    ({"derivatives": {k: -v for k, v in SHEET.items()}, "updated": stepped(-0.01)}, "the sign"),
    (
        {"derivatives": {k: -v for k, v in SHEET.items()}, "updated": stepped(0.01)},
        "the derivatives have the wrong sign",
    ),
    ({"derivatives": SHEET, "updated": stepped(-0.01)}, "uphill"),
    ({"derivatives": SHEET, "updated": stepped(1.0)}, "the step lacks α"),
    ({"derivatives": SHEET, "updated": in_sequence()}, "go backwards first, then update all"),
    (
        {"derivatives": {**SHEET, "b_h": (1.0 - in_sequence()["b_h"]) / 0.01}, "updated": in_sequence()},
        "go backwards first, then update all",
    ),
    ({"derivatives": {k: 2 * v for k, v in SHEET.items()}, "updated": stepped(0.02)}, "the half"),
    ({"derivatives": {"b_y": ERROR}, "updated": stepped(0.01)}, "derivatives: w_xh is missing"),
)
case(
    *(4, 2, {"small": SMALL, "deeper": DEEPER, "added": 5}),
    ({"small": SMALL, "deeper": DEEPER, "added": 2}, "the forward ones"),
    ({"small": SMALL, "deeper": DEEPER, "added": 3}, "the backward ones"),
    ({"small": SMALL, "deeper": SMALL, "added": 0}, "not one layer more"),
)
case(
    *(4, 3, {**SUMS, "with_sum": [False, True, False]}),
    ({**SUMS, "with_sum": [True, False, True]}, "with the mean"),
    ({**SUMS, "with_sum": [True, True, False]}, "carries 1/m"),
    ({**SUMS, "with_sum": [False, False, False]}, "[1]: False is wrong"),
)
case(
    *(5, 1, lambda: {**digits_of(PAIRS), "pair": (8, 1)}),
    (lambda: {**digits_of(PAIRS), "pair": (1, 8)}, "the other way round"),
    (lambda: {**digits_of(PAIRS), "pair": (9, 3)}, "in 1 of the images, another pair is confused in 2"),
    (lambda: {**digits_of([(3, 3)]), "pair": (9, 3)}, "no mistakes"),
)
case(
    *(5, 2, lambda: {"scaled": SCALED, "X": ONES, "share": saturated(SCALED, ONES)}),
    (lambda: {"scaled": NORMAL, "X": ONES, "share": saturated(NORMAL, ONES)}, "in the mean"),
    (lambda: {"scaled": SCALED, "X": ONES, "share": 1 - saturated(SCALED, ONES)}, "those that are not saturated"),
)
case(
    *(5, 3, {**DEMON, "off": demon("actual")}),
    ({**DEMON, "off": demon("nothing")}, "divide by the actual change"),
    ({**DEMON, "off": demon("predicted")}, "not by the predicted one"),
    ({**DEMON, "off": 100 * demon("actual")}, "percent"),
)
case(
    *(5, 4, {"delta": lambda z, k: less_one(softmax(z), k)}),
    ({"delta": lambda z, k: less_one([number / sum(z) for number in z], k)}, "z / sum(z) is no softmax"),
    ({"delta": lambda z, k: [-number for number in less_one(softmax(z), k)]}, "the sign"),
    ({"delta": lambda z, k: softmax(z)}, "not subtracted"),
    (
        {"delta": lambda z, k: [d * p * (1 - p) for d, p in zip(less_one(softmax(z), k), softmax(z), strict=True)]},
        "no σ'(z) is left",
    ),
    ({"delta": lambda z, k: less_one([s(number) for number in z], k)}, "the sigmoid of each"),
)
case(
    *(5, 5, {"dC_db": lambda a, delta: delta, "dC_dw": lambda a, delta: [[d * x for x in a] for d in delta]}),
    ({"dC_db": lambda a, delta: delta, "dC_dw": lambda a, delta: [[d * x for d in delta] for x in a]}, "transposed"),
    (
        {"dC_db": lambda a, delta: [1.0, 1.0], "dC_dw": lambda a, delta: [[d * x for x in a] for d in delta]},
        "∂z/∂b is 1",
    ),
    ({"dC_db": lambda a, delta: delta, "dC_dw": lambda a, delta: [a, a]}, "∂z/∂w is a"),
    ({"dC_db": lambda a, delta: [-d for d in delta], "dC_dw": lambda a, delta: [a, a]}, "and the engine"),
)
case(
    *(6, 1, {"single": 1e-4, "together": 1e-3, "points": 1000, "factor": 100}),
    ({"single": 1e-4, "together": 1e-3, "points": 1000, "factor": 0.1}, "the time of one point"),
    ({"single": 1e-4, "together": 1e-3, "points": 1000, "factor": 0.01}, "the inverse"),
    ({"single": 0.0, "together": 1e-3, "points": 1000, "factor": 0.0}, "positive numbers"),
)
case(
    *(6, 2, {"derivative": math.factorial(10)}),
    ({"derivative": 0}, "the 11th"),
    ({"derivative": 10**10}, "lowers the exponent"),
)
case(
    *(6, 3, {"hessian": [[4, 2], [2, 0]]}),
    ({"hessian": [4, 1]}, "the gradient"),
    ({"hessian": [[2, 4], [4, 0]]}, "at (2, 1)"),
    ({"hessian": [[4, 0], [0, 0]]}, "mixed"),
    ({"hessian": [[4, 2], [2, 1]]}, "[1]: [1]: 1 is too large"),
)
case(
    *(6, 4, {"steps": 15}),
    ({"steps": 17}, "no steps"),
    ({"steps": 3}, "3 is too small"),
)
case(
    *(7, 1, {"vanna": vanna}),
    ({"vanna": lambda *at: -vanna(*at)}, "the sign"),
    ({"vanna": vega}, "vega"),
    ({"vanna": lambda *at: vanna(*at) / 100}, "per percent"),
)
case(
    *(7, 2, lambda: {"C": price(), "shared": 2}),
    (lambda: {"C": price(), "shared": 7}, "inputs are counted"),
    (lambda: {"C": price(), "shared": 3}, "3 is too large"),
)
case(
    *(7, 3, {"more": 6}),
    ({"more": 26}, "those of the price"),
    ({"more": -6}, "the other way round"),
)


def test_every_exercise_of_every_lesson_has_a_case() -> None:
    there = [(lesson, k) for lesson in range(1, len(MODULES) + 1) for k in Check(lesson).exercises]
    assert sorted(CASES) == sorted(there)
    assert len(there) == 25


@pytest.mark.parametrize(("lesson", "exercise"), CASES)
def test_a_right_answer_is_right_in_both_languages(lesson: int, exercise: int) -> None:
    for language, word in (("en", "Right: "), ("de", "Richtig: ")):
        verdict = Check(lesson, language)(exercise, **CASES[lesson, exercise][0]())
        assert verdict.is_right is True, verdict
        assert re.fullmatch(word + r"[^.].{8,}[^.]\.", repr(verdict))


WRONG = [(*where, k) for where, (_, wrong) in CASES.items() for k in range(len(wrong))]


@pytest.mark.parametrize(("lesson", "exercise", "k"), WRONG)
def test_a_wrong_answer_is_wrong_for_the_reason_that_is_said(lesson: int, exercise: int, k: int) -> None:
    answer, said = CASES[lesson, exercise][1][k]
    verdict = Check(lesson)(exercise, **answer())
    assert verdict.is_right is False
    assert said in repr(verdict)
    in_german = Check(lesson, "de")(exercise, **answer())
    assert in_german.is_right is False
    assert repr(in_german).startswith("Noch nicht: ")
    assert repr(in_german)[12:] != repr(verdict)[9:]


FUNCTIONS = {"dz_dx", "df_dt", "dJ_dw", "delta", "dC_db", "dC_dw", "vanna"}


@pytest.mark.parametrize(("lesson", "exercise"), CASES)
def test_dots_are_no_answer_yet(lesson: int, exercise: int) -> None:
    answer = CASES[lesson, exercise][0]()
    for name in answer:
        verdict = Check(lesson)(exercise, **{**answer, name: (lambda *_: ...) if name in FUNCTIONS else ...})
        assert verdict.is_right is None
        assert repr(verdict) == f"Exercise {exercise}: not answered yet. Your answer goes where the dots are."


@pytest.mark.parametrize(("lesson", "exercise"), CASES)
def test_whatever_is_answered_gets_a_verdict(lesson: int, exercise: int) -> None:
    answer = CASES[lesson, exercise][0]()
    for name in answer:
        for strange in (None, "text", b"x", [], {}, {"x"}, float("nan"), object(), lambda: 0, [[[]]], 1j):
            verdict = Check(lesson)(exercise, **{**answer, name: strange})
            assert verdict.is_right is False, (name, strange)
            assert repr(verdict).startswith("Not yet: ")


def test_an_answer_may_come_as_an_array_a_tuple_or_values() -> None:
    np = pytest.importorskip("numpy")
    for entries in (np.array([2.0, 2.0]), (2, 2), [ag.Value(2.0), np.float64(2.0)]):
        assert Check(1)(2, edges=2, entries=entries).is_right


def test_digits_beyond_the_third_are_not_asked_for() -> None:
    assert Check(5)(3, **DEMON, off=float(f"{demon('actual'):.3g}")).is_right
    assert not Check(5)(3, **DEMON, off=1.01 * demon("actual")).is_right


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Check(8), "there is no lesson 8; they are numbered from 1 to 7"),
        (lambda: Check(1, "fr"), "checks do not speak 'fr'; choose from en, de"),
        (lambda: Check(2)(4), "there is no exercise 4; they are numbered from 1 to 3"),
        (lambda: Check(2)(1, z=0), "exercise 1 is checked by check(1, z=..., slope=...), got z"),
        (lambda: Check(2)(1), "exercise 1 is checked by check(1, z=..., slope=...), got no answer"),
        (lambda: lessons.notebooks("fr"), "there are no lessons in 'fr'; choose from en, de"),
    ],
)
def test_what_there_is_not_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(LessonError) as caught:
        call()
    assert str(caught.value) == message


def test_the_command_copies_the_lessons_and_overwrites_only_when_asked(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "new" / "lessons"
    assert main(["lessons", str(folder)]) == 0
    copies = sorted(folder.iterdir())
    assert [copy.read_bytes() for copy in copies] == [lesson.read_bytes() for lesson in lessons.notebooks()]
    assert all(f"wrote {copy}\n" in capsys.readouterr().out for copy in copies[:1])
    copies[0].write_text("mine")
    copies[1].unlink()
    assert main(["lessons", str(folder)]) == 2
    assert f"error: {copies[0]} and 5 more would be overwritten; choose another directory" in capsys.readouterr().err
    assert copies[0].read_text() == "mine"
    assert not copies[1].exists()
    assert main(["lessons", "--force", str(folder)]) == 0
    assert [copy.read_bytes() for copy in copies] == [lesson.read_bytes() for lesson in lessons.notebooks()]


def test_the_german_lessons_are_copied_when_asked_for(tmp_path: Path) -> None:
    for k, option in enumerate((["--lang", "de"], ["--language=de"])):
        assert main(["lessons", *option, str(tmp_path / str(k))]) == 0
        texts = [path.read_text(encoding="utf-8") for path in (tmp_path / str(k)).iterdir()]
        assert len(texts) == 5
        assert all("## Aufgaben" in text for text in texts)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--lang", "fr"], "there are no lessons in 'fr'; choose from en, de"),
        (["another"], "lessons takes one directory, got 'another' besides"),
    ],
)
def test_a_command_that_cannot_be_followed_says_why(
    words: list[str], message: str, tmp_path: Path, capsys: Any
) -> None:
    assert main(["lessons", str(tmp_path), *words]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert list(tmp_path.iterdir()) == []


def test_formulas_are_drawn_where_they_stand_and_code_is_left_alone() -> None:
    drawn = with_mathml(
        "<p>$a &lt; b$ and $$c \\tag{1}$$ costs \\$5</p><pre>$x$</pre><div>\\begin{align*}a &amp;= b\\end{align*}</div>"
    )
    assert drawn.count("<math") == 3
    assert "<pre>$x$</pre>" in drawn
    assert "costs \\$5" in drawn
    assert "(1)" in re.sub(r"<[^>]*>", "", drawn)
    for row in ('columnalign="right" style="text-align', 'columnalign="left" style="text-align'):
        assert row in drawn


def test_brackets_are_formulas_too_and_what_is_no_latex_stays() -> None:
    assert with_mathml("<p>\\(x\\) and \\[y\\]</p>").count("<math") == 2
    for broken in ("$x_$", "$\\frac{1$", "$$^$$", "$\\left($"):
        assert "</p>" in with_mathml(f"<p>{broken}</p>")
    assert "$x^a^b$" in with_mathml("<p>$x^a^b$</p>")


def test_scripts_of_outputs_stay_and_those_of_the_page_that_fetch_go() -> None:
    fetched = '<script src="https://example.org/MathJax.js"></script>'
    own = "<script>const own = 'http://www.w3.org/2000/svg'</script>"
    drawn = with_mathml(f"<html><head>{fetched}{own}</head><body><script>MathJax.typeset()</script></body></html>")
    assert fetched not in drawn
    assert own in drawn
    assert "MathJax.typeset()" in drawn


def test_primes_are_not_raised_twice() -> None:
    assert "<msup>" not in mathml("g'", "inline")


@pytest.mark.slow
def test_pages_of_the_lessons_have_formulas_without_a_network(chromium: str, tmp_path: Path) -> None:
    from diagram.browser import Browser

    browser = Browser(chromium)
    try:
        browser.call(
            "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
        )
        assert main(["lessons", str(tmp_path), "--html"]) == 0
        for path in sorted(tmp_path.iterdir()):
            browser.open(path)
            count = browser.evaluate(
                "[...document.querySelectorAll('math')].filter(m => m.closest('details') || m.getBoundingClientRect().width > 0).length"
            )
            assert count == browser.evaluate("document.querySelectorAll('math').length") > 10, path.name
            left = browser.evaluate(
                "[...document.querySelectorAll('.jp-RenderedMarkdown, .jp-RenderedLatex')].filter(x => /\\\\(frac|sigma|partial|begin)/.test(x.innerText)).length"
            )
            assert left == 0, path.name
            assert [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))] == []
            assert browser.errors == []
    finally:
        browser.close()


def test_a_page_speaks_the_language_of_its_lesson() -> None:
    for language in ("en", "de"):
        assert f'<html lang="{language}">' in page(lessons.notebooks(language)[0], language)
