"""Sums over samples that a loop has unrolled: where dW = Σᵢ δᵢ aᵢᵀ is, the sum Σᵢ δᵢ of the same δᵢ is one step.

The δᵢ stay whole, and do not come apart into what they are computed from.
"""

from __future__ import annotations

import math

from ....domain import EXTENDED
from ....jit.ir.program import Builder, Program, Step, moved, renumbered
from ....jit.plan.sums import Sums
from ....op import Op
from .penalties import penalised, terms_of, uses_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["sample_sum", "with_sums_of_samples"]

sample_sum = Op("sample_sum", lambda *xs: math.fsum(xs), lambda g, z, *xs: [g] * len(xs), EXTENDED)


def with_sums_of_samples(program: Program) -> Program:
    """The program with `sample_sum` for the results that add what stands in the products of another sum."""
    summed = _sums(program)
    if not summed:
        return program
    builder, at = Builder(), list[int]()
    for i, node in enumerate(program.nodes):
        if i in summed:
            at.append(builder.add(Step(sample_sum, tuple([at[a] for a in summed[i]]))))
        else:
            at.append(builder.add(renumbered(node, at)))
    return moved(program, builder, at)


def _sums(program: Program) -> dict[int, list[int]]:
    """The terms of these results, or of the parts of them that are of the samples."""
    uses, nodes = uses_of(program), program.nodes
    found = {}
    factors: set[frozenset[int]] | None = None
    for i in {out.node: None for out in program.outputs}:
        node = nodes[i]
        if isinstance(node, Step) and node.op is penalised:
            i = node.args[0]  # noqa: PLW2901  # the part that is of the samples
        terms = list(terms_of(program, i, uses))
        if 1 < len(terms) == len(set(terms)):
            factors = set(_sets_of_factors(program)) if factors is None else factors
            if frozenset(terms) in factors:
                found[i] = terms
    return found


def _sets_of_factors(program: Program) -> Iterator[frozenset[int]]:
    """For each sum of products the sets of as many factors that all of its products share one each of."""
    for terms in Sums(program).terms.values():
        pairs = [factors for _, factors in terms if len(factors) == 2]
        if len(pairs) == len(terms):
            for side in zip(*pairs, strict=True):
                yield frozenset(side)
