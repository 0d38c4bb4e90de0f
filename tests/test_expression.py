"""The white list: what it lets through means what Python means by it, and nothing else gets through."""

from __future__ import annotations

import math
import os
import random
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import Value, backprop
from autograd_core.errors import ExpressionError
from autograd_core.expression import (
    CALLABLE,
    MAX_LENGTH,
    MAX_NAME,
    MAX_NESTING,
    NOT_CALLABLE,
    ParsedExpression,
    name_problem,
    signature,
)
from autograd_core.ops import FUNCTIONS, TABLE

# A canary for "nothing is executed": the interpreter itself reports whatever is imported, opened, run or compiled.
_events: list[str] | None = None


def _hear(event: str, _: object) -> None:
    if _events is not None:
        _events.append(event)


sys.addaudithook(_hear)  # stays for the life of the process, silent while `_events` is None


def refusal(text: str, **values: float) -> str:
    """The message with which `text` is refused; nothing but Python's parser may have run."""
    global _events  # noqa: PLW0603  # an audit hook can neither be removed nor be given an argument
    variables = {"x": Value(2.0, name="x"), "y": Value(3.0, name="y"), **values}
    _events = []
    try:
        with pytest.raises(ExpressionError) as caught:
            ParsedExpression(text)(**variables)
        assert set(_events) <= {"compile"}  # ast.parse reports itself so
    finally:
        _events = None
    return str(caught.value)


def test_the_canary_sings():
    global _events  # noqa: PLW0603
    _events = []
    eval("1 + 1")
    os.system("")
    heard, _events = _events, None
    assert {"compile", "exec", "os.system"} <= set(heard)


