"""What training saw, epoch by epoch, and a picture of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from typing import Any

__all__ = ["RECORDED", "History", "learning_curve"]


RECORDED = ("loss", "metric", "validation_loss", "validation_metric", "seconds")
"""What an epoch's record may hold."""


class History:
    """What `fit` saw, one number per epoch.

    `loss` and `metric` are means over the training samples as the epoch went through them, so each minibatch is
    judged before it is learned from; a penalty is part of the loss. The `validation_` numbers are taken after the
    epoch, without penalty. `seconds` is how long each epoch took, the first one with its compilation. Lists of what
    was not asked for stay empty.

    In a notebook a history shows its curves; `plot` gives the figure.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.metric: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_metric: list[float] = []
        self.seconds: list[float] = []

    def follow(self, records: Sequence[dict[str, float]]) -> None:
        """Take over the records of epochs that are not here yet; each has its seconds."""
        for record in records[len(self.seconds) :]:
            for name in RECORDED:
                if name in record:
                    getattr(self, name).append(record[name])

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """The curves over the epochs as a matplotlib figure, written to `path` (svg, png, pdf) if there is one.

        Losses on a logarithmic scale if they are all positive; metrics beside them.

        Raises `MissingPackageError` without matplotlib, `DataError` for an empty history.
        """
        from ..pictures.figures import saved

        return saved(learning_curve(self), path)

    def _repr_svg_(self) -> str | None:
        from ..errors import AutogradError
        from ..pictures.figures import as_svg

        try:
            return as_svg(learning_curve(self))
        except AutogradError:  # nothing to draw, or nothing to draw with: the text will do
            return None

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in RECORDED[:-1] if getattr(self, name)}
        return f"History({', '.join(f'{name}={numbers}' for name, numbers in shown.items())})"


def learning_curve(history: History) -> Any:
    """Losses over the epochs, logarithmic if they are all positive, and beside them the metrics.

    Raises `DataError` for a history without epochs, `MissingPackageError` without matplotlib.
    """
    from ..errors import DataError
    from ..pictures.figures import BLUE, RED, figure_of

    if not history.loss:
        raise DataError("the history is empty; there is nothing to draw before the first epoch")
    figure = figure_of(9.0 if history.metric else 5.5, 3.6)
    epochs = range(1, len(history.loss) + 1)
    panels = [("loss", history.loss, history.validation_loss)]
    panels += [("metric", history.metric, history.validation_metric)] if history.metric else []
    for k, (name, training, validation) in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), k)
        style = "o-" if len(epochs) < 30 else "-"
        axes.plot(epochs, training, style, color=BLUE, markersize=3, label="training")
        if validation:
            axes.plot(epochs, validation, style, color=RED, markersize=3, label="held out")
            axes.legend(frameon=False)
        if name == "loss" and min([*training, *validation]) > 0.0:
            axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
    return figure
