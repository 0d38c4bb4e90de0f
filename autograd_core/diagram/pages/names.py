"""What pages call the nodes of a graph: one name for one node in its box, in sentences, formulas and tables."""

from __future__ import annotations

from unicodedata import bidirectional

from ...formulas.notation.letters import Names
from ...formulas.notation.operations import applied, number
from ...names import names_of
from ...value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...formulas.notation.written import Written

__all__ = ["expression_of", "formula_of", "label_of", "written_names"]

LONGEST_FORMULA = 120
"""Characters of a node's formula; more are cut off, as an n-ary op may have hundreds of inputs."""


def written_names(nodes: Iterable[Value], root: Value) -> dict[Value, Written]:
    """The names of all nodes as formulas have them, z_1^(2) for layer 2/n1/z."""
    write = Names()
    return {node: write(name) for node, name in names_of(dict.fromkeys(nodes), root).items()}


def label_of(name: Written) -> str:
    """A name without the quotation marks that only formulas need."""
    text = name.text
    return _aligned(text[1:-1].replace(r"\"", '"') if text.startswith('"') else text)


def formula_of(node: Value, written: Mapping[Value, Written]) -> str:
    """The formula by which a node is computed; a long one is cut off, a leaf has none."""
    args = [
        written[x]._replace(text=_aligned(written[x].text)) if isinstance(x, Value) else number(x, 6)
        for x in node.inputs
    ]
    text = applied(node.op, args).text if args else ""
    return text if len(text) <= LONGEST_FORMULA else text[:LONGEST_FORMULA] + "…"


def expression_of(order: Sequence[Value], written: Mapping[Value, Written]) -> str:
    """The whole expression, as ``z = x * y + sin(x)``, of the last node of `order`, which has inputs first.

    Where it would be longer than `LONGEST_FORMULA`, inner nodes stand in it by their names.
    """
    whole: dict[Value, Written] = {}
    for node in order:
        args = [whole[x] if isinstance(x, Value) else number(x, 6) for x in node.inputs]
        whole[node] = applied(node.op, args) if args else written[node]
        if len(whole[node].text) > LONGEST_FORMULA:
            whole[node] = written[node]
    root = order[-1]
    if whole[root] is written[root] and root.inputs:
        return f"{label_of(written[root])} = {formula_of(root, written)}"
    return f"{label_of(written[root])} = {whole[root].text}" if root.inputs else label_of(written[root])


def _aligned(text: str) -> str:
    """A text isolated, if it has letters that are written from right to left: else they turn what stands beside it."""
    is_turning = any([bidirectional(letter) in ("R", "AL") for letter in text])
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if is_turning else text
