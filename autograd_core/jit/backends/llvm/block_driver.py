"""The block driver: runs a kernel for one vector of points after the other. One per vector width serves all programs.

The inputs of a vector of points are copied to their slots, with any stride, the kernel computes, outputs are copied
from their slots, and sums are accumulated. The last vector repeats its last point in the lanes that are too many, and
only the others are written and summed. All of it runs for every row: a batch of points is one row, a matrix has more.

    %65 = load $V, ptr %53, align 8          a read with unit stride; any other goes number by number
    store $V %65, ptr %60, align 8           its slot
    call void %2(ptr %4, ptr %6)             the kernel, on slots and functions
    %96 = load $V, ptr %94, align 8          the slot of a write
    store $V %96, ptr %84, align 8
"""

from __future__ import annotations

from ...runtime.once import once
from .ir_text import Function, function_in, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ARGUMENTS", "driver"]

ARGUMENTS = {
    "kernel": "ptr", "scratch": "ptr", "functions": "ptr", "first_read": "i64", "in": "ptr", "reads": "i64",
    "out": "ptr", "writes": "i64", "sums": "ptr", "sum_count": "i64", "totals": "ptr", "count": "i64", "rows": "i64",
}  # fmt: skip
"""The arguments of the driver, by name and kind. A read is {address, bytes to the next row, bytes to the next point}, a
write the same and its slot, a sum the slot that is summed; each sum has a vector among the totals."""


@once
def driver(width: int) -> Any:
    """The C function of the driver for kernels of `width` lanes; it takes the address of its `ARGUMENTS`."""
    f = Function("drive", width=width)
    given = dict(zip(ARGUMENTS, f.record("%0", 0, tuple(ARGUMENTS.values())), strict=True))
    with f.loop(given["rows"]) as row, f.loop(given["count"], step=width) as block:
        left = f(f"sub i64 {given['count']}, {block.i}")
        is_full = f(f"icmp sge i64 {left}, {width}")
        lanes = f(f"select i1 {is_full}, i64 {width}, i64 {left}")
        last = f(f"sub i64 {lanes}, 1")

        def place(entry: list[str]) -> tuple[str, str]:
            """The address of the first point's number, and whether the numbers there are a full vector."""
            base, down, along, *_ = entry
            first = f.at(f.at(base, f(f"mul i64 {row.i}, {down}")), f(f"mul i64 {block.i}, {along}"))
            return first, f(f"and i1 {f(f'icmp eq i64 {along}, 8')}, {is_full}")

        def slot(k: str) -> str:
            return f.at(given["scratch"], f(f"mul i64 {k}, {8 * width}"))

        with f.loop(given["reads"]) as loop:
            entry = f.record(given["in"], loop.i, ("ptr", "i64", "i64"))
            first, is_vector = place(entry)
            target = slot(f(f"add i64 {loop.i}, {given['first_read']}"))
            with f.when(is_vector) as otherwise:
                f.store("$V", f.load("$V", first), target)
                otherwise()
                with f.loop(width) as lane:
                    is_inside = f(f"icmp slt i64 {lane.i}, {last}")
                    point = f(f"select i1 {is_inside}, i64 {lane.i}, i64 {last}")
                    x = f.load("double", f.at(first, f(f"mul i64 {point}, {entry[2]}")))
                    f.store("double", x, f.at(target, lane.i, "double"))
        f.do(f"call void {given['kernel']}(ptr {given['scratch']}, ptr {given['functions']})")
        with f.loop(given["writes"]) as loop:
            entry = f.record(given["out"], loop.i, ("ptr", "i64", "i64", "i64"))
            first, is_vector = place(entry)
            source = slot(entry[3])
            with f.when(is_vector) as otherwise:
                f.store("$V", f.load("$V", source), first)
                otherwise()
                with f.loop(lanes) as lane:
                    x = f.load("double", f.at(source, lane.i, "double"))
                    f.store("double", x, f.at(first, f(f"mul i64 {lane.i}, {entry[2]}")))
        with f.loop(given["sum_count"]) as loop:
            source = slot(f.load("i64", f.at(given["sums"], loop.i, "i64")))
            total = f.at(given["totals"], f(f"mul i64 {loop.i}, {8 * width}"))
            with f.when(is_full) as otherwise:
                _add(f, "$V", total, source)
                otherwise()
                with f.loop(lanes) as lane:
                    _add(f, "double", f.at(total, lane.i, "double"), f.at(source, lane.i, "double"))
    return function_in(module(f), "drive")


def _add(f: Function, kind: str, total: str, source: str) -> None:
    f.store(kind, f(f"fadd {kind} {f.load(kind, total)}, {f.load(kind, source)}"), total)
