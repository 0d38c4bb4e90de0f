"""The decided semantics, a test per decision. What each row decides is the name of its test."""

from __future__ import annotations

import copy
import math
from fractions import Fraction

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core import Value, assign
from autograd_core.errors import (
    DivisionByZeroError,
    DomainError,
    InnerNodeError,
    LeavesGraphError,
    NoGradientError,
    NumberError,
    StaleGraphError,
)

INF, NAN = math.inf, math.nan


# numbers


@pytest.mark.parametrize(
    "number",
    [2, 2.0, np.float64(2.0), np.float32(2.0), np.int64(2), np.uint8(2), Fraction(2), np.array(2.0), np.array([2])],
)
def test_numbers_of_python_and_numpy_are_accepted_and_become_floats(number: object) -> None:
    assert type(Value(number).data) is float
    assert Value(number).data == 2.0
    if not getattr(number, "shape", None):
        for result in (Value(3.0) * number, number * Value(3.0)):
            assert isinstance(result, Value)
            assert result.data == 6.0
            assert [x for x in result.inputs if not isinstance(x, Value)] == [2.0]


def test_value_takes_data_by_name() -> None:
    assert Value(data=2.0).data == 2.0


def test_nan_and_inf_are_numbers() -> None:
    assert math.isnan(Value(NAN).data)
    assert (Value(INF) + 1).data == INF


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (True, "ag.where"),
        (np.bool_(True), "ag.where"),
        (2j, r"\.real"),
        ("2", r"float\(text\)"),
        (None, "return"),
        ([1.0], "one by one"),
        (np.array([1.0, 2.0]), r"np\.array\(\[Value"),
        (np.array(["a"]), r"float\(text\)"),
        (10**400, "beyond"),
        (object(), r"float\(\.\.\.\)"),
    ],
)
def test_what_is_no_number_is_a_type_error_with_advice(given: object, advice: str) -> None:
    with pytest.raises(NumberError, match=advice) as caught:
        Value(given)
    assert isinstance(caught.value, TypeError)
    if not isinstance(given, np.ndarray):
        with pytest.raises(NumberError, match=advice):
            Value(1.0) + given


def test_an_int_too_long_to_print_is_refused_too() -> None:
    with pytest.raises(NumberError, match="beyond"):
        Value(10**5000)


def test_the_value_of_a_value_is_asked_for_on_purpose() -> None:
    with pytest.raises(NumberError, match=r"x\.data"):
        Value(Value(1.0))


# leaving the graph


@pytest.mark.parametrize("leave", [float, math.sin, math.sqrt, int, complex, lambda x: np.array([x], dtype=float)])
def test_leaving_the_graph_by_accident_is_refused_with_a_hint(leave: object) -> None:
    with pytest.raises(LeavesGraphError) as caught:
        leave(Value(2.0, name="w"))
    assert isinstance(caught.value, TypeError)
    assert "'w'" in str(caught.value)


# comparisons


def test_comparisons_compare_the_data_and_give_a_bool() -> None:
    x, y = Value(2.0), Value(2.0)
    assert (x == y) is True
    assert (x != y) is False
    assert (x == 2) is True
    assert (x < 3, x <= 2, x > 1, x >= 2.5, 1 < x) == (True, True, True, False, True)  # noqa: SIM300  # reflected
    assert (x == "2") is False
    assert x != None  # noqa: E711  # the operator is what is tested
    assert sorted([Value(3.0), Value(1.0)])[0].data == 1.0
    assert max(Value(1.0), Value(2.0)).data == 2.0
    with pytest.raises(TypeError):
        x < "2"  # noqa: B015  # raises


def test_bool_is_x_not_equal_zero() -> None:
    assert not Value(0.0)
    assert Value(-0.5)
    assert Value(NAN)


def test_the_hash_is_by_identity() -> None:
    x, y = Value(2.0), Value(2.0)
    assert len({x, y, x}) == 2
    assert {x: "x", y: "y"}[y] == "y"


# where


