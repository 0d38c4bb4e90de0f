"""The right sides of the equations: every named array in terms of the other names.

An array that is neither computed as a whole nor given as one is called u and listed, element by element. Results of the
program and long expressions are called u as well. Elements are those of named arrays, inputs, or steps of the program
by the names that it prints.
"""

from __future__ import annotations

import re

from ...jit.ir.program import Constant, Input
from ...jit.plan.blocks import ONE, Block, Found, Map, Product
from ...jit.runtime.cached import cached_property
from ..algebra.by_elements import added, by_elements, multiplied, with_factors
from ..algebra.expressions import Element, Listed, MatrixProduct, Name, Symbol, Total, Transposed, of_atom
from ..algebra.normal_form import number
from ..notation.letters import Names
from ..notation.written import Written
from .inputs import Inputs
from .naming import Namer, node_set
from .orientation import Orientation, across, in_rows, turned_or_reshaped
from .primes import derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from ..algebra.expressions import Atom, Expression

    Rows = Sequence[Sequence[int]]

__all__ = ["Definitions"]

UNKNOWN = Symbol(Written("?", "?"))
"""A placeholder for an array that has no name yet."""
TAKEN = re.compile(r"(W|U|a|x|z|b|delta|dW|db|u|v)\d+")
"""Names that equations and programs give themselves; a user's own in this form stands in quotation marks."""
LONGEST = 30
"""Most factors, and levels of brackets, of an expression inside another; a longer one gets a name of its own."""


