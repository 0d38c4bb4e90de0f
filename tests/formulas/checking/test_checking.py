"""Answers checked: right ones in every form, wrong ones with the line and the likely slip, and what cannot be read."""

from __future__ import annotations

import math
from random import Random

import pytest
from formulas.checking.rewriter import are_equal, other_form, slips, values
from formulas.checking.sheet import SHEET
from formulas.derivation.test_derive import check, random_expression
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import DiagramError, ExpressionError, NumberError, StaleGraphError
from autograd_core.expression import ParsedExpression
from autograd_core.graph import ancestors

AT = 0.6


def graph(text: str) -> tuple[Value, Value]:
    x = Value(AT, name="x")
    return ParsedExpression(text)(x=x), x


def derivation(text: str) -> list[str]:
    """The derivative in one formula as `derive` shows it, step by step and without primes, and as the book has it."""
    z, x = graph(text)
    steps = [step.text for _, step in ag.derive(z, x, digits=None).lines[-1].steps]
    found = [step for step in steps if "'" not in step and "x" in step.replace("exp", "")]
    return [*found, SHEET[text]] if math.isfinite(values(SHEET[text])[0]) else found


@pytest.mark.parametrize("text", SHEET)
def test_the_sheet_is_derived_and_every_printed_line_can_be_read_back(text: str) -> None:
    z, x = graph(text)
    lines = ag.derive(z, x, digits=None).lines
    assert check(lines, z, x, 1e-9) >= 2
    assert abs(lines[-1].value - values_at(SHEET[text])) <= 1e-9 * max(1.0, abs(lines[-1].value))
    assert ag.check_derivation(SHEET[text], z, x)
    assert ag.check_derivation(repr(ag.derive(z, x)), z, x), "what is printed is a right derivation"


def values_at(text: str) -> float:
    return float(ParsedExpression(text)(x=AT))


@pytest.mark.parametrize("seed", slow(range(200), but=range(0, 200, 10)))
def test_random_derivations_are_read_back_and_right(seed: int) -> None:
    z, leaves = random_expression(seed)
    x = next(leaf for leaf in leaves if leaf in ancestors(z))
    lines = ag.derive(z, x, digits=None).lines
    check(lines, z, x, 1e-9)
    read = [line.text for line in lines if "..." not in line.text and "i=1" not in line.text]
    found = ag.check_derivation([line for line in read if len(line) < 900], z, x)
    assert found, found


def wrong_lines() -> list[tuple[str, list[str], int]]:
    """A hundred derivations with a slip in one line, of every kind that its text offers."""
    random, found = Random(7), []
    for text in SHEET:
        lines = derivation(text)
        ways = [(k, kind, wrong) for k, line in enumerate(lines) for kind, wrong in slips(line)]
        random.shuffle(ways)
        for k, _, wrong in ways[:3]:
            found.append((text, [*lines[:k], wrong, *lines[k + 1 :]], k + 1))
    return found[:100]


def test_of_a_hundred_slips_ninety_five_are_located_and_most_are_named() -> None:
    cases = wrong_lines()
    assert len(cases) == 100
    found = []
    for text, lines, wrong in cases:
        z, x = graph(text)
        found.append((ag.check_derivation(lines, z, x), wrong))
    assert sum([verdict.line == wrong for verdict, wrong in found]) >= 95
    assert sum([verdict.slip is not None for verdict, _ in found]) >= 75


def test_of_five_hundred_right_answers_in_other_forms_none_is_refused() -> None:
    random, refused, count = Random(11), [], 0
    for text in SHEET:
        z, x = graph(text)
        formulas = derivation(text)
        for k in range(15):
            formula = formulas[k % len(formulas)]
            answer = other_form(formula, random, 1 + k % 4)
            assert are_equal(answer, formula, 1e-7), (formula, answer)
            count += 1
            if not ag.check_derivation(answer, z, x):
                refused.append((text, answer))
    assert count >= 500
    assert refused == []


