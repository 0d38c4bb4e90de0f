"""The equations of what was found, in the lectures' notation: z = W a + b, δ = (Wᵀ δ) ⊙ σ'(z), ∂C/∂W = δ aᵀ.

Names follow from the structure alone. A matrix of inputs that multiplies a vector is W, and makes a layer; what is
added up with the product is z, its function a; what is multiplied with the layer's inputs to make an array of W's
shape is δ. Everything else is written out in terms of these. In a batch a vector stands for a matrix with a column for
each sample.
"""

from __future__ import annotations

from functools import lru_cache

from ...ops import TABLE
from ..laneops import ENTERING
from ..program import Constant, Input, Program, Step
from .algebra import Expression, Factor
from .blocks import ONE, Block, Found, Map, Product
from .find import ALL, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ...op import Op

__all__ = ["Equation", "Equations", "equations"]

ADD, SUB, MUL, NEG, WHERE = (TABLE[name] for name in ("add", "sub", "mul", "neg", "where"))


LONGEST = 30
"""Factors in what is written out; longer ones get names."""


class Equation:
    """``name`` = ``expression``; ``tag`` is BP1 to BP4 where it is one of those, else empty."""

    def __init__(self, name: Factor, expression: Expression, tag: str) -> None:
        self.name, self.expression, self.tag = name, expression, tag

    def __str__(self) -> str:
        text = f"{TEXT.factor(self.name)} = {TEXT.expression(self.expression)}"
        return f"{text:<47} ({self.tag})" if self.tag else text

    @property
    def latex(self) -> str:
        """As a line of an ``align`` environment."""
        tag = rf" \tag{{{self.tag}}}" if self.tag else r" \notag"
        return rf"{LATEX.factor(self.name)} &= {LATEX.expression(self.expression)}{tag} \\"


class Equations:
    """All equations of a program, in the order of their computation. ``str`` gives text, ``latex`` LaTeX."""

    def __init__(self, lines: Sequence[Equation], alone: int) -> None:
        self.lines, self.alone = list(lines), alone

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        if not self.lines:
            return "no products of matrices were found"
        rest = f"and {self.alone} single step{'s' * (self.alone != 1)}" if self.alone else ""
        return "\n".join([*map(str, self.lines), *[rest] * bool(rest)])

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """An ``align`` environment."""
        return "\n".join([r"\begin{align}", *[line.latex for line in self.lines], r"\end{align}"])

    def _repr_latex_(self) -> str:
        return self.latex


def equations(program: Program) -> Equations:
    """What was found in a program, all matrices however small."""
    found = find(program, ALL)
    return Equations([], len(program.steps)) if found is None else _Namer(found).equations()


class _Namer:
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
        self._alone = set(found.alone)
        self._name_layers()
        self._name_errors()

    def equations(self) -> Equations:
        """The lines, and what is left."""
        lines = []
        for block in self.found.blocks:
            definition = self.definition(block)
            if block not in self.names and definition.size > LONGEST:
                self.names[block] = Factor("name", "v", sum(name.parts[0] == "v" for name in self.names.values()) + 1)
            if block in self.names:
                name = self.names[block]
                lines.append(Equation(name, definition, self.tags.get(block, "")))
                is_result = self._results.issuperset(block.nodes)
                if name.parts[0] == "delta" and is_result:  # what the biases get is δ itself
                    lines.append(Equation(Factor("name", "db", name.parts[1]), Expression.of(name), "BP3"))
        return Equations(lines, len(self.found.alone))

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
        own = [u for u in users.get(z, []) if isinstance(u, Map) and u.columns == [z.nodes] and u.formula.op is not NEG]
        of_one = [u for u in own if u.formula.op is not None]
        if of_one:
            first = min(of_one, key=lambda block: block.nodes[0])
            self.activation_of[z] = first
            self.names[first] = Factor("name", "a", self.names[z].parts[1])

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
            return Expression.of(Factor("name", (node.name or "x").split("[")[0].split("/")[-1], ""))
        if len(set(nodes)) == 1 and nodes[0] in self._alone:  # a single number, the same for all
            formula = self.found.formula_of(nodes[0])
            operands = [self.expression([self.found.base(a)]) for a in formula.operands]
            if formula.op is not None and all(operand.terms.keys() <= {()} for operand in operands):
                written = _applied(formula.op, operands)
                if written.terms.keys() <= {()}:
                    return written
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
        return _applied(op, operands)

    def _with_derivatives(self, written: Expression) -> Expression:
        """σ(z) σ(-z) as σ'(z): the factors that an op's own rule gives for its derivative."""
        for z, a in self.activation_of.items():
            op = a.formula.op  # type: ignore[attr-defined]  # a Map
            derivative = _derivative(op)
            if derivative is not None:
                at_z = _at(derivative, Expression.of(self.names[z]))
                named = _named(at_z, Factor("apply", op.label, Expression.of(self.names[z])), self.names[a])
                written = written.with_factors(named, Factor("prime", op.label, Expression.of(self.names[z])))
        return written


def _set(matrix: Sequence[Sequence[int]]) -> frozenset[int]:
    """The nodes of a matrix, in whatever order."""
    return frozenset(a for row in matrix for a in row)


def _applied(op: Op, operands: Sequence[Expression]) -> Expression:
    if op is ADD:
        return operands[0] + operands[1]
    if op is SUB:
        return operands[0] + operands[1].times(-1.0)
    if op is MUL:
        return operands[0] * operands[1]
    if op is NEG:
        return operands[0].times(-1.0)
    if op is WHERE and operands[2].terms in ({(): 0.0}, {}):
        return operands[1] * operands[0]  # a truth is 1 or 0
    return Expression.of(Factor("apply", op.label, *operands))


