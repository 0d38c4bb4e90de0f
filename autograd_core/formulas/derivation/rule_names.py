"""The rules of calculus that a line of the chain rule applies, by the names that lessons give them."""

from __future__ import annotations

from ..notation.operations import standard_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ...value import Value

__all__ = ["rules_of", "words"]

WORDS = {
    "en": {
        "chain": "chain rule",
        "product": "product rule",
        "quotient": "quotient rule",
        "power": "power rule",
        "exponential": "exponential rule",
        "sum": "sum rule",
        "factor": "constant factor rule",
        "function": "derivative of {}",
        "blocked": "0, as nothing flows back through {}",
        "apart": "0, as {} does not depend on {}",
    },
    "de": {
        "chain": "Kettenregel",
        "product": "Produktregel",
        "quotient": "Quotientenregel",
        "power": "Potenzregel",
        "exponential": "Exponentialregel",
        "sum": "Summenregel",
        "factor": "Faktorregel",
        "function": "Ableitung von {}",
        "blocked": "0, da nichts zurückfließt durch {}",
        "apart": "0, da {} nicht abhängt von {}",
    },
}

SUMS = {"add", "sub", "sum", "mean", "identity"}
POWERS = {"power", "square", "sqrt", "cbrt", "rsqrt"}


def words(language: str) -> dict[str, str]:
    """The words of a language: names of rules, and why a derivative is 0."""
    return WORDS[language]


def rules_of(
    edges: Iterable[tuple[Value, Value]], between: Collection[Value], language: str, logarithm: str
) -> list[str]:
    """The names of the rules by which ∂node/∂x is found for each edge (node, x), each name once.

    ``between`` are the nodes that depend on the variable: a factor that does not is constant. ``logarithm`` is what the
    natural one is called.
    """
    names = words(language)
    found = [
        (rule, logarithm if standard_name(node.op) == "log" else node.op.name)
        for node, x in edges
        for rule in _rules(node, x, between)
    ]
    return list(dict.fromkeys([names[rule].format(function) for rule, function in found]))


def _rules(node: Value, x: Value, between: Collection[Value]) -> list[str]:
    match standard_name(node.op):
        case name if name in SUMS:
            return ["sum"]
        case "mul" | "prod" | "dot" | "fma" if all([y is x for y in node.inputs]):
            return ["power"]  # x * x is written x**2
        case "mul" | "prod" | "dot" | "fma":
            return ["product" if sum([y in between for y in node.inputs]) > 1 else "factor"]
        case "neg":
            return ["factor"]
        case "div":
            return ["quotient" if node.inputs[1] in between else "factor"]
        case "reciprocal":
            return ["quotient"]
        case "pow":
            base, exponent = node.inputs
            return ["power"] * (base is x) + ["exponential"] * (exponent is x)
        case name if name in POWERS:
            return ["power"]
    return ["function"]
