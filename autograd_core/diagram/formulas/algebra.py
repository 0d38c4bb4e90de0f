"""Expressions as mathematics writes them: sums of products of powers, with numbers gathered in front.

A graph says how something is computed: ``1.0 * y * -1.0 * 2.0``. What is printed is the same in normal form, -2 y.
Nothing is multiplied out: a sum that is a factor stays in its brackets.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from ...op import Op
from ...ops import TABLE
from ...value import Value
from .notation import Written, applied, number, power, product, quotient, summed, total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Factors: TypeAlias = "tuple[tuple[Atom, int], ...]"
    """What is multiplied, with exponents."""

__all__ = [
    "ONE",
    "Atom",
    "Expression",
    "Writer",
    "apply",
    "constant",
    "expression_of",
    "operand",
    "plus",
    "prime",
    "symbol",
    "times",
    "unfolded_depth",
    "unfolded_size",
]

LARGEST_DENOMINATOR = 1_000
PRIME = -1


class Atom(NamedTuple):
    """What is not taken apart: a symbol, an op applied to expressions, or a sum in brackets (with neither).

    Symbols that look alike but have different tags are different: the numbers of x and y, say, when both are 2. An op
    tagged PRIME is its derivative; a sum with a positive tag is over i = 1, ..., tag.
    """

    symbol: Written | None
    op: Op | None
    args: tuple[Expression, ...]
    tag: int = 0


class Expression(NamedTuple):
    """A sum of products: each term is a number and its factors. Without terms it is zero."""

    terms: tuple[tuple[Factors, float], ...]

    @property
    def constant(self) -> float | None:
        """The number that it is, if it is one."""
        if not self.terms:
            return 0.0
        (factors, number), *others = self.terms
        return None if factors or others else number

    @property
    def atom(self) -> Atom | None:
        """The atom that it is, if it is just one."""
        match self.terms:
            case ((((atom, 1),), 1.0),):
                return atom
        return None

    def symbols(self) -> dict[Written, None]:
        """All symbols in it, in order."""
        found: dict[Written, None] = {}
        for factors, _ in self.terms:
            for atom, _ in factors:
                found |= {atom.symbol: None} if atom.symbol is not None else {}
                for arg in atom.args:
                    found |= arg.symbols()
        return found

    def tags(self) -> set[int]:
        """Of all symbols in it."""
        found: set[int] = set()
        for factors, _ in self.terms:
            for atom, _ in factors:
                found.update([atom.tag] if atom.symbol is not None else [], *[arg.tags() for arg in atom.args])
        return found


ZERO = Expression(())
ONE = Expression((((), 1.0),))


def symbol(written: Written, tag: int = 0) -> Expression:
    """A name, or whatever stands for itself."""
    return _of(Atom(written, None, (), tag))


def prime(op: Op, x: Expression) -> Expression:
    """f'(x)."""
    return _of(Atom(None, op, (x,), PRIME))


def constant(x: float) -> Expression:
    """A number."""
    return Expression((((), x),)) if x else ZERO


def expression_of(root: Value, symbols: Mapping[Value, Expression]) -> Expression:
    """What a graph computes, from the nodes that have symbols."""
    found: dict[Value, Expression] = {}
    for node in _above(root, symbols):
        found[node] = symbols[node] if node in symbols else apply(node.op, [operand(x, found) for x in node.inputs])
    return found[root]


def unfolded_size(root: Value, symbols: Collection[Value]) -> int:
    """How many parts that has when it is written: what is used twice counts twice, all the way up."""
    sizes: dict[Value, int] = {}
    for node in _above(root, symbols):
        inputs = () if node in symbols else node.inputs
        sizes[node] = 1 + sum([sizes[x] if isinstance(x, Value) else 1 for x in inputs])
    return sizes[root]


def unfolded_depth(root: Value, symbols: Collection[Value]) -> int:
    """How many levels of brackets that may have."""
    depths: dict[Value, int] = {}
    for node in _above(root, symbols):
        inputs = () if node in symbols else node.inputs
        depths[node] = 1 + max([depths[x] for x in inputs if isinstance(x, Value)], default=0)
    return depths[root]