NO_EXPRESSION = "cannot be read as an expression"
ENDS_EARLY = "ends where something should follow"
HOSTILE = [
    # ways to objects that are not numbers
    ("x.__class__ + 1", "attributes"),
    ("x.data", "attributes"),
    ("().__class__.__bases__[0].__subclasses__()", "attributes"),
    ("(1).__class__.__mro__[1]", "subscripts"),
    ("sin.__globals__", "attributes"),
    ("sin.__self__.__dict__['x']", "subscripts"),
    ("x.real.imag", "attributes"),
    ("__import__('os').system('true')", "attributes"),
    ("__import__(1)", "no function '__import__'"),
    ("__builtins__", "two underscores"),
    ("__name__", "two underscores"),
    ("getattr(x, 'data')", "strings"),
    ("getattr(x, y)", "no function 'getattr'"),
    ("setattr(x, y, 1)", "no function 'setattr'"),
    ("globals()", "no function 'globals'"),
    ("vars()", "no function 'vars'"),
    ("type(x)", "no function 'type'"),
    ("Value(1)", "no function 'Value'"),
    ("eval('1')", "strings"),
    ("eval(x)", "no function 'eval'"),
    ("exec(x)", "no function 'exec'"),
    ("compile(x)", "no function 'compile'"),
    ("open('/etc/passwd')", "strings"),
    ("open(0)", "no function 'open'"),
    ("input()", "no function 'input'"),
    ("print(1)", "no function 'print'"),
    ("breakpoint()", "no function 'breakpoint'"),
    ("exit()", "no function 'exit'"),
    ("quit", "no value for quit"),
    ("os.system(1)", "attributes"),
    ("np.sin(x)", "attributes"),
    ("math.sin(x)", "attributes"),
    # calls
    ("x()", "no function 'x'"),
    ("x(1)", "a product needs its sign"),
    ("2(x)", "a product needs its sign"),
    ("(x + 1)(x - 1)", "a product needs its sign"),
    ("sin(x)(y)", "only functions can be called"),
    ("(lambda: 1)()", "lambdas"),
    ("sin", "is a function"),
    ("sin + 1", "is a function"),
    ("sin(sin)", "is a function"),
    ("sin()", "expected sin(x)"),
    ("sin(x, y)", "expected sin(x)"),
    ("sin(x=1)", "keywords"),
    ("leaky_relu(x, slope=0.1)", "keywords"),
    ("sin(**x)", "keywords"),
    ("sin(*x)", "stars"),
    ("max(*[x, y])", "stars"),
    ("sin([x])", "expected sin(x)"),
    ("pow(x)", "expected pow(x, y)"),
    ("where(x, 1)", "expected where(c, x, y)"),
    ("hardtanh(x, 0, 1, 2)", "expected hardtanh(x, low=-1, high=1)"),
    ("max()", "expected max(x, y, ...)"),
    ("sum([])", "expected sum(x, y, ...)"),
    ("max([x], 2)", "expected max(x, y, ...)"),
    ("max([x], [y])", "expected max(x, y, ...)"),
    ("sum([[x], [y]])", "lists"),
    ("dot(x, y)", "expected dot([a, b, ...], [x, y, ...])"),
    ("dot([x], [x, y])", "expected dot([a, b, ...], [x, y, ...])"),
    ("dot([], [])", "expected dot([a, b, ...], [x, y, ...])"),
    ("softmax([x, y])", "several numbers"),
    ("log_softmax([x, y])[0]", "subscripts"),
    ("power(x, 2)", "write x ** 2"),
    ("polygamma(1, x)", "whole number"),
    ("sinc_derivative(10**18, x)", "as many steps"),
    ("ln(x)", "did you mean log?"),
    ("arctan(x)", "did you mean atan?"),
    ("sgimoid(x)", "did you mean sigmoid?"),
    ("Sin(x)", "did you mean sin?"),
    # other Python
    ("lambda", ENDS_EARLY),
    ("lambda: 1", "lambdas"),
    ("[x for x in y]", "comprehensions"),
    ("{x for x in y}", "comprehensions"),
    ("{x: 1 for x in y}", "comprehensions"),
    ("sum(x for x in y)", "comprehensions"),
    ("x if y else 1", "conditionals"),
    ("1if x else 2", "conditionals"),
    ("x and y", "boolean operators"),
    ("x or y", "boolean operators"),
    ("not x", "boolean operators"),
    ("x < y", "less(a, b)"),
    ("1 < x < 3", "comparisons"),
    ("x == y", "comparisons"),
    ("x is y", "comparisons"),
    ("x in y", "comparisons"),
    ("x in [y]", "comparisons"),
    ("x[0]", "subscripts"),
    ("x[1:2]", "subscripts"),
    ("[x, y][0]", "subscripts"),
    ("x @ y", "matrix products"),
    ("x ^ 2", "x ** 2"),
    ("x & y", "bit operations"),
    ("x | y", "bit operations"),
    ("x << 2", "bit operations"),
    ("1 << 10**9", "bit operations"),
    ("~x", "bit operations"),
    ("[x]", "lists"),
    ("x, y", "tuples"),
    ("3,5", "a point, not a comma"),
    ("()", "tuples"),
    ("{x}", "sets"),
    ("{x: y}", "dictionaries"),
    ("{**x}", "dictionaries"),
    ("*x", NO_EXPRESSION),
    ("*x,", NO_EXPRESSION),
    ("(x := 2)", "assignments"),
    ("x := 2", "assignments"),
    ("x = 2", "assignments"),
    ("x += 2", NO_EXPRESSION),
    ("x: int", "assignments"),
    ("x: int = 2", "assignments"),
    ("(yield)", "await and yield"),
    ("(yield from x)", "await and yield"),
    ("await x", "await and yield"),
    ("async def f(): pass", NO_EXPRESSION),
    ("import os", NO_EXPRESSION),
    ("from os import system", NO_EXPRESSION),
    ("del x", NO_EXPRESSION),
    ("pass", NO_EXPRESSION),
    ("return x", NO_EXPRESSION),
    ("raise x", NO_EXPRESSION),
    ("assert x", NO_EXPRESSION),
    ("global x", NO_EXPRESSION),
    ("while 1: 1", NO_EXPRESSION),
    ("for i in x: i", NO_EXPRESSION),
    ("with x: y", NO_EXPRESSION),
    ("class X: x", NO_EXPRESSION),
    ("def f(): pass", NO_EXPRESSION),
    ("@f\ndef g(): pass", NO_EXPRESSION),
    ("x; y", NO_EXPRESSION),
    ("x;", NO_EXPRESSION),
    ("x y", NO_EXPRESSION),
    ("x\ny", NO_EXPRESSION),
    ("x\n+ y", NO_EXPRESSION),
    ("x; import os", NO_EXPRESSION),
    ("2x", NO_EXPRESSION),
    ("x +", ENDS_EARLY),
    ("* x", NO_EXPRESSION),
    ("x ** ", ENDS_EARLY),
    ("x +\n", ENDS_EARLY),
    ("$x", NO_EXPRESSION),
    ("x?", NO_EXPRESSION),
    ("x!", NO_EXPRESSION),
    ("`x`", NO_EXPRESSION),
    ("!ls", NO_EXPRESSION),
    ("%run x", NO_EXPRESSION),
    ("1) + (2", "unmatched ')'"),
    ("(x", "'(' was never closed"),
    ("(x]", "does not match"),
    # texts and other things that are no real numbers
    ("'x'", "strings"),
    ('"a" + "b"', "strings"),
    ('"a" * 10**9', "strings"),
    ("'''x'''", "strings"),
    ("'x", NO_EXPRESSION),
    ("u'x'", "strings"),
    ("r'x'", "strings"),
    ("b'x'", "byte strings"),
    ("f'{x}'", "f-strings"),
    ("f'{x!r:{y}}'", "f-strings"),
    ("f'{__import__(\"os\")}'", "f-strings"),
    ("'%s' % x", "strings"),
    ("True", "True and False"),
    ("x + False", "True and False"),
    ("None", "words such as None"),
    ("...", "dots in place of a number"),
    ("2j", "complex numbers"),
    ("1 + 1e400j", "complex numbers"),
    ("__debug__", "two underscores"),
    ("NotImplemented", "no value for NotImplemented"),
    ("nan", "no value for nan"),
    ("inf", "no value for inf"),
    ("-Infinity", "no value for Infinity"),
    ("z", "no value for z (given: x, y)"),
    # numbers without bounds
    ("1e999", "too large"),
    ("-1e999", "too large"),
    ("9" * 400, "too large"),
    ("0x" + "f" * 900, "too large"),
    ("0o" + "7" * 900, "too large"),
    ("9" * 5_000, "at most 1000"),
    ("10**10**10", "not finite"),
    ("9**9**9**9", "not finite"),
    ("(9**9)**(9**9)", "not finite"),
    ("10.0**400", "not finite"),
    ("1e308 * 10", "not finite"),
    ("exp(1000)", "not finite"),
    ("e**1e9", "not finite"),
    ("pow(10, 10**10)", "not finite"),
    ("fma(1e308, 1e308, 1)", "not finite"),
    ("0777", NO_EXPRESSION),
    ("1__0", NO_EXPRESSION),
    ("1 / 0", "expected y ≠ 0"),
    ("x / 0", "expected y ≠ 0"),
    ("x % 0", "expected y ≠ 0"),
    ("x // 0", "expected y ≠ 0"),
    ("0 ** -1", "outside the domain"),
    ("log(-1)", "expected x > 0"),
    ("log(y - 5 + 2)", "expected x > 0"),
    ("(-8) ** (1/3)", "outside the domain"),
    ("gamma(-3)", "outside the domain"),
    # long, deep
    ("x" * 10_000, "10000 characters"),
    ("x" * (MAX_NAME + 1), "41 characters"),
    ("x" * 300 + "(1)", "no function"),
    ("1" + "+1" * 5_000, "10001 characters"),
    ("(" * 10_000 + "x" + ")" * 10_000, "20001 characters"),
    ("(" * 400 + "x" + ")" * 400, "nested more than 50"),
    ("[" * 400, "nested more than 50"),
    ("(a," * 200, "nested more than 50"),
    ("sin(" * 60 + "x" + ")" * 60, "nested more than 50"),
    ("-" * 900 + "x", "nested more than 50"),
    ("2**" * 300 + "2", "nested more than 50"),
    ("not " * 200 + "x", "nested more than 50"),
    ("~" * 900 + "x", "nested more than 50"),
    ("lambda:" * 130 + "x", "lambdas"),
    ("x if x else " * 80 + "x", "conditionals"),
    (" " * 2_000 + "x", "2001 characters"),
    # letters that look like others, or like nothing
    ("х + 1", "CYRILLIC SMALL LETTER HA"),
    ("ｘ + 1", "FULLWIDTH LATIN SMALL LETTER X"),
    ("ｅｖａｌ(x)", "FULLWIDTH"),
    ("𝐱", "MATHEMATICAL BOLD SMALL X"),
    ("ﬁ", "LATIN SMALL LIGATURE FI"),
    ("größe", "LATIN SMALL LETTER O WITH DIAERESIS"),
    ("π", "write pi"),
    ("2·x", "write *"),
    ("x²", "write **2"),
    ("x − 1", "write -"),
    ("x\u200b", "U+200B"),
    ("x\u2060y", "U+2060"),
    ("\ufeffx", "U+FEFF"),
    ("x\u202e + 1", "U+202E"),
    ("\u2066x", "U+2066"),
    ("x\u0301", "COMBINING ACUTE ACCENT"),
    ("x\u00a0+ 1", "U+00A0"),
    ("x\u2028+ 1", "U+2028"),
    ("\ud800", "U+D800"),
    ("'\\ud800'", "backslashes"),
    ("\U0010ffff", "U+10FFFF"),
    ("\U00017000", "is not allowed in an expression"),  # printable, and without a name in Unicode
    ("１ + ２", "FULLWIDTH DIGIT ONE"),
    ("x\x00", "U+0000"),
    ("\x00", "U+0000"),
    ("x\x1b[2J", "U+001B"),
    ("x\x08y", "U+0008"),
    ("x\x7f", "U+007F"),
    ("x\x0c+ 1", "U+000C"),
    ("x\x0b+ 1", "U+000B"),
    ("x\x85+ 1", "U+0085"),
    ("x + \\\n1", "backslashes"),
    ("x # + y", "comments"),
    ("#", "comments"),
    ("# -*- coding: utf-7 -*-\nx", "comments"),
]


