"""Arguments: floats and arrays are traced, whole numbers and objects are what they are at each call."""

from __future__ import annotations

import enum
import functools
import inspect
import sys
import threading
import warnings
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, numbers_of, programs_of

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import NumberError, OpError, StructureError

A = np.array([2.0, 3.0, 5.0, 7.0])


class Side(enum.IntEnum):
    LEFT = 1
    RIGHT = 2


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


def _matched(x: Any, n: Any) -> Any:
    match n:
        case bool():
            return x
        case int():
            return 2.0 * x
        case _:
            return 3.0 * x


WHOLE: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "range": (lambda x, n: sum([x * i for i in range(n)]) + x, [2, 4, 2]),
    "index": (lambda x, n: A[n] * x, [0, 3, -1]),
    "index of a traced array": (lambda a, n: a[n] * a[0], [1, 2]),
    "zeros": (lambda x, n: (np.zeros(n) + x).sum(), [1, 5]),
    "bits": (lambda x, n: x if n & 1 else -x, [2, 3, 4]),
    "set": (lambda x, n: x if n in {1, 2} else -x, [2, 3]),
    "dict": (lambda x, n: x * {1: 10.0}.get(n, 20.0), [1, 2]),
    "isinstance": (lambda x, n: x if isinstance(n, int) else -x, [1, 1.0, True, np.int64(1)]),
    "match": (_matched, [2, 2.0, True, Side.LEFT]),
    "the type": (lambda x, n: x * len(type(n).__name__), [1, True, 1.0, np.int64(1), np.int32(1), np.uint8(1), Side.LEFT]),
    "IntEnum": (lambda x, n: x if n is Side.LEFT else -x, [1, Side.LEFT, Side.RIGHT, 1]),
    "Enum": (lambda x, n: x if n is Mode.FAST else -x, [Mode.SLOW, Mode.FAST]),
    "exact": (lambda x, n: x * ((n * 1103515245 + 12345) % 2**31), [987654321, 987654322]),
    "beyond floats": (lambda x, n: x * (n % 7), [10**400, 10**400 + 1]),
    "beyond 2**53": (lambda x, n: x if n % 2 else -x, [2**53, 2**53 + 1, 2**60 + 1]),
    "format": (lambda x, n: x * len(f"{n:d}"), [5, 555]),
    "repetition": (lambda x, n: ag.sum([x] * n), [1, 3]),
    "Fraction": (lambda x, n: x if n * 3 == 1 else -x, [Fraction(1, 3), Fraction(1, 2)]),
    "in a list": (lambda x, n: A[n].sum() * x, [[0, 1], [2, 3], [0]]),
    "in a dict": (lambda x, n: x ** n["power"], [{"power": 2}, {"power": 3}]),
    "in a tuple": (lambda x, n: (np.zeros(n) + x).sum(), [(2, 3), (4,)]),
    "a bool": (lambda x, n: x if n is True else -x, [True, False, 1]),
    "None": (lambda x, n: x if n is None else -x, [None, 0, "none"]),
}  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", WHOLE)
def test_what_is_static_is_the_very_object(name: str, backend: str) -> None:
    f, values = WHOLE[name]
    compiled, mapped = ag.jit(f, backend=backend), ag.jit(ag.vmap(f, in_axes=(0, None)), backend=backend)
    first: Any = 1.5 if "traced array" not in name else A
    for _ in range(2):
        for n in values:
            assert compiled(first, n) == compiled(first, n=n) == eager(f, first, n)
            if first is not A:
                assert mapped([1.5, 2.5], n) == [eager(f, 1.5, n), eager(f, 2.5, n)]
    assert programs_of(compiled) == 2 * len({repr((type(n), n)) for n in values})  # by position and by name


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_gradient_beside_a_whole_number(backend: str) -> None:
    f = ag.jit(ag.grad(lambda x, n: x**n), backend=backend)
    assert [f(2.0, n) for n in (3, 2, 3)] == [12.0, 4.0, 12.0]
    assert ag.jit(ag.grad(lambda n: n * n), backend=backend)(3) == 6.0  # by it, it is a number


