"""What arrays are called in the lectures, and the rest in terms of them: W, z and a of a layer, δ of its errors.

Names follow from the structure alone. A matrix of inputs that multiplies a vector is W, and makes a layer; what is
added up with the product is z, its function a; what is multiplied with the layer's inputs to make an array of W's
shape is δ. Everything else is written out in terms of these; what is long, or comes out of the program, is u. In a
batch a vector stands for a matrix with a column for each sample.
"""

from __future__ import annotations

from ...diagram.formulas.notation import is_called
from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ..program import Constant, Input
from .algebra import Expression, Factor, applied
from .blocks import ONE, Block, Found, Map, Product
from .primes import with_derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["Namer"]

ADD, NEG = TABLE["add"], TABLE["neg"]
LONGEST = 30
"""Factors in what is written out; longer ones get names."""


class Namer:
    """Gives arrays their names and writes the rest in terms of them."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.block_of = {i: block for block in found.blocks for i in block.nodes}
        self.names: dict[Any, Factor] = {}  # of blocks, and of vectors of inputs by the set of their nodes
        self.matrices: dict[frozenset[int], tuple[str, int, set[tuple[int, ...]]]] = {}  # nodes -> name, layer, rows
        self.layers = 0
        self.activation_of: dict[Block, Block] = {}
        self.tags: dict[Block, str] = {}
        self._written: dict[Block, Expression] = {}
        self.others: set[int] = set()  # nodes that are in equations, but in no array
        self._alone = set(found.alone)
        self._name_layers()
        self._name_errors()

    def definitions(self) -> Iterator[tuple[Factor, Expression, str]]:
        """Name, definition and tag of every array that has a name."""
        for block in self.found.blocks:
            definition = self.definition(block)
            is_result = self._results.issuperset(block.nodes)
            if block not in self.names and (is_result or definition.size > LONGEST):
                self.names[block] = Factor("name", "u", sum(name.parts[0] == "u" for name in self.names.values()) + 1)
            if block in self.names:
                name = self.names[block]
                yield name, definition, self.tags.get(block, "")
                if name.parts[0] == "delta" and is_result:  # what the biases get is δ itself
                    yield Factor("name", "db", name.parts[1]), Expression.of(name), "BP3"

    # Names

    def _name_layers(self) -> None:
        """W, z and a of each layer; a₀ and the other inputs."""
        users: dict[Block, list[Block]] = {}
        for block in self.found.blocks:
            for maker in {self.block_of[a] for a in block.operands if a in self.block_of}:
                users.setdefault(maker, []).append(block)
        for block in self.found.blocks:
            if not isinstance(block, Product) or self._weights(block) is not None:
                continue
            sums = [user for user in users.get(block, []) if self._only_adds(user, block)]
            z = sums[0] if sums else block
            sides = self._new_weights(block, z)
            if sides is not None:
                matrix, vectors = sides
                is_second = z in self.names
                if not is_second:
                    self.layers += 1
                    self.names[z] = Factor("name", "z", self.layers)
                of_layer = self.names[z].parts[1]
                self.matrices[_set(matrix)] = "U" if is_second else "W", of_layer, {tuple(row) for row in matrix}
                self._name_inputs(vectors, "a" if self.layers == 1 else "x")
                self._name_biases(z)
                self._name_activation(z, users)

    def _only_adds(self, user: Block, product: Block) -> bool:
        """Whether `user` adds inputs, constants and other products of matrices to a product, and no more."""
        if not isinstance(user, Map) or user.formula.op not in (None, ADD):
            return False
        others = [column for column in user.columns if column != product.nodes]
        makers = [self.block_of.get(column[0]) for column in others]
        is_sum = all(count == 1 for _, count in user.formula.terms)
        is_once = len(others) == len(user.columns) - 1
        return is_sum and is_once and not any(isinstance(maker, Map) for maker in makers)

    def _weights(self, product: Product) -> tuple[list[list[int]], list[list[int]]] | None:
        """The side that is a known W, and the side of vectors."""
        for matrix, vectors in ((product.right, product.left), (product.left, product.right)):
            if _set(matrix) in self.matrices:
                return matrix, vectors
        return None

    def _new_weights(self, product: Product, z: Block) -> tuple[list[list[int]], list[list[int]]] | None:
        """The same for a matrix of inputs that is not known yet. If both sides are such matrices, W is the one with a
        row for every bias."""
        if product.role == "sum" or (product.role is None and len(product.left[0]) == 1):
            return None
        sides = [(product.right, product.left), (product.left, product.right)]
        found = [side for side in sides if self._is_matrix_of_inputs(side[0])]
        columns = z.columns if isinstance(z, Map) else []
        biases = {len(set(column)) for column in columns if all(map(self._is_parameter, column))}
        return next((side for side in found if len(side[0]) in biases), found[0] if found else None)

    def _is_matrix_of_inputs(self, matrix: list[list[int]]) -> bool:
        nodes = [a for row in matrix for a in row]
        is_new = _set(matrix) not in self.names and len(set(nodes)) == len(nodes)
        return len(matrix) > 1 and is_new and all(map(self._is_parameter, nodes))

    def _is_parameter(self, a: int) -> bool:
        node = self.found.node(a)
        return isinstance(node, Input) and node.axis is None

    def _name_inputs(self, vectors: list[list[int]], letter: str) -> None:
        nodes = _set(vectors)
        if nodes not in self.names and all(isinstance(self.found.node(a), Input) for a in nodes):
            self.names[nodes] = Factor("name", letter, 0)

    def _name_biases(self, z: Block) -> None:
        columns = z.columns if isinstance(z, Map) else []
        found = [column for column in columns if all(map(self._is_parameter, column))]
        for column in found[:1]:
            self.names.setdefault(frozenset(column), Factor("name", "b", self.layers))

    def _name_activation(self, z: Block, users: dict[Block, list[Block]]) -> None:
        """The first function of z alone is a: the others belong to derivatives, which come later."""
        own = [user for user in users.get(z, []) if self._is_function_of(user, z)]
        if own:
            first = min(own, key=lambda block: block.nodes[0])
            self.activation_of[z] = first
            self.names[first] = Factor("name", "a", self.names[z].parts[1])

    def _is_function_of(self, block: Block, z: Block) -> bool:
        """Whether it is f(z), or f(z, 0.01), for a function that is written as one."""
        op = block.formula.op if isinstance(block, Map) else None
        if op is None or op is NEG or not (op.is_unary or is_called(op)) or op in COMPARISONS:
            return False
        others = [column for column in block.columns if column != z.nodes]  # type: ignore[attr-defined]  # a Map
        constants = [isinstance(self.found.node(a), Constant) for column in others for a in column]
        return len(others) == len(op.input_names) - 1 and all(constants)

    def _name_errors(self) -> None:
        """δ: what is multiplied with the inputs of a layer to make an array of the shape of its W."""
        layer_of: dict[Any, int] = {}
        for nodes, (letter, layer, rows) in self.matrices.items():
            if letter == "W":
                layer_of[len(rows), len(nodes) // len(rows), self._inputs_of_layer(nodes)] = layer
        self._errors: dict[int, Block] = {}
        self._results = {i for out in self.found.program.outputs for i in self.found.sources(out.node)}
        for block in self.found.blocks:
            if not isinstance(block, Product) or block.is_plain_sum or self._weights(block) is not None:
                continue
            sides = [self._side(block, 0), self._side(block, 1)]
            for (n, d), (m, a) in (sides, sides[::-1]):
                found = layer_of.get((n, m, a))
                if found is not None and isinstance(d, Block) and self._results.issuperset(block.nodes):
                    if d not in self.names:
                        self.names[d] = Factor("name", "delta", found)
                        self._errors[found] = d
                        self.tags[d] = "BP1" if found == self.layers else "BP2"
                    self.names[block] = Factor("name", "dW", found)
                    self.tags[block] = "BP4"
                    break
        for block in self.found.blocks:
            if isinstance(block, Product) and block.is_plain_sum and self._results.issuperset(block.nodes):
                for layer, delta in self._errors.items():
                    if self._side(block, 1)[1] is delta:
                        self.names[block] = Factor("name", "db", layer)
                        self.tags[block] = "BP3"

    def _side(self, product: Product, k: int) -> tuple[int, Any]:
        """How many numbers of one sample the vectors on a side have, and what array they are."""
        rows = product.right if k else product.left
        return len(rows), self._array([a for row in rows for a in row])

    def _inputs_of_layer(self, matrix: frozenset[int]) -> Any:
        for block in self.found.blocks:
            weights = self._weights(block) if isinstance(block, Product) else None
            if weights is not None and _set(weights[0]) == matrix:
                return self._array([a for row in weights[1] for a in row])
        return None

    def _array(self, nodes: Sequence[int]) -> Any:
        """The block that these nodes are, or the set of inputs."""
        block = self.block_of.get(nodes[0])
        if block is not None:
            return block if set(nodes) == set(block.nodes) else None
        return frozenset(nodes)

    # Expressions

    def expression(self, nodes: Sequence[int]) -> Expression:
        """An array of nodes, by its name or written out."""
        if nodes[0] == ONE:
            return Expression.number(1.0)
        array = self._array(nodes)
        if array in self.names:
            return Expression.of(self.names[array])
        if isinstance(array, Block):
            return self.definition(array)
        node = self.found.node(nodes[0])
        if isinstance(node, Constant):
            return Expression.number(node.value)
        if isinstance(node, Input):
            return Expression.of(Factor("given", (node.name or "x").split("[")[0].split("/")[-1]))
        if len(set(nodes)) == 1 and nodes[0] in self._alone:  # a single number, the same for all
            formula = self.found.formula_of(nodes[0])
            operands = [self.expression([self.found.base(a)]) for a in formula.operands]
            if formula.op is not None and all(operand.terms.keys() <= {()} for operand in operands):
                written = applied(formula.op, operands)
                if written.terms.keys() <= {()}:
                    return written
        self.others.update(nodes)
        return Expression.of(Factor("name", f"v{nodes[0]}", ""))

    def definition(self, block: Block) -> Expression:
        """What a block is computed from."""
        if block not in self._written:
            written = self._of_product(block) if isinstance(block, Product) else self._of_map(block)  # type: ignore[arg-type]  # a Map
            self._written[block] = self._with_derivatives(written)
        return self._written[block]

    def _of_product(self, product: Product) -> Expression:
        left, right = ([a for row in side for a in row] for side in (product.left, product.right))
        if product.is_plain_sum:
            found = Expression.of(Factor("total", self.expression(right)))
        elif (weights := self._weights(product)) is not None:
            matrix, vectors = weights
            letter, layer, rows = self.matrices[_set(matrix)]
            is_transposed = {tuple(row) for row in matrix} != rows
            vector = self.expression([a for row in vectors for a in row])
            found = Expression.of(Factor("matrix", letter, layer, is_transposed, vector))
        else:
            first, second = self.expression(left), self.expression(right)
            if self._array(right) in self._errors.values():
                first, second = second, first
            found = Expression.of(Factor("outer", first, second))
        return found.times(product.sign)

    def _of_map(self, block: Map) -> Expression:
        operands = [self.expression(column) for column in block.columns]
        op = block.formula.op
        if op is None:
            total = Expression([])
            for sign, factors in block.formula.split(operands):
                term = factors[0] if len(factors) == 1 else factors[0] * factors[1]
                total = total + term.times(sign)
            return total
        return applied(op, operands)

    def _with_derivatives(self, written: Expression) -> Expression:
        for z, a in self.activation_of.items():
            op = a.formula.op  # type: ignore[attr-defined]  # a Map
            if op.is_unary:
                written = with_derivative(written, op, self.names[z], self.names[a])
        return written


def _set(matrix: Sequence[Sequence[int]]) -> frozenset[int]:
    """The nodes of a matrix, in whatever order."""
    return frozenset(a for row in matrix for a in row)
