"""The lectures' names of arrays: W, z and a of a layer, δ of its errors.

Names follow from the structure alone. A matrix of inputs that multiplies a vector is W, and makes a layer; the sum of
this product and others is z, a function of z is a; the array that makes with the layer's inputs an array of W's shape
is δ. Everything else is written out in terms of these; long expressions and results are u. In a batch a vector stands
for a matrix with a column for each sample.
"""

from __future__ import annotations

from itertools import permutations

from ...jit.ir.program import Constant, Input
from ...jit.plan.blocks import Block, Found, Map, Product
from ...ops import TABLE
from ...ops.selection import COMPARISONS
from ..algebra.expressions import Name
from ..notation.operations import is_called
from .products import as_product, is_captured, is_elementwise_product, is_sum_of_squares
from .reals.derivatives import Derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ...op import Op

__all__ = ["Namer"]

ADD, MUL, NEG = TABLE["add"], TABLE["mul"], TABLE["neg"]


SAMPLES = {
    **{"z": ("Z", "1"), "a": ("A", "2"), "p": ("P", "2"), "delta": ("dZ", "3")},
    **{"dW": ("dW", "4"), "db": ("db", "5")},
}
"""What matrices with a column for each sample are called instead, and the numbers of their equations."""


class Namer:
    """The names of arrays: ``names`` of blocks and vectors of inputs, ``matrices``, ``tags`` of equations.

    `probabilities` is the op whose values are the probabilities p of an error p - y, None without them.
    """

    def __init__(self, found: Found, probabilities: Op | None = None) -> None:
        self.found = found
        self.block_of = {i: block for block in found.blocks for i in block.nodes}
        self.names: dict[Any, Name] = {}  # of blocks, and of vectors of inputs by the set of their nodes
        self.matrices: dict[frozenset[int], tuple[str, int, list[list[int]]]] = {}  # nodes -> name, layer, rows
        self.vectors: dict[frozenset[int], Sequence[Sequence[int]]] = {}  # of inputs that have names, one or several
        self.layers = 0
        self.activation_of: dict[Block, Map] = {}
        self.tags: dict[Block, str] = {}
        self.results = {i for out in found.program.outputs for i in found.sources(out.node)}
        self._users: dict[Block, list[Block]] = {}
        for block in found.blocks:
            for maker in {self.block_of[a] for a in block.operands if a in self.block_of}:
                self._users.setdefault(maker, []).append(block)
        self._name_layers()
        self._name_errors()
        self._name_probabilities(probabilities)

    # Names

    def _name_layers(self) -> None:
        """Name W, z and a of each layer, and a₀; other inputs keep the names that they were given."""
        users = self._users
        for block in self.found.blocks:
            if not isinstance(block, Product) or self.weights(block) is not None:
                continue
            sums = [user for user in users.get(block, []) if self._only_adds(user, block)]
            z = sums[0] if sums else block
            sides = self._new_weights(block, z)
            if sides is not None:
                matrix, vectors = sides
                is_second = z in self.names
                if not is_second:
                    self.layers += 1
                    self.names[z] = Name("z", self.layers)
                of_layer = self.names[z].number or 0
                self.matrices[node_set(matrix)] = "U" if is_second else "W", of_layer, matrix
                if self.layers == 1:
                    self._name_inputs(vectors)
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

    def weights(self, product: Product) -> tuple[list[list[int]], list[list[int]]] | None:
        """The side of a product that is a known W, and the side of vectors, or None."""
        sides = ((product.right, product.left), (product.left, product.right))
        for matrix, vectors in () if is_sum_of_squares(product) else sides:
            *_, own = self.matrices.get(node_set(matrix), [()])
            if own and sorted([len(matrix), len(matrix[0])]) == sorted([len(own), len(own[0])]):
                return matrix, vectors
        return None

    def _new_weights(self, product: Product, z: Block) -> tuple[list[list[int]], list[list[int]]] | None:
        """The side of a product that is a new W, and the side of vectors, or None.

        If both sides are matrices of inputs, W is the one with a row for every bias.
        """
        if product.role == "sum":
            return None
        sides = [(product.right, product.left), (product.left, product.right)]
        learned = [side for side in sides if self._is_matrix_of_inputs(side[0]) and self._is_learned(*side)]
        if len(learned) == 1:
            return learned[0]
        candidates = [side for side in sides if self._is_matrix_of_inputs(side[0]) and self._may_be_weights(side, z)]
        return next(
            (side for side in candidates if any([_is_repeated(bias, product, side[0]) for bias in self._biases(z)])),
            candidates[0] if candidates else None,
        )

    def _is_matrix_of_inputs(self, matrix: list[list[int]]) -> bool:
        nodes = [a for row in matrix for a in row]
        is_new = node_set(matrix) not in self.names and len(set(nodes)) == len(nodes)
        return is_new and all(map(self._is_parameter, nodes))

    def _may_be_weights(self, side: tuple[list[list[int]], list[list[int]]], z: Block) -> bool:
        """Whether a matrix may be W: one of a single row must be a neuron's, whose weights are captured or whose inputs
        are computed, with a bias, as any two vectors make a product."""
        matrix, vectors = side
        if len(matrix) > 1 and len(matrix[0]) > 1:
            return True
        is_of_computed = self._biases(z) != [] and not any(map(self._is_parameter, node_set(vectors)))
        are_captured = [is_captured(self.found, node_set(side)) for side in (matrix, vectors)]
        return are_captured == [True, False] or (is_of_computed and len(matrix) == 1)

    def _is_learned(self, weights: list[list[int]], inputs: list[list[int]]) -> bool:
        """Whether a result is the gradient by the weights of a single neuron for one sample: its inputs times δ."""
        gradients = [block for block in self.found.blocks if self.results.issuperset(block.nodes)]
        sides: list[list[list[int]]] = []
        for block in gradients:
            if isinstance(block, Map) and is_elementwise_product(block):
                sides.append(block.columns)
            elif isinstance(block, Product) and len(block.left[0]) == 1:
                sides.append([[a for row in side for a in row] for side in (block.left, block.right)])
        is_single = len(weights) == len(inputs) == 1
        return is_single and any([inputs[0] in pair and min(len(set(side)) for side in pair) == 1 for pair in sides])

    def _is_parameter(self, a: int) -> bool:
        node = self.found.node(a)
        return isinstance(node, Input) and node.axis is None

    def _name_inputs(self, vectors: list[list[int]]) -> None:
        nodes = node_set(vectors)
        is_new = nodes not in self.names and nodes not in self.matrices
        if is_new and all([isinstance(self.found.node(a), Input) for a in nodes]):
            self.names[nodes] = Name("a", 0)
            self.vectors[nodes] = vectors

    def _biases(self, z: Block) -> list[list[int]]:
        """The operands of a sum z that are inputs."""
        columns = z.columns if isinstance(z, Map) else []
        return [column for column in columns if all(map(self._is_parameter, column))]

    def _name_biases(self, z: Block) -> None:
        for column in self._biases(z)[:1]:
            self.names.setdefault(frozenset(column), Name("b", self.layers))
            self.vectors.setdefault(frozenset(column), [column])

    def _name_activation(self, z: Block, users: dict[Block, list[Block]]) -> None:
        """Name a, the first function of z alone; the others belong to derivatives, which come later."""
        own = [user for user in users.get(z, []) if isinstance(user, Map) and self._is_function_of(user, z)]
        if own:
            first = min(own, key=lambda block: block.nodes[0])
            self.activation_of[z] = first
            self.names[first] = Name("a", self.names[z].number)

    def _is_function_of(self, block: Map, z: Block) -> bool:
        """Whether a map is f(z), or f(z, 0.01), for an op that is written as a function."""
        op = block.formula.op
        if (
            op is None
            or op is NEG
            or isinstance(op, Derivative)
            or not (op.is_unary or is_called(op))
            or op in COMPARISONS
        ):
            return False
        others = [column for column in block.columns if column != z.nodes]
        constants = [isinstance(self.found.node(a), Constant) for column in others for a in column]
        return len(others) == len(op.input_names) - 1 and all(constants)

    def _name_errors(self) -> None:
        """Name δ, the array that makes with the inputs of a layer an array of W's shape, and the gradients it makes."""
        layer_of: dict[Any, int] = {}
        for nodes, (letter, layer, rows) in self.matrices.items():
            if letter == "W":
                layer_of[len(rows), len(nodes) // len(rows), self._inputs_of_layer(nodes)] = layer
        self.errors: dict[int, Block] = {}
        for k, block in enumerate(self.found.blocks):
            for product, (n, d), (m, a) in self._outer_products(block):
                number = layer_of.get((n, m, a))
                gradient = self._gradient(block, product) if number is not None and self._is_error(d) else None
                if number is not None and gradient is not None:
                    if d not in self.names:
                        self.names[d] = Name("delta", number)
                        self.errors[number] = d
                        self.tags[d] = "BP1" if number == self.layers and not self._has_a_neuron_behind() else "BP2"
                    self.names[gradient] = Name("dW", number)
                    self.tags[gradient] = "BP4"
                    self._put(k, product)
                    break
        for layer, delta in self.errors.items():
            for block in [delta, *self._users.get(delta, [])]:
                is_sum = isinstance(block, Product) and block.is_plain_sum
                gradient = self._gradient(block, block) if is_sum or block is delta else None
                if gradient is not None and gradient not in self.names:
                    self.names[gradient] = Name("db", layer)
                    self.tags[gradient] = "BP3"

    def _gradient(self, block: Block, made: Block) -> Block | None:
        """The result that is `made` of a block, or is that plus something else, a penalty's gradient; None without."""
        if self.results.issuperset(block.nodes):
            return made
        makers = (
            [self.block_of[a] for a in block.operands if a in self.block_of] if block in self.errors.values() else []
        )
        for user in [user for maker in dict.fromkeys([block, *makers]) for user in self._users.get(maker, [])]:
            if isinstance(user, Map) and self.results.issuperset(user.nodes) and user not in self.names:
                terms = (
                    [(1.0, [c]) for c in user.columns] if user.formula.op is ADD else user.formula.split(user.columns)
                )
                if any([sign > 0.0 and self.array_of(columns) is block for sign, columns in terms]):
                    return user
        return made if self._moves_weights(block) else None

    def _moves_weights(self, block: Block) -> bool:
        """Whether weights are changed by a block, or by a multiple of it, as in W - η ∂C/∂W."""
        users = self._users.get(block, [])
        users = [*users, *[other for user in users for other in self._users.get(user, [])]]
        columns = [set(column) for user in users if isinstance(user, Map) for column in user.columns]
        return any([matrix in columns and len(matrix) == len(block.nodes) for matrix in self.matrices])

    def array_of(self, columns: Sequence[Sequence[int]]) -> Block | None:
        """The array that is a term of a sum, given by one column or by the two columns that it is the product of."""
        if len(columns) == 1:
            found = self.array(columns[0])
            return found if isinstance(found, Block) else None
        makers = [block for a in (0, 1) for block in [self.block_of.get(columns[a][0])] if block is not None]
        alike = [user for maker in makers for user in self._users.get(maker, []) if isinstance(user, Map)]
        return next(
            (user for user in alike if user.formula.op is MUL and user.columns == list(map(list, columns))), None
        )

    def _outer_products(self, block: Block) -> Iterator[tuple[Product, tuple[int, Any], tuple[int, Any]]]:
        """The products δ aᵀ that a block may be, with the length of δ and a and the arrays that they are.

        An outer product has its rows in place; in a loop over samples either side may come first. With a single neuron
        or a single input it is a mere multiplication, element by element.
        """
        if isinstance(block, Product):
            if not block.is_plain_sum and self.weights(block) is None:
                sides = [self._side(block, 0), self._side(block, 1)]
                yield (block, sides[0], sides[1])
                if len(block.left[0]) > 1 or block.role == "sum":
                    yield (block, sides[1], sides[0])
        elif isinstance(block, Map) and is_elementwise_product(block):
            for product in (as_product(block, 0), as_product(block, 1)):
                if product is not None:
                    yield (product, self._side(product, 0), self._side(product, 1))

    def _put(self, k: int, block: Block) -> None:
        """Put a block in the place of the one that is the same in another form."""
        self.found.blocks[k] = block
        self.block_of.update(dict.fromkeys(block.nodes, block))

    def _name_probabilities(self, kind: Op | None) -> None:
        """Name p, the softmax or σ of the last layer where its error is p - y."""
        for block in self.found.blocks[::-1] if kind is not None else ():
            if isinstance(block, Map) and block.formula.op is kind:
                self.names[block] = Name("p")
                z = self.block_of.get(block.columns[0][0])
                other = self.activation_of.get(z) if z is not None else None
                if other not in (None, block):  # log p, or another part of the cost
                    self.names.pop(other, None)
                return

    def name_samples(self, inputs: str) -> None:
        """Name the matrices with a column for each sample: Z, A and the gradients dZ, dA, with their tags.

        Those of the inputs are X, or A0, by the letter `inputs`.
        """
        for key, name in self.names.items():
            if name == Name("a", 0):
                self.names[key] = Name(inputs, 0 if inputs == "A" else None)
            elif name.letter in SAMPLES:
                letter, tag = SAMPLES[name.letter]
                self.names[key] = Name(letter, name.number)
                self.tags[key] = tag
        for block in self.found.blocks:
            weights = self.weights(block) if isinstance(block, Product) else None
            if weights is not None and (delta := self.array([a for row in weights[1] for a in row])) in self.names:
                name = self.names[delta]
                if name.letter == "dZ" and name.number and block not in self.names:
                    self.names[block] = Name("dA", name.number - 1)
                    self.tags[block] = "6"

    def _has_a_neuron_behind(self) -> bool:
        """Whether the last layer with a matrix is followed by one that has a single neuron, w · a."""
        z = next(block for block, name in self.names.items() if name == Name("z", self.layers))
        outputs = set(self.activation_of.get(z, z).nodes)
        products = [block for block in self.found.blocks if isinstance(block, Product) and len(block.nodes) == 1]
        pairs = [pair for block in products for pair in permutations((block.left[0], block.right[0]))]
        return any([set(a) == outputs and all(map(self._is_parameter, w)) for a, w in pairs])

    def _is_error(self, d: Any) -> bool:
        """Whether an array may be a δ, the derivative by a z: one that is a z, or an a, is hardly that as well."""
        return isinstance(d, Block) and (d not in self.names or d in self.errors.values())

    def _side(self, product: Product, k: int) -> tuple[int, Any]:
        """The length of the vectors on a side of a product, one for each sample, and the array that they are."""
        rows = product.right if k else product.left
        return len(rows), self.array([a for row in rows for a in row])

    def _inputs_of_layer(self, matrix: frozenset[int]) -> Any:
        for block in self.found.blocks:
            weights = self.weights(block) if isinstance(block, Product) else None
            if weights is not None and node_set(weights[0]) == matrix:
                return self.array([a for row in weights[1] for a in row])
        return None

    def array(self, nodes: Sequence[int]) -> Any:
        """The block that these nodes are, or the set of them if they are inputs; None for a part of a block."""
        block = self.block_of.get(nodes[0])
        if block is not None:
            return block if set(nodes) == set(block.nodes) else None
        return frozenset(nodes)


def node_set(matrix: Sequence[Sequence[int]]) -> frozenset[int]:
    """The nodes of a matrix as a set."""
    return frozenset(a for row in matrix for a in row)


def _is_repeated(bias: Sequence[int], product: Product, matrix: list[list[int]]) -> bool:
    """Whether a bias has a number for each row of the matrix, the same for all vectors."""
    width = product.shape[1]
    rows = [tuple(bias[i : i + width]) for i in range(0, len(bias), width)]
    of_each_vector = rows if matrix is product.right else list(zip(*rows, strict=True))
    return len(set(of_each_vector)) == 1 and len(set(of_each_vector[0])) == len(matrix)
