"""Products of matrices in machine code: C[i, j] = [D[i, j] +] scale times Σₖ A[i, k] B[k, j], at any distances.

Two ways, each in tiles of C that fit into the registers; what hangs over an edge repeats the last row or is masked:

- by columns, where B and C have their rows in one piece: vectors along j, factors of A one by one;
- by rows, where A has its rows and B its columns in one piece: vectors along k, summed up in the end.

Both serve all sizes and are compiled once. Up to some 256 x 256 they keep up with BLAS and have nothing to pack.
"""

from __future__ import annotations

from ...runtime.once import once
from .ir_text import Lines, function_in, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["ARGUMENTS", "BEGINNING", "product"]

ARGUMENTS = (
    "c", "a", "b", "d", "times", "m", "n", "size", "scale",
    "c_row", "c_column", "a_row", "a_column", "b_row", "b_column", "d_row", "d_column",
)  # fmt: skip
"""What a product takes, as int64: addresses, 0 where nothing is added or where `times` is 1; sizes of i, j and k; a
float64; steps in bytes. D may be C."""
KINDS = dict.fromkeys(ARGUMENTS, "i64") | dict.fromkeys(("c", "a", "b", "d", "times"), "ptr") | {"scale": "double"}
BEGINNING = f"""@one = internal constant double 1.0
define void @product(ptr %arguments) nounwind {{
entry:
{loads(KINDS)}
%adds = icmp ne ptr %d, null
%is_multiplied = icmp ne ptr %times, null
%times_at = select i1 %is_multiplied, ptr %times, ptr @one
%time = load double, ptr %times_at
%factor = fmul double %scale, %time"""
"""What every such function begins with: it knows its arguments, whether it %adds, and the %factor."""

TILES = {8: ((8, 3), (5, 5)), 4: ((3, 3), (3, 3)), 2: ((3, 3), (3, 3))}
"""Rows and columns of a tile, by columns in vectors, by rows in numbers; for registers of 8, 4 and 2 numbers."""


@once
def product(width: int, by_rows: bool) -> Any:
    """The C function for vectors of that width; it takes the address of its `ARGUMENTS`."""
    text = _by_rows(width) if by_rows else _by_columns(width)
    return function_in(text, "product")


def _by_columns(width: int) -> str:
    rows, vectors = TILES[width][0]
    text = Lines(width)
    tile = [(r, v) for r in range(rows) for v in range(vectors)]
    text.add(SIGNATURE, "entry:")
    for r in range(rows):
        text.clamped(f"a{r}", "a", r, "rows", "a_row")
    text.spread("count", "i64", "%columns")
    text.spread("factors", "double", "%factor")
    text.spread("old", "i1", "%adds")
    for v in range(vectors):
        text.mask(f"mask{v}", v * width, "%count")
        text.add(f"%old{v} = and $B %mask{v}, %old")
    text.add(
        "%some = icmp sgt i64 %size, 0", "br i1 %some, label %loop, label %done", "loop:",
        "%k = phi i64 [0, %entry], [%k_next, %loop]",
        "%b_at = phi ptr [%b, %entry], [%b_next, %loop]",
        "%a_at = phi i64 [0, %entry], [%a_next, %loop]",
    )  # fmt: skip
    text.for_each(tile, lambda at: [f"%x{at} = phi $V [zeroinitializer, %entry], [%y{at}, %loop]"])
    for v in range(vectors):
        text.add(f"%b_at{v} = getelementptr double, ptr %b_at, i64 {v * width}")
        text.masked_load(f"b{v}", f"%b_at{v}", f"%mask{v}")
    for r in range(rows):
        text.add(f"%a_at{r} = getelementptr i8, ptr %a{r}, i64 %a_at", f"%one{r} = load double, ptr %a_at{r}, align 8")
        text.spread(f"row{r}", "double", f"%one{r}")
        for v in range(vectors):
            text.fma(f"y{r}_{v}", f"%row{r}", f"%b{v}", f"%x{r}_{v}")
    text.add(
        "%k_next = add i64 %k, 1",
        "%b_next = getelementptr i8, ptr %b_at, i64 %b_row",
        "%a_next = add i64 %a_at, %a_column",
        "%more = icmp slt i64 %k_next, %size",
        "br i1 %more, label %loop, label %done", "done:",
    )  # fmt: skip
    text.for_each(tile, lambda at: [f"%z{at} = phi $V [zeroinitializer, %entry], [%y{at}, %loop]"])
    for r in range(rows):
        text.clamped(f"c{r}", "c", r, "rows", "c_row")
        text.clamped(f"d{r}", "d", r, "rows", "d_row")
    for r, v in tile:  # all is read before anything is written: rows may be the same
        text.add(f"%c_at{r}_{v} = getelementptr double, ptr %c{r}, i64 {v * width}")
        text.add(f"%d_at{r}_{v} = getelementptr double, ptr %d{r}, i64 {v * width}")
        text.masked_load(f"before{r}_{v}", f"%d_at{r}_{v}", f"%old{v}")
        text.fma(f"new{r}_{v}", "%factors", f"%z{r}_{v}", f"%before{r}_{v}")
    for r, v in tile:
        text.add(f"call void @llvm.masked.store.$S.p0($V %new{r}_{v}, ptr %c_at{r}_{v}, i32 8, $B %mask{v})")
    text.add("ret void", "}", _over_tiles(rows, vectors * width), DECLARATIONS)
    return str(text)


