"""Stage after stage in machine code, and copying numbers and rows: what holds loops and products together.

Every piece of machine code takes one address, that of its arguments.
"""

from __future__ import annotations

from ...runtime.once import once
from .ir_text import counted, function_in, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["copies", "repetition", "sequence", "takes"]


@once
def sequence() -> Any:
    """Calls functions one after the other. Arguments: how many, then {function, its arguments} for each."""
    return function_in(SEQUENCE, "sequence")


@once
def repetition() -> Any:
    """Runs a sequence several times, and in between moves on the addresses among its arguments.

    Arguments: how often, those of the sequence, how many addresses, then {where it is, bytes to add, whether to go
    back by as many the next time} for each.
    """
    return function_in(SEQUENCE + REPETITION, "repetition")


@once
def copies() -> Any:
    """Copies numbers, for each of several rows.

    Arguments: rows, how many numbers, then {from, bytes to the next row, to, bytes to the next row} for each.
    """
    return function_in(COPIES, "copies")


TAKEN = {"positions": "ptr", "count": "i64", "rows": "ptr", "size": "i64", "to": "ptr"}


@once
def takes() -> Any:
    """Copies rows at given positions together. Arguments: where the positions are, how many, where the rows are, the
    bytes of each, where to."""
    return function_in(TAKES, "takes")


STAGE = """
  %place = mul i64 %k, 2
  %place1 = add i64 %place, 1
  %place2 = add i64 %place, 2
  %function_at = getelementptr i64, ptr %arguments, i64 %place1
  %function = load ptr, ptr %function_at
  %own_at = getelementptr i64, ptr %arguments, i64 %place2
  %own = load ptr, ptr %own_at
  call void %function(ptr %own)"""
SEQUENCE = f"""
define void @sequence(ptr %arguments) nounwind {{
entry:
  %count = load i64, ptr %arguments{counted("k", "%count", STAGE)}
  ret void
}}
"""

REPETITION = """
define void @repetition(ptr %arguments) nounwind {
entry:
  %count = load i64, ptr %arguments
  %sequence_at = getelementptr i64, ptr %arguments, i64 1
  %sequence = load ptr, ptr %sequence_at
  %moves_at = getelementptr i64, ptr %arguments, i64 2
  %moves = load i64, ptr %moves_at
  %table = getelementptr i64, ptr %arguments, i64 3
  br label %test
test:
  %k = phi i64 [ 0, %entry ], [ %k_next, %one_end ]
  %more = icmp slt i64 %k, %count
  br i1 %more, label %one, label %done
one:
  call void @sequence(ptr %sequence)
  br label %move_test
move_test:
  %j = phi i64 [ 0, %one ], [ %j_next, %move ]
  %more_moves = icmp slt i64 %j, %moves
  br i1 %more_moves, label %move, label %one_end
move:
  %where_at = getelementptr {ptr, i64, i64}, ptr %table, i64 %j
  %where = load ptr, ptr %where_at
  %step_at = getelementptr {ptr, i64, i64}, ptr %table, i64 %j, i32 1
  %step = load i64, ptr %step_at
  %back_at = getelementptr {ptr, i64, i64}, ptr %table, i64 %j, i32 2
  %back = load i64, ptr %back_at
  %address = load i64, ptr %where
  %moved = add i64 %address, %step
  store i64 %moved, ptr %where
  %returns = icmp ne i64 %back, 0
  %opposite = sub i64 0, %step
  %next_step = select i1 %returns, i64 %opposite, i64 %step
  store i64 %next_step, ptr %step_at
  %j_next = add i64 %j, 1
  br label %move_test
one_end:
  %k_next = add i64 %k, 1
  br label %test
done:
  ret void
}
"""

COPIES = """
define void @copies(ptr %arguments) nounwind {
entry:
  %rows = load i64, ptr %arguments
  %count_at = getelementptr i64, ptr %arguments, i64 1
  %count = load i64, ptr %count_at
  %table = getelementptr i64, ptr %arguments, i64 2
  br label %row_test
row_test:
  %r = phi i64 [ 0, %entry ], [ %r_next, %row_end ]
  %more_rows = icmp slt i64 %r, %rows
  br i1 %more_rows, label %test, label %done
test:
  %k = phi i64 [ 0, %row_test ], [ %k_next, %one ]
  %more = icmp slt i64 %k, %count
  br i1 %more, label %one, label %row_end
one:
  %entry_at = getelementptr {ptr, i64, ptr, i64}, ptr %table, i64 %k
  %from = load ptr, ptr %entry_at
  %from_step_at = getelementptr {ptr, i64, ptr, i64}, ptr %table, i64 %k, i32 1
  %from_step = load i64, ptr %from_step_at
  %to_at = getelementptr {ptr, i64, ptr, i64}, ptr %table, i64 %k, i32 2
  %to = load ptr, ptr %to_at
  %to_step_at = getelementptr {ptr, i64, ptr, i64}, ptr %table, i64 %k, i32 3
  %to_step = load i64, ptr %to_step_at
  %from_offset = mul i64 %r, %from_step
  %from_row = getelementptr i8, ptr %from, i64 %from_offset
  %to_offset = mul i64 %r, %to_step
  %to_row = getelementptr i8, ptr %to, i64 %to_offset
  %x = load double, ptr %from_row, align 8
  store double %x, ptr %to_row, align 8
  %k_next = add i64 %k, 1
  br label %test
row_end:
  %r_next = add i64 %r, 1
  br label %row_test
done:
  ret void
}
"""

TAKE = """
  %position_at = getelementptr i64, ptr %positions, i64 %k
  %position = load i64, ptr %position_at
  %from_offset = mul i64 %position, %size
  %from = getelementptr i8, ptr %rows, i64 %from_offset
  %to_offset = mul i64 %k, %size
  %to_row = getelementptr i8, ptr %to, i64 %to_offset
  call void @llvm.memcpy.p0.p0.i64(ptr %to_row, ptr %from, i64 %size, i1 false)"""
TAKES = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define void @takes(ptr %arguments) nounwind {{
entry:
{loads(TAKEN)}{counted("k", "%count", TAKE)}
  ret void
}}
"""
