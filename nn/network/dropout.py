"""Dropout: while a network learns, some of its neurons are left out by chance, others at every sample.

It happens in `fit`, and in loops of your own inside `dropping`; everywhere else a network answers with all neurons.
Which ones are left out is decided outside of the network, so that the compiled step takes it as data, and a resumed
training draws what the uninterrupted one would have drawn.
"""

from __future__ import annotations

import threading

from autograd_core.errors import TracingError
from autograd_core.tracing import state

from ..checks import fraction, generator
from ..errors import StructureError
from .module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random
    from typing import Any, Self, TypeAlias

    Source: TypeAlias = Callable[["Dropout", int], list[Any] | None]
    """``(dropout, count) -> factors``: 0 for what is left out, 1 / (1 - rate) for what stays; None: all stay."""

__all__ = ["Dropout", "dropping", "given", "masks", "noting", "rates_of"]


class _Thread(threading.local):
    source: Source | None = None


_thread = _Thread()


class Dropout(Module):
    """Each of its inputs is 0 with probability `rate` while training, else multiplied by 1 / (1 - rate), so that the
    mean stays (Srivastava et al. 2014); otherwise it changes nothing.

    ``MLP(..., dropout=0.5)`` has one behind every hidden layer; in a network of your own it is called as a layer is.
    The rate may be changed between epochs, as in ``on_epoch``.

    >>> drop = Dropout(0.5)
    >>> drop([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    >>> with dropping(seed=2):
    ...     drop([1.0, 2.0, 3.0, 4.0])
    [2.0, 4.0, 0.0, 0.0]

    Raises `SettingError` for a rate outside 0 ≤ rate < 1.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate

    @property
    def rate(self) -> float:
        """The probability with which a number is dropped."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = fraction("rate", rate)

    def __call__(self, x: Any) -> Any:
        """What is left of a list of numbers, or of a single one."""
        if _thread.source is None:
            return x
        numbers = list(x) if hasattr(x, "__iter__") else [x]
        factors = _thread.source(self, len(numbers))
        if factors is None:
            return x
        kept = [a * factor for a, factor in zip(numbers, factors, strict=True)]
        return kept if hasattr(x, "__iter__") else kept[0]

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"


class dropping:  # noqa: N801  # used like a function: `with dropping(seed=1):`
    """Training mode for loops of your own: inside, every `Dropout` draws from `seed`, an integer or a `random.Random`.

    `fit` does this by itself.

    Raises `TracingError` where a network is called in a function of your own that is compiled.
    """

    def __init__(self, seed: int | Random | None = None) -> None:
        rng = generator(seed)

        def drawn(dropout: Dropout, count: int) -> list[Any] | None:
            if not (rate := dropout.rate):
                return None
            if state.tracer is not None:
                raise TracingError(
                    "Dropout draws by chance, and a compiled function would repeat one draw for ever; call the network "
                    "outside of ag.jit while it learns, train it by fit, which compiles, or leave `dropping` out"
                )
            return [0.0 if rng.random() < rate else 1.0 / (1.0 - rate) for _ in range(count)]

        self.source: Source = drawn

    def __enter__(self) -> Self:
        self.before, _thread.source = _thread.source, self.source
        return self

    def __exit__(self, *_: object) -> None:
        _thread.source = self.before


class given(dropping):  # noqa: N801  # likewise
    """Inside, the factors are these, one after the other: a row of `masks`, or the Values that stand for it."""

    def __init__(self, factors: Iterable[Any]) -> None:
        left = iter(factors)
        self.source = lambda dropout, count: _taken(left, count)


class noting(dropping):  # noqa: N801  # likewise
    """Inside, nothing is left out, and for each number that might be its `Dropout` is noted in ``dropouts``."""

    def __init__(self) -> None:
        self.dropouts: list[Dropout] = []
        self.source = self._note

    def _note(self, dropout: Dropout, count: int) -> None:
        self.dropouts += [dropout] * count


def rates_of(dropouts: Iterable[Dropout]) -> list[float]:
    """Their rates at this moment, none if nothing is dropped."""
    rates = [dropout.rate for dropout in dropouts]
    return rates if any(rates) else []


def masks(rates: Any, count: int, key: int, batch: int) -> Any:
    """The factors for `count` samples, a row for each: those of minibatch `batch` in the epoch whose random number is
    `key`."""
    import numpy as np

    rates = np.asarray(rates)
    drawn = np.random.default_rng([key, batch]).random((count, len(rates)))
    return np.where(drawn < rates, 0.0, 1.0 / (1.0 - rates))


def _taken(left: Iterator[Any], count: int) -> list[Any]:
    found = [factor for _, factor in zip(range(count), left, strict=False)]
    if len(found) < count:
        raise StructureError("a network must drop as many numbers for every sample as it does for the first")
    return found
