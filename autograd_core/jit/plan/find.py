"""Finding the matrices: numbers of a program that are computed alike become blocks.

The program is read level by level, from the inputs upwards; a node's level is the longest path to it. On each level

1. sums of products that share their factors become products of matrices (`shared_factors`);
2. numbers with one formula, whose operands already stand in arrays, become an array themselves.

All other nodes stay scalar.
"""

from __future__ import annotations

from collections import defaultdict

from ..ir.lane_ops import ENTERING, LEAVING
from ..ir.program import Constant, Input, Program, Step
from .blocks import Block, Formula, Found, Map, Product, pair_of
from .opened_gates import open_gates
from .shared_factors import Factors, Limits
from .strides import affine
from .sums import MUL, Sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .blocks import Pair

__all__ = ["ALL", "FAST", "Limits", "find"]

CLASSES = 1 << 40
"""The distance of arrays in rank: element k of array c has the rank c * CLASSES + k."""
ALONE = 1 << 20
"""The number of arrays in rank, after which all nodes come that stand in none."""
MOST_OPERANDS = 32
"""Operands of a formula whose numbers may become an array; each is a column to sort, and a read of the loop."""


FAST = Limits(product=64, terms=4, elements=4)
ALL = Limits(product=2, terms=2, elements=2)


def find(program: Program, limits: Limits = FAST, arrays: Mapping[Input, int] | None = None) -> Found | None:
    """The matrices in `program`, for which gates may be opened (see `opened_gates`).

    None if there are none, unless sums of one term are wanted too. `arrays` numbers the arrays that inputs stand in
    where that is known better than by their sources.
    """
    closed: set[int] = set()
    wants_all = limits.terms == 1
    while True:
        opened_program, gates = open_gates(program, closed)
        sums = Sums(opened_program, has_lone_products=wants_all)
        if not (wants_all or sums.has_products_of(limits.terms)):
            return None
        finder = _Finder(opened_program, sums, limits, arrays or {})
        finder.run()
        found = finder.found()
        products = [block for block in found.blocks if isinstance(block, Product) and not block.is_plain_sum]
        gate_of = {pair_of(found.base(a), found.base(b)): gate for (a, b), gate in gates.items()}
        opened = {product: gate_of.keys() & product.pairs() for product in products} if gates else {}
        checked: set[Pair] = set().union(*opened.values())
        unchecked = (gate_of.keys() - checked) | (gate_of.keys() & found.pairs_of_scalars() if gates else set())
        if not unchecked:
            break
        closed |= {gate_of[pair] for pair in unchecked}
    found.checked = [product for product, pairs in opened.items() if pairs]
    return found if products or wants_all else None


