"""What is no ordinary call of a compiled function: it works, or gets one clear error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from jit.support import BACKENDS, assert_same, eager, programs_of, then
from marks import slow

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import AutogradError, NumberError, OpError, OutputError, StructureError, TracingError
from autograd_core.jit import backends
from autograd_core.jit.backends import MODULES

rng = np.random.default_rng(9)
MATRIX = rng.normal(size=(4, 3))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (None, "None of type NoneType; a function without a return statement"),
        ("text", "'text' of type str"),
        (object(), "of type object"),
        (True, "the bool True"),
        (1j, "complex"),
        ([1.0, None], "None of type NoneType"),
        ({"a": "b"}, "'b' of type str"),
        (len, "builtin_function"),
        ({1.0, 2.0}, "of type set"),
        (np.array(["a"]), "'a' of type str"),
    ],
)
def test_a_function_that_returns_no_numbers(result: Any, complaint: str, backend: str) -> None:
    f = ag.jit(lambda x: result, backend=backend)
    for _ in range(2):
        with pytest.raises(OutputError, match=f"(?s)the function's result.*{complaint}"):
            f(1.0)
    g = ag.jit(ag.vmap(lambda x: result), backend=backend)
    with pytest.raises((OutputError, NumberError), match=complaint):
        g(np.array([1.0, 2.0]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_function_that_returns_a_comparison_is_told_what_to_do(backend: str) -> None:
    with pytest.raises(AutogradError, match=r"where|bool"):
        ag.jit(lambda x: x > 0.0, backend=backend)(1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_arguments_whose_structure_changes_between_calls(backend: str) -> None:
    f = ag.jit(lambda p: ag.sum([x * x for x in _numbers(p)]), backend=backend)
    changing: list[Any] = [
        2.0, [1.0, 2.0], [1.0, 2.0, 3.0], (1.0, 2.0), {"a": 1.0}, {"b": 1.0, "a": 2.0}, {"a": 2.0, "b": 1.0},
        np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [2.0]]), [[1.0], 2.0], [], 3,
    ]  # fmt: skip
    for _ in range(3):
        for p in changing:
            assert f(p) == float(sum([x * x for x in _numbers(p)]))


def _numbers(p: Any) -> list[Any]:
    if isinstance(p, dict):
        return [x for key in sorted(p) for x in _numbers(p[key])]
    if isinstance(p, (list, tuple)):
        return [x for child in p for x in _numbers(child)]
    return [p] if not hasattr(p, "ravel") else list(p.ravel())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda j: j(lambda x, y: x)([1.0], [1.0, 2.0]), "common length"),
        (lambda j: j(lambda x, y: x)(np.ones(3), np.ones(2)), "common length"),
        (lambda j: j(lambda x, y: x)(np.ones(3), y=np.ones(2)), "common length"),
        (lambda j: j(lambda p: p["a"])({"a": np.ones(3), "b": np.ones(2)}), "common length"),
        (lambda j: j(lambda p: p["a"])({"a": [1.0], "b": [1.0, 2.0]}), "common length"),
        (lambda j: j(lambda x: x)(3.0), "axis 0"),
        (lambda j: j(lambda x: x)(np.array(3.0)), "axis 0"),
        (lambda j: j(lambda x: x)("text"), "axis 0"),
        (lambda j: j(lambda x: x, in_axes=(0, 0))([1.0]), "2 entries for 1 arguments"),
        (lambda j: j(lambda x: x, in_axes=None)([1.0]), "nothing to map over"),
        (lambda j: j(lambda x: x, in_axes=2)(np.ones((2, 2))), "no axis 2"),
        (lambda j: j(lambda: 1.0)(), "nothing to map over|common length"),
    ],
)
def test_batches_that_do_not_fit(call: Callable[..., Any], complaint: str, backend: str) -> None:
    def mapped(f: Callable[..., Any], **named: Any) -> Any:
        return ag.jit(ag.vmap(f, **named), backend=backend)

    def inside(f: Callable[..., Any], **named: Any) -> Any:
        return ag.jit(lambda *args, **kw: ag.vmap(f, **named)(*args, **kw), backend=backend)

    for kind in (mapped, inside):
        with pytest.raises(StructureError, match=complaint):
            call(kind)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("batch", [[[1.0], [1.0, 2.0]], [[1.0, 2.0], [3.0]], [{"a": 1.0}, {"a": 1.0, "b": 2.0}]])
def test_a_ragged_batch_is_looped_over_inside_and_refused_outside(batch: list[Any], backend: str) -> None:
    def first(p: Any) -> Any:
        return p["a"] if isinstance(p, dict) else p[0]

    inside = ag.jit(lambda batch: ag.vmap(first)(batch), backend=backend)
    assert [inside(batch), inside(batch)] == [ag.vmap(first)(batch)] * 2
    with pytest.raises(StructureError, match=r"ragged|nested like"):
        ag.jit(ag.vmap(first), backend=backend)(batch)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("f", "batch"),
    [
        (ag.vmap(ag.sin), np.zeros(0)),
        (ag.vmap(ag.sin), []),
        (ag.vmap(lambda p: p[0] * p[1]), np.zeros((0, 2))),
        (ag.vmap(ag.value_and_grad(ag.sin)), np.zeros(0)),
        (lambda a: ag.vmap(ag.sin)(a), np.zeros(0)),
        (lambda a: ag.vmap(ag.sin)(a).sum(), np.zeros(0)),
        (lambda a: ag.sum(ag.vmap(ag.sin)(a)), []),
        (lambda a: a, np.zeros(0)),
        (lambda a: a * 2.0, np.zeros((0, 3))),
    ],
)
def test_zero_points(f: Callable[..., Any], batch: Any, backend: str) -> None:
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        found, expected = compiled(batch), eager(f, batch)
        if isinstance(expected, (float, int)):
            expected = float(expected)
        assert_same(found, expected)


FULL: dict[str, Any] = {
    "strided": rng.normal(size=12)[::2],
    "reversed": rng.normal(size=6)[::-1],
    "a column": rng.normal(size=(6, 3))[:, 1],
    "a transposed matrix": rng.normal(size=(3, 6)).T,
    "Fortran order": np.asfortranarray(rng.normal(size=(6, 3))),
    "a block": rng.normal(size=(9, 9))[2:8, 1:5],
    "broadcast": np.broadcast_to(rng.normal(size=3), (6, 3)),
    "float32": rng.normal(size=6).astype(np.float32),
    "float16": rng.normal(size=6).astype(np.float16),
    "longdouble": rng.normal(size=6).astype(np.longdouble),
    "int64": np.arange(-2, 4),
    "int8": np.arange(-2, 4, dtype=np.int8),
    "uint16": np.arange(6, dtype=np.uint16),
    "big endian": rng.normal(size=6).astype(">f8"),
    "objects": np.array([1.0, 2, np.float64(3.0), Fraction(1, 4), 0.5, -1], dtype=object),
    "three axes": rng.normal(size=(6, 2, 3)),
    "three axes, turned": rng.normal(size=(3, 2, 6)).T,
    "large, strided": rng.normal(size=8400)[::2],
    "large, turned": rng.normal(size=(3, 1400)).T,
    "large float32": rng.normal(size=4200).astype(np.float32),
    "masked off": rng.normal(size=(6, 3))[np.array([True, False, True, True, False, True])],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", slow(FULL, only=[name for name in FULL if "large" in name]))
def test_arrays_of_any_layout_and_type_of_real_numbers(name: str, backend: str) -> None:
    a = FULL[name]
    before = a.copy()
    plain = np.array(a.tolist(), dtype=float)
    for f in (
        lambda a: a[1] * 2.0,
        ag.vmap(lambda p: p * 2.0),
        lambda a: ag.vmap(lambda p: p * 2.0)(a),
        lambda a: ag.vmap(lambda p: p * 2.0, in_axes=-1)(a),
        ag.vmap(lambda p: p * 2.0, in_axes=-1),
    ):
        compiled, expected = ag.jit(f, backend=backend), eager(f, plain)
        for _ in range(2):
            assert_same(compiled(a), float(expected) if np.ndim(expected) == 0 else expected)
    assert (a == before).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_read_only_arrays_are_read_and_results_are_fresh_and_writable(backend: str) -> None:
    a = rng.normal(size=5)
    a.flags.writeable = False
    f, g = ag.jit(lambda a: a, backend=backend), ag.jit(ag.vmap(lambda x: x), backend=backend)
    for compiled in (f, g):
        first, second = compiled(a), compiled(a)
        first[0] = 100.0
        assert second.tolist() == a.tolist() == compiled(a).tolist()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "a",
    [
        np.array([True, False]), np.array([1j, 2.0]), np.array(["a", "b"]), np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([None, 1.0]), np.array([True, 1.0], dtype=object), np.array([(1.0, 2.0)], dtype=[("x", float), ("y", float)]),
    ],
    ids=["bool", "complex", "str", "datetime", "None", "bool among objects", "records"],
)  # fmt: skip
def test_arrays_of_something_else_are_refused(a: Any, backend: str) -> None:
    for f in (ag.jit(lambda a: a[0] * 2.0, backend=backend), ag.jit(ag.vmap(lambda x: x * 2.0), backend=backend)):
        for _ in range(2):
            with pytest.raises(NumberError, match=r"real|number"):
                f(a)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "x", [3, 3.0, np.float64(3.0), np.float32(3.0), np.int64(3), np.uint8(3), Fraction(3), np.array(3.0), np.array(3)]
)
def test_every_kind_of_real_number_is_a_number(x: Any, backend: str) -> None:
    f = ag.jit(lambda x: x * 2.5, backend=backend)
    for _ in range(2):
        assert float(f(x)) == 7.5
    for y in (4, 5.0):
        assert f(y) == 2.5 * y
    assert programs_of(f) == (2 if isinstance(x, np.ndarray) else 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ints_beyond_floats_are_refused_or_rounded_as_eagerly(backend: str) -> None:
    f = ag.jit(lambda x: x * 1.0, backend=backend)
    assert f(2**60 + 1) == 2.0**60
    with pytest.raises(NumberError, match=r"beyond 1.8e308"):
        f(10**400)


@pytest.mark.parametrize("backend", BACKENDS)
def test_complex_numbers_are_refused(backend: str) -> None:
    for x in (1j, np.complex128(1.0)):
        with pytest.raises(TypeError, match="real"):
            ag.jit(lambda x: x * 2.0, backend=backend)(x)
    with pytest.raises(TypeError):
        ag.jit(lambda x: x * 2.0, backend=backend)(Decimal(1))


NO_WORK: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "no inputs": (lambda: 3.0, ()),
    "no inputs, a step": (lambda: ag.sin(2.0), ()),
    "no inputs, Values": (lambda: then(lambda v: v * v, ag.Value(3.0)), ()),
    "no inputs, containers": (lambda: {"a": [1.0, (2.0,)], "b": np.array([3.0])}, ()),
    "identity": (lambda x: x, (2.0,)),
    "identity of an array": (lambda a: a, (MATRIX,)),
    "identity of a large array": (lambda a: a, (rng.normal(size=5000),)),
    "identity of a tree": (lambda p: p, ({"a": [1.0, 2.0], "b": (np.ones(2),)},)),
    "constant": (lambda x: 2.0, (1.0,)),
    "constant array": (lambda x: np.arange(3.0), (1.0,)),
    "constants nan and inf": (lambda x: [math.nan, math.inf, -math.inf, -0.0], (1.0,)),
    "an int": (lambda x: 2.0 * len([x]), (1.0,)),
    "nothing": (lambda x: [], (1.0,)),
    "nothing, nested": (lambda x: {"a": (), "b": [[]]}, (1.0,)),
    "no numbers in": (lambda s: 2.0, ("text",)),
    "swapped": (lambda x, y: (y, x), (1.0, 2.0)),
    "mapped identity": (ag.vmap(lambda x: x), (np.arange(4.0),)),
    "mapped constant": (ag.vmap(lambda x: 2.0), (np.arange(4.0),)),
    "mapped nothing": (ag.vmap(lambda x: ()), (np.arange(4.0),)),
    "mapped shared": (ag.vmap(lambda x, k: k, in_axes=(0, None)), (np.arange(4.0), 3.0)),
    "inner identity": (lambda a: ag.vmap(lambda x: x)(a), (np.arange(4.0),)),
    "inner constant": (lambda a: ag.vmap(lambda x: 2.0)(a), (np.arange(4.0),)),
    "inner sum of a constant": (lambda a: sum(ag.vmap(lambda x: 2.0)(a)), (np.arange(4.0),)),
    "an array twice": (lambda a, b: a + b, (MATRIX, MATRIX)),
    "a large array twice": (lambda a, b: a[0] + b[1], ((big := rng.normal(size=5000)), big)),
    "a mapped array twice": (ag.vmap(lambda x, y: x * y), ((few := rng.normal(size=5)), few)),
    "mapped and shared": (ag.vmap(lambda x, a: x * a.sum(), in_axes=(0, None)), (few, few)),
    "a large one mapped and shared": (ag.vmap(lambda x, a: x * a[1], in_axes=(0, None)), (big, big)),
    "a view of it": (lambda a, b: (a + b[0])[3], (big, big[::2])),
    "a list twice": (lambda p: p["a"][0] * p["b"][1], ({"a": (same := [1.0, 2.0]), "b": same},)),
    "0-d array": (lambda a: a * 2.0, (np.array(2.0),)),
    "0-d identity": (lambda a: a, (np.array(2.0),)),
    "array of one": (lambda a: a * 2.0, (np.array([2.0]),)),
    "empty array": (lambda a, x: x * 2.0 + a.sum(), (np.zeros(0), 2.0)),
    "empty matrix": (lambda a: a.T, (np.zeros((0, 3)),)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NO_WORK)
def test_programs_without_inputs_or_steps_and_odd_arrays(name: str, backend: str) -> None:
    f, args = NO_WORK[name]
    compiled = ag.jit(f, backend=backend)
    expected = eager(f, *args)
    expected = expected.data if isinstance(expected, ag.Value) else expected
    for _ in range(3):
        found = compiled(*args)
        if np.ndim(expected) == 0 and not isinstance(expected, dict):
            found, expected = float(found), float(expected)
        assert_same(found, expected, 1e-13)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: ag.jit(ag.sin, backend="cuda"), f"no backend 'cuda'; choose one of {', '.join(map(repr, MODULES))}"),
        (lambda: ag.jit(ag.sin, backend=None), "no backend None"),
        (lambda: ag.jit(ag.sin, backend=["llvm"]), "no backend"),
        (lambda: ag.jit(ag.sin, backend="LLVM"), "no backend 'LLVM'"),
        (lambda: ag.jit(ag.sin, threads=0), "positive integer or None, got 0"),
        (lambda: ag.jit(ag.sin, threads=-1), "got -1"),
        (lambda: ag.jit(ag.sin, threads=2.0), "got 2.0"),
        (lambda: ag.jit(ag.sin, threads=True), "got True"),
        (lambda: ag.jit(ag.sin, threads="2"), "got '2'"),
        (lambda: ag.jit(3.0), "jit takes a function, got 3.0"),
        (lambda: ag.jit(None), "jit takes a function, got None"),
        (lambda: ag.jit(ag.sin(1.0)), "jit takes a function, got 0.84"),
    ],
)
def test_wrong_settings_are_refused_at_once(call: Callable[[], Any], complaint: str) -> None:
    with pytest.raises(OpError, match=complaint):
        call()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("odd", [{1, 2}, bytearray(b"x"), [{1.0}], {"a": {2.0}}], ids=repr)
def test_a_static_argument_must_be_hashable(odd: Any, backend: str) -> None:
    f = ag.jit(lambda x, s: x * 2.0, backend=backend)
    with pytest.raises(NumberError, match=r"hashable, got .* of type (set|bytearray)"):
        f(1.0, odd)
    assert f(1.0, frozenset({1, 2})) == 2.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_container_that_contains_itself_is_refused(backend: str) -> None:
    for p in containers_of_themselves():
        with pytest.raises(StructureError, match="contains itself"):
            ag.jit(lambda p: 2.0, backend=backend)(p)
        with pytest.raises(StructureError, match="contains itself"):
            ag.jit(lambda x, p=p: p, backend=backend)(1.0)


def containers_of_themselves() -> list[Any]:
    listed: list[Any] = [1.0]
    listed.append(listed)
    keyed: dict[str, Any] = {"a": 1.0}
    keyed["b"] = keyed
    paired: tuple[Any, ...] = (1.0, [])
    paired[1].append(paired)
    record = Pair(1.0, None)
    record.b = record
    return [listed, keyed, paired, record]


@dataclass
class Pair:
    a: Any
    b: Any


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wrong_number_of_arguments_is_pythons_own_error(backend: str) -> None:
    f = ag.jit(lambda x, y: x * y, backend=backend)
    for call in (lambda: f(1.0), lambda: f(1.0, 2.0, 3.0), lambda: f(1.0, z=2.0), lambda: f()):
        with pytest.raises(TypeError, match="argument"):
            call()
    assert f(2.0, 3.0) == 6.0


def test_there_is_no_program_where_the_function_itself_runs() -> None:
    compiled = ag.jit(lambda x: x * 2)
    with pytest.raises(TracingError, match="there is no program for these arguments: with Values among them"):
        compiled.program(Value(0.5))
    assert compiled.report() == "not called yet"
    mapped = ag.jit(ag.vmap(lambda x: x * 2))
    with pytest.raises(TracingError, match="or no points to map over"):
        mapped.program([])


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_exception_of_the_function_reaches_the_caller_and_leaves_no_program(backend: str) -> None:
    def f(x: Any) -> Any:
        raise KeyError("mine")

    g = ag.jit(f, backend=backend)
    for _ in range(2):
        with pytest.raises(KeyError, match="mine"):
            g(1.0)
    assert programs_of(g) == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_keywords_are_the_same_in_any_order_and_by_position(backend: str) -> None:
    f = ag.jit(lambda x, y=2.0, z=3.0: x * 100.0 + y * 10.0 + z, backend=backend)
    for _ in range(2):
        assert f(1.0, z=5.0, y=4.0) == f(1.0, y=4.0, z=5.0) == f(1.0, 4.0, 5.0) == f(z=5.0, y=4.0, x=1.0) == 145.0
        assert f(1.0) == 123.0
        assert f(1.0, z=9.0) == 129.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_outside_the_domain_results_are_ieee_and_no_error(backend: str) -> None:
    f = ag.jit(lambda x: [ag.log(x), 1.0 / x, ag.sqrt(x), x**-2, ag.asin(x), ag.exp(x)], backend=backend)
    for x in (0.0, -0.0, -1.0, 1000.0, math.inf, -math.inf, math.nan, 0.0):
        twin = [ag.log, ag.reciprocal, ag.sqrt, lambda x: ag.power(x, -2.0), ag.asin, ag.exp]
        assert_same(f(x), [eager(op, x) for op in twin], 1e-13)
    with pytest.raises(ag.errors.DomainError):
        ag.log(-1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_result_does_not_change_when_the_function_is_called_again(backend: str) -> None:
    f = ag.jit(lambda a: (a * 2.0, [a[0]]), backend=backend)
    f(np.ones(3))
    first = f(np.ones(3))
    f(np.zeros(3))
    assert first[0].tolist() == [2.0, 2.0, 2.0]
    assert first[1] == [1.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_argument_is_not_changed_and_no_longer_needed_after_the_call(backend: str) -> None:
    def f(a: Any) -> Any:
        a[0] = a[1] * 10.0
        return a.sum()

    given = np.array([1.0, 2.0, 3.0])
    compiled = ag.jit(f, backend=backend)
    for _ in range(2):
        assert compiled(given) == 25.0
        assert given.tolist() == [1.0, 2.0, 3.0]


def test_what_jit_returns_shows_itself() -> None:
    def price(x: Any) -> Any:
        """What it costs."""
        return x * 2.0

    f = ag.jit(price, backend="python")
    assert repr(f) == "<jit of price, backend 'python'>"
    assert (f.__name__, f.__doc__) == ("price", "What it costs.")


def test_without_llvmlite_python_does_the_work_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    backends._say_once_that_llvmlite_is_missing.cache_clear()
    with pytest.warns(UserWarning, match="llvmlite is not installed"):
        f = ag.jit(lambda x: x * x)
    g = ag.jit(lambda x: x * x)  # any further warning would be an error
    assert [f(3.0), f(3.0), g(2.0), f.backend] == [9.0, 9.0, 4.0, "python"]


def test_tables_of_pandas_are_refused_with_what_to_write() -> None:
    import pandas

    for table in (pandas.Series([1.0, 2.0], index=["a", "b"]), pandas.DataFrame({"a": [1.0], "b": [2.0]})):
        with pytest.raises(NumberError, match=r"table of pandas; give its numbers, s\.to_numpy\(\)"):
            ag.jit(lambda s: (s * s).sum())(table)