@pytest.mark.parametrize(("text", "problem"), HOSTILE, ids=[repr(text)[:40] for text, _ in HOSTILE])
def test_hostile_texts_are_refused_and_marked(text, problem):
    message, line, carets = refusal(text).split("\n")
    assert problem in message
    assert re.fullmatch("  +\\^+", carets)
    assert len(carets) <= len(line) + 1 <= 80
    assert (line + message).isprintable()  # nothing for a terminal to obey


def test_the_corpus_is_large():
    assert len({text for text, _ in HOSTILE}) == len(HOSTILE) >= 80


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("|x|", "an absolute value is written abs(x)"),
        ("2*|x|", "an absolute value is written abs(x)"),
        ("|x - 1| + |y|", "an absolute value is written abs(x)"),
        ("x|y|", "an absolute value is written abs(x)"),
        ("x | y", "an absolute value is written abs(x)"),
        ("x!", "a factorial is gamma(x + 1)"),
        ("(x + 1)!", "a factorial is gamma(x + 1)"),
        ("σ(x)", "write sigmoid(x)"),
        ("Φ(x)", "write norm_cdf(x)"),
        ("x ≤ 1", "write less_equal(x, y)"),
        ("det(x)", "only the op table's are known"),
    ],
)
def test_what_mathematics_writes_otherwise_gets_a_hint(text, hint):
    assert hint in refusal(text).partition("\n")[0]


