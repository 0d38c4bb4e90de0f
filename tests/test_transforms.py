"""The transformations against closed forms: containers in and out, composition, and clear refusals."""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import NumberError, OpError, OutputError, StructureError

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ([2.0, 3.0], [12.0, 4.0]),
        ((2, 3), (12.0, 4.0)),
        ({0: 2.0, 1: 3.0}, {0: 12.0, 1: 4.0}),
        (Point(2.0, 3.0), Point(12.0, 4.0)),
        (np.array([2.0, 3.0]), np.array([12.0, 4.0])),
        (np.array([2, 3]), np.array([12.0, 4.0])),
        (np.array([2.0, 3.0], dtype=np.float32), np.array([12.0, 4.0])),
        ([[2.0], [3.0]], [[12.0], [4.0]]),
    ],
)
def test_gradients_are_nested_like_the_argument(argument: object, expected: object) -> None:
    def f(p: object) -> object:
        a, b = (p[0][0], p[1][0]) if isinstance(p, list) and isinstance(p[0], list) else (p[0], p[1])
        return a * a * b

    value, gradient = ag.value_and_grad(f)(argument)
    assert value == 12.0
    assert type(gradient) is type(expected)
    if isinstance(expected, np.ndarray):
        assert gradient.dtype == float
    assert np.array_equal(gradient, expected) if isinstance(expected, np.ndarray) else gradient == expected


def test_arrays_of_values_work_in_numpy_code() -> None:
    w = np.array([[1.0, 2.0], [3.0, 4.0]])

    def f(x: object) -> object:
        return (
            np.sin(w @ x).sum()
            + np.exp(x).mean()
            + np.dot(x, x)
            + np.arctan(x[0])
            + np.abs(x).max()
            + np.sqrt(x * x).sum()
        )

    x = np.array([0.3, -0.2])
    gradient = ag.grad(f)(x)
    step = 1e-6
    differences = [(f(x + step * e) - f(x - step * e)) / (2 * step) for e in np.eye(2)]
    assert gradient == pytest.approx(differences, rel=1e-8)
    assert ag.hessian(f)(x).shape == (2, 2)


