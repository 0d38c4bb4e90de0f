"""Files of diagrams, which appear as a whole or not at all."""

from __future__ import annotations

import os

from ..errors import DiagramError, DiagramFileError
from ..files import replace_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pathlib
    from typing import Any

__all__ = ["as_path", "write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes) -> pathlib.Path:
    """Write beside `path`, then rename: a reader never sees half a file. Returns the path.

    A link is followed: what it points to is replaced, not the link. A device or a pipe is not, nor a file that must
    not be written to. Who may read the file stays as it was.

    Raises `DiagramFileError` (also an OSError) for a place that cannot be written to.
    """
    import pathlib
    import secrets

    path = as_path(path)
    try:
        target = pathlib.Path(os.path.realpath(path)) if path.is_symlink() else path
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError("what is there is no ordinary file")
        replace_whole(target, target.with_name(f".{secrets.token_hex(8)}.part"), content)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise DiagramFileError(f"cannot write {str(path)!r}: {reason}") from error
    return path


def as_path(path: Any) -> pathlib.Path:
    """`path` as a `pathlib.Path`; raises `DiagramError` for what names no file."""
    import pathlib

    try:
        name = os.fspath(path)
    except TypeError:
        name = None
    if not isinstance(name, str) or not name:
        raise DiagramError(f"a file needs a name such as 'graph.svg', got {path!r:.60} of type {type(path).__name__}")
    return pathlib.Path(name)
