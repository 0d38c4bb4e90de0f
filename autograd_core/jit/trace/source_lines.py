"""Source lines of the user's code, which guards and messages name."""

from __future__ import annotations

import os
import sys

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    SourceLine: TypeAlias = tuple[str, int]
    """A file and the number of a line in it."""

__all__ = ["calling_line", "levels_to_the_user", "text_of_line"]

PACKAGES = os.path.abspath(__file__).rpartition(f"{os.sep}jit{os.sep}")[0], os.path.dirname(np.__file__)
"""Folders whose lines are not the user's."""


def calling_line() -> SourceLine:
    """The innermost line on the stack that is neither the library's nor NumPy's."""
    frame, _ = _users_frame()
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("?", 0)


def levels_to_the_user() -> int:
    """The number of frames up to the user's line, as the ``stacklevel`` of `warnings.warn` counts them."""
    return _users_frame()[1]


def _users_frame() -> tuple[Any, int]:
    frame: Any = sys._getframe(2)
    levels = 1
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGES):
        frame, levels = frame.f_back, levels + 1
    return frame, levels


def text_of_line(line: SourceLine) -> str:
    """A line as guards and messages name it.

    >>> text_of_line(("/home/me/model.py", 12))
    'model.py:12'
    """
    return f"{os.path.basename(line[0])}:{line[1]}"
