"""The equations of what was found are the lectures'; a golden file holds those of Nielsen's network."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest
from formulas.equations.reader import check_that_they_define_what_comes_out, known_arrays, values
from goldens import assert_golden
from marks import slow

import autograd_core as ag
from autograd_core import Value
from nn import MLP, half_mse


def gradient_of(net: Any) -> Any:
    """The cost of one sample and its gradient."""

    def f(x: Any, y: Any) -> Any:
        cost = half_mse(net(x), y)
        table = ag.backprop(cost, net.parameters())
        return cost, [table[p] for p in net.parameters()]

    return f


@pytest.mark.slow
def test_nielsens_network_prints_bp1_to_bp4() -> None:
    net = MLP(784, [30, 10], ["sigmoid", "sigmoid"], init="normal", seed=0)
    found = ag.jit(gradient_of(net), backend="python").program([0.5] * 784, [0.0] * 10).equations()
    assert_golden({"equations.txt": f"{found}\n\n{found.latex}\n"})
    assert sorted(line.tag for line in found if line.tag) == ["BP1", "BP2", "BP3", "BP3", "BP4", "BP4"]


BACKWARD = ["delta2 = (a2 - y) * {}'(z2)", "delta1 = (W2^T delta2) * {}'(z1)"]


@pytest.mark.parametrize(("activation", "name"), [("sigmoid", "sigma"), ("tanh", "tanh")])
def test_a_derivative_is_recognised_by_the_ops_own_rule(activation: str, name: str) -> None:
    net = MLP(4, [3, 2], [activation] * 2, seed=0)
    text = str(ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3, 0.4], [0.0, 1.0]).equations())
    for line in BACKWARD:
        assert line.format(name) in text


def over_samples(net: Any, way: str) -> Any:
    """The gradient of a sum over samples."""

    def f(rows: Any, targets: Any) -> Any:
        if way == "vmap":
            cost = ag.vmap(lambda x, y: half_mse(net(x), y))(rows, targets).sum() / 2.0
        else:
            cost = ag.sum([half_mse(net(x), y) for x, y in zip(rows, targets, strict=True)])
        table = ag.backprop(cost, net.parameters())
        return [table[p] for p in net.parameters()]

    return f


@pytest.mark.parametrize("way", ["vmap", "loop"])
def test_of_a_batch_they_are_the_same(way: str) -> None:
    rng = np.random.default_rng(0)
    net = MLP(4, [3, 2], ["sigmoid", "sigmoid"], seed=0)
    rows, targets = rng.random((2000 if way == "vmap" else 3, 4)), rng.random((2000 if way == "vmap" else 3, 2))
    text = str(ag.jit(over_samples(net, way), backend="python").program(rows, targets).equations())
    error = "0.5 * (A2 - targets^T) * sigma'(Z2)" if way == "vmap" else "(A2 - targets^T) * sigma'(Z2)"
    for line in ("X = rows^T", "Z1 = W1 X + b1", "Z2 = W2 A1 + b2", f"dZ2 = {error}", "dA1 = W2^T dZ2",
                 "dZ1 = dA1 * sigma'(Z1)", "dW1 = dZ1 X^T", "dW2 = dZ2 A1^T", "db1 = sum(dZ1)"):  # fmt: skip
        assert re.search(rf"^{re.escape(line)}($| )", text, re.MULTILINE), text


def test_a_linear_last_layer_has_no_function_of_z() -> None:
    net = MLP(4, [3, 2], ["sigmoid", "linear"], seed=0)
    text = str(ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3, 0.4], [0.0, 1.0]).equations())
    assert "delta2 = z2 - y" in text
    assert "\na2 = " not in text


def test_a_second_matrix_in_a_layer_is_a_skip_connection() -> None:
    rng = np.random.default_rng(0)
    w, v, u = (np.array([[Value(e) for e in row] for row in rng.normal(size=s)]) for s in ((3, 4), (2, 3), (2, 4)))

    def net(x: Any) -> Any:
        h = [ag.sigmoid(z) for z in w @ x]
        return [ag.sigmoid(ag.dot(a, h) + ag.dot(b, x)) for a, b in zip(v, u, strict=True)]

    text = str(ag.jit(net, backend="python").program(rng.normal(size=4)).equations())
    assert text.splitlines()[2] in ("z2 = W2 a1 + U2 a0", "z2 = U2 a1 + W2 a0")


FUNCTIONS: dict[str, tuple[Any, str, str]] = {
    "gelu": (lambda z: z * ag.norm_cdf(z), "z2 * a2 - y", r"\Phi\left(z^{2}\right)"),
    "softsign": (lambda z: z / (1.0 + ag.abs(z)), "z2 / (1 + a2)", r"{1 + a^{2}}"),
    "elu": (lambda z: ag.where(ag.less(0.0, z), z, 2.0 * z), "where(less(0, z2), ", r"\operatorname{less}\left(0, z^{2}\right)"),
}  # fmt: skip


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_functions_are_written_as_in_other_formulas(activation: str) -> None:
    f, text, latex = FUNCTIONS[activation]
    net = MLP(4, [3, 2], [f] * 2, seed=0)
    found = ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3, 0.4], [0.0, 1.0]).equations()
    assert text in str(found), str(found)
    assert latex in found.latex
    assert found.latex.isascii()


@pytest.mark.parametrize(
    ("activation", "prime"),
    [
        ("abs", "abs'(z2)"),
        ("square", "square'(z2)"),
        ("exp2", "exp2'(z2)"),
        ("exp", "exp'(z2)"),
        ("reciprocal", "reciprocal'(z2)"),
    ],
)
def test_a_derivative_is_no_function_itself(activation: str, prime: str) -> None:
    net = MLP(3, [3, 2], [activation] * 2, seed=0)
    text = str(ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3], [0.0, 1.0]).equations())
    (line,) = [line for line in text.splitlines() if line.startswith("delta2")]
    assert prime in line
    function = {"abs": " abs(z2)", "square": "* z2**2", "exp2": "* 2**z2", "exp": "* exp(z2)", "reciprocal": "1 / z2)"}
    assert function[activation] not in line


@pytest.mark.parametrize(
    ("activation", "a1"),
    [("elu", "elu(z1, 1)"), ("leaky_relu", "leaky_relu(z1, 0.01)"), (lambda z: ag.maximum(z, 0.0), "maximum(z1, 0)")],
)
def test_an_activation_may_have_constants(activation: Any, a1: str) -> None:
    net = MLP(3, [4, 2], [activation, "linear"], seed=0)
    lines = str(
        ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3], [0.0, 1.0]).equations()
    ).splitlines()
    assert f"a1 = {a1}" in lines
    assert "z2 = W2 a1 + b2" in lines


def test_what_comes_out_has_an_equation_and_given_names_are_told_from_ours() -> None:
    def f(w: Any, x: Any, z1: Any) -> Any:
        return [
            3 * ag.tanh(sum([a * b for a, b in zip(row, x, strict=True)])) + c for row, c in zip(w, z1, strict=True)
        ]

    square = np.eye(3).tolist()
    found = ag.jit(f, backend="python").program(square, [0.1, 0.2, 0.3], [1.0, 2.0, 3.0]).equations()
    assert str(found).splitlines() == ["z1 = W1 a0", "a1 = tanh(z1)", 'u1 = 3 * a1 + "z1"']
    assert r"u^{1} &= 3 \, a^{1} + \text{``z1''}" in found.latex


def test_long_equations_have_several_rows_and_blocks() -> None:
    found = ag.jit(
        gradient_of(MLP(3, [4] * 6, lambda z: z * ag.tanh(ag.log(1.0 + ag.exp(z) + ag.sin(z) ** 2)), seed=0)),
        backend="python",
    ).program([0.1] * 3, [0.0] * 4)
    latex = found.equations().latex
    assert latex.count(r"\begin{align}") > 1
    assert r" \notag \\" + "\n" + r"&\quad " in latex
    assert latex.count(r"\tag{BP2}") == 5


def equations_of(f: Any, *args: Any) -> list[str]:
    return str(ag.jit(f, backend="python").program(*args).equations()).splitlines()


A, X = [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]


def times(matrix: Any, x: Any) -> list[Any]:
    return [ag.dot(row, x) for row in matrix]


def test_products_are_written_by_their_shapes() -> None:
    assert equations_of(lambda a, x: ag.dot(x, times(a, x)), A, X) == ["z1 = W1 a0", "u1 = z1^T a0"]
    assert equations_of(lambda a, x, y: ag.dot(y, times(a, x)), A, X, [3.0, 1.0]) == ["z1 = W1 a0", "u1 = z1^T y"]


def test_arrays_put_together_from_parts_are_listed() -> None:
    assert equations_of(lambda a, x: [*times(a, x), *times(zip(*a, strict=True), x)], A, X) == [
        "u1 = (a[0][0], a[0][1]; a[0][0], a[1][0]; a[0][1], a[1][1]; a[1][0], a[1][1])",
        "u2 = u1 x",
    ]
    assert equations_of(lambda a, x: [z / ag.sqrt(ag.dot(x, x)) for z in times(a, x)], A, X) == [
        "W1 = (a[0][0], a[0][1]; a[1][0], a[1][1]; x[0], x[1])",
        "z1 = W1 a0",
        "u1 = (z1[1], z1[2])",
        "u2 = u1 / sqrt(z1[3])",
    ]
    long = equations_of(lambda a, x: times(a, x), [[0.1 * k] * 20 for k in range(1, 31)], [0.5] * 20)
    assert long == ["z1 = W1 a0"]
    stacked = equations_of(
        lambda a, x: [z / ag.dot(x, x) for z in times(a, x)], [[0.1 * k] * 20 for k in range(30)], [0.5] * 20
    )
    assert len(stacked[0]) < 400
    assert "; ...; " in stacked[0]
    lines = equations_of(lambda a, x, b: times(a, [*x, *b]), [[1.0] * 4] * 2, X, X)
    assert lines == ["a0 = (x[0], x[1], b[0], b[1])", "z1 = W1 a0"]


@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "gelu", "softsign", "mish", "elu", "leaky_relu", "silu", "exp"]
)
@pytest.mark.parametrize("sizes", [[4, 3, 2], [3, 5, 4, 2]])
def test_equations_evaluate_to_the_gradient(activation: str, sizes: list[int]) -> None:
    first, *others = sizes
    net = MLP(first, others, [activation] * len(others), seed=3)
    x, y = [0.3 * k - 0.5 for k in range(first)], [0.2, -0.7]
    text = str(ag.jit(gradient_of(net), backend="python").program(x, y).equations())
    known: dict[str, Any] = {"a0": x, "y": y}
    for k, layer in enumerate(net.layers, 1):
        known[f"W{k}"] = [[w.data for w in neuron.w] for neuron in layer.neurons]
        known[f"b{k}"] = [neuron.b.data for neuron in layer.neurons]
    found = values(text, known)
    table = ag.backprop(half_mse(net(x), y), net.parameters())
    for k, layer in enumerate(net.layers, 1):
        assert found[f"dW{k}"] == pytest.approx(np.array([[table[w] for w in n.w] for n in layer.neurons]), rel=1e-9)
        assert found[f"db{k}"][:, 0] == pytest.approx([table[n.b] for n in layer.neurons], rel=1e-9)


def given(**arrays: Any) -> dict[str, Any]:
    """Arrays and their elements."""
    elements = {
        f"{name}[{']['.join(map(str, place))}]": value
        for name, array in arrays.items()
        for place, value in np.ndenumerate(np.array(array))
    }
    return {**arrays, **elements}


B, Y = [[0.5, -1.0], [2.0, 0.25]], [3.0, -1.5]
FORMS: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "x A x": (lambda a, x: ag.dot(x, times(a, x)), {"W1": A, "a0": X}, ["u1"]),
    "y A x": (lambda a, x, y: ag.dot(y, times(a, x)), {"W1": A, "a0": X, "y": Y}, ["u1"]),
    "A x, A' x": (lambda a, x: [*times(a, x), *times(zip(*a, strict=True), x)], given(a=A, x=X), ["u2"]),
    "gradient of x A x": (ag.grad(lambda x, a: ag.dot(x, times(a, x))), given(x=X, a=A), ["u3"]),
    "A x / |x|": (lambda a, x: [z / ag.sqrt(ag.dot(x, x)) for z in times(a, x)], given(a=A, x=X) | {"a0": X, "v2": 5**0.5}, ["u2"]),
    "A (x - y)": (lambda a, x, y: times(a, [p - q for p, q in zip(x, y, strict=True)]), {"W1": A, "x": X, "y": Y}, ["z1"]),
    "A x * y": (lambda a, x, y: [p * q for p, q in zip(times(a, x), y, strict=True)], {"W1": A, "a0": X, "y": Y}, ["u1"]),
    "A x * reversed": (lambda a, x: [p * q for p, q in zip(times(a, x), x[::-1], strict=True)], given(x=X) | {"W1": A, "a0": X}, ["u2"]),
    "A B x": (lambda a, b, x: times(a, times(b, x)), {"W1": B, "W2": A, "a0": X}, ["z2"]),
    "A tanh(x) + x": (lambda a, x: [p + q for p, q in zip(times(a, [ag.tanh(t) for t in x]), x, strict=True)], {"W1": A, "b1": X}, ["z1"]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_equations_evaluate_to_the_functions_values(form: str) -> None:
    f, known, results = FORMS[form]
    count = f.__code__.co_argcount if hasattr(f, "__code__") else 2
    order = {"A B x": [A, B, X], "gradient of x A x": [X, A]}.get(form, [A, X, Y][:count])
    text = str(ag.jit(f, backend="python").program(*order).equations())
    wanted = np.array(f(*order), float).ravel()
    found = np.concatenate([values(text, known)[name].ravel() for name in results])
    assert sorted(found) == pytest.approx(sorted(wanted), rel=1e-12)  # rows may be counted in another order


BIG = 1e16
TRUE: dict[str, tuple[Any, list[Any], list[str] | None]] = {
    "a side is taken by a comparison": (lambda w, x: [ag.where(ag.less(0.0, z), z, 0.0) for z in times(w, x)], [A, X], ["u1 = z1 * less(0, z1)"]),
    "or by any other number": (lambda w, x, c: [ag.where(s, z, 0.0) for s, z in zip(c, times(w, x), strict=True)], [A, X, Y], ["u1 = where(c, z1, 0)"]),
    "what is lost is not put together": (lambda w, x: [(BIG * z + z) - BIG * z for z in times(w, x)], [A, X], ["u1 = 1e+16 * z1 + z1 - 1e+16 * z1"]),
    "nor beside another term": (lambda w, x: [(ag.sin(z) + BIG) - BIG for z in times(w, x)], [A, X], ["a1 = sin(z1)", "u1 = a1 + 1e+16 - 1e+16"]),
    "numbers that vanish as a product": (lambda w, x: [z * 1e-200 * 1e-200 for z in times(w, x)], [A, X], ["u1 = 1e-200 * (1e-200 * z1)"]),
    "nothing times something": (lambda w, x, y: [(z * 0.0 + ag.sin(z) * 0.0) * t for z, t in zip(times(w, x), y, strict=True)], [A, X, Y], None),
    "minus zero": (lambda w, x: [ag.copysign(z, -0.0) for z in times(w, x)], [A, X], ["a1 = copysign(z1, -0)"]),
    "all digits": (lambda w, x: [z * 0.123456789 for z in times(w, x)], [A, X], ["u1 = 0.123456789 * z1"]),
    "columns in another order": (lambda w, x: times([row[::-1] for row in w], [ag.sin(z) for z in times(w, x)]), [A, X], ["a1 = sin(z1)", "u1 = (a1[2], a1[1])", "u2 = W1 u1"]),
    "rows in another order": (lambda w, x: times(w[::-1], x), [A, X], []),
    "a transposed matrix": (lambda w, x: times(zip(*w, strict=True), x), [A, X], ["W1 = w^T", "z1 = W1 a0"]),
    "inputs in another order": (lambda w, x: times(w, x[::-1]), [A, X], ["a0 = (x[1], x[0])", "z1 = W1 a0"]),
    "names that look alike": (lambda w, x, y_1, y1: [p * q * r for p, q, r in zip(times(w, x), y_1, y1, strict=True)], [A, X, X, Y], ['u1 = z1 * y_1 * "y1"']),
    "an outer product of anything is no derivative": (lambda w, x: [[p * q for q in x] for p in map(ag.tanh, times(w, x))], [A, X], ["a1 = tanh(z1)", "u1 = a1 a0^T"]),
    "one number for all is no vector": (lambda w, x, s: times(w, [s * s, s * s]), [A, X, 0.5], ["u1 = s**2", "u2 = (u1[1], u1[1])", "z1 = W1 u2"]),
    "a power is transposed in brackets": (lambda w, x: [[p * q**3 for q in times(w, x)] for p in x], [A, X], ["u1 = a0 (z1**3)^T"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TRUE)
def test_equations_are_true(case: str) -> None:
    f, args, lines = TRUE[case]
    found = equations_of(f, *args)
    assert lines is None or [line for line in found if line != "z1 = W1 a0" or line in lines] == lines


def test_nameless_values_are_called_as_in_the_program() -> None:
    w, b, c = ([Value(float(k)) for k in range(4)] for _ in range(3))
    program = ag.jit(lambda x: [p * q * r for p, q, r in zip(times([w[:2], w[2:]], x), b, c, strict=False)]).program(X)
    first, second = str(program.equations()).splitlines()[1:3]
    assert first != second.replace("u2", "u1")
    assert all(name in program.names for name in re.findall(r'"(.*?)"', first + second))


FUNCTIONS_OF_ONE = [ag.tanh, ag.sigmoid, ag.sin, ag.exp, lambda z: z**3, lambda z: -z, ag.relu, lambda z: z * 0.3 - 1.5,
                    lambda z: ag.where(ag.less(0.0, z), z, 0.0), lambda z: z / (1 + ag.abs(z))]  # fmt: skip


def random_function(seed: int) -> Any:
    """Two matrices and two vectors, put together: products, sums, functions, reversed and transposed."""

    def f(a: Any, b: Any, x: Any, y: Any) -> Any:
        rng = random.Random(seed)
        matrices, vectors = [a, b], [x, y]
        for _ in range(rng.randint(2, 6)):
            matrix, v, u = rng.choice(matrices), rng.choice(vectors[-3:]), rng.choice(vectors)
            g = rng.choice(FUNCTIONS_OF_ONE)
            match rng.randrange(8):
                case 0 | 1 | 2:
                    vectors.append(times(matrix, v))
                case 3:
                    vectors.append([g(t) for t in v])
                case 4:
                    vectors.append([p + q for p, q in zip(v, u, strict=True)])
                case 5:
                    vectors.append([p * q for p, q in zip(v, u, strict=True)])
                case 6:
                    vectors.append(v[::-1])
                case 7:
                    matrices += [matrix[::-1], [row[::-1] for row in matrix], list(zip(*matrix, strict=True))]
        return vectors[-1]

    def gradient(a: Any, b: Any, x: Any, y: Any) -> Any:
        return ag.grad(lambda *args: ag.sum(f(*args)), argnums=(0, 1, 2))(a, b, x, y)

    return f if seed % 3 else gradient


@pytest.mark.parametrize("seed", range(60))
def test_equations_of_random_functions_define_what_comes_out(seed: int) -> None:
    f, rng = random_function(seed), np.random.default_rng(seed)
    n = 2 + seed % 2
    args = [rng.uniform(0.2, 1.0, shape).round(3).tolist() for shape in ((n, n), (n, n), n, n)]
    program = ag.jit(f, backend="python").program(*args)
    text = str(program.equations())
    assert "..." not in text
    check_that_they_define_what_comes_out(program, known_arrays(program, dict(zip("abxy", args, strict=True))))


def gradient_of_square(f: Any, w: Any) -> Any:
    return ag.grad(lambda w: (f(w) ** 2).sum())(w)


OF_ARRAYS: dict[str, tuple[Any, tuple[Any, ...], str]] = {
    "W.T @ W": (lambda w: w.T @ w, ((3, 3),), "W1 = w^T; z1 = W1 W1^T"),
    "W @ W.T": (lambda w: w @ w.T, ((2, 3),), "z1 = W1 W1^T"),
    "W @ W": (lambda w: w @ w, ((3, 3),), "z1 = W1 W1"),
    "W @ W @ W": (lambda w: w @ w @ w, ((3, 3),), "z1 = W1 W1; u1 = W1^T z1^T"),
    "W @ W.T @ W": (lambda w: w @ w.T @ w, ((3, 3),), "z1 = W1 W1^T; u1 = W1^T z1^T"),
    "W @ V": (lambda w, v: w @ v, ((3, 2), (2, 2)), "W1 = w; a0 = v; z1 = W1 a0"),
    "W @ V.T": (lambda w, v: w @ v.T, ((3, 2), (2, 2)), "W1 = w; a0 = v^T; z1 = W1 a0"),
    "W.T @ V": (lambda w, v: w.T @ v, ((2, 3), (2, 2)), "W1 = w^T; a0 = v; z1 = W1 a0"),
    "V @ W @ U": (lambda w, v, u: v @ w @ u, ((3, 2), (2, 3), (2, 3)), "W1 = v; W2 = u^T; a0 = w; z1 = W1 a0; z2 = W2 z1^T"),
    "(W @ V) @ b": (lambda w, v, b: (w @ v) @ b, ((3, 3), (3, 3), 3), "W1 = w; a0 = v; z1 = W1 a0; u1 = z1 b"),
    "b @ (W @ V)": (lambda w, v, b: b @ (w @ v), ((3, 3), (3, 3), 3), "W1 = w; a0 = v; z1 = W1 a0; u1 = z1^T b"),
    "X @ W @ X.T": (lambda x, w: x @ w @ x.T, ((2, 3), (3, 3)), "W1 = w^T; a0 = x^T; z1 = W1 a0; u1 = z1^T a0"),
    "a Hessian": (lambda x, w: ag.hessian(lambda w: ((x @ w) ** 2).sum())(w), ((2, 3), 3), "W1 = x^T; z1 = W1 (2 * W1^T)"),
    "2 W b": (lambda w, b: (2 * w) @ b, ((2, 3), 3), "u1 = 2 * w; u2 = u1 b"),
    "(W + V) b": (lambda w, v, b: (w + v) @ b, ((2, 3), (2, 3), 3), "u1 = w + v; u2 = u1 b"),
    "W b and W.T b": (lambda w, b: (w @ b, w.T @ b), ((2, 2), 2), ""),
    "tanh(X @ W)": (lambda x, w: np.tanh(x @ w), ((2, 3), (3, 2)), "W1 = x; a0 = w; z1 = W1 a0; a1 = tanh(z1)"),
    "its gradient": (lambda w, x: gradient_of_square(lambda w: np.tanh(x @ w), w), ((3, 2), (2, 3)),
                     "W1 = x; a0 = w; z1 = W1 a0; a1 = tanh(z1); u1 = W1^T (2 * a1 * tanh'(z1))"),
    "a bias for each sample": (lambda w, b, x: np.tanh(x @ w.T + b), ((2, 3), 2, (2, 3)),
                               "X = x^T; Z1 = W1 X + b1; A1 = tanh(Z1)"),
    "what is added to a square": (lambda a, y: a.T @ a + y, ((2, 2), 2), "W1 = a^T; u1 = (y[0], y[1]; y[0], y[1]); z1 = W1 W1^T + u1"),
    "a matrix as a vector": (lambda a, x: (a @ x) * (a.ravel() @ np.tanh(np.concatenate([a @ x, x]))), ((2, 2), 2), ""),
    "parts of a vector": (lambda w, b, x: gradient_of_square(lambda w: w @ b - x[::2], w), ((3, 3), 3, 6),
                          "z1 = W1 a0; u1 = (x[0], x[2], x[4]); delta1 = 2 * (z1 - u1); dW1 = delta1 a0^T"),
    "a row": (lambda w, b, v: (w @ b) * v[1], ((3, 3), 3, (3, 3)), "z1 = W1 a0; u1 = (v[1, 0], v[1, 1], v[1, 2]); u2 = z1 * u1"),
    "a column": (lambda w, b, v: (w @ b) * v[:, 1], ((3, 3), 3, (3, 3)), "z1 = W1 a0; u1 = (v[0, 1], v[1, 1], v[2, 1]); u2 = z1 * u1"),
    "parts of one vector": (lambda a, x: (a @ x[:2], a @ x[1:]), ((3, 2), 3), "W1 = a; a0 = (x[0], x[1]; x[1], x[2]); z1 = W1 a0"),
    "two products in one": (lambda w, b, c: ag.grad(lambda w: (w @ b) @ c + (w @ c) @ b)(w), ((3, 3), 3, 3),
                            "W1 = (b[0], c[0]; b[1], c[1]; b[2], c[2]); u1 = (c[0], c[1], c[2]; b[0], b[1], b[2]); z1 = W1 u1"),
    "a quadratic form": (lambda w, x: x @ w @ x, ((3, 3), 3), "W1 = w^T; z1 = W1 a0; u1 = a0^T z1"),
    "decay": (lambda w, x: gradient_of_square(lambda w: np.concatenate([w @ x, (w * 0.1**0.5).ravel()]), w), ((2, 3), 3), ""),
}  # fmt: skip
LAYER = "X = x^T; Z1 = W1 X + b1; A1 = tanh(Z1); "
OF_SAMPLES: dict[str, tuple[Any, tuple[Any, ...], str]] = {
    "a number for each neuron": (lambda w, b, x, c: np.tanh(x @ w.T + b) * c, ((2, 3), 2, (4, 3), 2), LAYER + "u1 = A1 * c"),
    "as many samples": (lambda w, b, x, c: np.tanh(x @ w.T + b) * c, ((2, 2), 2, (2, 2), 2), LAYER + "u1 = A1 * c"),
    "a number for each sample": (lambda w, b, x, s: np.tanh(x @ w.T + b) * s[:, None], ((2, 3), 2, (4, 3), 4), LAYER + "u1 = A1 * s^T"),
    "as many neurons": (lambda w, b, x, s: np.tanh(x @ w.T + b) * s[:, None], ((2, 2), 2, (2, 2), 2), LAYER + "u1 = A1 * s^T"),
    "scaled inputs": (lambda w, b, x, m, s: np.tanh(((x - m) / s) @ w.T + b), ((2, 3), 2, (4, 3), 3, 3),
                      "Z1 = W1 ((x^T - m) / s) + b1; A1 = tanh(Z1)"),
    "scaled, and returned": (lambda w, b, x, s: (x * s, np.tanh((x * s) @ w.T + b)), ((2, 3), 2, (4, 3), 3),
                             "u1 = x^T * s; Z1 = W1 u1 + b1; A1 = tanh(Z1)"),
    "inputs by columns": (lambda w, b, x, c: np.tanh(w @ (x * c[:, None]) + b[:, None]), ((2, 3), 2, (3, 4), 3),
                          "Z1 = W1 (x * c) + b1; A1 = tanh(Z1)"),
    "scaled activations": (lambda w, b, v, c, x, s: np.tanh((np.tanh(x @ w.T + b) * s[:, None]) @ v.T + c),
                           ((2, 3), 2, (3, 2), 3, (4, 3), 4), LAYER + "Z2 = W2 (A1 * s^T) + b2; A2 = tanh(Z2)"),
    "weighted samples": (lambda w, b, x, y, s: ag.grad(lambda w: (s[:, None] * (np.tanh(x @ w.T + b) - y) ** 2).sum())(w),
                         ((2, 3), 2, (4, 3), (4, 2), 4), LAYER + "dZ1 = 2 * s^T * (A1 - y^T) * tanh'(Z1); dW1 = dZ1 X^T"),
    "weights of classes": (lambda w, b, x, y, c: ag.grad(lambda w: (c * (np.tanh(x @ w.T + b) - y) ** 2).sum())(w),
                           ((2, 2), 2, (2, 2), (2, 2), 2), LAYER + "dZ1 = 2 * c * (A1 - y^T) * tanh'(Z1); dW1 = dZ1 X^T"),
}  # fmt: skip


@pytest.mark.parametrize("case", [*OF_ARRAYS, *OF_SAMPLES])
def test_equations_of_arrays_are_true(case: str) -> None:
    f, shapes, lines = (OF_ARRAYS | OF_SAMPLES)[case]
    rng = np.random.default_rng(0)
    names = f.__code__.co_varnames[: len(shapes)]
    arguments = {name: rng.uniform(0.2, 1.0, shape) for name, shape in zip(names, shapes, strict=True)}
    program = ag.jit(f, backend="python").program(*arguments.values())
    check_that_they_define_what_comes_out(program, known_arrays(program, arguments))
    if lines:
        found = [re.sub(r" +\((BP)?\d\)$", "", line) for line in str(program.equations()).splitlines()]
        assert "; ".join(found) == lines


def random_layers(seed: int) -> Any:
    """Two layers of samples, in rows, with numbers for each sample and each input in between; or a gradient of that."""
    rng = random.Random(seed)
    changes = [
        lambda h, s, y: h * s[:, None],
        lambda h, s, y: h + s[:, None],
        lambda h, s, y: h - y,
        lambda h, s, y: h / y,
        lambda h, s, y: np.tanh(h),
        lambda h, s, y: 2 * h,
    ]
    activations = [np.tanh, np.sin, np.exp, lambda z: 2 * z, lambda z: z**2, lambda z: -z]
    chosen = [
        ([rng.choice(changes) for _ in range(rng.randint(0, 2))], rng.random() < 0.8, rng.choice(activations))
        for _ in "12"
    ]

    def f(x: Any, w: Any, b: Any, v: Any, c: Any, s: Any, y: Any) -> Any:  # noqa: PLR0917  # each has a name in equations
        h = x
        for (before, has_bias, activation), matrix, bias, other in zip(chosen, (w, v), (b, c), (y, b), strict=True):
            for change in before:
                h = change(h, s, other)
            h = activation(h @ matrix.T + bias if has_bias else h @ matrix.T)
        return h * s[:, None] if seed % 3 else h

    def gradient(x: Any, w: Any, b: Any, v: Any, c: Any, s: Any, y: Any) -> Any:  # noqa: PLR0917  # as above
        return ag.grad(lambda x, w, b: (f(x, w, b, v, c, s, y) ** 2).sum(), argnums=seed % 3)(x, w, b)

    return gradient if seed % 2 else f


@pytest.mark.parametrize("seed", slow(range(60), but=range(18)))
def test_equations_of_random_layers_of_samples_are_true(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples, n, hidden, out = [(3, 2, 4, 2), (2, 2, 2, 2), (2, 3, 2, 3)][seed // 6 % 3]
    shapes = {"x": (samples, n), "w": (hidden, n), "b": hidden, "v": (out, hidden), "c": out, "s": samples, "y": n}
    arguments = {name: rng.uniform(0.2, 1.0, shape) for name, shape in shapes.items()}
    program = ag.jit(random_layers(seed), backend="python").program(*arguments.values())
    assert "..." not in str(program.equations()).partition("\nand ")[0]
    check_that_they_define_what_comes_out(program, known_arrays(program, arguments))


def test_over_samples_a_single_neuron_has_a_row_of_outputs() -> None:
    net = MLP(3, [3, 1], ["tanh", "identity"], seed=0)
    program = ag.jit(over_samples(net, "loop"), backend="python").program(np.ones((4, 3)), np.ones(4))
    assert [line.split("  ")[0] for line in str(program.equations()).splitlines()] == [
        "X = rows^T",
        "Z1 = W1 X + b1",
        "A1 = tanh(Z1)",
        "Z2 = W2 A1 + b2",
        "dZ2 = Z2 - targets^T",
        "db2 = sum(dZ2)",
        "dW2 = dZ2 A1^T",
        "dA1 = W2^T dZ2",
        "dZ1 = dA1 * tanh'(Z1)",
        "db1 = sum(dZ1)",
        "dW1 = dZ1 X^T",
    ]


def test_arguments_that_have_the_name_of_another_array_are_told_apart() -> None:
    def f(W1: Any, W2: Any, x: Any) -> Any:  # noqa: N803  # that is what is tested
        return np.tanh(W1 @ np.tanh(W2 @ x))

    text = str(ag.jit(f).program(np.eye(3), np.eye(3), np.ones(3)).equations())
    assert text.splitlines()[:3] == ['W1 = "W2"', 'W2 = "W1"', "z1 = W1 a0"]


@pytest.mark.parametrize("sizes", [[3, 1], [3, 1, 3]])
def test_the_error_of_a_layer_in_front_of_a_single_neuron_is_not_that_of_the_last_layer(sizes: list[int]) -> None:
    net = MLP(3, sizes, "sigmoid", seed=0)
    text = str(ag.jit(gradient_of(net)).program([0.1, 0.2, 0.3], [1.0] * sizes[-1]).equations())
    assert re.search(r"delta1 = .*\(BP2\)", text)
    assert re.findall(r"(\w+) = .*\(BP1\)", text) == [f"delta{len(sizes)}"]


def test_other_vectors_have_the_names_that_they_were_given() -> None:
    def f(b: Any, c: Any, x: Any, h: Any, k: Any) -> Any:
        return [*[ag.tanh(z) for z in times(b, x)], *times(c, h), *times(zip(*c, strict=True), k)]

    text = str(ag.jit(f).program(A, A, X, X, X).equations())
    assert {"z1 = W1 a0", "z2 = W2 h", "u1 = W2^T k"} <= set(text.splitlines()), text


def test_equal_numbers_are_put_together() -> None:
    def f(w: Any, x: Any) -> Any:
        return ag.grad(lambda w: (w @ x).sum() + 0.1 * (w * w).sum())(w)

    text = str(ag.jit(f).program(np.ones((2, 3)), np.ones(3)).equations())
    assert "0.1 * w + 0.1 * w" not in text, text


def test_a_negative_factor_stands_in_brackets() -> None:
    net = MLP(3, [3, 2], [lambda z: -z, "linear"], seed=0)
    text = str(ag.jit(gradient_of(net), backend="python").program([0.1, 0.2, 0.3], [0.0, 1.0]).equations())
    assert "W2 -z1" not in text


@pytest.mark.parametrize("activation", ["relu", "elu", "tanh"])
def test_every_name_is_defined_by_a_line_above_or_given(activation: str) -> None:
    net = MLP(3, [4, 2], [activation] * 2, seed=0)
    lines = str(ag.jit(gradient_of(net)).program([0.1, 0.2, 0.3], [0.0, 1.0]).equations()).splitlines()
    known = {"W1", "W2", "b1", "b2", "a0"}
    for line in lines:
        name, equals, right = line.partition(" = ")
        assert equals
        assert set(re.findall(r"\b[A-Za-z]+\d\b", right.split("  ")[0])) <= known | {"BP"}, line
        known.add(name)


def test_a_program_without_matrices_says_so() -> None:
    program = ag.jit(lambda x: ag.sin(x) * x, backend="python").program(0.5)
    assert str(program.equations()) == "no products of matrices were found"
    assert program.equations().latex == r"$\text{no products of matrices were found}$"
    assert len(program.equations()) == 0


@pytest.mark.slow
def test_long_formulas_are_broken_into_parts() -> None:
    w, x = np.eye(4), np.array([0.1, 0.2, 0.3, 0.4])

    def f(w: Any, x: Any) -> Any:
        numbers = list(w @ x)
        for _ in range(1500):
            numbers = [ag.sin(z) * z + z for z in numbers]
        return numbers

    lines = str(ag.jit(f, backend="python").program(w, x).equations()).splitlines()
    assert lines[0] == "z1 = W1 a0"
    assert any(line.startswith("u2 = ") and "u1" in line for line in lines)
    assert max(map(len, lines)) < 2000
