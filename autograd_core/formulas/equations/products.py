"""Products with a single number, which are products of matrices of one row or one column."""

from __future__ import annotations

from ...jit.plan.blocks import Map, Product
from ...jit.plan.sums import DOT, MUL
from .reals.penalties import is_parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ...jit.plan.blocks import Found

__all__ = ["as_product", "is_captured", "is_elementwise_product", "is_sum_of_squares"]


def is_captured(found: Found, nodes: Collection[int]) -> bool:
    """Whether all nodes are parameters, as the weights of a network are."""
    return all([is_parameter(found.node(a)) for a in nodes])


def is_elementwise_product(block: Map) -> bool:
    """Whether each element is a product of two numbers; a `dot` of a single pair is one too."""
    return block.formula.op in (MUL, DOT) and len(block.columns) == 2


def is_sum_of_squares(product: Product) -> bool:
    """Whether a product is that of a vector with itself, as in a penalty; a neuron's weights are no such thing."""
    return len(product.left) == 1 and product.left == product.right


def as_product(block: Map, k: int) -> Product | None:
    """The product that elementwise multiplication is if one of its operands is a single number for all elements.

    Operand k is on the right, the other one is on the left; None if there are several numbers in both."""
    right, left = (list(dict.fromkeys(block.columns[p])) for p in (k, 1 - k))
    if min(len(left), len(right)) > 1 or max(len(left), len(right)) < len(block.nodes):
        return None
    role = None if block.axis is None else "rows"
    return Product(block.nodes, block.axis, role, 1.0, ([[a] for a in left], [[a] for a in right]))
