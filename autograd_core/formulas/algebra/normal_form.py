"""Normal form: sums of products of powers, with one coefficient in front of each, as mathematics writes them.

A graph says how something is computed, ``1.0 * y * -1.0 * 2.0``; a reader expects the normal form, -2 y. Nothing is
multiplied out: a sum that is a factor stays in its brackets. Coefficients are the fractions that were meant, so that
0.1 + 0.2 is 0.3, as long as a float can hold the result.
"""

from __future__ import annotations

import functools
import math
import sys
from fractions import Fraction

from ...ops import TABLE
from ...ops.reduction import two_lists
from ..notation.operations import standard_name
from ..notation.written import Written
from .expressions import LAST, ZERO, Applied, Expression, Figure, Group, Prime, Symbol, is_one_of, of_atom, with_args

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ...op import Op
    from .expressions import Atom, Factors, Rational

__all__ = [
    "EXP",
    "LARGEST_DENOMINATOR",
    "LOGS_OF_SUMS",
    "NAMED",
    "PI",
    "apply",
    "constant",
    "fits",
    "has_infinite",
    "is_infinite",
    "is_pi",
    "less_a_log_of_sum",
    "number",
    "plus",
    "positive_first",
    "raised",
    "renamed",
    "simple_fraction",
    "stated",
    "times",
    "verbatim",
]

LARGEST_DENOMINATOR = 1_000
"""Floats are read as fractions with denominators up to this, as 1/3; others are what their decimals say."""
MOST_PI, LARGEST_PART_OF_PI = 100.0, 12
"""Multiples of π up to this size, with denominators up to this (π/12 is 15°), are written with π."""
PI, E = Symbol(Written("pi", r"\pi"), LAST), Symbol(Written("e", "e"), LAST)
NAMED = {PI: math.pi, E: math.e}
EXP, LOG, SQRT, WHERE = (TABLE[name] for name in ("exp", "log", "sqrt", "where"))
LOGS_OF_SUMS = ("logaddexp", "logsumexp")
LOGARITHMS = {math.log(n): n for n in (2, 10)}


def number(x: float) -> Expression:
    """A number as the fraction that it was meant to be; inf, nan and -0.0, which are none, as figures."""
    if not math.isfinite(x) or (x == 0.0 and math.copysign(1.0, x) < 0.0):
        return of_atom(Figure(x, LAST))
    return _number(_rational(x))


def constant(x: float) -> Expression:
    """A number that somebody wrote, by its name if it is a simple multiple of π, ±e, ln 2 or ln 10."""
    if is_pi(x):
        return times([_number(_over_pi(x)), of_atom(PI)])
    if abs(x) == math.e:
        return times([_number(int(math.copysign(1.0, x))), of_atom(E)])
    if x in LOGARITHMS:
        return verbatim(LOG, [_number(LOGARITHMS[x])])
    return number(x)


def is_pi(x: float) -> bool:
    """Whether `x` is π times a simple fraction."""
    is_near = 0.0 < abs(x) < MOST_PI
    return is_near and math.isclose(float(_over_pi(x)) * math.pi, x, rel_tol=sys.float_info.epsilon)


@functools.lru_cache(4096)
def _over_pi(x: float) -> Fraction:
    return Fraction(x / math.pi).limit_denominator(LARGEST_PART_OF_PI)


def _number(x: Rational) -> Expression:
    return Expression((((), x),)) if x else ZERO


def is_infinite(expression: Expression) -> bool:
    """Whether an expression is the constant inf or -inf."""
    atom = expression.atom
    return isinstance(atom, Figure) and math.isinf(atom.number)


def has_infinite(expression: Expression) -> bool:
    """Whether inf is among an expression's factors, or their arguments."""
    atoms = [atom for factors, _ in expression.terms for atom, _ in factors]
    parts = [of_atom(atom) for atom in atoms] + [arg for atom in atoms for arg in atom.args]
    return any(map(is_infinite, parts))


@functools.lru_cache(4096)
def _rational(x: float) -> Rational:
    """The fraction that a float was meant to be: 1/3, or what its decimals say."""
    if x.is_integer():
        return int(x)
    simple = simple_fraction(x)
    return simple if float(simple) == x else Fraction(repr(x))


def simple_fraction(x: float) -> Fraction:
    """The fraction closest to `x` whose denominator is at most `LARGEST_DENOMINATOR`."""
    return Fraction(x).limit_denominator(LARGEST_DENOMINATOR)


def fits(x: Rational) -> bool:
    """Whether a float can hold `x` without becoming 0 or inf, or losing digits as a subnormal number."""
    try:
        return not x or abs(float(x)) >= sys.float_info.min
    except OverflowError:
        return False


def renamed(expression: Expression, names: Mapping[Atom, Atom]) -> Expression:
    """The expression with `names` in place of the atoms that have one, those inside arguments too."""

    def of(atom: Atom) -> Atom:
        return names[atom] if atom in names else with_args(atom, inside)

    def inside(arg: Expression) -> Expression:
        return arg.with_atoms(of)

    return inside(expression)


