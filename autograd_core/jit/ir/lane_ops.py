"""Lane ops, by which numbers enter and leave a lane axis, where one node holds one number for every point of a batch.

`spread` and `lane_sum` are each other's derivative, and so are `pick` and `place`; that of `collect` is a pick for
each number. Hence all other rules stay as they are. A node along an axis has the data of point 0; a node that leaves
the axis has no data (nan) before the program runs.
"""

from __future__ import annotations

import math

from ...domain import EXTENDED, WHOLE, Domain
from ...op import Op
from ...value import Number, Value, data_of, record

__all__ = ["ENTERING", "LEAVING", "collect", "lane_index", "lane_node", "lane_sum", "pick", "place", "spread"]


def lane_node(op: Op, *inputs: Number) -> Value:
    """A node of the graph, even if no input is a Value: a number along lanes must not become a plain float."""
    return record(op, op.forward(*map(data_of, inputs)), inputs)


spread: Op = Op(
    "spread",
    lambda x, axis: x,
    lambda g, z, x, axis: (lane_node(lane_sum, g, axis), None),
    Domain(EXTENDED, WHOLE),
    constants=("axis",),
)
lane_sum: Op = Op(
    "lane_sum",
    lambda x, axis: math.nan,
    lambda g, z, x, axis: (lane_node(spread, g, axis), None),
    Domain(EXTENDED, WHOLE),
    label="Σ lanes",
    constants=("axis",),
)
pick: Op = Op(
    "pick",
    lambda x, i, axis: math.nan,
    lambda g, z, x, i, axis: (lane_node(place, g, i, axis), None, None),
    Domain(EXTENDED, WHOLE, WHOLE),
    constants=("i", "axis"),
)
place: Op = Op(
    "place",
    lambda x, i, axis: x if i == 0.0 else 0.0,
    lambda g, z, x, i, axis: (lane_node(pick, g, i, axis), None, None),
    Domain(EXTENDED, WHOLE, WHOLE),
    constants=("i", "axis"),
)
collect: Op = Op(
    "collect",
    lambda *xs: xs[0],
    lambda g, z, *xs: (*[lane_node(pick, g, float(i), xs[-1]) for i in range(len(xs) - 1)], None),
    Domain(EXTENDED),
)
lane_index: Op = Op("lane_index", lambda axis: 0.0, lambda g, z, axis: (None,), WHOLE, constants=("axis",))

ENTERING = frozenset({spread, place, collect, lane_index})
"""Ops from single numbers to one for every point: `collect` takes a number for each point, `lane_index`, the number of
the point, takes none, the others one. The axis is the last input."""
LEAVING = frozenset({lane_sum, pick})
"""Ops from one number for every point to a single number."""