@pytest.mark.parametrize("backend", BACKENDS)
def test_whole_numbers_alone_are_left_to_the_function_itself(backend: str) -> None:
    f = ag.jit(lambda n: n * 2, backend=backend)
    for n in (3, np.int64(4), 2**70, 3):
        assert type(f(n)) is type(n)
        assert f(n) == n * 2
    assert ag.jit(ag.log, backend=backend)(0) == -np.inf
    w = Value(2.0)
    g = ag.jit(lambda n: w**n, backend=backend)
    assert tuple(map(numbers_of, (g(2), g(3), g(2)))) == (4.0, 8.0, 4.0)
    w.data = 3.0
    assert numbers_of(g(2)) == 9.0
    assert programs_of(g) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_list_that_is_mapped_over_is_a_batch_of_traced_numbers(backend: str) -> None:
    f = ag.jit(ag.vmap(lambda x: x * x), backend=backend)
    assert [f([1, 2, 3]), f([4, 5]), f([1.0, 2])] == [[1.0, 4.0, 9.0], [16.0, 25.0], [1.0, 4.0]]
    assert programs_of(f) == 1
    with pytest.raises((TypeError, IndexError)):
        ag.jit(ag.vmap(lambda n: A[n]), backend=backend)([0, 1])


def test_an_array_of_whole_numbers_is_traced_unless_floats_do_not_tell_them_apart() -> None:
    f = ag.jit(lambda a: a[0] % 10.0)
    assert [f(np.array([k])) for k in range(20)] == [float(k % 10) for k in range(20)]
    assert programs_of(f) == 1
    for a in (np.array([2**53 + 1]), np.array([1, -(2**60)]), np.array([2**64 - 1], dtype=np.uint64)):
        with pytest.raises(NumberError, match=r"beyond 2\*\*53.*a\.astype\(float\)"):
            f(a)


WARNED: dict[str, tuple[Callable[[int], Any], str]] = {
    "by position": (lambda k: (k,), "n"),
    "a NumPy int": (lambda k: (np.int64(k),), "n"),
    "in a dict": (lambda k: ({"rate": 0.5, "steps": k},), r"n\['steps'\]"),
    "in a list": (lambda k: ([0.5, [k]],), r"n\[1\]\[0\]"),
}


@pytest.mark.parametrize("name", WARNED)
def test_the_ninth_whole_number_is_warned_about_once(name: str) -> None:
    arguments, place = WARNED[name]
    f = ag.jit(lambda x, n: x * 2.0, backend="python")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            for k in range(8):
                f(1.0, *arguments(k))
    with pytest.warns(UserWarning, match=rf"argument {place} of .* 9 different.*float\({place}\)") as caught:
        assert [f(1.0, *arguments(k)) for k in range(30)] == [2.0] * 30
    assert len(caught) == 1
    assert caught[0].filename == __file__
    shared = ag.jit(lambda x, n: x * n, backend="python")
    assert [shared(2.0, float(k)) for k in range(20)] == [2.0 * k for k in range(20)]
    assert programs_of(shared) == 1


ALMOST_EQUAL: dict[str, tuple[Any, ...]] = {
    "Decimals": (Decimal("1.0"), Decimal("1.00")),
    "keys": ({1: "x"}, {1.0: "x"}, {True: "x"}, {np.int64(1): "x"}),
    "keys in tuples": ({(1, 2.0): "x"}, {(1.0, 2): "x"}),
    "order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "tuples": ((1, "x"), (True, "x"), (1.0, "x")),
    "frozensets": (frozenset({1}), frozenset({1.0}), frozenset({True})),
    "zeros in a frozenset": (frozenset({0.0}), frozenset({-0.0})),
    "ranges": (range(0), range(1, 1)),
    "complex": (0j, -0j),
    "dict and subclass": ({"a": 1}, OrderedDict(a=1), Counter(a=1), defaultdict(int, a=1), defaultdict(None, a=1)),
    "text": ("a", np.str_("a")),
}


@pytest.mark.parametrize("name", ALMOST_EQUAL)
def test_equal_but_different_ones_do_not_share_programs(name: str) -> None:
    seen: list[str] = []

    def f(x: float, s: Any) -> Any:
        seen.append(repr(s))
        return x * len(seen)

    compiled = ag.jit(f, backend="python")
    assert [compiled(1.0, s) for s in ALMOST_EQUAL[name]] == [1.0 * k for k in range(1, len(ALMOST_EQUAL[name]) + 1)]
    assert len(seen) == len(ALMOST_EQUAL[name])
    assert [compiled(1.0, s) for s in ALMOST_EQUAL[name]] == [1.0 * k for k in range(1, len(seen) + 1)]