def test_argnums_choose_the_arguments() -> None:
    def f(a: float, b: float, c: float = 1.0) -> float:
        return a * b * b * c

    assert ag.grad(f, argnums=1)(2.0, 3.0) == 12.0
    assert ag.grad(f, argnums=(0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert ag.grad(f, argnums=-1)(2.0, 3.0) == 12.0
    assert ag.grad(f)(2.0, 3.0, c=10.0) == 90.0
    for argnums in (2, -3, "a"):
        with pytest.raises((OpError, TypeError)):
            ag.grad(f, argnums=argnums)(2.0, 3.0)


def test_arguments_that_are_not_differentiated_may_be_anything() -> None:
    assert ag.grad(lambda x, mode: x * x if mode == "square" else x)(3.0, "square") == 6.0
    assert ag.grad(lambda x, options: x * options["scale"])(3.0, {"scale": 5, "name": None}) == 5.0


def test_functions_that_ignore_their_argument_have_gradient_zero() -> None:
    assert ag.grad(lambda x: 5.0)(1.0) == 0.0
    assert ag.jacobian(lambda x: [1.0, x])(2.0) == [0.0, 1.0]
    assert ag.hessian(lambda x: 3 * x)(2.0) == 0.0
    assert ag.jvp(lambda x: 5.0, (1.0,), (1.0,)) == (5.0, 0.0)


@pytest.mark.parametrize("function", [lambda x: [x, x], lambda x: {"a": x}, lambda x: np.array([x]), lambda x: (x,)])
def test_a_gradient_of_several_numbers_is_refused(function: object) -> None:
    with pytest.raises(OutputError, match="use jacobian or vjp"):
        ag.grad(function)(2.0)


@pytest.mark.parametrize(
    "transform", [ag.grad, ag.jacobian, lambda f: lambda x: ag.jvp(f, (x,), (x,)), lambda f: lambda x: ag.vjp(f, x)]
)
@pytest.mark.parametrize("result", [None, "text", True, 2j])
def test_a_function_that_returns_no_number_is_refused(transform: object, result: object) -> None:
    with pytest.raises(OutputError, match="the function's result"):
        transform(lambda x: result)(1.0)


def test_an_argument_that_is_no_number_is_named() -> None:
    with pytest.raises(NumberError, match=r"argument 0\['w'\]\[1\]: expected a number, got 'b'"):
        ag.grad(lambda p: p["w"][0])({"w": [1.0, "b"]})


def test_jvp_and_vjp_are_transposes() -> None:
    def f(a: list[object], b: object) -> dict[str, object]:
        return {"p": a[0] * b, "q": [ag.sin(a[1]), a[0] + b * b]}

    primals, tangents = ([2.0, 0.5], 3.0), ([1.0, 10.0], 100.0)
    out, push = ag.jvp(f, primals, tangents)
    assert out == {"p": 6.0, "q": [math.sin(0.5), 11.0]}
    assert push == {"p": 203.0, "q": [10 * math.cos(0.5), 601.0]}
    again, pullback = ag.vjp(f, *primals)
    assert again == out
    cotangent = {"p": 1.0, "q": [2.0, 3.0]}
    (ga, gb) = pullback(cotangent)
    assert ga[0] * 1 + ga[1] * 10 + gb * 100 == pytest.approx(203 + 2 * 10 * math.cos(0.5) + 3 * 601)
    assert pullback(cotangent) == (ga, gb)


def test_jvp_and_vjp_check_structures() -> None:
    with pytest.raises(StructureError, match="tangents must be nested like"):
        ag.jvp(lambda a: a[0], ([1.0, 2.0],), ([1.0],))
    with pytest.raises(StructureError, match="tuple"):
        ag.jvp(lambda a: a, 1.0, 1.0)
    with pytest.raises(StructureError, match="the cotangent must be nested like"):
        ag.vjp(lambda a: [a, a], 1.0)[1](1.0)


def test_dicts_are_paired_by_key_whatever_their_order() -> None:
    def f(p: dict[str, object]) -> dict[str, object]:
        return {"y": p["a"] * p["b"][0]["c"], "z": p["a"]}

    primals = {"a": 2.0, "b": [{"c": 3.0, "d": 5.0}]}
    tangents = {"b": [{"d": 1000.0, "c": 10.0}], "a": 1.0}
    assert ag.jvp(f, (primals,), (tangents,)) == ({"y": 6.0, "z": 2.0}, {"y": 23.0, "z": 1.0})
    assert ag.vjp(f, primals)[1]({"z": 100.0, "y": 1.0}) == ({"a": 103.0, "b": [{"c": 2.0, "d": 0.0}]},)
    assert ag.hvp(lambda p: p["a"] ** 2 * p["b"], {"a": 2.0, "b": 3.0}, {"b": 0.0, "a": 1.0}) == {"a": 6.0, "b": 4.0}
    with pytest.raises(StructureError, match=r"like \(\{'a': ·\}\), got \(\{'b': ·\}\)"):
        ag.jvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},))


def test_jacobian_shapes_follow_output_then_argument() -> None:
    a = np.arange(6.0).reshape(2, 3)
    x = np.array([1.0, 2.0, 3.0])
    assert np.array_equal(ag.jacobian(lambda x: a @ x)(x), a)
    assert ag.jacobian(lambda m: m @ x)(a).shape == (2, 2, 3)
    assert ag.jacobian(lambda x: np.sum(x))(x).tolist() == [1.0, 1.0, 1.0]
    assert ag.jacobian(lambda t: np.array([t, t * t]))(3.0).tolist() == [1.0, 6.0]
    nested = ag.jacobian(lambda p: {"y": p["a"] * p["b"]})({"a": 2.0, "b": 5.0})
    assert nested == {"y": {"a": 5.0, "b": 2.0}}
    assert ag.jacobian(lambda x: (x[0], [x[1]]))([1.0, 2.0]) == ([1.0, 0.0], [[0.0, 1.0]])


