"""Files that are either whole or not there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .errors import StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

__all__ = ["folder", "read_file", "write_file"]


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Put `content` at `path` in one go: whoever reads the file, or pulls the plug, finds the old one or the new one.

    It is written beside `path` first, forced to the disk and then renamed; what an interrupted one leaves behind is
    removed, at the latest by the next.

    Raises `StorageError` (an OSError) for a full disk, a missing or unwritable directory.
    """
    target = Path(path).resolve()
    partial = target.with_name(f".{target.name}.partial")
    try:
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {os.fspath(path)}: {_reason(error)}. What was there still is") from None


def read_file(path: str | PathLike[str], what: str) -> bytes:
    """The content of a file that is said to be `what`.

    Raises `StorageError` where it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {what} from {os.fspath(path)}: {_reason(error)}") from None


def folder(path: str | PathLike[str]) -> Path:
    """A directory to write into, made if it is not there.

    Raises `StorageError` where that cannot be.
    """
    found = Path(path)
    try:
        found.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write into {os.fspath(path)}: {_reason(error)}") from None
    if not os.access(found, os.W_OK | os.X_OK):
        raise StorageError(f"cannot write into {os.fspath(path)}: permission denied")
    return found


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
