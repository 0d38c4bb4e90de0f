"""Data to learn from that need no network: what comes with scikit-learn, what is drawn from a seed, and MNIST's files.

Each gives pairs ``(X, y)`` of inputs and targets, as lists or arrays that `fit` takes.
"""

from __future__ import annotations

import math
import os
from os import PathLike
from pathlib import Path
from random import Random
from typing import Any

from ..checks import generator, integer, package, positive_integer, positive_number
from ..errors import DataError, SettingError, StorageError
from ..files import called, read_start

__all__ = ["digits", "iris", "mnist", "moons", "read_idx", "sine"]

Pair = tuple[Any, Any]
"""Inputs, one row of numbers per sample, and as many targets."""

SKLEARN = "sklearn.datasets"


def digits(*, test_share: float = 0.2, seed: int | Random | None = 0) -> tuple[Pair, Pair]:
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
    X, y = package(SKLEARN, "the digits come with scikit-learn").load_digits(return_X_y=True)
    order = list(range(len(y)))
    generator(seed).shuffle(order)
    held_out = math.ceil(test_share * len(order))
    if held_out == len(order):
        raise SettingError(f"test_share {test_share!r} leaves none of {len(order)} digits to learn from; give less")
    training, test = [((X[part] / 16.0).tolist(), y[part].tolist()) for part in (order[held_out:], order[:held_out])]
    return training, test


def iris() -> Pair:
    """150 irises of three kinds: four lengths in cm, each less its mean and over its standard deviation; kinds 0 to 2.

    Source: Fisher, *The use of multiple measurements in taxonomic problems* (1936); the numbers are scikit-learn's.

    >>> X, y = iris()
    >>> len(X), [y.count(kind) for kind in range(3)]
    (150, [50, 50, 50])

    Raises `MissingPackageError` without scikit-learn.
    """
    lengths, kinds = package(SKLEARN, "the irises come with scikit-learn").load_iris(return_X_y=True)
    return ((lengths - lengths.mean(axis=0)) / lengths.std(axis=0)).tolist(), kinds.tolist()


def moons(samples: int = 100, *, noise: float = 0.1, seed: int = 1337) -> Pair:
    """Points of two interleaved half circles, labelled -1 and 1; the defaults are those of micrograd's demonstration.

    >>> X, y = moons()
    >>> len(X), sorted(set(y))
    (100, [-1, 1])

    Raises `MissingPackageError` without scikit-learn, `SettingError` for no samples, no noise or a negative seed.
    """
    state = integer("seed", seed)
    if not 0 <= state < 2**32:
        raise SettingError(f"seed must be at least 0 and below 2**32 here, got {state}")
    X, y = package(SKLEARN, "the moons come with scikit-learn").make_moons(
        positive_integer("samples", samples), noise=positive_number("noise", noise), random_state=state
    )
    return X.tolist(), (2 * y - 1).tolist()


def sine(samples: int = 100, *, noise: float = 0.1, seed: int | Random | None = 0) -> Pair:
    """A noisy sine, y = sin(x) + noise for x from -3 to 3: the lectures' regression for a network of 1-3-1 neurons.

    `noise` is a standard deviation. Their own data are only in pictures, so this is the setting, not the numbers.

    >>> X, y = sine()
    >>> len(X), -3.0 <= min(X) <= max(X) <= 3.0
    (100, True)

    Raises `SettingError` for no samples or no noise.
    """
    positive_number("noise", noise)
    rng = generator(seed)
    X = sorted(rng.uniform(-3.0, 3.0) for _ in range(positive_integer("samples", samples)))
    return X, [math.sin(x) + rng.gauss(0.0, noise) for x in X]


def mnist(directory: str | PathLike[str]) -> tuple[Pair, Pair, Pair]:
    """The 70,000 handwritten digits of MNIST, 28 x 28 pixels, split as Nielsen does: 50,000 to train, 10,000, 10,000.

    Returns ``training, validation, test``, pairs of a float64 array with 784 pixels from 0.0 (paper) to 1.0 (ink) per
    row, and the digits. `directory` holds the four IDX files under their usual names, each gzipped (.gz) or not.
    Source: LeCun, Cortes and Burges, *The MNIST database of handwritten digits* (1998).

    Raises `StorageError` for a missing file, `DataError` for one that is damaged, cut off or mislabelled; each says
    what was found and what was expected.
    """
    images, labels = _mnist_part(directory, "train", 60_000)
    test = _mnist_part(directory, "t10k", 10_000)
    return (images[:50_000], labels[:50_000]), (images[50_000:], labels[50_000:]), test


def _mnist_part(directory: str | PathLike[str], name: str, count: int) -> Pair:
    images = read_idx(_idx_path(directory, f"{name}-images-idx3-ubyte"), (count, 28, 28))
    path = _idx_path(directory, f"{name}-labels-idx1-ubyte")
    labels = read_idx(path, (count,))
    if labels.max() > 9:
        raise DataError(f"{called(path)} holds the label {labels.max()}; expected digits, 0 to 9")
    return images.reshape(count, 784) / 255.0, labels.tolist()


def _idx_path(directory: str | PathLike[str], name: str) -> Path:
    try:
        there = sorted(os.listdir(Path(directory))) if os.path.isdir(directory) else None
    except (OSError, TypeError) as error:  # TypeError: no path at all
        raise StorageError(f"cannot look into {called(directory)}: {error}") from None
    found = [Path(directory, file) for file in (name, f"{name}.gz") if there is not None and file in there]
    if not found:
        seen = "no such directory" if there is None else ", ".join(map(called, there[:6])) or "no file"
        raise StorageError(f"{name} or {name}.gz is not in {called(directory)}; there is {seen:.200}")
    return found[0]


UNSIGNED_BYTE = 8  # IDX's number for this type
ROOM = 2**16
"""Bytes by which a file may be larger than it should, so that the error can say by how much."""


def read_idx(path: str | PathLike[str], shape: tuple[int, ...]) -> Any:
    """The bytes of an IDX file, gzipped or not, as an array of that shape. The format (LeCun, Cortes and Burges 1998):

    two zero bytes, a type (8: unsigned byte), the number of axes, each axis' length as 4 bytes (big-endian), data
    """
    import gzip
    import io
    import struct
    import zlib

    import numpy as np

    axes = len(shape)
    start, expected = 4 + 4 * axes, math.prod(shape)
    most = start + expected + ROOM
    content = read_start(path, "an IDX file", most)
    file = called(path)
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(most)  # a few bytes may unpack to gigabytes
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{file} is damaged: it is gzipped, but cannot be unpacked ({error})") from None
    header = struct.pack(">HBB", 0, UNSIGNED_BYTE, axes)
    if content[:4] != header:
        what = f"{file} is no IDX file of unsigned bytes with {axes} axes"
        begin = content[:4].hex(" ") or "nothing"
        raise DataError(f"{what}: it begins with {begin}, expected {header.hex(' ')}")
    found = struct.unpack(f">{axes}I", content[4:start]) if len(content) >= start else ()
    if found != shape:
        given, wanted = (" x ".join(map(str, lengths)) for lengths in (found, shape))
        what = f"it is of shape {given}" if found else "its header is cut off"
        raise DataError(f"{file}: {what}, expected {wanted}")
    size = len(content) - start
    if size != expected:
        what = "cut off" if size < expected else "too long"
        more = " or more" if size == expected + ROOM else ""
        raise DataError(f"{file} is {what}: {size}{more} bytes of data, expected {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