@pytest.mark.parametrize("text", ["", " ", "\n\t \n", "\r\n"])
def test_an_empty_text_says_what_to_write(text):
    assert refusal(text) == "the expression is empty; write for instance x*y + sin(x)"


@pytest.mark.parametrize("text", [None, 2.0, b"x", ["x"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ExpressionError, match="expected an expression as a text"):
        ParsedExpression(text)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("x.__class__ + 1", "  x.__class__ + 1\n  ^^^^^^^^^^^"),
        ("1 + 2j*x", "  1 + 2j*x\n      ^^"),
        ("sin(x, k=[1])", "  sin(x, k=[1])\n         ^^^^^"),
        ("x*z", "  x*z\n    ^"),
        ("1 +\tz", "  1 + z\n      ^"),
        ("  x +", "  x +\n     ^"),
        ("(x +\n    y.a +\n 1)", "      y.a +\n      ^^^"),
        ("(x +\r\n y.a\r\n)", "   y.a\n   ^^^"),
        ("x + [y,\n 1]", "  x + [y,\n      ^^^"),
        ("(x\n+ é)", "  + é)\n    ^"),
        ("log(x - 2)", "  log(x - 2)\n  ^^^^^^^^^^"),
        ("x + 1/(y - 3)", "  x + 1/(y - 3)\n      ^^^^^^^^^"),
    ],
)
def test_the_mark_is_under_the_place(text, marked):
    assert refusal(text).partition("\n")[2] == marked


def test_of_a_long_line_the_part_with_the_mark_is_shown():
    _, line, carets = refusal("x + " * 200 + "y.a" + " + x" * 20).split("\n")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "y.a"
    assert len(line) == 74


