"""Files that are either whole or not there, and files that somebody else may have made."""

from __future__ import annotations

import glob
import os
import secrets
import stat
from contextlib import suppress
from itertools import islice
from os import PathLike
from pathlib import Path

from autograd_core.files import replace_whole

from .checks import shown
from .errors import StorageError

__all__ = ["MOST_BYTES", "called", "folder", "read_file", "read_start", "write_file"]

MOST_BYTES = 2**28
"""The size of a file that is read or written at most: a larger one is none of ours, and would fill the memory."""

CHUNK = 2**20  # bytes
LONGEST_PATH = 500  # characters of a path in a message
LONGEST_STEM = 50  # characters of a file's name in that of its draft: of Unicode's, 255 bytes hold 63


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Put `content` at `path` in one go: whoever reads the file, or pulls the plug, finds the old one or the new one.

    What an interrupted process leaves behind is removed, at the latest when the next one writes there.
    """
    try:
        if len(content) > MOST_BYTES:
            raise OSError(f"its {len(content):,} bytes are more than the {MOST_BYTES:,} that are read again")
        target = Path(path).resolve()
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError("it is no ordinary file")
        stem = target.name[:LONGEST_STEM]
        draft = target.with_name(f".{stem}.{os.getpid()}-{secrets.token_hex(8)}.partial")
        replace_whole(target, draft, content)
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise StorageError(f"cannot write {called(path)}: {_reason(error)}. What was there still is") from None
    with suppress(OSError):
        for left in target.parent.glob(f".{glob.escape(stem)}.*-*.partial"):
            with suppress(OSError):
                if _is_gone(left.name.removesuffix(".partial").rpartition(".")[2].partition("-")[0]):
                    left.unlink()


def _is_gone(process: str) -> bool:
    """Whether `process` is the number of one that is no more; what is no number is somebody else's business."""
    try:
        os.kill(int(process), 0)
        return False
    except (OSError, ValueError, OverflowError) as error:  # no process ever had a number so large
        return isinstance(error, (ProcessLookupError, OverflowError))


def read_file(path: str | PathLike[str], what: str) -> bytes:
    """The content of a file that is said to be `what`."""
    content = read_start(path, what, MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise StorageError(f"cannot read {what} from {called(path)}: it has more than {MOST_BYTES:,} bytes")
    return content


def read_start(path: str | PathLike[str], what: str, most: int) -> bytes:
    """The first bytes of a file that is said to be `what`, all or so many; not of a device or a pipe without an end."""
    try:
        at_once = getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to would keep whoever opens it waiting
        with open(Path(path), "rb", opener=lambda name, flags: os.open(name, flags | at_once)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is no ordinary file")
            chunks = iter(lambda: file.read(CHUNK), b"")  # the size that a file tells may be 0, as in /proc
            return b"".join(islice(chunks, -(-most // CHUNK)))[:most]
    except (OSError, TypeError, ValueError) as error:
        raise StorageError(f"cannot read {what} from {called(path)}: {_reason(error)}") from None


def folder(path: str | PathLike[str]) -> Path:
    """A directory to write into, made if it is not there."""
    try:
        (found := Path(path)).mkdir(parents=True, exist_ok=True)
        if not os.access(found, os.W_OK | os.X_OK):
            raise OSError("permission denied")
        return found
    except (OSError, TypeError, ValueError) as error:
        raise StorageError(f"cannot write into {called(path)}: {_reason(error)}") from None


def called(path: object) -> str:
    """A path as messages show it: on one line, visible, and of a long one its end."""
    text = shown(path)
    return text if len(text) <= LONGEST_PATH else f"...{text[-LONGEST_PATH:]}"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