def test_what_derive_prints_with_rules_is_read() -> None:
    z, x = graph("exp(-3*x)*log(3*x**2)")
    for language in ("en", "de"):
        assert ag.check_derivation(repr(ag.derive(z, x, rules=True, logarithm="ln", language=language)), z, x)


KINDS = {
    "inner derivative": ("sin(2*x)", "cos(2*x)"),
    "sign": ("cos(x)", "sin(x)"),
    "factor": ("5*exp(x)", "exp(x)"),
    "power rule": ("x**3", "3*x**3"),
    "product of derivatives": ("x**2*sin(x)", "2*x*cos(x)"),
    "product rule": ("x*exp(2*x)", "exp(2*x)"),
    "quotient turned round": ("sin(x)/(x + 1)", "(sin(x) - (x + 1)*cos(x))/(x + 1)**2"),
    "quotient of derivatives": ("sin(x)/x**2", "cos(x)/(2*x)"),
    "denominator squared": ("1/(x**2 + 1)", "-2*x/(x**2 + 1)"),
    "power rule on an exponential": ("3**x", "x*3**(x - 1)"),
    "exponential rule": ("3**x + x", "3**x + 1"),
    "base-10 logarithm": ("log(x + 1)", "1/((x + 1)*log(10))"),
    "sigma prime": ("sigmoid(x)", "sigmoid(x)*(1 - sigma'(x))"),
    "derivative of function": ("tanh(x)", "1 - tanh(x)"),
    "constant": ("x**2 + 4", "2*x + 4"),
    "not differentiated": ("x**4 + x", "x**4 + x"),
    "number": ("x**2 + 7*x", "2*x + 8"),
    "exponent": ("(x + 1)*(x + 2)", "2*x**2 + 3"),
    "operation": ("log(x) + sin(x)", "1*x + cos(x)"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_likely_slip_is_named(kind: str) -> None:
    text, answer = KINDS[kind]
    z, x = graph(text)
    found = ag.check_derivation(answer, z, x)
    assert not found
    assert found.slip == kind


def test_a_right_answer_is_right_as_a_formula_or_as_a_number() -> None:
    x = Value(2.0, name="x")
    z = ag.log(3 * x**2)
    formula, number = ag.check_derivation("2/x", z, x), ag.check_derivation("1", z, x)
    assert (formula.right, formula.how, str(formula)) == (True, "symbolically", "Right: 2/x is dz/dx.")
    assert (number.right, number.how, str(number)) == (True, "numerically", "Right: 1 is dz/dx at x = 2.")
    assert str(ag.check_derivation("2/x", z, x, language="de")) == "Richtig: 2/x ist dz/dx."
    assert not ag.check_derivation("x**2/4", z, x), "right at x = 2 alone"


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("-0.27", True), ("-0.269", True), ("-0.26894", True), ("-0.268", False), ("-0.3", False), ("-2.7", False), ("0.27", False)],
)  # fmt: skip
def test_a_number_is_compared_to_the_digits_that_it_has(answer: str, is_right: bool) -> None:
    w = Value(1.0, name="w")
    assert bool(ag.check_derivation(answer, -ag.log(ag.sigmoid(w)), w)) == is_right


def test_lines_may_say_what_they_are_about() -> None:
    x = Value(2.0, name="x")
    z = ag.log(3 * x**2)
    lines = ["u = 3*x**2", "dz/du = 1/u", "du/dx = 6*x", "dz/dx = dz/du * du/dx = 1/u * (6*x) = 2/x ≈ 1"]
    assert ag.check_derivation(lines, z)
    assert ag.check_derivation("\n".join(lines), z)
    assert ag.check_derivation(["f(x) = ln(3*x**2)", "f'(x) = ln'(3*x**2) * 6*x", "2/x"], z)
    wrong = ag.check_derivation([*lines[:2], "du/dx = 6", *lines[3:]], z)
    assert (wrong.line, wrong.text, wrong.what, wrong.given, wrong.expected) == (3, "6", "dv2/dx", 6.0, 12.0)
    assert str(wrong).startswith(
        "Line 3 is the first wrong one: 6 is not dv2/dx. At x = 2 it is 6, but dv2/dx is 12.\n"
    )