def _above(root: Value, symbols: Collection[Value]) -> list[Value]:
    """The root and what it was computed from, inputs first, down to the symbols."""
    order: dict[Value, None] = {}
    todo = [(root, False)]
    while todo:
        node, is_ready = todo.pop()
        if node in order:
            continue
        if is_ready or node in symbols:
            order[node] = None
            continue
        todo.append((node, True))
        todo += [(x, False) for x in reversed(node.inputs) if isinstance(x, Value) and x not in order]
    return list(order)


def operand(x: float | Value, found: Mapping[Value, Expression]) -> Expression:
    """What stands for an input of a node."""
    return found[x] if isinstance(x, Value) else constant(x)


# Arithmetic


def plus(parts: Iterable[tuple[float, Expression]]) -> Expression:
    """Expressions times numbers, added up; equal terms are put together."""
    terms: dict[Factors, float] = {}
    for scale, part in parts:
        for factors, x in part.terms:
            terms[factors] = terms.get(factors, 0.0) + scale * x
    return Expression(tuple([(factors, x) for factors, x in terms.items() if x]))


def times(parts: Iterable[Expression]) -> Expression:
    """The product; sums stay in brackets."""
    coefficient, exponents = 1.0, dict[Atom, int]()
    for part in parts:
        x, factors = _monomial(part)
        coefficient *= x
        for atom, exponent in factors:
            exponents[atom] = exponents.get(atom, 0) + exponent
    factors = tuple([(atom, exponent) for atom, exponent in exponents.items() if exponent])
    return Expression(((factors, coefficient),)) if coefficient else ZERO


def raised(base: Expression, exponent: int) -> Expression:
    """To a whole power."""
    x, factors = _monomial(base)
    if x == 0.0 and exponent <= 0:
        return _of(Atom(None, TABLE["power"], (base, constant(float(exponent)))))
    return times([Expression(((tuple([(atom, k * exponent) for atom, k in factors]), x**exponent),))])


def _monomial(expression: Expression) -> tuple[float, Factors]:
    """A number and factors; a sum becomes one factor, with a positive first term."""
    if not expression.terms:
        return 0.0, ()
    if len(expression.terms) == 1:
        factors, x = expression.terms[0]
        return x, factors
    sign = 1.0 if expression.terms[0][1] > 0.0 else -1.0
    return sign, ((Atom(None, None, (plus([(sign, expression)]),)), 1),)


def _of(atom: Atom) -> Expression:
    return Expression(((((atom, 1),), 1.0),))


def apply(op: Op, args: Sequence[Expression]) -> Expression:
    """An op's value at expressions, simplified where it is arithmetic."""
    half = len(args) // 2
    match op.name:
        case "add" | "sum":
            return plus([(1.0, a) for a in args])
        case "sub":
            return plus([(1.0, args[0]), (-1.0, args[1])])
        case "neg":
            return plus([(-1.0, args[0])])
        case "identity":
            return args[0]
        case "mean":
            return times([constant(1.0 / len(args)), plus([(1.0, a) for a in args])])
        case "mul" | "prod":
            return times(args)
        case "dot":
            return plus([(1.0, times(pair)) for pair in zip(args[:half], args[half:], strict=True)])
        case "fma":
            return plus([(1.0, times(args[:2])), (1.0, args[2])])
        case "div":
            return times([args[0], raised(args[1], -1)])
        case "reciprocal":
            return raised(args[0], -1)
        case "square":
            return raised(args[0], 2)
        case "logaddexp" | "logsumexp":
            parts = _flattened(args, ("logaddexp", "logsumexp"), -math.inf)
            if len(parts) < 2:
                return parts[0] if parts else constant(-math.inf)
            return _of(Atom(None, TABLE["logaddexp" if len(parts) == 2 else "logsumexp"], parts))
        case "hypot" | "norm":
            parts = _flattened(args, ("hypot", "norm", "abs"), 0.0)
            if len(parts) < 2:
                return _of(Atom(None, TABLE["abs"], parts)) if parts else ZERO
            return _of(Atom(None, TABLE["hypot" if len(parts) == 2 else "norm"], parts))
        case "power" if (n := args[1].constant) is not None and n.is_integer() and abs(n) < 100:
            return raised(args[0], int(n))
    return _of(Atom(None, op, tuple(args)))


