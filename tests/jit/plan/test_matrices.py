"""Matrices are found in scalars however they were written, and what is computed with them is what was written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jit.matrices import assert_close, by_arrays, products
from jit.support import eager

import autograd_core as ag
from autograd_core.containers import flatten
from autograd_core.jit.plan.blocks import Map

RNG = np.random.default_rng(0)
W, X, B = RNG.normal(size=(5, 7)), RNG.normal(size=7), RNG.normal(size=5)
MANY = RNG.normal(size=(4, 7))


def with_sum(w: Any, x: Any) -> list[Any]:
    """Python's own sum: binary additions."""
    return [sum(w[j, i] * x[i] for i in range(7)) for j in range(5)]


def with_dot(w: Any, x: Any) -> list[Any]:
    """One node a row."""
    return [ag.dot(row, x) for row in w]


def with_n_ary_sum(w: Any, x: Any) -> list[Any]:
    """One node a row, of products."""
    return [ag.sum([a * b for a, b in zip(row, x, strict=True)]) for row in w]


def with_arrays(w: Any, x: Any) -> list[Any]:
    """NumPy's product of arrays of objects."""
    return list(w @ x)


def with_changing_sides(w: Any, x: Any) -> list[Any]:
    """Now the weight first, now the input."""
    return [sum(w[j, i] * x[i] if (i + j) % 2 else x[i] * w[j, i] for i in range(7)) for j in range(5)]


def backwards(w: Any, x: Any) -> list[Any]:
    """From the last to the first."""
    return [sum(w[j, i] * x[i] for i in reversed(range(7))) for j in range(5)]


def from_both_ends(w: Any, x: Any) -> list[Any]:
    """Two halves added."""
    return [sum(w[j, i] * x[i] for i in range(3)) + sum(w[j, i] * x[i] for i in range(3, 7)) for j in range(5)]


FORMS = [with_sum, with_dot, with_n_ary_sum, with_arrays, with_changing_sides, backwards, from_both_ends]


@pytest.mark.parametrize("form", FORMS)
def test_a_matrix_times_a_vector_is_found_however_it_is_written(form: Any) -> None:
    result, found = by_arrays(form, W, X)
    assert products(found) == [("None", 1, 5, 7)]
    assert_close(result, W @ X)


@pytest.mark.parametrize("form", FORMS)
def test_a_bias_and_a_function_of_each_element_are_arrays_too(form: Any) -> None:
    def layer(w: Any, x: Any, b: Any) -> Any:
        return [ag.tanh(z + b[j]) for j, z in enumerate(form(w, x))]

    result, found = by_arrays(layer, W, X, B)
    assert [block.shape for block in found.blocks if isinstance(block, Map)] == [(1, 5), (1, 5)]
    assert not found.alone
    assert_close(result, np.tanh(W @ X + B))


@pytest.mark.parametrize("form", FORMS)
def test_a_loop_over_samples_is_a_product_of_matrices(form: Any) -> None:
    result, found = by_arrays(lambda w, xs: [form(w, x) for x in xs], W, MANY)
    assert products(found) == [("None", 4, 5, 7)]
    assert_close(result, MANY @ W.T)


@pytest.mark.parametrize("form", FORMS)
def test_a_vmap_over_samples_is_a_product_of_matrices(form: Any) -> None:
    result, found = by_arrays(lambda w, xs: ag.vmap(lambda x: np.array(form(w, x)))(xs), W, MANY)
    assert products(found) == [("rows", 1, 5, 7)]
    assert_close(result, MANY @ W.T)


def two_layers(form: Any, w: Any, v: Any, x: Any) -> Any:
    """A cost of the outputs of two layers, five neurons and three."""
    hidden = [ag.sigmoid(z) for z in form(w, x)]
    return sum((ag.dot(row, hidden) - 0.5) ** 2 for row in v)


V = RNG.normal(size=(3, 5))


@pytest.mark.parametrize("form", FORMS)
def test_gradients_of_a_loop_are_transposed_products(form: Any) -> None:
    f = ag.grad(lambda w, v, xs: sum(two_layers(form, w, v, x) for x in xs), argnums=(0, 1, 2))
    result, found = by_arrays(f, W, V, MANY)
    assert products(found) == sorted([
        ("None", 4, 5, 7), ("None", 3, 4, 5),  # forward
        ("None", 4, 5, 3), ("None", 4, 7, 5),  # δ = Wᵀ δ
        ("None", 3, 5, 4), ("None", 5, 7, 4),  # ∂/∂W = Σ δ aᵀ
    ])  # fmt: skip
    assert_close([flatten(g) for g in result], [flatten(g) for g in eager(f, W, V, MANY)])


@pytest.mark.parametrize("form", FORMS)
def test_gradients_of_a_vmap_are_transposed_products(form: Any) -> None:
    f = ag.grad(lambda w, v: ag.vmap(lambda x: two_layers(form, w, v, x))(MANY).sum(), argnums=(0, 1))
    result, found = by_arrays(f, W, V)
    assert products(found) == sorted([
        ("rows", 1, 5, 7), ("rows", 1, 3, 5), ("rows", 1, 5, 3), ("sum", 3, 5, 1), ("sum", 5, 7, 1),
    ])  # fmt: skip
    assert_close([flatten(g) for g in result], [flatten(g) for g in eager(f, W, V)])


