"""Data as training wants it: rows of finite numbers and as many targets, checked once before anything is learned."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_core import Value

from ..checks import advice_on, as_list, is_missing, told_with, values_of
from ..errors import DataError, NumberError, StructureError

__all__ = ["Samples", "as_samples", "unlabelled"]


class Samples:
    """Samples to learn from or to be judged by.

    ``rows`` is a float64 array with one row of inputs per sample; ``targets`` a list with one target per sample, as a
    loss gets it: integers stay integers, since they may be labels. ``target_numbers`` are the same as a float64 array,
    None where they are no numbers or of different lengths.
    """

    def __init__(self, rows: Any, targets: list[Any]) -> None:
        self.rows, self.targets = rows, targets
        self.target_numbers: Any = None
        with suppress(ValueError):  # targets of different lengths
            numbers = np.array(targets)
            self.target_numbers = numbers.astype(float) if numbers.dtype.kind in "fiu" else None

    def __len__(self) -> int:
        return len(self.targets)

    def targets_at(self, positions: Any) -> list[Any]:
        """The targets at these positions."""
        return [self.targets[i] for i in positions]

    @property
    def columns(self) -> int:
        """The count of numbers in each sample."""
        return int(self.rows.shape[1])


def as_samples(X: Any, Y: Any) -> Samples:
    """Inputs and targets of the same number of samples, at least one, all of them finite.

    A row of X holds the inputs of one sample; a single input may be a bare number. A target is a number or a sequence
    of numbers, a bool is 0 or 1; what else it may be is up to the loss.

    >>> samples = as_samples([[0, 1], [2, 3]], [0, 1])
    >>> samples.rows.tolist(), samples.targets
    ([[0.0, 1.0], [2.0, 3.0]], [0, 1])

    Raises `DataError` for nan and inf, and for no samples; `NumberError` for what is no number; `StructureError` for
    rows of different lengths, and when X and Y differ in length. Each names the place.
    """
    rows, targets = _as_rows(X), _as_targets(Y)
    if len(rows) != len(targets):
        raise StructureError(f"{len(rows)} samples in X, {len(targets)} targets in Y; each sample needs one target")
    return Samples(rows, targets)


def unlabelled(X: Any) -> Samples:
    """Inputs alone, as `as_samples` takes them; all targets are 0."""
    return Samples(rows := _as_rows(X), [0] * len(rows))


def _as_rows(X: Any) -> Any:
    X = _as_sequence("X", X)
    if getattr(X, "ndim", 2) > 2:
        expected = "one row per sample, such as X.reshape(len(X), -1)"
        raise StructureError(f"X has {X.ndim} axes, {X.shape}; training needs {expected}")
    rows = X
    if not (isinstance(X, np.ndarray) and X.dtype.kind in "fiu"):
        rows = [_finite_row(f"X[{i}]", row) for i, row in enumerate(X)]
        for i, count in enumerate(map(len, rows)):
            if count != len(rows[0]):
                raise StructureError(f"X[{i}] has {count} numbers, X[0] has {len(rows[0])}; rows must be equally long")
    if len(rows) == 0:
        raise DataError("X is empty; there is nothing to learn from")
    rows = np.ascontiguousarray(rows, dtype=float).reshape(len(rows), -1)
    if not np.isfinite(rows).all():
        i, j = np.argwhere(~np.isfinite(rows))[0]
        _finite(f"X[{i}][{j}]", float(rows[i, j]))
    return rows


def _as_targets(Y: Any) -> list[Any]:
    Y = _as_sequence("Y", Y)
    if isinstance(Y, np.ndarray) and Y.ndim == 2 and Y.dtype.kind in "fiu" and np.isfinite(Y).all():
        rows: list[Any] = Y.astype(float).tolist()
        return rows
    targets: list[Any] = []
    for i, target in enumerate(Y.tolist() if isinstance(Y, np.ndarray) else Y):
        if _is_sequence(target) or hasattr(target, "to_numpy"):
            targets.append(_finite_row(f"Y[{i}]", target))
        else:
            known = target.item() if isinstance(target, np.generic) else target
            known = int(known) if isinstance(known, bool) else known
            targets.append(_finite(f"Y[{i}]", known) if isinstance(known, float) or is_missing(known) else known)
    return targets


def _finite_row(where: str, row: Any) -> list[float]:
    with told_with(where):
        numbers = as_list(row)
    return [_finite(f"{where}[{j}]", x) for j, x in enumerate(numbers)]


def _finite(where: str, x: Any) -> float:
    if type(x) is not float:
        try:
            x = Value(x).data  # a float now, or an error that says what to do instead
        except NumberError as error:
            raise NumberError(f"{where}: {error}{advice_on(x)}") from None
    if not math.isfinite(x):
        raise DataError(f"{where} is {x}; training needs finite numbers. Remove the sample or fill the gap first")
    return float(x)


def _is_sequence(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) > 0


def _as_sequence(what: str, x: Any) -> Any:
    if hasattr(x, "todense"):
        raise StructureError(f"{what} is a sparse matrix; give the dense one, {what}.toarray()")
    try:
        x = values_of(x)
    except StructureError as error:
        raise StructureError(f"{what}: {error}; a dict of columns becomes rows by list(zip(*d.values()))") from None
    if not _is_sequence(x):
        hint = f"; give list({what})" if hasattr(x, "__next__") else ""
        raise StructureError(f"{what} must be a list, tuple or array with one entry per sample, got {x!r:.60}{hint}")
    if isinstance(x, np.ma.MaskedArray):  # what is masked has a number below the mask, which is no datum
        x = np.ma.filled(x.astype(float), np.nan) if np.ma.is_masked(x) else x.data
    return x