def _by_rows(width: int) -> str:
    rows, columns = TILES[width][1]
    text = Lines(width)
    tile = [(r, v) for r in range(rows) for v in range(columns)]

    def block(tag: str, load: Callable[[str, str], None]) -> None:
        """Add up the products of one vector along k."""
        for v in range(columns):
            text.add(f"%b_at{tag}{v} = getelementptr double, ptr %b{v}, i64 %k{tag}")
            load(f"bv{tag}{v}", f"%b_at{tag}{v}")
        for r in range(rows):
            text.add(f"%a_at{tag}{r} = getelementptr double, ptr %a{r}, i64 %k{tag}")
            load(f"av{tag}{r}", f"%a_at{tag}{r}")
            for v in range(columns):
                text.fma(f"y{tag}{r}_{v}", f"%av{tag}{r}", f"%bv{tag}{v}", f"%x{tag}{r}_{v}")

    text.add(SIGNATURE, "entry:")
    for r in range(rows):
        text.clamped(f"a{r}", "a", r, "rows", "a_row")
    for v in range(columns):
        text.clamped(f"b{v}", "b", v, "columns", "b_column")
    text.add(
        f"%whole = and i64 %size, -{width}", "%some = icmp sgt i64 %whole, 0",
        "br i1 %some, label %loop, label %rest", "loop:", "%k = phi i64 [0, %entry], [%k_next, %loop]",
    )  # fmt: skip
    text.for_each(tile, lambda at: [f"%x{at} = phi $V [zeroinitializer, %entry], [%y{at}, %loop]"])
    block("", lambda name, at: text.add(f"%{name} = load $V, ptr {at}, align 8"))
    text.add(
        f"%k_next = add i64 %k, {width}", "%more = icmp slt i64 %k_next, %whole",
        "br i1 %more, label %loop, label %rest", "rest:",
    )  # fmt: skip
    text.for_each(tile, lambda at: [f"%x_{at} = phi $V [zeroinitializer, %entry], [%y{at}, %loop]"])
    text.add(
        "%left = sub i64 %size, %whole", "%is_left = icmp sgt i64 %left, 0",
        "br i1 %is_left, label %partial, label %done", "partial:", "%k_ = add i64 %whole, 0",
    )  # fmt: skip
    text.spread("left_count", "i64", "%left")
    text.mask("mask", 0, "%left_count")
    block("_", lambda name, at: text.masked_load(name, at, "%mask"))
    text.add("br label %done", "done:")
    text.for_each(tile, lambda at: [f"%z{at} = phi $V [%x_{at}, %rest], [%y_{at}, %partial]"])
    for r in range(rows):
        text.clamped(f"c{r}", "c", r, "rows", "c_row")
        text.clamped(f"d{r}", "d", r, "rows", "d_row")
    for v in range(columns):
        text.add(f"%c_offset{v} = mul i64 %b{v}_index, %c_column", f"%d_offset{v} = mul i64 %b{v}_index, %d_column")
    for r, v in tile:
        text.add(
            f"%sum{r}_{v} = call reassoc double @llvm.vector.reduce.fadd.$S(double 0.0, $V %z{r}_{v})",
            f"%new{r}_{v} = fmul double %factor, %sum{r}_{v}",
            f"%c_at{r}_{v} = getelementptr i8, ptr %c{r}, i64 %c_offset{v}",
            f"%d_at{r}_{v} = getelementptr i8, ptr %d{r}, i64 %d_offset{v}",
        )
    text.add("br i1 %adds, label %add, label %write", "add:")
    text.for_each(tile, lambda at: [f"%before{at} = load double, ptr %d_at{at}, align 8"])
    text.for_each(tile, lambda at: [f"%more{at} = fadd double %before{at}, %new{at}"])
    text.add("br label %write", "write:")
    text.for_each(tile, lambda at: [f"%all{at} = phi double [%new{at}, %done], [%more{at}, %add]"])
    text.for_each(tile, lambda at: [f"store double %all{at}, ptr %c_at{at}, align 8"])
    text.add("ret void", "}", _over_tiles(rows, columns), DECLARATIONS)
    return str(text)


