"""Blocks of a program, numbers that are computed together: products of matrices, and elementwise maps of one formula.

A block has the operands of each of its elements; it adds nothing to the nodes but their order as matrices and vectors.
"""

from __future__ import annotations

from ..ir.lane_ops import collect, pick
from ..ir.program import Program, Step
from .sums import MUL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TypeAlias, TypeVar

    from ...op import Op

    T = TypeVar("T")
    Pair: TypeAlias = tuple[int, int]
    """The two factors of a product, the earlier node first."""

__all__ = ["ONE", "Block", "Formula", "Found", "Map", "Product", "pair_of"]

ONE = -1
"""The factor 1 among nodes: a sum over lanes of single numbers is a sum of their products with it."""


def pair_of(a: int, b: int) -> Pair:
    """The pair of two factors, in the order of nodes."""
    return (a, b) if a <= b else (b, a)


class Formula:
    """The formula of one number in its ``operands``: `op` of them, or the sum of ``terms``.

    A term is its sign and its number of factors, 1 or 2; the operands are the factors of all terms, in order.
    """

    __slots__ = ("op", "operands", "terms")

    def __init__(self, operands: tuple[int, ...], op: Op | None, terms: tuple[tuple[float, int], ...] = ()) -> None:
        self.operands, self.op, self.terms = operands, op, terms

    @classmethod
    def of_terms(cls, terms: Iterable[tuple[float, tuple[int, ...]]]) -> Formula:
        """The formula of a sum, from the signs and factors of its terms."""
        terms = list(terms)
        operands = tuple([a for _, factors in terms for a in factors])
        return cls(operands, None, tuple([(sign, len(factors)) for sign, factors in terms]))

    def split(self, operands: Sequence[T]) -> Iterator[tuple[float, Sequence[T]]]:
        """The sign and the factors of each term, in a sequence that stands for the operands."""
        at = 0
        for sign, count in self.terms:
            yield sign, operands[at : at + count]
            at += count

    def pairs(self, columns: Sequence[Sequence[int]]) -> Iterator[Pair]:
        """The factors of all products in the formula, for each element of the operands' columns."""
        products = [columns] if self.op is MUL else [factors for _, factors in self.split(columns)]
        for pair in products:
            if len(pair) == 2:
                yield from map(pair_of, pair[0], pair[1])

    @property
    def kind(self) -> tuple[Any, ...]:
        """The formula without its operands, which numbers that are computed alike share."""
        return self.op, self.terms


class Block:
    """A block: numbers that are computed together, ``nodes`` in memory order; along lane axis `axis` or None.

    Blocks of one iteration ``space`` are fused into one loop, if no other must come between: see `Plan`.
    """

    def __init__(self, nodes: list[int], axis: int | None, shape: tuple[int, int]) -> None:
        self.nodes, self.axis, self.shape = nodes, axis, shape

    @property
    def space(self) -> Any:
        """The iteration space: blocks with equal ones may share a loop."""
        return self

    @property
    def rows(self) -> list[list[int]]:
        """The nodes as a matrix."""
        width = self.shape[1]
        return [self.nodes[r * width : (r + 1) * width] for r in range(self.shape[0])]

    @property
    def operands(self) -> Sequence[int]:
        """The nodes that the elements are computed from."""
        raise NotImplementedError


class Product(Block):
    """C[i, j] = sign Σₖ left[i, k] right[j, k]; both factors are given row by row.

    ``role`` is that of the points of lane axis `lanes`: None without lanes; "rows" if each point is a row i of left and
    C; "sum" if each is one k.
    """

    def __init__(
        self, nodes: list[int], lanes: int | None, role: str | None, sign: float, sides: tuple[Any, Any]
    ) -> None:
        self.left, self.right = [[list(row) for row in side] for side in sides]
        super().__init__(nodes, lanes if role == "rows" else None, (len(self.left), len(self.right)))
        self.lanes, self.role, self.sign = lanes, role, sign

    @property
    def operands(self) -> Sequence[int]:
        """The factors without `ONE`."""
        return [a for side in (self.left, self.right) for row in side for a in row if a != ONE]

    def pairs(self) -> Iterator[Pair]:
        """The factors of all products of two numbers."""
        for left in self.left:
            for right in self.right:
                yield from map(pair_of, left, right)

    @property
    def is_plain_sum(self) -> bool:
        """Whether the product is a mere sum."""
        return all([a == ONE for row in self.left for a in row])


