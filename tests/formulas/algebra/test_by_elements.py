"""Expressions of arrays: what is put together is what floats add exactly, for all numbers."""

from __future__ import annotations

import pytest

import autograd_core as ag
from autograd_core import TABLE
from autograd_core.formulas.algebra.by_elements import by_elements, with_factors
from autograd_core.formulas.algebra.expressions import Name, Prime, of_atom
from autograd_core.formulas.algebra.normal_form import number
from autograd_core.formulas.equations.notation import written

Z, Y = Name("z", 1), Name("a", 2)


def of(text: str) -> object:
    """What the ops in a Python expression make of the arrays z and y."""

    class Operand:
        def __init__(self, x: object) -> None:
            self.x = x

    def operand(x: object) -> object:
        return x.x if isinstance(x, Operand) else number(float(x))  # type: ignore[arg-type]

    def method(name: str, is_turned: bool = False) -> object:
        return lambda *xs: Operand(by_elements(TABLE[name], [operand(x) for x in (xs[::-1] if is_turned else xs)]))

    for sign, name in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
        setattr(Operand, f"__{sign}__", method(name))
        setattr(Operand, f"__r{sign}__", method(name, is_turned=True))
    Operand.__neg__ = method("neg")  # type: ignore[attr-defined]
    names = {"z": Operand(of_atom(Z)), "y": Operand(of_atom(Y)), "sin": method("sin"), "less": method("less")}
    return operand(eval(text, names | {"where": method("where")}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z + z", "2 * z1"),
        ("0.1 * z + 0.1 * z", "0.2 * z1"),
        ("0.1 * z + 0.2 * z", "0.1 * z1 + 0.2 * z1"),
        ("(1e16 * z + z) - 1e16 * z", "1e+16 * z1 + z1 - 1e+16 * z1"),
        ("z - (y - z)", "2 * z1 - a2"),
        ("2 * (z - y)", "2 * z1 - 2 * a2"),
        ("(0.5 * z - 0.5 * y) * sin(z)", "0.5 * (z1 - a2) * sin(z1)"),
        ("2 * (0.5 * z - 0.5 * y) * sin(z)", "(z1 - a2) * sin(z1)"),
        ("(y - z) * -sin(z)", "-(a2 - z1) * sin(z1)"),
        ("1e-200 * (1e-200 * z)", "1e-200 * (1e-200 * z1)"),
        ("z * y * z", "z1**2 * a2"),
        ("z / y / y", "z1 / a2 / a2"),
        ("where(less(0, z), y, 0)", "a2 * less(0, z1)"),
        ("where(z, y, 0)", "where(z1, a2, 0)"),
        ("0.0 * z", "0"),
    ],
)
def test_sums_and_products_are_put_together_as_far_as_floats_allow(text: str, expected: str) -> None:
    assert written(of(text)).text == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z * sin(z) * y", "a2 * tanh'(z1)"),
        ("3 * z * sin(z)", "3 * tanh'(z1)"),
        ("z * z * sin(z)", "z1 * tanh'(z1)"),
        ("z * y", "z1 * a2"),
        ("z * sin(z) + y", "tanh'(z1) + a2"),
    ],
)
def test_factors_give_way_to_the_name_of_their_product(text: str, expected: str) -> None:
    prime = Prime(ag.tanh, of_atom(Z))
    assert written(with_factors(of(text), of("z * sin(z)"), prime)).text == expected  # type: ignore[arg-type]
