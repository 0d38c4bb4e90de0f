"""ONNX models: what onnxruntime computes of them is what the engine computes."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.domain import EXTENDED
from autograd_core.errors import NumberError, OpError, TracingError
from nn import MLP, Layer, Module

rng = np.random.default_rng(0)
POINTS = rng.normal(size=(50, 4)) * 2.0
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


def ran(model: Any, **inputs: Any) -> Any:
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    [found] = session.run(["output"], inputs)
    return found


def by_engine(f: Callable[..., Any], *columns: Any) -> Any:
    """The function at every point, a row for each."""

    def numbers(result: Any) -> list[float]:
        return [y.data if isinstance(y, Value) else y for y in (result if isinstance(result, list) else [result])]

    return np.array([numbers(f(*point)) for point in zip(*[column.tolist() for column in columns], strict=True)])


def assert_is_the_same(f: Callable[[Any], Any], points: Any, dtype: str) -> None:
    """To a tolerance relative to the largest number of each output."""
    points = points.astype(dtype)
    found = ran(ag.to_onnx(f, points[0].tolist(), dtype=dtype), x=points)
    expected = by_engine(f, points.astype(float))
    assert found.dtype == dtype
    assert found.shape == expected.shape
    assert (np.abs(found - expected) <= TOLERANCE[dtype] * np.abs(expected).max(axis=0)).all()


ONLY_IN_FLOAT32 = ["gelu", "norm_cdf", "erf", "asin", "cosh"]
ACTIVATIONS = [
    "linear",
    "relu",
    "sigmoid",
    "tanh",
    "softplus",
    "elu",
    "selu",
    "celu",
    "leaky_relu",
    "silu",
    "mish",
    "softsign",
    "log_sigmoid",
    "relu6",
    "hardtanh",
    "sin",
]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("activation", [*ACTIVATIONS, "gelu", "norm_cdf"])
def test_networks_are_what_the_engine_computes(activation: str, dtype: str) -> None:
    net = MLP(4, [6, 5, 3], activation, init="xavier", seed=1)
    if activation in ONLY_IN_FLOAT32 and dtype == "float64":
        with pytest.raises(OpError, match=rf"^{activation}, by .*Erf in float32 only; give dtype='float32'"):
            ag.to_onnx(net, [0.0] * 4)
        return
    assert_is_the_same(net, POINTS, dtype)
    assert_is_the_same(lambda x: ag.softmax(net(x)), POINTS, dtype)


def test_a_layer_is_a_product_a_sum_and_an_activation_whatever_its_size() -> None:
    for sizes in ([3, 2], [30, 20]):
        model = ag.to_onnx(MLP(4, sizes, ["tanh", "sigmoid"], init="normal", seed=1), [0.0] * 4)
        assert [node.op_type for node in model.graph.node] == [
            *["MatMul", "Add", "Tanh"],
            *["MatMul", "Add", "Sigmoid"],
            "Identity",
        ]
        assert [input.name for input in model.graph.input] == ["x"]
        weights = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
        assert weights == (4 + 1) * sizes[0] + (sizes[0] + 1) * sizes[1]


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_a_softmax_is_one_node(classes: int) -> None:
    net = MLP(4, [5, classes], "tanh", seed=1)
    for softmax, kind in ((ag.softmax, "Softmax"), (ag.log_softmax, "LogSoftmax")):
        kinds = [node.op_type for node in ag.to_onnx(lambda x, f=softmax: f(net(x)), [0.0] * 4).graph.node]
        assert kinds[:6] == ["MatMul", "Add", "Tanh", "MatMul", "Add", kind]
        assert len(kinds) <= 8  # and an order of columns


def test_what_is_nearly_a_softmax_is_not_taken_for_one() -> None:
    for f in (
        lambda x: ag.sigmoid(x[0] - ag.logaddexp(x[0], x[1])),
        lambda x: ag.sigmoid(x[0] - ag.logaddexp(x[1], 2.0)),
        lambda x: ag.sigmoid(ag.logaddexp(x[1], x[2]) - x[0]),
        lambda x: ag.sigmoid(x[0] - ag.logsumexp([x[1], x[2], x[3]])),
        lambda x: ag.softmax([x[0], x[0], x[1]]),
        lambda x: ag.softmax([x[0], x[1], 0.5]),
        lambda x: ag.softmax([x[0], 2.0 * x[1], x[2] - x[3]]),
        lambda x: [ag.sigmoid(x[0] - ag.logaddexp(x[1], x[2])), ag.logaddexp(x[1], x[2])],
    ):
        assert_is_the_same(f, POINTS, "float64")


class Residual(Module):
    """A network of one's own: a sum past a layer, neurons with activations of their own, a Value beside them."""

    def __init__(self) -> None:
        self.inner = Layer(4, 4, ["relu", "tanh", "softplus", lambda z: ag.where(z > 1.0, z * z, -z)], seed=1)
        self.scale = Value(3.0)

    def __call__(self, x: Any) -> Any:
        inner = self.inner(x)
        return [a + b / self.scale for a, b in zip(x, inner, strict=True)] + [ag.dot(inner, x), inner[2]]

    def parameters(self) -> Any:
        return self.inner.parameters()


