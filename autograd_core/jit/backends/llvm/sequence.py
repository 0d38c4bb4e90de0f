"""The glue between loops and products in machine code: sequences of tasks, their repetition, copies and gathers.

Every piece of machine code takes one address, that of its arguments. A sequence is

    %4 = getelementptr {ptr, ptr}, ptr %1, i64 %i1, i32 0
    %5 = load ptr, ptr %4, align 8
    %6 = getelementptr {ptr, ptr}, ptr %1, i64 %i1, i32 1
    %7 = load ptr, ptr %6, align 8
    call void %5(ptr %7)

for every task.
"""

from __future__ import annotations

from ...runtime.once import once
from .ir_text import Function, function_in, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["copies", "copy_row", "repetition", "sequence", "takes"]


@once
def sequence() -> Any:
    """The function that calls functions one after the other. Arguments: their count, {function, its arguments} each."""
    return function_in(module(_sequence()), "sequence")


def _sequence() -> Function:
    f = Function("sequence")
    table = f.at("%0", 8)
    with f.loop(f.load("i64", "%0")) as loop:
        function, arguments = f.record(table, loop.i, ("ptr", "ptr"))
        f.do(f"call void {function}(ptr {arguments})")
    return f


@once
def repetition() -> Any:
    """The function that runs a sequence several times, and between runs advances the addresses among its arguments.

    Arguments: the count of runs, the sequence's arguments, the count of addresses, then for each {where it is, bytes to
    add, whether their sign alternates}.
    """
    f = Function("repetition")
    count, arguments, moves = f.record("%0", 0, ("i64", "ptr", "i64"))
    table = f.at("%0", 24)
    with f.loop(count):
        f.do(f"call void @sequence(ptr {arguments})")
        with f.loop(moves) as loop:
            where, step, returns = f.record(table, loop.i, ("ptr", "i64", "i64"))
            f.store("i64", f(f"add i64 {f.load('i64', where)}, {step}"), where)
            is_next_opposite = f(f"icmp ne i64 {returns}, 0")
            opposite = f(f"sub i64 0, {step}")
            following = f(f"select i1 {is_next_opposite}, i64 {opposite}, i64 {step}")
            f.store("i64", following, f(f"getelementptr {{ptr, i64, i64}}, ptr {table}, i64 {loop.i}, i32 1"))
    return function_in(module(_sequence(), f), "repetition")


@once
def copies() -> Any:
    """The function of a `Copy`, for each of several rows.

    Arguments: rows, the count of numbers, then for each {from, bytes to the next row, to, bytes to the next row}.
    """
    f = Function("copies")
    rows, count = f.record("%0", 0, ("i64", "i64"))
    table = f.at("%0", 16)
    with f.loop(rows) as row, f.loop(count) as loop:
        source, down, target, target_down = f.record(table, loop.i, ("ptr", "i64", "ptr", "i64"))
        x = f.load("double", f.at(source, f(f"mul i64 {row.i}, {down}")))
        f.store("double", x, f.at(target, f(f"mul i64 {row.i}, {target_down}")))
    return function_in(module(f), "copies")


@once
def takes() -> Any:
    """The function that gathers rows at given positions. Arguments: the positions' address, their count, the rows'
    address, the bytes of each, the target's address."""
    f = Function("takes")
    positions, count, rows, size, target = f.record("%0", 0, ("ptr", "i64", "ptr", "i64", "ptr"))
    with f.loop(count) as loop:
        position = f.load("i64", f.at(positions, loop.i, "i64"))
        copy_row(f, f.at(target, f(f"mul i64 {loop.i}, {size}")), f.at(rows, f(f"mul i64 {position}, {size}")), size)
    return function_in(module(f), "takes")


def copy_row(f: Function, target: str, source: str, size: str) -> None:
    """Write the line that copies `size` bytes."""
    f.intrinsic("memcpy.p0.p0.i64", "void", f"ptr {target}", f"ptr {source}", f"i64 {size}", "i1 false")
