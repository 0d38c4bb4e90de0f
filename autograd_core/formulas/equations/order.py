"""The order in which arrays are written: inputs as they were given, neurons in the order of their weights.

A program computes in an order of its own, even backwards where one loop depends on another. The rows of a product, the
terms of its sums and the elements of a map may be reordered: what they are does not change.
"""

from __future__ import annotations

from ...jit.plan.blocks import ONE, Found, Map, Product
from .inputs import Inputs
from .products import is_sum_of_squares

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    Key: TypeAlias = tuple[int, ...]

__all__ = ["put_in_order"]


def put_in_order(found: Found) -> None:
    """Reorder all blocks of a program in place: elements in the order of the inputs that they belong to."""
    results = [i for out in found.program.outputs for i in found.sources(out.node)]
    order = Order(Inputs(found), {i: place for place, i in enumerate(results)})
    for block in found.blocks:
        if isinstance(block, Product) and not is_sum_of_squares(block):
            order.of_weights(block)
    for block in found.blocks:
        if isinstance(block, Map):
            order.of_map(block)
        elif isinstance(block, Product):
            order.of_product(block)


class Order:
    """The sort ``keys`` of elements, one for the row and one for the column of each.

    ``places`` are the positions of inputs, ``results`` those of the program's results.
    """

    def __init__(self, inputs: Inputs, results: dict[int, int]) -> None:
        self.places, self.results = inputs.places, results
        self.keys: dict[int, tuple[Key, Key]] = {}
        for rows in inputs.matrices():
            self._number_inputs(rows)

    def of_weights(self, block: Product) -> None:
        """Give the inputs that are a matrix by themselves their keys, which maps of them may need before."""
        are_inputs = [all([a in self.places for row in side for a in row]) for side in (block.left, block.right)]
        for side, is_given in zip((block.left, block.right), are_inputs, strict=True):
            if is_given and len(side[0]) > 1 and (len(side) > 1 or not all(are_inputs)):
                self._number_inputs(sorted(side, key=self._key))

    def of_map(self, block: Map) -> None:
        """Sort the elements of a map by the keys of its first operand that differs from element to element."""
        distinct = [column for column in block.columns if len(set(column)) == len(column)]
        keys = [self._key_of(a) for a in (distinct or [block.nodes])[0]]
        order = _sorted(keys)
        block.columns = [[column[i] for i in order] for column in block.columns]
        block.nodes = [block.nodes[i] for i in order]
        rows, columns = (len(set(line)) for line in zip(*keys, strict=True))
        block.shape = (rows, columns) if rows * columns == len(order) else (len(order), 1)
        self.keys.update(zip(block.nodes, [keys[i] for i in order], strict=True))

    def of_product(self, block: Product) -> None:
        """Sort the rows and columns of a product by their elements, the terms of its sums as in the larger matrix."""
        larger = block.left if len(block.left) > len(block.right) else block.right
        terms = _sorted([self._key_of(a) for a in larger[0]])
        rows, columns = (_sorted([self._key(row) for row in side]) for side in (block.left, block.right))
        block.left, block.right = (
            [[side[i][k] for k in terms] for i in order] for side, order in ((block.left, rows), (block.right, columns))
        )
        block.nodes = [block.nodes[i * len(columns) + j] for i in rows for j in columns]
        for side in () if is_sum_of_squares(block) else (block.left, block.right):
            self._number_inputs(side)
        if block.role != "rows" and (self._comes_out_by_columns(block) or self._has_weights_first(block)):
            block.nodes = [a for column in zip(*block.rows, strict=True) for a in column]
            block.left, block.right, block.shape = block.right, block.left, block.shape[::-1]
        keys = [(self._key(row), self._key(column)) for row in block.left for column in block.right]
        self.keys.update(zip(block.nodes, keys, strict=True))

    def _number_inputs(self, rows: Sequence[Sequence[int]]) -> None:
        """Give the inputs in a matrix their keys, by row and column: it is the same matrix wherever it occurs."""
        for row in rows:
            new = [(a, first) for a, first in zip(row, rows[0], strict=True) if a in self.places and a not in self.keys]
            key = self._key(row) if new else ()
            self.keys.update({a: (key, (self.places.get(first, first),)) for a, first in new})

    def _has_weights_first(self, block: Product) -> bool:
        """Whether a product is W X for several samples; everywhere else it is Xᵀ Wᵀ, with a row for each."""
        are_inputs = [all([a in self.places for row in side for a in row]) for side in (block.left, block.right)]
        return min(block.shape) > 1 and are_inputs == [True, False]

    def _comes_out_by_columns(self, block: Product) -> bool:
        """Whether a product is x yᵀ where the program returns y xᵀ."""
        if min(block.shape) == 1 or len(block.left[0]) > 1 or not self.results.keys() >= set(block.nodes):
            return False
        return self.results[block.nodes[1]] > self.results[block.nodes[block.shape[1]]]

    def _key_of(self, a: int) -> tuple[Key, Key]:
        return self.keys.get(a, ((self.places.get(a, a),), ()))

    def _key(self, nodes: Sequence[int]) -> Key:
        """The sort key of a single node, or of the nodes of a row or a column."""
        keys = [self._key_of(a) for a in nodes]
        if len(nodes) > 1 or nodes[0] == ONE:
            shared = [line for line in map(set, zip(*keys, strict=True)) if len(line) == 1 and line != {()}]
            return shared[0].pop() if shared else (min([self.places.get(a, a) for a in nodes]),)
        row, column = keys[0]
        return (*row, *column)


def _sorted(keys: Sequence[Any]) -> list[int]:
    """The permutation that sorts the keys."""
    return sorted(range(len(keys)), key=keys.__getitem__)
