"""Strides: whether positions are a start and two even distances."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["affine", "strides"]


def affine(columns: Sequence[Sequence[int]]) -> tuple[int, int] | None:
    """The shape (rows, length) in which every column is a linear function of row and position; None without one.

    >>> affine([[0, 1, 2, 10, 11, 12], [5, 5, 5, 5, 5, 5]])
    (2, 3)
    """
    arrays = np.array(columns, dtype=np.int64)
    count = arrays.shape[1]
    if count < 2:
        return 1, count
    steps = np.diff(arrays, axis=1)
    turns = (steps != steps[:, :1]).any(axis=0)
    length = int(turns.argmax()) + 1 if turns.any() else count
    if count % length or any(strides(array.reshape(-1, length)) is None for array in arrays):
        return None
    return count // length, length


def strides(rows: Any) -> tuple[int, int] | None:
    """The strides from row to row and along a row, 0 where there is only one element; None if they vary.

    >>> strides([[3, 4, 5], [13, 14, 15]])
    (10, 1)
    >>> strides([[0, 1, 3]]) is None
    True
    """
    grid = np.asarray(rows, dtype=np.int64)
    count, length = grid.shape
    down = int(grid[1, 0] - grid[0, 0]) if count > 1 else 0
    along = int(grid[0, 1] - grid[0, 0]) if length > 1 else 0
    expected = grid[0, 0] + down * np.arange(count)[:, None] + along * np.arange(length)
    return (down, along) if (grid == expected).all() else None