def test_several_argnums_give_a_tuple_inside_each_output_element() -> None:
    """An array is one element of the output, a list has one per number; read off JAX 0.10."""
    assert ag.jacobian(lambda a, b: a * b, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert ag.jacobian(lambda a, b: a * b, (-1, 0))(2.0, 3.0) == (2.0, 3.0)
    assert ag.jacobian(lambda a, b: a * b, (0,))(2.0, 3.0) == (3.0,)
    assert ag.jacobian(lambda a, b: [a * b, a + b], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 1.0)]
    by_matrix, by_vector = ag.jacobian(lambda m, v: m @ v, (0, 1))(np.ones((2, 2)), np.array([1.0, 2.0]))
    assert by_matrix.tolist() == [[[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 2.0]]]
    assert by_vector.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    nested = ag.jacobian(lambda a, b: {"y": np.array([a[0] * b, a[1] * b, a[0]])}, (0, 1))(np.array([1.0, 2.0]), 3.0)
    assert [part.tolist() for part in nested["y"]] == [[[3.0, 0.0], [0.0, 3.0], [1.0, 0.0]], [1.0, 2.0, 0.0]]
    nothing = ag.jacobian(lambda a, b: np.array([]), (0, 1))(np.ones(2), 1.0)
    assert [part.shape for part in nothing] == [(0, 2), (0,)]


def test_hessians_with_several_argnums_are_tuples_of_tuples() -> None:
    assert ag.hessian(lambda a, b: a * a * b, (0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))
    assert ag.hessian(lambda a, b: a[0] * a[1] * b["k"], (0, 1))([2.0, 5.0], {"k": 3.0}) == (
        [([0.0, 3.0], {"k": 5.0}), ([3.0, 0.0], {"k": 2.0})],
        {"k": ([5.0, 2.0], {"k": 0.0})},
    )
    blocks = ag.hessian(lambda a, b: (a * b).sum(), (0, 1))(np.ones(2), np.ones(2))
    assert [[block.tolist() for block in row] for row in blocks] == [
        [[[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]],
        [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]],
    ]


def test_hessian_of_rosenbrock() -> None:
    def rosenbrock(x: list[object]) -> object:
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    x, y = -1.2, 1.0
    expected = [[1200 * x * x - 400 * y + 2, -400 * x], [-400 * x, 200.0]]
    for row, exact in zip(ag.hessian(rosenbrock)([x, y]), expected, strict=True):
        assert row == pytest.approx(exact, rel=1e-14)
    assert ag.hvp(rosenbrock, [x, y], [1.0, 2.0]) == pytest.approx(
        [sum(r * v for r, v in zip(row, [1, 2], strict=True)) for row in expected]
    )


def test_transformations_compose_in_any_order() -> None:
    f = lambda x: ag.sin(x) * x**3  # noqa: E731  # a formula
    third = lambda x: (6 - 9 * x**2) * math.sin(x) + (18 * x - x**3) * math.cos(x)  # noqa: E731
    x = 0.7
    assert ag.grad(ag.grad(ag.grad(f)))(x) == pytest.approx(third(x))
    forward = lambda g: lambda x: ag.jvp(g, (x,), (1.0,))[1]  # noqa: E731
    assert forward(forward(forward(f)))(x) == pytest.approx(third(x))
    assert ag.grad(forward(ag.grad(f)))(x) == pytest.approx(third(x))
    assert forward(ag.hessian(f))(x) == pytest.approx(third(x))
    assert ag.grad(lambda x: ag.vjp(ag.grad(f), x)[1](1.0)[0])(x) == pytest.approx(third(x))
    assert ag.vmap(ag.hessian(ag.grad(f)))([x, 2 * x]) == pytest.approx([third(x), third(2 * x)])
    assert ag.grad(lambda x: ag.sum(ag.vmap(ag.grad(ag.grad(f)))([x, x])))(x) == pytest.approx(2 * third(x))


def test_stop_gradient_takes_containers() -> None:
    def f(p: dict[str, object]) -> object:
        q = ag.stop_gradient(p)
        return p["a"] * q["b"][0]

    assert ag.grad(f)({"a": 2.0, "b": [5.0]}) == {"a": 5.0, "b": [0.0]}
    assert ag.stop_gradient(2.0) == 2.0


