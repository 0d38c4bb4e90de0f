"""Functions that are taken for others: a sum for a mean, log₁₀ for ln, z / Σz for softmax."""

from __future__ import annotations

import math
from itertools import combinations

from ...ops import TABLE
from ...value import Value
from .points import op_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

__all__ = ["rewritings", "taken_for"]


def rewritings() -> Iterator[tuple[str, frozenset[str]]]:
    """What somebody may have taken a function for, each alone and several together: the kind, and its parts."""
    kinds = ("mean", "mean twice", "base-10 logarithm", "softmax", "two classes")
    for count in (1, 2, 3):
        for some in combinations(kinds, count):
            if not {"mean", "mean twice"} <= set(some):
                yield " and ".join(some), frozenset(some)


def taken_for(node: Value, at: Mapping[Value, Value], change: Collection[str], changed: list[Value]) -> Value | None:
    """The node in the ops of another function, noted among the `changed`; None if it stays as it is."""
    new: Value | None = _changed(node, at, change)
    changed += [] if new is None else [node]
    return new


def _changed(node: Value, at: Mapping[Value, Value], change: Collection[str]) -> Any:
    name, inputs = op_name(node), [at[x] if isinstance(x, Value) else x for x in node.inputs]
    if name == "mean" or (name in ("div", "mul") and _is_mean(node)):
        m = float(len(inputs)) if name == "mean" else _divisor(node)
        if "mean" in change:
            return TABLE["mul"](node.op(*inputs), m)
        if "mean twice" in change:
            return TABLE["div"](node.op(*inputs), m)
    log = TABLE["log10" if "base-10 logarithm" in change else "log"]
    if name == "log" and isinstance(node.inputs[0], Value):
        share = _share(node.inputs[0])
        if "two classes" in change and share is not None:
            a, whole = share
            others = [_of_whole(b, whole, at, "softmax" in change) for b in whole if b is not a]
            return sum([log(1.0 - p) for p in others], log(_of_whole(a, whole, at, "softmax" in change)))
        if "base-10 logarithm" in change:
            return log(at[node.inputs[0]])
    if "softmax" in change and (share := _share(node)) is not None:
        return _of_whole(*share, at, True)
    return None


def _is_mean(node: Value) -> bool:
    """Whether a sum of m terms is divided by a whole number, or multiplied by 1 / m."""
    terms = [x for x in node.inputs if isinstance(x, Value) and op_name(x) in ("sum", "add", "dot")]
    m = _divisor(node)
    return len(terms) == 1 and 1.0 < m < math.inf and math.isclose(m, round(m), rel_tol=1e-12)


def _divisor(node: Value) -> float:
    """The m of u / m, or of u times 1 / m; nan if there is none."""
    constants = [x for x in node.inputs if isinstance(x, float) and x]
    if not constants or (op_name(node) == "div" and isinstance(node.inputs[1], Value)):
        return math.nan
    return constants[0] if op_name(node) == "div" else 1.0 / constants[0]


def _share(node: Value) -> tuple[Any, list[Any]] | None:
    """The logit a and all logits, if the node is the softmax eᵃ / Σ eᵇ, in one of the forms in which it is computed."""
    name = op_name(node)
    if name == "sigmoid" and isinstance(x := node.inputs[0], Value) and op_name(x) == "sub":
        a, others = x.inputs
        if isinstance(a, Value) and isinstance(others, Value) and (terms := _terms(others)):
            return a, [a, *terms]
    if name == "exp" and isinstance(x := node.inputs[0], Value) and op_name(x) == "sub":
        a, total = x.inputs
        if isinstance(a, Value) and isinstance(total, Value) and any([b is a for b in _terms(total)]):
            return a, _terms(total)
    if name == "div" and isinstance(e := node.inputs[0], Value) and op_name(e) == "exp":
        logits = [y.inputs[0] for y in _added(node.inputs[1]) if isinstance(y, Value) and op_name(y) == "exp"]
        if any([b is e.inputs[0] for b in logits]):
            return e.inputs[0], logits
    return None


def _terms(node: Value) -> list[Value]:
    """The b of log Σ eᵇ; none if the node is no such logarithm."""
    if not node.inputs or op_name(node) not in ("logaddexp", "logsumexp"):
        return []
    return [b for x in node.inputs if isinstance(x, Value) for b in (_terms(x) or [x])]


def _added(node: Value | float) -> list[Value | float]:
    if not isinstance(node, Value) or op_name(node) not in ("add", "sum"):
        return [node]
    return [term for x in node.inputs for term in _added(x)]


def _of_whole(a: Value, whole: Sequence[Value], at: Mapping[Value, Value], is_plain: bool) -> Any:
    """The softmax of a, or a / Σ b."""
    if is_plain:
        return TABLE["div"](at[a], TABLE["sum"](*[at[b] for b in whole]))
    return TABLE["exp"](at[a] - TABLE["logsumexp"](*[at[b] for b in whole]))
