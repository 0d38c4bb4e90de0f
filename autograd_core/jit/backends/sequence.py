"""Stage after stage in machine code, and copying single numbers: what holds loops and products together.

Every piece of machine code takes one address, that of its arguments.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache

from .machine import code_of, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["copies", "sequence"]


@lru_cache(maxsize=1)
def _functions() -> dict[str, Any]:
    engine = load(code_of(TEXT, opt=2))
    found = {}
    for name in ("sequence", "copies"):
        function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address(name))
        function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as it does
        found[name] = function
    return found


def sequence() -> Any:
    """Calls functions one after the other. Arguments: how many, then {function, its arguments} for each."""
    return _functions()["sequence"]


def copies() -> Any:
    """Copies numbers, for each of several rows.

    Arguments: rows, how many numbers, then {from, bytes to the next row, to, bytes to the next row} for each.
    """
    return _functions()["copies"]


TEXT = """
define void @sequence(ptr %arguments) nounwind {
entry:
  %count = load i64, ptr %arguments
  br label %test
test:
  %k = phi i64 [ 0, %entry ], [ %k_next, %one ]
  %more = icmp slt i64 %k, %count
  br i1 %more, label %one, label %done
one:
  %place = mul i64 %k, 2
  %place1 = add i64 %place, 1
  %place2 = add i64 %place, 2
  %function_at = getelementptr i64, ptr %arguments, i64 %place1
  %function = load ptr, ptr %function_at
  %own_at = getelementptr i64, ptr %arguments, i64 %place2
  %own = load ptr, ptr %own_at
  call void %function(ptr %own)
  %k_next = add i64 %k, 1
  br label %test
done:
  ret void
}

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
