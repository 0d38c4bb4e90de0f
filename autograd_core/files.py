"""Atomic replacement of files: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pathlib

__all__ = ["replace_whole"]

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""The flags that open a draft: a file that is there already, a link above all, is not written to."""


def replace_whole(target: pathlib.Path, draft: pathlib.Path, content: bytes) -> None:
    """Write `draft`, force it to the disk and rename it: whoever reads `target` finds the old file or the new one.

    Who may read the file stays as it was, and nobody else may read the draft. If anything fails the draft is removed;
    what had its name before stays.

    >>> import pathlib, tempfile
    >>> target = pathlib.Path(tempfile.mkdtemp(), "gradient.txt")
    >>> replace_whole(target, target.with_suffix(".draft"), b"2.5838531634528574")
    >>> [path.name for path in target.parent.iterdir()]
    ['gradient.txt']

    Raises OSError, PermissionError for a file that must not be written to.
    """
    mode = stat.S_IMODE(target.stat().st_mode) if target.is_file() else None
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    descriptor = os.open(draft, NEW, 0o666 if mode is None else 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            if mode is not None:
                os.chmod(descriptor if os.chmod in os.supports_fd else draft, mode)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
