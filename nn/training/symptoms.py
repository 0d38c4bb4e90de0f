"""What a training that went wrong looks like when it ends, though every number is finite."""

from __future__ import annotations

import warnings

from autograd_core.graph import outline

from .steps import plain
from .watch import values_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..data.samples import Samples
    from ..network.module import Module

__all__ = ["warn_of_symptoms"]

GROWN, BEYOND_REASON = 1e6, 1e30  # of a loss, by how much and to what
MOST_SAMPLES = 100  # that are asked whether a network looks at them; two will do if it does

FLAT = {"relu", "relu6", "hard_sigmoid", "hardtanh", "sigmoid", "tanh", "maximum", "clip"}
"""Activations that are constant on one side of their kink or, once saturated, in all digits."""


def warn_of_symptoms(net: Module, samples: Samples, first: float, last: float) -> None:
    """Say so where training has ended with a loss beyond all reason, or with a network that looks at nothing.

    `first` and `last` are the first and the last loss.
    """
    if last > GROWN * max(1.0, first) or last > BEYOND_REASON:
        _warn(
            f"training ended with a loss of {last:.3g}; the first one seen was {first:.3g}. Usually the learning rate "
            "is too large, or X and Y should be scaled to numbers around 1"
        )
    flat = _flat_ops(net, samples)
    if flat:
        _warn(
            f"the network gives the same output for all samples: its neurons are flat where they stand, {flat} (dead "
            "neurons), and learn nothing any more. Take a smaller learning rate, scaled inputs, or leaky_relu"
        )


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=4)  # whoever has called `fit`


def _flat_ops(net: Module, samples: Samples) -> str:
    """The names of the ops with flat parts in a network whose outputs are all the same, though its inputs are not."""
    rows = samples.rows[:: max(1, len(samples) // MOST_SAMPLES)]
    others = [row for row in rows if (row != rows[0]).any()]
    first = net(rows[0].tolist())
    flat = {line[0].name for line in outline(values_in(first), {})[:-1]} & FLAT
    is_same = flat and others and all(plain(net(row.tolist())) == plain(first) for row in others)
    return " and ".join(sorted(flat)) if is_same else ""