# Arithmetic


def plus(
    parts: Iterable[tuple[int, Expression]], can_add: Callable[[Sequence[Rational]], bool] = lambda xs: fits(sum(xs))
) -> Expression:
    """The sum of expressions times whole numbers; equal terms become one if their coefficients `can_add`.

    A sum that occurs twice, or more often, gets brackets: 2 (a - 1).
    """
    counts: dict[Expression | int, tuple[Expression, int]] = {}  # equal sums are counted, single terms kept apart
    for k, (scale, part) in enumerate(parts):
        key = part if len(part.terms) > 1 else k
        counts[key] = part, scale + counts.get(key, (part, 0))[1]
    terms: list[tuple[Factors, Rational]] = []
    for part, count in counts.values():
        is_repeated = len(part.terms) > 1 and abs(count) > 1
        terms += [(factors, count * x) for factors, x in (((_group(part), 1),) if is_repeated else part.terms)]
    alike: dict[frozenset[tuple[Atom, int]], list[int]] = {}
    for place, (factors, _) in enumerate(terms):
        alike.setdefault(frozenset(factors), []).append(place)
    for first, *others in alike.values():
        numbers = [terms[place][1] for place in (first, *others)]
        if can_add(numbers):
            terms[first] = terms[first][0], sum(numbers)
            for place in others:
                terms[place] = (), 0
        else:
            for place in others:
                terms[place] = _group(Expression((terms[place],))), 1
    return Expression(tuple([term for term in terms if term[1]]))


def times(parts: Iterable[Expression]) -> Expression:
    """The product; a sum beside other factors stays in brackets, and so does a number that no float holds with them."""
    coefficient: Rational = 1
    exponents: dict[Atom, int] = {}
    for part in parts:
        x, factors = _monomial(part)
        if not fits(coefficient * x):
            x, factors = 1, _group(part)
        coefficient *= x
        for atom, exponent in factors:
            exponents[atom] = exponents.get(atom, 0) + exponent
    _join_roots(exponents)
    _join_powers(exponents)
    factors = tuple([(atom, exponent) for atom, exponent in exponents.items() if exponent])
    if coefficient < 0:
        coefficient, factors = _with_minus_inside(coefficient, factors)
    match factors:
        case ((Group(alone), 1),) if abs(coefficient) == 1:
            return alone if coefficient == 1 else positive_first(plus([(-1, alone)]))
    return Expression(((factors, coefficient),)) if coefficient else ZERO


def positive_first(expression: Expression) -> Expression:
    """The sum with its first positive term in front: b - a for -a + b."""
    first = [term for term in expression.terms if term[1] > 0][:1]
    return Expression((*first, *[term for term in expression.terms if term not in first]))


def _with_minus_inside(x: Rational, factors: Factors) -> tuple[Rational, Factors]:
    """The product with a minus taken into a sum that begins with one: (a - b) c for -(-a + b) c."""
    for i, (atom, k) in enumerate(factors):
        if isinstance(atom, Group) and k % 2 and atom.sum.terms[0][1] < 0:
            turned = Group(positive_first(plus([(-1, atom.sum)])))
            return -x, (*factors[:i], (turned, k), *factors[i + 1 :])
    return x, factors


def _join_roots(exponents: dict[Atom, int]) -> None:
    """Join roots and powers of the same base in place: x / √x is √x, and √x √x is x."""
    for root, k in [(atom, k) for atom, k in exponents.items() if isinstance(atom, Applied) and atom.op is SQRT]:
        match _monomial(root.args[0]):
            case (1, ((x, 1),)):
                whole = exponents.get(x, 0)
                if abs(k) > 1 or whole * k < 0:
                    halves = 2 * whole + k
                    exponents[x] = int(halves / 2)
                    exponents[root] = halves - 2 * exponents[x]


def _join_powers(exponents: dict[Atom, int]) -> None:
    """Join a base with its power in place, where the exponent becomes shorter: x x**(x - 1) is x**x."""
    for atom in [atom for atom, k in exponents.items() if is_one_of(atom, "pow") and k == 1]:
        base, exponent = atom.args
        match _monomial(base):
            case (1, ((x, 1),)) if whole := exponents.get(x, 0):
                joined = plus([(1, exponent), (1, _number(whole))])
                if len(joined.terms) < len(exponent.terms):
                    del exponents[atom], exponents[x]
                    power = Applied(atom.op, (base, joined))
                    exponents[power] = exponents.get(power, 0) + 1


def raised(base: Expression, exponent: int) -> Expression:
    """An expression raised to a whole power."""
    x, factors = _monomial(base)
    if (x == 0 and exponent <= 0) or not fits(number := _raised(x, exponent)):
        return verbatim(TABLE["power"], (base, constant(float(exponent))))
    return times([Expression(((tuple([(atom, k * exponent) for atom, k in factors]), number),))])


