"""The sets of reals that ops accept.

An op's domain is read by three parties: error texts (what was expected), tests (where to sample) and
readers. ``nan`` belongs to every domain: it means "unknown" and travels through silently.

Refuses to be clever: intervals with open or closed ends, an optional exclusion of isolated points, and for
ops of several inputs one set per input and at most one condition that ties them together.
"""

from __future__ import annotations

import math

from .errors import OpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random


__all__ = [
    "BETWEEN_MINUS_ONE_AND_ONE",
    "EXTENDED",
    "MINUS_ONE_TO_ONE",
    "NONNEGATIVE",
    "NONZERO",
    "NOT_A_POLE",
    "POSITIVE",
    "PROBABILITY",
    "REAL",
    "Domain",
    "Interval",
]  # fmt: skip


TRIES = 1000  # random numbers until one should be inside


class Interval:
    """An interval of reals, possibly without isolated points.

    Parameters
    ----------
    text: the condition on x, as errors say it.
    low, high: the ends.
    closed: whether each end belongs to it.
    excluded: tells the points that do not.
    whole: whether only whole numbers belong to it.
    sampled: a range inside from which tests draw; if not given, what lies between -4 and 4, or else next to that.

    >>> str(POSITIVE), 0.0 in POSITIVE, float("nan") in POSITIVE
    ('x > 0', False, True)
    >>> 9.0 in Interval("x ≥ 10", 10.0)
    False

    Raises `OpError` for a text that is none and for ends in the wrong order.
    """

    def __init__(
        self,
        text: str,
        low: float = -math.inf,
        high: float = math.inf,
        *,
        closed: tuple[bool, bool] = (True, True),
        excluded: Callable[[float], bool] | None = None,
        whole: bool = False,
        sampled: tuple[float, float] | None = None,
    ) -> None:
        if not isinstance(text, str) or not low <= high:
            raise OpError(
                f"an Interval is a condition and ends, Interval('x ≥ 10', 10.0); got {text!r:.60}, {low!r}, {high!r}"
            )
        self.text = text
        self.low, self.high = low, high
        self.closed = closed
        self.excluded = excluded
        self.whole = whole
        self.sampled = sampled or (max(low, min(-4.0, high - 8.0)), min(high, 4.0 if low < 4.0 else low + 8.0))

    def __contains__(self, x: float) -> bool:
        if x != x:
            return True
        above = x >= self.low if self.closed[0] else x > self.low
        below = x <= self.high if self.closed[1] else x < self.high
        if self.whole and not (math.isfinite(x) and x == math.floor(x)):
            return False
        return above and below and not (self.excluded is not None and self.excluded(x))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Interval {self.text}>"

    def describe(self, name: str) -> str:
        """The set as a condition on the input called `name`: ``POSITIVE.describe("y") == "y > 0"``."""
        return self.text.replace("x", name)

    def sample(self, random: Random) -> float:
        """A number inside, of moderate size and not within 1 % of the sampled range's ends."""
        low, high = self.sampled
        if self.whole:
            return float(random.randint(math.ceil(low), math.floor(high)))
        for _ in range(TRIES):
            x = random.uniform(low + 0.01 * (high - low), high - 0.01 * (high - low))
            if x in self and not (self.excluded is not None and abs(x - round(x)) < 0.05):
                return x
        raise OpError(
            f"of {TRIES} numbers from {low:g} to {high:g} none was in {self.text}; give Interval(..., sampled=)"
        )


def _is_pole(x: float) -> bool:
    return x <= 0.0 and (math.isinf(x) or x == math.floor(x))


WHOLE = Interval("x is 0, 1, 2, ...", 0.0, whole=True)
EXTENDED = Interval("x is any number, also ±inf")
REAL = Interval("x is finite", closed=(False, False))
NONZERO = Interval("x ≠ 0", excluded=lambda x: x == 0.0)
POSITIVE = Interval("x > 0", 0.0, closed=(False, True))
NONNEGATIVE = Interval("x ≥ 0", 0.0)
MINUS_ONE_TO_ONE = Interval("-1 ≤ x ≤ 1", -1.0, 1.0)
BETWEEN_MINUS_ONE_AND_ONE = Interval("-1 < x < 1", -1.0, 1.0, closed=(False, False))
PROBABILITY = Interval("0 < x < 1", 0.0, 1.0, closed=(False, False))
NOT_A_POLE = Interval("x is not 0, -1, -2, ...", excluded=_is_pole)


class Domain:
    """The domain of an op: one `Interval` per input (the last repeats for n-ary ops) and a joint condition.

    >>> Domain(REAL, NONZERO).problem((1.0, 0.0), ("x", "y"))
    (1, 'y ≠ 0')

    Raises `OpError` for no interval, and for what is none.
    """

    def __init__(self, *intervals: Interval, condition: Callable[..., bool] | None = None, text: str = "") -> None:
        if not intervals or not all([isinstance(interval, Interval) for interval in intervals]):
            raise OpError(f"a Domain has an Interval for each input, as REAL is one; got {intervals!r:.60}")
        self.intervals = intervals
        self.condition = condition
        self.text = text

    def interval(self, position: int) -> Interval:
        """The set for the input at `position`."""
        return self.intervals[min(position, len(self.intervals) - 1)]

    def problem(self, data: Sequence[float], names: Sequence[str]) -> tuple[int, str] | None:
        """The first input outside and what was expected of it, or None when `data` is inside."""
        for position, x in enumerate(data):
            interval = self.interval(position)
            if x not in interval:
                return position, interval.describe(names[min(position, len(names) - 1)])
        is_known = not any(x != x for x in data)
        if self.condition is not None and is_known and not self.condition(*data):
            return 0, self.text
        return None

    def sample(
        self, random: Random, count: int | None = None, given: Sequence[float | None] | None = None
    ) -> tuple[float, ...]:
        """A point inside, `count` numbers long for n-ary ops; some of its numbers may be `given`."""
        given = given or [None] * (count or len(self.intervals))
        for _ in range(TRIES):
            point = tuple([self.interval(i).sample(random) if x is None else x for i, x in enumerate(given)])
            if self.condition is None or self.condition(*point):
                return point
        raise OpError(
            f"of {TRIES} points none had {self.text or 'the joint condition'}; give the intervals with sampled="
        )

    def __str__(self) -> str:
        parts = dict.fromkeys(str(interval) for interval in self.intervals)
        return self.text or "; ".join(parts)