@pytest.mark.parametrize("wrap", [float, Value])
def test_where_selects_and_the_side_not_taken_contributes_exactly_zero(wrap: type) -> None:
    for dangerous in (ag.sqrt, lambda x: 1 / (x + 1e-320), lambda x: ag.log(x + 1e-320)):
        x = Value(0.0)
        z = ag.where(wrap(1.0), 3.0 * x, dangerous(x))
        assert ag.backprop(z, x)[x] == 3.0
        first = ag.backprop(z, x, create_graph=True)[x]
        assert first.data == 3.0
        assert ag.backprop(first, x)[x] == 0.0


def test_where_takes_bools_comparisons_and_numbers() -> None:
    x = Value(2.0)
    assert ag.where(x > 1, x, 0.0).data == 2.0
    assert ag.where(np.bool_(False), x, 5).data == 5.0
    assert ag.where(ag.less(x, 1.0), x, 5.0).data == 5.0
    assert ag.where(1, 2, 3) == 2.0


# domains


def test_outside_the_domain_users_get_an_error_at_their_line_naming_op_operand_and_node() -> None:
    with pytest.raises(DomainError, match=r"log: x = -1.0 \(the Value named 'price'\).*expected x > 0") as caught:
        ag.log(Value(-1.0, name="price"))
    assert isinstance(caught.value, ValueError)
    with pytest.raises(DomainError, match=r"log: x = -1\.0 is outside"):
        ag.log(-1)


@pytest.mark.parametrize(
    "divide", [lambda x: 1 / x, lambda x: x**-1, lambda x: x % x, lambda x: ag.reciprocal(x), lambda x: x / 0]
)
def test_division_by_zero_is_also_a_zero_division_error(divide: object) -> None:
    with pytest.raises(DivisionByZeroError) as caught:
        divide(Value(0.0))
    assert isinstance(caught.value, ZeroDivisionError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (ag.sqrt, 0.0, INF),
        (ag.cbrt, 0.0, INF),
        (lambda x: x**0.5, 0.0, INF),
        (lambda x: x**1.5 * 1e300, 1e300, INF),
        (ag.asin, 1.0, INF),
        (ag.acos, 1.0, -INF),
        (ag.acosh, 1.0, INF),
        (lambda x: ag.exp(x), 1000.0, INF),
        (lambda x: 0.0 * ag.sqrt(x), 0.0, NAN),
    ],
)
def test_inside_rules_ieee_holds_and_nothing_is_raised(
    function: object, at: float, slope: float, create_graph: bool
) -> None:
    x = Value(at)
    found = ag.backprop(function(x), x, create_graph=create_graph)[x]
    found = found.data if create_graph else found
    assert found == slope or (math.isnan(found) and math.isnan(slope))


def test_after_a_rule_users_calls_are_checked_again() -> None:
    x = Value(0.0)
    ag.backprop(ag.sqrt(x), x, create_graph=True)
    with pytest.raises(DomainError):
        ag.log(x)


# overflow


def test_overflow_gives_inf_as_ieee_says() -> None:
    assert ag.exp(1000) == INF
    assert ag.exp(Value(1000)).data == INF
    assert (Value(1e200) ** 2).data == INF
    assert (Value(-1e200) ** 3).data == -INF
    assert (Value(1e300) * 1e300).data == INF
    assert ag.sigmoid(-800) == 0.0
    assert ag.softplus(800) == 800.0


# powers


def test_x_to_a_number_is_its_own_record_and_right_for_negative_x() -> None:
    x = Value(-2.0)
    z = x**3
    assert (z.op.name, z.inputs[1]) == ("power", 3.0)
    assert ag.backprop(z, x)[x] == 12.0
    assert ag.grad(ag.grad(ag.grad(ag.grad(lambda x: x**3))))(-2.0) == 0.0


def test_x_to_the_y_differentiates_both() -> None:
    x, y = Value(2.0), Value(3.0)
    table = ag.backprop(x**y, [x, y])
    assert table[x] == 12.0
    assert table[y] == pytest.approx(8 * math.log(2))
    assert ag.backprop(2**y, y)[y] == pytest.approx(8 * math.log(2))


def test_zero_to_the_zero_is_one_and_flat() -> None:
    for function in (lambda x: x**0, lambda x: x ** Value(0.0), lambda x: 0 ** (x * 0), lambda x: (x * 0) ** (x * 0)):
        x = Value(0.0)
        assert function(x).data == 1.0
        assert ag.backprop(function(x), x)[x] == 0.0


