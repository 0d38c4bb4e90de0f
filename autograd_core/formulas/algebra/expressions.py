"""What formulas are made of: expressions, sums of products of powers of atoms; and atoms, which are not taken apart.

Atoms of numbers are tuples and compare as such: no two kinds have fields of the same types. Those of arrays are for
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
    """A number in front of factors. Those that are no fractions, like inf, nan and -0, are figures."""
    Factors: TypeAlias = "tuple[tuple[Atom, int], ...]"
    """What is multiplied, with exponents."""

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
    "Prime",
    "Series",
    "Symbol",
    "Total",
    "Transposed",
    "is_one_of",
    "of_atom",
    "with_args",
]

LAST = math.inf
"""The place of constants in the alphabet."""


class Symbol(NamedTuple):
    """A name. Those that look alike but have different places in the alphabet are different."""

    written: Written
    place: float = 0

    @property
    def args(self) -> tuple[Expression, ...]:
        """None."""
        return ()


class Figure(NamedTuple):
    """A number that stands for itself. Those of different nodes, in different places, are different."""

    number: float
    place: float

    @property
    def args(self) -> tuple[Expression, ...]:
        """None."""
        return ()


class Applied(NamedTuple):
    """An op's value at expressions."""

    op: Op
    args: tuple[Expression, ...]


class Prime(NamedTuple):
    """f'(x) of an op f."""

    op: Op
    x: Expression

    @property
    def args(self) -> tuple[Expression, ...]:
        """x."""
        return (self.x,)


class Group(NamedTuple):
    """A sum in brackets."""

    sum: Expression

    @property
    def args(self) -> tuple[Expression, ...]:
        """What is added up."""
        return (self.sum,)


class Series(NamedTuple):
    """A sum of terms that differ in an index only, which runs from the first number to the last."""

    letter: str
    term: Expression
    first: int
    last: int

    @property
    def args(self) -> tuple[Expression, ...]:
        """What is added up."""
        return (self.term,)


class ArrayAtom:
    """An atom that is an array, or made of one; what surrounds it is taken element by element."""

    @property
    def args(self) -> tuple[Expression, ...]:
        """The expressions among its fields."""
        return tuple([field for field in vars(self).values() if isinstance(field, Expression)])


@dataclass(frozen=True)
class Name(ArrayAtom):
    """An array that the equations name: W1, z2."""

    letter: str
    number: int


@dataclass(frozen=True)
class Element(ArrayAtom):
    """A number of an array: its place, or its row and its column, from 1."""

    array: Name
    place: tuple[int, ...]


@dataclass(frozen=True)
class Listed(ArrayAtom):
    """An array number by number, in rows."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Total(ArrayAtom):
    """All elements of an array added up."""

    array: Expression


@dataclass(frozen=True)
class Transposed(ArrayAtom):
    """Aᵀ."""

    array: Expression


@dataclass(frozen=True)
class MatrixProduct(ArrayAtom):
    """A B; one of them may be a vector."""

    a: Expression
    b: Expression


def with_args(atom: Atom, change: Callable[[Expression], Expression]) -> Atom:
    """The atom with other expressions in place of those that it is made of."""
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
    """Whether it is one of these ops, applied."""
    return isinstance(atom, Applied) and standard_name(atom.op) in names


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

    def with_atoms(self, change: Callable[[Atom], Atom]) -> Expression:
        """With others in place of its atoms."""
        return Expression(tuple([(tuple([(change(atom), k) for atom, k in factors]), x) for factors, x in self.terms]))

    def is_larger(self, parts: int, levels: int) -> bool:
        """Whether it has more factors in all, or more levels of brackets; what is shared counts each time."""
        level, count, depth = [self], 0, 0
        while level and count <= parts and depth <= levels:
            atoms = [atom for expression in level for factors, _ in expression.terms for atom, _ in factors]
            level = [arg for atom in atoms for arg in atom.args]
            count, depth = count + len(atoms), depth + 1
        return bool(level) or count > parts

    def symbols(self) -> dict[Written, None]:
        """All symbols in it, in order."""
        found: dict[Written, None] = {}
        for factors, _ in self.terms:
            for atom, _ in factors:
                found |= {atom.written: None} if isinstance(atom, Symbol) else {}
                for arg in atom.args:
                    found |= arg.symbols()
        return found


ZERO = Expression(())
ONE = Expression((((), 1),))


def of_atom(atom: Atom) -> Expression:
    """Just that."""
    return Expression(((((atom, 1),), 1),))
