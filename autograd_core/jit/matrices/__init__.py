"""Matrices found in scalars: what the lectures do by hand between a neuron's w · x + b and a = σ(W a + b).

    sums      sums of products, however they were written;  gates   those that arrive under a condition
    factors   those that share their factors are products of matrices
    find      level by level: products, and arrays of numbers that the same formula gives
    blocks    what was found
    views     even distances;  places   where every number lies
    work      loops, products and copies;  stages   all of them in order;  writer   the program of one loop
    updates   products that are added to something as they are made

Nothing here knows what a network is, or how a machine computes.
"""

from .blocks import Found
from .find import ALL, FAST, Limits, find
from .places import Place, Tensor, View
from .stages import Stages
from .work import Copy, Loop, Multiplication

__all__ = [
    "ALL",
    "FAST",
    "Copy",
    "Found",
    "Limits",
    "Loop",
    "Multiplication",
    "Place",
    "Stages",
    "Tensor",
    "View",
    "find",
]
