"""Functions of the user's that cannot be compiled run by the plain loop; mistakes of the compiler are seen."""

import warnings
from importlib import import_module

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import LeavesGraphError
from nn import MLP, SGD, Module, binary_cross_entropy, evaluate, fit, half_mse
from nn.compiled import refusal
from nn.metrics import falls_below_zero

X, Y = [[0.1 * i, 1.0 - 0.1 * i] for i in range(24)], [i % 3 for i in range(24)]

COMPILER = {
    "tracing": ("trace.tracer", "Trace.settled"),
    "making a program": ("trace.tracer", "from_graph"),
    "compiling it": ("compiler", "without_collections"),
    "running it": ("call.variant", "Variant.run"),
    "running many steps": ("call.scan", "_by_machine"),
}


def break_compiler(monkeypatch, where):
    """Put None in the place of a part of the compiler, so that an error comes from there."""
    module, path = COMPILER[where]
    part = import_module(f"autograd_core.jit.{module}")
    *owners, name = path.split(".")
    for owner in owners:
        part = getattr(part, owner)
    monkeypatch.setattr(part, name, None)


@pytest.mark.parametrize("where", COMPILER)
def test_a_mistake_of_the_compiler_is_no_slowness(where, monkeypatch):
    break_compiler(monkeypatch, where)
    net = MLP(2, [3, 1], "tanh", seed=1)
    with pytest.raises(TypeError, match="NoneType") as caught:
        fit(net, X, Y, loss=half_mse, optimizer=SGD(0.1), batch_size=6, epochs=4, validation=(X, Y))
    assert not isinstance(caught.value, ag.errors.AutogradError)


def test_nor_where_a_network_is_judged_or_its_optimizer_has_a_rule_of_its_own(monkeypatch):
    class Own(SGD):
        def update(self, numbers, gradient, state):
            return numbers - 0.1 * gradient, {"steps": state["steps"] + 1}

    break_compiler(monkeypatch, "making a program")
    net = MLP(2, [3, 1], "tanh", seed=1)
    with pytest.raises(TypeError, match="NoneType"):
        evaluate(net, X * 10, Y * 10, half_mse)
    with pytest.raises(TypeError, match="NoneType"):
        fit(net, X, Y, loss=half_mse, optimizer=Own(0.1), batch_size=6, epochs=4)


def test_nor_where_a_loss_is_asked_what_its_outputs_are(monkeypatch):
    assert falls_below_zero(binary_cross_entropy, 0.0, 0)
    assert not falls_below_zero(lambda output, target: {}[target], 0.0, 0)
    monkeypatch.setattr("nn.network.losses._paired", None)
    with pytest.raises(TypeError, match="NoneType"):
        falls_below_zero(binary_cross_entropy, 0.0, 0)


class Changed(Module):
    """A network that does something to its output, and is in three minds about Values."""

    def __init__(self, change):
        self.inner, self.change = MLP(2, [3, 1], "tanh", seed=1), change

    def parameters(self):
        return self.inner.parameters()

    def __call__(self, x):
        return self.change(self.inner(x), x)


def key_error(x):
    return {0.0: 1.0}[x] if isinstance(x, ag.Value) else 1.0


def traced_error(kind):
    if ag.is_tracing():
        raise kind("not while I am traced")
    return 1.0


USERS = {
    "a dict that has no Values": lambda out, x: out * key_error(x[0]),
    "the same in a map": lambda out, x: out + ag.sum(ag.vmap(lambda v: v * key_error(v))(x)) * 0.0,
    "an error of any kind while it is traced": lambda out, x: out * traced_error(RuntimeError),
    "an assertion": lambda out, x: out * traced_error(AssertionError),
    "the same in a map within": lambda out, x: out + ag.sum(ag.vmap(lambda v: v * traced_error(IndexError))(list(x))) * 0.0,
    "lists that are added up": lambda out, x: out * (x + [1.0])[2],  # noqa: RUF005  # arrays add otherwise
    "NumPy, which wants floats": lambda out, x: out * (1.0 + 0.0 * np.linalg.det([[v, 1.0] for v in x])),
}  # fmt: skip


@pytest.mark.parametrize("name", USERS)
def test_an_error_of_the_users_own_function_ends_compilation_with_a_warning(name):
    found = []
    for compile in (True, False):
        net = Changed(USERS[name])
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            history = fit(net, X, Y, loss=half_mse, optimizer=SGD(0.1), batch_size=6, epochs=3, seed=0, compile=compile)
        found.append([[p.data for p in net.parameters()], history.loss])
        assert compile or not said
        judged = evaluate(net, X * 10, Y * 10, half_mse)
        assert judged == pytest.approx(np.mean([half_mse(net(x).data, y) for x, y in zip(X, Y, strict=True)]))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)


def test_a_refusal_of_the_library_is_told_with_its_name():
    with pytest.raises(LeavesGraphError) as caught:
        ag.jit(lambda x: float(x))(2.0)
    assert refusal(caught.value).startswith("LeavesGraphError: ")
