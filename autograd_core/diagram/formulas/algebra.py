"""Expressions as mathematics writes them: sums of products of powers, with numbers gathered in front.

A graph says how something is computed: ``1.0 * y * -1.0 * 2.0``. What is printed is the same in normal form, -2 y.
Nothing is multiplied out: a sum that is a factor stays in its brackets. Numbers are put together as the fractions that
were meant, 0.1 + 0.2 is 0.3, as long as the result is one that a float can hold.
"""

from __future__ import annotations

import functools
import math
import sys
from collections import deque
from fractions import Fraction
from typing import NamedTuple

from ...graph import consumers
from ...op import Op
from ...ops import TABLE
from ...value import Value
from .notation import Written, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Rational: TypeAlias = "int | Fraction"
    """A number in front of factors. Those beyond all fractions, inf and nan, are symbols."""
    Factors: TypeAlias = "tuple[tuple[Atom, int], ...]"
    """What is multiplied, with exponents."""

__all__ = [
    "LARGEST_DENOMINATOR",
    "ONE",
    "PRIME",
    "Atom",
    "Expression",
    "apply",
    "constant",
    "expression_of",
    "has_infinite",
    "is_infinite",
    "operand",
    "plus",
    "prime",
    "stated",
    "symbol",
    "times",
    "unfolded_depth",
    "unfolded_size",
    "verbatim",
]

OF_MANY = {"add": "sum", "mul": "prod", "logaddexp": "logsumexp", "hypot": "norm"}
LARGEST_DENOMINATOR = 1_000
PRIME = -1


class Atom(NamedTuple):
    """What is not taken apart: a symbol, an op applied to expressions, or a sum in brackets (with neither).

    Symbols that look alike but have different tags are different: the numbers of x and y, say, when both are 2. An op
    tagged PRIME is its derivative. A sum with a symbol i is over i = 1, ..., tag.
    """

    symbol: Written | None
    op: Op | None
    args: tuple[Expression, ...]
    tag: int = 0

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum over an index."""
        return self.symbol is not None and bool(self.args)


class Expression(NamedTuple):
    """A sum of products: each term is a number and its factors. Without terms it is zero."""

    terms: tuple[tuple[Factors, Rational], ...]

    @property
    def constant(self) -> Rational | None:
        """The number that it is, if it is one."""
        if not self.terms:
            return 0
        (factors, number), *others = self.terms
        return None if factors or others else number

    @property
    def atom(self) -> Atom | None:
        """The atom that it is, if it is just one."""
        match self.terms:
            case ((((atom, 1),), 1),):
                return atom
        return None

    def symbols(self) -> dict[Written, None]:
        """All symbols in it, in order."""
        found: dict[Written, None] = {}
        for factors, _ in self.terms:
            for atom, _ in factors:
                found |= {atom.symbol: None} if atom.symbol is not None and not atom.is_sum else {}
                for arg in atom.args:
                    found |= arg.symbols()
        return found


ZERO = Expression(())
ONE = Expression((((), 1),))


def symbol(written: Written, tag: int = 0) -> Expression:
    """A name, or whatever stands for itself."""
    return _of(Atom(written, None, (), tag))


def prime(op: Op, x: Expression) -> Expression:
    """f'(x)."""
    return _of(Atom(None, op, (x,), PRIME))


def constant(x: float) -> Expression:
    """A number."""
    if not math.isfinite(x):
        return symbol(number(x))
    return Expression((((), _rational(x)),)) if x else ZERO


def is_infinite(expression: Expression) -> bool:
    """Whether it is inf or -inf, as a constant."""
    atom = expression.atom
    return atom is not None and atom.symbol is not None and atom.symbol.text in ("inf", "-inf")


def has_infinite(expression: Expression) -> bool:
    """Whether inf is among its factors, or their arguments."""
    atoms = [atom for factors, _ in expression.terms for atom, _ in factors]
    parts = [_of(atom) for atom in atoms] + [arg for atom in atoms for arg in atom.args]
    return any(map(is_infinite, parts))


@functools.lru_cache(4096)
def _rational(x: float) -> Rational:
    """The fraction that a float was meant to be: 1/3, or what its decimals say."""
    if x.is_integer():
        return int(x)
    simple = Fraction(x).limit_denominator(LARGEST_DENOMINATOR)
    return simple if float(simple) == x else Fraction(repr(x))


def fits(x: Rational) -> bool:
    """Whether it is written as a float without becoming 0 or inf, or losing digits."""
    try:
        return not x or abs(float(x)) >= sys.float_info.min
    except OverflowError:
        return False


def expression_of(
    root: Value,
    symbols: Mapping[Value, Expression],
    form: Callable[[Value, Op, Sequence[Expression]], Expression] = lambda node, op, args: apply(op, args),
) -> Expression:
    """What a graph computes, from the nodes that have symbols; others have a form, made of their inputs'.

    a + (b + (c + ...)) is put together at once, as a sum of many, and so are products: else n of them took n² steps.
    """
    order = _above(root, symbols)
    users = consumers(dict.fromkeys(order))
    found: dict[Value, Expression] = {}
    chains: dict[Value, deque[Expression]] = {}  # of nodes whose only consumer goes on with the same op
    for node in order:
        if node in symbols:
            found[node] = symbols[node]
        elif node.op.name not in OF_MANY:
            found[node] = form(node, node.op, [operand(x, found) for x in node.inputs])
        else:
            parts = deque[Expression]()
            for x in node.inputs:
                parts = _joined(parts, chains.pop(x) if isinstance(x, Value) and x in chains else [operand(x, found)])
            if [user.op for user in users[node]] == [node.op]:
                chains[node] = parts
            else:
                op = node.op if len(parts) == 2 else TABLE[OF_MANY[node.op.name]]
                found[node] = form(node, op, parts)
    return found[root]


