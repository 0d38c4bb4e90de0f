"""The driver: runs a kernel for block after block of points. One for each vector width serves all programs.

It copies a block's inputs to their slots, with any distance between points, has the kernel compute, and copies the
outputs from theirs and adds to the sums. The last block repeats its last point in the lanes that are too many, and
writes and sums only the others. All of it once for every row: a batch of points is one row, a matrix has several.
"""

from __future__ import annotations

from ...runtime.once import once
from .ir_text import function_in, loads
from .target import types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["driver"]


@once
def driver(width: int) -> Any:
    """The C function for kernels of that many lanes; releases the interpreter while it runs.

    It takes the address of what `ARGUMENTS` lists, as int64. A read is {address, bytes to the next row, bytes to the
    next point}, a write the same and its slot, a sum the slot that is summed; each has a vector among the totals.
    """
    text = DRIVER.replace("$VECTOR", types_of(width)[0]).replace("$WIDTH", str(width)).replace("$SIZE", str(8 * width))
    kinds = {name: "ptr" if name in POINTERS else "i64" for name in ARGUMENTS}
    return function_in(text.replace("$LOADS", loads(kinds)), "drive")


ARGUMENTS = (
    "kernel", "scratch", "functions", "first_read", "in", "reads", "out", "writes", "sums", "sum_count", "totals",
    "count", "rows",
)  # fmt: skip
POINTERS = ("kernel", "scratch", "functions", "in", "out", "sums", "totals")

