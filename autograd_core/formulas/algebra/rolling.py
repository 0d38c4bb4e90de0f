"""Rerolling of loops: terms that differ in an index only, which a loop over samples has unrolled, become one sum Σ.

The index is the number in brackets behind a name, as in ``x[1]``, ``x[2]``, ``x[3]``, or from ``x[0]`` on. It is
called i, or by the next letter that no name uses; a nested sum has an index of its own.
"""

from __future__ import annotations

import re

from ..notation.letters import name
from .expressions import Expression, Group, Series, Symbol, with_args
from .normal_form import plus, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .expressions import Atom, Factors, Rational

__all__ = ["rolled"]

INDEX = re.compile(r"(.*)\[(0|[1-9][0-9]*)\]", re.DOTALL)
LETTERS = "ijklmnpqrst"


def rolled(expression: Expression) -> Expression:
    """The expression with sums over an index in place of terms that differ in it."""
    used = {part for symbol in expression.symbols() for part in re.findall(r"[a-zA-Z]+", symbol.text)}
    return _rolled(expression, [letter for letter in LETTERS if letter not in used])


def _rolled(expression: Expression, letters: Sequence[str]) -> Expression:
    groups: dict[tuple[Factors, Rational, str], dict[int, int]] = {}  # general term -> places of the terms by index
    terms = [term for factors, x in expression.terms for term in _rolled_product(factors, x, letters).terms]
    for place, (factors, x) in enumerate(terms):
        indices = {atom: _indices(atom) for atom, _ in factors}
        distinct = set().union(*indices.values())
        depth = max([_depth(atom) for atom, own in indices.items() if own], default=0)
        if len(distinct) == 1 and depth < len(letters):
            general = tuple([(_general(atom, letters[depth]), k) for atom, k in factors])
            groups.setdefault((general, x, letters[depth]), {}).setdefault(distinct.pop(), place)
    replaced: dict[int, tuple[Factors, Rational] | None] = {}
    for (factors, x, letter), places in groups.items():
        first, last = min(places), max(places)
        if first < 2 <= len(places) == last - first + 1:
            replaced |= dict.fromkeys(places.values())
            replaced[min(places.values())] = _sum(factors, x, letter, range(first, last + 1))
    kept = [replaced.get(place, term) for place, term in enumerate(terms)]
    return plus([(1, Expression((term,))) for term in kept if term is not None])


def _sum(factors: Factors, x: Rational, letter: str, indices: range) -> tuple[Factors, Rational]:
    """The product of x, the factors without the index, and the sum over the index of the others."""
    outside = tuple([(atom, k) for atom, k in factors if not _has(atom, letter)])
    inside = tuple([(atom, k) for atom, k in factors if _has(atom, letter)])
    series = Series(letter, Expression(((inside, 1),)), indices[0], indices[-1])
    return (*outside, (series, 1)), x


def _rolled_product(factors: Factors, x: Rational, letters: Sequence[str]) -> Expression:
    """The product with sums over an index, without brackets around a sum that has become a single term."""
    parts = [Expression((((), x),))]
    for atom, k in factors:
        match atom, with_args(atom, lambda arg: _rolled(arg, letters)), k:
            case Group(Expression((_, _, *_))), Group(Expression((_,)) as single), 1:
                parts.append(single)
            case _, new, _:
                parts.append(Expression(((((new, k),), 1),)))
    return times(parts)


def _within(atom: Atom) -> Iterable[Atom]:
    return [inner for arg in atom.args for factors, _ in arg.terms for inner, _ in factors]


def _depth(atom: Atom) -> int:
    """The nesting depth of the sums Σ in an atom."""
    return isinstance(atom, Series) + max(map(_depth, _within(atom)), default=0)


def _index(atom: Atom) -> re.Match[str] | None:
    return INDEX.fullmatch(atom.written.text) if isinstance(atom, Symbol) else None


def _indices(atom: Atom) -> set[int]:
    match = _index(atom)
    return {int(match[2])} if match else set().union(*map(_indices, _within(atom)))


def _general(atom: Atom, letter: str) -> Atom:
    """The atom with `letter` in place of its index."""
    match = _index(atom)
    if match:
        return Symbol(name(f"{match[1]}[{letter}]"))
    return with_args(atom, lambda arg: arg.with_atoms(lambda inner: _general(inner, letter)))


def _has(atom: Atom, letter: str) -> bool:
    """Whether an atom depends on the index `letter`; a sum that runs over that letter does not."""
    match atom:
        case Symbol(written):
            return written.text.endswith(f"[{letter}]")
        case Series(index) if index == letter:
            return False
    return any([_has(inner, letter) for inner in _within(atom)])
