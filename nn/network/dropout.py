"""Dropout: while a network learns, some of its neurons are left out by chance, others at every sample.

`fit` does that, and `dropping` in loops of your own; everywhere else a network answers with all neurons. Which ones are
left out is decided outside of the network, so that the compiled step takes it as data, and a resumed training draws
what the uninterrupted one would have drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from itertools import islice
from random import Random
from typing import Any

from autograd_core import is_tracing
from autograd_core.errors import TracingError

from ..checks import fraction, generator
from ..errors import StructureError
from .module import Module

Source = Callable[["Dropout", int], Sequence[Any] | None]
"""``(dropout, count) -> factors``: 0 for what is left out, 1 / (1 - rate) for what stays; None: all stay."""

__all__ = ["Dropout", "dropping", "given", "masks", "noting", "rates_of"]


_source: ContextVar[Source | None] = ContextVar("_source", default=None)


class Dropout(Module):
    """Each input is 0 with probability `rate` while training, else multiplied by 1 / (1 - rate), so that the mean
    stays (Srivastava et al. 2014); otherwise nothing changes.

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
        """The numbers of a list that are left, multiplied, and 0 for the others; or a single one."""
        numbers = list(x) if hasattr(x, "__iter__") else [x]
        source = _source.get()
        factors = source and source(self, len(numbers))
        if factors is None:
            return x
        kept = [a * factor for a, factor in zip(numbers, factors, strict=True)]
        return kept if hasattr(x, "__iter__") else kept[0]

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"


class _drawing:  # noqa: N801  # used like a function, in `with`
    """Inside, a source says what every `Dropout` leaves out."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __enter__(self) -> None:
        self.before = _source.set(self.source)

    def __exit__(self, *_: object) -> None:
        _source.reset(self.before)


def dropping(seed: int | Random | None = None) -> AbstractContextManager[None]:
    """Training mode for loops of your own: inside ``with dropping(seed=1):`` every `Dropout` draws from `seed`, an
    integer or a `random.Random`. `fit` does this by itself.

    Raises `TracingError` where a network is called in a function of your own that is compiled.
    """
    rng = generator(seed)

    def drawn(dropout: Dropout, count: int) -> list[float] | None:
        if not (rate := dropout.rate):
            return None
        if is_tracing():
            raise TracingError(
                "Dropout draws by chance, and a compiled function would repeat one draw for ever; call the network "
                "outside of ag.jit while it learns, train it by fit, which compiles, or leave `dropping` out"
            )
        return [0.0 if rng.random() < rate else 1.0 / (1.0 - rate) for _ in range(count)]

    return _drawing(drawn)


def given(factors: Iterable[Any]) -> AbstractContextManager[None]:
    """Inside, the factors are these, one after the other: a row of `masks`, or the Values that stand for it."""
    left = iter(factors)

    def taken(_: Dropout, count: int) -> list[Any]:
        found = list(islice(left, count))
        if len(found) < count:
            raise StructureError("a network must drop as many numbers for every sample as it does for the first")
        return found

    return _drawing(taken)


def noting(dropouts: list[Dropout]) -> AbstractContextManager[None]:
    """Inside, nothing is left out, and for each number that might be its `Dropout` is added to `dropouts`."""
    return _drawing(lambda dropout, count: dropouts.extend([dropout] * count))


def rates_of(dropouts: Iterable[Dropout]) -> list[float]:
    """The rates of these at this moment, none if nothing is dropped."""
    rates = [dropout.rate for dropout in dropouts]
    return rates if any(rates) else []


def masks(rates: Any, count: int, key: int, batch: int) -> Any:
    """The factors for `count` samples, a row for each: those of minibatch `batch` in the epoch whose random number is
    `key`."""
    import numpy as np

    rates = np.asarray(rates)
    drawn = np.random.default_rng([key, batch]).random((count, len(rates)))
    return np.where(drawn < rates, 0.0, 1.0 / (1.0 - rates))
