"""Containers: read in order, rebuilt from their own template, refused by place."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from autograd_core import Value
from autograd_core.containers import flatten, map_elements, rebuild, require_same_structure, stack
from autograd_core.errors import NumberError, StructureError

Pair = namedtuple("Pair", "a b")
X = Value(1.0)

CONTAINERS = [
    (2, [2.0]),
    (X, [X]),
    ([], []),
    ([1, [2, (3,)]], [1.0, 2.0, 3.0]),
    ({"b": 1, "a": [2]}, [1.0, 2.0]),
    (OrderedDict(z=1, y=2), [1.0, 2.0]),
    (Pair(1, [X]), [1.0, X]),
    (np.array([[1, 2], [3, 4]]), [1.0, 2.0, 3.0, 4.0]),
    (np.array([[1, 2], [3, 4]]).T, [1.0, 3.0, 2.0, 4.0]),
    (np.array(5.0), [5.0]),
    (np.array([X, 2.0], dtype=object), [X, 2.0]),
    (np.zeros((0, 3)), []),
    (np.float64(3), [3.0]),
]


@pytest.mark.parametrize(("container", "elements"), CONTAINERS)
def test_flatten_reads_in_order_and_rebuild_restores(container: object, elements: list[object]) -> None:
    assert flatten(container) == elements
    again = rebuild(container, iter(elements))
    assert flatten(again) == elements
    if isinstance(container, (list, dict, tuple, np.ndarray)):
        assert type(again) is type(container)
    if isinstance(container, np.ndarray):
        assert again.shape == container.shape


@pytest.mark.parametrize(
    ("container", "place"),
    [
        ({"a": [1, None]}, r"the argument\['a'\]\[1\]"),
        ([True], r"\[0\]"),
        ("text", "the argument"),
        ({1, 2}, "set"),
        (np.array(["a"]), r"\[0\]"),
    ],
)
def test_what_is_no_number_is_refused_by_place(container: object, place: str) -> None:
    with pytest.raises(NumberError, match=place):
        flatten(container)


def test_structures_are_compared_and_shown() -> None:
    require_same_structure({"a": [1, 2]}, {"a": [X, 3.0]}, "it")
    with pytest.raises(StructureError, match=r"it must be nested like \{'a': \[·, ·\]\}, got \{'a': \[·\]\}"):
        require_same_structure({"a": [1, 2]}, {"a": [1]}, "it")
    with pytest.raises(StructureError, match=r"\[· × 5\], got array\(5,\)"):
        require_same_structure([1.0] * 5, np.zeros(5), "it")


def test_arrays_of_values_are_object_arrays_and_arrays_of_floats_float_arrays() -> None:
    doubled = map_elements(lambda x: x * 2, np.array([X, 2.0], dtype=object))
    assert doubled.dtype == object
    assert map_elements(lambda x: x * 2, np.array([1, 2])).dtype == float


def test_stack_keeps_tuples_and_dicts_outside() -> None:
    stacked = stack([(1.0, {"g": np.array([1.0, 2.0])}), (2.0, {"g": np.array([3.0, 4.0])})], (2,))
    assert stacked[0].tolist() == [1.0, 2.0]
    assert stacked[1]["g"].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(StructureError, match="ragged"):
        stack([[[1.0], [1.0, 2.0]]], (1,))
