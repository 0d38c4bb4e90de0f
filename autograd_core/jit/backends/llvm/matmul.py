"""Products of matrices in machine code: C[i, j] = [D[i, j] +] scale times Σₖ A[i, k] B[k, j], at any distances.

Two ways, each in tiles of C that fit into the registers; what hangs over an edge repeats the last row or is masked:

- by columns, where B and C have their rows in one piece: vectors along j, factors of A one by one;
- by rows, where A has its rows and B its columns in one piece: vectors along k, summed up in the end.

Both serve all sizes and are compiled once. Up to some 256 x 256 they keep up with BLAS and have nothing to pack.
"""

from __future__ import annotations

from itertools import product as pairs

from ...runtime.once import once
from .ir_text import Function, function_in, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ARGUMENTS", "Product", "product"]

ARGUMENTS = {
    "c": "ptr", "a": "ptr", "b": "ptr", "d": "ptr", "times": "ptr",
    "m": "i64", "n": "i64", "size": "i64", "scale": "double",
    "c_row": "i64", "c_column": "i64", "a_row": "i64", "a_column": "i64",
    "b_row": "i64", "b_column": "i64", "d_row": "i64", "d_column": "i64",
}  # fmt: skip
"""What a product takes, by name and kind: addresses, 0 where nothing is added or where `times` is 1; sizes of i, j and
k; a number; steps in bytes. D may be C."""

TILES = {8: ((8, 3), (5, 5)), 4: ((3, 3), (3, 3)), 2: ((3, 3), (3, 3))}
"""Rows and columns of a tile, by columns in vectors, by rows in numbers; for registers of 8, 4 and 2 numbers."""


@once
def product(width: int, by_rows: bool) -> Any:
    """The C function for vectors of that width; it takes the address of its `ARGUMENTS`."""
    tile = TILES[width][by_rows]
    f = Product(width)
    columns = tile[1] if by_rows else tile[1] * width
    # down first: so what is read of B stays at hand
    with f.loop(f.given["n"], step=columns) as column, f.loop(f.given["m"], step=tile[0]) as row:
        (_by_rows if by_rows else _by_columns)(f, (row.i, column.i), *tile)
    return function_in(module(f), "product")


class Product(Function):
    """A function that has its arguments in ``given``; it knows whether it ``adds``, and the ``factor``."""

    def __init__(self, width: int = 1) -> None:
        super().__init__("product", width=width)
        self.given = dict(zip(ARGUMENTS, self.record("%0", 0, tuple(ARGUMENTS.values())), strict=True))
        given = self.given
        self.adds = self(f"icmp ne ptr {given['d']}, null")
        given["d"] = self(f"select i1 {self.adds}, ptr {given['d']}, ptr {given['c']}")
        one = self("alloca double")
        self.store("double", "1.0", one)
        is_multiplied = self(f"icmp ne ptr {given['times']}, null")
        times = self.load("double", self(f"select i1 {is_multiplied}, ptr {given['times']}, ptr {one}"))
        self.factor = self(f"fmul double {given['scale']}, {times}")

    def lines_from(self, size: str, start: str, count: int) -> list[str]:
        """The numbers of so many rows or columns from `start` on; the last one again where there are fewer."""
        last = self(f"sub i64 {self.given[size]}, 1")
        found = []
        for k in range(count):
            following = self(f"add i64 {start}, {k}")
            is_there = self(f"icmp slt i64 {following}, {last}")
            found.append(self(f"select i1 {is_there}, i64 {following}, i64 {last}"))
        return found

    def of(self, matrix: str, row: str | None, column: str | None) -> str:
        """The address of an element, of row or column 0 if that is None."""
        at = self.given[matrix]
        for k, along in ((row, "row"), (column, "column")):
            at = at if k is None else self.at(at, self(f"mul i64 {k}, {self.given[f'{matrix}_{along}']}"))
        return at

    def fma(self, a: str, b: str, c: str) -> str:
        """a b + c."""
        return self.intrinsic("fma.$S", "$V", f"$V {a}", f"$V {b}", f"$V {c}")


