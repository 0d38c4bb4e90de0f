"""Row batches: rows of an array at drawn positions, gathered batch by batch on demand."""

from __future__ import annotations

from ...errors import StructureError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["RowBatches", "staying"]


class RowBatches:
    """A lazy ``array[positions]``, of which `scan` gathers the rows of each call, so that no copy of all is made.

    >>> batches = RowBatches([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[2, 0], [1, 1]])
    >>> len(batches), batches.shape
    (2, (2, 2, 2))
    >>> batches[0].tolist()
    [[5.0, 6.0], [1.0, 2.0]]

    Raises `StructureError` for positions that are not integers, or outside the array.
    """

    def __init__(self, array: Any, positions: Any) -> None:
        import numpy as np

        self.array = np.ascontiguousarray(array, dtype=float)
        self.positions = np.asarray(positions, order="C")
        size = len(self.array)
        if self.positions.dtype.kind not in "iu" or self.positions.ndim < 1:
            raise StructureError(f"positions must be an array of integers, got {positions!r:.60}")
        if self.positions.size and (self.positions.min() < 0 or self.positions.max() >= size):
            raise StructureError(f"positions must lie between 0 and {size - 1}, as there are {size} rows")
        self.positions = self.positions.astype(np.int64)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``array[positions]``."""
        return *self.positions.shape, *self.array.shape[1:]

    @property
    def ndim(self) -> int:
        """The number of axes of ``array[positions]``."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, k: Any) -> Any:
        return self.array[self.positions[k]]


def staying(array: Any, count: int) -> Any:
    """An array of `count` rows that are all the same `array`, with stride 0.

    >>> import numpy as np
    >>> staying(np.array([1.0, 2.0]), 3).tolist()
    [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    """
    import numpy as np

    return np.broadcast_to(array, (count, *array.shape))
