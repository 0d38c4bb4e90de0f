"""What the expressions of equations multiply: names of arrays, functions of expressions, products of matrices."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...op import Op
    from ..notation.written import Written
    from .algebra import Expression

__all__ = [
    "Applied",
    "Element",
    "Factor",
    "Given",
    "Group",
    "Listed",
    "Name",
    "Prime",
    "Times",
    "Total",
    "Transposed",
]


class Factor:
    """Any of them."""


@dataclass(frozen=True)
class Name(Factor):
    """An array that is named here: W1, z2."""

    letter: str
    number: int


@dataclass(frozen=True)
class Given(Factor):
    """What has a name of its own: an argument, one of its numbers, a step of the program."""

    name: Written


@dataclass(frozen=True)
class Element(Factor):
    """A number of an array: its place, or its row and its column, from 1."""

    array: Name
    place: tuple[int, ...]


@dataclass(frozen=True)
class Listed(Factor):
    """An array number by number, in rows."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Applied(Factor):
    """An op's value at expressions."""

    op: Op
    operands: tuple[Expression, ...]


@dataclass(frozen=True)
class Prime(Factor):
    """f'(x) of an op f."""

    op: Op
    x: Expression


@dataclass(frozen=True)
class Group(Factor):
    """A sum in brackets."""

    sum: Expression


@dataclass(frozen=True)
class Total(Factor):
    """All elements of an array added up."""

    array: Expression


@dataclass(frozen=True)
class Transposed(Factor):
    """Aᵀ."""

    array: Expression


@dataclass(frozen=True)
class Times(Factor):
    """A B; one of them may be a vector."""

    a: Expression
    b: Expression
