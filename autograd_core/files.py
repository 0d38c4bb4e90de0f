"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pathlib

__all__ = ["replace_whole"]


def replace_whole(target: pathlib.Path, draft: pathlib.Path, content: bytes) -> None:
    """Write `draft`, force it to the disk and rename it: whoever reads `target` finds the old file or the new one.

    Who may read the file stays as it was. If anything fails the draft is removed.

    Raises OSError, PermissionError for a file that must not be written to.
    """
    if target.is_file() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.is_file():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
