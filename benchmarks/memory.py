"""Memory that a compiled function needs while it runs, beyond its inputs and outputs: Linux tells.

Each number of points has a process of its own, which compiles, forgets the most memory it has had so far, and calls.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import batches, expressions
from .measure import Row

FEW, MANY = 10**4, 10**6
STATUS = Path("/proc/self/status")


def rows() -> Iterator[Row]:
    """The working set at many points beside that at few."""
    if not STATUS.exists():
        yield "memory beyond inputs and outputs", "measured on Linux only", "", "", "does not grow"
        return
    few, many = (in_its_own_process(points) for points in (FEW, MANY))
    yield (
        f"memory beyond inputs and outputs, {MANY:,} points, about 1,000 steps",
        f"{many / 2**20:.2f} MB",
        f"{FEW:,} points {few / 2**20:.2f} MB",
        "",
        "does not grow",
    )


def in_its_own_process(points: int) -> int:
    """`working_set` in a fresh interpreter."""
    command = [sys.executable, "-m", f"{__package__}.memory", str(points)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def working_set(points: int) -> int:
    """The bytes that one call has held at its height, beyond inputs and outputs."""
    f = batches.compiled(330, expressions.MIXED)
    for _ in range(2):
        f(expressions.points(1_024))
    x = expressions.points(points)
    Path("/proc/self/clear_refs").write_text("5")  # the height is the present
    before = in_bytes("VmRSS")
    value, gradient = f(x)
    return in_bytes("VmHWM") - before - value.nbytes - gradient.nbytes


def in_bytes(field: str) -> int:
    """One of the kernel's figures about this process."""
    found = re.search(rf"{field}:\s+(\d+) kB", STATUS.read_text())
    assert found, f"{field} is in every status"
    return 1024 * int(found[1])


if __name__ == "__main__":
    print(working_set(int(sys.argv[1])))