def test_the_causes_stay_reachable():
    with pytest.raises(ExpressionError) as caught:
        ParsedExpression("1 / x")(x=0.0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


x, y = 2.0, 3.0
BENIGN = [
    ("x*y + sin(x)", x * y + math.sin(x), {"x": y + math.cos(x), "y": x}),
    ("-x**2", -(x**2), {"x": -2 * x}),
    ("(-x)**2", x**2, {"x": 2 * x}),
    ("2**-x", 2**-x, {"x": -math.log(2) * 2**-x}),
    ("x**y**2", x ** (y**2), {"x": y**2 * x ** (y**2 - 1), "y": x ** (y**2) * math.log(x) * 2 * y}),
    ("x - y - 1", x - y - 1, {"x": 1, "y": -1}),
    ("x / y / 2", x / y / 2, {"x": 1 / y / 2, "y": -x / y**2 / 2}),
    ("+x - -y", x + y, {"x": 1, "y": 1}),
    ("7 % x + 7 // x", 7 % x + 7 // x, {"x": -3}),
    ("-7 // x", -7 // x, {"x": 0}),
    ("x % y", x % y, {"x": 1, "y": 0}),
    ("1_000*x + 0x10 + 1e-3 + .5 + 2.", 1000 * x + 16 + 1e-3 + 0.5 + 2, {"x": 1000}),
    ("exp(-x**2/2)/sqrt(2*pi)", math.exp(-(x**2) / 2) / math.sqrt(math.tau), {"x": -x * math.exp(-2) / 2.50662827463}),
    ("log(x)/log(10) - log10(x)", 0.0, {"x": 0.0}),
    ("atan2(y, x)", math.atan2(y, x), {"x": -y / 13, "y": x / 13}),
    ("max(x, y, 3) + min([x, y])", 5.0, {"x": 1, "y": 0.5}),
    ("sum(x, y, 1) * mean([x, y])", 6 * 2.5, {"x": 2.5 + 3, "y": 2.5 + 3}),
    ("dot([1, x], [x, y])", x + x * y, {"x": 1 + y, "y": x}),
    ("norm(x, y)", math.hypot(x, y), {"x": x / math.hypot(x, y), "y": y / math.hypot(x, y)}),
    ("where(less(x, y), x*x, y)", x * x, {"x": 2 * x, "y": 0}),
    ("abs(x - y)", 1.0, {"x": -1, "y": 1}),
    ("pow(x, 3) + pow(2, x)", x**3 + 2**x, {"x": 3 * x**2 + math.log(2) * 2**x}),
    ("elu(-x) + elu(-x, 2)", 3 * math.expm1(-x), {"x": -3 * math.exp(-x)}),
    ("sigmoid(x)", 1 / (1 + math.exp(-x)), {"x": math.exp(-x) / (1 + math.exp(-x)) ** 2}),
    ("gamma(x)", 1.0, {"x": 1 - 0.5772156649015329}),
    ("cos(tau*x) + e**x", 1 + math.e**x, {"x": math.e**x}),
    ("(x\n + y\n)", x + y, {"x": 1, "y": 1}),
    ("\t x ", x, {"x": 1}),
    ("stop_gradient(x)*x", x * x, {"x": x}),
]


@pytest.mark.parametrize(("text", "value", "gradient"), BENIGN, ids=[text for text, _, _ in BENIGN])
def test_benign_texts_mean_what_mathematics_says(text, value, gradient):
    leaves = {"x": Value(x, name="x"), "y": Value(y, name="y")}
    f = ParsedExpression(text)
    z = f(**leaves)
    assert set(f.names) - {"pi", "e", "tau"} == set(gradient)
    assert z.data == pytest.approx(value, rel=1e-12)
    for name, expected in gradient.items():
        assert backprop(z, leaves[name])[leaves[name]] == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert f(x=x, y=y) == z.data


def test_an_expression_is_read_once_and_called_often():
    f = ParsedExpression("x*y")
    assert [f(x=float(i), y=2) for i in range(3)] == [0.0, 2.0, 4.0]
    assert repr(f) == "ParsedExpression('x*y')"


def test_names_are_in_the_order_of_the_text():
    assert ParsedExpression("b*a + sin(b) + pi - c").names == ("b", "a", "pi", "c")


def test_constants_can_be_given_another_value():
    assert ParsedExpression("e + pi")(e=1, pi=Value(2.0)).data == 3.0
    assert ParsedExpression("e + pi + tau")() == math.e + math.pi + math.tau


def test_a_value_overflows_to_inf_as_everywhere():
    assert ParsedExpression("exp(x)")(x=Value(1000.0)).data == math.inf
    assert "not finite" in refusal("exp(x)", x=1000.0)


def test_values_given_but_not_used_are_ignored():
    assert ParsedExpression("x")(x=1.0, y=2.0) == 1.0


def test_a_variable_may_be_called_self_and_power():
    assert ParsedExpression("self + power")(self=1, power=2) == 3.0


def test_all_missing_names_are_asked_for_at_once():
    assert refusal("a*x + b").startswith("no value for a, b (given: x, y); add a=... b=...")
    with pytest.raises(ExpressionError, match=r"^no value for x; add x=\.\.\."):
        ParsedExpression("x")()
    assert "did you mean y? Otherwise add yy=..." in refusal("x*yy")
    assert "did you mean pi?" in refusal("PI*x")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("sin", "is a function"),
        ("max", "is a function"),
        ("lambda", "a word of Python"),
        ("None", "a word of Python"),
        ("__x", "two underscores"),
        ("2x", "is not a name"),
        ("", "is not a name"),
        ("ü", "is not a name"),
        ("x\n", "is not a name"),
        ("x.y", "is not a name"),
        ("x" * 41, "at most 40"),
    ],
)
def test_names_that_no_variable_can_have(name, problem):
    assert problem in name_problem(name)
    with pytest.raises(ExpressionError, match=problem):
        ParsedExpression("1")(**{name: 1.0})


@pytest.mark.parametrize("name", ["x", "X1", "_", "_x", "sigma", "power", "softmax", "match", "x" * 40])
def test_names_that_a_variable_can_have(name):
    assert name_problem(name) is None
    assert ParsedExpression(f"2*{name}")(**{name: 3}) == 6.0


@pytest.mark.parametrize("name", CALLABLE)
def test_every_function_of_the_op_table_can_be_called(name):
    point = TABLE[name].domain.sample(random.Random(name), 4 if TABLE[name].is_nary else None)
    names = "abcd"[: len(point)]
    text = f"{name}([a, b], [c, d])" if name == "dot" else f"{name}({', '.join(names)})"
    expected = TABLE[name](point[:2], point[2:]) if name == "dot" else FUNCTIONS[name](*point)
    assert ParsedExpression(text)(**dict(zip(names, point, strict=True))) == expected
    assert signature(name).startswith(f"{name}(")


def test_only_known_exceptions_cannot_be_called():
    assert set(FUNCTIONS) - set(CALLABLE) == set(NOT_CALLABLE)


def test_the_limits_are_inclusive():
    assert ParsedExpression("x" + " " * (MAX_LENGTH - 1)).names == ("x",)
    assert ParsedExpression("(" * MAX_NESTING + "x" + ")" * MAX_NESTING)(x=1) == 1.0
    assert ParsedExpression("-" * (MAX_NESTING - 1) + "x")(x=1) == -1.0
    assert ParsedExpression("1" + "+1" * 499)() == 500.0  # long, but flat
    assert ParsedExpression("x" * MAX_NAME).names == ("x" * MAX_NAME,)


# Random texts. No deadlines: how long one takes depends on who else uses the machine.


def only_refuses(text: str) -> None:
    message = ""
    try:
        ParsedExpression(text)(x=Value(2.0), y=3.0)
    except ExpressionError as error:
        message = str(error)
    assert message.replace("\n", "").isprintable()


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text):
    only_refuses(text)


