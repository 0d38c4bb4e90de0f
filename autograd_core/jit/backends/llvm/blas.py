"""Large products of matrices by BLAS: SciPy's dgemm, called from machine code. Without SciPy our own does them too.

From some 256 x 256 x 256 on a product no longer fits into the caches, and BLAS, which cuts it into blocks that do, is
up to twice as fast as `products`. It takes numbers side by side along rows or along columns, and nothing else.
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
    """A function like `matmul.product`; None without SciPy.

    BLAS has its matrices column by column, so what is C = A B for us is Cᵀ = Bᵀ Aᵀ there.
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
        """The address of a number, as Fortran takes it."""
        at = f(f"alloca {kind}")
        f.do(f"store {kind} {value}, ptr {at}")
        return at

    def whole(value: str) -> str:
        return by_address("i32", f(f"trunc i64 {value} to i32"))

    letters, steps = [], []
    for name in "ba":  # side by side along the rows, or along the columns
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
