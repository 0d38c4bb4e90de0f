"""What arrays are computed from, in terms of the names that arrays have: the right sides of the equations.

An array that is neither computed as a whole nor given as one is called u and listed, element by element. What comes
out of the program, or is long, is called u as well. Elements are those of named arrays, inputs, or steps of the program
by the names that it prints.
"""

from __future__ import annotations

from ..program import Constant, Input, Step
from .algebra import Expression, Factor, applied
from .blocks import ONE, Block, Found, Map, Product
from .naming import Namer, node_set
from .primes import with_derivative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Key: TypeAlias = tuple[int, ...]
    Rows = Sequence[Sequence[int]]

__all__ = ["Definitions"]

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
        self._keys: dict[int, tuple[Key, Key]] = {}  # by which the elements of an array are counted
        self._places: dict[Block, list[dict[Key, int]]] = {}
        self._lists: dict[tuple[tuple[int, ...], ...], Factor] = {}  # what is listed, by rows
        self._orders: dict[frozenset[int], list[int]] = {}  # in which vectors of inputs came first
        self._new_lists: list[tuple[Factor, Expression]] = []
        self._count = 0
        self._alone = set(found.alone)
        self._whole: dict[str, set[int]] = {}  # the numbers of an argument that are used
        for i in {a for node in found.program.nodes if isinstance(node, Step) for a in node.args}:
            if isinstance(node := found.node(i), Input):
                self._whole.setdefault(_argument(node), set()).add(i)
        self._has_samples = any(map(self._is_of_samples, found.blocks))

    def __iter__(self) -> Iterator[tuple[Factor, Expression, str]]:
        """Name, definition and tag of every array that has a name."""
        for letter, layer, rows in self.namer.matrices.values():
            self._list_if_mixed(Factor("name", letter, layer), rows)
        for nodes, name in self.names.items():
            if isinstance(nodes, frozenset):
                self._list_if_mixed(name, [sorted(nodes)])
        yield from self._listed()
        for block in self.found.blocks:
            self._number(block)
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
                if name.parts[0] == "delta" and is_result:  # what the biases get is δ itself
                    yield Factor("name", "db", name.parts[1]), Expression.of(name), "BP3"

    def _next_name(self) -> Factor:
        self._count += 1
        return Factor("name", "u", self._count)

    # Places: neurons are counted in the order of their weights, and what is computed from them in theirs

    def _number(self, block: Block) -> None:
        """Keys of a row and of a column for each element."""
        keys: Iterable[tuple[Key, Key]] = [((a,), ()) for a in block.nodes]
        if isinstance(block, Map):
            distinct = [column for column in block.columns if len(set(column)) == len(column)]
            keys = [self._keys.get(a, ((a,), ())) for a in distinct[0]] if distinct else keys
        elif isinstance(block, Product):
            keys = [(self._key(row), self._key(column)) for row in block.left for column in block.right]
        self._keys.update(zip(block.nodes, keys, strict=True))

    def _key(self, nodes: Sequence[int]) -> Key:
        """That of a single node, or of inputs that belong together."""
        first, second = self._keys.get(nodes[0], ((nodes[0],), ()))
        return (*first, *second) if len(nodes) == 1 else (min(nodes),)

    def _place(self, block: Block, a: int) -> tuple[int, ...]:
        """The place of an element, or its row and its column, from 1."""
        if block not in self._places:
            lines = [sorted(set(keys)) for keys in zip(*[self._keys[node] for node in block.nodes], strict=True)]
            self._places[block] = [{key: place for place, key in enumerate(line, 1)} for line in lines]
        places = zip(self._places[block], self._keys[a], strict=True)
        return tuple([counted[key] for counted, key in places if len(counted) > 1]) or (1,)

    # Lists

    def _listed(self) -> Iterator[tuple[Factor, Expression, str]]:
        new, self._new_lists = self._new_lists, []
        return iter([(name, definition, "") for name, definition in new])

    def _list_if_mixed(self, name: Factor, rows: Rows) -> None:
        """Say what a matrix or vector of inputs is, if these are of several arguments."""
        arguments = {_argument(self.found.node(a)) for row in rows for a in row}
        if len(arguments) > 1:
            self._new_lists.append((name, self._list(rows)))

    def _list(self, rows: Rows) -> Expression:
        """Element by element, row by row."""
        return Expression.of(Factor("list", *[tuple([self.element(a) for a in row]) for row in rows]))

    def _name_of_list(self, rows: Rows) -> Factor:
        is_vector = len(rows) == 1 or len(rows[0]) == 1
        key = tuple([tuple(row) for row in ([[a for row in rows for a in row]] if is_vector else rows)])
        if key not in self._lists:
            definition = self._list(key)
            self._lists[key] = name = self._next_name()
            self._new_lists.append((name, definition))
        return self._lists[key]

    def element(self, a: int) -> Expression:
        """A single number."""
        a = self.found.base(a)
        node, block = self.found.node(a), self.block_of(a)
        if isinstance(node, Constant):
            return Expression.number(node.value)
        if isinstance(node, Input):
            return Expression.of(Factor("given", (node.name or "x").removesuffix("...")))  # one for each point
        if block is not None and block in self.names:
            return Expression.of(Factor("element", self.names[block], *self._place(block, a)))
        if node is None or a in self._alone:
            formula = self.found.formula_of(a)
            operands = [self.found.node(self.found.base(x)) for x in formula.operands]
            if node is None or all(isinstance(x, Constant) for x in operands):
                return self._computed(formula.op, formula, [self.element(x) for x in formula.operands])
        if block is None:
            self.steps[a] = None
        else:
            self.missing[block] = None
        return Expression.of(Factor("step", self.found.program.names[a]))

    def block_of(self, a: int) -> Block | None:
        """The array that a node is an element of."""
        return self.namer.block_of.get(a)

    # Expressions

    def vector(self, rows: Rows) -> Expression:
        """Numbers, by the name of their array or written out; one number for all elements stays one.

        Where a loop over samples was found, which are matrices then, names do not say for which sample: b stands for
        one b for each.
        """
        nodes = [a for row in rows for a in row]
        if nodes[0] == ONE:
            return Expression.number(1.0)
        if len(set(nodes)) == 1 and self.block_of(nodes[0]) is None:
            return self.element(nodes[0])
        array = self.namer.array(nodes)
        if isinstance(array, Block):
            if self._has_samples or _turned(rows, [array.nodes]) is not None:
                return Expression.of(self.names[array]) if array in self.names else self.definition(array)
        elif array in self.names and self._is_in_order(rows):
            return Expression.of(self.names[array])
        return Expression.of(self._argument_of(rows) or self._name_of_list(rows))

    def _is_of_samples(self, block: Block) -> bool:
        """Whether a layer is applied to several vectors at once."""
        weights = self.namer.weights(block) if isinstance(block, Product) else None
        return weights is not None and len(weights[1]) > 1

    def _turned(self, rows: Rows, own: Rows) -> bool | None:
        """The same as below; a loop over samples has rows in some order."""
        if not self._has_samples:
            return _turned(rows, own)
        return {tuple(row) for row in rows} != {tuple(row) for row in own}

    def _is_in_order(self, rows: Rows) -> bool:
        """Whether inputs come in the order in which they came first: names of vectors do not say one."""
        if self._has_samples:
            return True
        key = node_set(rows)
        first = self._orders.setdefault(key, [a for row in rows for a in row])
        return len(first) == len(key) and _turned(rows, [first]) is not None

    def matrix(self, rows: Rows) -> Factor:
        """The same of a matrix: a name, which may be transposed."""
        for nodes, (letter, layer, own) in self.namer.matrices.items():
            if nodes == node_set(rows) and (turned := self._turned(rows, own)) is not None:
                return Factor("array", Factor("name", letter, layer), turned)
        block = self.block_of(rows[0][0])
        if block in self.names and (turned := self._turned(rows, block.rows)) is not None:  # type: ignore[union-attr]  # it has a name
            return Factor("array", self.names[block], turned)
        if (given := self._argument_of(rows)) is not None:
            return Factor("array", given, bool(_turned(rows, [self._orders.get(node_set(rows), [])])))
        return Factor("array", self._name_of_list(rows), False)

    def _argument_of(self, rows: Rows) -> Factor | None:
        """The argument that is these numbers and no others, always in the same order."""
        nodes = [a for row in rows for a in row]
        inputs = [self.found.node(a) for a in nodes]
        if not all(isinstance(node, Input) for node in inputs):
            return None
        name = _argument(inputs[0])
        return Factor("given", name) if self._whole[name] == set(nodes) and self._is_in_order(rows) else None

    def definition(self, block: Block) -> Expression:
        """What a block is computed from."""
        if block not in self._written:
            written = self._of_product(block) if isinstance(block, Product) else self._of_map(block)  # type: ignore[arg-type]  # a Map
            self._written[block] = self._with_derivatives(written)
        return self._written[block]

    def _of_product(self, product: Product) -> Expression:
        if product.is_plain_sum:
            found = Factor("total", self.vector(product.right))
        elif (weights := self.namer.weights(product)) is not None:
            matrix, vectors = weights
            found = Factor("matrix", self.matrix(matrix), self.vector(vectors))
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
            return Factor("times", self.matrix(left), self.matrix(right))
        if is_left_matrix or is_right_matrix:
            matrix, vectors = (left, right) if is_left_matrix else (right, left)
            return Factor("matrix", self.matrix(matrix), self.vector(vectors))
        first, second = self.vector(left), self.vector(right)
        if len(left[0]) > 1 and not self._has_samples:
            return Factor("inner", first, second)
        if self.namer.array([a for row in right for a in row]) in self.namer.errors.values():
            first, second = second, first
        return Factor("outer", first, second)

    def _of_map(self, block: Map) -> Expression:
        return self._computed(block.formula.op, block.formula, [self.vector([column]) for column in block.columns])

    def _computed(self, op: Any, formula: Any, operands: list[Expression]) -> Expression:
        if op is not None:
            return applied(op, operands)
        total = Expression([])
        for sign, factors in formula.split(operands):
            term = factors[0] if len(factors) == 1 else factors[0] * factors[1]
            total = total + term.times(sign)
        return total

    def _with_derivatives(self, written: Expression) -> Expression:
        for z, a in self.namer.activation_of.items():
            op = a.formula.op  # type: ignore[attr-defined]  # a Map
            if op.is_unary:
                written = with_derivative(written, op, self.names[z], self.names[a])
        return written


def _argument(node: Input) -> str:
    """What a number was given as a part of: an argument, or a layer."""
    name = node.name or "x"
    return name.split("/")[0] if "/" in name else name.split("[")[0]


def _turned(rows: Rows, own: Rows) -> bool | None:
    """Whether an array is another one transposed; None if it is neither that nor the other one itself."""
    numbers = [a for row in own for a in row]
    if [a for row in rows for a in row] == numbers:
        return False
    return True if [a for column in zip(*rows, strict=True) for a in column] == numbers else None