TOKENS = ["x", "y", "sin", "max", "dot", "log", "1", "2.5", "1e308", "0", "(", ")", "[", "]", ",", " ", "\n", "pi"]
TOKENS += ["+", "-", "*", "/", "**", "//", "%", "<", "=", ":", ".", "'", "{", "}", "if", "else", "lambda", "for", "in"]
TOKENS += ["@", "~", "not", "and", "x.y", "x[0]", ":=", "yield", "await", "é", "#", "\\", ";", "None", "j", "_", "__"]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=60).map("".join))
def test_any_text_that_looks_like_an_expression_is_read_or_refused(text):
    only_refuses(text)


def operations(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from([" + ", "-", " * ", "/", "%", "//"]), inner).map("".join)
    return st.one_of(
        binary,
        binary.map("({})".format),
        inner.map("-({})".format),
        inner.map("({}) ** 2.0".format),
        inner.map("+{}".format),
    )


@settings(deadline=None)
@given(st.recursive(st.sampled_from(["x", "y", "1.5", "3.0", "0.25", "7.0"]), operations, max_leaves=12))
def test_arithmetic_is_pythons(text):
    try:
        expected = eval(text, {"x": x, "y": y})
    except ArithmeticError:
        with pytest.raises(ExpressionError):
            ParsedExpression(text)(x=x, y=y)
        return
    f = ParsedExpression(text)
    assert f(x=x, y=y) == expected
    assert f(x=Value(x), y=Value(y)) == expected