class _Finder:
    def __init__(self, program: Program, sums: Sums, limits: Limits, arrays: Mapping[Input, int]) -> None:
        self.program, self.nodes, self.limits = program, program.nodes, limits
        self.array_of = arrays
        self.sums = sums
        self.origin = self.sums.origin
        self.axis: list[int | None] = list(program.axis_of)
        self.blocks: list[Block] = []
        self.formulas: dict[int, Formula] = {}
        self._arrays: dict[Any, int] = {}  # the arrays by rank: of inputs, and blocks
        self.rank = [self._rank_of(i) for i in range(len(self.nodes))]
        self.levels: dict[int, list[int]] = defaultdict(list)
        self.product_levels: dict[int, list[int]] = defaultdict(list)  # sums by the level of their products

    def _rank_of(self, i: int) -> int:
        node = self.nodes[i] if i < len(self.nodes) else None
        if isinstance(node, Input):
            array = self._array((node.source, node.axis, node.stride, self.array_of.get(node)))
            return array * CLASSES + node.offset
        return ALONE * CLASSES + i

    def _array(self, key: Any) -> int:
        return self._arrays.setdefault(key, len(self._arrays))

    def _is_in_array(self, i: int) -> bool:
        return self.rank[i] < ALONE * CLASSES

    def run(self) -> None:
        """Find the blocks of all levels, from the inputs upwards."""
        self._find_levels()
        for level in sorted({*self.levels, *self.product_levels}):
            self._find_products(level)
            self._find_maps(level)

    def _find_levels(self) -> None:
        level = [0] * len(self.nodes)
        for i, node in enumerate(self.nodes):
            if not isinstance(node, Step) or i in self.sums.inside:
                continue
            if self.origin[i] != i:
                level[i] = level[self.origin[i]]
                continue
            if i in self.sums.terms:
                terms = self.sums.terms[i]
                products = 1 + max([level[a] for _, factors in terms if len(factors) == 2 for a in factors])
                self.product_levels[products].append(i)
                level[i] = 1 + max([products, *[level[factors[0]] for _, factors in terms if len(factors) == 1]])
            else:
                operands = self.sums.over_lanes.get(i, node.args)
                level[i] = 1 + max([level[self.origin[a]] for a in operands], default=0)
            self.levels[level[i]].append(i)

    def _find_products(self, level: int) -> None:
        factors = Factors(self.axis, self.rank, self.limits, classes=CLASSES, alone=ALONE * CLASSES)
        for i in self.product_levels.get(level, ()):
            factors.add_sum(i, self.sums.terms[i])
        for i in self.levels.get(level, ()):
            node = self.nodes[i]
            assert isinstance(node, Step)
            if i in self.sums.over_lanes:
                factors.add_lane_sum(i, self.sums.over_lanes[i])
            elif node.op is MUL and self.axis[i] is None and not self._has_constant(node):
                factors.add_outer(i, node.args)
        for product in factors.products(self._new_node):
            self._add_block(product)
        self.formulas.update(factors.formulas())

    def _has_constant(self, node: Step) -> bool:
        return any([isinstance(self.nodes[a], Constant) for a in node.args])

    def _new_node(self, axis: int | None) -> int:
        """A new node, numbered after the program's own, for a part of a sum."""
        self.axis.append(axis)
        self.rank.append(self._rank_of(len(self.rank)))
        return len(self.rank) - 1

    def _add_block(self, block: Block) -> None:
        """Add a block, which gives its nodes ranks in an array."""
        self.blocks.append(block)
        array = self._array(block)
        for k, i in enumerate(block.nodes):
            self.rank[i] = array * CLASSES + k

    def _find_maps(self, level: int) -> None:
        alike: dict[Any, list[tuple[int, Formula]]] = defaultdict(list)
        for i in self.levels.get(level, ()):
            formula = None if self._is_in_array(i) else self._formula(i)
            if formula is not None and 0 < len(formula.operands) <= MOST_OPERANDS:
                stands_in = tuple([self._operand_kind(a) for a in formula.operands])
                if any(type(array) is int for array in stands_in):
                    alike[self.axis[i], formula.kind, stands_in].append((i, formula))
        for (axis, *_), members in alike.items():
            if len(members) >= self.limits.elements:
                self._add_map(axis, members)

    def _formula(self, i: int) -> Formula | None:
        if i in self.formulas:
            return self.formulas[i]
        if i in self.sums.terms:
            return Formula.of_terms(self.sums.terms[i])
        node = self.nodes[i]
        if not isinstance(node, Step) or node.op in ENTERING or node.op in LEAVING:
            return None
        return Formula(tuple([self.origin[a] for a in node.args]), node.op)

    def _operand_kind(self, a: int) -> Any:
        """The number of the operand's array; of one in no array the constant, or a key of its own."""
        if self._is_in_array(a):
            return self.rank[a] // CLASSES
        return self.nodes[a] if a < len(self.nodes) and isinstance(self.nodes[a], Constant) else ("alone", a)

    def _add_map(self, axis: int | None, members: list[tuple[int, Formula]]) -> None:
        rank = self.rank
        members.sort(key=lambda member: [rank[a] for a in member[1].operands])
        columns = [list(column) for column in zip(*[formula.operands for _, formula in members], strict=True)]
        shape = affine([[rank[a] for a in column] for column in columns])
        if shape is not None and (axis is None or shape[0] == 1):
            self.formulas.update(members)
            self._add_block(Map([i for i, _ in members], axis, shape, members[0][1], columns))

    def found(self) -> Found:
        """The blocks that outputs and guards need, and the needed steps that no block computes."""
        block_of = {i: block for block in self.blocks for i in block.nodes}
        found = Found(self.program, self.formulas, self.axis, self.origin)
        needed: set[int] = set()
        blocks: set[Block] = set()
        todo = [out.node for out in self.program.outputs] + [guard.node for guard in self.program.guards]
        while todo:
            i = found.base(todo.pop())
            if i in needed:
                continue
            needed.add(i)
            block = block_of.get(i)
            if block is None and (i in self.formulas or isinstance(found.node(i), Step)):
                found.alone.append(i)
                todo += found.formula_of(i).operands
            elif block is not None and block not in blocks:
                blocks.add(block)
                todo += block.operands
        found.alone.sort()
        found.blocks += [block for block in self.blocks if block in blocks]
        return found
