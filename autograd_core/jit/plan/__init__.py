"""What is to be done in which order: with matrices found in scalars, which is what the lectures do by hand between a
neuron's w · x + b and a = σ(W a + b).

    loops           phases: loops over points, and single numbers between them; sources in Python and C need no more
    sums            sums of products, however they were written;  opened_gates: those that arrive under a condition
    shared_factors  sums that share their factors are products of matrices
    find            level by level: products, and arrays of numbers that the same formula gives;  blocks: what was found
    layout          where every number lies;  strides: at even distances
    work            loops, products and copies;  order: all of them;  loop_programs: what a loop computes
    fused_updates   products that are added to something as they are made
    listing         a plan as text

Nothing here knows what a network is, or how a machine computes.
"""

from .find import ALL, FAST, Limits, find
from .order import Plan, plan
from .work import Copy, Loop, Multiplication

__all__ = ["ALL", "FAST", "Copy", "Limits", "Loop", "Multiplication", "Plan", "find", "plan"]
