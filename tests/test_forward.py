"""The forward of an op: what it makes of floats and what its ops make of Values is the same, to the last bit."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.domain import REAL
from autograd_core.forward import graph_of, on_floats
from autograd_core.op import quiet
from autograd_core.ops import TABLE

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 20.0, 1e308, 5e-324, math.inf, -math.inf, math.nan]
FEW = [0.0, -0.0, 0.3, -2.5, math.inf, math.nan]


def constants_of(op: Op) -> list[float | None]:
    return [2.0 if name in op.constants else None for name in op.input_names]


IN_OPS = [
    name
    for name, op in TABLE.items()
    if op.in_ops is None and not op.is_nary and graph_of(op, constants_of(op)) is not None
]


def test_these_are_written_in_ops() -> None:
    assert set(IN_OPS) >= {
        "relu", "leaky_relu", "relu6", "elu", "selu", "gelu", "silu", "mish", "softsign", "hardtanh", "hard_sigmoid",
        "sigmoid", "softplus", "log_sigmoid", "logit", "logaddexp", "log1mexp", "xlogy", "maximum", "minimum", "clip",
        "sign", "square", "reciprocal", "rsqrt", "unit", "exp10", "cos_asin", "sech_squared", "sinc", "norm_pdf",
        "norm_cdf", "celu", "identity", "stop_gradient",
    }  # fmt: skip
    assert not {"sin", "exp", "add", "mod", "gamma", "polygamma"} & set(IN_OPS)


def test_these_are_written_in_ops_once_more() -> None:
    """Python's own forward is faster on floats, or more exact."""
    found = {name for name, op in TABLE.items() if op.in_ops is not None}
    assert found == {"power", "mod", "floor_divide", "norm", "logsumexp", "max", "min"}


@pytest.mark.parametrize("name", IN_OPS)
def test_floats_get_what_values_get_to_the_last_bit(name: str) -> None:
    op = TABLE[name]
    forward = getattr(op.forward, "__wrapped__", op.forward)
    count = len(op.input_names)
    for data in itertools.product(SPECIAL if count < 3 else FEW, repeat=count):
        with quiet():
            found = op.evaluate(data, data)
            expected = forward(*map(Value, data))
        assert found.hex() == (expected._data if isinstance(expected, Value) else expected).hex(), data


def branch(x: Any) -> Any:
    return x if x > 0.0 else -x


@pytest.mark.parametrize(
    "forward",
    [math.sin, lambda x: math.sin(x), branch, lambda x: 1.0, lambda x: x if isinstance(x, float) else 2.0 * x],
)
def test_what_is_not_written_in_ops_stays_itself(forward: Any) -> None:
    op = Op("f", forward, lambda g, z, x: (g,), REAL)
    assert graph_of(op, [None]) is None
    assert op(0.5) == forward(0.5)


def test_what_is_written_out_calls_only_what_it_needs() -> None:
    calls = []
    noted = Op("noted", lambda x: calls.append(x) or float(x), lambda g, z, x: (g,), REAL)
    f = on_floats(lambda x: ag.where(x > 0.0, noted(x), x), 1)
    calls.clear()
    assert [f(2.0), f(-2.0)] == [2.0, -2.0]
    assert calls == [2.0]


def test_one_step_is_what_python_makes_of_it() -> None:
    for name, data in (("power", (2.0, 3.0)), ("pow", (2.0, 3.0)), ("square", (3.0,)), ("exp10", (2.0,))):
        op = TABLE[name]
        op.evaluate(data, data)
        assert not hasattr(op.forward, "__wrapped__"), name


def test_a_truth_alone_is_a_number() -> None:
    f = on_floats(lambda x: ag.less(x + 1.0, 1.0), 1)
    assert [f(-1.0), f(1.0)] == [1.0, 0.0]
    assert f.__name__ == "value"


def test_a_forward_that_holds_a_value_is_not_taken_for_a_function_of_its_inputs() -> None:
    for held in (Value(0.5), Value(1.0)):
        op = Op("holds", lambda x, held=held: x * 0.0 + held, lambda g, z, x: (0.0 * g,), REAL)
        assert graph_of(op, [None]) is None
