"""What arrays are computed from, in terms of the names that arrays have: the right sides of the equations.

An array that is neither computed as a whole nor given as one is called u and listed, element by element. What comes
out of the program, or is long, is called u as well. Elements are those of named arrays, inputs, or steps of the program
by the names that it prints.
"""

from __future__ import annotations

import re
from functools import cached_property

from ...notation.letters import Names
from ...notation.written import Written
from ..matrices.blocks import ONE, Block, Found, Map, Product
from ..program import Constant, Input
from .algebra import Expression, applied
from .factors import Array, Element, Given, Inner, Listed, MatrixTimes, Name, Outer, TimesTransposed, Total
from .inputs import Inputs
from .naming import Namer, node_set
from .primes import derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from .factors import Factor

    Rows = Sequence[Sequence[int]]

__all__ = ["Definitions"]

UNKNOWN = Given(Written("?", "?"))
"""Stands for an array that has no name yet."""
TAKEN = re.compile(r"(W|U|a|x|z|b|delta|dW|db|u|v)\d+")
LONGEST = 30
"""Factors in what is written out; longer ones get names."""


class Definitions:
    """The equations of all arrays with names, those in `needed` among them.

    ``steps`` are the steps of the program that some equation speaks of, ``single`` how many numbers have none though
    they are products, ``missing`` the arrays of which one speaks of single elements though they have no name.
    """

    def __init__(self, found: Found, needed: Collection[Block] = ()) -> None:
        self.found, self.needed = found, needed
        self.missing: dict[Block, None] = {}
        self.single = 0
        self.namer = Namer(found)
        self.names = self.namer.names
        self.steps: dict[int, None] = {}
        self._written: dict[Block, Expression] = {}
        self.inputs = Inputs(found)
        self._lists: dict[tuple[tuple[int, ...], ...], Name] = {}  # what is listed, by rows
        self._new_lists: list[tuple[Name, Expression]] = []
        self._count = 0
        self._alone = set(found.alone)
        self._written_names = Names()
        self._has_samples = any(map(self._is_of_samples, found.blocks))
        self._turned_ones = self._turned_blocks()

    def __iter__(self) -> Iterator[tuple[Name, Expression, str]]:
        """Name, definition and tag of every array that has a name."""
        for letter, layer, rows in self.namer.matrices.values():
            self._define(Name(letter, layer), rows)
        for nodes, vectors in self.namer.vectors.items():
            if self._has_samples or len(vectors) > 1 or len(nodes) == len(vectors[0]):  # else it is a bias, repeated
                self._define(self.names[nodes], list(zip(*vectors, strict=True)))
        yield from self._listed()
        for block in self.found.blocks:
            before = dict(self._lists), dict(self.missing), dict(self.steps), self._count
            definition = self.definition(block)
            is_single = len(block.nodes) == 1 and block not in self.needed
            if is_single and self._new_lists:  # one number, of parts of arrays: as good as a step
                self._lists, self.missing, self.steps, self._count = before
                self._new_lists = []
                self.single += 1
                continue
            yield from self._listed()
            is_result = self.namer.results.issuperset(block.nodes)
            is_spoken_of = is_result or block in self.needed or definition.size > LONGEST
            if block not in self.names and is_spoken_of:
                self.names[block] = self._next_name()
            if block in self.names:
                name = self.names[block]
                yield name, definition, self.namer.tags.get(block, "")
                if name.letter == "delta" and is_result:  # what the biases get is δ itself
                    yield Name("db", name.number), Expression.of(name), "BP3"

    def _next_name(self) -> Name:
        self._count += 1
        return Name("u", self._count)

    def _place(self, block: Block, a: int) -> tuple[int, ...]:
        """The place of an element, or its row and its column, from 1."""
        rows = self._rows(block)
        places = zip(
            (len(rows), len(rows[0])), divmod([b for row in rows for b in row].index(a), len(rows[0])), strict=True
        )
        return tuple([place + 1 for size, place in places if size > 1]) or (1,)

    def _rows(self, block: Block) -> Rows:
        """An array as it is written."""
        return list(zip(*block.rows, strict=True)) if block in self._turned_ones else block.rows

    def _turned_blocks(self) -> set[Block]:
        """Those whose rows are written as columns: W x where x W was found, and functions of that.

        Of samples also the x, and what it is a function of.
        """
        turned: set[Block] = set()
        for block in self.found.blocks:
            weights = self.namer.weights(block) if isinstance(block, Product) else None
            if weights is not None:
                matrix, vectors = weights
                turned |= {block} if matrix is block.right else set()  # type: ignore[attr-defined]  # a Product
                x = self.block_of(vectors[0][0])
                if self._has_samples and isinstance(x, Map) and _are_alike(x.rows, vectors):
                    turned.add(x)
        todo = list(turned)
        while todo:
            block = todo.pop()
            alike = [user for user in self.found.blocks if block in self._makers(user)]
            if self._has_samples:
                alike += [maker for maker in self._makers(block) if isinstance(maker, Map)]
            todo += [each for each in alike if each not in turned]
            turned.update(alike)
        return turned

    def _makers(self, block: Block) -> set[Block]:
        """The blocks that a map is a function of."""
        makers = [self.block_of(column[0]) for column in block.columns] if isinstance(block, Map) else []
        return {maker for maker in makers if maker is not None}

    # Lists

    def _listed(self) -> Iterator[tuple[Name, Expression, str]]:
        new, self._new_lists = self._new_lists, []
        return iter([(name, definition, "") for name, definition in new])

    def _define(self, name: Name, rows: Rows) -> None:
        """Say what a matrix or vector of inputs is, if it is not an argument, or a part of one, as it was given."""
        nodes = node_set(rows)
        is_turned = _turned_or_reshaped(rows, [self.inputs.in_order(nodes)])
        if self._has_samples:
            is_turned = set(zip(*rows, strict=True)) == set(map(tuple, self.inputs.in_rows(nodes)))
        if len(set(map(self.inputs.argument, nodes))) > 1 or is_turned is None:
            self._lists[_key(rows)] = name
            self._new_lists.append((name, self._list(rows)))
        elif is_turned:
            given = self._argument_of(nodes)
            turned = Expression.of(Array(given, True)) if given else self._list(rows)
            self._new_lists.append((name, turned))
        elif self._is_surprising(name, nodes) and (given := self._argument_of(nodes)):
            self._new_lists.append((name, Expression.of(Array(given))))

    def _is_surprising(self, name: Name, nodes: Collection[int]) -> bool:
        """Whether nobody would guess what has that name: W1 is that of another argument, or a₀ is a matrix as well."""
        given = self.inputs.whole_argument(nodes)
        are_matrices = not self._has_samples and any([len(vectors) > 1 for vectors in self.namer.vectors.values()])
        called = f"{name.letter}{name.number}"
        return given is not None and given != called and (are_matrices or TAKEN.fullmatch(given) is not None)

    def _argument_of(self, nodes: Collection[int]) -> Given | None:
        """The argument that is these numbers and no others."""
        name = self.inputs.whole_argument(nodes)
        return self._given(name) if name else None

    def _list(self, rows: Rows) -> Expression:
        """Element by element, row by row; a vector in one row."""
        return Expression.of(Listed(tuple([tuple([self.element(a) for a in row]) for row in _key(rows)])))

    def _name_of_list(self, rows: Rows) -> Name:
        key = tuple(
            [tuple(row) for row in (rows if min(len(rows), len(rows[0])) > 1 else [[a for row in rows for a in row]])]
        )
        if key not in self._lists:
            definition = self._list(key)
            self._lists[key] = name = self._next_name()
            self._new_lists.append((name, definition))
        return self._lists[key]

    def element(self, a: int) -> Expression:
        """A single number."""
        if a == ONE:
            return Expression.number(1.0)
        a = self.found.base(a)
        node, block = self.found.node(a), self.block_of(a)
        if isinstance(node, Constant):
            return Expression.number(node.value)
        if isinstance(node, Input):
            return Expression.of(self._given(self.found.program.names[a].removesuffix("...")))  # one for each point
        if block is not None and (node is None or not self._has_samples):
            if block in self.names:
                return Expression.of(Element(self.names[block], self._place(block, a)))
            self.missing[block] = None
            return Expression.of(UNKNOWN)
        if block is None and (node is None or a in self._alone):
            formula = self.found.formula_of(a)
            operands = [self.found.node(self.found.base(x)) for x in formula.operands]
            if node is None or all(isinstance(x, Constant) for x in operands):
                return self._computed(formula.op, formula, [self.element(x) for x in formula.operands])
        self.steps[a] = None
        return Expression.of(Given(self._written_names(self.found.program.names[a])))

    def _given(self, text: str) -> Given:
        """A name that is not ours, told apart from ours."""
        return Given(self._written_names(text, is_literal=TAKEN.fullmatch(text) is not None))

    def block_of(self, a: int) -> Block | None:
        """The array that a node is an element of."""
        return self.namer.block_of.get(a)

    # Expressions

    def array(self, rows: Rows) -> Expression:
        """Numbers, by the name of their array, or by that of a list.

        Where a loop over samples was found, which are matrices then, names do not say for which sample: b stands for
        one b for each.
        """
        block = self.namer.array([a for row in rows for a in row])
        if isinstance(block, Block) and block not in self.names:
            turned = self._turned(rows, self._rows(block))
            if turned is False or self._has_samples:
                return self.definition(block)
            if turned:
                self.missing[block] = None
                return Expression.of(UNKNOWN)
        name, is_turned = self._named(rows) or (self._name_of_list(rows), False)
        is_known = not self._has_samples or isinstance(name, Given)  # which samples are rows of
        return Expression.of(Array(name, True) if is_turned and is_known else name)

    def matrix(self, rows: Rows) -> Array:
        """The same of a matrix that is multiplied with something."""
        return Array(*(self._named(rows) or (self._name_of_list(rows), False)))

    def _named(self, rows: Rows) -> tuple[Name | Given, bool] | None:
        """The name of an array, and whether it is transposed."""
        nodes = node_set(rows)
        for matrix, (letter, layer, own) in self.namer.matrices.items():
            if nodes == matrix and (turned := self._turned(rows, own)) is not None:
                return Name(letter, layer), turned
        block = self.block_of(rows[0][0])
        if block is not None and block in self.names and (turned := self._turned(rows, self._rows(block))) is not None:
            return self.names[block], turned
        if not nodes <= self.inputs.nodes.keys():
            return None
        given = self.inputs.in_rows(nodes)
        if nodes in self.namer.vectors and not self._has_samples:
            given = list(zip(*self.namer.vectors[nodes], strict=True))
        turned = self._turned(rows, given)
        name = self.names.get(nodes) or self._argument_of(nodes)
        return (name, turned) if name and turned is not None else None

    def _is_of_samples(self, block: Block) -> bool:
        """Whether a layer is applied to several vectors at once: numbers of inputs are repeated for each."""
        if not isinstance(block, Map):
            return False
        makers = [maker for column in block.columns if isinstance(maker := self.block_of(column[0]), Product)]
        vectors = [weights[1] for maker in makers if (weights := self.namer.weights(maker)) is not None]
        is_layer = any([len(each) > 1 and node_set(each) not in self.namer.matrices for each in vectors])
        repeated = [column for column in block.columns if 1 < len(set(column)) < len(column)]
        return is_layer and any([self.inputs.nodes.keys() >= set(column) for column in repeated])

    def _turned(self, rows: Rows, own: Rows) -> bool | None:
        """The same as below; a loop over samples has rows in some order, and vectors in each of them."""
        if not self._has_samples:
            return _turned(rows, own)
        if node_set(rows) != node_set(own):
            return None
        if min(len(rows), len(rows[0])) == 1:
            return False
        by_rows, by_columns, wanted = set(map(tuple, rows)), set(zip(*rows, strict=True)), set(map(tuple, own))
        if len(own) == 1:  # a vector is a column
            by_rows, by_columns = by_columns, by_rows
        return False if by_rows == wanted else True if by_columns == wanted else None

    def definition(self, block: Block) -> Expression:
        """What a block is computed from."""
        if block not in self._written:
            written = self._of_product(block) if isinstance(block, Product) else self._of_map(block)  # type: ignore[arg-type]  # a Map
            self._written[block] = self._with_derivatives(written)
        return self._written[block]

    def _of_product(self, product: Product) -> Expression:
        if product.is_plain_sum:
            found: Factor = Total(self.array(product.right))
        elif (weights := self.namer.weights(product)) is not None:
            matrix, vectors = weights
            found = MatrixTimes(self.matrix(matrix), self.array(list(zip(*vectors, strict=True))))
        else:
            found = self._of_factors(product)
        return Expression.of(found).times(product.sign)

    def _of_factors(self, product: Product) -> Factor:
        """x yᵀ, xᵀ y, A x or A Bᵀ, whatever the shapes of the factors are."""
        left, right = product.left, product.right
        is_left_matrix, is_right_matrix = (
            len(side) > 1 and len(side[0]) > 1 and not self._has_samples for side in (left, right)
        )
        if is_left_matrix and is_right_matrix:
            return TimesTransposed(self.matrix(left), self.matrix(right))
        if is_left_matrix or is_right_matrix:
            matrix, vectors = (left, right) if is_left_matrix else (right, left)
            return MatrixTimes(self.matrix(matrix), self.array(vectors))
        if len(left[0]) > 1 and not self._has_samples:
            return Inner(self.array(left), self.array(right))
        first, second = (self._of_samples(side) for side in (left, right))
        if self.namer.array([a for row in right for a in row]) in self.namer.errors.values():
            first, second = second, first
        return Outer(first, second)

    def _of_samples(self, rows: Rows) -> Expression:
        """A side of a product of vectors, or of all samples: one number for each is a row."""
        is_row = len(rows) == 1 < len(rows[0]) and self.block_of(rows[0][0]) is None
        return Expression.of(Array(self.matrix(rows).name, True)) if is_row else self.array(rows)

    def _of_map(self, block: Map) -> Expression:
        return self._computed(block.formula.op, block.formula, [self._column(block, nodes) for nodes in block.columns])

    def _column(self, block: Map, nodes: Sequence[int]) -> Expression:
        """An operand of each element; one number for all of them stays one."""
        if len(set(nodes)) == 1 and self.block_of(nodes[0]) is None:
            return self.element(nodes[0])
        width = block.shape[1]
        rows = [nodes[i : i + width] for i in range(0, len(nodes), width)]
        return self.array(list(zip(*rows, strict=True)) if block in self._turned_ones else rows)

    def _computed(self, op: Any, formula: Any, operands: list[Expression]) -> Expression:
        if op is not None:
            return applied(op, operands)
        total = Expression([])
        for sign, factors in formula.split(operands):
            term = factors[0] if len(factors) == 1 else factors[0] * factors[1]
            total = total + term.times(sign)
        return total

    def _with_derivatives(self, written: Expression) -> Expression:
        for rule, prime in self._derivatives:
            written = written.with_factors(rule, prime)
        return written

    @cached_property
    def _derivatives(self) -> list[tuple[Expression, Factor]]:
        """What rules of activations give, and how it is written."""
        pairs = [(z, a) for z, a in self.namer.activation_of.items() if a.formula.op.is_unary]  # type: ignore[attr-defined]  # a Map
        found = [derivative(a.formula.op, self.names[z], self.names[a]) for z, a in pairs]  # type: ignore[attr-defined]
        return [each for each in found if each is not None]


def _key(rows: Rows) -> tuple[tuple[int, ...], ...]:
    """The same, hashable; a vector as one row."""
    return (tuple([row[0] for row in rows]),) if len(rows[0]) == 1 else tuple(map(tuple, rows))


def _turned(rows: Rows, own: Rows) -> bool | None:
    """Whether an array is another one transposed; None if it is neither that nor the other one itself."""
    if _is_vector(rows) != _is_vector(own):
        return None
    return _turned_or_reshaped(rows, own)


def _are_alike(rows: Rows, others: Rows) -> bool:
    """Whether they are the same, up to the order of rows and of what is in them."""
    return set(map(frozenset, rows)) == set(map(frozenset, others))


def _is_vector(rows: Rows) -> bool:
    return len(rows) == 1 or len(rows[0]) == 1


def _turned_or_reshaped(rows: Rows, own: Rows) -> bool | None:
    numbers = [a for row in own for a in row]
    if [a for row in rows for a in row] == numbers:
        return False
    return True if [a for column in zip(*rows, strict=True) for a in column] == numbers else None