def test_a_network_of_ones_own_and_a_gradient_are_models_too() -> None:
    net = Residual()
    assert_is_the_same(net, POINTS, "float64")
    model = ag.to_onnx(net, [0.0] * 4)
    before = by_engine(net, POINTS)
    net.scale.data = 5.0
    assert ran(model, x=POINTS) == pytest.approx(before)  # the numbers of then
    small = MLP(4, [3, 1], "tanh", seed=2)
    assert_is_the_same(lambda x: list(ag.grad(small)(x)), POINTS, "float64")


def test_each_argument_is_an_input_and_constant_results_are_columns() -> None:
    def price(spot: Any, weights: Any, rate: Any) -> Any:
        return [spot * ag.exp(rate) + ag.dot(weights, [1.0, 2.0]), 7.0, rate]

    model = ag.to_onnx(price, 1.0, [0.0, 0.0], 0.1)
    spot, weights, rate = POINTS[:, :1], POINTS[:, 1:3], POINTS[:, 3:]
    found = ran(model, spot=spot, weights=weights, rate=rate)
    assert found == pytest.approx(by_engine(price, spot[:, 0], weights, rate[:, 0]), rel=1e-14)
    assert found[:, 1].tolist() == [7.0] * 50
    assert ran(ag.to_onnx(lambda x: 2.0, 0.0), x=spot).tolist() == [[2.0]] * 50


REFUSED = [
    "beta",
    "betaln",
    "digamma",
    "erfinv",
    "gamma",
    "lgamma",
    "log_norm_cdf",
    "log_norm_cdf_derivative",
    "norm_ppf",
    "polygamma",
    "polygamma_step",
    "atan2",
    "sinc_derivative",
]
SINGLE = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cosh",
    "erf",
    "erfc",
    "gelu",
    "norm_cdf",
    "sinh",
]


@pytest.mark.parametrize("name", ag.TABLE)
def test_every_op_is_written_or_refused_by_name(name: str) -> None:
    op, random_numbers = ag.TABLE[name], random.Random(1)
    given = [2.0 if n in op.constants else None for n in op.input_names] if not op.is_nary else [None] * 4
    points = np.array([op.domain.sample(random_numbers, len(given), given) for _ in range(40)])

    def f(x: Any) -> Any:
        return op(x[:2], x[2:]) if op is ag.dot else op(*[v if c is None else c for v, c in zip(x, given, strict=True)])

    if name in REFUSED:
        with pytest.raises(OpError, match=rf"^{name}.*ONNX has no such op"):
            ag.to_onnx(f, points[0].tolist())
        return
    if name in SINGLE:
        with pytest.raises(OpError, match=rf"^{name}\b.*float32 only"):
            ag.to_onnx(f, points[0].tolist())
    assert_is_the_same(f, points, "float32" if name in SINGLE else "float64")


@pytest.mark.parametrize("x", [1e-300, 1e-17, -1e-9, 0.5, -0.999, 40.0, -40.0, 700.0, 1e17])
def test_log1p_and_expm1_lose_nothing(x: float) -> None:
    for op in (ag.log1p, ag.expm1):
        if x in op.domain.intervals[0]:
            found = ran(ag.to_onnx(op, 0.0), x=np.array([[x]]))
            assert found.item() == pytest.approx(op(x), rel=1e-14)


def test_an_op_of_ones_own_is_written_by_its_value_or_refused() -> None:
    bump = Op("bump", lambda x: ag.exp(-x * x), lambda g, z, x: (-2.0 * g * x * z,), EXTENDED)
    assert_is_the_same(lambda x: [bump(v) for v in x], POINTS, "float64")
    tanh = Op("tanh", lambda x: ag.where(x > 0.0, x, 0.0), lambda g, z, x: (g,), EXTENDED)  # not the library's
    assert_is_the_same(lambda x: tanh(x[0]), POINTS, "float64")
    opaque = Op("opaque", lambda x: float(f"{x:.3f}"), lambda g, z, x: (g,), EXTENDED)
    with pytest.raises(OpError, match=r"^opaque: ONNX has no such op, and its value is not written in ops"):
        ag.to_onnx(MLP(4, [2, 1], [opaque, "linear"], seed=1), [0.0] * 4)


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(TracingError, match=r"branches on its arguments, at .*where\(condition, a, b\)"):
        ag.to_onnx(lambda x: x if x > 0.0 else -x, 1.0)
    with pytest.raises(TracingError, match="maps over points"):
        ag.to_onnx(lambda x: ag.vmap(ag.sin)(np.array(x)).sum(), [0.0, 1.0])
    with pytest.raises(OpError, match="dtype must be 'float64' or 'float32', got 'int8'"):
        ag.to_onnx(ag.sin, 1.0, dtype="int8")
    with pytest.raises(OpError, match="needs inputs; give an example"):
        ag.to_onnx(lambda: 1.0)
    with pytest.raises(NumberError, match="expected a number, got 'w'"):
        ag.to_onnx(ag.sin, "wide")


def test_onnx_is_loaded_when_a_model_is_asked_for() -> None:
    program = "import sys, autograd_core as ag; assert 'onnx' not in sys.modules; sys.modules['onnx'] = None; ag.to_onnx(ag.sin, 1.0)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingPackageError" in done.stderr
    assert "autograd-core[onnx]" in done.stderr