DRIVER = """
define void @drive(ptr %arguments) nounwind {
entry:
$LOADS
  br label %row_test
row_test:
  %row = phi i64 [ 0, %entry ], [ %row_next, %row_end ]
  %row_more = icmp slt i64 %row, %rows
  br i1 %row_more, label %block_test, label %done
row_end:
  %row_next = add i64 %row, 1
  br label %row_test
block_test:
  %i = phi i64 [ 0, %row_test ], [ %i_next, %block_end ]
  %left = sub i64 %count, %i
  %more = icmp sgt i64 %left, 0
  br i1 %more, label %block, label %row_end
block:
  %full = icmp sge i64 %left, $WIDTH
  %m = select i1 %full, i64 $WIDTH, i64 %left
  %last = sub i64 %m, 1
  br label %in_test

in_test:
  %j = phi i64 [ 0, %block ], [ %j_next, %in_end ]
  %in_more = icmp slt i64 %j, %reads
  br i1 %in_more, label %in_one, label %work
in_one:
  %in_entry = getelementptr {ptr, i64, i64}, ptr %in, i64 %j
  %in_base = load ptr, ptr %in_entry
  %in_entry1 = getelementptr {ptr, i64, i64}, ptr %in, i64 %j, i32 1
  %in_row_step = load i64, ptr %in_entry1
  %in_entry2 = getelementptr {ptr, i64, i64}, ptr %in, i64 %j, i32 2
  %in_step = load i64, ptr %in_entry2
  %in_row_offset = mul i64 %row, %in_row_step
  %in_row = getelementptr i8, ptr %in_base, i64 %in_row_offset
  %in_offset = mul i64 %i, %in_step
  %in_at = getelementptr i8, ptr %in_row, i64 %in_offset
  %in_slot = add i64 %j, %first_read
  %in_bytes = mul i64 %in_slot, $SIZE
  %in_to = getelementptr i8, ptr %scratch, i64 %in_bytes
  %in_dense = icmp eq i64 %in_step, 8
  %in_fast = and i1 %in_dense, %full
  br i1 %in_fast, label %in_vector, label %in_lane
in_vector:
  %v = load $VECTOR, ptr %in_at, align 8
  store $VECTOR %v, ptr %in_to, align $SIZE
  br label %in_end
in_lane:
  %l = phi i64 [ 0, %in_one ], [ %l_next, %in_lane ]
  %inside = icmp slt i64 %l, %last
  %l_real = select i1 %inside, i64 %l, i64 %last
  %l_offset = mul i64 %l_real, %in_step
  %l_at = getelementptr i8, ptr %in_at, i64 %l_offset
  %x = load double, ptr %l_at, align 8
  %l_to = getelementptr double, ptr %in_to, i64 %l
  store double %x, ptr %l_to, align 8
  %l_next = add i64 %l, 1
  %l_more = icmp slt i64 %l_next, $WIDTH
  br i1 %l_more, label %in_lane, label %in_end
in_end:
  %j_next = add i64 %j, 1
  br label %in_test

work:
  call void %kernel(ptr %scratch, ptr %functions)
  br label %out_test

out_test:
  %k = phi i64 [ 0, %work ], [ %k_next, %out_end ]
  %out_more = icmp slt i64 %k, %writes
  br i1 %out_more, label %out_one, label %sum_test
out_one:
  %out_entry = getelementptr {ptr, i64, i64, i64}, ptr %out, i64 %k
  %out_base = load ptr, ptr %out_entry
  %out_entry1 = getelementptr {ptr, i64, i64, i64}, ptr %out, i64 %k, i32 1
  %out_row_step = load i64, ptr %out_entry1
  %out_entry2 = getelementptr {ptr, i64, i64, i64}, ptr %out, i64 %k, i32 2
  %out_step = load i64, ptr %out_entry2
  %out_entry3 = getelementptr {ptr, i64, i64, i64}, ptr %out, i64 %k, i32 3
  %out_slot = load i64, ptr %out_entry3
  %out_row_offset = mul i64 %row, %out_row_step
  %out_row = getelementptr i8, ptr %out_base, i64 %out_row_offset
  %out_offset = mul i64 %i, %out_step
  %out_at = getelementptr i8, ptr %out_row, i64 %out_offset
  %out_bytes = mul i64 %out_slot, $SIZE
  %out_from = getelementptr i8, ptr %scratch, i64 %out_bytes
  %out_dense = icmp eq i64 %out_step, 8
  %out_fast = and i1 %out_dense, %full
  br i1 %out_fast, label %out_vector, label %out_lane
out_vector:
  %w = load $VECTOR, ptr %out_from, align $SIZE
  store $VECTOR %w, ptr %out_at, align 8
  br label %out_end
out_lane:
  %h = phi i64 [ 0, %out_one ], [ %h_next, %out_lane ]
  %h_from = getelementptr double, ptr %out_from, i64 %h
  %y = load double, ptr %h_from, align 8
  %h_offset = mul i64 %h, %out_step
  %h_at = getelementptr i8, ptr %out_at, i64 %h_offset
  store double %y, ptr %h_at, align 8
  %h_next = add i64 %h, 1
  %h_more = icmp slt i64 %h_next, %m
  br i1 %h_more, label %out_lane, label %out_end
out_end:
  %k_next = add i64 %k, 1
  br label %out_test

sum_test:
  %s = phi i64 [ 0, %out_test ], [ %s_next, %sum_end ]
  %sum_more = icmp slt i64 %s, %sum_count
  br i1 %sum_more, label %sum_one, label %block_end
sum_one:
  %sum_entry = getelementptr i64, ptr %sums, i64 %s
  %sum_slot = load i64, ptr %sum_entry
  %sum_bytes = mul i64 %sum_slot, $SIZE
  %sum_from = getelementptr i8, ptr %scratch, i64 %sum_bytes
  %total_bytes = mul i64 %s, $SIZE
  %total_at = getelementptr i8, ptr %totals, i64 %total_bytes
  br i1 %full, label %sum_vector, label %sum_lane
sum_vector:
  %t = load $VECTOR, ptr %total_at, align 8
  %u = load $VECTOR, ptr %sum_from, align $SIZE
  %tu = fadd $VECTOR %t, %u
  store $VECTOR %tu, ptr %total_at, align 8
  br label %sum_end
sum_lane:
  %q = phi i64 [ 0, %sum_one ], [ %q_next, %sum_lane ]
  %q_total = getelementptr double, ptr %total_at, i64 %q
  %q_from = getelementptr double, ptr %sum_from, i64 %q
  %tq = load double, ptr %q_total, align 8
  %uq = load double, ptr %q_from, align 8
  %tuq = fadd double %tq, %uq
  store double %tuq, ptr %q_total, align 8
  %q_next = add i64 %q, 1
  %q_more = icmp slt i64 %q_next, %m
  br i1 %q_more, label %sum_lane, label %sum_end
sum_end:
  %s_next = add i64 %s, 1
  br label %sum_test

block_end:
  %i_next = add i64 %i, $WIDTH
  br label %block_test
done:
  ret void
}
"""
