"""Large products of matrices by BLAS: SciPy's dgemm, called from machine code. Without SciPy our own does them too.

From some 256 x 256 x 256 on a product no longer fits into the caches, and BLAS, which cuts it into blocks that do, is
up to twice as fast as `products`. It takes numbers side by side along rows or along columns, and nothing else.
"""

from __future__ import annotations

from ...runtime.forking import Work, held
from ...runtime.once import once
from .ir_text import counted, function_in
from .matmul import BEGINNING
from .target import function_of_capsule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["LARGE", "SMALLEST", "blas_product", "by_blas", "suits_blas"]

by_blas: Work = held(Work())
"""What calls BLAS: it has threads of its own, and a fork while they work would never come back."""

LARGE, SMALLEST = 1 << 24, 16
"""The least number of multiplications, and of rows, columns and terms, of a product that is left to BLAS."""


def suits_blas(sizes: Sequence[int], into: Sequence[int], left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether a product of such sizes (rows, columns, terms) and steps between elements is one for BLAS."""
    m, n, k = sizes
    if m * n * k < LARGE or min(sizes) < SMALLEST:
        return False
    lies_well = [steps[1] == 1 and steps[0] >= columns for steps, columns in ((into, n), (left, k), (right, n))]
    stands_well = [steps[0] == 1 and steps[1] >= rows for steps, rows in ((left, m), (right, k))]
    return lies_well[0] and (lies_well[1] or stands_well[0]) and (lies_well[2] or stands_well[1])


@once
def blas_product() -> Any:
    """A function like `products.product`; None without SciPy.

    BLAS has its matrices column by column, so what is C = A B for us is Cᵀ = Bᵀ Aᵀ there.
    """
    try:
        from scipy.linalg import cython_blas
    except ImportError:
        return None
    _, dgemm = function_of_capsule(cython_blas.__pyx_capi__["dgemm"])
    lines = [COPY_ROWS, BEGINNING]
    lines.append(f"%dgemm = inttoptr i64 {dgemm} to ptr")
    for name in "ab":  # side by side along the rows, or along the columns
        lines += [
            f"%lies_{name} = icmp eq i64 %{name}_column, 8",
            f"%step_{name} = select i1 %lies_{name}, i64 %{name}_row, i64 %{name}_column",
            f"%letter_{name} = select i1 %lies_{name}, i8 {ord('N')}, i8 {ord('T')}",
            f"%op_{name} = alloca i8\nstore i8 %letter_{name}, ptr %op_{name}",
        ]
    numbers = {"rows": "m", "columns": "n", "terms": "size", "ld_a": "step_a", "ld_b": "step_b", "ld_c": "c_row"}
    for name, value in numbers.items():
        scale = f"sdiv i64 %{value}, 8" if name.startswith("ld") else f"add i64 %{value}, 0"
        lines += [
            f"%whole_{name} = {scale}\n%short_{name} = trunc i64 %whole_{name} to i32",
            f"%{name} = alloca i32\nstore i32 %short_{name}, ptr %{name}",
        ]
    lines += [
        "%alpha = alloca double\nstore double %factor, ptr %alpha",
        "%kept = uitofp i1 %adds to double",
        "%beta = alloca double\nstore double %kept, ptr %beta",
        "%is_elsewhere = icmp ne ptr %d, %c\n%needs_copy = and i1 %adds, %is_elsewhere",
        "%to_copy = select i1 %needs_copy, i64 %m, i64 0\n%row_size = mul i64 %n, 8",
        "call void @copy_rows(ptr %c, i64 %c_row, ptr %d, i64 %d_row, i64 %to_copy, i64 %row_size)",
        "call void %dgemm(ptr %op_b, ptr %op_a, ptr %columns, ptr %rows, ptr %terms, ptr %alpha, ptr %b, ptr %ld_b,"
        " ptr %a, ptr %ld_a, ptr %beta, ptr %c, ptr %ld_c)",
        "ret void\n}",
    ]
    return function_in("\n".join(lines), "product")


ROW = """
  %to_offset = mul i64 %k, %to_step
  %to_row = getelementptr i8, ptr %to, i64 %to_offset
  %from_offset = mul i64 %k, %from_step
  %from_row = getelementptr i8, ptr %from, i64 %from_offset
  call void @llvm.memcpy.p0.p0.i64(ptr %to_row, ptr %from_row, i64 %size, i1 false)"""
COPY_ROWS = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal void @copy_rows(ptr %to, i64 %to_step, ptr %from, i64 %from_step, i64 %count, i64 %size) nounwind {{
entry:{counted("k", "%count", ROW)}
  ret void
}}
"""