def _joined(a: deque[Expression], b: Sequence[Expression]) -> deque[Expression]:
    """One after the other; only the shorter one is copied."""
    if len(a) < len(b) and isinstance(b, deque):
        b.extendleft(reversed(a))
        return b
    a.extend(b)
    return a


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


def plus(parts: Iterable[tuple[int, Expression]]) -> Expression:
    """Expressions times whole numbers, added up; equal terms are put together, if floats come to the same."""
    alike: dict[frozenset[tuple[Atom, int]], list[tuple[Factors, Rational]]] = {}
    for scale, part in parts:
        for factors, x in part.terms:
            alike.setdefault(frozenset(factors), []).append((factors, scale * x))
    terms: list[tuple[Factors, Rational]] = []
    for first, *others in alike.values():
        factors, exact = first[0], sum([x for _, x in others], start=first[1])
        if not others or _is_sum_of_floats(exact, [x for _, x in (first, *others)]):
            terms += [(factors, exact)] if exact else []
        else:
            terms += [first, *[(_group(Expression((term,))), 1) for term in others]]
    return Expression(tuple(terms))


def _is_sum_of_floats(exact: Rational, numbers: Sequence[Rational]) -> bool:
    """Whether floats come to the same: 0.1 + 0.2 is 0.3, but less 0.3 it is not 0."""
    if exact == 0:
        return all([x.denominator & (x.denominator - 1) == 0 for x in numbers])
    return fits(exact) and math.isclose(exact, sum(map(float, numbers)))


def times(parts: Iterable[Expression]) -> Expression:
    """The product; sums stay in brackets, and so does a number that does not fit with the others."""
    coefficient: Rational = 1
    exponents: dict[Atom, int] = {}
    for part in parts:
        x, factors = _monomial(part)
        if not fits(coefficient * x):
            x, factors = 1, _group(part)
        coefficient *= x
        for atom, exponent in factors:
            exponents[atom] = exponents.get(atom, 0) + exponent
    factors = tuple([(atom, exponent) for atom, exponent in exponents.items() if exponent])
    return Expression(((factors, coefficient),)) if coefficient else ZERO


def raised(base: Expression, exponent: int) -> Expression:
    """To a whole power."""
    x, factors = _monomial(base)
    if (x == 0 and exponent <= 0) or not fits(number := _raised(x, exponent)):
        return verbatim(TABLE["power"], (base, constant(float(exponent))))
    return times([Expression(((tuple([(atom, k * exponent) for atom, k in factors]), number),))])


def _raised(x: Rational, exponent: int) -> Rational:
    return x**exponent if exponent > 0 else Fraction(x) ** exponent


def _monomial(expression: Expression) -> tuple[Rational, Factors]:
    """A number and factors; a sum becomes one factor, with a positive first term."""
    if not expression.terms:
        return 0, ()
    if len(expression.terms) == 1:
        factors, x = expression.terms[0]
        return x, factors
    sign = 1 if expression.terms[0][1] > 0 else -1
    return sign, _group(plus([(sign, expression)]))


def _group(expression: Expression) -> Factors:
    """In brackets."""
    return ((Atom(None, None, (expression,)), 1),)


def _of(atom: Atom) -> Expression:
    return Expression(((((atom, 1),), 1),))


def verbatim(op: Op, args: Sequence[Expression]) -> Expression:
    """An op's value at expressions, as it stands."""
    return _of(Atom(None, op, tuple(args)))


def stated(op: Op, args: Sequence[Expression]) -> Expression:
    """An op's value at expressions for whoever reads what is computed: simplified, but x - x is not just 0."""
    simple = apply(op, args)
    is_lost = simple.constant is not None and any([arg.constant is None for arg in args])
    return verbatim(op, args) if is_lost or op.name == "where" else simple


def apply(op: Op, args: Sequence[Expression]) -> Expression:
    """An op's value at expressions, simplified where it is arithmetic."""
    half = len(args) // 2
    match op.name:
        case "add" | "sum":
            return plus([(1, a) for a in args])
        case "sub":
            return plus([(1, args[0]), (-1, args[1])])
        case "neg":
            return plus([(-1, args[0])])
        case "identity":
            return args[0]
        case "mean":
            return times([Expression((((), Fraction(1, len(args))),)), plus([(1, a) for a in args])])
        case "mul" | "prod":
            return times(args)
        case "dot":
            return plus([(1, times(pair)) for pair in zip(args[:half], args[half:], strict=True)])
        case "fma":
            return plus([(1, times(args[:2])), (1, args[2])])
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
            return verbatim(TABLE["logaddexp" if len(parts) == 2 else "logsumexp"], parts)
        case "hypot" | "norm":
            parts = _flattened(args, ("hypot", "norm", "abs"), 0.0)
            if len(parts) < 2:
                return verbatim(TABLE["abs"], parts) if parts else ZERO
            return verbatim(TABLE["hypot" if len(parts) == 2 else "norm"], parts)
        case "power" if isinstance(n := args[1].constant, int) and abs(n) < 100:
            return raised(args[0], n)
        case "where" if (condition := args[0].constant) is not None:
            return args[1] if condition else args[2]
    return verbatim(op, args)


def _flattened(args: Sequence[Expression], ops: Collection[str], neutral: float) -> tuple[Expression, ...]:
    """The arguments of an associative op, with those of the same op among them taken apart, and no neutral ones."""
    parts: list[Expression] = []
    for arg in args:
        atom = arg.atom
        is_same = atom is not None and atom.op is not None and atom.op.name in ops and atom.tag != PRIME
        parts += atom.args if atom is not None and is_same else [arg]
    return tuple([part for part in parts if part != constant(neutral)])
