"""Terms that differ in an index only, as one sum with Σ: what a loop over samples has unrolled is rolled up again.

The index is what stands in brackets behind a name, as in ``x[1]``, ``x[2]``, ``x[3]``.
"""

from __future__ import annotations

import re

from .algebra import Atom, Expression
from .notation import name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .algebra import Factors

__all__ = ["rolled"]

INDEX = re.compile(r"(.*)\[(\d+)\]", re.DOTALL)


def rolled(expression: Expression) -> Expression:
    """The expression with sums over an index: each is an atom tagged with its number of terms."""
    groups: dict[tuple[Factors, float], dict[int, int]] = {}  # what it is for index i -> each index, and whose term
    terms = [_inlined(tuple([(_rolled_atom(atom), k) for atom, k in factors]), x) for factors, x in expression.terms]
    for place, (factors, x) in enumerate(terms):
        found = {i for atom, _ in factors for i in _indices(atom)}
        if len(found) == 1:
            general = tuple([(_general(atom), k) for atom, k in factors])
            groups.setdefault((general, x), {}).setdefault(found.pop(), place)
    replaced: dict[int, tuple[Factors, float] | None] = {}
    for (factors, x), places in groups.items():
        n = len(places)
        if n > 1 and set(places) == set(range(1, n + 1)):
            replaced |= dict.fromkeys(places.values())
            replaced[min(places.values())] = _sum(factors, x, n)
    kept = [replaced.get(place, term) for place, term in enumerate(terms)]
    return Expression(tuple([term for term in kept if term is not None]))


def _sum(factors: Factors, x: float, n: int) -> tuple[Factors, float]:
    """x times what does not depend on the index, times the sum over it of what does."""
    outside = tuple([(atom, k) for atom, k in factors if not _is_general(atom)])
    inside = tuple([(atom, k) for atom, k in factors if _is_general(atom)])
    return (*outside, (Atom(None, None, (Expression(((inside, 1.0),)),), n), 1)), x


def _inlined(factors: Factors, x: float) -> tuple[Factors, float]:
    """Without brackets around what has become a single term."""
    found: list[tuple[Atom, int]] = []
    for atom, k in factors:
        is_group = atom.symbol is None and atom.op is None and atom.tag == 0
        if is_group and k == 1 and len(atom.args[0].terms) == 1:
            inside, number = atom.args[0].terms[0]
            found += inside
            x *= number
        else:
            found.append((atom, k))
    return tuple(found), x


def _rolled_atom(atom: Atom) -> Atom:
    return atom._replace(args=tuple(map(rolled, atom.args))) if atom.args else atom


def _indices(atom: Atom) -> set[int]:
    match = INDEX.fullmatch(atom.symbol.text) if atom.symbol is not None else None
    if match:
        return {int(match[2])}
    return {i for arg in atom.args for factors, _ in arg.terms for inner, _ in factors for i in _indices(inner)}


def _general(atom: Atom) -> Atom:
    """With i in place of the index."""
    match = INDEX.fullmatch(atom.symbol.text) if atom.symbol is not None else None
    if match:
        return Atom(name(f"{match[1]}[i]"), None, ())
    args = [
        Expression(tuple([(tuple([(_general(inner), k) for inner, k in factors]), x) for factors, x in arg.terms]))
        for arg in atom.args
    ]
    return atom._replace(args=tuple(args))


def _is_general(atom: Atom) -> bool:
    if atom.symbol is not None:
        return atom.symbol.text.endswith("[i]")
    return any([_is_general(inner) for arg in atom.args for factors, _ in arg.terms for inner, _ in factors])
