"""The slips of public texts: each is found and named, and the corrected line passes.

Sources: M. Mazur, *A step by step backpropagation example* (2015); C. Yildiz' exercise sheet with its example network;
the lectures after Nielsen, equations (30) and (45); the sine regression with three hidden neurons; L. S. Brunschier's
summary of Goodfellow, Bengio and Courville, section 6.5; 14prakash's *Back-propagation is very simple*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import Value


def leaves(**numbers: float) -> dict[str, Value]:
    return {name: Value(x, name=name) for name, x in numbers.items()}


def named(name: str, node: Any) -> Value:
    node.name = name
    return node


def mazur() -> tuple[Value, list[Value]]:
    """Two inputs, two hidden and two output neurons; biases stay."""
    w = [Value(x, name=f"w{k}") for k, x in enumerate((0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55), 1)]
    i = [0.05, 0.1]
    h = [ag.sigmoid(ag.dot(w[2 * k : 2 * k + 2], i) + 0.35) for k in range(2)]
    o = [ag.sigmoid(ag.dot(w[4 + 2 * k : 6 + 2 * k], h) + 0.6) for k in range(2)]
    cost = (0.01 - o[0]) ** 2 / 2 + (0.99 - o[1]) ** 2 / 2
    return named("E", cost), w


def yildiz() -> tuple[Value, list[Value]]:
    """The example network: ReLU, then a sigmoid, with the binary cross-entropy."""
    w1, b1, w2, b2 = (leaves(**numbers) for numbers in (
        {"w11": -1.0, "w12": 1.0, "w13": 0.0}, {"b1": 1.0}, {"v": 1.0}, {"b2": 0.0}
    ))  # fmt: skip
    z1 = named("Z1", ag.dot(list(w1.values()), [1.0, 1.0, -1.0]) + b1["b1"])
    z2 = named("Z2", w2["v"] * ag.relu(z1) + b2["b2"])
    cost = named("L", -ag.log(named("A2", ag.sigmoid(z2))))
    return cost, [*w1.values(), *b1.values(), *w2.values(), *b2.values()]


def mean_of_samples() -> tuple[Value, list[Value]]:
    w, b = Value(0.4, name="w"), Value(-0.2, name="b")
    samples = [(0.5, 1.0), (-1.0, 0.0), (2.0, 1.0)]
    return named("J", ag.mean([(ag.sigmoid(w * x + b) - y) ** 2 / 2 for x, y in samples])), [w, b]


def neuron() -> tuple[Value, list[Value]]:
    z = Value(0.7, name="z")
    a = named("a", ag.sigmoid(z))
    return named("C", (a - 1.0) ** 2 / 2), [z]


def hidden_error() -> tuple[Value, list[Value]]:
    """The cost as a function of the weighted input of a hidden neuron, z1, through the next one, z2."""
    w, z1 = Value(0.6, name="w"), Value(0.3, name="z1")
    z2 = named("z2", w * ag.sigmoid(z1))
    return named("C", (ag.sigmoid(z2) - 1.0) ** 2 / 2), [z1]


def sine() -> tuple[Value, list[Value]]:
    """ŷ of a network 1-1-1, with one sample: the weight of the second layer meets g(z), not g'(z)."""
    w11, w12 = Value(0.5, name="w11"), Value(-0.8, name="w12")
    z = named("z1", 1.3 * w12)
    return named("J", (0.4 - w11 * ag.sigmoid(z)) ** 2), [w11]


def halves() -> tuple[Value, list[Value]]:
    x = Value(1.5, name="X")
    return named("J", (x - 0.25) ** 2 / 2), [x]


def used_twice() -> tuple[Value, list[Value]]:
    x = Value(0.8, name="x")
    return ag.sin(x) + ag.exp(x), [x]


def article() -> tuple[Value, list[Value]]:
    """The article's logits, from the layers of its network."""
    from reference.test_goodfellow import X, articles_net

    z = [Value(logit.data, name=f"z{k}") for k, logit in enumerate(articles_net()(X), 1)]
    p = [named(f"p{k}", share) for k, share in enumerate(ag.softmax(z), 1)]
    return named("L", -ag.log(p[0]) + 0.0 * (p[1] + p[2])), z


SLIPS: dict[str, tuple[Callable[[], tuple[Value, list[Value]]], str, str, str]] = {
    # the network, the published line, the corrected one, the slip
    "Mazur: the cost after a step": (mazur, "E_new = 0.291027924", "E_new = 0.291027774", "sequential update"),
    "Mazur: a hidden weight": (mazur, "w1_new = 0.149785", "w1_new = 0.149780716", ""),
    "Yildiz: -2.7 for -0.27": (yildiz, "dL/dZ2 = -2.7", "dL/dZ2 = -0.27", "factor"),
    "Yildiz: the sign of dW1": (yildiz, "dL/dw13 = -0.268941421", "dL/dw13 = 0.268941421", "sign"),
    "1/m forgotten": (mean_of_samples, "dJ/dw = {3g}", "dJ/dw = {g}", "mean"),
    "1/m twice": (mean_of_samples, "dJ/dw = {g/3}", "dJ/dw = {g}", "mean"),
    "equation (30)": (neuron, "dC/dz = (a - 1) * sigma(z) * (1 - sigma'(z))", "dC/dz = (a - 1) * sigma(z) * (1 - sigma(z))", "sigma prime"),
    "equation (45) for (44)": (hidden_error, "dz2/dz1 = w * dC/dz2 * sigma'(z1)", "dz2/dz1 = w * sigma'(z1)", "derivative too much"),
    "g'(z) for g(z)": (sine, "dJ/dw11 = -2 * (0.4 - w11 * sigma(z1)) * sigma'(z1)", "dJ/dw11 = -2 * (0.4 - w11 * sigma(z1)) * sigma(z1)", "derivative for function"),
    "y - X": (halves, "dJ/dX = 0.25 - X", "dJ/dX = X - 0.25", "sign"),
    "sum or average": (used_twice, "dz/dx = (cos(x) + exp(x)) / 2", "dz/dx = cos(x) + exp(x)", "average"),
    "softmax: z / sum(z)": (article, "p1 = 0.2698", "p1 = 0.198446894", "softmax"),
    "softmax: a formula": (article, "p1 = z1 / (z1 + z2 + z3)", "p1 = exp(z1) / (exp(z1) + exp(z2) + exp(z3))", "softmax"),
    "base 10": (article, "L = 0.702356", "L = 1.617233750", "base-10 logarithm"),
    "base 10 and every class, of z / sum(z)": (article, "L = 0.965", "L = 1.617233750", "base-10 logarithm and softmax and two classes"),
}  # fmt: skip


def filled(line: str, z: Value, x: Value) -> str:
    g = ag.backprop(z, [x])[x]
    return line.replace("{3g}", repr(3 * g)).replace("{g/3}", repr(g / 3)).replace("{g}", repr(g))


@pytest.mark.parametrize("case", SLIPS)
def test_a_published_slip_is_found_and_the_corrected_line_passes(case: str) -> None:
    network, published, corrected, slip = SLIPS[case]
    z, xs = network()
    right = ag.check_derivation(filled(corrected, z, xs[0]), z, xs, rate=0.5)
    assert right, right
    wrong = ag.check_derivation(filled(published, z, xs[0]), z, xs, rate=0.5)
    assert not wrong
    assert (wrong.line, wrong.slip) == (1, slip or None), wrong
