"""Sanity checks: what is tried out before anything is compiled, and what is looked at when training has ended."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

from autograd_core import Value
from autograd_core.graph import ancestors

from ..checks import told_with
from ..compiled import plain, values_in
from ..data.samples import Samples
from ..errors import OutputError
from ..metrics import Measure
from ..network.module import Module

__all__ = ["rehearse", "warn_of_symptoms", "warn_of_unreached"]


def rehearse(
    net: Module, loss: Measure, samples: Samples, parameters: Sequence[Value]
) -> tuple[str | None, list[Value]]:
    """Try the first sample, and every target that there is: what is wrong shows here. Why nothing can be compiled, if
    that shows too; and the parameters that the loss does not depend on."""
    output = net(samples.rows[0].tolist())
    cost = _cost(loss, output, samples, 0)
    if not isinstance(cost, Value):
        advice = "; add up several with ag.sum or ag.mean"
        if cost is None:
            advice = "; is a return missing?"
        elif isinstance(cost, Real):
            advice = f", a plain number, which depends on no parameter. {USE_THE_OUTPUT}"
        raise OutputError(f"the loss must be one number, a Value, and it returned {cost!r:.60}{advice}")
    unreached = _unreached(parameters, cost)
    if len(unreached) == len(parameters):
        raise OutputError(
            f"the loss depends on no parameter. {USE_THE_OUTPUT}, and let parameters() list what the network uses"
        )
    why_eager = "the targets are not numbers, or differ in length" if samples.target_numbers is None else None
    for i in _first_of_each(samples.targets):
        cost = _cost(loss, output, samples, i)
        unreached = unreached and _unreached(unreached, cost)
        if isinstance(target := samples.targets[i], int):
            why_eager = why_eager or _why_not_a_value(loss, output, target, cost)
    return why_eager, unreached


def _cost(loss: Measure, output: Any, samples: Samples, i: int) -> Any:
    with told_with(f"Y[{i}]"):
        return loss(output, samples.targets[i])


def _unreached(parameters: Sequence[Value], cost: Any) -> list[Value]:
    found = ancestors(cost) if isinstance(cost, Value) else {}
    return [p for p in parameters if p not in found]


def warn_of_unreached(net: Module, loss: Measure, samples: Samples, parameters: Sequence[Value], count: int) -> None:
    """Say so where some of the `count` parameters, of which the first sample left these, are used by the loss of no
    sample that is tried: usually a plain number stands between."""
    left, tried = list(parameters), range(0, len(samples), max(1, len(samples) // MOST_SAMPLES))
    for k in tried:
        left = left and _unreached(left, loss(net(samples.rows[k].tolist()), samples.targets[k]))
    if left:
        _warn(
            f"in the {len(tried)} samples tried the loss depends on {count - len(left)} of {count} parameters only; "
            f"{left[0].name or 'one'} is the first of the others, which learn nothing. Compute with ops, without "
            ".data; what is not to be trained does not belong into parameters()"
        )


USE_THE_OUTPUT = "Compute it from the network's output with ops, without .data"


def _why_not_a_value(loss: Measure, output: Any, label: int, cost: Any) -> str | None:
    """Why a label may not come in a Value, as data of a compiled step do: a dict, say, does not find it there."""
    known = plain(cost)
    try:
        found = float(plain(loss(output, Value(label))))
    except Exception:  # whatever it is: the first step meets it, and raises it if it is a mistake of this library
        return None
    if math.isclose(found, known, rel_tol=1e-9) or plain(loss(output, label)) != known:  # or there is chance in it
        return None
    return (
        f"the loss makes {known:.6g} of the label {label}, and {found:.6g} of a Value with this number, as a compiled "
        "step has it. A dict does not find a Value: give what it would find as a further target; instead of isinstance "
        "select with ag.where(condition, a, b)"
    )


def _first_of_each(targets: Sequence[Any]) -> list[int]:
    """The first place of each target, by type and value; what is not hashable has none."""
    found: dict[Any, int] = {}
    for i, y in enumerate(targets):
        with suppress(TypeError):
            found.setdefault((list, *y) if isinstance(y, list) else (type(y), y), i)
    return list(found.values())


GROWN, BEYOND_REASON = 1e6, 1e30  # of a loss, by how much and to what
MOST_SAMPLES = 100  # that are asked whether a network looks at them; two will do if it does

FLAT = {"relu", "relu6", "hard_sigmoid", "hardtanh", "sigmoid", "tanh", "maximum", "clip"}
"""Activations that are constant on one side of their kink or, once saturated, in all digits."""


def warn_of_symptoms(net: Module, samples: Samples, first: float, last: float) -> None:
    """Say so where training has ended with a loss beyond all reason, or with a network that looks at nothing, though
    every number is finite. `first` and `last` are the first and the last loss."""
    if last > GROWN * max(1.0, first) or last > BEYOND_REASON:
        _warn(
            f"training ended with a loss of {last:.3g}; the first one seen was {first:.3g}. Usually the learning rate "
            "is too large, or X and Y should be scaled to numbers around 1"
        )
    rows = samples.rows[:: max(1, len(samples) // MOST_SAMPLES)]
    others = [row for row in rows if (row != rows[0]).any()]
    output = net(rows[0].tolist())
    nodes = ancestors(*[x for x in values_in(output) if isinstance(x, Value)])
    flat = {node.op.name for node in nodes if node.inputs} & FLAT
    if flat and others and all(plain(net(row.tolist())) == plain(output) for row in others):
        _warn(
            "the network gives the same output for all samples: its neurons are flat where they stand, "
            f"{' and '.join(sorted(flat))} (dead neurons), and learn nothing any more. Take a smaller learning rate, "
            "scaled inputs, or leaky_relu"
        )


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=4)  # whoever has called `fit`
