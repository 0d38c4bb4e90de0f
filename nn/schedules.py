"""Learning rates that change while training goes on: functions of the number of steps taken so far.

A step is one minibatch. Any function of that number will do, ``SGD(lambda k: 1.0 - 0.9 * k / 100)``; these are the
usual ones, and they show what they are.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from .checks import positive_integer, positive_number

__all__ = ["Cosine", "Exponential", "Linear", "Staircase"]


class _Schedule:
    """Settings of a schedule are positive, and `steps` counts some."""

    def __post_init__(self) -> None:
        for name, x in vars(self).items():
            positive_integer(name, x) if name == "steps" else positive_number(f"a learning rate's {name}", x)


@dataclass(frozen=True)
class Linear(_Schedule):
    """A linear schedule: from `start` to `end` in equal parts over so many steps, then `end`.

    >>> rate = Linear(1.0, 0.1, steps=100)          # micrograd's 1 - 0.9 k/100
    >>> rate(0), rate(50), rate(1000)
    (1.0, 0.55, 0.1)
    """

    start: float
    end: float
    steps: int

    def __call__(self, step: int) -> float:
        """The rate after that many steps."""
        progress = self._progress(min(step / self.steps, 1.0))
        return (1.0 - progress) * self.start + progress * self.end

    def _progress(self, share: float) -> float:
        return share


class Cosine(Linear):
    """Cosine annealing: as `Linear`, but along half a cosine (Loshchilov and Hutter 2017, equation (5)).

    >>> rate = Cosine(1.0, 0.1, steps=100)
    >>> rate(0), round(rate(50), 6), rate(100)
    (1.0, 0.55, 0.1)
    """

    def _progress(self, share: float) -> float:
        return 0.5 - 0.5 * math.cos(math.pi * share)


@dataclass(frozen=True)
class Exponential(_Schedule):
    """Exponential decay: `start` times `factor` to the power of step / `steps`.

    Where that is no number of its own any more it is the smallest positive one, or infinity.

    >>> rate = Exponential(1.0, 0.5, steps=10)      # halved every 10 steps
    >>> rate(0), rate(10), rate(20)
    (1.0, 0.5, 0.25)
    """

    start: float
    factor: float
    steps: int

    def __call__(self, step: int) -> float:
        """The rate after that many steps."""
        try:
            return max(float(self.start * self.factor ** (step / self.steps)), sys.float_info.min)
        except OverflowError:
            return math.inf


class Staircase(Exponential):
    """Step decay: `start` times `factor`, once more after every `steps` steps.

    >>> rate = Staircase(1.0, 0.1, steps=10)
    >>> rate(0), rate(9), rate(10)
    (1.0, 1.0, 0.1)
    """

    def __call__(self, step: int) -> float:
        """The rate after that many steps."""
        return super().__call__(step - step % self.steps)
