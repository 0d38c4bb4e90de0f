"""Terms that differ in an index only, as one sum with Σ: what a loop over samples has unrolled is rolled up again.

The index is what stands in brackets behind a name, as in ``x[1]``, ``x[2]``, ``x[3]``, or from ``x[0]`` on. It is
called i, or by the next letter that no name uses; sums that stand in others have an index of their own.
"""

from __future__ import annotations

import re

from ...notation.letters import name
from .algebra import Atom, Expression, constant, plus, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .algebra import Factors, Rational

__all__ = ["rolled"]

INDEX = re.compile(r"(.*)\[(0|[1-9][0-9]*)\]", re.DOTALL)
LETTERS = "ijklmnpqrst"


def rolled(expression: Expression) -> Expression:
    """The expression with sums over an index in place of terms that differ in it."""
    used = {part for symbol in expression.symbols() for part in re.findall(r"[a-zA-Z]+", symbol.text)}
    return _rolled(expression, [letter for letter in LETTERS if letter not in used])


def _rolled(expression: Expression, letters: Sequence[str]) -> Expression:
    groups: dict[tuple[Factors, Rational, str], dict[int, int]] = {}  # a term for index i -> each index, and its place
    terms = [
        term
        for factors, x in expression.terms
        for term in _inlined(tuple([(_rolled_atom(atom, letters), k) for atom, k in factors]), x).terms
    ]
    for place, (factors, x) in enumerate(terms):
        indices = {atom: _indices(atom) for atom, _ in factors}
        found = set().union(*indices.values())
        depth = max([_depth(atom) for atom, its in indices.items() if its], default=0)
        if len(found) == 1 and depth < len(letters):
            general = tuple([(_general(atom, letters[depth]), k) for atom, k in factors])
            groups.setdefault((general, x, letters[depth]), {}).setdefault(found.pop(), place)
    replaced: dict[int, tuple[Factors, Rational] | None] = {}
    for (factors, x, letter), places in groups.items():
        first, last = min(places), max(places)
        if first < 2 <= len(places) == last - first + 1:
            replaced |= dict.fromkeys(places.values())
            replaced[min(places.values())] = _sum(factors, x, letter, range(first, last + 1))
    kept = [replaced.get(place, term) for place, term in enumerate(terms)]
    return plus([(1, Expression((term,))) for term in kept if term is not None])


def _sum(factors: Factors, x: Rational, letter: str, indices: range) -> tuple[Factors, Rational]:
    """x times what does not depend on the index, times the sum over it of what does."""
    outside = tuple([(atom, k) for atom, k in factors if not _has(atom, letter)])
    inside = tuple([(atom, k) for atom, k in factors if _has(atom, letter)])
    args = Expression(((inside, 1),)), constant(float(indices[0]))
    return (*outside, (Atom(name(letter), None, args, indices[-1]), 1)), x


def _inlined(factors: Factors, x: Rational) -> Expression:
    """Without brackets around what has become a single term."""
    parts = [Expression((((), x),))]
    for atom, k in factors:
        is_single = atom.is_group and k == 1 and len(atom.args[0].terms) == 1
        parts.append(atom.args[0] if is_single else Expression(((((atom, k),), 1),)))
    return times(parts)


def _rolled_atom(atom: Atom, letters: Sequence[str]) -> Atom:
    return atom._replace(args=tuple([_rolled(arg, letters) for arg in atom.args])) if atom.args else atom


def _within(atom: Atom) -> Iterable[Atom]:
    return [inner for arg in atom.args for factors, _ in arg.terms for inner, _ in factors]


def _depth(atom: Atom) -> int:
    """How many sums stand in one another."""
    return atom.is_sum + max(map(_depth, _within(atom)), default=0)


def _indices(atom: Atom) -> set[int]:
    match = INDEX.fullmatch(atom.symbol.text) if atom.symbol is not None else None
    return {int(match[2])} if match else set().union(*map(_indices, _within(atom)))


def _general(atom: Atom, letter: str) -> Atom:
    """With a letter in place of the index."""
    match = INDEX.fullmatch(atom.symbol.text) if atom.symbol is not None else None
    if match:
        return Atom(name(f"{match[1]}[{letter}]"), None, ())
    args = [
        Expression(
            tuple([(tuple([(_general(inner, letter), k) for inner, k in factors]), x) for factors, x in arg.terms])
        )
        for arg in atom.args
    ]
    return atom._replace(args=tuple(args))


def _has(atom: Atom, letter: str) -> bool:
    """Whether it depends on the index, other than a sum that runs over it itself."""
    if atom.symbol is not None and (not atom.is_sum or atom.symbol.text == letter):
        return atom.symbol.text.endswith(f"[{letter}]")
    return any([_has(inner, letter) for inner in _within(atom)])