def test_gradients_and_steps_of_parameters() -> None:
    w, b = Value(0.5, name="w"), Value(0.5, name="b")
    z = (2 * w + b - 1) ** 2
    assert ag.check_derivation(["4*(2*w + b - 1)", "2*(2*w + b - 1)"], z, [w, b])
    assert ag.check_derivation({"w": "4*(2*w + b - 1)", b: "2*(2*w + b - 1)"}, z)
    steps = ["w_new = w - eta * dz/dw = 0.3", "b := b - 0.1 * 2*(2*w + b - 1)"]
    assert ag.check_derivation(steps, z, [w, b], rate=0.1)
    late = ag.check_derivation([steps[0], "b_new = 0.5 - 0.1 * 2 * (2*0.3 + 0.5 - 1)"], z, [w, b], rate=0.1)
    assert (late.line, late.slip) == (2, "sequential update")
    for answer, slip in (
        ("w_new = w + eta * dz/dw", "sign"),
        ("w_new = w - dz/dw", "learning rate"),
        ("w_new = w", "no step"),
    ):
        assert ag.check_derivation(answer, z, [w, b], rate=0.1).slip == slip
    with pytest.raises(ExpressionError, match="is about a step: give its learning rate, rate="):
        ag.check_derivation("w_new = w - dz/dw", z, [w, b])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("2*x +", r"the expression ends where something should follow\n  2\*x \+\n       \^"),
        ("x.real", "attributes are not allowed"),
        ("__import__('os')", "is not known here|no function|not allowed|underscores"),
        ("2*w", r"w is not known here; there are x, v1, z\n  2\*w\n    \^"),
        ("dz/dx =", "the line has no expression"),
        ("1 * dz/dx", "dz/dx is what is asked for; write it without dz/dx itself"),
        (["u = x", "v = 2*u"], "no line says what dz/dx is; write for instance"),
        (["2*x", "2 3 x"], r"line 2: this cannot be read as an expression.*\n  2 3\*x\n"),
        ([], "the answer is empty"),
        ("", "the answer is empty"),
        (3, "an answer is a text or a list of lines, got 3"),
        (["x", 3], "line 2: a line of an answer is a text, got 3"),
        ("x" * 2000, "at most 1000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(answer: object, said: str) -> None:
    x = Value(2.0, name="x")
    with pytest.raises(ExpressionError, match=said):
        ag.check_derivation(answer, x**2 + 1, x)


def test_long_answers_are_marked_too() -> None:
    x = Value(2.0, name="x")
    assert ag.check_derivation("1" + "+x" * 400 + "-398*x-1", x**2, x)
    assert not ag.check_derivation("1" + "+x" * 400, x**2, x)


def test_bad_arguments_are_refused() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    with pytest.raises(NumberError, match="check_derivation takes an answer, a Value"):
        ag.check_derivation("1", 2.0, x)
    with pytest.raises(DiagramError, match="there is no language 'fr'"):
        ag.check_derivation("1", x * y, x, language="fr")
    with pytest.raises(DiagramError, match="no node of z is called 'w'"):
        ag.check_derivation("1", x * y, "w")
    with pytest.raises(ExpressionError, match=r"not said by what z is derived; give x, one of x, y, or write dz/d"):
        ag.check_derivation("y", x * y)
    z = x * y
    x.data = 5.0
    with pytest.raises(StaleGraphError):
        ag.check_derivation("y", z, x)


def test_values_of_equal_data_are_not_mixed_up() -> None:
    x, y = Value(2.0, name="x"), Value(2.0, name="y")
    z = x**2 * y
    assert ag.check_derivation(["dz/dx = 2*x*y", "dz/dy = x**2"], z)
    assert ag.check_derivation(["dz/dx = 2*x*y", "dz/dy = 2*x*y"], z).line == 2
