"""Formulas written by hand: what is left out there is put in, and what is whole stays as it is."""

from __future__ import annotations

import math

import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import ExpressionError
from autograd_core.expression import CALLABLE, CONSTANTS, ParsedExpression
from autograd_core.formulas.checking.handwriting import typed

NAMES, FUNCTIONS = {"x", "y", "w_21^(1)", "layer 1/n2/b", "abc", *CONSTANTS}, {*CALLABLE, "ln"}
WHOLE = r"d\w+/d\w+"

BY_HAND = {
    "2x": "2*x",
    "2 x y": "2*x*y",
    "xy": "x*y",
    "abc": "abc",
    "x(x+1)": "x*(x+1)",
    "(x+1)(x-1)y": "(x+1)*(x-1)*y",
    "3.5e-2x": "3.5e-2*x",
    "2e^(-x)": "2*e**(-x)",
    "x²y³": "x**2*y**3",
    "x⁻¹ + x¹⁰": "x**-1 + x**10",
    "2π x": "2*pi*x",
    "√(x+1) ÷ √x": "sqrt(x+1) / sqrt(x)",
    "|x| |y - |x||": "abs(x)*abs(y - abs(x))",
    "sin x + cos 2x": "sin(x) + cos(2*x)",
    "sin x cos x": "sin(x)*cos(x)",
    "2 sin² x": "2*sin(x)**2",
    "sin^2(x+1) y": "sin(x+1)**2*y",
    "ln x²": "ln(x**2)",
    "sin(x)'y": "sin(x)'*y",
    "(sin x)' e^x": "(sin(x))'*e**x",
    "log'(3x) dz/dx": "log'(3*x)*dz/dx",
    "2w_21^(1) layer 1/n2/b": "2*w_21^(1)*layer 1/n2/b",
    "max(x, 2y)": "max(x, 2*y)",
    "dot([x, 2y], [x, y])": "dot([x, 2*y], [x, y])",
}
WHOLE_ALREADY = [
    *("2*x**2 - x/(3*y)", "sin(x)*cos(2 * x)", "-x", "x**-1", "max(x, y, 2)", "2 3", "1e-3*x", "x - -y", "  x ", ""),
    *("dz/dx * du/dx", '"a b" * x', "(x", "x)", "sin", "sin + x", "x ** 2", "0.5*(x + y)**2"),
]


@pytest.mark.parametrize("text", BY_HAND)
def test_what_is_left_out_by_hand_is_put_in(text: str) -> None:
    assert typed(text, NAMES, FUNCTIONS, WHOLE) == BY_HAND[text]


@pytest.mark.parametrize("text", [*WHOLE_ALREADY, *BY_HAND.values()])
def test_what_is_whole_stays_as_it_is(text: str) -> None:
    assert typed(text, NAMES, FUNCTIONS, WHOLE) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2sin x cos x - x²/2", lambda x: 2 * math.sin(x) * math.cos(x) - x**2 / 2),
        ("3(x+1)² e^(-x)", lambda x: 3 * (x + 1) ** 2 * math.exp(-x)),
        ("1/2x", lambda x: 0.5 * x),
        ("x^2^3", lambda x: x**8),
        ("-x²", lambda x: -(x**2)),
        ("ln|x - 5|", lambda x: math.log(abs(x - 5.0))),
        ("√x√x", lambda x: x),
    ],
)
def test_it_means_what_is_meant(text: str, expected: object) -> None:
    log = {"ln": ag.log}
    for x in (0.5, 2.0):
        found = ParsedExpression(typed(text, {"x", *CONSTANTS}, FUNCTIONS), log)(x=x)
        assert float(found) == pytest.approx(expected(x), rel=1e-14)  # type: ignore[operator]


def test_answers_are_read_as_they_are_written_by_hand() -> None:
    x = Value(2.0, name="x")
    z = ag.log(x**2 + 1.0)
    for answer in ("2x/(x²+1)", "1/(x^2+1) 2x", "z' = 2x(x²+1)⁻¹", "dz/dx = 2 x ÷ (x² + 1)", "(x²+1)'/(x²+1)"):
        assert ag.check_derivation(answer, z, x), answer
    wrong = ag.check_derivation("-2x/(x²+1)", z, x)
    assert (bool(wrong), wrong.slip) == (False, "sign")


def test_a_product_is_derived_as_in_a_lecture() -> None:
    x = Value(2.0, name="x")
    y = ag.sin(3.0 * x**2) * ag.exp(-x)
    y.name = "y"
    lines = [
        "y' = (sin(3x²))' e^(-x) + sin(3x²) (e^(-x))'",
        "= cos(3x²) · 6x · e^(-x) - sin(3x²) · e^(-x)",
        "= e^(-x) (6x cos(3x²) - sin(3x²))",
    ]
    assert ag.check_derivation(lines, y, x)
    lines[1] = lines[1].replace(" - ", " + ")
    wrong = ag.check_derivation(lines, y, x)
    assert (wrong.line, wrong.slip) == (2, "sign")


def test_a_prime_needs_a_variable() -> None:
    w, x = Value(2.0, name="w"), Value(3.0, name="x")
    with pytest.raises(ExpressionError, match="it is not said by what"):
        ag.check_derivation(["u = (w x)'", "dz/dw = x"], w * x, [w, x])


def test_a_misprint_of_a_function_is_answered_with_what_is_meant() -> None:
    x = Value(2.0, name="x")
    for text, says in (("cso(x)", "did you mean cos"), ("sec(x)**2", r"write 1 / cos\(x\)")):
        with pytest.raises(ExpressionError, match=says):
            ag.check_derivation(text, ag.sin(x), x)


def test_what_is_wrong_is_shown_where_it_differs() -> None:
    x = Value(2.0, name="x")
    assert "it is 1, but dz/dx is 1." not in str(ag.check_derivation("1/(3x²) (3x²)", ag.log(3.0 * x**2), x))
