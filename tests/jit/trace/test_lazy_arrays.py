"""Arrays and lists that make their elements when asked: what is written to them, by whatever way, is read."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, programs_of, then, tolerances
from marks import slow

import autograd_core as ag
from autograd_core.errors import TracingError
from autograd_core.jit.call import arguments

pytestmark = pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array:DeprecationWarning")  # NumPy 2.5's

TOLERANCE = tolerances((1e-12, 1e-12), (1e-12, 1e-12))
"""Sums over points are one sum here, whatever way they were written."""

rng = np.random.default_rng(11)


def after(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of an array that changes it and then reads it in every way."""

    def f(a: Any) -> Any:
        changed = change(a)
        a = a if changed is None else changed
        first, mapped = a.ravel()[0], ag.vmap(lambda x: x * 3.0)(a)
        return [
            first * 2.0,
            a.sum() * 1.0,
            ag.sum(mapped),
            mapped[1] * 1.0,
            a[-1] * 2.0,
            ag.vmap(ag.square)(a.ravel()).mean(),
        ]

    return f


def write(a: Any, key: Any, value: Any) -> None:
    a[key] = value


def times_in_place(a: Any, factor: Any) -> Any:
    a *= factor
    return a


CHANGES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda a: None,
    "an element": lambda a: write(a, 0, a[1] * 2.0),
    "the last element": lambda a: write(a, -1, a[0] * 2.0),
    "a slice": lambda a: write(a, slice(1, 4), a[0:3] * 2.0),
    "every second element": lambda a: write(a, slice(None, None, 2), 5.0),
    "a mask": lambda a: write(a, np.arange(len(a)) % 3 == 0, 1.5),
    "an index array": lambda a: write(a, np.array([0, 2]), a[1] * 2.0),
    "all": lambda a: write(a, ..., 0.5),
    "swapped": lambda a: write(a, [0, 1], a[[1, 0]]),
    "a view": lambda a: write(a[1:], 0, a[0] * 7.0),
    "a view of a view": lambda a: write(a[1:][1:], 0, a[0] * 7.0),
    "a reversed view": lambda a: write(a[::-1], 0, a[0] * 7.0),
    "a reshaped view": lambda a: write(a.reshape(2, -1), (1, 0), a.ravel()[0] * 7.0),
    "the transposed": lambda a: write(a.T, 0, 2.5),
    "np.asarray": lambda a: write(np.asarray(a), 0, a[1] * 2.0),
    "flat": lambda a: write(a.flat, 3, a.flat[1] * 2.0),
    "ravel": lambda a: write(a.ravel(), 3, 2.5),
    "a view taken before": lambda a: then(lambda v: write(a, 1, 9.0) or write(v, 0, v[0] * 2.0), a[1:]),
    "written, then a view": lambda a: write(a, 1, 9.0) or write(a[1:], 0, a[1] * 2.0),
    "*=": lambda a: times_in_place(a, 3.0),
    "*= and the old name": lambda a: then(lambda _: None, times_in_place(a, 3.0)),
    "*= of a view": lambda a: then(lambda _: None, times_in_place(a[1:], 3.0)),
    "*= an element": lambda a: then(lambda _: None, times_in_place(a, a.ravel()[0])),
    "out=": lambda a: then(lambda _: None, np.sin(a, out=a)),
    "out= positional": lambda a: then(lambda _: None, np.multiply(a, 2.0, a)),
    "out= of another": lambda a: np.multiply(a, a, out=a.copy()),
    "np.add.at": lambda a: np.add.at(a, [0, 0, 1], 1.0),
    "fill": lambda a: a.fill(2.0),
    "sort": lambda a: a.sort(axis=0),
    "put": lambda a: a.put([0, 1], [5.0, 6.0]),
    "np.put": lambda a: np.put(a, [0, 1], [5.0, 6.0]),
    "np.copyto": lambda a: np.copyto(a, a * 2.0),
    "np.place": lambda a: np.place(a, np.arange(a.size).reshape(a.shape) % 2 == 0, [4.0]),
    "np.fill_diagonal": lambda a: np.fill_diagonal(a.reshape(2, -1), 4.0),
    "a copy is another": lambda a: write(a.copy(), 0, 100.0),
    "copy.copy is another": lambda a: write(copy.copy(a), 0, 100.0),
    "copy.deepcopy is another": lambda a: write(copy.deepcopy(a), 0, 100.0),
    "np.array is another": lambda a: write(np.array(a), 0, 100.0),
    "an indexed copy is another": lambda a: write(a[[0, 1]], 0, 100.0),
    "a deep copy, changed": lambda a: then(lambda b: write(b, 0, a[1] * 2.0) or b, copy.deepcopy(a)),
    "a new shape": lambda a: setattr(a, "shape", (2, a.size // 2)),
    "in a loop": lambda a: [write(a, i, a[i] * 2.0) for i in range(3)] and None,
    "read, then written": lambda a: then(lambda s: write(a, 0, s), a.sum()),
    "read by a map, then written": lambda a: then(lambda s: write(a, 0, s), ag.vmap(lambda x: x * 5.0)(a).sum()),
    "an in-place clip": lambda a: then(lambda _: None, np.maximum(a, 0.5, out=a)),
}
SHAPES = {"one axis": (6,), "two axes": (6, 2)}


def assert_written(name: str, f: Callable[[Any], Any], a: Any, backend: str) -> None:
    compiled = ag.jit(f, backend=backend)
    for k in range(2):
        given = a + k
        found = compiled(given)
        assert (given == a + k).all(), "the caller's array is never changed"
        assert_same(found, eager(f, given.copy()), *TOLERANCE[backend], name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", slow(SHAPES, only=["two axes"]))
@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_written_to_an_argument_is_read(
    name: str, size: str, shape: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if size == "large":  # for an array of a few elements what is true for one of thousands
        monkeypatch.setattr(arguments, "SMALL", 4)
        monkeypatch.setattr(arguments, "MATERIALISED", 4)
    assert_written(name, after(CHANGES[name]), rng.normal(size=SHAPES[shape]), backend)


@pytest.mark.parametrize("name", slow(["a view", "*=", "np.add.at", "a reshaped view", "an element"], but=["*="]))
def test_what_is_written_to_thousands_of_elements_is_read(name: str) -> None:
    assert_written(name, after(CHANGES[name]), rng.normal(size=arguments.MATERIALISED + 904), "python")


BRANCHING = {"sort", "an in-place clip"}
"""Which compare elements, and are refused where those come out of a map."""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", slow(SHAPES, only=["two axes"]))
@pytest.mark.parametrize("name", [name for name in CHANGES if name not in BRANCHING])
def test_what_is_written_to_the_results_of_a_map_is_read_and_differentiated(
    name: str, shape: str, backend: str
) -> None:
    def f(w: Any, xs: Any) -> Any:
        return after(CHANGES[name])(ag.vmap(lambda x: x * w + 1.0)(xs))

    def loss(w: Any, xs: Any) -> Any:
        return sum(x.sum() if hasattr(x, "sum") else x for x in f(w * w, xs))

    xs = rng.normal(size=SHAPES[shape])
    for g in (f, ag.value_and_grad(loss)):
        compiled = ag.jit(g, backend=backend)
        for k in range(2):
            assert_same(compiled(2.0 + k, xs), eager(g, 2.0 + k, xs.copy()), *TOLERANCE[backend], name)


LISTS: dict[str, Callable[[Any, Any], Any]] = {
    "an element": lambda ys, xs: write(ys, 0, [7.0 * xs[0], xs[1]]),
    "an element of an element": lambda ys, xs: write(ys[0], 0, 7.0 * xs[0]),
    "the last of the last": lambda ys, xs: write(ys[-1], -1, 7.0 * xs[0]),
    "by the name of an element": lambda ys, xs: [write(y, 0, y[1] * xs[0]) for y in ys] and None,
    "appended to an element": lambda ys, xs: ys[1].append(xs[0]),
    "popped": lambda ys, xs: then(lambda _: None, ys[1].pop()),
    "an element reversed": lambda ys, xs: ys[1].reverse(),
    "reversed": lambda ys, xs: ys.reverse(),
    "appended": lambda ys, xs: ys.append([xs[0], 2.0]),
    "extended": lambda ys, xs: ys.__iadd__([[xs[0], 2.0]]) and None,
    "repeated": lambda ys, xs: ys.__imul__(2) and None,
    "deleted": lambda ys, xs: ys.__delitem__(0),
    "a slice": lambda ys, xs: write(ys, slice(0, 2), [[1.0, xs[0]]]),
    "swapped": lambda ys, xs: write(ys, slice(0, 2), [ys[1], ys[0]]),
    "made a tuple": lambda ys, xs: write(ys, 1, tuple(ys[1])),
    "the same number again": lambda ys, xs: write(ys[0], 0, ys[0][0]),
    "a number for a Value": lambda ys, xs: write(ys[0], 0, 3.0),
    "a shallow copy shares its elements": lambda ys, xs: write(copy.copy(ys)[0], 0, 3.0),
    "a slice shares its elements": lambda ys, xs: write(ys[1:][0], 0, 3.0),
    "a deep copy is another": lambda ys, xs: write(copy.deepcopy(ys)[0], 0, 3.0),
    "nothing": lambda ys, xs: None,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", LISTS)
def test_what_is_written_into_lists_of_mapped_points_is_read(name: str, backend: str) -> None:
    def f(xs: Any) -> Any:
        ys = ag.vmap(lambda x: [x * 1.5, 2.0 * x])(xs)
        LISTS[name](ys, xs)
        sums = [ag.sum(y) for y in ys]
        return [ys, sums, sum(y[0] for y in ys), ag.vmap(lambda y: ag.sum(y) * 2.0)(ys)]

    def deep(xs: Any) -> Any:
        ys = ag.vmap(lambda x: [[x * 1.5, 2.0 * x], [x, x * x]])(xs)
        LISTS[name]([y[0] for y in ys], xs)
        return ys

    for g in (f, deep):
        compiled = ag.jit(g, backend=backend)
        for k in range(2):
            xs = [1.0 + k, 2.0, 3.0]
            assert_same(compiled(xs), eager(g, list(xs)), *TOLERANCE[backend], name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_mapped_lists_are_arguments_of_transformations(backend: str) -> None:
    def f(xs: Any) -> Any:
        ys = ag.vmap(lambda x: [x * 1.5, 2.0 * x])(xs)
        return ag.grad(lambda p: p[0][0] * p[1][1] * xs[0])(ys)

    assert_same(ag.jit(f, backend=backend)([1.0, 2.0, 3.0]), eager(f, [1.0, 2.0, 3.0]), *TOLERANCE[backend])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_large_array_is_an_array_to_whoever_asks(backend: str) -> None:
    questions: dict[str, Callable[[Any], Any]] = {
        "isinstance": lambda a: isinstance(a, np.ndarray),
        "in": lambda a: a[3] in a,
        "not in": lambda a: (a[3] + 100.0) in a,
        "len": len,
        "ndim and size": lambda a: a.ndim * 10_000 + a.size,
        "an item of two axes": lambda a: a.reshape(-1, 2)[3, 1] > 0.0,
        "a named argument": lambda a: float(np.size(a=a)),
        "bool": lambda a: bool(a[:1]),
        "text": lambda a: str(a[:2]) == str(np.asarray(a)[:2]) and len(f"{a[0]}") == len(repr(float(given[0]))),
        "no key": lambda a: _raises(lambda: a[len(a)], IndexError) and _raises(lambda: a["x"], IndexError),
        "no deletion": lambda a: _raises(lambda: a.__delitem__(0), (ValueError, AttributeError, TypeError)),
    }
    given = rng.normal(size=arguments.MATERIALISED + 904)
    for name, ask in questions.items():
        compiled = ag.jit(lambda a, ask=ask: a[0] * 2.0 + float(ask(a)), backend=backend)
        assert compiled(given) == given[0] * 2.0 + float(ask(given)), name


def _raises(call: Callable[[], Any], error: Any) -> bool:
    with pytest.raises(error):
        call()
    return True


@pytest.mark.parametrize("backend", BACKENDS)
def test_pickles_and_texts_of_large_arrays_are_as_of_small_ones(backend: str) -> None:
    given = rng.normal(size=arguments.MATERIALISED + 904)
    for f in (
        lambda a: pickle.loads(pickle.dumps(a))[0],
        lambda a: pickle.loads(pickle.dumps([ag.vmap(ag.sin)(a)]))[0],
    ):
        with pytest.raises(TracingError, match="cannot pickle"):
            ag.jit(f, backend=backend)(given)
    shown = ag.jit(lambda a: a[0] * len(f"{a[:2]} {a!s}"), backend=backend)
    assert [shown(x) for x in (given, given)] == [shown(given)] * 2
    assert programs_of(shown) == 1
    with pytest.raises(TracingError, match="write the text outside"):
        ag.jit(lambda a: a[0] * len(str(ag.vmap(ag.sin)(a))), backend=backend)(given)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ufuncs_of_mapped_points_are_what_numpy_makes_of_them(backend: str) -> None:
    a, square = rng.normal(size=5), rng.normal(size=(3, 3))
    uses: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "a list beside": (lambda a: ag.vmap(ag.sin)(a) - [1.0, 2.0, 3.0, 4.0, 5.0], a),
        "a list first": (lambda a: np.subtract([1.0, 2.0, 3.0, 4.0, 5.0], ag.vmap(ag.sin)(a)), a),
        "a product of square matrices": (lambda m: m @ ag.vmap(lambda row: row * 2.0)(m), square),
        "a product of results": (lambda m: then(lambda y: y @ y, ag.vmap(lambda row: row * 2.0)(m)), square),
        "a column": (lambda m: ag.vmap(lambda row: row * 2.0)(m) - m[:, :1], square),
        "a number": (lambda a: ag.vmap(ag.sin)(a) - a[0], a),
        "an outer product": (lambda a: np.subtract.outer(ag.vmap(ag.sin)(a), a), a),
        "accumulated": (lambda a: np.add.accumulate(ag.vmap(ag.sin)(a)), a),
    }
    for name, (f, given) in uses.items():
        compiled = ag.jit(f, backend=backend)
        for k in range(2):
            assert_same(compiled(given + k), eager(f, given + k), *TOLERANCE[backend], name)


REDUCED: dict[str, Callable[[Any], Any]] = {
    "ag.sum": ag.sum, "ag.mean": ag.mean, "np.sum": np.sum, "np.mean": np.mean,
    "of the changed": lambda y: write(y, 0, y[1] * 2.0) or ag.mean(y) * ag.sum(y),
    "of a view": lambda y: ag.mean(y[1:]) + ag.sum(y[::-1]),
}  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", REDUCED)
def test_reductions_of_mapped_points_and_their_gradients(name: str, backend: str) -> None:
    reduce = REDUCED[name]

    def of_rows(w: Any, xs: Any) -> Any:
        return reduce(ag.vmap(lambda x: [ag.sin(w * x), w, 2.0])(np.asarray(xs)))

    def of_points(w: Any, xs: Any) -> Any:
        return reduce(ag.vmap(lambda x: ag.softplus(x - w))(xs))

    array, numbers = rng.normal(size=7), rng.normal(size=7).tolist()
    for f, xs in ((of_points, array), (of_points, numbers), (of_rows, array)):
        if xs is numbers and name.startswith("np."):
            continue  # eagerly these make a float array of Values, and are refused
        for g in (ag.value_and_grad(f), ag.hessian(f)):
            compiled = ag.jit(g, backend=backend)
            for w in (0.3, 0.7):
                assert_same(compiled(w, xs), eager(g, w, copy.copy(xs)), *TOLERANCE[backend], name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_mean_of_mapped_points_is_one_step_and_makes_no_value_for_every_point(backend: str) -> None:
    f = ag.jit(ag.value_and_grad(lambda k, xs: ag.mean(ag.vmap(lambda x: ag.softplus(x - k))(xs))), backend=backend)
    sizes = []
    for n in (5_000, 6_000):
        xs = rng.normal(size=n)
        value, slope = f(0.2, xs)
        assert value == pytest.approx(np.mean(np.logaddexp(0.0, xs - 0.2)), rel=1e-12)
        assert slope == pytest.approx(-np.mean(1.0 / (1.0 + np.exp(0.2 - xs))), rel=1e-12)
        sizes.append(len(f.program(0.2, xs).nodes))
    assert sizes[0] == sizes[1] < 40


def write_to_point(p: Any) -> Any:
    p[0] = p[1] * 2.0
    return p[0] + p[1] * p[1]


def swapped(p: Any) -> Any:
    if p[0] > p[1]:
        p[0], p[1] = p[1], p[0]
    return p


def clipped(p: Any) -> Any:
    if p[0] > 0.0:
        p[0] = 0.0 * p[0]
    return p


IN_MAPS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "an array": (lambda a: [ag.sum(ag.vmap(write_to_point)(a)), a[1][0] * 10.0, a[-1][0]], True),
    "what a map returned": (
        lambda a: then(lambda y: [ag.sum(ag.vmap(write_to_point)(y)), y[1, 0], y.sum()], ag.vmap(lambda p: p * 3.0)(a)),
        True,
    ),
    "a list": (lambda a: [sum(ag.vmap(write_to_point)(a)), a[1][0] * 10.0, a], False),
    "a list that a map returned": (
        lambda a: then(lambda y: [sum(ag.vmap(write_to_point)(y)), y], ag.vmap(lambda p: [p[0] * 3.0, p[1]])(a)),
        False,
    ),
    "one member of two": (
        lambda a: then(lambda y: [ag.vmap(lambda p, q: write_to_point(p) * q[0])(y, a), y], ag.vmap(lambda p: p * 3.0)(a)),
        True,
    ),
    "nobody looks": (lambda a: ag.vmap(write_to_point)(a + 1.0), True),
    "appended to": (lambda a: [sum(ag.vmap(lambda p: p.append(p[0]) or ag.sum(p))(a)), a], False),
    "swapped in place": (lambda a: ag.vmap(swapped)(a), False),
    "sorted in place": (lambda a: ag.vmap(lambda p: p.sort() or p)(a), False),
    "rows swapped in place": (lambda a: [ag.vmap(swapped)(a), a[0] * 1.0], True),
    "written where it is positive": (lambda a: ag.vmap(lambda p: clipped(p)[0] + p[1])(a), True),
    "equal points": (lambda a: [sum(ag.vmap(write_to_point)([[2.0, 3.0] for _ in a])), a], False),
}  # fmt: skip


def scaled(p: Any, is_copied: bool = False) -> Any:
    p = p.copy() if is_copied else p
    if p[1] > 0.5:
        p[0] = p[0] * 10.0
    return p[0]


WRITES: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "scaled": (scaled, False),
    "a copy": (lambda p: scaled(p, is_copied=True), True),
    "always": (write_to_point, True),
    "on the first way": (lambda p: clipped(p)[0] * 2.0, False),
    "swapped": (lambda p: swapped(p)[0], False),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", WRITES)
def test_a_map_in_a_map_that_writes_on_some_ways_only_is_refused_with_advice(name: str, backend: str) -> None:
    write, copies = WRITES[name]

    def f(rows: Any) -> Any:
        return ag.vmap(lambda row: ag.sum(ag.vmap(write)(row * 1.0)))(rows)

    rows = np.array([[[1.0, 2.0], [3.0, -1.0]], [[5.0, -1.0], [2.0, 2.0]], [[0.0, 1.0], [1.0, 1.0]]])
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        if copies:
            assert_same(compiled(rows), eager(f, rows), *TOLERANCE[backend], name)
        else:
            with pytest.raises(TracingError, match=r"writes to its arguments.*copy its argument first"):
                compiled(rows)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", IN_MAPS)
def test_what_a_mapped_function_writes_to_its_point_is_in_the_batch(name: str, backend: str) -> None:
    f, is_array = IN_MAPS[name]
    compiled = ag.jit(f, backend=backend)
    for k in range(2):
        given: Any = rng.normal(size=(4, 2)) + k
        given = given if is_array else given.tolist()
        assert_same(compiled(copy.deepcopy(given)), eager(f, copy.deepcopy(given)), *TOLERANCE[backend], name)
