"""Derivations of a graph: `derive` writes a derivative out step by step, `latex` the expression itself.

terms     names, symbols and numbers of the nodes
reading   a graph as an expression
rules     local derivatives: the ops' own rules, applied to symbols
forward   the lines of the forward pass
backward  the lines of the chain rule
closed    the line of the whole derivative in one formula
steps     the form of each step that is true in floats at this point
lines     the derivation itself, as text and as LaTeX
"""

from __future__ import annotations

from ...errors import DiagramError, NumberError
from ...graph import ancestors
from ...paths import counted
from ...settings import whole
from ...value import Value, element_of
from ...visible import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .lines import Derivation

__all__ = ["derive", "latex"]

DIGITS, MOST_DIGITS = 6, 17
"""Significant digits by default, and at most: 17 tell any two float64 apart."""
MOST_PARTS, MOST_LEVELS, MOST_NODES = 1_000, 60, 50_000
"""Limits of what anybody reads: parts and levels of brackets in the formula of `latex`, values in `derive`.

The time of `derive` is linear at least up to 30,000 operations (``python -m benchmarks pictures``).
"""


def derive(z: Value, x: Value | None = None, *, digits: int | None = DIGITS) -> Derivation:
    """∂z/∂x step by step, in the lectures' notation; without `x` the forward pass, which computes z.

    First what every node is, then from z down to x the derivative of z by each node on the way: the chain rule, the
    local derivatives put in, the numbers. If it is short, at the end the whole derivative in one formula, multiplied
    out where something cancels. Names that are no words stand in quotation marks.

    digits: how many significant digits numbers are shown with, 1 to 17, None for all; more, where so many are not
    enough. ≈ stands where those that are cut make a difference.

    >>> x = Value(2.0, name="x")
    >>> from autograd_core import log
    >>> derive(log(3 * x**2), x)
    v1 = x**2 = 2**2 = 4
    v2 = 3 * v1 = 3 * 4 = 12
    z = log(v2) = log(12) ≈ 2.48491
    dz/dv2 = log'(v2) = 1 / v2 = 1 / 12 ≈ 0.0833333
    dz/dv1 = dz/dv2 * dv2/dv1 = 3 * dz/dv2 ≈ 3 * 0.0833333 ≈ 0.25
    dz/dx = dz/dv1 * dv1/dx = 2 * dz/dv1 * x = 2 * 0.25 * 2 = 1
    dz/dx = 6 * log'(3 * x**2) * x = 2 / x = 2 / 2 = 1

    Raises `NumberError` (a TypeError) for what is no Value, `StaleGraphError` after a leaf has changed,
    `DiagramError` for a graph of which nobody would read the lines, and for another number of digits.
    """
    z, x = element_of(z), element_of(x)
    for node in (z,) if x is None else (z, x):
        if not isinstance(node, Value):
            raise NumberError(f"derive takes Values, got {node!r:.60} of type {type(node).__name__}")
    from .backward import backward
    from .forward import forward
    from .lines import Derivation
    from .terms import Terms

    if (count := sum([bool(node.inputs) for node in ancestors(z)])) > MOST_NODES:
        raise DiagramError(
            f"the derivation would have a line for most of {count:,} values, more than anybody reads ({MOST_NODES:,}). "
            "Derive an inner node; for single numbers ask paths(z, x) or explain(table, x)"
        )
    terms = Terms(z, None if digits is None else whole("digits", digits, MOST_DIGITS), x)
    lines, needs = ([], []) if x is None else backward(terms, x)
    return Derivation([*forward(terms), *lines], needs)


def latex(z: Value) -> Text:
    r"""The expression that `z` was computed by, in LaTeX, down to leaves and nodes with a name.

    >>> x = Value(2.0, name="x")
    >>> latex(x**2 / (1 + x))
    \frac{x^{2}}{1 + x}

    Raises `NumberError` (a TypeError) for what is no Value, `DiagramError` for more nodes than anybody could read.
    """
    z = element_of(z)
    if not isinstance(z, Value):
        raise NumberError(f"latex takes a Value, got {z!r:.60} of type {type(z).__name__}")
    from .reading import ends_of, unfolded_depth, unfolded_size
    from .terms import Terms

    ends = set(ends_of(ancestors(z), z))
    size, depth = unfolded_size(z, ends), unfolded_depth(z, ends)
    if size > MOST_PARTS:
        raise DiagramError(
            f"the formula has {counted(size)} parts, more than anybody reads ({MOST_PARTS:,}). Write an inner node, "
            "give inner nodes names, which end the formula there, or use derive(z), line by line"
        )
    if depth > MOST_LEVELS:
        raise DiagramError(
            f"the formula has {depth:,} levels of nesting, more than anybody reads ({MOST_LEVELS}). Give inner nodes "
            "names, which end the formula there, or use derive(z), line by line"
        )
    return Text(Terms(z, None).in_full().latex)
