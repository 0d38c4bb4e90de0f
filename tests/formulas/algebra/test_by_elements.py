"""Expressions of arrays: what is put together is what floats add exactly, for all numbers."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_core import Value
from autograd_core.expression import ParsedExpression
from autograd_core.formulas.algebra.by_elements import by_elements, with_number_in_front
from autograd_core.formulas.algebra.expressions import Name, of_atom
from autograd_core.formulas.algebra.normal_form import number
from autograd_core.formulas.equations.notation import written
from autograd_core.graph import ancestors

Z, Y = Name("z", 1), Name("a", 2)


def of(text: str) -> Any:
    """What the ops in an expression make of the arrays z and y."""
    expression = ParsedExpression(text)
    arrays = {name: Value(0.5) for name in expression.names}
    root = expression(**arrays)
    made = {arrays[name]: of_atom(atom) for name, atom in (("z", Z), ("y", Y)) if name in arrays}
    for node in ancestors(root):
        if node.inputs:
            made[node] = by_elements(node.op, [made[x] if isinstance(x, Value) else number(x) for x in node.inputs])
    return made[root]


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
    assert written(of(text)).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * z - 2 * y", "2 * (z1 - a2)"),
        ("0.5 * z + 0.5 * y", "0.5 * (z1 + a2)"),
        ("2 * z - 3 * y", "2 * z1 - 3 * a2"),
        ("z - y", "z1 - a2"),
        ("2 * z", "2 * z1"),
        ("z / 3 - y / 3", "z1 / 3 - a2 / 3"),
    ],
)
def test_a_number_that_all_terms_share_comes_in_front(text: str, expected: str) -> None:
    assert written(with_number_in_front(of(text))).text == expected
