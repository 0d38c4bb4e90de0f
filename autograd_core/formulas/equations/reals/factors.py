"""Products as backpropagation makes them: their factors in the order from the output to the inputs.

A compiled gradient multiplies in any order, and shares what it can. In the order of the chain rule all products behind
one error begin alike, so that δ is a node of its own, and δ W σ'(z) x is made of it.
"""

from __future__ import annotations

from ....jit.ir.lane_ops import spread
from ....jit.ir.program import Builder, Constant, Step, is_constant, moved, renumbered
from ....ops import TABLE
from ....ops.selection import COMPARISONS
from .derivatives import Derivative
from .steps import chained, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from ....jit.ir.program import Node, Program

    Monomial: TypeAlias = tuple[float, list[int]]
    """A number, and the nodes that it is multiplied by."""

__all__ = ["monomials_of", "with_factors_in_order"]

MUL, NEG, WHERE = TABLE["mul"], TABLE["neg"], TABLE["where"]
MOST_FACTORS = 100
"""Factors that a product is taken apart into; a longer one stays as it is."""


def with_factors_in_order(program: Program) -> Program:
    """The program with the factors of each product with an f'(z), or with a condition, which is relu' where there is no
    relu, in the order of the chain rule."""
    nodes, monomials = program.nodes, monomials_of(program)
    is_slope = [_is_derivative(node) or _is_truth(node) for node in nodes]
    is_ordered = [factors != [i] and any([is_slope[a] for a in factors]) for i, (_, factors) in enumerate(monomials)]
    places = _places(nodes, _parts(program, is_ordered))
    builder, at = Builder(), list[int]()
    for i, (node, (number, factors)) in enumerate(zip(nodes, monomials, strict=True)):
        several = [a for a in node.args if monomials[a][1]] if isinstance(node, Step) else []
        if not is_ordered[i]:
            at.append(builder.add(renumbered(node, at)))
        elif len(several) == 1:  # a number times a product stays that, whatever number is in the product
            (a,) = several
            at.append(times(builder, number / monomials[a][0], at[a]))
        else:
            at.append(_product(builder, nodes, number, sorted(factors, key=places.__getitem__, reverse=True), at))
    return moved(program, builder, at)


def monomials_of(program: Program) -> list[Monomial]:
    """Each node as a product; one that is none is its only factor."""
    monomials: list[Monomial] = []
    for i in range(len(program.nodes)):
        monomials.append(_monomial(program.nodes, i, monomials))
    return monomials


def _product(builder: Builder, nodes: Sequence[Node], number: float, factors: list[int], at: Sequence[int]) -> int:
    """The position of a number times these nodes, in their order; a condition stands behind what it is for."""
    first, second, *others = factors
    if _is_truth(nodes[first]) and not _is_truth(nodes[second]):
        first, second = second, first
    order = [first, second, *others]
    parts = [at[a] for a in order]
    k = next(k for k, a in enumerate(order) if isinstance(nodes[a], Step))  # what is given stays as it was given
    parts[k] = times(builder, number, parts[k])
    return chained(builder, MUL, parts)


def _monomial(nodes: Sequence[Node], i: int, monomials: Sequence[Monomial]) -> Monomial:
    """Node i as a product, where those before it are `monomials`; itself if it is none. A gate is one with a truth."""
    node = nodes[i]
    if isinstance(node, Constant):
        return node.value, []
    if isinstance(node, Step) and (node.op in (MUL, NEG) or _is_gate(nodes, node)):
        number, factors = -1.0 if node.op is NEG else 1.0, list[int]()
        for a in node.args[:2]:
            number *= monomials[a][0]
            factors += monomials[a][1]
        if number and len(factors) <= MOST_FACTORS:
            return number, factors
    return 1.0, [i]


def _parts(program: Program, has_derivative: Sequence[bool]) -> list[bool]:
    """Whether each node is a product with an f'(z), or a product that stands in such ones only."""
    is_part = list(has_derivative)
    used_elsewhere = {out.node for out in program.outputs}
    for i, node in reversed(list(enumerate(program.nodes))):
        if isinstance(node, Step):
            is_part[i] = is_part[i] or (node.op in (MUL, NEG) and i not in used_elsewhere)
            used_elsewhere |= set(() if is_part[i] else node.args)
    return is_part


def _places(nodes: Sequence[Node], are_parts: Sequence[bool]) -> list[int]:
    """How many steps from the inputs each node enters the computation: f'(z) where z does, and what is given, once or
    for all samples, with the first step that takes it. Products with an f'(z) and their parts take nothing: what is in
    them alone, as the weight of a sample, belongs to the cost."""
    places: list[int] = []
    first: dict[int, int] = {}
    for node, is_part in zip(nodes, are_parts, strict=True):
        before = [places[a] for a in node.args] if isinstance(node, Step) else []
        place = before[0] if _is_derivative(node) else 1 + max(before, default=-1)
        places.append(place)
        for a in node.args if isinstance(node, Step) and not is_part else ():
            first[a] = min(place, first.get(a, place))
    are_given = [not isinstance(node, Step) or node.op is spread for node in nodes]
    return [first.get(i, len(nodes)) if is_given else places[i] for i, is_given in enumerate(are_given)]


def _is_gate(nodes: Sequence[Node], node: Step) -> bool:
    """Whether a step is g where a comparison holds, and else 0."""
    return node.op is WHERE and _is_truth(nodes[node.args[0]]) and is_constant(nodes, node.args[2], 0.0)


def _is_truth(node: Node) -> bool:
    return isinstance(node, Step) and node.op in COMPARISONS


def _is_derivative(node: Node) -> bool:
    return isinstance(node, Step) and isinstance(node.op, Derivative)
