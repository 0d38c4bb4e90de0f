"""The history of a training, epoch by epoch, and the progress bar that shows it meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from os import PathLike
from typing import Any

from autograd_core.forms import Pictured

__all__ = ["RECORDED", "History", "progress_bar"]

RECORDED = ("loss", "metric", "validation_loss", "validation_metric", "seconds")
"""The numbers that an epoch's record may hold, in the order in which they are shown."""

SECONDS_BETWEEN = 0.1  # two looks of a notebook's bar: what is sent to a browser is kept there


class History(Pictured):
    """The record of a training, one number per epoch, as `fit` returns it.

    `loss` and `metric` are means over the training samples as the epoch went through them, so each minibatch is
    judged before it is learned from; a penalty is part of the loss. The `validation_` numbers are taken after the
    epoch, without penalty. `seconds` is how long each epoch took, the first one with its compilation. Lists of what
    was not asked for stay empty. `metric_name` says what the metric is called.

    In a notebook a history shows its curves; `plot` gives the figure.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.metric: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_metric: list[float] = []
        self.seconds: list[float] = []
        self.metric_name = "metric"

    def follow(self, records: Sequence[dict[str, float]]) -> None:
        """Take over the records of epochs that are not here yet; each has its seconds."""
        for record in records[len(self.seconds) :]:
            for name, number in record.items():
                getattr(self, name).append(number)

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """The curves over the epochs as a matplotlib figure, written to `path` (svg, png, pdf) if there is one.

        Losses on a logarithmic scale if they are all positive; metrics beside them.

        Raises `MissingPackageError` without matplotlib, `DataError` for an empty history.
        """
        from ..pictures import learning_curve, saved

        return saved(learning_curve(self), path)

    def _picture(self) -> Any:
        return self.plot()

    def __repr__(self) -> str:
        seen = {name: getattr(self, name) for name in RECORDED[:-1] if getattr(self, name)}
        return f"History({', '.join(f'{name}={numbers}' for name, numbers in seen.items())})"


@contextmanager
def progress_bar(total: int, show: bool | None = None) -> Iterator[Callable[..., None]]:
    """A function to be called with the text to show beside the bar and how many of the `total` steps were taken. With
    ``show=None`` there is a bar when standard output is a terminal; only then is `rich` loaded."""
    if not (sys.stdout.isatty() if show is None else show):
        yield lambda text, steps=1: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if Console().is_jupyter:  # where rich shows nothing without ipywidgets
        with _in_notebook(total) as advance:
            yield advance
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("", total=total)
        yield lambda text, steps=1: progress.update(task, advance=steps, description=text)


@contextmanager
def _in_notebook(total: int) -> Iterator[Callable[..., None]]:
    """The same as an output of the cell, which every notebook can change."""
    from IPython.display import display

    done, shown, last = 0, 0.0, ""

    def output() -> dict[str, str]:
        text = f"{done}/{total} {last}"
        return {"text/plain": text, "text/html": f'<progress max="{total}" value="{done}"></progress> {escape(text)}'}

    handle: Any = display(output(), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def advance(text: str, steps: int = 1) -> None:
        nonlocal done, shown, last
        done, last, now = done + steps, text, time.monotonic()
        if now - shown > SECONDS_BETWEEN:
            shown = now
            handle.update(output(), raw=True)

    try:
        yield advance
    finally:
        handle.update(output(), raw=True)
