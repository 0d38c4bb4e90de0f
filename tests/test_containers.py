"""Containers: read in order, rebuilt from their own template, refused by place."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from autograd_core import Value
from autograd_core.containers import (
    flatten,
    flatten_like,
    map_elements,
    rebuild,
    require_same_structure,
    stack,
)
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


def test_dicts_with_the_same_keys_are_alike_and_read_by_key() -> None:
    template, given = {"a": 1, "b": ({"c": 2, "d": 3},)}, {"b": ({"d": X, "c": 20},), "a": 10}
    require_same_structure(template, given, "it")
    assert flatten_like(template, given, "it") == [10.0, 20.0, X]
    assert flatten_like(np.zeros(2), np.array([1, 2]), "it") == [1.0, 2.0]
    with pytest.raises(StructureError, match=r"it must be nested like \{'a': ·, 'b': ·\}, got \{'a': ·, 'c': ·\}"):
        flatten_like({"b": 1, "a": 2}, {"c": 1, "a": 2}, "it")
    with pytest.raises(NumberError, match=r"it\['a'\]"):
        flatten_like({"a": 1}, {"a": "text"}, "it")


def _itself_in_a_list() -> object:
    container: list[object] = [1.0]
    container.append(container)
    return container


def _itself_in_a_dict() -> object:
    container: dict[str, object] = {}
    container["a"] = (container,)
    return container


def _deep() -> object:
    container: object = 1.0
    for _ in range(10_000):
        container = [container]
    return container


@pytest.mark.parametrize("make", [_itself_in_a_list, _itself_in_a_dict, _deep])
def test_containers_without_a_bottom_in_reach_are_refused(make: object) -> None:
    container = make()
    for call in (
        lambda: flatten(container, "it"),
        lambda: rebuild(container, iter([1.0] * 2000)),
        lambda: require_same_structure(1.0, container, "it"),
        lambda: flatten_like(container, container, "it"),
        lambda: map_elements(abs, container),
        lambda: stack([container, container], (2,)),
    ):
        with pytest.raises(StructureError, match="nests too deeply, or contains itself"):
            call()


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