def _by_columns(f: Product, start: tuple[str, str], rows: int, vectors: int) -> None:
    """One tile: C[i : i + rows, j : j + vectors * width]."""
    i, j = start
    at_rows = f.lines_from("m", i, rows)
    left = f.spread("i64", f(f"sub i64 {f.given['n']}, {j}"))
    masks = [f.mask(v * f.width, left) for v in range(vectors)]
    of_a, of_b = [f.of("a", row, None) for row in at_rows], f.of("b", None, j)
    tile = list(pairs(range(rows), range(vectors)))
    carried = [("ptr", of_b), ("i64", "0"), *[("$V", "zeroinitializer")] * len(tile)]
    with f.loop(f.given["size"], carried=carried) as loop:
        of_b, of_k, *sums = loop.carried
        right = [f.masked_load(f.at(of_b, v * f.width, "double"), mask) for v, mask in enumerate(masks)]
        left_ = [f.spread("double", f.load("double", f.at(at, of_k))) for at in of_a]
        sums = [f.fma(left_[r], right[v], total) for (r, v), total in zip(tile, sums, strict=True)]
        loop.following = [f.at(of_b, f.given["b_row"]), f(f"add i64 {of_k}, {f.given['a_column']}"), *sums]
    factors, old = f.spread("double", f.factor), f.spread("i1", f.adds)
    old_masks = [f(f"and $B {mask}, {old}") for mask in masks]
    of_c, of_d = [[f.of(matrix, row, j) for row in at_rows] for matrix in "cd"]
    found = []
    for (r, v), total in zip(tile, loop.carried[2:], strict=True):  # all is read before anything is written
        before = f.masked_load(f.at(of_d[r], v * f.width, "double"), old_masks[v])
        found.append(f.fma(factors, total, before))
    for (r, v), new in zip(tile, found, strict=True):
        f.masked_store(new, f.at(of_c[r], v * f.width, "double"), masks[v])


def _by_rows(f: Product, start: tuple[str, str], rows: int, columns: int) -> None:
    """One tile: C[i : i + rows, j : j + columns]."""
    at_rows, at_columns = f.lines_from("m", start[0], rows), f.lines_from("n", start[1], columns)
    of_a, of_b = [f.of("a", row, None) for row in at_rows], [f.of("b", None, column) for column in at_columns]
    tile = list(pairs(range(rows), range(columns)))
    size = f.given["size"]
    whole = f(f"and i64 {size}, -{f.width}")
    sums = ["zeroinitializer"] * len(tile)
    for first, stop in (("0", whole), (whole, size)):  # whole vectors, then what is left of one
        with f.loop(stop, first, f.width, [("$V", total) for total in sums]) as loop:
            left, right = [[f.at(at, loop.i, "double") for at in side] for side in (of_a, of_b)]
            if first == "0":
                left, right = [[f.load("$V", at) for at in side] for side in (left, right)]
            else:
                mask = f.mask(0, f.spread("i64", f(f"sub i64 {size}, {whole}")))
                left, right = [[f.masked_load(at, mask) for at in side] for side in (left, right)]
            loop.following = [f.fma(left[r], right[v], x) for (r, v), x in zip(tile, loop.carried, strict=True)]
        sums = loop.carried
    found = []
    for (r, v), total in zip(tile, sums, strict=True):
        whole_sum = f.intrinsic("vector.reduce.fadd.$S", "double", "double 0.0", f"$V {total}", flags="reassoc ")
        new = f(f"fmul double {f.factor}, {whole_sum}")
        before = f.load("double", f.of("d", at_rows[r], at_columns[v]))
        found.append(f(f"select i1 {f.adds}, double {f(f'fadd double {before}, {new}')}, double {new}"))
    for (r, v), new in zip(tile, found, strict=True):
        f.store("double", new, f.of("c", at_rows[r], at_columns[v]))
