"""A comparison of traced numbers is, in every use, the bool that it is eagerly."""

from __future__ import annotations

import copy
import json
import math
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from jit.support import ALL_BACKENDS, assert_same, is_same, programs_of, then

import autograd_core as ag
from autograd_core.errors import NumberError, OutputError

POINTS = [(2.0, 3.0), (-2.0, 3.0), (2.0, -3.0), (-2.0, -3.0), (0.0, 0.0), (1.0, -0.0), (math.nan, 1.0), (math.inf, 2.0)]

USES: dict[str, Callable[[Any, Any], Any]] = {
    "== True": lambda x, y: x if (x > 1) == True else -x,  # noqa: E712  # the comparison of a bool is the case
    "!= False": lambda x, y: x if (x > 1) != False else -x,  # noqa: E712  # what it says is the case
    "== 1": lambda x, y: x if (x > 1) == 1 else -x,
    "== 1.0": lambda x, y: x if 1.0 == (x > 1) else -x,  # noqa: SIM300  # what it says is the case
    "== None": lambda x, y: x if (x > 1) == None else -x,  # noqa: E711  # what it says is the case
    "== a text": lambda x, y: x if (x > 1) == "True" else -x,
    "two comparisons ==": lambda x, y: x if (x > 0) == (y > 0) else -x,
    "two comparisons !=": lambda x, y: x if (x > 0) != (y > 0) else -x,
    "two comparisons <": lambda x, y: x if (x > 0) < (y > 0) else -x,
    "two comparisons >=": lambda x, y: x if (x > 0) >= (y > 0) else -x,
    "a comparison and a number": lambda x, y: x if (x > 0) < y else -x,
    "a number and a comparison": lambda x, y: x if y <= (x > 0) else -x,
    "in a list": lambda x, y: x if (x > 0) in [True] else -x,
    "in a tuple of comparisons": lambda x, y: x if (x > 0) in (y > 0, y < -1) else -x,
    "in a set": lambda x, y: x if (x > 0) in {True} else -x,
    "count": lambda x, y: x * [x > 0, y > 0, x > y].count(True),
    "index in a list": lambda x, y: x * ([x > 0, y > 0, True].index(True) + 1),
    "a set of comparisons": lambda x, y: x * len({x > 0, y > 0}),
    "a dict lookup": lambda x, y: {True: x, False: -y}[x > 0],
    "a dict's get": lambda x, y: {(True, False): x}.get((x > 0, y > 0), y),
    "a dict's key": lambda x, y: sum({x > 0: x, y > 0: y}.values()),
    "an f-string": lambda x, y: x if f"{x > 0}" == "True" else -x,
    "a format": lambda x, y: x if "{:>6}".format(x > 0) == "  True" else -x,  # noqa: UP032  # what it says is the case
    "str": lambda x, y: x if str(x > 0) == "True" else -x,
    "repr": lambda x, y: x if repr([x > 0]) == "[True]" else -x,
    "%s": lambda x, y: x if "%s" % (x > 0) == "True" else -x,
    "%d": lambda x, y: x if "%d" % (x > 0) == "1" else -x,  # noqa: UP031  # what it says is the case
    "hash": lambda x, y: x if hash(x > 0) == hash(True) else -x,
    "int": lambda x, y: x * int(x > 0),
    "float": lambda x, y: x * float(x > 0),
    "complex": lambda x, y: x if complex(x > 0).real else -x,
    "round": lambda x, y: x * round(x > 0),
    "an index": lambda x, y: [x, y][x > 0],
    "a slice": lambda x, y: sum([x, y, 1.0][: 1 + (x > 0)]),
    "range": lambda x, y: x + len(range(1 + (x > 0))),
    "plus": lambda x, y: (x > 0) + (y > 0) + x,
    "minus": lambda x, y: x - ((x > 0) - (y > 0)),
    "a number minus it": lambda x, y: y * (1 - (x > 0)),
    "times": lambda x, y: (x > 0) * x + (x <= 0) * y,
    "times from the right": lambda x, y: x * (x > 0) + y * (x <= 0),
    "plus from the right": lambda x, y: x + (y > 0),
    "divided": lambda x, y: (x > 0) / 2 + y,
    "divided by": lambda x, y: y / (1 + (x > 0)),
    "a Value divided by it": lambda x, y: y / (x == x) if x == x else y,
    "floor division": lambda x, y: (1 + (x > 0)) // 2 + (x > 0) // 1 + y,
    "remainder": lambda x, y: (x > 0) % 2 + 3 % (1 + (y > 0)) + x,
    "power": lambda x, y: y ** (x > 0) + 2 ** (x > 0) + (x > 0) ** 2,
    "divmod": lambda x, y: sum(divmod(x > 0, 1)) + divmod(3, 1 + (x > 0))[1] + y,
    "negative": lambda x, y: -(x > 0) + y,
    "positive and abs": lambda x, y: +(x > 0) + abs(y > 0) + x,
    "shifted": lambda x, y: ((x > 0) << 2) + (4 >> (y > 0)) + x,
    "& an int": lambda x, y: x + ((x > 0) & 3) + (2 & (y > 0)),
    "| an int": lambda x, y: x + ((x > 0) | 2) + (6 | (y > 0)),
    "^ an int": lambda x, y: x + ((x > 0) ^ 3) + (5 ^ (y > 0)),
    "& compared": lambda x, y: x if ((x > 0) & (y > 0)) == True else -x,  # noqa: E712  # what it says is the case
    "| counted": lambda x, y: x * sum([(x > 0) | (y > 0), x > y]),
    "^ as a key": lambda x, y: {False: x, True: y}[(x > 0) ^ (y > 0)],
    "sum of comparisons": lambda x, y: x * sum(v > 0 for v in (x, y, x + y)),
    "sorted by a comparison": lambda x, y: sorted([x, y, 1.5], key=lambda v: v > 1)[0] * 2.0,
    "max of comparisons": lambda x, y: x if max(x > 0, y > 0) else -x,
    "all": lambda x, y: x if all([x > 0, y > 0]) else -x,
    "np.any": lambda x, y: x if np.any([x > 0, y > 0]) else -x,
    "np.all": lambda x, y: x if np.all([x > 0, y > 0]) else -x,
    "np.sum": lambda x, y: x * float(np.sum([x > 0, y > 0])),
    "np.mean": lambda x, y: x * float(np.mean([x > 0, y > 0])),
    "np.array": lambda x, y: x if np.array([x > 0, y > 0]).dtype == bool else -x,
    "np.array of both kinds": lambda x, y: x * float(np.array([x > 0, 2.0]).sum()),
    "np.where": lambda x, y: float(np.where(x > 0, 3.0, 5.0)) * x,
    "np.logical_and": lambda x, y: x if np.logical_and(x > 0, y > 0) else -x,
    "np.logical_not": lambda x, y: x if np.logical_not(x > 0) else -x,
    "a mask": lambda x, y: x + float(np.array([1.0, 2.0])[np.array([x > 0, y > 0])].sum()),
    "times an array": lambda x, y: (np.array([1.0, 2.0]) * (x > 0)).sum() * y,
    "it times an array": lambda x, y: ((x > 0) * np.array([1.0, 2.0])).sum() * y,
    "times an array of Values": lambda x, y: then(lambda a: a[0] - a[1], np.array([x, y]) * (x > 0)),
    "a copy": lambda x, y: x if copy.copy(x > 0) == True else -x,  # noqa: E712  # what it says is the case
    "a deep copy": lambda x, y: x if copy.deepcopy([x > 0]) == [True] else -x,
    "a pickle": lambda x, y: x if pickle.loads(pickle.dumps(x > 0)) is True else -x,
    "json of its bool": lambda x, y: x if json.dumps([bool(x > 0)]) == "[true]" else -x,
    "an attribute": lambda x, y: x * (x > 0).real + y * (y > 0).bit_length(),
    "a fraction": lambda x, y: x if (x > 0) + Fraction(1, 2) > 1 else -x,
    "a repeated text": lambda x, y: x if "ab" * (x > 0) else -x,
    "a join": lambda x, y: {"TrueTrue": x, "TrueFalse": y}.get("".join(map(str, [x > 0, y > 0])), x + y),
    "operator.eq": lambda x, y: x if operator.eq(x < y, y < x) else y,
    "filter": lambda x, y: x * len(list(filter(None, [x > 0, y > 0]))),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", USES)
def test_a_comparison_is_used_as_the_bool_that_it_is(name: str, backend: str) -> None:
    f = USES[name]
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        for x, y in POINTS:
            try:
                expected = float(f(x, y))
            except ZeroDivisionError:
                continue
            assert is_same(compiled(x, y), expected), f"{name} at {(x, y)}"
    xs, ys = (np.array(column) for column in zip(*POINTS[:4], strict=True))
    found = ag.jit(ag.vmap(f), backend=backend)(xs, ys)
    assert_same(found, np.array([float(f(x, y)) for x, y in POINTS[:4]]), where=name)


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_what_refuses_a_bool_refuses_a_comparison(backend: str) -> None:
    for f in (lambda x: ag.sin(x > 0), lambda x: ag.sum([x > 0, x]), lambda x: ag.Value(x > 0)):
        with pytest.raises(NumberError) as eagerly:
            f(2.0)
        with pytest.raises(type(eagerly.value), match="bool"):
            ag.jit(f, backend=backend)(2.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        ag.jit(lambda x: (x > 0) & x, backend=backend)(2.0)
    with pytest.raises(TypeError, match="not JSON serializable"):
        ag.jit(lambda x: x * len(json.dumps(x > 0)), backend=backend)(2.0)
    with pytest.raises(OutputError, match="returned a comparison"):
        ag.jit(lambda x: (x > 0) & (x < 3), backend=backend)(2.0)
    for f in (lambda x: x > 0, lambda x: (x, {"is above": x > 1.5}), lambda x: [[x], [x <= 0.0]]):
        for of in (ag.vmap(f), lambda xs, f=f: ag.vmap(f)(xs)):
            with pytest.raises(OutputError, match=r"returned a comparison; return ag\.where"):
                ag.jit(of, backend=backend)(np.array([1.0, 2.0]))


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_combined_conditions_stay_free_in_where(backend: str) -> None:
    f = ag.jit(lambda x, y: ag.where(((x > 0) & (y > 0)) | ((x < -1) ^ np.bool_(True)), x, y), backend=backend)
    for x, y in POINTS:
        assert is_same(f(x, y), x if (x > 0 and y > 0) or not x < -1 else y)
    assert programs_of(f) == 1


NUMBERS = [
    2**53 + 1, -(2**53) - 1, 2**53, 2**60 + 3, 10**400, -(10**400), 0, 1, True, Fraction(1, 3), Fraction(1, 4),
    Fraction(10**40, 3), np.float32(0.1), np.float32(0.25), np.float32("inf"), np.float32("nan"), np.float16(0.1),
    np.int64(2**53 + 1), np.int8(-128), np.uint64(2**64 - 1), np.longdouble(1) / 3, np.float64(0.1), 0.1,
]  # fmt: skip
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def around(number: Any) -> list[float]:
    """The floats at which a comparison with `number` may change, and the usual suspects."""
    try:
        near = float(number)
    except OverflowError:
        near = math.copysign(1.7976931348623157e308, 1 if number > 0 else -1)
    below, above = math.nextafter(near, -math.inf), math.nextafter(near, math.inf)
    return [near, below, above, math.nextafter(below, -math.inf), 0.1, -0.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: f"{type(n).__name__} {n!s:.20}")
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_number_that_is_no_float_is_compared_as_eagerly(number: Any, name: str, backend: str) -> None:
    compare = COMPARISONS[name]

    def f(x: Any) -> Any:
        return x * 0.0 + (2.0 if compare(x, number) else 3.0)

    compiled, chosen = (
        ag.jit(f, backend=backend),
        ag.jit(lambda x: ag.where(compare(x, number), 2.0, 3.0), backend=backend),
    )
    for x in around(number):
        expected = 2.0 if compare(ag.Value(x), number) else 3.0
        assert is_same(compiled(x), x * 0.0 + expected), x
        assert chosen(x) == expected, x
    assert programs_of(chosen) == 1


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_the_exact_int_on_either_side(backend: str) -> None:
    f = ag.jit(lambda x: 1.0 if x < 2**53 + 1 else 2.0, backend=backend)
    g = ag.jit(lambda x: 1.0 if 2**53 + 1 > x else 2.0, backend=backend)  # noqa: SIM300  # what it says is the case
    assert [f(2.0**53), g(2.0**53), f(2.0**53 + 2), g(2.0**53 + 2)] == [1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_numbers_are_found_by_identity_in_sets_and_dicts_as_Values_are(backend: str) -> None:  # noqa: N802  # the class
    uses: list[Callable[[Any], Any]] = [
        lambda x: x * 2.0 if x in {2.0} else x * 3.0,
        lambda x: x * 2.0 if x in {x: 1} else x * 3.0,
        lambda x: x * {2.0: 5.0}.get(x, 7.0),
        lambda x: x * float(len({x, x * 1.0, x})),
        lambda x: x * float(len(dict.fromkeys([x, 2.0]))),
    ]
    for f in uses:
        compiled = ag.jit(f, backend=backend)
        for at in (2.0, 3.0, 2.0):
            assert compiled(at) == f(ag.Value(at)).data


TOLD_WHERE = {
    "an average": lambda m, a: np.average(a, weights=m.astype(float)),
    "a sum": lambda m, a: np.add.reduce(a, where=m, initial=0.0),
    "a sum by its name": lambda m, a: np.sum(a, where=m, initial=0.0),
}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
@pytest.mark.parametrize("name", TOLD_WHERE)
def test_numpy_may_be_told_where_by_a_mask(name: str, backend: str) -> None:
    f = TOLD_WHERE[name]
    compiled, a = ag.jit(f, backend=backend), np.array([1.0, 2.0, 4.0])
    for mask in ([True, False, True], [True, True, False], [True, False, True]):
        assert compiled(np.array(mask), a) == pytest.approx(f(np.array(mask), a), rel=1e-13)
