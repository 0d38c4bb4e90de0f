"""Derivations of a graph: `derive` writes a derivative out step by step, `latex` the expression itself.

terms     names, symbols and numbers of the nodes
reading   a graph as an expression
rules     local derivatives: the ops' own rules, applied to symbols
forward   the lines of the forward pass
backward  the lines of the chain rule
closed    the line of the whole derivative in one formula
steps     the form of each step that is true in floats at this point
rule_names  the rules of calculus by their names
lines     the derivation itself, as text and as LaTeX
"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import DiagramError, NumberError
from ...graph import ancestors
from ...paths import counted
from ...settings import LANGUAGES, one_of, whole
from ...value import Value, element_of
from ...visible import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .lines import Derivation
    from .terms import Terms

__all__ = ["derivations", "derive", "latex", "nodes_called"]

DIGITS, MOST_DIGITS = 6, 17
"""Significant digits by default, and at most: 17 tell any two float64 apart."""
LOGARITHMS = ("ln", "log")
MOST_NAMES = 12
"""Names that the answer to a wrong one lists."""
MOST_PARTS, MOST_LEVELS, MOST_NODES = 1_000, 60, 50_000
"""Limits of what anybody reads: parts and levels of brackets in the formula of `latex`, values in `derive`.

The time of `derive` is linear at least up to 30,000 operations (``python -m benchmarks pictures``).
"""


def derive(
    z: Value,
    x: Value | str | Iterable[Value | str] | None = None,
    *,
    digits: int | None = DIGITS,
    rules: bool = False,
    language: str = "en",
    logarithm: str | None = None,
) -> Derivation:
    """∂z/∂x step by step, in the lectures' notation; without `x` the forward pass, which computes z.

    First what every node is, then from z down to x the derivative of z by each node on the way: the chain rule, the
    local derivatives put in, the numbers. If it is short, at the end the whole derivative in one formula: with f', with
    what f' is, inner derivatives still together, then simplified. Names that are no words stand in quotation marks.

    x: a node, or the name that derivations give it; of several the derivatives follow each other.
    digits: how many significant digits numbers are shown with, 1 to 17, None for all; more, where so many are not
    enough. ≈ stands where those that are cut make a difference.
    rules: whether each line of the chain rule says by which rules it is found.
    language: "en" or "de", of these rules and of the reason why a derivative is 0.
    logarithm: "ln" or "log", how the natural one is written; by default log in text, as expressions have it, and ln in
    LaTeX.

    >>> x = Value(2.0, name="x")
    >>> from autograd_core import log
    >>> derive(log(3 * x**2), x)
    v1 = x**2 = 2**2 = 4
    v2 = 3 * v1 = 3 * 4 = 12
    z = log(v2) = log(12) ≈ 2.48491
    dz/dv2 = log'(v2) = 1 / v2 = 1 / 12 ≈ 0.0833333
    dz/dv1 = dz/dv2 * dv2/dv1 = dz/dv2 * 3 ≈ 0.0833333 * 3 ≈ 0.25
    dz/dx = dz/dv1 * dv1/dx = dz/dv1 * (2 * x) = 0.25 * (2 * 2) = 1
    dz/dx = log'(3 * x**2) * (6 * x) = 1 / (3 * x**2) * (6 * x) = 2 / x = 2 / 2 = 1
    >>> derive(x**2 * 5, "x", rules=True, language="de").lines[-2]
    dz/dx = dz/dv1 * dv1/dx = dz/dv1 * (2 * x) = 5 * (2 * 2) = 20   (Kettenregel, Potenzregel)

    Raises `NumberError` (a TypeError) for what is no Value, `StaleGraphError` after a leaf has changed,
    `DiagramError` for a graph of which nobody would read the lines, for a name that no node has, for other settings.
    """
    forward, *derivatives = derivations(z, x, digits=digits, rules=rules, language=language, logarithm=logarithm)
    for other in derivatives:
        forward.lines += other.lines
        forward.needs = list(dict.fromkeys([*forward.needs, *other.needs]))
    return forward


def derivations(
    z: Value,
    x: Value | str | Iterable[Value | str] | None,
    *,
    digits: int | None,
    rules: bool,
    language: str,
    logarithm: str | None,
) -> list[Derivation]:
    """The forward pass, and apart from it the derivative by each `x`; the parts of what `derive` gives."""
    z, xs = element_of(z), several(x)
    for node in (z, *[x for x in xs if not isinstance(x, str)]):
        if not isinstance(node, Value):
            raise NumberError(
                f"derive takes Values, got {node!r:.60} of type {type(node).__name__}; write derive(z, x), with the "
                "Value x, its name, or a list of them"
            )
    one_of("language", language, LANGUAGES)
    if logarithm is not None:
        one_of("logarithm", logarithm, LOGARITHMS)
    from .backward import backward
    from .forward import forward
    from .lines import Derivation
    from .terms import Terms

    if (count := sum([bool(node.inputs) for node in ancestors(z)])) > MOST_NODES:
        raise DiagramError(
            f"the derivation would have a line for most of {count:,} values, more than anybody reads ({MOST_NODES:,}). "
            "Derive an inner node; for single numbers ask paths(z, x) or explain(table, x)"
        )
    shown = None if digits is None else whole("digits", digits, MOST_DIGITS)
    terms = Terms(z, shown, [x for x in xs if not isinstance(x, str)], logarithm)
    nodes = nodes_called(xs, terms)
    return [Derivation(forward(terms)), *[Derivation(*backward(terms, x, language, rules)) for x in nodes]]


def nodes_called(x: Any, terms: Terms) -> list[Value]:
    """The nodes that are meant by a Value or a name, or by several."""
    return [_called(one, terms) if isinstance(one, str) else one for one in several(x)]


def several(x: Any) -> list[Any]:
    """What is to be derived by, as a list: of one Value or name, of several, or of none."""
    x = element_of(x)
    if x is None:
        return []
    return [element_of(one) for one in x] if isinstance(x, Iterable) and not isinstance(x, str | Value) else [x]


def _called(name: str, terms: Terms) -> Value:
    """The node that a derivation calls so."""
    from ...synonyms import close

    names = {written.text: node for node, written in terms.names.items()}
    if name in names:
        return names[name]
    similar = close(name, names)
    there = ", ".join(list(names)[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    hint = f"; did you mean {similar}?" if similar else ""
    raise DiagramError(f"no node of {terms.names[terms.z].text} is called {name!r:.40}; there are {there}{hint}")


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
