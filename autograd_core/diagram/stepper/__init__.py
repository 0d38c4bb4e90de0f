"""The stepper: a page on which the forward pass and build_grad go through a graph step by step.

events                          the steps, in their order
page                            the file as a whole
page.html, page.css, page.js    its parts
texts.json                      its texts, in English and German
"""

from __future__ import annotations

from collections.abc import Iterable

from ...backprop import GradTable
from ...errors import DiagramError, NumberError
from ...graph import ancestors, check_fresh
from ...settings import LANGUAGES, one_of
from ...value import Value, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .page import Stepper

__all__ = ["step"]

MOST_NODES = 500
"""Values of a graph: 195 make a page of 0.42 MB (``python -m benchmarks pictures``, which asks for 1 MB at most)."""


def step(z: Value | GradTable, wrt: Value | Iterable[Value] | None = None, *, language: str = "en") -> Stepper:
    """A page that goes through the forward pass and then through build_grad, step by step.

    z: the root, or a grad_table, which has root and targets.
    wrt: the targets T whose gradients are wanted, by default the table's, or all leaves.
    language: "en" or "de"; the page can switch.

    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> step(x * y + x, [x])
    <Stepper of 4 values: .save("step.html") makes the page>

    Raises `NumberError` (a TypeError) for what is no Value, `DiagramError` for more nodes than anybody steps through,
    `StaleGraphError` after a leaf has changed.
    """
    if isinstance(z, GradTable):
        return step(z.root, z.targets if wrt is None else wrt, language=language)
    root, wrt = element_of(z), element_of(wrt)
    targets = None if wrt is None else list(wrt) if isinstance(wrt, Iterable) else [wrt]
    for node in (root, *(targets or ())):
        if not isinstance(node, Value):
            raise NumberError(
                f"step takes a Value or a GradTable, and a list of Values, got {node!r:.60} of type "
                f"{type(node).__name__}"
            )
    one_of("language", language, LANGUAGES)
    from .page import Stepper

    order = ancestors(root)
    check_fresh(order)
    if len(order) > MOST_NODES:
        raise DiagramError(
            f"the graph has {len(order):,} values, more than the {MOST_NODES} that can be stepped through. Step "
            "through an inner node, or a smaller network: its algorithm is the same"
        )
    leaves = [node for node in order if not node.inputs]
    return Stepper(root, list(dict.fromkeys(leaves if targets is None else targets)), language)