def _raised(x: Rational, exponent: int) -> Rational:
    return x**exponent if exponent > 0 else Fraction(x) ** exponent


def _monomial(expression: Expression) -> tuple[Rational, Factors]:
    """A coefficient and factors; a sum becomes one factor, without a minus that all of its terms have."""
    if not expression.terms:
        return 0, ()
    if len(expression.terms) == 1:
        factors, x = expression.terms[0]
        return x, factors
    sign = -1 if all([x < 0 for _, x in expression.terms]) else 1
    return sign, _group(plus([(sign, expression)]))


def _group(expression: Expression) -> Factors:
    """A sum in brackets, as a product of one factor."""
    return ((Group(expression), 1),)


def verbatim(op: Op, args: Sequence[Expression]) -> Expression:
    """An op applied to expressions, without simplification."""
    return of_atom(Applied(op, tuple(args)))


def stated(op: Op, args: Sequence[Expression]) -> Expression:
    """An op applied to expressions, for the forward pass: simplified, but x - x is not just 0."""
    simple = apply(op, args)
    is_lost = simple.constant is not None and any([arg.constant is None for arg in args])
    return verbatim(op, args) if is_lost or op is WHERE else simple


def apply(op: Op, args: Sequence[Expression]) -> Expression:
    """An op applied to expressions, in normal form where it is arithmetic."""
    match standard_name(op):
        case "add" | "sum":
            return plus([(1, a) for a in args])
        case "sub":
            return plus([(1, args[0]), (-1, args[1])])
        case "neg":
            return times([_number(-1), args[0]]) if len(args[0].terms) == 1 else plus([(-1, args[0])])
        case "identity":
            return args[0]
        case "mean":
            return times([Expression((((), Fraction(1, len(args))),)), plus([(1, a) for a in args])])
        case "mul" | "prod":
            return times(args)
        case "dot":
            return plus([(1, times(pair)) for pair in zip(*two_lists(args), strict=True)])
        case "fma":
            return plus([(1, times(args[:2])), (1, args[2])])
        case "div":
            return times([args[0], raised(args[1], -1)])
        case "reciprocal":
            return raised(args[0], -1)
        case "square":
            return raised(args[0], 2)
        case "logaddexp" | "logsumexp":
            return _log_of_sum(args)
        case "sigmoid" if share := _log_of_share(args[0]):
            return verbatim(EXP, [share])
        case "log_sigmoid" if share := _log_of_share(args[0]):
            return share
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


def _log_of_sum(args: Sequence[Expression]) -> Expression:
    parts = _flattened(args, LOGS_OF_SUMS, -math.inf)
    if len(parts) < 2:
        return parts[0] if parts else constant(-math.inf)
    return verbatim(TABLE["logaddexp" if len(parts) == 2 else "logsumexp"], parts)


def less_a_log_of_sum(x: Expression) -> tuple[Expression, Applied] | None:
    """The parts a and ln(eᵇ + eᶜ) of x = a - ln(eᵇ + eᶜ); None if x is no such difference."""
    for term in x.terms:
        match term:
            case (((atom, 1),), -1) if is_one_of(atom, *LOGS_OF_SUMS):
                return Expression(tuple([other for other in x.terms if other is not term])), atom
    return None


def _log_of_share(x: Expression) -> Expression | None:
    """Softmax's logarithm in its usual form: ln σ(x) = a - ln(eᵃ + eᵇ + eᶜ) for x = a - ln(eᵇ + eᶜ)."""
    match less_a_log_of_sum(x):
        case (a, others):
            return plus([(1, a), (-1, _log_of_sum([a, *others.args]))])
    return None


def _flattened(args: Sequence[Expression], ops: Collection[str], neutral: float) -> tuple[Expression, ...]:
    """The arguments of an associative and commutative op, flattened and in alphabetical order.

    An argument that is the op again is replaced by its own arguments; neutral ones are left out.
    """
    parts, nothing = list[Expression](), constant(neutral)
    for arg in args:
        atom = arg.atom
        parts += atom.args if is_one_of(atom, *ops) else [arg]
    return tuple(sorted([part for part in parts if part != nothing], key=_place))


@functools.lru_cache(4096)
def _place(expression: Expression) -> tuple[list[tuple[float, str]], list[float]]:
    """The sort key of alphabetical order: by symbols, then by numbers; expressions without symbols come last."""
    symbols, numbers = list[tuple[float, str]](), list[float]()
    for factors, x in expression.terms:
        numbers.append(float(x))
        for atom, k in factors:
            inside = [_place(arg) for arg in atom.args]
            places = [place for keys, _ in inside for place in keys]
            match atom:
                case Symbol(place=place) | Figure(place=place):
                    symbols.append((place, ""))
                case _:
                    symbols += [(min(places)[0], atom.op.name if isinstance(atom, Applied | Prime) else ""), *places]
            numbers += [k, *[number for _, keys in inside for number in keys]]
    return symbols or [(LAST, "")], numbers
