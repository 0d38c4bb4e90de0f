"""Products of matrices on one level of a program, found as sums of products that share their factors.

A row is a sum of products that some node needs, as its left factors, which other rows share, and its right ones. Rows
with the same left factors are a matrix-vector product; such products with the same matrix are one product of matrices.
Only the order of factors and terms is chosen here, so no result can be wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from .blocks import ONE, Formula, Product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from .sums import Term

    Kind: TypeAlias = tuple[int | None, str | None, float]
    """The kind of a row: its lane axis, the role of its points (see `Product`), its sign."""
    Side: TypeAlias = tuple[int, ...]
    Row: TypeAlias = tuple[Kind, Side, Side]

__all__ = ["Factors", "Limits"]

LAST = 1 << 62
"""The rank of the factor 1: sums of single numbers, which are the gradients of biases, come after those of products."""


class Limits:
    """The least size that is worth an array: multiplications of a product, terms of a sum, elements of a map."""

    def __init__(self, product: int, terms: int, elements: int) -> None:
        self.product, self.terms, self.elements = product, terms, elements


class Factors:
    """The rows of one level, with the nodes that need them.

    ``axis`` has the lane axis of every node; ``rank`` orders nodes by their places: those of one array have ranks
    between two multiples of `classes`, those in no array ranks from `alone` on.
    """

    def __init__(
        self, axis: Sequence[int | None], rank: Sequence[int], limits: Limits, *, classes: int, alone: int
    ) -> None:
        self.axis, self.rank, self.limits = axis, rank, limits
        self.classes, self.alone = classes, alone
        self._count: Counter[int] = Counter()  # the number of products in which each node is a factor
        self._products: dict[int, list[Term]] = {}  # by sum
        self._rest: dict[int, list[Term]] = {}
        self._singles: list[tuple[int, Kind, tuple[int, ...]]] = []
        self._rows: dict[tuple[Kind, Side, int], dict[Side, list[int]]] = {}  # kind, left, array -> right -> sums
        self._parts: dict[int, list[Row]] = defaultdict(list)  # by node: the rows that it needs
        self._taken: dict[Row, int] = {}  # the nodes of rows that have become elements of a product

    def add_sum(self, i: int, terms: list[Term]) -> None:
        """Add a sum of which at least two terms are products."""
        self._products[i], self._rest[i] = [], []
        repeated = Counter(terms)
        for sign, factors in terms:
            along = [self.axis[a] is not None for a in factors]
            fits = len(factors) == 2 and not all(along) and any(along) == (self.axis[i] is not None)
            if fits and repeated[sign, factors] == 1:
                self._products[i].append((sign, factors))
                self._count.update(factors)
            else:
                self._rest[i].append((sign, factors))

    def add_lane_sum(self, i: int, factors: tuple[int, ...]) -> None:
        """Add a sum over the points of one number, or of the product of two."""
        self._singles.append((i, (self.axis[factors[0]], "sum", 1.0), factors))
        self._count.update(factors)

    def add_outer(self, i: int, factors: tuple[int, ...]) -> None:
        """Add a product of two numbers, perhaps an element of an outer product."""
        self._singles.append((i, (None, None, 1.0), factors))
        self._count.update(factors)

    def products(self, new_node: Callable[[int | None], int]) -> list[Product]:
        """The products of matrices; `new_node` makes a node, along a lane axis, for a part of a sum."""
        self._read_rows()
        found = []
        for (kind, rights, *_), lefts in self._matrices().items():
            if self._is_worth_it(kind[1], lefts, rights):
                lefts.sort(key=self._order)
                nodes = [self._node_of((kind, left, right), new_node) for left in lefts for right in rights]
                axis, role, sign = kind
                found.append(Product(nodes, axis, role, sign, (lefts, rights)))
        return found

    def formulas(self) -> dict[int, Formula]:
        """The formulas of sums of which some parts, but not the whole, are now elements of products."""
        found = {}
        for i, rest in self._rest.items():
            nodes = [self._taken.get(row) for row in self._parts[i]]
            if nodes != [i] and any(node is not None for node in nodes):
                terms: list[Term] = []
                for ((_, _, sign), left, right), node in zip(self._parts[i], nodes, strict=True):
                    products = [(sign, pair) for pair in zip(left, right, strict=True)]
                    terms += products if node is None else [(1.0, (node,))]
                found[i] = Formula.of_terms(terms + rest)
        return found

    def _read_rows(self) -> None:
        """Split each sum into rows, by sign and by the arrays of its factors."""
        for i, products in self._products.items():
            axis = self.axis[i]
            parts: dict[Any, list[tuple[int, int]]] = defaultdict(list)
            for sign, factors in products:
                left, right = self._oriented(*factors)
                parts[sign, self.rank[left] // self.classes, self.rank[right] // self.classes].append((left, right))
            for (sign, *_), pairs in parts.items():
                pairs.sort(key=self._order)
                self._add_row(i, (axis, None if axis is None else "rows", sign), pairs)
        for i, kind, factors in self._singles:
            self._add_row(i, kind, [self._oriented(*factors) if len(factors) == 2 else (ONE, factors[0])])

    def _oriented(self, a: int, b: int) -> tuple[int, int]:
        """The factors as (left, right): left is along lanes if one of them is, else the one that more sums share."""
        along_a, along_b = self.axis[a] is not None, self.axis[b] is not None
        is_left = along_a if along_a != along_b else self._count[a] > self._count[b]
        return (a, b) if is_left else (b, a)

    def _order(self, nodes: Sequence[int]) -> list[int]:
        return [self.rank[a] if a != ONE else LAST for a in nodes]

    def _add_row(self, i: int, kind: Kind, pairs: list[tuple[int, int]]) -> None:
        left, right = zip(*pairs, strict=True)
        array = self.rank[right[0]] // self.classes  # a matrix in two arrays would have to be copied
        self._rows.setdefault((kind, left, array), {}).setdefault(right, []).append(i)
        self._parts[i].append((kind, left, right))

    def _matrices(self) -> dict[Any, list[Side]]:
        """The rows of the left matrix by (kind, rows of the right one); where points are rows there is one left row."""
        found: dict[Any, list[Side]] = defaultdict(list)
        for (kind, left, _), needed_by in self._rows.items():
            rights = tuple(sorted(needed_by, key=self._order))
            found[(kind, rights, left) if kind[1] == "rows" else (kind, rights)].append(left)
        return found

    def _is_worth_it(self, role: str | None, lefts: Sequence[Side], rights: Sequence[Side]) -> bool:
        """Whether a product is large enough, and its larger side lies in arrays, so that it need not be gathered."""
        if role == "sum":
            return True
        n, m, k = len(lefts), len(rights), len(lefts[0])
        if k == 1:
            return min(n, m) > 1 and n * m >= self.limits.product
        if k < self.limits.terms or n * m * k < self.limits.product:
            return False
        return all([self.rank[a] < self.alone for row in (rights if m >= n else lefts) for a in row])

    def _node_of(self, row: Row, new_node: Callable[[int | None], int]) -> int:
        """The node of a row: a sum that is this row alone, or a new node, a part of the sums that need it."""
        kind, left, right = row
        needed_by = self._rows[kind, left, self.rank[right[0]] // self.classes][right]
        whole = (i for i in needed_by if len(self._parts[i]) == 1 and not self._rest.get(i))
        node = next(whole, None)
        self._taken[row] = new_node(kind[0] if kind[1] == "rows" else None) if node is None else node
        return self._taken[row]
