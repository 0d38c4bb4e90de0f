"""Large products of matrices by BLAS: SciPy's dgemm, called from machine code. Without SciPy `matmul` computes them.

From some 256 x 256 x 256 on a product no longer fits into the caches, and BLAS, which cuts it into blocks that do, is
up to twice as fast as `matmul`. BLAS needs unit stride along rows or along columns.
"""

from __future__ import annotations

from ...runtime.forking import Work, held
from ...runtime.once import once
from .functions import function_of_capsule
from .ir_text import function_in, module
from .matmul import product_function
from .sequence import copy_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["LARGE", "SMALLEST", "blas_product", "by_blas", "suits_blas"]

by_blas: Work = held(Work())
"""The calls of BLAS, for which forks wait: BLAS has threads, and a fork while they work would never return."""

LARGE, SMALLEST = 1 << 24, 16
"""The least multiplications of a product that is left to BLAS, 256³ as said above, and its least rows, columns and
terms."""


def suits_blas(sizes: Sequence[int], into: Sequence[int], left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether a product of such sizes (rows, columns, terms) and strides is one for BLAS."""
    m, n, k = sizes
    if m * n * k < LARGE or min(sizes) < SMALLEST:
        return False
    lies_well = [steps[1] == 1 and steps[0] >= columns for steps, columns in ((into, n), (left, k), (right, n))]
    stands_well = [steps[0] == 1 and steps[1] >= rows for steps, rows in ((left, m), (right, k))]
    return lies_well[0] and (lies_well[1] or stands_well[0]) and (lies_well[2] or stands_well[1])


@once
def blas_product() -> Any:
    """The function of `matmul.product` by BLAS; None without SciPy.

    BLAS has column-major matrices, and ours are row-major: C = A B is Cᵀ = Bᵀ Aᵀ there.

        %67 = alloca i32
        store i32 %66, ptr %67
        ...
        %75 = inttoptr i64 1234 to ptr
        call void %75(ptr %52, ptr %59, ptr %67, ptr %69, ptr %71, ptr %65, ptr %6, ptr %55, ptr %4, ...)
    """
    try:
        from scipy.linalg import cython_blas
    except ImportError:
        return None
    _, dgemm = function_of_capsule(cython_blas.__pyx_capi__["dgemm"])
    f = product_function()
    given = f.given
    is_elsewhere = f(f"icmp ne ptr {given['d']}, {given['c']}")
    with f.when(is_elsewhere), f.loop(given["m"]) as row:  # dgemm adds to C
        copy_row(f, f.of("c", row.i, None), f.of("d", row.i, None), f(f"mul i64 {given['n']}, 8"))

    def by_address(kind: str, value: str) -> str:
        """The address of a copy of a number, as Fortran takes arguments by reference."""
        at = f(f"alloca {kind}")
        f.do(f"store {kind} {value}, ptr {at}")
        return at

    def whole(value: str) -> str:
        return by_address("i32", f(f"trunc i64 {value} to i32"))

    letters, steps = [], []
    for name in "ba":  # unit stride along the rows, or along the columns
        lies = f(f"icmp eq i64 {given[f'{name}_column']}, 8")
        step = f(f"select i1 {lies}, i64 {given[f'{name}_row']}, i64 {given[f'{name}_column']}")
        letters.append(by_address("i8", f(f"select i1 {lies}, i8 {ord('N')}, i8 {ord('T')}")))
        steps.append(whole(f(f"sdiv i64 {step}, 8")))
    beta = by_address("double", f(f"uitofp i1 {given['adds']} to double"))
    alpha = by_address("double", given["factor"])
    sizes = [whole(given[name]) for name in ("n", "m", "size")]
    into = given["c"], whole(f(f"sdiv i64 {given['c_row']}, 8"))
    arguments = [*letters, *sizes, alpha, given["b"], steps[0], given["a"], steps[1], beta, *into]
    function = f(f"inttoptr i64 {dgemm} to ptr")
    f.do(f"call void {function}({', '.join([f'ptr {argument}' for argument in arguments])})")
    return function_in(module(f), "product")
