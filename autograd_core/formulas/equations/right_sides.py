"""The right side of an equation: an array in terms of the names of others.

An array that is neither computed as a whole nor given as one is called u and listed, element by element.
"""

from __future__ import annotations

import re

from ...jit.ir.program import Constant, Input
from ...jit.plan.blocks import ONE, Block, Map, Product
from ...jit.runtime.cached import cached_property
from ...ops import TABLE
from ..algebra.by_elements import added, by_elements, multiplied
from ..algebra.expressions import (
    Applied,
    Element,
    Expression,
    Listed,
    MatrixProduct,
    Name,
    Norm,
    Symbol,
    Total,
    Transposed,
    of_atom,
)
from ..algebra.normal_form import number
from ..notation.letters import Names
from ..notation.written import Written
from .inputs import Inputs
from .naming import Namer, node_set
from .notation import name_written
from .orientation import Orientation, across, in_rows, turned_or_reshaped
from .products import is_captured, is_sum_of_squares
from .reals.shares import softmax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from ..algebra.expressions import Atom

    Rows = Sequence[Sequence[int]]

__all__ = ["RightSides"]

UNKNOWN = Symbol(Written("?", "?"))
"""A placeholder for an array that has no name yet."""
SUMS = (None, TABLE["add"], TABLE["sum"])
TAKEN = re.compile(r"(W|U|a|z|b|delta|dW|db|u|v|A|Z|dA|dZ)\d+")
"""Names that equations and programs give themselves; a user's own in this form stands in quotation marks."""
NUMBERED = re.compile(r"([^\W\d_]+_?)(\d+)")
"""The name of one of several numbers, as y1, y2."""
LAST = re.compile(r"([^\[]*)\[[^\[,\]]*(?:(?:, |\]\[)(.*))?\](?:\.\.\.)?")
"""The name of the number of one sample, rows[0, 2]... or rows[0][2]..., as argument and place."""