def test_value_arguments_give_value_results_that_can_be_differentiated_on() -> None:
    x = Value(3.0, name="x")
    slope = ag.grad(lambda t: t**3)(x)
    assert isinstance(slope, Value)
    assert ag.backprop(slope, x)[x] == 18.0
    matrix = ag.jacobian(lambda v: [v[0] * v[1], v[0]])([x, 2.0])
    assert ag.backprop(matrix[0][1], x)[x] == 1.0
    assert isinstance(matrix[1][0], Value)


def test_cheap_gradient_principle_in_operation_counts() -> None:
    """Baur and Strassen (1983): a gradient costs a small multiple of the function, whatever the number of inputs."""
    from autograd_core.graph import ancestors

    def rosenbrock(x: list[Value]) -> Value:
        return ag.sum([100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1)])

    ratios = []
    for n in (10, 100, 1000):
        x = [Value(0.1 * (i % 7)) for i in range(n)]
        f = rosenbrock(x)
        count = sum(1 for node in ancestors(f) if node.inputs)
        table = ag.backprop(f, x, create_graph=True)
        both = sum(1 for node in ancestors(f, *table.values()) if node.inputs)
        ratios.append(both / count)
    assert max(ratios) <= 5.0
    assert max(ratios) - min(ratios) < 0.3


def test_second_derivatives_at_the_edges_of_powers_and_logarithms() -> None:
    expected = [[0.0, 0.5], [0.5, math.log(2) ** 2]]
    for row, exact in zip(ag.hessian(lambda p: p[0] ** p[1])([2.0, 0.0]), expected, strict=True):
        assert row == pytest.approx(exact)
    assert ag.grad(ag.grad(ag.grad(lambda x: x**x)))(1.0) == pytest.approx(3.0)
    assert ag.hessian(lambda p: ag.xlogy(p[0], p[1]))([0.0, 2.0]) == [[0.0, 0.5], [0.5, 0.0]]
    assert ag.grad(lambda x: x ** Value(0.0))(0.0) == 0.0


def test_argnums_that_cannot_be_meant_are_refused() -> None:
    for transform, argnums in [
        (ag.grad, 1.0),
        (ag.grad, "a"),
        (ag.grad, (0, 0)),
        (ag.jacobian, (0, 2)),
        (ag.hessian, (0, "a")),
    ]:
        with pytest.raises(OpError, match="argnums"):
            transform(lambda x, y: x * y, argnums=argnums)(2.0, 3.0)
    assert ag.grad(lambda x, y: x * y, argnums=np.int64(1))(2.0, 3.0) == 2.0


def test_a_pullback_remembers_nothing_of_its_last_call() -> None:
    _, pullback = ag.vjp(lambda x: x * x, 3.0)
    assert isinstance(pullback(Value(1.0))[0], Value)
    assert pullback(1.0) == (6.0,)


def test_the_callers_containers_may_change_afterwards() -> None:
    x = [1.0, 2.0]
    _, pullback = ag.vjp(lambda p: p[0] * p[1], x)
    x.append(3.0)
    assert pullback(1.0) == ([2.0, 1.0],)


def test_dict_subclasses_stay_what_they_are() -> None:
    from collections import Counter, defaultdict

    gradient = ag.grad(lambda p: p["a"] * p["a"])(defaultdict(float, a=3.0))
    assert (type(gradient), gradient["a"], gradient["other"]) == (defaultdict, 6.0, 0.0)
    assert ag.grad(lambda p: p["a"] * p["a"])(Counter(a=3)) == {"a": 6.0}


def test_numpys_statistics_work_on_arrays_of_values() -> None:
    x = np.array([1.0, 2.0, 4.0])
    assert ag.grad(lambda a: np.var(a))(x) == pytest.approx(2 * (x - x.mean()) / 3)
    assert [float(v) if isinstance(v, float) else v.data for v in divmod(7, Value(3.0))] == [2.0, 1.0]