def test_a_negative_number_to_a_fraction_is_outside_the_domain() -> None:
    with pytest.raises(DomainError, match="integer y"):
        Value(-8.0) ** (1 / 3)


# constants


def test_a_plain_number_stays_a_plain_float_and_the_graph_never_walks_into_it() -> None:
    x = Value(2.0)
    z = 3 * x + 1
    assert z.inputs[1] == 1.0
    assert type(z.inputs[1]) is float
    assert list(ag.graph.ancestors(z)) == [x, z.inputs[0], z]
    assert ag.backprop(z, x)[x] == 3.0


# sums over paths, unreachable targets, keys


def test_the_same_input_twice_counts_twice() -> None:
    for function, slope in [
        (lambda x: x * x, 6.0),
        (lambda x: x / x, 0.0),
        (lambda x: x - x, 0.0),
        (lambda x: x**x, 27 * (math.log(3) + 1)),
        (lambda x: ag.dot([x, x], [x, 2.0]), 8.0),
        (lambda x: ag.fma(x, x, x), 7.0),
    ]:
        x = Value(3.0)
        assert ag.backprop(function(x), x)[x] == pytest.approx(slope)


def test_diamonds_sum_over_all_paths() -> None:
    x = Value(1.0)
    z = x
    for _ in range(60):
        z = z + z  # 2**60 paths
    assert ag.backprop(z, x)[x] == 2.0**60


def test_a_target_that_z_does_not_depend_on_has_gradient_zero() -> None:
    x, y = Value(1.0), Value(2.0)
    assert ag.backprop(x * 2, [x, y])[y] == 0.0
    assert ag.backprop(x * 2, [x, y], create_graph=True)[y].data == 0.0
    assert dict(ag.backprop(x, [x])) == {x: 1.0}


def test_a_key_that_was_not_asked_for_is_a_key_error_that_says_what_was() -> None:
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    table = ag.backprop(x * y, [x])
    with pytest.raises(NoGradientError, match=r"'y' = 2\.0: it was not among the targets .*'x'") as caught:
        table[y]
    assert isinstance(caught.value, KeyError)
    assert table.get(y) is None
    assert y not in table
    assert "x" not in table
    with pytest.raises(KeyError):
        table["x"]


# changed leaves


def test_backpropagating_through_a_graph_older_than_its_leaves_is_refused() -> None:
    x, y = Value(2.0, name="x"), Value(3.0)
    inner = x * x
    z = inner * y
    x.data -= 0.1
    for stale in (z, inner + 1.0, inner * x):
        with pytest.raises(StaleGraphError, match=r"'x'.*changed") as caught:
            stale.backward()
        assert isinstance(caught.value, RuntimeError)
        with pytest.raises(StaleGraphError):
            ag.backprop(stale, y)
    fresh = x * x * y
    fresh.backward()
    assert x.grad == pytest.approx(2 * 1.9 * 3)


def test_a_leaf_changed_elsewhere_disturbs_no_other_graph() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * 2
    y.data = 5.0
    assert ag.backprop(z, x)[x] == 2.0


def test_setting_the_data_of_an_inner_node_is_refused() -> None:
    z = Value(2.0) * 3
    with pytest.raises(InnerNodeError, match="only leaves"):
        z.data = 1.0
    assert z.data == 6.0


def test_many_leaves_assigned_at_once() -> None:
    x, y, zero = Value(2.0), Value(3.0), Value(0.0)
    old, kept = x * 2, y * 2
    assign([x, y, zero], [5.0, 3.0, -0.0])
    assert [x.data, y.data, str(zero.data)] == [5.0, 3.0, "-0.0"]
    assert ag.backprop(kept, y)[y] == 2.0  # y has not changed
    with pytest.raises(StaleGraphError):
        ag.backprop(old, x)
    assert ag.backprop(x * 2, x)[x] == 2.0