def test_products_of_two_matrices_of_inputs() -> None:
    a, b = RNG.normal(size=(4, 6)), RNG.normal(size=(6, 5))
    result, found = by_arrays(lambda a, b: a @ b, a, b)
    assert products(found) == [("None", 4, 5, 6)]
    assert_close(result, a @ b)


def test_chains_of_products() -> None:
    a, b, c = RNG.normal(size=(4, 6)), RNG.normal(size=(6, 5)), RNG.normal(size=(5, 3))
    result, found = by_arrays(lambda a, b, c: (a @ b) @ c, a, b, c)
    assert len(products(found)) == 2
    assert_close(result, a @ b @ c)


def test_a_program_without_matrices_is_compiled_as_before() -> None:
    f = ag.jit(lambda x, y: ag.sin(x) * y + ag.exp(x))
    f(1.0, 2.0)
    f(1.5, 2.0)
    (path,) = next(iter(f.kinds.values())).known
    assert not path.executable.plan.has_products


# Traps


def test_a_missing_entry_leaves_its_row_alone() -> None:
    def f(w: Any, x: Any) -> Any:
        return [sum(w[j, i] * x[i] for i in range(7) if (i, j) != (3, 2)) for j in range(5)]

    result, found = by_arrays(f, W, X)
    assert products(found) == [("None", 1, 1, 6), ("None", 1, 4, 7)]
    expected = W @ X
    expected[2] -= W[2, 3] * X[3]
    assert_close(result, expected)


def test_missing_entries_do_not_bring_in_infinite_numbers() -> None:
    x = X.copy()
    x[3] = np.inf

    def f(w: Any, x: Any) -> Any:
        return [sum(w[j, i] * x[i] for i in range(7) if (i, j) != (3, 2)) for j in range(5)]

    result, _ = by_arrays(f, W, x)
    expected = eager(f, W, x)
    assert np.isfinite(result[2])
    assert [np.isfinite(y) for y in result] == [np.isfinite(y) for y in expected]


def test_the_same_vector_under_a_permutation() -> None:
    orders = [RNG.permutation(7) for _ in range(5)]

    def f(w: Any, x: Any) -> Any:
        return [sum(w[j, i] * x[orders[j][i]] for i in range(7)) for j in range(5)]

    result, _ = by_arrays(f, W, X)
    assert_close(result, [sum(W[j, i] * X[orders[j][i]] for i in range(7)) for j in range(5)])


def test_products_that_are_needed_by_themselves_as_well() -> None:
    def f(w: Any, x: Any) -> Any:
        product = w[1, 2] * x[2]
        rows = [sum(w[j, i] * x[i] for i in range(7)) for j in range(5)]
        return rows, product, ag.exp(product)

    (rows, product, power), found = by_arrays(f, W, X)
    assert products(found) == [("None", 1, 5, 7)]
    assert_close(rows, W @ X)
    assert_close([product, power], [W[1, 2] * X[2], np.exp(W[1, 2] * X[2])])


@pytest.mark.parametrize(
    "terms",
    [
        lambda w, x, j: [w[j, 0] * x[0]] * 3 + [w[j, 1] * x[1]],
        lambda w, x, j: [w[j, 0] * x[0], w[j, 1] * x[0], w[j, 2] * x[1], w[j, 2] * x[1]],
        lambda w, x, j: [x[0] * x[0], x[0] * x[1], w[j, 0] * x[0], w[j, 0] * w[j, 0]],
        lambda w, x, j: [w[j, 0] * x[0], -w[j, 0] * x[0], w[j, 1] * x[1], x[1] * w[j, 1]],
        lambda w, x, j: [w[j, 0] * x[0], x[1], x[1], w[j, 1] * x[0], 1.0],
    ],
)
def test_sums_whose_terms_repeat(terms: Any) -> None:
    def f(w: Any, x: Any) -> Any:
        return [ag.sum(terms(w, x, j)) for j in range(5)]

    result, _ = by_arrays(f, W, X)
    assert_close(result, [sum(terms(W, X, j)) for j in range(5)])


@pytest.mark.parametrize("sign", ["minus", "mixed", "negated"])
def test_signs(sign: str) -> None:
    def f(w: Any, x: Any, b: Any) -> Any:
        total = []
        for j in range(5):
            z = b[j]
            for i in range(7):
                z = z + w[j, i] * x[i] if sign == "mixed" and i % 2 else z - w[j, i] * x[i]
            total.append(-z if sign == "negated" else z)
        return total

    result, found = by_arrays(f, W, X, B)
    assert products(found)
    assert_close(result, eager(f, W, X, B))


def test_neurons_that_share_weights_or_inputs_twice() -> None:
    def f(w: Any, x: Any) -> Any:
        first = [ag.dot(w[j % 3], x) for j in range(5)]
        second = [ag.tanh(ag.dot(w[j], [*first, x[0], x[0]])) for j in range(5)]
        return [ag.dot(second, second), *second]

    g = ag.value_and_grad(lambda w, x: ag.sum(f(w, x)), argnums=(0, 1))
    result, found = by_arrays(g, W, X)
    assert products(found)
    expected = eager(g, W, X)
    assert_close(flatten(result[1][0]) + flatten(result[1][1]), flatten(expected[1][0]) + flatten(expected[1][1]))
