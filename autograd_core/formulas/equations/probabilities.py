"""Probabilities and their error: where the last layer's δ is p - y, for p = softmax(z) or p = σ(z), it is written so.

A cross-entropy is written in many ways: from logits or from probabilities, with `logsumexp`, with exponentials and
their sum, with a label or a vector of targets. By their rules δ is a different program for each, and the same function
of z and y. So δ is recognised by its numbers: the candidates are what a gradient multiplies by the inputs of the last
layer, and one of them is p - y, times a constant, if it has that value at random points. (Analytic functions that agree
at random points are equal, but for a set of measure zero.)
"""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from typing import NamedTuple

import numpy as np

from ...jit.ir.lane_ops import spread
from ...jit.ir.program import Builder, Constant, Input, Program, Step, moved, renumbered
from ...jit.passes.drop_dead import drop_dead
from ...jit.plan.blocks import Map, Product
from ...jit.plan.sums import DOT, MUL
from ...jit.runtime.cached import cached_property
from ...op import Op, quiet
from ...ops import TABLE
from .inputs import Inputs
from .naming import Namer
from .reals.shares import log_total, softmax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ...jit.plan.blocks import Block, Found

__all__ = ["Targets", "with_probabilities"]

SUB, DIV, SIGMOID, EQUAL = (TABLE[name] for name in ("sub", "div", "sigmoid", "equal"))
POINTS, CLOSE = 6, 1e-8
"""The number of random points, and the relative distance of numbers that are taken for equal there."""
MOST_BITS = 6
"""Outputs σ(z) whose targets, each 0 or 1, are tried in all combinations; not zeros alone, which make no difference."""
TARGET = -1
"""The source of inputs that stand for the targets that a program knows in another form."""


class Targets(NamedTuple):
    """The targets y of probabilities p, whose ``kind`` is `softmax`, the sigmoid or None where there are none.

    Targets that the program knows in another form have a ``name``, and ``rows`` of numbers, or ``labels`` with the
    number of ``classes``. ``are_distributions`` names targets whose sum must be 1 for p - y.
    """

    kind: Op | None = None
    name: str = ""
    rows: Sequence[Sequence[float]] = ()
    labels: str = ""
    classes: int = 0
    are_distributions: str = ""


class _Scale(NamedTuple):
    """A number that is given, or one over it."""

    node: int
    exponent: int


class _Match(NamedTuple):
    """What the δ of one sample is: ``factor`` (p - y), with a `scale` that it is multiplied by."""

    errors: list[int]
    factor: float
    scale: _Scale | None
    kind: Op
    target: _Target


class _Target(NamedTuple):
    """Targets of one sample: nodes, numbers or a label; and whether their sum is 1 only by assumption."""

    nodes: tuple[int, ...] = ()
    numbers: tuple[float, ...] = ()
    label: int | None = None
    is_assumed: bool = False


def with_probabilities(found: Found) -> tuple[Program, Targets]:
    """The program with p - y for the δ of a cross-entropy and softmax(z) where it is computed, and the targets y."""
    namer = Namer(found)
    layers = [block for block, name in namer.names.items() if name.letter == "z"]
    if not layers:
        return found.program, Targets()
    search = _Search(found, namer)
    for block in reversed(layers):
        groups = search.samples(block)
        matches = search.matches(block, groups)
        if matches:
            return search.rewritten(groups, matches)
        if search.has_softmax(groups):
            return search.rewritten(groups, [])
    return found.program, Targets()


