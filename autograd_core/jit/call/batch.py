"""Batch: the results of a call over many points, scattered into place from programs that each answer some of them."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .results import Result

__all__ = ["Batch"]


class Batch:
    """The results of a batch of points so far: the ``points`` that still lack theirs, and the ``sinks`` of all.

    Usually one program answers all points; then its sinks are taken as they are, and nothing is copied.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self.points: Any = range(length)
        self.sinks: list[Any] = []
        self.result: Any = None

    def fill(self, result: Result, points: Any, found: list[Any], holds: Any) -> None:
        """Store the sinks `found` for `points` where guards held; `points` are those left, or the first of them."""
        if len(points) == self.length and (holds is None or holds.all()):
            self.result, self.sinks, self.points = result, found, points[:0]
            return
        points = np.asarray(points, int)
        fits = np.ones(len(points), bool) if holds is None else holds != 0.0
        if self.result is None:
            self.result, self.sinks = result, result.sinks([self.length])
        self.result.require_same(result)
        if len(self.sinks[0]):
            self.sinks[0][:] = found[0]
        for sink, some in zip(self.sinks[1:], found[1:], strict=True):
            sink.reshape(self.length, -1)[points[fits]] = some.reshape(len(points), -1)[fits]
        self.points = np.concatenate([points[~fits], self.points[len(points) :]])
