"""Files that appear as a whole or not at all."""

from __future__ import annotations

import os

from ..errors import DiagramFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pathlib

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes) -> pathlib.Path:
    """Write beside `path`, then rename: a reader never sees half a file. Returns the path.

    Raises `DiagramFileError` (also an OSError) for a place that cannot be written to.
    """
    import pathlib
    import secrets

    path = pathlib.Path(path)
    try:
        draft = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with open(draft, "xb") as file:
                file.write(content)
            os.replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise DiagramFileError(f"cannot write {str(path)!r}: {reason}") from error
    return path