class RightSides:
    """The definitions of arrays, and the lists that these need.

    ``missing`` are arrays without a name to whose elements a definition refers.
    """

    def __init__(self, namer: Namer, inputs: Inputs, orientation: Orientation) -> None:
        self.found, self.namer, self.inputs, self.orientation = namer.found, namer, inputs, orientation
        self.names, self._has_samples = namer.names, orientation.has_samples
        self.missing: dict[Block, None] = {}
        self._written: dict[Block, Expression] = {}
        self._lists: dict[tuple[tuple[int, ...], ...], Name] = {}  # names of listed arrays by their rows
        self._new_lists: list[tuple[Name, Expression]] = []
        self._count = 0
        self._written_names = Names()
        self._of_samples = {Name("X"), Name("A", 0)}
        self._ours = {name.letter for name in self.names.values() if name.number is None}

    def next_name(self) -> Name:
        """A name that is free."""
        self._count += 1
        return Name("u", self._count)

    def _place(self, block: Block, a: int) -> tuple[int, ...]:
        """The place of an element, or its row and its column, from 1."""
        rows = self.orientation.rows(block)
        is_row_of_samples = self._has_samples and len(rows[0]) > 1
        places = zip(
            (len(rows), len(rows[0])), divmod([b for row in rows for b in row].index(a), len(rows[0])), strict=True
        )
        return tuple([place + 1 for size, place in places if size > 1 or is_row_of_samples]) or (1,)

    # Lists

    def listed(self) -> Iterator[tuple[Name, Expression, str]]:
        """The equations of arrays that were listed since they were last asked for."""
        new, self._new_lists = self._new_lists, []
        return iter([(name, definition, "") for name, definition in new])

    def define(self, name: Name, rows: Rows) -> None:
        """State what a matrix or vector of inputs is, unless it is an argument, or a part of one, as it was given."""
        nodes = node_set(rows)
        given = self.inputs.in_rows(nodes)
        if self._is_along(nodes) and (argument := self._argument_of(nodes)):
            self._new_lists.append((name, of_atom(Transposed(of_atom(argument)))))
            return
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
        elif (name in self._of_samples or self._is_surprising(name, nodes)) and (argument := self._argument_of(nodes)):
            self._new_lists.append((name, of_atom(argument)))

    def _is_surprising(self, name: Name, nodes: Collection[int]) -> bool:
        """Whether nobody would guess what a name stands for: another argument is called W1, or a₀ is a matrix."""
        given = self.inputs.whole_argument(nodes)
        if given is None or given == name_written(name).text:
            return False
        are_matrices = not self._has_samples and any([len(vectors) > 1 for vectors in self.namer.vectors.values()])
        is_swapped = given[:1].lower() == {"W": "x", "a": "w"}.get(name.letter)
        return are_matrices or is_swapped or TAKEN.fullmatch(given) is not None

    def _argument_of(self, nodes: Collection[int]) -> Symbol | None:
        """The argument that consists of exactly these inputs, or None."""
        name = self.inputs.whole_argument(nodes)
        return self.given(name) if name else None

    def _list(self, rows: Rows) -> Expression:
        """An array listed element by element, row by row; a vector in one row."""
        return of_atom(Listed(tuple([tuple([self.element(a) for a in row]) for row in _key(rows)])))

    def _name_of_list(self, rows: Rows) -> Name:
        key = tuple(
            [tuple(row) for row in (rows if min(len(rows), len(rows[0])) > 1 else [[a for row in rows for a in row]])]
        )
        if key not in self._lists:
            definition = self._list(key)
            self._lists[key] = name = self._shared_name(key) or self.next_name()
            self._new_lists.append((name, definition))
        return self._lists[key]

    def _shared_name(self, key: Sequence[Sequence[int]]) -> Name | None:
        """The name of a vector of inputs that are called y1, y2, ..., or y_1, y_2, ..., if y is free."""
        nodes = [self.found.node(a) for row in key for a in row]
        called = [NUMBERED.fullmatch(node.name) if isinstance(node, Input) else None for node in nodes]
        stems = {match and match[1] for match in called}
        numbers = [int(match[2]) for match in called if match]
        stem = (stems.pop() if len(stems) == 1 else None) or ""
        letter = stem.rstrip("_")
        taken = {*self._ours, *self.inputs.arguments(), *[name.letter for name in self._lists.values()]}
        is_counted = numbers == list(range(1, len(nodes) + 1))
        return Name(letter) if is_counted and stem and len(key) == 1 and letter not in taken else None

    def element(self, a: int) -> Expression:
        """A single number: a constant, an input, an element of a named array, or a step."""
        if a == ONE:
            return number(1.0)
        a = self.found.base(a)
        node, block = self.found.node(a), self.block_of(a)
        if isinstance(node, Constant):
            return number(node.value)
        if isinstance(node, Input):
            if a in self._weights and self._weights[a].array not in self._lists.values():
                return of_atom(self._weights[a])
            name = self.found.program.names[a]
            return of_atom(self.given(name)) if node.axis is None else self._of_all_points(name)
        if block is not None:
            if block in self.names:
                place = self._place(block, a)
                return of_atom(Element(self.names[block], place if block.axis is None else (*place, ":")))
            self.missing[block] = None
            return of_atom(UNKNOWN)
        formula = self.found.formula_of(a)  # of constants, or a view of other numbers
        return self._computed(formula.op, formula, [self.element(x) for x in formula.operands])

    @cached_property
    def _weights(self) -> dict[int, Element]:
        """Captured weights and biases as elements of W and b, which are their names in the other equations."""
        found: dict[int, Element] = {}
        for letter, layer, rows in self.namer.matrices.values():
            for i, row in enumerate(rows, 1):
                found |= {a: Element(Name(letter, layer), (i, j)) for j, a in enumerate(row, 1)}
        for nodes, (first, *_) in self.namer.vectors.items():
            if self.names[nodes].letter == "b":
                found |= {a: Element(self.names[nodes], (j,)) for j, a in enumerate(dict.fromkeys(first), 1)}
        return {a: element for a, element in found.items() if is_captured(self.found, [a])}

    def _of_all_points(self, name: str) -> Expression:
        """One number of each sample, a row: the transposed column of the argument that has a row for each sample."""
        match = None if "'" in name else LAST.fullmatch(name)
        first, last = match.groups() if match else (name.removesuffix("...").rpartition("[")[0] or name, None)
        given = self.given(first).written
        column = Written(f"{given.text}[:, {last}]", rf"{given.latex}_{{:, {last}}}") if last else given
        return of_atom(Transposed(of_atom(Symbol(column))))

    def given(self, text: str) -> Symbol:
        """A user's name, told apart from those that equations give."""
        return Symbol(self._written_names(text, is_literal=TAKEN.fullmatch(text) is not None or text in self._ours))

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
        if named is None and len(rows) == len(rows[0]) == 1:
            return self.element(rows[0][0])
        if named is None:  # lists of numbers are columns
            named = self._name_of_list(rows), self._has_samples and len(rows) == 1 < len(rows[0])
        return _as_it_is_or_turned(*named)

    def _named(self, rows: Rows) -> tuple[Name | Symbol, bool] | None:
        """The name of an array, and whether it is transposed."""
        nodes, is_turned = node_set(rows), self.orientation.is_turned
        for matrix, (letter, layer, own) in self.namer.matrices.items():
            if nodes == matrix and (turned := self._is_matrix_turned(rows, own)) is not None:
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
        if nodes in self.namer.vectors and not self.is_repeated_bias(nodes):
            given = across(self.namer.vectors[nodes])
        elif self._has_samples and len(given) == 1:
            given = across(given)
        turned = is_turned(rows, given)
        name = self.names.get(nodes) or self._argument_of(nodes)
        is_given = nodes not in self.names and self._is_along(nodes)  # it has a row for each sample
        return (name, turned != is_given) if name and turned is not None else None

    def _is_along(self, nodes: Collection[int]) -> bool:
        """Whether inputs have a number for each point of a lane axis."""
        return any([self.inputs.nodes[a].axis is not None for a in nodes])

    def _is_matrix_turned(self, rows: Rows, own: Rows) -> bool | None:
        """As for other arrays; but a matrix of one row is told from its transpose, which is one column."""
        is_as_it_is, is_across = list(map(list, rows)) == own, across(rows) == own
        return False if is_as_it_is else True if is_across else self.orientation.is_turned(rows, own)

    def is_repeated_bias(self, nodes: frozenset[int]) -> bool:
        """Whether a vector of inputs is a bias that stands for each of several samples."""
        first, *others = self.namer.vectors[nodes]
        return not others and len(nodes) < len(first)

    def definition(self, block: Block) -> Expression:
        """The right side of a block's equation."""
        if block not in self._written:
            written = self._of_product(block) if isinstance(block, Product) else self._of_map(block)  # type: ignore[arg-type]  # a Map
            self._written[block] = written
        return self._written[block]

    def _of_product(self, product: Product) -> Expression:
        if product.is_plain_sum:
            found: Atom = Total(self.array(product.right))
        elif is_sum_of_squares(product) and node_set(product.left) in self._parameters:
            norm = Norm(of_atom(self._parameters[node_set(product.left)]))
            return added([(int(product.sign), Expression(((((norm, 2),), 1),)))])
        elif (same := self._same_number(product)) is not None:
            return multiplied([same, of_atom(Total(self.array(product.right)))])
        elif (weights := self.namer.weights(product)) is not None:
            matrix, vectors = weights
            of_weights = self.matrix(matrix)
            if len(matrix) == len(matrix[0]) == 1 and self.orientation.is_error(vectors):
                of_weights = of_atom(Transposed(of_weights))  # as for more numbers than one
            found = MatrixProduct(of_weights, self.array(across(vectors)))
        else:
            found = self._of_factors(product)
        return added([(int(product.sign), of_atom(found))])

    @cached_property
    def _parameters(self) -> dict[frozenset[int], Name]:
        """The names of all weights and biases."""
        names = {nodes: Name(letter, layer) for nodes, (letter, layer, _) in self.namer.matrices.items()}
        return names | {nodes: self.names[nodes] for nodes in self.namer.vectors if self.names[nodes].letter == "b"}

    def _same_number(self, product: Product) -> Expression | None:
        """The constant that a sum multiplies all of its terms by, with its sign; None if there is none."""
        shared = set(map(self.found.base, product.left[0]))
        node = self.found.node(shared.pop()) if len(shared) == 1 else None
        is_sum = len(product.nodes) == 1 < len(product.left[0])
        return number(product.sign * node.value) if is_sum and isinstance(node, Constant) else None

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
            return MatrixProduct(_turned(first), second)
        if self.orientation.is_error(right):
            first, second = second, first
        return MatrixProduct(first, _turned(second))

    def _of_map(self, block: Map) -> Expression:
        if block.formula.op is softmax:
            return of_atom(Applied(softmax, (self._column(block, block.columns[0]),)))
        if (whole := self._whole(block)) is not None:
            total = of_atom(Total(whole))
            if block.formula.op is TABLE["mean"]:
                return by_elements(TABLE["div"], [total, number(float(len(block.columns)))])
            return total if block.formula.op in SUMS else of_atom(Applied(block.formula.op, (whole,)))
        if block.formula.op is None:  # a product among the terms may be an array that has a name
            terms = []
            for sign, columns in block.formula.split(block.columns):
                named = self.namer.array_of(columns) if len(columns) == 2 else None
                factors = [named.nodes] if named is not None and named in self.names else columns
                terms.append((int(sign), multiplied([self._column(block, nodes) for nodes in factors])))
            return added(terms)
        return self._computed(block.formula.op, block.formula, [self._column(block, nodes) for nodes in block.columns])

    def _whole(self, block: Map) -> Expression | None:
        """The array whose elements a single number is the sum of, or another function of all of them; else None."""
        op, operands = block.formula.op, [column[0] for column in block.columns]
        array = self.block_of(operands[0]) if operands else None
        is_sum = op in SUMS and all([term == (1.0, 1) for term in block.formula.terms])
        if not (is_sum or (op and op.is_nary)) or len(block.nodes) > 1 or array is None or array.nodes != operands:
            return None
        return self.array(self.orientation.rows(array)) if len(operands) > 1 else None

    def _column(self, block: Map, nodes: Sequence[int]) -> Expression:
        """An operand of a map as an array; one number for all elements stays a number."""
        if len(set(nodes)) == 1:
            return self.array([nodes[:1]])
        rows = in_rows(nodes, block.shape[1])
        return self.array(across(rows) if block in self.orientation.turned else rows)

    def _computed(self, op: Any, formula: Any, operands: list[Expression]) -> Expression:
        if op is not None:
            return by_elements(op, operands)
        return added([(int(sign), multiplied(factors)) for sign, factors in formula.split(operands)])


def _key(rows: Rows) -> tuple[tuple[int, ...], ...]:
    """The rows of an array as a hashable key; a vector as one row."""
    return (tuple([row[0] for row in rows]),) if len(rows[0]) == 1 else tuple(map(tuple, rows))


def _turned(expression: Expression) -> Expression:
    """The transpose, which of a transpose is the array itself."""
    atom = expression.atom
    return atom.array if isinstance(atom, Transposed) else of_atom(Transposed(expression))


def _as_it_is_or_turned(name: Name | Symbol, is_turned: bool) -> Expression:
    found = of_atom(name)
    return of_atom(Transposed(found)) if is_turned else found