# Records


@dataclass(frozen=True)
class Call:
    strike: float
    steps: int = 2
    name: str = "call"
    curve: Any = (0.5, 0.25)

    def price(self, spot: Any) -> Any:
        return (spot - self.strike) ** self.steps * self.curve[1] * (1.0 if self.name == "call" else -1.0)

    @ag.jit
    def compiled(self, spot: Any) -> Any:
        return self.price(spot)


@attrs.frozen
class Spread:
    long: Call
    short: Call
    weights: dict[str, float]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_floats_of_a_record_are_traced_and_all_else_in_it_is_static(backend: str) -> None:
    f = ag.jit(lambda option, spot: option.price(spot), backend=backend)
    for k in range(300):
        option = Call(k / 10.0)
        assert f(option, 12.0) == option.price(12.0)
    assert programs_of(f) == 1
    for option in (Call(1.0, steps=3), Call(1.0, name="put"), Call(1.0, curve=[1.0, 2.0]), Call(1.0, curve=np.ones(2))):
        for _ in range(2):
            assert f(option, 12.0) == option.price(12.0)
    assert programs_of(f) == 5


@pytest.mark.parametrize("backend", BACKENDS)
def test_records_come_out_as_they_went_in(backend: str) -> None:
    Pair = namedtuple("Pair", "a b")
    cases: list[Any] = [
        Spread(Call(1.0), Call(2.0, name="put"), {"w": 3.0}), Pair(1.0, [2.0]), {"p": [Pair(np.ones(2), 3.0)]},
    ]  # fmt: skip
    for p in cases:
        f = ag.jit(lambda p: p, backend=backend)
        for _ in range(2):
            assert repr(f(p)) == repr(p)
    spread = cases[0]
    gradient = ag.jit(ag.grad(lambda s: s.long.price(5.0) - s.short.price(5.0) * s.weights["w"]), backend=backend)
    for _ in range(2):
        found = gradient(spread)
        assert (type(found), found.short.name) == (Spread, "put")
        assert found.long.strike == ag.grad(lambda k: Call(k).price(5.0))(1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_maps_over_records_of_batches_and_batches_of_records(backend: str) -> None:
    Pair = namedtuple("Pair", "a b")
    f = ag.vmap(ag.grad(lambda p: p.a**2 * p.b))
    compiled, inner = ag.jit(f, backend=backend), ag.jit(lambda p: f(p), backend=backend)
    for batch in ([1.0, 2.0, 3.0], np.array([1.0, 2.0, 3.0])):
        p = Pair(batch, batch)
        for _ in range(2):
            assert_same(compiled(p), eager(f, p))
            assert_same(inner(p), eager(f, p))
    points = [Pair(1.0, 2.0), Pair(3.0, 4.0)]
    assert compiled(points) == Pair([4.0, 24.0], [1.0, 9.0])
    strikes = ag.jit(ag.vmap(lambda option: option.price(5.0), in_axes=0), backend=backend)
    many = [Call(k / 4.0, steps=2.0) for k in range(4)]
    assert strikes(many) == [option.price(5.0) for option in many]


# Objects


def then(x: Any, f: Callable[[Any], Any]) -> Any:
    return f(x)


class Spring:
    damping = 1.0

    def __init__(self, k: Any) -> None:
        self.k = k

    def force(self, x: Any) -> Any:
        return self.k * x * self.damping

    @ag.jit
    def compiled(self, x: Any) -> Any:
        return self.k * x * self.damping

    def __call__(self, x: Any) -> Any:
        return self.k * x * self.damping


WAYS: dict[str, Callable[[Spring], Callable[[float], Any]]] = {
    "an argument": lambda m: functools.partial(ag.jit(lambda m, x: m.k * x * m.damping), m),
    "a keyword": lambda m: functools.partial(ag.jit(lambda x, m: m.k * x * m.damping), m=m),
    "in a list": lambda m: functools.partial(ag.jit(lambda ms, x: ms[0].k * x * ms[0].damping), [m]),
    "a bound method": lambda m: ag.jit(m.force),
    "a decorated method": lambda m: m.compiled,
    "a decorated method, compiled again": lambda m: ag.jit(m.compiled),
    "a partial": lambda m: ag.jit(functools.partial(lambda m, x: m.k * x * m.damping, m)),
    "a partial by name": lambda m: ag.jit(functools.partial(lambda x, m: m.k * x * m.damping, m=m)),
    "an object that is called": lambda m: ag.jit(m),
    "below a gradient": lambda m: then(ag.jit(ag.grad(m.force)), lambda f: lambda x: f(x) * x),
    "below a map": lambda m: then(ag.jit(ag.vmap(m.force)), lambda f: lambda x: f([x])[0]),
    "nested": lambda m: functools.partial(ag.jit(lambda o, x: o.held["m"].k * x * o.held["m"].damping), Holder(m)),
    "a method as argument": lambda m: functools.partial(ag.jit(lambda f, x: f(x)), m.force),
    "a compiled method as argument": lambda m: functools.partial(ag.jit(lambda f, x: f(x)), ag.jit(m.force)),
}  # fmt: skip


class Holder:
    def __init__(self, m: Any) -> None:
        self.held = {"m": m, "itself": self}


@pytest.mark.parametrize("way", WAYS)
def test_an_object_is_what_its_attributes_are_at_each_call(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    m = Spring(2.0)
    f = WAYS[way](m)
    for k in (2.0, 5.0, 2.0, 7, 7.0, np.float64(3.0)):
        m.k = k
        for _ in range(3):
            assert f(3.0) == 3.0 * k
    m.k = 2.0
    m.damping = 10.0
    assert f(3.0) == 60.0
    del m.damping
    assert f(3.0) == 6.0
    monkeypatch.setattr(Spring, "damping", 4.0)
    assert [f(3.0), f(3.0)] == [24.0, 24.0]


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "a list": (lambda: [1.0, 2.0], lambda k: k.append(3.0)),
    "an element": (lambda: [1.0, 2.0], lambda k: k.__setitem__(0, 3.0)),
    "an array": (lambda: np.array([1.0, 2.0]), lambda k: k.__setitem__(0, 3.0)),
    "a large array": (lambda: np.ones(5000), lambda k: k.__setitem__(4999, 3.0)),
    "an array of objects": (lambda: np.array([1.0, 2], dtype=object), lambda k: k.__setitem__(0, 3.0)),
    "a dict": (lambda: {"a": 1.0}, lambda k: k.update(b=3.0)),
    "the order of a dict": (lambda: {"a": 1.0, "b": 2.0}, lambda k: k.update(a=k.pop("a"))),
    "a set": (lambda: {1.0, 2.0}, lambda k: k.add(3.0)),
    "a sign of zero": (lambda: [0.0], lambda k: k.__setitem__(0, -0.0)),
    "a deque": (lambda: deque([1.0]), lambda k: k.appendleft(3.0)),
    "a defaultdict": (lambda: defaultdict(float), lambda k: k[3]),
    "a record": (lambda: Mutable(1.0), lambda k: setattr(k, "a", 3.0)),
    "an object with slots": (lambda: Slotted(1.0), lambda k: setattr(k, "a", 3.0)),
    "an object in an object": (lambda: Holder(Spring(1.0)), lambda k: setattr(k.held["m"], "k", 3.0)),
    "a generator of random numbers": (lambda: np.random.default_rng(1), lambda k: k.random()),
    "a text": (lambda: ["a"], lambda k: k.__setitem__(0, "b")),
}


@attrs.define
class Mutable:
    a: Any


class Slotted:
    __slots__ = ("__b", "a")

    def __init__(self, a: Any) -> None:
        self.a = a

    @property
    def shape(self) -> Any:
        raise RuntimeError("nobody asks")


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_in_an_attribute_is_noticed(name: str) -> None:
    make, change = CHANGES[name]
    traced: list[int] = []

    def f(m: Any, x: Any) -> Any:
        traced.append(1)
        return x * len(traced)

    compiled, m = ag.jit(f, backend="python"), Spring(make())
    assert [compiled(m, 1.0), compiled(m, 1.0), compiled(m, 1.0)] == [1.0, 1.0, 1.0]
    change(m.k)
    assert [compiled(m, 1.0), compiled(m, 1.0)] == [2.0, 2.0]
    if "random" not in name:
        again = Spring(make())
        assert compiled(again, 1.0) == 1.0, "with the old contents the old program answers"


def test_values_of_an_object_are_read_at_every_call() -> None:
    class Line:
        def __init__(self) -> None:
            self.w, self.b = Value(2.0), [Value(1.0)]

        @ag.jit
        def at(self, x: Any) -> Any:
            return self.w * x + self.b[0]

    @dataclass
    class Record:
        w: Any

        @ag.jit
        def at(self, x: Any) -> Any:
            return self.w * x

    line, other = Line(), Line()
    assert [numbers_of(line.at(3.0)), numbers_of(line.at(3.0))] == [7.0, 7.0]
    line.w.data = 5.0
    line.b[0].data = 0.5
    assert numbers_of(line.at(3.0)) == 15.5
    assert numbers_of(other.at(3.0)) == 7.0
    line.w = Value(100.0)
    assert numbers_of(line.at(3.0)) == 300.5
    record = Record(Value(2.0))
    assert [numbers_of(record.at(3.0)), numbers_of(record.at(3.0))] == [6.0, 6.0]
    record.w.data = 4.0
    assert numbers_of(record.at(3.0)) == 12.0
    assert programs_of(Record.at) == 1


def test_one_compiled_method_serves_all_objects_of_its_class() -> None:
    assert isinstance(Spring.compiled, type(ag.jit(lambda x: x)))
    assert Spring.compiled(Spring(3.0), 2.0) == 6.0
    for k in range(20):
        assert Call(float(k)).compiled(2.0) == Call(float(k)).price(2.0)
    assert programs_of(Call.compiled) == 1


def test_objects_shared_and_in_circles() -> None:
    a, b = Spring(1.0), Spring(2.0)
    a.other, b.other = b, a
    f = ag.jit(lambda p, x: p[0].other.other.k * x + p[1].k)
    for pair in ([a, b], [a, a], [b, a]):
        assert f(pair, 3.0) == pair[0].k * 3.0 + pair[1].k
    b.k = 7.0
    assert f([b, a], 3.0) == 22.0


INCOMPARABLE: dict[str, Callable[[], Any]] = {
    "a lock": threading.Lock,
    "a generator": lambda: (i for i in range(3)),
    "a file": lambda: sys.__stdout__,
    "an object without attributes": object,
    "a lock in an object": lambda: Spring(threading.Lock()),
    "a lock deep inside": lambda: Spring([{"a": (threading.Lock(),)}]),
}


@pytest.mark.parametrize("name", INCOMPARABLE)
def test_what_cannot_be_compared_needs_static(name: str) -> None:
    thing = INCOMPARABLE[name]()
    f = lambda m, x: 2.0 * x  # noqa: E731  # a name for what the cases share
    with pytest.raises(NumberError, match=r"m.* cannot be compared .*static=\('m',\)"):
        ag.jit(f)(thing, 1.0)
    for static in (("m",), "m", 0, [0]):
        compiled = ag.jit(f, static=static)
        assert [compiled(thing, 1.0), compiled(m=thing, x=1.0), compiled(thing, 3.0)] == [2.0, 2.0, 6.0]
        assert programs_of(compiled) == 2
    bound = type("Owner", (), {"f": lambda self, x: 2.0 * x})()
    bound.thing = [thing, threading.Lock()]  # inside an object, one without attributes is a token like any other
    with pytest.raises(NumberError, match=r"self\.thing\[.*static=\('self',\)"):
        ag.jit(bound.f)(1.0)
    assert ag.jit(bound.f, static="self")(1.0) == 2.0


def test_static_is_by_identity_and_numbers_by_what_they_are() -> None:
    m, other = Spring(2.0), Spring(3.0)
    f = ag.jit(lambda m, x, n=1.0: m.k * x * n, static=("m", 2))
    assert [f(m, 1.0), f(other, 1.0)] == [2.0, 3.0]
    m.k = 5.0
    assert f(m, 1.0) == 2.0
    assert [f(m, 1.0, 2.0), f(m, 1.0, 3.0), f(m, 1.0, n=2.0), f(m, 1.0, 2.0)] == [10.0, 15.0, 10.0, 10.0]
    for _ in range(50):
        assert f(Spring(4.0), 1.0) == 4.0, "an identity is not used again"


@pytest.mark.parametrize("static", ["k", 2, -1, ("x", "z"), 1.5, None, True])
def test_a_static_parameter_that_is_none_is_refused(static: Any) -> None:
    with pytest.raises((OpError, TypeError)):
        ag.jit(lambda m, x: x, static=static)


def test_an_object_that_nests_too_deeply_is_refused() -> None:
    chain = Spring(None)
    for _ in range(100_000):
        chain = Spring(chain)
    with pytest.raises(StructureError, match="nests too deeply"):
        ag.jit(lambda m, x: x)(chain, 1.0)


# Masks

MASKS = [np.array([True, False, True, True]), np.array([False] * 4), np.array([True] * 4)]

MASKED: dict[str, Callable[..., Any]] = {
    "where": lambda m, a: [ag.where(m[i], x, -x) for i, x in enumerate(a)],
    "NumPy's where": lambda m, a: np.where(m, a, -2.0 * a),
    "if": lambda m, a: a[0] * 2.0 if m[0] else a[1] * 3.0,
    "an index": lambda m, a: a[m] * 2.0,
    "a negated index": lambda m, a: a[~m] * 2.0,
    "combined": lambda m, a: np.where(m & (a > 2.5) | ~m, a, -a),
    "any and all": lambda m, a: a * (2.0 if m.any() else 3.0) * (5.0 if np.all(m) else 7.0),
    "a count": lambda m, a: a * m.sum(),
    "positions": lambda m, a: a[np.nonzero(m)[0]],
    "as numbers": lambda m, a: (a * m.astype(float)).sum(),
    "a sum": lambda m, a: a * sum(m),
    "a slice": lambda m, a: a[:2][m[1:3]],
    "a loop": lambda m, a: [x * 2.0 for c, x in zip(m, a, strict=True) if c],
    "not": lambda m, a: a[0] if not m[1] else a[1],
    "a map": lambda m, a: ag.vmap(lambda c, x: ag.where(c, x, -x))(m, a),
    "a map that branches": ag.vmap(lambda c, x: x if c else -10.0 * x),
    "a map and where": ag.vmap(lambda c, x: ag.where(c, x, -10.0 * x)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", MASKED)
def test_a_bool_array_is_a_mask(name: str, backend: str) -> None:
    f = ag.jit(MASKED[name], backend=backend)
    for _ in range(2):
        for mask in MASKS:
            expected = eager(MASKED[name], mask, A)
            found = f(mask, A)
            assert_same(found, float(expected) if np.ndim(expected) == 0 else expected, 1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_where_takes_a_mask_without_a_guard(backend: str) -> None:
    f = ag.jit(lambda m, a: np.where(m, a, -a), backend=backend)
    for mask in MASKS:
        f(mask, A)
    assert programs_of(f) == 1


def test_an_element_of_a_mask_is_no_number() -> None:
    for f in (lambda m, a: m[0] * a[0], lambda m, a: a * m, lambda m, a: ag.sin(m[0])):
        with pytest.raises(NumberError, match="number"):
            ag.jit(f)(MASKS[0], A)


def test_a_mask_in_a_record_and_of_two_axes() -> None:
    @dataclass
    class Sample:
        x: Any
        valid: Any

    f = lambda s: ag.sum(np.where(s.valid, s.x, 0.0).ravel())  # noqa: E731  # a name for what the cases share
    for valid in (np.eye(2) > 0.5, np.eye(2) < 0.5):
        sample = Sample(np.arange(4.0).reshape(2, 2), valid)
        assert ag.jit(f)(sample) == f(sample)


# Signatures


def model(x: Any, a: float, b: float = 2.0) -> Any:
    """A line."""
    return a * x + b


@pytest.mark.parametrize("transform", [ag.jit, ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian, ag.vmap])
def test_what_is_returned_is_inspected_as_the_function_is(transform: Any) -> None:
    f = transform(model)
    assert inspect.signature(f) == inspect.signature(model)
    assert (f.__name__, f.__doc__, f.__wrapped__.__name__) == ("model", "A line.", "model")
    assert str(inspect.signature(transform(lambda p, *, k=1.0: p))) == "(p, *, k=1.0)"


def test_curve_fit_counts_the_parameters_of_a_compiled_model() -> None:
    from scipy import optimize

    x = np.linspace(0.0, 1.0, 20)
    found, _ = optimize.curve_fit(ag.jit(lambda x, a, b: a * np.exp(-b * x)), x, 3.0 * np.exp(-0.5 * x))
    assert np.allclose(found, [3.0, 0.5])
