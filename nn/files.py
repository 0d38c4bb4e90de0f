"""Files that are either whole or not there."""

from __future__ import annotations

import glob
import os
import threading
from pathlib import Path

from autograd_core.files import replace_whole

from .errors import StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

__all__ = ["folder", "read_file", "write_file"]


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Put `content` at `path` in one go: whoever reads the file, or pulls the plug, finds the old one or the new one.

    It is written beside `path` first, forced to the disk and then renamed. What an interrupted process leaves behind
    is removed, at the latest when the next one writes there. Who may read the file stays as it was.

    Raises `StorageError` (an OSError) for a full disk, a missing or unwritable directory, and what is no path.
    """
    try:
        target = Path(path).resolve()
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError("it is no ordinary file")
        partial = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.partial")
        replace_whole(target, partial, content)
        _sweep(target)
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise StorageError(f"cannot write {path}: {_reason(error)}. What was there still is") from None


def _sweep(target: Path) -> None:
    """Remove what processes that are no more have left beside `target`."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*-*.partial"):
        process = left.name.removesuffix(".partial").rpartition(".")[2].partition("-")[0]
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (OSError, ValueError):
            pass  # somebody else's


def read_file(path: str | PathLike[str], what: str) -> bytes:
    """The content of a file that is said to be `what`.

    Raises `StorageError` where it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except (OSError, TypeError, ValueError) as error:
        raise StorageError(f"cannot read {what} from {path}: {_reason(error)}") from None


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


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
