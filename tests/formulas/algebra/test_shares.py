"""Derivatives of softmax as lectures have them: products of shares, whatever the engine computes them by."""

from __future__ import annotations

import pytest
from formulas.derivation.test_derive import closed
from marks import slow

import autograd_core as ag
from autograd_core import Value


def share(k: int, n: int) -> str:
    return f"exp(z_{k} - logsumexp({', '.join([f'z_{i}' for i in range(1, n + 1)])}))"


@pytest.mark.parametrize("n", slow([3, 4, 7], but=[3]))
def test_softmax(n: int) -> None:
    z = [Value(0.3 * k - 0.5, name=f"z_{k}") for k in range(1, n + 1)]
    p = ag.softmax(z)
    assert closed(p[0], z[1]) == f"-{share(1, n)} * {share(2, n)}"
    assert closed(p[2], z[1]) == f"-{share(3, n)} * {share(2, n)}"
    assert closed(p[1], z[1]) == f"{share(2, n)} * (1 - {share(2, n)})"
    assert closed(-ag.log(p[1]), z[2]) == share(3, n)
    assert closed(-ag.log_softmax(z)[1], z[2]) == share(3, n)
    assert closed(-ag.log_softmax(z)[1], z[1]) == f"{share(2, n)} - 1"


def test_what_is_no_share_of_the_rest_stays() -> None:
    a, b, c, d = (Value(0.3 * k, name=name) for k, name in enumerate("abcd"))
    p = ag.softmax([a, b, c])[0]
    assert closed((1 - p) * ag.sigmoid(b - d) * d, d).count("sigmoid") > 0
    assert "sigmoid(c - d)" in closed((1 - p) * ag.sigmoid(c - d) * a, b)
