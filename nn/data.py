"""Data sets, and data as training wants it: rows of finite floats, checked once before anything is learned."""

# ruff: noqa: N803, N806  # X and Y are what scikit-learn's users call them

from __future__ import annotations

import math

from autograd_core import Value

from .checks import as_list, generator, positive_number
from .errors import DataError, MissingPackageError, NumberError, SettingError, StructureError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random
    from typing import Any, TypeAlias

__all__ = ["as_rows", "as_samples", "as_targets", "digits"]

Samples: TypeAlias = "tuple[list[list[float]], list[Any]]"
"""Inputs, one row of numbers per sample, and as many targets."""


def digits(*, test_share: float = 0.2, seed: int | Random | None = 0) -> tuple[Samples, Samples]:
    """scikit-learn's 1,797 handwritten digits of 8 x 8 pixels: ``(X_train, y_train), (X_test, y_test)``.

    A row of X holds the 64 pixels from the top left, 0.0 (paper) to 1.0 (ink); y holds the digits 0 to 9. The split
    is random under `seed`, so the same people wrote both parts: accuracy on writers never seen is somewhat lower.
    Source: Alpaydin and Kaynak, *Optical recognition of handwritten digits*, UCI repository (1998), its test part.

    >>> (X_train, y_train), (X_test, y_test) = digits()
    >>> len(X_train), len(X_test), len(X_train[0]), sorted(set(y_train))
    (1437, 360, 64, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

    Raises `MissingPackageError` (an ImportError) without scikit-learn, `SettingError` for a share outside 0 to 1.
    """
    if not positive_number("test_share", test_share) < 1.0:
        raise SettingError(f"test_share must lie between 0 and 1, such as 0.2; got {test_share!r}")
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise MissingPackageError(
            "the digits come with scikit-learn, which is not installed: pip install 'autograd-core[digits]'"
        ) from None
    pixels, labels = load_digits(return_X_y=True)
    X, y = (pixels / 16.0).tolist(), labels.tolist()
    order = list(range(len(X)))
    generator(seed).shuffle(order)
    first_of_training = math.ceil(test_share * len(order))

    def part(positions: Iterable[int]) -> Samples:
        positions = list(positions)
        return [X[i] for i in positions], [y[i] for i in positions]

    return part(order[first_of_training:]), part(order[:first_of_training])


def as_samples(X: Any, Y: Any) -> Samples:
    """Inputs and targets of the same number of samples, at least one, all of them finite.

    Raises what `as_rows` and `as_targets` raise, and `StructureError` when they differ in length.
    """
    rows, targets = as_rows(X), as_targets(Y)
    if len(rows) != len(targets):
        raise StructureError(f"{len(rows)} samples in X, {len(targets)} targets in Y; each sample needs one target")
    if not rows:
        raise DataError("X and Y are empty; there is nothing to learn from")
    return rows, targets


def as_rows(X: Any) -> list[list[float]]:
    """The inputs, one list of floats per sample; a sample of one input may be a bare number.

    Accepts lists, tuples and NumPy arrays.

    Raises `DataError` for nan and inf, `NumberError` for what is no number, `StructureError` for rows of different
    lengths; each names row and column.
    """
    rows = [
        [_finite(f"X[{i}][{j}]", x) for j, x in enumerate(as_list(row))] for i, row in enumerate(_as_sequence("X", X))
    ]
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise StructureError(f"X[{i}] has {len(row)} numbers, X[0] has {len(rows[0])}; rows must be equally long")
    return rows


def as_targets(Y: Any) -> list[Any]:
    """The targets, each a number or a list of numbers; integers stay integers, since they may be labels.

    Raises `DataError` for nan and inf, naming the place. What else a target may be is up to the loss.
    """
    targets: list[Any] = []
    for i, target in enumerate(_as_sequence("Y", Y)):
        if _is_sequence(target):
            targets.append([_finite(f"Y[{i}][{j}]", y) for j, y in enumerate(target)])
        else:
            targets.append(_finite(f"Y[{i}]", target) if isinstance(target, float) else target)
    return targets


def _finite(where: str, x: Any) -> float:
    if type(x) is not float:
        try:
            x = Value(x).data  # a float now, or an error that says what to do instead
        except NumberError as error:
            raise NumberError(f"{where}: {error}") from None
    if not math.isfinite(x):
        raise DataError(f"{where} is {x}; training needs finite numbers. Remove the sample or fill the gap first")
    return float(x)


def _is_sequence(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) > 0


def _as_sequence(what: str, x: Any) -> Any:
    if not _is_sequence(x):
        raise StructureError(f"{what} must be a list, tuple or array with one entry per sample, got {x!r:.60}")
    return x.tolist() if hasattr(x, "tolist") else x
