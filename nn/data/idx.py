"""IDX, the format in which MNIST is distributed: a header, then unsigned bytes.

    two zero bytes, a type (8: unsigned byte), the number of axes, each axis' length as 4 bytes (big-endian), the data

Source: LeCun, Cortes and Burges, *The MNIST database of handwritten digits* (1998), "file formats".
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib

import numpy as np

from ..errors import DataError
from ..files import called, read_start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

__all__ = ["read_idx"]

UNSIGNED_BYTE = 8
GZIP = b"\x1f\x8b"
ROOM = 2**16
"""Bytes by which a file may be larger than it should, so that the error can say by how much."""


def read_idx(path: str | PathLike[str], shape: tuple[int, ...]) -> Any:
    """The bytes of an IDX file, gzipped or not, as an array of that shape.

    Raises `StorageError` where it cannot be read, `DataError` for another format, another shape, and for a file that
    is too short or too long; each says what was found and what was expected.
    """
    start, expected = 4 + 4 * len(shape), math.prod(shape)
    most = start + expected + ROOM
    content = read_start(path, "an IDX file", most)
    shown = called(path)
    if content.startswith(GZIP):
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(most)  # a few bytes may unpack to gigabytes
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{shown} is damaged: it is gzipped, but cannot be unpacked ({error})") from None
    axes = len(shape)
    header = struct.pack(">HBB", 0, UNSIGNED_BYTE, axes)
    if content[:4] != header:
        begin = content[:4].hex(" ") or "nothing"
        raise DataError(
            f"{shown} is no IDX file of unsigned bytes with {axes} axes: it begins with {begin}, "
            f"expected {header.hex(' ')}"
        )
    found = struct.unpack(f">{axes}I", content[4:start]) if len(content) >= start else None
    if found != shape:
        shown_shape = "its header is cut off" if found is None else f"it is of shape {_by(found)}"
        raise DataError(f"{shown}: {shown_shape}, expected {_by(shape)}")
    size = len(content) - start
    if size != expected:
        what = "cut off" if size < expected else "too long"
        more = " or more" if size == expected + ROOM else ""
        raise DataError(f"{shown} is {what}: {size}{more} bytes of data, expected {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
