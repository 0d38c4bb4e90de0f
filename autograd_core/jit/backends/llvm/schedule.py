"""The order of a kernel's steps: greedy list scheduling on a machine that starts one operation after the other.

A step is ready when its inputs are (latency); the earliest of the ready ones is taken. Only the ``WINDOW`` steps
after the first that is still to be done are looked at, which keeps the values that are alive at once few. Any order
gives the same numbers; this one lets the processor work on several steps at a time.
"""

from __future__ import annotations

import heapq

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["scheduled"]

WINDOW = 400


def scheduled(cycles: Sequence[tuple[int, int]], args: Sequence[Sequence[int]]) -> list[int]:
    """The positions of steps in the order to compute them; ``args[k]`` are the earlier steps that step k uses, and
    ``cycles[k]`` how long it keeps the machine busy and how long its result takes."""
    count = len(cycles)
    waits_for = [0] * count
    latest_use = [-1] * count  # the uses of each step are a chain: a list for every step would keep the collector busy
    use_before: list[int] = []
    user_of: list[int] = []
    for k in range(count):
        for a in args[k]:
            use_before.append(latest_use[a])
            latest_use[a] = len(user_of)
            user_of.append(k)
            waits_for[k] += 1
    ready_at, done = [0] * count, [False] * count
    order: list[int] = []
    waiting: list[tuple[int, int]] = []  # (time, step): not ready yet
    ready: list[int] = []
    first = seen = time = 0
    while len(order) < count:
        while done[first]:
            first += 1
        end = min(count, first + WINDOW)
        for k in range(seen, end):
            if not waits_for[k]:
                heapq.heappush(waiting, (ready_at[k], k))
        seen = max(seen, end)
        while waiting and waiting[0][0] <= time:
            heapq.heappush(ready, heapq.heappop(waiting)[1])
        if not ready:
            time = waiting[0][0]
            continue
        k = heapq.heappop(ready)
        done[k] = True
        order.append(k)
        busy, latency = cycles[k]
        use = latest_use[k]
        while use >= 0:
            user = user_of[use]
            use = use_before[use]
            waits_for[user] -= 1
            ready_at[user] = max(ready_at[user], time + latency)
            if not waits_for[user] and user < seen:
                heapq.heappush(waiting, (ready_at[user], user))
        time += busy
    return order
