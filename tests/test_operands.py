"""Whatever Python and NumPy call a number, before every op and on both sides of every operator."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.errors import LeavesGraphError, NumberError, OpError
from autograd_core.ops import TABLE


def box(x: object) -> Any:
    """An object array without axes."""
    array = np.empty((), dtype=object)
    array[()] = x
    return array


NUMBERS: dict[str, Callable[[float], Any]] = {
    "float": float,
    "int": int,
    "numpy.float64": np.float64,
    "numpy.float32": np.float32,
    "numpy.int64": np.int64,
    "numpy.uint8": lambda x: np.uint8(abs(x)),
    "Fraction": Fraction,
    "float array without axes": np.array,
    "int array without axes": lambda x: np.array(int(x)),
    "object array without axes of a float": box,
}
VALUES: dict[str, Callable[[Value], Any]] = {
    "Value": lambda x: x,
    "object array without axes": box,
    "np.squeeze": lambda x: np.squeeze(np.array([x])),
    "np.where": lambda x: np.where(x == x, x, 0.0),
    "np.asarray": np.asarray,
}
ONE_ELEMENT: dict[str, Callable[[Any], Any]] = {
    "of one element": lambda x: np.array([x]),
    "of one element and two axes": lambda x: np.array([[x]]),
}
NO_NUMBERS: list[tuple[object, str]] = [
    (Decimal("0.5"), r"float\(\.\.\.\)"),
    (True, "ag.where"),
    (np.True_, "ag.where"),
    (2j, r"\.real"),
    ("0.5", r"float\(text\)"),
    (None, "return"),
    ([0.5], "one by one"),
    ({"x": 0.5}, "one by one"),
]
OPS = [op for op in TABLE.values() if not op.is_nary]
OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
]  # fmt: skip
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


def places(op: Op) -> list[tuple[int, tuple[float, ...]]]:
    """Every input of `op`, with a point inside the domain whose number there is 1 or 2, if there is one."""
    random, found = Random(op.name), []
    for i in range(len(op.input_names)):
        for number in (2.0, 1.0, 0.5):
            point = op.domain.sample(random)
            point = (float(round(point[0])), *point[1:]) if op.constants == ("n",) else point
            point = (*point[:i], number, *point[i + 1 :])
            if op.domain.problem(point, op.input_names) is None:
                found.append((i, point))
                break
    return found


def replaced(point: tuple[float, ...], i: int, x: object) -> list[Any]:
    return [*point[:i], x, *point[i + 1 :]]


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_op_takes_whatever_is_a_number(op: Op) -> None:
    for i, point in places(op):
        for kind, make in {**NUMBERS, **ONE_ELEMENT}.items():
            if float(np.ravel(make(point[i]))[0]) == point[i]:  # not 0.5 as an int
                found = op(*replaced(point, i, make(point[i])))
                assert type(found) is float, kind
                assert found == op(*point), kind


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_op_takes_a_value_in_an_array_as_the_value(op: Op) -> None:
    for i, point in places(op):
        for kind, make in {**VALUES, **ONE_ELEMENT}.items():
            x = Value(point[i])
            if op.input_names[i] in op.constants:
                with pytest.raises(OpError, match="must be a plain number"):
                    op(*replaced(point, i, make(x)))
                continue
            z = op(*replaced(point, i, make(x)))
            assert z.inputs[i] is x, kind
            assert z.data == op(*point), kind


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_op_refuses_what_is_no_number_with_advice(op: Op) -> None:
    for i, point in places(op):
        for given, advice in NO_NUMBERS:
            if op.name == "where" and i == 0 and isinstance(given, (bool, np.bool_)):
                continue  # a condition
            if op.name == "clip" and i > 0 and given is None:
                continue  # no bound
            with pytest.raises(NumberError, match=advice):
                op(*replaced(point, i, given))


@pytest.mark.parametrize("name", [name for name, op in TABLE.items() if op.is_nary])
def test_reductions_take_whatever_is_a_number(name: str) -> None:
    reduce = (lambda xs: ag.dot(xs, [2.0, 3.0])) if name == "dot" else TABLE[name]
    expected = reduce([1.0, 2.0])
    for kind, make in NUMBERS.items():
        assert reduce([make(1.0), 2.0]) == expected, kind
    for kind, wrap in VALUES.items():
        x = Value(1.0)
        z = reduce([wrap(x), 2.0])
        assert z.inputs[0] is x, kind
        assert z.data == expected, kind


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: f.__name__)
def test_operators_take_whatever_is_a_number_on_both_sides(apply: Callable[[Any, Any], Any]) -> None:
    for number in (2.0, 3.0):
        for kind, make in NUMBERS.items():
            x = Value(1.5)
            for z, expected in (
                (apply(x, make(number)), apply(1.5, number)),
                (apply(make(number), x), apply(number, 1.5)),
            ):
                assert isinstance(z, Value), kind
                assert z.data == expected, kind
                assert x in z.inputs, kind


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: f.__name__)
def test_operators_take_a_value_in_an_array_without_axes_as_the_value(apply: Callable[[Any, Any], Any]) -> None:
    for kind, make in VALUES.items():
        x, y = Value(1.5), Value(2.0)
        expected = ag.backprop(apply(x, y), [x, y])
        for z in (apply(x, make(y)), apply(make(x), y), apply(make(x), make(y))):
            assert isinstance(z, Value), kind
            table = ag.backprop(z, [x, y])
            assert (z.data, table[x], table[y]) == (apply(1.5, 2.0), expected[x], expected[y]), kind
        assert apply(make(x), 2.0).data == apply(2.0, make(x)).data or apply(1.5, 2.0) != apply(2.0, 1.5)


@pytest.mark.parametrize("apply", [*OPERATORS, *COMPARISONS], ids=lambda f: f.__name__)
def test_operators_go_through_arrays_with_axes_one_by_one(apply: Callable[[Any, Any], Any]) -> None:
    x, y = Value(1.5), Value(2.0)
    for other in (np.array([2.0, 3.0]), np.array([y, 3.0]), np.array([2.0]), np.array([[y]])):
        for found, one in ((apply(x, other), lambda e: apply(x, e)), (apply(other, x), lambda e: apply(e, x))):
            assert found.shape == other.shape
            for a, b in zip(found.ravel().tolist(), map(one, other.ravel().tolist()), strict=True):
                assert (a.data if isinstance(a, Value) else a) == (b.data if isinstance(b, Value) else b)


@pytest.mark.parametrize("apply", COMPARISONS, ids=lambda f: f.__name__)
def test_comparisons_take_numbers_and_values_in_arrays_without_axes(apply: Callable[[Any, Any], bool]) -> None:
    x = Value(2.0)
    for number in (1.0, 2.0, 3.0):
        for make in [*NUMBERS.values(), *(lambda v, f=f: f(Value(v)) for f in VALUES.values())]:
            assert bool(apply(x, make(number))) is apply(2.0, number)
            assert bool(apply(make(number), x)) is apply(number, 2.0)


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: f.__name__)
def test_operators_refuse_what_is_no_number_with_advice(apply: Callable[[Any, Any], Any]) -> None:
    for given, advice in NO_NUMBERS:
        with pytest.raises(NumberError, match=advice):
            apply(Value(2.0), given)
        if not (apply is operator.mod and isinstance(given, str)):  # a text to be formatted
            with pytest.raises(NumberError, match=advice):
                apply(given, Value(2.0))


SELECTED: dict[str, Callable[[Any], Any]] = {
    "np.where": lambda x: x * np.where(x > 1, x * x, -x),
    "np.select": lambda x: ag.sin(np.select([x > 1, x > 0], [x * x, x], -x)),
    "np.piecewise": lambda x: np.piecewise(x, [x < 1, x >= 1], [lambda t: -t, lambda t: t * t]) * x,
    "np.vectorize": lambda x: x - np.vectorize(lambda t: t * t)(x),
    "np.squeeze": lambda x: 2.0 / np.squeeze(np.array([[x]])),
    "np.polyval": lambda x: np.polyval([1.0, 2.0, 3.0], x),
    "np.polyval of Values": lambda x: np.polyval([x, 2.0, x], 3.0),
    "reshape": lambda x: np.array([x]).reshape(()) ** 2,
    "exponent": lambda x: x ** np.asarray(x),
    "ag.pow": lambda x: ag.pow(2.0, np.asarray(x)),
    "ag.power": lambda x: ag.power(np.asarray(x), np.asarray(x)),
    "np.tensordot": lambda x: ag.exp(np.tensordot([x, 1.0], [x, x], 1)),
    "nested": lambda x: np.where(x > 0, np.where(x > 1, x, 2.0 * x), 0.0) * np.asarray(x),
    "ag.where": lambda x: ag.where(np.asarray(x > 1), np.asarray(x), np.asarray(x * x)),
    "ag.fma": lambda x: ag.fma(np.asarray(x), x, np.asarray(2.0)),
    "ag.sum": lambda x: ag.sum([np.asarray(x), x]) * ag.mean(np.asarray(x), x),
    "returned as it is": lambda x: np.where(x > 1, x * x, x),
}


@pytest.mark.parametrize("name", SELECTED)
def test_what_numpy_gives_without_axes_is_the_value_in_every_transformation(name: str) -> None:
    f = SELECTED[name]
    for x in (0.5, 2.0):
        expected, h = float(f(x)), 1e-6
        slope = pytest.approx((float(f(x + h)) - float(f(x - h))) / (2.0 * h), rel=1e-7, abs=1e-8)
        assert ag.grad(f)(x) == slope
        value, found = ag.value_and_grad(f)(x)
        assert (float(value), found) == (pytest.approx(expected), slope)
        assert float(ag.jvp(f, (x,), (2.0,))[1]) / 2.0 == slope
        assert ag.vjp(f, x)[1](np.array(2.0))[0] / 2.0 == slope
        second = (ag.grad(f)(x + h) - ag.grad(f)(x - h)) / (2.0 * h)
        assert ag.hessian(f)(x) == pytest.approx(second, rel=1e-6, abs=1e-8)
        assert [float(y) for y in ag.vmap(f)([x, x])] == pytest.approx([expected, expected])
        leaf = Value(x)
        assert ag.backprop(f(leaf), np.asarray(leaf))[leaf] == slope
        ag.check_grad(f, x)


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("name", [name for name in SELECTED if name != "np.select"])  # which wants bools
def test_compiled_it_is_the_value_too(name: str, backend: str) -> None:
    f = SELECTED[name]
    compiled, slope = ag.jit(f, backend=backend), ag.jit(ag.grad(f), backend=backend)
    for x in (0.5, 2.0, 0.75):
        assert float(compiled(x)) == pytest.approx(float(f(x)), rel=1e-14)
        assert slope(x) == pytest.approx(ag.grad(f)(x), rel=1e-14)


@pytest.mark.parametrize("op", [op for op in OPS if len(op.input_names) == 1], ids=str)
def test_a_compiled_op_takes_an_array_without_axes(op: Op) -> None:
    x = places(op)[0][1][0]
    compiled = ag.jit(lambda x: op(x), backend="python")
    for given in (np.array(x), np.float64(x), x):
        assert compiled(given) == op(x)


def test_pictures_and_explanations_take_it_too() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = x * y
    boxed, table = np.asarray(z), ag.backprop(z, [x])
    assert table[np.asarray(x)] == 3.0
    assert str(ag.latex(boxed)) == str(ag.latex(z))
    assert str(ag.derive(boxed, np.asarray(x))) == str(ag.derive(z, x))
    assert str(ag.tree(boxed)) == str(ag.tree(z))
    assert str(ag.paths(boxed, np.asarray(x))) == str(ag.paths(z, x))
    assert str(ag.explain(table, np.asarray(x))) == str(ag.explain(table, x))
    assert repr(ag.step(boxed, np.asarray(x))) == repr(ag.step(z, x))
    assert Value(0.5).hypot(np.asarray(x)).inputs[1] is x
    assert ag.draw(boxed).source == ag.draw(z).source


def test_no_advice_loses_a_gradient() -> None:
    """Only where there is no other way is `x.data` what a message says, and then it says that the graph is left."""
    x, y = Value(2.0, name="x"), Value(3.0)
    for many in (np.array([x, y]), [x, y]):
        with pytest.raises(NumberError) as caught:
            ag.sin(many)
        assert ".data" not in str(caught.value)
    with pytest.raises(LeavesGraphError) as left:
        np.zeros(2)[0] = x
    assert "on purpose" in str(left.value)