class Map(Block):
    """An elementwise map: one formula for all elements; ``columns[p]`` has operand p of every element."""

    def __init__(
        self, nodes: list[int], axis: int | None, shape: tuple[int, int], formula: Formula, columns: list[list[int]]
    ) -> None:
        super().__init__(nodes, axis, shape)
        self.formula, self.columns = formula, columns

    @property
    def space(self) -> Any:
        """The lane axis and the shape."""
        return self.axis, self.shape

    def can_follow(self, maker: Block) -> bool:
        """Whether one loop can make both, as each element needs only the maker's element in the same position."""
        if maker.space != self.space:
            return False
        made = set(maker.nodes)
        return all(column == maker.nodes for column in self.columns if not made.isdisjoint(column))

    @property
    def operands(self) -> Sequence[int]:
        """The operands of the elements, column by column."""
        return [a for column in self.columns for a in column]


class Found:
    """A program as blocks and single steps.

    ``blocks`` are in topological order, ``alone`` are the steps that are computed one by one. ``formulas`` has the sums
    that are computed from parts; the parts are nodes numbered after the program's own, with lane axes in ``axis_of``
    too. ``origin`` gives the node outside of the lanes that a node spreads. ``checked`` are the products that are right
    only if all of their elements are finite: see `opened_gates`.
    """

    def __init__(
        self, program: Program, formulas: dict[int, Formula], axis_of: list[int | None], origin: list[int]
    ) -> None:
        self.program, self.formulas, self.axis_of, self.origin = program, formulas, axis_of, origin
        self.blocks: list[Block] = []
        self.alone: list[int] = []
        self.checked: list[Product] = []

    def base(self, i: int) -> int:
        """The node outside of the lanes that node i spreads, or i itself."""
        return self.origin[i] if 0 <= i < len(self.origin) else i

    def node(self, i: int) -> Any:
        """Node i of the program, None for a part of a sum."""
        return self.program.nodes[i] if 0 <= i < len(self.program.nodes) else None

    def is_picked(self, i: int) -> bool:
        """Whether node i is a `pick`: another node at one point."""
        node = self.node(i)
        return isinstance(node, Step) and node.op is pick

    def is_collected(self, i: int) -> bool:
        """Whether node i is a `collect` of other nodes, one for each point."""
        node = self.node(i)
        return isinstance(node, Step) and node.op is collect

    def sources(self, i: int) -> list[int]:
        """The nodes that node i is a view of, through spread, pick and collect; itself if it is computed."""
        i = self.base(i)
        if self.is_picked(i):
            return self.sources(self.node(i).args[0])
        return [a for x in self.node(i).args[:-1] for a in self.sources(x)] if self.is_collected(i) else [i]

    def formula_of(self, i: int) -> Formula:
        """The formula of node i."""
        return self.formulas.get(i) or Formula(self.node(i).args, self.node(i).op)

    def steps(self) -> list[Map]:
        """The steps that are computed one by one, each as a block of its own; views are left out."""
        computed = [i for i in self.alone if not (self.is_picked(i) or self.is_collected(i))]
        formulas = [(i, self.formula_of(i)) for i in computed]
        return [Map([i], self.axis_of[i], (1, 1), f, [[self.base(a)] for a in f.operands]) for i, f in formulas]

    def pairs_of_scalars(self) -> Iterator[Pair]:
        """The factors of all products outside of the products of matrices."""
        for block in self.blocks:
            if isinstance(block, Map):
                yield from block.formula.pairs(block.columns)
        for i in self.alone:
            formula = self.formula_of(i)
            yield from formula.pairs([[self.base(a)] for a in formula.operands])