X = Factor("name", "x", "")


@lru_cache(maxsize=64)
def _derivative(op: Op) -> Expression | None:
    """The derivative of an op of one input at x, as its rule has it; None if that is no product."""
    from ...transforms import grad
    from ...value import Value
    from ..simplify import simplify
    from ..trace import Trace

    x = Value(0.5)
    trace = Trace({x: Input("x", 0, 0)}, [])
    with trace:
        result = grad(op)(x)
    program = simplify(trace.program([(result, 0, 0, 0, None)]))
    written: list[Expression] = []
    for node in program.nodes:
        if isinstance(node, Step):
            if node.op in ENTERING:
                return None
            written.append(_applied(node.op, [written[a] for a in node.args]))
        else:
            written.append(Expression.of(X) if isinstance(node, Input) else Expression.number(node.value))
    found = written[program.outputs[0].node]
    return found if len(found.terms) == 1 and next(iter(found.terms)) else None


def _at(expression: Expression, x: Expression) -> Expression:
    """`expression` with another expression in place of x."""
    total = Expression([])
    for factors, number in expression.terms.items():
        term = Expression.number(number)
        for factor in factors:
            term = term * (x if factor == X else Expression.of(_factor_at(factor, x)))
        total = total + term
    return total


def _factor_at(factor: Factor, x: Expression) -> Factor:
    return Factor(factor.kind, *[_at(part, x) if isinstance(part, Expression) else part for part in factor.parts])


def _named(expression: Expression, factor: Factor, name: Factor) -> Expression:
    """`expression` with a name in place of a factor."""
    return Expression(
        [(tuple([name if f == factor else f for f in factors]), number) for factors, number in expression.terms.items()]
    )


class _Text:
    """How expressions look as plain text."""

    times, space = " * ", " "

    def expression(self, expression: Expression) -> str:
        """A sum."""
        if not expression.terms:
            return "0"
        parts: list[str] = []
        for factors, number in expression.terms.items():
            sign = " - " if number < 0.0 else " + "
            parts += [sign if parts else "-" if number < 0.0 else "", self.term(factors, abs(number))]
        return "".join(parts)

    def term(self, factors: Sequence[Factor], number: float) -> str:
        """A product."""
        texts = [self.factor(factor, is_alone=len(factors) == 1) for factor in sorted(factors, key=_place)]
        if number != 1.0 or not texts:
            texts.insert(0, f"{number:g}")
        return self.times.join(texts)

    def factor(self, factor: Factor, is_alone: bool = True) -> str:
        """One of them; what is not alone may need parentheses."""
        kind, parts = factor.kind, factor.parts
        if kind == "name":
            return self.name(*parts)
        if kind == "group":
            return self.parentheses(self.expression(parts[0]))
        if kind in ("apply", "prime"):
            arguments = ", ".join(map(self.expression, parts[1:]))
            return self.function(parts[0], kind == "prime") + self.parentheses(arguments)
        if kind == "total":
            return self.total(self.expression(parts[0]))
        if kind == "outer":
            text = f"{self._vector(parts[0])}{self.space}{self.transposed(self._vector(parts[1]))}"
        else:
            letter, number, is_transposed, vector = parts
            name = self.name(letter, number)
            text = f"{self.transposed(name) if is_transposed else name}{self.space}{self._vector(vector)}"
        return text if is_alone else self.parentheses(text)

    def _vector(self, vector: Expression) -> str:
        text = self.expression(vector)
        factors = next(iter(vector.terms), ())
        return text if len(vector.terms) == 1 and len(factors) == 1 and factors[0].kind == "name" else f"({text})"

    def name(self, letter: str, number: Any) -> str:
        """z1, delta2, dW1."""
        return f"{letter}{number}"

    def function(self, name: str, is_derivative: bool) -> str:
        """sigma, sigma'."""
        return {"σ": "sigma"}.get(name, name) + "'" * is_derivative

    def parentheses(self, text: str) -> str:
        """Around."""
        return f"({text})"

    def transposed(self, text: str) -> str:
        """Wᵀ."""
        return f"{text}^T"

    def total(self, text: str) -> str:
        """The sum over the samples."""
        return f"sum({text})"


class _Latex(_Text):
    """How they look in LaTeX."""

    times, space = r" \odot ", r" \, "
    letters = {"delta": r"\delta", "dW": r"\partial C / \partial W", "db": r"\partial C / \partial b"}  # noqa: RUF012

    def name(self, letter: str, number: Any) -> str:
        text = self.letters.get(letter, letter if len(letter) == 1 else rf"\mathrm{{{letter}}}")
        return text if number == "" else f"{text}^{{{number}}}"

    def function(self, name: str, is_derivative: bool) -> str:
        text = {"σ": r"\sigma"}.get(name, rf"\operatorname{{{name}}}")
        return text + "'" * is_derivative

    def transposed(self, text: str) -> str:
        return rf"{{{text}}}^{{\mathsf T}}"

    def total(self, text: str) -> str:
        return rf"\textstyle\sum {text}"

    def parentheses(self, text: str) -> str:
        return rf"\left({text}\right)"


def _place(factor: Factor) -> int:
    """Derivatives come last, as in the lectures."""
    return 1 if factor.kind == "prime" else 0


TEXT, LATEX = _Text(), _Latex()
