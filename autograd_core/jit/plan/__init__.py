"""Planning: the loops, products of matrices and copies that compute a program, in order, and the layout of memory.

The matrices are found in scalars, as the lectures go by hand from a neuron's w · x + b to a = σ(W a + b).

    loops           phases: loops over points, and single numbers between them; source languages need no more
    sums            sums of products, however they were written;  opened_gates: gated gradients among them
    shared_factors  sums that share their factors are products of matrices
    find            level by level: products, and arrays of numbers with one formula;  blocks: both as objects
    layout          the place of every number;  strides: even distances
    work            loops, products and copies;  order: their order;  loop_programs: the body of a loop
    fused_updates   products that are accumulated in place
    listing         a plan as text

Nothing here knows what a network is, or how a machine computes.
"""

from .find import ALL, FAST, Limits, find
from .order import Plan, plan
from .work import Copy, Loop, Multiplication

__all__ = ["ALL", "FAST", "Copy", "Limits", "Loop", "Multiplication", "Plan", "find", "plan"]