class Definitions:
    """The equations of all named arrays, those in `needed` among them.

    ``steps`` are the steps of the program that equations refer to, ``single`` counts the arrays of one number that have
    no equation, ``missing`` are arrays without a name to whose elements equations refer.
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
        self._lists: dict[tuple[tuple[int, ...], ...], Name] = {}  # names of listed arrays by their rows
        self._new_lists: list[tuple[Name, Expression]] = []
        self._count = 0
        self._alone = set(found.alone)
        self._written_names = Names()
        self.orientation = Orientation(self.namer, self.inputs)
        self._has_samples = self.orientation.has_samples

    def __iter__(self) -> Iterator[tuple[Name, Expression, str]]:
        """Name, definition and tag of every array that has a name."""
        for letter, layer, rows in self.namer.matrices.values():
            self._define(Name(letter, layer), rows)
        for nodes, vectors in self.namer.vectors.items():
            if not self._is_repeated_bias(nodes):
                self._define(self.names[nodes], across(vectors))
            elif self._has_samples:
                self._define(self.names[nodes], across([self.inputs.in_order(nodes)]))
        yield from self._listed()
        for block in self.found.blocks:
            before = dict(self._lists), dict(self.missing), dict(self.steps), self._count
            definition = self.definition(block)
            is_single = len(block.nodes) == 1 and block not in self.needed
            if is_single and self._new_lists:  # one number made of parts of arrays: no more than a step
                self._lists, self.missing, self.steps, self._count = before
                self._new_lists = []
                self.single += 1
                continue
            yield from self._listed()
            is_result = self.namer.results.issuperset(block.nodes)
            is_spoken_of = is_result or block in self.needed or definition.is_larger(LONGEST, LONGEST)
            if block not in self.names and is_spoken_of:
                self.names[block] = self._next_name()
            if block in self.names:
                name = self.names[block]
                yield name, definition, self.namer.tags.get(block, "")
                if name.letter == "delta" and is_result:  # the biases' gradient is δ itself
                    yield Name("db", name.number), of_atom(name), "BP3"

    def _next_name(self) -> Name:
        self._count += 1
        return Name("u", self._count)

    def _place(self, block: Block, a: int) -> tuple[int, ...]:
        """The place of an element, or its row and its column, from 1."""
        rows = self.orientation.rows(block)
        places = zip(
            (len(rows), len(rows[0])), divmod([b for row in rows for b in row].index(a), len(rows[0])), strict=True
        )
        return tuple([place + 1 for size, place in places if size > 1]) or (1,)

    # Lists

    def _listed(self) -> Iterator[tuple[Name, Expression, str]]:
        new, self._new_lists = self._new_lists, []
        return iter([(name, definition, "") for name, definition in new])

    def _define(self, name: Name, rows: Rows) -> None:
        """State what a matrix or vector of inputs is, unless it is an argument, or a part of one, as it was given."""
        nodes = node_set(rows)
        given = self.inputs.in_rows(nodes)
        if self._has_samples and len(given) > 1:
            is_turned = self.orientation.is_turned(rows, given)
        else:
            is_turned = turned_or_reshaped(rows, [self.inputs.in_order(nodes)])
        if len(set(map(self.inputs.argument, nodes))) > 1 or is_turned is None:
            self._lists[_key(rows)] = name
            self._new_lists.append((name, self._list(rows)))
        elif is_turned:
            argument = self._argument_of(nodes)
            turned = _as_it_is_or_turned(argument, True) if argument else self._list(rows)
            self._new_lists.append((name, turned))
        elif self._is_surprising(name, nodes) and (argument := self._argument_of(nodes)):
            self._new_lists.append((name, of_atom(argument)))

    def _is_surprising(self, name: Name, nodes: Collection[int]) -> bool:
        """Whether nobody would guess what a name stands for: another argument is called W1, or a₀ is a matrix."""
        given = self.inputs.whole_argument(nodes)
        are_matrices = not self._has_samples and any([len(vectors) > 1 for vectors in self.namer.vectors.values()])
        called = f"{name.letter}{name.number}"
        return given is not None and given != called and (are_matrices or TAKEN.fullmatch(given) is not None)

    def _argument_of(self, nodes: Collection[int]) -> Symbol | None:
        """The argument that consists of exactly these inputs, or None."""
        name = self.inputs.whole_argument(nodes)
        return self._given(name) if name else None

    def _list(self, rows: Rows) -> Expression:
        """An array listed element by element, row by row; a vector in one row."""
        return of_atom(Listed(tuple([tuple([self.element(a) for a in row]) for row in _key(rows)])))

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
        """A single number: a constant, an input, an element of a named array, or a step."""
        if a == ONE:
            return number(1.0)
        a = self.found.base(a)
        node, block = self.found.node(a), self.block_of(a)
        if isinstance(node, Constant):
            return number(node.value)
        if isinstance(node, Input):
            return of_atom(self._given(self.found.program.names[a].removesuffix("...")))  # one for each point
        if block is not None:
            if block in self.names:
                return of_atom(Element(self.names[block], self._place(block, a)))
            self.missing[block] = None
            return of_atom(UNKNOWN)
        if block is None and (node is None or a in self._alone):
            formula = self.found.formula_of(a)
            operands = [self.found.node(self.found.base(x)) for x in formula.operands]
            if node is None or all(isinstance(x, Constant) for x in operands):
                return self._computed(formula.op, formula, [self.element(x) for x in formula.operands])
        self.steps[a] = None
        return of_atom(Symbol(self._written_names(self.found.program.names[a])))

    def _given(self, text: str) -> Symbol:
        """A user's name, told apart from those that equations give."""
        return Symbol(self._written_names(text, is_literal=TAKEN.fullmatch(text) is not None))

    def block_of(self, a: int) -> Block | None:
        """The array that a node is an element of."""
        return self.namer.block_of.get(a)

    # Expressions

    def array(self, rows: Rows) -> Expression:
        """An array by its name, by its definition if it has none, or by the name of a list."""
        block = self.namer.array([a for row in rows for a in row])
        if isinstance(block, Block) and block not in self.names:
            turned = self.orientation.is_turned(rows, self.orientation.rows(block))
            if turned is False:
                return self.definition(block)
            if turned:
                self.missing[block] = None
                return of_atom(UNKNOWN)
        return self.matrix(rows)

    def matrix(self, rows: Rows) -> Expression:
        """An array by its name or that of a list; the left factor of a product of matrices is never written out."""
        named = self._named(rows)
        if named is None:  # lists of numbers are columns
            named = self._name_of_list(rows), self._has_samples and len(rows) == 1 < len(rows[0])
        return _as_it_is_or_turned(*named)

    def _named(self, rows: Rows) -> tuple[Name | Symbol, bool] | None:
        """The name of an array, and whether it is transposed."""
        nodes, is_turned = node_set(rows), self.orientation.is_turned
        for matrix, (letter, layer, own) in self.namer.matrices.items():
            if nodes == matrix and (turned := is_turned(rows, own)) is not None:
                return Name(letter, layer), turned
        block = self.block_of(rows[0][0])
        if (
            block is not None
            and block in self.names
            and (turned := is_turned(rows, self.orientation.rows(block))) is not None
        ):
            return self.names[block], turned
        if not nodes <= self.inputs.nodes.keys():
            return None
        given = self.inputs.in_rows(nodes)
        if nodes in self.namer.vectors and not self._is_repeated_bias(nodes):
            given = across(self.namer.vectors[nodes])
        elif self._has_samples and len(given) == 1:
            given = across(given)
        turned = is_turned(rows, given)
        name = self.names.get(nodes) or self._argument_of(nodes)
        return (name, turned) if name and turned is not None else None

    def _is_repeated_bias(self, nodes: frozenset[int]) -> bool:
        first, *others = self.namer.vectors[nodes]
        return not others and len(nodes) < len(first)

    def definition(self, block: Block) -> Expression:
        """The right side of a block's equation."""
        if block not in self._written:
            written = self._of_product(block) if isinstance(block, Product) else self._of_map(block)  # type: ignore[arg-type]  # a Map
            self._written[block] = self._with_derivatives(written)
        return self._written[block]

    def _of_product(self, product: Product) -> Expression:
        if product.is_plain_sum:
            found: Atom = Total(self.array(product.right))
        elif (weights := self.namer.weights(product)) is not None:
            matrix, vectors = weights
            found = MatrixProduct(self.matrix(matrix), self.array(across(vectors)))
        else:
            found = self._of_factors(product)
        return added([(int(product.sign), of_atom(found))])

    def _of_factors(self, product: Product) -> Atom:
        """The product A Bᵀ; without samples also A x, xᵀ y or x yᵀ, whatever the shapes of the vectors are."""
        left, right = product.left, product.right
        is_left_matrix, is_right_matrix = (len(side) > 1 and len(side[0]) > 1 for side in (left, right))
        if self._has_samples or (is_left_matrix and is_right_matrix):
            a, b = (right, left) if product in self.orientation.turned else (left, right)
            return MatrixProduct(self.array(a), self.array(across(b)))
        if is_left_matrix or is_right_matrix:
            matrix, vectors = (left, right) if is_left_matrix else (right, left)
            return MatrixProduct(self.matrix(matrix), self.array(vectors))
        first, second = self.array(left), self.array(right)
        if len(left[0]) > 1:
            return MatrixProduct(of_atom(Transposed(first)), second)
        if self.orientation.is_error(right):
            first, second = second, first
        return MatrixProduct(first, of_atom(Transposed(second)))

    def _of_map(self, block: Map) -> Expression:
        return self._computed(block.formula.op, block.formula, [self._column(block, nodes) for nodes in block.columns])

    def _column(self, block: Map, nodes: Sequence[int]) -> Expression:
        """An operand of a map as an array; one number for all elements stays a number."""
        if len(set(nodes)) == 1 and self.block_of(nodes[0]) is None:
            return self.element(nodes[0])
        rows = in_rows(nodes, block.shape[1])
        return self.array(across(rows) if block in self.orientation.turned else rows)

    def _computed(self, op: Any, formula: Any, operands: list[Expression]) -> Expression:
        if op is not None:
            return by_elements(op, operands)
        return added([(int(sign), multiplied(factors)) for sign, factors in formula.split(operands)])

    def _with_derivatives(self, written: Expression) -> Expression:
        for rule, prime in self._derivatives:
            written = with_factors(written, rule, prime)
        return written

    @cached_property
    def _derivatives(self) -> list[tuple[Expression, Atom]]:
        """The expression that each activation's rule computes, and the σ'(z) that is written for it."""
        derivatives = []
        for z, a in self.namer.activation_of.items():
            op, name = a.formula.op, self.names[z]
            if op is not None and op.is_unary and self._column(a, a.columns[0]) == of_atom(name):
                derivatives.append(derivative(op, name, self.names[a]))
        return [pair for pair in derivatives if pair is not None]


def _key(rows: Rows) -> tuple[tuple[int, ...], ...]:
    """The rows of an array as a hashable key; a vector as one row."""
    return (tuple([row[0] for row in rows]),) if len(rows[0]) == 1 else tuple(map(tuple, rows))


def _as_it_is_or_turned(name: Name | Symbol, is_turned: bool) -> Expression:
    found = of_atom(name)
    return of_atom(Transposed(found)) if is_turned else found
