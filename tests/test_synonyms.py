"""Other names of functions: what is said in their place is the function, by mpmath, and the hints are shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp

import autograd_core as ag
from autograd_core.errors import ExpressionError
from autograd_core.expression import CALLABLE, ParsedExpression
from autograd_core.ops import FUNCTIONS
from autograd_core.synonyms import _ALIKE, FORMULAS, INSTEAD, instead


def of_normal(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


ORACLES: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "cot": (mp.cot, (0.7,)),
    "sec": (mp.sec, (0.7,)),
    "csc": (mp.csc, (0.7,)),
    "coth": (mp.coth, (0.7,)),
    "sech": (mp.sech, (0.7,)),
    "csch": (mp.csch, (0.7,)),
    "arccot": (lambda x: mp.pi / 2 - mp.atan(x), (-0.7,)),
    "arcsec": (mp.asec, (1.7,)),
    "arccsc": (mp.acsc, (1.7,)),
    "arcoth": (mp.acoth, (1.7,)),
    "arsech": (mp.asech, (0.7,)),
    "arcsch": (mp.acsch, (0.7,)),
    "arctg": (mp.atan, (0.7,)),
    "tg": (mp.tan, (0.7,)),
    "arsinh": (mp.asinh, (0.7,)),
    "arcosh": (mp.acosh, (1.7,)),
    "artanh": (mp.atanh, (0.7,)),
    "sh": (mp.sinh, (0.7,)),
    "ch": (mp.cosh, (0.7,)),
    "th": (mp.tanh, (0.7,)),
    "arctan2": (lambda x, y: mp.atan2(y, x), (0.7, -1.5)),
    "ln": (mp.log, (0.7,)),
    "lg": (mp.log10, (0.7,)),
    "ld": (lambda x: mp.log(x, 2), (0.7,)),
    "sgn": (mp.sign, (-0.7,)),
    "cube": (lambda x: x**3, (-0.7,)),
    "root": (mp.sqrt, (0.7,)),
    "curt": (mp.cbrt, (0.7,)),
    "frac": (mp.frac, (-0.7,)),
    "remainder": (lambda x, y: x - mp.floor(x / y) * y, (-7.3, 2.0)),
    "fmod": (lambda x, y: x + mp.floor(-x / y) * y, (-7.3, 2.0)),
    "radians": (mp.radians, (70.0,)),
    "degrees": (mp.degrees, (0.7,)),
    "factorial": (mp.factorial, (3.5,)),
    "binom": (mp.binomial, (7.5, 2.25)),
    "loggamma": (lambda x: mp.log(mp.gamma(x)), (3.5,)),
    "psi": (mp.digamma, (3.5,)),
    "lbeta": (lambda x, y: mp.log(mp.beta(x, y)), (3.5, 2.0)),
    "swish": (lambda x: x / (1 + mp.exp(-x)), (0.7,)),
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), (0.7,)),
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), (0.7,)),
    "sigma": (lambda x: 1 / (1 + mp.exp(-x)), (0.7,)),
    "logsigmoid": (lambda x: -mp.log(1 + mp.exp(-x)), (0.7,)),
    "log1pexp": (lambda x: mp.log(1 + mp.exp(x)), (0.7,)),
    "hardswish": (lambda x: x * min(max(x + 3, 0), 6) / 6, (0.7,)),
    "tanhshrink": (lambda x: x - mp.tanh(x), (0.7,)),
    "logcosh": (lambda x: mp.log(mp.cosh(x)), (-0.7,)),
    "softshrink": (lambda x, y: mp.sign(x) * max(abs(x) - y, 0), (-0.7, 0.5)),
    "hardshrink": (lambda x, y: x if abs(x) > y else 0, (-0.7, 0.5)),
    "bent_identity": (lambda x: (mp.sqrt(x**2 + 1) - 1) / 2 + x, (0.7,)),
    "prelu": (lambda x, y: max(x, 0) + y * min(x, 0), (-0.7, 0.5)),
    "lrelu": (lambda x: max(x, 0) + x.__class__("0.01") * min(x, 0), (-0.7,)),
    "gaussian": (lambda x: mp.exp(-(x**2)), (0.7,)),
    "Phi": (of_normal, (0.7,)),
    "phi": (mp.npdf, (0.7,)),
    "probit": (lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1), (0.7,)),
    "log_ndtr": (lambda x: mp.log(of_normal(x)), (0.7,)),
    "entr": (lambda x: -x * mp.log(x), (0.7,)),
    "rel_entr": (lambda x, y: x * mp.log(x / y), (0.7, 0.5)),
    "xlog1py": (lambda x, y: x * mp.log(1 + y), (0.7, 0.5)),
    "erfcinv": (lambda x: mp.erfinv(1 - x), (0.7,)),
    "heaviside": (lambda x, y: y if x == 0 else mp.mpf(x > 0), (0.0, 0.5)),
    "unit_step": (lambda x: mp.mpf(x >= 0), (-0.7,)),
    "greater": (lambda x, y: mp.mpf(x > y), (0.7, 0.5)),
    "ne": (lambda x, y: mp.mpf(x != y), (0.7, 0.5)),
    "avg": (lambda x, y: (x + y) / 2, (0.7, 0.5)),
    "lse": (lambda x, y: mp.log(mp.exp(x) + mp.exp(y)), (0.7, 0.5)),
}


@pytest.mark.parametrize("name", ORACLES)
def test_what_is_written_in_its_place_is_the_function(name: str) -> None:
    oracle, point = ORACLES[name]
    values = dict(zip("xy", point, strict=False))
    expected = float(oracle(*map(mp.mpf, point)))
    assert ParsedExpression(FORMULAS[name])(**values) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    advice = instead(name, [])
    assert advice is not None
    found = eval(advice.removeprefix("write "), {"ag": ag, "math": math, **values})
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_other_name_is_none_of_ours_and_its_formula_can_be_read(name: str) -> None:
    assert name not in CALLABLE
    assert set(ParsedExpression(FORMULAS[name]).names) <= {"x", "y", "pi"}
    with pytest.raises(ExpressionError) as caught:
        ParsedExpression(f"{name}(x)")
    first = str(caught.value).partition("\n")[0]
    written = FORMULAS[name]
    assert first.endswith((f"write {written}", f"did you mean {written.partition('(')[0]}?"))
    if not hasattr(ag, name):
        with pytest.raises(AttributeError, match=r"has no attribute .*; (write|NumPy's works|did you mean) "):
            getattr(ag, name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("swish", "write ag.silu(x)"),
        ("cot", "write 1 / ag.tan(x)"),
        ("arccot", "write math.pi / 2 - ag.atan(x)"),
        ("expit", "write ag.sigmoid(x)"),
        ("isnan", "write x != x"),
        ("isinf", "write abs(x) == math.inf"),
        ("interp", "ag.where"),
        ("det", "a * d - b * c"),
        ("solve", "elimination"),
        ("cov", "(a - a.mean())"),
        ("var", "NumPy's works on arrays of Values"),
        ("Tensor", "write ag.Value"),
        ("vamp", "did you mean ag.vmap?"),
        ("sgimoid", "did you mean ag.sigmoid?"),
    ],
)
def test_a_name_that_the_package_lacks_has_a_hint(name: str, hint: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(ag, name)
    assert f"'{name}'; " in str(caught.value)
    assert hint in str(caught.value)


def test_names_that_resemble_nothing_have_no_hint() -> None:
    for name in ("zzqqy", "_private", "__wrapped__"):
        with pytest.raises(AttributeError) as caught:
            getattr(ag, name)
        assert str(caught.value) == f"module 'autograd_core' has no attribute {name!r}"
    assert not hasattr(ag, "swish")


def test_no_name_is_listed_twice_or_shadows_a_function() -> None:
    assert not FORMULAS.keys() & INSTEAD.keys()
    assert not (FORMULAS.keys() | INSTEAD.keys()) & FUNCTIONS.keys()
    names = [name for words in _ALIKE.values() for name in words.split()]
    assert len(names) == len(set(names))