class _Search:
    """The search for probabilities of a program, by its numbers at random points, a row for each node."""

    def __init__(self, found: Found, namer: Namer) -> None:
        self.found, self.namer, self.program, self.nodes = found, namer, found.program, found.program.nodes
        self.inputs = Inputs(found)
        self.classes: dict[int, set[float]] = {}  # of labels: what they are compared with
        for node in self.program.steps:
            if node.op is EQUAL:
                for a, b in (node.args, node.args[::-1]):
                    if isinstance(self.nodes[a], Input) and isinstance(constant := self.nodes[b], Constant):
                        self.classes.setdefault(a, set()).add(constant.value)
        self.numbers = self._at_random_points([])
        self._of_distributions: dict[int, Any] = {}

    def _at_random_points(self, distributions: Sequence[Sequence[int]]) -> Any:
        """The numbers of all nodes at random points where these inputs add up to 1, a row for each node."""
        rng = Random(0)
        return np.array([self._numbers(rng, distributions) for _ in range(POINTS)]).T

    def of_distributions(self, n: int, axis: int | None) -> Any:
        """The numbers at points where each row of n inputs adds up to 1."""
        if n not in self._of_distributions:
            rows = [row for rows in self.inputs.all_rows(axis) for row in rows if len(row) == n]
            self._of_distributions[n] = self._at_random_points(rows)
        return self._of_distributions[n]

    def _numbers(self, rng: Random, distributions: Sequence[Sequence[int]]) -> list[float]:
        """The numbers of all nodes at a random point."""
        given = {
            i: rng.choice(sorted(self.classes[i])) if i in self.classes else rng.uniform(0.1, 0.9)
            for i in self.inputs.nodes
        }
        for row in distributions:
            total = sum([given[i] for i in row])
            given |= {i: given[i] / total for i in row}
        numbers: list[float] = []
        with quiet():
            for i, node in enumerate(self.nodes):
                if isinstance(node, Step):
                    args = tuple([numbers[a] for a in node.args])
                    try:
                        numbers.append(float(node.op.evaluate(args, args)))
                    except ArithmeticError:
                        numbers.append(math.nan)
                elif isinstance(node, Constant):
                    numbers.append(node.value)
                else:
                    numbers.append(given[i])
        return numbers

    # Candidates

    def samples(self, z: Block) -> list[list[int]]:
        """The z of each sample; along lanes there is one for all."""
        if z.axis is not None:
            return [z.nodes] if max(z.nodes) < len(self.nodes) else []
        product = self._product_of(z)
        weights = None if product is None else self.namer.weights(product)
        if product is None or weights is None or max(z.nodes) >= len(self.nodes):  # a part of a sum has no node
            return []
        rows = product.rows if weights[0] is product.right else list(map(list, zip(*product.rows, strict=True)))
        if z is product:
            return rows
        at = dict(zip(self._column_of(z, product), z.nodes, strict=True))  # type: ignore[arg-type]  # a Map
        return [[at[a] for a in row] for row in rows]

    def _column_of(self, z: Map, product: Product) -> list[int]:
        return next(column for column in z.columns if set(column) == set(product.nodes))

    def _product_of(self, z: Block) -> Product | None:
        makers = [z] if isinstance(z, Product) else [self.namer.block_of.get(column[0]) for column in z.columns]  # type: ignore[attr-defined]  # a Map
        return next((maker for maker in makers if isinstance(maker, Product) and self.namer.weights(maker)), None)

    def errors(self, z: Block) -> list[int]:
        """The nodes that may be a δ: what is multiplied by an input of the layer."""
        product = self._product_of(z)
        weights = None if product is None else self.namer.weights(product)
        inputs = {a for row in weights[1] for a in row} if weights else set()
        others: set[int] = set()
        for node in self.program.steps:
            if node.op in (MUL, DOT) and len(node.args) == 2:
                a, b = node.args
                others |= {b} if self.found.base(a) in inputs else {a} if self.found.base(b) in inputs else set()
        return sorted([i for i in others if isinstance(self.nodes[i], Step)])

    def probabilities(self, z: Sequence[int], at: Any) -> dict[Op, Any]:
        """The numbers of softmax(z) and of σ(z), a row for each, where all nodes have the numbers `at`."""
        numbers = at[list(z)]
        powers = np.exp(numbers - numbers.max(axis=0))
        found: dict[Op, Any] = {SIGMOID: 1.0 / (1.0 + np.exp(-numbers))}
        return ({softmax: powers / powers.sum(axis=0)} | found) if len(z) > 1 else found

    def targets(self, z: Sequence[int], kind: Op, at: Any) -> Iterator[tuple[_Target, Any]]:
        """What y may be for a sample, with its numbers."""
        n, axis = len(z), self.program.axis_of[z[0]]
        for rows in self.inputs.all_rows(axis):
            single = [[a] for row in rows for a in row] if n == 1 else []
            for nodes in rows if len(rows[0]) == n else single:
                yield _Target(tuple(nodes)), at[list(nodes)]
        for k in range(n) if kind is softmax else range(1, 2 ** min(n, MOST_BITS)):
            hot = [float(j == k) for j in range(n)] if kind is softmax else [float(k >> j & 1) for j in range(n)]
            yield _Target(numbers=tuple(hot)), np.array(hot)[:, None]
        for label in self.classes if kind is softmax else ():
            yield _Target(label=label), np.array([at[label] == j for j in range(n)], float)

    # Matches

    def matches(self, z: Block, groups: Sequence[Sequence[int]]) -> list[_Match]:
        """What the δ of each sample is; empty unless it is of one kind for all."""
        errors = self.errors(z)
        found = [self._match(group, errors) for group in groups]
        kinds = {match and (match.kind, match.factor, match.scale, match.target.is_assumed) for match in found}
        return [match for match in found if match] if len(kinds) == 1 else []

    def _match(self, z: Sequence[int], errors: Sequence[int]) -> _Match | None:
        """What the δ of a sample is, at any targets, or else at targets that are distributions."""
        for is_assumed in (False, True) if len(z) > 1 else (False,):
            at = self.of_distributions(len(z), self.program.axis_of[z[0]]) if is_assumed else self.numbers
            for kind, p in self.probabilities(z, at).items():
                for target, y in self.targets(z, kind, at) if kind is softmax or not is_assumed else ():
                    for scale in (None, *self._scales):
                        by = 1.0 if scale is None else at[scale.node] ** scale.exponent
                        found = self._all_proportional(errors, (p - y) * by, at)
                        if found is not None:
                            return _Match(*found, scale, kind, target._replace(is_assumed=is_assumed))
        return None

    @cached_property
    def _scales(self) -> list[_Scale]:
        """Single numbers that are given as such, and one over each: the number of samples for instance."""
        given = [i for i in self.inputs.nodes if self.inputs.is_single(i) and i not in self.classes]
        return [_Scale(i, exponent) for i in given for exponent in (1, -1)]

    def _all_proportional(self, errors: Sequence[int], wanted: Any, at: Any) -> tuple[list[int], float] | None:
        """The errors that are these numbers times one factor, and the factor."""
        found: list[dict[float, int]] = []
        for row in wanted:
            with np.errstate(all="ignore"):
                ratios = at[list(errors)] / row
                first = ratios[:, :1]
                are_close = (abs(ratios - first) <= CLOSE * abs(first)).all(axis=1) & (abs(first[:, 0]) > CLOSE)
            found.append({_plain(float(first[k, 0])): errors[k] for k in np.flatnonzero(are_close).tolist()})
            if not found[-1]:
                return None
        shared = [factor for factor in found[0] if all([factor in others for others in found])]
        if not shared:
            return None
        factor = max(shared)  # of two classes one p - y is the other's negative
        return [of[factor] for of in found], factor

    def has_softmax(self, groups: Sequence[Sequence[int]]) -> bool:
        """Whether softmax(z) is computed for all samples."""
        return bool(groups) and all([len(z) > 1 and len(self._shares(z)) == len(z) for z in groups])

    def _shares(self, z: Sequence[int]) -> dict[int, int]:
        """The first steps that have the numbers of softmax(z), with the z that each belongs to."""
        found: dict[int, int] = {}
        for z_j, p in zip(z, self.probabilities(z, self.numbers)[softmax], strict=True):
            with np.errstate(all="ignore"):
                are_close = (abs(self.numbers - p) <= CLOSE * p).all(axis=1)
            found |= {int(i): z_j for i in np.flatnonzero(are_close)[:1] if isinstance(self.nodes[i], Step)}
        return found

    # Rewriting

    def rewritten(self, groups: Sequence[Sequence[int]], matches: Sequence[_Match]) -> tuple[Program, Targets]:
        """The program with p - y in place of the errors that were matched and with softmax(z), and the targets."""
        builder = Builder()
        targets, given = self._targets(matches)
        shares = {i: (z, z_j) for z in groups if len(z) > 1 for i, z_j in self._shares(z).items()}
        errors = {i: (k, j) for k, match in enumerate(matches) for j, i in enumerate(match.errors)}
        at: list[int] = []
        for i, node in enumerate(self.nodes):
            if i in errors:
                k, j = errors[i]
                z, match = groups[k], matches[k]
                y = builder.add(given[k][j]) if given else at[match.target.nodes[j]]
                at.append(self._error(builder, at, match, self._probability(builder, at, match.kind, z, z[j]), y))
            elif i in shares:
                z, z_j = shares[i]
                at.append(self._probability(builder, at, softmax, z, z_j))
            else:
                at.append(builder.add(renumbered(node, at)))
        return drop_dead(moved(self.program, builder, at)), targets

    @staticmethod
    def _probability(builder: Builder, at: Sequence[int], kind: Op, z: Sequence[int], z_j: int) -> int:
        """The position of the probability that belongs to z_j, one of z."""
        if kind is not softmax:
            return builder.add(Step(kind, (at[z_j],)))
        total = builder.add(Step(log_total, tuple([at[a] for a in z])))
        return builder.add(Step(softmax, (at[z_j], total)))

    def _error(self, builder: Builder, at: Sequence[int], match: _Match, p: int, y: int) -> int:
        """The position of p - y with its factors."""
        found = builder.add(Step(SUB, (p, y)))
        if match.factor != 1.0:
            found = builder.add(Step(MUL, (builder.constant(match.factor), found)))
        if match.scale is not None:
            by, axis = at[match.scale.node], self.program.axis_of[match.errors[0]]
            by = by if match.scale.exponent == 1 else builder.add(Step(DIV, (builder.constant(1.0), by)))
            by = by if axis is None else builder.add(Step(spread, (by, builder.constant(float(axis)))))
            found = builder.add(Step(MUL, (by, found)))
        return found

    def _targets(self, matches: Sequence[_Match]) -> tuple[Targets, list[list[Input]]]:
        """The targets in words, and inputs for those that the program knows in another form."""
        if not matches:
            return Targets(softmax), []
        first = matches[0].target
        if first.nodes:
            return Targets(
                matches[0].kind, are_distributions=self.inputs.argument(first.nodes[0]) if first.is_assumed else ""
            ), []
        n, axis = len(matches[0].errors), self.program.axis_of[matches[0].errors[0]]
        taken = {self.inputs.argument(i) for i in self.inputs.nodes}
        is_one = len(matches) == 1 and axis is None
        name = next(
            letter
            for letter in ("y" if is_one else "Y", "t" if is_one else "T", "targets", "the targets")
            if letter not in taken
        )
        given = [
            [Input(f"{name}[{j}]" if is_one else f"{name}[{i}, {j}]", TARGET, i * n + j, 0, axis) for j in range(n)]
            for i in range(len(matches))
        ]
        if first.label is None:
            return Targets(matches[0].kind, name, rows=[match.target.numbers for match in matches]), given
        return Targets(matches[0].kind, name, labels=self.inputs.argument(first.label), classes=n), given


def _plain(x: float) -> float:
    """The fraction that a number is meant to be, if it is one."""
    return float(Fraction(x).limit_denominator(10**6)) if x else x
