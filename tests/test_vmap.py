"""vmap is the loop: axes, structures, kinds of batches, and clear refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import OpError, StructureError


def test_vmap_axes_structures_and_kinds() -> None:
    m = np.arange(6.0).reshape(2, 3)
    assert ag.vmap(lambda row: row.sum())(m).tolist() == [3.0, 12.0]
    assert ag.vmap(lambda col: col.sum(), in_axes=1)(m).tolist() == [3.0, 5.0, 7.0]
    assert ag.vmap(lambda col: col.sum(), in_axes=-1)(m).tolist() == [3.0, 5.0, 7.0]
    assert ag.vmap(lambda col: ag.sum(col), in_axes=1)(m.tolist()) == [3.0, 5.0, 7.0]
    assert ag.vmap(lambda p: p["a"] * p["b"])({"a": [1.0, 2.0], "b": [3.0, 4.0]}) == [3.0, 8.0]
    assert ag.vmap(lambda x, y: (x, {"p": x * y}))([1.0, 2.0], [3.0, 4.0]) == ([1.0, 2.0], {"p": [3.0, 8.0]})
    assert ag.vmap(lambda x, k: x * k, in_axes=(0, None))([1.0, 2.0], k := 3.0) == [k, 2 * k]
    assert ag.vmap(lambda x, s: x * s)([1.0, 2.0], s=[3.0, 4.0]) == [3.0, 8.0]
    assert ag.vmap(ag.grad(lambda p: p[0] * p[1]))([[1.0, 2.0], [3.0, 4.0]]) == [[2.0, 1.0], [4.0, 3.0]]
    assert ag.vmap(ag.grad(lambda p: p[0] * p[1]))(m[:, :2]).tolist() == [[1.0, 0.0], [4.0, 3.0]]
    assert ag.vmap(lambda x: x)([]) == []
    assert ag.vmap(lambda x: x)(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: ag.vmap(lambda x, y: x)([1.0], [1.0, 2.0]), "argument 0: 1, argument 1: 2"),
        (lambda: ag.vmap(lambda x: x)(3.0), "argument 0 has no axis 0"),
        (lambda: ag.vmap(lambda x: x, in_axes=None)([1.0]), "nothing to map over"),
        (lambda: ag.vmap(lambda x: x, in_axes=(0, 0))([1.0]), "2 entries for 1 arguments"),
        (lambda: ag.vmap(lambda x: x, in_axes=2)(np.zeros((2, 2))), "no axis 2"),
        (lambda: ag.vmap(lambda x: x, in_axes=1)([[1.0], [1.0, 2.0]]), "no axis 1"),
        (lambda: ag.vmap(lambda p: p["a"])({"a": [1.0], "b": [1.0, 2.0]}), r"members of argument 0.*\[1, 2\]"),
        (lambda: ag.vmap(lambda x: [x] * int(x))(np.array([1.0, 2.0])), "every result must be nested like"),
        (lambda: ag.vmap(lambda x: {f"{x:g}": x})([1.0, 2.0]), "{'1': 1.0} for point 0, but {'2': 2.0} for point 1"),
        (lambda: ag.vmap(lambda x: (x,) * int(x))([1.0, 2.0]), r"\(1.0,\) for point 0, but"),
        (lambda: ag.vmap(lambda x: x if x > 1.0 else (x,))([1.0, 2.0]), r"\(1.0,\) for point 0, but 2.0"),
    ],
)
def test_bad_batches_are_explained(call: object, complaint: str) -> None:
    with pytest.raises(StructureError, match=complaint):
        call()


def test_axes_are_integers_or_none_for_all_arguments_or_for_each() -> None:
    m = np.arange(6.0).reshape(2, 3)
    for in_axes in ((-1, None), [-1, None], (np.int64(1), None)):
        assert ag.vmap(lambda col, k: k * col.sum(), in_axes=in_axes)(m, 2.0).tolist() == [6.0, 10.0, 14.0]
    assert ag.vmap(lambda row: row.sum(), in_axes=np.int64(-2))(m).tolist() == [3.0, 12.0]


@pytest.mark.parametrize(
    "in_axes", ["0", 0.0, 1.5, True, {"x": 0}, {0}, (0, "a"), [0, True], (0, 1.0), ((0,), 0), b"0", object()]
)
def test_odd_axes_are_refused_when_the_map_is_made(in_axes: object) -> None:
    with pytest.raises(OpError, match=r"in_axes must be an integer, None, or a tuple of these.*, got"):
        ag.vmap(lambda x, y: x, in_axes=in_axes)


def test_a_list_that_holds_tuples_or_dicts_is_structure_where_arrays_come_out() -> None:
    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    (dx, dy), (ex, ey) = ag.vmap(ag.jacobian(lambda x, y: [x * y, x + y], argnums=(0, 1)))(x, y)
    assert [a.tolist() for a in (dx, dy, ex, ey)] == [[3.0, 5.0], [1.0, 2.0], [1.0, 1.0], [1.0, 1.0]]
    found = ag.vmap(lambda x: [[{"a": x, "b": [x, 2.0 * x]}], 3.0])(x)
    assert found[0][0]["b"].tolist() == [[1.0, 2.0], [2.0, 4.0]]
    assert found[1].tolist() == [3.0, 3.0]


def test_a_container_that_contains_itself_is_refused() -> None:
    keyed: dict[str, Any] = {}
    keyed["b"] = keyed
    for call in (lambda: ag.vmap(lambda p: 1.0)(keyed), lambda: ag.vmap(lambda x: keyed)([1.0, 2.0])):
        with pytest.raises(StructureError, match="contains itself"):
            call()


def test_a_table_is_refused_with_what_to_write() -> None:
    pandas = pytest.importorskip("pandas")
    for table in (pandas.Series([1.0, 2.0]), pandas.DataFrame({"a": [1.0, 2.0]})):
        with pytest.raises(
            StructureError, match=rf"table of type {type(table).__name__}\. Give its numbers, \.to_numpy"
        ):
            ag.vmap(lambda x: x * 2.0)(table)