def _flattened(args: Sequence[Expression], ops: Collection[str], neutral: float) -> tuple[Expression, ...]:
    """The arguments of an associative op, with those of the same op among them taken apart, and no neutral ones."""
    parts: list[Expression] = []
    for arg in args:
        atom = arg.atom
        is_same = atom is not None and atom.op is not None and atom.op.name in ops and atom.tag != PRIME
        parts += atom.args if atom is not None and is_same else [arg]
    return tuple([part for part in parts if part.constant != neutral])


# Writing


class Writer:
    """Writes expressions. ``known`` has names for ops applied to something: what stands there is called by its name."""

    def __init__(self, known: Mapping[Atom, Written]) -> None:
        self.known = known

    def __call__(self, expression: Expression) -> Written:
        """The expression as text and LaTeX."""
        return total([(1.0, self._term(factors, x)) for factors, x in expression.terms])

    def _term(self, factors: Factors, x: float) -> Written:
        """A number and factors: those with negative exponents below a line, sums with Σ behind it."""
        beside = {atom for atom, _ in factors}
        above = [self._power(atom, k, beside) for atom, k in factors if k > 0 and not _is_sum(atom)]
        below = [self._power(atom, -k, beside) for atom, k in factors if k < 0]
        behind = [self._power(atom, k, beside) for atom, k in factors if k > 0 and _is_sum(atom)]
        size, divisor = _fraction(abs(x))
        if divisor != 1.0:
            below.insert(0, number(divisor))
            if any([factor.latex.startswith(r"\frac") for factor in above]):  # no fractions in fractions
                above, behind = [], [*above, *behind]
        if size != 1.0 or not (above or (behind and not below)):
            above.insert(0, number(size))
        front = [quotient(product(above), product(below))] if below else above
        return total([(1.0 if x > 0.0 else -1.0, product([*front, *behind]))])

    def _power(self, atom: Atom, exponent: int, beside: Collection[Atom]) -> Written:
        base = self._atom(atom, beside)
        return base if exponent == 1 else power(base, number(float(exponent)))

    def _atom(self, atom: Atom, beside: Collection[Atom]) -> Written:
        if atom.symbol is not None:
            return atom.symbol
        if atom in self.known:
            return self.known[atom]
        if atom.op is TABLE["sigmoid"] and atom.tag != PRIME and atom.args[0].terms:
            opposite = atom._replace(args=(plus([(-1.0, atom.args[0])]),))
            if opposite in self.known or (opposite in beside and atom.args[0].terms[0][1] < 0.0):
                return total([(1.0, number(1.0)), (-1.0, self._atom(opposite, ()))])  # σ(-z) = 1 - σ(z)
        args = [self(arg) for arg in atom.args]
        if atom.op is None:
            return summed(args[0], atom.tag) if _is_sum(atom) else args[0]
        return applied(atom.op, args, is_prime=atom.tag == PRIME)


def _is_sum(atom: Atom) -> bool:
    """Whether it is a sum over an index."""
    return atom.op is None and atom.tag > 0 and atom.symbol is None


def _fraction(x: float) -> tuple[float, float]:
    """Numerator and denominator of 1/2, 2/3 and the like; a number that is short in decimals stays as it is."""
    if not math.isfinite(x) or x.is_integer():
        return x, 1.0
    fraction = Fraction(x).limit_denominator(LARGEST_DENOMINATOR)
    if float(fraction) != x or fraction.denominator % 5 == 0:
        return x, 1.0
    return float(fraction.numerator), float(fraction.denominator)