SIGNATURE = """define internal void @tile(ptr %c, ptr %a, ptr %b, ptr %d, i64 %rows, i64 %columns, i64 %size,
    i64 %c_row, i64 %c_column, i64 %a_row, i64 %a_column, i64 %b_row, i64 %b_column, i64 %d_row, i64 %d_column,
    i1 %adds, double %factor) nounwind {"""

DECLARATIONS = """
declare $V @llvm.fma.$S($V, $V, $V)
declare $V @llvm.masked.load.$S.p0(ptr, i32, $B, $V)
declare void @llvm.masked.store.$S.p0($V, ptr, i32, $B)
declare double @llvm.vector.reduce.fadd.$S(double, $V)
"""


def _over_tiles(rows: int, columns: int) -> str:
    """The function that goes through the tiles of C, down first: so what is read of B stays at hand."""
    return f"""
{BEGINNING}
%d_start = select i1 %adds, ptr %d, ptr %c
br label %columns
columns:
%j = phi i64 [0, %entry], [%j_next, %columns_end]
%columns_left = sub i64 %n, %j
%more_columns = icmp sgt i64 %columns_left, 0
br i1 %more_columns, label %column, label %end
column:
%b_offset = mul i64 %j, %b_column
%b_at = getelementptr i8, ptr %b, i64 %b_offset
%cj_offset = mul i64 %j, %c_column
%cj_at = getelementptr i8, ptr %c, i64 %cj_offset
%dj_offset = mul i64 %j, %d_column
%dj_at = getelementptr i8, ptr %d_start, i64 %dj_offset
br label %rows
rows:
%i = phi i64 [0, %column], [%i_next, %row]
%rows_left = sub i64 %m, %i
%more_rows = icmp sgt i64 %rows_left, 0
br i1 %more_rows, label %row, label %columns_end
row:
%a_offset = mul i64 %i, %a_row
%a_at = getelementptr i8, ptr %a, i64 %a_offset
%c_offset = mul i64 %i, %c_row
%c_at = getelementptr i8, ptr %cj_at, i64 %c_offset
%d_offset = mul i64 %i, %d_row
%d_at = getelementptr i8, ptr %dj_at, i64 %d_offset
call void @tile(ptr %c_at, ptr %a_at, ptr %b_at, ptr %d_at, i64 %rows_left, i64 %columns_left, i64 %size,
    i64 %c_row, i64 %c_column, i64 %a_row, i64 %a_column, i64 %b_row, i64 %b_column, i64 %d_row, i64 %d_column,
    i1 %adds, double %factor)
%i_next = add i64 %i, {rows}
br label %rows
columns_end:
%j_next = add i64 %j, {columns}
br label %columns
end:
ret void
}}
"""
