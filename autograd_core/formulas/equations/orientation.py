"""The orientation of arrays: which are written transposed, and whether an array is another one transposed.

A product x W that a program computes by rows is written by columns, W x. Where a layer has several samples, an array
has a column for each; a vector that is the same for all of them is one column, and one number for each sample is a row.
Without samples, a vector is as good as its transpose.
"""

from __future__ import annotations

from ...jit.plan.blocks import Block, Map, Product
from .naming import node_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from .inputs import Inputs
    from .naming import Namer

    Rows: TypeAlias = Sequence[Sequence[int]]

__all__ = ["Orientation", "across", "in_rows", "turned_or_reshaped"]


class Orientation:
    """``has_samples`` says whether a layer has several samples, ``turned`` are the blocks whose rows are columns."""

    def __init__(self, namer: Namer, inputs: Inputs) -> None:
        self.namer, self.inputs = namer, inputs
        self.blocks = namer.found.blocks
        self.has_samples = any(map(self._is_of_samples, self.blocks))
        self.turned = self._turned_blocks()

    def rows(self, block: Block) -> Rows:
        """The rows of a block as it is written."""
        return across(block.rows) if block in self.turned else block.rows

    def is_turned(self, rows: Rows, own: Rows) -> bool | None:
        """Whether an array is another one transposed: False if it is the other one itself, None if neither."""
        if self.has_samples:
            return False if _is_repeated(own, rows) else True if _is_repeated(own, across(rows)) else None
        return turned_or_reshaped(rows, own) if _is_vector(rows) == _is_vector(own) else None

    def is_error(self, rows: Rows) -> bool:
        """Whether an array is the δ of a layer."""
        return self.namer.array([a for row in rows for a in row]) in self.namer.errors.values()

    def _is_of_samples(self, block: Block) -> bool:
        """Whether a layer is applied to several vectors at once: numbers of inputs are repeated for each."""
        if not isinstance(block, Map):
            return False
        makers = [maker for column in block.columns if isinstance(maker := self._maker(column), Product)]
        vectors = [weights[1] for maker in makers if (weights := self.namer.weights(maker)) is not None]
        is_layer = any([len(rows) > 1 and node_set(rows) not in self.namer.matrices for rows in vectors])
        repeated = [column for column in block.columns if 1 < len(set(column)) < len(column)]
        return is_layer and any([self.inputs.nodes.keys() >= set(column) for column in repeated])

    def _turned_blocks(self) -> set[Block]:
        """The blocks to transpose: W x for x W, and its functions; with samples also x, and what x is a function of."""
        turned: dict[Block, bool] = {}
        for block in self.blocks:
            if isinstance(block, Product):
                weights = self.namer.weights(block)
                if weights is not None:
                    matrix, vectors = weights
                    turned[block] = matrix is block.right
                    x = self._maker(vectors[0])
                    if self.has_samples and isinstance(x, Map):
                        turned[x] = _are_alike(x.rows, vectors)
                elif self.has_samples and self.is_error(block.right):
                    turned[block] = True
        beside = self._functions()
        todo = list(turned)
        while todo:
            block = todo.pop()
            for other, is_across in beside.get(block, []):
                if other not in turned:
                    turned[other] = turned[block] != is_across
                    todo.append(other)
        return {block for block, is_turned in turned.items() if is_turned}

    def _functions(self) -> dict[Block, list[tuple[Block, bool]]]:
        """The maps of each block, with samples its operands too, and whether rows of one are columns of the other."""
        beside: dict[Block, list[tuple[Block, bool]]] = {}
        for block in self.blocks:
            for column in block.columns if isinstance(block, Map) else []:
                maker = self._maker(column)
                if maker is not None:
                    rows = in_rows(column, block.shape[1])
                    is_across = rows != maker.rows and across(rows) == maker.rows
                    beside.setdefault(maker, []).append((block, is_across))
                    if self.has_samples:
                        beside.setdefault(block, []).append((maker, is_across))
        return beside

    def _maker(self, nodes: Sequence[int]) -> Block | None:
        return self.namer.block_of.get(nodes[0])


def across(rows: Rows) -> list[list[int]]:
    """The columns of an array: its transpose."""
    return list(map(list, zip(*rows, strict=True)))


def in_rows(nodes: Sequence[int], width: int) -> list[Sequence[int]]:
    """Nodes cut into rows of `width`."""
    return [nodes[i : i + width] for i in range(0, len(nodes), width)]


def turned_or_reshaped(rows: Rows, own: Rows) -> bool | None:
    """Whether an array is the other one when read by columns: False if it is when read by rows, None if neither."""
    numbers = [a for row in own for a in row]
    if [a for row in rows for a in row] == numbers:
        return False
    return True if [a for column in across(rows) for a in column] == numbers else None


def _is_vector(rows: Rows) -> bool:
    return len(rows) == 1 or len(rows[0]) == 1


def _is_repeated(own: Rows, rows: Rows) -> bool:
    """Whether an array is `own`, which may be one row or one column that is repeated."""
    height, width = len(rows), len(rows[0])
    tall = [own[0]] * height if len(own) == 1 else own
    return list(map(list, rows)) == [list(row) * width if len(row) == 1 else list(row) for row in tall]


def _are_alike(rows: Rows, others: Rows) -> bool:
    """Whether two arrays are equal up to the order of rows, and of the elements in a row."""
    return set(map(frozenset, rows)) == set(map(frozenset, others))
