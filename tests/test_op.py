"""Ops of one's own: which parts fit each other, how they are called, and what they answer where they have no value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.domain import EXTENDED, POSITIVE, REAL, Domain, Interval
from autograd_core.errors import DomainError, NumberError, OpError

TWO = Domain(REAL, REAL)


class Rules:
    """Something with methods."""

    def of_one(self, g: Any, z: Any, x: Any) -> tuple[Any]:
        return (g,)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Op("mine", math.sin, lambda g, z, x: (g,)), "needs a domain"),
        (lambda: Op("mine", math.sin, lambda g, z, x: (g,), "all"), "needs a domain"),
        (lambda: Op("mine", math.sin, lambda g, z, x: (g,), TWO), r"\(g, z, x\) takes 1 inputs, its domain 2"),
        (lambda: Op("mine", math.sin, lambda g, x: (g,), REAL), r"\(g, z, \) takes 0 inputs, its domain 1"),
        (lambda: Op("mine", math.sin, lambda g: (g,), REAL), r"\(g, z, \*inputs\)"),
        (lambda: Op("mine", math.sin, math.cos, REAL), r"\(g, z, \*inputs\)"),
        (lambda: Op("mine", 3.0, lambda g, z, x: (g,), REAL), "needs two functions"),
        (lambda: Op(5, math.sin, lambda g, z, x: (g,), REAL), "name is a text.*got 5"),
        (
            lambda: Op("mine", lambda x, y: x, lambda g, z, x: (g,), REAL),
            r"forward takes \(x, y\), its rule \(g, z, x\)",
        ),
        (lambda: Op("mine", lambda x: x, lambda g, z, x, y: (g,), TWO), r"takes \(x\), its rule \(g, z, x, y\)"),
        (lambda: Op("mine", lambda x: x, lambda g, z, *xs: xs, REAL), r"takes \(x\), its rule \(g, z, \*xs\)"),
        (
            lambda: Op("mine", lambda x, k=2.0: k * x, lambda g, z, x, k=3.0: (g * k, None), TWO),
            "two defaults of k: 2.0 and 3.0",
        ),
        (
            lambda: Op("mine", lambda x, k: k * x, lambda g, z, x, k: (g * k, None), TWO, constants=("kk",)),
            r"inputs x, k; got constants=\('kk',\)",
        ),
        (lambda: Interval(-1.0, 1.0), "got -1.0, 1.0, inf"),
        (lambda: Interval("1 < x < 0", 1.0, 0.0), "got '1 < x < 0', 1.0, 0.0"),
        (lambda: Domain(), r"an Interval for each input.*got \(\)"),
        (lambda: Domain("x > 0"), "an Interval for each input"),
    ],
)
def test_parts_that_do_not_fit_are_refused_at_once(make: Callable[[], Any], complaint: str) -> None:
    with pytest.raises(OpError, match=complaint):
        make()


@pytest.mark.parametrize(
    "op",
    [
        Op("scaled", lambda x, k=2.0: k * x, lambda g, z, x, k: (g * k, None), TWO, constants=("k",)),
        Op("scaled", lambda x, k: k * x, lambda g, z, x, k=2.0: (g * k, None), TWO, constants=("k",)),
        Op("scaled", lambda x, k=2.0: k * x, lambda g, z, x, k=2.0: (g * k, None), TWO, constants=("k",)),
    ],
)
def test_a_default_stands_in_the_forward_or_in_the_rule(op: Op) -> None:
    assert (op(3.0), op(3.0, 4.0), op(3.0, k=4.0), ag.grad(op)(3.0)) == (6.0, 12.0, 12.0, 2.0)
    assert ag.check_op(op, 3.0)


def test_what_a_forward_takes_besides_is_its_own() -> None:
    for k in (2.0, 3.0):
        op = Op("scaled", lambda x, k=k: k * x, lambda g, z, x, k=k: (g * k, None), TWO)
        alone = Op("scaled", lambda x, k=k: k * x, lambda g, z, x: (3.0 * g,), REAL)
        assert (op(1.0), op.input_names, alone(1.0), alone.input_names) == (k, ("x", "k"), k, ("x",))


def test_a_rule_may_be_a_method() -> None:
    assert Op("mine", lambda x: x, Rules().of_one, REAL).input_names == ("x",)


def test_an_op_is_called_by_its_name_wherever_functions_are() -> None:
    half = Op("half", lambda x, n=1.0: x / 2.0**n, lambda g, z, x, n: (g / 2.0**n, None), TWO, constants=("n",))
    assert repr(ag.grad(half)) == "<grad of half>"
    assert "program(x, n):" in str(ag.jit(half).program(3.0, 2.0))
    assert ag.jit(half, static="n")(3.0, 2.0) == 0.75
    assert [ag.jit(half)(3.0, n=2.0), ag.jit(half)(3.0, n=2.0)] == [0.75, 0.75]


def test_an_op_of_whose_domain_no_point_is_found_is_shown_all_the_same() -> None:
    never = Domain(REAL, condition=lambda x: False, text="x is none")
    for op in (
        Op("f", lambda x: x * x, lambda g, z, x: (2 * g * x,), never),
        Op("f", lambda x: x, lambda g, z, x: (g,), Interval("x is none", excluded=lambda x: True)),
    ):
        assert "called back by machines: of 1000" in repr(op)
        assert "x is none" in repr(op)


CONSTANT = Op(
    "huber",
    lambda x, edge: ag.where(abs(x) <= edge, 0.5 * x * x, edge * (abs(x) - 0.5 * edge)),
    lambda g, z, x, edge=1.0: (g * ag.clip(x, -edge, edge), None),
    TWO,
    constants=("edge",),
)


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("op", [CONSTANT, ag.celu], ids=str)
def test_a_constant_may_be_an_argument_of_a_compiled_function(op: Op, backend: str) -> None:
    for make, args in [
        (lambda f: f, (-3.0, 1.5)),
        (lambda f: lambda x, k: f(x, 2.0 * k), (-3.0, 1.5)),
        (lambda f: ag.grad(f), (-3.0, 1.5)),
        (lambda f: ag.grad(ag.grad(f)), (-3.0, 1.5)),
        (lambda f: ag.vmap(f, in_axes=(0, None)), ([-3.0, 1.0], 2.0)),
        (lambda f: ag.vmap(f, in_axes=(0, 0)), ([-3.0, 1.0], [2.0, 0.5])),
        (lambda f: ag.vmap(ag.grad(f), in_axes=(0, 0)), ([-3.0, 1.0], [2.0, 0.5])),
    ]:
        compiled, expected = ag.jit(make(op), backend=backend), make(op)(*args)
        for _ in range(2):
            assert np.ravel(compiled(*args)) == pytest.approx(np.ravel(expected), rel=1e-15)


@pytest.mark.parametrize("backend", ["python", "llvm"])
def test_nothing_is_differentiated_with_respect_to_a_constant(backend: str) -> None:
    edge = Value(1.5)
    for f, args in [
        (ag.grad(CONSTANT, argnums=1), (3.0, 1.5)),
        (ag.grad(lambda v: CONSTANT(v[0], v[1])), ([3.0, 1.5],)),
        (lambda x: CONSTANT(x, edge), (3.0,)),
        (lambda x, e: CONSTANT(x, 2.0 * e), (3.0, edge)),
    ]:
        for call in (f, ag.jit(f, backend=backend)):
            with pytest.raises(OpError, match="edge must be a plain number"):
                call(*args)


OUTSIDE = [
    (
        Op("root", lambda x: x**0.5, lambda g, z, x: (g / (2 * z),), POSITIVE),
        (-1.0,),
        "root: x = -1.0 .* expected x > 0",
    ),
    (
        Op("square", lambda x: x * x, lambda g, z, x: (2 * g * x,), POSITIVE),
        (-1.0,),
        "square: x = -1.0 .* expected x > 0",
    ),
    (Op("flat", lambda x: 1.0, lambda g, z, x: (None,), REAL), (math.inf,), "flat: x = inf .* expected x is finite"),
    (CONSTANT, (3.0, math.inf), "edge = inf is outside the domain; expected edge is finite"),
    (
        Op("total", lambda *xs: math.fsum(xs), lambda g, z, *xs: [g] * len(xs), REAL),
        (1.0, 2.0, math.inf),
        r"xs\[0\] = 1.0, xs\[1\] = 2.0, xs\[2\] = inf is outside",
    ),
]


@pytest.mark.parametrize(("op", "point", "complaint"), OUTSIDE, ids=[str(op) for op, *_ in OUTSIDE])
def test_its_domain_is_what_it_may_be_called_with(op: Op, point: tuple[float, ...], complaint: str) -> None:
    for args in (point, [Value(point[0]), *point[1:]]):
        with pytest.raises(DomainError, match=complaint):
            op(*args)
    with ag.op.quiet():
        assert isinstance(op(*point), float)


@pytest.mark.parametrize(
    ("op", "args", "complaint"),
    [
        (
            Op("root", lambda x: math.sqrt(x), lambda g, z, x: (g,), REAL),
            (-1.0,),
            "root of x = -1.0 is no number.*'math dom",
        ),
        (Op("mean", lambda *xs: sum(xs) / len(xs), lambda g, z, *xs: xs, REAL), (), "mean of no numbers is no number"),
        (Op("most", lambda *xs: max(xs), lambda g, z, *xs: xs, REAL), ([],), "most of no numbers is no number"),
    ],
)
def test_where_a_forward_fails_inside_its_domain_the_op_is_named(op: Op, args: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(OpError, match=complaint) as caught:
        op(*args)
    assert isinstance(caught.value.__cause__, (ValueError, ArithmeticError))


def test_an_n_ary_op_takes_numbers_or_one_list_of_them() -> None:
    total = Op("total", lambda *xs: math.fsum(xs), lambda g, z, *xs: [g] * len(xs), EXTENDED)
    x = Value(2.0)
    for args in [(1.0, x, 3.0), ([1.0, x, 3.0],), ((1.0, x, 3.0),), (np.array([1.0, x, 3.0]),), (iter([1.0, x, 3.0]),)]:
        assert ag.backprop(total(*args), x)[x] == 1.0
    assert total(np.arange(4.0).reshape(2, 2)) == 6.0
    with pytest.raises(NumberError):
        total("abc")
    with pytest.raises(OpError, match="total cannot take these arguments: got an unexpected keyword argument 'x'"):
        total(1.0, x=2.0)
