"""Products of matrices in machine code: C[i, j] = [D[i, j] +] scale times Σₖ A[i, k] B[k, j], with any strides.

There are two variants, each in tiles of C that fit into the registers; past an edge, rows repeat or lanes are masked:

- by columns, where B and C have unit stride along j: vectors along j, elements of A broadcast;
- by rows, where A and B have unit stride along k: vectors along k, reduced at the end.

Both serve all sizes and are compiled once. Up to some 256 x 256 they keep up with BLAS, as they pack nothing. By
columns the innermost loop is, for a tile of one row and one vector,

    %30 = call $V @llvm.masked.load.$S.p0(ptr %i1_1, i32 8, $B %24, $V zeroinitializer)
    %31 = getelementptr i8, ptr %20, i64 %i1_2
    %32 = load double, ptr %31, align 8
    %34 = shufflevector $V %33, $V poison, <4 x i32> zeroinitializer
    %35 = call $V @llvm.fma.$S($V %34, $V %30, $V %i1_3)
"""

from __future__ import annotations

from itertools import product as pairs

from ...runtime.once import once
from .ir_text import Function, function_in, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["ARGUMENTS", "product", "product_function"]

ARGUMENTS = {
    "c": "ptr", "a": "ptr", "b": "ptr", "d": "ptr", "times": "ptr",
    "m": "i64", "n": "i64", "size": "i64", "scale": "double",
    "c_row": "i64", "c_column": "i64", "a_row": "i64", "a_column": "i64",
    "b_row": "i64", "b_column": "i64", "d_row": "i64", "d_column": "i64",
}  # fmt: skip
"""The arguments of a product, by name and kind: addresses, 0 for no D and for `times` 1; the sizes of i, j and k; the
factor `scale`; strides in bytes. D may be C."""

TILES = {8: ((8, 3), (5, 5)), 4: ((3, 3), (3, 3)), 2: ((3, 3), (3, 3))}
"""Rows and columns of a tile, by columns in vectors, by rows in numbers; for each width of vectors. They are the
largest whose sums and operands fit into the registers, 32 with width 8, else 16: a larger one would spill."""


OF_TILES = {name: kind for name, kind in ARGUMENTS.items() if name not in ("times", "scale")}
OF_TILES |= {"adds": "i1", "factor": "double"}
"""The arguments of the function of one tile, a function of its own so that all registers are free for it."""


@once
def product(width: int, by_rows: bool) -> Any:
    """The C function of products for vectors of a width; it takes the address of its `ARGUMENTS`."""
    tile = Matrices("tile", list(OF_TILES.values()), width)
    tile.given = {name: f"%{k}" for k, name in enumerate(OF_TILES)}
    rows, columns = TILES[width][by_rows]
    (_by_rows if by_rows else _by_columns)(tile, rows, columns)
    f = product_function(width)
    # down first, so that the columns of B stay in the cache
    with f.loop(f.given["n"], step=columns if by_rows else columns * width) as j, f.loop(f.given["m"], step=rows) as i:
        places = {"c": (i.i, j.i), "a": (i.i, None), "b": (None, j.i), "d": (i.i, j.i)}
        given = f.given | {matrix: f.of(matrix, *place) for matrix, place in places.items()}
        given |= {"m": f(f"sub i64 {given['m']}, {i.i}"), "n": f(f"sub i64 {given['n']}, {j.i}")}
        f.do(f"call void @tile({', '.join([f'{kind} {given[name]}' for name, kind in OF_TILES.items()])})")
    return function_in(module(tile, f), "product")


class Matrices(Function):
    """A function whose arguments, ``given`` by name, are matrices and their sizes."""

    given: dict[str, str]

    def of(self, matrix: str, row: str | None, column: str | None) -> str:
        """The address of an element; None stands for row or column 0."""
        at = self.given[matrix]
        for k, along in ((row, "row"), (column, "column")):
            at = at if k is None else self.at(at, self(f"mul i64 {k}, {self.given[f'{matrix}_{along}']}"))
        return at

    def first(self, size: str, count: int) -> list[str]:
        """The numbers 0, 1, ... of `count` rows or columns, clamped to the last one of `size`."""
        last = self(f"sub i64 {self.given[size]}, 1")
        return [self(f"select i1 {self(f'icmp slt i64 {k}, {last}')}, i64 {k}, i64 {last}") for k in range(count)]

    def fma(self, a: str, b: str, c: str) -> str:
        """The vector a b + c, rounded once."""
        return self.intrinsic("fma.$S", "$V", f"$V {a}", f"$V {b}", f"$V {c}")


