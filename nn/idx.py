"""IDX, the format in which MNIST is distributed: a header, then unsigned bytes.

    two zero bytes, a type (8: unsigned byte), the number of axes, each axis' length as 4 bytes (big-endian), the data

Source: LeCun, Cortes and Burges, *The MNIST database of handwritten digits* (1998), "file formats".
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib

import numpy as np

from .errors import DataError
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

__all__ = ["read_idx"]

UNSIGNED_BYTE = 8
GZIP = b"\x1f\x8b"


def read_idx(path: str | PathLike[str], shape: tuple[int, ...]) -> Any:
    """The bytes of an IDX file, gzipped or not, as an array of that shape.

    Raises `StorageError` where it cannot be read, `DataError` for another format, another shape, and for a file that
    is too short or too long; each says what was found and what was expected.
    """
    shown = os.fspath(path)
    content = read_file(path, "an IDX file")
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
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
    start = 4 + 4 * axes
    found = struct.unpack(f">{axes}I", content[4:start]) if len(content) >= start else None
    if found != shape:
        shown_shape = "its header is cut off" if found is None else f"it is of shape {_by(found)}"
        raise DataError(f"{shown}: {shown_shape}, expected {_by(shape)}")
    size = len(content) - start
    if size != math.prod(shape):
        what = "cut off" if size < math.prod(shape) else "too long"
        raise DataError(f"{shown} is {what}: {size} bytes of data, expected {math.prod(shape)}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
