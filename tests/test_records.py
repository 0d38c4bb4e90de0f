"""Records: dataclasses, attrs classes and NamedTuples are containers for every transformation."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import attrs
import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.containers import flatten, map_elements
from autograd_core.errors import NumberError, StructureError


class Kind(enum.IntEnum):
    CALL = 1


@dataclass
class Plain:
    a: Any
    b: Any


@dataclass(frozen=True)
class Frozen:
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class Slotted:
    a: Any
    b: Any


@dataclass
class Strict:
    """Made by nobody but its user: a second run of ``__post_init__`` would be seen."""

    a: Any
    b: Any
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert not isinstance(self.a, Value)
        self.made.append("here")
        self.extra = "an attribute that is no field"


@attrs.define
class Attrs:
    a: Any
    b: Any


@attrs.frozen
class FrozenAttrs:
    a: Any
    b: Any


@attrs.define(slots=False)
class Loose:
    a: Any
    b: Any


class Named(NamedTuple):
    a: Any
    b: Any


class Checked(Named):
    """A NamedTuple that refuses to be made anew from anything but plain numbers."""

    def __new__(cls, a: Any, b: Any) -> Checked:
        assert not isinstance(a, Value)
        return super().__new__(cls, a, b)


KINDS = [Plain, Frozen, Slotted, Strict, Attrs, FrozenAttrs, Loose, Named, Checked]


def f(p: Any) -> Any:
    return p.a * p.a * p.b[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_transformation_gives_the_kind_it_was_given(kind: Any) -> None:
    p = kind(3.0, [1.0, 2.0])
    assert flatten(p) == [3.0, 1.0, 2.0]
    gradient = ag.grad(f)(p)
    assert type(gradient) is kind
    assert (gradient.a, gradient.b) == (12.0, [0.0, 9.0])
    value, both = ag.value_and_grad(f)(p)
    assert (value, both.a) == (18.0, 12.0)
    assert ag.jvp(f, (p,), (gradient,)) == (18.0, 12.0 * 12.0 + 9.0 * 9.0)
    assert ag.hvp(f, p, map_elements(lambda _: 1.0, p)).a == 2 * 2.0 + 2 * 3.0
    assert ag.hessian(f)(p).a.b == [0.0, 6.0]
    jacobian = ag.jacobian(lambda x: kind(2.0 * x, [x * x, 1.0]))
    rows = jacobian(3.0) if kind not in (Strict, Checked) else kind(2.0, [6.0, 0.0])
    assert type(rows) is kind
    assert (rows.a, rows.b) == (2.0, [6.0, 0.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_takes_each_member_as_a_batch(kind: Any) -> None:
    for batch in ([1.0, 2.0], np.array([1.0, 2.0])):
        p = kind(batch, batch)
        found = ag.vmap(ag.grad(lambda q: q.a * q.b))(p)
        assert type(found) is kind
        assert list(found.a) == list(found.b) == [1.0, 2.0]
        assert type(found.a) is type(batch)


def test_what_is_no_number_comes_along() -> None:
    @dataclass
    class Option:
        strike: float
        kind: Kind = Kind.CALL
        name: str = "a call"
        tags: tuple[str, ...] = ("x", "y")
        is_listed: bool = True
        notes: Any = None
        history: list[Any] = field(default_factory=list)

    p = Option(2.0)
    p.desk = "fx"
    gradient = ag.grad(lambda p: p.strike**2 if p.kind is Kind.CALL and p.is_listed else 0.0)(p)
    assert gradient == Option(4.0)
    assert gradient.desk == "fx"
    with pytest.raises(NumberError, match=r"the argument\.tags\[1\]"):
        flatten(Option(2.0, tags=(1.0, "y")))


def test_neither_init_nor_post_init_runs_again() -> None:
    p = Strict(1.0, [2.0, 3.0])
    gradient = ag.grad(f)(p)
    assert p.made == ["here"] == gradient.made
    assert gradient.extra == "an attribute that is no field"


def test_records_nest_in_containers_and_hold_them() -> None:
    inner = Slotted(2.0, (Named(3.0, np.array([4.0, 5.0])),))
    p = {"x": [Frozen(inner, {"k": 6.0})]}
    gradient = ag.grad(lambda p: p["x"][0].a.a * p["x"][0].a.b[0].b[1] * p["x"][0].b["k"])(p)
    assert gradient["x"][0].a.a == 30.0
    assert gradient["x"][0].a.b[0].b.tolist() == [0.0, 12.0]
    assert gradient["x"][0].b == {"k": 10.0}


def test_numbers_that_are_no_fields_count_too() -> None:
    p = Plain(2.0, [1.0, 3.0])
    p.scale = 10.0
    gradient = ag.grad(lambda p: f(p) * p.scale)(p)
    assert (gradient.a, gradient.scale) == (120.0, 12.0)


def test_a_cached_property_is_computed_again() -> None:
    @dataclass
    class Box:
        w: float
        h: float

        @cached_property
        def area(self) -> Any:
            return self.w * self.h

    box = Box(2.0, 3.0)
    assert box.area == 6.0
    assert ag.grad(lambda box: box.area)(box) == Box(3.0, 2.0)


def test_a_slot_that_was_never_assigned_stays_empty() -> None:
    p = Slotted(1.0, [1.0, 2.0])
    object.__delattr__(p, "b")
    gradient = ag.grad(lambda p: p.a * 3.0)(p)
    assert gradient.a == 3.0
    assert not hasattr(gradient, "b")


def test_structures_are_compared_and_shown() -> None:
    with pytest.raises(StructureError, match=r"nested like \(Plain\(a=·, b=·\)\), got \(\(·, ·\)\)"):
        ag.jvp(lambda p: p.a, (Plain(1.0, 2.0),), ((1.0, 2.0),))


def test_lists_and_tuples_of_a_users_class_keep_it() -> None:
    class Vector(list):  # type: ignore[type-arg]  # of anything
        def __init__(self, *numbers: float) -> None:
            super().__init__(numbers)

    v = Vector(1.0, 2.0)
    v.unit = "m"
    gradient = ag.grad(lambda v: v[0] * v[1])(v)
    assert type(gradient) is Vector
    assert (gradient, gradient.unit) == ([2.0, 1.0], "m")