def product_function(width: int = 1) -> Matrices:
    """The beginning of a function of `ARGUMENTS`: these are ``given``, and whether it "adds", its "factor", and a D."""
    f = Matrices("product", width=width)
    f.given = given = dict(zip(ARGUMENTS, f.record("%0", 0, tuple(ARGUMENTS.values())), strict=True))
    given["adds"] = f(f"icmp ne ptr {given['d']}, null")
    given["d"] = f(f"select i1 {given['adds']}, ptr {given['d']}, ptr {given['c']}")
    one = f("alloca double")
    f.store("double", "1.0", one)
    is_multiplied = f(f"icmp ne ptr {given['times']}, null")
    times = f.load("double", f(f"select i1 {is_multiplied}, ptr {given['times']}, ptr {one}"))
    given["factor"] = f(f"fmul double {given['scale']}, {times}")
    return f


def _by_columns(f: Matrices, rows: int, vectors: int) -> None:
    """Write a tile by columns: `rows` rows of `vectors` vectors of C."""
    given = f.given
    at_rows = f.first("m", rows)
    count = f.spread("i64", given["n"])
    masks = [f.mask(v * f.width, count) for v in range(vectors)]
    of_a = [f.of("a", row, None) for row in at_rows]
    tile = list(pairs(range(rows), range(vectors)))
    with f.loop(given["size"], carried=[("ptr", given["b"]), ("i64", "0"), *[ZERO] * len(tile)]) as loop:
        of_b, of_k, *sums = loop.carried
        right = [f.masked_load(f.at(of_b, v * f.width, "double"), mask) for v, mask in enumerate(masks)]
        sums = _added(f, sums, lambda r: f.spread("double", f.load("double", f.at(of_a[r], of_k))), right)
        loop.following = [f.at(of_b, given["b_row"]), f(f"add i64 {of_k}, {given['a_column']}"), *sums]
    factors, old = f.spread("double", given["factor"]), f.spread("i1", given["adds"])
    old_masks = [f(f"and $B {mask}, {old}") for mask in masks]
    of_c, of_d = [[f.of(matrix, row, None) for row in at_rows] for matrix in "cd"]
    found = []
    for (r, v), total in zip(tile, loop.carried[2:], strict=True):  # all is read before anything is written
        before = f.masked_load(f.at(of_d[r], v * f.width, "double"), old_masks[v])
        found.append(f.fma(factors, total, before))
    for (r, v), new in zip(tile, found, strict=True):
        f.masked_store(new, f.at(of_c[r], v * f.width, "double"), masks[v])


def _by_rows(f: Matrices, rows: int, columns: int) -> None:
    """Write a tile by rows: `rows` rows and `columns` columns of C, each element the reduction of a vector."""
    at_rows, at_columns = f.first("m", rows), f.first("n", columns)
    of_a, of_b = [f.of("a", row, None) for row in at_rows], [f.of("b", None, column) for column in at_columns]
    tile = list(pairs(range(rows), range(columns)))
    size = f.given["size"]
    whole = f(f"and i64 {size}, -{f.width}")
    with f.loop(whole, step=f.width, carried=[ZERO] * len(tile)) as loop:
        right = [f.load("$V", f.at(at, loop.i, "double")) for at in of_b]
        loop.following = _added(f, loop.carried, lambda r: f.load("$V", f.at(of_a[r], loop.i, "double")), right)
    mask = f.mask(0, f.spread("i64", f(f"sub i64 {size}, {whole}")))
    with f.loop(size, whole, f.width, [("$V", total) for total in loop.carried]) as loop:  # what is left of a vector
        right = [f.masked_load(f.at(at, loop.i, "double"), mask) for at in of_b]
        loop.following = _added(f, loop.carried, lambda r: f.masked_load(f.at(of_a[r], loop.i, "double"), mask), right)
    found = []
    for total in loop.carried:
        whole_sum = f.intrinsic("vector.reduce.fadd.$S", "double", "double 0.0", f"$V {total}", flags="reassoc ")
        found.append(f(f"fmul double {f.given['factor']}, {whole_sum}"))
    of_c, of_d = [[f.of(matrix, at_rows[r], at_columns[v]) for r, v in tile] for matrix in "cd"]
    is_added = f(f"zext i1 {f.given['adds']} to i64")
    with f.loop(is_added, carried=[("double", new) for new in found]) as loop:  # once, or not at all
        before = [f.load("double", at) for at in of_d]
        loop.following = [f(f"fadd double {old}, {new}") for old, new in zip(before, loop.carried, strict=True)]
    for at, new in zip(of_c, loop.carried, strict=True):
        f.store("double", new, at)


def _added(f: Matrices, sums: Sequence[str], left_of: Callable[[int], str], right: Sequence[str]) -> list[str]:
    """The sums of a tile with the products of one more k or vector; one row of the left side is live at a time."""
    found: list[str] = []
    for r in range(len(sums) // len(right)):
        left = left_of(r)
        found += [f.fma(left, x, total) for x, total in zip(right, sums[len(found) :], strict=False)]
    return found


ZERO = "$V", "zeroinitializer"