def test_arrays_without_elements_have_derivatives_without_elements() -> None:
    assert ag.jacobian(lambda p: p)(np.zeros((0, 3))).shape == (0, 3, 0, 3)
    assert ag.hessian(lambda p: ag.sum(p))(np.zeros(0)).shape == (0, 0)
    assert ag.jacobian(lambda p: np.array([]))({"a": np.ones(2), "b": 1.0})["a"].shape == (0, 2)
    assert ag.grad(lambda p: ag.sum(p))(np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("f", [5, None, Value(1.0), "sin", [ag.sin]])
def test_what_is_no_function_is_refused_when_the_transformation_is_made(f: object) -> None:
    transforms = {
        "grad": ag.grad,
        "value_and_grad": ag.value_and_grad,
        "jacobian": ag.jacobian,
        "hessian": ag.hessian,
        "hvp": lambda f: ag.hvp(f, 1.0, 1.0),
        "jvp": lambda f: ag.jvp(f, (1.0,), (1.0,)),
        "vjp": lambda f: ag.vjp(f, 1.0),
        "vmap": ag.vmap,
        "check_grad": lambda f: ag.check_grad(f, 1.0),
    }
    for name, transform in transforms.items():
        with pytest.raises(OpError, match=rf"^{name} takes a function, got .* of type {type(f).__name__}\b"):
            transform(f)


def test_arguments_that_contain_themselves_are_refused_unless_nobody_reads_them() -> None:
    endless: list[object] = [1.0]
    endless.append(endless)
    for call in (
        lambda: ag.grad(lambda p: p[0])(endless),
        lambda: ag.jvp(lambda p: p[0], (endless,), (endless,)),
        lambda: ag.vjp(lambda x: [x, 0.0], 1.0)[1](endless),
        lambda: ag.jacobian(lambda x: endless)(1.0),
        lambda: ag.stop_gradient(endless),
        lambda: ag.check_grad(lambda p: p[0], endless),
    ):
        with pytest.raises(StructureError, match="contains itself"):
            call()
    assert ag.grad(lambda x, options: x * options[0])(3.0, endless) == 1.0
    endless.append(Value(2.0))
    assert isinstance(ag.grad(lambda x, options: x * options[2])(3.0, endless), Value)


@pytest.mark.parametrize(
    "transform",
    [
        ag.grad,
        ag.value_and_grad,
        lambda f: ag.jacobian(lambda x: [f(x)]),
        lambda f: lambda x: ag.vjp(f, x)[1](1.0),
        lambda f: lambda x: ag.jvp(f, (x,), (x,)),
    ],
)
def test_looking_for_outside_values_is_one_walk_whatever_the_number_of_results(
    transform: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograd_core import transforms

    outside = Value(2.0, name="outside")
    sizes: list[int] = []

    def counted(*roots: Value) -> object:
        order = ag.graph.ancestors(*roots)
        sizes.append(len(order))
        return order

    monkeypatch.setattr(transforms, "ancestors", counted)
    visits = []
    for n in (3, 300):
        sizes.clear()
        transform(lambda x: outside * ag.sum([u * u for u in x]) ** 2)([1.0] * n)
        visits.append(sum(sizes) / n)
        assert len(sizes) <= 4
    assert visits[1] <= visits[0]


def test_each_result_is_a_value_only_if_it_depends_on_an_outside_value() -> None:
    w = Value(3.0)
    value, (by_x, by_y) = ag.value_and_grad(lambda p: w * p[0] + 5 * p[1])([1.0, 2.0])
    assert [type(r) for r in (value, by_x, by_y)] == [Value, Value, float]
    assert ag.jacobian(lambda p: [w * p[0], p[1]])([1.0, 2.0]) == [[3.0, 0.0], [0.0, 1.0]]
    kinds = ag.jacobian(lambda p: [w * p[0], p[1]])([1.0, 2.0])
    assert [[type(r) for r in row] for row in kinds] == [[Value, float], [float, float]]
    out, tangent = ag.jvp(lambda x: [w * x, x * x], (2.0,), (1.0,))
    assert [type(r) for r in out + tangent] == [Value, float, Value, float]
