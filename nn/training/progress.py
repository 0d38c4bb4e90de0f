"""A progress bar where somebody is watching, and silence where nobody is."""

from __future__ import annotations

import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(total: int, show: bool | None = None) -> Iterator[Callable[..., None]]:
    """A function to be called with the text to show beside the bar and how many of the `total` steps were taken: 1, or
    more.

    With ``show=None`` there is a bar when standard output is a terminal. Only then is `rich` loaded.
    """
    if not (sys.stdout.isatty() if show is None else show):
        yield lambda text, steps=1: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("", total=total)
        yield lambda text, steps=1: progress.update(task, advance=steps, description=text)
