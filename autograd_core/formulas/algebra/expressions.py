"""Expressions, which are sums of products of powers of atoms, and atoms, which arithmetic does not take apart.

Atoms of numbers are tuples and compare as such: no two kinds have fields of the same types. Atoms of arrays are for
the equations of matrices; `MatrixProduct` alone is not taken element by element.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ...op import Op
from ..notation.operations import standard_name
from ..notation.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from typing import TypeAlias, TypeGuard

    Atom: TypeAlias = "Symbol | Figure | Applied | Prime | Group | Series | ArrayAtom"
    Rational: TypeAlias = "int | Fraction"
    """A coefficient, the number in front of factors. Numbers that are no fractions (inf, nan, -0.0) are figures."""
    Factors: TypeAlias = "tuple[tuple[Atom, int], ...]"
    """Atoms with their exponents, multiplied."""

__all__ = [
    "LAST",
    "ONE",
    "ZERO",
    "Applied",
    "ArrayAtom",
    "Element",
    "Expression",
    "Figure",
    "Group",
    "Listed",
    "MatrixProduct",
    "Name",
    "Norm",
    "Prime",
    "Scalar",
    "Series",
    "Symbol",
    "Total",
    "Transposed",
    "is_one_of",
    "of_atom",
    "with_args",
]

LAST = math.inf
"""The place of constants in the alphabet: behind all symbols."""


class Symbol(NamedTuple):
    """A variable by its name; symbols that look alike are different if their places in the alphabet are."""

    written: Written
    place: float = 0

    @property
    def args(self) -> tuple[Expression, ...]:
        """No expressions: a symbol has no parts."""
        return ()


class Scalar(Symbol):
    """A single number by its name, in front of arrays: 1/m."""

    __slots__ = ()


class Figure(NamedTuple):
    """A number that stands for itself; equal numbers of different nodes are different by their places."""

    number: float
    place: float

    @property
    def args(self) -> tuple[Expression, ...]:
        """No expressions: a number has no parts."""
        return ()


class Applied(NamedTuple):
    """An op applied to expressions."""

    op: Op
    args: tuple[Expression, ...]


class Prime(NamedTuple):
    """The derivative f'(x) of an op f, as a name."""

    op: Op
    x: Expression

    @property
    def args(self) -> tuple[Expression, ...]:
        """The expression x."""
        return (self.x,)


class Group(NamedTuple):
    """A sum in brackets."""

    sum: Expression

    @property
    def args(self) -> tuple[Expression, ...]:
        """The sum in the brackets."""
        return (self.sum,)


class Series(NamedTuple):
    """A sum Σ of terms that differ in an index only: ``letter`` runs from ``first`` to ``last``."""

    letter: str
    term: Expression
    first: int
    last: int

    @property
    def args(self) -> tuple[Expression, ...]:
        """The term with the index in it."""
        return (self.term,)


class ArrayAtom:
    """The base of atoms that are arrays, or made of one; arithmetic around them goes element by element."""

    @property
    def args(self) -> tuple[Expression, ...]:
        """The expressions that the atom is made of: those among its fields."""
        return tuple([field for field in vars(self).values() if isinstance(field, Expression)])


@dataclass(frozen=True)
class Name(ArrayAtom):
    """An array that the equations name, with the number of its layer: W1, z2; without one X, or p."""

    letter: str
    number: int | None = None


@dataclass(frozen=True)
class Element(ArrayAtom):
    """An element of an array: ``place`` is its index, or its row and its column, from 1; all columns are ":"."""

    array: Name
    place: tuple[int | str, ...]


@dataclass(frozen=True)
class Listed(ArrayAtom):
    """An array written out element by element, in rows."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Total(ArrayAtom):
    """The sum of all elements of an array."""

    array: Expression


@dataclass(frozen=True)
class Norm(ArrayAtom):
    """The square root of the sum of the squares of all elements of an array."""

    array: Expression


@dataclass(frozen=True)
class Transposed(ArrayAtom):
    """A transposed array, Aᵀ."""

    array: Expression


@dataclass(frozen=True)
class MatrixProduct(ArrayAtom):
    """A product A B of matrices, or of a matrix and a vector."""

    a: Expression
    b: Expression


def with_args(atom: Atom, change: Callable[[Expression], Expression]) -> Atom:
    """The atom with `change` applied to the expressions that it is made of."""
    match atom:
        case Applied(op, args):
            return Applied(op, tuple(map(change, args)))
        case Prime(op, x):
            return Prime(op, change(x))
        case Group(whole):
            return Group(change(whole))
        case Series():
            return atom._replace(term=change(atom.term))
    return atom


def is_one_of(atom: Atom | None, *names: str) -> TypeGuard[Applied]:
    """Whether an atom is one of the ops called `names`, applied."""
    return isinstance(atom, Applied) and standard_name(atom.op) in names


class Expression(NamedTuple):
    """A sum of products: each term is its factors and a coefficient. Without terms it is zero."""

    terms: tuple[tuple[Factors, Rational], ...]

    @property
    def constant(self) -> Rational | None:
        """The number that the expression is, or None if it is not constant."""
        if not self.terms:
            return 0
        (factors, number), *others = self.terms
        return None if factors or others else number

    @property
    def atom(self) -> Atom | None:
        """The atom that the expression is, or None if it is more than one."""
        match self.terms:
            case ((((atom, 1),), 1),):
                return atom
        return None

    def with_atoms(self, change: Callable[[Atom], Atom]) -> Expression:
        """The expression with `change` applied to its atoms."""
        return Expression(tuple([(tuple([(change(atom), k) for atom, k in factors]), x) for factors, x in self.terms]))

    def is_larger(self, parts: int, levels: int) -> bool:
        """Whether there are more factors, or levels of brackets; a shared part counts wherever it is used."""
        level, count, depth = [self], 0, 0
        while level and count <= parts and depth <= levels:
            atoms = [atom for expression in level for factors, _ in expression.terms for atom, _ in factors]
            level = [arg for atom in atoms for arg in atom.args]
            count, depth = count + len(atoms), depth + 1
        return bool(level) or count > parts

    def symbols(self) -> dict[Written, None]:
        """The symbols of the expression, in the order in which they are written."""
        symbols: dict[Written, None] = {}
        for factors, _ in self.terms:
            for atom, _ in factors:
                symbols |= {atom.written: None} if isinstance(atom, Symbol) else {}
                for arg in atom.args:
                    symbols |= arg.symbols()
        return symbols


ZERO = Expression(())
ONE = Expression((((), 1),))


def of_atom(atom: Atom) -> Expression:
    """An atom as an expression."""
    return Expression(((((atom, 1),), 1),))