def test_what_is_refused_leaves_all_leaves_as_they_were() -> None:
    x, y = Value(2.0), Value(3.0)
    inner = x * y
    for leaves, numbers, error in (
        ([x, inner], [1.0, 1.0], InnerNodeError),
        ([x, y], [1.0, "3"], NumberError),
        ([x, y], [1.0], ValueError),
    ):
        with pytest.raises(error):
            assign(leaves, numbers)
        assert [x.data, y.data] == [2.0, 3.0]


def test_a_refused_number_leaves_the_leaf_as_it_was() -> None:
    x = Value(2.0)
    z = x * 2
    with pytest.raises(NumberError):
        x.data = "3"
    assert x.data == 2.0
    assert ag.backprop(z, x)[x] == 2.0


# backward


def test_backward_sets_inner_nodes_and_adds_to_leaves() -> None:
    x = Value(2.0)
    assert x.grad == 0.0
    assert not x.has_grad
    u = x * 3
    z = u * u
    z.backward()
    z.backward()
    assert (z.grad, u.grad, x.grad) == (1.0, 12.0, 72.0)
    x.zero_grad()
    assert x.grad == 0.0
    assert not x.has_grad
    z.backward()
    assert x.grad == 36.0


def test_backprop_writes_nothing_to_the_nodes() -> None:
    x = Value(2.0)
    z = x * x
    ag.backprop(z, x)
    assert not x.has_grad
    assert not z.has_grad


# nesting


def test_transformations_nest_and_see_captured_values() -> None:
    assert ag.grad(lambda y: ag.grad(lambda x: x * x * y)(2.0))(3.0) == 4.0
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(5.0) == 1.0  # the classic perturbation confusion
    captured = Value(3.0)
    result = ag.grad(lambda x: x * x * captured)(2.0)
    assert isinstance(result, Value)
    assert ag.backprop(result, captured)[captured] == 4.0


def test_results_are_floats_unless_a_value_came_in() -> None:
    assert type(ag.grad(lambda x: x * x)(2.0)) is float
    assert isinstance(ag.grad(lambda x: x * x)(Value(2.0)), Value)
    captured = Value(3.0)
    value, slope = ag.value_and_grad(lambda x: x * x + captured)(2.0)
    assert isinstance(value, Value)
    assert slope == 4.0
    assert type(slope) is float  # 2x does not depend on what was captured
    assert type(ag.grad(lambda x: x * Value(3.0))(2.0)) is float  # made inside


# n-ary nodes, vmap


def test_nary_ops_are_one_node_with_n_inputs() -> None:
    xs = [Value(float(i)) for i in range(1, 5)]
    for op in (ag.sum, ag.prod, ag.mean, ag.norm, ag.logsumexp, ag.max, ag.min):
        assert op(xs).inputs == tuple(xs)
    assert ag.dot(xs, [1.0, 2.0, 3.0, 4.0]).inputs == (*xs, 1.0, 2.0, 3.0, 4.0)


def test_vmap_is_the_loop_arrays_in_arrays_out_lists_in_lists_out() -> None:
    square = ag.vmap(lambda x: x * x)
    assert square([1.0, 2.0]) == [1.0, 4.0]
    result = square(np.array([1.0, 2.0]))
    assert isinstance(result, np.ndarray)
    assert result.dtype == float
    assert result.tolist() == [1.0, 4.0]


# depth


@pytest.mark.parametrize("length", slow([10_000, 1_000_000], only=[1_000_000]))
def test_a_long_chain_builds_differentiates_prints_pickles_copies_and_dies(length: int) -> None:
    import pickle

    x = Value(1.0, name="x")
    z = x
    for _ in range(length):
        z = z + 1e-6
    assert repr(z) == f"Value(data={z.data!r})"
    assert ag.backprop(z, x)[x] == 1.0
    z.backward()
    assert x.grad == 1.0
    for make in (lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy):
        twin_x, twin = make((x, z))
        assert twin.data == z.data
        depth = 0
        while twin is not twin_x:
            twin, depth = twin.inputs[0], depth + 1
        assert depth == length
    del z  # freed here, without recursion
    assert x.grad == 1.0


# kinks are in test_kinks.py, threads in test_threads.py


def test_comparisons_with_ints_beyond_all_floats_are_exact() -> None:
    assert Value(1.0) < 10**400
    assert Value(1.0) != 10**400
    assert Value(2.0**53) != 2**53 + 1
